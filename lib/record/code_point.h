/* Kinds of characters. Inside lib/record only.  Thread: any. */
#ifndef JIELIAN_LIB_RECORD_CODE_POINT_H
#define JIELIAN_LIB_RECORD_CODE_POINT_H

#include <stdbool.h>
#include <stdint.h>

/* The full-width form's ASCII twin, ' ' for spaces, '-' for dashes; other code points unchanged. */
uint32_t jl_code_point_narrow(uint32_t code_point);
bool jl_code_point_is_space(uint32_t code_point);
/* Marks without width that spreadsheets and web pages leave behind: BOM, zero-width space, … */
bool jl_code_point_is_invisible(uint32_t code_point);
/* Han characters as names use them: U+3007, U+3400–9FFF, U+F900–FAFF, U+20000 and up. */
bool jl_code_point_is_han(uint32_t code_point);

#endif
