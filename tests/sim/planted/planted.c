/* The planted mistakes: calls between the product's files, taken over by the linker (--wrap).
 *
 * Each is one that a maintainer could make: a line left out, a wrong order, a check that "can't
 * happen". A call is changed in as few words as the mistake itself would have. Some keep a little
 * memory of their own; a run has a process of its own, so it begins empty. */
#include "planted.h"

#include "client/books/office_internal.h"
#include "lib/desk/merging_internal.h"
#include "server/books/district_internal.h"

#include "jielian/op/may.h"
#include "jielian/op/merge.h"

#include <stdio.h>
#include <string.h>

enum bug {
    NO_BUG,
    ALREADY_FORGOTTEN,
    FEED_HEAD_UNSAVED,
    LEAVE_DROPPED,
    ENTER_DROPPED,
    DELETE_DROPPED,
    MARKS_DROPPED,
    REOFFER_LATE,
    EPOCH_IGNORED,
    REPAIR_ASIDE,
    ECHO_OF_MERGED,
    CASE_DROPPED,
    LOSER_DROPPED,
    ROW_BEHIND_CURSOR,
    CHAIN_UNCHECKED,
    SIGNATURE_UNCHECKED,
    SUM_KEEPS_DELETED,
    JOURNAL_SHORT,
    RETRY_LOST,
    ANSWER_BEFORE_COMMIT,
    LAST_WRITER_WINS,
    QUARANTINE_DROPPED,
    RECHAIN_DROPPED,
    CATALOGUE_UNTAKEN,
    REFUSAL_FORGOTTEN,
    REFERENCES_LEFT,
    LATE_EDIT_DROPPED,
    TOMBSTONE_FORGOTTEN,
    SIGHT_UNCHECKED,
    HOLDING_UNSAVED,
    CHAIN_UNSAVED,
    PROOFS_FOR_DAYS,
    SUSPENDED_FORGOTTEN,
    VERDICTS_UNSAVED,
    INVITATION_REUSED,
    REVOKED_AGAIN,
    NUMBERS_AGAIN,
    ACCOUNTS_OPEN,
    RIGHT_UNCHECKED,
    PAIR_TOLD,
    OWN_MERGE_UNCHECKED,
    BUGS
};

