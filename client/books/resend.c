/* Sending again what the district does not have.
 *
 *   the record here        what goes out
 *   parked, set aside      CREATE with the row as it is now: the district has none to edit
 *   live, deleted, left    each refused op once more, with its old and new values: where the
 * district has moved on since, that makes a case and overrules nobody deleted by its author
 * nothing: what was refused is let go not in these books     each refused op once more (after a
 * rebuild)
 *
 * Set aside ones go first, for they are older; then refused ones in the order in which they were
 * made, so that what a record refers to goes before it. */
#include "resend.h"
#include "office.h"
#include "office_outbox.h"
#include "save.h"

#include "jielian/base/assert.h"
#include "jielian/base/map.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/catalogue/built_in_field.h"
#include "jielian/op/change_set.h"
#include "jielian/op/merge.h"

#include <string.h>

struct resending {
    struct jl_office *office;
    const struct jl_resend_options *options;
    struct jl_arena list;  /* what is looked through */
    struct jl_arena arena; /* of one record */
    uint64_t sent;         /* records */
};

static void resending_fini(struct resending *resending) {
    jl_arena_fini(&resending->list);
    jl_arena_fini(&resending->arena);
}

static bool wanted(const struct resending *resending, const struct jl_id *id) {
    const struct jl_resend_options *options = resending->options;
    for (size_t i = 0; i < options->id_count; i++) {
        if (jl_id_equal(&options->ids[i], id)) {
            return true;
        }
    }
    return options->id_count == 0;
}

static enum jl_rc tell(struct resending *resending, const struct jl_book_record *record,
                       enum jl_resend_state state, bool kept, struct jl_err *err) {
    const struct jl_resent resent = {.record = record, .state = state, .kept = kept};
    resending->sent += kept ? 0 : 1;
    return resending->options->visit(resending->options->context, &resent, err);
}

/* ---- A record that the district does not have ---- */

static bool ours_to_make(const struct resending *resending, const struct jl_book_record *record) {
    const struct jl_office *office = resending->office;
    const struct jl_layout *layout = jl_books_layout(office->books, record->head.type);
    return layout != NULL && layout->type->owner == JL_SIDE_OFFICE &&
           layout->type->number != JL_TYPE_CASE && record->row.owner == office->identity.office;
}

static enum jl_rc make_again(struct resending *resending, const struct jl_book_record *record,
                             struct jl_err *err) {
    const struct jl_change change = {.kind = JL_OP_EDIT, .before = record, .after = record->row};
    if (resending->options->dry_run) {
        return JL_OK;
    }
    return jl_save_one(resending->office, &resending->options->change_set, &change, NULL, err);
}

static enum jl_rc resend_aside(struct resending *resending, int64_t rid, struct jl_err *err) {
    struct jl_book_record record = {0};
    jl_arena_reset(&resending->arena);
    enum jl_rc rc =
        jl_books_load_rids(resending->office->books, &rid, 1, &resending->arena, &record, err);
    if (rc != JL_OK || record.head.rid == 0 || !wanted(resending, &record.head.id)) {
        return rc;
    }
    bool kept = !ours_to_make(resending, &record);
    rc = tell(resending, &record, JL_RESEND_SET_ASIDE, kept, err);
    return rc == JL_OK && !kept ? make_again(resending, &record, err) : rc;
}

/* ---- Refused ops ---- */

static enum jl_rc let_go(struct resending *resending, const struct jl_outbox_entry *entry,
                         struct jl_err *err) {
    if (resending->options->dry_run) {
        return JL_OK;
    }
    return jl_outbox_set(resending->office->books->store, entry->pos, JL_OUTBOX_SUPERSEDED,
                         entry->reason, entry->said, err);
}

/* Its making was refused, and its author has deleted it since. */
static enum jl_rc is_deleted(struct resending *resending, const struct jl_outbox_entry *entries,
                             size_t count, bool *out_deleted, struct jl_err *err) {
    struct jl_op op;
    const struct jl_outbox_entry *last = &entries[count - 1];
    *out_deleted = false;
    if (last->state == JL_OUTBOX_PARKED || last->state == JL_OUTBOX_SUPERSEDED) {
        return JL_OK;
    }
    enum jl_rc rc = jl_office_outbox_op(resending->office, last, &resending->arena, &op, err);
    *out_deleted = rc == JL_OK && op.kind == JL_OP_DELETE;
    return rc;
}

