/* Figures, against a small world that is counted by hand:
 *
 *   org  1 status 1 · 2 status 2 · 3 status absent · 4 status 1, tombstone
 *   n  owner  org   joined    left      m_status  state
 *   1  7      1     20180101  20180111  1         live
 *   2  7      1     20180601  20180602  2         live
 *   3  7      2     20190301  -         3         live
 *   4  8      2     20190401  20190501  4         live
 *   5  8      3     20200101  20210101  -         live
 *   6  8      4     20200201  -         5         live
 *   7  0      -     -         -         9         live
 *   8  7      1     20180101  20180102  1         tombstone
 *   9  7      1     20180101  -         1         parked */
#include "store_contract.h"

#include "jielian/base/fault.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/store/figures.h"

#include <stdio.h>
#include <string.h>

struct row {
    uint32_t owner, org;
    int64_t joined_on, left_on, status;
    enum jl_record_state state;
};
static const struct row rows[] = {
    {7, 1, 20180101, 20180111, 1, JL_RECORD_LIVE},
    {7, 1, 20180601, 20180602, 2, JL_RECORD_LIVE},
    {7, 2, 20190301, 0, 3, JL_RECORD_LIVE},
    {8, 2, 20190401, 20190501, 4, JL_RECORD_LIVE},
    {8, 3, 20200101, 20210101, 0, JL_RECORD_LIVE},
    {8, 4, 20200201, 0, 5, JL_RECORD_LIVE},
    {0, 0, 0, 0, 9, JL_RECORD_LIVE},
    {7, 1, 20180101, 20180102, 1, JL_RECORD_DELETED},
    {7, 1, 20180101, 0, 1, JL_RECORD_PARKED},
};

static struct jl_value number_or_null(int64_t number) {
    return number == 0 ? jl_value_null() : jl_value_int(number);
}

static void fill(struct fixture *fixture) {
    static const int64_t statuses[] = {1, 2, 0, 1};
    struct jl_id org_ids[5];
    begin(fixture);
    for (uint32_t i = 1; i <= 4; i++) {
        org_ids[i] = id_of(i);
        struct jl_stored org = new_record(fixture, TYPE_ORG, i);
        org.head.state = i == 4 ? JL_RECORD_DELETED : JL_RECORD_LIVE;
        org.cells[ORG_STATUS] = number_or_null(statuses[i - 1]);
        put_record(fixture, &org, NULL, NULL);
    }
    for (uint32_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct jl_stored member = new_record(fixture, TYPE_MEMBER, i + 1);
        member.head.owner = rows[i].owner;
        member.head.state = rows[i].state;
        if (rows[i].org != 0) {
            member.cells[MEMBER_ORG] = (struct jl_value){
                .kind = JL_VALUE_BYTES, .bytes = jl_bytes(org_ids[rows[i].org].bytes, 16)};
        }
        member.cells[MEMBER_JOINED_ON] = number_or_null(rows[i].joined_on);
        member.cells[MEMBER_LEFT_ON] = number_or_null(rows[i].left_on);
        member.cells[MEMBER_STATUS] = number_or_null(rows[i].status);
        put_record(fixture, &member, NULL, NULL);
    }
    commit(fixture);
}

static enum jl_rc see(void *context, int64_t group, const int64_t *value, struct jl_err *err) {
    char *text = context;
    size_t used = strlen(text);
    int written = value != NULL ? snprintf(text + used, 128 - used, "%lld:%lld ", (long long)group,
                                           (long long)*value)
                                : snprintf(text + used, 128 - used, "%lld:- ", (long long)group);
    return written > 0 ? JL_OK : jl_fault_at(err, JL_LIMIT, JL_FAULT_TEXT, "%s", "too long");
}

static void assert_measure(struct fixture *fixture, struct jl_figures_measure measure,
                           const char *wanted) {
    char text[128] = "";
    measure.type = TYPE_MEMBER;
    ok(fixture, jl_figures_measure(fixture->store, &measure, see, text, &fixture->err));
    assert_string_equal(text, wanted);
}

static const int64_t one[] = {1};
static const int64_t three[] = {3};
static const int64_t one_or_two[] = {1, 2};

