/* One case, as its commands read it. Shared by case.c and case_resolve.c only. */
#ifndef JIELIAN_LIB_COMMAND_CASE_H
#define JIELIAN_LIB_COMMAND_CASE_H

#include "jielian/command/desk_session.h"

/* Read from its record; strings live in the arena. */
struct jl_case {
    struct jl_book_record record;
    struct jl_id subject;
    uint32_t subject_type;
    int64_t kind, opened_on, status;
    const char *title;
    const char *other;       /* id of the possible duplicate; "": none */
    const char *resolution;  /* "" when open */
    const char *resolved_by; /* "" when open */
    json_t *detail;          /* server/judge/case.c; owned */
};
void jl_case_fini(struct jl_case *item);
/* The case that words[0] names, at an open session. */
JL_MUST_CHECK enum jl_rc jl_case_load(const struct jl_cli *cli, struct jl_desk_session *session,
                                      struct jl_arena *arena, struct jl_case *out_case,
                                      struct jl_err *err);

#endif