static const struct planted_bug bugs[BUGS] = {
    [ALREADY_FORGOTTEN] = {"already-forgotten", "An op that comes again is judged anew", 10},
    [FEED_HEAD_UNSAVED] = {"feed-head-unsaved",
                           "A feed's head and sum go to disk with every second commit only", 4},
    [LEAVE_DROPPED] = {"leave-dropped", "A record that moves is not taken from its old office", 12},
    [ENTER_DROPPED] = {"enter-dropped", "A record that moves is not sent to its new office", 12},
    [DELETE_DROPPED] = {"delete-dropped", "Tombstones are left out of pages", 8},
    [MARKS_DROPPED] = {"marks-dropped", "Verdicts move the counter but not the outbox's marks", 4},
    [REOFFER_LATE] = {"reoffer-late", "After a restore the first op to be offered is left out", 12},
    [EPOCH_IGNORED] = {"epoch-ignored", "After a restore nothing is offered again", 12},
    [REPAIR_ASIDE] = {"repair-aside", "Repair asks for another row than the one that differs", 4},
    [ECHO_OF_MERGED] = {"echo-of-merged",
                        "A merged row is taken for an echo and not sent to its author", 10},
    [CASE_DROPPED] = {"case-dropped", "The verdict says CASE, but no case is written", 4},
    [LOSER_DROPPED] = {"loser-dropped", "A case is written without the values it is about", 4},
    [ROW_BEHIND_CURSOR] = {"row-behind-cursor",
                           "The cursor passes the last row of a page that was not stored", 4},
    [CHAIN_UNCHECKED] = {"chain-unchecked",
                         "Ops are known by number alone: a copied PC goes unnoticed", 16},
    [SIGNATURE_UNCHECKED] = {"signature-unchecked", "A batch's signature is not checked", 10},
    [SUM_KEEPS_DELETED] = {"sum-keeps-deleted",
                           "A deleted record is not taken out of the office's sum", 4},
    [JOURNAL_SHORT] = {"journal-short", "The journal's body lacks the last op of its batch", 4},
    [RETRY_LOST] = {"retry-lost", "No timer runs while an answer is awaited", 4},
    [ANSWER_BEFORE_COMMIT] = {"answer-before-commit",
                              "A commit waits for the next one, but the answer does not", 8},
    [LAST_WRITER_WINS] = {"last-writer-wins", "An edit is applied without a look at what was there",
                          12},
    [QUARANTINE_DROPPED] = {"quarantine-dropped",
                            "What a suspended PC delivers is answered but not stored", 4},
    [RECHAIN_DROPPED] = {"rechain-dropped", "A new incarnation's chain is not stored", 4},
    [CATALOGUE_UNTAKEN] = {"catalogue-untaken",
                           "An office stores a new catalogue and keeps to the old one", 4},
    [REFUSAL_FORGOTTEN] = {"refusal-forgotten",
                           "What the district refused of a suspended PC is judged all the same", 6},
    [REFERENCES_LEFT] = {"references-left", "A merge leaves the references to the record that goes",
                         10},
    [LATE_EDIT_DROPPED] = {"late-edit-dropped",
                           "An edit of a record that was merged away is offered to nobody", 10},
    [TOMBSTONE_FORGOTTEN] = {"tombstone-forgotten",
                             "A tombstone forgets which office had the record", 10},
    [SIGHT_UNCHECKED] = {"sight-unchecked",
                         "A natural key may name what its author's office does not see", 4},
    [HOLDING_UNSAVED] = {"holding-unsaved", "That a restore is open is known to the process only",
                         12},
    [CHAIN_UNSAVED] = {"chain-unsaved", "An author's chain moves on in memory only", 4},
    [PROOFS_FOR_DAYS] = {"proofs-for-days", "Every proof counts as a day on which ops are kept",
                         60},
    [SUSPENDED_FORGOTTEN] = {"suspended-forgotten",
                             "What waits of a PC is dropped when the PC is suspended or revoked",
                             42},
    [VERDICTS_UNSAVED] = {"verdicts-unsaved", "The journal keeps ops without their verdicts", 4},
    [INVITATION_REUSED] = {"invitation-reused", "That an invitation was used is not kept", 4},
    [REVOKED_AGAIN] = {"revoked-again", "The admission log says nothing of who was revoked", 170},
    [NUMBERS_AGAIN] = {"numbers-again", "Numbers go on behind those of the books, not of the log",
                       104},
    [ACCOUNTS_OPEN] = {"accounts-open", "A restore leaves the accounts as they were", 4},
    [RIGHT_UNCHECKED] = {"right-unchecked", "The district does not ask who may write what", 30},
    [PAIR_TOLD] = {"pair-told", "The case of two offices' records goes to one of them", 14},
    [OWN_MERGE_UNCHECKED] = {"own-merge-unchecked",
                             "The district does not ask whether an office may merge", 60},
};

static enum bug chosen = NO_BUG;

size_t planted_count(void) {
    return BUGS - 1;
}

const struct planted_bug *planted_at(size_t number) {
    return &bugs[number + 1];
}

bool planted_choose(const char *name) {
    chosen = NO_BUG;
    for (enum bug bug = NO_BUG + 1; name != NULL && bug < BUGS; bug++) {
        if (strcmp(bugs[bug].name, name) == 0) {
            chosen = bug;
        }
    }
    return name == NULL || chosen != NO_BUG;
}

/* The names that --wrap makes, said to the assembler only: the C names stay ordinary ones. */
#define WRAP(type, name, ...)                                                                      \
    type real_##name(__VA_ARGS__) __asm__("__real_" #name);                                        \
    type planted_##name(__VA_ARGS__) __asm__("__wrap_" #name);                                     \
    type planted_##name(__VA_ARGS__)

/* ---- The district: judging ---- */

static uint32_t author_origin; /* of the batch under way */

