/* Laying an op over a row, as the author's device shows it before any verdict; and laying against
 * merging: where nothing else happened, both must end in the same row. */
#include "jielian/op/merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct jl_arena arena;
static struct jl_err err;
static struct jl_field_value before[] = {
    {.field = 1, .value = {.kind = JL_VALUE_INT, .number = 10}},
    {.field = 3, .value = {.kind = JL_VALUE_INT, .number = 30}},
};
static struct jl_field_value change[] = {
    {.field = 1, .value = {.kind = JL_VALUE_INT, .number = 11}},
    {.field = 2, .value = {.kind = JL_VALUE_INT, .number = 20}},
    {.field = 3, .value = {.kind = JL_VALUE_NULL}},
};
static struct jl_field_value seen[] = {
    {.field = 1, .value = {.kind = JL_VALUE_INT, .number = 10}},
    {.field = 2, .value = {.kind = JL_VALUE_NULL}},
    {.field = 3, .value = {.kind = JL_VALUE_INT, .number = 30}},
};

/* With fields of its own: laying changes them in place. */
static struct jl_row some_row(void) {
    struct jl_row row;
    const struct jl_row model = {
        .type = 1000, .id = {{0xAA}}, .owner = 3, .fields = before, .field_count = 2};
    assert_int_equal(jl_row_dup(&arena, &model, &row, &err), JL_OK);
    return row;
}
static struct jl_op some_op(enum jl_op_kind kind) {
    return (struct jl_op){.kind = kind,
                          .type = 1000,
                          .id = {{0xAA}},
                          .owner = 9,
                          .old_fields = seen,
                          .old_count = 3,
                          .new_fields = change,
                          .new_count = 3};
}

static int64_t number_of(const struct jl_row *row, uint32_t field) {
    const struct jl_value *value = jl_row_get(row, field);
    return value != NULL ? value->number : -1;
}
static void assert_numbers(const struct jl_row *row, int64_t one, int64_t two, int64_t three) {
    assert_int_equal(number_of(row, 1), one);
    assert_int_equal(number_of(row, 2), two);
    assert_int_equal(number_of(row, 3), three);
}

static void test_edits_set_and_clear_the_fields_they_name(void **state) {
    (void)state;
    static const enum jl_op_kind kinds[] = {JL_OP_EDIT, JL_OP_MERGE, JL_OP_RESOLVE};
    for (int i = 0; i < 3; i++) {
        struct jl_row row = some_row();
        struct jl_op op = some_op(kinds[i]);
        assert_int_equal(jl_op_lay(&op, &row, &arena, &err), JL_OK);
        assert_numbers(&row, 11, 20, -1);
        assert_int_equal(row.owner, 3);
    }
}

static void test_creates_and_restores_replace_a_deleted_row(void **state) {
    (void)state;
    static const enum jl_op_kind kinds[] = {JL_OP_CREATE, JL_OP_RESTORE};
    for (int i = 0; i < 2; i++) {
        struct jl_row row = some_row();
        struct jl_op op = some_op(kinds[i]);
        row.deleted = true;
        op.new_count = 2;
        assert_int_equal(jl_op_lay(&op, &row, &arena, &err), JL_OK);
        assert_numbers(&row, 11, 20, -1);
        assert_int_equal(row.field_count, 2);
        assert_false(row.deleted);
    }
}

static void test_a_double_entry_keeps_what_it_does_not_name(void **state) {
    (void)state;
    static const enum jl_op_kind kinds[] = {JL_OP_CREATE, JL_OP_RESTORE};
    for (int i = 0; i < 2; i++) {
        struct jl_row row = some_row();
        struct jl_op op = some_op(kinds[i]);
        assert_int_equal(jl_op_lay(&op, &row, &arena, &err), JL_OK);
        assert_numbers(&row, 11, 20, 30); /* of field 3 the op says "no value" */
    }
}

