/* How it went before: the last cycles, and how the program stopped that was at work before.
 *
 * Thread: that of the office. */
#ifndef JIELIAN_CLIENT_BOOKS_OFFICE_PAST_H
#define JIELIAN_CLIENT_BOOKS_OFFICE_PAST_H

#include "jielian/base/rc.h"
#include "jielian/sync/cycles.h"

struct jl_office;

struct jl_past {
    enum jl_last_stop last_stop; /* how the program stopped that was at work before */
    bool begun;                  /* some program of this kind has worked on these books */
    bool at_work;                /* … and has not ended in order */
    struct jl_cycles cycles;
};
/* Inside any transaction; all zero when no program of this kind has worked on these books. */
JL_MUST_CHECK enum jl_rc jl_office_past(struct jl_office *office, struct jl_past *out_past,
                                        struct jl_err *err);
/* The program at work begins (it has the folder's lock), and keeps what it knows; its last call
 * says at_work false. A transaction and one sync of the disk each. */
JL_MUST_CHECK enum jl_rc jl_office_past_begin(struct jl_office *office, struct jl_past *out_past,
                                              struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_office_past_keep(struct jl_office *office, const struct jl_past *past,
                                             struct jl_err *err);

#endif
