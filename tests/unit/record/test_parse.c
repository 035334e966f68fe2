/* Goal: what people and spreadsheets write becomes one stored form, or a sentence that helps.
 * Method: tables of good forms with their value and bad forms with a part of the sentence. */
#include "record_sample.h"

#include "jielian/record/parse.h"

#include <stdio.h>

static struct jl_err err;
static struct jl_arena arena;
static struct jl_problems problems;

static struct jl_value parse_in(const struct jl_check_context *context, uint32_t field,
                                const char *text) {
    struct jl_value value = jl_value_int(77);
    jl_problems_reset(&problems);
    jl_arena_reset(&arena);
    assert_int_equal(jl_parse_field(context, jl_type_field(&member_type, field),
                                    jl_bytes_text(text), &arena, &value, &problems, &err),
                     JL_OK);
    return value;
}

struct number_case {
    const char *text;
    int64_t number;
};

static void expect_numbers(uint32_t field, const struct number_case *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct jl_value value = parse_in(&zh, field, cases[i].text);
        if (value.kind != JL_VALUE_INT || value.number != cases[i].number || problems.count != 0) {
            fail_msg("%s gave kind %d, %lld: %s", cases[i].text, (int)value.kind,
                     (long long)value.number, problems.count > 0 ? problems.items[0].text : "");
        }
    }
}

struct text_case {
    const char *text;
    const char *expected;
};

static void expect_texts(uint32_t field, const struct text_case *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct jl_value value = parse_in(&zh, field, cases[i].text);
        if (value.kind != JL_VALUE_TEXT || !jl_bytes_is(value.bytes, cases[i].expected) ||
            problems.count != 0) {
            fail_msg("%s gave “%.*s” %s", cases[i].text, (int)value.bytes.size,
                     value.bytes.size > 0 ? (const char *)value.bytes.data : "",
                     problems.count > 0 ? problems.items[0].text : "");
        }
    }
}

/* Errors: no value, one problem on the field, in both languages, with this part in Chinese. */
static void expect_errors(uint32_t field, const struct text_case *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct jl_value value = parse_in(&en, field, cases[i].text);
        bool english = value.kind == JL_VALUE_NULL && problems.errors == 1 &&
                       strstr(problems.items[0].text, "姓名") == NULL;
        value = parse_in(&zh, field, cases[i].text);
        if (!english || value.kind != JL_VALUE_NULL || problems.count != 1 ||
            !said(&problems, JL_PROBLEM_ERROR, field, cases[i].expected)) {
            fail_msg("%s gave kind %d: %s", cases[i].text, (int)value.kind,
                     problems.count > 0 ? problems.items[0].text : "nothing");
        }
    }
}

#define NUMBERS(field, cases) expect_numbers(field, cases, sizeof cases / sizeof *cases)
#define TEXTS(field, cases) expect_texts(field, cases, sizeof cases / sizeof *cases)
#define ERRORS(field, cases) expect_errors(field, cases, sizeof cases / sizeof *cases)

static void test_blank_text_is_no_value(void **state) {
    (void)state;
    static const char *const blanks[] = {
        "", " ", "　", "\t\r\n", "\xC2\xA0", "\xEF\xBB\xBF", "\xE2\x80\x8B "};
    for (uint32_t field = M_NAME; field <= M_ALIAS; field++) {
        for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++) {
            assert_int_equal(parse_in(&zh, field, blanks[i]).kind, JL_VALUE_NULL);
            assert_int_equal(problems.count, 0);
        }
    }
}

