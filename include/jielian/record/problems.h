/* What is wrong with a record, as data. A problem's text is for a clerk: Chinese or English, it
 * names the label of the field and what to do, and never repeats a sensitive value.
 *
 * Pure.  Thread: a list belongs to one. */
#ifndef JIELIAN_RECORD_PROBLEMS_H
#define JIELIAN_RECORD_PROBLEMS_H

#include "jielian/base/rc.h"
#include "jielian/message/saying.h"

enum {
    JL_PROBLEM_TEXT_BYTES = 256,
    JL_PROBLEMS_MAX = 32, /* per record; what is beyond is counted */
};

enum jl_severity { JL_PROBLEM_ERROR = 1, JL_PROBLEM_WARNING };
struct jl_problem {
    enum jl_severity severity;
    uint32_t field; /* 0: the whole record */
    char text[JL_PROBLEM_TEXT_BYTES];
    struct jl_saying saying; /* the same for other desks; code 0: the text is all there is */
};

struct jl_problems {
    struct jl_problem items[JL_PROBLEMS_MAX];
    size_t count;
    size_t dropped;
    size_t errors; /* of all, dropped ones too */
};

void jl_problems_reset(struct jl_problems *problems);
/* One with the code of a fault and its places (jielian/base/fault.h), for this desk alone. */
void jl_problem_add(struct jl_problems *problems, enum jl_severity severity, uint32_t field,
                    enum jl_language language, uint32_t code, const char *places, ...)
    JL_PRINTF(6, 7);
/* One with a code that travels; its text is made for the listener. */
void jl_problem_say(struct jl_problems *problems, enum jl_severity severity, uint32_t field,
                    const struct jl_saying *saying, const struct jl_listener *listener);
/* One of another list, as it is. */
void jl_problem_copy(struct jl_problems *problems, const struct jl_problem *problem);
/* How many are errors that touch this field (0: any field). */
bool jl_problems_has_error(const struct jl_problems *problems, uint32_t field);

#endif
