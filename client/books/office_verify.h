/* Is what lies on this PC's disk whole, and if not, what is affected and what to do.
 *
 *   findings     tables that SQLite can't read, or that are not what their indexes say → rebuild
 *   rows         records whose content is not what their checksum says                 → sync
 *   sums         the sums over all records are not those of the records                → sync
 *   outbox       own changes that can't be read; they follow each other                → rebuild
 *
 *   deep         all whole, but the records are not the district's                     → rebuild
 *
 * Nothing is changed. Thread: any; the books are opened anew. */
#ifndef JIELIAN_CLIENT_BOOKS_OFFICE_VERIFY_H
#define JIELIAN_CLIENT_BOOKS_OFFICE_VERIFY_H

#include "salvage.h"

#include "jielian/desk/damage.h"
#include "jielian/sync/setsum.h"

struct jl_document;

enum jl_office_verify_next {
    JL_OFFICE_VERIFY_GOOD = 0,
    JL_OFFICE_VERIFY_SYNC,
    JL_OFFICE_VERIFY_REBUILD
};

struct jl_office_verify {
    struct jl_damage damage;
    bool opened; /* the rows could be read, and are counted: */
    struct jl_setsum sums[2];
    uint64_t rows; /* damaged ones */
    bool sums_same;
    struct jl_salvage salvage; /* the outbox */
    enum jl_deep_result deep;  /* NONE: not compared with the district; filled in by the caller */
    struct jl_arena arena;
};
void jl_office_verify_fini(struct jl_office_verify *verify);

/* Keys and outbox, the first thing to call. Codes of jl_keys_load and jl_salvage_read. */
JL_MUST_CHECK enum jl_rc jl_office_verify_read(const char *folder, struct jl_bytes passphrase,
                                               struct jl_office_verify *verify, struct jl_err *err);
/* Tables and rows. Damage is an answer here, not an error. Cost: reads everything. */
JL_MUST_CHECK enum jl_rc jl_office_verify_look(const char *folder, struct jl_bytes passphrase,
                                               enum jl_language language,
                                               struct jl_office_verify *verify, struct jl_err *err);
enum jl_office_verify_next jl_office_verify_next(const struct jl_office_verify *verify);

/* The document's members, into the open object; next: the command to type, NULL: none. */
void jl_office_verify_write(const struct jl_office_verify *verify, const char *folder,
                            const char *next, struct jl_document *document);

#endif
