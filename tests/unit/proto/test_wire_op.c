/* Ops and rows survive the wire with every field at its edge, in both directions within the bounds,
 * and a refused one leaves the buffer as it was.
 *
 * Method: tables; each op and row is also cut at every byte and decoded from a block of its exact
 * size under every small arena bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jielian/store/feeds.h"
#include "jielian/store/store.h"
#include "proto/wire.h"
#include "tests/said.h"

#include <stdlib.h>
#include <string.h>

_Static_assert((int)JL_FEED_ENTER == 1 && (int)JL_FEED_UPDATE == 2 && (int)JL_FEED_LEAVE == 3 &&
                   (int)JL_FEED_DELETE == 4,
               "feed kinds are the numbers of Row.kind in wire.proto");

enum { FIELDS = 6 };

struct fixture {
    struct jl_arena arena;
    struct jl_buf buf;
    struct jl_err err;
    struct jl_field_value fields[JL_FIELDS_PER_TYPE_MAX];
    struct jl_id ids[3];
    char text[JL_REASON_MAX_BYTES + 1];
};

static int set_up(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    memset(f->ids, 0x5A, sizeof f->ids);
    memset(f->text, 'r', JL_REASON_MAX_BYTES);
    const struct jl_field_value fields[FIELDS] = {
        {1, jl_value_cstr("诸葛测试")}, {2, jl_value_int(INT64_MIN)},
        {3, jl_value_int(INT64_MAX)},   {200, jl_value_ref(&f->ids[0])},
        {70000, jl_value_cstr("")},     {UINT32_MAX, jl_value_int(0)},
    };
    memcpy(f->fields, fields, sizeof fields);
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    jl_arena_fini(&f->arena);
    jl_buf_fini(&f->buf);
    free(f);
    return 0;
}

static struct jl_op edge_op(struct fixture *f, enum jl_op_kind kind) {
    return (struct jl_op){
        .kind = kind,
        .type = UINT32_MAX,
        .id = f->ids[0],
        .made_ms = kind == JL_OP_CREATE ? INT64_MIN : INT64_MAX,
        .staff = jl_bytes(f->text, JL_STAFF_MAX_BYTES),
        .cursor = INT64_MAX,
        .change_set = f->ids[1],
        .other = f->ids[2],
        .owner = UINT32_MAX,
        .owner_before = UINT32_MAX - 1,
        .reason = jl_bytes(f->text, JL_REASON_MAX_BYTES),
        .old_fields = f->fields,
        .old_count = FIELDS,
        .new_fields = f->fields + 1,
        .new_count = FIELDS - 1,
    };
}

static struct jl_feed_row edge_row(struct fixture *f, enum jl_feed_kind kind) {
    return (struct jl_feed_row){
        .kind = (int)kind,
        .row = {.type = UINT32_MAX,
                .id = f->ids[0],
                .owner = UINT32_MAX,
                .deleted = kind == JL_FEED_DELETE,
                .fields = f->fields,
                .field_count = FIELDS},
        .changed_ms = INT64_MIN,
        .by_device = UINT32_MAX,
        .by_staff = jl_bytes(f->text, JL_STAFF_MAX_BYTES),
        .title = jl_bytes_text("测试会员"),
    };
}

static void assert_same_fields(const struct jl_field_value *a, size_t a_count,
                               const struct jl_field_value *b, size_t b_count) {
    assert_int_equal(a_count, b_count);
    for (size_t i = 0; i < a_count; i++) {
        assert_int_equal(a[i].field, b[i].field);
        assert_true(jl_value_equal(&a[i].value, &b[i].value));
    }
}

static void assert_same_op(const struct jl_op *a, const struct jl_op *b) {
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->type, b->type);
    assert_true(jl_id_equal(&a->id, &b->id));
    assert_true(a->made_ms == b->made_ms);
    assert_true(jl_bytes_equal(a->staff, b->staff));
    assert_true(a->cursor == b->cursor);
    assert_true(jl_id_equal(&a->change_set, &b->change_set));
    assert_true(jl_id_equal(&a->other, &b->other));
    assert_int_equal(a->owner, b->owner);
    assert_int_equal(a->owner_before, b->owner_before);
    assert_true(jl_bytes_equal(a->reason, b->reason));
    assert_same_fields(a->old_fields, a->old_count, b->old_fields, b->old_count);
    assert_same_fields(a->new_fields, a->new_count, b->new_fields, b->new_count);
}

static void assert_same_row(const struct jl_feed_row *a, const struct jl_feed_row *b) {
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->row.type, b->row.type);
    assert_true(jl_id_equal(&a->row.id, &b->row.id));
    assert_int_equal(a->row.owner, b->row.owner);
    assert_int_equal(a->row.deleted, b->row.deleted);
    assert_same_fields(a->row.fields, a->row.field_count, b->row.fields, b->row.field_count);
    assert_true(a->changed_ms == b->changed_ms);
    assert_int_equal(a->by_device, b->by_device);
    assert_true(jl_bytes_equal(a->by_staff, b->by_staff));
    assert_true(jl_bytes_equal(a->title, b->title));
}

static void put_op(struct fixture *f, const struct jl_op *op) {
    jl_buf_reset(&f->buf);
    if (jl_wire_op_encode(op, &f->buf, &f->err) != JL_OK) {
        fail_msg("%s", err_said(&f->err));
    }
}

static void put_row(struct fixture *f, const struct jl_feed_row *row) {
    jl_buf_reset(&f->buf);
    if (jl_wire_row_encode(row, &f->buf, &f->err) != JL_OK) {
        fail_msg("%s", err_said(&f->err));
    }
}

/* ---- Tests ---- */

