/* Records on a terminal and as JSON: a list, what was found, one alone.
 *
 * Thread: the main thread. No transaction is open while something is printed. */
#ifndef JIELIAN_LIB_COMMAND_RECORD_PRINT_H
#define JIELIAN_LIB_COMMAND_RECORD_PRINT_H

#include "jielian/base/rc.h"

struct jl_cli;
struct jl_desk;
struct jl_found;
struct jl_list;
struct jl_shown;

enum { JL_RECORD_PRINT_FIELDS = 9 }; /* of a list: what fits a wide terminal */

/* To the end of the list, page by page. */
JL_MUST_CHECK enum jl_rc jl_record_print_list(const struct jl_cli *cli, const struct jl_desk *desk,
                                              struct jl_list *list, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_record_print_found(const struct jl_cli *cli, const struct jl_desk *desk,
                                               const struct jl_found *found, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_record_print_shown(const struct jl_cli *cli, const struct jl_desk *desk,
                                               const struct jl_shown *shown, struct jl_err *err);

#endif
