/* Activities and who signed in.
 *
 * A row of `specs` is a group of activities with totals at scale 1 that its records share exactly;
 * one in twelve more lies outside the window and must not count. */
#include "words.h"
#include "world.h"

#include <stdio.h>
#include <string.h>

enum { ACTIVITIES_FILE = 6, ATTENDANCE_FILE = 7, CHILDREN_FILE = 8 };

static const struct spec {
    const char *kind;
    const char *title; /* behind the office's area and the year */
    const char *audience;
    uint32_t records;
    uint32_t sessions;
    uint32_t heads;
    uint32_t person_times; /* 0: a little more than heads */
    uint32_t orgs_n;
    uint32_t units_n;
    uint32_t signs_in; /* how gladly people sign in: weight of attendance rows */
    uint32_t least;    /* records per office */
} specs[] = {
    {"招聘会", "就业专场招聘会", "职工", 420, 512, 61440, 0, 0, 9200, 0, 1},
    {"闯关赛", "党史知识闯关赛", "职工", 72, 96, 9400, 0, 1042, 0, 1, 1},
    {"线上答题", "月度线上答题", "会员", 720, 720, 301500, 563820, 0, 0, 0, 1},
    {"一日游", "红色印记一日游", "职工", 64, 64, 3126, 0, 0, 0, 4, 1},
    {"报告会宣讲", "劳模工匠报告会", "职工", 140, 152, 21300, 0, 0, 0, 2, 1},
    {"志愿服务", "职工志愿服务活动", "会员", 160, 160, 4800, 0, 0, 0, 2, 1},
    {"文体比赛", "职工文体比赛", "职工", 76, 88, 19538, 0, 0, 0, 3, 1},
    {"立功竞赛", "立功竞赛", "职工", 60, 60, 7200, 0, 380, 0, 1, 1},
    {"技能竞赛", "职业技能竞赛", "职工", 130, 130, 9100, 0, 0, 420, 2, 1},
    {"技能培训", "职业技能培训班", "会员", 220, 260, 13200, 0, 0, 0, 3, 1},
    {"相亲会", "青年交友相亲会", "会员", 430, 570, 22800, 0, 0, 0, 3, 1},
    {"法律宣讲", "劳动法律宣讲", "职工", 250, 300, 15600, 0, 0, 0, 1, 1},
    {"送法进工地", "送法进工地", "外来务工", 210, 258, 9680, 0, 0, 0, 0, 1},
    {"法律监督员培训", "劳动法律监督员培训", "会员", 130, 160, 5200, 0, 0, 0, 1, 1},
    {"当一周工人", "当一周工人活动", "一线工人", 46, 46, 230, 0, 0, 46, 0, 1},
    {"慰问", "慰问一线防疫人员", "一线防疫", 150, 150, 23500, 0, 0, 0, 0, 1},
    {"慰问", "高温慰问送清凉", "一线工人", 160, 160, 16200, 0, 0, 0, 0, 1},
    {"小候鸟", "小候鸟夏令营", "儿童", 96, 120, 10860, 0, 0, 0, 0, 1},
    {"其他", "工会工作交流", "会员", 60, 60, 1800, 0, 0, 0, 1, 0},
};
enum { SPECS = sizeof specs / sizeof specs[0], OUTSIDE_PER = 12, ESPORTS_MAX = 6 };

static const struct jl_column columns[] = {
    {"类别", "活动类别"},     {"名称", "活动名称"}, {"主办工会", "主办单位"}, {"地点", "活动地点"},
    {"开始日期", "活动时间"}, {"结束日期", NULL},   {"届次", NULL},           {"场次", NULL},
    {"人数", "参加人数"},     {"人次", "参加人次"}, {"覆盖工会", NULL},       {"覆盖企业", NULL},
    {"服务对象", NULL},       {"线上", NULL},       {"经费", NULL},           {"小结", NULL},
};

