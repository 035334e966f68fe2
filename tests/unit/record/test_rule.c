/* Goal: the validator accepts every good value of the rules (docs/domain.md section 2) and names
 * each fault. Method: tables per rule, one changed digit at a time for check digits, then whole
 * rows. */
#include "jielian/base/fault.h"
#include "jielian/base/limits.h"
#include "jielian/record/derive.h"
#include "record_sample.h"

#include <stdio.h>

static struct jl_problems problems;

/* Check a member that is in order but for one field. */
static void check_member(uint32_t number, struct jl_value value) {
    struct jl_field_value fields[24] = {field_text(M_NAME, "张三"),
                                        field_text(M_ID_NO, "810000198807301021"),
                                        field_int(M_JOINED, 20200101)};
    size_t count = 3;
    size_t place = 0;
    while (place < count && fields[place].field < number) {
        place++;
    }
    if (place == count || fields[place].field != number) {
        memmove(&fields[place + 1], &fields[place], (count - place) * sizeof *fields);
        count++;
    }
    fields[place].field = number;
    fields[place].value = value;
    struct jl_row row = row_of(&member_type, fields, count);
    jl_problems_reset(&problems);
    jl_check_row(&zh, &member_type, &row, &problems);
}

struct rule_case {
    const char *text;
    const char *problem; /* NULL: good */
    bool warning;
};

static void expect_texts(uint32_t field, const struct rule_case *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        check_member(field, jl_value_cstr(cases[i].text));
        bool fits = cases[i].problem == NULL
                        ? problems.count == 0
                        : said(&problems, cases[i].warning ? JL_PROBLEM_WARNING : JL_PROBLEM_ERROR,
                               field, cases[i].problem) &&
                              problems.errors == (cases[i].warning ? 0 : 1);
        if (!fits) {
            fail_msg("%s: %zu problems, %s", cases[i].text, problems.count,
                     problems.count > 0 ? problems.items[0].text : "");
        }
    }
}

#define TEXTS(field, cases) expect_texts(field, cases, sizeof cases / sizeof *cases)

static void test_a_member_in_order_has_no_problem(void **state) {
    (void)state;
    check_member(M_NAME, jl_value_cstr("张三"));
    assert_int_equal(problems.count, 0);
}

static void test_names(void **state) {
    (void)state;
    static const struct rule_case cases[] = {
        {"葛曾䮌", NULL, false},
        {"古丽米热·艾比布力", NULL, false},
        {"欧阳", NULL, false},
        {"𠮷田", NULL, false},
        {"〇一", NULL, false},
        {"一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十", NULL, false},
        {"John Smith", "不是汉字", true},
        {"O'Neil-Brown Jr.", "不是汉字", true},
        {"José María", "不是汉字", true},
        {"张", "至少 2", false},
        {"一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一", "最多 30", false},
        {"张 三", "“ ”", false},
        {"张三1", "“1”", false},
        {"张三A", "“A”", false},
        {"张三（组长）", "“（”", false},
        {"张三,李四", "“,”", false},
        {"张•三", "“•”", false},
        {"·张三", "间隔号", false},
        {"张三·", "间隔号", false},
        {"张··三", "间隔号", false},
        {"张\xEE\xA1\xA3", "造字", false},
        {"12", "“1”", false},
    };
    TEXTS(M_NAME, cases);
}

static void test_id_numbers(void **state) {
    (void)state;
    static const struct rule_case cases[] = {
        {"810000198807301021", NULL, false},
        {"820000188807301024", "16 到 70", true},
        {"830000188807301026", "16 到 70", true},
        {"11010519491231002X", "16 到 70", true},
        {"440524188001010014", "16 到 70", true},
        {"990106199003070017", "地区码", true},
        {"11010519491231002x", "17 位数字", false}, /* not in normal form */
        {"110105194913310021", "出生日期", false},  /* month 13 */
        {"990106202301010017", "出生日期", false},  /* after today */
        {"99010619900307001", "现在是 17 位", false},
        {"9901061990030700170", "现在是 19 位", false},
        {"990106199003070017 ", "现在是 19 位", false},
        {"110105491231002", "15 位", false},
        {"99010619900307OO17", "17 位数字", false},
        {"990106199003070000", "存成了数字", false},
        {"110105194912310000", "存成了数字", false},
        {"护照", "现在是 2 位", false},
    };
    TEXTS(M_ID_NO, cases);
}

