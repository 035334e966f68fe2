/* Two programs on one folder: what one commits, the other meets between two of its own steps. */
#include "../sim/world_internal.h"

#include "jielian/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

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

/* The catalogue in use, one version on, with one more field of union_org. */
static void apply_next_catalogue(void) {
    static const char version[] = "\"version\": 1,";
    static const char field[] = "{\"number\": 120, \"name\": \"motto\", \"kind\": \"text\", "
                                "\"zh\": \"口号\", \"en\": \"Motto\"},";
    JL_AUTO(jl_buf) text = {0};
    JL_AUTO(jl_buf) next = {0};
    struct jl_err err = {0};
    assert_int_equal(jl_file_read(JL_TEST_CATALOGUE, JL_CATALOGUE_MAX_BYTES, &text, &err), JL_OK);
    assert_int_equal(jl_buf_put_u8(&text, 0, &err), JL_OK);
    char *number = strstr((char *)text.data, version);
    assert_non_null(number);
    number[strlen(version) - 2] = '2';
    const char *type = strstr((char *)text.data, "\"union_org\"");
    assert_non_null(type);
    const char *fields = strstr(type, "\"fields\": [");
    assert_non_null(fields);
    fields += strlen("\"fields\": [");
    size_t before = (size_t)(fields - (char *)text.data);
    assert_int_equal(jl_buf_put(&next, text.data, before, &err), JL_OK);
    assert_int_equal(jl_buf_put_text(&next, field, &err), JL_OK);
    assert_int_equal(jl_buf_put_text(&next, fields, &err), JL_OK);
    assert_int_equal(jl_buf_put_u8(&next, 0, &err), JL_OK);
    world_apply_catalogue(&world, (const char *)next.data);
}

static void test_a_reader_meets_a_catalogue_that_the_other_program_took(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    const struct jl_office_options options = {.mode = JL_STORE_WRITE, .clock = world_clock(&a->time)};
    JL_AUTO_PTR(jl_office) beside = NULL;
    struct jl_err err = {0};
    assert_int_equal(jl_office_open(a->folder, &options, &beside, &err), JL_OK);
    apply_next_catalogue();
    assert_true(world_sync(a));
    enum jl_rc rc = jl_office_begin(beside, false, &err);
    if (rc != JL_OK) {
        fail_msg("%s", err.text);
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
