/* Goal: the admission log says the same after it was written and read, however it was put together;
 * what was cut off is passed over, every other damage is found with its line, and each bound is met
 * at its edge. Method: events through the text and back, texts with one thing wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/books/admissions.h"
#include "server/books/unknown.h"
#include "tests/said.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct jl_keys district_keys = {.sign_public = {7, 7, 7}};

static void must(enum jl_rc rc, const struct jl_err *err) {
    if (rc != JL_OK) {
        print_error("%s: %s\n", jl_rc_name(rc), err_said(err));
    }
    assert_int_equal(rc, JL_OK);
}

static struct jl_sealer *sealer_of(uint8_t byte) {
    struct jl_err err;
    const struct jl_secret key = {.bytes = {byte}};
    struct jl_sealer *sealer = NULL;
    must(jl_sealer_new(jl_suite_find(JL_SUITE_FIRST), &key, &sealer, &err), &err);
    return sealer;
}

static int start(void **state) {
    district_keys.suite = jl_suite_find(JL_SUITE_FIRST);
    *state = sealer_of(1);
    return 0;
}

static int end(void **state) {
    jl_sealer_free(*state);
    return 0;
}

/* ---- Events ---- */

static struct jl_admission_event office(uint64_t event, uint32_t number, const char *code,
                                        const char *name) {
    struct jl_admission_event made = {
        .event = event, .at_ms = 1790000000000, .kind = JL_ADMISSION_OFFICE, .number = number};
    snprintf(made.code, sizeof made.code, "%s", code);
    snprintf(made.name, sizeof made.name, "%s", name);
    return made;
}

static struct jl_admission_event device(uint64_t event, uint32_t number, uint8_t key,
                                        const char *name) {
    struct jl_admission_event made = {.event = event,
                                      .at_ms = 1790000000000,
                                      .kind = JL_ADMISSION_DEVICE,
                                      .number = number,
                                      .office = 1,
                                      .suite = JL_SUITE_FIRST,
                                      .sign_public_bytes = 32};
    made.curve_public[0] = key;
    made.sign_public[31] = key;
    snprintf(made.name, sizeof made.name, "%s", name);
    return made;
}

static struct jl_admission_event invitation(uint64_t event, uint32_t number) {
    return (struct jl_admission_event){.event = event,
                                       .kind = JL_ADMISSION_INVITATION,
                                       .number = number,
                                       .office = 1,
                                       .expires_ms = 1790000000001};
}

static struct jl_admission_event used(uint64_t event, uint32_t number, uint32_t by) {
    return (struct jl_admission_event){.event = event,
                                       .at_ms = 1790000000002,
                                       .kind = JL_ADMISSION_USED,
                                       .number = number,
                                       .device = by};
}

static struct jl_admission_event stated(uint64_t event, uint32_t number,
                                        enum jl_device_state state) {
    return (struct jl_admission_event){
        .event = event, .kind = JL_ADMISSION_STATE, .number = number, .state = state};
}

static void write_log(struct jl_sealer *sealer, const struct jl_admission_event *events,
                      size_t count, struct jl_buf *out) {
    struct jl_err err;
    uint8_t tag[JL_TAG_BYTES];
    must(jl_admissions_encode(events, count, true, sealer, &district_keys, tag, out, &err), &err);
}

static enum jl_rc read_log(struct jl_sealer *sealer, struct jl_bytes text,
                           struct jl_admissions *log, struct jl_err *err) {
    *log = (struct jl_admissions){0};
    return jl_admissions_decode(text, sealer, &district_keys, log, err);
}

static void take(struct jl_admissions *log, struct jl_admission_event event) {
    struct jl_err err;
    must(jl_admissions_take(log, &event, &err), &err);
}

#define EVENTS                                                                                     \
    office(1, 1, "GD", "古荡街道总工会"), office(2, 2, "BS", "100% of 北山 -"), invitation(3, 1),  \
        device(4, 1, 11, "前台 1"), used(5, 1, 1), device(6, 2, 12, ""),                           \
        stated(7, 2, JL_DEVICE_SUSPENDED), invitation(8, 2), device(9, 3, 13, "-"),                \
        stated(10, 3, JL_DEVICE_REVOKED), (struct jl_admission_event) {                            \
        .event = JL_ADMISSION_GAP_EVENTS, .at_ms = -5, .kind = JL_ADMISSION_RESTORED, .floors = {  \
            19,                                                                                    \
            68,                                                                                    \
            67                                                                                     \
        }                                                                                          \
    }