WRAP(enum jl_rc, jl_apply_batch, struct jl_apply *apply, struct jl_err *err) {
    author_origin = apply->origin;
    enum jl_rc rc = real_jl_apply_batch(apply, err);
    if (chosen == ECHO_OF_MERGED) {
        apply->echoed = false;
    }
    return rc;
}

WRAP(enum jl_rc, jl_again_known, struct jl_apply *apply, size_t index, const struct jl_work *work,
     bool *out_known, struct jl_verdict *out_verdict, struct jl_err *err) {
    if (chosen == ALREADY_FORGOTTEN) {
        *out_known = false;
        return JL_OK;
    }
    return real_jl_again_known(apply, index, work, out_known, out_verdict, err);
}

WRAP(enum jl_rc, jl_apply_case, struct jl_apply *apply, const struct jl_case_note *note,
     struct jl_err *err) {
    struct jl_case_note changed = *note;
    if (chosen == CASE_DROPPED) {
        return JL_OK;
    }
    if (chosen == LOSER_DROPPED) {
        changed.conflict_count = 0;
    }
    return real_jl_apply_case(apply, &changed, err);
}

WRAP(enum jl_rc, jl_merge, const struct jl_merge_input *input, struct jl_arena *arena,
     struct jl_merge_result *out_result, struct jl_err *err) {
    struct jl_merge_input changed = *input;
    struct jl_op op = *input->op;
    bool live = input->presence == JL_PRESENCE_LIVE;
    if (chosen == LAST_WRITER_WINS && live && op.kind == JL_OP_EDIT) {
        op.old_fields = input->current->fields;
        op.old_count = input->current->field_count;
        changed.op = &op;
    }
    enum jl_rc rc = real_jl_merge(&changed, arena, out_result, err);
    if (chosen == LATE_EDIT_DROPPED && rc == JL_OK && out_result->case_kind == JL_CASE_MERGED) {
        out_result->verdict = JL_VERDICT_APPLIED;
        out_result->case_kind = JL_CASE_NONE;
        out_result->conflict_count = 0;
    }
    return rc;
}

WRAP(enum jl_rc, jl_decision_refusal, struct jl_district *district, uint32_t device,
     struct jl_bytes op_bytes, const char **out_reason, struct jl_err *err) {
    enum jl_rc rc = real_jl_decision_refusal(district, device, op_bytes, out_reason, err);
    if (chosen == REFUSAL_FORGOTTEN) {
        *out_reason = NULL;
    }
    return rc;
}

WRAP(enum jl_rc, jl_merging_find_refs, struct jl_merging *merging, struct jl_err *err) {
    return chosen == REFERENCES_LEFT ? JL_OK : real_jl_merging_find_refs(merging, err);
}

/* ---- The district: standing, and what waits ---- */

WRAP(enum jl_rc, jl_apply_standing, struct jl_apply *apply, const struct jl_type *type,
     const struct jl_op *op, struct jl_work *work, struct jl_merge_input *input,
     struct jl_err *err) {
    enum jl_rc rc = real_jl_apply_standing(apply, type, op, work, input, err);
    if (chosen == TOMBSTONE_FORGOTTEN && jl_work_there(work) && work->record.row.deleted) {
        input->standing = JL_STANDING_OWN;
    }
    return rc;
}

WRAP(enum jl_rc, jl_apply_sees, struct jl_apply *apply, const struct jl_type *type,
     const struct jl_row *row, struct jl_fault *out_fault, struct jl_err *err) {
    return chosen == SIGHT_UNCHECKED ? JL_OK : real_jl_apply_sees(apply, type, row, out_fault, err);
}

static enum jl_rc drop_held(struct jl_district *district, uint32_t device, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_held *list = NULL;
    size_t count = 0;
    enum jl_rc rc = jl_district_begin(district, true, NULL, err);
    if (rc == JL_OK) {
        rc = jl_store_held_all(district->books->store, NULL, 0, &arena, &list, &count, err);
    }
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        if (list[i].device == device) {
            rc = jl_store_held_drop(district->books->store, &list[i], 1, err);
            district->holding.held--;
        }
    }
    return rc == JL_OK ? jl_district_commit(district, err) : rc;
}

