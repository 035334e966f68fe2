/* Write transactions that a failure has spoiled. */
#include "store.h"

#include "jielian/base/fault.h"
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
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL, "%s",
                           "writing needs a write transaction");
    }
    if (store->spoiled != JL_OK) {
        return jl_fault_at(err, store->spoiled, JL_FAULT_STORE_SPOILED, "%s", store->path);
    }
    return JL_OK;
}
