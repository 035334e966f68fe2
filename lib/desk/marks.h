/* The records in one state that does not show in their heads, each with its reason. Inside the
 * caller's transaction.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_LIB_DESK_MARKS_H
#define JIELIAN_LIB_DESK_MARKS_H

#include "jielian/base/arena.h"
#include "jielian/desk/list.h"

struct jl_desk;
struct jl_sentence;
struct jl_type;

struct jl_mark {
    int64_t rid;
    size_t place; /* in the order in which they were found */
    struct jl_bytes reason;
    struct jl_bytes said; /* the same as a code with arguments; may be empty */
};
struct jl_marks {
    struct jl_mark *items; /* ascending by rid, each once */
    size_t count;
    struct jl_arena arena;
};
void jl_marks_fini(struct jl_marks *marks);
/* JL_MISUSE: a state that is found in the heads. Cost: of what is in that state, not of the books.
 */
JL_MUST_CHECK enum jl_rc jl_marks_load(struct jl_desk *desk, enum jl_list_state state,
                                       struct jl_marks *out_marks, struct jl_err *err);
/* The reason in the desk's language; type: of the record. *out_code: its number, 0: none. mark may
 * be NULL. */
struct jl_bytes jl_mark_reason(const struct jl_desk *desk, const struct jl_mark *mark,
                               const struct jl_type *type, struct jl_sentence *sentence,
                               uint32_t *out_code);

#endif