WRAP(enum jl_rc, jl_district_device_state, struct jl_district *district, uint32_t number,
     enum jl_device_state state, struct jl_err *err) {
    enum jl_rc rc = real_jl_district_device_state(district, number, state, err);
    return rc == JL_OK && chosen == SUSPENDED_FORGOTTEN && state != JL_DEVICE_ACTIVE
               ? drop_held(district, number, err)
               : rc;
}

/* ---- The district: pushes ---- */

WRAP(enum jl_rc, jl_store_origin_put, struct jl_store *store, const struct jl_origin *origin,
     struct jl_err *err) {
    return chosen == CHAIN_UNSAVED && origin->last_seq > 0
               ? JL_OK
               : real_jl_store_origin_put(store, origin, err);
}

WRAP(enum jl_rc, jl_journal_put, struct jl_district *district,
     const struct jl_journal_append *append, struct jl_err *err) {
    struct jl_journal_append changed = *append;
    if (chosen == VERDICTS_UNSAVED) {
        changed.verdicts = jl_bytes(NULL, 0);
    }
    return real_jl_journal_put(district, &changed, err);
}

static bool pushing;

WRAP(enum jl_rc, jl_verify, const struct jl_suite *suite, const uint8_t *public_key,
     struct jl_bytes message, const uint8_t *signature, struct jl_err *err) {
    if (chosen == SIGNATURE_UNCHECKED && pushing) {
        return JL_OK;
    }
    return real_jl_verify(suite, public_key, message, signature, err);
}

