/* Union officers and the steps in which unions were founded. */
#include "world.h"

#include <stdio.h>
#include <string.h>

enum { OFFICERS_FILE = 4, EVENTS_FILE = 5 };

static const struct jl_column officer_columns[] = {
    {"姓名", NULL},   {"工会", "所在工会"}, {"职务", NULL},
    {"专兼职", NULL}, {"任期起", NULL},     {"任期止", NULL},
};

static void put_officer(struct jl_sheet *sheet, struct jl_rng *rng, const struct jl_org *org,
                        const char *duty) {
    char name[JL_NAME_BYTES];
    int32_t from = org->row.founded_on < 20190101 ? 20190101 : org->row.founded_on;
    jl_name_make(rng, jl_rng_chance(rng, 450), name);
    jl_sheet_text(sheet, name);
    jl_sheet_text(sheet, org->name);
    jl_sheet_text(sheet, duty);
    jl_sheet_text(sheet, jl_rng_chance(rng, 60) ? "专职" : "兼职");
    jl_sheet_date(sheet, from);
    jl_sheet_date(sheet, (from / 10000 + 4) * 10000 + 1231);
}

static const struct jl_column event_columns[] = {
    {"工会", NULL}, {"步骤", NULL}, {"日期", NULL}, {"文号", NULL}, {"集中行动批次", NULL},
};

static void put_event(struct jl_world *world, struct jl_sheet *sheet, const struct jl_org *org,
                      const char *step, int32_t date) {
    jl_sheet_text(sheet, org->name);
    jl_sheet_text(sheet, step);
    jl_sheet_date(sheet, date);
    if (strcmp(step, "批复") == 0) {
        jl_sheet_printf(sheet, "%s工〔%d〕%llu号", world->office->area, date / 10000,
                        (unsigned long long)sheet->rows);
    } else {
        jl_sheet_text(sheet, NULL);
    }
    jl_sheet_text(sheet, date >= 20210701 ? "2021年集中建会行动" : NULL);
}

static enum jl_rc make_events(struct jl_world *world, struct jl_rng *rng, struct jl_err *err) {
    JL_AUTO(jl_sheet) sheet = {0};
    JL_WORLD_OPEN(world, &sheet, "基层工会组建进度表", event_columns);
    for (size_t i = 0; i < world->org_count; i++) {
        const struct jl_org *org = &world->orgs[i];
        int32_t founded = org->row.founded_on;
        if (strcmp(org->row.status, "筹建") == 0) {
            put_event(world, &sheet, org, "申请", founded);
        } else if (founded >= JL_WINDOW_FIRST) {
            put_event(world, &sheet, org, "批复", founded);
            put_event(world, &sheet, org, "建会", founded);
        } else if (strcmp(org->row.status, "撤并") == 0) {
            put_event(world, &sheet, org, "撤并", jl_rng_date(rng, 20180101, 20220630));
        } else if (jl_rng_chance(rng, 500)) {
            put_event(world, &sheet, org, "换届", jl_rng_date(rng, 20180101, 20220630));
        }
    }
    return jl_world_close(world, &sheet, EVENTS_FILE, "org_event", err);
}

enum jl_rc jl_make_officers(struct jl_world *world, struct jl_err *err) {
    static const char *const duties[] = {"经审主任", "女职工委员会主任", "副主席", "委员"};
    JL_AUTO(jl_sheet) sheet = {0};
    struct jl_rng rng;
    jl_world_rng(world, 4, &rng);
    JL_WORLD_OPEN(world, &sheet, "工会干部名册", officer_columns);
    for (size_t i = 0; i < world->org_count; i++) {
        const struct jl_org *org = &world->orgs[i];
        if (strcmp(org->row.status, "已建") == 0) {
            put_officer(&sheet, &rng, org, "主席");
            put_officer(&sheet, &rng, org, duties[i % 4]);
        }
    }
    enum jl_rc rc = jl_world_close(world, &sheet, OFFICERS_FILE, "officer", err);
    return rc != JL_OK ? rc : make_events(world, &rng, err);
}
