/* Visits, fees, subsidies, finance checks, the Party, transfers. */
#include "world.h"

#include "jielian/base/clock.h"
#include "jielian/base/date.h"

#include <stdio.h>
#include <string.h>

enum {
    VISITS_FILE = 21,
    ISSUES_FILE = 22,
    RELIEF_FILE = 23,
    REFUND_FILE = 24,
    SUBSIDY_FILE = 25,
    FINANCE_FILE = 26,
    PARTY_FILE = 27,
    TRANSFERS_FILE = 28,
    USUAL_DAYS = 5, /* two of three issues close in so many days: the median of any group */
};

static int32_t days_later(int32_t date, int64_t days) {
    return (int32_t)jl_date_from_days(jl_date_to_days(date) + days);
}

static const struct jl_column visit_columns[] = {
    {"日期", "走访日期"}, {"单位", NULL}, {"机制", NULL}, {"人员", NULL}};
static const struct jl_column issue_columns[] = {
    {"问题", "问题描述"}, {"类型", NULL}, {"责任人", NULL},   {"提出日期", NULL},
    {"时限", NULL},       {"状态", NULL}, {"销号日期", NULL}, {"满意度", NULL},
};

static enum jl_rc make_issues(struct jl_world *world, struct jl_rng *rng, struct jl_err *err) {
    static const struct {
        const char *kind;
        const char *problem;
    } problems[] = {{"复工", "返岗职工不足，希望协助复工"},
                    {"招工", "旺季招工难，希望组织招聘会"},
                    {"安全", "消防设施老化，希望指导整改"},
                    {"交友", "单身青年多，希望组织交友活动"},
                    {"其他", "希望增设户外劳动者驿站"}};
    static const char *const open_states[] = {"征集", "交办", "办理", "反馈"};
    static const char *const answers[] = {"非常满意", "满意", "满意", "基本满意"};
    JL_AUTO(jl_sheet) sheet = {0};
    size_t closed = jl_world_quota(world, 690, 1);
    size_t open = jl_world_quota(world, 14, 0);
    JL_WORLD_OPEN(world, &sheet, "走访问题清单", issue_columns);
    for (size_t i = 0; i < closed + open; i++) {
        bool is_closed = i < closed;
        const char *state = is_closed ? "销号" : JL_PICK(rng, open_states);
        size_t which = jl_rng_below(rng, sizeof problems / sizeof *problems);
        int32_t raised = jl_rng_date(rng, 20200210, 20220915);
        int32_t days = i % 3 != 2 ? USUAL_DAYS : (int32_t)jl_rng_between(rng, 1, 14);
        int32_t closed_on = is_closed ? days_later(raised, days) : 0;
        jl_sheet_text(&sheet, problems[which].problem);
        jl_sheet_text(&sheet, problems[which].kind);
        jl_sheet_text(&sheet, "服务企业专班");
        jl_sheet_date(&sheet, raised);
        jl_sheet_date(&sheet, days_later(raised, 14));
        jl_sheet_text(&sheet, state);
        jl_sheet_date(&sheet, closed_on);
        jl_sheet_text(&sheet, is_closed ? JL_PICK(rng, answers) : NULL);
        jl_expect_issue(&world->expect, world->office->index, state, raised, closed_on);
    }
    return jl_world_close(world, &sheet, ISSUES_FILE, "visit_issue", err);
}

enum jl_rc jl_make_visits(struct jl_world *world, struct jl_err *err) {
    static const char *const schemes[] = {"一月一周", "双周", "三服务", "双千"};
    JL_AUTO(jl_sheet) sheet = {0};
    struct jl_rng rng;
    jl_world_rng(world, 21, &rng);
    size_t rows = jl_world_quota(world, 1240, 1);
    JL_WORLD_OPEN(world, &sheet, "走访企业登记表", visit_columns);
    for (size_t i = 0; i < rows; i++) {
        char name[JL_NAME_BYTES];
        jl_sheet_date(&sheet, jl_rng_date(&rng, 20190101, 20220930));
        jl_sheet_text(&sheet, world->units[i % world->unit_in_force].name);
        jl_sheet_text(&sheet, JL_PICK(&rng, schemes));
        jl_name_make(&rng, false, name);
        jl_sheet_text(&sheet, name);
    }
    enum jl_rc rc = jl_world_close(world, &sheet, VISITS_FILE, "visit", err);
    return rc != JL_OK ? rc : make_issues(world, &rng, err);
}