static int32_t day_of(struct jl_rng *rng, const struct spec *spec, size_t number, bool inside) {
    if (!inside) {
        return strcmp(spec->audience, "一线防疫") == 0
                   ? jl_rng_date(rng, JL_WINDOW_AFTER, JL_DATA_LAST)
                   : jl_rng_date_outside(rng);
    }
    if (strcmp(spec->kind, "线上答题") == 0) { /* monthly, on the 15th: 60 months */
        size_t month = 9 + number % 60;
        return (int32_t)((2017 + month / 12) * 10000 + (month % 12 + 1) * 100 + 15);
    }
    if (strcmp(spec->audience, "一线防疫") == 0) {
        return jl_rng_date(rng, 20200201, JL_WINDOW_LAST);
    }
    if (strcmp(spec->kind, "小候鸟") == 0) { /* summer holidays */
        int32_t year = 2018 + (int32_t)(number % 5);
        return jl_rng_date(rng, year * 10000 + 703, year * 10000 + 820);
    }
    return jl_rng_date_inside(rng);
}

static void put_activity(struct jl_world *world, struct jl_sheet *sheet, struct jl_rng *rng,
                         const struct spec *spec, const struct jl_activity_row *row) {
    struct jl_activity *activity = &world->activities[world->activity_count++];
    char place[JL_NAME_BYTES];
    const struct jl_org *host = &world->orgs[jl_rng_below(rng, (uint32_t)world->org_count)];
    bool online = strcmp(row->kind, "线上答题") == 0;
    /* The running number of the office makes the title its own. */
    (void)snprintf(activity->title, sizeof activity->title, "%s%d年%s（第%zu号）",
                   world->office->area, row->start_on / 10000, spec->title, world->activity_count);
    activity->kind = row->kind;
    activity->start_on = row->start_on;
    activity->heads = (uint32_t)row->heads;
    jl_sheet_text(sheet, row->kind);
    jl_sheet_text(sheet, activity->title);
    jl_sheet_text(sheet, jl_rng_chance(rng, 300) ? host->name : NULL);
    jl_place_name(jl_rng_below(rng, 800), place, sizeof place);
    if (online) {
        jl_sheet_text(sheet, NULL);
    } else {
        jl_sheet_printf(sheet, "%s%s文化中心", world->office->area, place);
    }
    jl_sheet_date(sheet, row->start_on);
    jl_sheet_date(sheet, row->start_on);
    if (row->edition > 0) {
        jl_sheet_int(sheet, row->edition);
    } else {
        jl_sheet_text(sheet, NULL);
    }
    jl_sheet_int(sheet, row->sessions);
    jl_sheet_int(sheet, row->heads);
    jl_sheet_int(sheet, row->person_times);
    jl_sheet_int(sheet, row->orgs_n);
    jl_sheet_int(sheet, spec->units_n / (spec->records + 1) + jl_rng_below(rng, 8));
    jl_sheet_text(sheet, row->audience);
    jl_sheet_bool(sheet, online);
    jl_sheet_money(sheet, jl_rng_chance(rng, 700) ? row->heads * 3000 + 50000 : -1);
    jl_sheet_text(sheet, jl_rng_chance(rng, 200) ? "活动顺利，职工反响热烈，详见简报。" : NULL);
    jl_expect_activity(&world->expect, world->office->index, row);
}

/* The parts of one group's totals, an array each. */
struct parts {
    uint64_t *sessions, *heads, *person_times, *orgs_n;
};

