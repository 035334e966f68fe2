/* Finding records by what a person remembers of them.
 *
 * Opens its own transaction.  Thread: that of the books. */
#ifndef JIELIAN_DESK_FIND_H
#define JIELIAN_DESK_FIND_H

#include "jielian/base/rc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct jl_desk;

/* By name, pinyin, initials, ID number, phone, title: every type. JSON: an array of {"type",
 * "label", "id", "title", "record"}, the record as jl_show_json makes it. limit 0: 200. */
JL_MUST_CHECK enum jl_rc jl_find_records(struct jl_desk *desk, const char *text, size_t limit,
                                         bool json, FILE *out, struct jl_err *err);

#endif
