/* What a validation says, as a code with arguments (lib/message) and as text in the language of the
 * context.  Thread: any. */
#ifndef JIELIAN_RECORD_MESSAGES_H
#define JIELIAN_RECORD_MESSAGES_H

#include "jielian/record/record.h"

enum { JL_SAY_WORDS_MAX = JL_ARGUMENTS_MAX - 1 };

struct jl_say {
    enum jl_say_code code;
    const struct jl_type *type;   /* NULL: not known; the field is all that is spoken of */
    const struct jl_field *field; /* the first argument */
    struct jl_argument words[JL_SAY_WORDS_MAX]; /* those that the code has a place for are said */
    bool soften; /* an error becomes a warning: the edit did not touch this field */
};

void jl_say(const struct jl_check_context *context, struct jl_problems *problems,
            const struct jl_say *say);
/* What was written into a field: cut to 24 characters, of a sensitive field nothing. Text behind it
 * is kept in `spare`. */
enum { JL_WRITTEN_BYTES = JL_ARGUMENT_TEXT_MAX_BYTES };
struct jl_argument jl_say_written(const struct jl_field *field, struct jl_bytes value,
                                  char spare[static JL_WRITTEN_BYTES]);
/* An error without further words, or with the value as written. */
void jl_say_field(const struct jl_check_context *context, struct jl_problems *problems,
                  const struct jl_field *field, enum jl_say_code code);
void jl_say_value(const struct jl_check_context *context, struct jl_problems *problems,
                  const struct jl_field *field, enum jl_say_code code, struct jl_bytes value);

#endif