static enum jl_rc share_totals(struct jl_world *world, struct jl_rng *rng, const struct spec *spec,
                               size_t count, struct parts *out_parts, struct jl_err *err) {
    uint64_t *memory = jl_world_alloc(world, count * 4, sizeof *memory, err);
    if (memory == NULL) {
        return JL_NOMEM;
    }
    *out_parts = (struct parts){memory, memory + count, memory + 2 * count, memory + 3 * count};
    jl_rng_share(rng, jl_world_quota(world, spec->sessions, 1), count, 1, out_parts->sessions);
    struct jl_rng same = *rng; /* the same weights: who has more people has more visits */
    jl_rng_share(rng, jl_world_quota(world, spec->heads, 1), count, 1, out_parts->heads);
    jl_rng_share(&same, jl_world_quota(world, spec->person_times, 0), count, 2,
                 out_parts->person_times);
    jl_rng_share(rng, jl_world_quota(world, spec->orgs_n, 0), count, spec->orgs_n > 0,
                 out_parts->orgs_n);
    return JL_OK;
}

static enum jl_rc put_group(struct jl_world *world, struct jl_sheet *sheet, struct jl_rng *rng,
                            const struct spec *spec, struct jl_err *err) {
    size_t count = jl_world_quota(world, spec->records, spec->least);
    struct parts parts;
    enum jl_rc rc = share_totals(world, rng, spec, count, &parts, err);
    if (rc != JL_OK) {
        return rc;
    }
    for (size_t i = 0; i < count + count / OUTSIDE_PER; i++) {
        bool inside = i < count;
        size_t part = i % (count > 0 ? count : 1);
        int64_t heads = (int64_t)parts.heads[part];
        int64_t times = spec->person_times > 0 ? (int64_t)parts.person_times[part]
                                               : heads + jl_rng_below(rng, (uint32_t)heads / 5 + 1);
        struct jl_activity_row row = {
            .kind = spec->kind,
            .audience = spec->audience,
            .start_on = day_of(rng, spec, i, inside),
            .sessions = (int64_t)parts.sessions[part],
            .heads = heads < times ? heads : times,
            .person_times = times,
            .orgs_n = (int64_t)parts.orgs_n[part],
        };
        put_activity(world, sheet, rng, spec, &row);
    }
    return JL_OK;
}

/* Three editions of one contest, each with a first round and a final, by the same office. */
static void put_esports(struct jl_world *world, struct jl_sheet *sheet, struct jl_rng *rng) {
    static const struct spec spec = {.title = "职工电竞大赛"};
    static const struct {
        const char *code;
        int32_t date;
        int32_t edition;
        uint32_t sessions, heads;
    } rounds[] = {
        {"YQ", 20191012, 1, 2, 180}, {"YQ", 20191026, 1, 1, 160}, {"ZT", 20201017, 2, 2, 210},
        {"ZT", 20201031, 2, 1, 170}, {"YQ", 20211016, 3, 1, 200}, {"YQ", 20211030, 3, 1, 180},
    };
    for (size_t i = 0; i < sizeof rounds / sizeof *rounds; i++) {
        if (strcmp(world->office->code, rounds[i].code) == 0) {
            struct jl_activity_row row = {.kind = "电竞大赛",
                                          .audience = "职工",
                                          .start_on = rounds[i].date,
                                          .edition = rounds[i].edition,
                                          .sessions = rounds[i].sessions,
                                          .heads = rounds[i].heads,
                                          .person_times = rounds[i].heads};
            put_activity(world, sheet, rng, &spec, &row);
        }
    }
}

enum jl_rc jl_make_activities(struct jl_world *world, struct jl_err *err) {
    JL_AUTO(jl_sheet) sheet = {0};
    struct jl_rng rng;
    jl_world_rng(world, 6, &rng);
    size_t most = ESPORTS_MAX;
    for (size_t i = 0; i < SPECS; i++) {
        size_t count = jl_world_quota(world, specs[i].records, specs[i].least);
        most += count + count / OUTSIDE_PER;
    }
    world->activities = jl_world_alloc(world, most, sizeof *world->activities, err);
    if (world->activities == NULL) {
        return JL_NOMEM;
    }
    world->activity_count = 0;
    JL_WORLD_OPEN(world, &sheet, "工会活动台账", columns);
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; i < SPECS && rc == JL_OK; i++) {
        rc = put_group(world, &sheet, &rng, &specs[i], err);
    }
    put_esports(world, &sheet, &rng);
    return rc != JL_OK ? rc : jl_world_close(world, &sheet, ACTIVITIES_FILE, "activity", err);
}

