/* One case, as its commands read it. Shared by case.c and case_resolve.c only. */
#ifndef JIELIAN_LIB_COMMAND_CASE_H
#define JIELIAN_LIB_COMMAND_CASE_H

#include "jielian/command/desk_session.h"

/* Field numbers of the built-in type (lib/catalogue/built_in.c). */
enum {
    CASE_KIND = JL_CASE_KIND,
    CASE_SUBJECT_TYPE = JL_CASE_SUBJECT_TYPE,
    CASE_SUBJECT_ID = JL_CASE_SUBJECT_ID,
    CASE_TITLE = 4,
    CASE_DETAIL = JL_CASE_DETAIL,
    CASE_OPENED_ON = 6,
    CASE_STATUS = JL_CASE_STATUS,
    CASE_RESOLUTION = JL_CASE_RESOLUTION,
    CASE_RESOLVED_BY = JL_CASE_RESOLVED_BY,
    CASE_OTHER_ID = JL_CASE_OTHER_ID,
};
enum { CASE_OPEN = JL_CASE_OPEN, CASE_RESOLVED = JL_CASE_RESOLVED };

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
