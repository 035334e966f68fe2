/* The office's books: local changes with their outbox, and what the district answers.
 *
 * Every local change commits the record, its op in the outbox, the set hash and the counters in one
 * transaction (docs/design.md section 4). Numbers:
 *
 *   pos   position in the outbox, 1.., never reused in this file
 *   seq   number of an op within the incarnation: pos − seq_base
 *
 * A record shows the district's row with the ops that have no verdict yet laid over it. The
 * district's row underneath (the base) is kept while such ops exist; no base means that the
 * district has no row.
 *
 * Thread: one; each process opens its own. Other processes may write the same file: every write
 * transaction begins by reading the state again if it moved. */
#ifndef JIELIAN_CLIENT_OFFICE_H
#define JIELIAN_CLIENT_OFFICE_H

#include "jielian/books/books.h"
#include "jielian/crypto/hasher.h"
#include "jielian/desk/desk.h"
#include "jielian/op/change.h"
#include "jielian/store/outbox.h"
#include "jielian/sync/cycles.h"
#include "jielian/sync/parts.h"
#include "jielian/sync/session.h"
#include "jielian/sync/setsum.h"

enum { JL_OFFICE_CODE_BYTES = 32 };
struct jl_identity {
    uint32_t device, office;
    char code[JL_OFFICE_CODE_BYTES];
    char name[128];
    char endpoint[256];
    uint8_t server_public[32];
};

enum { JL_TROUBLE_DIFFERENT = 100 }; /* repair did not bring both sides together */

struct jl_office_state {
    uint8_t incarnation[16];
    bool has_epoch;
    uint8_t epoch[16];
    uint64_t seq_base;      /* pos of seq 0 */
    uint64_t head_pos;      /* newest op */
    uint64_t confirmed_pos; /* newest op with a verdict */
    uint8_t head_hash[JL_HASH_BYTES];
    uint8_t confirmed_hash[JL_HASH_BYTES];
    uint64_t cursor[2];
    uint64_t repairs;
    int64_t proven_ms;                 /* the district's clock at the last proof; 0: never */
    uint64_t proven_pos;               /* what that proof covered: newest op, */
    uint64_t proven_cursor[2];         /* and both cursors */
    uint64_t proof_wanted, proof_done; /* `sync` asks the running process for a fresh proof */
    uint32_t trouble;                  /* enum jl_refuse_code of the last refusal, or
                                          JL_TROUBLE_DIFFERENT; 0: none */
    uint32_t phase;                    /* enum jl_session_phase as last told */
    uint32_t version_needed;
    uint32_t suite_needed; /* the district's cipher suite, where these keys are of another; or 0 */
    int64_t reread_ms;     /* the district's clock when all was last read anew; 0: never */
    uint64_t reread_to[2]; /* the cursors of then: up to there own changes are read, too */
    int64_t deep_ms;       /* the district's clock at the last deep proof; 0: never */
    uint32_t deep_result;  /* enum jl_deep_result: what it said */
    uint64_t deep_wanted, deep_done; /* as proof_wanted, for deep proofs */
};

struct jl_office {
    struct jl_books *books;
    struct jl_wire *wire;
    struct jl_signer *signer;
    struct jl_keys keys;
    struct jl_identity identity;
    struct jl_office_state state;
    struct jl_setsum sums[2]; /* feed 0, the office's feed */
    bool sum_moved[2];
    struct jl_clock clock;
    struct jl_bytes staff; /* login of who is at the desk; borrowed */
    char folder[JL_PATH_MAX_BYTES];
};

struct jl_office_options {
    enum jl_store_mode mode; /* READ or WRITE */
    struct jl_bytes passphrase;
    bool staged; /* open DIR/staged (bootstrapping) instead of DIR */
    uint32_t cache_kib;
    struct jl_clock clock;
};

/* JL_NOT_FOUND: neither keys nor books, or no books; others as jl_keys_load and jl_books_open. */
JL_MUST_CHECK enum jl_rc jl_office_open(const char *folder, const struct jl_office_options *options,
                                        struct jl_office **out_office, struct jl_err *err);
void jl_office_close(struct jl_office *office);
JL_DEFINE_AUTO_PTR(jl_office, jl_office_close)

/* Make the staged books of a freshly enrolled device: DIR/staged/jielian.db beside DIR/keys. */
JL_MUST_CHECK enum jl_rc jl_office_create(const char *folder, const struct jl_keys *keys,
                                          const struct jl_identity *identity, struct jl_err *err);
/* The staged books were proven: close and rename them into place (docs/design.md section 5). */
JL_MUST_CHECK enum jl_rc jl_office_settle(struct jl_office **take, struct jl_err *err);

