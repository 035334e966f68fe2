/* Goal: an invitation comes out as it went in, survives an editor on Windows, and every file that
 * was cut, changed or is something else is refused with a text that says what to do.
 * Method: one good invitation, then each way of spoiling it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jielian/base/hex.h"
#include "jielian/crypto/hasher.h"
#include "jielian/crypto/invitation.h"
#include "tests/said.h"

#include <stdio.h>
#include <string.h>

static struct jl_invitation_text sample(void) {
    struct jl_invitation_text invitation = {.suite = jl_suite_find(JL_SUITE_FIRST),
                                            .endpoint = "tcp://10.1.2.3:7800",
                                            .office_code = "GD",
                                            .office_name = "古荡街道总工会",
                                            .expires_ms = 1795400000123};
    for (size_t i = 0; i < sizeof invitation.district_public; i++) {
        invitation.district_public[i] = (uint8_t)(i * 7);
        invitation.secret.bytes[i] = (uint8_t)(255 - i);
    }
    return invitation;
}

static void encode(struct jl_buf *out) {
    struct jl_err err;
    const struct jl_invitation_text invitation = sample();
    assert_int_equal(jl_invitation_encode(&invitation, out, &err), JL_OK);
}

static void assert_is_sample(struct jl_bytes text) {
    struct jl_err err;
    const struct jl_invitation_text expected = sample();
    struct jl_invitation_text got;
    assert_int_equal(jl_invitation_decode(text, &got, &err), JL_OK);
    assert_memory_equal(got.district_public, expected.district_public, 32);
    assert_memory_equal(got.secret.bytes, expected.secret.bytes, 32);
    assert_string_equal(got.endpoint, expected.endpoint);
    assert_string_equal(got.office_code, expected.office_code);
    assert_string_equal(got.office_name, expected.office_name);
    assert_true(got.expires_ms == expected.expires_ms);
    jl_invitation_text_fini(&got);
}

static void assert_refused(struct jl_bytes text, const char *says) {
    struct jl_err err;
    struct jl_invitation_text got = {.expires_ms = -7};
    assert_int_equal(jl_invitation_decode(text, &got, &err), JL_PROTO);
    assert_non_null(strstr(err_said(&err), says));
    assert_true(got.expires_ms == -7); /* untouched */
}

static void test_an_invitation_comes_out_as_it_went_in(void **state) {
    (void)state;
    JL_AUTO(jl_buf) text = {0};
    encode(&text);
    assert_true(text.size < JL_INVITATION_MAX_BYTES);
    assert_is_sample(jl_buf_bytes(&text));
}

static void test_a_file_saved_on_windows_is_read_all_the_same(void **state) {
    (void)state;
    JL_AUTO(jl_buf) text = {0};
    char saved[JL_INVITATION_MAX_BYTES];
    size_t size = 0;
    encode(&text);
    memcpy(saved, "\xEF\xBB\xBF", 3);
    size = 3;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '\n') {
            saved[size++] = '\r';
        }
        saved[size++] = (char)text.data[i];
    }
    memcpy(saved + size, "\r\n\r\n", 4);
    assert_is_sample(jl_bytes(saved, size + 4));
    assert_is_sample(jl_bytes(saved, size - 2)); /* the last line end is lost */
}

static void test_a_file_cut_off_anywhere_is_refused(void **state) {
    (void)state;
    JL_AUTO(jl_buf) text = {0};
    encode(&text);
    /* One byte short is only the last line end. */
    for (size_t size = 0; size + 1 < text.size; size++) {
        assert_refused(jl_bytes(text.data, size),
                       size < strlen("jielian invitation v") ? "not a jielian invitation" : "");
    }
}

static void test_any_changed_character_is_noticed(void **state) {
    (void)state;
    JL_AUTO(jl_buf) text = {0};
    encode(&text);
    for (size_t i = 0; i + 1 < text.size; i++) {
        uint8_t was = text.data[i];
        text.data[i] = was == '0' ? '1' : '0';
        assert_refused(jl_buf_bytes(&text), "");
        text.data[i] = was;
    }
    assert_is_sample(jl_buf_bytes(&text));
}

