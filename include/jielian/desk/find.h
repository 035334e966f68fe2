/* Finding records by what a person remembers of them.
 *
 * Opens its own transaction.  Thread: that of the books. */
#ifndef JIELIAN_DESK_FIND_H
#define JIELIAN_DESK_FIND_H

#include "jielian/base/rc.h"

#include <stddef.h>

struct jl_arena;
struct jl_desk;
struct jl_list_row;

struct jl_found {
    const struct jl_list_row *rows; /* of every type: with label and title (list.h) */
    size_t count;
};

/* By name, pinyin, initials, ID number, phone, title: every type. limit 0: 200. Everything is in
 * the arena. */
JL_MUST_CHECK enum jl_rc jl_find_records(struct jl_desk *desk, const char *text, size_t limit,
                                         struct jl_arena *arena, struct jl_found *out_found,
                                         struct jl_err *err);

#endif
