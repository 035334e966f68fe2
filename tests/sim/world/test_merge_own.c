/* An office merges two records of its own: at once at its PC, judged at the district as a whole,
 * and back as it was when it is refused. a and b are PCs of one office, c of another. Past the
 * desk: ops that no desk of ours would make. The journal replays after each story. */
#include "client/books/office_counts.h"
#include "client/books/office_outbox.h"
#include "client/books/save.h"
#include "merge_world.h"
#include "server/books/own_ops.h"

#include "jielian/desk/undo.h"
#include "jielian/op/may.h"
#include "jielian/record/natural_key.h"
#include "tests/said.h"

#define TWIN_NO "990106199001010037"

static struct jl_id twin, list, family; /* at a's office: kept's double, and what refers to it */

static int set_up_own(void **state) {
    (void)set_up(state);
    twin = add_member(a, &org_a, "id_no=" TWIN_NO "|edu=大学本科");
    list = attend(a, &act_a, &twin, "|note=领队");
    family = add(&a->desk, "hardship_family", "head=%s", text_of(&twin));
    sync_all();
    return 0;
}

static int tear_down_own(void **state) {
    assert_string_equal(world_replay_fault(&world), "");
    return tear_down(state);
}

/* ---- At the desk ---- */

static enum jl_rc plan_at(struct world_device *device, const struct jl_id *into,
                          const struct jl_id *from) {
    jl_merging_fini(&merging);
    merging = (struct jl_merging){
        .desk = &device->desk,
        .type_number = jl_catalogue_type_named(district()->catalogue, "member")->number,
        .kept_id = *into,
        .gone_id = *from,
        .prefer = JL_MERGING_KEPT};
    return jl_merging_plan(&merging, &err);
}

static struct jl_id merge_at(struct world_device *device, const struct jl_id *into,
                             const struct jl_id *from) {
    struct jl_id set = {{0}};
    if (plan_at(device, into, from) != JL_OK || jl_merging_save(&merging, &set, &err) != JL_OK) {
        fail_msg("%s", err_said(&err));
    }
    return set;
}

static void assert_denied(struct world_device *device, enum jl_say_code code) {
    assert_int_equal(plan_at(device, &kept, &twin), JL_DENIED);
    assert_string_equal(err_said(&err), jl_say_sentence((uint32_t)code, device->desk.language));
}

static void undo_at(struct world_device *device, const struct jl_id *set) {
    JL_AUTO(jl_arena) arena = {0};
    JL_AUTO(jl_undo_result) result = {0};
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    struct jl_office *office = device->office;
    assert_int_equal(
        jl_outbox_of_change_set(office->books->store, set, &arena, &entries, &count, &err), JL_OK);
    struct jl_undo_op *ops = jl_arena_zalloc(&arena, count, sizeof *ops);
    for (size_t i = 0; i < count; i++) {
        struct jl_op op;
        struct jl_bytes hash;
        assert_int_equal(
            jl_office_outbox_body(office, &entries[i], &arena, &hash, &ops[i].bytes, &err), JL_OK);
        assert_int_equal(jl_wire_op_decode(ops[i].bytes, &arena, &op, &err), JL_OK);
        ops[i].key = (struct jl_record_key){.type = op.type, .id = op.id};
        ops[i].place = entries[i].pos;
    }
    const struct jl_undo_options options = {.change_set = *set, .ops = ops, .op_count = count};
    assert_int_equal(jl_undo_run(&device->desk, &options, &result, &err), JL_OK);
    assert_int_equal(result.kept, 0);
}

/* ---- Looking ---- */

static const char *family_head(struct jl_books *books) {
    return world_get(books, "hardship_family", &family, "head");
}

static void assert_merged_in(struct jl_books *books) {
    assert_string_equal(family_head(books), text_of(&kept));
    assert_string_equal(world_get(books, "member", &kept, "edu"), "大学本科");
    assert_int_equal(world_count_live(books, "attendance"), 1);
    assert_string_equal(world_get_first(books, "attendance", "member"), text_of(&kept));
    assert_string_equal(world_get_first(books, "attendance", "note"), "领队");
}

