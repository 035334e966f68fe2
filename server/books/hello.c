/* Devices in session: which incarnation is whose, what a device says of itself, what was proven.
 *
 * An origin is one incarnation of one device, known by 16 random bytes. The newest that said Hello
 * is the device's; the others are retired and told to begin again. */
#include "hello.h"
#include "clock_check.h"
#include "entry.h"
#include "said.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/store/quarantined.h"
#include "jielian/sync/chain.h"
#include "jielian/sync/session.h"

#include <inttypes.h>
#include <string.h>

static int64_t now_ms(const struct jl_district *district) {
    return district->clock.wall_ms(district->clock.context);
}

static enum jl_rc note_held(void *context, const struct jl_quarantined *batch, struct jl_err *err) {
    bool *held = context;
    (void)batch;
    (void)err;
    *held = true;
    return JL_OK;
}

/* May a new incarnation of its device take this one's place? Nothing in the journal or in
 * quarantine must speak of it. Without this a device that draws a new incarnation with every Hello
 * would fill the table that every transaction may have to read. */
static enum jl_rc is_blank(struct jl_district *district, const struct jl_origin *origin,
                           bool *out_blank, struct jl_err *err) {
    bool held = false;
    enum jl_rc rc = origin->last_seq > 0 ? JL_OK
                                         : jl_quarantined_of(district->books->store, origin->number,
                                                             note_held, &held, err);
    *out_blank = origin->last_seq == 0 && !held;
    return rc;
}

/* Retire what the device had, and choose the number of its new origin. */
static enum jl_rc make_place(struct jl_district *district, uint32_t device, uint32_t *out_number,
                             struct jl_err *err) {
    uint32_t highest = 0;
    uint32_t blank = 0;
    for (size_t i = 0; i < district->origin_count; i++) {
        struct jl_origin *known = &district->origins[i];
        bool is_one = false;
        enum jl_rc rc = JL_OK;
        highest = known->number > highest ? known->number : highest;
        if (known->device != device) {
            continue;
        }
        if (blank == 0) {
            rc = is_blank(district, known, &is_one, err);
        }
        if (rc == JL_OK && is_one) {
            blank = known->number;
        } else if (rc == JL_OK && !known->retired) {
            known->retired = true;
            rc = jl_devices_put_origin(district->books->store, known, err);
        }
        if (rc != JL_OK) {
            return rc;
        }
    }
    *out_number = blank != 0 ? blank : highest + 1;
    return JL_OK;
}

/* JL_CONFLICT: another device has this incarnation. */
static enum jl_rc find_origin(struct jl_district *district, uint32_t device,
                              const uint8_t incarnation[static 16], uint32_t *out_number,
                              struct jl_err *err) {
    struct jl_origin origin = {.device = device};
    for (size_t i = 0; i < district->origin_count; i++) {
        const struct jl_origin *known = &district->origins[i];
        if (memcmp(known->incarnation, incarnation, 16) != 0) {
            continue;
        }
        if (known->device != device) {
            return jl_fault_at(err, JL_CONFLICT, JL_FAULT_INCARNATION_SHARED,
                               "%" PRIu32 JL_AND "%" PRIu32, device, known->device);
        }
        *out_number = known->number;
        return JL_OK;
    }
    memcpy(origin.incarnation, incarnation, 16);
    enum jl_rc rc = make_place(district, device, &origin.number, err);
    if (rc == JL_OK) {
        rc = jl_chain_genesis(district->books->hasher, incarnation, origin.last_hash, err);
    }
    if (rc == JL_OK) {
        rc = jl_devices_put_origin(district->books->store, &origin, err);
    }
    *out_number = origin.number;
    return rc == JL_OK ? jl_roster_load(district, err) : rc;
}

