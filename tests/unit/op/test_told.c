/* What an office is told of an op in the history of a record that it holds: the table of
 * include/jielian/op/told.h, cell by cell, by the shipped catalogue. */
#include "jielian/base/file.h"
#include "jielian/op/told.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { UNKNOWN_FIELD = 9000 };

static struct jl_catalogue *catalogue;
static const struct jl_type *type;
static struct jl_field_value olds[4], news[4];
static struct jl_op op;
static struct jl_told told;
static struct jl_arena arena;
static struct jl_err err;

static int open_catalogue(void **state) {
    JL_AUTO(jl_buf) text = {0};
    (void)state;
    assert_int_equal(jl_file_read(JIELIAN_SOURCE_DIR "/catalogue/district.json",
                                  JL_CATALOGUE_MAX_BYTES, &text, &err),
                     JL_OK);
    return jl_catalogue_parse(jl_buf_bytes(&text), "district.json", &catalogue, &err) != JL_OK;
}

static int close_catalogue(void **state) {
    (void)state;
    jl_catalogue_free(catalogue);
    jl_arena_fini(&arena);
    return 0;
}

static uint32_t field(const char *name) {
    const struct jl_field *found = jl_type_field_named(type, name);
    assert_non_null(found);
    return found->number;
}

static void set(size_t at, uint32_t number, const char *old, const char *new) {
    olds[at] = (struct jl_field_value){.field = number, .value = jl_value_text(jl_bytes_text(old))};
    news[at] = (struct jl_field_value){.field = number, .value = jl_value_text(jl_bytes_text(new))};
}

/* An edit of a name (open) and a phone (sealed), with all that an op can say. */
static void begin(const char *name, enum jl_op_kind kind) {
    type = jl_catalogue_type_named(catalogue, name);
    assert_non_null(type);
    op = (struct jl_op){.kind = kind,
                        .type = type->number,
                        .id = {.bytes = {1}},
                        .made_ms = 17,
                        .staff = jl_bytes_text("wang"),
                        .cursor = 5,
                        .number = 6,
                        .change_set = {.bytes = {2}},
                        .other = {.bytes = {3}},
                        .owner = 2,
                        .owner_before = 1,
                        .reason = jl_bytes_text("because"),
                        .old_fields = olds,
                        .old_count = 2,
                        .new_fields = news,
                        .new_count = 2};
    set(0, field("name"), "甲", "乙");
    set(1, field("mobile"), "19900000001", "19900000002");
    assert_true(news[0].field < news[1].field);
}

static bool tell(enum jl_told_whose whose, enum jl_verdict_code verdict, bool here, bool other) {
    const struct jl_told_ask ask = {.type = type,
                                    .op = &op,
                                    .whose = whose,
                                    .verdict = verdict,
                                    .here = here,
                                    .other_own = other};
    bool any = false;
    memset(&told, 0, sizeof told);
    assert_int_equal(jl_told_op(&ask, &arena, &any, &told, &err), JL_OK);
    if (any) {
        assert_int_equal(told.op.kind, op.kind);
        assert_int_equal(told.op.type, op.type);
        assert_memory_equal(&told.op.id, &op.id, sizeof op.id);
        assert_int_equal(told.op.made_ms, 17);
        assert_int_equal(told.op.owner, 2);
        assert_int_equal(told.op.owner_before, 1);
        assert_int_equal(told.op.cursor, 0);
        assert_int_equal(told.op.number, 0);
        assert_int_equal(told.op.new_count + told.withheld_count, op.new_count);
    }
    return any;
}

static bool value_told(uint32_t number) {
    const struct jl_row old = {.fields = told.op.old_fields, .field_count = told.op.old_count};
    const struct jl_row new = {.fields = told.op.new_fields, .field_count = told.op.new_count};
    bool withheld = false;
    for (size_t i = 0; i < told.withheld_count; i++) {
        withheld = withheld || told.withheld[i] == number;
    }
    assert_int_equal(withheld, jl_row_get(&new, number) == NULL);
    if (withheld) {
        assert_null(jl_row_get(&old, number));
    }
    return !withheld;
}

/* ---- Told at all ---- */

static void test_of_another_office_only_what_was_taken_is_told(void **state) {
    (void)state;
    for (int kind = JL_OP_CREATE; kind <= JL_OP_RESOLVE; kind++) {
        for (int verdict = JL_VERDICT_APPLIED; verdict <= JL_VERDICT_ALREADY; verdict++) {
            begin("member", (enum jl_op_kind)kind);
            bool taken = verdict == JL_VERDICT_APPLIED || verdict == JL_VERDICT_MERGED ||
                         (verdict == JL_VERDICT_CASE && kind == JL_OP_CREATE);
            enum jl_verdict_code code = (enum jl_verdict_code)verdict;
            assert_int_equal(jl_told_taken(op.kind, code), taken);
            assert_int_equal(tell(JL_TOLD_OTHER, code, true, true), taken);
            assert_true(tell(JL_TOLD_OWN, code, false, false));
            assert_true(tell(JL_TOLD_DISTRICT, code, false, false));
        }
    }
}

/* ---- Who ---- */

