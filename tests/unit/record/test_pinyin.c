/* Goal: people are found by how their names are written and by every way of reading them.
 * Method: a table of names with words that must and must not be there. */
#include "record_sample.h"

#include "jielian/base/fold.h"
#include "jielian/record/pinyin.h"
#include "jielian/record/search.h"

#include <stdio.h>

static struct jl_err err;
static struct jl_pinyin *pinyin;
static struct jl_arena arena;
static struct jl_search_words words;

static void find_words(uint32_t field, const char *text) {
    struct jl_field_value fields[] = {field_text(field, text)};
    struct jl_row row = row_of(&member_type, fields, 1);
    jl_arena_reset(&arena);
    assert_int_equal(jl_search_words(pinyin, &member_type, &row, &arena, &words, &err), JL_OK);
}

static int place_of(const char *word) {
    for (size_t i = 0; i < words.count; i++) {
        if (jl_bytes_is(words.items[i], word)) {
            return (int)i;
        }
    }
    return -1;
}

static void expect(const char *name, const char *const *wanted) {
    for (size_t i = 0; wanted[i] != NULL; i++) {
        if (place_of(wanted[i]) < 0) {
            char list[512] = "";
            size_t size = 0;
            for (size_t j = 0; j < words.count; j++) {
                size +=
                    (size_t)snprintf(list + size, sizeof list - size, " %.*s",
                                     (int)words.items[j].size, (const char *)words.items[j].data);
            }
            fail_msg("%s is not found by %s:%s", name, wanted[i], list);
        }
    }
}

