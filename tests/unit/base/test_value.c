/* Goal: a row stays sorted and complete through any order of sets and clears, and copies share
 * nothing. Method: a table for equality, and a plain array as the model of a row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jielian/base/row.h"
#include "jielian/base/value.h"

#include <string.h>

static void test_values_are_equal_in_kind_and_content(void **state) {
    (void)state;
    static const struct jl_id id = {{1, 2, 3}};
    const struct jl_value values[] = {
        jl_value_null(),           jl_value_int(0),
        jl_value_int(-1),          jl_value_int(INT64_MAX),
        jl_value_cstr(""),         jl_value_cstr("古荡"),
        jl_value_cstr("古荡街道"), jl_value_ref(&id),
        {.kind = JL_VALUE_BYTES},  {.kind = JL_VALUE_BYTES, .bytes = jl_bytes_text("古荡")},
    };
    size_t count = sizeof values / sizeof values[0];
    for (size_t a = 0; a < count; a++) {
        for (size_t b = 0; b < count; b++) {
            assert_int_equal(jl_value_equal(&values[a], &values[b]), a == b);
        }
    }
    char copy[] = "古荡";
    struct jl_value elsewhere = jl_value_cstr(copy);
    assert_true(jl_value_equal(&elsewhere, &values[5]));
}

static void test_only_what_a_kind_uses_is_compared(void **state) {
    (void)state;
    struct jl_value a = {.kind = JL_VALUE_INT, .number = 5, .bytes = jl_bytes_text("x")};
    struct jl_value b = {.kind = JL_VALUE_INT, .number = 5};
    struct jl_value c = {.kind = JL_VALUE_NULL, .number = 1};
    struct jl_value d = {.kind = JL_VALUE_NULL, .number = 2};
    assert_true(jl_value_equal(&a, &b));
    assert_true(jl_value_equal(&c, &d));
}

static void test_copies_of_values_share_nothing(void **state) {
    (void)state;
    JL_AUTO(jl_arena) arena = {0};
    char text[] = "before";
    struct jl_value value = jl_value_cstr(text);
    struct jl_value copy;
    assert_int_equal(jl_value_dup(&arena, &value, &copy, NULL), JL_OK);
    memcpy(text, "after!", 6);
    assert_true(jl_bytes_is(copy.bytes, "before"));

    struct jl_arena small = {.limit_bytes = 3};
    struct jl_value kept = jl_value_int(9);
    assert_int_equal(jl_value_dup(&small, &value, &kept, NULL), JL_LIMIT);
    assert_int_equal(kept.number, 9);
    jl_arena_fini(&small);
}

static void check_row(const struct jl_row *row, const int64_t *model, size_t field_max) {
    size_t count = 0;
    for (uint32_t field = 0; field < field_max; field++) {
        const struct jl_value *value = jl_row_get(row, field);
        if (model[field] == 0) {
            assert_null(value);
        } else {
            assert_non_null(value);
            assert_int_equal(value->number, model[field]);
            count++;
        }
    }
    assert_int_equal(row->field_count, count);
    for (size_t i = 1; i < row->field_count; i++) {
        assert_true(row->fields[i - 1].field < row->fields[i].field);
    }
}

static void test_a_row_follows_its_model_through_sets_and_clears(void **state) {
    (void)state;
    enum { FIELDS = 23 };
    JL_AUTO(jl_arena) arena = {0};
    struct jl_row row = {0};
    int64_t model[FIELDS] = {0};
    uint32_t random = 12345;
    for (int step = 0; step < 2000; step++) {
        random = random * 1103515245U + 12345U;
        uint32_t field = (random >> 16) % FIELDS;
        bool clear = (random >> 8 & 3) == 0;
        struct jl_value value = clear ? jl_value_null() : jl_value_int(step + 1);
        model[field] = clear ? 0 : step + 1;
        assert_int_equal(jl_row_set(&row, field, &value, &arena, NULL), JL_OK);
        check_row(&row, model, FIELDS);
    }
}

static void test_a_row_takes_the_highest_field_number(void **state) {
    (void)state;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_row row = {0};
    struct jl_value value = jl_value_int(7);
    assert_null(jl_row_get(&row, UINT32_MAX));
    assert_int_equal(jl_row_set(&row, UINT32_MAX, &value, &arena, NULL), JL_OK);
    assert_int_equal(jl_row_set(&row, 0, &value, &arena, NULL), JL_OK);
    assert_non_null(jl_row_get(&row, UINT32_MAX));
    assert_non_null(jl_row_get(&row, 0));
    assert_null(jl_row_get(&row, UINT32_MAX - 1));
}

static void test_a_set_without_memory_leaves_the_row(void **state) {
    (void)state;
    JL_AUTO(jl_arena) arena = {.limit_bytes = 2 * sizeof(struct jl_field_value)};
    struct jl_row row = {0};
    struct jl_value value = jl_value_int(7);
    struct jl_value none = jl_value_null();
    assert_int_equal(jl_row_set(&row, 5, &value, &arena, NULL), JL_OK);
    assert_int_equal(jl_row_set(&row, 6, &value, &arena, NULL), JL_NOMEM);
    assert_int_equal(row.field_count, 1);
    assert_non_null(jl_row_get(&row, 5));
    value = jl_value_int(8); /* what needs no room still works */
    assert_int_equal(jl_row_set(&row, 5, &value, &arena, NULL), JL_OK);
    assert_int_equal(jl_row_get(&row, 5)->number, 8);
    assert_int_equal(jl_row_set(&row, 5, &none, &arena, NULL), JL_OK);
    assert_int_equal(row.field_count, 0);
}

