/* Records that an earlier program wrote, and that must not stay as they are: once, when the books
 * are first opened for writing, by ops of the district's own, so that the offices' copies change
 * too and replay makes the same.
 *
 *   1   staff records lose their verifiers: these stood in the files of every office, and open
 *       nothing any more
 *       a possible duplicate with a record of another office becomes the district's own case, and
 *       the office's says only that somebody else has the value (server/judge/pair.c)
 *
 * meta `upgrade`: the last step that was done, u64be. */
#include "upgrade.h"
#include "district.h"
#include "own_ops.h"

#include "jielian/base/fault.h"
#include "jielian/books/books.h"
#include "jielian/books/meta.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/json/json.h"
#include "jielian/op/change.h"
#include "jielian/sync/case_id.h"

#include <string.h>

enum { UPGRADE_LAST = 1, STAFF_VERIFIER = 5 };

static const char meta_name[] = "upgrade";
struct upgrade {
    struct jl_district *district;
    struct jl_arena arena;
    struct jl_change *changes;
    size_t count, capacity;
};

static struct jl_change *add_change(struct upgrade *upgrade, enum jl_op_kind kind,
                                    const struct jl_book_record *before, struct jl_err *err) {
    if (upgrade->count == upgrade->capacity) {
        size_t capacity = 2 * upgrade->capacity + 64;
        struct jl_change *more =
            jl_arena_zalloc(&upgrade->arena, capacity, sizeof *upgrade->changes);
        if (more == NULL) {
            (void)jl_fault_memory(err);
            return NULL;
        }
        if (upgrade->count > 0) {
            memcpy(more, upgrade->changes, upgrade->count * sizeof *more);
        }
        upgrade->changes = more;
        upgrade->capacity = capacity;
    }
    struct jl_change *change = &upgrade->changes[upgrade->count++];
    *change = (struct jl_change){.kind = kind, .before = before};
    return change;
}

/* A copy that outlives the scan. */
static enum jl_rc keep(struct upgrade *upgrade, const struct jl_stored *stored,
                       struct jl_book_record **out_record, struct jl_err *err) {
    struct jl_book_record read;
    enum jl_rc rc = jl_books_unseal(upgrade->district->books, stored, &upgrade->arena, &read, err);
    *out_record = rc == JL_OK ? jl_arena_zalloc(&upgrade->arena, 1, sizeof **out_record) : NULL;
    if (rc != JL_OK || *out_record == NULL) {
        return rc != JL_OK ? rc : jl_fault_memory(err);
    }
    **out_record = read;
    return jl_row_dup(&upgrade->arena, &read.row, &(*out_record)->row, err);
}

/* ---- Verifiers ---- */

static enum jl_rc look_at_staff(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct upgrade *upgrade = context;
    struct jl_book_record *record = NULL;
    const struct jl_value none = jl_value_null();
    enum jl_rc rc = keep(upgrade, stored, &record, err);
    if (rc != JL_OK || jl_row_get(&record->row, STAFF_VERIFIER) == NULL) {
        return rc;
    }
    struct jl_change *change = add_change(upgrade, JL_OP_EDIT, record, err);
    if (change == NULL) {
        return err->rc;
    }
    rc = jl_row_dup(&upgrade->arena, &record->row, &change->after, err);
    return rc == JL_OK ? jl_row_set(&change->after, STAFF_VERIFIER, &none, &upgrade->arena, err)
                       : rc;
}

/* ---- Possible duplicates ---- */

/* Do two records stand in different offices? One that is not there any more could be anybody's. */
static enum jl_rc are_apart(struct upgrade *upgrade, uint32_t type, const struct jl_id ids[2],
                            bool *out_apart, struct jl_err *err) {
    const struct jl_record_key keys[2] = {{.type = type, .id = ids[0]},
                                          {.type = type, .id = ids[1]}};
    struct jl_head heads[2];
    enum jl_rc rc =
        jl_records_heads(upgrade->district->books->store, keys, 2, &upgrade->arena, heads, err);
    *out_apart =
        rc == JL_OK && (heads[0].rid == 0 || heads[1].rid == 0 || heads[0].owner != heads[1].owner);
    return rc;
}

static enum jl_rc told_detail(struct upgrade *upgrade, struct jl_value *out_value,
                              struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    struct jl_bytes kept = {0};
    enum jl_rc rc = jl_json_put(
        json_pack("{s:[], s:s}", "fields", "reason", "另一镇街也有这个号码，区级核对中"), &text,
        err);
    if (rc == JL_OK) {
        rc = jl_arena_dup(&upgrade->arena, jl_buf_bytes(&text), &kept, err);
    }
    *out_value = jl_value_text(kept);
    return rc;
}

