/* What operators decide about devices: active, suspended, revoked. Each call is a transaction of
 * its own.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_BOOKS_DEVICE_H
#define JIELIAN_SERVER_BOOKS_DEVICE_H

#include "jielian/base/rc.h"
#include "jielian/store/devices.h"

struct jl_district;

JL_MUST_CHECK enum jl_rc jl_device_set_state(struct jl_district *district, uint32_t number,
                                             enum jl_device_state state, struct jl_err *err);
/* Every device that a restore has locked, and nobody has decided about since, becomes active. */
JL_MUST_CHECK enum jl_rc jl_device_resume_all(struct jl_district *district, size_t *out_count,
                                              struct jl_err *err);

#endif