static void assert_apart_in(struct jl_books *books) {
    assert_state(books, "member", &twin, JL_RECORD_LIVE);
    assert_string_equal(family_head(books), text_of(&twin));
    assert_string_equal(world_get(books, "member", &kept, "edu"), "");
    assert_int_equal(world_count_live(books, "attendance"), 1);
    assert_string_equal(world_get_first(books, "attendance", "member"), text_of(&twin));
}

/* What the ops of a change set became. */
static void assert_set(struct world_device *device, const struct jl_id *set, int64_t state,
                       enum jl_say_code first) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    assert_int_equal(
        jl_outbox_of_change_set(device->office->books->store, set, &arena, &entries, &count, &err),
        JL_OK);
    assert_true(count >= 3);
    for (size_t i = 0; i + 1 < count; i++) { /* the last one is the change set's own record */
        assert_int_equal(entries[i].state, state);
        if (state == JL_OUTBOX_PARKED) {
            assert_int_equal(jl_remark_decode(entries[i].said).code,
                             i == 0 ? first : JL_SAY_MERGE_NOT_TAKEN);
        }
    }
}

/* The district refuses the merge as a whole, and the books go back. */
static void assert_refused(struct world_device *device, const struct jl_id *set,
                           enum jl_say_code code) {
    assert_true(world_sync(device));
    assert_set(device, set, JL_OUTBOX_PARKED, code);
    assert_state(device->office->books, "member", &twin, JL_RECORD_LIVE);
    assert_string_equal(family_head(device->office->books), text_of(&twin));
    assert_int_equal(world_count(device->office->books, "attendance"),
                     world_count_live(device->office->books, "attendance"));
    sync_all();
    assert_state(district(), "member", &twin, JL_RECORD_LIVE);
    assert_string_equal(family_head(district()), text_of(&twin));
}

/* ---- Ops past the desk ---- */

static struct jl_op op;
static struct jl_field_value olds[1], news[1];

static int64_t push(struct world_device *device) {
    static const struct jl_id none;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    op.cursor = op.cursor == 0 ? UINT64_MAX : op.cursor;
    assert_int_equal(jl_office_begin(device->office, true, &err), JL_OK);
    assert_int_equal(jl_save_alone(device->office, &none, &op, &err), JL_OK);
    assert_int_equal(jl_office_commit(device->office, &err), JL_OK);
    assert_true(world_sync(device));
    assert_int_equal(jl_outbox_range(device->office->books->store, device->office->state.head_pos,
                                     1, SIZE_MAX, &arena, &entries, &count, &err),
                     JL_OK);
    return entries[0].state;
}

static void whole(enum jl_op_kind kind, const char *type, const struct jl_id *id,
                  const struct jl_id *other, struct jl_arena *arena) {
    const struct jl_book_record record = load(district(), type, id, arena);
    op = (struct jl_op){.kind = kind, .type = record.row.type, .id = *id, .other = *other};
    if (kind == JL_OP_DELETE || kind == JL_OP_MERGE) {
        op.old_fields = record.row.fields;
        op.old_count = record.row.field_count;
    } else {
        op.new_fields = record.row.fields;
        op.new_count = record.row.field_count;
    }
}

/* ---- Taken ---- */

static void test_two_of_its_own_become_one_at_once_and_at_the_district(void **state) {
    (void)state;
    struct jl_id set = merge_at(a, &kept, &twin);
    assert_merged_in(a->office->books);
    assert_state(a->office->books, "member", &twin, JL_RECORD_DELETED);
    assert_apart_in(district());
    sync_all();
    assert_set(a, &set, JL_OUTBOX_APPLIED, JL_SAY_NOTHING);
    assert_merged_in(district());
    assert_merged_in(b->office->books);
    assert_state(district(), "member", &twin, JL_RECORD_DELETED);
    assert_state(b->office->books, "member", &twin, JL_RECORD_DELETED);
}

static void test_it_is_undone_as_one_where_it_was_made(void **state) {
    (void)state;
    struct jl_id set = merge_at(a, &kept, &twin);
    sync_all();
    undo_at(a, &set);
    assert_apart_in(a->office->books);
    sync_all();
    assert_apart_in(district());
    assert_apart_in(b->office->books);
    struct jl_id id;
    assert_int_equal(open_cases(district(), JL_CASE_MERGED, &id), 0);
    /* … and merged once more: nothing of the first is remembered. */
    merge_at(a, &kept, &twin);
    sync_all();
    assert_merged_in(district());
}