static void test_dates_in_every_form(void **state) {
    (void)state;
    static const struct number_case good[] = {
        {"2021-1-5", 20210105},
        {"2021-01-05", 20210105},
        {"2021/1/5", 20210105},
        {"2021.1.5", 20210105},
        {"20210105", 20210105},
        {"2021年1月5日", 20210105},
        {"2021年01月05号", 20210105},
        {"２０２１－１－５", 20210105},
        {" 2021-1-5 ", 20210105},
        {"2021 年 1 月 5 日", 20210105},
        {"2021年1月5", 20210105},
        {"2021—1—5", 20210105},
        {"2021。1。5", 20210105},
        {"2021-1-5 0:00", 20210105},
        {"2021/1/5 08:30:00", 20210105},
        {"2021-01-05T00:00:00", 20210105},
        {"'2021-01-05", 20210105},
        {"44201", 20210105},
        {"44201.5", 20210105},
        {"44201.3333333333333", 20210105},
        {"44561", 20211231},
        {"20000", 19541003},
        {"80000", 21190111},
        {"43890", 20200229},
        {"36526", 20000101},
        {"2020-2-29", 20200229},
        {"1925-1-1", 19250101},
    };
    static const struct text_case bad[] = {
        {"2021-2-29", "不存在"},      {"2021-13-1", "不存在"},
        {"2021-0-1", "不存在"},       {"20210230", "不存在"},
        {"2021年4月31日", "不存在"},  {"2021-1", "缺少日"},
        {"2021年1月", "缺少日"},      {"202101", "缺少日"},
        {"21-1-5", "分不清"},         {"1/5/2021", "分不清"},
        {"5.1.21", "分不清"},         {"21年1月5日", "四位"},
        {"1月5日", "四位"},           {"昨天", "看不懂“昨天”"},
        {"19999", "看不懂"},          {"80001", "看不懂"},
        {"2021", "看不懂"},           {"2021-1/5", "看不懂"},
        {"2021-1-5-6", "看不懂"},     {"2021-01-05T16:00:00Z", "看不懂"},
        {"-44201", "看不懂"},         {"2021-1-5x", "看不懂"},
        {"99999999999999", "看不懂"},
    };
    NUMBERS(M_BIRTH, good);
    ERRORS(M_BIRTH, bad);
}

static void test_months_in_every_form(void **state) {
    (void)state;
    static const struct number_case good[] = {
        {"2021-01", 202101},        {"2021-1", 202101},    {"2021/12", 202112},
        {"202101", 202101},         {"2021年1月", 202101}, {"2021年10月份", 202110},
        {"2021.10", 202110},        {"2021.01", 202101},   {"2021.2", 202102},
        {"2021-1-1", 202101},       {"20210101", 202101},  {"44197", 202101},
        {"２０２１年１月", 202101},
    };
    static const struct text_case bad[] = {
        {"2021.1", "1 月还是 10 月"}, {"2021-13", "看不懂"},   {"2021-1-5", "某一天"},
        {"44201", "某一天"},          {"2021", "看不懂"},      {"1月", "看不懂"},
        {"202113", "看不懂"},         {"2021-2-30", "不存在"},
    };
    NUMBERS(M_MONTH, good);
    ERRORS(M_MONTH, bad);
}

static void test_amounts_in_yuan_and_wan(void **state) {
    (void)state;
    static const struct number_case good[] = {
        {"1.5万元", 1500000},
        {"1,200.50", 120050},
        {"¥300", 30000},
        {"￥300", 30000},
        {"300元", 30000},
        {"300", 30000},
        {"0", 0},
        {"0.01", 1},
        {"1.1", 110},
        {".5", 50},
        {"１２００．５０", 120050},
        {"1，200，000", 120000000},
        {"1.75亿元", 17500000000},
        {"1123.34万元", 1123340000},
        {"1.12345万", 1123450},
        {"人民币 12元整", 1200},
        {"RMB 12", 1200},
        {"2千元", 200000},
        {"1.500", 150},
        {"0.30000000000000004", 30},
        {"0.29999999999999999", 30},
        {"1234.5600000000001", 123456},
        {"-5", -500},
        {"￥ -5.00", -500},
        {"10000000000000", 1000000000000000},
    };
    static const struct text_case bad[] = {
        {"约300元", "看不懂"},
        {"300块钱", "看不懂"},
        {"1,5", "看不懂"},
        {"1.2.3", "看不懂"},
        {"1,200,5", "看不懂"},
        {"1.005", "分"},
        {"0.001", "分"},
        {"元", "看不懂"},
        {"1.75E+08", "科学记数法"},
        {"99999999999999999999", "太大"},
        {"99999999999999999亿", "太大"},
        {"abc", "看不懂"},
        {"300/月", "看不懂"},
    };
    NUMBERS(M_PAY, good);
    ERRORS(M_PAY, bad);
}

