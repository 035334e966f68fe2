/* Employers and members.
 *
 * The first unit_in_force employers cover the living members; behind them stand those whose cover
 * ended before the window's last day or began after it. Members come employer by employer, as
 * clerks collect them, then those of new forms of employment, then those who don't count (left, or
 * joined after the window). The first few of all are heads of families in hardship: their names are
 * their own, so that a family can be named by its head. */
#include "words.h"
#include "world.h"

#include <stdio.h>
#include <string.h>

enum {
    UNITS_FILE = 2,
    MEMBERS_FILE = 3,
    PHONES_MAX = 29000, /* of members: each of the 10,000 numbers is then shared by three at most */
};

/* ---- Employers ---- */

static const struct jl_column unit_columns[] = {
    {"单位名称", "企业名称"}, {"统一社会信用代码", "信用代码"},
    {"地址", NULL},           {"单位性质", NULL},
    {"行业", "所属行业"},     {"职工数", NULL},
    {"联系人", NULL},         {"联系电话", NULL},
    {"所属工会", NULL},       {"覆盖起始日期", NULL},
    {"覆盖终止日期", NULL},
};

static const char *code_kind(const char *nature) {
    if (strcmp(nature, "事业单位") == 0) {
        return "12";
    }
    if (strcmp(nature, "机关") == 0) {
        return "11";
    }
    return strcmp(nature, "社会组织") == 0 ? "52" : "91";
}

static void name_unit(struct jl_world *world, struct jl_unit *unit) {
    const struct jl_org *org = &world->orgs[unit->org];
    bool single = strcmp(org->row.kind, "独立基层工会") == 0;
    if (single && unit->to == 0 && unit->from <= JL_WINDOW_LAST) {
        /* The union is named after its one employer. */
        size_t size = strlen(org->name) - strlen("工会");
        memcpy(unit->name, org->name, size);
        unit->name[size] = '\0';
    } else {
        jl_company_name(world->company_names++, org->nature, unit->name, sizeof unit->name);
    }
    jl_uscc_make(&world->people, code_kind(org->nature), unit->uscc);
}

/* Behind those in force: ended and late ones, of any union that may have employers. */
static void add_units_that_do_not_count(struct jl_world *world, struct jl_rng *rng) {
    size_t more = jl_world_quota(world, 100, 1);
    world->unit_count = world->unit_in_force + more;
    for (size_t i = world->unit_in_force; i < world->unit_count; i++) {
        struct jl_unit *unit = &world->units[i];
        do {
            unit->org = jl_rng_below(rng, (uint32_t)world->org_count);
        } while (!world->orgs[unit->org].has_units);
        bool late = jl_rng_chance(rng, 200);
        unit->from = late ? jl_rng_date(rng, JL_WINDOW_AFTER, JL_DATA_LAST)
                          : jl_rng_date(rng, 20160101, 20190101);
        unit->to = late                      ? 0
                   : jl_rng_chance(rng, 100) ? JL_WINDOW_LAST
                                             : jl_rng_date(rng, 20190601, JL_WINDOW_LAST);
        name_unit(world, unit);
    }
}

static void put_unit(struct jl_world *world, struct jl_sheet *sheet, struct jl_rng *rng,
                     const struct jl_unit *unit) {
    const struct jl_org *org = &world->orgs[unit->org];
    char text[JL_NAME_BYTES];
    jl_sheet_text(sheet, unit->name);
    jl_sheet_text(sheet, unit->uscc);
    jl_place_name(jl_rng_below(rng, 900), text, sizeof text);
    jl_sheet_printf(sheet, "西湖区%s%s路%u号", world->office->area, text,
                    1 + jl_rng_below(rng, 500));
    jl_sheet_text(sheet, org->nature);
    jl_sheet_text(sheet, jl_industry(rng));
    jl_sheet_int(sheet, unit->members + jl_rng_below(rng, unit->members / 6 + 3));
    jl_name_make(rng, jl_rng_chance(rng, 500), text);
    jl_sheet_text(sheet, text);
    jl_phone_make(&world->people, false, text);
    jl_sheet_text(sheet, text);
    jl_sheet_text(sheet, org->name);
    jl_sheet_date(sheet, unit->from);
    jl_sheet_date(sheet, unit->to);
    jl_expect_unit(&world->expect, world->office->index, unit->from, unit->to);
}