static void test_it_is_undone_before_it_was_sent(void **state) {
    (void)state;
    struct jl_id set = merge_at(a, &kept, &twin);
    undo_at(a, &set);
    assert_apart_in(a->office->books);
    sync_all();
    assert_apart_in(district());
}

static void test_two_pcs_merge_the_same_two(void **state) {
    (void)state;
    merge_at(a, &kept, &twin);
    struct jl_id set = merge_at(b, &kept, &twin);
    sync_all();
    assert_merged_in(district());
    assert_merged_in(b->office->books);
    JL_AUTO(jl_arena) arena = {0};
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    assert_int_equal(
        jl_outbox_of_change_set(b->office->books->store, &set, &arena, &entries, &count, &err),
        JL_OK);
    for (size_t i = 0; i < count; i++) {
        assert_int_not_equal(entries[i].state, JL_OUTBOX_PARKED);
    }
}

static void test_two_pcs_merge_them_the_other_way_round(void **state) {
    (void)state;
    merge_at(a, &kept, &twin);
    struct jl_id set = merge_at(b, &twin, &kept);
    assert_true(world_sync(a));
    assert_true(world_sync(b));
    assert_set(b, &set, JL_OUTBOX_PARKED, JL_SAY_MERGE_MISSING);
    sync_all();
    assert_merged_in(district());
    assert_merged_in(b->office->books);
}

static void test_a_late_edit_of_it_is_offered_to_the_one_that_is_kept(void **state) {
    (void)state;
    struct jl_id id;
    merge_at(a, &kept, &twin);
    world_set(&b->desk, "member", &twin, "edu=研究生");
    sync_all();
    assert_int_equal(open_cases(b->office->books, JL_CASE_MERGED, &id), 1);
    assert_state(district(), "member", &twin, JL_RECORD_DELETED);
}

static void test_a_batch_may_end_between_any_two_of_its_ops(void **state) {
    (void)state;
    struct jl_id set = merge_at(a, &kept, &twin);
    for (int frame = 0; frame < 12; frame++) {
        (void)world_step(a);
        world_crash_district(&world);
        world_hang_up(a);
    }
    sync_all();
    assert_set(a, &set, JL_OUTBOX_APPLIED, JL_SAY_NOTHING);
    assert_merged_in(district());
}

/* ---- Refused ---- */

static void test_what_another_office_has_of_it_is_the_districts_to_merge(void **state) {
    (void)state;
    struct jl_id set = merge_at(a, &kept, &twin);
    attend_for(2, &act_b, &twin, "");
    assert_refused(a, &set, JL_SAY_MERGE_ELSEWHERE);
    /* The district does it, and what was refused troubles nobody. */
    merge_two("member", &kept, &twin);
    sync_all();
    assert_string_equal(family_head(a->office->books), text_of(&kept));
    assert_state(a->office->books, "member", &twin, JL_RECORD_DELETED);
}

static void test_one_that_somebody_changed_meanwhile_is_looked_at_again(void **state) {
    (void)state;
    world_set(&b->desk, "member", &twin, "edu=研究生");
    struct jl_id set = merge_at(a, &kept, &twin);
    sync(b);
    assert_refused(a, &set, JL_SAY_MERGE_CHANGED);
    assert_string_equal(world_get(a->office->books, "member", &twin, "edu"), "研究生");
    merge_at(a, &kept, &twin);
    sync_all();
    assert_string_equal(world_get(district(), "member", &kept, "edu"), "研究生");
    assert_state(district(), "member", &twin, JL_RECORD_DELETED);
    struct jl_office_counts counts;
    assert_int_equal(jl_office_begin(a->office, false, &err), JL_OK);
    assert_int_equal(jl_office_counts_get(a->office, &counts, &err), JL_OK);
    jl_office_rollback(a->office);
    assert_int_equal(counts.parked, 0); /* done anew: nothing is left of the refused one */
}

