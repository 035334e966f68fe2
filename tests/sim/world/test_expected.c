/* Goal: a fresh PC knows how much its first download brings, by type and of its own office only,
 * and a PC that has it all is told nothing more. Method: PCs of two offices join one after another,
 * with records of both kinds there. */
#include "client/books/office_expected.h"
#include "world.h"

#include "jielian/catalogue/catalogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

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

static void add_union(struct world_device *device, const char *name) {
    char text[256];
    (void)snprintf(text, sizeof text,
                   "name=%s|org_kind=独立基层工会|founded_on=2018-05-01|status=已建", name);
    (void)world_add(&device->desk, "union_org", text);
    assert_true(world_sync(device));
}

static struct jl_office_expected expected_at(struct world_device *device) {
    struct jl_office_expected expected;
    struct jl_err err;
    assert_int_equal(jl_office_begin(device->office, false, &err), JL_OK);
    assert_int_equal(jl_office_expected(device->office, &expected, &err), JL_OK);
    jl_store_rollback(device->office->books->store);
    return expected;
}

static uint64_t count_of(const struct jl_office_expected *expected, struct world_device *device,
                         const char *name) {
    const struct jl_type *type = jl_catalogue_type_named(device->office->books->catalogue, name);
    uint64_t count = 0;
    assert_non_null(type);
    for (size_t i = 0; i < expected->type_count; i++) {
        count += expected->types[i].type == type->number ? expected->types[i].count : 0;
    }
    return count;
}

static void test_a_first_download_knows_how_much_it_brings(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *other = world_join(&world, 2);
    add_union(a, "甲厂工会");
    add_union(a, "乙厂工会");
    add_union(a, "丙厂工会");
    add_union(other, "丁厂工会");
    struct world_device *b = world_join(&world, 1);
    assert_true(world_sync(b));
    const struct jl_office_expected expected = expected_at(b);
    assert_true(expected.told[0] && expected.told[1]);
    assert_int_equal(expected.records, expected.here);
    assert_int_equal(count_of(&expected, b, "union_org"), 3);
    assert_int_equal(count_of(&expected, b, "office"), 2);

    add_union(b, "戊厂工会"); /* what was there then stays what was there then */
    const struct jl_office_expected later = expected_at(b);
    assert_int_equal(later.records, expected.records);
    assert_int_equal(later.here, expected.here + 1);
}

static void test_an_empty_feed_brings_nothing_and_says_nothing(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    assert_true(world_sync(a));
    const struct jl_office_expected expected = expected_at(a);
    assert_true(expected.told[0]);
    assert_int_equal(count_of(&expected, a, "union_org"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_first_download_knows_how_much_it_brings, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_an_empty_feed_brings_nothing_and_says_nothing, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests_name("expected", tests, NULL, NULL);
}