static void test_ops_of_every_kind_survive(void **state) {
    struct fixture *f = *state;
    f->fields[4].value = jl_value_null(); /* "no value" is legal in an op */
    for (unsigned kind = JL_OP_CREATE; kind <= JL_OP_RESOLVE; kind++) {
        const struct jl_op ops[] = {
            edge_op(f, (enum jl_op_kind)kind),
            {.kind = (enum jl_op_kind)kind, .type = 1}, /* everything else empty */
        };
        for (size_t i = 0; i < 2; i++) {
            struct jl_op back;
            put_op(f, &ops[i]);
            assert_int_equal(jl_wire_op_decode(jl_buf_bytes(&f->buf), &f->arena, &back, &f->err),
                             JL_OK);
            assert_same_op(&ops[i], &back);
        }
    }
}

static void test_rows_of_every_kind_survive(void **state) {
    struct fixture *f = *state;
    for (unsigned kind = JL_FEED_ENTER; kind <= JL_FEED_DELETE; kind++) {
        const struct jl_feed_row rows[] = {
            edge_row(f, (enum jl_feed_kind)kind),
            {.kind = (int)kind, .row = {.type = 1, .deleted = kind == JL_FEED_DELETE}},
        };
        for (size_t i = 0; i < 2; i++) {
            struct jl_feed_row back;
            put_row(f, &rows[i]);
            assert_int_equal(jl_wire_row_decode(jl_buf_bytes(&f->buf), &f->arena, &back, &f->err),
                             JL_OK);
            assert_same_row(&rows[i], &back);
        }
    }
}

/* The op is packed behind its fields and moved over them: nothing before it may change. */
static void test_ops_are_appended_one_after_another(void **state) {
    struct fixture *f = *state;
    const struct jl_op op = edge_op(f, JL_OP_MERGE);
    put_op(f, &op);
    size_t size = f->buf.size;
    uint8_t *first = malloc(size);
    assert_non_null(first);
    memcpy(first, f->buf.data, size);
    for (size_t i = 1; i < 40; i++) { /* through several growths of the buffer */
        assert_int_equal(jl_wire_op_encode(&op, &f->buf, &f->err), JL_OK);
        assert_int_equal(f->buf.size, (i + 1) * size);
    }
    for (size_t i = 0; i < 40; i++) {
        assert_memory_equal(f->buf.data + i * size, first, size);
    }
    free(first);
}

