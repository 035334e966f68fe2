/* Write transactions that a failure has spoiled. */
#include "store.h"

#include "jielian/base/rc.h"

#include <string.h>

enum jl_rc jl_store_spoil(struct jl_store *store, enum jl_rc rc) {
    if (store->tx == JL_TX_WRITE && store->spoiled == JL_OK) {
        store->spoiled = rc;
    }
    return rc;
}

enum jl_rc jl_store_writable(const struct jl_store *store, struct jl_err *err) {
    if (store->tx != JL_TX_WRITE) {
        return jl_fail(err, JL_MISUSE, "%s: writing needs a write transaction: begin one first",
                       store->path);
    }
    if (store->spoiled != JL_OK) {
        return jl_fail(err, store->spoiled,
                       "%s: an earlier step of this transaction failed: roll back and try again",
                       store->path);
    }
    return JL_OK;
}
