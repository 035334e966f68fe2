/* What happens to PCs and servers: answers lost, copies, restores, refusals. After each, nothing
 * that anyone entered is lost, nothing took effect twice, and both sides prove identical. */
#include "client/books/office_counts.h"
#include "client/books/save.h"
#include "world.h"

#include "jielian/catalogue/catalogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

static struct world world;

static int set_up(void **state) {
    (void)state;
    world_init(&world, 2);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    world_fini(&world);
    return 0;
}

static struct jl_id add_union(struct world_device *device, const char *name) {
    char text[256];
    snprintf(text, sizeof text, "name=%s|org_kind=独立基层工会|founded_on=2018-05-01|status=已建",
             name);
    return world_add(&device->desk, "union_org", text);
}

static void assert_in_step(struct world_device *device) {
    assert_true(world_sync(device));
    assert_true(world_same(device));
}

static void test_retry_after_lost_answers_applies_once(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *b = world_join(&world, 1);
    for (size_t lost = 1; lost <= 4; lost++) {
        char name[64];
        snprintf(name, sizeof name, "第%zu工会", lost);
        add_union(a, name);
        world_lose(a, lost);
        assert_in_step(a);
        assert_in_step(b);
        assert_int_equal(world_count(b->office->books, "union_org"), lost);
    }
    assert_int_equal(world_count(world.district->books, "case"), 0);
    assert_string_equal(world_replay_fault(&world), "");
}

static void test_both_halves_of_a_copied_pc_keep_their_work(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    add_union(a, "甲");
    assert_in_step(a);
    struct world_device *copy = world_clone(a);
    add_union(a, "乙");
    add_union(copy, "丙");
    add_union(copy, "丁");
    assert_in_step(a);
    assert_in_step(copy);
    assert_in_step(a);
    assert_int_equal(world_count(a->office->books, "union_org"), 4);
    assert_int_equal(world_count(copy->office->books, "union_org"), 4);
    assert_memory_not_equal(a->office->state.incarnation, copy->office->state.incarnation, 16);
    assert_string_equal(world_replay_fault(&world), "");
}

static void test_a_pc_put_back_to_last_week_sends_its_new_work(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct jl_id org = add_union(a, "甲");
    assert_in_step(a);
    world_keep_device(a);
    add_union(a, "乙");
    world_set(&a->desk, "union_org", &org, "staff_n=10");
    assert_in_step(a);
    world_put_back_device(a);
    add_union(a, "丙");
    assert_in_step(a);
    assert_int_equal(world_count(a->office->books, "union_org"), 3);
    assert_string_equal(world_get(a->office->books, "union_org", &org, "staff_n"), "10");
    assert_string_equal(world_replay_fault(&world), "");
}

static void test_a_restored_district_gets_back_what_it_lacks(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *b = world_join(&world, 1);
    struct jl_id org = add_union(a, "甲");
    assert_in_step(a);
    assert_in_step(b);
    world_backup(&world);
    add_union(a, "乙");
    world_set(&b->desk, "union_org", &org, "staff_n=10");
    assert_in_step(a);
    assert_in_step(b);
    assert_in_step(a);
    world_restore(&world);
    assert_int_equal(world_count(world.district->books, "union_org"), 1);
    add_union(b, "丙");
    assert_in_step(a);
    assert_in_step(b);
    assert_in_step(a);
    assert_int_equal(world_count(world.district->books, "union_org"), 3);
    assert_string_equal(world_get(world.district->books, "union_org", &org, "staff_n"), "10");
    assert_string_equal(world_get(a->office->books, "union_org", &org, "staff_n"), "10");
    assert_string_equal(world_replay_fault(&world), "");
}

static void test_the_only_copy_of_a_record_is_set_aside_and_can_be_sent_again(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *b = world_join(&world, 1);
    assert_in_step(a);
    world_backup(&world);
    struct jl_id org = add_union(b, "乙");
    assert_in_step(b);
    assert_in_step(a);
    world_restore(&world); /* and b's PC never comes back */
    assert_in_step(a);
    assert_int_equal(world_count(world.district->books, "union_org"), 0);
    assert_string_equal(world_get(a->office->books, "union_org", &org, "name"), "乙");
    world_set(&a->desk, "union_org", &org, "staff_n=3");
    assert_in_step(a);
    assert_string_equal(world_get(world.district->books, "union_org", &org, "staff_n"), "3");
}