static void test_a_refused_op_leaves_the_buffer_as_it_was(void **state) {
    struct fixture *f = *state;
    char *huge = malloc(JL_OP_MAX_BYTES);
    assert_non_null(huge);
    memset(huge, 'h', JL_OP_MAX_BYTES);
    struct jl_field_value big = {1, jl_value_text(jl_bytes(huge, JL_OP_MAX_BYTES))};
    struct jl_field_value twice[] = {{2, jl_value_int(1)}, {2, jl_value_int(1)}};
    const struct {
        enum jl_rc rc;
        struct jl_op op;
    } table[] = {
        {JL_MISUSE, {.kind = (enum jl_op_kind)0, .type = 1}},
        {JL_MISUSE, {.kind = (enum jl_op_kind)8, .type = 1}},
        {JL_MISUSE, {.kind = JL_OP_EDIT, .type = 0}},
        {JL_MISUSE, {.kind = JL_OP_EDIT, .type = 1, .cursor = 1ULL << 63}},
        {JL_LIMIT, {.kind = JL_OP_EDIT, .type = 1, .staff = {(uint8_t *)f->text, 65}}},
        {JL_LIMIT, {.kind = JL_OP_EDIT, .type = 1, .reason = {(uint8_t *)huge, 513}}},
        {JL_MISUSE, {.kind = JL_OP_EDIT, .type = 1, .staff = jl_bytes_text("\xFF")}},
        {JL_MISUSE, {.kind = JL_OP_EDIT, .type = 1, .reason = jl_bytes_text("\xC0\x80")}},
        {JL_LIMIT, {.kind = JL_OP_EDIT, .type = 1, .new_fields = &big, .new_count = 1}},
        {JL_MISUSE, {.kind = JL_OP_EDIT, .type = 1, .old_fields = twice, .old_count = 2}},
        {JL_MISUSE,
         {.kind = JL_OP_EDIT,
          .type = 1,
          .old_fields = f->fields,
          .old_count = 1,
          .new_fields = twice,
          .new_count = 2}},
    };
    assert_int_equal(jl_buf_put_text(&f->buf, "before", &f->err), JL_OK);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_int_equal(jl_wire_op_encode(&table[i].op, &f->buf, &f->err), table[i].rc);
        assert_int_equal(f->err.rc, table[i].rc);
        assert_int_equal(f->buf.size, 6);
        assert_memory_equal(f->buf.data, "before", 6);
    }
    free(huge);
}

static void test_a_refused_row_leaves_the_buffer_as_it_was(void **state) {
    struct fixture *f = *state;
    const struct {
        enum jl_rc rc;
        struct jl_feed_row row;
    } table[] = {
        {JL_MISUSE, {.kind = 0, .row.type = 1}},
        {JL_MISUSE, {.kind = -1, .row.type = 1}},
        {JL_MISUSE, {.kind = 5, .row.type = 1}},
        {JL_MISUSE, {.kind = 1}},
        {JL_LIMIT, {.kind = 1, .row.type = 1, .by_staff = {(uint8_t *)f->text, 65}}},
        {JL_MISUSE, {.kind = 3, .row.type = 1, .title = jl_bytes_text("\xFF")}},
        {JL_LIMIT,
         {.kind = 1,
          .row = {.type = 1, .fields = f->fields, .field_count = JL_FIELDS_PER_TYPE_MAX + 1}}},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_int_equal(jl_wire_row_encode(&table[i].row, &f->buf, &f->err), table[i].rc);
        assert_int_equal(f->buf.size, 0);
    }
}