WRAP(enum jl_rc, jl_district_push, struct jl_district *district, uint32_t origin_number,
     const struct jl_push *push, struct jl_bytes frame, struct jl_arena *arena,
     struct jl_verdicts *out_verdicts, struct jl_err *err) {
    const struct jl_origin *origin = jl_district_origin(district, origin_number);
    uint64_t last = push->first_seq + push->count - 1;
    if (chosen == CHAIN_UNCHECKED && origin != NULL && push->first_seq <= origin->last_seq) {
        *out_verdicts =
            (struct jl_verdicts){.first_seq = push->first_seq,
                                 .last_seq = last < origin->last_seq ? last : origin->last_seq};
        return JL_OK;
    }
    pushing = true;
    enum jl_rc rc =
        real_jl_district_push(district, origin_number, push, frame, arena, out_verdicts, err);
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
    if (chosen == JOURNAL_SHORT && strcmp(what, "journal") == 0) {
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
    if (chosen == ANSWER_BEFORE_COMMIT && open_transaction == NULL) {
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

WRAP(enum jl_rc, jl_district_backup, struct jl_district *district, const char *path,
     struct jl_err *err) {
    enum jl_rc rc = open_transaction == district ? jl_district_commit(district, err) : JL_OK;
    return rc == JL_OK ? real_jl_district_backup(district, path, err) : rc;
}

WRAP(enum jl_rc, jl_district_verify, struct jl_district *district,
     void (*progress)(uint64_t done, uint64_t total), struct jl_verify_result *out_result,
     struct jl_err *err) {
    enum jl_rc rc = open_transaction == district ? jl_district_commit(district, err) : JL_OK;
    return rc == JL_OK ? real_jl_district_verify(district, progress, out_result, err) : rc;
}

WRAP(enum jl_rc, jl_store_meta_put, struct jl_store *store, const char *name, struct jl_bytes value,
     struct jl_err *err) {
    static unsigned commits;
    if (chosen == HOLDING_UNSAVED && strcmp(name, "holding") == 0) {
        return JL_OK;
    }
    if (chosen == FEED_HEAD_UNSAVED && strncmp(name, "feed", 4) == 0 && ++commits % 2 == 0) {
        return JL_OK;
    }
    return real_jl_store_meta_put(store, name, value, err);
}

WRAP(enum jl_rc, jl_store_quarantine_put, struct jl_store *store, uint32_t origin,
     uint64_t first_seq, uint32_t op_count, int64_t at_ms, struct jl_bytes body,
     struct jl_err *err) {
    if (chosen == QUARANTINE_DROPPED) {
        return JL_OK;
    }
    return real_jl_store_quarantine_put(store, origin, first_seq, op_count, at_ms, body, err);
}

WRAP(enum jl_rc, jl_store_invitation_put, struct jl_store *store,
     const struct jl_invitation *invitation, struct jl_err *err) {
    return chosen == INVITATION_REUSED && invitation->used_ms != 0
               ? JL_OK
               : real_jl_store_invitation_put(store, invitation, err);
}

/* ---- Admissions ---- */

WRAP(enum jl_rc, jl_admissions_take, struct jl_admissions *log,
     const struct jl_admission_event *event, struct jl_err *err) {
    return chosen == REVOKED_AGAIN && event->kind == JL_ADMISSION_STATE
               ? JL_OK
               : real_jl_admissions_take(log, event, err);
}

WRAP(uint32_t, jl_admissions_next, const struct jl_admissions *log, enum jl_numbered what,
     uint32_t highest_in_books) {
    return chosen == NUMBERS_AGAIN ? highest_in_books + 1
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
    return (chosen == LEAVE_DROPPED && entries[i].kind == JL_FEED_LEAVE) ||
           (chosen == ENTER_DROPPED && entries[i].kind == JL_FEED_ENTER &&
            leaves(entries, count, entries[i].rid));
}

WRAP(enum jl_rc, jl_store_feed_put, struct jl_store *store, const struct jl_feed_entry *entries,
     size_t count, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        struct jl_feed_entry entry = entries[i];
        if (chosen == ECHO_OF_MERGED && entry.kind == JL_FEED_UPDATE) {
            entry.origin = author_origin;
        }
        if (!entry_dropped(entries, count, i)) {
            rc = real_jl_store_feed_put(store, &entry, 1, err);
        }
    }
    return rc;
}

WRAP(enum jl_rc, jl_store_feed_page, struct jl_store *store, uint32_t feed, uint64_t after,
     size_t limit, struct jl_feed_entry *out_entries, size_t *out_count, struct jl_err *err) {
    enum jl_rc rc = real_jl_store_feed_page(store, feed, after, limit, out_entries, out_count, err);
    size_t kept = 0;
    for (size_t i = 0; chosen == DELETE_DROPPED && rc == JL_OK && i < *out_count; i++) {
        if (out_entries[i].kind != JL_FEED_DELETE) {
            out_entries[kept++] = out_entries[i];
        }
    }
    if (chosen == DELETE_DROPPED && rc == JL_OK) {
        *out_count = kept;
    }
    return rc;
}

/* ---- The office: its own changes ---- */

WRAP(void, jl_office_recount, struct jl_office *office, const struct jl_head *before,
     const struct jl_head *after) {
    bool deleted = after->state == JL_RECORD_DELETED;
    real_jl_office_recount(office, chosen == SUM_KEEPS_DELETED && deleted ? NULL : before, after);
}

WRAP(enum jl_rc, jl_store_outbox_body, struct jl_store *store, uint64_t pos, struct jl_bytes body,
     struct jl_err *err) {
    return chosen == RECHAIN_DROPPED ? JL_OK : real_jl_store_outbox_body(store, pos, body, err);
}

WRAP(enum jl_rc, jl_books_take_catalogue, struct jl_books *books, struct jl_err *err) {
    return chosen == CATALOGUE_UNTAKEN && books->side == JL_SIDE_OFFICE
               ? JL_OK
               : real_jl_books_take_catalogue(books, err);
}

static int64_t each_time_a_day(void *context) {
    enum { DAY_MS = 24 * 60 * 60 * 1000 };
    static int64_t day;
    (void)context;
    return ++day * DAY_MS;
}

WRAP(enum jl_rc, jl_office_trim, struct jl_office *office, int64_t district_ms,
     struct jl_err *err) {
    const struct jl_clock clock = office->clock;
    if (chosen != PROOFS_FOR_DAYS) {
        return real_jl_office_trim(office, district_ms, err);
    }
    office->clock.wall_ms = each_time_a_day;
    enum jl_rc rc = real_jl_office_trim(office, each_time_a_day(NULL), err);
    office->clock = clock;
    return rc;
}

/* ---- Who may, and who is told ---- */

WRAP(const struct jl_may_not *, jl_may, const struct jl_may_ask *ask, uint32_t *out_field) {
    return chosen == RIGHT_UNCHECKED && ask->by == JL_HAND_OFFICE ? NULL
                                                                  : real_jl_may(ask, out_field);
}

WRAP(enum jl_rc, jl_apply_own_merge, struct jl_apply *apply, const struct jl_op *op,
     const struct jl_type *type, const struct jl_work *work, enum jl_waits waits,
     struct jl_fault *out_fault, struct jl_err *err) {
    return chosen == OWN_MERGE_UNCHECKED
               ? JL_OK
               : real_jl_apply_own_merge(apply, op, type, work, waits, out_fault, err);
}

WRAP(enum jl_rc, jl_apply_case_at, struct jl_apply *apply, const struct jl_id *id,
     const struct jl_case_note *note, struct jl_err *err) {
    struct jl_case_note told = *note;
    told.owner = chosen == PAIR_TOLD && told.owner == 0 ? told.subject->owner : told.owner;
    return real_jl_apply_case_at(apply, id, &told, err);
}

WRAP(enum jl_rc, jl_accounts_lock, struct jl_district *district, struct jl_err *err) {
    return chosen == ACCOUNTS_OPEN ? JL_OK : real_jl_accounts_lock(district, err);
}

/* ---- The office: verdicts and pages ---- */

WRAP(enum jl_rc, jl_store_outbox_confirm, struct jl_store *store, uint64_t first, uint64_t last,
     struct jl_err *err) {
    return chosen == MARKS_DROPPED ? JL_OK : real_jl_store_outbox_confirm(store, first, last, err);
}

WRAP(enum jl_rc, jl_office_take_page, struct jl_office *office, const struct jl_page *page,
     bool *out_taken, struct jl_err *err) {
    struct jl_page shorter = *page;
    if (chosen == ROW_BEHIND_CURSOR && !page->repair && page->count > 1) {
        shorter.count--;
    }
    return real_jl_office_take_page(office, &shorter, out_taken, err);
}

/* ---- The office: finding its way back ---- */

WRAP(void, jl_session_step, struct jl_session *session, const struct jl_session_facts *facts,
     const struct jl_event *event, struct jl_actions *out_actions) {
    if (chosen == RETRY_LOST && event->kind == JL_EVENT_TICK && session->deadline_ms != 0) {
        out_actions->count = 0;
        return;
    }
    real_jl_session_step(session, facts, event, out_actions);
}

WRAP(enum jl_rc, jl_office_take_epoch, struct jl_office *office, const uint8_t epoch[static 16],
     uint64_t last_seq, struct jl_err *err) {
    uint64_t confirmed = jl_office_confirmed_seq(office);
    if (last_seq < confirmed) {
        last_seq =
            chosen == EPOCH_IGNORED ? confirmed : last_seq + (chosen == REOFFER_LATE ? 1 : 0);
    }
    return real_jl_office_take_epoch(office, epoch, last_seq, err);
}

WRAP(enum jl_rc, jl_office_chain_is, struct jl_office *office, uint64_t seq,
     const uint8_t hash[static JL_HASH_BYTES], bool *out_same, struct jl_err *err) {
    if (chosen == CHAIN_UNCHECKED) {
        *out_same = true;
        return JL_OK;
    }
    return real_jl_office_chain_is(office, seq, hash, out_same, err);
}

WRAP(void, jl_repair_ask, struct jl_repair *repair, const struct jl_action *action,
     struct jl_ask *out_ask) {
    real_jl_repair_ask(repair, action, out_ask);
    if (chosen == REPAIR_ASIDE && action->kind == JL_ACTION_ASK_ROWS) {
        repair->hashes[0][JL_SHORT_SUM_BYTES - 1] ^= 1; /* of a row that nobody has */
    }
}
