/* What arrives for a record after it was merged into another, and what undoing a merge does. */
#include "merge_world.h"

#include "client/books/save.h"
#include "lib/desk/merging.h"
#include "server/books/own_ops.h"
#include "tests/said.h"

static enum jl_outbox_state last_verdict(struct world_device *device) {
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    JL_AUTO(jl_arena) arena = {0};
    assert_int_equal(jl_outbox_range(device->office->books->store, 1, 1000, SIZE_MAX, &arena,
                                     &entries, &count, &err),
                     JL_OK);
    assert_true(count > 0);
    return entries[count - 1].state;
}

/* ---- Late edits: M19 ---- */

static void test_a_late_edit_of_the_merged_record_is_offered_to_the_one_that_is_kept(void **state) {
    (void)state;
    struct jl_id id;
    world_set(&d->desk, "member", &gone, "edu=研究生|mobile=19900000001");
    merge_two("member", &kept, &gone);
    sync_all();
    assert_int_equal(last_verdict(d), JL_OUTBOX_CASE);
    assert_state(district(), "member", &gone, JL_RECORD_DELETED);
    assert_string_equal(world_get(district(), "member", &kept, "edu"), "大学本科");
    /* Office A has the kept record, and so the case. */
    assert_int_equal(open_cases(district(), JL_CASE_MERGED, &id), 1);
    assert_int_equal(open_cases(a->office->books, JL_CASE_MERGED, &id), 1);
    assert_int_equal(world_count(c->office->books, "case"),
                     1); /* what it was notified of the pair */
    assert_string_equal(world_get(a->office->books, "case", &id, "subject_id"), text_of(&kept));
    const char *detail = world_get(a->office->books, "case", &id, "detail");
    assert_non_null(strstr(detail, "\"field\":\"edu\",\"label\":\"学历\",\"current\":{\"staff\":"));
    assert_non_null(strstr(detail, "\"value\":\"大学本科\""));
    assert_non_null(strstr(detail, "\"value\":\"研究生\""));
    assert_non_null(strstr(detail, "19900000001"));
    assert_replays(true);
}

static void test_what_the_kept_record_has_already_makes_no_case(void **state) {
    (void)state;
    struct jl_id id;
    world_set(&a->desk, "member", &kept, "mobile=19900000001");
    sync_all();
    world_set(&d->desk, "member", &gone, "mobile=19900000001");
    merge_two("member", &kept, &gone);
    sync_all();
    assert_int_equal(last_verdict(d), JL_OUTBOX_APPLIED);
    assert_int_equal(open_cases(district(), JL_CASE_MERGED, &id), 0);
    assert_state(district(), "member", &gone, JL_RECORD_DELETED);
}

static void test_a_late_delete_of_the_merged_record_is_nothing_to_do(void **state) {
    (void)state;
    struct jl_id id;
    world_delete(&d->desk, "member", &gone);
    merge_two("member", &kept, &gone);
    sync_all();
    assert_int_equal(last_verdict(d), JL_OUTBOX_APPLIED);
    assert_state(district(), "member", &kept, JL_RECORD_LIVE);
    assert_int_equal(open_cases(district(), JL_CASE_MERGED, &id), 0);
}

static void test_a_late_edit_comes_back_when_the_kept_record_is_gone_as_well(void **state) {
    (void)state;
    struct jl_id id;
    const struct jl_merged *map = NULL;
    world_set(&d->desk, "member", &gone, "mobile=19900000001");
    merge_two("member", &kept, &gone);
    sync(a);
    world_delete(&a->desk, "member", &kept);
    sync(a);
    sync_all();
    assert_int_equal(last_verdict(d), JL_OUTBOX_CASE);
    assert_state(district(), "member", &gone, JL_RECORD_LIVE);
    assert_int_equal(open_cases(c->office->books, JL_CASE_DELETED, &id), 1);
    assert_int_equal(jl_merged_get(world.district, &map, &err), JL_OK);
    assert_int_equal(map->count, 0); /* it is its own again */
    assert_replays(true);
}

static void test_a_late_edit_follows_a_chain_of_merges(void **state) {
    (void)state;
    struct jl_id id;
    struct jl_id third = add_member(a, &org_a, "id_no=" ID_NO);
    sync_all();
    world_set(&d->desk, "member", &gone, "mobile=19900000001");
    merge_two("member", &kept, &gone);
    merge_two("member", &third, &kept);
    sync_all();
    assert_int_equal(open_cases(district(), JL_CASE_MERGED, &id), 1);
    assert_string_equal(world_get(district(), "case", &id, "subject_id"), text_of(&third));
    assert_replays(true);
}

