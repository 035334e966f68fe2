/* Why the books are not in sync, in words for people.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_CLIENT_COMMAND_CAUSE_H
#define JIELIAN_CLIENT_COMMAND_CAUSE_H

#include "client/engine/short_key.h"

#include "client/engine/engine.h"

struct jl_cli;

/* The district is of a suite that is not this folder's: what that is, and what to do. */
struct jl_suite_text {
    char text[256];
};
struct jl_suite_text jl_cause_suite(const struct jl_cli *cli, uint32_t number);

struct jl_cause {
    enum jl_engine_end end;
    const char *endpoint;
    size_t others;    /* endpoints beside this one that were tried in vain */
    int64_t since_ms; /* wall: when the district was last heard, or when waiting began */
    bool heard;
    uint32_t refused; /* enum jl_refuse_code */
    uint32_t version_needed;
    uint32_t suite_needed; /* 0: it is the version */
    const char *trouble;   /* may be NULL */
    struct jl_short_key key;
    uint64_t unsent;
};
/* One or two lines to stderr: the cause, and what to do next. */
void jl_cause_note(const struct jl_cli *cli, const struct jl_cause *cause);

#endif
