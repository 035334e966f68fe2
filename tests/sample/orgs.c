/* Unions and their officers.
 *
 *   group             kind      enterprise  founded        status          counts for
 *   federation        工会联合会  no          mostly before  已建            F30, parents of the
 * others nef               新就业形态  no          2019 to 2021   已建            F30 F37 single,
 * joint     独立, 联合  yes         in the window  已建            F29 F30 F27 old single, joint
 * 独立, 联合  yes         before         已建            F30 F27 public, society   独立, 联合  no
 * before         已建            F30 ended             any       yes         in, before     停摆,
 * 撤并      F29 (in the window) preparing         独立       yes         in the window  筹建
 * nothing late              独立       yes         after          已建            nothing
 */
#include "words.h"
#include "world.h"

#include <stdio.h>
#include <string.h>

enum {
    PARENTS_FILE = 0, /* federations first: the others name them as 上级工会 */
    ORGS_FILE = 1,
};

static const struct group {
    const char *kind;
    const char *status;
    const char *nature;
    int32_t first, last; /* founded between */
    bool is_enterprise;
    bool is_single; /* one employer, named after it */
    uint32_t n;     /* at scale 1, all offices */
    uint32_t least; /* per office */
} groups[] = {
    {"工会联合会", "已建", "社区村", 20020301, JL_WINDOW_BEFORE, false, false, 42, 1},
    {"工会联合会", "已建", "社区村", JL_WINDOW_FIRST, JL_WINDOW_LAST, false, false, 6, 0},
    {"新就业形态联合工会", "已建", "其他", 20190301, 20211231, false, false, 24, 1},
    {"独立基层工会", "已建", "企业", JL_WINDOW_FIRST, 20220831, true, true, 640, 1},
    {"联合基层工会", "已建", "企业", JL_WINDOW_FIRST, 20220831, true, false, 282, 1},
    {"独立基层工会", "已建", "企业", 20000101, JL_WINDOW_BEFORE, true, true, 372, 1},
    {"联合基层工会", "已建", "企业", 20050101, JL_WINDOW_BEFORE, true, false, 128, 0},
    {"独立基层工会", "已建", "事业单位", 19850101, JL_WINDOW_BEFORE, false, true, 90, 0},
    {"独立基层工会", "已建", "机关", 19850101, JL_WINDOW_BEFORE, false, true, 60, 0},
    {"独立基层工会", "已建", "事业单位", JL_WINDOW_FIRST, 20220831, false, true, 12, 0},
    {"联合基层工会", "已建", "社会组织", 20050101, JL_WINDOW_BEFORE, false, false, 38, 0},
    {"独立基层工会", "撤并", "企业", JL_WINDOW_FIRST, 20201231, true, true, 5, 0},
    {"联合基层工会", "停摆", "企业", JL_WINDOW_FIRST, 20201231, true, false, 4, 0},
    {"独立基层工会", "撤并", "企业", 20030101, JL_WINDOW_BEFORE, true, true, 21, 0},
    {"独立基层工会", "停摆", "企业", 20030101, JL_WINDOW_BEFORE, true, true, 17, 0},
    {"独立基层工会", "筹建", "企业", 20220301, JL_WINDOW_LAST, true, true, 22, 0},
    {"独立基层工会", "已建", "企业", JL_WINDOW_AFTER, JL_DATA_LAST, true, true, 14, 0},
};
enum { GROUPS = sizeof groups / sizeof groups[0] };

static void name_org(struct jl_world *world, struct jl_org *org, const struct group *group,
                     size_t number) {
    const char *area = world->office->area;
    char place[64];
    if (group->is_single) {
        jl_company_name(world->company_names++, group->nature, place, sizeof place);
        (void)snprintf(org->name, sizeof org->name, "%s工会", place);
        return;
    }
    jl_place_name(number, place, sizeof place);
    if (strcmp(group->kind, "工会联合会") == 0) {
        (void)snprintf(org->name, sizeof org->name, "%s%s社区工会联合会", area, place);
    } else if (strcmp(group->kind, "新就业形态联合工会") == 0) {
        (void)snprintf(org->name, sizeof org->name, "%s%s新就业形态劳动者联合工会", area, place);
    } else {
        static const char *const sites[] = {"商务楼宇", "科技园", "商圈", "产业园", "小微企业"};
        (void)snprintf(org->name, sizeof org->name, "%s%s%s联合工会", area, place,
                       sites[number % 5]);
    }
}

static void fill_orgs(struct jl_world *world, struct jl_rng *rng, const size_t *counts) {
    size_t places = 0;
    struct jl_org *org = world->orgs;
    for (size_t g = 0; g < GROUPS; g++) {
        const struct group *group = &groups[g];
        for (size_t i = 0; i < counts[g]; i++, org++) {
            name_org(world, org, group, places);
            places += !group->is_single;
            org->row =
                (struct jl_org_row){.kind = group->kind,
                                    .status = group->status,
                                    .founded_on = jl_rng_date(rng, group->first, group->last),
                                    .is_enterprise = group->is_enterprise};
            org->nature = group->nature;
            org->small = group->is_enterprise && jl_rng_chance(rng, 620);
            org->has_units = strcmp(group->kind, "工会联合会") != 0 &&
                             strcmp(group->kind, "新就业形态联合工会") != 0;
        }
    }
}

