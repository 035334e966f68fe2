/* The planted mistakes: calls between the product's files, taken over by the linker (--wrap).
 *
 * Each is one that a maintainer could make: a line left out, a wrong order, a check that "can't
 * happen". A call is changed in as few words as the mistake itself would have. Some keep a little
 * memory of their own; a run has a process of its own, so it begins empty. */
#include "planted_internal.h"

#include "client/books/office.h"
#include "client/books/office_outbox.h"
#include "client/books/repair.h"
#include "client/books/retention.h"
#include "client/books/take.h"
#include "lib/desk/merging.h"
#include "server/books/accounts.h"
#include "server/books/backup.h"
#include "server/books/decisions.h"
#include "server/books/device.h"
#include "server/books/journal.h"
#include "server/books/push.h"
#include "server/books/verify.h"
#include "server/judge/apply.h"
#include "server/judge/author.h"
#include "server/judge/case.h"
#include "server/judge/objection.h"
#include "server/judge/own_merge.h"
#include "server/judge/redelivered.h"
#include "server/judge/sight.h"

#include "jielian/crypto/signer.h"
#include "jielian/op/may.h"
#include "jielian/op/merge.h"
#include "jielian/store/feeds.h"
#include "jielian/store/held_ops.h"
#include "jielian/store/quarantined.h"

#include <stdio.h>
#include <string.h>

/* ---- The district: judging ---- */

static uint32_t author_origin; /* of the batch under way */

WRAP(enum jl_rc, jl_apply_batch, struct jl_apply *apply, struct jl_err *err) {
    author_origin = apply->origin;
    enum jl_rc rc = real_jl_apply_batch(apply, err);
    if (planted_chosen == ECHO_OF_MERGED) {
        apply->echoed = false;
    }
    return rc;
}

WRAP(enum jl_rc, jl_redelivered_find, struct jl_apply *apply, size_t index,
     const struct jl_touched *touched, bool *out_known, struct jl_verdict *out_verdict,
     struct jl_err *err) {
    if (planted_chosen == ALREADY_FORGOTTEN) {
        *out_known = false;
        return JL_OK;
    }
    return real_jl_redelivered_find(apply, index, touched, out_known, out_verdict, err);
}

WRAP(enum jl_rc, jl_case_put, struct jl_apply *apply, const struct jl_case_note *note,
     struct jl_err *err) {
    struct jl_case_note changed = *note;
    if (planted_chosen == CASE_DROPPED) {
        return JL_OK;
    }
    if (planted_chosen == LOSER_DROPPED) {
        changed.conflict_count = 0;
    }
    return real_jl_case_put(apply, &changed, err);
}

WRAP(enum jl_rc, jl_merge, const struct jl_merge_input *input, struct jl_arena *arena,
     struct jl_merge_result *out_result, struct jl_err *err) {
    struct jl_merge_input changed = *input;
    struct jl_op op = *input->op;
    bool live = input->presence == JL_PRESENCE_LIVE;
    if (planted_chosen == LAST_WRITER_WINS && live && op.kind == JL_OP_EDIT) {
        op.old_fields = input->current->fields;
        op.old_count = input->current->field_count;
        changed.op = &op;
    }
    enum jl_rc rc = real_jl_merge(&changed, arena, out_result, err);
    if (planted_chosen == LATE_EDIT_DROPPED && rc == JL_OK &&
        out_result->case_kind == JL_CASE_MERGED) {
        out_result->verdict = JL_VERDICT_APPLIED;
        out_result->case_kind = JL_CASE_NONE;
        out_result->conflict_count = 0;
    }
    return rc;
}

WRAP(enum jl_rc, jl_decision_refusal, struct jl_district *district, uint32_t device,
     struct jl_bytes op_bytes, const char **out_reason, struct jl_err *err) {
    enum jl_rc rc = real_jl_decision_refusal(district, device, op_bytes, out_reason, err);
    if (planted_chosen == REFUSAL_FORGOTTEN) {
        *out_reason = NULL;
    }
    return rc;
}

WRAP(enum jl_rc, jl_merging_find_refs, struct jl_merging *merging, struct jl_err *err) {
    return planted_chosen == REFERENCES_LEFT ? JL_OK : real_jl_merging_find_refs(merging, err);
}

