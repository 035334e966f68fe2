/* Search over every type: what people type first meets the sealed fields (a whole ID number, phone
 * or name of a party, by keyed tag), then the words: exact ones before those that only begin so. */
#include "jielian/desk/find.h"
#include "list_row.h"

#include "jielian/base/fault.h"
#include "jielian/base/id.h"
#include "jielian/base/map.h"
#include "jielian/base/value.h"
#include "jielian/books/books.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/desk/desk.h"
#include "jielian/desk/offices.h"
#include "jielian/record/parse.h"
#include "jielian/record/search.h"
#include "jielian/store/words.h"

#include <string.h>

enum {
    FOUND_DEFAULT = 200,
    FOUND_MAX = 10000,
    EACH_MAX = 100, /* records with one sealed value in one field */
};

struct finding {
    struct jl_desk *desk;
    struct jl_arena arena;
    int64_t *rids;
    size_t count;
    size_t limit;
    struct jl_map seen; /* rids taken already */
};

static void finding_fini(struct finding *finding) {
    jl_map_fini(&finding->seen);
    jl_arena_fini(&finding->arena);
}

static enum jl_rc take(struct finding *finding, const int64_t *rids, size_t count,
                       struct jl_err *err) {
    for (size_t i = 0; i < count && finding->count < finding->limit; i++) {
        void **place =
            jl_map_place(&finding->seen, jl_bytes(&rids[i], sizeof rids[i]), &finding->arena, err);
        if (place == NULL) {
            return JL_NOMEM;
        }
        if (*place == NULL) {
            *place = finding;
            finding->rids[finding->count++] = rids[i];
        }
    }
    return JL_OK;
}

/* ---- Sealed fields ---- */

static enum jl_rc find_sealed(struct finding *finding, const struct jl_type *type,
                              const struct jl_field *field, struct jl_bytes text,
                              struct jl_err *err) {
    struct jl_check_context context = jl_desk_context(finding->desk);
    struct jl_problems ignored; /* the text may be meant for another field */
    struct jl_value value = jl_value_null();
    int64_t rids[EACH_MAX];
    size_t count = 0;
    jl_problems_reset(&ignored);
    enum jl_rc rc = jl_parse_field(&context, field, text, &finding->arena, &value, &ignored, err);
    if (rc != JL_OK || value.kind != JL_VALUE_TEXT) {
        return rc;
    }
    rc = jl_books_find(finding->desk->books, type->number, field->number, &value, 1, EACH_MAX, rids,
                       &count, err);
    return rc == JL_OK ? take(finding, rids, count, err) : rc;
}

static bool has_digits(struct jl_bytes word, size_t least) {
    size_t digits = 0;
    for (size_t i = 0; i < word.size; i++) {
        digits += word.data[i] >= '0' && word.data[i] <= '9' ? 1 : 0;
    }
    return digits >= least;
}

static bool may_be_value(const struct jl_field *field, struct jl_bytes word) {
    switch (field->kind) {
    case JL_KIND_ID_NO:
    case JL_KIND_USCC:
        return has_digits(word, 5); /* passports are the shortest */
    case JL_KIND_PHONE:
        return has_digits(word, 7);
    case JL_KIND_TEXT:
        return true;
    case JL_KIND_INT:
    case JL_KIND_MONEY:
    case JL_KIND_DATE:
    case JL_KIND_MONTH:
    case JL_KIND_BOOL:
    case JL_KIND_CODE:
    case JL_KIND_REF:
        break;
    }
    return false;
}