static void test_what_refers_to_it_unseen_is_looked_at_again(void **state) {
    (void)state;
    attend(b, &act_a, &kept, "");
    struct jl_id second = add(&b->desk, "match_profile", "member=%s", text_of(&twin));
    struct jl_id set = merge_at(a, &kept, &twin);
    sync(b);
    assert_refused(a, &set, JL_SAY_MERGE_CHANGED);
    merge_at(a, &kept, &twin);
    sync_all();
    assert_refers("match_profile", &second, "member", &kept);
    assert_state(district(), "member", &twin, JL_RECORD_DELETED);
}

static void test_one_that_is_gone_merges_with_nothing(void **state) {
    (void)state;
    world_delete(&b->desk, "member", &kept);
    struct jl_id set = merge_at(a, &kept, &twin);
    sync(b);
    assert_refused(a, &set, JL_SAY_MERGE_MISSING);
}

static struct jl_id request_transfer(const struct jl_id *member) {
    return add(&b->desk, "transfer", "member=%s|from_office=%s|to_office=%s", text_of(member),
               text_of(&jl_roster_office(world.district, 1)->id),
               text_of(&jl_roster_office(world.district, 2)->id));
}

static void test_one_that_is_in_a_transfer_stays(void **state) {
    (void)state;
    const struct jl_id *const both[2] = {&twin, &kept};
    for (size_t i = 0; i < 2; i++) {
        struct jl_id set = merge_at(a, &kept, &twin);
        struct jl_id transfer = request_transfer(both[i]);
        sync(b);
        assert_refused(a, &set, JL_SAY_MERGE_TRANSFER);
        assert_denied(a, JL_SAY_MERGE_TRANSFER); /* it knows now */
        world_delete(&b->desk, "transfer", &transfer);
        sync_all();
    }
    merge_at(a, &kept, &twin);
    sync_all();
    assert_merged_in(district());
}

static void test_one_that_has_left_stays_with_its_new_office(void **state) {
    (void)state;
    struct jl_id set = merge_at(a, &kept, &twin);
    JL_AUTO(jl_arena) arena = {0};
    const struct jl_book_record record = load(district(), "member", &kept, &arena);
    struct jl_change move = {.kind = JL_OP_TRANSFER, .before = &record, .after = record.row};
    move.after.owner = 2;
    assert_int_equal(jl_own_ops_save(world.district, NULL, &move, 1, &err), JL_OK);
    assert_true(world_sync(a));
    assert_set(a, &set, JL_OUTBOX_PARKED, JL_SAY_MERGE_NOT_OWN);
    sync_all();
    assert_state(district(), "member", &twin, JL_RECORD_LIVE);
    assert_int_equal(plan_at(a, &kept, &twin), JL_CONFLICT);
}

static void test_one_that_the_district_looks_into_waits_for_it(void **state) {
    (void)state;
    world_set(&a->desk, "member", &twin, "id_no=990106199001010053");
    world_set(&c->desk, "member", &gone, "id_no=990106199001010053");
    sync(c);
    assert_true(world_sync(a)); /* the later one is notified: another office has it, too */
    sync_all();
    assert_denied(a, JL_SAY_MERGE_CHECKED);
    JL_AUTO(jl_arena) arena = {0};
    whole(JL_OP_DELETE, "member", &twin, &kept, &arena);
    assert_int_equal(push(a), JL_OUTBOX_PARKED);
    assert_state(district(), "member", &twin, JL_RECORD_LIVE);
}

/* ---- Restoring one alone ---- */

static void test_it_does_not_come_back_alone(void **state) {
    (void)state;
    struct jl_problems problems;
    const struct jl_type *type = jl_catalogue_type_named(district()->catalogue, "member");
    merge_at(a, &kept, &twin);
    assert_int_equal(jl_desk_restore(&a->desk, type, &twin, &problems, &err), JL_DENIED);
    assert_non_null(strstr(err_said(&err), "undo"));
    sync_all();
    assert_int_equal(jl_desk_restore(&a->desk, type, &twin, &problems, &err), JL_DENIED);
    assert_int_equal(jl_desk_restore(&world.district_desk, type, &twin, &problems, &err),
                     JL_DENIED);
    assert_non_null(strstr(err_said(&err), "undo"));
    /* When what it was merged into is gone as well, it may. */
    world_delete(&a->desk, "member", &kept);
    sync_all();
    assert_int_equal(jl_desk_restore(&world.district_desk, type, &twin, &problems, &err), JL_OK);
    sync_all();
}

