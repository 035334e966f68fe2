/* A record's history on a terminal and as JSON.
 *
 *   2026-11-22 14:02:07  wang.wei T01  edit  [applied]
 *       phone: 138****0001 → 139****0002
 *   2026-11-23 09:11:40  zhao district  merge ← 0190…-…  [applied]
 *
 * Thread: the main thread. */
#ifndef JIELIAN_COMMAND_HISTORY_PRINT_H
#define JIELIAN_COMMAND_HISTORY_PRINT_H

#include "jielian/base/rc.h"

struct jl_cli;
struct jl_history;

JL_MUST_CHECK enum jl_rc jl_history_print(const struct jl_cli *cli,
                                          const struct jl_history *history, struct jl_err *err);

#endif
