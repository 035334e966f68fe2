/* Small text tools of this library: trimming, and the narrow form in which codes are read.
 *
 * Narrow form: full-width letters, digits and signs become ASCII, all kinds of dash become '-', all
 * kinds of space become ' ', the ideographic full stop becomes '.'; other characters stay as they
 * are. A leading apostrophe and the ="…" wrapping of spreadsheets are taken off.
 * Thread: any. */
#ifndef JIELIAN_RECORD_TEXT_H
#define JIELIAN_RECORD_TEXT_H

#include "jielian/base/bytes.h"

enum { JL_NARROW_BYTES = 160 }; /* longer than any date, number, code or phone that people write */

struct jl_narrow {
    char text[JL_NARROW_BYTES]; /* NUL-terminated */
    size_t size;
};

/* false: too long for any coded value. */
bool jl_text_narrow(struct jl_bytes text, struct jl_narrow *out_narrow);
/* Take out every character of `drop` (ASCII). */
void jl_narrow_drop(struct jl_narrow *narrow, const char *drop);
void jl_narrow_upper(struct jl_narrow *narrow);
struct jl_bytes jl_narrow_bytes(const struct jl_narrow *narrow);
/* 1.1010519491231E+17: what a spreadsheet shows of a long number. */
bool jl_narrow_is_scientific(const struct jl_narrow *narrow);
/* Take a trailing ".0", ".00", … off a plain number; false when there is none. */
bool jl_narrow_drop_zero_decimals(struct jl_narrow *narrow);

/* Bytes of the longest prefix of text that has at most max_bytes and ends at a character. */
size_t jl_text_cut(struct jl_bytes text, size_t max_bytes);
/* The full-width form's ASCII twin, ' ' for spaces, '-' for dashes; other code points unchanged. */
uint32_t jl_code_point_narrow(uint32_t code_point);
bool jl_code_point_is_space(uint32_t code_point);
/* Marks without width that spreadsheets and web pages leave behind: BOM, zero-width space, … */
bool jl_code_point_is_invisible(uint32_t code_point);
/* Han characters as names use them: U+3007, U+3400–9FFF, U+F900–FAFF, U+20000 and up. */
bool jl_code_point_is_han(uint32_t code_point);

static inline bool jl_is_digit(char c) {
    return c >= '0' && c <= '9';
}
static inline bool jl_is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

#endif
