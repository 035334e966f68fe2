#include "expect.h"

#include "jielian/base/clock.h"
#include "jielian/base/date.h"
#include "jielian/base/fault.h"
#include "window.h"

#include <inttypes.h>
#include <string.h>

enum shape { SUM, RATE, MEDIAN, UNION /* different values over all offices */ };

static const struct {
    const char *key;
    const char *unit;
    enum shape shape;
} figures[JL_FIGURES] = {
    [JL_F01] = {"F01", "场", SUM},      [JL_F02] = {"F02", "元", SUM},
    [JL_F03] = {"F03", "元", SUM},      [JL_F04] = {"F04", "名", SUM},
    [JL_F05] = {"F05", "场", SUM},      [JL_F06] = {"F06", "家", SUM},
    [JL_F07] = {"F07", "人次", SUM},    [JL_F08] = {"F08", "名", SUM},
    [JL_F09] = {"F09", "人", SUM},      [JL_F10] = {"F10", "个", SUM},
    [JL_F11] = {"F11", "场", SUM},      [JL_F12] = {"F12", "名", SUM},
    [JL_F13] = {"F13", "届", UNION},    [JL_F14] = {"F14", "个", SUM},
    [JL_F15] = {"F15", "户", SUM},      [JL_F16] = {"F16", "元", SUM},
    [JL_F17] = {"F17", "元", SUM},      [JL_F18] = {"F18", "家", SUM},
    [JL_F19] = {"F19", "人次", SUM},    [JL_F20] = {"F20", "人次", SUM},
    [JL_F21] = {"F21", "场", SUM},      [JL_F22] = {"F22", "名", SUM},
    [JL_F23] = {"F23", "名", SUM},      [JL_F24] = {"F24", "次", SUM},
    [JL_F25] = {"F25", "场", SUM},      [JL_F26] = {"F26", "名", SUM},
    [JL_F27] = {"F27", "%", RATE},      [JL_F28] = {"F28", "家", SUM},
    [JL_F29] = {"F29", "家", SUM},      [JL_F30] = {"F30", "个", SUM},
    [JL_F31] = {"F31", "家", SUM},      [JL_F32] = {"F32", "人", SUM},
    [JL_F33] = {"F33", "名", SUM},      [JL_F34] = {"F34", "家", SUM},
    [JL_F35] = {"F35", "名", SUM},      [JL_F36] = {"F36", "%", RATE},
    [JL_F37] = {"F37", "%", RATE},      [JL_F38A] = {"F38a", "次", SUM},
    [JL_F38B] = {"F38b", "次", SUM},    [JL_F39A] = {"F39a", "个", SUM},
    [JL_F39B] = {"F39b", "个", SUM},    [JL_F39C] = {"F39c", "个", SUM},
    [JL_F40A] = {"F40a", "项", SUM},    [JL_F40B] = {"F40b", "项", SUM},
    [JL_F41] = {"F41", "%", RATE},      [JL_F42A] = {"F42a", "%", RATE},
    [JL_F42B] = {"F42b", "天", MEDIAN}, [JL_F43] = {"F43", "场", SUM},
    [JL_F44] = {"F44", "人", SUM},      [JL_F45] = {"F45", "条", SUM},
};

void jl_expect_fini(struct jl_expect *expect) {
    for (size_t owner = 0; owner < JL_OWNERS; owner++) {
        for (size_t figure = 0; figure < JL_FIGURES; figure++) {
            jl_buf_fini(&expect->seen[figure][owner]);
        }
        jl_buf_fini(&expect->days[owner]);
    }
}

static bool is(const char *value, const char *text) {
    return strcmp(value, text) == 0;
}

static bool in_window(int32_t date) {
    return date >= JL_WINDOW_FIRST && date <= JL_WINDOW_LAST;
}

static bool year_in_window(int32_t year) {
    return year >= JL_WINDOW_FIRST / 10000 && year <= JL_WINDOW_LAST / 10000;
}

static bool month_in_window(int32_t month) {
    return month >= JL_WINDOW_FIRST / 100 && month <= JL_WINDOW_LAST / 100;
}

/* Count thing number `index` of the office once only. */
static void add_distinct(struct jl_expect *expect, enum jl_figure_id figure, size_t office,
                         size_t index) {
    struct jl_buf *seen = &expect->seen[figure][office];
    while (seen->size <= index) {
        if (jl_buf_put_u8(seen, 0, NULL) != JL_OK) {
            expect->out_of_memory = true;
            return;
        }
    }
    expect->value[figure][office] += seen->data[index] == 0;
    seen->data[index] = 1;
}

