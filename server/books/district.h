/* The district's books: one serial writer that judges ops, keeps feeds, sums and the journal.
 *
 * Inside one write transaction any number of batches are applied (group commit): the transaction's
 * commit is the moment at which every answer becomes true, so answers are sent only after it.
 *
 * What must hold after every commit:
 *   - an origin's last_seq and last_hash cover exactly the ops in the journal;
 *   - a feed holds each record that its office may see once, at its latest change; its sequence has
 *     no gaps but replaced entries; its sum counts exactly its live records;
 *   - folding the journal into an empty store gives the same sums (jl_district_verify).
 *
 * Thread: one; each thread and process opens its own (one writer at a time, by the store's lock).
 */
#ifndef JIELIAN_SERVER_DISTRICT_H
#define JIELIAN_SERVER_DISTRICT_H

#include "server/merge/merged.h"

#include "jielian/base/clock.h"
#include "jielian/books/books.h"
#include "jielian/books/deep.h"
#include "jielian/desk/desk.h"
#include "jielian/store/devices.h"
#include "jielian/sync/setsum.h"
#include "proto/wire.h"
#include "refusals.h"
#include "turn.h"
#include "unknown.h"

struct jl_feed_state { /* meta `feed<N>` */
    bool loaded, moved;
    uint64_t head;
    struct jl_setsum sum;
    /* How many records of each type it has, counted when its head was types_head; so a device that
     * asks for the first page again and again costs one count. */
    struct jl_type_count *types; /* owned; NULL: not counted */
    size_t type_count;
    uint64_t types_head;
};

struct jl_office_entry { /* from the office records */
    struct jl_id id;
    uint32_t number;
    char code[32];
    char name[128];
};

struct jl_district_state { /* meta `state`, `journal_ms` */
    uint8_t epoch[16];
    uint64_t journal_seq;
    uint8_t journal_hash[JL_HASH_BYTES];
    uint64_t own_seq; /* the district's own chain (origin 0) */
    uint8_t own_hash[JL_HASH_BYTES];
    uint8_t own_incarnation[16];
    int64_t journal_ms; /* the journal's time: the latest at_ms so far, 0: none. Never goes back */
    bool journal_ms_moved; /* not in the meta table yet */
};

struct jl_restored {      /* meta `restored` */
    int64_t at_ms;        /* 0: these books were never restored */
    int64_t last_ms;      /* when the newest change in the backup was received; 0: there is none */
    uint64_t journal_seq; /* entries of the backup */
};

struct jl_holding {        /* meta `holding`; a fold over the journal */
    uint64_t restored_seq; /* the newest entry that says the books were restored; 0: none */
    bool open;             /* it is not closed: ops that miss something are held */
    uint64_t held;         /* ops that wait */
};

struct jl_came_back { /* meta `back<device>`, since the last restore */
    bool heard;
    int64_t heard_ms; /* first Hello */
    uint64_t upto;    /* the lost books had confirmed the device's ops up to this number */
    uint64_t ops;     /* of these, the backup lacked so many and has them again */
};

struct jl_readmitted { /* meta `readmitted`: what the last restore took from the admission log */
    bool there;        /* false: these books were not restored, or by an earlier program */
    bool known;        /* false: there was no log, or an older one: everything was locked */
    uint64_t offices, devices; /* given out after the backup, here again */
    uint64_t revoked;          /* good in the backup, and revoked since */
    uint64_t locked, voided;   /* devices and invitations, for want of a log */
    int64_t until_ms;          /* its newest event; 0: there was no log */
};

enum { JL_PLACES_MAX = 4 }; /* backups whose admission logs are kept up to date */

struct jl_decisions;

enum { JL_NUMBER_MARKS = 64 };
struct jl_number_mark { /* the number of an origin's op `seq`; in memory only */
    uint32_t origin;
    uint64_t seq, number;
};

/* How much of a device's batch is judged at once: then what there is of it is a journal entry, and
 * other devices, and the district's own commands, have their turn. What is behind comes again: the
 * device is told how far it was taken. Written is as much time again, at most. */
