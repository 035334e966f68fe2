/* What was refused, in the books: one small text a device, see refusals.h; and who called with a
 * key that is not known, see unknown.h. */
#include "district.h"

#include "jielian/base/buf.h"
#include "jielian/store/devices.h"
#include "jielian/store/store.h"

#include <inttypes.h>
#include <stdio.h>

enum { NAME_BYTES = 24 };

static void name_of(uint32_t device, char out_name[static NAME_BYTES]) {
    snprintf(out_name, NAME_BYTES, "refused%" PRIu32, device);
}

enum jl_rc jl_refusals_of(struct jl_district *district, uint32_t device,
                          struct jl_refusals *out_refusals, struct jl_err *err) {
    char name[NAME_BYTES];
    JL_AUTO(jl_buf) text = {0};
    name_of(device, name);
    enum jl_rc rc = jl_store_meta_get(district->books->store, name, &text, err);
    if (rc == JL_NOT_FOUND) {
        *out_refusals = (struct jl_refusals){0};
        return JL_OK;
    }
    return rc == JL_OK ? jl_refusals_decode(jl_buf_bytes(&text), out_refusals, err) : rc;
}

static enum jl_rc count_trouble(struct jl_district *district, uint32_t number,
                                const struct jl_refusals *more, struct jl_err *err) {
    struct jl_device *device = jl_roster_device_to_change(district, number);
    uint64_t trouble = 0;
    for (int kind = 1; kind < JL_REFUSAL_KINDS; kind++) {
        trouble += jl_refusal_trouble((enum jl_refusal)kind) ? more->of[kind].count : 0;
    }
    if (device == NULL || trouble == 0) {
        return JL_OK;
    }
    device->refused += trouble;
    return jl_devices_put(district->books->store, device, err);
}

enum jl_rc jl_refusals_keep(struct jl_district *district, uint32_t device,
                            const struct jl_refusals *more, struct jl_err *err) {
    char name[NAME_BYTES];
    struct jl_refusals all;
    JL_AUTO(jl_buf) text = {0};
    name_of(device, name);
    enum jl_rc rc = jl_refusals_of(district, device, &all, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_refusals_add(&all, more);
    rc = jl_refusals_encode(&all, &text, err);
    if (rc == JL_OK) {
        rc = jl_store_meta_put(district->books->store, name, jl_buf_bytes(&text), err);
    }
    return rc == JL_OK ? count_trouble(district, device, more, err) : rc;
}
