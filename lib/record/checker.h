/* One pass over one row: what the files of the check share. Inside lib/record only.  Thread: any.
 */
#ifndef JIELIAN_LIB_RECORD_CHECKER_H
#define JIELIAN_LIB_RECORD_CHECKER_H

#include "jielian/base/row.h"
#include "jielian/catalogue/type.h"
#include "jielian/message/say.h"
#include "jielian/record/check.h"

struct jl_checker {
    const struct jl_check_context *context;
    const struct jl_type *type;
    const struct jl_row *before; /* NULL: every field counts as touched */
    const struct jl_row *row;
    struct jl_problems *problems;
};

/* Does the edit change this field? */
bool jl_checker_touches(const struct jl_checker *checker, uint32_t field);
/* Say it of a field, with one word more (or NULL); an error becomes a warning when the edit does
 * not touch the field. */
void jl_checker_say(const struct jl_checker *checker, const struct jl_field *field,
                    enum jl_say_code code, const struct jl_argument *word);

enum {
    JL_DATE_MIN = 19250101,         /* the first union of the kind: nothing to record before */
    JL_TEXT_MAX_CHARACTERS = 20000, /* 64 KiB in characters of three bytes, as a round number */
};

#endif
