/* After the district was restored, its PCs offer again what the backup lacks, in whatever order
 * they return. What was in effect before is in effect after: what misses its base is held, shown as
 * a case that closes itself, and judged when it has come or the restore is closed. The journal
 * replays after each story. */
#include "client/books/save.h"
#include "server/books/release.h"
#include "world.h"

#include "jielian/catalogue/built_in.h"
#include "jielian/op/merge.h"
#include "tests/said.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

static struct world world;
static struct world_device *pcs[3]; /* three PCs of office A */

static int set_up(void **state) {
    (void)state;
    world_init(&world, 2);
    for (size_t i = 0; i < 3; i++) {
        pcs[i] = world_join(&world, 1);
    }
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    assert_string_equal(world_replay_fault(&world), "");
    world_fini(&world);
    return 0;
}

static struct jl_books *district(void) {
    return world.district->books;
}

static struct jl_id add_union(struct world_device *device, const char *name) {
    char text[256];
    snprintf(text, sizeof text, "name=%s|org_kind=独立基层工会|founded_on=2018-05-01|status=已建",
             name);
    return world_add(&device->desk, "union_org", text);
}

static void sync(struct world_device *device) {
    assert_true(world_sync(device));
    assert_true(world_same(device));
}

static void sync_all(void) {
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < 3; i++) {
            sync(pcs[i]);
        }
    }
}

struct open_cases {
    int64_t kind;
    size_t count;
    struct jl_id id;
};

static enum jl_rc count_case(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct open_cases *cases = context;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record;
    enum jl_rc rc = jl_books_unseal(district(), stored, &arena, &record, err);
    if (rc != JL_OK || stored->head.state != JL_RECORD_LIVE) {
        return rc;
    }
    if (jl_row_get(&record.row, 1)->number == cases->kind &&
        jl_row_get(&record.row, JL_CASE_STATUS)->number == JL_CASE_OPEN) {
        cases->count++;
        cases->id = record.row.id;
    }
    return JL_OK;
}

static size_t open_cases(int64_t kind, struct jl_id *out_id) {
    struct open_cases cases = {.kind = kind};
    const struct jl_scan scan = {.type = JL_TYPE_CASE};
    struct jl_err err;
    assert_int_equal(jl_records_scan(district()->store, &scan, count_case, &cases, &err), JL_OK);
    if (out_id != NULL) {
        *out_id = cases.id;
    }
    return cases.count;
}

static void assert_held(uint64_t count) {
    assert_int_equal(world.district->holding.held, count);
    assert_int_equal(open_cases(JL_CASE_HELD, NULL), count);
}

static uint64_t close_restore(void) {
    uint64_t judged = 0;
    struct jl_err err;
    if (jl_release_close(world.district, &judged, &err) != JL_OK) {
        fail_msg("%s", err_said(&err));
    }
    assert_held(0);
    return judged;
}

