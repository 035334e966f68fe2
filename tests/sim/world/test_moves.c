/* Goal: a member that moves between offices is at every moment counted once, editable where it is,
 * and known by name to both; nothing that was written about it is lost, whoever wrote it when.
 * Method: PCs of two offices and the district in one process; every state of the flow in turn, with
 * changes waiting on a PC that has not heard of it. The journal replays to the same books. */
#include "client/books/save.h"
#include "jielian/base/assignment.h"
#include "jielian/base/date.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/desk/report.h"
#include "jielian/store/feeds.h"
#include "server/books/overdue.h"
#include "tests/said.h"
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

static struct world world;
static struct world_device *a, *a2, *c; /* two PCs of office A, one of office B */
static struct jl_id org_a, org_c, member;

enum { DAY_MS = 24 * 60 * 60 * 1000 };

/* ---- Doing ---- */

/* base, and "|field=<id>" for each reference. */
struct ref {
    const char *field;
    const struct jl_id *id;
};
static struct jl_id add_with(struct world_device *device, const char *type, const char *base,
                             const struct ref *refs, size_t count) {
    char text[512];
    int size = snprintf(text, sizeof text, "%s", base);
    for (size_t i = 0; i < count; i++) {
        char id[JL_ID_TEXT_BYTES];
        jl_id_format(refs[i].id, id);
        size += snprintf(text + size, sizeof text - (size_t)size, "|%s=%s", refs[i].field, id);
    }
    return world_add(&device->desk, type, text);
}

static struct jl_id add_member(struct world_device *device, const struct jl_id *org,
                               const char *name, const char *id_no) {
    char text[256];
    const struct ref ref = {"org", org};
    snprintf(text, sizeof text,
             "name=%s|id_kind=居民身份证|id_no=%s|joined_on=2020-01-02|m_status=在籍", name, id_no);
    return add_with(device, "member", text, &ref, 1);
}

static void sync_all(void) {
    for (int i = 0; i < 2; i++) {
        assert_true(world_sync(a));
        assert_true(world_sync(a2));
        assert_true(world_sync(c));
    }
}

static int set_up(void **state) {
    (void)state;
    world_init(&world, 2);
    a = world_join(&world, 1);
    a2 = world_join(&world, 1);
    c = world_join(&world, 2);
    org_a = world_add(&a->desk, "union_org",
                      "name=西溪甲厂工会|org_kind=独立基层工会|founded_on=2018-05-01|status=已建");
    org_c = world_add(&c->desk, "union_org",
                      "name=翠苑丙厂工会|org_kind=独立基层工会|founded_on=2018-05-01|status=已建");
    member = add_member(a, &org_a, "张三", "990106199001010010");
    add_member(c, &org_c, "李四", "990106199001010037");
    for (int i = 0; i < 2; i++) {
        struct jl_id fair = world_add(&a->desk, "activity",
                                      i == 0 ? "kind=招聘会|title=春季招聘会|start_on=2022-03-05"
                                             : "kind=招聘会|title=秋季招聘会|start_on=2022-09-05");
        const struct ref refs[] = {{"activity", &fair}, {"member", &member}};
        add_with(a, "attendance", "note=到场", refs, 2);
    }
    sync_all();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    world_fini(&world);
    return 0;
}

static struct jl_id request_from(struct world_device *device, const struct jl_id *who,
                                 const char *to) {
    char text[128];
    const struct ref ref = {"member", who};
    snprintf(text, sizeof text, "to_office=%s|reason=工作单位变动", to);
    struct jl_id id = add_with(device, "transfer", text, &ref, 1);
    sync_all();
    return id;
}

static struct jl_id request(void) {
    return request_from(a, &member, "B街道总工会");
}

static void move(struct world_device *device, const struct jl_id *transfer, const char *status) {
    char text[128];
    snprintf(text, sizeof text, "status=%s", status);
    world_set(&device->desk, "transfer", transfer, text);
    sync_all();
}

static enum jl_rc try_add(struct jl_desk *desk, const struct jl_id *who, const char *to) {
    char id[JL_ID_TEXT_BYTES];
    struct jl_err err;
    struct jl_id ignored;
    struct jl_problems problems;
    jl_id_format(who, id);
    const struct jl_assignment items[] = {{"member", id}, {"to_office", to}};
    const struct jl_type *type = jl_catalogue_type_named(desk->books->catalogue, "transfer");
    return jl_desk_add(desk, type, items, 2, &ignored, &problems, &err);
}

