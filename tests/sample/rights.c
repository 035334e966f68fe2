/* Early warning, disputes, legal services and collective contracts. */
#include "words.h"
#include "world.h"

#include "jielian/base/clock.h"
#include "jielian/base/date.h"

#include <stdio.h>
#include <string.h>

enum {
    WARN_FILE = 16,
    WEEKLY_FILE = 17,
    DISPUTES_FILE = 18,
    LEGAL_FILE = 19,
    CONTRACTS_FILE = 20,
    WEEKS_MAX = 260,
    LAST_MONDAY = 20220926, /* of the window */
};

static const char *const dispute_kinds[] = {"欠薪", "欠薪",     "劳动合同", "社会保险",
                                            "工伤", "工时休假", "停产关闭"};

static int32_t days_later(int32_t date, int64_t days) {
    return (int32_t)jl_date_from_days(jl_date_to_days(date) + days);
}

static const struct jl_column warn_columns[] = {
    {"姓名", NULL}, {"工会", NULL},           {"单位", NULL},
    {"片区", NULL}, {"聘任日期", "聘任时间"}, {"离任日期", NULL},
};

static enum jl_rc make_warn_officers(struct jl_world *world, struct jl_rng *rng,
                                     struct jl_err *err) {
    JL_AUTO(jl_sheet) sheet = {0};
    size_t serving = jl_world_quota(world, 1546, 1);
    size_t left = jl_world_quota(world, 90, 1);
    size_t late = jl_world_quota(world, 30, 1);
    JL_WORLD_OPEN(world, &sheet, "劳动关系预警信息员名册", warn_columns);
    for (size_t i = 0; i < serving + left + late; i++) {
        char text[JL_NAME_BYTES];
        const struct jl_unit *unit = &world->units[i % world->unit_in_force];
        int32_t from = i < serving + left ? jl_rng_date(rng, 20180101, 20210630)
                                          : jl_rng_date(rng, JL_WINDOW_AFTER, JL_DATA_LAST);
        int32_t to = 0;
        if (i < serving && jl_rng_chance(rng, 30)) {
            to = jl_rng_date(rng, JL_WINDOW_AFTER, JL_DATA_LAST); /* still there on the last day */
        } else if (i >= serving && i < serving + left) {
            to = jl_rng_date(rng, 20210701, JL_WINDOW_LAST);
        }
        jl_name_make(rng, jl_rng_chance(rng, 460), text);
        jl_sheet_text(&sheet, text);
        jl_sheet_text(&sheet, world->orgs[unit->org].name);
        jl_sheet_text(&sheet, jl_rng_chance(rng, 500) ? unit->name : NULL);
        jl_place_name(i % 40, text, sizeof text);
        jl_sheet_printf(&sheet, "%s片区", text);
        jl_sheet_date(&sheet, from);
        jl_sheet_date(&sheet, to);
        jl_expect_warn_officer(&world->expect, world->office->index, from, to);
    }
    return jl_world_close(world, &sheet, WARN_FILE, "warn_officer", err);
}

static const struct jl_column weekly_columns[] = {
    {"周", NULL},       {"情况", NULL},     {"类型", NULL},
    {"涉及人数", NULL}, {"涉及金额", NULL}, {"处置", NULL},
};

/* The last weeks of the window, without a gap; most are zero reports. */
static enum jl_rc make_weeklies(struct jl_world *world, struct jl_rng *rng, struct jl_err *err) {
    JL_AUTO(jl_sheet) sheet = {0};
    uint64_t weeks = jl_world_scaled(world, 110);
    weeks = weeks < 4 ? 4 : weeks > WEEKS_MAX ? WEEKS_MAX : weeks;
    JL_WORLD_OPEN(world, &sheet, "劳动关系周报", weekly_columns);
    for (uint64_t i = 0; i < weeks; i++) {
        bool risk = jl_rng_chance(rng, 90);
        jl_sheet_date(&sheet, days_later(LAST_MONDAY, -7 * (int64_t)(weeks - 1 - i)));
        jl_sheet_text(&sheet, risk ? "有隐患" : "无异常");
        jl_sheet_text(&sheet, risk ? JL_PICK(rng, dispute_kinds) : NULL);
        jl_sheet_int(&sheet, risk ? jl_rng_between(rng, 1, 60) : 0);
        jl_sheet_money(&sheet, risk ? jl_rng_between(rng, 50000, 80000000) : 0);
        jl_sheet_text(&sheet, risk ? "已会同劳动监察上门处置" : NULL);
    }
    return jl_world_close(world, &sheet, WEEKLY_FILE, "lr_weekly", err);
}

