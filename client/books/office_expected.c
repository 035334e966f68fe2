/* How many records of each type the district had in a feed when its first page came: what a first
 * download is measured against.
 *
 * meta `types0` `types1`   lines "type count", by type */
#include "office_expected.h"
#include "office.h"

#include "jielian/base/fault.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LINE_BYTES = 48 }; /* two numbers at their longest take 31 */

static const char *name_of(uint32_t feed) {
    return feed == 0 ? "types0" : "types1";
}

enum jl_rc jl_office_expected_take(struct jl_office *office, const struct jl_page *page,
                                   struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    enum jl_rc rc = JL_OK;
    if (page->type_count == 0) {
        return JL_OK; /* an older district, an empty feed, or a later page */
    }
    for (size_t i = 0; rc == JL_OK && i < page->type_count; i++) {
        rc = jl_buf_printf(&text, err, "%" PRIu32 " %" PRIu64 "\n", page->types[i].type,
                           page->types[i].count);
    }
    return rc == JL_OK ? jl_store_meta_put(office->books->store, name_of(page->feed),
                                           jl_buf_bytes(&text), err)
                       : rc;
}

static enum jl_rc add_line(struct jl_bytes line, struct jl_office_expected *expected,
                           struct jl_err *err) {
    char text[LINE_BYTES];
    struct jl_type_count one = {0};
    int end = 0;
    size_t size = line.size < sizeof text - 1 ? line.size : sizeof text - 1;
    memcpy(text, line.data, size);
    text[size] = '\0';
    if (sscanf(text, "%" SCNu32 " %" SCNu64 "%n", &one.type, &one.count, &end) != 2 ||
        text[end] != '\0' || one.count > INT64_MAX ||
        expected->type_count == sizeof expected->types / sizeof *expected->types) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED, "%s",
                           "what a first download brings can't be read");
    }
    expected->types[expected->type_count++] = one;
    expected->records += one.count;
    return JL_OK;
}

static enum jl_rc add_feed(struct jl_office *office, uint32_t feed,
                           struct jl_office_expected *expected, struct jl_err *err) {
    JL_AUTO(jl_buf) buf = {0};
    enum jl_rc rc = jl_store_meta_get(office->books->store, name_of(feed), &buf, err);
    struct jl_bytes text = jl_buf_bytes(&buf);
    if (rc == JL_NOT_FOUND) {
        return JL_OK;
    }
    expected->told[feed] = rc == JL_OK;
    while (rc == JL_OK && text.size > 0) {
        const uint8_t *end = memchr(text.data, '\n', text.size);
        if (end == NULL) {
            return jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED, "%s",
                               "what a first download brings is cut off");
        }
        size_t size = (size_t)(end - text.data);
        rc = add_line(jl_bytes(text.data, size), expected, err);
        text = jl_bytes(end + 1, text.size - size - 1);
    }
    return rc;
}

enum jl_rc jl_office_expected(struct jl_office *office, struct jl_office_expected *out_expected,
                              struct jl_err *err) {
    *out_expected =
        (struct jl_office_expected){.here = office->sums[0].count + office->sums[1].count};
    enum jl_rc rc = add_feed(office, 0, out_expected, err);
    return rc == JL_OK ? add_feed(office, 1, out_expected, err) : rc;
}
