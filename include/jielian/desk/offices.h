/* The offices, as the books' own records name them. Inside the caller's transaction.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_DESK_OFFICES_H
#define JIELIAN_DESK_OFFICES_H

#include "jielian/base/arena.h"
#include "jielian/base/id.h"
#include "jielian/base/language.h"

struct jl_books;

struct jl_desk_office {
    uint32_t number;
    struct jl_id id;
    const char *code;
    const char *name;
};
struct jl_offices {
    struct jl_desk_office *items; /* ascending by number */
    size_t count;
    struct jl_arena arena;
};
void jl_offices_fini(struct jl_offices *offices);
JL_MUST_CHECK enum jl_rc jl_offices_load(struct jl_books *books, struct jl_offices *out_offices,
                                         struct jl_err *err);
const struct jl_desk_office *jl_offices_numbered(const struct jl_offices *offices, uint32_t number);
const struct jl_desk_office *jl_offices_coded(const struct jl_offices *offices, const char *code);
/* The office's name, "区总工会" for 0. */
const char *jl_offices_name(const struct jl_offices *offices, uint32_t number,
                            enum jl_language language);

#endif
