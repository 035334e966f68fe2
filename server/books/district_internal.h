/* Shared by server/books, judge, merge and quarantine only. */
#ifndef JIELIAN_SERVER_DISTRICT_INTERNAL_H
#define JIELIAN_SERVER_DISTRICT_INTERNAL_H

#include "admissions.h"
#include "journal.h"
#include "server/quarantine/quarantine.h"

#include "jielian/base/date.h"
#include "jielian/base/map.h"
#include "jielian/op/merge.h"
#include "jielian/record/check.h"
#include "jielian/store/authors.h"
#include "jielian/store/feeds.h"
#include "jielian/store/held_ops.h"
#include "jielian/store/history_index.h"

enum {
    /* A record is seen by its owner, and a transfer by both offices. */
    JL_FEEDS_PER_RECORD_MAX = 3,
    /* Entries that feeds may still hold of one record: every office it ever left. */
    JL_FEED_ENTRIES_MAX = 64,
};

struct jl_visibility {
    uint32_t feeds[JL_FEEDS_PER_RECORD_MAX];
    size_t count;
};

/* Which feeds see a record as it stands. */
void jl_district_visible(const struct jl_district *district, const struct jl_type *type,
                         const struct jl_row *row, struct jl_visibility *out_visible);
static inline bool jl_visible_in(const struct jl_visibility *visible, uint32_t feed) {
    for (size_t i = 0; i < visible->count; i++) {
        if (visible->feeds[i] == feed) {
            return true;
        }
    }
    return false;
}

