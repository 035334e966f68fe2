/* Numbers as the press writes them (docs/domain.md section 4; the rule stands in
 * lib/catalogue/figure_phrase.c).
 *
 * Method: tables of value and text; the first with the figures of catalogue/district.json itself.
 */
#include "jielian/base/file.h"
#include "jielian/base/limits.h"
#include "jielian/catalogue/catalogue.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void check_phrase(const struct jl_figure *figure, int64_t value, const char *expected) {
    JL_AUTO(jl_buf) out = {0};
    struct jl_err err = {0};
    assert_int_equal(jl_figure_phrase(figure, value, &out, &err), JL_OK);
    assert_int_equal(jl_buf_put_u8(&out, 0, &err), JL_OK);
    if (strcmp((const char *)out.data, expected) != 0) {
        fail_msg("%s of %" PRId64 " is %s, not %s", figure->key, value, (const char *)out.data,
                 expected);
    }
}

static void test_the_press_sentences_come_out_of_the_reference_values(void **state) {
    (void)state;
    static const struct {
        const char *key;
        int64_t value; /* 分 for 元, basis points for % */
        const char *phrase;
    } cases[] = {
        {"F01", 512, "招聘会500余场"},
        {"F02", 17500000000, "缓减企业工会经费1.75亿元"},
        {"F03", 1123340000, "全额返还小微企业工会经费1123.34万元"},
        {"F04", 23500, "慰问一线防疫人员2.35万名"},
        {"F05", 97, "闯关赛近百场"},
        {"F06", 1046, "覆盖基层工会千余家"},
        {"F06", 1050, "覆盖基层工会千余家"},
        {"F07", 560412, "超56万人次竞相答题"},
        {"F08", 3126, "3000余名职工参观"},
        {"F09", 204, "先进个人204人"},
        {"F10", 73, "模范集体73个"},
        {"F11", 96, "比赛近百场"},
        {"F12", 20418, "覆盖超2万名"},
        {"F13", 3, "电竞大赛3届"},
        {"F14", 2, "艺术节金奖2个"},
        {"F15", 178, "帮扶困难职工家庭178户"},
        {"F16", 102300000, "发放帮扶资金102.3万元"},
        {"F17", 80000000, "对口扶贫80万元"},
        {"F18", 201, "新建服务阵地201家"},
        {"F19", 97500, "疗休养9.75万人次"},
        {"F20", 12000, "体检1.2万人次"},
        {"F21", 570, "相亲会570场"},
        {"F22", 10230, "万余名小候鸟"},
        {"F23", 1546, "1546名预警信息员"},
        {"F24", 561, "法律咨询561次"},
        {"F25", 718, "宣讲等718场"},
        {"F26", 9412, "外来务工人员近万名"},
        {"F27", 9912, "单建工会集体合同签订率99%以上"},
        {"F28", 12, "12家企业获CSR A级认证"},
        {"F29", 931, "新建企业工会931家"},
        {"F30", 1694, "基层工会1694个"},
        {"F31", 2954, "覆盖单位2954家"},
        {"F32", 186214, "会员18.6万余人"},
        {"F33", 3041, "新就业形态会员3000余名"},
        {"F34", 364, "兼职主席履职补贴覆盖364家"},
        {"F35", 154, "入党积极分子154名"},
        {"F36", 10000, "产改覆盖率100%"},
        {"F37", 10000, "新就业形态联合工会区域覆盖率100%"},
        {"F38a", 3, "考核优秀3次"},
        {"F38b", 1, "考核良好1次"},
        {"F39a", 1, "创新项目1个"},
        {"F40a", 8, "工作机制8项"},
        {"F40b", 5, "工作法5项"},
        {"F45", 8, "留杭过年举措8条"},
    };
    JL_AUTO_PTR(jl_catalogue) catalogue = NULL;
    JL_AUTO(jl_buf) text = {0};
    struct jl_err err = {0};
    assert_int_equal(jl_file_read(JIELIAN_SOURCE_DIR "/catalogue/district.json",
                                  JL_CATALOGUE_MAX_BYTES, &text, &err),
                     JL_OK);
    assert_int_equal(jl_catalogue_parse(jl_buf_bytes(&text), "district.json", &catalogue, &err),
                     JL_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct jl_figure *figure = NULL;
        for (size_t k = 0; k < jl_catalogue_figure_count(catalogue); k++) {
            if (strcmp(jl_catalogue_figure_at(catalogue, k)->key, cases[i].key) == 0) {
                figure = jl_catalogue_figure_at(catalogue, k);
            }
        }
        assert_non_null(figure);
        check_phrase(figure, cases[i].value, cases[i].phrase);
    }
}