static void test_who_it_was_and_what_it_belongs_to(void **state) {
    (void)state;
    static const struct {
        enum jl_told_whose whose;
        bool other_own, staff, reason, other;
    } table[] = {
        {JL_TOLD_OWN, false, true, true, true},        {JL_TOLD_OWN, true, true, true, true},
        {JL_TOLD_DISTRICT, false, true, false, false}, {JL_TOLD_DISTRICT, true, true, false, true},
        {JL_TOLD_OTHER, false, false, false, false},   {JL_TOLD_OTHER, true, false, false, false},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        begin("member", JL_OP_EDIT);
        assert_true(tell(table[i].whose, JL_VERDICT_APPLIED, true, table[i].other_own));
        assert_int_equal(told.op.staff.size > 0, table[i].staff);
        assert_int_equal(told.op.reason.size > 0, table[i].reason);
        assert_int_equal(!jl_id_is_zero(&told.op.change_set), table[i].reason);
        assert_int_equal(!jl_id_is_zero(&told.op.other), table[i].other);
    }
}

/* ---- Values ---- */

static void test_sealed_values_by_whose_and_when(void **state) {
    (void)state;
    static const struct {
        enum jl_told_whose whose;
        bool here, sealed;
    } table[] = {
        {JL_TOLD_OWN, false, true},       {JL_TOLD_OWN, true, true},
        {JL_TOLD_DISTRICT, false, false}, {JL_TOLD_DISTRICT, true, true},
        {JL_TOLD_OTHER, false, false},    {JL_TOLD_OTHER, true, false},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        begin("member", JL_OP_EDIT);
        assert_true(jl_type_field(type, news[1].field)->sensitive);
        assert_true(tell(table[i].whose, JL_VERDICT_APPLIED, table[i].here, false));
        assert_true(value_told(news[0].field));
        assert_int_equal(value_told(news[1].field), table[i].sealed);
        begin("member", JL_OP_EDIT); /* a field that the catalogue does not know is as one sealed */
        set(1, UNKNOWN_FIELD, "a", "b");
        assert_true(tell(table[i].whose, JL_VERDICT_APPLIED, table[i].here, false));
        assert_int_equal(value_told(UNKNOWN_FIELD), table[i].sealed);
    }
}

static void test_of_a_confined_type_another_offices_values_stay_there(void **state) {
    (void)state;
    static struct jl_type confined;
    begin("member", JL_OP_EDIT);
    confined = *type;
    confined.confined = true;
    type = &confined;
    assert_true(tell(JL_TOLD_OTHER, JL_VERDICT_APPLIED, true, false));
    assert_int_equal(told.withheld_count, 2);
    assert_true(tell(JL_TOLD_DISTRICT, JL_VERDICT_APPLIED, true, false));
    assert_int_equal(told.withheld_count, 0);
    assert_true(tell(JL_TOLD_OWN, JL_VERDICT_APPLIED, false, false));
    assert_int_equal(told.withheld_count, 0);
}

static void test_hidden_values_are_told_to_nobody(void **state) {
    (void)state;
    static struct jl_type changed;
    static struct jl_field fields[1];
    begin("member", JL_OP_EDIT);
    fields[0] = *jl_type_field(type, news[0].field);
    fields[0].hidden = true;
    changed = (struct jl_type){.number = type->number, .fields = fields, .field_count = 1};
    type = &changed;
    op.new_count = op.old_count = 1;
    for (int whose = JL_TOLD_OWN; whose <= JL_TOLD_OTHER; whose++) {
        assert_true(tell((enum jl_told_whose)whose, JL_VERDICT_APPLIED, true, true));
        assert_int_equal(told.withheld_count, 1);
        assert_int_equal(told.op.old_count, 0);
    }
}

/* A delete, a merge and a resolve carry more old values than they change. */
static void test_old_values_are_told_of_what_is_set_only(void **state) {
    (void)state;
    begin("member", JL_OP_MERGE);
    op.new_fields = &news[1];
    op.new_count = 1;
    assert_true(tell(JL_TOLD_OWN, JL_VERDICT_APPLIED, true, false));
    assert_int_equal(told.op.old_count, 1);
    assert_int_equal(told.op.old_fields[0].field, news[1].field);
    begin("member", JL_OP_DELETE);
    op.new_count = 0;
    assert_true(tell(JL_TOLD_OTHER, JL_VERDICT_APPLIED, true, false));
    assert_int_equal(told.op.old_count, 0);
    begin("member", JL_OP_CREATE);
    op.old_count = 0;
    assert_true(tell(JL_TOLD_OWN, JL_VERDICT_APPLIED, true, false));
    assert_int_equal(told.op.old_count, 0);
    assert_int_equal(told.op.new_count, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_another_office_only_what_was_taken_is_told),
        cmocka_unit_test(test_who_it_was_and_what_it_belongs_to),
        cmocka_unit_test(test_sealed_values_by_whose_and_when),
        cmocka_unit_test(test_of_a_confined_type_another_offices_values_stay_there),
        cmocka_unit_test(test_hidden_values_are_told_to_nobody),
        cmocka_unit_test(test_old_values_are_told_of_what_is_set_only),
    };
    return cmocka_run_group_tests(tests, open_catalogue, close_catalogue);
}