static void test_whole_numbers(void **state) {
    (void)state;
    static const struct number_case good[] = {
        {"120", 120},
        {"１２０", 120},
        {"1,200", 1200},
        {"120人", 120},
        {"120 人次", 120},
        {"1.5万", 15000},
        {"120.0", 120},
        {"+7", 7},
        {"-3", -3},
        {"007", 7},
        {"'12", 12},
        {"=\"12\"", 12},
        {"999999999999999", 999999999999999},
    };
    static const struct text_case bad[] = {
        {"12.5", "小数"},       {"十二", "看不懂"},    {"12-13", "看不懂"},
        {"约12", "看不懂"},     {"1.2E+11", "科学"},   {"99999999999999999999", "太大"},
        {"12人左右", "看不懂"}, {"1.23456万", "小数"}, {"-", "看不懂"},
        {".", "看不懂"},
    };
    NUMBERS(M_NO, good);
    ERRORS(M_NO, bad);
}

static void test_yes_and_no(void **state) {
    (void)state;
    static const struct number_case good[] = {
        {"是", 1}, {"有", 1}, {"1", 1}, {"yes", 1}, {"Y", 1},  {"TRUE", 1},  {"√", 1}, {"１", 1},
        {"否", 0}, {"无", 0}, {"0", 0}, {"no", 0},  {"ｎ", 0}, {"false", 0}, {"×", 0}, {"没有", 0},
    };
    static const struct text_case bad[] = {{"也许", "“是”或“否”"}, {"2", "看不懂“2”"}};
    NUMBERS(M_MIGRANT, good);
    ERRORS(M_MIGRANT, bad);
}

static void test_codes_by_number_key_label_and_synonym(void **state) {
    (void)state;
    static const struct number_case good[] = {
        {"企业", 1}, {" 企 业 ", 1}, {"公司", 1}, {"company", 1}, {"1", 1}, {"机关", 2},
    };
    static const struct text_case bad[] = {{"学校", "可以填：企业、机关"}};
    NUMBERS(M_NATURE, good);
    ERRORS(M_NATURE, bad);
}

static void test_an_unknown_code_names_the_nearest_labels(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *first;
    } cases[] = {
        {"招骋会", "最接近的是：招聘会"},   {"技能大赛", "最接近的是：技能竞赛"},
        {"电竞比赛", "电竞大赛"},           {"慰问活动", "最接近的是：慰问"},
        {"Job fare", "最接近的是：招聘会"},
    };
    const struct jl_field *kind = jl_type_field(&activity_type, A_KIND);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct jl_value value;
        jl_problems_reset(&problems);
        assert_int_equal(jl_parse_field(&zh, kind, jl_bytes_text(cases[i].text), &arena, &value,
                                        &problems, &err),
                         JL_OK);
        assert_int_equal(value.kind, JL_VALUE_NULL);
        if (!said(&problems, JL_PROBLEM_ERROR, A_KIND, cases[i].first)) {
            fail_msg("%s: %s", cases[i].text, problems.items[0].text);
        }
        assert_null(strstr(problems.items[0].text, "旧类别"));
    }
    jl_problems_reset(&problems);
    struct jl_value value;
    assert_int_equal(
        jl_parse_field(&en, kind, jl_bytes_text("Sport"), &arena, &value, &problems, &err), JL_OK);
    assert_string_equal(problems.items[0].text,
                        "Kind has no entry “Sport”; the nearest are: Sports, E-sports.");
}

static void test_names_in_normal_form(void **state) {
    (void)state;
    static const struct text_case good[] = {
        {"张三", "张三"},
        {" 张　三 ", "张三"},
        {"张 三 丰", "张三丰"},
        {"葛曾䮌", "葛曾䮌"},
        {"古丽米热•艾比布力", "古丽米热·艾比布力"},
        {"古丽米热・艾比布力", "古丽米热·艾比布力"},
        {"古丽米热‧艾比布力", "古丽米热·艾比布力"},
        {"古丽米热．艾比布力", "古丽米热·艾比布力"},
        {"古丽米热.艾比布力", "古丽米热·艾比布力"},
        {"古丽米热 · 艾比布力", "古丽米热·艾比布力"},
        {"古丽米热·艾比布力", "古丽米热·艾比布力"},
        {"𠮷田一", "𠮷田一"},
        {"张\xE2\x80\x8B三", "张三"},
        {"John  Smith", "John Smith"},
        {"Ｊｏｈｎ", "John"},
    };
    TEXTS(M_NAME, good);
}

