/* The offices of the district, from their built-in records: a short list that is read as a whole.
 */
#include "jielian/desk/offices.h"
#include "jielian/base/arena.h"
#include "jielian/base/fault.h"
#include "jielian/base/language.h"
#include "jielian/base/limits.h"
#include "jielian/base/row.h"
#include "jielian/books/books.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/desk/pages.h"

#include <stdlib.h>
#include <string.h>

enum { FIELD_NUMBER = 1, FIELD_CODE = 2, FIELD_NAME = 3 }; /* lib/catalogue/built_in.c */

void jl_offices_fini(struct jl_offices *offices) {
    jl_arena_fini(&offices->arena);
    offices->items = NULL;
    offices->count = 0;
}

static int compare_offices(const void *a, const void *b) {
    const struct jl_desk_office *left = a;
    const struct jl_desk_office *right = b;
    return left->number < right->number ? -1 : left->number > right->number;
}

static enum jl_rc text_of(const struct jl_row *row, uint32_t field, struct jl_arena *arena,
                          const char **out_text, struct jl_err *err) {
    *out_text = jl_arena_text(arena, jl_row_text(row, field));
    return *out_text != NULL ? JL_OK : jl_fault_memory(err);
}

static enum jl_rc take_page(const struct jl_pages *pages, struct jl_offices *offices,
                            struct jl_err *err) {
    for (size_t i = 0; i < pages->count && offices->count < JL_OFFICES_MAX; i++) {
        const struct jl_row *row = &pages->records[i].row;
        const struct jl_value *number = jl_row_get(row, FIELD_NUMBER);
        if (number == NULL || number->kind != JL_VALUE_INT) {
            continue;
        }
        struct jl_desk_office *office = &offices->items[offices->count];
        office->number = (uint32_t)number->number;
        office->id = row->id;
        enum jl_rc rc = text_of(row, FIELD_CODE, &offices->arena, &office->code, err);
        if (rc == JL_OK) {
            rc = text_of(row, FIELD_NAME, &offices->arena, &office->name, err);
        }
        if (rc != JL_OK) {
            return rc;
        }
        offices->count++;
    }
    return JL_OK;
}

enum jl_rc jl_offices_load(struct jl_books *books, struct jl_offices *out_offices,
                           struct jl_err *err) {
    JL_AUTO(jl_pages) pages = {.books = books, .scan = {.type = JL_TYPE_OFFICE}};
    *out_offices = (struct jl_offices){0};
    out_offices->items =
        jl_arena_zalloc(&out_offices->arena, JL_OFFICES_MAX, sizeof *out_offices->items);
    if (out_offices->items == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_pages_next(&pages, err);
    while (rc == JL_OK && pages.count > 0) {
        rc = take_page(&pages, out_offices, err);
        if (rc == JL_OK) {
            rc = jl_pages_next(&pages, err);
        }
    }
    if (rc == JL_OK && out_offices->count > 0) {
        qsort(out_offices->items, out_offices->count, sizeof *out_offices->items, compare_offices);
    }
    return rc;
}

const struct jl_desk_office *jl_offices_numbered(const struct jl_offices *offices,
                                                 uint32_t number) {
    const struct jl_desk_office key = {.number = number};
    return offices->count == 0 ? NULL
                               : bsearch(&key, offices->items, offices->count,
                                         sizeof *offices->items, compare_offices);
}

const struct jl_desk_office *jl_offices_coded(const struct jl_offices *offices, const char *code) {
    for (size_t i = 0; i < offices->count; i++) {
        if (strcmp(offices->items[i].code, code) == 0) {
            return &offices->items[i];
        }
    }
    return NULL;
}

const char *jl_offices_name(const struct jl_offices *offices, uint32_t number,
                            enum jl_language language) {
    if (number == 0) {
        return JL_ZH_EN(language, "区总工会", "District");
    }
    const struct jl_desk_office *office = jl_offices_numbered(offices, number);
    return office != NULL ? office->name : JL_ZH_EN(language, "未知镇街", "unknown office");
}