static void test_a_create_is_laid_over_nothing(void **state) {
    (void)state;
    struct jl_row row = {0};
    struct jl_op op = some_op(JL_OP_CREATE);
    assert_int_equal(jl_op_lay(&op, &row, &arena, &err), JL_OK);
    assert_int_equal(row.type, 1000);
    assert_true(jl_id_equal(&row.id, &op.id));
    assert_numbers(&row, 11, 20, -1);
}

static void test_a_delete_keeps_the_fields_and_a_transfer_moves_the_owner(void **state) {
    (void)state;
    struct jl_row row = some_row();
    struct jl_op op = some_op(JL_OP_DELETE);
    assert_int_equal(jl_op_lay(&op, &row, &arena, &err), JL_OK);
    assert_true(row.deleted);
    assert_numbers(&row, 10, -1, 30);
    row = some_row();
    op = some_op(JL_OP_TRANSFER);
    assert_int_equal(jl_op_lay(&op, &row, &arena, &err), JL_OK);
    assert_int_equal(row.owner, 9);
    assert_numbers(&row, 10, -1, 30);
}

static void test_a_kind_that_does_not_exist_is_refused(void **state) {
    (void)state;
    struct jl_row row = some_row();
    struct jl_op op = some_op((enum jl_op_kind)77);
    assert_int_equal(jl_op_lay(&op, &row, &arena, &err), JL_PROTO);
}

/* "As sent" is what saves the echo: the district's row must then be the author's, bit by bit. */
static void test_what_is_applied_as_sent_is_what_the_author_s_device_shows(void **state) {
    (void)state;
    static const struct jl_type type = {.number = 1000, .decides = JL_SIDE_OFFICE};
    static const enum jl_op_kind kinds[] = {JL_OP_CREATE, JL_OP_EDIT, JL_OP_DELETE, JL_OP_RESTORE};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        bool make = kinds[i] == JL_OP_CREATE || kinds[i] == JL_OP_RESTORE;
        struct jl_op op = some_op(kinds[i]);
        struct jl_row row = some_row();
        struct jl_row laid = make ? (struct jl_row){.owner = 3} : row;
        struct jl_merge_result result;
        if (kinds[i] == JL_OP_DELETE) {
            op.old_fields = before;
            op.old_count = 2;
        }
        const struct jl_merge_input input = {.type = &type,
                                             .op = &op,
                                             .author = JL_SIDE_OFFICE,
                                             .standing = JL_STANDING_OWN,
                                             .presence =
                                                 make ? JL_PRESENCE_ABSENT : JL_PRESENCE_LIVE,
                                             .current = make ? NULL : &row};
        assert_int_equal(jl_merge(&input, &arena, &result, &err), JL_OK);
        assert_int_equal(jl_op_lay(&op, &laid, &arena, &err), JL_OK);
        assert_true(result.as_sent);
        assert_int_equal(result.row.deleted, laid.deleted);
        assert_int_equal(result.row.field_count, laid.field_count);
        for (size_t f = 0; f < laid.field_count; f++) {
            assert_int_equal(result.row.fields[f].field, laid.fields[f].field);
            assert_true(jl_value_equal(&result.row.fields[f].value, &laid.fields[f].value));
        }
    }
}

static int end(void **state) {
    (void)state;
    jl_arena_fini(&arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edits_set_and_clear_the_fields_they_name),
        cmocka_unit_test(test_creates_and_restores_replace_a_deleted_row),
        cmocka_unit_test(test_a_double_entry_keeps_what_it_does_not_name),
        cmocka_unit_test(test_a_double_entry_keeps_what_it_does_not_name),
        cmocka_unit_test(test_a_create_is_laid_over_nothing),
        cmocka_unit_test(test_a_delete_keeps_the_fields_and_a_transfer_moves_the_owner),
        cmocka_unit_test(test_a_kind_that_does_not_exist_is_refused),
        cmocka_unit_test(test_what_is_applied_as_sent_is_what_the_author_s_device_shows),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
