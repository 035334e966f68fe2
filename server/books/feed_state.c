/* The state of each feed: meta `feed<N>` head (u64be), set sum. */

#include "district.h"

#include "jielian/base/fault.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FEED_NAME_BYTES = 24 };

static uint64_t load_u64(const uint8_t *at) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) {
        value = value << 8 | at[i];
    }
    return value;
}

enum jl_rc jl_feed_state_get(struct jl_district *district, uint32_t feed,
                             struct jl_feed_state **out_state, struct jl_err *err) {
    char name[FEED_NAME_BYTES];
    JL_AUTO(jl_buf) buf = {0};
    if (feed >= JL_OFFICES_MAX) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_OFFICE_NUMBER, "%d", (int)JL_OFFICES_MAX - 1);
    }
    if (district->feeds[feed] == NULL) {
        district->feeds[feed] = calloc(1, sizeof **district->feeds);
    }
    struct jl_feed_state *state = district->feeds[feed];
    if (state == NULL) {
        return jl_fault_memory(err);
    }
    *out_state = state;
    if (state->loaded) {
        return JL_OK;
    }
    snprintf(name, sizeof name, "feed%" PRIu32, feed);
    enum jl_rc rc = jl_store_meta_get(district->books->store, name, &buf, err);
    if (rc == JL_NOT_FOUND) {
        state->head = 0;
        jl_setsum_init(&state->sum);
        rc = JL_OK;
    } else if (rc == JL_OK && buf.size == 8 + JL_SETSUM_BYTES) {
        state->head = load_u64(buf.data);
        rc = jl_setsum_decode(jl_bytes(buf.data + 8, JL_SETSUM_BYTES), &state->sum, err);
    } else if (rc == JL_OK) {
        rc = jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED,
                         "the state of feed %" PRIu32 " is cut off", feed);
    }
    state->loaded = rc == JL_OK;
    return rc;
}

enum jl_rc jl_feed_state_save(struct jl_district *district, uint32_t feed, struct jl_err *err) {
    struct jl_feed_state *state = district->feeds[feed];
    uint8_t bytes[8 + JL_SETSUM_BYTES];
    char name[FEED_NAME_BYTES];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(state->head >> (56 - 8 * i));
    }
    jl_setsum_encode(&state->sum, bytes + 8);
    snprintf(name, sizeof name, "feed%" PRIu32, feed);
    state->moved = false;
    return jl_store_meta_put(district->books->store, name, jl_bytes(bytes, sizeof bytes), err);
}

enum jl_rc jl_feed_state_heads(struct jl_district *district, uint32_t office,
                               uint64_t out_heads[static 2], struct jl_err *err) {
    const uint32_t feeds[] = {0, office};
    for (int i = 0; i < 2; i++) {
        struct jl_feed_state *state = NULL;
        enum jl_rc rc = jl_feed_state_get(district, feeds[i], &state, err);
        if (rc != JL_OK) {
            return rc;
        }
        out_heads[i] = state->head;
    }
    return JL_OK;
}