static void test_copies_of_rows_share_nothing(void **state) {
    (void)state;
    JL_AUTO(jl_arena) arena = {0};
    JL_AUTO(jl_arena) other = {0};
    char text[] = "before";
    struct jl_row row = {.type = 3, .id = {{9}}, .owner = 12, .deleted = true};
    struct jl_value value = jl_value_cstr(text);
    struct jl_value number = jl_value_int(4);
    struct jl_row copy;
    assert_int_equal(jl_row_set(&row, 2, &value, &arena, NULL), JL_OK);
    assert_int_equal(jl_row_set(&row, 1, &number, &arena, NULL), JL_OK);
    assert_int_equal(jl_row_dup(&other, &row, &copy, NULL), JL_OK);
    memcpy(text, "after!", 6);
    jl_arena_fini(&arena);
    assert_int_equal(copy.type, 3);
    assert_true(jl_id_equal(&copy.id, &row.id));
    assert_int_equal(copy.owner, 12);
    assert_true(copy.deleted);
    assert_int_equal(copy.field_count, 2);
    assert_int_equal(jl_row_get(&copy, 1)->number, 4);
    assert_true(jl_bytes_is(jl_row_get(&copy, 2)->bytes, "before"));
}

static void test_a_row_without_fields_can_be_copied(void **state) {
    (void)state;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_row row = {.type = 3};
    struct jl_row copy;
    assert_int_equal(jl_row_dup(&arena, &row, &copy, NULL), JL_OK);
    assert_int_equal(copy.field_count, 0);
    assert_null(jl_row_get(&copy, 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_are_equal_in_kind_and_content),
        cmocka_unit_test(test_only_what_a_kind_uses_is_compared),
        cmocka_unit_test(test_copies_of_values_share_nothing),
        cmocka_unit_test(test_a_row_follows_its_model_through_sets_and_clears),
        cmocka_unit_test(test_a_row_takes_the_highest_field_number),
        cmocka_unit_test(test_a_set_without_memory_leaves_the_row),
        cmocka_unit_test(test_copies_of_rows_share_nothing),
        cmocka_unit_test(test_a_row_without_fields_can_be_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
