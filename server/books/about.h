/* What a Welcome tells beyond the session (docs/protocol.md section 5): values that people read,
 * nothing is decided by them.
 * Thread: the writer's. */
#ifndef JIELIAN_SERVER_ABOUT_H
#define JIELIAN_SERVER_ABOUT_H

#include "district.h"

/* Fills mark, program, endpoints and pcs of the Welcome to this device, in its transaction; they
 * live as long as the arena and the text of endpoints (separated by blanks; NULL: none are
 * announced), at most JL_WELCOME_ENDPOINTS_MAX of them. A suspended device gets no list of PCs.
 * told: the mark of what the device keeps; when all is as it was, the mark is all that is filled
 * in. Cost: one pass over the devices. */
JL_MUST_CHECK enum jl_rc jl_about(struct jl_district *district, uint32_t device, uint32_t told,
                                  const char *endpoints, struct jl_arena *arena,
                                  struct jl_welcome *welcome, struct jl_err *err);

#endif
