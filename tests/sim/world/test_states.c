/* What a record can be besides being the district's: unsent, parked, set aside, held, a case. Each
 * is counted, and what is parked or set aside goes out again by one call, which overrules nobody.
 */
#include "client/books/office_counts.h"
#include "client/books/resend.h"
#include "client/books/save.h"
#include "world.h"

#include "jielian/op/merge.h"

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

static struct jl_id add_union(struct jl_desk *desk, const char *name) {
    char text[256];
    snprintf(text, sizeof text, "name=%s|org_kind=独立基层工会|founded_on=2018-05-01|status=已建",
             name);
    return world_add(desk, "union_org", text);
}

static void assert_in_step(struct world_device *device) {
    assert_true(world_sync(device));
    assert_true(world_same(device));
}

static struct jl_office_counts counts_of(struct world_device *device) {
    struct jl_office_counts counts;
    struct jl_err err;
    assert_int_equal(jl_office_begin(device->office, false, &err), JL_OK);
    assert_int_equal(jl_office_counts_get(device->office, &counts, &err), JL_OK);
    jl_office_rollback(device->office);
    return counts;
}

static void assert_counts(struct world_device *device, uint64_t parked, uint64_t set_aside,
                          uint64_t held, uint64_t cases) {
    const struct jl_office_counts counts = counts_of(device);
    assert_int_equal(counts.parked, parked);
    assert_int_equal(counts.set_aside, set_aside);
    assert_int_equal(counts.held, held);
    assert_int_equal(counts.cases, cases);
    assert_int_equal(jl_office_counts_need_person(&counts), parked + set_aside + held + cases > 0);
}

/* ---- What the district refuses: a record without what it must have ---- */

static const struct jl_type *union_type(const struct jl_books *books) {
    return jl_catalogue_type_named(books->catalogue, "union_org");
}