/* ---- The district: standing, and what waits ---- */

WRAP(enum jl_rc, jl_author_standing, struct jl_apply *apply, const struct jl_type *type,
     const struct jl_op *op, struct jl_touched *touched, struct jl_merge_input *input,
     struct jl_err *err) {
    enum jl_rc rc = real_jl_author_standing(apply, type, op, touched, input, err);
    if (planted_chosen == TOMBSTONE_FORGOTTEN && jl_touched_there(touched) &&
        touched->record.row.deleted) {
        input->standing = JL_STANDING_OWN;
    }
    return rc;
}

WRAP(enum jl_rc, jl_sight_check, struct jl_apply *apply, const struct jl_type *type,
     const struct jl_row *row, struct jl_objection *out_objection, struct jl_err *err) {
    return planted_chosen == SIGHT_UNCHECKED
               ? JL_OK
               : real_jl_sight_check(apply, type, row, out_objection, err);
}

static enum jl_rc drop_held(struct jl_district *district, uint32_t device, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_held *list = NULL;
    size_t count = 0;
    enum jl_rc rc = jl_district_begin(district, true, NULL, err);
    if (rc == JL_OK) {
        rc = jl_held_ops_all(district->books->store, NULL, 0, &arena, &list, &count, err);
    }
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        if (list[i].device == device) {
            rc = jl_held_ops_drop(district->books->store, &list[i], 1, err);
            district->holding.held--;
        }
    }
    return rc == JL_OK ? jl_district_commit(district, err) : rc;
}

WRAP(enum jl_rc, jl_device_set_state, struct jl_district *district, uint32_t number,
     enum jl_device_state state, struct jl_err *err) {
    enum jl_rc rc = real_jl_device_set_state(district, number, state, err);
    return rc == JL_OK && planted_chosen == SUSPENDED_FORGOTTEN && state != JL_DEVICE_ACTIVE
               ? drop_held(district, number, err)
               : rc;
}

/* ---- The district: pushes ---- */

WRAP(enum jl_rc, jl_devices_put_origin, struct jl_store *store, const struct jl_origin *origin,
     struct jl_err *err) {
    return planted_chosen == CHAIN_UNSAVED && origin->last_seq > 0
               ? JL_OK
               : real_jl_devices_put_origin(store, origin, err);
}

WRAP(enum jl_rc, jl_journal_put, struct jl_district *district,
     const struct jl_journal_append *append, struct jl_err *err) {
    struct jl_journal_append changed = *append;
    if (planted_chosen == VERDICTS_UNSAVED) {
        changed.verdicts = jl_bytes(NULL, 0);
    }
    return real_jl_journal_put(district, &changed, err);
}

static bool pushing;

WRAP(enum jl_rc, jl_signer_verify, const struct jl_suite *suite, const uint8_t *public_key,
     struct jl_bytes message, const uint8_t *signature, struct jl_err *err) {
    if (planted_chosen == SIGNATURE_UNCHECKED && pushing) {
        return JL_OK;
    }
    return real_jl_signer_verify(suite, public_key, message, signature, err);
}

WRAP(enum jl_rc, jl_push_judge, struct jl_district *district, uint32_t origin_number,
     const struct jl_push *push, struct jl_bytes frame, struct jl_arena *arena,
     struct jl_verdicts *out_verdicts, struct jl_err *err) {
    const struct jl_origin *origin = jl_roster_origin(district, origin_number);
    uint64_t last = push->first_seq + push->count - 1;
    if (planted_chosen == CHAIN_UNCHECKED && origin != NULL &&
        push->first_seq <= origin->last_seq) {
        *out_verdicts =
            (struct jl_verdicts){.first_seq = push->first_seq,
                                 .last_seq = last < origin->last_seq ? last : origin->last_seq};
        return JL_OK;
    }
    pushing = true;
    enum jl_rc rc =
        real_jl_push_judge(district, origin_number, push, frame, arena, out_verdicts, err);
    pushing = false;
    return rc;
}

