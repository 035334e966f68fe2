/* Figures over a small district: totals, by office, by year, rates, and how they are written.
 *
 * Method: a few records of two offices and of the district itself, put in through the desk; the
 * values that must come out stand beside them. */
#include "desk_world.h"

#include "jielian/command/report_print.h"
#include "jielian/desk/report.h"

static int open_district(void **state) {
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world_open(world, JL_SIDE_DISTRICT);
    *state = world;
    return 0;
}

static int close_world(void **state) {
    world_close(*state);
    free(*state);
    return 0;
}

static json_t *figure(const json_t *figures, const char *key) {
    size_t index = 0;
    json_t *item = NULL;
    json_array_foreach(figures, index, item) {
        if (strcmp(json_string_value(json_object_get(item, "key")), key) == 0) {
            return item;
        }
    }
    fail_msg("no figure %s", key);
    return NULL;
}

static double number_of(const json_t *figures, const char *key, const char *split,
                        const char *group) {
    const json_t *item = figure(figures, key);
    const json_t *number = split == NULL ? json_object_get(item, "value")
                                         : json_object_get(json_object_get(item, split), group);
    if (!json_is_number(number)) {
        fail_msg("%s %s is no number", key, group == NULL ? "" : group);
    }
    return json_number_value(number);
}

static void check(const json_t *figures, const char *key, const char *split, const char *group,
                  double expected) {
    double got = number_of(figures, key, split, group);
    if (got < expected - 1e-9 || got > expected + 1e-9) {
        fail_msg("%s %s: %.2f instead of %.2f", key, group == NULL ? "" : group, got, expected);
    }
}

static void check_total(const json_t *figures, const char *key, double expected) {
    check(figures, key, NULL, NULL, expected);
}

static json_t *report(struct world *world, const struct jl_report_options *options) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_document document = {0};
    struct jl_report report;
    size_t errors = 0;
    must(world, jl_report_run(world->books, options, &arena, &report, &world->err));
    for (size_t i = 0; i < report.count; i++) {
        errors += report.figures[i].error != NULL ? 1 : 0;
    }
    assert_int_equal(report.failed, errors);
    jl_report_write(&report, NULL, &document);
    return written_json(&document);
}

static size_t failed(const json_t *figures) {
    size_t count = 0;
    size_t index = 0;
    json_t *item = NULL;
    json_array_foreach(figures, index, item) {
        count += json_object_get(item, "error") != NULL ? 1 : 0;
    }
    return count;
}

/* As a table; the caller frees the text. */
static char *printed(struct world *world, const struct jl_report_options *options) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_report report;
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    assert_non_null(file);
    must(world, jl_report_run(world->books, options, &arena, &report, &world->err));
    must(world, jl_report_print(&report, options->language, file, &world->err));
    assert_int_equal(fclose(file), 0);
    return text;
}

static void add_fair(struct world *world, const char *day, const char *sessions) {
    struct jl_id id;
    must(world, ADD(world, "activity", &id, {"kind", "招聘会"}, {"title", "招聘会"},
                    {"start_on", day}, {"sessions", sessions}));
}

static void test_sums_split_by_office_and_year_within_the_window(void **state) {
    struct world *world = *state;
    world->desk.owner = 1;
    add_fair(world, "2017-09-30", "100"); /* the day before the window */
    add_fair(world, "2017-10-01", "3");
    add_fair(world, "2022-09-30", "4");
    world->desk.owner = 2;
    add_fair(world, "2019-05-01", "5");
    world->desk.owner = 0;
    add_fair(world, "2019-06-01", "500"); /* the district's own */
    const struct jl_report_options options = {
        .d0 = 20171001, .d1 = 20220930, .by_office = true, .by_year = true};
    json_t *figures = report(world, &options);
    check_total(figures, "F01", 512);
    check(figures, "F01", "by_office", "GD", 7);
    check(figures, "F01", "by_office", "WX", 5);
    check(figures, "F01", "by_office", "-", 500);
    check(figures, "F01", "by_year", "2017", 3);
    check(figures, "F01", "by_year", "2019", 505);
    check(figures, "F01", "by_year", "2022", 4);
    assert_string_equal(json_string_value(json_object_get(figure(figures, "F01"), "phrase")),
                        "招聘会500余场");
    check_total(figures, "F05", 0);
    check(figures, "F05", "by_office", "WX", 0); /* who has none is shown */
    json_decref(figures);
}

static void test_amounts_are_yuan_and_rates_are_percent(void **state) {
    struct world *world = *state;
    struct jl_id id;
    world->desk.owner = 1;
    for (int i = 0; i < 3; i++) {
        char name[32];
        snprintf(name, sizeof name, "测试%d工会", i);
        add_org(world, name);
        if (i < 2) {
            must(world, ADD(world, "collective_contract", &id, {"org", name},
                            {"signed_on", "2021-01-01"}, {"expires_on", "2024-01-01"}));
        }
        must(world, ADD(world, "fee_relief", &id, {"org", name}, {"period", "2020-03"},
                        {"amount", "0.55"}));
    }
    const struct jl_report_options options = {
        .d0 = 20171001, .d1 = 20220930, .by_office = true, .language = JL_LANGUAGE_EN};
    json_t *figures = report(world, &options);
    check_total(figures, "F02", 1.65);
    check_total(figures, "F27", 66.66); /* two of three, rounded down */
    check(figures, "F27", "by_office", "GD", 66.66);
    assert_null(json_object_get(json_object_get(figure(figures, "F27"), "by_office"), "WX"));
    check_total(figures, "F30", 3);
    /* Nothing to divide by: no number, no phrase. */
    assert_true(json_is_null(json_object_get(figure(figures, "F36"), "value")));
    assert_true(json_is_null(json_object_get(figure(figures, "F36"), "phrase")));
    char *text = json_dumps(figure(figures, "F02"), JSON_REAL_PRECISION(15));
    assert_non_null(strstr(text, "\"value\": 1.65,"));
    free(text);
    json_decref(figures);
}