static enum jl_rc forget(struct resending *resending, const struct jl_book_record *record,
                         const struct jl_outbox_entry *entries, size_t count, struct jl_err *err) {
    struct jl_book_record gone = *record;
    gone.row.deleted = true;
    gone.head.state = JL_RECORD_DELETED;
    struct jl_book_write write = {.record = &gone, .before = &record->row};
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        if (entries[i].state == JL_OUTBOX_PARKED) {
            rc = let_go(resending, &entries[i], err);
        }
    }
    if (rc != JL_OK || resending->options->dry_run) {
        return rc;
    }
    rc = jl_books_write(resending->office->books, &write, 1, &resending->arena, err);
    if (rc == JL_OK) {
        jl_office_recount(resending->office, &record->head, &gone.head);
    }
    return rc;
}

/* Each refused op of a record once more, one laid over the other. */
static enum jl_rc send_ops(struct resending *resending, struct jl_book_record *record,
                           const struct jl_outbox_entry *entries, size_t count,
                           struct jl_err *err) {
    struct jl_arena *arena = &resending->arena;
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        struct jl_op op;
        struct jl_change change = {.before = record};
        if (entries[i].state != JL_OUTBOX_PARKED) {
            continue;
        }
        rc = jl_office_outbox_op(resending->office, &entries[i], arena, &op, err);
        if (rc == JL_OK) {
            rc = jl_row_dup(arena, &record->row, &change.after, err);
        }
        if (rc == JL_OK) {
            rc = jl_op_lay(&op, &change.after, arena, err);
        }
        change.kind = op.kind;
        if (rc == JL_OK) {
            rc = let_go(resending, &entries[i], err);
        }
        if (rc == JL_OK && !resending->options->dry_run) {
            rc = jl_save_one(resending->office, &resending->options->change_set, &change, &op, err);
        }
        if (rc == JL_OK && record->head.state == JL_RECORD_LIVE) {
            record->row = change.after;
        }
    }
    return rc;
}

