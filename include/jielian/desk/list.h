/* Lists of records: of one type, or of every type that are in one state.
 *
 * Each call opens its own transaction.  Thread: that of the books. */
#ifndef JIELIAN_DESK_LIST_H
#define JIELIAN_DESK_LIST_H

#include "jielian/base/rc.h"
#include "jielian/record/assignment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct jl_desk;
struct jl_type;

/* What has become of records; the table in list_state.c says where it is read. */
enum jl_list_state {
    JL_LIST_ANY =
        0, /* what is shown as ever: live ones, and those that the district has not taken */
    JL_LIST_UNSENT,
    JL_LIST_PARKED,
    JL_LIST_SET_ASIDE,
    JL_LIST_HELD,
    JL_LIST_CASE,
    JL_LIST_DELETED,
    JL_LIST_LEFT,
};
/* By the word of --state. JL_MISUSE names those that have a meaning in these books. */
JL_MUST_CHECK enum jl_rc jl_list_state_named(const struct jl_desk *desk, const char *word,
                                             enum jl_list_state *out_state, struct jl_err *err);
const char *jl_list_state_word(enum jl_list_state state); /* "" for JL_LIST_ANY */

struct jl_list_options {
    /* field=value, all must hold; "" means without a value; also office=CODE where the type has no
     * field of that name. Sealed fields can be filtered too. */
    const struct jl_assignment *filters;
    size_t filter_count;
    size_t limit; /* 0: no bound */
    bool json;
    enum jl_list_state state; /* only these, each with its reason; JSON: `state`, `reason` and its
                                 number `code` (message.h; null: none) beside the fields
                                 (`state_reason`, `state_code` where the type has such a field) */
};
JL_MUST_CHECK enum jl_rc jl_list_records(struct jl_desk *desk, const struct jl_type *type,
                                         const struct jl_list_options *options, FILE *out,
                                         struct jl_err *err);
/* Records of every type in options->state, which is neither ANY, DELETED nor LEFT (JL_MISUSE for
 * the last two); filters are ignored. JSON: an array of {"type", "label", "id", "title", "state",
 * "reason", "code", "record"}. */
JL_MUST_CHECK enum jl_rc jl_list_by_state(struct jl_desk *desk,
                                          const struct jl_list_options *options, FILE *out,
                                          struct jl_err *err);

#endif
