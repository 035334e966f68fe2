/* The history of a record, asked of the district.
 *
 * Thread: that of the office. */
#ifndef JIELIAN_CLIENT_ENGINE_HISTORY_ASK_H
#define JIELIAN_CLIENT_ENGINE_HISTORY_ASK_H

#include "jielian/base/rc.h"

#include <signal.h>
#include <stdbool.h>

struct jl_history;
struct jl_id;
struct jl_office;

/* What the district's journal has of a record of this office: also what was done elsewhere, and
 * before this PC joined. history: with desk and type. stop: a person ended it. *out_more: older
 * lines are left at the district. JL_BUSY: no answer; JL_DENIED: the district does not tell (it is
 * older, or this device is suspended); JL_NOT_FOUND: it has no such record. */
JL_MUST_CHECK enum jl_rc jl_history_ask(struct jl_office *office, const struct jl_id *id,
                                        const volatile sig_atomic_t *stop,
                                        struct jl_history *history, bool *out_more,
                                        struct jl_err *err);

#endif