static enum jl_rc resend_parked(struct resending *resending, int64_t rid, struct jl_err *err) {
    struct jl_arena *arena = &resending->arena;
    struct jl_books *books = resending->office->books;
    struct jl_book_record record = {0};
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    bool deleted = false;
    jl_arena_reset(arena);
    enum jl_rc rc = jl_books_load_rids(books, &rid, 1, arena, &record, err);
    if (rc != JL_OK || !wanted(resending, &record.head.id)) {
        return rc;
    }
    rc = jl_outbox_of(books->store, rid, arena, &entries, &count, err);
    JL_ASSERT(rc != JL_OK || count > 0); /* one of them brought us here */
    if (rc == JL_OK && record.head.state == JL_RECORD_PARKED) {
        rc = is_deleted(resending, entries, count, &deleted, err);
    }
    if (rc == JL_OK && deleted) {
        return forget(resending, &record, entries, count, err);
    }
    if (rc == JL_OK) {
        rc = tell(resending, &record, JL_RESEND_PARKED, false, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    return record.head.state == JL_RECORD_PARKED
               ? make_again(resending, &record, err) /* saving supersedes its refused ops */
               : send_ops(resending, &record, entries, count, err);
}

static enum jl_rc resend_alone(struct resending *resending, const struct jl_outbox_entry *entry,
                               struct jl_err *err) {
    struct jl_arena *arena = &resending->arena;
    struct jl_store *store = resending->office->books->store;
    struct jl_outbox_entry *whole = NULL;
    size_t count = 0;
    struct jl_op op = {0};
    jl_arena_reset(arena);
    enum jl_rc rc = jl_outbox_range(store, entry->pos, 1, SIZE_MAX, arena, &whole, &count, err);
    if (rc == JL_OK) {
        rc = jl_office_outbox_op(resending->office, &whole[0], arena, &op, err);
    }
    if (rc != JL_OK || !wanted(resending, &op.id)) {
        return rc;
    }
    const struct jl_book_record absent = {.head = {.type = op.type, .id = op.id},
                                          .row = {.type = op.type, .id = op.id}};
    rc = tell(resending, &absent, JL_RESEND_PARKED, false, err);
    if (rc == JL_OK) {
        rc = let_go(resending, &whole[0], err);
    }
    return rc == JL_OK && !resending->options->dry_run
               ? jl_save_alone(resending->office, &resending->options->change_set, &op, err)
               : rc;
}

/* ---- All of them ---- */

static enum jl_rc resend_all_aside(struct resending *resending, struct jl_err *err) {
    int64_t *rids = NULL;
    size_t count = 0;
    enum jl_rc rc =
        jl_outbox_aside(resending->office->books->store, &resending->list, &rids, &count, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rc = resend_aside(resending, rids[i], err);
    }
    return rc;
}

/* Is it the first of its record? */
static enum jl_rc is_first(struct jl_map *seen, int64_t rid, struct jl_arena *arena,
                           bool *out_first, struct jl_err *err) {
    static char mark;
    void **place = jl_map_place(seen, jl_bytes(&rid, sizeof rid), arena, err);
    if (place == NULL) {
        return JL_NOMEM;
    }
    *out_first = *place == NULL;
    *place = &mark;
    return JL_OK;
}

static enum jl_rc resend_all_parked(struct resending *resending, struct jl_err *err) {
    JL_AUTO(jl_map) seen = {0};
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    enum jl_rc rc = jl_outbox_in(resending->office->books->store, JL_OUTBOX_PARKED,
                                 &resending->list, &entries, &count, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        bool first = true;
        if (entries[i].rid == 0) {
            rc = resend_alone(resending, &entries[i], err);
            continue;
        }
        rc = is_first(&seen, entries[i].rid, &resending->list, &first, err);
        if (rc == JL_OK && first) {
            rc = resend_parked(resending, entries[i].rid, err);
        }
    }
    return rc;
}

/* So that `history` and `undo` know the set. */
static enum jl_rc note_set(struct resending *resending, struct jl_err *err) {
    struct jl_office *office = resending->office;
    const struct jl_resend_options *options = resending->options;
    const struct jl_id none = {0};
    struct jl_change change = {.kind = JL_OP_CREATE,
                               .after = {.type = JL_TYPE_CHANGE_SET,
                                         .id = options->change_set,
                                         .owner = office->identity.office}};
    const struct jl_change_set set = {.kind = JL_CHANGE_SET_BULK_EDIT,
                                      .label = jl_bytes_text(options->label),
                                      .staff = office->staff,
                                      .records = resending->sent};
    struct jl_field_value fields[JL_CHANGE_SET_FIELDS];
    jl_change_set_fill(&set, &change.after, fields);
    return jl_save_one(office, &none, &change, NULL, err);
}

static enum jl_rc resend_all(struct resending *resending, struct jl_err *err) {
    const struct jl_resend_options *options = resending->options;
    enum jl_rc rc = JL_OK;
    if ((options->states & JL_RESEND_SET_ASIDE) != 0) {
        rc = resend_all_aside(resending, err);
    }
    if (rc == JL_OK && (options->states & JL_RESEND_PARKED) != 0) {
        rc = resend_all_parked(resending, err);
    }
    return rc == JL_OK && resending->sent > 0 && !options->dry_run ? note_set(resending, err) : rc;
}

enum jl_rc jl_resend_records(struct jl_office *office, const struct jl_resend_options *options,
                             struct jl_err *err) {
    JL_AUTO(resending) resending = {.office = office, .options = options};
    enum jl_rc rc = jl_office_begin(office, !options->dry_run, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = resend_all(&resending, err);
    if (rc != JL_OK || options->dry_run) {
        jl_office_rollback(office);
        return rc;
    }
    return jl_office_commit(office, err);
}