static void test_plain_texts_keep_what_can_be_seen(void **state) {
    (void)state;
    static const struct text_case good[] = {
        {"  第一行\r\n第二行  ", "第一行\n第二行"},
        {"a\xEF\xBB\xBF"
         "b",
         "ab"},
        {"（甲）Ａ", "（甲）Ａ"},
        {"a\tb", "a\tb"},
        {"=1+1", "=1+1"},
        {"\xE2\x80\x9Cq\xE2\x80\x9D", "\xE2\x80\x9Cq\xE2\x80\x9D"},
        {"e\x01"
         "f",
         "ef"},
    };
    static const struct text_case bad[] = {{"\xC4\xE3\xBA\xC3", "乱码"}, {"a\xFF", "乱码"}};
    TEXTS(M_NOTE, good);
    ERRORS(M_NOTE, bad);

    char *longest = malloc(64 * 1024 + 2);
    assert_non_null(longest);
    memset(longest, 'a', 64 * 1024 + 1);
    longest[64 * 1024 + 1] = '\0';
    assert_int_equal(parse_in(&zh, M_NOTE, longest).kind, JL_VALUE_NULL);
    assert_true(said(&problems, JL_PROBLEM_ERROR, M_NOTE, "太长"));
    longest[64 * 1024] = '\0';
    assert_int_equal(parse_in(&zh, M_NOTE, longest).kind, JL_VALUE_TEXT);
    for (uint32_t field = M_SEX; field <= M_ALIAS; field++) {
        struct jl_value value = parse_in(&zh, field, longest);
        assert_true(value.kind == JL_VALUE_TEXT || problems.errors == 1);
    }
    free(longest);

    struct jl_value value;
    jl_problems_reset(&problems);
    assert_int_equal(jl_parse_field(&zh, jl_type_field(&member_type, M_NOTE), jl_bytes("a\0b", 3),
                                    &arena, &value, &problems, &err),
                     JL_OK);
    assert_int_equal(value.kind, JL_VALUE_NULL);
    assert_int_equal(problems.errors, 1);
}

static void test_id_numbers_in_normal_form(void **state) {
    (void)state;
    static const struct text_case good[] = {
        {"11010519491231002x", "11010519491231002X"},
        {"１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"},
        {" 110105 19491231 002X ", "11010519491231002X"},
        {"'11010519491231002X", "11010519491231002X"},
        {"=\"11010519491231002X\"", "11010519491231002X"},
        {"110105-19491231-002X", "11010519491231002X"},
        {"e12345678", "E12345678"},
        {"1E1234567", "1E1234567"},
    };
    static const struct text_case bad[] = {
        {"1.1010519491231E+17", "存成了数字"},
        {"1.10105E+17", "存成了数字"},
        {"4.4052418800101e+17", "存成了数字"},
        {"110105194912310016.0", "存成了数字"},
    };
    TEXTS(M_ID_NO, good);
    ERRORS(M_ID_NO, bad);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        (void)parse_in(&zh, M_ID_NO, bad[i].text);
        assert_null(strstr(problems.items[0].text, "10105"));
    }
}

