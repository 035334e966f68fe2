/* Why an op is not taken: a code with its arguments, or a person's own words.
 *
 * Thread: values; any. */
#ifndef JIELIAN_SERVER_JUDGE_REASON_H
#define JIELIAN_SERVER_JUDGE_REASON_H

#include "jielian/message/remark.h"
#include "jielian/message/say.h"

/* Why an op is not taken. */
struct jl_reason {
    struct jl_remark said; /* code 0: a person's own words */
    const char *text;      /* in Chinese; NULL: the code has no places, its sentence is all of it */
};
/* That of a code without places, for the length of a call. */
#define JL_REASON(number) (&(struct jl_reason){.said = {.code = (uint32_t)(number)}})
/* In Chinese; NULL for NULL. */
const char *jl_reason_text(const struct jl_reason *reason);
static inline struct jl_remark jl_reason_remark(const struct jl_reason *reason) {
    return reason != NULL ? reason->said : (struct jl_remark){.code = JL_SAY_NOTHING};
}

#endif
