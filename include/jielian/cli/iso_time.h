/* Times as JSON has them.
 *
 * Thread: any. */
#ifndef JIELIAN_CLI_ISO_TIME_H
#define JIELIAN_CLI_ISO_TIME_H

#include <stdint.h>

/* "2026-11-22T14:02:07+08:00" */
enum { JL_ISO_TIME_BYTES = 32 };
void jl_iso_time(int64_t wall_ms, char out_text[static JL_ISO_TIME_BYTES]);

#endif
