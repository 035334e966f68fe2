/* Two records become one at the district: fields, references of every office and type, doubles,
 * stubs, what is refused. What arrives late, and undoing: test_merge_late.c. */
#include "merge_world.h"
#include "server/books/own_ops.h"

#include "jielian/base/file.h"
#include "tests/said.h"

#include <stdlib.h>

/* ---- The whole ---- */

static void test_a_merge_moves_the_references_of_every_office(void **state) {
    (void)state;
    struct jl_id id;
    struct jl_id at_a = attend_for(1, &act_a, &gone, "|note=已签到");
    struct jl_id at_b = attend(c, &act_b, &gone, "");
    struct jl_id family = add(&c->desk, "hardship_family", "head=%s", text_of(&gone));
    struct jl_id party = add(&a->desk, "party_recommend",
                             "stage=积极分子|staged_on=2022-01-01|member=%s", text_of(&gone));
    sync_all();
    assert_int_equal(open_cases(district(), JL_CASE_DUPLICATE, &id), 1);
    struct jl_id set = merge_two("member", &kept, &gone);
    assert_int_equal(merging.references, 4);
    assert_int_equal(merging.duplicates, 0);
    sync_all();
    assert_refers("hardship_family", &family, "head", &kept);
    assert_refers("party_recommend", &party, "member", &kept);
    assert_state(district(), "attendance", &at_a, JL_RECORD_DELETED);
    assert_state(district(), "attendance", &at_b, JL_RECORD_DELETED);
    assert_int_equal(world_count(a->office->books, "attendance"), 1);
    assert_int_equal(world_count(c->office->books, "attendance"), 1);
    assert_state(district(), "member", &gone, JL_RECORD_DELETED);
    assert_string_equal(world_get(a->office->books, "member", &kept, "edu"), "大学本科");
    /* The pair is decided, the change set says what was done. */
    assert_string_equal(world_get(district(), "case", &id, "status"), "已处理");
    struct jl_id told = told_id(&gone);
    assert_string_equal(world_get(c->office->books, "case", &told, "resolution"), "merged");
    assert_string_equal(world_get(district(), "change_set", &set, "kind"), "合并");
    assert_replays(true);
}

static void test_a_double_entry_collapses_and_its_blanks_are_filled(void **state) {
    (void)state;
    struct jl_id stays = attend_for(2, &act_b, &kept, "");
    struct jl_id goes = attend(c, &act_b, &gone, "|note=已签到");
    sync_all();
    merge_two("member", &kept, &gone);
    assert_int_equal(merging.references, 1);
    assert_int_equal(merging.duplicates, 1);
    assert_int_equal(merging.differing, 0);
    sync_all();
    assert_state(district(), "attendance", &goes, JL_RECORD_DELETED);
    assert_int_equal(world_count(district(), "attendance"), 1);
    assert_string_equal(world_get(c->office->books, "attendance", &stays, "note"), "已签到");
    assert_replays(true);
}

static void test_the_office_that_loses_its_record_keeps_a_stub_of_the_other(void **state) {
    (void)state;
    JL_AUTO(jl_arena) arena = {0};
    attend(c, &act_b, &gone, "");
    sync_all();
    merge_two("member", &kept, &gone);
    sync_all();
    struct jl_book_record stub = load(c->office->books, "member", &kept, &arena);
    assert_int_equal(stub.head.state, JL_RECORD_LEFT);
    assert_int_equal(stub.head.owner, 1);
    assert_int_equal(stub.head.title.size, strlen("张三"));
    assert_int_equal(world_count_live(c->office->books, "member"), 0);
    /* A PC that joins afterwards reads its lists as well. */
    struct world_device *late = world_join(&world, 2);
    assert_state(late->office->books, "member", &kept, JL_RECORD_LEFT);
    assert_true(world_same(late));
    /* Later changes of the kept record are no business of that office. */
    world_set(&a->desk, "member", &kept, "edu=大学专科");
    sync_all();
    assert_state(c->office->books, "member", &kept, JL_RECORD_LEFT);
}

static void test_stubs_follow_a_second_merge(void **state) {
    (void)state;
    world_pass(&world, 1000);
    struct jl_id third = add_member(a, &org_a, "id_no=" ID_NO);
    sync_all();
    merge_two("member", &kept, &gone);
    merge_two("member", &third, &kept);
    sync_all();
    assert_state(c->office->books, "member", &third, JL_RECORD_LEFT);
    assert_state(a->office->books, "member", &third, JL_RECORD_LIVE);
    assert_replays(true);
}