JL_MUST_CHECK enum jl_rc jl_district_feed(struct jl_district *district, uint32_t feed,
                                          struct jl_feed_state **out_state, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_district_load_state(struct jl_district *district, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_district_load_tables(struct jl_district *district, struct jl_err *err);
/* To change it; NULL: no such device. */
/* feed.c: one Row of a page, in the arena. */
JL_MUST_CHECK enum jl_rc jl_district_add_row(struct jl_district *district, enum jl_feed_kind kind,
                                             const struct jl_book_record *record,
                                             struct jl_arena *arena, struct jl_buf *scratch,
                                             struct jl_bytes *out_row, struct jl_err *err);
struct jl_device *jl_district_device_of(struct jl_district *district, uint32_t number);
struct jl_origin *jl_district_origin(struct jl_district *district, uint32_t number);
/* Office number of a reference to an office record; 0: none. */
uint32_t jl_district_office_of_ref(const struct jl_district *district,
                                   const struct jl_value *value);

/* ---- Applying a batch ---- */

struct jl_wrote { /* a field, or the whole record (0), that an op of the batch set */
    uint32_t field;
    size_t op;
};

struct jl_work { /* one record that the batch touches */
    struct jl_record_key key;
    struct jl_book_record record; /* as it stands, with what the batch did so far */
    struct jl_head before;        /* as stored */
    struct jl_row row_before;
    bool was_there, dirty;
    bool echo;            /* the author's device does not hold exactly this row */
    uint64_t feed_seq;    /* latest change in the author's feed, 0: none */
    bool by_other;        /* … and it was not the author's own */
    bool left;            /* the author's feed holds a LEAVE for it */
    bool ended;           /* … or a DELETE */
    bool judged;          /* the four above were looked up */
    uint32_t *stub_feeds; /* offices that shall have a stub of it: a record of theirs was merged */
    size_t stub_count;
    uint32_t last_op; /* 1 + index of the newest op of this batch that touched it; 0: none */
    /* Who wrote its fields (server/judge/author.c): by this batch, before it, and before the
     * journal had authors. */
    struct jl_wrote *wrote;
    size_t wrote_count, wrote_capacity;
    struct jl_author_entry *authors;
    size_t author_count;
    struct jl_history_entry *lines;
    size_t line_count;
    bool authors_read, lines_read;
};

struct jl_apply {
    struct jl_district *district;
    struct jl_arena *arena;
    const struct jl_entry_head *head; /* the author, and all else that judging may know */
    enum jl_side author;
    uint32_t origin, device, office; /* 0: the district itself */
    const uint8_t *incarnation;
    uint64_t first_seq;
    const uint64_t *seqs; /* of ops that are released: their numbers when they came; or NULL */
    const struct jl_held *refs; /* … and where they were held */
    int64_t now_ms;             /* when the district received it: replay uses the journal's */
    /* Replay of an entry of older rules: its verdicts as they were given, which are not judged
     * anew. */
    bool given;
    const struct jl_verdict *given_verdicts;
    size_t given_count;
    uint64_t number_before; /* of the author's op before the one under way; 0: not known */
    struct jl_held *held;   /* ops of this batch that wait, by index (n), and for what */
    size_t held_count;
    size_t released; /* ops of a RELEASE that wait no more */
    struct jl_op *ops;
    const struct jl_bytes *op_bytes; /* as they were sent */
    size_t op_count;                 /* once they are judged: of those that were */
    size_t upto; /* replay: so many of them were judged then; 0: not replay, or all */
    bool cuts;   /* district->slice is enough; what is behind comes again */
    int64_t began_ms;
    size_t arena_before; /* bytes in the arena when it began */
    bool again; /* ops may have been delivered before (server/judge/again.c); false: all are new */
    struct jl_map waiting; /* ops that wait, of records that were asked for: again.c */
    struct jl_journal_cached cached;
    uint64_t old_reads;       /* how many lines without authors may still be read for it */
    size_t merge_looks;       /* what offices' merges of the batch have looked at */
    size_t judging;           /* index of the op under way */
    struct jl_row row_was;    /* its record as it stood before it */
    bool row_was_there;       /* … if there was one, deleted or not */
    struct jl_work *kept;     /* what its record was merged into (M19); NULL: it was not */
    struct jl_id parted_from; /* what its record had been merged into, and comes back from */
    size_t late_from;         /* its conflicts from here on are late references */
    struct jl_work **work;    /* hash table by key */
    size_t work_slots;
    struct jl_work **list; /* in order of first touch */
    size_t list_count, list_capacity;
    struct jl_verdict *verdicts; /* other than APPLIED */
    size_t verdict_count;
    struct jl_problems problems;
    bool echoed;        /* the author's feed got an entry that its device must read */
    uint64_t back_upto; /* as in jl_accept */
    uint64_t back_ops;
    struct jl_doubles *doubles; /* server/judge/unique.c */
    struct jl_sight *sight;     /* server/judge/sight.c */
};

/* The day by which this is judged, yyyymmdd; 0: the district's clock could not be right. */
static inline int64_t jl_apply_today(const struct jl_apply *apply) {
    bool known = apply->head->rules == 0 || apply->head->date_limit != 0;
    return known ? jl_date_of_ms(apply->now_ms) : 0;
}

static inline uint64_t jl_apply_seq(const struct jl_apply *apply, size_t index) {
    return apply->seqs != NULL ? apply->seqs[index] : apply->first_seq + index;
}
static inline bool jl_work_there(const struct jl_work *work) {
    return work->was_there || work->dirty;
}
static inline bool jl_work_lives(const struct jl_work *work) {
    return jl_work_there(work) && !work->record.row.deleted;
}

/* server/judge/work.c: the records of the batch's ops, in one go; and one of them, or another. */
JL_MUST_CHECK enum jl_rc jl_apply_preload(struct jl_apply *apply, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_apply_work(struct jl_apply *apply, uint32_t type,
                                       const struct jl_id *id, struct jl_work **out_work,
                                       struct jl_err *err);
/* One that is in memory already; NULL: it is not. */
const struct jl_work *jl_apply_work_in(struct jl_apply *apply, uint32_t type,
                                       const struct jl_id *id);
/* Is what was judged enough for one turn of the writer? One op always is judged. */
bool jl_apply_enough(const struct jl_apply *apply, size_t judged);
/* Judge the ops in order, as many as one turn is enough for: nothing is written yet, and the books'
 * memory is as it was but for the map of merged records. The transaction is open, the chain is
 * checked. */
JL_MUST_CHECK enum jl_rc jl_apply_batch(struct jl_apply *apply, struct jl_err *err);

/* Why an op is not taken. */
struct jl_reason {
    struct jl_remark said; /* code 0: a person's own words */
    const char *text;      /* in Chinese; NULL: the code has no places, its sentence is all of it */
};
/* That of a code without places, for the length of a call. */
#define JL_REASON(number) (&(struct jl_reason){.said = {.code = (uint32_t)(number)}})
/* In Chinese; NULL for NULL. */
const char *jl_reason_text(const struct jl_reason *reason);
static inline struct jl_remark jl_reason_remark(const struct jl_reason *reason) {
    return reason != NULL ? reason->said : (struct jl_remark){.code = JL_SAY_NOTHING};
}
/* reason: NULL but for PARKED. */
JL_MUST_CHECK enum jl_rc jl_apply_verdict(struct jl_apply *apply, size_t index,
                                          enum jl_verdict_code code, const struct jl_reason *reason,
                                          struct jl_err *err);

/* Write what the judging changed: rows, feeds, sums (server/judge/write.c). */
JL_MUST_CHECK enum jl_rc jl_apply_write(struct jl_apply *apply, struct jl_err *err);

enum { JL_CONFLICTS_SHOWN_MAX = 128 };
struct jl_case_note {
    int kind; /* enum jl_case_kind */
    const struct jl_op *op;
    uint64_t seq;
    const struct jl_row *subject;
    uint32_t owner; /* the office that sees the case */
    const struct jl_conflict *conflicts;
    size_t conflict_count;
    size_t late_from; /* conflicts from here on are references to records that were merged */
    const struct jl_id *other; /* the possible duplicate; NULL: none */
    uint32_t other_owner;      /* … whose it is, and the unique field that both have alike */
    const struct jl_field *field;
    const char *reason;    /* why it was not taken; NULL: it was, or is not decided */
    struct jl_remark said; /* the same for every language; code 0: the text is all there is */
};

/* ---- What an author may, and what speaks against a row: server/judge/standing.c, fault.c ---- */

/* standing and moved of the input. */
JL_MUST_CHECK enum jl_rc jl_apply_standing(struct jl_apply *apply, const struct jl_type *type,
                                           const struct jl_op *op, struct jl_work *work,
                                           struct jl_merge_input *input, struct jl_err *err);
struct jl_fault {
    const struct jl_reason *reason; /* for the clerk; NULL: nothing speaks against it */
    struct jl_reason found;         /* what the validator says: reason points here */
    bool may_come;                  /* what it needs may come while a restore is open: */
    struct jl_record_key misses;    /* … this */
    struct jl_ahead ahead;          /* dates that lie ahead; no fault */
};
/* A code without places speaks against it. */
void jl_fault_say(struct jl_fault *fault, enum jl_say_code code);
JL_MUST_CHECK enum jl_rc jl_apply_fault(struct jl_apply *apply, const struct jl_op *op,
                                        const struct jl_work *work, const struct jl_row *row,
                                        struct jl_fault *out_fault, struct jl_err *err);
/* What the author of a row like this is in its flow: bits 1 << enum jl_mover. */
unsigned jl_apply_movers(const struct jl_apply *apply, const struct jl_type *type,
                         const struct jl_row *row);
/* May an office's op write this at all (lib/op/may.c)? out_fault->reason NULL: yes. */
JL_MUST_CHECK enum jl_rc jl_apply_right(struct jl_apply *apply, const struct jl_op *op,
                                        const struct jl_type *type, struct jl_work *work,
                                        struct jl_fault *out_fault, struct jl_err *err);
/* Does an office close a case that somebody has closed already? There is nothing to do then. */
bool jl_apply_closes_late(const struct jl_apply *apply, const struct jl_op *op,
                          const struct jl_work *work);
/* The case that a RESOLVE names closes with it, if it is its author's to close. */
JL_MUST_CHECK enum jl_rc jl_apply_resolved(struct jl_apply *apply, const struct jl_op *op,
                                           struct jl_err *err);
/* Take out of an office's new transfer what the district fills in. true: there was such. */
bool jl_apply_drop_kept(const struct jl_apply *apply, const struct jl_type *type, struct jl_op *op);
/* Look up, once for the whole batch, what its natural keys name: server/judge/sight.c. */
JL_MUST_CHECK enum jl_rc jl_apply_find_named(struct jl_apply *apply, struct jl_err *err);
/* May the author name what stands in the row's natural key? out_fault->reason NULL: yes. */
JL_MUST_CHECK enum jl_rc jl_apply_sees(struct jl_apply *apply, const struct jl_type *type,
                                       const struct jl_row *row, struct jl_fault *out_fault,
                                       struct jl_err *err);

/* ---- Ops that wait: server/judge/hold.c ---- */

enum jl_waits jl_apply_waits(const struct jl_apply *apply, const struct jl_op *op);
/* For a delete that may have to wait: what its record met since the restore, input->behind and
 * by_other_since. head: of the record as stored. */
JL_MUST_CHECK enum jl_rc jl_apply_look_around(struct jl_apply *apply, size_t index,
                                              const struct jl_head *head,
                                              struct jl_merge_input *input, struct jl_err *err);
/* Note that op `index` waits for this record. Its case is put. */
JL_MUST_CHECK enum jl_rc jl_apply_hold(struct jl_apply *apply, size_t index,
                                       const struct jl_record_key *misses,
                                       const struct jl_case_note *note, struct jl_err *err);
/* It was released, and judged. note NULL: its case is done; else the case says this from now on. */
JL_MUST_CHECK enum jl_rc jl_apply_unhold(struct jl_apply *apply, size_t index,
                                         const struct jl_case_note *note, struct jl_err *err);
/* Has a person closed the case of this held op? Then it is not judged any more. */
JL_MUST_CHECK enum jl_rc jl_apply_given_up(struct jl_apply *apply, size_t index, bool *out_given_up,
                                           struct jl_err *err);

/* Ops that the device delivered already. *out_known with out_verdict->seq 0: under an earlier
 * incarnation, with this verdict; else under this one, as that op. */
void jl_again_look(struct jl_apply *apply);
JL_MUST_CHECK enum jl_rc jl_again_known(struct jl_apply *apply, size_t index, struct jl_work *work,
                                        bool *out_known, struct jl_verdict *out_verdict,
                                        struct jl_err *err);
/* The tag of op `index` in its record's history; 0: the rules of the entry know none. */
JL_MUST_CHECK enum jl_rc jl_apply_tag(struct jl_apply *apply, size_t index, uint32_t *out_tag,
                                      struct jl_err *err);
/* The lines of the record's history that have no tag: work->lines. */
JL_MUST_CHECK enum jl_rc jl_apply_lines(struct jl_apply *apply, struct jl_work *work,
                                        struct jl_err *err);
/* Does this very op, delivered before, wait for that record? */
JL_MUST_CHECK enum jl_rc jl_again_waits(struct jl_apply *apply, size_t index,
                                        const struct jl_record_key *key, bool *out_waits,
                                        struct jl_err *err);
/* Look up, once for the whole batch, which unique values other records have already. */
JL_MUST_CHECK enum jl_rc jl_apply_find_doubles(struct jl_apply *apply, struct jl_err *err);
/* The record was changed by this op: when another living record has the same unique value, both
 * stay, a case is opened and *verdict becomes CASE. */
JL_MUST_CHECK enum jl_rc jl_apply_unique(struct jl_apply *apply, size_t index,
                                         const struct jl_type *type, struct jl_work *work,
                                         enum jl_verdict_code *verdict, struct jl_err *err);

/* Can a case of these values be kept? If not, the op can't be taken: a case holds every value. To
 * be asked before the op touches its record. */
JL_MUST_CHECK enum jl_rc jl_apply_case_fits(struct jl_apply *apply, const struct jl_case_note *note,
                                            bool *out_fits, struct jl_err *err);
/* Put a case record into the batch's work: one for one op. */
JL_MUST_CHECK enum jl_rc jl_apply_case(struct jl_apply *apply, const struct jl_case_note *note,
                                       struct jl_err *err);
/* The same under another id; a case that is there already is written anew. */
JL_MUST_CHECK enum jl_rc jl_apply_case_at(struct jl_apply *apply, const struct jl_id *id,
                                          const struct jl_case_note *note, struct jl_err *err);
/* The note is about two records that may be one (note->subject, note->other). *out_asks: a person
 * must decide; false: one has said already that they are different. */
JL_MUST_CHECK enum jl_rc jl_apply_pair(struct jl_apply *apply, const struct jl_case_note *note,
                                       bool *out_asks, struct jl_err *err);
/* Count, for the author's office and the day, a pair with a record elsewhere: doubles.c. */
JL_MUST_CHECK enum jl_rc jl_doubles_count(struct jl_apply *apply, struct jl_err *err);
/* The same for an ask; *out_count: with this one. */
JL_MUST_CHECK enum jl_rc jl_asks_count(struct jl_apply *apply, uint64_t *out_count,
                                       struct jl_err *err);
/* What follows from asking somebody in: server/judge/ask.c. Nothing for ops of other types. */
JL_MUST_CHECK enum jl_rc jl_apply_ask(struct jl_apply *apply, const struct jl_op *op,
                                      const struct jl_work *work, enum jl_merge_effect effect,
                                      struct jl_err *err);
/* The id in a field of a case; false: there is none. */
bool jl_case_names(const struct jl_row *row, uint32_t field, struct jl_id *out_id);
/* The op changed this case: if it is the district's own of a pair, and decided now, the offices'
 * cases follow. */
JL_MUST_CHECK enum jl_rc jl_apply_pair_decided(struct jl_apply *apply, const struct jl_op *op,
                                               const struct jl_work *work, struct jl_err *err);
/* The two records of a MERGE were one: their case is done. */
JL_MUST_CHECK enum jl_rc jl_apply_pair_merged(struct jl_apply *apply, const struct jl_op *op,
                                              struct jl_err *err);
/* They are two again, as before the merge: a case that it closed is open again. */
JL_MUST_CHECK enum jl_rc jl_apply_pair_parted(struct jl_apply *apply, const struct jl_work *work,
                                              const struct jl_id *other, struct jl_err *err);
/* Close a case for the author of the op. resolution: NULL when the op itself says it. */
JL_MUST_CHECK enum jl_rc jl_apply_close_case(struct jl_apply *apply, const struct jl_op *op,
                                             struct jl_work *work, const char *resolution,
                                             struct jl_err *err);

/* ---- server/judge/follow_merge.c ---- */

void jl_district_merged_forget(struct jl_district *district);
JL_MUST_CHECK enum jl_rc jl_district_merged_save(struct jl_district *district, struct jl_err *err);
/* What follows from a MERGE that was accepted. */
JL_MUST_CHECK enum jl_rc jl_apply_merge(struct jl_apply *apply, const struct jl_op *op,
                                        struct jl_work *kept, struct jl_err *err);
/* A deleted record is there again: if it had been merged, it is its own again. */
JL_MUST_CHECK enum jl_rc jl_apply_back(struct jl_apply *apply, struct jl_work *work,
                                       struct jl_err *err);
/* The living record that this one was merged into; NULL: none. */
JL_MUST_CHECK enum jl_rc jl_apply_merged_into(struct jl_apply *apply, const struct jl_work *work,
                                              struct jl_work **out_kept, struct jl_err *err);
/* Does the office know of an open case that another one has the same (pair.c)? */
JL_MUST_CHECK enum jl_rc jl_apply_elsewhere_open(struct jl_apply *apply, uint32_t type,
                                                 const struct jl_id *of, bool *out_open,
                                                 struct jl_err *err);
/* References that an office's op brings to records that were merged meanwhile become conflicts of
 * the result. Cost: one hash lookup a reference, nothing while no record was ever merged. */
JL_MUST_CHECK enum jl_rc jl_apply_late_refs(struct jl_apply *apply, const struct jl_op *op,
                                            const struct jl_type *type,
                                            struct jl_merge_result *result, struct jl_err *err);

/* ---- An office's merge of its own records: server/judge/own_merge.c ---- */

/* Does the op say that it is part of one, or of its undo? */
bool jl_apply_own_merges(const struct jl_apply *apply, const struct jl_op *op);
/* May it be? out_fault->reason NULL: yes. Cost: see JL_OWN_MERGE_BATCH_MAX. */
JL_MUST_CHECK enum jl_rc jl_apply_own_merge(struct jl_apply *apply, const struct jl_op *op,
                                            const struct jl_type *type, const struct jl_work *work,
                                            enum jl_waits waits, struct jl_fault *out_fault,
                                            struct jl_err *err);
/* The op was taken: the district's MERGE, and the delete in an office's, make one of two. */
JL_MUST_CHECK enum jl_rc jl_apply_merged(struct jl_apply *apply, const struct jl_op *op,
                                         const struct jl_type *type, struct jl_work *work,
                                         enum jl_merge_effect effect, struct jl_err *err);
/* Does the op undo the merge of its record, and has its author's office made that? */
JL_MUST_CHECK enum jl_rc jl_apply_unmerges(struct jl_apply *apply, const struct jl_op *op,
                                           const struct jl_work *work, bool *out_unmerges,
                                           struct jl_err *err);

/* ---- Who wrote what: server/judge/author.c ---- */

enum {
    /* Lines of the journal that are read for who wrote something before the rules had number 2: so
     * many for each op of a batch, and this for the batch. */
    JL_OLD_READS_PER_OP = 8,
    JL_OLD_READS = 256,
};
struct jl_author {
    uint64_t journal_seq; /* UINT64_MAX: an op of the batch itself; 0: nobody, or not known */
    enum jl_side side;
    uint32_t office;
    char staff[JL_STAFF_MAX_BYTES + 1];
    int64_t made_ms;
};
void jl_apply_author_of_op(const struct jl_apply *apply, const struct jl_op *op,
                           struct jl_author *out_author);
/* Who wrote this value of a field, which it had before the op under way. One that is not found is
 * the district. Cost: a lookup; see JL_OLD_READS. */
JL_MUST_CHECK enum jl_rc jl_apply_author_of(struct jl_apply *apply, struct jl_work *work,
                                            uint32_t field, const struct jl_value *value,
                                            struct jl_author *out_author, struct jl_err *err);
/* Op `index` was accepted, and had this effect: note what of it stands in its record. */
JL_MUST_CHECK enum jl_rc jl_apply_note_author(struct jl_apply *apply, size_t index,
                                              const struct jl_type *type, struct jl_work *work,
                                              enum jl_merge_effect effect, struct jl_err *err);
/* Keep what was noted. The rows are written, and the entry is in the journal. */
JL_MUST_CHECK enum jl_rc jl_apply_keep_authors(struct jl_apply *apply, struct jl_err *err);

/* ---- Transfers: server/judge/transfer.c ---- */

/* May this new transfer be asked for? out_fault->reason NULL: yes. */
JL_MUST_CHECK enum jl_rc jl_apply_transfer_fits(struct jl_apply *apply, const struct jl_type *type,
                                                const struct jl_row *row,
                                                struct jl_fault *out_fault, struct jl_err *err);
/* What follows from an accepted transfer: names and days are filled in, and one that was received
 * moves its member. before: the row that the op found living; NULL: none. effect: of the op. */
JL_MUST_CHECK enum jl_rc jl_apply_follow_up(struct jl_apply *apply, const struct jl_type *type,
                                            struct jl_work *work, const struct jl_row *before,
                                            enum jl_merge_effect effect, struct jl_err *err);
/* The case of a step that was overdue closes when the step is left. */
JL_MUST_CHECK enum jl_rc jl_apply_close_step(struct jl_apply *apply, const struct jl_id *transfer,
                                             int64_t status, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_transfer_case_id(struct jl_district *district,
                                             const struct jl_id *transfer, int64_t status,
                                             struct jl_id *out_id, struct jl_err *err);
/* ---- Decisions about quarantined ops: server/quarantine/decision.c ---- */

void jl_decisions_free(struct jl_decisions *decisions);
/* They may have changed: read them again when next asked. */
void jl_decisions_forget(struct jl_decisions *decisions);
struct jl_decided {
    enum jl_decision decision;
    const char *reason;   /* never NULL */
    uint64_t journal_seq; /* where it stands; 0: nothing is decided */
};
/* What was decided last about an op with these bytes, under whatever incarnation. */
JL_MUST_CHECK enum jl_rc jl_decision_of(struct jl_district *district,
                                        const struct jl_origin *origin, uint64_t seq,
                                        struct jl_bytes op_bytes, struct jl_decided *out_decided,
                                        struct jl_err *err);
/* Was an op with these bytes refused? *out_reason NULL: no. */
JL_MUST_CHECK enum jl_rc jl_decision_refusal(struct jl_district *district, uint32_t device,
                                             struct jl_bytes op_bytes, const char **out_reason,
                                             struct jl_err *err);
struct jl_held_decided { /* a held op about which something is decided */
    uint32_t origin;
    uint64_t seq;
    uint8_t hash[JL_HASH_BYTES]; /* of its bytes */
    enum jl_decision decision;
    uint64_t decided_at; /* journal entry */
};
/* One of them that was judged since, under another incarnation of the device: as decided, or for
 * good. *out_judged NULL: none. Sorts them. Inside an open transaction: server/quarantine/judged.c
 */
JL_MUST_CHECK enum jl_rc jl_held_judged(struct jl_district *district, uint32_t device,
                                        struct jl_held_decided *standing, size_t count,
                                        const struct jl_held_decided **out_judged,
                                        struct jl_err *err);

/* Since a restore (back.c): read at load_state; note at Hello and after a batch. */
JL_MUST_CHECK enum jl_rc jl_restored_load(struct jl_district *district, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_restored_save(struct jl_district *district, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_back_hello(struct jl_district *district, uint32_t device,
                                       const struct jl_hello *hello, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_back_add(struct jl_district *district, uint32_t device, uint64_t ops,
                                     struct jl_err *err);
/* ---- The admission log: server/books/admit.c ---- */

/* A log from its file. Errors as jl_admissions_decode, and of the file; they name it and say what
 * to do. */
JL_MUST_CHECK enum jl_rc jl_admit_read(const char *path, struct jl_sealer *sealer,
                                       const struct jl_keys *keys, struct jl_admissions *log,
                                       struct jl_err *err);
/* All of a log into a new file. JL_CONFLICT: there is one. */
JL_MUST_CHECK enum jl_rc jl_admit_write(const char *path, struct jl_sealer *sealer,
                                        const struct jl_keys *keys, const struct jl_admissions *log,
                                        struct jl_err *err);
/* The district's own, with the numbers that its events have there, into a new file. In a
 * transaction. */
JL_MUST_CHECK enum jl_rc jl_admit_copy(struct jl_district *district, const char *to,
                                       struct jl_err *err);
/* The district's own, with what the books say and it does not; nothing is written. In a
 * transaction. */
JL_MUST_CHECK enum jl_rc jl_admit_load(struct jl_district *district, struct jl_admissions *log,
                                       struct jl_err *err);
/* Put behind it, synced, what the tables now say: the last thing in a write transaction that
 * changed offices, invitations or devices. Cost: reads the log (30 KB for 60 PCs), one fsync. */
JL_MUST_CHECK enum jl_rc jl_admit_note(struct jl_district *district, struct jl_err *err);
/* The same in a restore: numbers go on from the floors. */
JL_MUST_CHECK enum jl_rc jl_admit_restored(struct jl_district *district,
                                           const uint32_t floors[static JL_NUMBERED],
                                           struct jl_err *err);
/* Its newest event when the books were last committed; 0: never. */
JL_MUST_CHECK enum jl_rc jl_admit_last(struct jl_district *district, uint64_t *out_last,
                                       struct jl_err *err);
/* A folder of an earlier program gets its log, from the books. Opens its own transaction. */
JL_MUST_CHECK enum jl_rc jl_admit_begin(struct jl_district *district, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_admit_load_places(struct jl_district *district, struct jl_err *err);
/* In a write transaction: this file too gets what comes. JL_NOT_FOUND: no such file; JL_LIMIT: its
 * whole path is too long. */
JL_MUST_CHECK enum jl_rc jl_admit_add_place(struct jl_district *district, const char *path,
                                            struct jl_err *err);
/* In a write transaction: a device is in session with these books. */
JL_MUST_CHECK enum jl_rc jl_admit_serve(struct jl_district *district, struct jl_err *err);
/* After a commit that moved the log: bring the backups' up to date, as far as they can be reached.
 */
void jl_admit_mirror(struct jl_district *district);

/* ---- Numbers: server/books/office.c and device.c ---- */

/* The highest number that the books know. */
JL_MUST_CHECK enum jl_rc jl_district_highest(struct jl_district *district, enum jl_numbered what,
                                             uint32_t *out_highest, struct jl_err *err);
/* Was there an office with this number, that is deleted now? */
JL_MUST_CHECK enum jl_rc jl_district_office_was(struct jl_district *district, uint32_t number,
                                                bool *out_deleted, struct jl_err *err);
/* Make it, in an open write transaction. */
JL_MUST_CHECK enum jl_rc jl_district_office_make(struct jl_district *district, uint32_t number,
                                                 const char *code, const char *name,
                                                 struct jl_err *err);
/* May this office be deleted? JL_CONFLICT: it has PCs, has or had records, or is referred to, and
 * says which. */
JL_MUST_CHECK enum jl_rc jl_district_office_check_unused(struct jl_district *district,
                                                         const struct jl_row *row,
                                                         struct jl_err *err);
/* As jl_district_save, in an open write transaction; after an error it must be rolled back. Whether
 * an office's code is free, or an office unused, is the caller's to know. */
JL_MUST_CHECK enum jl_rc jl_district_save_open(struct jl_district *district,
                                               const struct jl_id *change_set,
                                               const struct jl_change *changes, size_t count,
                                               struct jl_err *err);

/* ---- Restore: server/books/readmit.c ---- */

/* The logs beside the backup and in the folder, put together into STAGED/admissions. *out_found
 * false: there is none. JL_CONFLICT: another district's; JL_CORRUPT: damaged. */
JL_MUST_CHECK enum jl_rc jl_readmit_stage(const char *staged, const char *folder,
                                          const char *backup, const struct jl_keys *keys,
                                          bool *out_found, struct jl_err *err);
/* In the transaction that makes restored books the district's: offices, devices and invitations as
 * the staged log has them; without one everything is locked. */
JL_MUST_CHECK enum jl_rc jl_readmit(struct jl_district *district, bool found, const char *backup,
                                    struct jl_err *err);

/* In the same transaction: every living account is locked until jl_district_accounts_confirm.
 * account.c */
JL_MUST_CHECK enum jl_rc jl_accounts_lock(struct jl_district *district, struct jl_err *err);

/* What an earlier program wrote and must not stay: done once, by ops of the district's own. Opens
 * its own transaction. Cost: one look; the first time a scan of staff and cases. upgrade.c */
JL_MUST_CHECK enum jl_rc jl_district_upgrade(struct jl_district *district, struct jl_err *err);

/* Somebody has decided about this device. *out_locked: until now the restore's lock was on it. In a
 * write transaction. */
JL_MUST_CHECK enum jl_rc jl_readmit_unlock(struct jl_district *district, uint32_t number,
                                           bool *out_locked, struct jl_err *err);

/* ---- One entry: sync.c ---- */

/* Fold one entry into the books; used by push, the own desk, release and replay. */
struct jl_accept {
    struct jl_entry_head head;
    uint32_t origin;
    const struct jl_push *push; /* ops of a BATCH, PART or RELEASE; none of the others */
    struct jl_bytes frame;      /* the body */
    const struct jl_held *refs; /* RELEASE: where each op was held, */
    const uint64_t *seqs;       /* … and its number there */
    const uint8_t *chain_hash;  /* of a device: its chain behind the last op of push */
    struct jl_bytes given;      /* head.rules is older than ours: the verdicts as they were given */
    int64_t now_ms;
    size_t upto;       /* replay: of push, so many ops were judged; 0: all */
    bool cuts;         /* district->slice is enough */
    size_t taken;      /* out: ops of push that were judged */
    bool echoed;       /* out: the author's feed got an entry that its device must read */
    uint64_t back_ops; /* out: ops that came back and were not here */
    bool progress;     /* out, RELEASE: at least one op waits no more; else nothing was written */
    struct jl_record_key *touched; /* out: records that were changed, in the arena */
    size_t touched_count;
};
JL_MUST_CHECK enum jl_rc jl_district_accept(struct jl_district *district, struct jl_accept *accept,
                                            struct jl_arena *arena,
                                            struct jl_verdict **out_verdicts, size_t *out_count,
                                            struct jl_err *err);
/* The same, and then what was held for the records that it touched. */
JL_MUST_CHECK enum jl_rc jl_district_take(struct jl_district *district, struct jl_accept *accept,
                                          struct jl_arena *arena, struct jl_verdict **out_verdicts,
                                          size_t *out_count, struct jl_err *err);
/* The head of an entry of the district's own, as of now. */
struct jl_entry_head jl_district_own_head(const struct jl_district *district,
                                          enum jl_entry_kind kind, int64_t now_ms);

/* ---- Held ops: holding.c ---- */

JL_MUST_CHECK enum jl_rc jl_holding_load(struct jl_district *district, struct jl_err *err);
/* Fold: a RESTORED entry opens, a CLOSED one closes. */
JL_MUST_CHECK enum jl_rc jl_holding_set(struct jl_district *district, uint64_t journal_seq,
                                        bool open, struct jl_err *err);
/* The books were restored: an entry that says so, with their epoch. Inside a transaction. */
JL_MUST_CHECK enum jl_rc jl_holding_open(struct jl_district *district, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_holding_release(struct jl_district *district,
                                            const struct jl_record_key *touched, size_t count,
                                            struct jl_err *err);

#endif