static void test_one_wrong_or_two_swapped_digits_are_found(void **state) {
    (void)state;
    static const char *const good[] = {"11010519491231002X", "440524188001010014",
                                       "810000198807301021", "810000198807301021"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        for (size_t place = 0; place < 17; place++) {
            char text[19];
            memcpy(text, good[i], sizeof text);
            text[place] = (char)('0' + (text[place] - '0' + 1) % 10);
            check_member(M_ID_NO, jl_value_cstr(text));
            assert_int_equal(problems.errors, 1);
            memcpy(text, good[i], sizeof text);
            if (place < 16 && text[place] != text[place + 1]) {
                text[place] = good[i][place + 1];
                text[place + 1] = good[i][place];
                check_member(M_ID_NO, jl_value_cstr(text));
                assert_int_equal(problems.errors, 1);
            }
        }
        for (char last = '0'; last <= '9'; last++) {
            char text[19];
            memcpy(text, good[i], sizeof text);
            text[17] = last;
            check_member(M_ID_NO, jl_value_cstr(text));
            assert_int_equal(problems.errors, last == good[i][17] ? 0 : 1);
        }
    }
}

static void test_ages_at_the_edge(void **state) {
    (void)state;
    /* Today is 2022-09-30. */
    static const struct {
        const char *id_no;
        bool warns;
    } cases[] = {
        {"990106200609300011", false}, /* 16 today */
        {"990106200610010011", true},  /* 16 tomorrow */
        {"990106195209300019", false}, /* 70 today */
        {"990106195109300011", true},  /* 71 today */
        {"990106195209290017", false}, /* 70 */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_member(M_ID_NO, jl_value_cstr(cases[i].id_no));
        assert_int_equal(said(&problems, JL_PROBLEM_WARNING, M_ID_NO, "16 到 70"), cases[i].warns);
        assert_int_equal(problems.errors, 0);
    }
}