static size_t overdue(void) {
    struct jl_err err = {0};
    size_t cases = 0;
    if (jl_overdue_note(world.district, &cases, &err) != JL_OK) {
        fail_msg("%s", err_said(&err));
    }
    return cases;
}

/* ---- Looking ---- */

static int64_t today(void) {
    const struct jl_clock *clock = &world.district->clock;
    return jl_date_of_ms(clock->wall_ms(clock->context));
}

static const char *text_of(int64_t date) {
    static char text[16];
    snprintf(text, sizeof text, "%04d-%02d-%02d", (int)(date / 10000), (int)(date / 100 % 100),
             (int)(date % 100));
    return text;
}

static const char *at(struct world_device *device, const char *type, const struct jl_id *id,
                      const char *field) {
    return world_get(device->office->books, type, id, field);
}

static const char *at_district(const char *type, const struct jl_id *id, const char *field) {
    return world_get(world.district->books, type, id, field);
}

static void assert_replays(void) {
    assert_string_equal(world_replay_fault(&world), "");
    assert_int_equal(a->repaired + a2->repaired + c->repaired, 0);
}

static int64_t at_office(const struct jl_report_figure *figure, const char *code) {
    for (size_t i = 0; i < figure->by_office.count; i++) {
        if (strcmp(figure->by_office.groups[i].name, code) == 0) {
            return figure->by_office.groups[i].value;
        }
    }
    return 0;
}

/* Each office has what the report says it has, and together they are the district: whoever is on
 * the way counts at the office it leaves. */
static void assert_conserved(int64_t at_a, int64_t at_c) {
    struct jl_err err = {0};
    JL_AUTO(jl_arena) arena = {0};
    struct jl_report report;
    bool found = false;
    const struct jl_report_options options = {.by_office = true, .today = 20300101};
    assert_int_equal(jl_report_run(world.district->books, &options, &arena, &report, &err), JL_OK);
    for (size_t i = 0; i < report.count; i++) {
        const struct jl_report_figure *figure = &report.figures[i];
        if (strcmp(figure->key, "F32") != 0) {
            continue;
        }
        found = true;
        assert_int_equal(figure->value, at_a + at_c);
        assert_int_equal(at_office(figure, "A"), at_a);
        assert_int_equal(at_office(figure, "B"), at_c);
    }
    assert_true(found);
    assert_int_equal(world_count_live(a->office->books, "member"), at_a);
    assert_int_equal(world_count_live(a2->office->books, "member"), at_a);
    assert_int_equal(world_count_live(c->office->books, "member"), at_c);
    assert_int_equal(world_count_live(world.district->books, "member"), at_a + at_c);
}

static enum jl_rc list_case(void *context, const struct jl_counted *record, struct jl_err *err) {
    struct jl_buf *ids = context;
    return record->type == JL_TYPE_CASE ? jl_buf_put(ids, &record->id, sizeof record->id, err)
                                        : JL_OK;
}

static size_t open_cases(struct world_device *device, const char *kind) {
    struct jl_books *books = device->office->books;
    JL_AUTO(jl_buf) ids = {0};
    struct jl_err err;
    size_t count = 0;
    assert_int_equal(jl_feeds_counted(books->store, UINT32_MAX, list_case, &ids, &err), JL_OK);
    for (size_t at = 0; at < ids.size; at += sizeof(struct jl_id)) {
        struct jl_id id;
        memcpy(&id, ids.data + at, sizeof id);
        count += strcmp(world_get(books, "case", &id, "kind"), kind) == 0 &&
                 strcmp(world_get(books, "case", &id, "status"), "待处理") == 0;
    }
    return count;
}

/* ---- Tests ---- */

static void test_both_offices_and_the_district_see_every_step(void **state) {
    (void)state;
    char text[128];
    char id[JL_ID_TEXT_BYTES];
    struct jl_id transfer = request();
    static const char *const steps[] = {"申请", "转出同意", "生效"};
    for (int i = 0; i < 3; i++) {
        if (i == 1) {
            move(a, &transfer, "转出同意");
        } else if (i == 2) {
            jl_id_format(&org_c, id);
            snprintf(text, sizeof text, "status=转入接收|new_org=%s", id);
            world_set(&c->desk, "transfer", &transfer, text);
            sync_all();
        }
        struct world_device *const devices[] = {a, a2, c};
        for (int d = 0; d < 3; d++) {
            assert_string_equal(at(devices[d], "transfer", &transfer, "status"), steps[i]);
            assert_string_equal(at(devices[d], "transfer", &transfer, "member_name"), "张三");
            assert_string_equal(at(devices[d], "transfer", &transfer, "dependants"), "2");
            assert_int_equal(strlen(at(devices[d], "transfer", &transfer, "due_on")),
                             i < 2 ? 10 : 0);
        }
        assert_string_equal(at_district("transfer", &transfer, "status"), steps[i]);
        assert_conserved(i < 2 ? 1 : 0, i < 2 ? 1 : 2);
    }
    assert_string_equal(at(c, "transfer", &transfer, "effective_on"), text_of(today()));
    assert_string_equal(at(c, "member", &member, "name"), "张三");
    jl_id_format(&org_c, id);
    assert_string_equal(at(c, "member", &member, "org"), id);
    /* What was recorded about it stays where it was made. */
    assert_int_equal(world_count_live(a->office->books, "attendance"), 2);
    assert_int_equal(world_count_live(c->office->books, "attendance"), 0);
    assert_replays();
}

