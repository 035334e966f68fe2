/* Goal: values read as people write them, sensitive ones masked, and export → import changes
 * nothing. Method: a table of values with their texts; every formatted value is parsed back. */
#include "record_sample.h"

#include "jielian/record/format.h"
#include "jielian/record/parse.h"

static struct jl_err err;

static const char *format(uint32_t number, struct jl_value value, enum jl_language language,
                          bool masked) {
    static char text[256];
    JL_AUTO(jl_buf) out = {0};
    const struct jl_field *field = jl_type_field(&member_type, number);
    assert_int_equal(masked ? jl_format_masked(field, &value, language, &out, &err)
                            : jl_format_field(field, &value, language, &out, &err),
                     JL_OK);
    assert_true(out.size < sizeof text);
    if (out.size > 0) {
        memcpy(text, out.data, out.size);
    }
    text[out.size] = '\0';
    return text;
}

struct format_case {
    uint32_t field;
    int64_t number;
    const char *zh, *en;
};

static const struct format_case cases[] = {
    {M_BIRTH, 20210105, "2021-01-05", "2021-01-05"},
    {M_MONTH, 202101, "2021-01", "2021-01"},
    {M_PAY, 0, "0.00", "0.00"},
    {M_PAY, 5, "0.05", "0.05"},
    {M_PAY, 123456, "1234.56", "1234.56"},
    {M_PAY, -150, "-1.50", "-1.50"},
    {M_PAY, 1000000000000000, "10000000000000.00", "10000000000000.00"},
    {M_MIGRANT, 1, "是", "yes"},
    {M_MIGRANT, 0, "否", "no"},
    {M_SEX, 1, "男", "Male"},
    {M_NO, 1234567, "1234567", "1234567"},
};

static void test_numbers_read_as_people_write_them(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct jl_value value = jl_value_int(cases[i].number);
        assert_string_equal(format(cases[i].field, value, JL_LANGUAGE_ZH, false), cases[i].zh);
        assert_string_equal(format(cases[i].field, value, JL_LANGUAGE_EN, false), cases[i].en);
        assert_string_equal(format(cases[i].field, value, JL_LANGUAGE_ZH, true), cases[i].zh);
    }
}

static void test_a_formatted_value_parses_back(void **state) {
    (void)state;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_problems problems;
    jl_problems_reset(&problems);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct jl_value value = jl_value_int(cases[i].number);
        const char *text = format(cases[i].field, value, JL_LANGUAGE_ZH, false);
        struct jl_value back;
        assert_int_equal(jl_parse_field(&zh, jl_type_field(&member_type, cases[i].field),
                                        jl_bytes_text(text), &arena, &back, &problems, &err),
                         JL_OK);
        assert_true(jl_value_equal(&value, &back));
    }
    struct jl_id id = {{0xAB, 1}};
    struct jl_value ref = jl_value_ref(&id);
    struct jl_value back;
    assert_int_equal(jl_parse_field(&zh, jl_type_field(&member_type, M_ORG),
                                    jl_bytes_text(format(M_ORG, ref, JL_LANGUAGE_ZH, false)),
                                    &arena, &back, &problems, &err),
                     JL_OK);
    assert_true(jl_value_equal(&ref, &back));
    assert_int_equal(problems.count, 0);
}

static void test_values_that_do_not_fit_are_shown_as_they_are(void **state) {
    (void)state;
    struct jl_value bytes = {.kind = JL_VALUE_BYTES, .bytes = jl_bytes("\x01\xAB", 2)};
    assert_string_equal(format(M_BIRTH, jl_value_int(-3), JL_LANGUAGE_ZH, false), "-3");
    assert_string_equal(format(M_BIRTH, jl_value_cstr("x"), JL_LANGUAGE_ZH, false), "x");
    assert_string_equal(format(M_SEX, jl_value_int(99), JL_LANGUAGE_ZH, false), "99");
    assert_string_equal(format(M_SEX, jl_value_int(-1), JL_LANGUAGE_ZH, false), "-1");
    assert_string_equal(format(M_MIGRANT, jl_value_int(7), JL_LANGUAGE_ZH, false), "7");
    assert_string_equal(format(M_NAME, bytes, JL_LANGUAGE_ZH, false), "01ab");
    assert_string_equal(format(M_NAME, jl_value_null(), JL_LANGUAGE_ZH, false), "");
    assert_string_equal(format(M_PAY, jl_value_int(INT64_MIN), JL_LANGUAGE_ZH, false),
                        "-92233720368547758.08");
}

static void test_sensitive_values_are_masked(void **state) {
    (void)state;
    static const struct {
        uint32_t field;
        const char *text, *masked;
    } texts[] = {
        {M_ID_NO, "990106199003070017", "990106********0017"},
        {M_ID_NO, "E12345678", "E**"},
        {M_ID_NO, "军字第0000001号", "军**"},
        {M_ID_NO, "1", "1**"},
        {M_MOBILE, "19900000001", "199****0001"},
        {M_MOBILE, "057100000000", "0**"},
        {M_NAME, "张三", "张三"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_string_equal(
            format(texts[i].field, jl_value_cstr(texts[i].text), JL_LANGUAGE_ZH, true),
            texts[i].masked);
    }
    assert_string_equal(format(M_ID_NO, jl_value_int(123456), JL_LANGUAGE_ZH, true), "**");
    assert_string_equal(format(M_ID_NO, jl_value_null(), JL_LANGUAGE_ZH, true), "");
}

static void test_a_title_leaves_out_what_is_sensitive(void **state) {
    (void)state;
    struct jl_field_value fields[] = {field_text(M_NAME, "张三"),
                                      field_text(M_ID_NO, "990106199003070017"),
                                      field_int(M_JOINED, 20200101)};
    struct jl_row row = row_of(&member_type, fields, 3);
    JL_AUTO(jl_buf) out = {0};
    assert_int_equal(jl_format_title(&member_type, &row, JL_LANGUAGE_ZH, &out, &err), JL_OK);
    assert_true(jl_bytes_is(jl_buf_bytes(&out), "张三 2020-01-01"));
    jl_buf_reset(&out);
    row.field_count = 0;
    assert_int_equal(jl_format_title(&member_type, &row, JL_LANGUAGE_EN, &out, &err), JL_OK);
    assert_true(jl_bytes_is(jl_buf_bytes(&out), "Member"));
    jl_buf_reset(&out);

    /* Titles of references are only known to the caller. */
    struct jl_id id = {{1}};
    struct jl_field_value ref[] = {{.field = T_MEMBER, .value = jl_value_ref(&id)}};
    struct jl_row transfer = row_of(&transfer_type, ref, 1);
    assert_int_equal(jl_format_title(&transfer_type, &transfer, JL_LANGUAGE_ZH, &out, &err), JL_OK);
    assert_true(jl_bytes_is(jl_buf_bytes(&out), "转会"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_read_as_people_write_them),
        cmocka_unit_test(test_a_formatted_value_parses_back),
        cmocka_unit_test(test_values_that_do_not_fit_are_shown_as_they_are),
        cmocka_unit_test(test_sensitive_values_are_masked),
        cmocka_unit_test(test_a_title_leaves_out_what_is_sensitive),
    };
    return cmocka_run_group_tests(tests, sample_setup, NULL);
}
