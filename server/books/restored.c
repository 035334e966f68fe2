/* What came back since the books were restored: counted where the ops are taken, in the same
 * transaction, so that an operator can tell at any time which offices have delivered again.
 *
 *   meta `restored`   at_ms last_ms journal_seq, u64be each
 *   meta `back<N>`    of device N: epoch(16), then heard_ms upto ops, u64be each; what belongs to
 *                     another epoch is of an earlier restore and does not count
 *
 * A device that meets the restored books says up to which of its ops the lost ones had confirmed
 * them (Hello.confirmed_number). Whatever it delivers up to there, and the backup had not, came
 * back; what has a higher number is new work. */
#include "district.h"

#include "proto/wire.h"

#include "jielian/base/bytes.h"
#include "jielian/books/meta.h"
#include "jielian/store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { RESTORED_BYTES = 3 * 8, BACK_BYTES = 16 + 3 * 8, BACK_NAME_BYTES = 24 };

static void put_u64(uint8_t *at, uint64_t value) {
    for (int i = 0; i < 8; i++) {
        at[i] = (uint8_t)(value >> (56 - 8 * i));
    }
}

static uint64_t get_u64(const uint8_t *at) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) {
        value = value << 8 | at[i];
    }
    return value;
}

enum jl_rc jl_restored_load(struct jl_district *district, struct jl_err *err) {
    uint8_t bytes[RESTORED_BYTES];
    enum jl_rc rc = jl_meta_get_bytes(district->books->store, "restored", bytes, sizeof bytes, err);
    district->restored = (struct jl_restored){0};
    if (rc == JL_NOT_FOUND) {
        return JL_OK;
    }
    if (rc == JL_OK) {
        district->restored = (struct jl_restored){.at_ms = (int64_t)get_u64(bytes),
                                                  .last_ms = (int64_t)get_u64(bytes + 8),
                                                  .journal_seq = get_u64(bytes + 16)};
    }
    return rc;
}

enum jl_rc jl_restored_save(struct jl_district *district, struct jl_err *err) {
    uint8_t bytes[RESTORED_BYTES];
    put_u64(bytes, (uint64_t)district->restored.at_ms);
    put_u64(bytes + 8, (uint64_t)district->restored.last_ms);
    put_u64(bytes + 16, district->restored.journal_seq);
    return jl_store_meta_put(district->books->store, "restored", jl_bytes(bytes, sizeof bytes),
                             err);
}

static void back_name(uint32_t device, char out_name[static BACK_NAME_BYTES]) {
    snprintf(out_name, BACK_NAME_BYTES, "back%" PRIu32, device);
}

enum jl_rc jl_restored_returned(struct jl_district *district, uint32_t device,
                                struct jl_returned *out_back, struct jl_err *err) {
    char name[BACK_NAME_BYTES];
    uint8_t bytes[BACK_BYTES];
    *out_back = (struct jl_returned){0};
    if (district->restored.at_ms == 0) {
        return JL_OK;
    }
    back_name(device, name);
    enum jl_rc rc = jl_meta_get_bytes(district->books->store, name, bytes, sizeof bytes, err);
    if (rc == JL_NOT_FOUND) {
        return JL_OK;
    }
    if (rc == JL_OK && memcmp(bytes, district->state.epoch, 16) == 0) {
        *out_back = (struct jl_returned){.heard = true,
                                         .heard_ms = (int64_t)get_u64(bytes + 16),
                                         .upto = get_u64(bytes + 24),
                                         .ops = get_u64(bytes + 32)};
    }
    return rc;
}

static enum jl_rc save_back(struct jl_district *district, uint32_t device,
                            const struct jl_returned *back, struct jl_err *err) {
    char name[BACK_NAME_BYTES];
    uint8_t bytes[BACK_BYTES];
    back_name(device, name);
    memcpy(bytes, district->state.epoch, 16);
    put_u64(bytes + 16, (uint64_t)back->heard_ms);
    put_u64(bytes + 24, back->upto);
    put_u64(bytes + 32, back->ops);
    return jl_store_meta_put(district->books->store, name, jl_bytes(bytes, sizeof bytes), err);
}

enum jl_rc jl_restored_hello(struct jl_district *district, uint32_t device,
                             const struct jl_hello *hello, struct jl_err *err) {
    struct jl_returned back;
    enum jl_rc rc = jl_restored_returned(district, device, &back, err);
    if (rc != JL_OK || district->restored.at_ms == 0) {
        return rc;
    }
    /* Once it has taken this epoch, what it calls confirmed was confirmed by these books. */
    bool of_lost_books = hello->has_epoch && memcmp(hello->epoch, district->state.epoch, 16) != 0;
    uint64_t upto =
        of_lost_books && hello->confirmed_number > back.upto ? hello->confirmed_number : back.upto;
    if (back.heard && upto == back.upto) {
        return JL_OK;
    }
    if (!back.heard) {
        back.heard_ms = district->clock.wall_ms(district->clock.context);
    }
    back.upto = upto;
    return save_back(district, device, &back, err);
}

enum jl_rc jl_restored_add(struct jl_district *district, uint32_t device, uint64_t ops,
                           struct jl_err *err) {
    struct jl_returned back;
    enum jl_rc rc = jl_restored_returned(district, device, &back, err);
    back.ops += ops;
    return rc == JL_OK ? save_back(district, device, &back, err) : rc;
}