enum {
    JL_SLICE_MS = 500, /* a batch of JL_BATCH_OPS_MAX ordinary ops takes half of it */
    /* Memory for what judging makes: cases hold what stands there, so ops of 13 kB can make 15 MiB
     * of them. */
    JL_SLICE_BYTES = 32 * 1024 * 1024,
};
struct jl_slice {
    int64_t ms;
    size_t bytes, ops;
};

struct jl_district {
    struct jl_books *books;
    struct jl_wire *wire;
    struct jl_signer *signer;
    struct jl_keys keys;
    struct jl_clock clock;
    struct jl_slice slice;
    struct jl_turn turn;
    struct jl_district_state state;
    struct jl_restored restored;
    struct jl_holding holding;
    bool stale; /* what follows and precedes could not be read: the next begin does */
    struct jl_feed_state *feeds[JL_OFFICES_MAX]; /* loaded when first needed */
    struct jl_arena table_arena;                 /* owns the three tables below */
    struct jl_device *devices;
    size_t device_count;
    struct jl_origin *origins;
    size_t origin_count;
    struct jl_office_entry *offices;
    size_t office_count;
    struct jl_merged merged; /* meta `merged`, loaded when first needed */
    bool merged_loaded, merged_moved;
    struct jl_decisions *decisions; /* about quarantined ops: server/quarantine/decision.c */
    struct jl_number_mark numbers[JL_NUMBER_MARKS]; /* by origin number, modulo */
    char places[JL_PLACES_MAX][JL_PATH_MAX_BYTES];  /* meta `places`, the last first: admit.c */
    size_t place_count;
    bool admissions_moved;   /* the log has new lines: the commit brings the backups' up to date */
    struct jl_bytes staff;   /* login at the district's own desk; borrowed */
    uint64_t entries_opened; /* of the journal, so far: what judging costs, counted */
    uint64_t case_bytes;     /* of cases that were written, so far: devices are charged for them */
    enum jl_language language; /* of that desk */
    char folder[JL_PATH_MAX_BYTES];
};

/* ---- Life ---- */

/* A new district in an empty or missing folder: keys, books, epoch. JL_CONFLICT if one is there. */
JL_MUST_CHECK enum jl_rc jl_district_create(const char *folder, struct jl_bytes passphrase,
                                            struct jl_err *err);

struct jl_district_options {
    enum jl_store_mode mode;
    struct jl_bytes passphrase;
    const struct jl_keys *keys; /* NULL: those that jl_keys_load finds for the folder */
    uint32_t cache_kib;
    struct jl_clock clock;
};
/* Codes as jl_keys_load and jl_books_open. JL_DENIED, to write: the books hold a catalogue that is
 * made for a newer program, by which alone changes can be judged; readers work. */
JL_MUST_CHECK enum jl_rc jl_district_open(const char *folder,
                                          const struct jl_district_options *options,
                                          struct jl_district **out_district, struct jl_err *err);
void jl_district_close(struct jl_district *district);
JL_DEFINE_AUTO_PTR(jl_district, jl_district_close)

/* Transactions; what another process committed meanwhile is read again first. JL_DENIED as
 * jl_district_open: another process has applied such a catalogue. */