static void test_a_rate_over_offices_is_whole_or_nothing_within_one(void **state) {
    struct world *world = *state;
    struct jl_id id;
    world->desk.owner = 2;
    must(world, ADD(world, "union_org", &id, {"name", "骑手联合工会"},
                    {"org_kind", "新就业形态联合工会"}, {"founded_on", "2020-05-01"}));
    const struct jl_report_options options = {.d0 = 20171001, .d1 = 20220930, .by_office = true};
    json_t *figures = report(world, &options);
    check_total(figures, "F37", 50);
    check(figures, "F37", "by_office", "WX", 100);
    check(figures, "F37", "by_office", "GD", 0);
    json_decref(figures);
}

static void add_relief(struct world *world, uint32_t owner, const char *org, const char *month,
                       const char *amount) {
    struct jl_id id;
    world->desk.owner = owner;
    must(world, ADD(world, "fee_relief", &id, {"org", org}, {"period", month}, {"amount", amount}));
}

static bool is_null(const json_t *figures, const char *key, const char *split, const char *group) {
    const json_t *item = figure(figures, key);
    return json_is_null(split == NULL ? json_object_get(item, "value")
                                      : json_object_get(json_object_get(item, split), group));
}

/* One office's amounts overflow: its figure says so, and every other one stands. */
static void test_a_figure_fails_alone_with_its_cause(void **state) {
    struct world *world = *state;
    world->desk.owner = 1;
    add_org(world, "古荡甲厂工会");
    add_fair(world, "2021-05-01", "3");
    world->desk.owner = 2;
    add_org(world, "文新乙厂工会");
    add_relief(world, 1, "古荡甲厂工会", "2020-03", "1.50");
    add_relief(world, 2, "文新乙厂工会", "2020-03", "10000000000000.00");
    add_relief(world, 2, "文新乙厂工会", "2020-04", "10000000000000.00");
    const struct jl_report_options options = {.d0 = 20171001,
                                              .d1 = 20220930,
                                              .by_office = true,
                                              .by_year = true,
                                              .language = JL_LANGUAGE_EN};
    json_t *figures = report(world, &options);
    assert_int_equal(failed(figures), 1);
    assert_true(is_null(figures, "F02", NULL, NULL));
    assert_true(json_is_null(json_object_get(figure(figures, "F02"), "phrase")));
    check(figures, "F02", "by_office", "GD", 1.50); /* the sum of one that can be taken is true */
    assert_true(is_null(figures, "F02", "by_office", "WX"));
    assert_true(is_null(figures, "F02", "by_year", "2020"));
    const char *error = json_string_value(json_object_get(figure(figures, "F02"), "error"));
    assert_non_null(error);
    assert_non_null(strstr(error, "out of range"));
    assert_non_null(strstr(error, " WX"));
    assert_null(strstr(error, " GD"));
    check_total(figures, "F01", 3);
    assert_null(json_object_get(figure(figures, "F01"), "error"));
    char *text = printed(world, &options);
    assert_non_null(strstr(text, "out of range"));
    free(text);
    json_decref(figures);
}

/* Up to 10^15 分, and not one more. */
static void test_what_json_can_not_show_exactly_is_not_shown(void **state) {
    struct world *world = *state;
    world->desk.owner = 1;
    add_org(world, "古荡甲厂工会");
    add_relief(world, 1, "古荡甲厂工会", "2020-03", "9999999999999.99");
    const struct jl_report_options options = {.d0 = 20171001, .d1 = 20220930};
    for (int over = 0; over < 3; over++) {
        json_t *figures = report(world, &options);
        assert_int_equal(failed(figures), over == 2 ? 1 : 0);
        assert_true(is_null(figures, "F02", NULL, NULL) == (over == 2));
        json_decref(figures);
        add_relief(world, 1, "古荡甲厂工会", over == 0 ? "2020-04" : "2020-05", "0.01");
    }
}

static void test_a_window_that_ends_before_it_begins_is_refused(void **state) {
    struct world *world = *state;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_report report = {0};
    const struct jl_report_options options = {.d0 = 20220930, .d1 = 20171001};
    assert_int_equal(jl_report_run(world->books, &options, &arena, &report, &world->err),
                     JL_MISUSE);
    assert_null(report.figures);
}

static void test_a_report_prints_as_a_table(void **state) {
    struct world *world = *state;
    world->desk.owner = 1;
    add_fair(world, "2021-05-01", "3");
    const struct jl_report_options options = {.today = 20221020, .by_office = true};
    char *text = printed(world, &options);
    assert_non_null(strstr(text, "招聘会3场"));
    assert_non_null(strstr(text, "GD"));
    assert_non_null(strstr(text, "WX"));
    assert_non_null(strstr(text, "未去重"));
    free(text);
}

int main(void) {
#define REPORT(test) cmocka_unit_test_setup_teardown(test, open_district, close_world)
    const struct CMUnitTest tests[] = {
        REPORT(test_sums_split_by_office_and_year_within_the_window),
        REPORT(test_amounts_are_yuan_and_rates_are_percent),
        REPORT(test_a_rate_over_offices_is_whole_or_nothing_within_one),
        REPORT(test_a_figure_fails_alone_with_its_cause),
        REPORT(test_what_json_can_not_show_exactly_is_not_shown),
        REPORT(test_a_window_that_ends_before_it_begins_is_refused),
        REPORT(test_a_report_prints_as_a_table),
    };
    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
