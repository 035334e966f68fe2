/* Who may write what (docs/merge.md), met past the desk: transfers and cases. Each story that was
 * found is told with its brothers, and the journal replays after each. */
#include "may_world.h"

#include "jielian/base/assignment.h"
#include "jielian/sync/case_id.h"

/* ---- Transfers ---- */

static struct jl_id begin_request(struct world_device *device, const struct jl_id *member,
                                  uint32_t from, struct jl_value to) {
    struct jl_id id = jl_id_next(&device->desk.ids, world.now_ms);
    begin(JL_OP_CREATE, "transfer", &id);
    sets("member", none, jl_value_ref(member));
    sets("from_office", none, ref_to(from));
    sets("to_office", none, to);
    sets("status", none, jl_value_int(REQUESTED));
    return id;
}

static struct jl_id request(void) {
    struct jl_id id = add(&a->desk, "transfer", "member=%s|to_office=B街道总工会", text_of(&wang));
    sync_all();
    return id;
}

static void move(struct world_device *device, const struct jl_id *id, const char *status) {
    char text[64];
    snprintf(text, sizeof text, "status=%s", status);
    world_set(&device->desk, "transfer", id, text);
    sync_all();
}

static void test_nobody_asks_for_another_offices_member(void **state) {
    (void)state;
    (void)begin_request(c, &wang, 1, ref_to(2));
    assert_int_equal(push(c), JL_OUTBOX_PARKED);
    (void)begin_request(c, &wang, 1, ref_to(3));
    assert_int_equal(push(c), JL_OUTBOX_PARKED);
    (void)begin_request(c, &wang, 3, ref_to(2));
    assert_int_equal(push(c), JL_OUTBOX_PARKED);
    assert_int_equal(world_count(district(), "transfer"), 0);
    (void)begin_request(a, &wang, 1, ref_to(2));
    assert_int_not_equal(push(a), JL_OUTBOX_PARKED);
}

static void test_nobody_is_sent_to_an_office_that_is_not_there(void **state) {
    (void)state;
    static const struct jl_id nowhere = {{9, 9, 9}};
    char text[128];
    struct jl_problems problems;
    struct jl_id made;
    (void)begin_request(a, &wang, 1, jl_value_ref(&nowhere));
    assert_int_equal(push(a), JL_OUTBOX_PARKED);
    snprintf(text, sizeof text, "%s", text_of(&wang));
    const struct jl_assignment items[] = {{"member", text}, {"to_office", text_of(&nowhere)}};
    struct jl_desk *const desks[] = {&a->desk, &world.district_desk};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(
            jl_desk_add(desks[i], jl_catalogue_type_named(desks[i]->books->catalogue, "transfer"),
                        items, 2, &made, &problems, &err),
            JL_MISUSE);
    }
    assert_int_equal(world_count(district(), "transfer"), 0);
}

/* A clerk must not release 王五 and find that 李四 has gone. */
static void test_the_name_of_who_transfers_is_the_districts_to_write(void **state) {
    (void)state;
    struct jl_id id = begin_request(a, &chen, 1, ref_to(2));
    sets("effective_on", none, jl_value_int(20200101));
    sets("member_name", none, jl_value_cstr("王五"));
    sets("due_on", none, jl_value_int(20991231));
    sets("dependants", none, jl_value_int(77));
    assert_int_not_equal(push(a), JL_OUTBOX_PARKED);
    sync_all();
    assert_string_equal(at_district("transfer", &id, "member_name"), "李四");
    assert_string_equal(at_district("transfer", &id, "dependants"), "0");
    assert_string_equal(at_district("transfer", &id, "effective_on"), "");
    assert_string_not_equal(at_district("transfer", &id, "due_on"), "2099-12-31");
    assert_string_equal(world_get(a->office->books, "transfer", &id, "member_name"), "李四");
    static const char *const facts[] = {"effective_on", "member_name", "due_on", "dependants",
                                        "applied_on"};
    struct world_device *const both[] = {a, b};
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        for (size_t d = 0; d < 2; d++) {
            begin(JL_OP_EDIT, "transfer", &id);
            sets(facts[i], none, i == 1 ? jl_value_cstr("王五") : jl_value_int(20200101));
            assert_int_equal(push(both[d]), JL_OUTBOX_PARKED);
        }
    }
    assert_string_equal(at_district("transfer", &id, "member_name"), "李四");
}