static void test_deciding_for_a_late_value_edits_the_kept_record(void **state) {
    (void)state;
    struct jl_id id;
    JL_AUTO(jl_arena) arena = {0};
    world_set(&d->desk, "member", &gone, "mobile=19900000001");
    merge_two("member", &kept, &gone);
    sync_all();
    assert_int_equal(open_cases(a->office->books, JL_CASE_MERGED, &id), 1);
    struct jl_book_record before = load(a->office->books, "member", &kept, &arena);
    const struct jl_type *type = jl_catalogue_type_named(a->office->books->catalogue, "member");
    struct jl_value mobile = jl_value_cstr("19900000001");
    struct jl_change change = {.kind = JL_OP_RESOLVE, .before = &before, .other = id};
    assert_int_equal(jl_row_dup(&arena, &before.row, &change.after, &err), JL_OK);
    assert_int_equal(jl_row_set(&change.after, jl_type_field_named(type, "mobile")->number, &mobile,
                                &arena, &err),
                     JL_OK);
    assert_int_equal(jl_save_changes(a->office, NULL, &change, 1, &err), JL_OK);
    sync_all();
    assert_string_equal(world_get(district(), "member", &kept, "mobile"), "19900000001");
    assert_int_equal(open_cases(district(), JL_CASE_MERGED, &id), 0);
    assert_replays(true);
}

/* ---- Late references ---- */

static void test_a_late_reference_is_taken_and_the_kept_record_is_offered(void **state) {
    (void)state;
    struct jl_id id;
    char named[128];
    struct jl_id family = add(&d->desk, "hardship_family", "head=%s", text_of(&gone));
    merge_two("member", &kept, &gone);
    sync_all();
    assert_refers("hardship_family", &family, "head", &gone);
    assert_int_equal(last_verdict(d), JL_OUTBOX_CASE);
    assert_int_equal(open_cases(c->office->books, JL_CASE_MERGED, &id), 1);
    assert_int_equal(world_count(a->office->books, "case"), 0);
    assert_string_equal(world_get(c->office->books, "case", &id, "subject_id"), text_of(&family));
    const char *detail = world_get(c->office->books, "case", &id, "detail");
    snprintf(named, sizeof named, "张三（%s）", text_of(&gone));
    assert_non_null(strstr(detail, named));
    snprintf(named, sizeof named, "\"offered\":{\"value\":\"张三（%s）\"}", text_of(&kept));
    assert_non_null(strstr(detail, named));
    /* Merging the two once more moves it. */
    merge_two("member", &kept, &gone);
    assert_true(merging.again);
    assert_int_equal(merging.references, 1);
    sync_all();
    assert_refers("hardship_family", &family, "head", &kept);
    assert_replays(true);
    merge_two("member", &kept, &gone);
    assert_int_equal(merging.change_count, 0);
}

static void test_a_late_double_entry_is_taken_and_collapses_in_another_merge(void **state) {
    (void)state;
    struct jl_id id;
    struct jl_id stays = attend_for(2, &act_b, &kept, "");
    sync_all();
    struct jl_id late = attend(d, &act_b, &gone, "|note=已签到");
    merge_two("member", &kept, &gone);
    sync_all();
    assert_int_equal(last_verdict(d), JL_OUTBOX_CASE);
    assert_state(district(), "attendance", &late, JL_RECORD_LIVE);
    assert_int_equal(open_cases(c->office->books, JL_CASE_MERGED, &id), 1);
    merge_two("member", &kept, &gone);
    assert_int_equal(merging.duplicates, 1);
    sync_all();
    assert_state(district(), "attendance", &late, JL_RECORD_DELETED);
    assert_string_equal(world_get(district(), "attendance", &stays, "note"), "已签到");
    assert_replays(true);
}

static void
test_a_late_edit_that_sets_a_reference_keeps_its_conflict_in_the_same_case(void **state) {
    (void)state;
    struct jl_id id;
    struct jl_id family = add(&c->desk, "hardship_family", "head=%s|cause=患病", text_of(&kept));
    sync_all();
    char head[96];
    snprintf(head, sizeof head, "head=%s|cause=失业", text_of(&gone));
    world_set(&c->desk, "hardship_family", &family, "cause=残疾");
    sync(c);
    world_set(&d->desk, "hardship_family", &family, head);
    merge_two("member", &kept, &gone);
    sync_all();
    assert_refers("hardship_family", &family, "head", &gone);
    assert_int_equal(open_cases(c->office->books, JL_CASE_FIELD, &id), 1);
    const char *detail = world_get(c->office->books, "case", &id, "detail");
    assert_non_null(strstr(detail, "\"field\":\"cause\""));
    assert_non_null(strstr(detail, "\"field\":\"head\""));
    assert_int_equal(open_cases(c->office->books, JL_CASE_MERGED, &id), 0);
}