static void test_nor_does_one_that_the_district_merged(void **state) {
    (void)state;
    struct jl_problems problems;
    const struct jl_type *type = jl_catalogue_type_named(district()->catalogue, "member");
    merge_two("member", &kept, &twin);
    assert_int_equal(jl_desk_restore(&world.district_desk, type, &twin, &problems, &err),
                     JL_DENIED);
    sync_all();
}

/* ---- Past the desk ---- */

static void test_no_part_of_a_merge_is_taken_without_it(void **state) {
    (void)state;
    JL_AUTO(jl_arena) arena = {0};
    whole(JL_OP_MERGE, "member", &kept, &twin, &arena);
    assert_int_equal(push(a), JL_OUTBOX_PARKED);
    whole(JL_OP_DELETE, "attendance", &list, &kept, &arena);
    assert_int_equal(push(a), JL_OUTBOX_PARKED);
    whole(JL_OP_RESTORE, "attendance", &list, &list, &arena);
    assert_int_equal(push(a), JL_OUTBOX_PARKED);
    const struct jl_type *type = jl_catalogue_type_named(district()->catalogue, "hardship_family");
    uint32_t head = jl_type_field_named(type, "head")->number;
    olds[0] = (struct jl_field_value){head, jl_value_ref(&twin)};
    news[0] = (struct jl_field_value){head, jl_value_ref(&kept)};
    op = (struct jl_op){.kind = JL_OP_EDIT,
                        .type = type->number,
                        .id = family,
                        .other = twin,
                        .old_fields = olds,
                        .old_count = 1,
                        .new_fields = news,
                        .new_count = 1};
    assert_int_equal(push(a), JL_OUTBOX_PARKED);
    assert_apart_in(district());
    op.other = (struct jl_id){{0}}; /* of its own it is an edit like any other */
    assert_int_not_equal(push(a), JL_OUTBOX_PARKED);
    assert_string_equal(family_head(district()), text_of(&kept));
}

static void test_an_office_merges_nothing_of_anothers(void **state) {
    (void)state;
    JL_AUTO(jl_arena) arena = {0};
    whole(JL_OP_DELETE, "member", &twin, &gone, &arena); /* its own into another's */
    assert_int_equal(push(a), JL_OUTBOX_PARKED);
    whole(JL_OP_DELETE, "member", &gone, &kept, &arena); /* another's into its own */
    assert_int_equal(push(a), JL_OUTBOX_PARKED);
    whole(JL_OP_DELETE, "member", &twin, &kept, &arena); /* two of another office */
    assert_int_equal(push(c), JL_OUTBOX_PARKED);
    whole(JL_OP_DELETE, "member", &twin, &twin, &arena);
    assert_int_equal(push(a), JL_OUTBOX_PARKED);
    whole(JL_OP_DELETE, "union_org", &org_a, &kept, &arena); /* of another type */
    assert_int_equal(push(a), JL_OUTBOX_PARKED);
    assert_apart_in(district());
    assert_state(district(), "member", &gone, JL_RECORD_LIVE);
}

static void test_an_office_undoes_no_merge_of_the_districts(void **state) {
    (void)state;
    JL_AUTO(jl_arena) arena = {0};
    merge_two("member", &kept, &twin);
    sync_all();
    whole(JL_OP_RESTORE, "member", &twin, &kept, &arena);
    assert_int_equal(push(a), JL_OUTBOX_PARKED);
    assert_state(district(), "member", &twin, JL_RECORD_DELETED);
}

/* A paid refund can't begin anew elsewhere in the name of a merge: what is made under a new key is
 * what was under the old one. */