/* Bytes by hand: tag 0x08 kind, 0x10 type, 0x1A id … */
static void test_malformed_ops_and_rows_are_refused(void **state) {
#define ID16                                                                                       \
    "\x1A\x10"                                                                                     \
    "0123456789abcdef"
#define HEAD "\x08\x01\x10\x01" ID16
#define CASE(rc, text)                                                                             \
    { rc, text, sizeof text - 1 }
    static const struct {
        enum jl_rc rc;
        const char *text;
        size_t size;
    } ops[] =
        {
            CASE(JL_OK, HEAD),
            CASE(JL_OK, HEAD "\x98\x06\x01"),        /* field 99: a later version's */
            CASE(JL_PROTO, ""),                      /* no kind */
            CASE(JL_PROTO, "\x08\x01\x10\x01"),      /* no id */
            CASE(JL_PROTO, "\x08\x01" ID16),         /* no type */
            CASE(JL_PROTO, "\x08\x08\x10\x01" ID16), /* kind 8 */
            CASE(JL_PROTO, "\x08\x01\x10\x01\x1A\x0F"
                           "0123456789abcde"),
            CASE(JL_PROTO, HEAD "\x3A\x01x"), /* a change set of one byte */
            CASE(JL_PROTO, HEAD "\x42\x11"
                                "0123456789abcdefg"),                            /* other of 17 */
            CASE(JL_PROTO, HEAD "\x30\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"), /* cursor 2^64-1 */
            CASE(JL_PROTO, HEAD "\x2A\x01\xFF"),         /* staff not UTF-8 */
            CASE(JL_PROTO, HEAD "\x2A\x01\x00"),         /* a NUL */
            CASE(JL_PROTO, HEAD "\x52\x02\xC0\x80"),     /* reason over-long UTF-8 */
            CASE(JL_OK, HEAD "\x5A\x01\x04"),            /* old: field 1 NULL */
            CASE(JL_PROTO, HEAD "\x5A\x01\x05"),         /* old: field 1 INT, cut off */
            CASE(JL_PROTO, HEAD "\x62\x02\x04\x04"),     /* new: field 1 twice */
            CASE(JL_PROTO, HEAD "\x62\x03\x06\x01\xFF"), /* new: text not UTF-8 */
        },
      rows[] = {
          CASE(JL_OK, HEAD),
          CASE(JL_PROTO, ""),
          CASE(JL_PROTO, "\x08\x05\x10\x01" ID16), /* kind 5 */
          CASE(JL_PROTO, "\x08\x01\x10\x00" ID16), /* type 0 */
          CASE(JL_PROTO, HEAD "\x42\x01\x04"),     /* a NULL in a row */
          CASE(JL_PROTO, HEAD "\x3A\x01\xFF"),     /* by_staff not UTF-8 */
          CASE(JL_PROTO, HEAD "\x4A\x01\xFF"),     /* title not UTF-8 */
      };
#undef CASE
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
        struct jl_op op;
        enum jl_rc rc =
            jl_wire_op_decode(jl_bytes(ops[i].text, ops[i].size), &f->arena, &op, &f->err);
        if (rc != ops[i].rc) {
            fail_msg("op %zu: %s (%s)", i, jl_rc_name(rc), err_said(&f->err));
        }
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct jl_feed_row row;
        enum jl_rc rc =
            jl_wire_row_decode(jl_bytes(rows[i].text, rows[i].size), &f->arena, &row, &f->err);
        if (rc != rows[i].rc) {
            fail_msg("row %zu: %s (%s)", i, jl_rc_name(rc), err_said(&f->err));
        }
    }
}

