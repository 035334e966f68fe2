/* Saying something: a code (say.h) with its arguments (argument.h), made where it is known. Whoever
 * reads it says it in the language and with the catalogue of the place where it is read, so that an
 * English desk reads English labels of what a Chinese desk was told.
 *
 *   writer                             wire, books              reader
 *   jl_saying_begin, jl_saying_put ──> code and arguments ──>   jl_remark_text ──> a sentence
 *
 * Pure.  Thread: any. */
#ifndef JIELIAN_MESSAGE_SAYING_H
#define JIELIAN_MESSAGE_SAYING_H

#include "jielian/message/argument.h"
#include "jielian/message/remark.h"
#include "jielian/message/say.h"

struct jl_saying { /* a code and its arguments, in place */
    uint32_t code; /* 0: nothing */
    uint16_t size;
    uint8_t arguments[JL_ARGUMENTS_MAX_BYTES];
};

void jl_saying_begin(struct jl_saying *saying, enum jl_say_code code);
/* A text that is too long is cut at a character. What the code has no place for is our mistake. */
void jl_saying_put(struct jl_saying *saying, const struct jl_argument *argument);
struct jl_remark jl_saying_remark(const struct jl_saying *saying);

#endif