/* A frame without the last of its ops. */
static enum jl_rc shorten(struct jl_bytes frame, struct jl_buf *out, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    JL_AUTO_PTR(jl_wire) wire = NULL;
    struct jl_message message = {0};
    enum jl_rc rc = jl_wire_new(jl_suite_find(JL_SUITE_FIRST), &wire, err);
    if (rc == JL_OK) {
        rc = jl_wire_decode(wire, frame, &arena, &message, err);
    }
    if (rc == JL_OK && message.as.push.count > 1) {
        message.as.push.count--;
    }
    return rc == JL_OK ? jl_wire_encode(wire, &message, out, err) : rc;
}

WRAP(enum jl_rc, jl_books_seal, struct jl_books *books, const char *what, uint64_t where,
     struct jl_bytes plain, struct jl_buf *out, struct jl_err *err) {
    JL_AUTO(jl_buf) shorter = {0};
    if (planted_chosen == JOURNAL_SHORT && strcmp(what, "journal") == 0) {
        enum jl_rc rc = shorten(plain, &shorter, err);
        return rc == JL_OK
                   ? real_jl_books_seal(books, what, where, jl_buf_bytes(&shorter), out, err)
                   : rc;
    }
    return real_jl_books_seal(books, what, where, plain, out, err);
}

/* ---- The district: commits ---- */

static struct jl_district *open_transaction; /* its commit was put off */

WRAP(enum jl_rc, jl_district_commit, struct jl_district *district, struct jl_err *err) {
    if (planted_chosen == ANSWER_BEFORE_COMMIT && open_transaction == NULL) {
        open_transaction = district;
        return JL_OK;
    }
    open_transaction = open_transaction == district ? NULL : open_transaction;
    return real_jl_district_commit(district, err);
}

WRAP(enum jl_rc, jl_district_begin, struct jl_district *district, bool write, bool *out_changed,
     struct jl_err *err) {
    if (open_transaction == district && write) {
        return JL_OK; /* goes on in the one that is open */
    }
    if (open_transaction == district) {
        enum jl_rc rc = jl_district_commit(district, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return real_jl_district_begin(district, write, out_changed, err);
}

WRAP(enum jl_rc, jl_books_begin, struct jl_books *books, bool write, bool *out_changed,
     struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    if (open_transaction != NULL && open_transaction->books == books) {
        rc = jl_district_commit(open_transaction, err);
    }
    return rc == JL_OK ? real_jl_books_begin(books, write, out_changed, err) : rc;
}

WRAP(void, jl_district_rollback, struct jl_district *district) {
    open_transaction = open_transaction == district ? NULL : open_transaction;
    real_jl_district_rollback(district);
}

WRAP(void, jl_district_close, struct jl_district *district) {
    if (district != NULL && open_transaction == district) {
        jl_district_rollback(district);
    }
    real_jl_district_close(district);
}

WRAP(enum jl_rc, jl_backup_write, struct jl_district *district, const char *path,
     struct jl_err *err) {
    enum jl_rc rc = open_transaction == district ? jl_district_commit(district, err) : JL_OK;
    return rc == JL_OK ? real_jl_backup_write(district, path, err) : rc;
}

WRAP(enum jl_rc, jl_verify_replay, struct jl_district *district,
     void (*progress)(uint64_t done, uint64_t total), struct jl_verify_result *out_result,
     struct jl_err *err) {
    enum jl_rc rc = open_transaction == district ? jl_district_commit(district, err) : JL_OK;
    return rc == JL_OK ? real_jl_verify_replay(district, progress, out_result, err) : rc;
}

WRAP(enum jl_rc, jl_store_meta_put, struct jl_store *store, const char *name, struct jl_bytes value,
     struct jl_err *err) {
    static unsigned commits;
    if (planted_chosen == HOLDING_UNSAVED && strcmp(name, "holding") == 0) {
        return JL_OK;
    }
    if (planted_chosen == FEED_HEAD_UNSAVED && strncmp(name, "feed", 4) == 0 &&
        ++commits % 2 == 0) {
        return JL_OK;
    }
    return real_jl_store_meta_put(store, name, value, err);
}

WRAP(enum jl_rc, jl_quarantined_put, struct jl_store *store, uint32_t origin, uint64_t first_seq,
     uint32_t op_count, int64_t at_ms, struct jl_bytes body, struct jl_err *err) {
    if (planted_chosen == QUARANTINE_DROPPED) {
        return JL_OK;
    }
    return real_jl_quarantined_put(store, origin, first_seq, op_count, at_ms, body, err);
}

WRAP(enum jl_rc, jl_devices_put_invitation, struct jl_store *store,
     const struct jl_invitation *invitation, struct jl_err *err) {
    return planted_chosen == INVITATION_REUSED && invitation->used_ms != 0
               ? JL_OK
               : real_jl_devices_put_invitation(store, invitation, err);
}

/* ---- Admissions ---- */

WRAP(enum jl_rc, jl_admissions_take, struct jl_admissions *log,
     const struct jl_admission_event *event, struct jl_err *err) {
    return planted_chosen == REVOKED_AGAIN && event->kind == JL_ADMISSION_STATE
               ? JL_OK
               : real_jl_admissions_take(log, event, err);
}

WRAP(uint32_t, jl_admissions_next, const struct jl_admissions *log, enum jl_numbered what,
     uint32_t highest_in_books) {
    return planted_chosen == NUMBERS_AGAIN ? highest_in_books + 1
                                           : real_jl_admissions_next(log, what, highest_in_books);
}

/* ---- Feeds ---- */

static bool leaves(const struct jl_feed_entry *entries, size_t count, int64_t rid) {
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        found = found || (entries[i].rid == rid && entries[i].kind == JL_FEED_LEAVE);
    }
    return found;
}

static bool entry_dropped(const struct jl_feed_entry *entries, size_t count, size_t i) {
    return (planted_chosen == LEAVE_DROPPED && entries[i].kind == JL_FEED_LEAVE) ||
           (planted_chosen == ENTER_DROPPED && entries[i].kind == JL_FEED_ENTER &&
            leaves(entries, count, entries[i].rid));
}

WRAP(enum jl_rc, jl_feeds_put, struct jl_store *store, const struct jl_feed_entry *entries,
     size_t count, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        struct jl_feed_entry entry = entries[i];
        if (planted_chosen == ECHO_OF_MERGED && entry.kind == JL_FEED_UPDATE) {
            entry.origin = author_origin;
        }
        if (!entry_dropped(entries, count, i)) {
            rc = real_jl_feeds_put(store, &entry, 1, err);
        }
    }
    return rc;
}