static void test_conditions(void **state) {
    struct fixture *fixture = *state;
    fill(fixture);
#define OWN .column = "m_status"
#define VIA .via_column = "org", .via_type = TYPE_ORG, .column = "status"
    static const struct {
        struct jl_figures_condition condition;
        const char *wanted;
    } table[] = {
        {{OWN, .test = JL_FILTER_IN, .numbers = one_or_two, .number_count = 2}, "0:2 "},
        {{OWN, .test = JL_FILTER_NOT_IN, .numbers = one_or_two, .number_count = 2}, "0:5 "},
        {{OWN, .test = JL_FILTER_IN, .numbers = NULL, .number_count = 0}, "0:0 "},
        {{OWN, .test = JL_FILTER_NOT_IN, .numbers = NULL, .number_count = 0}, "0:7 "},
        {{OWN, .test = JL_FILTER_SET}, "0:6 "},
        {{OWN, .test = JL_FILTER_AT_MOST, .numbers = three, .number_count = 1}, "0:3 "},
        {{OWN, .test = JL_FILTER_AT_LEAST, .numbers = three, .number_count = 1}, "0:4 "},
        {{VIA, .test = JL_FILTER_IN, .numbers = one, .number_count = 1}, "0:2 "},
        {{VIA, .test = JL_FILTER_NOT_IN, .numbers = one, .number_count = 1}, "0:5 "},
        {{VIA, .test = JL_FILTER_SET}, "0:4 "},
        {{VIA, .test = JL_FILTER_AT_LEAST, .numbers = one, .number_count = 1}, "0:4 "},
    };
#undef OWN
#undef VIA
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_measure(fixture,
                       (struct jl_figures_measure){.aggregate = JL_AGGREGATE_COUNT,
                                                   .conditions = &table[i].condition,
                                                   .condition_count = 1},
                       table[i].wanted);
    }
    struct jl_figures_condition both[2] = {table[0].condition, table[7].condition};
    assert_measure(fixture,
                   (struct jl_figures_measure){.aggregate = JL_AGGREGATE_COUNT,
                                               .conditions = both,
                                               .condition_count = 2,
                                               .group = JL_GROUP_OFFICE},
                   "7:2 ");
}

static void test_windows_groups_and_aggregates(void **state) {
    struct fixture *fixture = *state;
    fill(fixture);
    static const struct {
        struct jl_figures_measure measure;
        const char *wanted;
    } table[] = {
        {{.aggregate = JL_AGGREGATE_COUNT}, "0:7 "},
        {{.aggregate = JL_AGGREGATE_COUNT, .group = JL_GROUP_OFFICE}, "0:1 7:3 8:3 "},
        {{.aggregate = JL_AGGREGATE_COUNT,
          .window_column = "joined_on",
          .d0 = 20180601,
          .d1 = 20190401},
         "0:3 "},
        {{.aggregate = JL_AGGREGATE_COUNT,
          .window_column = "joined_on",
          .d0 = 20180101,
          .d1 = 20200101,
          .group = JL_GROUP_YEAR},
         "2018:2 2019:2 2020:1 "},
        {{.aggregate = JL_AGGREGATE_COUNT, .from_column = "joined_on", .d1 = 20190301}, "0:4 "},
        {{.aggregate = JL_AGGREGATE_COUNT, .until_column = "left_on", .d1 = 20180602}, "0:5 "},
        {{.aggregate = JL_AGGREGATE_SUM, .column = "m_status"}, "0:24 "},
        {{.aggregate = JL_AGGREGATE_SUM, .column = "m_status", .group = JL_GROUP_OFFICE},
         "0:9 7:6 8:9 "},
        {{.aggregate = JL_AGGREGATE_SUM,
          .column = "m_status",
          .window_column = "joined_on",
          .d0 = 20250101,
          .d1 = 20251231},
         "0:0 "},
        {{.aggregate = JL_AGGREGATE_DISTINCT, .column = "org"}, "0:4 "},
        {{.aggregate = JL_AGGREGATE_OFFICES}, "0:2 "},
        {{.aggregate = JL_AGGREGATE_COUNT, /* m_status taken for a year: 1 … 9 */
          .window_column = "m_status",
          .window_is_year = true,
          .d0 = 20101,
          .d1 = 41231,
          .group = JL_GROUP_YEAR},
         "2:1 3:1 4:1 "},
        {{.aggregate = JL_AGGREGATE_COUNT, /* and for a month */
          .window_column = "m_status",
          .window_is_month = true,
          .d0 = 201,
          .d1 = 431},
         "0:3 "},
        {{.aggregate = JL_AGGREGATE_MEDIAN_DAYS, /* 10 1 30 366 */
          .column = "joined_on",
          .end_column = "left_on"},
         "0:20 "},
        {{.aggregate = JL_AGGREGATE_MEDIAN_DAYS,
          .column = "joined_on",
          .end_column = "left_on",
          .group = JL_GROUP_OFFICE},
         "7:5 8:198 "},
        {{.aggregate = JL_AGGREGATE_MEDIAN_DAYS,
          .column = "joined_on",
          .end_column = "left_on",
          .window_column = "joined_on",
          .d0 = 20250101,
          .d1 = 20251231},
         "0:0 "},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_measure(fixture, table[i].measure, table[i].wanted);
    }
}

