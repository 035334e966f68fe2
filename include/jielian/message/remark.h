/* What was said (saying.h), as it is stored and travels, and as a sentence in the reader's
 * language. A remark whose code, kind, field or code list the reader does not know can't be said;
 * then the text that came along stands.
 *
 * Pure.  Thread: any. */
#ifndef JIELIAN_MESSAGE_REMARK_H
#define JIELIAN_MESSAGE_REMARK_H

#include "jielian/base/bytes.h"
#include "jielian/base/language.h"
#include "jielian/catalogue/type.h"
#include "jielian/message/argument.h"

struct jl_buf;

enum {
    JL_REMARK_MAX_BYTES = JL_ARGUMENTS_MAX_BYTES + 5, /* with the code before them */
    JL_SENTENCE_MAX_BYTES = 1024,
};

struct jl_remark { /* the same, borrowed */
    uint32_t code;
    struct jl_bytes arguments;
};

/* As one blob: varint(code) arguments; nothing for code 0. Appends. */
JL_MUST_CHECK enum jl_rc jl_remark_encode(const struct jl_remark *said, struct jl_buf *out,
                                          struct jl_err *err);
/* Borrows. What is no such blob, or over its bound, is code 0: the text stands. */
struct jl_remark jl_remark_decode(struct jl_bytes bytes);

struct jl_listener {
    enum jl_language language;
    const struct jl_type *type;   /* of the record that is spoken of; NULL: not known here */
    const struct jl_field *field; /* known all the same, or NULL */
};
struct jl_sentence {
    char text[JL_SENTENCE_MAX_BYTES]; /* NUL-terminated */
    size_t size;
};
/* The sentence, made in *sentence; `text`, which came along, where it can't be said here. */
struct jl_bytes jl_remark_text(const struct jl_remark *said, struct jl_bytes text,
                               const struct jl_listener *listener, struct jl_sentence *sentence);

#endif
