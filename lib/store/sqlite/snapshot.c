/* One state for reads of more than one statement. */
#include "snapshot.h"
#include "store.h"

#include "jielian/base/rc.h"
#include "jielian/store/store.h"

#include <string.h>

void jl_snapshot_fini(struct jl_snapshot *snapshot) {
    if (snapshot != NULL && snapshot->store != NULL) {
        /* A commit, for it lets a visitor's open read go on; nothing was written, so nothing is
         * lost should it fail. */
        struct jl_err ignored;
        if (jl_store_commit(snapshot->store, &ignored) != JL_OK) {
            jl_store_rollback(snapshot->store);
        }
        snapshot->store = NULL;
    }
}

enum jl_rc jl_snapshot_take(struct jl_store *store, struct jl_snapshot *out_snapshot,
                            struct jl_err *err) {
    out_snapshot->store = NULL;
    if (store->tx != JL_TX_NONE) {
        return JL_OK;
    }
    enum jl_rc rc = jl_store_begin(store, false, err);
    if (rc == JL_OK) {
        out_snapshot->store = store;
    }
    return rc;
}