enum jl_rc jl_make_units(struct jl_world *world, struct jl_err *err) {
    JL_AUTO(jl_sheet) sheet = {0};
    struct jl_rng rng;
    jl_world_rng(world, 2, &rng);
    for (size_t i = 0; i < world->unit_in_force; i++) {
        struct jl_unit *unit = &world->units[i];
        int32_t founded = world->orgs[unit->org].row.founded_on;
        name_unit(world, unit);
        unit->from =
            jl_rng_chance(&rng, 700) ? founded : jl_rng_date(&rng, founded, JL_WINDOW_LAST);
        if (jl_rng_chance(&rng, 30)) { /* ended since, or will: in force on the last day */
            unit->to = jl_rng_chance(&rng, 500) ? JL_WINDOW_AFTER : 20271231;
        }
    }
    add_units_that_do_not_count(world, &rng);
    JL_WORLD_OPEN(world, &sheet, "建会单位名册", unit_columns);
    for (size_t i = 0; i < world->unit_count; i++) {
        put_unit(world, &sheet, &rng, &world->units[i]);
    }
    return jl_world_close(world, &sheet, UNITS_FILE, "unit", err);
}

/* ---- Members ---- */

static const struct jl_column member_columns[] = {
    {"姓名", "会员姓名"},     {"性别", NULL},           {"出生日期", "出生年月日"},
    {"民族", NULL},           {"证件类别", "证件类型"}, {"证件号码", "身份证号码"},
    {"移动电话", "手机号码"}, {"就业状况", NULL},       {"学历", "文化程度"},
    {"技术等级", NULL},       {"政治面貌", NULL},       {"户籍类型", NULL},
    {"户籍地", NULL},         {"农民工", "是否农民工"}, {"新就业形态", NULL},
    {"平台", NULL},           {"单位", "工作单位"},     {"工种", NULL},
    {"所属工会", NULL},       {"会员编号", NULL},       {"入会日期", "入会时间"},
    {"会籍状态", NULL},       {"变动日期", NULL},       {"变动原因", NULL},
    {"知情同意日期", NULL},
};

/* What differs between the three kinds of members; the rest is drawn. */
struct membership {
    const struct jl_unit *unit; /* NULL: new forms of employment */
    const struct jl_org *org;
    const char *status;
    int32_t joined_first, joined_last;
    int32_t changed_on; /* 0: not */
    const char *reason;
    bool is_nef;
};

static void put_status_of_work(struct jl_sheet *sheet, struct jl_rng *rng, bool is_nef) {
    static const char *const edus[] = {"研究生",   "大学本科", "大学本科", "大学专科", "大学专科",
                                       "中等专科", "普通高中", "初中",     "技工学校", "职业高中"};
    static const char *const skills[] = {"无等级", "无等级", "无等级",   "初级工",   "中级工",
                                         "高级工", "技师",   "高级技师", "中级职称", "初级职称"};
    static const char *const politics[] = {"群众",     "群众",     "群众",        "群众",
                                           "共青团员", "中共党员", "中共预备党员"};
    static const char *const provinces[] = {"浙江杭州", "浙江金华", "浙江衢州", "浙江丽水",
                                            "安徽阜阳", "河南信阳", "江西上饶", "四川达州",
                                            "贵州毕节", "湖北黄冈"};
    jl_sheet_text(sheet, is_nef ? "灵活就业" : "在岗");
    jl_sheet_text(sheet, jl_rng_chance(rng, 900) ? JL_PICK(rng, edus) : NULL);
    jl_sheet_text(sheet, jl_rng_chance(rng, 600) ? JL_PICK(rng, skills) : NULL);
    jl_sheet_text(sheet, JL_PICK(rng, politics));
    bool rural = jl_rng_chance(rng, is_nef ? 700 : 380);
    jl_sheet_text(sheet, rural ? "农业户口" : "非农业户口");
    jl_sheet_text(sheet, jl_rng_chance(rng, 500) ? JL_PICK(rng, provinces) : NULL);
    jl_sheet_bool(sheet, rural && jl_rng_chance(rng, 850));
}

