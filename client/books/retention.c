/* How long the outbox keeps what the district confirmed.
 *
 * A district that is restored from a backup asks for these ops again, so no clock alone may drop
 * one: what is counted are days on which the district was met. A proof counts its day when both
 * clocks, the district's and this PC's, show another day than at the last count. A clock that
 * stands still counts nothing, one that leaps to another year and back counts one day for each that
 * the other clock shows.
 *
 *   proof: no mark                   mark = what is confirmed, days = 0
 *          the mark's own day        mark = what is confirmed by now
 *          a new day, few days       days + 1
 *          … more than KEEP_DAYS     the ops up to the mark go; a new mark
 *
 * So an op stays for one to two times JL_CONFIRMED_KEEP_DAYS such days. They begin and end at
 * midnight: it takes one day more than that number for so many whole days to lie between.
 *
 * meta `keep`   u8 form (2), u64be position, days, date at the district, date here (yyyymmdd)
 * Any other size or form is no mark: the count begins anew, and nothing is dropped too early. */
#include "retention.h"
#include "office.h"

#include "jielian/base/date.h"
#include "jielian/base/reader.h"

enum {
    FORM = 2, /* 16 bytes, a time of the district and a position, were the first */
    FORM_BYTES = 1 + 4 * 8,
};

static const char keep_mark[] = "keep";

struct mark {
    bool set;
    uint64_t pos;                     /* what is up to here was confirmed when the mark was set */
    uint64_t days;                    /* counted since */
    uint64_t district_date, own_date; /* of the last count */
};

static enum jl_rc get_mark(struct jl_office *office, struct mark *out_mark, struct jl_err *err) {
    JL_AUTO(jl_buf) buf = {0};
    struct mark mark = {.set = true};
    uint64_t *const numbers[] = {&mark.pos, &mark.days, &mark.district_date, &mark.own_date};
    *out_mark = (struct mark){0};
    enum jl_rc rc = jl_store_meta_get(office->books->store, keep_mark, &buf, err);
    if (rc != JL_OK || buf.size != FORM_BYTES || buf.data[0] != FORM) {
        return rc == JL_NOT_FOUND ? JL_OK : rc;
    }
    struct jl_reader reader = {.rest = jl_bytes(buf.data + 1, FORM_BYTES - 1)};
    for (size_t i = 0; rc == JL_OK && i < sizeof numbers / sizeof *numbers; i++) {
        rc = jl_reader_u64be(&reader, numbers[i], err);
    }
    if (rc == JL_OK) {
        *out_mark = mark;
    }
    return rc;
}

static enum jl_rc put_mark(struct jl_office *office, const struct mark *mark, struct jl_err *err) {
    JL_AUTO(jl_buf) buf = {0};
    const uint64_t numbers[] = {mark->pos, mark->days, mark->district_date, mark->own_date};
    enum jl_rc rc = jl_buf_put_u8(&buf, FORM, err);
    for (size_t i = 0; rc == JL_OK && i < sizeof numbers / sizeof *numbers; i++) {
        rc = jl_buf_put_u64be(&buf, numbers[i], err);
    }
    return rc == JL_OK ? jl_store_meta_put(office->books->store, keep_mark, jl_buf_bytes(&buf), err)
                       : rc;
}

enum jl_rc jl_retention_restart(struct jl_office *office, struct jl_err *err) {
    return jl_store_meta_put(office->books->store, keep_mark, jl_bytes(NULL, 0), err);
}

enum jl_rc jl_retention_trim(struct jl_office *office, int64_t district_ms, struct jl_err *err) {
    const uint64_t confirmed = office->state.confirmed_pos;
    const uint64_t district_date = (uint64_t)jl_date_of_ms(district_ms);
    const uint64_t own_date = (uint64_t)jl_date_of_ms(office->clock.wall_ms(office->clock.context));
    struct mark mark;
    enum jl_rc rc = get_mark(office, &mark, err);
    if (rc != JL_OK) {
        return rc;
    }
    bool another_day = mark.district_date != district_date && mark.own_date != own_date;
    if (mark.set && !another_day) {
        if (mark.days > 0 || mark.pos == confirmed) {
            return JL_OK;
        }
        mark.pos = confirmed;
        return put_mark(office, &mark, err);
    }
    mark.days++;
    mark.district_date = district_date;
    mark.own_date = own_date;
    if (mark.set && mark.days <= JL_CONFIRMED_KEEP_DAYS) {
        return put_mark(office, &mark, err);
    }
    if (mark.set) {
        rc = jl_outbox_trim(office->books->store, mark.pos < confirmed ? mark.pos : confirmed, err);
    }
    mark.pos = confirmed;
    mark.days = 0;
    return rc == JL_OK ? put_mark(office, &mark, err) : rc;
}
