/* A report as a table for people.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_COMMAND_REPORT_PRINT_H
#define JIELIAN_COMMAND_REPORT_PRINT_H

#include "jielian/base/language.h"
#include "jielian/base/rc.h"

#include <stdio.h>

struct jl_report;

/* One line per figure, one column per office or year when it is split. JL_IO. */
JL_MUST_CHECK enum jl_rc jl_report_print(const struct jl_report *report, enum jl_language language,
                                         FILE *out, struct jl_err *err);

#endif