static void check_events(const struct jl_admissions *log) {
    assert_int_equal(log->last, JL_ADMISSION_GAP_EVENTS);
    assert_int_equal(log->office_count, 2);
    assert_string_equal(jl_admissions_office(log, 2)->name, "100% of 北山 -");
    assert_int_equal(jl_admissions_coded(log, "GD")->number, 1);
    assert_null(jl_admissions_coded(log, "XX"));
    assert_int_equal(jl_admissions_invitation(log, 1)->is.device, 1);
    assert_int_equal(jl_admissions_invitation(log, 1)->is.used_ms, 1790000000002);
    assert_int_equal(jl_admissions_invitation(log, 2)->is.used_ms, 0);
    assert_int_equal(jl_admissions_invitation(log, 2)->is.expires_ms, 1790000000001);
    assert_int_equal(jl_admissions_device(log, 1)->is.state, JL_DEVICE_ACTIVE);
    assert_int_equal(jl_admissions_device(log, 2)->is.state, JL_DEVICE_SUSPENDED);
    assert_int_equal(jl_admissions_device(log, 3)->is.state, JL_DEVICE_REVOKED);
    assert_string_equal(jl_admissions_device(log, 1)->is.name, "前台 1");
    assert_string_equal(jl_admissions_device(log, 2)->is.name, "");
    assert_string_equal(jl_admissions_device(log, 3)->is.name, "-");
    assert_null(jl_admissions_device(log, 4));
    assert_int_equal(log->floors[JL_NUMBER_DEVICE], 68);
    assert_int_equal(log->restored_ms, -5);
}

static void test_what_was_written_is_read(void **state) {
    const struct jl_admission_event events[] = {EVENTS};
    JL_AUTO(jl_buf) text = {0};
    JL_AUTO(jl_admissions) log = {0};
    struct jl_err err;
    write_log(*state, events, sizeof events / sizeof *events, &text);
    must(read_log(*state, jl_buf_bytes(&text), &log, &err), &err);
    assert_int_equal(log.whole_bytes, text.size);
    check_events(&log);
}

/* A suite that a newer program knows, too: the log outlives programs. */
static void test_a_signing_key_names_its_suite(void **state) {
    static const uint32_t sizes[] = {1, 65, JL_SIGN_PUBLIC_MAX_BYTES};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct jl_admission_event event = device(1, 1, 11, "前台 1");
        JL_AUTO(jl_buf) text = {0};
        JL_AUTO(jl_admissions) log = {0};
        struct jl_err err;
        event.suite = JL_SUITE_NUMBER_MAX;
        event.sign_public_bytes = sizes[i];
        memset(event.sign_public, 0, sizeof event.sign_public);
        memset(event.sign_public, 0xAB, sizes[i]);
        write_log(*state, &event, 1, &text);
        assert_non_null(memmem(text.data, text.size, " s32:ab", strlen(" s32:ab")));
        must(read_log(*state, jl_buf_bytes(&text), &log, &err), &err);
        const struct jl_device *read = &jl_admissions_device(&log, 1)->is;
        assert_int_equal(read->suite, JL_SUITE_NUMBER_MAX);
        assert_int_equal(read->sign_public_bytes, sizes[i]);
        assert_memory_equal(read->sign_public, event.sign_public, sizeof event.sign_public);
    }
    /* Of a suite that is known its size is known, too. */
    struct jl_admission_event cut = device(1, 1, 11, "前台 1");
    JL_AUTO(jl_buf) text = {0};
    JL_AUTO(jl_admissions) log = {0};
    struct jl_err err;
    cut.sign_public_bytes = 31;
    write_log(*state, &cut, 1, &text);
    assert_int_equal(read_log(*state, jl_buf_bytes(&text), &log, &err), JL_CORRUPT);
}

