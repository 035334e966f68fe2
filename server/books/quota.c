#include "quota.h"

#include "jielian/base/date.h"
#include "jielian/base/fault.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    NAME_BYTES = 24,
    LINE_BYTES = 96,
    VERDICT_BYTES = 12, /* of one in the journal, beside its reason */
    DAY_MS = 24 * 60 * 60 * 1000,
    ZONE_MS = 8 * 60 * 60 * 1000, /* the day of jl_date_of_ms */
};

static int64_t now_ms(const struct jl_district *district) {
    return district->clock.wall_ms(district->clock.context);
}

enum jl_rc jl_quota_get(struct jl_district *district, uint32_t device, struct jl_quota *out_quota,
                        struct jl_err *err) {
    char name[NAME_BYTES];
    JL_AUTO(jl_buf) text = {0};
    struct jl_quota quota = {0};
    int64_t today = jl_date_of_ms(now_ms(district));
    (void)snprintf(name, sizeof name, "quota%" PRIu32, device);
    enum jl_rc rc = jl_store_meta_get(district->books->store, name, &text, err);
    bool none = rc == JL_NOT_FOUND;
    if (rc == JL_OK) {
        rc = jl_buf_put_u8(&text, 0, err);
    }
    if (rc == JL_OK &&
        sscanf((const char *)text.data, "%" SCNd64 " %" SCNu64 " %" SCNu64 " %" SCNu64, &quota.day,
               &quota.ops, &quota.refused_bytes, &quota.bytes) != 4) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED,
                           "what device %" PRIu32 " has used up can't be read", device);
    }
    if (rc != JL_OK && !none) {
        return rc;
    }
    *out_quota = !none && quota.day == today ? quota : (struct jl_quota){.day = today};
    return JL_OK;
}

const char *jl_quota_over(const struct jl_quota *quota) {
    return quota->ops >= JL_QUOTA_OPS ? "today's quota of ops that are refused or asked about"
           : quota->refused_bytes >= JL_QUOTA_REFUSED_BYTES ? "today's quota of refused bytes"
           : quota->bytes >= JL_QUOTA_BYTES                 ? "today's quota of bytes"
                                                            : NULL;
}

uint64_t jl_quota_retry_ms(const struct jl_district *district) {
    int64_t past_ms = (now_ms(district) + ZONE_MS) % DAY_MS;
    int64_t left_ms = DAY_MS - (past_ms < 0 ? past_ms + DAY_MS : past_ms);
    return (uint64_t)(left_ms < JL_QUOTA_RETRY_MS ? left_ms : JL_QUOTA_RETRY_MS);
}

enum jl_rc jl_quota_add(struct jl_district *district, uint32_t device, const struct jl_quota *more,
                        struct jl_err *err) {
    char name[NAME_BYTES];
    char line[LINE_BYTES];
    struct jl_quota quota;
    enum jl_rc rc = jl_quota_get(district, device, &quota, err);
    if (rc != JL_OK) {
        return rc;
    }
    (void)snprintf(name, sizeof name, "quota%" PRIu32, device);
    (void)snprintf(line, sizeof line, "%" PRId64 " %" PRIu64 " %" PRIu64 " %" PRIu64, quota.day,
                   quota.ops + more->ops, quota.refused_bytes + more->refused_bytes,
                   quota.bytes + more->bytes);
    return jl_store_meta_put(district->books->store, name, jl_bytes_text(line), err);
}

struct jl_quota jl_quota_of(size_t frame_bytes, const struct jl_verdicts *verdicts) {
    struct jl_quota used = {.bytes = frame_bytes};
    uint64_t count = verdicts->last_seq + 1 - verdicts->first_seq;
    uint64_t reasons = 0;
    for (size_t i = 0; i < verdicts->exception_count; i++) {
        const struct jl_verdict *verdict = &verdicts->exceptions[i];
        bool refused = verdict->code == JL_VERDICT_PARKED || verdict->code == JL_VERDICT_CASE;
        used.ops += refused ? 1 : 0;
        reasons += refused ? VERDICT_BYTES + verdict->reason.size : 0;
    }
    used.bytes += reasons;
    used.refused_bytes = count > 0 ? reasons + frame_bytes * used.ops / count : 0;
    return used;
}