static enum jl_rc note_hello(struct jl_district *district, uint32_t number,
                             const struct jl_hello *hello, struct jl_err *err) {
    struct jl_device *device = jl_roster_device_to_change(district, number);
    JL_ASSERT(device != NULL);
    device->last_seen_ms = now_ms(district);
    device->unsent = hello->head - hello->confirmed;
    device->oldest_unsent_s = hello->oldest_unsent_s;
    device->parked = hello->parked;
    device->cases = hello->cases;
    device->repairs = hello->repairs;
    device->disk_free_mib = hello->disk_free_mib;
    device->clock_offset_ms = jl_clock_check_minus(hello->wall_ms, device->last_seen_ms);
    memcpy(device->version, hello->program, sizeof device->version);
    return jl_devices_put(district->books->store, device, err);
}

static enum jl_rc note_last(void *context, const struct jl_quarantined *batch, struct jl_err *err) {
    uint64_t *last = context;
    uint64_t end = batch->first_seq + batch->op_count - 1;
    (void)err;
    *last = end > *last ? end : *last;
    return JL_OK;
}

/* Is more held of this incarnation than the device has? Then it was put back to before that, and
 * needs a chain of its own: what is admitted would pass for its own work, and not be sent to it. A
 * suspended one reads nothing, and is notified when it is let in. */
static enum jl_rc holds_more(struct jl_district *district, const struct jl_origin *origin,
                             const struct jl_hello *hello, bool *out_more, struct jl_err *err) {
    uint64_t last = 0;
    bool reads = jl_roster_device_to_change(district, origin->device)->state == JL_DEVICE_ACTIVE;
    enum jl_rc rc =
        reads ? jl_quarantined_of(district->books->store, origin->number, note_last, &last, err)
              : JL_OK;
    *out_more = last > hello->head;
    return rc;
}

/* What a device hashes and signs must be of the district's suite, or nothing would ever match. */
static enum jl_rc check_suite(const struct jl_district *district, const struct jl_device *device,
                              const struct jl_hello *hello, struct jl_err *err) {
    uint32_t number = district->keys.suite->number;
    return jl_suite_is_offered(hello->suites, number) && device->suite == number
               ? JL_OK
               : jl_district_suite_needed(district, err);
}

enum jl_rc jl_hello_note(struct jl_district *district, uint32_t device,
                         const struct jl_hello *hello, struct jl_welcome *out_welcome,
                         uint32_t *out_origin, struct jl_err *err) {
    const struct jl_device *known = jl_roster_device_to_change(district, device);
    if (known == NULL) {
        return jl_fault_at(err, JL_DENIED, JL_FAULT_DEVICE_UNKNOWN, "%" PRIu32, device);
    }
    enum jl_rc rc = check_suite(district, known, hello, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = find_origin(district, device, hello->incarnation, out_origin, err);
    if (rc == JL_OK) {
        rc = note_hello(district, device, hello, err);
    }
    if (rc == JL_OK) {
        rc = jl_said_hello(district, device, hello, err);
    }
    if (rc == JL_OK) {
        rc = jl_restored_hello(district, device, hello, err);
    }
    if (rc == JL_OK) {
        rc = jl_admit_serve(district, err);
    }
    bool more = false;
    struct jl_origin *origin = rc == JL_OK ? jl_roster_origin(district, *out_origin) : NULL;
    if (rc == JL_OK) {
        rc = holds_more(district, origin, hello, &more, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    *out_welcome = (struct jl_welcome){
        .version = JL_PROTOCOL_VERSION,
        .last_seq = origin->last_seq,
        .wall_ms = now_ms(district),
        .suspended = jl_roster_device_to_change(district, device)->state == JL_DEVICE_SUSPENDED,
        .again = origin->retired || more,
        .knows = JL_MESSAGE_KNOWN,
        .rules = JL_RULES,
        .suite = district->keys.suite->number,
    };
    memcpy(out_welcome->epoch, district->state.epoch, 16);
    memcpy(out_welcome->last_hash, origin->last_hash, JL_HASH_BYTES);
    return rc == JL_OK
               ? jl_feed_state_heads(district, jl_roster_device_to_change(district, device)->office,
                                     out_welcome->head, err)
               : rc;
}