static const struct jl_column columns[] = {
    {"工会名称", "工会全称"},
    {"工会统一社会信用代码", "统一社会信用代码"},
    {"基层工会类型", "工会类型"},
    {"上级工会", NULL},
    {"建会日期", "建会时间"},
    {"单位性质", NULL},
    {"经济类型", NULL},
    {"行业", "所属行业"},
    {"企业工会", "是否企业工会"},
    {"非公企业", NULL},
    {"规上企业", NULL},
    {"资质建筑业企业", NULL},
    {"小微企业", NULL},
    {"职工数", "职工人数"},
    {"会员数", "会员人数"},
    {"女会员数", NULL},
    {"农民工会员数", NULL},
    {"主席姓名", "工会主席"},
    {"主席电话", "联系电话"},
    {"届期起", NULL},
    {"届期止", NULL},
    {"亮牌", NULL},
    {"印章", NULL},
    {"法人证", NULL},
    {"经审委", NULL},
    {"女职委", NULL},
    {"独立账户", NULL},
    {"职代会", NULL},
    {"厂务公开", NULL},
    {"工资协商", NULL},
    {"职工之家级别", NULL},
    {"状态", NULL},
    {"地址", NULL},
};

static void put_economy(struct jl_sheet *sheet, struct jl_rng *rng, const struct jl_org *org) {
    static const char *const kinds[] = {"有限责任公司", "私营",         "私营",     "股份有限公司",
                                        "国有",         "港澳台商投资", "外商投资", "有限责任公司"};
    bool single = strcmp(org->row.kind, "独立基层工会") == 0;
    const char *kind = JL_PICK(rng, kinds);
    bool is_private = org->row.is_enterprise && strcmp(kind, "国有") != 0;
    const char *industry = jl_industry(rng);
    jl_sheet_text(sheet, org->row.is_enterprise && single ? kind : NULL);
    jl_sheet_text(sheet, single ? industry : NULL);
    jl_sheet_bool(sheet, org->row.is_enterprise);
    jl_sheet_bool(sheet, is_private);
    jl_sheet_bool(sheet, org->row.is_enterprise && !org->small && jl_rng_chance(rng, 400));
    jl_sheet_bool(sheet, org->row.is_enterprise && strcmp(industry, "建筑业") == 0);
    jl_sheet_bool(sheet, org->small);
}

/* What the union itself reported: near the members on the books, and never more than its workers.
 */
static void put_numbers(struct jl_sheet *sheet, struct jl_rng *rng, const struct jl_org *org) {
    uint32_t members = org->members;
    uint32_t staff = members + jl_rng_below(rng, members / 8 + 2);
    jl_sheet_int(sheet, staff);
    jl_sheet_int(sheet, members);
    jl_sheet_int(sheet, members * (30 + jl_rng_below(rng, 30)) / 100);
    jl_sheet_int(sheet, members * jl_rng_below(rng, 60) / 100);
}

static void put_org(struct jl_world *world, struct jl_sheet *sheet, struct jl_rng *rng,
                    const struct jl_org *org, const char *parent) {
    static const char *const levels[] = {"未评", "未评", "合格", "合格", "区级", "市级", "省级"};
    char text[JL_NAME_BYTES];
    bool built = strcmp(org->row.status, "已建") == 0;
    jl_uscc_make(&world->people, "81", text);
    jl_sheet_text(sheet, org->name);
    jl_sheet_text(sheet, built && jl_rng_chance(rng, 900) ? text : NULL);
    jl_sheet_text(sheet, org->row.kind);
    jl_sheet_text(sheet, parent);
    jl_sheet_date(sheet, org->row.founded_on);
    jl_sheet_text(sheet, org->nature);
    put_economy(sheet, rng, org);
    put_numbers(sheet, rng, org);
    jl_name_make(rng, jl_rng_chance(rng, 380), text);
    jl_sheet_text(sheet, text);
    jl_phone_make(&world->people, false, text);
    jl_sheet_text(sheet, text);
    int32_t founded = org->row.founded_on;
    int32_t term = founded > 20190101 ? founded / 100 * 100 + 1 : 20190101 + 10000 * (founded % 3);
    jl_sheet_date(sheet, built ? term : 0);
    jl_sheet_date(sheet, built ? (term / 10000 + 5) * 10000 + 1231 : 0);
    for (int i = 0; i < 9; i++) { /* 亮牌 … 工资协商 */
        jl_sheet_bool(sheet, built && jl_rng_chance(rng, 820));
    }
    jl_sheet_text(sheet, built ? JL_PICK(rng, levels) : NULL);
    jl_sheet_text(sheet, org->row.status);
    jl_place_name(jl_rng_below(rng, 900), text, sizeof text);
    jl_sheet_printf(sheet, "西湖区%s%s路%u号", world->office->area, text,
                    1 + jl_rng_below(rng, 500));
    jl_expect_org(&world->expect, world->office->index, &org->row);
}