static void put_new_form(struct jl_sheet *sheet, struct jl_rng *rng, bool is_nef) {
    static const char *const kinds[] = {"外卖配送员", "外卖配送员", "快递员",     "快递员",
                                        "网约车司机", "货车司机",   "家政服务员", "护工护理员",
                                        "房产中介员", "商场信息员", "保安员",     "其他"};
    static const char *const platforms[] = {"外卖平台甲", "外卖平台乙", "快递公司甲",
                                            "快递公司乙", "出行平台甲", "货运平台甲"};
    jl_sheet_text(sheet, is_nef ? JL_PICK(rng, kinds) : NULL);
    jl_sheet_text(sheet, is_nef && jl_rng_chance(rng, 800) ? JL_PICK(rng, platforms) : NULL);
}

static void put_person(struct jl_world *world, struct jl_sheet *sheet, struct jl_rng *rng,
                       const struct jl_person *person) {
    char phone[JL_PHONE_BYTES];
    bool derived = jl_rng_chance(rng, 150); /* left blank: follows from the ID number */
    const char *name = person->name;
    if (jl_rng_chance(rng, 3) && strlen(name) == 6) {
        jl_sheet_printf(sheet, "%.3s　%s", name, name + 3); /* 张　三 */
    } else {
        jl_sheet_text(sheet, name);
    }
    jl_sheet_text(sheet, derived ? NULL : person->woman ? "女" : "男");
    jl_sheet_date(sheet, derived ? 0 : person->birth);
    jl_sheet_text(sheet, person->nation);
    jl_sheet_text(sheet, "居民身份证");
    if (person->id_no[17] == 'X' && jl_rng_chance(rng, 200)) {
        jl_sheet_printf(sheet, "%.17sx", person->id_no);
    } else {
        jl_sheet_text(sheet, person->id_no);
    }
    bool has_phone = jl_rng_chance(rng, 120) && world->people.member_phones < PHONES_MAX;
    if (has_phone) {
        jl_phone_make(&world->people, true, phone);
    }
    jl_sheet_text(sheet, has_phone ? phone : NULL);
}

static void put_member(struct jl_world *world, struct jl_sheet *sheet, struct jl_rng *rng,
                       const struct membership *as) {
    struct jl_member *member = &world->members[world->member_count++];
    struct jl_person person;
    jl_person_make(&world->people, rng, &person);
    if (world->member_count <= world->head_count) {
        char *name = world->head_names[world->member_count - 1];
        jl_name_make_unique(&world->people, name);
        memcpy(person.name, name, sizeof person.name);
    }
    memcpy(member->id_no, person.id_no, sizeof member->id_no);
    member->woman = person.woman;
    member->living = as->changed_on == 0;
    int32_t grown_up = person.birth + 170000; /* seventeen years later; 29 February moves on */
    grown_up += grown_up % 10000 == 229 ? 72 : 0;
    int32_t first = grown_up > as->joined_first ? grown_up : as->joined_first;
    int32_t joined =
        jl_rng_date(rng, first < as->joined_last ? first : as->joined_last, as->joined_last);
    put_person(world, sheet, rng, &person);
    put_status_of_work(sheet, rng, as->is_nef);
    put_new_form(sheet, rng, as->is_nef);
    jl_sheet_text(sheet, as->unit == NULL ? NULL : as->unit->name);
    jl_sheet_text(sheet, as->is_nef ? NULL : jl_trade(rng));
    jl_sheet_text(sheet, as->org->name);
    jl_sheet_printf(sheet, "%s%06zu", world->office->code, world->member_count);
    jl_sheet_date(sheet, joined);
    jl_sheet_text(sheet, as->status);
    jl_sheet_date(sheet, as->changed_on);
    jl_sheet_text(sheet, as->reason);
    jl_sheet_date(sheet, joined >= 20211101 || jl_rng_chance(rng, 300) ? joined : 0);
    jl_expect_member(&world->expect, world->office->index, as->status, as->is_nef, joined);
}

