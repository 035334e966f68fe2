/* After the district was restored: work that comes twice, too late, or from a PC that met a second
 * restore before it had offered all of it again. The journal replays after each story. */
#include "client/books/office_counts.h"
#include "client/books/save.h"
#include "server/books/release.h"
#include "world.h"

#include "jielian/catalogue/built_in.h"
#include "jielian/op/merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

static struct world world;
static struct world_device *pcs[2]; /* two PCs of office A */

static int set_up(void **state) {
    (void)state;
    world_init(&world, 2);
    for (size_t i = 0; i < 2; i++) {
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
    for (size_t i = 0; i < 4; i++) {
        sync(pcs[i % 2]);
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
    enum jl_rc rc = jl_books_unseal(world.district->books, stored, &arena, &record, err);
    if (rc == JL_OK && jl_row_get(&record.row, 1)->number == cases->kind &&
        jl_row_get(&record.row, JL_CASE_STATUS)->number == JL_CASE_OPEN) {
        cases->count++;
        cases->id = record.row.id;
    }
    return rc;
}

static size_t open_cases(int64_t kind, struct jl_id *out_id) {
    struct open_cases cases = {.kind = kind};
    const struct jl_scan scan = {.type = JL_TYPE_CASE};
    struct jl_err err;
    assert_int_equal(jl_records_scan(world.district->books->store, &scan, count_case, &cases, &err),
                     JL_OK);
    *out_id = cases.id;
    return cases.count;
}

static void close_restore(void) {
    uint64_t judged = 0;
    struct jl_err err;
    assert_int_equal(jl_release_close(world.district, &judged, &err), JL_OK);
}

static const char *at_district(const struct jl_id *org, const char *field) {
    return world_get(world.district->books, "union_org", org, field);
}

/* An image of the PC from before is played back, and people go on: what was sent since has the
 * numbers of other work now, so all that is kept is offered again under a new incarnation. */
static void offer_again(struct world_device *device) {
    add_union(device, "丙");
    sync(device);
    world_put_back_device(device);
    add_union(device, "丁");
    sync(device);
}

/* A finance check waits for its union, not for itself. */
static void test_what_waits_for_another_record_waits_once(void **state) {
    (void)state;
    struct jl_id id;
    char org_text[JL_ID_TEXT_BYTES];
    char fields[256];
    world_backup(&world);
    struct jl_id org = add_union(pcs[0], "甲");
    sync_all();
    jl_id_format(&org, org_text);
    snprintf(fields, sizeof fields, "org=%s|year=2025|note=合格", org_text);
    struct jl_id check = world_add(&pcs[1]->desk, "finance_check", fields);
    sync_all();
    world_restore(&world);
    world_keep_device(pcs[1]);
    sync(pcs[1]);
    offer_again(pcs[1]);
    assert_int_equal(world.district->holding.held, 1);
    assert_int_equal(open_cases(JL_CASE_HELD, &id), 1);
    assert_non_null(strstr(world_get(world.district->books, "case", &id, "detail"), "合格"));
    sync(pcs[0]);
    assert_int_equal(open_cases(JL_CASE_HELD, &id), 0);
    assert_string_equal(world_get(world.district->books, "finance_check", &check, "note"), "合格");
}

/* A program without our rules names a union that its office does not see. The union comes back, and
 * with it its own office's check: the op that waited for the union waits for that from then on. */
static void test_what_waits_for_something_else_by_now_waits_once(void **state) {
    (void)state;
    struct jl_id id;
    struct jl_err err;
    char fields[256];
    char org_text[JL_ID_TEXT_BYTES];
    JL_AUTO(jl_arena) arena = {0};
    struct world_device *c = world_join(&world, 2);
    world_backup(&world);
    struct jl_id org = add_union(c, "丙");
    jl_id_format(&org, org_text);
    snprintf(fields, sizeof fields, "org=%s|year=2025|note=合格", org_text);
    struct jl_id check = world_add(&c->desk, "finance_check", fields);
    world_restore(&world);
    const struct jl_type *type =
        jl_catalogue_type_named(pcs[1]->office->books->catalogue, "finance_check");
    struct jl_change change = {.kind = JL_OP_CREATE,
                               .after = {.type = type->number, .id = check, .owner = 1}};
    struct jl_value values[] = {jl_value_ref(&org), jl_value_int(2025)};
    const char *const names[] = {"org", "year"};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(jl_row_set(&change.after, jl_type_field_named(type, names[i])->number,
                                    &values[i], &arena, &err),
                         JL_OK);
    }
    assert_int_equal(jl_save_changes(pcs[1]->office, NULL, &change, 1, &err), JL_OK);
    world_keep_device(pcs[1]);
    assert_true(world_sync(pcs[1]));
    assert_int_equal(world.district->holding.held, 1);
    assert_true(world_sync(c));
    offer_again(pcs[1]);
    assert_int_equal(world.district->holding.held, 1);
    assert_int_equal(open_cases(JL_CASE_HELD, &id), 1);
}

static void test_what_a_person_gave_up_stays_so_when_it_comes_again(void **state) {
    (void)state;
    struct jl_id id;
    world_backup(&world);
    struct jl_id org = add_union(pcs[0], "甲");
    sync_all();
    world_set(&pcs[1]->desk, "union_org", &org, "staff_n=10");
    sync_all();
    world_restore(&world);
    world_keep_device(pcs[1]);
    sync(pcs[1]);
    assert_int_equal(open_cases(JL_CASE_HELD, &id), 1);
    world_close_case(&world.district_desk, &id, NULL);
    sync(pcs[0]);
    assert_string_equal(at_district(&org, "staff_n"), "");
    offer_again(pcs[1]);
    close_restore();
    sync(pcs[1]);
    assert_string_equal(at_district(&org, "staff_n"), "");
    assert_int_equal(open_cases(JL_CASE_FIELD, &id), 0);
}

/* The PC has heard of the first restore, and of the second before it could offer anything. */
static void test_old_work_stays_old_over_a_second_restore(void **state) {
    (void)state;
    struct jl_id id;
    struct jl_id org = add_union(pcs[0], "甲");
    world_set(&pcs[0]->desk, "union_org", &org, "staff_n=1");
    sync_all();
    world_backup(&world);
    world_set(&pcs[0]->desk, "union_org", &org, "staff_n=2");
    sync_all();
    world_set(&pcs[1]->desk, "union_org", &org, "staff_n=3");
    sync_all();
    world_restore(&world);
    world_hang_up(pcs[1]);
    for (size_t i = 0; i < 3; i++) { /* its greeting, the answer, and the epoch is taken */
        (void)world_step(pcs[1]);
    }
    world_restore(&world);
    sync(pcs[1]);
    assert_int_equal(open_cases(JL_CASE_FIELD, &id), 0);
    assert_int_equal(open_cases(JL_CASE_HELD, &id), 1);
    sync(pcs[0]);
    assert_int_equal(open_cases(JL_CASE_HELD, &id), 0);
    assert_string_equal(at_district(&org, "staff_n"), "3");
}

/* Everybody was thought to be back. */
static void test_what_comes_back_after_the_close_is_a_case_at_least(void **state) {
    (void)state;
    struct jl_id id;
    struct jl_id known = add_union(pcs[1], "乙");
    sync_all();
    world_backup(&world);
    struct jl_id org = add_union(pcs[0], "甲");
    sync_all();
    world_set(&pcs[1]->desk, "union_org", &org, "staff_n=10");
    world_set(&pcs[1]->desk, "union_org", &known, "staff_n=7");
    sync_all();
    world_restore(&world);
    close_restore();
    sync(pcs[1]);
    assert_int_equal(open_cases(JL_CASE_NOT_TAKEN, &id), 1);
    assert_non_null(strstr(world_get(world.district->books, "case", &id, "detail"), "10"));
    assert_string_equal(at_district(&known, "staff_n"), "7");
    struct jl_office_counts counts;
    struct jl_err err;
    assert_int_equal(jl_office_counts_get(pcs[1]->office, &counts, &err), JL_OK);
    assert_int_equal(counts.parked, 0);
}

/* One step a transaction; the program ends between two, and the next one goes on. */
static void test_a_close_that_is_cut_off_goes_on(void **state) {
    (void)state;
    enum { ORGS = 3 };
    struct jl_id orgs[ORGS];
    struct jl_id id;
    struct jl_err err;
    uint64_t judged = 0;
    for (int i = 0; i < ORGS; i++) {
        char name[32];
        snprintf(name, sizeof name, "甲%d", i);
        orgs[i] = add_union(pcs[0], name);
    }
    sync_all();
    world_backup(&world);
    for (int i = 0; i < ORGS; i++) {
        world_set(&world.district_desk, "union_org", &orgs[i], "staff_n=10"); /* lost */
    }
    sync_all();
    for (int i = 0; i < ORGS; i++) {
        world_set(&pcs[1]->desk, "union_org", &orgs[i], "staff_n=20");
    }
    sync_all();
    world_restore(&world);
    sync_all();
    assert_int_equal(open_cases(JL_CASE_HELD, &id), ORGS);
    world.slice_ops = 1;
    world.district->slice.ops = 1;
    assert_int_equal(jl_release_close_step(world.district, &judged, &err), JL_OK);
    assert_int_equal(judged, 1);
    assert_true(jl_release_left(world.district));
    assert_int_equal(open_cases(JL_CASE_HELD, &id), ORGS - 1);
    world_crash_district(&world);
    assert_true(jl_release_left(world.district));
    sync(pcs[0]); /* others have their turn */
    close_restore();
    assert_false(jl_release_left(world.district));
    assert_int_equal(open_cases(JL_CASE_HELD, &id), 0);
    for (int i = 0; i < ORGS; i++) {
        assert_string_equal(at_district(&orgs[i], "staff_n"), "20");
    }
    assert_int_equal(jl_release_close(world.district, &judged, &err), JL_CONFLICT);
    sync_all();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_waits_for_another_record_waits_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_what_waits_for_something_else_by_now_waits_once,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_a_person_gave_up_stays_so_when_it_comes_again,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_old_work_stays_old_over_a_second_restore, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_what_comes_back_after_the_close_is_a_case_at_least,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_close_that_is_cut_off_goes_on, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
