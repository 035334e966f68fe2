/* The head of a journal entry: what is written is read, every prefix and every changed byte is
 * either another head or refused, and what a newer program wrote is told apart from damage. */
#include "server/books/entry.h"
#include "tests/said.h"
#include "tests/unit/sync/protocol_vectors.h"

static struct jl_err err;

static struct jl_entry_head sample(void) {
    struct jl_entry_head head = {.rules = JL_RULES,
                                 .kind = JL_ENTRY_RELEASE,
                                 .device = 70000,
                                 .office = 12,
                                 .date_limit = 20261130,
                                 .came_back_upto = UINT64_MAX};
    memset(head.incarnation, 0x11, sizeof head.incarnation);
    memset(head.sign_public, 0x22, jl_suite_find(JL_SUITE_FIRST)->sign->public_bytes);
    return head;
}

static void test_a_head_is_read_as_it_was_written(void **state) {
    (void)state;
    const struct jl_entry_head head = sample();
    struct jl_entry_head read;
    JL_AUTO(jl_buf) bytes = {0};
    assert_int_equal(jl_entry_encode(jl_suite_find(JL_SUITE_FIRST), &head, &bytes, &err), JL_OK);
    assert_int_equal(
        jl_entry_decode(jl_suite_find(JL_SUITE_FIRST), jl_buf_bytes(&bytes), &read, &err), JL_OK);
    assert_int_equal(read.rules, head.rules);
    assert_int_equal(read.kind, head.kind);
    assert_int_equal(read.device, head.device);
    assert_int_equal(read.office, head.office);
    assert_int_equal(read.date_limit, head.date_limit);
    assert_true(read.came_back_upto == head.came_back_upto);
    assert_memory_equal(read.incarnation, head.incarnation, sizeof head.incarnation);
    assert_memory_equal(read.sign_public, head.sign_public, sizeof head.sign_public);
}

static void test_a_head_is_written_as_the_page_says(void **state) {
    (void)state;
    struct jl_entry_head head = {.rules = 2,
                                 .kind = JL_ENTRY_BATCH,
                                 .device = 4,
                                 .office = 7,
                                 .date_limit = 20261130,
                                 .came_back_upto = 300};
    JL_AUTO(jl_buf) bytes = {0};
    vector_bytes(VECTOR_INCARNATION, head.incarnation, sizeof head.incarnation);
    vector_bytes(VECTOR_SIGN_PUBLIC, head.sign_public, 32);
    assert_int_equal(jl_entry_encode(jl_suite_find(JL_SUITE_FIRST), &head, &bytes, &err), JL_OK);
    assert_vector(bytes.data, bytes.size, VECTOR_JOURNAL_HEAD);
}

/* The size stands in the head; what another suite wrote is not cut to this one's. */
static void test_the_key_is_as_long_as_the_journals_suite_says(void **state) {
    (void)state;
    struct jl_suite suite = *jl_suite_find(JL_SUITE_FIRST);
    struct jl_sign_method sign = *suite.sign;
    struct jl_entry_head head = sample();
    suite.sign = &sign;
    for (size_t size = JL_SIGN_PUBLIC_MAX_BYTES - 1; size <= JL_SIGN_PUBLIC_MAX_BYTES; size++) {
        JL_AUTO(jl_buf) bytes = {0};
        struct jl_entry_head read;
        sign.public_bytes = size;
        head.sign_public[size - 1] = 0x33;
        assert_int_equal(jl_entry_encode(&suite, &head, &bytes, &err), JL_OK);
        assert_int_equal(jl_entry_decode(&suite, jl_buf_bytes(&bytes), &read, &err), JL_OK);
        assert_memory_equal(read.sign_public, head.sign_public, size);
        assert_true(read.came_back_upto == head.came_back_upto);
        sign.public_bytes = size - 1;
        assert_int_equal(jl_entry_decode(&suite, jl_buf_bytes(&bytes), &read, &err), JL_CORRUPT);
    }
}

static void test_no_head_is_one_of_rules_0(void **state) {
    (void)state;
    struct jl_entry_head read = sample();
    assert_int_equal(jl_entry_decode(jl_suite_find(JL_SUITE_FIRST), jl_bytes(NULL, 0), &read, &err),
                     JL_OK);
    assert_int_equal(read.rules, 0);
    assert_int_equal(read.kind, JL_ENTRY_BATCH);
    assert_int_equal(read.device, 0);
}

static void test_what_is_cut_off_or_too_long_is_damage(void **state) {
    (void)state;
    const struct jl_entry_head head = sample();
    struct jl_entry_head read;
    JL_AUTO(jl_buf) bytes = {0};
    assert_int_equal(jl_entry_encode(jl_suite_find(JL_SUITE_FIRST), &head, &bytes, &err), JL_OK);
    for (size_t size = 1; size < bytes.size; size++) {
        assert_int_equal(
            jl_entry_decode(jl_suite_find(JL_SUITE_FIRST), jl_bytes(bytes.data, size), &read, &err),
            JL_CORRUPT);
    }
    assert_int_equal(jl_buf_put_u8(&bytes, 0, &err), JL_OK);
    assert_int_equal(
        jl_entry_decode(jl_suite_find(JL_SUITE_FIRST), jl_buf_bytes(&bytes), &read, &err),
        JL_CORRUPT);
}

static void test_newer_rules_ask_for_the_newer_program(void **state) {
    (void)state;
    struct jl_entry_head head = sample();
    struct jl_entry_head read;
    JL_AUTO(jl_buf) bytes = {0};
    head.rules = JL_RULES + 1;
    assert_int_equal(jl_entry_encode(jl_suite_find(JL_SUITE_FIRST), &head, &bytes, &err), JL_OK);
    assert_int_equal(
        jl_entry_decode(jl_suite_find(JL_SUITE_FIRST), jl_buf_bytes(&bytes), &read, &err),
        JL_MISUSE);
    assert_non_null(strstr(err_said(&err), "newer program"));
    bytes.size = 0;
    head.rules = JL_RULES;
    head.kind = (enum jl_entry_kind)(JL_ENTRY_PART + 1);
    assert_int_equal(jl_entry_encode(jl_suite_find(JL_SUITE_FIRST), &head, &bytes, &err), JL_OK);
    assert_int_equal(
        jl_entry_decode(jl_suite_find(JL_SUITE_FIRST), jl_buf_bytes(&bytes), &read, &err),
        JL_MISUSE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_head_is_read_as_it_was_written),
        cmocka_unit_test(test_a_head_is_written_as_the_page_says),
        cmocka_unit_test(test_the_key_is_as_long_as_the_journals_suite_says),
        cmocka_unit_test(test_no_head_is_one_of_rules_0),
        cmocka_unit_test(test_what_is_cut_off_or_too_long_is_damage),
        cmocka_unit_test(test_newer_rules_ask_for_the_newer_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