/* It is not damaged, and not this district's. */
static void test_a_log_of_another_suite_is_another_districts(void **state) {
    struct jl_suite suite = *district_keys.suite;
    const struct jl_keys other = {.suite = &suite, .sign_public = {7, 7, 7}};
    const struct jl_admission_event events[] = {EVENTS};
    uint8_t tag[JL_TAG_BYTES];
    JL_AUTO(jl_buf) text = {0};
    JL_AUTO(jl_admissions) log = {0};
    struct jl_err err;
    suite.number = JL_SUITE_NUMBER_MAX;
    must(jl_admissions_encode(events, 1, true, *state, &other, tag, &text, &err), &err);
    assert_memory_equal(text.data, "jielian admissions v1 s32 07", 28);
    assert_int_equal(read_log(*state, jl_buf_bytes(&text), &log, &err), JL_CONFLICT);
}

static void test_it_is_written_behind_and_folded(void **state) {
    const struct jl_admission_event events[] = {EVENTS};
    const size_t count = sizeof events / sizeof *events;
    JL_AUTO(jl_buf) text = {0};
    JL_AUTO(jl_buf) folded = {0};
    struct jl_err err;
    write_log(*state, events, 1, &text);
    for (size_t i = 1; i < count; i++) {
        JL_AUTO(jl_admissions) log = {0};
        must(read_log(*state, jl_buf_bytes(&text), &log, &err), &err);
        must(jl_admissions_encode(events + i, 1, false, *state, &district_keys, log.tag, &text,
                                  &err),
             &err);
    }
    JL_AUTO(jl_admissions) log = {0};
    must(read_log(*state, jl_buf_bytes(&text), &log, &err), &err);
    check_events(&log);
    struct jl_admission_event *list = NULL;
    size_t listed = 0;
    must(jl_admissions_list(&log, 0, &list, &listed, &err), &err);
    assert_int_equal(listed, count);
    write_log(*state, list, listed, &folded);
    assert_int_equal(folded.size, text.size); /* nothing in it was overtaken */
    assert_memory_equal(folded.data, text.data, text.size);
    free(list);
    must(jl_admissions_list(&log, 8, &list, &listed, &err), &err);
    assert_int_equal(listed, 3);
    assert_int_equal(list[0].event, 9);
    free(list);
}

static void test_any_bytes_may_be_a_name(void **state) {
    char name[64] = "";
    for (int first = 1; first < 256; first += 60) {
        for (int i = 0; i < 60 && first + i < 256; i++) {
            name[i] = (char)(uint8_t)(first + i);
            name[i + 1] = '\0';
        }
        const struct jl_admission_event event = device(1, 1, 1, name);
        JL_AUTO(jl_buf) text = {0};
        JL_AUTO(jl_admissions) log = {0};
        struct jl_err err;
        write_log(*state, &event, 1, &text);
        must(read_log(*state, jl_buf_bytes(&text), &log, &err), &err);
        assert_string_equal(jl_admissions_device(&log, 1)->is.name, name);
    }
}

static void test_the_longest_line_fits(void **state) {
    struct jl_admission_event event = office(INT64_MAX, JL_OFFICES_MAX - 1, "", "");
    JL_AUTO(jl_buf) text = {0};
    JL_AUTO(jl_admissions) log = {0};
    struct jl_err err;
    memset(event.code, '\1', sizeof event.code - 1);
    memset(event.name, '\xff', sizeof event.name - 1);
    write_log(*state, &event, 1, &text);
    must(read_log(*state, jl_buf_bytes(&text), &log, &err), &err);
    assert_memory_equal(jl_admissions_office(&log, JL_OFFICES_MAX - 1)->name, event.name,
                        sizeof event.name);
}

/* ---- Damage ---- */

static void test_a_write_that_was_cut_off_is_passed_over_anywhere(void **state) {
    const struct jl_admission_event events[] = {office(1, 1, "GD", "古荡"),
                                                office(2, 2, "BS", "北山")};
    JL_AUTO(jl_buf) text = {0};
    struct jl_err err;
    write_log(*state, events, 2, &text);
    for (size_t size = 0; size < text.size; size++) {
        JL_AUTO(jl_admissions) log = {0};
        must(read_log(*state, jl_bytes(text.data, size), &log, &err), &err);
        assert_true(log.whole_bytes <= size);
        assert_int_equal(log.whole_bytes == 0,
                         memchr(text.data, '\n', size) == NULL); /* the first line: nothing is */
        assert_true(log.office_count <= 1);
    }
}