static void
test_an_edit_of_something_else_in_a_record_with_a_late_reference_asks_nothing(void **state) {
    (void)state;
    struct jl_id id;
    struct jl_id family = add(&d->desk, "hardship_family", "head=%s", text_of(&gone));
    merge_two("member", &kept, &gone);
    sync_all();
    world_set(&d->desk, "hardship_family", &family, "cause=失业");
    sync_all();
    assert_int_equal(last_verdict(d), JL_OUTBOX_APPLIED);
    assert_int_equal(open_cases(district(), JL_CASE_MERGED, &id), 1);
}

/* ---- Undoing, by the ops that `undo` makes ---- */

static void save(enum jl_op_kind kind, const char *type, const struct jl_id *id,
                 const struct jl_row *to) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record before = load(district(), type, id, &arena);
    struct jl_change change = {.kind = kind, .before = &before, .after = *to};
    if (jl_own_ops_save(world.district, NULL, &change, 1, &err) != JL_OK) {
        fail_msg("%s", err_said(&err));
    }
}

struct merged_world { /* as it was before the merge */
    struct jl_arena arena;
    struct jl_id pair, family;
    struct jl_row kept_row, gone_row, family_row;
};

static void merge_and_remember(struct merged_world *was) {
    *was = (struct merged_world){0};
    assert_int_equal(open_cases(district(), JL_CASE_DUPLICATE, &was->pair), 1);
    was->family = add(&c->desk, "hardship_family", "head=%s", text_of(&gone));
    sync_all();
    was->kept_row = load(district(), "member", &kept, &was->arena).row;
    was->gone_row = load(district(), "member", &gone, &was->arena).row;
    was->family_row = load(district(), "hardship_family", &was->family, &was->arena).row;
    merge_two("member", &kept, &gone);
    sync_all();
    assert_string_equal(world_get(district(), "case", &was->pair, "status"), "已处理");
}

static void assert_parted(struct merged_world *was) {
    struct jl_id id;
    const struct jl_merged *map = NULL;
    assert_state(c->office->books, "member", &gone, JL_RECORD_LIVE);
    assert_string_equal(world_get(a->office->books, "member", &kept, "edu"), "");
    assert_refers("hardship_family", &was->family, "head", &gone);
    /* The two may still be one: their case is open again, and no other was made. */
    struct jl_id told = told_id(&gone);
    assert_string_equal(world_get(district(), "case", &was->pair, "status"), "待处理");
    assert_string_equal(world_get(c->office->books, "case", &told, "status"), "待处理");
    assert_string_equal(world_get(c->office->books, "case", &told, "resolution"), "");
    assert_int_equal(world_count(district(), "case"), 2);
    assert_int_equal(jl_merged_get(world.district, &map, &err), JL_OK);
    assert_int_equal(map->count, 0);
    /* Late work for the record that is back is ordinary work. */
    world_set(&d->desk, "member", &gone, "mobile=19900000001");
    sync_all();
    assert_int_equal(last_verdict(d), JL_OUTBOX_APPLIED);
    assert_int_equal(open_cases(district(), JL_CASE_MERGED, &id), 0);
    assert_replays(true);
    jl_arena_fini(&was->arena);
}

static void test_a_merge_can_be_undone_op_by_op(void **state) {
    (void)state;
    struct merged_world was;
    merge_and_remember(&was);
    save(JL_OP_RESTORE, "member", &gone, &was.gone_row);
    save(JL_OP_EDIT, "member", &kept, &was.kept_row);
    save(JL_OP_EDIT, "hardship_family", &was.family, &was.family_row);
    sync_all();
    assert_parted(&was);
}

static void test_a_merge_can_be_undone_in_any_order(void **state) {
    (void)state;
    struct merged_world was;
    merge_and_remember(&was);
    save(JL_OP_EDIT, "hardship_family", &was.family, &was.family_row);
    save(JL_OP_EDIT, "member", &kept, &was.kept_row);
    save(JL_OP_RESTORE, "member", &gone, &was.gone_row);
    sync_all();
    assert_parted(&was);
}

