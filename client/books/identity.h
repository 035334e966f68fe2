/* Who this PC is: what the district said when it was enrolled. It stands in the books, and beside
 * them in DIR/identity, without which even sound changes of damaged books have nowhere to go.
 *
 * Thread: one. */
#ifndef JIELIAN_CLIENT_BOOKS_IDENTITY_H
#define JIELIAN_CLIENT_BOOKS_IDENTITY_H

#include "jielian/base/rc.h"

struct jl_keys;
struct jl_store;

enum { JL_OFFICE_CODE_BYTES = 32 };
struct jl_identity {
    uint32_t device, office;
    char code[JL_OFFICE_CODE_BYTES];
    char name[128];
    char endpoint[256];
    uint8_t server_public[32];
};

/* identity.c */
JL_MUST_CHECK enum jl_rc jl_identity_put(struct jl_store *store, const struct jl_identity *identity,
                                         struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_identity_get(struct jl_store *store, struct jl_identity *out_identity,
                                         struct jl_err *err);

/* The identity beside the books, DIR/identity: who this PC is, without which even sound changes
 * have nowhere to go. keep writes only what is not there yet. */
JL_MUST_CHECK enum jl_rc jl_identity_keep(const char *folder, const struct jl_identity *identity,
                                          const struct jl_keys *keys, struct jl_err *err);
/* JL_DENIED: the file is of a PC with other keys. JL_NOT_FOUND, JL_CORRUPT. */
JL_MUST_CHECK enum jl_rc jl_identity_find(const char *folder, const struct jl_keys *keys,
                                          struct jl_identity *out_identity, struct jl_err *err);

#endif