static void test_every_other_change_names_its_line(void **state) {
    const struct jl_admission_event events[] = {EVENTS};
    JL_AUTO(jl_buf) text = {0};
    struct jl_err err;
    size_t line = 1;
    write_log(*state, events, sizeof events / sizeof *events, &text);
    for (size_t i = 0; i + 1 < text.size; i++) {
        JL_AUTO(jl_admissions) log = {0};
        char name[16];
        bool is_end = text.data[i] == '\n';
        text.data[i] ^= 1;
        enum jl_rc rc = read_log(*state, jl_buf_bytes(&text), &log, &err);
        text.data[i] ^= 1;
        assert_true(rc == JL_CORRUPT || (rc == JL_CONFLICT && line == 1));
        snprintf(name, sizeof name, "line %zu", line);
        assert_true(rc == JL_CONFLICT || strstr(err_said(&err), name) != NULL);
        line += is_end;
    }
}

static void test_a_line_that_is_taken_out_or_moved_is_noticed(void **state) {
    const struct jl_admission_event events[] = {EVENTS};
    JL_AUTO(jl_buf) text = {0};
    JL_AUTO(jl_buf) bad = {0};
    struct jl_err err;
    JL_AUTO(jl_admissions) log = {0};
    write_log(*state, events, sizeof events / sizeof *events, &text);
    const uint8_t *second = memchr(text.data, '\n', text.size);
    const uint8_t *third = memchr(second + 1, '\n', text.size - (size_t)(second + 1 - text.data));
    must(jl_buf_put(&bad, text.data, (size_t)(second + 1 - text.data), &err), &err);
    must(jl_buf_put(&bad, third + 1, text.size - (size_t)(third + 1 - text.data), &err), &err);
    assert_int_equal(read_log(*state, jl_buf_bytes(&bad), &log, &err), JL_CORRUPT);
    assert_non_null(strstr(err_said(&err), "line 2"));
}

static void test_other_keys_and_other_districts(void **state) {
    const struct jl_admission_event events[] = {EVENTS};
    const struct jl_keys other = {.suite = district_keys.suite, .sign_public = {8}};
    JL_AUTO(jl_buf) text = {0};
    JL_AUTO(jl_admissions) log = {0};
    JL_AUTO(jl_admissions) again = {0};
    struct jl_err err;
    struct jl_sealer *stranger = sealer_of(2);
    write_log(*state, events, sizeof events / sizeof *events, &text);
    assert_int_equal(jl_admissions_decode(jl_buf_bytes(&text), *state, &other, &log, &err),
                     JL_CONFLICT);
    assert_int_equal(read_log(stranger, jl_buf_bytes(&text), &again, &err), JL_CORRUPT);
    jl_sealer_free(stranger);
}

/* Lines that carry a right tag and make no sense: only our own key could have written them. */
static void test_what_no_program_of_ours_writes(void **state) {
    static const struct jl_admission_event bad[] = {
        {.event = 0, .kind = JL_ADMISSION_STATE, .number = 1, .state = JL_DEVICE_ACTIVE},
        {.event = 9, .kind = JL_ADMISSION_STATE, .number = 1, .state = JL_DEVICE_ACTIVE},
        {.event = 9, .kind = JL_ADMISSION_USED, .number = 1},
        {.event = 9, .kind = JL_ADMISSION_OFFICE, .number = 0, .code = "A", .name = "B"},
        {.event = 9, .kind = JL_ADMISSION_OFFICE, .number = JL_OFFICES_MAX, .code = "A"},
        {.event = 9, .kind = JL_ADMISSION_DEVICE, .number = JL_DEVICES_MAX, .office = 1},
        {.event = 9, .kind = JL_ADMISSION_DEVICE, .number = 1, .office = 0},
        {.event = 9, .kind = JL_ADMISSION_INVITATION, .number = JL_INVITATIONS_MAX, .office = 1},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        JL_AUTO(jl_buf) text = {0};
        JL_AUTO(jl_admissions) log = {0};
        struct jl_err err;
        write_log(*state, &bad[i], 1, &text);
        assert_int_equal(read_log(*state, jl_buf_bytes(&text), &log, &err), JL_CORRUPT);
        assert_non_null(strstr(err_said(&err), "line 2"));
    }
    const struct jl_admission_event back[] = {office(5, 1, "A", "甲"), office(4, 2, "B", "乙")};
    JL_AUTO(jl_buf) text = {0};
    JL_AUTO(jl_admissions) log = {0};
    struct jl_err err;
    write_log(*state, back, 2, &text);
    assert_int_equal(read_log(*state, jl_buf_bytes(&text), &log, &err), JL_CORRUPT);
}