static void test_offices_and_transit_are_the_district_in_every_state(void **state) {
    (void)state;
    static const struct {
        const char *first, *second; /* by the office left; by the one joined, unless withdrawn */
    } ways[] = {{"退回", NULL}, {"撤回", NULL}, {"转出同意", "退回"}, {"转出同意", "撤回"}};
    assert_conserved(1, 1);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct jl_id transfer = request();
        assert_conserved(1, 1);
        move(a, &transfer, ways[i].first);
        assert_conserved(1, 1);
        if (ways[i].second != NULL) {
            move(c, &transfer, ways[i].second);
            assert_conserved(1, 1);
        }
        assert_string_equal(at(a, "transfer", &transfer, "due_on"), "");
        world_set(&a->desk, "member", &member, "trade=钳工"); /* it is still theirs */
        sync_all();
    }
    struct jl_id transfer = request();
    move(a, &transfer, "转出同意");
    assert_conserved(1, 1);
    move(c, &transfer, "转入接收");
    assert_conserved(0, 2);
    assert_int_equal(open_cases(a, "疑似重复") + open_cases(c, "疑似重复"), 0);
    assert_replays();
}

static void test_what_the_old_office_wrote_without_knowing_goes_to_the_new_one(void **state) {
    (void)state;
    struct jl_id transfer = request();
    move(a, &transfer, "转出同意");
    world_set(&a2->desk, "member", &member, "edu=大学本科"); /* offline since */
    world_set(&c->desk, "transfer", &transfer, "status=转入接收");
    assert_true(world_sync(c));
    sync_all();
    assert_string_equal(at(c, "member", &member, "edu"), "");
    assert_int_equal(open_cases(c, "已转出后修改"), 1);
    assert_int_equal(open_cases(a, "已转出后修改"), 0);
    assert_string_equal(at(a2, "member", &member, "name"), "");
    assert_conserved(0, 2);
    assert_replays();
}

static struct jl_id there_and_back(bool tell_a2) {
    struct jl_id transfer = request();
    move(a, &transfer, "转出同意");
    world_set(&a2->desk, "member", &member, "edu=大学本科");
    world_set(&c->desk, "transfer", &transfer, "status=转入接收");
    assert_true(world_sync(c));
    if (tell_a2) {
        assert_true(world_sync(a2));
        assert_string_equal(at(a2, "member", &member, "name"), "");
    }
    assert_true(world_sync(a));
    char id[JL_ID_TEXT_BYTES];
    char text[128];
    jl_id_format(&member, id);
    snprintf(text, sizeof text, "member=%s|to_office=A街道总工会", id);
    struct jl_id back = world_add(&c->desk, "transfer", text);
    world_set(&c->desk, "transfer", &back, "status=转出同意");
    assert_true(world_sync(c));
    assert_true(world_sync(a));
    jl_id_format(&org_a, id);
    snprintf(text, sizeof text, "status=转入接收|new_org=%s", id);
    world_set(&a->desk, "transfer", &back, text);
    assert_true(world_sync(a));
    sync_all();
    return back;
}

static void assert_home_again(void) {
    struct world_device *const devices[] = {a, a2};
    assert_conserved(1, 1);
    for (int i = 0; i < 2; i++) {
        assert_string_equal(at(devices[i], "member", &member, "name"), "张三");
        world_set(&devices[i]->desk, "member", &member, i == 0 ? "trade=钳工" : "trade=焊工");
        sync_all();
        assert_string_equal(at_district("member", &member, "trade"), i == 0 ? "钳工" : "焊工");
    }
    assert_string_equal(at(c, "member", &member, "name"), "");
    assert_replays();
}

