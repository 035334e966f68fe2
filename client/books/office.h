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

#include "identity.h"
#include "office_state.h"

#include "jielian/books/books.h"
#include "jielian/crypto/hasher.h"
#include "jielian/desk/desk.h"
#include "jielian/op/change.h"
#include "jielian/store/outbox.h"
#include "jielian/sync/cycles.h"
#include "jielian/sync/parts.h"
#include "jielian/sync/session.h"
#include "jielian/sync/setsum.h"

struct jl_signer;
struct jl_wire;

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

/* A jl_merged_fn: context is the office. It knows the merges that this PC made and keeps in its
 * outbox, if the district has not refused them. Inside a transaction. */
JL_MUST_CHECK enum jl_rc jl_office_merged(void *context, uint32_t type, const struct jl_id *gone,
                                          struct jl_id *out_kept, struct jl_err *err);
/* Does the district take merges from here, as it said last? Inside any transaction. */
JL_MUST_CHECK enum jl_rc jl_office_merges(struct jl_office *office, bool *out_merges,
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
JL_MUST_CHECK enum jl_rc jl_office_new_incarnation(struct jl_office *office, struct jl_err *err);
/* The district has forgotten this device and has enrolled its keys again: its identity from now on,
 * and a new incarnation, in one transaction. The outbox is kept. */
JL_MUST_CHECK enum jl_rc jl_office_rejoin(struct jl_office *office,
                                          const struct jl_identity *identity, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_office_take_epoch(struct jl_office *office,
                                              const uint8_t epoch[static 16], uint64_t last_seq,
                                              struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_office_root(struct jl_office *office, uint8_t out_root[static 16],
                                        struct jl_err *err);
/* ---- Repair (docs/protocol.md, section 9): what it has found so far, between its questions ----
 */

enum {
    JL_REREAD_LEAST_ROWS = 64,           /* fewer are repaired, however small the books are */
    JL_REREAD_GAP_MS = 24 * 3600 * 1000, /* once in so long; a second time a person looks */
};

/* ---- The deep proof (jielian/books/deep.h) ---- */

JL_MUST_CHECK enum jl_rc jl_office_proven(struct jl_office *office, int64_t wall_ms,
                                          struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_office_tell(struct jl_office *office, const struct jl_session *session,
                                        struct jl_err *err);
/* Recount both set hashes from the rows themselves, so that a damaged row shows at the next proof.
 */
JL_MUST_CHECK enum jl_rc jl_office_scrub(struct jl_office *office, uint64_t *out_damaged,
                                         struct jl_err *err);

/* ---- What a first download brings (office_expected.c) ---- */

/* What this office's own record says its code is, in a transaction of its own; "": not here yet. */
JL_MUST_CHECK enum jl_rc jl_office_code(struct jl_office *office,
                                        char out_code[static JL_OFFICE_CODE_BYTES],
                                        struct jl_err *err);
static inline unsigned jl_office_feed(const struct jl_row *row) {
    return row->owner == 0 ? 0 : 1;
}
/* Move the sums from what a record counted for to what it counts for now. */
void jl_office_recount(struct jl_office *office, const struct jl_head *before,
                       const struct jl_head *after);
static inline bool jl_office_pending(const struct jl_office *office, const struct jl_head *head) {
    return head->rid != 0 && head->last > office->state.confirmed_pos;
}

#endif