static void test_other_documents_count_by_length_only(void **state) {
    (void)state;
    static const struct {
        int64_t kind;
        const char *id_no;
        size_t errors;
    } cases[] = {
        {3, "E12345678", 0},
        {3, "E123", 1},
        {3, "E1234567890123456789", 0},
        {3, "E12345678901234567890", 1},
        {3, "E1234 678", 1},
        {4, "CHE110099001234", 0},
        {4, "911044199003070010", 0},
        {1, "E12345678", 1},
        {2, "810000198807301021", 0},
        {2, "810000198807301022", 1},
        {3, "军字第0000001号", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct jl_field_value fields[] = {
            field_text(M_NAME, "张三"), field_int(M_ID_KIND, cases[i].kind),
            field_text(M_ID_NO, cases[i].id_no), field_int(M_JOINED, 20200101)};
        struct jl_row row = row_of(&member_type, fields, 4);
        jl_problems_reset(&problems);
        jl_check_row(&zh, &member_type, &row, &problems);
        if (problems.errors != cases[i].errors) {
            fail_msg("%s: %zu errors", cases[i].id_no, problems.errors);
        }
    }
}

static void test_credit_codes(void **state) {
    (void)state;
    static const struct rule_case cases[] = {
        {"91350100M000100Y43", NULL, false},
        {"91330106MA20000150", NULL, false}, /* check character 0 */
        {"81330106MC0000001B", NULL, false},
        {"91350100M000100Y44", "校验码", false},
        {"91330106MA20000151", "校验码", false},
        {"91330106MA2000015V", "“V”", false},
        {"91350100MOOO100Y43", "“O”", false},
        {"91350100m000100Y43", "“m”", false},
        {"91350100M000100Y4", "现在是 17 位", false},
        {"91350100M000100Y433", "现在是 19 位", false},
        {"企业", "“企”", false},
    };
    static const struct rule_case of_unions[] = {
        {"81330106MC0000001B", NULL, false},
        {"91350100M000100Y43", "81 开头", false},
    };
    TEXTS(M_USCC, cases);
    TEXTS(M_UNION, of_unions);
}

static void test_phones(void **state) {
    (void)state;
    static const struct rule_case cases[] = {
        {"19900000001", NULL, false},       {"13000000000", NULL, false},
        {"057100000000", NULL, false},      {"05710000000", NULL, false},
        {"01000000000", NULL, false},       {"0210000000", NULL, false},
        {"12000000000", "手机号", false},   {"1990000000", "手机号", false},
        {"199000000011", "手机号", false},  {"00000000", "手机号", false},
        {"0571000000", "手机号", false},    {"0571000000000", "手机号", false},
        {"010000000000", "手机号", false},  {"00571000000", "手机号", false},
        {"0571-00000000", "手机号", false}, {"0", "手机号", false},
    };
    TEXTS(M_MOBILE, cases);
}

struct number_case {
    uint32_t field;
    int64_t number;
    const char *problem; /* NULL: good */
};

static void test_numbers_dates_and_codes(void **state) {
    (void)state;
    static const struct number_case cases[] = {
        {M_BIRTH, 19250101, NULL},
        {M_BIRTH, 19241231, "不能早于 1925-01-01"},
        {M_BIRTH, 20210229, "重新填写"},
        {M_BIRTH, -1, "重新填写"},
        {M_EXPIRY, 20220930, NULL},
        {M_EXPIRY, 20991231, NULL},
        {M_EXPIRY, 22000101, "不能晚于 2199-12-31"},
        {M_JOINED, 20220930, NULL},
        {M_JOINED, 20221001, "不能晚于今天（2022-09-30）"},
        {M_MONTH, 202209, NULL},
        {M_MONTH, 202210, "不能晚于今天"},
        {M_MONTH, 202213, "重新填写"},
        {M_MONTH, 192412, "不能早于 1925-01"},
        {M_MONTH, INT64_MAX, "重新填写"},
        {M_WEEK, 20220926, NULL},
        {M_WEEK, 20220928, "星期一；那一周请写 2022-09-26"},
        {M_WEEK, 20220925, "2022-09-19"},
        {M_WEEK, 20221003, "不能晚于今天"},
        {M_WEEK, 20221005, "2022-10-03"},
        {M_AGE, 1, NULL},
        {M_AGE, 0, "不能小于 1"},
        {M_AGE, 151, "不能大于 150"},
        {M_PAY, 0, NULL},
        {M_PAY, -1, "不能小于 0.00"},
        {M_SEX, 1, NULL},
        {M_SEX, 9, "代码 9"},
        {M_SEX, -1, "代码 -1"},
        {M_SEX, INT64_MAX, "目录"},
        {M_MIGRANT, 0, NULL},
        {M_MIGRANT, 2, "重新填写"},
        {M_ORG, 5, "重新填写"},
        {M_NAME, 5, "重新填写"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_member(cases[i].field, jl_value_int(cases[i].number));
        bool fits = cases[i].problem == NULL
                        ? problems.errors == 0
                        : said(&problems, JL_PROBLEM_ERROR, cases[i].field, cases[i].problem) &&
                              problems.errors == 1;
        if (!fits) {
            fail_msg("case %zu: %s", i, problems.count > 0 ? problems.items[0].text : "good");
        }
    }
}

static void test_texts_and_references(void **state) {
    (void)state;
    struct jl_id id = {{1}};
    check_member(M_ORG, jl_value_ref(&id));
    assert_int_equal(problems.count, 0);
    struct jl_value cut = {.kind = JL_VALUE_BYTES, .bytes = jl_bytes(id.bytes, 15)};
    check_member(M_ORG, cut);
    assert_true(said(&problems, JL_PROBLEM_ERROR, M_ORG, "重新填写"));
    check_member(M_NOTE, jl_value_ref(&id));
    assert_true(said(&problems, JL_PROBLEM_ERROR, M_NOTE, "重新填写"));
    check_member(M_NOTE, jl_value_cstr(""));
    assert_true(said(&problems, JL_PROBLEM_ERROR, M_NOTE, "空白"));
    check_member(M_NOTE, jl_value_cstr("\xFF"));
    assert_true(said(&problems, JL_PROBLEM_ERROR, M_NOTE, "乱码"));
    check_member(M_SEX, jl_value_cstr("男"));
    assert_true(said(&problems, JL_PROBLEM_ERROR, M_SEX, "重新填写"));
    check_member(777, jl_value_cstr("unknown to this catalogue"));
    assert_int_equal(problems.count, 0);
}

static void test_required_fields_are_asked_for_once(void **state) {
    (void)state;
    struct jl_row row = row_of(&member_type, NULL, 0);
    jl_problems_reset(&problems);
    jl_check_row(&zh, &member_type, &row, &problems);
    assert_int_equal(problems.errors, 3);
    assert_true(said(&problems, JL_PROBLEM_ERROR, M_NAME, "请填写姓名。"));
    assert_true(said(&problems, JL_PROBLEM_ERROR, M_JOINED, "请填写入会日期。"));
    /* A field that could not be read is not also missing. */
    jl_problems_reset(&problems);
    jl_problem_add(&problems, JL_PROBLEM_ERROR, M_NAME, JL_LANGUAGE_ZH, JL_FAULT_TEXT, "%s",
                   "unreadable");
    jl_check_row(&en, &member_type, &row, &problems);
    assert_int_equal(problems.errors, 3);
    assert_false(said(&problems, JL_PROBLEM_ERROR, M_NAME, "Please"));
    assert_true(said(&problems, JL_PROBLEM_ERROR, M_JOINED, "Please fill in Joined on."));
}

static void test_fields_are_held_against_each_other(void **state) {
    (void)state;
    struct jl_field_value fields[] = {field_int(A_HEADS, 20000), field_int(A_TIMES, 19999),
                                      field_int(A_START, 20220102), field_int(A_END, 20220101),
                                      field_int(A_COST, 100)};
    struct jl_row row = row_of(&activity_type, fields, 5);
    jl_problems_reset(&problems);
    jl_check_row(&zh, &activity_type, &row, &problems);
    assert_int_equal(problems.errors, 2);
    assert_true(said(&problems, JL_PROBLEM_ERROR, A_HEADS, "人数不能大于人次"));
    assert_true(said(&problems, JL_PROBLEM_ERROR, A_START, "结束日期不能早于开始日期"));
    assert_true(said(&problems, JL_PROBLEM_WARNING, A_HEADS, "经费偏少"));
    fields[1].value.number = 20000;
    fields[3].value.number = 20220102;
    fields[4].value.number = 20000;
    jl_problems_reset(&problems);
    jl_check_row(&zh, &activity_type, &row, &problems);
    assert_int_equal(problems.count, 0);
    fields[4].value.number = 10000051;
    jl_check_row(&zh, &activity_type, &row, &problems);
    assert_true(said(&problems, JL_PROBLEM_ERROR, A_COST, "不能大于 100000.50"));
}

static void test_sex_and_birth_are_compared_with_the_id_number(void **state) {
    (void)state;
    struct jl_field_value fields[] = {
        field_text(M_NAME, "张三"), field_int(M_SEX, 1), field_int(M_BIRTH, 19880731),
        field_text(M_ID_NO, "810000198807301021"), field_int(M_JOINED, 20200101)};
    struct jl_row row = row_of(&member_type, fields, 5);
    jl_problems_reset(&problems);
    jl_check_row(&zh, &member_type, &row, &problems);
    assert_int_equal(problems.errors, 0);
    assert_true(said(&problems, JL_PROBLEM_WARNING, M_ID_NO, "性别与证件号码不一致"));
    assert_true(said(&problems, JL_PROBLEM_WARNING, M_ID_NO, "出生日期与证件号码不一致"));
    fields[1].value.number = 2;
    fields[2].value.number = 19880730;
    jl_problems_reset(&problems);
    jl_check_row(&zh, &member_type, &row, &problems);
    assert_int_equal(problems.count, 0);
}

static void test_blanks_follow_from_the_id_number_and_defaults(void **state) {
    (void)state;
    struct jl_err err;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_field_value fields[] = {field_text(M_ID_NO, "810000198807301021")};
    struct jl_row row = row_of(&member_type, fields, 1);
    assert_int_equal(jl_derive_row(&zh, &member_type, true, &arena, &row, &err), JL_OK);
    assert_int_equal(jl_row_get(&row, M_SEX)->number, 2);
    assert_int_equal(jl_row_get(&row, M_BIRTH)->number, 19880730);
    assert_int_equal(jl_row_get(&row, M_ID_KIND)->number, 1);
    assert_int_equal(jl_row_get(&row, M_MIGRANT)->number, 0);

    /* Nothing is overwritten; no defaults when editing; nothing from a wrong number or a passport.
     */
    struct jl_field_value given[] = {field_int(M_SEX, 1),
                                     field_text(M_ID_NO, "810000198807301021")};
    struct jl_row edited = row_of(&member_type, given, 2);
    assert_int_equal(jl_derive_row(&zh, &member_type, false, &arena, &edited, &err), JL_OK);
    assert_int_equal(jl_row_get(&edited, M_SEX)->number, 1);
    assert_null(jl_row_get(&edited, M_MIGRANT));
    struct jl_field_value wrong[] = {field_text(M_ID_NO, "810000198807301022")};
    struct jl_row wrong_row = row_of(&member_type, wrong, 1);
    assert_int_equal(jl_derive_row(&zh, &member_type, false, &arena, &wrong_row, &err), JL_OK);
    assert_int_equal(wrong_row.field_count, 1);
    struct jl_field_value other[] = {field_int(M_ID_KIND, 3),
                                     field_text(M_ID_NO, "810000198807301021")};
    struct jl_row passport = row_of(&member_type, other, 2);
    assert_int_equal(jl_derive_row(&zh, &member_type, false, &arena, &passport, &err), JL_OK);
    assert_int_equal(passport.field_count, 2);
    struct jl_field_value old[] = {field_text(M_ID_NO, "440524188001010014")};
    struct jl_row old_row = row_of(&member_type, old, 1);
    assert_int_equal(jl_derive_row(&zh, &member_type, false, &arena, &old_row, &err), JL_OK);
    assert_null(jl_row_get(&old_row, M_BIRTH));
}

static void test_an_old_fault_does_not_stop_an_edit_elsewhere(void **state) {
    (void)state;
    struct jl_field_value old_fields[] = {field_text(M_NAME, "张"), field_text(M_ID_NO, "1"),
                                          field_text(M_NOTE, "a")};
    struct jl_field_value new_fields[] = {field_text(M_NAME, "张"), field_text(M_ID_NO, "2"),
                                          field_text(M_NOTE, "b")};
    struct jl_row before = row_of(&member_type, old_fields, 3);
    struct jl_row after = row_of(&member_type, new_fields, 3);
    jl_problems_reset(&problems);
    jl_check_edit(&zh, &member_type, &before, &after, &problems);
    assert_int_equal(problems.errors, 1);
    assert_true(said(&problems, JL_PROBLEM_WARNING, M_NAME, "至少"));
    assert_true(said(&problems, JL_PROBLEM_ERROR, M_ID_NO, "18 位"));
    assert_true(said(&problems, JL_PROBLEM_WARNING, M_JOINED, "请填写"));

    /* A check between fields counts as touched when either of them is. */
    struct jl_field_value one[] = {field_int(A_HEADS, 5), field_int(A_TIMES, 4),
                                   field_int(A_START, 20220101)};
    struct jl_field_value two[] = {field_int(A_HEADS, 5), field_int(A_TIMES, 3),
                                   field_int(A_START, 20220101)};
    struct jl_row first = row_of(&activity_type, one, 3);
    struct jl_row second = row_of(&activity_type, two, 3);
    jl_problems_reset(&problems);
    jl_check_edit(&zh, &activity_type, &first, &second, &problems);
    assert_int_equal(problems.errors, 1);
    jl_problems_reset(&problems);
    jl_check_edit(&zh, &activity_type, &first, &first, &problems);
    assert_int_equal(problems.errors, 0);
    assert_int_equal(problems.count, 1);
}

static void test_a_full_list_counts_on_and_keeps_errors(void **state) {
    (void)state;
    jl_problems_reset(&problems);
    for (int i = 0; i < JL_PROBLEMS_MAX; i++) {
        jl_problem_add(&problems, JL_PROBLEM_WARNING, 1, JL_LANGUAGE_ZH, JL_FAULT_TEXT, "w%d", i);
    }
    assert_false(jl_problems_has_error(&problems, 0));
    jl_problem_add(&problems, JL_PROBLEM_ERROR, 2, JL_LANGUAGE_ZH, JL_FAULT_TEXT, "%s", "e");
    jl_problem_add(&problems, JL_PROBLEM_WARNING, 1, JL_LANGUAGE_ZH, JL_FAULT_TEXT, "%s", "w");
    assert_int_equal(problems.count, JL_PROBLEMS_MAX);
    assert_int_equal(problems.dropped, 2);
    assert_int_equal(problems.errors, 1);
    assert_true(jl_problems_has_error(&problems, 0));
    assert_true(jl_problems_has_error(&problems, 2));
    assert_false(jl_problems_has_error(&problems, 1));
}

static void test_a_long_sentence_is_cut_at_a_character(void **state) {
    (void)state;
    char text[600];
    for (size_t i = 0; i < 199; i++) {
        memcpy(text + 3 * i, "长", 4);
    }
    jl_problems_reset(&problems);
    jl_problem_add(&problems, JL_PROBLEM_ERROR, 0, JL_LANGUAGE_ZH, JL_FAULT_TEXT, "%s", text);
    assert_int_equal(strlen(problems.items[0].text), 255);
    assert_true(jl_utf8_valid(jl_bytes_text(problems.items[0].text)));
    jl_problem_add(&problems, JL_PROBLEM_ERROR, 0, JL_LANGUAGE_ZH, JL_FAULT_TEXT, "a%s", text);
    assert_int_equal(strlen(problems.items[1].text), 253);
}

static void test_a_transfer_has_two_offices(void **state) {
    (void)state;
    enum { SUBJECT = 1, FROM, TO, NOTE };
    static const struct jl_field fields[] = {
        {.number = SUBJECT, .name = "member", .kind = JL_KIND_REF, .label = {"会员", "Member"}},
        {.number = FROM, .name = "from_office", .kind = JL_KIND_REF, .label = {"转出", "From"}},
        {.number = TO, .name = "to_office", .kind = JL_KIND_REF, .label = {"转入", "To"}},
        {.number = NOTE, .name = "note", .kind = JL_KIND_TEXT, .label = {"备注", "Note"}},
    };
    static const struct jl_type type = {.number = 1003,
                                        .name = "transfer",
                                        .label = {"转会", "Transfer"},
                                        .fields = fields,
                                        .field_count = 4,
                                        .transfer_subject = SUBJECT,
                                        .transfer_from = FROM,
                                        .transfer_to = TO};
    const struct jl_id ids[] = {{{1}}, {{2}}, {{3}}};
    struct jl_field_value before_fields[] = {{SUBJECT, jl_value_ref(&ids[0])},
                                             {FROM, jl_value_ref(&ids[1])},
                                             {TO, jl_value_ref(&ids[2])},
                                             field_text(NOTE, "甲")};
    struct jl_row before = row_of(&type, before_fields, 4);
    jl_problems_reset(&problems);
    jl_check_row(&zh, &type, &before, &problems);
    assert_int_equal(problems.count, 0);
    before_fields[2].value = before_fields[1].value;
    jl_problems_reset(&problems);
    jl_check_row(&zh, &type, &before, &problems);
    assert_int_equal(problems.errors, 1);
    assert_true(said(&problems, JL_PROBLEM_ERROR, TO, "同一个镇街"));
}

static void test_a_record_has_a_size_whatever_its_fields_are_called(void **state) {
    (void)state;
    enum { UNKNOWN = 120, HEADS = 2 * 8 };
    static uint8_t filler[JL_ROW_MAX_BYTES + 1];
    memset(filler, 'x', sizeof filler);
    struct jl_field_value fields[] = {field_text(M_NOTE, "备注"), field_text(UNKNOWN, "")};
    struct jl_row row = row_of(&member_type, fields, 2);
    struct jl_row larger = row_of(&member_type, fields, 1);
    const struct {
        size_t bytes;
        bool too_large;
    } cases[] = {{JL_ROW_MAX_BYTES - HEADS - 6, false}, {JL_ROW_MAX_BYTES - HEADS - 5, true}};
    for (size_t i = 0; i < 2; i++) {
        fields[1].value.bytes = jl_bytes(filler, cases[i].bytes);
        jl_problems_reset(&problems);
        jl_check_edit(&zh, &member_type, &larger, &row, &problems);
        assert_int_equal(jl_problems_has_error(&problems, M_NOTE), cases[i].too_large);
    }
    /* What is too large already may be shortened, and not grow. */
    struct jl_field_value longer[] = {field_text(M_NOTE, "备注"), field_text(UNKNOWN, "")};
    longer[1].value.bytes = jl_bytes(filler, cases[1].bytes + 1);
    larger = row_of(&member_type, longer, 2);
    jl_problems_reset(&problems);
    jl_check_edit(&zh, &member_type, &larger, &row, &problems);
    assert_false(jl_problems_has_error(&problems, M_NOTE));
    jl_problems_reset(&problems);
    jl_check_edit(&zh, &member_type, &row, &larger, &problems);
    assert_true(jl_problems_has_error(&problems, M_NOTE));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_member_in_order_has_no_problem),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_id_numbers),
        cmocka_unit_test(test_one_wrong_or_two_swapped_digits_are_found),
        cmocka_unit_test(test_ages_at_the_edge),
        cmocka_unit_test(test_other_documents_count_by_length_only),
        cmocka_unit_test(test_credit_codes),
        cmocka_unit_test(test_phones),
        cmocka_unit_test(test_numbers_dates_and_codes),
        cmocka_unit_test(test_texts_and_references),
        cmocka_unit_test(test_required_fields_are_asked_for_once),
        cmocka_unit_test(test_fields_are_held_against_each_other),
        cmocka_unit_test(test_sex_and_birth_are_compared_with_the_id_number),
        cmocka_unit_test(test_blanks_follow_from_the_id_number_and_defaults),
        cmocka_unit_test(test_an_old_fault_does_not_stop_an_edit_elsewhere),
        cmocka_unit_test(test_a_full_list_counts_on_and_keeps_errors),
        cmocka_unit_test(test_a_long_sentence_is_cut_at_a_character),
        cmocka_unit_test(test_a_transfer_has_two_offices),
        cmocka_unit_test(test_a_record_has_a_size_whatever_its_fields_are_called),
    };
    return cmocka_run_group_tests(tests, sample_setup, NULL);
}