static void test_a_plan_changes_nothing(void **state) {
    (void)state;
    attend(c, &act_b, &gone, "");
    sync_all();
    uint64_t seq = world.district->state.journal_seq;
    assert_int_equal(plan_of("member", &kept, &gone, JL_MERGING_KEPT), JL_OK);
    assert_int_equal(merging.references, 1);
    assert_int_equal(merging.change_count, 4); /* DELETE twice, CREATE, MERGE */
    assert_int_equal(world.district->state.journal_seq, seq);
    assert_state(district(), "member", &gone, JL_RECORD_LIVE);
}

static void test_both_records_as_they_were_stand_in_the_ops(void **state) {
    (void)state;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record before[2] = {load(district(), "member", &kept, &arena),
                                       load(district(), "member", &gone, &arena)};
    assert_int_equal(plan_of("member", &kept, &gone, JL_MERGING_KEPT), JL_OK);
    for (int i = 0; i < 2; i++) {
        const struct jl_change *change = &merging.changes[i == 0 ? merging.change_count - 1 : 0];
        struct jl_op op = {.kind = change->kind};
        assert_int_equal(change->kind, i == 0 ? JL_OP_MERGE : JL_OP_DELETE);
        assert_int_equal(jl_change_op(change, &arena, &op, &err), JL_OK);
        assert_int_equal(op.old_count, before[i].row.field_count);
        assert_int_equal(op.new_count, i == 0 ? 1 : 0); /* edu, which was blank */
    }
}

/* ---- Fields ---- */

static const struct jl_merging_field *field_of(const char *name) {
    const struct jl_field *field = jl_type_field_named(merging.type, name);
    for (size_t i = 0; i < merging.field_count; i++) {
        if (merging.fields[i].field == field->number) {
            return &merging.fields[i];
        }
    }
    return NULL;
}

static void test_a_field_in_which_they_differ_must_be_decided(void **state) {
    (void)state;
    assert_int_equal(plan_of("member", &kept, &gone, JL_MERGING_BOTH), JL_MISUSE);
    assert_non_null(strstr(err_said(&err), "org"));
    assert_null(strstr(err_said(&err), "edu"));  /* blank in one of them */
    assert_null(strstr(err_said(&err), "name")); /* the same */
    assert_null(strstr(err_said(&err), "乙厂")); /* no values */
    assert_true(field_of("org")->open);
    assert_false(field_of("edu")->open);
    assert_int_equal(field_of("edu")->side, JL_MERGING_GONE);
    assert_int_equal(field_of("name")->side, JL_MERGING_BOTH);
    assert_null(field_of("mobile"));
}

static void test_a_field_is_decided_by_side_by_value_or_by_preference(void **state) {
    (void)state;
    static const struct jl_merging_choice choices[] = {
        {"org", "gone"}, {"学历", "大学专科"}, {"joined_on", "2019-01-01"}};
    struct jl_id set;
    assert_int_equal(plan_of("member", &kept, &gone, JL_MERGING_GONE), JL_OK);
    assert_int_equal(field_of("org")->side, JL_MERGING_GONE);
    merging.choices = choices;
    merging.choice_count = 3;
    merging.prefer = JL_MERGING_BOTH;
    assert_int_equal(jl_merging_plan(&merging, &err), JL_OK);
    assert_int_equal(field_of("edu")->side, JL_MERGING_TYPED);
    assert_int_equal(jl_merging_save(&merging, &set, &err), JL_OK);
    sync_all();
    assert_refers("member", &kept, "org", &org_b);
    assert_string_equal(world_get(a->office->books, "member", &kept, "edu"), "大学专科");
    assert_string_equal(world_get(a->office->books, "member", &kept, "joined_on"), "2019-01-01");
}

