/* Accounts: their passwords' verifiers, and what a restore makes of them.
 *
 *   meta `verifier<id>`   of the account with that id, sealed; never in a record, never sent
 *
 * Staff records are in the journal, so a backup brings back passwords,
 * roles and people that were changed or taken away since. What the lost books said last of them
 * nobody knows any more, so each comes back locked, by an op of the district's own that offices
 * receive too, and stays so until a person confirms it. */
#include "accounts.h"
#include "district.h"
#include "own_ops.h"

#include "jielian/base/arena.h"
#include "jielian/base/buf.h"
#include "jielian/base/fault.h"
#include "jielian/base/id.h"
#include "jielian/base/row.h"
#include "jielian/books/books.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/op/change.h"

#include <stdio.h>
#include <string.h>

enum { VERIFIER_NAME_BYTES = 8 + JL_ID_TEXT_BYTES };

/* ---- Verifiers ---- */

enum jl_rc jl_account_keep(struct jl_district *district, const struct jl_id *account,
                           struct jl_bytes verifier, struct jl_err *err) {
    char name[VERIFIER_NAME_BYTES];
    char id[JL_ID_TEXT_BYTES];
    uint64_t place = 0;
    JL_AUTO(jl_buf) sealed = {0};
    jl_id_format(account, id);
    (void)snprintf(name, sizeof name, "verifier%s", id);
    for (size_t i = 8; i < JL_ID_BYTES; i++) { /* the half of an id that time does not say */
        place = place << 8 | account->bytes[i];
    }
    enum jl_rc rc = jl_books_seal(district->books, "verifier", place, verifier, &sealed, err);
    if (rc == JL_OK) {
        rc = jl_district_begin(district, true, NULL, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_store_meta_put(district->books->store, name, jl_buf_bytes(&sealed), err);
    if (rc != JL_OK) {
        jl_district_rollback(district);
        return rc;
    }
    return jl_district_commit(district, err);
}

/* ---- After a restore ---- */

struct search {
    struct jl_district *district;
    struct jl_arena *arena;
    bool locked; /* those that are, or those that are not */
    struct jl_book_record *found;
    size_t count, capacity;
};

static uint32_t locked_field(const struct jl_district *district) {
    return jl_type_field_named(jl_books_layout(district->books, JL_TYPE_STAFF)->type, "locked")
        ->number;
}

bool jl_account_locked(const struct jl_district *district, const struct jl_book_record *account) {
    const struct jl_value *locked = jl_row_get(&account->row, locked_field(district));
    return locked != NULL && locked->number != 0;
}

static enum jl_rc look_at(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct search *search = context;
    struct jl_book_record record;
    enum jl_rc rc = jl_books_unseal(search->district->books, stored, search->arena, &record, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (jl_account_locked(search->district, &record) != search->locked) {
        return JL_OK;
    }
    if (search->count == search->capacity) {
        size_t capacity = 2 * search->capacity + 16;
        struct jl_book_record *more =
            jl_arena_zalloc(search->arena, capacity, sizeof *search->found);
        if (more == NULL) {
            return jl_fault_memory(err);
        }
        if (search->count > 0) {
            memcpy(more, search->found, search->count * sizeof *more);
        }
        search->found = more;
        search->capacity = capacity;
    }
    search->found[search->count] = record;
    return jl_row_dup(search->arena, &record.row, &search->found[search->count++].row, err);
}

static enum jl_rc find(struct jl_district *district, bool locked, struct jl_arena *arena,
                       struct jl_book_record **out_accounts, size_t *out_count,
                       struct jl_err *err) {
    const struct jl_scan scan = {.type = JL_TYPE_STAFF};
    struct search search = {.district = district, .arena = arena, .locked = locked};
    enum jl_rc rc = jl_records_scan(district->books->store, &scan, look_at, &search, err);
    *out_accounts = search.found;
    *out_count = search.count;
    return rc;
}

static enum jl_rc set_locked(struct jl_district *district, const struct jl_book_record *accounts,
                             size_t count, bool locked, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_value value = locked ? jl_value_int(1) : jl_value_null();
    struct jl_change *changes = jl_arena_zalloc(&arena, count, sizeof *changes);
    enum jl_rc rc = changes != NULL ? JL_OK : jl_fault_memory(err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        changes[i] = (struct jl_change){.kind = JL_OP_EDIT, .before = &accounts[i]};
        rc = jl_row_dup(&arena, &accounts[i].row, &changes[i].after, err);
        if (rc == JL_OK) {
            rc = jl_row_set(&changes[i].after, locked_field(district), &value, &arena, err);
        }
    }
    return rc == JL_OK ? jl_own_ops_save_open(district, NULL, changes, count, err) : rc;
}

enum jl_rc jl_accounts_lock(struct jl_district *district, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record *accounts = NULL;
    size_t count = 0;
    enum jl_rc rc = find(district, false, &arena, &accounts, &count, err);
    return rc == JL_OK && count > 0 ? set_locked(district, accounts, count, true, err) : rc;
}

enum jl_rc jl_accounts_locked(struct jl_district *district, struct jl_arena *arena,
                              struct jl_book_record **out_accounts, size_t *out_count,
                              struct jl_err *err) {
    return find(district, true, arena, out_accounts, out_count, err);
}

enum jl_rc jl_accounts_confirm(struct jl_district *district, const struct jl_book_record *accounts,
                               size_t count, struct jl_err *err) {
    enum jl_rc rc = jl_district_begin(district, true, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = set_locked(district, accounts, count, false, err);
    if (rc != JL_OK) {
        jl_district_rollback(district);
        return rc;
    }
    return jl_district_commit(district, err);
}