void jl_expect_activity(struct jl_expect *expect, size_t office,
                        const struct jl_activity_row *row) {
    static const struct {
        const char *kind;
        enum jl_figure_id sessions, heads; /* JL_FIGURES: none */
    } counted[] = {
        {"招聘会", JL_F01, JL_FIGURES},     {"闯关赛", JL_F05, JL_FIGURES},
        {"一日游", JL_FIGURES, JL_F08},     {"文体比赛", JL_F11, JL_F12},
        {"电竞大赛", JL_F11, JL_F12},       {"相亲会", JL_F21, JL_FIGURES},
        {"小候鸟", JL_FIGURES, JL_F22},     {"法律宣讲", JL_F25, JL_FIGURES},
        {"送法进工地", JL_F25, JL_FIGURES}, {"法律监督员培训", JL_F25, JL_FIGURES},
        {"当一周工人", JL_F43, JL_FIGURES},
    };
    if (!in_window(row->start_on)) {
        return;
    }
    for (size_t i = 0; i < sizeof counted / sizeof *counted; i++) {
        if (!is(row->kind, counted[i].kind)) {
            continue;
        }
        if (counted[i].sessions != JL_FIGURES) {
            expect->value[counted[i].sessions][office] += row->sessions;
        }
        if (counted[i].heads != JL_FIGURES) {
            expect->value[counted[i].heads][office] += row->heads;
        }
        if (counted[i].sessions == JL_F25 && is(row->audience, "外来务工")) {
            expect->value[JL_F26][office] += row->heads;
        }
    }
    if (is(row->kind, "慰问") && is(row->audience, "一线防疫")) {
        expect->value[JL_F04][office] += row->heads;
    } else if (is(row->kind, "闯关赛")) {
        expect->value[JL_F06][office] += row->orgs_n;
    } else if (is(row->kind, "线上答题")) {
        expect->value[JL_F07][office] += row->person_times;
    } else if (is(row->kind, "电竞大赛") && row->edition > 0) {
        add_distinct(expect, JL_F13, office, (size_t)row->edition);
    }
}

void jl_expect_benefit_batch(struct jl_expect *expect, size_t office, const char *kind,
                             int32_t start_on, int64_t heads, int64_t person_times) {
    if (!in_window(start_on)) {
        return;
    }
    if (is(kind, "疗休养")) {
        expect->value[JL_F19][office] += person_times;
    } else if (is(kind, "体检")) {
        expect->value[JL_F20][office] += person_times;
    } else if (is(kind, "学历提升")) {
        expect->value[JL_F44][office] += heads;
    }
}

void jl_expect_honor(struct jl_expect *expect, size_t office, const char *kind, const char *level,
                     const char *grade, int32_t year) {
    static const struct {
        const char *kind;
        const char *grade; /* NULL: any */
        enum jl_figure_id figure;
        bool from_district; /* only at 区 and above */
    } counted[] = {
        {"先进个人", NULL, JL_F09, true},     {"模范集体", NULL, JL_F10, true},
        {"艺术节金奖", NULL, JL_F14, false},  {"CSR A级认证", NULL, JL_F28, false},
        {"考核", "优秀", JL_F38A, false},     {"考核", "良好", JL_F38B, false},
        {"创新项目", NULL, JL_F39A, false},   {"十佳成果", NULL, JL_F39B, false},
        {"爱心托管班", NULL, JL_F39C, false},
    };
    for (size_t i = 0; i < sizeof counted / sizeof *counted; i++) {
        if (year_in_window(year) && is(kind, counted[i].kind) &&
            (counted[i].grade == NULL || is(grade, counted[i].grade)) &&
            !(counted[i].from_district && is(level, "镇街"))) {
            expect->value[counted[i].figure][office]++;
        }
    }
}

void jl_expect_org(struct jl_expect *expect, size_t office, const struct jl_org_row *row) {
    bool built = is(row->status, "已建");
    if (row->is_enterprise && !is(row->status, "筹建") && in_window(row->founded_on)) {
        expect->value[JL_F29][office]++;
    }
    if (built && row->founded_on <= JL_WINDOW_LAST) {
        expect->value[JL_F30][office]++;
        expect->divisor[JL_F41][office]++;
        expect->divisor[JL_F27][office] += row->is_enterprise && is(row->kind, "独立基层工会");
    }
    expect->divisor[JL_F37][office] = 1; /* the office itself */
    if (built && is(row->kind, "新就业形态联合工会") && row->founded_on <= 20211231) {
        expect->value[JL_F37][office] = 1;
    }
}

