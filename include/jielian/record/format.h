/* Stored values as people read them.
 *
 * Pure.  Thread: any. */
#ifndef JIELIAN_RECORD_FORMAT_H
#define JIELIAN_RECORD_FORMAT_H

#include "jielian/base/language.h"
#include "jielian/base/rc.h"

struct jl_buf;
struct jl_field;
struct jl_row;
struct jl_type;
struct jl_value;

/* The value as forms, exports and --json show it: codes by label, dates 2021-01-05, months 2021-01,
 * money in 元 with two decimals, bools 是/否 (yes/no), refs as id text. Appends. */
JL_MUST_CHECK enum jl_rc jl_format_field(const struct jl_field *field, const struct jl_value *value,
                                         enum jl_language language, struct jl_buf *out,
                                         struct jl_err *err);
/* The same, masked when the field is sensitive: 330106********0071, 138****1234, others 第一字+**.
 */
JL_MUST_CHECK enum jl_rc jl_format_masked(const struct jl_field *field,
                                          const struct jl_value *value, enum jl_language language,
                                          struct jl_buf *out, struct jl_err *err);

/* The record's title from the title fields (unmasked fields only; sensitive ones are left out, and
 * so are references, whose titles only the caller knows). The type's label when nothing is left. */
JL_MUST_CHECK enum jl_rc jl_format_title(const struct jl_type *type, const struct jl_row *row,
                                         enum jl_language language, struct jl_buf *out,
                                         struct jl_err *err);

#endif