enum jl_rc jl_make_warnings(struct jl_world *world, struct jl_err *err) {
    struct jl_rng rng;
    jl_world_rng(world, 16, &rng);
    enum jl_rc rc = make_warn_officers(world, &rng, err);
    return rc != JL_OK ? rc : make_weeklies(world, &rng, err);
}

static const struct jl_column dispute_columns[] = {
    {"编号", "案件编号"}, {"来源", NULL},     {"当事人", NULL},   {"类型", NULL},
    {"人数", NULL},       {"金额", NULL},     {"状态", NULL},     {"调解员", NULL},
    {"结果", NULL},       {"登记日期", NULL}, {"办结日期", NULL},
};

static enum jl_rc make_disputes(struct jl_world *world, struct jl_rng *rng, struct jl_err *err) {
    static const char *const sources[] = {"扫码", "扫码", "来访", "周报", "12345热线", "接口"};
    static const char *const states[] = {"办结",   "办结", "办结",  "成功",
                                         "调解中", "受理", "转仲裁"};
    JL_AUTO(jl_sheet) sheet = {0};
    size_t rows = jl_world_quota(world, 620, 1);
    JL_WORLD_OPEN(world, &sheet, "争议案件台账", dispute_columns);
    for (size_t i = 0; i < rows; i++) {
        char name[JL_NAME_BYTES];
        const char *state = JL_PICK(rng, states);
        bool closed = strcmp(state, "办结") == 0;
        int32_t registered = jl_rng_date(rng, 20200601, 20220831);
        jl_sheet_printf(&sheet, "%s-%d-%04zu", world->office->code, registered / 10000, i + 1);
        jl_sheet_text(&sheet, JL_PICK(rng, sources));
        jl_name_make(rng, jl_rng_chance(rng, 300), name);
        jl_sheet_printf(&sheet, "%s诉%s", name,
                        world->units[jl_rng_below(rng, (uint32_t)world->unit_count)].name);
        jl_sheet_text(&sheet, JL_PICK(rng, dispute_kinds));
        jl_sheet_int(&sheet, jl_rng_between(rng, 1, 30));
        jl_sheet_money(&sheet, jl_rng_between(rng, 100000, 30000000));
        jl_sheet_text(&sheet, state);
        jl_name_make(rng, jl_rng_chance(rng, 500), name);
        jl_sheet_text(&sheet, name);
        jl_sheet_text(&sheet, closed ? "双方达成调解协议并履行" : NULL);
        jl_sheet_date(&sheet, registered);
        jl_sheet_date(&sheet, closed ? days_later(registered, jl_rng_between(rng, 1, 45)) : 0);
    }
    return jl_world_close(world, &sheet, DISPUTES_FILE, "dispute_case", err);
}

static const struct jl_column legal_columns[] = {
    {"类别", NULL}, {"日期", NULL}, {"次数", NULL}, {"外来务工", NULL}};

static void put_service(struct jl_world *world, struct jl_sheet *sheet, struct jl_rng *rng,
                        const char *kind, int32_t date, int64_t n) {
    jl_sheet_text(sheet, kind);
    jl_sheet_date(sheet, date);
    jl_sheet_int(sheet, n);
    jl_sheet_bool(sheet, jl_rng_chance(rng, 550));
    jl_expect_legal_service(&world->expect, world->office->index, kind, date, n);
}

