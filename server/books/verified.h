/* How far the journal was replayed with success: DIR/verified, one line
 *
 *   jielian verified v1 seq=N journal=<64 hex: J[N]> at=<ms since 1970>
 *
 * beside the books, for `verify` only reads them. It counts only while the journal still has that
 * hash at that entry, so a file of other books, or of books before a restore, says nothing.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_VERIFIED_H
#define JIELIAN_SERVER_VERIFIED_H

#include "district.h"

struct jl_verified {
    uint64_t journal_seq; /* 0: never, or what is noted is of another journal */
    uint8_t journal_hash[JL_HASH_BYTES];
    int64_t at_ms;
};

/* Codes as jl_file_write. */
JL_MUST_CHECK enum jl_rc jl_verified_put(const struct jl_district *district,
                                         const struct jl_verified *verified, struct jl_err *err);
/* Inside an open transaction. A file that can't be read as such counts as none. */
JL_MUST_CHECK enum jl_rc jl_verified_get(struct jl_district *district,
                                         struct jl_verified *out_verified, struct jl_err *err);

#endif