/* A sum that does not fit in 64 bits is said of its group alone; halves that only together fit do.
 */
static void test_a_sum_is_exact_or_said_not_to_fit(void **state) {
    struct fixture *fixture = *state;
    static const struct {
        uint32_t owner;
        int64_t value;
    } amounts[] = {
        {7, INT64_MAX},  {7, -1},         {7, 1},          {8, INT64_MAX},        {8, 1},
        {9, INT64_MIN},  {9, -1},         {10, 3},         {10, -4294967296 * 5}, {11, INT64_MIN},
        {12, INT64_MAX}, {12, INT64_MAX}, {12, INT64_MIN}, {12, INT64_MIN}};
    begin(fixture);
    for (uint32_t i = 0; i < sizeof amounts / sizeof *amounts; i++) {
        struct jl_stored member = new_record(fixture, TYPE_MEMBER, i + 1);
        member.head.owner = amounts[i].owner;
        member.cells[MEMBER_STATUS] = jl_value_int(amounts[i].value);
        put_record(fixture, &member, NULL, NULL);
    }
    commit(fixture);
    assert_measure(fixture,
                   (struct jl_figures_measure){.aggregate = JL_AGGREGATE_SUM,
                                               .column = "m_status",
                                               .group = JL_GROUP_OFFICE},
                   "7:9223372036854775807 8:- 9:- 10:-21474836477 11:-9223372036854775808 12:-2 ");
    assert_measure(fixture,
                   (struct jl_figures_measure){.aggregate = JL_AGGREGATE_SUM, .column = "m_status"},
                   "0:-21474836481 ");
}

static void test_wrong_figures_are_refused(void **state) {
    struct fixture *fixture = *state;
    static const struct jl_figures_condition no_column = {.column = "m_status\" OR \"1",
                                                          .test = JL_FILTER_SET};
    static const struct jl_figures_condition no_number = {.column = "m_status",
                                                          .test = JL_FILTER_AT_MOST};
    static const struct jl_figures_condition no_test = {.column = "m_status", .test = 99};
    static const struct jl_figures_condition no_via = {
        .via_column = "org", .via_type = TYPE_UNKNOWN, .column = "status", .test = JL_FILTER_SET};
    static const struct jl_figures_measure wrong[] = {
        {.type = TYPE_UNKNOWN, .aggregate = JL_AGGREGATE_COUNT},
        {.type = TYPE_MEMBER, .aggregate = 0},
        {.type = TYPE_MEMBER, .aggregate = JL_AGGREGATE_SUM},
        {.type = TYPE_MEMBER, .aggregate = JL_AGGREGATE_SUM, .column = "nothing"},
        {.type = TYPE_MEMBER, .aggregate = JL_AGGREGATE_MEDIAN_DAYS, .column = "joined_on"},
        {.type = TYPE_MEMBER, .aggregate = JL_AGGREGATE_COUNT, .group = JL_GROUP_YEAR},
        {.type = TYPE_MEMBER, .aggregate = JL_AGGREGATE_COUNT, .window_column = "nothing"},
        {.type = TYPE_MEMBER,
         .aggregate = JL_AGGREGATE_COUNT,
         .conditions = &no_column,
         .condition_count = 1},
        {.type = TYPE_MEMBER,
         .aggregate = JL_AGGREGATE_COUNT,
         .conditions = &no_number,
         .condition_count = 1},
        {.type = TYPE_MEMBER,
         .aggregate = JL_AGGREGATE_COUNT,
         .conditions = &no_test,
         .condition_count = 1},
        {.type = TYPE_MEMBER,
         .aggregate = JL_AGGREGATE_COUNT,
         .conditions = &no_via,
         .condition_count = 1},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[128] = "";
        fails(fixture, JL_MISUSE,
              jl_figures_measure(fixture->store, &wrong[i], see, text, &fixture->err));
        assert_string_equal(text, "");
    }
}

static const struct CMUnitTest cases[] = {
    CASE(test_conditions, district),
    CASE(test_windows_groups_and_aggregates, district),
    CASE(test_a_sum_is_exact_or_said_not_to_fit, district),
    CASE(test_wrong_figures_are_refused, district),
};

struct case_list store_measure_cases(void) {
    return (struct case_list){cases, sizeof cases / sizeof cases[0]};
}
