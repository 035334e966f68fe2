/* The district's books: one serial writer that judges ops, keeps feeds, sums and the journal.
 *
 * Inside one write transaction any number of batches are applied (group commit): the transaction's
 * commit is the moment at which every answer becomes true, so answers are sent only after it.
 *
 * What must hold after every commit:
 *   - an origin's last_seq and last_hash cover exactly the ops in the journal;
 *   - a feed holds each record that its office may see once, at its latest change; its sequence has
 *     no gaps but replaced entries; its sum counts exactly its live records;
 *   - folding the journal into an empty store gives the same sums (jl_verify_replay).
 *
 * Thread: one; each thread and process opens its own (one writer at a time, by the store's lock).
 */
#ifndef JIELIAN_SERVER_DISTRICT_H
#define JIELIAN_SERVER_DISTRICT_H

#include "accept.h"
#include "admit.h"
#include "feed_state.h"
#include "holding.h"
#include "merged.h"
#include "refusals.h"
#include "restored.h"
#include "roster.h"
#include "turn.h"
#include "unknown.h"

#include "proto/wire.h"

#include "jielian/base/clock.h"
#include "jielian/books/books.h"
#include "jielian/books/deep.h"
#include "jielian/desk/desk.h"
#include "jielian/store/devices.h"
#include "jielian/sync/setsum.h"

struct jl_signer;
struct jl_wire;

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

struct jl_decisions;

enum { JL_NUMBER_MARKS = 64 };
struct jl_number_mark { /* the number of an origin's op `seq`; in memory only */
    uint32_t origin;
    uint64_t seq, number;
};

/* How much of a device's batch is judged at once: then what there is of it is a journal entry, and
 * other devices, and the district's own commands, have their turn. What is behind comes again: the
 * device is notified how far it was taken. Written is as much time again, at most. */
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
    jl_judge_fn judge;
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
    struct jl_decisions *decisions;                 /* about quarantined ops: decisions.c */
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
    jl_judge_fn judge; /* NULL: nothing is written, nor verified */
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

/* ---- Sync: inside an open write transaction ---- */

/* JL_MISUSE, and for people which suite a program must know here. */
enum jl_rc jl_district_suite_needed(const struct jl_district *district, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_district_load_state(struct jl_district *district, struct jl_err *err);

#endif