/* ---- Fees ---- */

/* A month of the window (2017-10 to 2022-09) or outside of it. */
static int32_t month_of(struct jl_rng *rng, bool inside) {
    int32_t date = inside ? jl_rng_date_inside(rng) : jl_rng_date_outside(rng);
    return date / 100;
}

static const struct jl_column relief_columns[] = {
    {"单位", "单位名称"}, {"期间", "所属期"}, {"类别", NULL}, {"金额", NULL}};

static enum jl_rc make_reliefs(struct jl_world *world, struct jl_rng *rng, struct jl_err *err) {
    JL_AUTO(jl_sheet) sheet = {0};
    size_t count = jl_world_quota(world, 2240, 1);
    size_t outside = jl_world_quota(world, 60, 1);
    uint64_t *fen = jl_world_alloc(world, count, sizeof *fen, err);
    if (fen == NULL) {
        return JL_NOMEM;
    }
    jl_rng_share(rng, jl_world_quota(world, UINT64_C(17500000000), 100), count, 100, fen);
    JL_WORLD_OPEN(world, &sheet, "缓减工会经费汇总表", relief_columns);
    for (size_t i = 0; i < count + outside; i++) {
        int32_t month = month_of(rng, i < count);
        int64_t amount = i < count ? (int64_t)fen[i] : 777777;
        jl_sheet_text(&sheet, world->units[i % world->unit_in_force].name);
        jl_sheet_month(&sheet, month);
        jl_sheet_text(&sheet, jl_rng_chance(rng, 400) ? "缓缴" : "减免");
        jl_sheet_money(&sheet, amount);
        jl_expect_fee_relief(&world->expect, world->office->index, month, amount);
    }
    return jl_world_close(world, &sheet, RELIEF_FILE, "fee_relief", err);
}

static const struct jl_column refund_columns[] = {
    {"单位", "单位名称"}, {"期间", NULL}, {"已缴", NULL},     {"返还", NULL},
    {"账户", NULL},       {"状态", NULL}, {"拨付日期", NULL},
};

/* One row per employer and half-year from 2019 (natural key), so that no pair comes twice: all
 * employers of one period, then the next. After the ten periods of the sample come months of 2016,
 * which don't count. */
static int32_t refund_month(size_t round) {
    static const int32_t months[] = {202001, 202007, 202101, 202107, 202201,
                                     202207, 201901, 201907, 201801, 201807};
    return months[round % (sizeof months / sizeof *months)];
}

static enum jl_rc make_refunds(struct jl_world *world, struct jl_rng *rng, struct jl_err *err) {
    static const char *const states[] = {"申请", "审核", "退回"};
    JL_AUTO(jl_sheet) sheet = {0};
    size_t paid = jl_world_quota(world, 1480, 1);
    size_t other = jl_world_quota(world, 180, 1);
    uint64_t *fen = jl_world_alloc(world, paid, sizeof *fen, err);
    if (fen == NULL) {
        return JL_NOMEM;
    }
    jl_rng_share(rng, jl_world_quota(world, 1123340000, 100), paid, 100, fen);
    JL_WORLD_OPEN(world, &sheet, "小微企业工会经费全额返还表", refund_columns);
    for (size_t i = 0; i < paid + other; i++) {
        bool is_paid = i < paid;
        int32_t month = refund_month(i / world->unit_in_force);
        int64_t amount = is_paid ? (int64_t)fen[i] : 500000 + jl_rng_between(rng, 0, 999);
        const char *state = is_paid ? "拨付" : JL_PICK(rng, states);
        jl_sheet_text(&sheet, world->units[i % world->unit_in_force].name);
        jl_sheet_month(&sheet, month);
        jl_sheet_money(&sheet, amount + (jl_rng_chance(rng, 20) ? 1000 : 0));
        jl_sheet_money(&sheet, amount);
        jl_sheet_printf(&sheet, "9901060000%08u", jl_rng_below(rng, 100000000));
        jl_sheet_text(&sheet, state);
        jl_sheet_date(&sheet, is_paid ? (month + 2) * 100 + 20 : 0);
        jl_expect_fee_refund(&world->expect, world->office->index, state, month, amount);
    }
    return jl_world_close(world, &sheet, REFUND_FILE, "fee_refund", err);
}