static void test_phones_in_normal_form(void **state) {
    (void)state;
    static const struct text_case good[] = {
        {"19900000001", "19900000001"},       {"199 0000 0001", "19900000001"},
        {"199-0000-0001", "19900000001"},     {"+86 199-0000-0001", "19900000001"},
        {"+8619900000001", "19900000001"},    {"8619900000001", "19900000001"},
        {"008619900000001", "19900000001"},   {"１９９００００００01", "19900000001"},
        {"(0571)00000000", "057100000000"},   {"0571-00000000", "057100000000"},
        {"+86 571 00000000", "057100000000"}, {"（０５７１）0000000", "05710000000"},
        {"19900000001.0", "19900000001"},     {"'19900000001", "19900000001"},
    };
    static const struct text_case bad[] = {
        {"19900000001张三", "手机号"},
        {"1.99E+10", "科学记数法"},
        {"无", "手机号"},
        {"0571-00000000转12", "手机号"},
        {"19900000001/19900000002", "手机号"},
        {"-", "手机号"},
    };
    TEXTS(M_MOBILE, good);
    ERRORS(M_MOBILE, bad);
}

static void test_credit_codes_in_normal_form(void **state) {
    (void)state;
    static const struct text_case good[] = {
        {"91350100m000100y43", "91350100M000100Y43"},
        {"９１３５０１００Ｍ０００１００Ｙ４３", "91350100M000100Y43"},
        {"9135 0100 M000 100Y 43", "91350100M000100Y43"},
        {"9135\x03"
         "0100\x1F"
         "M000100Y43\x7F",
         "91350100M000100Y43"}, /* what cannot be seen */
    };
    static const struct text_case bad[] = {{"8.13301060000001E+17", "科学记数法"}};
    TEXTS(M_USCC, good);
    ERRORS(M_USCC, bad);
}

static void test_references_are_ids_only(void **state) {
    (void)state;
    struct jl_value value = parse_in(&zh, M_ORG, " 018F3A2B-0000-7000-8000-0000000000FF ");
    assert_int_equal(value.kind, JL_VALUE_BYTES);
    assert_int_equal(value.bytes.size, 16);
    assert_int_equal(value.bytes.data[15], 0xFF);
    static const struct text_case bad[] = {{"古荡街道总工会", "记录编号"},
                                           {"018f3a2b", "记录编号"}};
    ERRORS(M_ORG, bad);
}

static void test_a_sensitive_value_is_never_repeated(void **state) {
    (void)state;
    static const uint32_t numbers[] = {M_ID_NO, M_MOBILE};
    static const char *const texts[] = {"秘密8812345", "8.812345E+17", "8812345.0", "乱8812345写"};
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < sizeof texts / sizeof *texts; j++) {
            (void)parse_in(&zh, numbers[i], texts[j]);
            for (size_t k = 0; k < problems.count; k++) {
                assert_null(strstr(problems.items[k].text, "88"));
                assert_null(strstr(problems.items[k].text, "秘"));
            }
        }
    }
    struct jl_field hidden_pay = *jl_type_field(&member_type, M_PAY);
    hidden_pay.sensitive = true;
    struct jl_value value;
    jl_problems_reset(&problems);
    assert_int_equal(jl_parse_field(&zh, &hidden_pay, jl_bytes_text("月入3000"), &arena, &value,
                                    &problems, &err),
                     JL_OK);
    assert_string_equal(problems.items[0].text,
                        "金额应是金额，看不懂填写的内容；请写成 1200.50 或 1.5万元。");
}

static int free_arena(void **state) {
    (void)state;
    jl_arena_fini(&arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blank_text_is_no_value),
        cmocka_unit_test(test_dates_in_every_form),
        cmocka_unit_test(test_months_in_every_form),
        cmocka_unit_test(test_amounts_in_yuan_and_wan),
        cmocka_unit_test(test_whole_numbers),
        cmocka_unit_test(test_yes_and_no),
        cmocka_unit_test(test_codes_by_number_key_label_and_synonym),
        cmocka_unit_test(test_an_unknown_code_names_the_nearest_labels),
        cmocka_unit_test(test_names_in_normal_form),
        cmocka_unit_test(test_plain_texts_keep_what_can_be_seen),
        cmocka_unit_test(test_id_numbers_in_normal_form),
        cmocka_unit_test(test_phones_in_normal_form),
        cmocka_unit_test(test_credit_codes_in_normal_form),
        cmocka_unit_test(test_references_are_ids_only),
        cmocka_unit_test(test_a_sensitive_value_is_never_repeated),
    };
    return cmocka_run_group_tests(tests, sample_setup, free_arena);
}
