/* Who may talk: the keys of devices and of invitations, as the tables of one transaction had them.
 *
 * Made by the reader, then never changed. Thread: that of its present owner. */
#ifndef JIELIAN_SERVER_SERVE_ALLOWLIST_H
#define JIELIAN_SERVER_SERVE_ALLOWLIST_H

#include "jielian/base/rc.h"
#include "jielian/net/curve.h"
#include "jielian/store/devices.h"

struct jl_district;

struct jl_allowlist; /* allowlist.c */

struct jl_admitted { /* a device as its key was enrolled */
    uint8_t key[JL_CURVE_KEY_BYTES];
    uint32_t number, office;
    enum jl_device_state state;
};
/* From the tables of an open transaction; sorted by key, then never changed. */
JL_MUST_CHECK enum jl_rc jl_allowlist_new(struct jl_district *district,
                                          struct jl_allowlist **out_allowlist, struct jl_err *err);
void jl_allowlist_free(struct jl_allowlist *allowlist);
/* NULL: not enrolled. Cost: binary search. */
const struct jl_admitted *jl_allowlist_device(const struct jl_allowlist *allowlist,
                                              const uint8_t key[static JL_CURVE_KEY_BYTES]);
/* The key of an invitation that may still be used. */
bool jl_allowlist_invited(const struct jl_allowlist *allowlist,
                          const uint8_t key[static JL_CURVE_KEY_BYTES], int64_t now_ms);
size_t jl_allowlist_devices(const struct jl_allowlist *allowlist);

#endif