static void test_deleting_and_restoring_swaps_nobody(void **state) {
    (void)state;
    static const enum jl_op_kind kinds[] = {JL_OP_RESTORE, JL_OP_CREATE};
    struct jl_id id = request();
    assert_int_equal(push_delete(a, "transfer", &id), JL_OUTBOX_APPLIED);
    for (size_t i = 0; i < 2; i++) {
        const struct jl_id *const whom[] = {&chen, &wang};
        for (size_t swap = 0; swap < 2; swap++) {
            begin(kinds[i], "transfer", &id);
            sets("member", none, jl_value_ref(whom[swap]));
            sets("from_office", none, ref_to(1));
            sets("to_office", none, ref_to(swap == 0 ? 2 : 3));
            sets("status", none, jl_value_int(REQUESTED));
            sets("member_name", none, jl_value_cstr("王五"));
            assert_int_equal(push(a), JL_OUTBOX_PARKED);
        }
    }
    assert_int_equal(world_count_live(district(), "transfer"), 0);
    /* As it was, it may come back; by the office left alone. */
    struct jl_row row;
    load("transfer", &id, &row);
    begin(JL_OP_RESTORE, "transfer", &id);
    op.new_fields = row.fields;
    op.new_count = row.field_count;
    assert_int_equal(push(b), JL_OUTBOX_PARKED);
    assert_int_not_equal(push(a), JL_OUTBOX_PARKED);
    assert_string_equal(at_district("transfer", &id, "member_name"), "王五");
    assert_string_equal(at_district("transfer", &id, "member"), text_of(&wang));
}

static void test_a_transfer_on_its_way_is_not_deleted(void **state) {
    (void)state;
    struct jl_id id = request();
    assert_int_equal(push_delete(b, "transfer", &id), JL_OUTBOX_PARKED);
    assert_int_equal(
        jl_desk_delete(&b->desk, jl_catalogue_type_named(b->office->books->catalogue, "transfer"),
                       &id, &err),
        JL_DENIED);
    move(a, &id, "转出同意");
    assert_int_equal(push_delete(a, "transfer", &id), JL_OUTBOX_PARKED);
    move(a, &id, "撤回");
    assert_int_equal(push_delete(a, "transfer", &id), JL_OUTBOX_PARKED);
    assert_int_equal(world_count_live(district(), "transfer"), 1);
}

static void test_the_office_joined_writes_in_its_turn_only(void **state) {
    (void)state;
    struct jl_id id = request();
    begin(JL_OP_EDIT, "transfer", &id);
    sets("note", none, jl_value_cstr("越权"));
    assert_int_equal(push(b), JL_OUTBOX_PARKED);
    /* Nor with a step that it says it takes. */
    begin(JL_OP_EDIT, "transfer", &id);
    sets("status", jl_value_int(RELEASED), jl_value_int(RECEIVED));
    sets("note", none, jl_value_cstr("越权"));
    assert_int_equal(push(b), JL_OUTBOX_PARKED);
    assert_string_equal(at_district("transfer", &id, "note"), "");
    move(a, &id, "转出同意");
    begin(JL_OP_EDIT, "transfer", &id);
    sets("new_org", none, jl_value_ref(&org_a)); /* where she goes is not for A to say */
    assert_int_equal(push(a), JL_OUTBOX_PARKED);
    char text[128];
    snprintf(text, sizeof text, "status=转入接收|note=欢迎|new_org=%s", text_of(&org_b));
    world_set(&b->desk, "transfer", &id, text);
    sync_all();
    assert_string_equal(at_district("transfer", &id, "status"), "生效");
    assert_string_equal(at_district("transfer", &id, "note"), "欢迎");
    begin(JL_OP_EDIT, "transfer", &id);
    sets("note", jl_value_cstr("欢迎"), jl_value_cstr("越权"));
    assert_int_equal(push(b), JL_OUTBOX_PARKED);
}