enum jl_rc jl_make_fees(struct jl_world *world, struct jl_err *err) {
    struct jl_rng rng;
    jl_world_rng(world, 23, &rng);
    enum jl_rc rc = make_reliefs(world, &rng, err);
    return rc != JL_OK ? rc : make_refunds(world, &rng, err);
}

/* ---- Subsidies and finance checks ---- */

static bool is_counted(const struct jl_org *org) {
    return strcmp(org->row.status, "已建") == 0 && org->row.founded_on <= JL_WINDOW_LAST;
}

static const struct jl_column subsidy_columns[] = {{"工会", NULL}, {"年度", NULL}, {"金额", NULL}};

static void put_subsidy(struct jl_world *world, struct jl_sheet *sheet, size_t org, int32_t year) {
    jl_sheet_text(sheet, world->orgs[org].name);
    jl_sheet_int(sheet, year);
    jl_sheet_money(sheet, 120000);
    jl_expect_subsidy(&world->expect, world->office->index, org, year);
}

static enum jl_rc make_subsidies(struct jl_world *world, struct jl_rng *rng, struct jl_err *err) {
    JL_AUTO(jl_sheet) sheet = {0};
    size_t wanted = jl_world_quota(world, 364, 1);
    JL_WORLD_OPEN(world, &sheet, "兼职工会主席履职补贴表", subsidy_columns);
    for (size_t i = 0; i < world->org_count; i++) {
        if (!is_counted(&world->orgs[i])) {
            continue;
        }
        if (wanted > 0) {
            wanted--;
            int32_t first = (int32_t)jl_rng_between(rng, 2019, 2022);
            int32_t founded = world->orgs[i].row.founded_on / 10000;
            for (int32_t year = first > founded ? first : founded; year <= 2022; year++) {
                put_subsidy(world, &sheet, i, year);
            }
        } else if (jl_rng_chance(rng, 20)) {
            put_subsidy(world, &sheet, i, 2016);
        }
    }
    return jl_world_close(world, &sheet, SUBSIDY_FILE, "officer_subsidy", err);
}

static const struct jl_column finance_columns[] = {
    {"工会", NULL}, {"年度", NULL}, {"自查日期", NULL}, {"验收日期", NULL}, {"结果", NULL}};

static enum jl_rc make_checks(struct jl_world *world, struct jl_rng *rng, struct jl_err *err) {
    static const char *const failures[] = {"整改", "整改", "未通过"};
    JL_AUTO(jl_sheet) sheet = {0};
    JL_WORLD_OPEN(world, &sheet, "财务规范化验收表", finance_columns);
    for (size_t i = 0; i < world->org_count; i++) {
        int32_t first = 2018 + (int32_t)jl_rng_below(rng, 4);
        int32_t founded = world->orgs[i].row.founded_on / 10000;
        first = first > founded ? first : founded;
        int32_t last = first < 2022 ? first + 1 : first;
        bool passes = jl_rng_chance(rng, 968);
        for (int32_t year = first; is_counted(&world->orgs[i]) && year <= last; year++) {
            const char *result = passes && year == last ? "通过" : JL_PICK(rng, failures);
            jl_sheet_text(&sheet, world->orgs[i].name);
            jl_sheet_int(&sheet, year);
            jl_sheet_date(&sheet, year * 10000 + 415);
            jl_sheet_date(&sheet, strcmp(result, "通过") == 0 ? year * 10000 + 920 : 0);
            jl_sheet_text(&sheet, result);
            jl_expect_finance_check(&world->expect, world->office->index, i, result, year);
        }
    }
    return jl_world_close(world, &sheet, FINANCE_FILE, "finance_check", err);
}