static void test_other_files_are_told_apart_from_spoiled_ones(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *says;
    } rows[] = {
        {"", "not a jielian invitation"},
        {"姓名,证件号码\n", "not a jielian invitation"},
        {"jielian keys v1\n", "not a jielian invitation"},
        {"jielian invitation v2\ndistrict=00\n", "another version"},
        {"jielian invitation v1\n", "ask the district for a new one"},
        {"jielian invitation v1\nsum=0000000000000000\n", "ask the district for a new one"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_refused(jl_bytes_text(rows[i].text), rows[i].says);
    }
    char large[JL_INVITATION_MAX_BYTES + 2];
    memset(large, 'a', sizeof large);
    assert_refused(jl_bytes(large, sizeof large), "not a jielian invitation");
    assert_refused(jl_bytes("jielian invitation v1\n\0", 23), "not a jielian invitation");
}

static void test_more_lines_than_there_should_be_are_refused(void **state) {
    (void)state;
    JL_AUTO(jl_buf) text = {0};
    struct jl_err err;
    encode(&text);
    assert_int_equal(jl_buf_put_text(&text, "endpoint=tcp://10.9.9.9:1\n", &err), JL_OK);
    assert_refused(jl_buf_bytes(&text), "ask the district for a new one");
}

static void test_parts_that_would_break_the_lines_are_not_written(void **state) {
    (void)state;
    JL_AUTO(jl_buf) text = {0};
    struct jl_err err;
    struct jl_invitation_text rows[5] = {sample(), sample(), sample(), sample(), sample()};
    memcpy(rows[0].office_code, "G D", 4);
    memcpy(rows[1].office_name, "a\nb", 4);
    memcpy(rows[2].endpoint, "tcp://a b", 10);
    rows[3].office_name[0] = '\0';
    memcpy(rows[4].office_name, "\x1B[2Ja", 6); /* clears the terminal it is shown on */
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(jl_invitation_encode(&rows[i], &text, &err), JL_MISUSE);
        assert_int_equal(text.size, 0);
    }
}

/* Whoever forges an invitation makes the sum right too. */
static void test_parts_that_no_district_writes_are_not_read(void **state) {
    (void)state;
    static const char *const parts[][2] = {
        {"tcp://10.1.2.3", "tcp: 10.1.2.3"}, {"GD 古荡", "GD \x1B[2Ja"}, {"GD 古荡", "G\tD 古"}};
    JL_AUTO_PTR(jl_hasher) hasher = NULL;
    struct jl_err err;
    assert_int_equal(jl_hasher_new(jl_suite_find(JL_SUITE_FIRST), &hasher, &err), JL_OK);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        JL_AUTO(jl_buf) text = {0};
        uint8_t hash[JL_HASH_BYTES];
        char sum[17];
        encode(&text);
        uint8_t *at = memmem(text.data, text.size, parts[i][0], strlen(parts[i][0]));
        assert_non_null(at);
        memcpy(at, parts[i][1], strlen(parts[i][1]));
        uint8_t *end = memmem(text.data, text.size, "sum=", 4);
        const struct jl_bytes above = jl_bytes(text.data, (size_t)(end - text.data));
        assert_int_equal(jl_hasher_digest(hasher, &above, 1, hash, &err), JL_OK);
        jl_hex_encode(jl_bytes(hash, 8), sum);
        memcpy(end + 4, sum, 16);
        assert_refused(jl_buf_bytes(&text), "ask the district for a new one");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_invitation_comes_out_as_it_went_in),
        cmocka_unit_test(test_a_file_saved_on_windows_is_read_all_the_same),
        cmocka_unit_test(test_a_file_cut_off_anywhere_is_refused),
        cmocka_unit_test(test_any_changed_character_is_noticed),
        cmocka_unit_test(test_other_files_are_told_apart_from_spoiled_ones),
        cmocka_unit_test(test_more_lines_than_there_should_be_are_refused),
        cmocka_unit_test(test_parts_that_would_break_the_lines_are_not_written),
        cmocka_unit_test(test_parts_that_no_district_writes_are_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