static void test_what_is_made_under_a_new_key_is_what_was_under_the_old(void **state) {
    (void)state;
    JL_AUTO(jl_arena) arena = {0};
    merge_at(a, &kept, &twin);
    sync_all();
    struct jl_book_record moved = load(district(), "attendance", &list, &arena);
    const struct jl_type *type = jl_catalogue_type_named(district()->catalogue, "attendance");
    const struct jl_value other = jl_value_ref(&act_b);
    uint32_t activity = jl_type_field_named(type, "activity")->number;
    assert_int_equal(jl_row_set(&moved.row, activity, &other, &arena, &err), JL_OK);
    struct jl_id id;
    assert_int_equal(jl_natural_key_id(district()->hasher, type, &moved.row, &id, &err), JL_OK);
    op = (struct jl_op){.kind = JL_OP_CREATE,
                        .type = type->number,
                        .id = id,
                        .other = list,
                        .new_fields = moved.row.fields,
                        .new_count = moved.row.field_count};
    assert_int_equal(push(a), JL_OUTBOX_PARKED);
}

/* ---- The bound ---- */

enum { FAMILIES = JL_OWN_MERGE_REFS_MAX - 2 }; /* a family and a list entry are there already */

static void add_families(size_t count) {
    JL_AUTO(jl_arena) arena = {0};
    const struct jl_type *type = jl_catalogue_type_named(district()->catalogue, "hardship_family");
    const struct jl_value head = jl_value_ref(&twin);
    struct jl_change *changes = jl_arena_zalloc(&arena, count, sizeof *changes);
    for (size_t i = 0; i < count; i++) {
        changes[i].kind = JL_OP_CREATE;
        changes[i].after = (struct jl_row){
            .type = type->number, .id = jl_id_next(&a->desk.ids, world.now_ms), .owner = 1};
        assert_int_equal(jl_row_set(&changes[i].after, jl_type_field_named(type, "head")->number,
                                    &head, &arena, &err),
                         JL_OK);
    }
    assert_int_equal(jl_save_changes(a->office, NULL, changes, count, &err), JL_OK);
    sync(a);
}

static void test_the_most_that_an_offices_merge_moves(void **state) {
    (void)state;
    JL_AUTO(jl_arena) arena = {0};
    add_families(FAMILIES + 1);
    assert_denied(a, JL_SAY_MERGE_MANY);
    whole(JL_OP_DELETE, "member", &twin, &kept, &arena);
    assert_int_equal(push(a), JL_OUTBOX_PARKED);
    world_delete(&a->desk, "hardship_family", &family);
    sync(a);
    assert_int_equal(plan_at(a, &kept, &twin), JL_OK);
    assert_int_equal(merging.references, JL_OWN_MERGE_REFS_MAX);
    struct jl_id set;
    assert_int_equal(jl_merging_save(&merging, &set, &err), JL_OK);
    sync(a);
    assert_set(a, &set, JL_OUTBOX_APPLIED, JL_SAY_NOTHING);
    assert_state(district(), "member", &twin, JL_RECORD_DELETED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define STORY(test) cmocka_unit_test_setup_teardown(test, set_up_own, tear_down_own)
        STORY(test_two_of_its_own_become_one_at_once_and_at_the_district),
        STORY(test_it_is_undone_as_one_where_it_was_made),
        STORY(test_it_is_undone_before_it_was_sent),
        STORY(test_two_pcs_merge_the_same_two),
        STORY(test_two_pcs_merge_them_the_other_way_round),
        STORY(test_a_late_edit_of_it_is_offered_to_the_one_that_is_kept),
        STORY(test_a_batch_may_end_between_any_two_of_its_ops),
        STORY(test_what_another_office_has_of_it_is_the_districts_to_merge),
        STORY(test_one_that_somebody_changed_meanwhile_is_looked_at_again),
        STORY(test_what_refers_to_it_unseen_is_looked_at_again),
        STORY(test_one_that_is_gone_merges_with_nothing),
        STORY(test_one_that_is_in_a_transfer_stays),
        STORY(test_one_that_has_left_stays_with_its_new_office),
        STORY(test_one_that_the_district_looks_into_waits_for_it),
        STORY(test_it_does_not_come_back_alone),
        STORY(test_nor_does_one_that_the_district_merged),
        STORY(test_no_part_of_a_merge_is_taken_without_it),
        STORY(test_an_office_merges_nothing_of_anothers),
        STORY(test_an_office_undoes_no_merge_of_the_districts),
        STORY(test_what_is_made_under_a_new_key_is_what_was_under_the_old),
        STORY(test_the_most_that_an_offices_merge_moves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