static void test_a_log_at_its_bound_is_read_and_no_longer_one(void **state) {
    JL_AUTO(jl_buf) text = {0};
    JL_AUTO(jl_admissions) log = {0};
    JL_AUTO(jl_admissions) again = {0};
    struct jl_err err;
    struct jl_admission_event event = device(1, 1, 1, "甲");
    write_log(*state, &event, 1, &text);
    must(jl_buf_reserve(&text, JL_ADMISSIONS_MAX_BYTES + 1 - text.size, &err), &err);
    memset(text.data + text.size, 'x', JL_ADMISSIONS_MAX_BYTES + 1 - text.size); /* cut off */
    must(read_log(*state, jl_bytes(text.data, JL_ADMISSIONS_MAX_BYTES), &log, &err), &err);
    assert_int_equal(
        read_log(*state, jl_bytes(text.data, JL_ADMISSIONS_MAX_BYTES + 1), &again, &err), JL_LIMIT);
}

static void test_a_full_district_fits(void **state) {
    JL_AUTO(jl_buf) text = {0};
    JL_AUTO(jl_admissions) log = {0};
    struct jl_admission_event *events = calloc(2 * JL_DEVICES_MAX, sizeof *events);
    struct jl_err err;
    size_t count = 0;
    for (uint32_t number = 1; number < JL_DEVICES_MAX; number++) {
        events[count] = device(count + 1, number, 1, "区总工会三楼南侧办事大厅前台一号");
        memcpy(events[count++].curve_public, &number, sizeof number);
        events[count] = stated(count + 1, number, JL_DEVICE_SUSPENDED);
        count++;
    }
    write_log(*state, events, count, &text);
    free(events);
    must(read_log(*state, jl_buf_bytes(&text), &log, &err), &err);
    assert_int_equal(log.device_count, JL_DEVICES_MAX - 1);
}

/* ---- Putting logs together ---- */

static void test_revoked_stays_revoked_in_any_order(void **state) {
    (void)state;
    const struct jl_admission_event lines[] = {
        device(1, 1, 1, "甲"), stated(2, 1, JL_DEVICE_REVOKED), stated(3, 1, JL_DEVICE_ACTIVE)};
    for (int order = 0; order < 2; order++) {
        JL_AUTO(jl_admissions) log = {0};
        take(&log, lines[0]);
        take(&log, lines[order == 0 ? 1 : 2]);
        take(&log, lines[order == 0 ? 2 : 1]);
        assert_int_equal(jl_admissions_device(&log, 1)->is.state, JL_DEVICE_REVOKED);
    }
}

static void test_the_later_event_counts_whenever_it_is_read(void **state) {
    (void)state;
    JL_AUTO(jl_admissions) log = {0};
    take(&log, device(1, 1, 1, "甲"));
    take(&log, stated(5, 1, JL_DEVICE_ACTIVE));
    take(&log, stated(4, 1, JL_DEVICE_SUSPENDED)); /* of the other log */
    assert_int_equal(jl_admissions_device(&log, 1)->is.state, JL_DEVICE_ACTIVE);
    take(&log, office(6, 1, "GE", "新名"));
    take(&log, office(2, 1, "GD", "旧名"));
    assert_string_equal(jl_admissions_office(&log, 1)->code, "GE");
    assert_int_equal(jl_admissions_coded(&log, "GD")->number, 1);
    assert_int_equal(log.last, 6);
}

