#include "turn.h"

#include "jielian/base/path.h"
#include "jielian/crypto/keys.h"

#include <time.h>

enum { TRIES = 50, NAP_NS = 1000 * 1000 };

static bool path_of(const char *folder, char out_path[static JL_PATH_MAX_BYTES]) {
    struct jl_err ignored;
    return jl_path_join(folder, "run.turn", out_path, JL_PATH_MAX_BYTES, &ignored) == JL_OK;
}

void jl_turn_ask(struct jl_turn *turn, const char *folder) {
    char path[JL_PATH_MAX_BYTES];
    struct jl_err ignored;
    if (!turn->asks || turn->lock.fd > 0 || !path_of(folder, path)) {
        return;
    }
    /* `serve` holds it for the moment of a look. */
    for (int i = 0; i < TRIES && jl_file_share(path, &turn->lock, &ignored) == JL_BUSY; i++) {
        (void)nanosleep(&(struct timespec){.tv_nsec = NAP_NS}, NULL);
    }
}

void jl_turn_done(struct jl_turn *turn) {
    if (turn->lock.fd > 0) {
        jl_file_unlock(&turn->lock);
    }
}

bool jl_turn_is_asked(const char *folder) {
    char path[JL_PATH_MAX_BYTES];
    struct jl_file_lock look = {.fd = -1};
    struct jl_err ignored;
    if (!path_of(folder, path) || !jl_file_exists(path)) {
        return false;
    }
    enum jl_rc rc = jl_file_lock(path, &look, &ignored);
    jl_file_unlock(&look);
    return rc == JL_BUSY;
}
