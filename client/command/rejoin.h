/* Joining with a folder that has joined before.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_CLIENT_COMMAND_REJOIN_H
#define JIELIAN_CLIENT_COMMAND_REJOIN_H

#include "jielian/base/rc.h"

#include <stdbool.h>

struct jl_enrolment;
struct jl_runner;

/* `join` in a folder that has joined already, when the district does not know it any more: the same
 * keys enrol again, and the books go on with a new incarnation and the identity that the district
 * gives (rejoin.c). runner: locked, with a net; enrolment: invitation and times. *out_again
 * false: the first download is not finished and the district knows this PC: go on with that.
 * JL_CONFLICT: another district's or office's invitation, or there is nothing to do; JL_DENIED:
 * revoked, or the invitation is refused; JL_BUSY: no answer. Cut off anywhere, run it again. */
JL_MUST_CHECK enum jl_rc jl_rejoin(struct jl_runner *runner, struct jl_enrolment *enrolment,
                                   bool *out_again, struct jl_err *err);
/* Has an earlier try gone as far as asking the district? */
bool jl_rejoin_begun(const char *folder);

#endif
