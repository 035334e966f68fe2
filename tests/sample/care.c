/* Families in hardship, what they got, and honours. */
#include "world.h"

#include <stdio.h>
#include <string.h>

enum { FAMILIES_FILE = 12, PAYMENTS_FILE = 13, HONORS_FILE = 15 };

static const struct jl_column family_columns[] = {
    {"户主", NULL},     {"困难类别", "困难类型"}, {"致困原因", "困难原因"},
    {"家庭人口", NULL}, {"月人均收入", NULL},     {"建档日期", "建档时间"},
    {"脱困日期", NULL}, {"年度复核日期", NULL},
};

static enum jl_rc make_families(struct jl_world *world, struct jl_rng *rng, struct jl_err *err) {
    static const char *const kinds[] = {"深度困难", "相对困难", "相对困难", "意外致困"};
    static const char *const causes[] = {"本人患重大疾病", "家属患病", "子女上学",
                                         "意外事故",       "残疾",     "收入低且无法维持基本生活"};
    JL_AUTO(jl_sheet) sheet = {0};
    JL_WORLD_OPEN(world, &sheet, "困难职工家庭档案", family_columns);
    for (size_t i = 0; i < world->head_count; i++) {
        int32_t filed = jl_rng_date(rng, 20160301, 20210630);
        bool out = jl_rng_chance(rng, 600);
        jl_sheet_text(&sheet, world->members[i].id_no);
        jl_sheet_text(&sheet, JL_PICK(rng, kinds));
        jl_sheet_text(&sheet, JL_PICK(rng, causes));
        jl_sheet_int(&sheet, jl_rng_between(rng, 1, 6));
        jl_sheet_money(&sheet, jl_rng_between(rng, 60000, 220000));
        jl_sheet_date(&sheet, filed);
        jl_sheet_date(&sheet, out ? jl_rng_date(rng, 20210701, 20221201) : 0);
        jl_sheet_date(&sheet, jl_rng_date(rng, 20210701, 20220930));
    }
    return jl_world_close(world, &sheet, FAMILIES_FILE, "hardship_family", err);
}

static const struct jl_column payment_columns[] = {
    {"家庭", NULL}, {"对口地区", NULL}, {"类别", "帮扶类别"},
    {"金额", NULL}, {"日期", NULL},     {"文号", NULL},
};

static void put_payment(struct jl_world *world, struct jl_sheet *sheet, size_t family,
                        const char *region, const char *kind, int64_t fen, int32_t date) {
    jl_sheet_text(sheet, region == NULL ? world->head_names[family] : NULL);
    jl_sheet_text(sheet, region);
    jl_sheet_text(sheet, kind);
    jl_sheet_money(sheet, fen);
    jl_sheet_date(sheet, date);
    jl_sheet_printf(sheet, "西工帮〔%d〕%llu号", date / 10000, (unsigned long long)sheet->rows);
    jl_expect_aid(&world->expect, world->office->index, family, kind, date, fen);
}

/* Each helped family at least once; the last ones are on file but were paid outside the window. */
static enum jl_rc make_payments(struct jl_world *world, struct jl_rng *rng, struct jl_err *err) {
    static const char *const kinds[] = {"重大疾病", "春风助学", "生活", "生活"};
    static const char *const regions[] = {"黔东南州", "恩施州", "衢州市", "广元市"};
    JL_AUTO(jl_sheet) sheet = {0};
    size_t helped = jl_world_quota(world, 178, 1);
    helped = helped < world->head_count ? helped : world->head_count;
    size_t count = jl_world_quota(world, 430, 0);
    count = count > helped ? count : helped;
    size_t paired = jl_world_quota(world, 16, 1);
    uint64_t *fen = jl_world_alloc(world, count + paired, sizeof *fen, err);
    if (fen == NULL) {
        return JL_NOMEM;
    }
    jl_rng_share(rng, jl_world_quota(world, 102300000, 100), count, 100, fen);
    jl_rng_share(rng, jl_world_quota(world, 80000000, 100), paired, 100, fen + count);
    JL_WORLD_OPEN(world, &sheet, "帮扶资金发放表", payment_columns);
    for (size_t i = 0; i < count; i++) {
        put_payment(world, &sheet, i % helped, NULL, JL_PICK(rng, kinds), (int64_t)fen[i],
                    jl_rng_date_inside(rng));
    }
    for (size_t i = 0; i < paired; i++) {
        put_payment(world, &sheet, 0, JL_PICK(rng, regions), "对口扶贫", (int64_t)fen[count + i],
                    jl_rng_date_inside(rng));
    }
    for (size_t i = helped; i < world->head_count; i++) {
        put_payment(world, &sheet, i, NULL, "生活", 100000, jl_rng_date_outside(rng));
    }
    return jl_world_close(world, &sheet, PAYMENTS_FILE, "aid_payment", err);
}

enum jl_rc jl_make_hardship(struct jl_world *world, struct jl_err *err) {
    struct jl_rng rng;
    jl_world_rng(world, 12, &rng);
    enum jl_rc rc = make_families(world, &rng, err);
    return rc != JL_OK ? rc : make_payments(world, &rng, err);
}

