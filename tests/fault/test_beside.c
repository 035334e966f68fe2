/* Two programs on one folder: what one commits, the other meets between two of its own steps. */
#include "next_catalogue.h"

#include "jielian/catalogue/catalogue.h"
#include "tests/said.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct world world;

static int set_up(void **state) {
    (void)state;
    world_init(&world, 1);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    world_fini(&world);
    return 0;
}

static void test_a_reader_meets_a_catalogue_that_the_other_program_took(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    const struct jl_office_options options = {.mode = JL_STORE_WRITE, .clock = jl_clock_system()};
    JL_AUTO_PTR(jl_office) beside = NULL;
    struct jl_err err = {0};
    assert_int_equal(jl_office_open(a->folder, &options, &beside, &err), JL_OK);
    next_catalogue_apply(&world);
    assert_true(world_sync(a));
    enum jl_rc rc = jl_office_begin(beside, false, &err);
    if (rc != JL_OK) {
        fail_msg("%s", err_said(&err));
    }
    jl_office_rollback(beside);
    const struct jl_type *type = jl_catalogue_type_named(beside->books->catalogue, "union_org");
    assert_non_null(jl_type_field_named(type, "motto"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_reader_meets_a_catalogue_that_the_other_program_took,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
