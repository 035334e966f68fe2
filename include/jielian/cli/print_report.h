/* Reports as tables for people.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_CLI_PRINT_REPORT_H
#define JIELIAN_CLI_PRINT_REPORT_H

#include "jielian/base/rc.h"

#include <jansson.h>
#include <stdio.h>

struct jl_report_options;

/* The same array as a table for people. */
JL_MUST_CHECK enum jl_rc jl_print_report(const json_t *figures,
                                         const struct jl_report_options *options, FILE *out,
                                         struct jl_err *err);

#endif