static void test_undoing_does_not_take_what_was_given_for_a_double(void **state) {
    (void)state;
    struct jl_id id;
    JL_AUTO(jl_arena) arena = {0};
    world_set(&c->desk, "union_org", &org_b, "union_uscc=81990106MA2000003T");
    sync_all();
    struct jl_row kept_row = load(district(), "union_org", &org_a, &arena).row;
    struct jl_row gone_row = load(district(), "union_org", &org_b, &arena).row;
    merge_two("union_org", &org_a, &org_b);
    assert_string_equal(world_get(district(), "union_org", &org_a, "union_uscc"),
                        "81990106MA2000003T");
    save(JL_OP_RESTORE, "union_org", &org_b, &gone_row);
    save(JL_OP_EDIT, "union_org", &org_a, &kept_row);
    assert_int_equal(open_cases(district(), JL_CASE_DUPLICATE, &id), 1); /* of the members */
    assert_int_equal(world_count(district(), "case"), 2);
}

static void test_a_merged_pair_can_be_merged_the_other_way_after_an_undo(void **state) {
    (void)state;
    struct merged_world was;
    merge_and_remember(&was);
    save(JL_OP_RESTORE, "member", &gone, &was.gone_row);
    save(JL_OP_EDIT, "member", &kept, &was.kept_row);
    merge_two("member", &gone, &kept);
    sync_all();
    assert_state(c->office->books, "member", &gone, JL_RECORD_LIVE);
    assert_state(a->office->books, "member", &gone, JL_RECORD_LEFT);
    assert_state(district(), "member", &kept, JL_RECORD_DELETED);
    assert_replays(true);
    jl_arena_fini(&was.arena);
}

/* ---- The map ---- */

static void test_replay_notices_a_map_that_is_not_the_journals(void **state) {
    (void)state;
    merge_two("member", &kept, &gone);
    assert_replays(true);
    assert_int_equal(jl_store_begin(district()->store, true, &err), JL_OK);
    assert_int_equal(jl_store_meta_put(district()->store, "merged", jl_bytes(NULL, 0), &err),
                     JL_OK);
    assert_int_equal(jl_store_commit(district()->store, &err), JL_OK);
    world_crash_district(&world);
    assert_replays(false);
}

static void test_a_merge_that_was_rolled_back_is_not_remembered(void **state) {
    (void)state;
    const struct jl_merged *map = NULL;
    struct jl_id set;
    assert_int_equal(plan_of("member", &kept, &gone, JL_MERGING_KEPT), JL_OK);
    const struct jl_change nameless = {
        .kind = JL_OP_CREATE, .after = {.type = merging.type_number, .id = {{7}}, .owner = 1}};
    assert_int_equal(jl_merging_add(&merging, &nameless, &err), JL_OK);
    assert_int_equal(jl_merging_save(&merging, &set, &err), JL_MISUSE);
    assert_state(district(), "member", &gone, JL_RECORD_LIVE);
    assert_int_equal(jl_merged_get(world.district, &map, &err), JL_OK);
    assert_int_equal(map->count, 0);
    merge_two("member", &kept, &gone);
    sync_all();
    assert_replays(true);
}

static void test_a_restored_or_restarted_district_still_knows_what_was_merged(void **state) {
    (void)state;
    struct jl_id id;
    world_set(&d->desk, "member", &gone, "mobile=19900000001");
    merge_two("member", &kept, &gone);
    world_crash_district(&world);
    sync_all();
    assert_int_equal(open_cases(district(), JL_CASE_MERGED, &id), 1);
    assert_replays(true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(test_a_late_edit_of_the_merged_record_is_offered_to_the_one_that_is_kept),
        CASE(test_what_the_kept_record_has_already_makes_no_case),
        CASE(test_a_late_delete_of_the_merged_record_is_nothing_to_do),
        CASE(test_a_late_edit_comes_back_when_the_kept_record_is_gone_as_well),
        CASE(test_a_late_edit_follows_a_chain_of_merges),
        CASE(test_deciding_for_a_late_value_edits_the_kept_record),
        CASE(test_a_late_reference_is_taken_and_the_kept_record_is_offered),
        CASE(test_a_late_double_entry_is_taken_and_collapses_in_another_merge),
        CASE(test_a_late_edit_that_sets_a_reference_keeps_its_conflict_in_the_same_case),
        CASE(test_an_edit_of_something_else_in_a_record_with_a_late_reference_asks_nothing),
        CASE(test_a_merge_can_be_undone_op_by_op),
        CASE(test_a_merge_can_be_undone_in_any_order),
        CASE(test_undoing_does_not_take_what_was_given_for_a_double),
        CASE(test_a_merged_pair_can_be_merged_the_other_way_after_an_undo),
        CASE(test_replay_notices_a_map_that_is_not_the_journals),
        CASE(test_a_merge_that_was_rolled_back_is_not_remembered),
        CASE(test_a_restored_or_restarted_district_still_knows_what_was_merged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
