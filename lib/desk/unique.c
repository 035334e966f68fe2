/* Values that should belong to one living record only. At the office this is a warning: it sees
 * its own records, and only the district can say whether a value is taken elsewhere. */
#include "jielian/desk/unique.h"
#include "jielian/base/fault.h"
#include "jielian/base/fold.h"
#include "jielian/base/language.h"
#include "jielian/base/row.h"
#include "jielian/books/books.h"
#include "jielian/desk/desk.h"

#include <string.h>

enum {
    HOLDERS_MAX = 8, /* of one value, looked at; tombstones may be among them */
};

static enum jl_rc is_new(const struct jl_row *before, const struct jl_row *row, uint32_t field,
                         bool *out_new, struct jl_err *err) {
    const struct jl_value *old = before == NULL ? NULL : jl_row_get(before, field);
    const struct jl_value *now = jl_row_get(row, field);
    bool same = false;
    enum jl_rc rc = old == NULL || now == NULL ? JL_OK : jl_fold_same(old, now, &same, err);
    *out_new = rc == JL_OK && now != NULL && !same;
    return rc;
}

struct holders {
    size_t count;       /* other living records with the value */
    struct jl_id first; /* of them */
};

static enum jl_rc count_holders(struct jl_desk *desk, const struct jl_type *type,
                                const struct jl_field *field, const struct jl_row *row,
                                struct holders *out_holders, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    int64_t rids[HOLDERS_MAX];
    size_t found = 0;
    struct jl_stored stored[HOLDERS_MAX];
    *out_holders = (struct holders){0};
    enum jl_rc rc =
        jl_books_find(desk->books, type->number, field->number, jl_row_get(row, field->number), 1,
                      HOLDERS_MAX, rids, &found, err);
    if (rc == JL_OK) {
        rc = jl_records_load_rids(desk->books->store, rids, found, &arena, stored, err);
    }
    for (size_t i = 0; rc == JL_OK && i < found; i++) {
        const struct jl_id *id = &stored[i].head.id;
        if (jl_desk_living(desk->books, type, &stored[i]) && !jl_id_equal(id, &row->id)) {
            out_holders->first = out_holders->count == 0 ? *id : out_holders->first;
            out_holders->count++;
        }
    }
    return rc;
}

enum jl_rc jl_unique_find_twin(struct jl_desk *desk, const struct jl_type *type,
                               const struct jl_row *row, struct jl_id *out_id, struct jl_err *err) {
    const struct jl_field *key =
        type->natural_key_count == 1 ? jl_type_field(type, type->natural_key[0]) : NULL;
    struct holders holders = {0};
    enum jl_rc rc = JL_OK;
    if (key != NULL && jl_books_text_key(type, key) && jl_row_get(row, key->number) != NULL) {
        rc = count_holders(desk, type, key, row, &holders, err);
    }
    *out_id = holders.first;
    return rc;
}

static bool has_id_no(const struct jl_type *type) {
    for (size_t i = 0; i < type->field_count; i++) {
        if (type->fields[i].kind == JL_KIND_ID_NO) {
            return true;
        }
    }
    return false;
}

enum jl_rc jl_unique_warn(struct jl_desk *desk, const struct jl_type *type,
                          const struct jl_row *before, const struct jl_row *row,
                          struct jl_problems *problems, struct jl_err *err) {
    bool people = has_id_no(type);
    if (!jl_books_living(type, row)) {
        return JL_OK;
    }
    for (size_t i = 0; i < type->field_count; i++) {
        const struct jl_field *field = &type->fields[i];
        bool phone = people && field->kind == JL_KIND_PHONE;
        struct holders holders;
        bool wanted = false;
        if (!(field->unique || phone) || !jl_books_findable(desk->books, type->number, field)) {
            continue;
        }
        enum jl_rc rc = is_new(before, row, field->number, &wanted, err);
        if (rc == JL_OK && !wanted) {
            continue;
        }
        if (rc == JL_OK) {
            rc = count_holders(desk, type, field, row, &holders, err);
        }
        if (rc != JL_OK) {
            return rc;
        }
        if (field->unique && holders.count > 0) {
            char text[JL_ID_TEXT_BYTES];
            jl_id_format(&holders.first, text);
            jl_problem_add(problems, JL_PROBLEM_WARNING, field->number, desk->language,
                           JL_FAULT_PROBLEM_SAME, "%s" JL_AND "%s",
                           jl_desk_label(desk, &field->label), text);
        } else if (phone && holders.count >= JL_PHONE_SHARED) {
            jl_problem_add(problems, JL_PROBLEM_WARNING, field->number, desk->language,
                           JL_FAULT_PROBLEM_PHONE_SHARED, "%zu" JL_AND "%s", holders.count,
                           jl_desk_label(desk, &field->label));
        }
    }
    return JL_OK;
}