static enum jl_rc write_orgs(struct jl_world *world, struct jl_rng *rng, size_t parents,
                             bool write_parents, struct jl_err *err) {
    JL_AUTO(jl_sheet) sheet = {0};
    JL_WORLD_OPEN(world, &sheet, "工会组织名册", columns);
    size_t first = write_parents ? 0 : parents;
    size_t last = write_parents ? parents : world->org_count;
    for (size_t i = first; i < last; i++) {
        bool has_parent = !write_parents && parents > 0 && jl_rng_chance(rng, 700);
        put_org(world, &sheet, rng, &world->orgs[i],
                has_parent ? world->orgs[i % parents].name : NULL);
    }
    return jl_world_close(world, &sheet, write_parents ? PARENTS_FILE : ORGS_FILE, "union_org",
                          err);
}

/* Employers in force: one for each union that has any, the rest to the joint unions; then the
 * living members among employers, and those of new forms of employment among their unions. */
static enum jl_rc plan_sizes(struct jl_world *world, struct jl_rng *rng, struct jl_err *err) {
    size_t joint = 0;
    size_t units = 0;
    for (size_t i = 0; i < world->org_count; i++) {
        struct jl_org *org = &world->orgs[i];
        bool covers = org->has_units && strcmp(org->row.status, "已建") == 0 &&
                      org->row.founded_on <= JL_WINDOW_LAST;
        org->units = covers;
        units += covers;
        joint += covers && strcmp(org->row.kind, "联合基层工会") == 0;
    }
    size_t wanted = jl_world_quota(world, 2954, 1);
    uint64_t *extra = jl_world_alloc(world, joint, sizeof *extra, err);
    if (extra == NULL) {
        return JL_NOMEM;
    }
    jl_rng_share(rng, wanted > units ? wanted - units : 0, joint, 0, extra);
    world->unit_in_force = 0;
    for (size_t i = 0, j = 0; i < world->org_count; i++) {
        struct jl_org *org = &world->orgs[i];
        if (org->units > 0 && strcmp(org->row.kind, "联合基层工会") == 0) {
            org->units += (uint32_t)extra[j++];
        }
        world->unit_in_force += org->units;
    }
    return JL_OK;
}

static enum jl_rc plan_members(struct jl_world *world, struct jl_rng *rng, struct jl_err *err) {
    size_t nef_orgs = 0;
    for (size_t i = 0; i < world->org_count; i++) {
        nef_orgs += strcmp(world->orgs[i].row.kind, "新就业形态联合工会") == 0;
    }
    size_t nef = jl_world_quota(world, 3268, 1);
    size_t living = jl_world_quota(world, 186214, 3);
    size_t ordinary = living > nef ? living - nef : 0;
    uint64_t *of_unit = jl_world_alloc(world, world->unit_in_force, sizeof *of_unit, err);
    uint64_t *of_nef = jl_world_alloc(world, nef_orgs, sizeof *of_nef, err);
    if (of_unit == NULL || of_nef == NULL) {
        return JL_NOMEM;
    }
    jl_rng_share(rng, ordinary, world->unit_in_force, 0, of_unit);
    jl_rng_share(rng, nef, nef_orgs, 0, of_nef);
    world->units = jl_world_alloc(world, world->unit_in_force + jl_world_quota(world, 100, 1),
                                  sizeof *world->units, err);
    if (world->units == NULL) {
        return JL_NOMEM;
    }
    size_t unit = 0;
    for (size_t i = 0, j = 0; i < world->org_count; i++) {
        struct jl_org *org = &world->orgs[i];
        for (uint32_t k = 0; k < org->units; k++, unit++) {
            world->units[unit].org = (uint32_t)i;
            world->units[unit].members = (uint32_t)of_unit[unit];
            org->members += (uint32_t)of_unit[unit];
        }
        if (strcmp(org->row.kind, "新就业形态联合工会") == 0) {
            org->members = (uint32_t)of_nef[j++];
        }
    }
    return JL_OK;
}

enum jl_rc jl_make_orgs(struct jl_world *world, struct jl_err *err) {
    struct jl_rng rng;
    size_t counts[GROUPS];
    jl_world_rng(world, 1, &rng);
    world->org_count = 0;
    for (size_t g = 0; g < GROUPS; g++) {
        counts[g] = jl_world_quota(world, groups[g].n, groups[g].least);
        world->org_count += counts[g];
    }
    world->orgs = jl_world_alloc(world, world->org_count, sizeof *world->orgs, err);
    if (world->orgs == NULL) {
        return JL_NOMEM;
    }
    fill_orgs(world, &rng, counts);
    enum jl_rc rc = plan_sizes(world, &rng, err);
    if (rc == JL_OK) {
        rc = plan_members(world, &rng, err);
    }
    if (rc == JL_OK) {
        rc = write_orgs(world, &rng, counts[0] + counts[1], true, err);
    }
    return rc != JL_OK ? rc : write_orgs(world, &rng, counts[0] + counts[1], false, err);
}
