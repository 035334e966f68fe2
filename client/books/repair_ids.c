/* What differs from the books of a district that tells buckets and their ids, not parts.
 *
 * Both sides' lists are sorted the same way (bucket, type, id), so one pass over the heads and one
 * over both lists finds what is missing, what differs and what only we have. */
#include "office.h"
#include "repair.h"

#include "jielian/store/feeds.h"

#include <stdlib.h>
#include <string.h>

void jl_repair_buckets(const struct jl_office *office, struct jl_repair *repair,
                       const struct jl_buckets *buckets) {
    repair->bucket_count = 0;
    for (unsigned bucket = 0; bucket < JL_BUCKETS; bucket++) {
        uint8_t own[JL_SUM_BYTES];
        jl_setsum_bucket(&office->sums[buckets->feed], bucket, own);
        if (memcmp(own, buckets->sums.data + bucket * JL_SHORT_SUM_BYTES, JL_SHORT_SUM_BYTES) !=
            0) {
            repair->buckets[repair->bucket_count++] = (uint8_t)bucket;
        }
    }
}

/* ---- Ids of buckets ---- */

struct listing {
    bool asked[JL_BUCKETS];
    struct jl_buf records; /* struct jl_counted */
};

static int compare_listed(uint32_t type, const struct jl_id *id, uint32_t other_type,
                          const struct jl_id *other_id) {
    unsigned bucket = jl_id_bucket(id);
    unsigned other_bucket = jl_id_bucket(other_id);
    if (bucket != other_bucket) {
        return bucket < other_bucket ? -1 : 1;
    }
    if (type != other_type) {
        return type < other_type ? -1 : 1;
    }
    return jl_id_compare(id, other_id);
}

static int compare_counted(const void *left, const void *right) {
    const struct jl_counted *a = left;
    const struct jl_counted *b = right;
    return compare_listed(a->type, &a->id, b->type, &b->id);
}

static enum jl_rc list_record(void *context, const struct jl_counted *record, struct jl_err *err) {
    struct listing *listing = context;
    return listing->asked[jl_id_bucket(&record->id)]
               ? jl_buf_put(&listing->records, record, sizeof *record, err)
               : JL_OK;
}

static enum jl_rc compare_lists(struct jl_office *office, struct jl_repair *repair,
                                const struct jl_ids *ids, const struct jl_counted *own,
                                size_t own_count, struct jl_arena *arena, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    size_t o = 0;
    for (size_t i = 0; rc == JL_OK && i <= ids->record_count; i++) {
        bool end = i == ids->record_count;
        const struct jl_known *theirs = &ids->records[i];
        int order = -1;
        while (rc == JL_OK && o < own_count &&
               (end ||
                (order = compare_listed(own[o].type, &own[o].id, theirs->type, &theirs->id)) < 0)) {
            rc = jl_repair_set_aside(office, own[o++].rid, arena, err);
        }
        if (end || repair->known_count == JL_ASK_ROWS_MAX) {
            continue;
        }
        bool same = o < own_count && order == 0;
        if (!same || memcmp(own[o].hash, theirs->hash, JL_SHORT_SUM_BYTES) != 0) {
            repair->known[repair->known_count++] = *theirs;
        }
        o += same ? 1 : 0;
    }
    return rc;
}

enum jl_rc jl_repair_ids(struct jl_office *office, struct jl_repair *repair,
                         const struct jl_ids *ids, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct listing own = {0};
    repair->known_count = 0;
    for (size_t i = 0; i < ids->buckets.size; i++) {
        own.asked[ids->buckets.data[i]] = true;
    }
    enum jl_rc rc = jl_feeds_counted(office->books->store, ids->feed == 0 ? 0 : UINT32_MAX,
                                     list_record, &own, err);
    size_t count = own.records.size / sizeof(struct jl_counted);
    if (rc == JL_OK && count > 0) {
        qsort(own.records.data, count, sizeof(struct jl_counted), compare_counted);
    }
    if (rc == JL_OK) {
        rc = compare_lists(office, repair, ids, (const void *)own.records.data, count, &arena, err);
    }
    jl_buf_fini(&own.records);
    return rc;
}
