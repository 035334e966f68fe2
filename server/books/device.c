/* What operators decide about devices that are enrolled. */

#include "device.h"
#include "admit.h"
#include "district.h"
#include "readmit.h"

#include "jielian/base/fault.h"

#include <inttypes.h>
#include <string.h>

/* Inside the transaction. */
static enum jl_rc set_state(struct jl_district *district, uint32_t number,
                            enum jl_device_state state, struct jl_err *err) {
    struct jl_device *device = jl_roster_device_to_change(district, number);
    if (device == NULL) {
        return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_DEVICE_UNKNOWN, "%" PRIu32, number);
    }
    if (device->state == JL_DEVICE_REVOKED && state != JL_DEVICE_REVOKED) {
        return jl_fault_at(err, JL_DENIED, JL_FAULT_DEVICE_REVOKED, "%" PRIu32, number);
    }
    bool locked = false;
    device->state = state;
    enum jl_rc rc = jl_devices_put(district->books->store, device, err);
    return rc == JL_OK ? jl_readmit_unlock(district, number, &locked, err) : rc;
}

enum jl_rc jl_device_set_state(struct jl_district *district, uint32_t number,
                               enum jl_device_state state, struct jl_err *err) {
    enum jl_rc rc = jl_district_begin(district, true, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = set_state(district, number, state, err);
    if (rc == JL_OK) {
        rc = jl_admit_note(district, err);
    }
    if (rc != JL_OK) {
        jl_district_rollback(district);
        return rc;
    }
    return jl_district_commit(district, err);
}

enum jl_rc jl_device_resume_all(struct jl_district *district, size_t *out_count,
                                struct jl_err *err) {
    *out_count = 0;
    enum jl_rc rc = jl_district_begin(district, true, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    for (size_t i = 0; rc == JL_OK && i < district->device_count; i++) {
        bool locked = false;
        struct jl_device *device = &district->devices[i];
        rc = jl_readmit_unlock(district, device->number, &locked, err);
        if (rc == JL_OK && locked && device->state == JL_DEVICE_SUSPENDED) {
            rc = set_state(district, device->number, JL_DEVICE_ACTIVE, err);
            ++*out_count;
        }
    }
    if (rc == JL_OK) {
        rc = jl_admit_note(district, err);
    }
    if (rc != JL_OK) {
        jl_district_rollback(district);
        return rc;
    }
    return jl_district_commit(district, err);
}
