/* Benefits, service sites and match profiles. */
#include "words.h"
#include "world.h"

#include "jielian/base/clock.h"
#include "jielian/base/date.h"

#include <stdio.h>
#include <string.h>

enum { BATCHES_FILE = 9, LINES_FILE = 10, SITES_FILE = 11, MATCHES_FILE = 14 };

/* Totals at scale 1 that the batches share exactly; heads are the person-times of one batch. */
static const struct spec {
    const char *kind;
    const char *title;
    uint32_t records;
    uint32_t heads;
    uint32_t days;
    uint32_t fen_each;
    bool has_lines;
} specs[] = {
    {"疗休养", "职工疗休养", 1180, 97500, 5, 200000, true},
    {"体检", "职工健康体检", 140, 12000, 1, 60000, true},
    {"托管", "暑期爱心托管班", 70, 2100, 30, 90000, false},
    {"学历提升", "求学圆梦学历提升班", 40, 1286, 180, 250000, false},
};
enum { SPECS = sizeof specs / sizeof specs[0], OUTSIDE_PER = 14, LINES_PER_MILLE = 520 };

static const struct jl_column batch_columns[] = {
    {"类别", "普惠类别"}, {"名称", "批次名称"}, {"主办", "主办单位"}, {"基地", "目的地"},
    {"开始日期", NULL},   {"结束日期", NULL},   {"天数", NULL},       {"人数", "参加人数"},
    {"人次", NULL},       {"一线工人数", NULL}, {"总额", "总金额"},
};

static int32_t days_later(int32_t date, uint32_t days) {
    return (int32_t)jl_date_from_days(jl_date_to_days(date) + days);
}

static void put_batch(struct jl_world *world, struct jl_sheet *sheet, struct jl_rng *rng,
                      const struct spec *spec, uint32_t heads, int32_t start_on) {
    static const char *const bases[] = {"千岛湖", "莫干山", "雁荡山", "天目山", "丽水古堰画乡",
                                        "安吉",   "舟山",   "开化",   "仙居"};
    struct jl_batch *batch = &world->batches[world->batch_count++];
    (void)snprintf(batch->title, sizeof batch->title, "%s%d年%s第%zu批", world->office->area,
                   start_on / 10000, spec->title, world->batch_count);
    batch->kind = spec->kind;
    batch->start_on = start_on;
    batch->heads = spec->has_lines ? heads : 0;
    const struct jl_org *host = &world->orgs[jl_rng_below(rng, (uint32_t)world->org_count)];
    jl_sheet_text(sheet, spec->kind);
    jl_sheet_text(sheet, batch->title);
    jl_sheet_text(sheet, jl_rng_chance(rng, 400) ? host->name : NULL);
    jl_sheet_text(sheet, strcmp(spec->kind, "疗休养") == 0 ? JL_PICK(rng, bases) : NULL);
    jl_sheet_date(sheet, start_on);
    jl_sheet_date(sheet, days_later(start_on, spec->days - 1));
    jl_sheet_int(sheet, spec->days);
    jl_sheet_int(sheet, heads);
    jl_sheet_int(sheet, heads);
    jl_sheet_int(sheet, heads * jl_rng_below(rng, 70) / 100);
    jl_sheet_money(sheet, (int64_t)heads * spec->fen_each);
    jl_expect_benefit_batch(&world->expect, world->office->index, spec->kind, start_on, heads,
                            heads);
}

static enum jl_rc put_batches(struct jl_world *world, struct jl_sheet *sheet, struct jl_rng *rng,
                              const struct spec *spec, struct jl_err *err) {
    size_t count = jl_world_quota(world, spec->records, 1);
    uint64_t *heads = jl_world_alloc(world, count, sizeof *heads, err);
    if (heads == NULL) {
        return JL_NOMEM;
    }
    jl_rng_share(rng, jl_world_quota(world, spec->heads, 1), count, 1, heads);
    for (size_t i = 0; i < count + count / OUTSIDE_PER; i++) {
        int32_t date = i < count ? jl_rng_date_inside(rng) : jl_rng_date_outside(rng);
        put_batch(world, sheet, rng, spec, (uint32_t)heads[i % count], date);
    }
    return JL_OK;
}

static const struct jl_column line_columns[] = {
    {"批次", "批次名称"}, {"会员", NULL}, {"年度", NULL}, {"金额", NULL}};

