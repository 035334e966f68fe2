/* Times in JSON.
 *
 * Thread: any. */
#ifndef JIELIAN_SERVER_COMMAND_JSON_TIME_H
#define JIELIAN_SERVER_COMMAND_JSON_TIME_H

#include <jansson.h>
#include <stdint.h>

/* "2026-11-22T14:02:07+08:00", or null for 0. */
json_t *jl_json_time(int64_t wall_ms);

#endif