JL_MUST_CHECK enum jl_rc jl_district_begin(struct jl_district *district, bool write,
                                           bool *out_changed, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_district_commit(struct jl_district *district, struct jl_err *err);
void jl_district_rollback(struct jl_district *district);

/* ---- Offices, invitations, devices (each a transaction of its own) ---- */

/* number NULL: a code that the admission log knows and the books have lost gets its old number
 * back, another the next one. Else that number: for an office that its PCs alone remember.
 * JL_CONFLICT: code or number is, or was, another office's; JL_LIMIT: no number is left;
 * JL_MISUSE: a code, name or number that can't be. */
JL_MUST_CHECK enum jl_rc jl_district_office_add(struct jl_district *district, const char *code,
                                                const char *name, const uint32_t *number,
                                                struct jl_err *err);
const struct jl_office_entry *jl_district_office(const struct jl_district *district,
                                                 uint32_t number);
const struct jl_office_entry *jl_district_office_coded(const struct jl_district *district,
                                                       const char *code);
/* The text of an invitation file: good for one device, until it expires. */
JL_MUST_CHECK enum jl_rc jl_district_invite(struct jl_district *district,
                                            const struct jl_office_entry *office,
                                            const char *endpoint, int64_t valid_ms,
                                            struct jl_buf *out_text, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_district_device_state(struct jl_district *district, uint32_t number,
                                                  enum jl_device_state state, struct jl_err *err);
/* Every device that a restore has locked, and nobody has decided about since, becomes active. */
JL_MUST_CHECK enum jl_rc jl_district_resume_all(struct jl_district *district, size_t *out_count,
                                                struct jl_err *err);
const struct jl_device *jl_district_device(const struct jl_district *district, uint32_t number);
/* By CURVE key: any state. NULL: not enrolled. */
const struct jl_device *jl_district_device_keyed(const struct jl_district *district,
                                                 const uint8_t curve_public[static 32]);

/* Inside an open write transaction: use an invitation. A key that is known and not revoked keeps
 * its number, so a PC may enrol again in the same folder; with its own key as invitation_public it
 * asks who it is. JL_DENIED with the reason for people; JL_MISUSE: keys of another suite than this
 * district's, jl_suite_needed says which. */
JL_MUST_CHECK enum jl_rc jl_district_enrol(struct jl_district *district,
                                           const uint8_t invitation_public[static 32],
                                           const struct jl_enrol *enrol,
                                           struct jl_enrolled *out_enrolled, struct jl_err *err);
/* Is this the key of an invitation that is unused and has not expired? (admission) */
JL_MUST_CHECK enum jl_rc jl_district_invited(struct jl_district *district,
                                             const uint8_t curve_public[static 32],
                                             bool *out_invited, struct jl_err *err);

/* ---- Sync: inside an open write transaction ---- */

/* JL_MISUSE, and for people which suite a program must know here. */
enum jl_rc jl_suite_needed(const struct jl_district *district, struct jl_err *err);

/* Note what a device says of itself; makes its origin when the incarnation is new. An origin that
 * never had an op gives its number to the device's next one. JL_CONFLICT: the incarnation is
 * another device's; refuse with JL_REFUSE_CHAIN. JL_MISUSE: the device's keys are of another suite
 * than this district's, or its program does not know it. Nothing changed. */
JL_MUST_CHECK enum jl_rc jl_district_hello(struct jl_district *district, uint32_t device,
                                           const struct jl_hello *hello,
                                           struct jl_welcome *out_welcome, uint32_t *out_origin,
                                           struct jl_err *err);

/* Judge a batch. frame: the message as received (it goes into the journal).
 * JL_OK        *out_verdicts lives in the arena; send it after the commit. Ops that were known are
 *              answered with the verdict they got; a gap is answered "resend from".
 * JL_CONFLICT  this chain is not the one we know: refuse with JL_REFUSE_CHAIN. Nothing changed.
 * JL_PROTO     signature or an op is wrong: refuse with JL_REFUSE_MALFORMED. Nothing changed.
 * others       roll the whole transaction back. */
JL_MUST_CHECK enum jl_rc jl_district_push(struct jl_district *district, uint32_t origin,
                                          const struct jl_push *push, struct jl_bytes frame,
                                          struct jl_arena *arena, struct jl_verdicts *out_verdicts,
                                          struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_district_proven(struct jl_district *district, uint32_t device,
                                            uint32_t origin, const struct jl_proof *proof,
                                            struct jl_err *err);
/* Count what was refused to a device (0: to strangers). One write, however many they were. */
JL_MUST_CHECK enum jl_rc jl_district_refused(struct jl_district *district, uint32_t device,
                                             const struct jl_refusals *more, struct jl_err *err);

/* Keep who called with a key that is not known. One write, however many they were. */
JL_MUST_CHECK enum jl_rc jl_district_called(struct jl_district *district,
                                            const struct jl_unknown *more, struct jl_err *err);

/* ---- Sync: inside an open read (or write) transaction ---- */

/* Keys that called and are not those of a device, the last one first. */
JL_MUST_CHECK enum jl_rc jl_district_unknown(struct jl_district *district,
                                             struct jl_unknown *out_unknown, struct jl_err *err);

/* How many pairs with records elsewhere ops of this office made today, by the district's clock. */
enum { JL_DOUBLES_A_DAY = 20 }; /* more is shown to operators: somebody may be trying numbers */
JL_MUST_CHECK enum jl_rc jl_district_doubles(struct jl_district *district, uint32_t office,
                                             uint64_t *out_count, struct jl_err *err);

JL_MUST_CHECK enum jl_rc jl_district_heads(struct jl_district *district, uint32_t office,
                                           uint64_t out_heads[static 2], struct jl_err *err);
/* One page for a device of `office` whose origin is `origin`. Everything lives in the arena. */
JL_MUST_CHECK enum jl_rc jl_district_page(struct jl_district *district, uint32_t office,
                                          uint32_t origin, const struct jl_pull *pull,
                                          struct jl_arena *arena, struct jl_page *out_page,
                                          struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_district_prove(struct jl_district *district, uint32_t office,
                                           const struct jl_proof *proof,
                                           struct jl_proved *out_proved, struct jl_err *err);
/* A turn of a deep proof, of up to `records` records: until deep->done, *out_proved is no answer
 * yet unless its result is other than identical. deep is zero at the first turn, and each turn may
 * be a transaction of its own: a feed that moves in between ends it as MOVED. Cost: deep.h. */
JL_MUST_CHECK enum jl_rc jl_district_prove_deep(struct jl_district *district, uint32_t office,
                                                const struct jl_proof *proof, size_t records,
                                                struct jl_deep *deep, struct jl_proved *out_proved,
                                                struct jl_err *err);
/* All that was ever refused to a device (0: to strangers). */
JL_MUST_CHECK enum jl_rc jl_district_refusals(struct jl_district *district, uint32_t device,
                                              struct jl_refusals *out_refusals, struct jl_err *err);
/* The answer to Ask: Buckets, Ids or a repair Page. Cost: one pass over the feed at most, whatever
 * the question names; memory of 300 bytes a part. */
JL_MUST_CHECK enum jl_rc jl_district_answer(struct jl_district *district, uint32_t office,
                                            const struct jl_ask *ask, struct jl_arena *arena,
                                            struct jl_message *out_message, struct jl_err *err);

/* ---- The district's own desk ---- */

/* A jl_save_fn: context is the district. Changes become ops of origin 0, in the journal like all.
 */
JL_MUST_CHECK enum jl_rc jl_district_save(void *context, const struct jl_id *change_set,
                                          const struct jl_change *changes, size_t count,
                                          struct jl_err *err);

/* A jl_merged_fn: context is the district. */
JL_MUST_CHECK enum jl_rc jl_district_merged_into(void *context, uint32_t type,
                                                 const struct jl_id *gone, struct jl_id *out_kept,
                                                 struct jl_err *err);
/* Which records were merged into which, inside an open transaction. */
JL_MUST_CHECK enum jl_rc jl_district_merged(struct jl_district *district,
                                            const struct jl_merged **out_merged,
                                            struct jl_err *err);

/* A case (转会需处理) for the office whose turn it is, for each step of a transfer that is overdue
 * and has none yet. `serve` does it when it starts and once a day, while its clock is trusted and a
 * device agrees with it: this call takes the clock as it is. Opens its own transactions. */
JL_MUST_CHECK enum jl_rc jl_district_overdue(struct jl_district *district, size_t *out_cases,
                                             struct jl_err *err);

/* One line of a record's history, oldest first. */
struct jl_history_line {
    uint64_t journal_seq;
    uint32_t device, office; /* 0: the district */
    int64_t received_ms;
    enum jl_verdict_code verdict;
    struct jl_op op;
};
typedef enum jl_rc (*jl_history_fn)(void *context, const struct jl_history_line *line,
                                    struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_district_history(struct jl_district *district, int64_t rid,
                                             jl_history_fn visit, void *context,
                                             struct jl_err *err);

/* ---- Care ---- */

struct jl_verify_result {
    uint64_t entries, ops;
    bool noted; /* `backup` will know of it: the folder could be written */
    bool same;  /* sums of every feed, and every content hash, are what the journal says */
    char difference[256];
};
/* Replay the journal into an empty store beside the books and compare (docs/design.md section 7).
 * The live books are only read. JL_CORRUPT: the journal's chain or a signature does not hold; names
 * the entry. */
JL_MUST_CHECK enum jl_rc jl_district_verify(struct jl_district *district,
                                            void (*progress)(uint64_t done, uint64_t total),
                                            struct jl_verify_result *out_result,
                                            struct jl_err *err);
/* What has come back from a device since the last restore. Inside any transaction. */
JL_MUST_CHECK enum jl_rc jl_district_came_back(struct jl_district *district, uint32_t device,
                                               struct jl_came_back *out_back, struct jl_err *err);
/* Nothing more is expected to come back: judge what is still held as it is. *out_judged: so many
 * were held. JL_CONFLICT: no restore is open. It is done in steps of 256 held ops, each a
 * transaction of its own, the first of which closes; cut off in between, a step that is called
 * later goes on. */
JL_MUST_CHECK enum jl_rc jl_district_close_restore(struct jl_district *district,
                                                   uint64_t *out_judged, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_district_close_step(struct jl_district *district, uint64_t *out_judged,
                                                struct jl_err *err);
/* Closed, but not all that was held is judged: there are steps left. `serve` does them, too. */
bool jl_district_closing(const struct jl_district *district);
/* backup: books, and beside them keys and admission log. restore: into a folder that is empty but
 * for an admission log, with a new epoch; cut off at any point it leaves no books that could be
 * taken for the restored ones, and can be done again. Both compare keys and books before they
 * write. JL_DENIED of restore: FILE.keys are another backup's, or their passphrase is needed or
 * wrong; JL_CONFLICT of backup: the key file is not the one any more by which these books were
 * opened. */
JL_MUST_CHECK enum jl_rc jl_district_backup(struct jl_district *district, const char *path,
                                            struct jl_err *err);
/* Are FILE.keys the keys of FILE? Nothing is written. */
JL_MUST_CHECK enum jl_rc jl_district_backup_check(const char *path, struct jl_bytes passphrase,
                                                  struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_district_restore(const char *folder, const char *path,
                                             struct jl_bytes passphrase, struct jl_err *err);
/* From now on the admission log beside this backup gets every event, while it can be reached; the
 * last JL_PLACES_MAX backups are remembered. Opens its own transaction. */
JL_MUST_CHECK enum jl_rc jl_district_backup_keep(struct jl_district *district, const char *path,
                                                 struct jl_err *err);
/* The newest event in the log at places[index]; 0: it can't be reached, or does not serve. */
JL_MUST_CHECK enum jl_rc jl_district_place(struct jl_district *district, size_t index,
                                           int64_t *out_until_ms, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_district_readmitted(struct jl_district *district,
                                                struct jl_readmitted *out_done, struct jl_err *err);

/* ---- Accounts: a restore locks all that are living (account.c) ---- */

/* How many people of other offices this office asked for today (transfer_ask), by the district's
 * clock. What is over the limit is kept, and not looked up. */
enum { JL_ASKS_A_DAY = 20 };
JL_MUST_CHECK enum jl_rc jl_district_asks(struct jl_district *district, uint32_t office,
                                          uint64_t *out_count, struct jl_err *err);

/* The verifier of an account's password, in these books alone: no office gets it. Opens its own
 * transaction. */
JL_MUST_CHECK enum jl_rc jl_district_account_keep(struct jl_district *district,
                                                  const struct jl_id *account,
                                                  struct jl_bytes verifier, struct jl_err *err);

/* Locked: whoever asks for a sign-in is refused until a person confirms the account. */
bool jl_district_account_locked(const struct jl_district *district,
                                const struct jl_book_record *account);
/* All of them, in the arena. Cost: a scan of the staff records. */
JL_MUST_CHECK enum jl_rc jl_district_accounts_locked(struct jl_district *district,
                                                     struct jl_arena *arena,
                                                     struct jl_book_record **out_accounts,
                                                     size_t *out_count, struct jl_err *err);
/* Unlock these, in a transaction of its own. JL_CONFLICT: one was changed since it was read. */
JL_MUST_CHECK enum jl_rc jl_district_accounts_confirm(struct jl_district *district,
                                                      const struct jl_book_record *accounts,
                                                      size_t count, struct jl_err *err);

#endif