/* ---- Who was there ---- */

static uint32_t attendance_weight(const struct jl_activity *activity) {
    for (size_t i = 0; i < SPECS; i++) {
        if (strcmp(specs[i].kind, activity->kind) == 0) {
            return specs[i].signs_in;
        }
    }
    return 1; /* esports */
}

static const struct jl_column attendance_columns[] = {
    {"活动", "活动名称"}, {"会员", NULL}, {"时间", NULL}, {"备注", NULL}};
static const struct jl_column child_columns[] = {
    {"活动", NULL}, {"儿童姓名", NULL}, {"家长", NULL}, {"时间", NULL}};

static enum jl_rc make_children(struct jl_world *world, struct jl_rng *rng, struct jl_err *err) {
    JL_AUTO(jl_sheet) sheet = {0};
    size_t rows = jl_world_quota(world, 1500, 1);
    size_t at = 0;
    JL_WORLD_OPEN(world, &sheet, "小候鸟签到表", child_columns);
    for (size_t i = 0; i < rows; at++) {
        const struct jl_activity *activity = &world->activities[at % world->activity_count];
        for (size_t k = 0; strcmp(activity->kind, "小候鸟") == 0 && k < 12 && i < rows; k++, i++) {
            char name[JL_NAME_BYTES];
            jl_name_make(rng, jl_rng_chance(rng, 480), name);
            jl_sheet_text(&sheet, activity->title);
            jl_sheet_text(&sheet, name);
            jl_sheet_text(&sheet,
                          jl_rng_chance(rng, 300)
                              ? jl_world_member(world, (size_t)jl_rng_next(rng) & 0xFFFFFF)->id_no
                              : NULL);
            jl_sheet_date(&sheet, activity->start_on);
        }
    }
    return jl_world_close(world, &sheet, CHILDREN_FILE, "child_attendance", err);
}

enum jl_rc jl_make_attendance(struct jl_world *world, struct jl_err *err) {
    JL_AUTO(jl_sheet) sheet = {0};
    struct jl_rng rng;
    jl_world_rng(world, 7, &rng);
    uint32_t *weights = jl_world_alloc(world, world->activity_count, sizeof *weights, err);
    uint64_t *parts = jl_world_alloc(world, world->activity_count, sizeof *parts, err);
    if (weights == NULL || parts == NULL) {
        return JL_NOMEM;
    }
    for (size_t i = 0; i < world->activity_count; i++) {
        weights[i] = attendance_weight(&world->activities[i]) * (10 + jl_rng_below(&rng, 20));
    }
    jl_share(jl_world_quota(world, 34000, 3), weights, world->activity_count, 0, parts);
    JL_WORLD_OPEN(world, &sheet, "活动签到表", attendance_columns);
    for (size_t i = 0; i < world->activity_count; i++) {
        const struct jl_activity *activity = &world->activities[i];
        size_t start = (size_t)jl_rng_below(&rng, (uint32_t)world->member_count);
        for (size_t k = 0; k < parts[i] && k < activity->heads && k < world->member_count; k++) {
            jl_sheet_text(&sheet, activity->title);
            jl_sheet_text(&sheet, jl_world_member(world, start + k)->id_no);
            jl_sheet_date(&sheet, activity->start_on);
            jl_sheet_text(&sheet, jl_rng_chance(&rng, 10) ? "迟到" : NULL);
        }
    }
    enum jl_rc rc = jl_world_close(world, &sheet, ATTENDANCE_FILE, "attendance", err);
    return rc != JL_OK ? rc : make_children(world, &rng, err);
}