static void test_a_number_that_another_pc_had_says_nothing_of_this_one(void **state) {
    (void)state;
    JL_AUTO(jl_admissions) log = {0};
    take(&log, device(1, 5, 1, "甲"));
    take(&log, stated(2, 5, JL_DEVICE_REVOKED));
    take(&log, device(9, 5, 2, "乙"));
    assert_int_equal(jl_admissions_device(&log, 5)->is.state, JL_DEVICE_ACTIVE);
    assert_string_equal(jl_admissions_device(&log, 5)->is.name, "乙");
    take(&log, stated(2, 5, JL_DEVICE_REVOKED)); /* of the first one, read late */
    assert_int_equal(jl_admissions_device(&log, 5)->is.state, JL_DEVICE_ACTIVE);
}

/* ---- Numbers ---- */

static void test_numbers_go_on_behind_books_and_log(void **state) {
    (void)state;
    JL_AUTO(jl_admissions) log = {0};
    assert_int_equal(jl_admissions_next(&log, JL_NUMBER_DEVICE, 0), 1);
    take(&log, device(1, 7, 1, "甲"));
    assert_int_equal(jl_admissions_next(&log, JL_NUMBER_DEVICE, 3), 8);
    assert_int_equal(jl_admissions_next(&log, JL_NUMBER_DEVICE, 11), 12);
    take(&log, (struct jl_admission_event){
                   .event = 2, .kind = JL_ADMISSION_RESTORED, .floors = {5, 40, 0}});
    assert_int_equal(jl_admissions_next(&log, JL_NUMBER_DEVICE, 11), 40);
    assert_int_equal(jl_admissions_next(&log, JL_NUMBER_DEVICE, 39), 40);
    assert_int_equal(jl_admissions_next(&log, JL_NUMBER_DEVICE, 40), 41);
    assert_int_equal(jl_admissions_next(&log, JL_NUMBER_OFFICE, 0), 5);
    assert_int_equal(jl_admissions_next(&log, JL_NUMBER_INVITATION, 0), 1);
}

