/* See said.h. */
#include "said.h"

#include "jielian/base/fault.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    NAME_BYTES = 24,
    HEAD_BYTES = 192, /* three lines of numbers at their longest take 164 */
};

static void name_of(uint32_t device, char out_name[static NAME_BYTES]) {
    snprintf(out_name, NAME_BYTES, "said%" PRIu32, device);
}

static enum jl_rc decode(struct jl_bytes text, struct jl_said *out_said, struct jl_err *err) {
    struct jl_said said = {0};
    char head[HEAD_BYTES];
    unsigned stop = 0;
    int end = 0;
    size_t size = text.size < sizeof head - 1 ? text.size : sizeof head - 1;
    memcpy(head, text.data, size);
    head[size] = '\0';
    int count = sscanf(head,
                       "bye %" SCNu32 " %" SCNd64 "\nstop %u %" SCNd64 "\nsession %" SCNd64
                       " %" SCNu64 " %" SCNd64 " %" SCNd64 "%n",
                       &said.bye, &said.bye_ms, &stop, &said.stop_ms, &said.session_ms,
                       &said.cut_offs, &said.cut_began_ms, &said.cut_heard_ms, &end);
    if (count != 8 || head[end] != '\n' || stop > JL_STOP_CUT_OFF || said.cut_offs > INT64_MAX) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED, "%s",
                           "what a device told of itself can't be read");
    }
    said.last_stop = (enum jl_last_stop)stop;
    enum jl_rc rc = jl_cycles_decode(jl_bytes(text.data + end + 1, text.size - (size_t)end - 1),
                                     &said.cycles, err);
    if (rc == JL_OK) {
        *out_said = said;
    }
    return rc;
}

enum jl_rc jl_said(struct jl_district *district, uint32_t device, struct jl_said *out_said,
                   struct jl_err *err) {
    char name[NAME_BYTES];
    JL_AUTO(jl_buf) text = {0};
    name_of(device, name);
    enum jl_rc rc = jl_store_meta_get(district->books->store, name, &text, err);
    if (rc == JL_NOT_FOUND) {
        *out_said = (struct jl_said){0};
        return JL_OK;
    }
    return rc == JL_OK ? decode(jl_buf_bytes(&text), out_said, err) : rc;
}

static enum jl_rc put(struct jl_district *district, uint32_t device, const struct jl_said *said,
                      struct jl_err *err) {
    char name[NAME_BYTES];
    JL_AUTO(jl_buf) text = {0};
    name_of(device, name);
    enum jl_rc rc =
        jl_buf_printf(&text, err,
                      "bye %" PRIu32 " %" PRId64 "\nstop %u %" PRId64 "\nsession %" PRId64
                      " %" PRIu64 " %" PRId64 " %" PRId64 "\n",
                      said->bye, said->bye_ms, (unsigned)said->last_stop, said->stop_ms,
                      said->session_ms, said->cut_offs, said->cut_began_ms, said->cut_heard_ms);
    if (rc == JL_OK) {
        rc = jl_cycles_encode(&said->cycles, &text, err);
    }
    return rc == JL_OK ? jl_store_meta_put(district->books->store, name, jl_buf_bytes(&text), err)
                       : rc;
}

static int64_t now_ms(const struct jl_district *district) {
    return district->clock.wall_ms(district->clock.context);
}

/* A suspended device gets no proof, so nothing is cut off by that. */
static bool was_cut_off(const struct jl_device *device, const struct jl_said *said) {
    return said->session_ms != 0 && device->state == JL_DEVICE_ACTIVE &&
           device->proven_ms < said->session_ms && said->bye_ms < said->session_ms;
}

enum jl_rc jl_said_session(struct jl_district *district, uint32_t number, struct jl_err *err) {
    const struct jl_device *device = jl_roster_device_to_change(district, number);
    struct jl_said said;
    enum jl_rc rc = jl_said(district, number, &said, err);
    if (rc != JL_OK || device == NULL) {
        return rc;
    }
    if (was_cut_off(device, &said)) {
        said.cut_offs++;
        said.cut_began_ms = said.session_ms;
        said.cut_heard_ms = device->last_seen_ms;
    }
    said.session_ms = now_ms(district);
    return put(district, number, &said, err);
}

enum jl_rc jl_said_hello(struct jl_district *district, uint32_t device,
                         const struct jl_hello *hello, struct jl_err *err) {
    struct jl_said said;
    if (hello->last_stop == JL_STOP_UNKNOWN && hello->cycle_count == 0) {
        return JL_OK;
    }
    enum jl_rc rc = jl_said(district, device, &said, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (hello->last_stop != JL_STOP_UNKNOWN) {
        said.last_stop = hello->last_stop;
        said.stop_ms = now_ms(district);
    }
    jl_cycles_merge(&said.cycles, hello->cycles, hello->cycle_count);
    return put(district, device, &said, err);
}

enum jl_rc jl_said_bye(struct jl_district *district, uint32_t device, const struct jl_bye *bye,
                       struct jl_err *err) {
    struct jl_said said;
    enum jl_rc rc = jl_said(district, device, &said, err);
    if (rc == JL_OK) {
        said.bye = bye->reason;
        said.bye_ms = now_ms(district);
        rc = put(district, device, &said, err);
    }
    return rc;
}