/* The case as the office shall have it: of its own record alone. */
static enum jl_rc tell_office(struct upgrade *upgrade, const struct jl_book_record *old,
                              const struct jl_id *id, struct jl_err *err) {
    const struct jl_value none = jl_value_null();
    struct jl_value detail;
    struct jl_change *change = add_change(upgrade, JL_OP_CREATE, NULL, err);
    if (change == NULL) {
        return err->rc;
    }
    enum jl_rc rc = told_detail(upgrade, &detail, err);
    if (rc == JL_OK) {
        rc = jl_row_dup(&upgrade->arena, &old->row, &change->after, err);
    }
    change->after.id = *id;
    if (rc == JL_OK) {
        rc = jl_row_set(&change->after, JL_CASE_OTHER_ID, &none, &upgrade->arena, err);
    }
    return rc == JL_OK ? jl_row_set(&change->after, JL_CASE_DETAIL, &detail, &upgrade->arena, err)
                       : rc;
}

static enum jl_rc move_to_district(struct upgrade *upgrade, const struct jl_book_record *old,
                                   const struct jl_id *id, struct jl_err *err) {
    struct jl_change *change = add_change(upgrade, JL_OP_CREATE, NULL, err);
    if (change == NULL) {
        return err->rc;
    }
    enum jl_rc rc = jl_row_dup(&upgrade->arena, &old->row, &change->after, err);
    change->after.id = *id;
    change->after.owner = 0;
    if (rc == JL_OK) {
        change = add_change(upgrade, JL_OP_DELETE, old, err);
        rc = change != NULL ? jl_row_dup(&upgrade->arena, &old->row, &change->after, err) : err->rc;
        if (rc == JL_OK) {
            change->after.deleted = true;
        }
    }
    return rc;
}

static bool is_told(const struct upgrade *upgrade, const struct jl_id *id) {
    for (size_t i = 0; i < upgrade->count; i++) {
        if (jl_id_equal(&upgrade->changes[i].after.id, id)) {
            return true;
        }
    }
    return false;
}

static enum jl_rc look_at_case(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct upgrade *upgrade = context;
    struct jl_hasher *hasher = upgrade->district->books->hasher;
    struct jl_book_record *record = NULL;
    struct jl_id ids[2];
    struct jl_id apart_id;
    struct jl_id told_id;
    bool apart = false;
    enum jl_rc rc = keep(upgrade, stored, &record, err);
    const struct jl_value *type =
        rc == JL_OK ? jl_row_get(&record->row, JL_CASE_SUBJECT_TYPE) : NULL;
    const struct jl_value *status = rc == JL_OK ? jl_row_get(&record->row, JL_CASE_STATUS) : NULL;
    if (rc != JL_OK || type == NULL || record->row.owner == 0 ||
        !jl_case_id_named(&record->row, JL_CASE_SUBJECT_ID, &ids[0]) ||
        !jl_case_id_named(&record->row, JL_CASE_OTHER_ID, &ids[1])) {
        return rc;
    }
    rc = are_apart(upgrade, (uint32_t)type->number, ids, &apart, err);
    if (rc != JL_OK || !apart) {
        return rc;
    }
    rc =
        jl_case_id_of_two_offices(hasher, (uint32_t)type->number, &ids[0], &ids[1], &apart_id, err);
    if (rc == JL_OK) {
        rc = jl_case_id_elsewhere(hasher, (uint32_t)type->number, &ids[0], &told_id, err);
    }
    bool open = status != NULL && status->number == JL_CASE_OPEN;
    if (rc == JL_OK && open && !is_told(upgrade, &told_id)) {
        rc = tell_office(upgrade, record, &told_id, err);
    }
    return rc == JL_OK ? move_to_district(upgrade, record, &apart_id, err) : rc;
}

/* ---- All of it ---- */

static enum jl_rc gather(struct upgrade *upgrade, struct jl_err *err) {
    struct jl_store *store = upgrade->district->books->store;
    const struct jl_scan staff = {.type = JL_TYPE_STAFF};
    const struct jl_scan cases = {.type = JL_TYPE_CASE};
    enum jl_rc rc = jl_records_scan(store, &staff, look_at_staff, upgrade, err);
    return rc == JL_OK ? jl_records_scan(store, &cases, look_at_case, upgrade, err) : rc;
}

static enum jl_rc upgrade_open(struct jl_district *district, struct jl_err *err) {
    struct upgrade upgrade = {.district = district};
    uint64_t done = 0;
    enum jl_rc rc = jl_meta_get_number(district->books->store, meta_name, 0, &done, err);
    if (rc == JL_OK && done < UPGRADE_LAST) {
        rc = gather(&upgrade, err);
        if (rc == JL_OK && upgrade.count > 0) {
            rc = jl_own_ops_save_open(district, NULL, upgrade.changes, upgrade.count, err);
        }
        if (rc == JL_OK) {
            rc = jl_meta_put_number(district->books->store, meta_name, UPGRADE_LAST, err);
        }
    }
    jl_arena_fini(&upgrade.arena);
    return rc;
}

enum jl_rc jl_upgrade_once(struct jl_district *district, struct jl_err *err) {
    uint64_t done = 0;
    enum jl_rc rc = jl_meta_get_number(district->books->store, meta_name, 0, &done, err);
    if (rc != JL_OK || done >= UPGRADE_LAST) {
        return rc;
    }
    rc = jl_district_begin(district, true, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = upgrade_open(district, err);
    if (rc != JL_OK) {
        jl_district_rollback(district);
        return rc;
    }
    return jl_district_commit(district, err);
}