static enum jl_rc find_all_sealed(struct finding *finding, struct jl_bytes text,
                                  struct jl_err *err) {
    const struct jl_catalogue *catalogue = finding->desk->books->catalogue;
    struct jl_bytes word; /* half width, so that digits are digits */
    enum jl_rc folded = jl_search_word(text, &finding->arena, &word, err);
    if (folded != JL_OK) {
        return folded;
    }
    for (size_t i = 0; i < jl_catalogue_type_count(catalogue); i++) {
        const struct jl_type *type = jl_catalogue_type_at(catalogue, i);
        for (size_t j = 0; j < type->field_count; j++) {
            const struct jl_field *field = &type->fields[j];
            if (!field->sensitive || field->hidden || !may_be_value(field, word) ||
                !jl_books_findable(finding->desk->books, type->number, field)) {
                continue;
            }
            enum jl_rc rc = find_sealed(finding, type, field, text, err);
            if (rc != JL_OK) {
                return rc;
            }
        }
    }
    return JL_OK;
}

/* ---- Words ---- */

static enum jl_rc find_words(struct finding *finding, struct jl_bytes text, struct jl_err *err) {
    struct jl_bytes word;
    int64_t *rids = jl_arena_alloc(&finding->arena, finding->limit * sizeof *rids);
    enum jl_rc rc = jl_search_word(text, &finding->arena, &word, err);
    if (rc == JL_OK && rids == NULL) {
        rc = jl_fault_memory(err);
    }
    for (int exact = 1; rc == JL_OK && word.size > 0 && exact >= 0; exact--) {
        size_t count = 0;
        rc = jl_words_search(finding->desk->books->store, 0, word, exact == 1, finding->limit, rids,
                             &count, err);
        if (rc == JL_OK) {
            rc = take(finding, rids, count, err);
        }
    }
    return rc;
}

/* ---- The records ---- */

/* Only what is shown, and what the catalogue knows. */
static enum jl_rc make_rows(struct finding *finding, struct jl_arena *arena,
                            struct jl_list_row *rows, size_t *out_count, struct jl_err *err) {
    struct jl_desk *desk = finding->desk;
    JL_AUTO(jl_list_row_names) names = {0};
    struct jl_book_record *records = jl_arena_zalloc(arena, finding->count + 1, sizeof *records);
    if (records == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc =
        jl_books_load_rids(desk->books, finding->rids, finding->count, arena, records, err);
    if (rc == JL_OK) {
        rc = jl_offices_load(desk->books, &names.offices, err);
    }
    for (size_t i = 0; rc == JL_OK && i < finding->count; i++) {
        struct jl_list_row *row = &rows[*out_count];
        jl_list_row_make(desk, &names, &records[i], row);
        if (row->type == NULL || !jl_books_head_shown(&records[i].head)) {
            continue;
        }
        *out_count += 1;
        row->owner = jl_arena_text(arena, jl_bytes_text(row->owner));
        rc = row->owner != NULL ? jl_list_row_name(desk, &names, row, arena, err)
                                : jl_fault_memory(err);
    }
    return rc;
}

enum jl_rc jl_find_records(struct jl_desk *desk, const char *text, size_t limit,
                           struct jl_arena *arena, struct jl_found *out_found, struct jl_err *err) {
    JL_AUTO(finding)
    finding = {.desk = desk,
               .limit = limit == 0          ? FOUND_DEFAULT
                        : limit < FOUND_MAX ? limit
                                            : FOUND_MAX};
    finding.rids = jl_arena_alloc(&finding.arena, finding.limit * sizeof *finding.rids);
    if (finding.rids == NULL) {
        return jl_fault_memory(err);
    }
    if (text[strspn(text, " \t")] == '\0') {
        return jl_fault(err, JL_MISUSE, JL_FAULT_FIND_NOTHING);
    }
    enum jl_rc rc = jl_desk_begin(desk, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    JL_DESK_READING(desk);
    rc = find_all_sealed(&finding, jl_bytes_text(text), err);
    if (rc == JL_OK) {
        rc = find_words(&finding, jl_bytes_text(text), err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    struct jl_list_row *rows = jl_arena_zalloc(arena, finding.count + 1, sizeof *rows);
    *out_found = (struct jl_found){.rows = rows};
    return rows != NULL ? make_rows(&finding, arena, rows, &out_found->count, err)
                        : jl_fault_memory(err);
}