static enum jl_rc make_legal_services(struct jl_world *world, struct jl_rng *rng,
                                      struct jl_err *err) {
    static const char *const others[] = {"代书", "调解", "调解", "援助"};
    JL_AUTO(jl_sheet) sheet = {0};
    size_t count = jl_world_quota(world, 470, 1);
    size_t other = jl_world_quota(world, 130, 1);
    size_t outside = jl_world_quota(world, 24, 1);
    uint64_t *n = jl_world_alloc(world, count, sizeof *n, err);
    if (n == NULL) {
        return JL_NOMEM;
    }
    jl_rng_share(rng, jl_world_quota(world, 561, 1), count, 1, n);
    JL_WORLD_OPEN(world, &sheet, "法律服务登记表", legal_columns);
    for (size_t i = 0; i < count; i++) {
        put_service(world, &sheet, rng, "咨询", jl_rng_date_inside(rng), (int64_t)n[i]);
    }
    for (size_t i = 0; i < other; i++) {
        put_service(world, &sheet, rng, JL_PICK(rng, others), jl_rng_date_inside(rng), 1);
    }
    for (size_t i = 0; i < outside; i++) {
        put_service(world, &sheet, rng, "咨询", jl_rng_date_outside(rng), 2);
    }
    return jl_world_close(world, &sheet, LEGAL_FILE, "legal_service", err);
}

enum jl_rc jl_make_disputes(struct jl_world *world, struct jl_err *err) {
    struct jl_rng rng;
    jl_world_rng(world, 18, &rng);
    enum jl_rc rc = make_disputes(world, &rng, err);
    return rc != JL_OK ? rc : make_legal_services(world, &rng, err);
}

static const struct jl_column contract_columns[] = {
    {"工会", NULL},     {"类别", "合同类别"}, {"签订日期", "签订时间"}, {"到期日期", NULL},
    {"覆盖职工", NULL}, {"备案号", NULL},     {"质效分", NULL},
};

static void put_contract(struct jl_world *world, struct jl_sheet *sheet, struct jl_rng *rng,
                         size_t org_index, const char *kind, int32_t signed_on) {
    const struct jl_org *org = &world->orgs[org_index];
    int32_t expires_on = signed_on + 30000; /* three years */
    expires_on -= expires_on % 10000 == 229 ? 1 : 0;
    jl_sheet_text(sheet, org->name);
    jl_sheet_text(sheet, kind);
    jl_sheet_date(sheet, signed_on);
    jl_sheet_date(sheet, expires_on);
    jl_sheet_int(sheet, org->members);
    jl_sheet_printf(sheet, "%s集备%d-%llu", world->office->code, signed_on / 10000,
                    (unsigned long long)sheet->rows);
    jl_sheet_int(sheet, jl_rng_between(rng, 60, 100));
    jl_expect_contract(&world->expect, world->office->index, &org->row, org_index, signed_on,
                       expires_on);
}

/* All single company unions have a contract in force but eight in about a thousand, whose contracts
 * have run out, some on the window's last day. */
enum jl_rc jl_make_contracts(struct jl_world *world, struct jl_err *err) {
    JL_AUTO(jl_sheet) sheet = {0};
    struct jl_rng rng;
    jl_world_rng(world, 20, &rng);
    size_t without = jl_world_quota(world, 8, 0);
    JL_WORLD_OPEN(world, &sheet, "集体合同台账", contract_columns);
    for (size_t i = 0; i < world->org_count; i++) {
        const struct jl_org_row *row = &world->orgs[i].row;
        if (strcmp(row->status, "已建") != 0 || row->founded_on > JL_WINDOW_LAST ||
            !world->orgs[i].has_units) {
            continue;
        }
        bool single = row->is_enterprise && strcmp(row->kind, "独立基层工会") == 0;
        if (single && without > 0) {
            without--;
            put_contract(world, &sheet, &rng, i, "综合",
                         without % 2 == 0 ? 20190930 : jl_rng_date(&rng, 20180101, 20190929));
        } else if (single) {
            put_contract(world, &sheet, &rng, i, "综合",
                         jl_rng_chance(&rng, 20) ? JL_WINDOW_LAST
                                                 : jl_rng_date(&rng, 20191001, JL_WINDOW_LAST));
            if (jl_rng_chance(&rng, 250)) { /* the one before it */
                put_contract(world, &sheet, &rng, i, "工资", jl_rng_date(&rng, 20160101, 20190831));
            }
        } else if (row->is_enterprise && jl_rng_chance(&rng, 750)) {
            put_contract(world, &sheet, &rng, i, jl_rng_chance(&rng, 500) ? "区域" : "行业",
                         jl_rng_date(&rng, 20170101, JL_WINDOW_LAST));
        }
    }
    return jl_world_close(world, &sheet, CONTRACTS_FILE, "collective_contract", err);
}
