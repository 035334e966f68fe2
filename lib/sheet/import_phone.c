/* More than three people on one phone is worth a look: often it is the phone of whoever filled in
 * the list. People on the same phone are counted in the books and further up in the chunk. */
#include "import.h"

#include "jielian/base/fault.h"
#include "jielian/base/language.h"
#include "jielian/desk/unique.h"

#include <string.h>

enum {
    HOLDERS_MAX = 8, /* tombstones may be among them */
};

/* The phone of a type of people; NULL where there is none to look for. */
static const struct jl_field *phone_field(const struct jl_import *import) {
    const struct jl_type *type = import->type;
    const struct jl_field *phone = NULL;
    bool people = false;
    for (size_t i = 0; i < type->field_count; i++) {
        people = people || type->fields[i].kind == JL_KIND_ID_NO;
        if (phone == NULL && type->fields[i].kind == JL_KIND_PHONE &&
            jl_books_findable(import->desk->books, type->number, &type->fields[i])) {
            phone = &type->fields[i];
        }
    }
    return people ? phone : NULL;
}

static enum jl_rc count_living(struct jl_import *import, const int64_t *rids, size_t count,
                               size_t *out_living, struct jl_err *err) {
    struct jl_stored stored[HOLDERS_MAX];
    *out_living = 0;
    if (count < JL_PHONE_SHARED) {
        return JL_OK; /* the exact number does not matter below the bound */
    }
    enum jl_rc rc =
        jl_records_load_rids(import->desk->books->store, rids, count, &import->chunk, stored, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        *out_living += jl_desk_living(import->desk->books, import->type, &stored[i]) ? 1 : 0;
    }
    return rc;
}

/* How many rows above in this chunk have the phone. */
static enum jl_rc count_above(struct jl_import *import, struct jl_map *phones,
                              const struct jl_value *phone, size_t *out_above, struct jl_err *err) {
    void **place = jl_map_place(phones, phone->bytes, &import->chunk, err);
    if (place == NULL) {
        return JL_NOMEM;
    }
    *out_above = (size_t)(uintptr_t)*place;
    *place = (void *)(uintptr_t)(*out_above + 1); /* a number */
    return JL_OK;
}

enum jl_rc jl_import_count_phones(struct jl_import *import, struct jl_err *err) {
    const struct jl_field *field = phone_field(import);
    struct jl_map phones = {0};
    if (field == NULL) {
        return JL_OK;
    }
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < import->row_count; i++) {
        struct jl_import_row *row = &import->rows[i];
        const struct jl_value *phone = jl_row_get(&row->given, field->number);
        int64_t rids[HOLDERS_MAX];
        size_t found = 0;
        size_t living = 0;
        size_t above = 0;
        row->phone_field = field->number;
        row->phone_shared = 0;
        if (phone == NULL || phone->kind != JL_VALUE_TEXT || phone->bytes.size == 0) {
            continue;
        }
        rc = jl_books_find(import->desk->books, import->type_number, field->number, phone, 1,
                           HOLDERS_MAX, rids, &found, err);
        if (rc == JL_OK) {
            rc = count_living(import, rids, found, &living, err);
        }
        if (rc == JL_OK) {
            rc = count_above(import, &phones, phone, &above, err);
        }
        row->phone_shared = living + above;
    }
    jl_map_fini(&phones);
    return rc;
}

enum jl_rc jl_import_warn_phone(struct jl_import *import, struct jl_import_row *row,
                                const struct jl_row *before, const struct jl_row *after,
                                struct jl_err *err) {
    const struct jl_value *old = before == NULL ? NULL : jl_row_get(before, row->phone_field);
    const struct jl_value *now = jl_row_get(after, row->phone_field);
    const struct jl_field *field = jl_type_field(import->type, row->phone_field);
    if (row->phone_shared < JL_PHONE_SHARED || now == NULL || field == NULL ||
        (old != NULL && jl_value_equal(old, now))) {
        return JL_OK;
    }
    return jl_import_fault_add(import, &row->warnings, row->phone_field, err,
                               JL_FAULT_PROBLEM_PHONE_SHARED, "%zu" JL_AND "%s", row->phone_shared,
                               jl_desk_label(import->desk, &field->label));
}
