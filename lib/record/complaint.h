/* What a validation says, as a code with arguments (lib/message) and as text in the language of the
 * context.  Thread: any. */
#ifndef JIELIAN_LIB_RECORD_COMPLAINT_H
#define JIELIAN_LIB_RECORD_COMPLAINT_H

#include "jielian/base/bytes.h"
#include "jielian/catalogue/type.h"
#include "jielian/message/argument.h"
#include "jielian/message/say.h"
#include "jielian/record/check.h"

enum { JL_COMPLAINT_WORDS_MAX = JL_ARGUMENTS_MAX - 1 };

struct jl_complaint {
    enum jl_say_code code;
    const struct jl_type *type;   /* NULL: not known; the field is all that is spoken of */
    const struct jl_field *field; /* the first argument */
    struct jl_argument
        words[JL_COMPLAINT_WORDS_MAX]; /* those that the code has a place for are said */
    bool soften; /* an error becomes a warning: the edit did not touch this field */
};

void jl_complaint(const struct jl_check_context *context, struct jl_problems *problems,
                  const struct jl_complaint *say);
/* What was written into a field: cut to 24 characters, of a sensitive field nothing. Text behind it
 * is kept in `spare`. */
enum { JL_COMPLAINT_WRITTEN_BYTES = JL_ARGUMENT_TEXT_MAX_BYTES };
struct jl_argument jl_complaint_written(const struct jl_field *field, struct jl_bytes value,
                                        char spare[static JL_COMPLAINT_WRITTEN_BYTES]);
/* An error without further words, or with the value as written. */
void jl_complaint_field(const struct jl_check_context *context, struct jl_problems *problems,
                        const struct jl_field *field, enum jl_say_code code);
void jl_complaint_value(const struct jl_check_context *context, struct jl_problems *problems,
                        const struct jl_field *field, enum jl_say_code code, struct jl_bytes value);

#endif