static struct jl_id save_refused(struct world_device *device, const char *name) {
    const struct jl_type *type = union_type(device->office->books);
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

/* An edit of one field by its text, past every check. */
static void edit_unchecked(struct world_device *device, const struct jl_id *id, const char *field,
                           const char *text) {
    struct jl_books *books = device->office->books;
    const struct jl_type *type = union_type(books);
    const struct jl_record_key key = {.type = type->number, .id = *id};
    struct jl_book_record before = {0};
    struct jl_change change = {.kind = JL_OP_EDIT, .before = &before};
    const struct jl_value value = text != NULL ? jl_value_cstr(text) : jl_value_null();
    JL_AUTO(jl_arena) arena = {0};
    struct jl_err err;
    assert_int_equal(jl_books_load(books, &key, 1, &arena, &before, &err), JL_OK);
    assert_int_equal(jl_row_dup(&arena, &before.row, &change.after, &err), JL_OK);
    assert_int_equal(
        jl_row_set(&change.after, jl_type_field_named(type, field)->number, &value, &arena, &err),
        JL_OK);
    assert_int_equal(jl_save_changes(device->office, NULL, &change, 1, &err), JL_OK);
}

/* ---- Sending again ---- */

struct seen {
    uint64_t parked, set_aside, kept;
};

static enum jl_rc see(void *context, const struct jl_resent *resent, struct jl_err *err) {
    struct seen *seen = context;
    (void)err;
    if (resent->kept) {
        seen->kept++;
    } else if (resent->state == JL_RESEND_PARKED) {
        seen->parked++;
    } else {
        seen->set_aside++;
    }
    return JL_OK;
}

static struct seen resend_some(struct world_device *device, unsigned states,
                               const struct jl_id *only, bool dry_run) {
    struct seen seen = {0};
    struct jl_err err;
    const struct jl_resend_options options = {.states = states,
                                              .ids = only,
                                              .id_count = only != NULL ? 1 : 0,
                                              .change_set =
                                                  jl_id_next(&device->desk.ids, world.now_ms),
                                              .label = "again",
                                              .dry_run = dry_run,
                                              .visit = see,
                                              .context = &seen};
    assert_int_equal(jl_resend_records(device->office, &options, &err), JL_OK);
    return seen;
}

static struct seen resend(struct world_device *device) {
    return resend_some(device, JL_RESEND_PARKED | JL_RESEND_SET_ASIDE, NULL, false);
}

static void test_a_refused_record_goes_out_again_once(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct jl_id org = save_refused(a, "缺项工会");
    edit_unchecked(a, &org, "note", "同心");
    assert_in_step(a);
    assert_counts(a, 2, 0, 0, 0); /* the create, and the edit behind it */
    assert_int_equal(resend_some(a, JL_RESEND_PARKED, NULL, true).parked, 1);
    assert_int_equal(counts_of(a).unsent, 0); /* that was a rehearsal */
    assert_counts(a, 2, 0, 0, 0);
    assert_int_equal(resend_some(a, JL_RESEND_SET_ASIDE, NULL, false).parked, 0);
    assert_int_equal(resend(a).parked, 1);
    assert_counts(a, 0, 0, 0, 0);
    assert_int_equal(counts_of(a).unsent, 2); /* one create, and the change set */
    assert_int_equal(resend(a).parked, 0);
    assert_int_equal(counts_of(a).unsent, 2);
    assert_in_step(a); /* it fits no better than before */
    assert_counts(a, 1, 0, 0, 0);
    assert_string_equal(world_get(a->office->books, "union_org", &org, "note"), "同心");
    assert_string_equal(world_replay_fault(&world), "");
}

static void test_only_the_named_record_goes_out(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct jl_id one = save_refused(a, "甲");
    (void)save_refused(a, "乙");
    assert_in_step(a);
    assert_int_equal(resend_some(a, JL_RESEND_PARKED, &one, false).parked, 1);
    assert_counts(a, 1, 0, 0, 0);
}

static void test_a_refused_edit_goes_out_with_what_it_said(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct jl_id org = add_union(&a->desk, "甲");
    assert_in_step(a);
    edit_unchecked(a, &org, "name", NULL);
    assert_in_step(a);
    assert_counts(a, 1, 0, 0, 0);
    assert_string_equal(world_get(a->office->books, "union_org", &org, "name"), "甲");
    assert_int_equal(resend(a).parked, 1);
    assert_string_equal(world_get(a->office->books, "union_org", &org, "name"), "");
    assert_in_step(a);
    assert_counts(a, 1, 0, 0, 0);
    assert_string_equal(world_get(a->office->books, "union_org", &org, "name"), "甲");
    assert_int_equal(a->office->state.repairs, 0);
}

/* The district takes today what it refused then, and somebody else was faster meanwhile. */
static void test_what_goes_out_again_overrules_nobody(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *b = world_join(&world, 1);
    struct jl_id org = world_add(&a->desk, "union_org",
                                 "name=甲|org_kind=独立基层工会|founded_on=2018-05-01|status=已建|"
                                 "staff_n=20|member_n=5");
    assert_in_step(a);
    assert_in_step(b);
    world_set(&a->desk, "union_org", &org, "staff_n=8");
    world_set(&b->desk, "union_org", &org, "member_n=15");
    assert_in_step(a);
    assert_in_step(b);
    assert_counts(b, 1, 0, 0, 0); /* more members than staff */
    world_set(&a->desk, "union_org", &org, "staff_n=50|member_n=9");
    assert_in_step(a);
    assert_in_step(b);
    assert_int_equal(resend(b).parked, 1);
    assert_in_step(b);
    assert_counts(b, 0, 0, 0, 1); /* 5 → 15 meets 9: a person decides */
    assert_string_equal(world_get(world.district->books, "union_org", &org, "member_n"), "9");
    assert_string_equal(world_replay_fault(&world), "");
}

static void test_several_refused_edits_of_a_record_all_go_out(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct jl_id org = add_union(&a->desk, "甲");
    assert_in_step(a);
    edit_unchecked(a, &org, "name", NULL);
    edit_unchecked(a, &org, "org_kind", NULL);
    assert_in_step(a);
    assert_counts(a, 2, 0, 0, 0);
    assert_int_equal(resend(a).parked, 1);
    assert_int_equal(counts_of(a).unsent, 3);
    assert_in_step(a);
    assert_counts(a, 2, 0, 0, 0);
    assert_int_equal(a->office->state.repairs, 0);
    assert_string_equal(world_get(a->office->books, "union_org", &org, "name"), "甲");
}

static void test_what_its_author_deleted_since_is_let_go(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct jl_id org = save_refused(a, "缺项工会");
    world_delete(&a->desk, "union_org", &org);
    assert_in_step(a);
    assert_counts(a, 1, 0, 0, 0);
    const struct seen seen = resend(a);
    assert_int_equal(seen.parked + seen.set_aside, 0);
    assert_counts(a, 0, 0, 0, 0);
    assert_int_equal(counts_of(a).unsent, 0);
    assert_int_equal(world_count(a->office->books, "union_org"), 0);
    assert_in_step(a);
}

static void test_a_refused_change_of_a_record_that_was_deleted_goes_out(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *b = world_join(&world, 1);
    struct jl_id org = add_union(&a->desk, "甲");
    assert_in_step(a);
    assert_in_step(b);
    edit_unchecked(b, &org, "name", NULL);
    assert_in_step(b);
    world_delete(&a->desk, "union_org", &org);
    assert_in_step(a);
    assert_in_step(b);
    assert_counts(b, 1, 0, 0, 0);
    assert_int_equal(resend(b).parked, 1);
    assert_true(world_sync(b));
    assert_true(world_same(b));
    assert_int_equal(b->office->state.repairs, 0);
    assert_string_equal(world_replay_fault(&world), "");
}

/* ---- Set aside ---- */

static void test_what_only_this_pc_has_is_counted_and_goes_out_again(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *b = world_join(&world, 1);
    assert_in_step(a);
    world_backup(&world);
    struct jl_id org = add_union(&b->desk, "乙");
    assert_in_step(b);
    assert_in_step(a);
    world_restore(&world); /* and b's PC never comes back */
    assert_in_step(a);
    assert_counts(a, 0, 1, 0, 0);
    assert_int_equal(resend_some(a, JL_RESEND_PARKED, NULL, false).set_aside, 0);
    assert_int_equal(resend(a).set_aside, 1);
    assert_counts(a, 0, 0, 0, 0);
    assert_in_step(a);
    assert_counts(a, 0, 0, 0, 0);
    assert_string_equal(world_get(world.district->books, "union_org", &org, "name"), "乙");
    assert_int_equal(resend(a).set_aside, 0);
    assert_in_step(b); /* b comes back after all: nothing twice */
    assert_in_step(a);
    assert_int_equal(world_count(world.district->books, "union_org"), 1);
    assert_string_equal(world_replay_fault(&world), "");
}

static void test_what_is_the_districts_to_make_stays_set_aside(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    world_backup(&world);
    struct jl_id notice =
        world_add(&world.district_desk, "notice", "title=停电|posted_on=2022-05-01");
    assert_in_step(a);
    world_restore(&world);
    assert_in_step(a);
    assert_counts(a, 0, 1, 0, 0);
    const struct seen seen = resend(a);
    assert_int_equal(seen.kept, 1);
    assert_int_equal(seen.parked + seen.set_aside, 0);
    assert_int_equal(counts_of(a).unsent, 0);
    assert_string_equal(world_get(a->office->books, "notice", &notice, "title"), "停电");
    assert_counts(a, 0, 1, 0, 0);
}

/* ---- Cases ---- */

static void add_case(struct jl_desk *desk, const char *kind, const struct jl_id *subject) {
    char id[JL_ID_TEXT_BYTES];
    char text[256];
    struct jl_desk for_office = *desk;
    for_office.owner = 1;
    jl_id_format(subject, id);
    snprintf(text, sizeof text,
             "kind=%s|subject_type=%u|subject_id=%s|title=甲|detail={}|opened_on=2022-05-01|"
             "status=待处理",
             kind, (unsigned)union_type(desk->books)->number, id);
    for_office.program = true;
    (void)world_add(&for_office, "case", text);
    desk->ids = for_office.ids;
}

static void test_held_ones_are_counted_apart_from_other_cases(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *c = world_join(&world, 2);
    struct jl_id org = add_union(&a->desk, "甲");
    assert_in_step(a);
    add_case(&world.district_desk, "等待前序改动", &org);
    add_case(&world.district_desk, "字段冲突", &org);
    add_case(&world.district_desk, "疑似重复", &org);
    assert_in_step(a);
    assert_in_step(c);
    assert_counts(a, 0, 0, 1, 2);
    assert_counts(c, 0, 0, 0, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(test_a_refused_record_goes_out_again_once),
        CASE(test_only_the_named_record_goes_out),
        CASE(test_a_refused_edit_goes_out_with_what_it_said),
        CASE(test_what_goes_out_again_overrules_nobody),
        CASE(test_several_refused_edits_of_a_record_all_go_out),
        CASE(test_what_its_author_deleted_since_is_let_go),
        CASE(test_a_refused_change_of_a_record_that_was_deleted_goes_out),
        CASE(test_what_only_this_pc_has_is_counted_and_goes_out_again),
        CASE(test_what_is_the_districts_to_make_stays_set_aside),
        CASE(test_held_ones_are_counted_apart_from_other_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