/* The members go round: nobody is in two batches of one stretch, and few twice in a year. */
static enum jl_rc make_lines(struct jl_world *world, struct jl_err *err) {
    JL_AUTO(jl_sheet) sheet = {0};
    size_t at = 0;
    JL_WORLD_OPEN(world, &sheet, "普惠服务明细", line_columns);
    for (size_t i = 0; i < world->batch_count; i++) {
        const struct jl_batch *batch = &world->batches[i];
        size_t lines = ((size_t)batch->heads * LINES_PER_MILLE + 999) / 1000;
        for (size_t k = 0; k < lines && k < world->member_count; k++, at++) {
            jl_sheet_text(&sheet, batch->title);
            jl_sheet_text(&sheet, jl_world_member(world, at)->id_no);
            jl_sheet_int(&sheet, batch->start_on / 10000);
            jl_sheet_money(&sheet, strcmp(batch->kind, "体检") == 0 ? 60000 : 200000);
        }
    }
    return jl_world_close(world, &sheet, LINES_FILE, "benefit_line", err);
}

enum jl_rc jl_make_benefits(struct jl_world *world, struct jl_err *err) {
    JL_AUTO(jl_sheet) sheet = {0};
    struct jl_rng rng;
    size_t most = 0;
    jl_world_rng(world, 9, &rng);
    for (size_t i = 0; i < SPECS; i++) {
        size_t count = jl_world_quota(world, specs[i].records, 1);
        most += count + count / OUTSIDE_PER;
    }
    world->batch_count = 0;
    world->batches = jl_world_alloc(world, most, sizeof *world->batches, err);
    if (world->batches == NULL) {
        return JL_NOMEM;
    }
    JL_WORLD_OPEN(world, &sheet, "普惠服务批次表", batch_columns);
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; i < SPECS && rc == JL_OK; i++) {
        rc = put_batches(world, &sheet, &rng, &specs[i], err);
    }
    if (rc == JL_OK) {
        rc = jl_world_close(world, &sheet, BATCHES_FILE, "benefit_batch", err);
    }
    return rc != JL_OK ? rc : make_lines(world, err);
}

static const struct jl_column site_columns[] = {
    {"类别", "阵地类别"}, {"名称", "阵地名称"}, {"地址", NULL},
    {"建成日期", NULL},   {"级别", NULL},       {"状态", NULL},
};

enum jl_rc jl_make_sites(struct jl_world *world, struct jl_err *err) {
    static const char *const kinds[] = {"妈咪小屋", "妈咪小屋",   "爱心驿站", "爱心驿站",
                                        "爱心驿站", "小哥加油站", "小哥食堂", "小哥学院",
                                        "职工之家", "疗休养基地"};
    static const char *const levels[] = {"镇街", "镇街", "区", "市", "省"};
    JL_AUTO(jl_sheet) sheet = {0};
    struct jl_rng rng;
    jl_world_rng(world, 11, &rng);
    size_t inside = jl_world_quota(world, 201, 1);
    size_t outside = jl_world_quota(world, 30, 1);
    JL_WORLD_OPEN(world, &sheet, "服务阵地一览表", site_columns);
    for (size_t i = 0; i < inside + outside; i++) {
        char place[JL_NAME_BYTES];
        const char *kind = JL_PICK(&rng, kinds);
        int32_t built = i < inside ? jl_rng_date_inside(&rng) : jl_rng_date_outside(&rng);
        jl_place_name(i, place, sizeof place);
        jl_sheet_text(&sheet, kind);
        jl_sheet_printf(&sheet, "%s%s%s", world->office->area, place, kind);
        jl_sheet_printf(&sheet, "西湖区%s%s路%u号", world->office->area, place,
                        1 + jl_rng_below(&rng, 300));
        jl_sheet_date(&sheet, built);
        jl_sheet_text(&sheet, JL_PICK(&rng, levels));
        jl_sheet_text(&sheet, jl_rng_chance(&rng, 40) ? "停用" : "运行");
        jl_expect_site(&world->expect, world->office->index, built);
    }
    return jl_world_close(world, &sheet, SITES_FILE, "service_site", err);
}

static const struct jl_column match_columns[] = {{"会员", NULL}, {"意向", NULL}, {"状态", NULL}};

enum jl_rc jl_make_matches(struct jl_world *world, struct jl_err *err) {
    static const char *const wishes[] = {"本科及以上，性格开朗", "在杭工作，有共同爱好",
                                         "年龄相仿，不限户籍", "喜欢运动，踏实稳重"};
    JL_AUTO(jl_sheet) sheet = {0};
    struct jl_rng rng;
    jl_world_rng(world, 14, &rng);
    size_t rows = jl_world_quota(world, 640, 1);
    size_t stride = world->member_count / rows;
    JL_WORLD_OPEN(world, &sheet, "光年间交友资料", match_columns);
    for (size_t i = 0; i < rows; i++) {
        jl_sheet_text(&sheet, jl_world_member(world, 1 + i * (stride > 0 ? stride : 1))->id_no);
        jl_sheet_text(&sheet, JL_PICK(&rng, wishes));
        jl_sheet_text(&sheet, jl_rng_chance(&rng, 150)  ? "牵手成功"
                              : jl_rng_chance(&rng, 60) ? "退出"
                                                        : "征集中");
    }
    return jl_world_close(world, &sheet, MATCHES_FILE, "match_profile", err);
}