void jl_expect_unit(struct jl_expect *expect, size_t office, int32_t from, int32_t to) {
    expect->value[JL_F31][office] += from <= JL_WINDOW_LAST && (to == 0 || to > JL_WINDOW_LAST);
}

void jl_expect_member(struct jl_expect *expect, size_t office, const char *status, bool is_nef,
                      int32_t joined_on) {
    bool living = is(status, "在籍") || is(status, "转出中") || is(status, "保留");
    expect->value[JL_F32][office] += living && joined_on <= JL_WINDOW_LAST;
    expect->value[JL_F33][office] += living && is_nef && in_window(joined_on);
}

void jl_expect_contract(struct jl_expect *expect, size_t office, const struct jl_org_row *org,
                        size_t org_index, int32_t signed_on, int32_t expires_on) {
    if (org->is_enterprise && is(org->kind, "独立基层工会") && is(org->status, "已建") &&
        signed_on <= JL_WINDOW_LAST && expires_on > JL_WINDOW_LAST) {
        add_distinct(expect, JL_F27, office, org_index);
    }
}

void jl_expect_aid(struct jl_expect *expect, size_t office, size_t family, const char *kind,
                   int32_t paid_on, int64_t fen) {
    if (!in_window(paid_on)) {
        return;
    }
    if (is(kind, "对口扶贫")) {
        expect->value[JL_F17][office] += fen;
        return;
    }
    expect->value[JL_F16][office] += fen;
    add_distinct(expect, JL_F15, office, family);
}

void jl_expect_site(struct jl_expect *expect, size_t office, int32_t built_on) {
    expect->value[JL_F18][office] += in_window(built_on);
}

void jl_expect_warn_officer(struct jl_expect *expect, size_t office, int32_t appointed_on,
                            int32_t left_on) {
    expect->value[JL_F23][office] +=
        appointed_on <= JL_WINDOW_LAST && (left_on == 0 || left_on > JL_WINDOW_LAST);
}

void jl_expect_legal_service(struct jl_expect *expect, size_t office, const char *kind,
                             int32_t served_on, int64_t n) {
    if (is(kind, "咨询") && in_window(served_on)) {
        expect->value[JL_F24][office] += n;
    }
}

void jl_expect_issue(struct jl_expect *expect, size_t office, const char *status, int32_t raised_on,
                     int32_t closed_on) {
    bool closed = is(status, "销号");
    if (raised_on <= JL_WINDOW_LAST) {
        expect->divisor[JL_F42A][office]++;
        expect->value[JL_F42A][office] += closed;
    }
    if (closed && in_window(raised_on)) {
        int64_t days = jl_date_to_days(closed_on) - jl_date_to_days(raised_on);
        if (jl_buf_put_u8(&expect->days[office], (uint8_t)days, NULL) != JL_OK) {
            expect->out_of_memory = true;
        }
    }
}

void jl_expect_fee_relief(struct jl_expect *expect, size_t office, int32_t month, int64_t fen) {
    expect->value[JL_F02][office] += month_in_window(month) ? fen : 0;
}

void jl_expect_fee_refund(struct jl_expect *expect, size_t office, const char *status,
                          int32_t month, int64_t fen) {
    expect->value[JL_F03][office] += is(status, "拨付") && month_in_window(month) ? fen : 0;
}

void jl_expect_subsidy(struct jl_expect *expect, size_t office, size_t org_index, int32_t year) {
    if (year_in_window(year)) {
        add_distinct(expect, JL_F34, office, org_index);
    }
}

void jl_expect_finance_check(struct jl_expect *expect, size_t office, size_t org_index,
                             const char *result, int32_t year) {
    if (year_in_window(year) && is(result, "通过")) {
        add_distinct(expect, JL_F41, office, org_index);
    }
}

void jl_expect_party(struct jl_expect *expect, size_t office, const char *stage,
                     int32_t staged_on) {
    expect->value[JL_F35][office] += is(stage, "积极分子") && in_window(staged_on);
}

void jl_expect_reform(struct jl_expect *expect, int32_t year, int64_t due_n, int64_t covered_n) {
    if (year_in_window(year)) {
        expect->value[JL_F36][JL_SAMPLE_DISTRICT] += covered_n;
        expect->divisor[JL_F36][JL_SAMPLE_DISTRICT] += due_n;
    }
}

void jl_expect_policy(struct jl_expect *expect, const char *kind, int32_t issued_on) {
    if (!in_window(issued_on)) {
        return;
    }
    expect->value[JL_F40A][JL_SAMPLE_DISTRICT] += is(kind, "机制");
    expect->value[JL_F40B][JL_SAMPLE_DISTRICT] += is(kind, "工作法");
    expect->value[JL_F45][JL_SAMPLE_DISTRICT] += is(kind, "举措");
}

