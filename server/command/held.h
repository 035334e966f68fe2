/* How people name devices and ops.
 *
 * An op is named by its number in the device's chain; one of an earlier incarnation of the device
 * by origin and number, as in 3.12. */
#ifndef JIELIAN_SERVER_COMMAND_HELD_H
#define JIELIAN_SERVER_COMMAND_HELD_H

#include "district_commands.h"

#include "server/quarantine/quarantine.h"

enum { JL_HELD_NAME_BYTES = 44 }; /* two numbers, a dot and a NUL */

void jl_held_name(const struct jl_origin *origin, uint64_t seq,
                  char out_text[static JL_HELD_NAME_BYTES]);
/* "12", "12-15", "3.12", "3.12-15"; JL_MISUSE says how to write it. */
JL_MUST_CHECK enum jl_rc jl_held_run(const struct jl_desk_session *session, uint32_t device,
                                     const char *word, struct jl_run *out_run, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_held_device(const struct jl_desk_session *session, const char *word,
                                        uint32_t *out_device, struct jl_err *err);
/* JL_NOT_FOUND. */
enum jl_rc jl_held_missing(const char *word, struct jl_err *err);

#endif