static const size_t orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                    {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

/* ---- What was in effect is in effect, whoever comes first ---- */

static void test_an_edit_waits_for_the_record_that_it_is_about(void **state) {
    (void)state;
    world_backup(&world);
    struct jl_id org = add_union(pcs[0], "甲");
    sync_all();
    world_set(&pcs[1]->desk, "union_org", &org, "staff_n=10");
    sync_all();
    world_restore(&world);
    sync(pcs[1]);
    assert_held(1);
    assert_int_equal(world_count(district(), "union_org"), 0);
    sync(pcs[0]);
    assert_held(0);
    assert_string_equal(world_get(district(), "union_org", &org, "staff_n"), "10");
    sync_all();
    assert_string_equal(world_get(pcs[1]->office->books, "union_org", &org, "staff_n"), "10");
}

/* Each PC goes on from what the one before it wrote; the last value stands, in every order. */
static void return_in_order(const size_t order[3], const char *const values[3],
                            const char *finally) {
    char text[64];
    struct jl_id org = add_union(pcs[0], "甲");
    sync_all();
    world_backup(&world);
    for (size_t i = 0; i < 3; i++) {
        snprintf(text, sizeof text, "staff_n=%s", values[i]);
        world_set(&pcs[i]->desk, "union_org", &org, text);
        sync_all();
    }
    world_restore(&world);
    for (size_t i = 0; i < 3; i++) {
        sync(pcs[order[i]]);
    }
    assert_held(0);
    assert_string_equal(world_get(district(), "union_org", &org, "staff_n"), finally);
    sync_all();
    assert_string_equal(world_get(pcs[0]->office->books, "union_org", &org, "staff_n"), finally);
    assert_int_equal(open_cases(JL_CASE_FIELD, NULL), 0);
}

static void test_the_last_of_three_edits_stands_in_every_order(void **state) {
    for (size_t i = 0; i < 6; i++) {
        static const char *const values[3] = {"10", "20", "30"};
        return_in_order(orders[i], values, "30");
        assert_int_equal(tear_down(state), 0);
        assert_int_equal(set_up(state), 0);
    }
}

static void test_a_value_that_was_taken_back_stays_taken_back(void **state) {
    for (size_t i = 0; i < 6; i++) {
        static const char *const values[3] = {"10", "20", "10"};
        return_in_order(orders[i], values, "10");
        assert_int_equal(tear_down(state), 0);
        assert_int_equal(set_up(state), 0);
    }
}

static void test_what_was_deleted_stays_deleted(void **state) {
    (void)state;
    world_backup(&world);
    struct jl_id org = add_union(pcs[0], "甲");
    sync_all();
    world_delete(&pcs[1]->desk, "union_org", &org);
    sync_all();
    world_restore(&world);
    sync(pcs[1]);
    assert_held(1);
    sync(pcs[0]);
    assert_held(0);
    assert_int_equal(world_count_live(district(), "union_org"), 0);
}

static void test_what_was_brought_back_stays_there(void **state) {
    (void)state;
    struct jl_problems problems;
    struct jl_err err;
    struct jl_id org = add_union(pcs[0], "甲");
    sync_all();
    world_backup(&world);
    world_delete(&pcs[0]->desk, "union_org", &org);
    sync_all();
    const struct jl_type *type =
        jl_catalogue_type_named(pcs[0]->office->books->catalogue, "union_org");
    assert_int_equal(jl_desk_restore(&pcs[0]->desk, type, &org, &problems, &err), JL_OK);
    sync_all();
    world_set(&pcs[1]->desk, "union_org", &org, "staff_n=10");
    sync_all();
    world_restore(&world);
    sync(pcs[1]); /* in the backup it was never deleted: this fits at once, */
    sync(pcs[0]); /* and the deletion finds another row than it had seen */
    assert_held(2);
    (void)close_restore();
    assert_int_equal(world_count_live(district(), "union_org"), 1);
    assert_string_equal(world_get(district(), "union_org", &org, "staff_n"), "10");
    assert_int_equal(open_cases(JL_CASE_DELETED, NULL), 1); /* a person looks */
}

static void test_a_batch_goes_on_past_what_is_held(void **state) {
    (void)state;
    world_backup(&world);
    struct jl_id org = add_union(pcs[0], "甲");
    sync_all();
    world_set(&pcs[1]->desk, "union_org", &org, "staff_n=10");
    struct jl_id own = add_union(pcs[1], "乙");
    sync_all();
    world_restore(&world);
    sync(pcs[1]);
    assert_held(1);
    assert_string_equal(world_get(district(), "union_org", &own, "name"), "乙");
    sync(pcs[0]);
    assert_held(0);
}

/* A case, and what a person decided about it. */
static void test_a_decision_waits_for_its_case(void **state) {
    (void)state;
    struct jl_id org = add_union(pcs[0], "甲");
    struct jl_id id;
    struct jl_err err;
    sync_all();
    world_backup(&world);
    world_set(&pcs[0]->desk, "union_org", &org, "staff_n=10");
    world_set(&pcs[1]->desk, "union_org", &org, "staff_n=20");
    sync_all();
    assert_int_equal(open_cases(JL_CASE_FIELD, &id), 1);
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record before = {0};
    const struct jl_record_key key = {
        .type = jl_catalogue_type_named(district()->catalogue, "union_org")->number, .id = org};
    assert_int_equal(jl_books_load(pcs[2]->office->books, &key, 1, &arena, &before, &err), JL_OK);
    struct jl_change change = {.kind = JL_OP_RESOLVE, .before = &before, .other = id};
    const struct jl_value twenty = jl_value_int(20);
    const struct jl_type *type = jl_catalogue_type_named(district()->catalogue, "union_org");
    assert_int_equal(jl_row_dup(&arena, &before.row, &change.after, &err), JL_OK);
    assert_int_equal(jl_row_set(&change.after, jl_type_field_named(type, "staff_n")->number,
                                &twenty, &arena, &err),
                     JL_OK);
    assert_int_equal(jl_save_changes(pcs[2]->office, NULL, &change, 1, &err), JL_OK);
    sync_all();
    assert_int_equal(open_cases(JL_CASE_FIELD, NULL), 0);
    world_restore(&world);
    sync(pcs[2]);
    assert_held(1);
    sync(pcs[0]);
    sync(pcs[1]);
    (void)close_restore(); /* what was a conflict then is one now: nothing else comes */
    assert_int_equal(open_cases(JL_CASE_FIELD, NULL), 0);
    assert_string_equal(world_get(district(), "union_org", &org, "staff_n"), "20");
}

/* ---- Across offices ---- */

static struct jl_id add_member(struct world_device *device, const struct jl_id *org) {
    char text[JL_ID_TEXT_BYTES];
    char fields[256];
    jl_id_format(org, text);
    snprintf(fields, sizeof fields,
             "name=张三|id_kind=居民身份证|id_no=990106199001010010|joined_on=2020-01-02|"
             "m_status=在籍|org=%s",
             text);
    return world_add(&device->desk, "member", fields);
}

static void test_work_on_a_member_that_came_waits_for_the_transfer(void **state) {
    (void)state;
    struct world_device *b = world_join(&world, 2);
    char text[JL_ID_TEXT_BYTES];
    char fields[256];
    struct jl_id org = add_union(pcs[0], "甲");
    struct jl_id org_b = add_union(b, "乙");
    struct jl_id member = add_member(pcs[0], &org);
    sync_all();
    sync(b);
    world_backup(&world);
    jl_id_format(&member, text);
    snprintf(fields, sizeof fields, "member=%s|to_office=%s", text, "B街道总工会");
    struct jl_id transfer = world_add(&pcs[0]->desk, "transfer", fields);
    sync(pcs[0]);
    world_set(&pcs[0]->desk, "transfer", &transfer, "status=转出同意");
    sync(pcs[0]);
    sync(b);
    jl_id_format(&org_b, text);
    snprintf(fields, sizeof fields, "status=转入接收|new_org=%s", text);
    world_set(&b->desk, "transfer", &transfer, fields);
    sync(b);
    sync(b);
    world_set(&b->desk, "member", &member, "edu=大学本科");
    sync(b);
    sync_all();
    world_restore(&world);
    sync(b);
    assert_int_equal(world.district->holding.held, 2); /* received, and what came after */
    for (size_t i = 0; i < 3; i++) {
        sync(pcs[i]);
    }
    assert_held(0);
    sync(b);
    assert_string_equal(world_get(b->office->books, "member", &member, "edu"), "大学本科");
    assert_string_equal(world_get(district(), "transfer", &transfer, "status"), "生效");
}

static void test_a_key_that_names_what_is_not_there_yet_waits_for_it(void **state) {
    (void)state;
    char text[JL_ID_TEXT_BYTES];
    char fields[256];
    struct jl_id org = add_union(pcs[0], "甲");
    struct jl_id activity =
        world_add(&pcs[0]->desk, "activity", "kind=招聘会|title=春风行动|start_on=2021-03-01");
    sync_all();
    world_backup(&world);
    struct jl_id member = add_member(pcs[0], &org);
    sync_all();
    jl_id_format(&member, text);
    char activity_text[JL_ID_TEXT_BYTES];
    jl_id_format(&activity, activity_text);
    snprintf(fields, sizeof fields, "activity=%s|member=%s", activity_text, text);
    struct jl_id attended = world_add(&pcs[1]->desk, "attendance", fields);
    sync_all();
    world_restore(&world);
    sync(pcs[1]);
    assert_held(1);
    sync(pcs[0]);
    assert_held(0);
    assert_string_not_equal(world_get(district(), "attendance", &attended, "member"), "");
}

/* ---- When the restore is closed ---- */

static void test_an_edit_whose_base_never_came_is_in_effect_and_a_case(void **state) {
    (void)state;
    struct jl_id org = add_union(pcs[0], "甲");
    sync_all();
    world_backup(&world);
    world_set(&world.district_desk, "union_org", &org, "staff_n=10"); /* lost with the books */
    sync_all();
    world_set(&pcs[1]->desk, "union_org", &org, "staff_n=20");
    sync_all();
    world_restore(&world);
    sync_all();
    assert_held(1);
    assert_int_equal(close_restore(), 1);
    assert_string_equal(world_get(district(), "union_org", &org, "staff_n"), "20");
    assert_int_equal(open_cases(JL_CASE_FIELD, NULL), 1);
    sync_all();
    assert_string_equal(world_get(pcs[1]->office->books, "union_org", &org, "staff_n"), "20");
}

static void test_an_edit_loses_to_what_was_written_since(void **state) {
    (void)state;
    struct jl_id org = add_union(pcs[0], "甲");
    sync_all();
    world_backup(&world);
    world_set(&world.district_desk, "union_org", &org, "staff_n=10");
    sync_all();
    world_set(&pcs[1]->desk, "union_org", &org, "staff_n=20");
    sync_all();
    world_restore(&world);
    sync_all();
    world_set(&pcs[2]->desk, "union_org", &org, "staff_n=30");
    sync_all();
    (void)close_restore();
    assert_string_equal(world_get(district(), "union_org", &org, "staff_n"), "30");
    assert_int_equal(open_cases(JL_CASE_FIELD, NULL), 1);
    sync_all();
}

static void test_what_can_not_be_taken_stays_a_case_with_its_values(void **state) {
    (void)state;
    struct jl_id id;
    world_backup(&world);
    struct jl_id org = add_union(pcs[0], "甲");
    sync_all();
    world_set(&pcs[1]->desk, "union_org", &org, "staff_n=10");
    sync_all();
    world_restore(&world); /* and the PC that made it never comes back */
    sync(pcs[1]);
    assert_int_equal(close_restore(), 1);
    assert_int_equal(open_cases(JL_CASE_NOT_TAKEN, &id), 1);
    assert_non_null(strstr(world_get(district(), "case", &id, "detail"), "10"));
    assert_non_null(strstr(world_get(district(), "case", &id, "detail"), "\"reason\""));
    sync(pcs[1]);
    assert_string_not_equal(world_get(pcs[1]->office->books, "case", &id, "title"), "");
}

static void test_a_second_close_has_nothing_to_close(void **state) {
    (void)state;
    uint64_t judged = 0;
    struct jl_err err;
    assert_int_equal(jl_release_close(world.district, &judged, &err), JL_CONFLICT);
    world_backup(&world);
    world_restore(&world);
    assert_int_equal(close_restore(), 0);
    assert_int_equal(jl_release_close(world.district, &judged, &err), JL_CONFLICT);
}

/* ---- People, and more restores ---- */

static void test_a_person_who_closes_the_case_gives_the_change_up(void **state) {
    (void)state;
    struct jl_id id;
    world_backup(&world);
    struct jl_id org = add_union(pcs[0], "甲");
    sync_all();
    world_set(&pcs[1]->desk, "union_org", &org, "staff_n=10");
    sync_all();
    world_restore(&world);
    sync(pcs[1]);
    assert_int_equal(open_cases(JL_CASE_HELD, &id), 1);
    world_close_case(&pcs[1]->desk, &id, NULL);
    sync(pcs[1]);
    sync(pcs[0]);
    assert_held(0);
    assert_string_equal(world_get(district(), "union_org", &org, "staff_n"), "");
}

static void test_what_is_held_survives_a_second_restore(void **state) {
    (void)state;
    world_backup(&world);
    struct jl_id org = add_union(pcs[0], "甲");
    sync_all();
    world_set(&pcs[1]->desk, "union_org", &org, "staff_n=10");
    sync_all();
    world_restore(&world);
    sync(pcs[1]);
    assert_held(1);
    world_restore(&world); /* of the same backup: it is offered and held again */
    sync(pcs[1]);
    assert_held(1);
    world_backup(&world);
    world_restore(&world); /* of one that has it */
    assert_held(1);
    sync(pcs[1]);
    sync(pcs[0]);
    assert_held(0);
    assert_string_equal(world_get(district(), "union_org", &org, "staff_n"), "10");
}

static void test_a_pc_that_takes_a_new_chain_does_not_double_what_is_held(void **state) {
    (void)state;
    world_backup(&world);
    struct jl_id org = add_union(pcs[0], "甲");
    sync_all();
    world_set(&pcs[1]->desk, "union_org", &org, "staff_n=10");
    sync_all();
    world_restore(&world);
    world_keep_device(pcs[1]);
    sync(pcs[1]);
    assert_held(1);
    world_put_back_device(pcs[1]);
    sync(pcs[1]);
    assert_held(1);
    sync(pcs[0]);
    assert_held(0);
    assert_string_equal(world_get(district(), "union_org", &org, "staff_n"), "10");
}

/* Offered again under another incarnation, an op has the verdict that it was given first. */
static void test_what_became_of_a_change_is_the_same_after_a_restore(void **state) {
    (void)state;
    uint64_t parked = 0;
    int64_t oldest_ms = 0;
    struct jl_err err;
    struct jl_id org = add_union(pcs[0], "甲");
    sync_all();
    world_set(&pcs[0]->desk, "union_org", &org, "staff_n=10");
    world_set(&pcs[1]->desk, "union_org", &org, "staff_n=20");
    sync_all();
    world_keep_device(pcs[1]);
    (void)add_union(pcs[1], "乙");
    sync(pcs[1]);
    world_put_back_device(pcs[1]);
    (void)add_union(pcs[1], "丙");
    sync_all(); /* a second incarnation */
    world_backup(&world);
    (void)add_union(pcs[1], "丁");
    sync_all();
    world_restore(&world);
    sync_all();
    assert_int_equal(open_cases(JL_CASE_FIELD, NULL), 1);
    assert_int_equal(
        jl_outbox_count(pcs[1]->office->books->store, JL_OUTBOX_PARKED, &parked, &oldest_ms, &err),
        JL_OK);
    assert_int_equal(parked, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define HELD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
        HELD(test_an_edit_waits_for_the_record_that_it_is_about),
        HELD(test_the_last_of_three_edits_stands_in_every_order),
        HELD(test_a_value_that_was_taken_back_stays_taken_back),
        HELD(test_what_was_deleted_stays_deleted),
        HELD(test_what_was_brought_back_stays_there),
        HELD(test_a_batch_goes_on_past_what_is_held),
        HELD(test_a_decision_waits_for_its_case),
        HELD(test_work_on_a_member_that_came_waits_for_the_transfer),
        HELD(test_a_key_that_names_what_is_not_there_yet_waits_for_it),
        HELD(test_an_edit_whose_base_never_came_is_in_effect_and_a_case),
        HELD(test_an_edit_loses_to_what_was_written_since),
        HELD(test_what_can_not_be_taken_stays_a_case_with_its_values),
        HELD(test_a_second_close_has_nothing_to_close),
        HELD(test_a_person_who_closes_the_case_gives_the_change_up),
        HELD(test_what_is_held_survives_a_second_restore),
        HELD(test_a_pc_that_takes_a_new_chain_does_not_double_what_is_held),
        HELD(test_what_became_of_a_change_is_the_same_after_a_restore),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