/* What an older program without today's rules would save. */
static struct jl_id save_unchecked(struct world_device *device, const char *name) {
    struct jl_books *books = device->office->books;
    const struct jl_type *type = jl_catalogue_type_named(books->catalogue, "union_org");
    struct jl_field_value fields[] = {
        {.field = jl_type_field_named(type, "name")->number, .value = jl_value_cstr(name)}};
    struct jl_change change = {.kind = JL_OP_CREATE,
                               .after = {.type = type->number,
                                         .owner = device->office_number,
                                         .fields = fields,
                                         .field_count = 1}};
    struct jl_err err;
    change.after.id = jl_id_next(&device->desk.ids, world.now_ms);
    assert_int_equal(jl_save_changes(device->office, NULL, &change, 1, &err), JL_OK);
    return change.after.id;
}

static void test_a_parked_record_stays_visible_and_can_be_sent_again(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct jl_id org = save_unchecked(a, "缺项工会");
    add_union(a, "后面的工会");
    assert_in_step(a);
    struct jl_office_counts counts;
    struct jl_err err;
    assert_int_equal(jl_office_counts_get(a->office, &counts, &err), JL_OK);
    assert_int_equal(counts.parked, 1);
    assert_string_equal(world_get(a->office->books, "union_org", &org, "name"), "缺项工会");
    assert_int_equal(world_count(world.district->books, "union_org"), 1);
    world_set(&a->desk, "union_org", &org,
              "org_kind=独立基层工会|founded_on=2018-05-01|status=已建");
    assert_in_step(a);
    assert_int_equal(world_count(world.district->books, "union_org"), 2);
    assert_int_equal(jl_office_counts_get(a->office, &counts, &err), JL_OK);
    assert_int_equal(counts.parked, 0);
}

static void test_an_edit_refused_behind_its_create_leaves_the_create(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct jl_id org = add_union(a, "甲");
    struct jl_books *books = a->office->books;
    struct jl_book_record before = {0};
    struct jl_err err;
    JL_AUTO(jl_arena) arena = {0};
    const struct jl_type *type = jl_catalogue_type_named(books->catalogue, "union_org");
    struct jl_record_key key = {.type = type->number, .id = org};
    assert_int_equal(jl_books_load(books, &key, 1, &arena, &before, &err), JL_OK);
    struct jl_change change = {.kind = JL_OP_EDIT, .before = &before};
    struct jl_value none = jl_value_null();
    assert_int_equal(jl_row_dup(&arena, &before.row, &change.after, &err), JL_OK);
    assert_int_equal(
        jl_row_set(&change.after, jl_type_field_named(type, "name")->number, &none, &arena, &err),
        JL_OK); /* what an older program without today's rules would save */
    assert_int_equal(jl_save_changes(a->office, NULL, &change, 1, &err), JL_OK);
    assert_in_step(a);
    assert_int_equal(a->repaired, 0);
    assert_string_equal(world_get(books, "union_org", &org, "name"), "甲");
}

static void test_an_edit_made_while_a_page_is_on_its_way_is_laid_over_it(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *b = world_join(&world, 1);
    struct jl_id org = add_union(a, "甲");
    assert_in_step(a);
    assert_in_step(b);
    world_set(&b->desk, "union_org", &org, "staff_n=10");
    assert_in_step(b);
    world_set(&a->desk, "union_org", &org, "chair_name=李四");
    assert_in_step(a);
    assert_string_equal(world_get(a->office->books, "union_org", &org, "staff_n"), "10");
    assert_string_equal(world_get(a->office->books, "union_org", &org, "chair_name"), "李四");
}

static void test_process_memory_lost_at_any_point_changes_nothing(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    for (int i = 0; i < 5; i++) {
        char name[64];
        snprintf(name, sizeof name, "第%d工会", i);
        add_union(a, name);
        world_lose(a, (size_t)i);
        if (i % 2 == 0) {
            world_reopen_device(a);
        }
        assert_in_step(a);
    }
    assert_int_equal(world_count(world.district->books, "union_org"), 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(test_retry_after_lost_answers_applies_once),
        CASE(test_both_halves_of_a_copied_pc_keep_their_work),
        CASE(test_a_pc_put_back_to_last_week_sends_its_new_work),
        CASE(test_a_restored_district_gets_back_what_it_lacks),
        CASE(test_the_only_copy_of_a_record_is_set_aside_and_can_be_sent_again),
        CASE(test_a_parked_record_stays_visible_and_can_be_sent_again),
        CASE(test_an_edit_refused_behind_its_create_leaves_the_create),
        CASE(test_an_edit_made_while_a_page_is_on_its_way_is_laid_over_it),
        CASE(test_process_memory_lost_at_any_point_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