/* Bytes that decode like an op, and are not its one form. HEAD as above: kind, type, id. */
#define ZEROES "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
static void test_an_op_has_one_form(void **state) {
#define CASE(bytes, why)                                                                           \
    { bytes, sizeof(bytes) - 1, why }
    static const struct {
        const char *text;
        size_t size;
        const char *why; /* NULL: it is the form */
    } rows[] = {
        CASE(HEAD, NULL),
        CASE(HEAD "\x30\x08", NULL),                      /* cursor 8 */
        CASE(HEAD "\x68\x01\x70\x05", NULL),              /* number, owner_before */
        CASE(HEAD "\x78\x01", NULL),                      /* field 15, of a later version */
        CASE(HEAD "\x7A\x01x", NULL),                     /* … with bytes */
        CASE(HEAD "\x30\x88\x00", "over-long"),           /* cursor 8 in two bytes */
        CASE(HEAD "\x30\x00", "empty"),                   /* a zero that is written */
        CASE(HEAD "\x2A\x00", "empty"),                   /* staff of no bytes */
        CASE(HEAD "\x42\x10" ZEROES, "empty"),            /* other: an id of zeroes */
        CASE("\x08\x01\x10\x01\x1A\x10" ZEROES, "empty"), /* id of zeroes */
        CASE(HEAD "\x30\x08\x30\x08", "behind"),          /* twice */
        CASE(HEAD "\x30\x08\x20\x02", "behind"),          /* made_ms behind cursor */
        CASE("\x10\x01\x08\x01" ID16, "behind"),          /* type before kind */
        CASE(HEAD "\x32\x01x", "another kind"),           /* cursor as bytes */
        CASE(HEAD "\x28\x05", "another kind"),            /* staff as a number */
        CASE(HEAD "\x79\x01\x02\x03\x04\x05\x06\x07\x08", "another kind"), /* eight bytes */
        CASE(HEAD "\x48\x81\x80\x80\x80\x10", "larger"),                   /* owner over 32 bits */
        CASE(HEAD "\x52\x05xx", "cut off"),                                /* reason */
        CASE(HEAD "\x30", "does not end"),
        CASE("\x00\x01" HEAD, "behind"), /* field 0 */
    };
#undef CASE
    struct jl_err err;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum jl_rc rc = jl_wire_op_canonical(jl_bytes(rows[i].text, rows[i].size), &err);
        assert_int_equal(rc, rows[i].why == NULL ? JL_OK : JL_PROTO);
        if (rows[i].why != NULL && strstr(err_said(&err), rows[i].why) == NULL) {
            fail_msg("row %zu: %s", i, err_said(&err));
        }
    }
}

static void test_what_is_written_is_the_one_form(void **state) {
    struct fixture *f = *state;
    for (int kind = JL_OP_CREATE; kind <= JL_OP_RESOLVE; kind++) {
        const struct jl_op op = edge_op(f, (enum jl_op_kind)kind);
        put_op(f, &op);
        assert_int_equal(jl_wire_op_canonical(jl_buf_bytes(&f->buf), &f->err), JL_OK);
    }
}

/* Decode from a block of exactly this size, as an op and as a row. */
static void decode_both(struct fixture *f, size_t size, size_t arena_bytes) {
    uint8_t *block = malloc(size == 0 ? 1 : size);
    assert_non_null(block);
    memcpy(block, f->buf.data, size);
    struct jl_arena arena = {.limit_bytes = arena_bytes};
    struct jl_op op;
    struct jl_feed_row row;
    enum jl_rc rc = jl_wire_op_decode(jl_bytes(block, size), &arena, &op, &f->err);
    assert_true(rc == JL_OK || rc == JL_PROTO || (rc == JL_LIMIT && arena_bytes != 0) ||
                (rc == JL_NOMEM && arena_bytes != 0));
    rc = jl_wire_row_decode(jl_bytes(block, size), &arena, &row, &f->err);
    assert_true(rc == JL_OK || rc == JL_PROTO || (rc == JL_LIMIT && arena_bytes != 0) ||
                (rc == JL_NOMEM && arena_bytes != 0));
    jl_arena_fini(&arena);
    free(block);
}