static void test_a_member_that_comes_back_is_editable_and_the_stub_is_gone(void **state) {
    (void)state;
    struct jl_id back = there_and_back(true);
    assert_string_equal(at_district("transfer", &back, "status"), "生效");
    assert_int_equal(open_cases(c, "已转出后修改"), 1); /* what a2 wrote meanwhile */
    assert_home_again();
}

static void test_a_pc_that_missed_both_moves_goes_on_where_it_was(void **state) {
    (void)state;
    there_and_back(false);
    assert_string_equal(at_district("member", &member, "edu"), "大学本科");
    assert_int_equal(open_cases(a, "已转出后修改") + open_cases(c, "已转出后修改"), 0);
    assert_home_again();
}

static void test_a_member_has_one_open_transfer(void **state) {
    (void)state;
    struct jl_id first = request();
    struct jl_id second = request_from(a2, &member, "B街道总工会");
    assert_int_equal(open_cases(a, "疑似重复"), 1);
    move(a, &first, "转出同意");
    move(a, &second, "转出同意");
    move(c, &first, "转入接收");
    move(c, &second, "转入接收");
    /* The first one has moved it; the second finds nothing to move, and says so. */
    assert_string_equal(at(c, "transfer", &first, "status"), "生效");
    assert_string_equal(at(c, "transfer", &second, "status"), "退回");
    assert_conserved(0, 2);
    assert_replays();
}

static void test_only_who_has_a_member_can_ask(void **state) {
    (void)state;
    assert_int_equal(try_add(&c->desk, &member, "B街道总工会"), JL_MISUSE); /* never seen there */
    assert_int_equal(try_add(&a->desk, &member, "A街道总工会"), JL_MISUSE); /* to itself */
    struct jl_id transfer = request();
    move(a, &transfer, "转出同意");
    move(c, &transfer, "转入接收");
    assert_int_equal(try_add(&a->desk, &member, "B街道总工会"), JL_MISUSE); /* it has left */
    assert_int_equal(try_add(&c->desk, &member, "A街道总工会"), JL_OK);
}

/* Past the desk, as a program of another make might. */
static struct jl_id smuggle(struct world_device *device, const struct jl_id *who, uint32_t from,
                            uint32_t to) {
    struct jl_books *books = device->office->books;
    const struct jl_type *type = jl_catalogue_type_named(books->catalogue, "transfer");
    struct jl_err err = {0};
    struct jl_field_value fields[] = {
        {.field = type->transfer_subject, .value = jl_value_ref(who)},
        {.field = type->transfer_from,
         .value = jl_value_ref(&jl_roster_office(world.district, from)->id)},
        {.field = type->transfer_to,
         .value = jl_value_ref(&jl_roster_office(world.district, to)->id)},
        {.field = type->flow.field, .value = jl_value_int(1)}};
    struct jl_change change = {.kind = JL_OP_CREATE,
                               .after = {.type = type->number,
                                         .owner = device->office_number,
                                         .fields = fields,
                                         .field_count = 4}};
    change.after.id = jl_id_next(&device->desk.ids, world.now_ms);
    assert_int_equal(jl_save_changes(device->office, NULL, &change, 1, &err), JL_OK);
    sync_all();
    return change.after.id;
}

static void test_the_district_takes_no_transfer_of_what_is_not_there(void **state) {
    (void)state;
    const struct jl_id nobody = {{7}};
    struct jl_id ids[] = {smuggle(c, &member, 2, 1), smuggle(c, &nobody, 2, 1),
                          smuggle(a, &member, 1, 1)};
    for (int i = 0; i < 3; i++) {
        assert_string_equal(at_district("transfer", &ids[i], "status"), "");
    }
    struct jl_id good = smuggle(a, &member, 1, 2);
    assert_string_equal(at_district("transfer", &good, "status"), "申请");
    assert_string_equal(at(c, "transfer", &good, "member_name"), "张三"); /* the district's */
    assert_string_equal(at(a, "transfer", &good, "dependants"), "2");
    assert_conserved(1, 1);
}

static void test_a_released_transfer_can_not_be_turned_to_somebody_else(void **state) {
    (void)state;
    struct jl_id other = add_member(a, &org_a, "王五", "990106199001010053");
    struct jl_id transfer = request();
    move(a, &transfer, "转出同意");
    JL_AUTO(jl_arena) arena = {0};
    struct jl_err err = {0};
    struct jl_book_record before = {0};
    const struct jl_type *type = jl_catalogue_type_named(c->office->books->catalogue, "transfer");
    const struct jl_record_key key = {.type = type->number, .id = transfer};
    assert_int_equal(jl_books_load(c->office->books, &key, 1, &arena, &before, &err), JL_OK);
    struct jl_change change = {.kind = JL_OP_EDIT, .before = &before};
    const struct jl_value whom = jl_value_ref(&other);
    assert_int_equal(jl_row_dup(&arena, &before.row, &change.after, &err), JL_OK);
    assert_int_equal(jl_row_set(&change.after, type->transfer_subject, &whom, &arena, &err), JL_OK);
    assert_int_equal(jl_save_changes(c->office, NULL, &change, 1, &err), JL_OK);
    sync_all();
    char id[JL_ID_TEXT_BYTES];
    jl_id_format(&member, id);
    assert_string_equal(at_district("transfer", &transfer, "member"), id);
    assert_conserved(2, 1);
}

