/* How often an office entered today what a record of another office has already, and asked somebody
 * in: who tries numbers to learn whose they are is seen by operators. Folds over the journal, of
 * the last day only.
 *
 *   meta `doubles<office>`, `asks<office>`   day (yyyymmdd) count, u64be each */
#include "daily.h"
#include "district.h"

#include "jielian/base/buf.h"
#include "jielian/base/date.h"
#include "jielian/base/reader.h"
#include "jielian/books/meta.h"
#include "jielian/store/store.h"

#include <inttypes.h>
#include <stdio.h>

enum { DOUBLES_NAME_BYTES = 24, DOUBLES_BYTES = 2 * 8 };

struct day_count {
    uint64_t day, count;
};

static void name_of(const char *what, uint32_t office, char out_name[static DOUBLES_NAME_BYTES]) {
    (void)snprintf(out_name, DOUBLES_NAME_BYTES, "%s%" PRIu32, what, office);
}

static enum jl_rc load(struct jl_district *district, const char *name,
                       struct day_count *out_count_of_day, struct jl_err *err) {
    uint8_t bytes[DOUBLES_BYTES] = {0};
    struct jl_reader reader = {.rest = jl_bytes(bytes, sizeof bytes)};
    *out_count_of_day = (struct day_count){0};
    enum jl_rc rc = jl_meta_get_bytes(district->books->store, name, bytes, sizeof bytes, err);
    if (rc != JL_OK) {
        return rc == JL_NOT_FOUND ? JL_OK : rc;
    }
    rc = jl_reader_u64be(&reader, &out_count_of_day->day, err);
    return rc == JL_OK ? jl_reader_u64be(&reader, &out_count_of_day->count, err) : rc;
}

static enum jl_rc count_one(struct jl_district *district, const char *what, uint32_t office,
                            int64_t now_ms, uint64_t *out_count, struct jl_err *err) {
    char name[DOUBLES_NAME_BYTES];
    JL_AUTO(jl_buf) bytes = {0};
    struct day_count day_count;
    uint64_t day = (uint64_t)jl_date_of_ms(now_ms);
    *out_count = 0;
    if (office == 0) {
        return JL_OK;
    }
    name_of(what, office, name);
    enum jl_rc rc = load(district, name, &day_count, err);
    day_count.count = day_count.day == day ? day_count.count + 1 : 1;
    *out_count = day_count.count;
    if (rc == JL_OK) {
        rc = jl_buf_put_u64be(&bytes, day, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put_u64be(&bytes, day_count.count, err);
    }
    return rc == JL_OK ? jl_store_meta_put(district->books->store, name, jl_buf_bytes(&bytes), err)
                       : rc;
}

enum jl_rc jl_daily_add_pair(struct jl_district *district, uint32_t office, int64_t now_ms,
                             struct jl_err *err) {
    uint64_t count = 0;
    return count_one(district, "doubles", office, now_ms, &count, err);
}

enum jl_rc jl_daily_add_ask(struct jl_district *district, uint32_t office, int64_t now_ms,
                            uint64_t *out_count, struct jl_err *err) {
    return count_one(district, "asks", office, now_ms, out_count, err);
}

static enum jl_rc today_of(struct jl_district *district, const char *what, uint32_t office,
                           uint64_t *out_count, struct jl_err *err) {
    char name[DOUBLES_NAME_BYTES];
    struct day_count day_count;
    int64_t today = jl_date_of_ms(district->clock.wall_ms(district->clock.context));
    name_of(what, office, name);
    enum jl_rc rc = load(district, name, &day_count, err);
    *out_count = day_count.day == (uint64_t)today ? day_count.count : 0;
    return rc;
}

enum jl_rc jl_daily_pairs(struct jl_district *district, uint32_t office, uint64_t *out_count,
                          struct jl_err *err) {
    return today_of(district, "doubles", office, out_count, err);
}

enum jl_rc jl_daily_asks(struct jl_district *district, uint32_t office, uint64_t *out_count,
                         struct jl_err *err) {
    return today_of(district, "asks", office, out_count, err);
}
