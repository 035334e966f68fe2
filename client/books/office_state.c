/* The counters of an office's books.
 *
 * meta `state`      packed in the order of put_state, numbers big-endian
 * meta `sum0` `sum1` set hashes of feed 0 and of the office's feed */
#include "office_state.h"
#include "office.h"

#include "jielian/base/fault.h"
#include "jielian/base/reader.h"

#include <string.h>

enum {
    FIRST_NUMBERS = 16, /* that every program has written; those behind them came later */
    STATE_NUMBERS = 23,
};

static enum jl_rc put_state(const struct jl_office_state *state, struct jl_buf *out,
                            struct jl_err *err) {
    const uint64_t numbers[] = {state->seq_base,
                                state->head_pos,
                                state->confirmed_pos,
                                state->cursor[0],
                                state->cursor[1],
                                state->repairs,
                                (uint64_t)state->proven_ms,
                                state->proof_wanted,
                                state->proof_done,
                                state->trouble,
                                state->phase,
                                state->version_needed | (uint64_t)state->suite_needed << 32,
                                state->has_epoch ? 1 : 0,
                                state->proven_pos,
                                state->proven_cursor[0],
                                state->proven_cursor[1],
                                (uint64_t)state->reread_ms,
                                state->reread_to[0],
                                state->reread_to[1],
                                (uint64_t)state->deep_ms,
                                state->deep_result,
                                state->deep_wanted,
                                state->deep_done};
    _Static_assert(sizeof numbers / sizeof *numbers == STATE_NUMBERS,
                   "as jl_office_state_get reads");
    enum jl_rc rc = jl_buf_put(out, state->incarnation, sizeof state->incarnation, err);
    if (rc == JL_OK) {
        rc = jl_buf_put(out, state->epoch, sizeof state->epoch, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put(out, state->head_hash, sizeof state->head_hash, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put(out, state->confirmed_hash, sizeof state->confirmed_hash, err);
    }
    for (size_t i = 0; rc == JL_OK && i < sizeof numbers / sizeof *numbers; i++) {
        rc = jl_buf_put_u64be(out, numbers[i], err);
    }
    return rc;
}

static enum jl_rc take(struct jl_reader *reader, uint8_t *out_data, size_t size,
                       struct jl_err *err) {
    struct jl_bytes bytes;
    enum jl_rc rc = jl_reader_take(reader, size, &bytes, err);
    if (rc == JL_OK) {
        memcpy(out_data, bytes.data, size);
    }
    return rc;
}

enum jl_rc jl_office_state_get(struct jl_bytes bytes, struct jl_office_state *state,
                               struct jl_err *err) {
    struct jl_reader reader = {.rest = bytes};
    uint64_t numbers[STATE_NUMBERS] = {0};
    enum jl_rc rc = take(&reader, state->incarnation, sizeof state->incarnation, err);
    if (rc == JL_OK) {
        rc = take(&reader, state->epoch, sizeof state->epoch, err);
    }
    if (rc == JL_OK) {
        rc = take(&reader, state->head_hash, sizeof state->head_hash, err);
    }
    if (rc == JL_OK) {
        rc = take(&reader, state->confirmed_hash, sizeof state->confirmed_hash, err);
    }
    for (size_t i = 0; rc == JL_OK && i < sizeof numbers / sizeof *numbers; i++) {
        bool later = i >= FIRST_NUMBERS && reader.rest.size == 0; /* an older program wrote it */
        rc = later ? JL_OK : jl_reader_u64be(&reader, &numbers[i], err);
    }
    if (rc != JL_OK) {
        return jl_fault(err, JL_CORRUPT, JL_FAULT_SYNC_STATE_DAMAGED);
    }
    state->seq_base = numbers[0];
    state->head_pos = numbers[1];
    state->confirmed_pos = numbers[2];
    state->cursor[0] = numbers[3];
    state->cursor[1] = numbers[4];
    state->repairs = numbers[5];
    state->proven_ms = (int64_t)numbers[6];
    state->proof_wanted = numbers[7];
    state->proof_done = numbers[8];
    state->trouble = (uint32_t)numbers[9];
    state->phase = (uint32_t)numbers[10];
    state->version_needed = (uint32_t)numbers[11];
    state->suite_needed = (uint32_t)(numbers[11] >> 32);
    state->has_epoch = numbers[12] != 0;
    state->proven_pos = numbers[13];
    state->proven_cursor[0] = numbers[14];
    state->proven_cursor[1] = numbers[15];
    state->reread_ms = (int64_t)numbers[16];
    state->reread_to[0] = numbers[17];
    state->reread_to[1] = numbers[18];
    state->deep_ms = (int64_t)numbers[19];
    state->deep_result = (uint32_t)numbers[20];
    state->deep_wanted = numbers[21];
    state->deep_done = numbers[22];
    return JL_OK;
}

static const char *sum_name(int feed) {
    return feed == 0 ? "sum0" : "sum1";
}

enum jl_rc jl_office_state_load(struct jl_office *office, struct jl_err *err) {
    JL_AUTO(jl_buf) buf = {0};
    enum jl_rc rc = jl_store_meta_get(office->books->store, "state", &buf, err);
    if (rc == JL_OK) {
        rc = jl_office_state_get(jl_buf_bytes(&buf), &office->state, err);
    }
    for (int feed = 0; rc == JL_OK && feed < 2; feed++) {
        jl_buf_reset(&buf);
        office->sum_moved[feed] = false;
        rc = jl_store_meta_get(office->books->store, sum_name(feed), &buf, err);
        if (rc == JL_OK) {
            rc = jl_setsum_decode(jl_buf_bytes(&buf), &office->sums[feed], err);
        }
    }
    return rc;
}

enum jl_rc jl_office_state_save(struct jl_office *office, struct jl_err *err) {
    JL_AUTO(jl_buf) buf = {0};
    enum jl_rc rc = put_state(&office->state, &buf, err);
    if (rc == JL_OK) {
        rc = jl_store_meta_put(office->books->store, "state", jl_buf_bytes(&buf), err);
    }
    for (int feed = 0; rc == JL_OK && feed < 2; feed++) {
        if (!office->sum_moved[feed]) {
            continue;
        }
        uint8_t bytes[JL_SETSUM_BYTES];
        jl_setsum_encode(&office->sums[feed], bytes);
        rc = jl_store_meta_put(office->books->store, sum_name(feed), jl_bytes(bytes, sizeof bytes),
                               err);
        office->sum_moved[feed] = false;
    }
    return rc;
}