static void test_names_are_found_by_every_reading(void **state) {
    (void)state;
    static const struct {
        const char *name;
        const char *words[8];
    } cases[] = {
        {"张三", {"张三", "zhangsan", "zs"}},
        {"曾国", {"曾国", "zengguo", "cengguo", "zg", "cg"}},
        {"单田芳", {"shantianfang", "dantianfang", "chantianfang", "stf"}},
        {"葛曾䮌", {"葛曾䮌", "geceng", "gezeng", "gc", "gz"}},
        {"古丽米热·艾比布力",
         {"古丽米热艾比布力", "艾比布力", "gulimireaibibuli", "glmrabbl", "aibibuli"}},
        {"欧阳", {"ouyang", "oy"}},
        {"区丽", {"ouli", "quli"}},
        {"解晓东", {"xiexiaodong", "jiexiaodong"}},
        {"吕布", {"lvbu", "lubu", "lb"}},
        {"尉迟恭", {"yuchigong", "weichigong", "ycg"}},
        {"万俟卨", {"moqixie", "mqx"}},
        {"单于明", {"chanyuming", "danyuming"}},
        {"朴一", {"piaoyi", "puyi"}},
        {"查良镛", {"zhaliangyong"}},
        {"仇英", {"qiuying"}},
        {"任重", {"renzhong", "renchong"}},
        {"覃乐", {"qinle", "qinyue", "tanle"}},
        {"黑旦", {"hedan", "heidan"}},
        /* Traditional forms and rare characters come from ICU. */
        {"單一", {"單一", "shanyi", "danyi"}},
        {"劉備", {"liubei", "lb"}},
        {"陳曉東", {"chenxiaodong"}},
        {"呂一", {"lvyi", "luyi"}},
        {"John Smith", {"johnsmith", "smith"}},
        {"𠮷田", {"𠮷田", "tian"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        find_words(M_NAME, cases[i].name);
        expect(cases[i].name, cases[i].words);
        assert_true(words.count <= JL_SEARCH_WORDS_MAX);
    }
}

static void test_the_surname_reading_comes_first(void **state) {
    (void)state;
    static const char *const cases[][3] = {
        {"曾一", "zengyi", "cengyi"}, {"单一", "shanyi", "danyi"},
        {"区一", "ouyi", "quyi"},     {"尉迟一", "yuchiyi", "weichiyi"},
        {"一曾", "yiceng", "yizeng"}, {"重一", "chongyi", "zhongyi"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        find_words(M_NAME, cases[i][0]);
        assert_int_equal(place_of(cases[i][0]), 0);
        assert_int_equal(place_of(cases[i][1]), 1);
        assert_true(place_of(cases[i][2]) > 1);
    }
    /* A unit's name has no surname. */
    find_words(M_ALIAS, "单位");
    assert_int_equal(place_of("danwei"), 1);
}

static void test_readings_are_bounded_and_never_double(void **state) {
    (void)state;
    find_words(M_NAME, "单重乐长曾区查会行解重乐长曾区查会行解重乐长曾区查会行解");
    assert_true(words.count <= 13);
    assert_true(words.count >= 7);
    for (size_t i = 0; i < words.count; i++) {
        for (size_t j = i + 1; j < words.count; j++) {
            assert_false(jl_bytes_equal(words.items[i], words.items[j]));
        }
    }
}

static void test_organisations_are_found_behind_the_place(void **state) {
    (void)state;
    static const char *const wanted[] = {"杭州市西湖区古荡街道总工会",
                                         "西湖区古荡街道总工会",
                                         "古荡街道总工会",
                                         "gudangjiedaozonggonghui",
                                         "gdjdzgh",
                                         "hzsxhqgdjdzgh",
                                         NULL};
    find_words(M_ALIAS, "杭州市西湖区古荡街道总工会");
    expect("古荡", wanted);
    static const char *const mixed[] = {"g20（杭州）", NULL};
    static const char *const clean[] = {"g20杭州项目部", "项目部", "g20hangzhouxiangmubu", NULL};
    find_words(M_ALIAS, "Ｇ20（杭州）项目部");
    expect("G20", clean);
    assert_int_equal(place_of(mixed[0]), -1);
}

static void test_only_open_search_fields_give_words(void **state) {
    (void)state;
    struct jl_id id = {{1}};
    struct jl_field_value fields[] = {
        field_text(M_NAME, "张三"),
        field_int(M_SEX, 1),
        field_text(M_ID_NO, "990106199003070017"),
        field_text(M_MOBILE, "19900000001"),
        {.field = M_ORG, .value = jl_value_ref(&id)},
        field_int(M_NO, 12345),
        field_text(M_NOTE, "备注"),
    };
    struct jl_row row = row_of(&member_type, fields, 7);
    assert_int_equal(jl_search_words(pinyin, &member_type, &row, &arena, &words, &err), JL_OK);
    static const char *const wanted[] = {"张三", "12345", "zhangsan", "zs", NULL};
    expect("张三", wanted);
    assert_int_equal(words.count, 4);
    row.field_count = 0;
    assert_int_equal(jl_search_words(pinyin, &member_type, &row, &arena, &words, &err), JL_OK);
    assert_int_equal(words.count, 0);
}

static void test_what_is_typed_takes_the_form_of_the_words(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {" Zhang San ", "zhangsan"},
        {"张　三", "张三"},
        {"ＺＳ", "zs"},
        {"古丽米热•艾比布力", "古丽米热艾比布力"},
        {"……", ""},
        {"", ""},
        {"杭工〔2021〕5号", "杭工20215号"},
        {"〇一", "〇一"},
        {"é", "e"},
        {"E\u0301", "e"},
        {"第Ⅲ期①", "第iii期1"},
        {"⼯会", "工会"},
        {"葛\U000E0101", "葛"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct jl_bytes word;
        assert_int_equal(jl_search_word(jl_bytes_text(cases[i][0]), &arena, &word, &err), JL_OK);
        assert_true(jl_bytes_is(word, cases[i][1]));
    }
}

static void test_long_texts_are_cut_at_a_character(void **state) {
    (void)state;
    char text[3 * 400 + 1];
    for (size_t i = 0; i < 400; i++) {
        memcpy(text + 3 * i, "双", 4); /* shuang */
    }
    find_words(M_ALIAS, text);
    assert_int_equal(words.items[0].size, 192);
    for (size_t i = 0; i < words.count; i++) {
        assert_true(words.items[i].size <= 192);
        assert_true(jl_utf8_valid(words.items[i]));
    }
}

static void test_every_character_has_an_answer(void **state) {
    (void)state;
    /* The first and last of each block, and code points that are no Han characters. */
    static const uint32_t points[] = {0x3400,  0x4DBF,  0x4E00,  0x9FFF,   0xF900, 0xFAFF, 0x20000,
                                      0x2A6DF, 0x3FFFD, 0x1F600, 0x10FFFF, 0xAC00, 0x3007};
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        JL_AUTO(jl_buf) text = {0};
        JL_AUTO(jl_buf) folded = {0};
        assert_int_equal(jl_utf8_put(&text, points[i], &err), JL_OK);
        assert_int_equal(jl_fold(jl_buf_bytes(&text), JL_FOLD_WORDS, &folded, &err), JL_OK);
        assert_int_equal(jl_buf_put_u8(&text, '\0', &err), JL_OK);
        find_words(M_ALIAS, (const char *)text.data);
        assert_true(words.count >= 1);
        assert_true(jl_bytes_equal(words.items[0], jl_buf_bytes(&folded)));
    }
}

static int open_pinyin(void **state) {
    (void)sample_setup(state);
    return jl_pinyin_new(&pinyin, &err) == JL_OK ? 0 : -1;
}

static int close_pinyin(void **state) {
    (void)state;
    jl_pinyin_free(pinyin);
    jl_pinyin_free(NULL);
    jl_arena_fini(&arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_found_by_every_reading),
        cmocka_unit_test(test_the_surname_reading_comes_first),
        cmocka_unit_test(test_readings_are_bounded_and_never_double),
        cmocka_unit_test(test_organisations_are_found_behind_the_place),
        cmocka_unit_test(test_only_open_search_fields_give_words),
        cmocka_unit_test(test_what_is_typed_takes_the_form_of_the_words),
        cmocka_unit_test(test_long_texts_are_cut_at_a_character),
        cmocka_unit_test(test_every_character_has_an_answer),
    };
    return cmocka_run_group_tests(tests, open_pinyin, close_pinyin);
}