static const struct jl_column honor_columns[] = {
    {"获得者类型", NULL}, {"名称", "获奖者"}, {"荣誉类别", "荣誉名称"},
    {"级别", NULL},       {"等次", NULL},     {"年度", NULL},
};

struct honor {
    const char *winner;
    const char *kind;
    const char *level; /* NULL: any from 区 */
    const char *grade;
    uint32_t n; /* at scale 1, all offices, years of the window */
};

static void put_honor(struct jl_world *world, struct jl_sheet *sheet, const struct honor *honor,
                      const char *name, const char *level, int32_t year) {
    jl_sheet_text(sheet, honor->winner);
    jl_sheet_text(sheet, name);
    jl_sheet_text(sheet, honor->kind);
    jl_sheet_text(sheet, level);
    jl_sheet_text(sheet, honor->grade);
    jl_sheet_int(sheet, year);
    jl_expect_honor(&world->expect, world->office->index, honor->kind, level,
                    honor->grade == NULL ? "" : honor->grade, year);
}

static void name_winner(struct jl_world *world, struct jl_rng *rng, const struct honor *honor,
                        size_t number, char *out_name, size_t capacity) {
    if (strcmp(honor->winner, "个人") == 0) {
        jl_name_make(rng, jl_rng_chance(rng, 420), out_name);
    } else if (strcmp(honor->kind, "先进职工之家") == 0) {
        (void)snprintf(out_name, capacity, "%s", world->orgs[number % world->org_count].name);
    } else {
        const char *unit = world->units[number * 7 % world->unit_count].name;
        bool group = strcmp(honor->winner, "集体") == 0;
        (void)snprintf(out_name, capacity, "%s%s", unit, group ? "先进班组" : "");
    }
}

/* Years 2018 to 2022 count; 2016 does not. (2017 lies half in the window: not used.) */
static void put_honors(struct jl_world *world, struct jl_sheet *sheet, struct jl_rng *rng,
                       const struct honor *honor) {
    static const char *const levels[] = {"区", "区", "区", "市", "市", "省", "全国"};
    size_t count = jl_world_quota(world, honor->n, 0);
    for (size_t i = 0; i < count + count / 8; i++) {
        char name[JL_TITLE_BYTES * 2];
        const char *level = honor->level != NULL ? honor->level : JL_PICK(rng, levels);
        name_winner(world, rng, honor, i, name, sizeof name);
        put_honor(world, sheet, honor, name, level,
                  i < count ? (int32_t)jl_rng_between(rng, 2018, 2022) : 2016);
    }
}

/* The few that the report names one by one; the same at every scale. */
static void put_named_honors(struct jl_world *world, struct jl_sheet *sheet) {
    static const struct {
        const char *code;
        const char *name;
        struct honor honor;
        int32_t year;
    } named[] = {
        {"GD", "2018年度全市工会工作考核", {"单位", "考核", "市", "良好", 1}, 2018},
        {"GD", "2019年度全市工会工作考核", {"单位", "考核", "市", "优秀", 1}, 2019},
        {"GD", "2020年度全市工会工作考核", {"单位", "考核", "市", "优秀", 1}, 2020},
        {"GD", "2021年度全市工会工作考核", {"单位", "考核", "市", "优秀", 1}, 2021},
        {"XX", "新就业形态劳动者权益保障", {"项目", "创新项目", "省", NULL, 1}, 2021},
        {"SD", "产业工人队伍建设改革", {"项目", "十佳成果", "市", NULL, 1}, 2020},
        {"CY", "翠苑街道爱心托管班", {"项目", "爱心托管班", "全国", NULL, 1}, 2021},
        {"BS", "职工合唱", {"集体", "艺术节金奖", "市", "金奖", 1}, 2019},
        {"ZT", "职工舞蹈", {"集体", "艺术节金奖", "市", "金奖", 1}, 2021},
    };
    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        if (strcmp(world->office->code, named[i].code) == 0) {
            put_honor(world, sheet, &named[i].honor, named[i].name, named[i].honor.level,
                      named[i].year);
        }
    }
}

enum jl_rc jl_make_honors(struct jl_world *world, struct jl_err *err) {
    static const struct honor honors[] = {
        {"个人", "先进个人", NULL, NULL, 204},   {"集体", "模范集体", NULL, NULL, 73},
        {"个人", "先进个人", "镇街", NULL, 120}, {"集体", "模范集体", "镇街", NULL, 48},
        {"单位", "CSR A级认证", "市", NULL, 12}, {"个人", "劳模", NULL, NULL, 40},
        {"个人", "工匠", NULL, NULL, 56},        {"单位", "先进职工之家", NULL, NULL, 64},
    };
    JL_AUTO(jl_sheet) sheet = {0};
    struct jl_rng rng;
    jl_world_rng(world, 15, &rng);
    JL_WORLD_OPEN(world, &sheet, "荣誉名录", honor_columns);
    for (size_t i = 0; i < sizeof honors / sizeof *honors; i++) {
        put_honors(world, &sheet, &rng, &honors[i]);
    }
    put_named_honors(world, &sheet);
    return jl_world_close(world, &sheet, HONORS_FILE, "honor", err);
}
