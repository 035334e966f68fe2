/* The narrow form in which codes are read: full-width letters, digits and signs become ASCII, all
 * kinds of dash become '-', all kinds of space become ' ', the ideographic full stop becomes '.';
 * other characters stay as they are. A leading apostrophe and the ="…" wrapping of spreadsheets are
 * taken off. Inside lib/record only.  Thread: any. */
#ifndef JIELIAN_LIB_RECORD_NARROW_H
#define JIELIAN_LIB_RECORD_NARROW_H

#include "jielian/base/bytes.h"

enum { JL_NARROW_BYTES = 160 }; /* longer than any date, number, code or phone that people write */

struct jl_narrow {
    char text[JL_NARROW_BYTES]; /* NUL-terminated */
    size_t size;
};

/* false: too long for any coded value. */
bool jl_narrow_text(struct jl_bytes text, struct jl_narrow *out_narrow);
/* Take out every character of `drop` (ASCII). */
void jl_narrow_drop(struct jl_narrow *narrow, const char *drop);
void jl_narrow_upper(struct jl_narrow *narrow);
struct jl_bytes jl_narrow_bytes(const struct jl_narrow *narrow);
/* 1.1010519491231E+17: what a spreadsheet shows of a long number. */
bool jl_narrow_is_scientific(const struct jl_narrow *narrow);
/* Take a trailing ".0", ".00", … off a plain number; false when there is none. */
bool jl_narrow_drop_zero_decimals(struct jl_narrow *narrow);

static inline bool jl_narrow_is_digit(char c) {
    return c >= '0' && c <= '9';
}
static inline bool jl_narrow_is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

#endif
