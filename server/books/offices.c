/* Offices: their numbers are given out once, and their codes to one office. */
#include "offices.h"
#include "admissions.h"
#include "admit.h"
#include "district.h"
#include "own_ops.h"

#include "jielian/base/arena.h"
#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/limits.h"
#include "jielian/base/row.h"
#include "jielian/books/books.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/op/change.h"
#include "jielian/record/natural_key.h"

#include <inttypes.h>
#include <string.h>

static enum jl_rc put_field(struct jl_row *row, const struct jl_type *type, const char *name,
                            struct jl_value value, struct jl_arena *arena, struct jl_err *err) {
    const struct jl_field *field = jl_type_field_named(type, name);
    JL_ASSERT(field != NULL);
    return jl_row_set(row, field->number, &value, arena, err);
}

static bool code_fits(const char *code) {
    size_t size = strlen(code);
    return size >= 1 && size <= 16 && strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == size;
}

static enum jl_rc id_of(struct jl_district *district, struct jl_row *row, uint32_t number,
                        struct jl_arena *arena, struct jl_err *err) {
    const struct jl_type *type = jl_books_layout(district->books, JL_TYPE_OFFICE)->type;
    enum jl_rc rc = put_field(row, type, "number", jl_value_int(number), arena, err);
    return rc == JL_OK ? jl_natural_key_id(district->books->hasher, type, row, &row->id, err) : rc;
}

enum jl_rc jl_offices_was(struct jl_district *district, uint32_t number, bool *out_deleted,
                          struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_row row = {.type = JL_TYPE_OFFICE};
    struct jl_head head = {0};
    enum jl_rc rc = id_of(district, &row, number, &arena, err);
    const struct jl_record_key key = {.type = JL_TYPE_OFFICE, .id = row.id};
    if (rc == JL_OK) {
        rc = jl_records_heads(district->books->store, &key, 1, &arena, &head, err);
    }
    *out_deleted = rc == JL_OK && head.rid != 0 && jl_roster_office(district, number) == NULL;
    return rc;
}

enum jl_rc jl_offices_make(struct jl_district *district, uint32_t number, const char *code,
                           const char *name, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    const struct jl_type *type = jl_books_layout(district->books, JL_TYPE_OFFICE)->type;
    struct jl_change change = {.kind = JL_OP_CREATE, .after = {.type = JL_TYPE_OFFICE}};
    enum jl_rc rc = id_of(district, &change.after, number, &arena, err);
    if (rc == JL_OK) {
        rc = put_field(&change.after, type, "code", jl_value_cstr(code), &arena, err);
    }
    if (rc == JL_OK) {
        rc = put_field(&change.after, type, "name", jl_value_cstr(name), &arena, err);
    }
    return rc == JL_OK ? jl_own_ops_save_open(district, NULL, &change, 1, err) : rc;
}

/* A code of the log: is it free to be its old office's again? */
static enum jl_rc check_old(struct jl_district *district, const struct jl_admissions *log,
                            const struct jl_given_office *old, struct jl_err *err) {
    const struct jl_office_entry *living = jl_roster_office(district, old->number);
    const struct jl_given_office *given = jl_admissions_office(log, old->number);
    bool deleted = false;
    if (living != NULL || strcmp(given->code, old->code) != 0) {
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_OFFICE_CODE_MOVED,
                           "%s" JL_AND "%" PRIu32 JL_AND "%s", old->code, old->number,
                           living != NULL ? living->code : given->code);
    }
    enum jl_rc rc = jl_offices_was(district, old->number, &deleted, err);
    return rc == JL_OK && deleted ? jl_fault_at(err, JL_CONFLICT, JL_FAULT_OFFICE_CODE_DELETED,
                                                "%s" JL_AND "%" PRIu32, old->code, old->number)
                                  : rc;
}

/* The number that a code had before, or the next one. Deleted offices keep theirs, also those that
 * were deleted before there was a log. */