static void test_an_overdue_step_is_a_case_of_the_office_whose_turn_it_is(void **state) {
    (void)state;
    struct jl_id transfer = request();
    assert_int_equal(overdue(), 0);
    int64_t asked = today();
    int64_t due = jl_date_add_working_days(asked, 10);
    assert_string_equal(at(a, "transfer", &transfer, "due_on"), text_of(due));
    while (today() < due) {
        world_pass(&world, DAY_MS);
        assert_int_equal(overdue(), 0); /* on the day itself there is time */
    }
    world_pass(&world, DAY_MS);
    assert_int_equal(overdue(), 1);
    assert_int_equal(overdue(), 0); /* one case a step */
    sync_all();
    assert_int_equal(open_cases(a, "转会需处理"), 1);
    assert_int_equal(open_cases(c, "转会需处理"), 0);
    move(a, &transfer, "转出同意");
    assert_int_equal(open_cases(a, "转会需处理"), 0);
    assert_int_equal(overdue(), 0); /* the days begin anew */
    world_pass(&world, (int64_t)17 * DAY_MS);
    assert_int_equal(overdue(), 1);
    sync_all();
    assert_int_equal(open_cases(a, "转会需处理"), 0);
    assert_int_equal(open_cases(c, "转会需处理"), 1);
    move(c, &transfer, "转入接收");
    assert_int_equal(open_cases(c, "转会需处理"), 0);
    world_pass(&world, (int64_t)40 * DAY_MS);
    assert_int_equal(overdue(), 0);
    assert_replays();
}

static void test_a_deleted_transfer_leaves_no_case_open(void **state) {
    (void)state;
    struct jl_id transfer = request();
    world_pass(&world, (int64_t)17 * DAY_MS);
    assert_int_equal(overdue(), 1);
    sync_all();
    assert_int_equal(open_cases(a, "转会需处理"), 1);
    world_delete(&a->desk, "transfer", &transfer);
    sync_all();
    assert_int_equal(open_cases(a, "转会需处理"), 0);
    assert_int_equal(overdue(), 0);
    assert_replays();
}

/* A server that starts in the year 2000: the member moves, but nobody is told a day that is none,
 * and with the right clock the steps have their days again. */
static void test_a_clock_that_cannot_be_right_gives_no_days(void **state) {
    (void)state;
    struct jl_id first = request();
    assert_string_not_equal(at_district("transfer", &first, "due_on"), "");
    world.time.off_ms = -9000 * (int64_t)DAY_MS;
    world_crash_district(&world);
    move(a, &first, "转出同意");
    assert_string_equal(at_district("transfer", &first, "due_on"), "");
    move(c, &first, "转入接收");
    assert_string_equal(at_district("transfer", &first, "status"), "生效");
    assert_string_equal(at_district("transfer", &first, "effective_on"), "");
    assert_conserved(0, 2);
    world.time.off_ms = 0;
    struct jl_id second = request_from(c, &member, "A街道总工会");
    assert_string_not_equal(at_district("transfer", &second, "due_on"), "");
    assert_replays();
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(test_both_offices_and_the_district_see_every_step),
        CASE(test_offices_and_transit_are_the_district_in_every_state),
        CASE(test_what_the_old_office_wrote_without_knowing_goes_to_the_new_one),
        CASE(test_a_member_that_comes_back_is_editable_and_the_stub_is_gone),
        CASE(test_a_pc_that_missed_both_moves_goes_on_where_it_was),
        CASE(test_a_member_has_one_open_transfer),
        CASE(test_only_who_has_a_member_can_ask),
        CASE(test_the_district_takes_no_transfer_of_what_is_not_there),
        CASE(test_a_released_transfer_can_not_be_turned_to_somebody_else),
        CASE(test_an_overdue_step_is_a_case_of_the_office_whose_turn_it_is),
        CASE(test_a_deleted_transfer_leaves_no_case_open),
        CASE(test_a_clock_that_cannot_be_right_gives_no_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