/* Write transactions with the state kept in step; save_state writes what moved. */
JL_MUST_CHECK enum jl_rc jl_office_begin(struct jl_office *office, bool write, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_office_commit(struct jl_office *office, struct jl_err *err);
void jl_office_rollback(struct jl_office *office);

/* A jl_save_fn: context is the office. Local changes → records, ops, sums: one commit. */
JL_MUST_CHECK enum jl_rc jl_office_save(void *context, const struct jl_id *change_set,
                                        const struct jl_change *changes, size_t count,
                                        struct jl_err *err);

/* A jl_merged_fn: context is the office. It knows the merges that this PC made and keeps in its
 * outbox, if the district has not refused them. Inside a transaction. */
JL_MUST_CHECK enum jl_rc jl_office_merged(void *context, uint32_t type, const struct jl_id *gone,
                                          struct jl_id *out_kept, struct jl_err *err);
/* Does the district take merges from here, as it said last? Inside any transaction. */
JL_MUST_CHECK enum jl_rc jl_office_merges(struct jl_office *office, bool *out_merges,
                                          struct jl_err *err);

/* ---- Sending again what the district does not have ---- */

enum jl_resend_state { JL_RESEND_PARKED = 1, JL_RESEND_SET_ASIDE = 2 }; /* bits */

/* One record that is sent again, or is not. */
struct jl_resent {
    const struct jl_book_record *record; /* head.rid 0: it is not in these books; type and id are */
    enum jl_resend_state state;
    bool kept; /* the district's own to make again: it stays set aside */
};
typedef enum jl_rc (*jl_resent_fn)(void *context, const struct jl_resent *resent,
                                   struct jl_err *err);

struct jl_resend_options {
    unsigned states;
    const struct jl_id *ids; /* of records; only these */
    size_t id_count;         /* 0: all */
    struct jl_id change_set; /* of all ops together */
    const char *label;       /* of the change set, for people */
    bool dry_run;            /* the same calls of visit, nothing changed */
    jl_resent_fn visit;      /* inside the transaction: may read the books */
    void *context;
};

/* One transaction. A refused op goes out once more with what it said, and a record that the
 * district does not have as a whole create with what it holds now; the refused ops are then
 * superseded, so a second call finds nothing. Records that only the district can make (its own,
 * cases, another office's) are visited as kept. JL_MISUSE: dry_run is needed where the books are
 * open for reading. Cost: about what saving each change costs. */
JL_MUST_CHECK enum jl_rc jl_office_resend(struct jl_office *office,
                                          const struct jl_resend_options *options,
                                          struct jl_err *err);

/* ---- What the session needs (client/engine/engine.c and the simulator) ---- */

/* Are rows of this feed read once more, own changes and all? (jl_pull.echo) */
bool jl_office_rereads(const struct jl_office *office, uint32_t feed);
void jl_office_facts(const struct jl_office *office, struct jl_session_facts *out_facts);
/* seq numbers of this incarnation */
uint64_t jl_office_head_seq(const struct jl_office *office);
uint64_t jl_office_confirmed_seq(const struct jl_office *office);

JL_MUST_CHECK enum jl_rc jl_office_hello(struct jl_office *office, struct jl_hello *out_hello,
                                         struct jl_err *err);
/* Load a batch from first_seq and sign it. *out_next: the seq after its last op. JL_NOT_FOUND: no
 * such ops. The push borrows from the arena. */
JL_MUST_CHECK enum jl_rc jl_office_batch(struct jl_office *office, uint64_t first_seq,
                                         size_t max_bytes, struct jl_arena *arena,
                                         struct jl_push *out_push, uint64_t *out_next,
                                         struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_office_chain_is(struct jl_office *office, uint64_t seq,
                                            const uint8_t hash[static JL_HASH_BYTES],
                                            bool *out_same, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_office_new_incarnation(struct jl_office *office, struct jl_err *err);
/* The district has forgotten this device and has enrolled its keys again: its identity from now on,
 * and a new incarnation, in one transaction. The outbox is kept. */
JL_MUST_CHECK enum jl_rc jl_office_rejoin(struct jl_office *office,
                                          const struct jl_identity *identity, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_office_take_epoch(struct jl_office *office,
                                              const uint8_t epoch[static 16], uint64_t last_seq,
                                              struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_office_take_verdicts(struct jl_office *office,
                                                 const struct jl_verdicts *verdicts,
                                                 struct jl_err *err);
/* *out_taken false: the page is not the next one and was left alone. */
JL_MUST_CHECK enum jl_rc jl_office_take_page(struct jl_office *office, const struct jl_page *page,
                                             bool *out_taken, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_office_root(struct jl_office *office, uint8_t out_root[static 16],
                                        struct jl_err *err);
/* ---- Repair (docs/protocol.md, section 9): what it has found so far, between its questions ----
 */

enum {
    /* More than an eighth of all records missing or different: reading them anew takes fewer bytes
     * than finding each, and says that more is wrong here than a few rows. */
    JL_REREAD_SHARE = 8,
    JL_REREAD_LEAST_ROWS = 64,           /* fewer are repaired, however small the books are */
    JL_REREAD_GAP_MS = 24 * 3600 * 1000, /* once in so long; a second time a person looks */
};

struct jl_repair {
    uint32_t feed;
    int64_t wall_ms; /* the district's clock at the proof; the driver sets it */
    struct jl_part parts[JL_ASK_PARTS_MAX];
    size_t part_count;
    uint8_t hashes[JL_ASK_ROWS_MAX][JL_SHORT_SUM_BYTES]; /* of rows that we lack */
    size_t hash_count;
    uint64_t told_count; /* records that the district counts in this feed */
    double stands_for;   /* parts that each of `parts` stands for, where some were dropped */
    double missing;      /* rows that we lack, by that reckoning */
    /* Of a district that tells no parts. */
    uint8_t buckets[JL_BUCKETS];
    size_t bucket_count;
    struct jl_known known[JL_ASK_ROWS_MAX];
    size_t known_count;
};

/* The question of an ACTION_ASK_…; borrows from the repair. */
void jl_repair_ask(struct jl_repair *repair, const struct jl_action *action,
                   struct jl_ask *out_ask);
/* Buckets or Ids came: what to ask for next is in the repair. Records that only we have are set
 * aside as parked and counted as repairs. One transaction. Cost: one pass over the heads. */
JL_MUST_CHECK enum jl_rc jl_office_compare(struct jl_office *office, struct jl_repair *repair,
                                           const struct jl_message *message,
                                           struct jl_compared *out_compared, struct jl_err *err);
/* Read both feeds from the beginning, and note when (the district's clock). What is here stays in
 * use, and each row is replaced as it comes. Cut off anywhere, it goes on from its cursors. */
JL_MUST_CHECK enum jl_rc jl_office_reread(struct jl_office *office, int64_t wall_ms,
                                          struct jl_err *err);
/* ---- The deep proof (jielian/books/deep.h) ---- */

/* Somebody wants one, or none was made in this month of the district's clock. */
bool jl_office_deep_due(const struct jl_office *office, int64_t district_ms);
/* Both hashes over the rows as they are, in a transaction of its own. *out_same false: the store is
 * no longer what the facts say, and nothing was hashed. Cost: jl_deep_step's of all records. */
JL_MUST_CHECK enum jl_rc jl_office_deep(struct jl_office *office,
                                        const struct jl_session_facts *facts,
                                        struct jl_proof *proof, bool *out_same, struct jl_err *err);
/* The answer; wanted: deep_wanted when it was asked for. NONE: the district is too old to say. */
JL_MUST_CHECK enum jl_rc jl_office_deep_proven(struct jl_office *office, int64_t wall_ms,
                                               enum jl_deep_result result, uint64_t wanted,
                                               struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_office_proven(struct jl_office *office, int64_t wall_ms,
                                          struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_office_tell(struct jl_office *office, const struct jl_session *session,
                                        struct jl_err *err);
/* Recount both set hashes from the rows themselves, so that a damaged row shows at the next proof.
 */
JL_MUST_CHECK enum jl_rc jl_office_scrub(struct jl_office *office, uint64_t *out_damaged,
                                         struct jl_err *err);

/* ---- How it went before (past.c) ---- */

struct jl_past {
    enum jl_last_stop last_stop; /* how the program stopped that was at work before */
    bool begun;                  /* some program of this kind has worked on these books */
    bool at_work;                /* … and has not ended in order */
    struct jl_cycles cycles;
};
/* Inside any transaction; all zero when no program of this kind has worked on these books. */
JL_MUST_CHECK enum jl_rc jl_office_past(struct jl_office *office, struct jl_past *out_past,
                                        struct jl_err *err);
/* The program at work begins (it has the folder's lock), and keeps what it knows; its last call
 * says at_work false. A transaction and one sync of the disk each. */
JL_MUST_CHECK enum jl_rc jl_office_past_begin(struct jl_office *office, struct jl_past *out_past,
                                              struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_office_past_keep(struct jl_office *office, const struct jl_past *past,
                                             struct jl_err *err);

/* ---- What the district told of itself and of this office's PCs (about.c) ---- */

struct jl_office_pc {
    uint32_t device;
    uint32_t state; /* 1 active 2 suspended 3 revoked, or a later program's number */
    char name[JL_PC_NAME_MAX_BYTES + 1];
    int64_t last_seen_ms, proven_ms; /* the district's clock; 0: never */
    uint64_t unsent;
    char program[16]; /* "": not known */
};
struct jl_office_about {
    int64_t told_ms;  /* the district's clock; 0: it never told */
    uint32_t rules;   /* by which the district judges; 0: not said */
    char program[16]; /* the district's own; "": not said */
    char endpoints[JL_WELCOME_ENDPOINTS_MAX][JL_ENDPOINT_MAX_BYTES + 1];
    size_t endpoint_count;
    struct jl_office_pc pcs[JL_WELCOME_PCS_MAX];
    size_t pc_count;
};
/* A transaction and one sync of the disk; nothing when the Welcome tells nothing of it. endpoint:
 * the one that it came by. */
JL_MUST_CHECK enum jl_rc jl_office_about_keep(struct jl_office *office,
                                              const struct jl_welcome *welcome,
                                              const char *endpoint, struct jl_err *err);
/* Inside any transaction: the mark of what is kept, for Hello; 0: none. */
JL_MUST_CHECK enum jl_rc jl_office_told(struct jl_office *office, uint32_t *out_mark,
                                        struct jl_err *err);
/* Inside any transaction; all zero when it never told. */
JL_MUST_CHECK enum jl_rc jl_office_about(struct jl_office *office,
                                         struct jl_office_about *out_about, struct jl_err *err);

enum { JL_OFFICE_ENDPOINTS_MAX = 1 + JL_WELCOME_ENDPOINTS_MAX };
struct jl_office_endpoints {
    char texts[JL_OFFICE_ENDPOINTS_MAX][JL_ENDPOINT_MAX_BYTES + 1];
    const char *list[JL_OFFICE_ENDPOINTS_MAX]; /* of texts; do not copy the struct */
    size_t count;                              /* 1.. */
};
/* In the order in which to try them: the one that worked last if it still is among them, the one of
 * the invitation, those that the district announced. As told: whether they are endpoints is
 * lib/net's to see. Inside any transaction. */
JL_MUST_CHECK enum jl_rc jl_office_endpoints(struct jl_office *office,
                                             struct jl_office_endpoints *out_endpoints,
                                             struct jl_err *err);

/* ---- What a first download brings (expected.c) ---- */

struct jl_office_expected {
    bool told[2]; /* by feed: the district has said so; an older one does not */
    struct jl_type_count types[2 * JL_PAGE_TYPES_MAX]; /* feed 0, then the office's */
    size_t type_count;
    uint64_t records; /* of all types, as of the first page */
    uint64_t here;    /* records that the sums count now */
};
/* Inside the transaction that takes the page; only a first page says anything. */
JL_MUST_CHECK enum jl_rc jl_office_expect(struct jl_office *office, const struct jl_page *page,
                                          struct jl_err *err);
/* Inside any transaction. */
JL_MUST_CHECK enum jl_rc jl_office_expected(struct jl_office *office,
                                            struct jl_office_expected *out_expected,
                                            struct jl_err *err);

/* What this office's own record says its code is, in a transaction of its own; "": not here yet. */
JL_MUST_CHECK enum jl_rc jl_office_code(struct jl_office *office,
                                        char out_code[static JL_OFFICE_CODE_BYTES],
                                        struct jl_err *err);

/* Cost of counting: the open cases, the outbox by its index, one pass over the heads. */
struct jl_office_counts {
    uint64_t unsent;    /* ops without a verdict */
    uint64_t parked;    /* ops that the district refused, and nobody has sent again */
    uint64_t set_aside; /* records that only this PC has, put aside by repair */
    uint64_t held;      /* open cases of ops that wait for an earlier one: they close themselves */
    uint64_t cases;     /* open cases of any other kind */
    uint64_t oldest_unsent_s;
};
/* out is written on JL_OK only. Inside any transaction. */
JL_MUST_CHECK enum jl_rc jl_office_count(struct jl_office *office,
                                         struct jl_office_counts *out_counts, struct jl_err *err);
/* Parked, set aside, held or an open case: exit code 3 of `status` and `sync`. */
bool jl_office_needs_person(const struct jl_office_counts *counts);
/* The op behind an outbox entry, in the clear. */
JL_MUST_CHECK enum jl_rc jl_office_op(struct jl_office *office, const struct jl_outbox_entry *entry,
                                      struct jl_arena *arena, struct jl_op *out_op,
                                      struct jl_err *err);

#endif
