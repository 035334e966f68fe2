/* A fault (jielian/base/fault.h) as a sentence in the reader's language: what, where, what next.
 *
 * Pure.  Thread: any. */
#ifndef JIELIAN_MESSAGE_FAULT_TEXT_H
#define JIELIAN_MESSAGE_FAULT_TEXT_H

#include "jielian/base/language.h"
#include "jielian/base/rc.h"

enum { JL_FAULT_TEXT_BYTES = 1280 };

/* Made in out_text and returned; never empty for a code other than JL_OK. What is too long is cut
 * at a character. Chinese for people, English for the log. */
const char *jl_fault_text(const struct jl_err *err, enum jl_language language,
                          char out_text[static JL_FAULT_TEXT_BYTES]);
/* The same in English as other programs get it beside the innermost code, where that travels: its
 * first place instead of its sentence, which they make themselves. */
const char *jl_fault_text_detail(const struct jl_err *err,
                                 char out_text[static JL_FAULT_TEXT_BYTES]);
/* The sentence of a code with its places {1} … {9} and {!}, the system's reason; NULL: not known.
 */
const char *jl_fault_text_of(uint32_t code, enum jl_language language);

#endif