static void test_cut_ops_and_rows_never_break_the_decoder(void **state) {
    struct fixture *f = *state;
    const struct jl_op op = edge_op(f, JL_OP_EDIT);
    const struct jl_feed_row row = edge_row(f, JL_FEED_UPDATE);
    for (int i = 0; i <= 1; i++) {
        if (i == 0) {
            put_op(f, &op);
        } else {
            put_row(f, &row);
        }
        for (size_t size = 0; size < f->buf.size; size++) {
            decode_both(f, size, 0);
        }
        for (size_t bit = 0; bit < 8 * f->buf.size; bit++) {
            f->buf.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
            decode_both(f, f->buf.size, 0);
            f->buf.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
        for (size_t limit = 1; limit < 4096; limit += 17) {
            decode_both(f, f->buf.size, limit);
        }
    }
}

static void test_an_op_of_tiny_unknown_parts_does_not_eat_memory(void **state) {
    struct fixture *f = *state;
    struct jl_op op;
    while (f->buf.size < JL_OP_MAX_BYTES - 3) {
        assert_int_equal(jl_buf_put(&f->buf, "\x9A\x06\x00", 3, &f->err), JL_OK);
    }
    assert_int_equal(jl_wire_op_decode(jl_buf_bytes(&f->buf), &f->arena, &op, &f->err), JL_LIMIT);
    assert_in_range(f->arena.used_bytes, 0, 2 * JL_OP_MAX_BYTES);
    f->buf.size = 0;
    assert_int_equal(jl_buf_reserve(&f->buf, JL_OP_MAX_BYTES + 1, &f->err), JL_OK);
    f->buf.size = JL_OP_MAX_BYTES + 1;
    assert_int_equal(jl_wire_op_decode(jl_buf_bytes(&f->buf), &f->arena, &op, &f->err), JL_LIMIT);
}

/* An edit of one phone number, as most ops are; with its frame it fits one network packet. */
static void test_a_one_field_edit_is_small(void **state) {
    struct fixture *f = *state;
    JL_AUTO_PTR(jl_wire) wire = NULL;
    JL_AUTO(jl_buf) frame = {0};
    struct jl_field_value old_field = {7, jl_value_cstr("19900000001")};
    struct jl_field_value new_field = {7, jl_value_cstr("19900000002")};
    const struct jl_op op = {.kind = JL_OP_EDIT,
                             .type = 3,
                             .id = f->ids[0],
                             .made_ms = 1664150400000,
                             .staff = jl_bytes_text("chenmin"),
                             .cursor = 20000,
                             .old_fields = &old_field,
                             .old_count = 1,
                             .new_fields = &new_field,
                             .new_count = 1};
    put_op(f, &op);
    struct jl_bytes bytes = jl_buf_bytes(&f->buf);
    const struct jl_message push = {.kind = JL_MESSAGE_PUSH,
                                    .as.push = {.first_seq = 20001, .ops = &bytes, .count = 1}};
    assert_int_equal(jl_wire_new(jl_suite_find(JL_SUITE_FIRST), &wire, &f->err), JL_OK);
    assert_int_equal(jl_wire_encode(wire, &push, &frame, &f->err), JL_OK);
    print_message("op: %zu bytes, push: %zu bytes\n", bytes.size, frame.size);
    assert_in_range(bytes.size, 1, 72);
    assert_in_range(frame.size, 1, 152);
}

int main(void) {
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_ops_of_every_kind_survive),
        TEST(test_rows_of_every_kind_survive),
        TEST(test_ops_are_appended_one_after_another),
        TEST(test_a_refused_op_leaves_the_buffer_as_it_was),
        TEST(test_a_refused_row_leaves_the_buffer_as_it_was),
        TEST(test_malformed_ops_and_rows_are_refused),
        TEST(test_an_op_has_one_form),
        TEST(test_what_is_written_is_the_one_form),
        TEST(test_cut_ops_and_rows_never_break_the_decoder),
        TEST(test_an_op_of_tiny_unknown_parts_does_not_eat_memory),
        TEST(test_a_one_field_edit_is_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
