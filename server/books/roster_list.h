/* Offices and PCs as rows, for commands and pages.
 *
 * Thread: that of the district; rows borrow from it and are good until it changes. */
#ifndef JIELIAN_SERVER_BOOKS_ROSTER_LIST_H
#define JIELIAN_SERVER_BOOKS_ROSTER_LIST_H

#include "jielian/base/arena.h"
#include "jielian/json/column.h"
#include "jielian/store/devices.h"

struct jl_district;

struct jl_roster_office {
    uint32_t number;
    const char *code, *name;
    uint64_t devices; /* that are not revoked */
};
struct jl_roster_device {
    uint32_t number;
    const char *office; /* its code; "" when it is gone */
    const char *state;  /* active, suspended, revoked */
    const char *name;
    int64_t last_seen_ms; /* 0: never */
    const char *version;
};

/* Rows of struct jl_roster_office or struct jl_roster_device with their columns, in the arena.
 * JL_NOMEM. */
JL_MUST_CHECK enum jl_rc jl_roster_list_offices(const struct jl_district *district,
                                                struct jl_arena *arena, struct jl_rows *out_rows,
                                                struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_roster_list_devices(const struct jl_district *district,
                                                struct jl_arena *arena, struct jl_rows *out_rows,
                                                struct jl_err *err);
const char *jl_roster_list_state(enum jl_device_state state); /* as in struct jl_roster_device */

#endif
