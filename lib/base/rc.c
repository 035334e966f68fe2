#include "jielian/base/rc.h"

static const char *const rc_names[] = {
    [JL_OK] = "ok",
    [JL_BUSY] = "busy",
    [JL_NOMEM] = "no_memory",
    [JL_IO] = "io",
    [JL_CORRUPT] = "corrupt",
    [JL_PROTO] = "protocol",
    [JL_DENIED] = "denied",
    [JL_LIMIT] = "limit",
    [JL_CONFLICT] = "conflict",
    [JL_NOT_FOUND] = "not_found",
    [JL_MISUSE] = "misuse",
};

const char *jl_rc_name(enum jl_rc rc) {
    if ((unsigned)rc >= sizeof rc_names / sizeof rc_names[0]) {
        return "unknown";
    }
    return rc_names[rc];
}
