/* Plain: what the disk and SQLite can do with the same rows.
 *
 * The rows that a measured path has written are read from its finished books into memory. Then a
 * bare loop inserts them into a fresh file with the same tables and indexes (the CREATE statements
 * are copied), record by record in the order in which they were made: head, cells, search words and
 * what else the path keeps of the record. Settings: 8 KiB pages, 256 MiB of cache, WAL,
 * synchronous=FULL, one transaction for 20,000 records. The clock runs from BEGIN until the file is
 * closed and its WAL folded in; reading, preparing and CREATE are not counted. The faster of two
 * runs counts.
 *
 * So plain parses, checks, seals, hashes, chains, signs and sends nothing: it is the bound that the
 * programs can come close to and not pass. */
#ifndef JIELIAN_TESTS_BENCH_PLAIN_H
#define JIELIAN_TESTS_BENCH_PLAIN_H

#include "bench.h"

/* Which tables besides record, word and the tables of the types. */
enum plain_kind {
    PLAIN_FRESH = 0, /* nothing more: a fresh device */
    PLAIN_OFFICE,    /* outbox */
    PLAIN_DISTRICT,  /* feed, history, journal */
};

/* Where a store stands, to tell later what is new in it. */
struct plain_mark {
    int64_t rid;
    int64_t journal;
};

struct plain_result {
    uint64_t records, rows; /* rows of all tables */
    double seconds;
};

/* folder holds jielian.db. */
void plain_mark(const char *folder, struct plain_mark *out_mark);
/* Insert again what came after the mark. */
void plain_run(const struct bench *bench, const char *folder, enum plain_kind kind,
               const struct plain_mark *after, struct plain_result *out_result);

#endif
