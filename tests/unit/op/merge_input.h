/* A small type with every trait that matters, built by hand; the district's row and the op are
 * written as texts of numbers, one per field, so that a case can be read at a glance: "1 . 3" is
 * field 1 = 1, field 2 empty, field 3 = 3. */
#ifndef JIELIAN_MERGE_INPUT_H
#define JIELIAN_MERGE_INPUT_H

#include "jielian/base/fault.h"
#include "jielian/op/merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { OFFICE = 3, FIELDS = 4, ARENA_BYTES = 64 * 1024 };

static struct jl_arena arena;
static struct jl_type type;
static struct jl_op op;
static struct jl_row current;
static struct jl_merge_input input;
static struct jl_merge_result result;
static struct jl_err err;
static enum jl_side writer;   /* of every value that stands */
static enum jl_rc writer_rc;  /* what looking it up answers */
static unsigned writer_asked; /* how often */

static enum jl_rc side_of(void *context, uint32_t field, enum jl_side *out_side,
                          struct jl_err *error) {
    assert_ptr_equal(context, &writer_asked);
    assert_in_range(field, 1, FIELDS);
    writer_asked++;
    *out_side = writer;
    return writer_rc == JL_OK ? JL_OK
                              : jl_fault_at(error, writer_rc, JL_FAULT_TEXT, "%s", "no history");
}

static int set_up(void **state) {
    (void)state;
    arena.limit_bytes = ARENA_BYTES;
    jl_arena_reset(&arena);
    type = (struct jl_type){
        .number = 1000, .name = "thing", .owner = JL_SIDE_OFFICE, .decides = JL_SIDE_OFFICE};
    op = (struct jl_op){.type = 1000, .id = {{0xAA}}};
    current = (struct jl_row){.type = 1000, .id = {{0xAA}}, .owner = OFFICE};
    writer = JL_SIDE_OFFICE;
    writer_rc = JL_OK;
    writer_asked = 0;
    input = (struct jl_merge_input){.type = &type,
                                    .op = &op,
                                    .author = JL_SIDE_OFFICE,
                                    .standing = JL_STANDING_OWN,
                                    .presence = JL_PRESENCE_LIVE,
                                    .current = &current,
                                    .side_of = side_of,
                                    .side_context = &writer_asked};
    return 0;
}

static int end(void **state) {
    (void)state;
    jl_arena_fini(&arena);
    return 0;
}

/* ---- Rows as text ---- */

/* "1 . 3": values of fields 1, 2, 3; '.' is no value, which an op says with a NULL; '_' says that
 * the op does not speak of the field. */
static struct jl_field_value *fields_of(const char *text, bool nulls, size_t *out_count) {
    struct jl_field_value *fields = jl_arena_zalloc(&arena, 16, sizeof *fields);
    assert_non_null(fields);
    uint32_t number = 1;
    *out_count = 0;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == ' ') {
            continue;
        }
        if (*at != '_' && (*at != '.' || nulls)) {
            fields[*out_count].field = number;
            fields[(*out_count)++].value = *at == '.' ? jl_value_null() : jl_value_int(*at - '0');
        }
        number++;
    }
    return fields;
}

static void given(const char *row) {
    current.fields = fields_of(row, false, &current.field_count);
}
static void wanted(enum jl_op_kind kind, const char *old, const char *new) {
    op.kind = kind;
    op.old_fields = fields_of(old, kind != JL_OP_DELETE, &op.old_count);
    op.new_fields = fields_of(new, true, &op.new_count);
}
static void absent(void) {
    input.presence = JL_PRESENCE_ABSENT;
    input.current = NULL;
}
static void deleted(void) {
    input.presence = JL_PRESENCE_DELETED;
    current.deleted = true;
}
static void merge(void) {
    assert_int_equal(jl_merge(&input, &arena, &result, &err), JL_OK);
}

static void assert_row(const char *text) {
    size_t count = 0;
    const struct jl_field_value *fields = fields_of(text, false, &count);
    assert_int_equal(result.row.field_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(result.row.fields[i].field, fields[i].field);
        assert_true(jl_value_equal(&result.row.fields[i].value, &fields[i].value));
    }
    assert_int_equal(result.row.type, 1000);
    assert_true(jl_id_equal(&result.row.id, &op.id));
}
static void assert_verdict(enum jl_verdict_code verdict, enum jl_merge_effect effect) {
    assert_int_equal(result.verdict, verdict);
    assert_int_equal(result.effect, effect);
    assert_int_equal(result.case_kind != JL_CASE_NONE, verdict == JL_VERDICT_CASE);
    assert_int_equal(result.park != JL_PARK_NONE, verdict == JL_VERDICT_PARKED);
}
static void assert_parked(enum jl_park_reason reason) {
    assert_verdict(JL_VERDICT_PARKED, JL_EFFECT_NONE);
    assert_int_equal(result.park, reason);
    assert_int_equal(result.conflict_count, 0);
}
static void assert_conflict(size_t index, uint32_t field, char old, char now, char offered,
                            bool offered_stands) {
    assert_true(index < result.conflict_count);
    const struct jl_conflict *conflict = &result.conflicts[index];
    const struct jl_value *values[] = {&conflict->old, &conflict->current, &conflict->offered};
    const char texts[] = {old, now, offered};
    assert_int_equal(conflict->field, field);
    for (int i = 0; i < 3; i++) {
        struct jl_value value = texts[i] == '.' ? jl_value_null() : jl_value_int(texts[i] - '0');
        assert_true(jl_value_equal(values[i], &value));
    }
    assert_int_equal(conflict->offered_stands, offered_stands);
}

#endif