static void test_the_gap_is_what_still_fits(void **state) {
    (void)state;
    static const struct {
        enum jl_numbered what;
        uint32_t next, floor;
        uint8_t epoch; /* its byte for what is numbered */
    } rows[] = {
        {JL_NUMBER_OFFICE, 1, 4 * JL_OFFICES_GAP, 3 * JL_OFFICES_GAP - 1},
        {JL_NUMBER_OFFICE, 1, 1 + JL_OFFICES_GAP, 3 * JL_OFFICES_GAP},
        {JL_NUMBER_DEVICE, 1, 4 * JL_DEVICES_GAP, 3 * JL_DEVICES_GAP - 1},
        {JL_NUMBER_INVITATION, 1, 1 + JL_INVITATIONS_GAP + 63, 255},
        {JL_NUMBER_OFFICE, 1, 1 + JL_OFFICES_GAP, 0},
        {JL_NUMBER_OFFICE, JL_OFFICES_MAX - 1 - JL_OFFICES_GAP, JL_OFFICES_MAX - 1, 0},
        {JL_NUMBER_OFFICE, JL_OFFICES_MAX - 2 - JL_OFFICES_GAP, JL_OFFICES_MAX - 2, 0},
        {JL_NUMBER_OFFICE, JL_OFFICES_MAX - JL_OFFICES_GAP, JL_OFFICES_MAX - 1, 0},
        {JL_NUMBER_OFFICE, JL_OFFICES_MAX - 2, JL_OFFICES_MAX - 1, 0},
        {JL_NUMBER_OFFICE, JL_OFFICES_MAX - 1, JL_OFFICES_MAX - 1, 0},
        {JL_NUMBER_OFFICE, JL_OFFICES_MAX, JL_OFFICES_MAX, 0}, /* none was left before */
        {JL_NUMBER_DEVICE, 1, 1 + JL_DEVICES_GAP, 0},
        {JL_NUMBER_DEVICE, JL_DEVICES_MAX - 3, JL_DEVICES_MAX - 1, 0},
        {JL_NUMBER_INVITATION, 1, 1 + JL_INVITATIONS_GAP, 0},
        {JL_NUMBER_INVITATION, (uint32_t)JL_INVITATIONS_MAX - 3, (uint32_t)JL_INVITATIONS_MAX - 1,
         0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t epoch[JL_NUMBERED] = {0};
        epoch[rows[i].what] = rows[i].epoch;
        assert_int_equal(jl_admissions_floor(rows[i].what, rows[i].next, epoch), rows[i].floor);
    }
}

/* ---- Keys that nobody knows ---- */

static void call(struct jl_unknown *unknown, uint32_t number, uint64_t count, int64_t at_ms) {
    uint8_t key[JL_UNKNOWN_KEY_BYTES] = {0};
    memcpy(key, &number, sizeof number);
    jl_unknown_note(unknown, key, count, at_ms);
}

static void test_who_goes_on_calling_keeps_its_place(void **state) {
    (void)state;
    struct jl_unknown unknown = {0};
    call(&unknown, 1, 1, 10);
    call(&unknown, 1, 1, 20);
    for (uint32_t stranger = 2; stranger < 1000; stranger++) {
        call(&unknown, stranger, 1, 20 + stranger);
    }
    assert_int_equal(unknown.count, JL_UNKNOWN_MAX);
    jl_unknown_sort(&unknown);
    assert_int_equal(unknown.of[0].last_ms, 20 + 999);
    assert_int_equal(unknown.of[JL_UNKNOWN_MAX - 1].count, 2);
    call(&unknown, 1, UINT64_MAX, 9999);
    jl_unknown_sort(&unknown);
    assert_true(unknown.of[0].count == UINT64_MAX);
}

static void test_unknown_keys_survive_as_text(void **state) {
    (void)state;
    struct jl_unknown unknown = {0};
    struct jl_unknown again = {0};
    struct jl_err err;
    JL_AUTO(jl_buf) text = {0};
    for (uint32_t i = 0; i < JL_UNKNOWN_MAX; i++) {
        call(&unknown, i, i + 1, 1790000000000 + i);
    }
    must(jl_unknown_encode(&unknown, &text, &err), &err);
    must(jl_unknown_decode(jl_buf_bytes(&text), &again, &err), &err);
    assert_memory_equal(&unknown, &again, sizeof unknown);
    assert_int_equal(jl_unknown_decode(jl_bytes(text.data, text.size - 1), &again, &err),
                     JL_CORRUPT);
    must(jl_buf_printf(&text, &err, "%064d 1 1\n", 7), &err);
    assert_int_equal(jl_unknown_decode(jl_buf_bytes(&text), &again, &err), JL_CORRUPT);
    assert_int_equal(jl_unknown_decode(jl_bytes_text("12 1 1\n"), &again, &err), JL_CORRUPT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_written_is_read),
        cmocka_unit_test(test_a_signing_key_names_its_suite),
        cmocka_unit_test(test_a_log_of_another_suite_is_another_districts),
        cmocka_unit_test(test_it_is_written_behind_and_folded),
        cmocka_unit_test(test_any_bytes_may_be_a_name),
        cmocka_unit_test(test_the_longest_line_fits),
        cmocka_unit_test(test_a_write_that_was_cut_off_is_passed_over_anywhere),
        cmocka_unit_test(test_every_other_change_names_its_line),
        cmocka_unit_test(test_a_line_that_is_taken_out_or_moved_is_noticed),
        cmocka_unit_test(test_other_keys_and_other_districts),
        cmocka_unit_test(test_what_no_program_of_ours_writes),
        cmocka_unit_test(test_a_log_at_its_bound_is_read_and_no_longer_one),
        cmocka_unit_test(test_a_full_district_fits),
        cmocka_unit_test(test_revoked_stays_revoked_in_any_order),
        cmocka_unit_test(test_the_later_event_counts_whenever_it_is_read),
        cmocka_unit_test(test_a_number_that_another_pc_had_says_nothing_of_this_one),
        cmocka_unit_test(test_numbers_go_on_behind_books_and_log),
        cmocka_unit_test(test_the_gap_is_what_still_fits),
        cmocka_unit_test(test_who_goes_on_calling_keeps_its_place),
        cmocka_unit_test(test_unknown_keys_survive_as_text),
    };
    return cmocka_run_group_tests(tests, start, end);
}
