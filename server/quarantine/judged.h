/* Held ops about which something is decided, and that were judged already, under another
 * incarnation of their device.
 *
 * Thread: that of the district; inside an open transaction. */
#ifndef JIELIAN_SERVER_QUARANTINE_JUDGED_H
#define JIELIAN_SERVER_QUARANTINE_JUDGED_H

#include "server/books/decisions.h"

#include "jielian/crypto/hasher.h"

struct jl_held_decided { /* a held op about which something is decided */
    uint32_t origin;
    uint64_t seq;
    uint8_t hash[JL_HASH_BYTES]; /* of its bytes */
    enum jl_decision decision;
    uint64_t decided_at; /* journal entry */
};
/* One of them that was judged since, under another incarnation of the device: as decided, or for
 * good. *out_judged NULL: none. Sorts them. */
JL_MUST_CHECK enum jl_rc jl_judged_find(struct jl_district *district, uint32_t device,
                                        struct jl_held_decided *standing, size_t count,
                                        const struct jl_held_decided **out_judged,
                                        struct jl_err *err);

#endif