static void put_living(struct jl_world *world, struct jl_sheet *sheet, struct jl_rng *rng) {
    struct membership as = {.joined_last = JL_WINDOW_LAST};
    for (size_t i = 0; i < world->unit_in_force; i++) {
        as.unit = &world->units[i];
        as.org = &world->orgs[as.unit->org];
        as.joined_first = as.org->row.founded_on;
        for (uint32_t k = 0; k < as.unit->members; k++) {
            as.status = jl_rng_chance(rng, 15) ? "保留" : "在籍";
            put_member(world, sheet, rng, &as);
        }
    }
    as.unit = NULL;
    as.is_nef = true;
    as.status = "在籍";
    for (size_t i = 0; i < world->org_count; i++) {
        as.org = &world->orgs[i];
        as.joined_first = as.org->row.founded_on;
        bool nef = strcmp(as.org->row.kind, "新就业形态联合工会") == 0;
        for (uint32_t k = 0; nef && k < as.org->members; k++) {
            put_member(world, sheet, rng, &as);
        }
    }
}

/* Those who have gone, and those who came after the window. */
static void put_others(struct jl_world *world, struct jl_sheet *sheet, struct jl_rng *rng,
                       size_t gone, size_t late) {
    static const struct {
        const char *status;
        const char *reason;
    } ends[] = {{"退会", "离职"},       {"退会", "本人申请"}, {"已转出", "工作调动"},
                {"已转出", "调往外区"}, {"去世", "因病"},     {"除名", "违反章程"}};
    for (size_t i = 0; i < gone + late; i++) {
        size_t end = jl_rng_below(rng, 5 + jl_rng_chance(rng, 50));
        struct membership as = {
            .unit = &world->units[jl_rng_below(rng, (uint32_t)world->unit_in_force)]};
        as.org = &world->orgs[as.unit->org];
        if (i < gone) {
            as.status = ends[end].status;
            as.reason = ends[end].reason;
            as.joined_first = 20100101;
            as.joined_last = 20211231;
            as.changed_on = jl_rng_date(rng, 20220101, 20221130);
            as.is_nef = jl_rng_chance(rng, 20);
        } else {
            as.status = "在籍";
            as.joined_first = JL_WINDOW_AFTER;
            as.joined_last = JL_DATA_LAST;
            as.is_nef = jl_rng_chance(rng, 100);
        }
        put_member(world, sheet, rng, &as);
    }
}

enum jl_rc jl_make_members(struct jl_world *world, struct jl_err *err) {
    JL_AUTO(jl_sheet) sheet = {0};
    struct jl_rng rng;
    jl_world_rng(world, 3, &rng);
    size_t gone = jl_world_quota(world, 2900, 1);
    size_t late = jl_world_quota(world, 380, 1);
    size_t all = gone + late;
    for (size_t i = 0; i < world->org_count; i++) {
        all += world->orgs[i].members;
    }
    world->members = jl_world_alloc(world, all, sizeof *world->members, err);
    world->head_count = jl_world_quota(world, 190, 1);
    world->head_names = jl_world_alloc(world, world->head_count, sizeof *world->head_names, err);
    if (world->members == NULL || world->head_names == NULL) {
        return JL_NOMEM;
    }
    world->member_count = 0;
    JL_WORLD_OPEN(world, &sheet, "工会会员名册", member_columns);
    put_living(world, &sheet, &rng);
    put_others(world, &sheet, &rng, gone, late);
    return jl_world_close(world, &sheet, MEMBERS_FILE, "member", err);
}
