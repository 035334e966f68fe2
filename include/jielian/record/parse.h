/* From what people write to stored values. Parsing converts, check.h judges.
 *
 * Pure.  Thread: any. */
#ifndef JIELIAN_RECORD_PARSE_H
#define JIELIAN_RECORD_PARSE_H

#include "jielian/base/bytes.h"

struct jl_arena;
struct jl_check_context;
struct jl_field;
struct jl_problems;
struct jl_value;

/* What a person or a spreadsheet wrote → the stored value, normalised (docs/domain.md section 2:
 * full width, dates in six forms, Excel serials, 万元, code labels, +86 …). Blank text gives a NULL
 * value. A REF takes an id in text form only (names are resolved by the caller, who knows the
 * records). Problems are added, not returned: with an error the value is NULL. JL_OK also with
 * problems; JL_NOMEM. Text in the value lives in the arena.
 * Parsing converts, jl_check_row judges: check digits, ranges and dates ahead are the check's. A
 * whole number from 20000 to 80000 is a date of the 1900 system; a file in the 1904 system must be
 * converted by its reader. Checking a row with the same list afterwards asks for no field twice. */
JL_MUST_CHECK enum jl_rc jl_parse_field(const struct jl_check_context *context,
                                        const struct jl_field *field, struct jl_bytes text,
                                        struct jl_arena *arena, struct jl_value *out_value,
                                        struct jl_problems *problems, struct jl_err *err);

#endif