WRAP(enum jl_rc, jl_feeds_page, struct jl_store *store, uint32_t feed, uint64_t after, size_t limit,
     struct jl_feed_entry *out_entries, size_t *out_count, struct jl_err *err) {
    enum jl_rc rc = real_jl_feeds_page(store, feed, after, limit, out_entries, out_count, err);
    size_t kept = 0;
    for (size_t i = 0; planted_chosen == DELETE_DROPPED && rc == JL_OK && i < *out_count; i++) {
        if (out_entries[i].kind != JL_FEED_DELETE) {
            out_entries[kept++] = out_entries[i];
        }
    }
    if (planted_chosen == DELETE_DROPPED && rc == JL_OK) {
        *out_count = kept;
    }
    return rc;
}

/* ---- The office: its own changes ---- */

WRAP(void, jl_office_recount, struct jl_office *office, const struct jl_head *before,
     const struct jl_head *after) {
    bool deleted = after->state == JL_RECORD_DELETED;
    real_jl_office_recount(office, planted_chosen == SUM_KEEPS_DELETED && deleted ? NULL : before,
                           after);
}

WRAP(enum jl_rc, jl_outbox_body, struct jl_store *store, uint64_t pos, struct jl_bytes body,
     struct jl_err *err) {
    return planted_chosen == RECHAIN_DROPPED ? JL_OK : real_jl_outbox_body(store, pos, body, err);
}

WRAP(enum jl_rc, jl_books_take_catalogue, struct jl_books *books, struct jl_err *err) {
    return planted_chosen == CATALOGUE_UNTAKEN && books->side == JL_SIDE_OFFICE
               ? JL_OK
               : real_jl_books_take_catalogue(books, err);
}

static int64_t each_time_a_day(void *context) {
    enum { DAY_MS = 24 * 60 * 60 * 1000 };
    static int64_t day;
    (void)context;
    return ++day * DAY_MS;
}

