/* How it went before: the last cycles, and whether the last program stopped as it should.
 *
 * meta `past`   "stop S\n" "at_work W\n", then the cycles (cycles.h). S: how the program before the
 *               last one to begin had stopped (enum jl_last_stop); W 1 from its beginning to its
 *               orderly end. Who finds 1 and has the folder's lock knows that it was cut off. */
#include "office_past.h"
#include "office.h"

#include "jielian/base/fault.h"

#include <stdio.h>
#include <string.h>

static const char meta_name[] = "past";

static enum jl_rc decode(struct jl_bytes text, struct jl_past *out_past, struct jl_err *err) {
    struct jl_past past = {0};
    char head[32];
    unsigned stop = 0;
    unsigned at_work = 0;
    int end = 0;
    size_t size = text.size < sizeof head - 1 ? text.size : sizeof head - 1;
    memcpy(head, text.data, size);
    head[size] = '\0';
    if (sscanf(head, "stop %u\nat_work %u%n", &stop, &at_work, &end) != 2 || head[end] != '\n' ||
        stop > JL_STOP_CUT_OFF || at_work > 1) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED, "%s",
                           "what is kept of the last cycles can't be read");
    }
    past.last_stop = (enum jl_last_stop)stop;
    past.begun = true;
    past.at_work = at_work == 1;
    text = jl_bytes(text.data + end + 1, text.size - (size_t)end - 1);
    enum jl_rc rc = jl_cycles_decode(text, &past.cycles, err);
    if (rc == JL_OK) {
        *out_past = past;
    }
    return rc;
}

enum jl_rc jl_office_past(struct jl_office *office, struct jl_past *out_past, struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    enum jl_rc rc = jl_store_meta_get(office->books->store, meta_name, &text, err);
    if (rc == JL_NOT_FOUND) {
        *out_past = (struct jl_past){0};
        return JL_OK;
    }
    return rc == JL_OK ? decode(jl_buf_bytes(&text), out_past, err) : rc;
}

static enum jl_rc put(struct jl_office *office, const struct jl_past *past, struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    enum jl_rc rc = jl_buf_printf(&text, err, "stop %u\nat_work %u\n", (unsigned)past->last_stop,
                                  past->at_work ? 1U : 0U);
    if (rc == JL_OK) {
        rc = jl_cycles_encode(&past->cycles, &text, err);
    }
    return rc == JL_OK
               ? jl_store_meta_put(office->books->store, meta_name, jl_buf_bytes(&text), err)
               : rc;
}

enum jl_rc jl_office_past_keep(struct jl_office *office, const struct jl_past *past,
                               struct jl_err *err) {
    enum jl_rc rc = jl_office_begin(office, true, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = put(office, past, err);
    if (rc == JL_OK) {
        return jl_office_commit(office, err);
    }
    jl_office_rollback(office);
    return rc;
}

static enum jl_rc begin_work(struct jl_office *office, struct jl_past *out_past,
                             struct jl_err *err) {
    struct jl_past past;
    enum jl_rc rc = jl_office_past(office, &past, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (past.begun) { /* else nothing says how the last one stopped */
        past.last_stop = past.at_work ? JL_STOP_CUT_OFF : JL_STOP_CLEAN;
    }
    past.begun = past.at_work = true;
    rc = put(office, &past, err);
    if (rc == JL_OK) {
        *out_past = past;
    }
    return rc;
}

enum jl_rc jl_office_past_begin(struct jl_office *office, struct jl_past *out_past,
                                struct jl_err *err) {
    enum jl_rc rc = jl_office_begin(office, true, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = begin_work(office, out_past, err);
    if (rc == JL_OK) {
        return jl_office_commit(office, err);
    }
    jl_office_rollback(office);
    return rc;
}
