/* Any bytes as an admission log, and as the list of unknown keys. Tags are taken for right as long
 * as they are zero (--wrap): else no changed line would ever be read. What is taken is listed,
 * written and read alike, and its numbers are within their bounds. */
#include "fuzz.h"

#include "server/books/admissions.h"
#include "server/books/unknown.h"

#include "jielian/base/assert.h"

#include <stdlib.h>
#include <string.h>

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): names of ld --wrap */
enum jl_rc __wrap_jl_sealer_tag(struct jl_sealer *sealer, struct jl_bytes associated,
                                struct jl_bytes plain, uint8_t *out_tag, struct jl_err *err);

enum jl_rc __wrap_jl_sealer_tag(struct jl_sealer *sealer, struct jl_bytes associated,
                                struct jl_bytes plain, uint8_t *out_tag, struct jl_err *err) {
    (void)sealer;
    (void)associated;
    (void)plain;
    (void)err;
    memset(out_tag, 0, JL_TAG_BYTES);
    return JL_OK;
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

static struct jl_keys district_keys;

static void check(const struct jl_admissions *log) {
    for (size_t i = 0; i < log->device_count; i++) {
        uint32_t number = log->devices[i].is.number;
        JL_ASSERT(number > 0 && number < JL_DEVICES_MAX);
        JL_ASSERT(i == 0 || log->devices[i - 1].is.number < number);
        JL_ASSERT(jl_admissions_device(log, number) == &log->devices[i]);
    }
    for (int what = 0; what < JL_NUMBERED; what++) {
        JL_ASSERT(jl_admissions_next(log, (enum jl_numbered)what, 5) >= 6);
    }
}

static void write_and_read(const struct jl_admissions *log) {
    struct jl_admission_event *events = NULL;
    size_t count = 0;
    uint8_t tag[JL_TAG_BYTES];
    JL_AUTO(jl_buf) first = {0};
    JL_AUTO(jl_buf) second = {0};
    JL_AUTO(jl_admissions) again = {0};
    JL_ASSERT(jl_admissions_list(log, 0, &events, &count, NULL) == JL_OK);
    JL_ASSERT(jl_admissions_encode(events, count, true, NULL, &district_keys, tag, &first, NULL) ==
              JL_OK);
    free(events);
    JL_ASSERT(jl_admissions_decode(jl_buf_bytes(&first), NULL, &district_keys, &again, NULL) ==
              JL_OK);
    JL_ASSERT(jl_admissions_list(&again, 0, &events, &count, NULL) == JL_OK);
    JL_ASSERT(jl_admissions_encode(events, count, true, NULL, &district_keys, tag, &second, NULL) ==
              JL_OK);
    free(events);
    JL_ASSERT(jl_bytes_equal(jl_buf_bytes(&first), jl_buf_bytes(&second)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    JL_AUTO(jl_admissions) log = {0};
    struct jl_unknown unknown;
    struct jl_err err;
    district_keys.suite = jl_suite_find(JL_SUITE_FIRST);
    enum jl_rc rc = jl_admissions_decode(jl_bytes(data, size), NULL, &district_keys, &log, &err);
    JL_ASSERT(log.whole_bytes <= size);
    if (rc == JL_OK) {
        check(&log);
        write_and_read(&log);
    } else {
        JL_ASSERT(rc == JL_CORRUPT || rc == JL_CONFLICT || rc == JL_LIMIT);
    }
    rc = jl_unknown_decode(jl_bytes(data, size), &unknown, &err);
    JL_ASSERT(rc == JL_OK || rc == JL_CORRUPT);
    JL_ASSERT(unknown.count <= JL_UNKNOWN_MAX);
    return 0;
}