static enum jl_rc number_for(struct jl_district *district, const char *code, uint32_t *out_number,
                             struct jl_err *err) {
    JL_AUTO(jl_admissions) log = {0};
    uint32_t highest = 0;
    bool deleted = true;
    enum jl_rc rc = jl_admit_load(district, &log, err);
    const struct jl_given_office *old = rc == JL_OK ? jl_admissions_coded(&log, code) : NULL;
    if (old != NULL) {
        *out_number = old->number;
        return check_old(district, &log, old, err);
    }
    if (rc == JL_OK) {
        rc = jl_roster_highest(district, JL_NUMBER_OFFICE, &highest, err);
    }
    *out_number = rc == JL_OK ? jl_admissions_next(&log, JL_NUMBER_OFFICE, highest) : 0;
    for (; rc == JL_OK && deleted && *out_number < JL_OFFICES_MAX; *out_number += deleted) {
        rc = jl_offices_was(district, *out_number, &deleted, err);
    }
    return rc == JL_OK && *out_number >= JL_OFFICES_MAX
               ? jl_fault_at(err, JL_LIMIT, JL_FAULT_OFFICES_FULL, "%d", JL_OFFICES_MAX - 1)
               : rc;
}

/* A number that an operator says: nobody else's now or ever, as far as books and log know. The code
 * may be that of an office which was deleted, for it may have been added with a wrong number first.
 */
static enum jl_rc check_number(struct jl_district *district, const char *code, uint32_t number,
                               struct jl_err *err) {
    JL_AUTO(jl_admissions) log = {0};
    bool deleted = false;
    if (number == 0 || number >= JL_OFFICES_MAX) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_OFFICE_NUMBER, "%d", JL_OFFICES_MAX - 1);
    }
    const struct jl_office_entry *living = jl_roster_office(district, number);
    enum jl_rc rc = jl_admit_load(district, &log, err);
    if (rc == JL_OK) {
        rc = jl_offices_was(district, number, &deleted, err);
    }
    const struct jl_given_office *old = rc == JL_OK ? jl_admissions_coded(&log, code) : NULL;
    if (old != NULL && jl_roster_office(district, old->number) != NULL) {
        return check_old(district, &log, old, err);
    }
    const struct jl_given_office *given = rc == JL_OK ? jl_admissions_office(&log, number) : NULL;
    if (rc == JL_OK &&
        (living != NULL || deleted || (given != NULL && strcmp(given->code, code) != 0))) {
        return jl_fault_at(err, JL_CONFLICT,
                           deleted ? JL_FAULT_OFFICE_NUMBER_DELETED : JL_FAULT_OFFICE_NUMBER_TAKEN,
                           "%" PRIu32 JL_AND "%s", number,
                           living != NULL  ? living->code
                           : given != NULL ? given->code
                                           : "—");
    }
    return rc;
}

static enum jl_rc add(struct jl_district *district, const char *code, const char *name,
                      const uint32_t *number, struct jl_err *err) {
    uint32_t is = number != NULL ? *number : 0;
    if (jl_roster_office_coded(district, code) != NULL) {
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_OFFICE_EXISTS, "%s", code);
    }
    enum jl_rc rc = number != NULL ? check_number(district, code, is, err)
                                   : number_for(district, code, &is, err);
    return rc == JL_OK ? jl_offices_make(district, is, code, name, err) : rc;
}

enum jl_rc jl_offices_add(struct jl_district *district, const char *code, const char *name,
                          const uint32_t *number, struct jl_err *err) {
    if (!code_fits(code)) {
        return jl_fault(err, JL_MISUSE, JL_FAULT_OFFICE_CODE_FORM);
    }
    if (strlen(name) == 0 || strlen(name) >= sizeof district->offices->name) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_OFFICE_NAME_FORM, "%zu",
                           sizeof district->offices->name - 1);
    }
    enum jl_rc rc = jl_district_begin(district, true, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = add(district, code, name, number, err);
    if (rc != JL_OK) {
        jl_district_rollback(district);
        return rc;
    }
    return jl_district_commit(district, err);
}
