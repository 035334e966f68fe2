/* Asking somebody in: the district alone looks who it is. One match opens a transfer; everything
 * else leaves no difference that the asking office could see. The journal replays after each story.
 */
#include "may_world.h"
#include "server/books/daily.h"

#include "jielian/base/date.h"

#define WANG_NO "990106199001010010"
#define CHEN_NO "990106199001010037"
#define NOBODY_NO "990106199001010053"

static struct jl_id ask(struct world_device *device, const char *id_no, const char *name) {
    struct jl_id id = jl_id_next(&device->desk.ids, world.now_ms);
    begin(JL_OP_CREATE, "transfer_ask", &id);
    sets("name", none, jl_value_cstr(name));
    sets("id_no", none, jl_value_cstr(id_no));
    sets("reason", none, jl_value_cstr("工作单位变动"));
    sets("asked_on", none, jl_value_int(jl_date_of_ms(world.now_ms)));
    sets("answer", none, jl_value_int(1));
    assert_int_equal(push(device), JL_OUTBOX_APPLIED); /* whoever is found */
    return id;
}

static size_t transfers(void) {
    return world_count(district(), "transfer");
}

static enum jl_rc keep_id(void *context, const struct jl_stored *record, struct jl_err *error) {
    (void)error;
    *(struct jl_id *)context = record->head.id;
    return JL_OK;
}

/* The one transfer that there is. */
static struct jl_id the_transfer(void) {
    struct jl_id id = {{0}};
    const struct jl_scan scan = {.type = type_named("transfer")->number};
    assert_int_equal(transfers(), 1);
    assert_int_equal(jl_records_scan(district()->store, &scan, keep_id, &id, &err), JL_OK);
    return id;
}

static void test_number_and_name_of_one_member_open_a_transfer(void **state) {
    (void)state;
    struct jl_id id = ask(b, WANG_NO, "王五");
    sync_all();
    assert_int_equal(transfers(), 1);
    static const char *const fields[][2] = {{"status", "申请"},
                                            {"member_name", "王五"},
                                            {"reason", "工作单位变动"},
                                            {"dependants", "0"}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        assert_string_equal(world_get_first(district(), "transfer", fields[i][0]), fields[i][1]);
        assert_string_equal(world_get_first(a->office->books, "transfer", fields[i][0]),
                            fields[i][1]);
    }
    assert_string_equal(world_get_first(district(), "transfer", "member"), text_of(&wang));
    assert_string_not_equal(world_get_first(district(), "transfer", "due_on"), "");
    assert_string_equal(world_get(b->office->books, "transfer_ask", &id, "answer"), "区级核对中");
    assert_int_equal(world_count(a->office->books, "transfer_ask"), 0);
    assert_int_equal(world_count(c->office->books, "transfer"), 0);
}

static void test_it_goes_on_like_any_transfer(void **state) {
    (void)state;
    (void)ask(b, WANG_NO, "王五");
    sync_all();
    struct jl_id id = the_transfer();
    world_set(&a->desk, "transfer", &id, "status=转出同意");
    sync_all();
    world_set(&b->desk, "transfer", &id, "status=转入接收");
    sync_all();
    assert_string_equal(at_district("transfer", &id, "status"), "生效");
    assert_int_equal(world_count_live(b->office->books, "member"), 1);
}

static void test_everything_else_is_answered_alike(void **state) {
    (void)state;
    struct jl_id asks[] = {ask(b, WANG_NO, "李四"),   /* another name */
                           ask(b, NOBODY_NO, "王五"), /* nobody's number */
                           ask(a, WANG_NO, "王五")};  /* she is there already */
    world_set(&a->desk, "member", &chen, "m_status=退会");
    sync_all();
    (void)ask(b, CHEN_NO, "李四"); /* has left the union */
    assert_int_equal(transfers(), 0);
    (void)add(&a->desk, "transfer", "member=%s|to_office=B街道总工会", text_of(&wang));
    assert_true(world_sync(a));
    (void)ask(b, WANG_NO, "王五"); /* under way already */
    (void)ask(c, WANG_NO, "王五");
    sync_all();
    assert_int_equal(transfers(), 1);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(at_district("transfer_ask", &asks[i], "answer"), "区级核对中");
    }
    assert_int_equal(world_count_live(b->office->books, "transfer"), 1);
    assert_int_equal(world_count_live(c->office->books, "transfer"), 0);
}

static void test_two_living_members_with_the_number_are_nobody(void **state) {
    (void)state;
    struct jl_id org = add(&c->desk, "union_org",
                           "name=丙厂工会|org_kind=独立基层工会|founded_on=2018-05-01|status=已建");
    (void)add_member(c, &org, "王五", WANG_NO);
    sync_all();
    (void)ask(b, WANG_NO, "王五");
    assert_int_equal(transfers(), 0);
}

static void test_more_than_a_day_holds_is_kept_and_not_looked_up(void **state) {
    (void)state;
    uint64_t count = 0;
    for (int i = 0; i < JL_DAILY_ASKS; i++) {
        (void)ask(b, NOBODY_NO, "王五");
    }
    (void)ask(b, WANG_NO, "王五");
    assert_int_equal(transfers(), 0);
    assert_int_equal(jl_district_begin(world.district, false, NULL, &err), JL_OK);
    assert_int_equal(jl_daily_asks(world.district, 2, &count, &err), JL_OK);
    jl_district_rollback(world.district);
    assert_int_equal(count, JL_DAILY_ASKS + 1);
    (void)ask(c, WANG_NO, "王五"); /* each office has its own */
    assert_int_equal(transfers(), 1);
    world_pass(&world, (int64_t)24 * 3600 * 1000);
    (void)ask(b, CHEN_NO, "李四");
    assert_int_equal(transfers(), 2);
}

static void test_the_last_of_a_day_is_looked_up(void **state) {
    (void)state;
    for (int i = 1; i < JL_DAILY_ASKS; i++) {
        (void)ask(b, NOBODY_NO, "王五");
    }
    (void)ask(b, WANG_NO, "王五");
    assert_int_equal(transfers(), 1);
}

/* The ask opens it again, under its own id, and what was decided of it finds it. */
static void test_after_a_restore_it_is_there_again(void **state) {
    (void)state;
    world_backup(&world);
    (void)ask(b, WANG_NO, "王五");
    sync_all();
    struct jl_id id = the_transfer();
    world_set(&a->desk, "transfer", &id, "status=转出同意");
    sync_all();
    world_restore(&world);
    assert_true(world_sync(a)); /* who lets her go returns first */
    assert_string_equal(at_district("transfer", &id, "status"), "");
    assert_true(world_sync(b));
    assert_true(world_sync(a));
    assert_string_equal(at_district("transfer", &id, "status"), "转出同意");
    sync_all();
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define STORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
        STORY(test_number_and_name_of_one_member_open_a_transfer),
        STORY(test_it_goes_on_like_any_transfer),
        STORY(test_everything_else_is_answered_alike),
        STORY(test_two_living_members_with_the_number_are_nobody),
        STORY(test_more_than_a_day_holds_is_kept_and_not_looked_up),
        STORY(test_the_last_of_a_day_is_looked_up),
        STORY(test_after_a_restore_it_is_there_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