/* Two PCs of the office joined take the same step: as ever, a case, and nothing is lost. */
static void test_a_step_that_was_taken_meanwhile_is_a_case_as_ever(void **state) {
    (void)state;
    struct world_device *b2 = world_join(&world, 2);
    struct jl_id id = request();
    move(a, &id, "转出同意");
    assert_true(world_sync(b2));
    world_set(&b2->desk, "transfer", &id, "status=转入接收|note=二号机");
    world_set(&b->desk, "transfer", &id, "status=转入接收|note=一号机");
    sync_all();
    assert_true(world_sync(b2));
    assert_int_equal(verdict(b2), JL_OUTBOX_CASE);
}

/* ---- Cases ---- */

/* A and a second PC of A disagree about a union: a case of A. */
static struct jl_id make_case(void) {
    struct jl_id id;
    struct world_device *a2 = world_join(&world, 1);
    world_set(&a->desk, "union_org", &org_a, "note=一号机");
    assert_true(world_sync(a));
    world_set(&a2->desk, "union_org", &org_a, "note=二号机");
    begin(JL_OP_EDIT, "union_org", &org_a);
    sets("note", none, jl_value_cstr("三号机"));
    assert_int_equal(push(a), JL_OUTBOX_CASE);
    assert_int_equal(jl_case_id(district()->hasher, a->office->state.incarnation,
                                a->office->state.head_pos, &id, &err),
                     JL_OK);
    assert_string_equal(at_district("case", &id, "status"), "待处理");
    return id;
}

static void begin_close(const struct jl_id *id, const char *by) {
    begin(JL_OP_EDIT, "case", id);
    sets("status", jl_value_int(JL_CASE_OPEN), jl_value_int(JL_CASE_RESOLVED));
    sets("resolution", none, jl_value_cstr("current"));
    sets("resolved_by", none, jl_value_cstr(by));
}

static void test_a_case_is_closed_by_its_office_in_its_own_name(void **state) {
    (void)state;
    struct jl_id id = make_case();
    begin_close(&id, "lisi"); /* the device says "clerk" */
    assert_int_equal(push(a), JL_OUTBOX_PARKED);
    begin_close(&id, "clerk");
    assert_int_equal(push(b), JL_OUTBOX_PARKED);
    begin(JL_OP_EDIT, "case", &id); /* signs, and closes nothing */
    sets("resolved_by", none, jl_value_cstr("clerk"));
    assert_int_equal(push(a), JL_OUTBOX_PARKED);
    begin_close(&id, "clerk");
    sets("other_id", none, jl_value_cstr("x"));
    assert_int_equal(push(a), JL_OUTBOX_PARKED);
    assert_string_equal(at_district("case", &id, "status"), "待处理");
    begin_close(&id, "clerk");
    assert_int_not_equal(push(a), JL_OUTBOX_PARKED);
    assert_string_equal(at_district("case", &id, "status"), "已处理");
    assert_string_equal(at_district("case", &id, "resolved_by"), "clerk");
}

