/* One record, shown: for people, or as JSON.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_DESK_SHOW_H
#define JIELIAN_DESK_SHOW_H

#include "jielian/base/rc.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct jl_book_record;
struct jl_desk;
struct jl_id;
struct jl_type;

/* The JSON object of a record: "id", then every field that is not hidden by its name (null when it
 * has no value): text, numbers and bools as such, codes by label, dates "2021-01-05", money as text
 * in 元 ("12.50"), refs as id text; sensitive values masked. */
JL_MUST_CHECK enum jl_rc jl_show_json(struct jl_desk *desk, const struct jl_book_record *record,
                                      json_t **out_object, struct jl_err *err);

JL_MUST_CHECK enum jl_rc jl_show_record(struct jl_desk *desk, const struct jl_type *type,
                                        const struct jl_id *id, bool json, FILE *out,
                                        struct jl_err *err);

#endif