/* ---- Out ---- */

struct total {
    int64_t value;
    int64_t divisor;
};

/* The lower middle of the days of the owners first .. last-1; -1 when there are none. */
static int64_t median_days(const struct jl_expect *expect, size_t first, size_t last) {
    size_t counts[256] = {0};
    size_t all = 0;
    for (size_t owner = first; owner < last; owner++) {
        const struct jl_buf *days = &expect->days[owner];
        for (size_t i = 0; i < days->size; i++) {
            counts[days->data[i]]++;
        }
        all += days->size;
    }
    size_t below = 0;
    for (int64_t day = 0; day < 256 && all > 0; day++) {
        below += counts[day];
        if (below * 2 >= all) {
            return day;
        }
    }
    return -1;
}

/* Over the owners first .. last-1; -1 when there is nothing to divide by. */
static int64_t value_of(const struct jl_expect *expect, enum jl_figure_id figure, size_t first,
                        size_t last, struct total *out_total) {
    struct total total = {0, 0};
    uint8_t seen[256] = {0};
    for (size_t owner = first; owner < last; owner++) {
        total.value += expect->value[figure][owner];
        total.divisor += expect->divisor[figure][owner];
        const struct jl_buf *things = &expect->seen[figure][owner];
        for (size_t i = 0; i < things->size && i < sizeof seen; i++) {
            seen[i] |= things->data[i];
        }
    }
    *out_total = total;
    switch (figures[figure].shape) {
    case SUM:
        return total.value;
    case RATE:
        return total.divisor > 0 ? total.value * 10000 / total.divisor : -1;
    case MEDIAN:
        return median_days(expect, first, last);
    case UNION:
        break;
    }
    int64_t different = 0;
    for (size_t i = 0; i < sizeof seen; i++) {
        different += seen[i];
    }
    return different;
}

int64_t jl_expect_value(const struct jl_expect *expect, enum jl_figure_id figure) {
    struct total total;
    return value_of(expect, figure, 0, JL_OWNERS, &total);
}

const char *jl_figure_key(enum jl_figure_id figure) {
    return figures[figure].key;
}

static bool is_of_district(enum jl_figure_id figure) {
    return figure == JL_F36 || figure == JL_F40A || figure == JL_F40B || figure == JL_F45;
}

static enum jl_rc put_by_office(const struct jl_expect *expect, enum jl_figure_id figure,
                                const char *const *codes, struct jl_buf *out, struct jl_err *err) {
    enum jl_rc rc = jl_buf_put_text(out, "\"by_office\": {", err);
    const char *comma = "";
    for (size_t office = 0; rc == JL_OK && office < JL_SAMPLE_OFFICES; office++) {
        struct total total;
        int64_t value = value_of(expect, figure, office, office + 1, &total);
        if (value < 0 || is_of_district(figure)) {
            continue;
        }
        rc = jl_buf_printf(out, err, "%s\"%s\": %" PRId64, comma, codes[office], value);
        comma = ", ";
    }
    return rc != JL_OK ? rc : jl_buf_put_text(out, "}}", err);
}

enum jl_rc jl_expect_json(const struct jl_expect *expect, const char *const *codes,
                          struct jl_buf *out, struct jl_err *err) {
    if (expect->out_of_memory) {
        return jl_fault_at(err, JL_NOMEM, JL_FAULT_TEXT, "%s", "no memory to count the figures");
    }
    enum jl_rc rc = JL_OK;
    for (enum jl_figure_id figure = 0; rc == JL_OK && figure < JL_FIGURES; figure++) {
        struct total total;
        int64_t value = value_of(expect, figure, 0, JL_OWNERS, &total);
        rc = jl_buf_printf(out, err, "%s\n  \"%s\": {\"value\": %" PRId64 ", \"unit\": \"%s\", ",
                           figure == 0 ? "{" : ",", figures[figure].key, value,
                           figures[figure].unit);
        if (rc == JL_OK && figures[figure].shape == RATE) {
            rc = jl_buf_printf(out, err,
                               "\"numerator\": %" PRId64 ", \"denominator\": %" PRId64 ", ",
                               total.value, total.divisor);
        }
        if (rc == JL_OK) {
            rc = put_by_office(expect, figure, codes, out, err);
        }
    }
    return rc != JL_OK ? rc : jl_buf_put_text(out, "\n}\n", err);
}