static void test_a_closed_case_stays_as_it_was_closed(void **state) {
    (void)state;
    struct jl_id id = make_case();
    begin_close(&id, "clerk");
    assert_int_not_equal(push(a), JL_OUTBOX_PARKED);
    size_t cases = world_count(district(), "case");
    begin_close(&id, "clerk"); /* a colleague who did not know */
    news[1].value = jl_value_cstr("offered");
    assert_int_equal(push(a), JL_OUTBOX_MERGED);
    assert_string_equal(at_district("case", &id, "resolution"), "current");
    assert_int_equal(world_count(district(), "case"), cases);
    begin(JL_OP_EDIT, "case", &id);
    sets("status", jl_value_int(JL_CASE_RESOLVED), jl_value_int(JL_CASE_OPEN));
    assert_int_equal(push(a), JL_OUTBOX_PARKED);
    assert_int_equal(push_delete(a, "case", &id), JL_OUTBOX_PARKED);
    struct jl_row row;
    load("case", &id, &row);
    begin(JL_OP_RESTORE, "case", &id);
    op.new_fields = row.fields;
    op.new_count = row.field_count;
    for (size_t i = 0; i < op.new_count; i++) {
        if (op.new_fields[i].field == JL_CASE_STATUS) {
            op.new_fields[i].value = jl_value_int(JL_CASE_OPEN);
        }
    }
    assert_int_equal(push(a), JL_OUTBOX_PARKED);
    assert_string_equal(at_district("case", &id, "status"), "已处理");
}

/* What an op of A makes for B, the next op of the batch must not put away before B sees it. */
static void test_no_case_of_another_office_is_closed_in_the_batch_that_makes_it(void **state) {
    (void)state;
    struct jl_id id;
    struct jl_id transfer = request();
    world_set(&a->desk, "transfer", &transfer, "status=转出同意");
    assert_true(world_sync(a));
    uint64_t cursor = a->office->state.cursor[1];
    assert_true(world_sync(b));
    world_set(&b->desk, "transfer", &transfer, "status=转入接收");
    assert_true(world_sync(b));
    begin(JL_OP_EDIT, "member", &wang); /* late, as it says: a case of B's (M11) */
    op.cursor = cursor;
    sets("note", none, jl_value_cstr("迟到"));
    queue(a);
    assert_int_equal(jl_case_id(district()->hasher, a->office->state.incarnation,
                                a->office->state.head_pos, &id, &err),
                     JL_OK);
    begin_close(&id, "clerk");
    assert_int_equal(push(a), JL_OUTBOX_PARKED);
    assert_string_equal(at_district("case", &id, "status"), "待处理");
    assert_true(world_sync(b));
    assert_string_equal(world_get(b->office->books, "case", &id, "status"), "待处理");
}

static void test_a_resolve_closes_what_it_decides_and_only_once(void **state) {
    (void)state;
    struct jl_id id = make_case();
    begin(JL_OP_RESOLVE, "member", &wang); /* of something else */
    sets("note", none, jl_value_cstr("无关"));
    op.other = id;
    assert_int_not_equal(push(a), JL_OUTBOX_PARKED);
    assert_string_equal(at_district("case", &id, "status"), "待处理");
    begin(JL_OP_RESOLVE, "union_org", &org_a);
    sets("note", jl_value_cstr("一号机"), jl_value_cstr("三号机"));
    op.other = id;
    assert_int_not_equal(push(a), JL_OUTBOX_PARKED);
    assert_string_equal(at_district("case", &id, "status"), "已处理");
    a->office->staff = jl_bytes_text("lisi");
    begin(JL_OP_RESOLVE, "union_org", &org_a);
    sets("note", jl_value_cstr("三号机"), jl_value_cstr("一号机"));
    op.other = id;
    assert_int_not_equal(push(a), JL_OUTBOX_PARKED);
    assert_string_equal(at_district("case", &id, "resolved_by"), "clerk");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define STORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
        STORY(test_nobody_asks_for_another_offices_member),
        STORY(test_nobody_is_sent_to_an_office_that_is_not_there),
        STORY(test_the_name_of_who_transfers_is_the_districts_to_write),
        STORY(test_deleting_and_restoring_swaps_nobody),
        STORY(test_a_transfer_on_its_way_is_not_deleted),
        STORY(test_the_office_joined_writes_in_its_turn_only),
        STORY(test_a_step_that_was_taken_meanwhile_is_a_case_as_ever),
        STORY(test_a_case_is_closed_by_its_office_in_its_own_name),
        STORY(test_a_closed_case_stays_as_it_was_closed),
        STORY(test_no_case_of_another_office_is_closed_in_the_batch_that_makes_it),
        STORY(test_a_resolve_closes_what_it_decides_and_only_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