WRAP(enum jl_rc, jl_retention_trim, struct jl_office *office, int64_t district_ms,
     struct jl_err *err) {
    const struct jl_clock clock = office->clock;
    if (planted_chosen != PROOFS_FOR_DAYS) {
        return real_jl_retention_trim(office, district_ms, err);
    }
    office->clock.wall_ms = each_time_a_day;
    enum jl_rc rc = real_jl_retention_trim(office, each_time_a_day(NULL), err);
    office->clock = clock;
    return rc;
}

/* ---- Who may, and who is told ---- */

WRAP(const struct jl_may_not *, jl_may, const struct jl_may_ask *ask, uint32_t *out_field) {
    return planted_chosen == RIGHT_UNCHECKED && ask->by == JL_HAND_OFFICE
               ? NULL
               : real_jl_may(ask, out_field);
}

WRAP(enum jl_rc, jl_own_merge_check, struct jl_apply *apply, const struct jl_op *op,
     const struct jl_type *type, const struct jl_touched *touched, enum jl_waits waits,
     struct jl_objection *out_objection, struct jl_err *err) {
    return planted_chosen == OWN_MERGE_UNCHECKED
               ? JL_OK
               : real_jl_own_merge_check(apply, op, type, touched, waits, out_objection, err);
}

WRAP(enum jl_rc, jl_case_put_at, struct jl_apply *apply, const struct jl_id *id,
     const struct jl_case_note *note, struct jl_err *err) {
    struct jl_case_note told = *note;
    told.owner = planted_chosen == PAIR_TOLD && told.owner == 0 ? told.subject->owner : told.owner;
    return real_jl_case_put_at(apply, id, &told, err);
}

WRAP(enum jl_rc, jl_accounts_lock, struct jl_district *district, struct jl_err *err) {
    return planted_chosen == ACCOUNTS_OPEN ? JL_OK : real_jl_accounts_lock(district, err);
}

/* ---- The office: verdicts and pages ---- */

WRAP(enum jl_rc, jl_outbox_confirm, struct jl_store *store, uint64_t first, uint64_t last,
     struct jl_err *err) {
    return planted_chosen == MARKS_DROPPED ? JL_OK
                                           : real_jl_outbox_confirm(store, first, last, err);
}

WRAP(enum jl_rc, jl_take_page, struct jl_office *office, const struct jl_page *page,
     bool *out_taken, struct jl_err *err) {
    struct jl_page shorter = *page;
    if (planted_chosen == ROW_BEHIND_CURSOR && !page->repair && page->count > 1) {
        shorter.count--;
    }
    return real_jl_take_page(office, &shorter, out_taken, err);
}

/* ---- The office: finding its way back ---- */

WRAP(void, jl_session_step, struct jl_session *session, const struct jl_session_facts *facts,
     const struct jl_event *event, struct jl_actions *out_actions) {
    if (planted_chosen == RETRY_LOST && event->kind == JL_EVENT_TICK && session->deadline_ms != 0) {
        out_actions->count = 0;
        return;
    }
    real_jl_session_step(session, facts, event, out_actions);
}

WRAP(enum jl_rc, jl_office_take_epoch, struct jl_office *office, const uint8_t epoch[static 16],
     uint64_t last_seq, struct jl_err *err) {
    uint64_t confirmed = jl_office_confirmed_seq(office);
    if (last_seq < confirmed) {
        last_seq = planted_chosen == EPOCH_IGNORED
                       ? confirmed
                       : last_seq + (planted_chosen == REOFFER_LATE ? 1 : 0);
    }
    return real_jl_office_take_epoch(office, epoch, last_seq, err);
}

WRAP(enum jl_rc, jl_office_outbox_chain_is, struct jl_office *office, uint64_t seq,
     const uint8_t hash[static JL_HASH_BYTES], bool *out_same, struct jl_err *err) {
    if (planted_chosen == CHAIN_UNCHECKED) {
        *out_same = true;
        return JL_OK;
    }
    return real_jl_office_outbox_chain_is(office, seq, hash, out_same, err);
}

WRAP(void, jl_repair_ask, struct jl_repair *repair, const struct jl_action *action,
     struct jl_ask *out_ask) {
    real_jl_repair_ask(repair, action, out_ask);
    if (planted_chosen == REPAIR_ASIDE && action->kind == JL_ACTION_ASK_ROWS) {
        repair->hashes[0][JL_SHORT_SUM_BYTES - 1] ^= 1; /* of a row that nobody has */
    }
}