static void test_choices_that_make_no_sense_are_refused(void **state) {
    (void)state;
    static const struct {
        struct jl_merging_choice choices[2];
        size_t count;
        const char *names;
    } rows[] = {
        {{{"nothing", "kept"}}, 1, "nothing"},
        {{{"org", "kept"}, {"所属工会", "gone"}}, 2, "所属工会"},
        {{{"joined_on", "2019-13-01"}}, 1, "入会日期"},
        {{{"m_status", ""}}, 1, "会籍状态"},
        {{{"org", "没有的工会"}}, 1, "所属工会"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(plan_of("member", &kept, &gone, JL_MERGING_KEPT), JL_OK);
        merging.choices = rows[i].choices;
        merging.choice_count = rows[i].count;
        assert_int_not_equal(jl_merging_plan(&merging, &err), JL_OK);
        assert_non_null(strstr(err_said(&err), rows[i].names));
    }
}

static void test_references_of_the_two_to_each_other_are_left_out(void **state) {
    (void)state;
    struct jl_id top = add_org(a, "街道总会");
    struct jl_id child = add_org(a, "丙厂分会");
    char parent[64];
    snprintf(parent, sizeof parent, "parent=%s", text_of(&org_b));
    world_set(&a->desk, "union_org", &org_a, parent);
    world_set(&a->desk, "union_org", &child, parent);
    snprintf(parent, sizeof parent, "parent=%s", text_of(&top));
    world_set(&c->desk, "union_org", &org_b, parent);
    sync_all();
    merge_two("union_org", &org_a, &org_b);
    sync_all();
    /* Not its own parent: it takes that of the union that went into it. */
    assert_refers("union_org", &org_a, "parent", &top);
    assert_refers("union_org", &child, "parent", &org_a);
    assert_refers("member", &gone, "org", &org_a);
    assert_replays(true);
}

/* ---- Natural keys ---- */

static void test_a_record_that_was_deleted_under_the_new_key_comes_back(void **state) {
    (void)state;
    struct jl_id old = attend_for(1, &act_b, &kept, "");
    sync_all();
    world_delete(&a->desk, "attendance", &old);
    attend(c, &act_b, &gone, "|note=已签到");
    sync_all();
    merge_two("member", &kept, &gone);
    sync_all();
    /* It was office A's, and stands for a record of office B now. */
    assert_state(c->office->books, "attendance", &old, JL_RECORD_LIVE);
    assert_string_equal(world_get(c->office->books, "attendance", &old, "note"), "已签到");
    assert_int_equal(world_count_live(a->office->books, "attendance"), 0);
    assert_replays(true);
}

/* The district's catalogue with one more field in a type. */
static void add_field(const char *type, const char *field) {
    JL_AUTO(jl_buf) text = {0};
    json_t *each = NULL;
    size_t i = 0;
    assert_int_equal(jl_file_read(JL_TEST_CATALOGUE, JL_CATALOGUE_MAX_BYTES, &text, &err), JL_OK);
    json_t *root = json_loadb((const char *)text.data, text.size, 0, NULL);
    uint64_t version = jl_catalogue_version(district()->catalogue);
    json_object_set_new(root, "version", json_integer((json_int_t)version + 1));
    json_array_foreach(json_object_get(root, "types"), i, each) {
        if (strcmp(json_string_value(json_object_get(each, "name")), type) == 0) {
            json_array_append_new(json_object_get(each, "fields"), json_loads(field, 0, NULL));
        }
    }
    char *next = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    world_apply_catalogue(&world, next);
    free(next);
}

static void test_an_old_fault_does_not_stop_a_record_under_its_new_key(void **state) {
    (void)state;
    struct jl_id old = attend(c, &act_b, &gone, "");
    sync_all();
    add_field("attendance", "{\"number\":90,\"name\":\"seat\",\"kind\":\"int\",\"zh\":\"座位\","
                            "\"en\":\"Seat\",\"required\":true}");
    merge_two("member", &kept, &gone);
    assert_state(district(), "attendance", &old, JL_RECORD_DELETED);
    assert_int_equal(world_count_live(district(), "attendance"), 1);
    assert_replays(true);
}

static void test_a_record_that_others_refer_to_keeps_its_key(void **state) {
    (void)state;
    struct jl_id listed = attend(c, &act_b, &gone, "");
    sync_all();
    add_field("visit", "{\"number\":90,\"name\":\"seen\",\"kind\":\"ref\",\"ref\":\"attendance\","
                       "\"zh\":\"见\",\"en\":\"Seen\"}");
    sync_all();
    struct jl_id unit = add(&c->desk, "unit", "name=丁公司|uscc=91990106MA2000001K");
    add(&c->desk, "visit", "visited_on=2022-01-05|unit=%s|seen=%s", text_of(&unit),
        text_of(&listed));
    sync_all();
    assert_int_equal(plan_of("member", &kept, &gone, JL_MERGING_KEPT), JL_CONFLICT);
    assert_non_null(strstr(err_said(&err), text_of(&listed)));
}

static void test_a_sealed_reference_is_found_as_well(void **state) {
    (void)state;
    add_field("hardship_family",
              "{\"number\":90,\"name\":\"helper\",\"kind\":\"ref\",\"ref\":"
              "\"member\",\"sensitive\":true,\"zh\":\"帮扶人\",\"en\":\"Helper\"}");
    sync_all();
    struct jl_id family =
        add(&c->desk, "hardship_family", "head=%s|helper=%s", text_of(&kept), text_of(&gone));
    struct jl_id both =
        add(&c->desk, "hardship_family", "head=%s|helper=%s", text_of(&gone), text_of(&gone));
    sync_all();
    merge_two("member", &kept, &gone);
    assert_int_equal(merging.references, 2);
    assert_refers("hardship_family", &family, "helper", &kept);
    assert_refers("hardship_family", &both, "helper", &kept);
    assert_refers("hardship_family", &both, "head", &kept);
    assert_replays(true);
}

static void test_a_transfer_that_is_over_moves_nobody_when_its_member_is_merged(void **state) {
    (void)state;
    struct jl_id transfer =
        add(&c->desk, "transfer", "member=%s|from_office=B街道总工会|to_office=A街道总工会",
            text_of(&gone));
    c->desk.movers |= 1u << JL_MOVER_FROM;
    world_set(&c->desk, "transfer", &transfer, "status=转出同意");
    assert_true(world_sync(c));
    assert_true(world_sync(a));
    a->desk.movers |= 1u << JL_MOVER_TO;
    world_set(&a->desk, "transfer", &transfer, "status=转入接收");
    assert_true(world_sync(a));
    assert_true(world_sync(c));
    assert_string_equal(world_get(district(), "transfer", &transfer, "status"), "生效");
    /* Another copy of the person, still at office B. */
    struct jl_id third = add_member(c, &org_b, "id_no=" ID_NO);
    assert_true(world_sync(c));
    merge_two("member", &third, &gone);
    assert_refers("transfer", &transfer, "member", &third);
    assert_state(district(), "member", &third, JL_RECORD_LIVE);
    assert_true(world_sync(c));
    assert_state(c->office->books, "member", &third, JL_RECORD_LIVE);
    assert_replays(true);
}

/* ---- What is refused ---- */

static void test_what_can_not_be_merged_is_refused(void **state) {
    (void)state;
    struct jl_id first = attend_for(2, &act_b, &kept, "");
    struct jl_id second = attend(c, &act_b, &gone, "");
    struct jl_id none = {{1}};
    struct jl_id id;
    sync_all();
    assert_int_equal(open_cases(district(), JL_CASE_DUPLICATE, &id), 1);
    const struct {
        const char *type;
        const struct jl_id *into, *from;
        enum jl_rc rc;
        const char *names;
    } rows[] = {
        {"attendance", &first, &second, JL_MISUSE, "身份由其内容决定"},
        {"case", &id, &id, JL_MISUSE, "不能合并"},
        {"access_log", &first, &second, JL_MISUSE, "不能合并"},
        {"member", &kept, &kept, JL_MISUSE, "编号相同"},
        {"member", &kept, &none, JL_NOT_FOUND, "01000000"},
        {"member", &none, &gone, JL_NOT_FOUND, "01000000"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(plan_of(rows[i].type, rows[i].into, rows[i].from, JL_MERGING_KEPT),
                         rows[i].rc);
        assert_non_null(strstr(err_told(&err), rows[i].names));
    }
    struct jl_id third = add_member(a, &org_a, "id_no=" ID_NO);
    struct jl_id deleted = add_member(a, &org_a, "id_no=" ID_NO);
    sync_all();
    world_delete(&a->desk, "member", &deleted);
    sync_all();
    assert_int_equal(plan_of("member", &kept, &deleted, JL_MERGING_KEPT), JL_CONFLICT);
    assert_int_equal(plan_of("member", &deleted, &kept, JL_MERGING_KEPT), JL_CONFLICT);
    merge_two("member", &kept, &gone);
    assert_int_equal(plan_of("member", &third, &gone, JL_MERGING_KEPT), JL_CONFLICT);
    assert_non_null(strstr(err_said(&err), text_of(&kept)));
}

static void test_a_merge_of_what_changed_meanwhile_is_not_saved(void **state) {
    (void)state;
    struct jl_id set;
    assert_int_equal(plan_of("member", &kept, &gone, JL_MERGING_KEPT), JL_OK);
    world_set(&c->desk, "member", &gone, "edu=大学专科");
    sync_all();
    uint64_t seq = world.district->state.journal_seq;
    assert_int_equal(jl_merging_save(&merging, &set, &err), JL_CONFLICT);
    assert_int_equal(world.district->state.journal_seq, seq);
    assert_state(district(), "member", &gone, JL_RECORD_LIVE);
}

static void test_a_reference_that_comes_between_plan_and_save_is_moved_too(void **state) {
    (void)state;
    struct jl_id set;
    assert_int_equal(plan_of("member", &kept, &gone, JL_MERGING_KEPT), JL_OK);
    struct jl_id family = add(&c->desk, "hardship_family", "head=%s", text_of(&gone));
    sync_all();
    assert_int_equal(jl_merging_save(&merging, &set, &err), JL_OK);
    assert_int_equal(merging.references, 1);
    assert_refers("hardship_family", &family, "head", &kept);
    sync_all();
    assert_replays(true);
}

/* One op each, as an import would bring them. */
static void refer_often(size_t count) {
    enum { CHUNK = 500 };
    const struct jl_type *type = jl_catalogue_type_named(district()->catalogue, "hardship_family");
    struct jl_field_value head = {.field = jl_type_field_named(type, "head")->number,
                                  .value = jl_value_ref(&gone)};
    struct jl_change changes[CHUNK];
    while (count > 0) {
        size_t size = count < CHUNK ? count : CHUNK;
        for (size_t i = 0; i < size; i++) {
            changes[i] = (struct jl_change){
                .kind = JL_OP_CREATE,
                .after = {.type = type->number,
                          .owner = 2,
                          .fields = &head,
                          .field_count = 1,
                          .id = jl_id_next(&world.district_desk.ids, world.now_ms)}};
        }
        assert_int_equal(jl_own_ops_save(world.district, NULL, changes, size, &err), JL_OK);
        count -= size;
    }
}

static void test_references_are_moved_up_to_the_bound_and_not_beyond(void **state) {
    (void)state;
    const struct jl_type *type = jl_catalogue_type_named(district()->catalogue, "hardship_family");
    struct jl_value value = jl_value_ref(&gone);
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record one = {0};
    char head[64];
    int64_t rid = 0;
    size_t found = 0;
    refer_often(JL_MERGING_REFS_MAX + 1);
    assert_int_equal(plan_of("member", &kept, &gone, JL_MERGING_KEPT), JL_LIMIT);
    assert_non_null(strstr(err_said(&err), "10000"));
    /* One of them is made to refer to the kept record, as the error says. */
    assert_int_equal(jl_books_find(district(), type->number,
                                   jl_type_field_named(type, "head")->number, &value, 1, 1, &rid,
                                   &found, &err),
                     JL_OK);
    assert_int_equal(jl_books_load_rids(district(), &rid, 1, &arena, &one, &err), JL_OK);
    snprintf(head, sizeof head, "head=%s", text_of(&kept));
    world_set(&world.district_desk, "hardship_family", &one.row.id, head);
    merge_two("member", &kept, &gone);
    assert_int_equal(merging.references, JL_MERGING_REFS_MAX);
    value = jl_value_ref(&kept);
    size_t moved = 0;
    int64_t *rids = jl_arena_zalloc(&arena, JL_MERGING_REFS_MAX + 2, sizeof *rids);
    assert_int_equal(jl_books_find(district(), type->number,
                                   jl_type_field_named(type, "head")->number, &value, 1,
                                   JL_MERGING_REFS_MAX + 2, rids, &moved, &err),
                     JL_OK);
    assert_int_equal(moved, JL_MERGING_REFS_MAX + 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(test_a_merge_moves_the_references_of_every_office),
        CASE(test_a_double_entry_collapses_and_its_blanks_are_filled),
        CASE(test_the_office_that_loses_its_record_keeps_a_stub_of_the_other),
        CASE(test_stubs_follow_a_second_merge),
        CASE(test_a_plan_changes_nothing),
        CASE(test_both_records_as_they_were_stand_in_the_ops),
        CASE(test_a_field_in_which_they_differ_must_be_decided),
        CASE(test_a_field_is_decided_by_side_by_value_or_by_preference),
        CASE(test_choices_that_make_no_sense_are_refused),
        CASE(test_references_of_the_two_to_each_other_are_left_out),
        CASE(test_a_record_that_was_deleted_under_the_new_key_comes_back),
        CASE(test_an_old_fault_does_not_stop_a_record_under_its_new_key),
        CASE(test_a_record_that_others_refer_to_keeps_its_key),
        CASE(test_a_sealed_reference_is_found_as_well),
        CASE(test_a_transfer_that_is_over_moves_nobody_when_its_member_is_merged),
        CASE(test_what_can_not_be_merged_is_refused),
        CASE(test_a_merge_of_what_changed_meanwhile_is_not_saved),
        CASE(test_a_reference_that_comes_between_plan_and_save_is_moved_too),
        CASE(test_references_are_moved_up_to_the_bound_and_not_beyond),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