enum jl_rc jl_make_finances(struct jl_world *world, struct jl_err *err) {
    struct jl_rng rng;
    jl_world_rng(world, 25, &rng);
    enum jl_rc rc = make_subsidies(world, &rng, err);
    return rc != JL_OK ? rc : make_checks(world, &rng, err);
}

/* ---- The Party, transfers ---- */

static const struct jl_column party_columns[] = {
    {"会员", NULL}, {"姓名", NULL}, {"阶段", NULL}, {"日期", NULL}};

enum jl_rc jl_make_party(struct jl_world *world, struct jl_err *err) {
    static const char *const stages[] = {"推荐对象", "推荐对象", "发展对象", "预备党员",
                                         "正式党员"};
    JL_AUTO(jl_sheet) sheet = {0};
    struct jl_rng rng;
    jl_world_rng(world, 27, &rng);
    size_t activists = jl_world_quota(world, 154, 1);
    size_t early = jl_world_quota(world, 20, 1);
    size_t others = jl_world_quota(world, 190, 1);
    JL_WORLD_OPEN(world, &sheet, "推优入党名册", party_columns);
    for (size_t i = 0; i < activists + early + others; i++) {
        char name[JL_NAME_BYTES];
        const char *stage = i < activists + early ? "积极分子" : JL_PICK(&rng, stages);
        bool inside = i < activists || i >= activists + early;
        int32_t date = inside ? jl_rng_date_inside(&rng) : jl_rng_date_outside(&rng);
        bool by_member = jl_rng_chance(&rng, 500);
        jl_name_make(&rng, jl_rng_chance(&rng, 400), name);
        jl_sheet_text(&sheet, by_member ? jl_world_member(world, i * 13 + 5)->id_no : NULL);
        jl_sheet_text(&sheet, by_member ? NULL : name);
        jl_sheet_text(&sheet, stage);
        jl_sheet_date(&sheet, date);
        jl_expect_party(&world->expect, world->office->index, stage, date);
    }
    return jl_world_close(world, &sheet, PARTY_FILE, "party_recommend", err);
}

static const struct jl_column transfer_columns[] = {
    {"会员", NULL},     {"转出镇街", NULL}, {"转入镇街", NULL},
    {"转会原因", NULL}, {"状态", NULL},     {"申请日期", NULL},
};

/* Requests only: a transfer begins with one, and the members stay where they are until it is done.
 */
enum jl_rc jl_make_transfers(struct jl_world *world, struct jl_err *err) {
    JL_AUTO(jl_sheet) sheet = {0};
    struct jl_rng rng;
    jl_world_rng(world, 28, &rng);
    size_t rows = jl_world_quota(world, 60, 1);
    JL_WORLD_OPEN(world, &sheet, "会员转会登记表", transfer_columns);
    size_t member = world->head_count; /* not the heads of families */
    for (size_t i = 0; i < rows && member < world->member_count; i++, member += 3) {
        size_t to = (world->office->index + 1 + jl_rng_below(&rng, JL_SAMPLE_OFFICES - 1)) %
                    JL_SAMPLE_OFFICES;
        while (member + 1 < world->member_count && !world->members[member].living) {
            member++;
        }
        jl_sheet_text(&sheet, world->members[member].id_no);
        jl_sheet_text(&sheet, world->office->name);
        jl_sheet_text(&sheet, jl_sample_offices[to].name);
        jl_sheet_text(&sheet, "工作单位变动");
        jl_sheet_text(&sheet, "申请");
        jl_sheet_date(&sheet, jl_rng_date(&rng, 20220701, JL_WINDOW_LAST));
    }
    return jl_world_close(world, &sheet, TRANSFERS_FILE, "transfer", err);
}