static void test_each_style_rounds_by_its_rule(void **state) {
    (void)state;
    static const struct {
        enum jl_phrase_style style;
        uint32_t decimals;
        int64_t value;
        const char *unit, *phrase;
    } cases[] = {
        {JL_PHRASE_AUTO, 2, 0, "场", "0场"},
        {JL_PHRASE_AUTO, 2, 9, "场", "9场"},
        {JL_PHRASE_AUTO, 2, 10, "场", "10场"},
        {JL_PHRASE_AUTO, 2, 11, "场", "10余场"},
        {JL_PHRASE_AUTO, 2, 12, "场", "12场"},
        {JL_PHRASE_AUTO, 2, 57, "场", "57场"},
        {JL_PHRASE_AUTO, 2, 89, "场", "89场"},
        {JL_PHRASE_AUTO, 2, 90, "场", "90场"},
        {JL_PHRASE_AUTO, 2, 91, "场", "近百场"},
        {JL_PHRASE_AUTO, 2, 99, "场", "近百场"},
        {JL_PHRASE_AUTO, 2, 100, "场", "100场"},
        {JL_PHRASE_AUTO, 2, 101, "场", "百余场"},
        {JL_PHRASE_AUTO, 2, 500, "场", "500场"},
        {JL_PHRASE_AUTO, 2, 555, "场", "500余场"},
        {JL_PHRASE_AUTO, 2, 556, "场", "550余场"},
        {JL_PHRASE_AUTO, 2, 930, "场", "近千场"},
        {JL_PHRASE_AUTO, 2, 1000, "场", "1000场"},
        {JL_PHRASE_AUTO, 2, 1111, "场", "千余场"},
        {JL_PHRASE_AUTO, 2, 1112, "场", "1100余场"},
        {JL_PHRASE_AUTO, 2, 1546, "场", "1500余场"},
        {JL_PHRASE_AUTO, 2, 9999, "场", "近万场"},
        {JL_PHRASE_AUTO, 2, 10000, "场", "1万场"},
        {JL_PHRASE_AUTO, 2, 10001, "场", "万余场"},
        {JL_PHRASE_AUTO, 2, 10100, "场", "1.01万场"},
        {JL_PHRASE_AUTO, 2, 12345, "场", "1.23万余场"},
        {JL_PHRASE_AUTO, 2, 97512, "场", "9.75万余场"},
        {JL_PHRASE_AUTO, 2, 90050, "场", "9万余场"},
        {JL_PHRASE_AUTO, 0, 95500, "场", "近10万场"},
        {JL_PHRASE_AUTO, 0, 955000, "场", "95万余场"},
        {JL_PHRASE_AUTO, 1, 186000, "场", "18.6万场"},
        {JL_PHRASE_AUTO, 2, 99999999, "场", "9999.99万余场"},
        {JL_PHRASE_AUTO, 2, 100000000, "场", "1亿场"},
        {JL_PHRASE_AUTO, 2, 100000001, "场", "亿余场"},
        {JL_PHRASE_AUTO, 2, INT64_MAX, "场", "92233720368.54亿余场"},
        {JL_PHRASE_AUTO, 2, INT64_MIN, "场", "-9223372036854775808场"},
        {JL_PHRASE_AUTO, 2, -512, "场", "-512场"},
        {JL_PHRASE_OVER, 2, 97, "场", "超90场"},
        {JL_PHRASE_OVER, 2, 512, "场", "超500场"},
        {JL_PHRASE_OVER, 2, 500, "场", "500场"},
        {JL_PHRASE_OVER, 2, 1046, "场", "超千场"},
        {JL_PHRASE_OVER, 0, 560000, "场", "56万场"},
        {JL_PHRASE_OVER, 0, 560001, "场", "超56万场"},
        {JL_PHRASE_OVER, 0, 95500, "场", "超9万场"},
        {JL_PHRASE_EXACT, 2, 2954, "家", "2954家"},
        {JL_PHRASE_EXACT, 2, 1234567, "家", "1234567家"},
        {JL_PHRASE_EXACT, 2, 105050, "元", "1050.5元"},
        {JL_PHRASE_EXACT, 2, 105005, "元", "1050.05元"},
        {JL_PHRASE_EXACT, 2, -5, "元", "-0.05元"},
        {JL_PHRASE_AUTO, 2, 50, "元", "0.5元"},
        {JL_PHRASE_AUTO, 2, 97000, "元", "近千元"},
        {JL_PHRASE_AUTO, 2, 876543, "元", "8000余元"},
        {JL_PHRASE_AUTO, 2, 1000000, "元", "1万元"},
        {JL_PHRASE_AUTO, 2, 1000001, "元", "万余元"},
        {JL_PHRASE_AUTO, 2, 1123345678, "元", "1123.34万余元"},
        {JL_PHRASE_AUTO, 2, INT64_MAX, "元", "922337203.68亿余元"},
        {JL_PHRASE_PERCENT, 2, 0, "%", "0%"},
        {JL_PHRASE_PERCENT, 2, 9900, "%", "99%"},
        {JL_PHRASE_PERCENT, 2, 9901, "%", "99%以上"},
        {JL_PHRASE_PERCENT, 2, 9999, "%", "99%以上"},
        {JL_PHRASE_PERCENT, 2, 10000, "%", "100%"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct jl_figure figure = {
            .key = "F",
            .unit = cases[i].unit,
            .phrase = "{}",
            .style = cases[i].style,
            .decimals = cases[i].decimals,
        };
        check_phrase(&figure, cases[i].value, cases[i].phrase);
    }
}

static void test_nothing_is_said_to_be_more_than_it_is(void **state) {
    (void)state;
    /* Every value below 10,000: what 余 follows is at most the value and at least nine tenths. */
    const struct jl_figure figure = {.key = "F", .unit = "", .phrase = "{}", .decimals = 0};
    JL_AUTO(jl_buf) out = {0};
    struct jl_err err = {0};
    for (int64_t value = 10; value < 10000; value++) {
        jl_buf_reset(&out);
        assert_int_equal(jl_figure_phrase(&figure, value, &out, &err), JL_OK);
        assert_int_equal(jl_buf_put_u8(&out, 0, &err), JL_OK);
        const char *text = (const char *)out.data;
        int64_t shown = strtoll(text, NULL, 10);
        int64_t scale = strstr(text, "百") != NULL   ? 100
                        : strstr(text, "千") != NULL ? 1000
                        : strstr(text, "万") != NULL ? 10000
                                                     : 1;
        shown = shown == 0 ? scale : shown;
        bool near = strstr(text, "近") != NULL;
        bool good = near ? value < shown && value * 10 >= shown * 9
                         : shown <= value && shown * 10 >= value * 9;
        if (!good || (strstr(text, "余") == NULL && !near && shown != value)) {
            fail_msg("%" PRId64 " is %s", value, text);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_press_sentences_come_out_of_the_reference_values),
        cmocka_unit_test(test_each_style_rounds_by_its_rule),
        cmocka_unit_test(test_nothing_is_said_to_be_more_than_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
