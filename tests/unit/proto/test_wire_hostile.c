/* Bytes that no honest program sends are refused with the right code, and before they cost memory.
 *
 * Method: frames are written by hand from tables of protobuf fields (a number, a form, a value),
 * one fault each on top of what is needed; bodies are compressed here. The same rules hold for
 * sending: a table of messages that must not leave this program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire_broken.h"

#include "jielian/base/fault.h"
#include "jielian/message/say.h"
#include "tests/said.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum { SIGNATURE_FIELD = 5 };

struct fixture {
    struct jl_wire *wire;
    struct jl_arena arena;
    struct jl_buf inner, frame, body, packed;
    struct jl_err err;
    struct jl_message message;
};

static int set_up(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    assert_int_equal(jl_wire_new(jl_suite_find(JL_SUITE_FIRST), &f->wire, &f->err), JL_OK);
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    jl_wire_free(f->wire);
    jl_arena_fini(&f->arena);
    jl_buf_fini(&f->inner);
    jl_buf_fini(&f->frame);
    jl_buf_fini(&f->body);
    jl_buf_fini(&f->packed);
    free(f);
    return 0;
}

/* ---- Writing by hand ---- */

static void put_varint(struct jl_buf *buf, uint64_t value) {
    assert_int_equal(jl_buf_put_varint(buf, value, NULL), JL_OK);
}

static void put_number(struct jl_buf *buf, uint32_t field, uint64_t value) {
    put_varint(buf, (uint64_t)field << 3);
    put_varint(buf, value);
}

static void put_bytes(struct jl_buf *buf, uint32_t field, struct jl_bytes bytes) {
    put_varint(buf, (uint64_t)field << 3 | 2);
    put_varint(buf, bytes.size);
    assert_int_equal(jl_buf_put(buf, bytes.data, bytes.size, NULL), JL_OK);
}

static void put_part(struct jl_buf *buf, const struct part *part) {
    if (part->form == 'v') {
        put_number(buf, part->field, part->value);
        return;
    }
    uint8_t *data = malloc(part->value + 1);
    assert_non_null(data);
    for (size_t i = 0; i < part->value; i++) {
        data[i] = part->form == 'a' ? 'a' : part->form == 'u' ? 0xFF : (uint8_t)(0xFE - i);
    }
    put_bytes(buf, part->field, jl_bytes(data, part->value));
    free(data);
}

/* The frame of one message whose body is in f->inner. */
static void wrap(struct fixture *f, unsigned kind) {
    jl_buf_reset(&f->frame);
    put_bytes(&f->frame, kind, jl_buf_bytes(&f->inner));
}

static enum jl_rc decode(struct fixture *f) {
    jl_arena_reset(&f->arena);
    f->err = (struct jl_err){0};
    return jl_wire_decode(f->wire, jl_buf_bytes(&f->frame), &f->arena, &f->message, &f->err);
}

/* ---- Tests ---- */

static void test_what_no_honest_program_sends_is_refused(void **state) {
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        jl_buf_reset(&f->inner);
        for (size_t p = 0; p < PARTS_MAX && broken[i].parts[p].field != 0; p++) {
            put_part(&f->inner, &broken[i].parts[p]);
        }
        wrap(f, broken[i].kind);
        enum jl_rc rc = decode(f);
        if (rc != broken[i].rc || (rc != JL_OK && f->err.rc != rc)) {
            fail_msg("%s: %s, not %s (%s)", broken[i].what, jl_rc_name(rc),
                     jl_rc_name(broken[i].rc), err_said(&f->err));
        }
        /* Each has a number that says what is wrong. */
        if (rc != JL_OK && jl_say_sentence(f->err.cause, JL_LANGUAGE_EN) == NULL) {
            fail_msg("%s: cause %u (%s)", broken[i].what, (unsigned)f->err.cause,
                     err_said(&f->err));
        }
    }
}

static void test_each_cause_has_its_number(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *what;
        uint32_t cause;
    } cases[] = {
        {"a long incarnation", JL_SAY_PART_SIZE},
        {"a short signature", JL_SAY_PART_SIZE},
        {"a program version not ASCII", JL_SAY_PART_TEXT},
        {"a refusal not UTF-8", JL_SAY_PART_TEXT},
        {"first op 0", JL_SAY_PART_VALUE},
        {"feed 2", JL_SAY_PART_VALUE},
        {"a long device name", JL_SAY_BOUND},
        {"too many arguments of a refusal", JL_SAY_BOUND},
        {"a number where bytes belong", JL_SAY_NOT_ENVELOPE},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        size_t i = 0;
        while (i < sizeof broken / sizeof *broken && strcmp(broken[i].what, cases[c].what) != 0) {
            i++;
        }
        assert_true(i < sizeof broken / sizeof *broken);
        jl_buf_reset(&f->inner);
        for (size_t p = 0; p < PARTS_MAX && broken[i].parts[p].field != 0; p++) {
            put_part(&f->inner, &broken[i].parts[p]);
        }
        wrap(f, broken[i].kind);
        assert_int_not_equal(decode(f), JL_OK);
        if (f->err.cause != cases[c].cause) {
            fail_msg("%s: %u (%s)", cases[c].what, (unsigned)f->err.cause, err_said(&f->err));
        }
    }
}

static void test_unknown_messages_and_parts(void **state) {
    struct fixture *f = *state;
    assert_int_equal(decode(f), JL_PROTO); /* an empty frame */
    assert_int_equal(jl_fault_code(&f->err), JL_SAY_MESSAGE_UNKNOWN);
    assert_int_equal(f->err.cause, JL_SAY_MESSAGE_UNKNOWN);
    jl_buf_reset(&f->inner);
    wrap(f, 99);
    assert_int_equal(decode(f), JL_PROTO);
    assert_int_equal(jl_fault_code(&f->err), JL_SAY_MESSAGE_UNKNOWN);
    put_number(&f->frame, 16, 7); /* needs */
    assert_int_equal(decode(f), JL_DENIED);
    assert_non_null(strstr(err_said(&f->err), "protocol version 7"));
    wrap(f, JL_MESSAGE_POKE);
    put_number(&f->frame, 16, JL_PROTOCOL_VERSION + 1); /* a known message with a mandatory part */
    assert_int_equal(decode(f), JL_DENIED);
    assert_non_null(strstr(err_said(&f->err), "protocol version 2"));
    put_number(&f->inner, 1, 5);
    put_number(&f->inner, 77, 1); /* a part of a later version that may be ignored */
    wrap(f, JL_MESSAGE_POKE);
    put_number(&f->frame, 16, JL_PROTOCOL_VERSION);
    put_number(&f->frame, 78, 1);
    assert_int_equal(decode(f), JL_OK);
    assert_int_equal(f->message.as.poke.head[0], 5);
}

static void test_verdicts_are_listed_in_order_within_their_range(void **state) {
    static const struct {
        uint64_t first, second;
        uint64_t code;
        enum jl_rc rc;
    } table[] = {
        {10, 19, 2, JL_OK},    {9, 19, 2, JL_PROTO},  {10, 20, 2, JL_PROTO}, {11, 11, 2, JL_PROTO},
        {12, 11, 2, JL_PROTO}, {10, 19, 0, JL_PROTO}, {10, 19, 6, JL_PROTO},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        jl_buf_reset(&f->inner);
        put_number(&f->inner, 1, 10);
        put_number(&f->inner, 2, 19);
        for (int second = 0; second <= 1; second++) {
            jl_buf_reset(&f->body);
            put_number(&f->body, 1, second ? table[i].second : table[i].first);
            put_number(&f->body, 2, table[i].code);
            put_bytes(&f->inner, 3, jl_buf_bytes(&f->body));
        }
        wrap(f, JL_MESSAGE_VERDICTS);
        assert_int_equal(decode(f), table[i].rc);
    }
}

/* A part of two bytes may need a hundred in memory: a frame full of them must not. */
static void test_a_frame_of_tiny_parts_does_not_eat_memory(void **state) {
    struct fixture *f = *state;
    static const uint32_t fields[] = {3, 99}; /* empty verdicts; parts that nobody knows */
    for (size_t i = 0; i < 2; i++) {
        jl_buf_reset(&f->inner);
        while (f->inner.size < JL_FRAME_MAX_BYTES - 64) {
            put_bytes(&f->inner, fields[i], jl_bytes(NULL, 0));
        }
        wrap(f, JL_MESSAGE_VERDICTS);
        assert_int_equal(decode(f), JL_LIMIT);
        assert_in_range(f->arena.used_bytes, 0, 3 * JL_FRAME_MAX_BYTES);
    }
    jl_buf_reset(&f->frame);
    assert_int_equal(jl_buf_reserve(&f->frame, JL_FRAME_MAX_BYTES + 1, NULL), JL_OK);
    f->frame.size = JL_FRAME_MAX_BYTES + 1;
    memset(f->frame.data, 0, f->frame.size);
    assert_int_equal(decode(f), JL_LIMIT);
}

/* ---- Bodies ---- */

/* A push of `count` ops whose body is in `body`. */
static enum jl_rc decode_push(struct fixture *f, uint64_t count, struct jl_bytes body,
                              uint64_t raw_size) {
    const struct part signature = {SIGNATURE_FIELD, 'a',
                                   jl_suite_find(JL_SUITE_FIRST)->sign->signature_bytes};
    jl_buf_reset(&f->inner);
    put_number(&f->inner, 1, 1);
    put_number(&f->inner, 2, count);
    put_bytes(&f->inner, 3, body);
    put_number(&f->inner, 4, raw_size);
    put_part(&f->inner, &signature);
    wrap(f, JL_MESSAGE_PUSH);
    return decode(f);
}

/* f->packed: a zstd frame of f->body. */
static struct jl_bytes compress(struct fixture *f) {
    jl_buf_reset(&f->packed);
    assert_int_equal(jl_buf_reserve(&f->packed, ZSTD_compressBound(f->body.size), NULL), JL_OK);
    f->packed.size =
        ZSTD_compress(f->packed.data, f->packed.capacity, f->body.data, f->body.size, 3);
    assert_false(ZSTD_isError(f->packed.size));
    return jl_buf_bytes(&f->packed);
}

static void fill_body(struct fixture *f, size_t count, size_t item_bytes) {
    jl_buf_reset(&f->body);
    assert_int_equal(jl_buf_reserve(&f->body, count * (item_bytes + 3), NULL), JL_OK);
    for (size_t i = 0; i < count; i++) {
        put_varint(&f->body, item_bytes);
        memset(f->body.data + f->body.size, 'o', item_bytes);
        f->body.size += item_bytes;
    }
}

static void test_a_zstd_bomb_is_refused_before_it_takes_memory(void **state) {
    struct fixture *f = *state;
    fill_body(f, 64, 1024 * 1024); /* 64 MiB in some kilobytes */
    struct jl_bytes bomb = compress(f);
    assert_in_range(bomb.size, 1, 64 * 1024);
    assert_int_equal(decode_push(f, 64, bomb, f->body.size), JL_LIMIT);
    assert_in_range(f->arena.used_bytes, 0, 4 * bomb.size);
    assert_int_equal(decode_push(f, 64, bomb, 1000), JL_PROTO); /* declares less than it is */
    assert_in_range(f->arena.used_bytes, 0, 4 * bomb.size);
    assert_int_equal(decode_push(f, 64, bomb, UINT32_MAX), JL_LIMIT);
    assert_in_range(f->arena.used_bytes, 0, 4 * bomb.size);
}

static void test_a_body_is_one_zstd_frame_of_its_declared_size(void **state) {
    struct fixture *f = *state;
    fill_body(f, 10, 100);
    size_t size = f->body.size;
    struct jl_bytes packed = compress(f);
    assert_int_equal(decode_push(f, 10, packed, size), JL_OK);
    assert_int_equal(decode_push(f, 10, packed, size - 1), JL_PROTO);
    assert_int_equal(decode_push(f, 10, packed, size + 1), JL_PROTO);
    assert_int_equal(decode_push(f, 10, jl_buf_bytes(&f->body), size), JL_PROTO); /* not zstd */
    assert_int_equal(decode_push(f, 10, jl_bytes(NULL, 0), size), JL_PROTO);
    for (size_t cut = 0; cut < packed.size; cut++) {
        assert_int_equal(decode_push(f, 10, jl_bytes(packed.data, cut), size), JL_PROTO);
    }
    assert_int_equal(jl_buf_put(&f->packed, f->packed.data, f->packed.size, NULL), JL_OK);
    assert_int_equal(decode_push(f, 10, jl_buf_bytes(&f->packed), size), JL_PROTO); /* twice */
    f->packed.size = packed.size + 1;
    assert_int_equal(decode_push(f, 10, jl_buf_bytes(&f->packed), size), JL_PROTO);
}

static void test_a_zstd_frame_that_hides_its_size_is_refused(void **state) {
    struct fixture *f = *state;
    fill_body(f, 10, 100);
    struct jl_bytes packed = compress(f);
    ZSTD_CCtx *context = ZSTD_createCCtx();
    assert_non_null(context);
    assert_false(ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0)));
    size_t size =
        ZSTD_compress2(context, f->packed.data, f->packed.capacity, f->body.data, f->body.size);
    assert_false(ZSTD_isError(size));
    assert_int_equal(decode_push(f, 10, jl_bytes(packed.data, size), f->body.size), JL_PROTO);
    ZSTD_freeCCtx(context);
}

static void test_a_body_holds_exactly_its_count_of_items(void **state) {
    struct fixture *f = *state;
    fill_body(f, 10, 20);
    struct jl_bytes body = jl_buf_bytes(&f->body);
    assert_int_equal(decode_push(f, 10, body, 0), JL_OK);
    assert_int_equal(decode_push(f, 9, body, 0), JL_PROTO);
    assert_int_equal(decode_push(f, 11, body, 0), JL_PROTO);
    assert_int_equal(decode_push(f, 0, body, 0), JL_PROTO);
    assert_int_equal(decode_push(f, 0, jl_bytes(NULL, 0), 0), JL_PROTO);
    assert_int_equal(decode_push(f, JL_BATCH_OPS_MAX, body, 0), JL_PROTO);
    assert_int_equal(decode_push(f, JL_BATCH_OPS_MAX + 1, body, 0), JL_LIMIT);
    assert_int_equal(decode_push(f, 10, jl_bytes(body.data, body.size - 1), 0), JL_PROTO);
    assert_int_equal(jl_buf_put_u8(&f->body, 0, NULL), JL_OK); /* an empty op */
    assert_int_equal(decode_push(f, 11, jl_buf_bytes(&f->body), 0), JL_PROTO);
    fill_body(f, JL_BATCH_OPS_MAX, 1);
    assert_int_equal(decode_push(f, JL_BATCH_OPS_MAX, jl_buf_bytes(&f->body), 0), JL_OK);
    fill_body(f, 1, JL_OP_MAX_BYTES);
    assert_int_equal(decode_push(f, 1, compress(f), f->body.size), JL_OK);
    fill_body(f, 1, JL_OP_MAX_BYTES + 1);
    assert_int_equal(decode_push(f, 1, compress(f), f->body.size), JL_LIMIT);
}

/* ---- Sending ---- */

static void test_a_history_that_would_be_refused_is_not_sent(void **state) {
    struct fixture *f = *state;
    uint8_t buckets[] = {3, 3};
    struct jl_told_line line = {.verdict = JL_VERDICT_APPLIED}; /* without an op */
    uint32_t fields[] = {4, 4};
    struct jl_told_line twice = {.verdict = JL_VERDICT_APPLIED,
                                 .withheld = fields,
                                 .withheld_count = 2,
                                 .op = jl_bytes(buckets, 1)};
    struct jl_told_line many = twice;
    many.withheld_count = JL_FIELDS_PER_TYPE_MAX + 1;
    const struct {
        enum jl_rc rc;
        struct jl_message message;
    } table[] = {
        {JL_MISUSE, {.kind = JL_MESSAGE_HISTORY, .as.history = {.most = 1}}},
        {JL_MISUSE, {.kind = JL_MESSAGE_HISTORY, .as.history = {.type = 1}}},
        {JL_MISUSE,
         {.kind = JL_MESSAGE_HISTORY, .as.history = {.type = 1, .most = JL_LINES_MAX + 1}}},
        {JL_LIMIT,
         {.kind = JL_MESSAGE_HISTORY,
          .as.history = {.type = 1,
                         .most = 1,
                         .from = jl_bytes(buckets, JL_LINES_PLACE_MAX_BYTES + 1)}}},
        {JL_LIMIT, {.kind = JL_MESSAGE_LINES, .as.lines = {.type = 1, .count = JL_LINES_MAX + 1}}},
        {JL_MISUSE,
         {.kind = JL_MESSAGE_LINES, .as.lines = {.type = 1, .lines = &line, .count = 1}}},
        {JL_MISUSE,
         {.kind = JL_MESSAGE_LINES,
          .as.lines = {.type = 1, .held = true, .lines = &line, .count = 1}}},
        {JL_MISUSE,
         {.kind = JL_MESSAGE_LINES,
          .as.lines = {.type = 1, .held = true, .lines = &twice, .count = 1}}},
        {JL_LIMIT,
         {.kind = JL_MESSAGE_LINES,
          .as.lines = {.type = 1, .held = true, .lines = &many, .count = 1}}},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_int_equal(jl_wire_encode(f->wire, &table[i].message, &f->frame, &f->err),
                         table[i].rc);
    }
}

static void test_what_would_be_refused_is_not_sent(void **state) {
    struct fixture *f = *state;
    uint8_t buckets[] = {3, 3};
    struct jl_bytes big = jl_bytes(NULL, JL_OP_MAX_BYTES + 1);
    struct jl_bytes none = {0};
    struct jl_known record = {0};
    char long_text[JL_REASON_MAX_BYTES]; /* with one argument it is too much */
    memset(long_text, 'x', sizeof long_text);
    struct jl_verdict too_much = {.seq = 1,
                                  .code = JL_VERDICT_PARKED,
                                  .reason = jl_bytes(long_text, sizeof long_text),
                                  .said = {1, jl_bytes(buckets, 1)}};
    const struct {
        enum jl_rc rc;
        struct jl_message message;
    } table[] = {
        {JL_MISUSE, {.kind = (enum jl_message_kind)0}},
        {JL_MISUSE, {.kind = (enum jl_message_kind)JL_MESSAGE_KINDS}},
        {JL_MISUSE, {.kind = JL_MESSAGE_HELLO}},
        {JL_MISUSE, {.kind = JL_MESSAGE_WELCOME}},
        {JL_MISUSE, {.kind = JL_MESSAGE_PUSH, .as.push = {.first_seq = 1}}},
        {JL_MISUSE,
         {.kind = JL_MESSAGE_PUSH, .as.push = {.first_seq = 1, .ops = &none, .count = 1}}},
        {JL_LIMIT, {.kind = JL_MESSAGE_PUSH, .as.push = {.first_seq = 1, .ops = &big, .count = 1}}},
        {JL_LIMIT,
         {.kind = JL_MESSAGE_PUSH, .as.push = {.first_seq = 1, .count = JL_BATCH_OPS_MAX + 1}}},
        {JL_LIMIT, {.kind = JL_MESSAGE_PAGE, .as.page = {.count = JL_PAGE_ROWS_MAX + 1}}},
        {JL_MISUSE, {.kind = JL_MESSAGE_PULL}},
        {JL_MISUSE,
         {.kind = JL_MESSAGE_ASK, .as.ask = {.step = JL_ASK_IDS, .buckets = {buckets, 2}}}},
        {JL_MISUSE,
         {.kind = JL_MESSAGE_ASK,
          .as.ask = {.step = JL_ASK_ROWS, .records = &record, .record_count = 1}}},
        {JL_LIMIT, {.kind = JL_MESSAGE_REFUSE, .as.refuse = {.code = JL_REFUSE_BUSY, .text = big}}},
        {JL_LIMIT,
         {.kind = JL_MESSAGE_VERDICTS,
          .as.verdicts =
              {.first_seq = 1, .last_seq = 1, .exceptions = &too_much, .exception_count = 1}}},
        {JL_LIMIT,
         {.kind = JL_MESSAGE_REFUSE,
          .as.refuse = {.code = JL_REFUSE_BUSY, .said = {.code = 1, .arguments = big}}}},
        {JL_MISUSE, {.kind = JL_MESSAGE_ENROLLED}},
        {JL_MISUSE, {.kind = JL_MESSAGE_BYE}},
        {JL_MISUSE, {.kind = (enum jl_message_kind)16}},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_int_equal(jl_wire_encode(f->wire, &table[i].message, &f->frame, &f->err),
                         table[i].rc);
        assert_int_equal(f->err.rc, table[i].rc);
        assert_int_equal(f->frame.size, 0);
    }
}

/* The frame without its tag and size, and one part more. */
static enum jl_rc decode_with(struct fixture *f, const uint8_t *part, size_t size) {
    size_t skip = 1;
    while (f->frame.data[skip++] >= 0x80) {
    }
    const unsigned kind = f->frame.data[0] >> 3;
    jl_buf_reset(&f->inner);
    assert_int_equal(jl_buf_put(&f->inner, f->frame.data + skip, f->frame.size - skip, &f->err),
                     JL_OK);
    assert_int_equal(jl_buf_put(&f->inner, part, size, &f->err), JL_OK);
    wrap(f, kind);
    return decode(f);
}

static struct jl_message hello_of(size_t cycles) {
    struct jl_message message = {.kind = JL_MESSAGE_HELLO,
                                 .as.hello = {.version = 1, .oldest = 1, .cycle_count = cycles}};
    for (size_t i = 0; i < cycles && i < JL_CYCLES_MAX; i++) {
        message.as.hello.cycles[i] = (struct jl_cycle){.end = JL_CYCLE_SILENT, .count = 1};
    }
    return message;
}

static void test_a_hello_tells_of_few_cycles_and_of_whole_ones(void **state) {
    struct fixture *f = *state;
    const uint8_t ninth[] = {0xAA, 0x01, 0x04, 0x08, 0x02, 0x18, 0x01}; /* 21: {end 2, count 1} */
    struct jl_message message = hello_of(JL_CYCLES_MAX + 1);
    assert_int_equal(jl_wire_encode(f->wire, &message, &f->frame, &f->err), JL_LIMIT);
    message = hello_of(1);
    message.as.hello.cycles[0].count = 0;
    assert_int_equal(jl_wire_encode(f->wire, &message, &f->frame, &f->err), JL_MISUSE);
    message = hello_of(1);
    message.as.hello.cycles[0].end = 0;
    assert_int_equal(jl_wire_encode(f->wire, &message, &f->frame, &f->err), JL_MISUSE);
    message = hello_of(1);
    message.as.hello.cycles[0].longest_ms = (uint64_t)INT64_MAX + 1;
    assert_int_equal(jl_wire_encode(f->wire, &message, &f->frame, &f->err), JL_MISUSE);

    message = hello_of(JL_CYCLES_MAX);
    assert_int_equal(jl_wire_encode(f->wire, &message, &f->frame, &f->err), JL_OK);
    assert_int_equal(decode(f), JL_OK);
    assert_int_equal(f->message.as.hello.cycle_count, JL_CYCLES_MAX);
    assert_int_equal(decode_with(f, ninth, sizeof ninth), JL_LIMIT);
}

static struct jl_message welcome_of(const struct jl_bytes *endpoints, size_t endpoint_count,
                                    const struct jl_pc *pcs, size_t pc_count) {
    return (struct jl_message){.kind = JL_MESSAGE_WELCOME,
                               .as.welcome = {.version = 1,
                                              .endpoints = endpoints,
                                              .endpoint_count = endpoint_count,
                                              .pcs = pcs,
                                              .pc_count = pc_count}};
}

static void test_a_first_page_counts_few_types(void **state) {
    struct fixture *f = *state;
    struct jl_type_count types[JL_PAGE_TYPES_MAX + 1];
    JL_AUTO(jl_buf) part = {0};
    for (uint32_t i = 0; i <= JL_PAGE_TYPES_MAX; i++) {
        types[i] = (struct jl_type_count){.type = i + 1, .count = 1};
    }
    struct jl_message message = {.kind = JL_MESSAGE_PAGE,
                                 .as.page = {.types = types, .type_count = JL_PAGE_TYPES_MAX + 1}};
    assert_int_equal(jl_wire_encode(f->wire, &message, &f->frame, &f->err), JL_LIMIT);
    message.as.page.type_count = JL_PAGE_TYPES_MAX;
    assert_int_equal(jl_wire_encode(f->wire, &message, &f->frame, &f->err), JL_OK);
    assert_int_equal(decode(f), JL_OK);
    assert_int_equal(f->message.as.page.type_count, JL_PAGE_TYPES_MAX);
    types[0].count = 0;
    jl_buf_reset(&f->frame);
    assert_int_equal(jl_wire_encode(f->wire, &message, &f->frame, &f->err), JL_MISUSE);
    types[0].count = 1;

    assert_int_equal(jl_buf_put_u8(&part, 9 << 3 | 2, &f->err), JL_OK);
    assert_int_equal(jl_buf_put_varint(&part, 2 * 127 + 3 * (JL_PAGE_TYPES_MAX + 1 - 127), &f->err),
                     JL_OK);
    for (uint32_t i = 0; i <= JL_PAGE_TYPES_MAX; i++) { /* types from 128 take two bytes */
        assert_int_equal(jl_buf_put_varint(&part, i + 1, &f->err), JL_OK);
        assert_int_equal(jl_buf_put_varint(&part, 1, &f->err), JL_OK);
    }
    message.as.page.type_count = 0;
    message.as.page.head = 1;
    assert_int_equal(jl_wire_encode(f->wire, &message, &f->frame, &f->err), JL_OK);
    assert_int_equal(decode_with(f, part.data, part.size), JL_LIMIT);
}

static void test_a_welcome_tells_of_few_endpoints_and_pcs(void **state) {
    struct fixture *f = *state;
    const uint8_t endpoint[] = {12 << 3 | 2, 1, 'x'};
    const uint8_t pc[] = {13 << 3 | 2, 4, 0x08, 0x01, 0x18, 0x01}; /* device 1, state 1 */
    struct jl_bytes endpoints[JL_WELCOME_ENDPOINTS_MAX + 1];
    struct jl_pc pcs[JL_WELCOME_PCS_MAX + 1];
    for (size_t i = 0; i <= JL_WELCOME_ENDPOINTS_MAX; i++) {
        endpoints[i] = jl_bytes_text("tcp://10.0.0.5:7800");
    }
    for (size_t i = 0; i <= JL_WELCOME_PCS_MAX; i++) {
        pcs[i] = (struct jl_pc){.device = 1, .state = 1};
    }
    struct jl_message message = welcome_of(endpoints, JL_WELCOME_ENDPOINTS_MAX + 1, NULL, 0);
    assert_int_equal(jl_wire_encode(f->wire, &message, &f->frame, &f->err), JL_LIMIT);
    message = welcome_of(NULL, 0, pcs, JL_WELCOME_PCS_MAX + 1);
    assert_int_equal(jl_wire_encode(f->wire, &message, &f->frame, &f->err), JL_LIMIT);

    message = welcome_of(endpoints, JL_WELCOME_ENDPOINTS_MAX, NULL, 0);
    assert_int_equal(jl_wire_encode(f->wire, &message, &f->frame, &f->err), JL_OK);
    assert_int_equal(decode_with(f, NULL, 0), JL_OK);
    assert_int_equal(decode_with(f, endpoint, sizeof endpoint), JL_LIMIT);
    jl_buf_reset(&f->frame);
    message = welcome_of(NULL, 0, pcs, JL_WELCOME_PCS_MAX);
    assert_int_equal(jl_wire_encode(f->wire, &message, &f->frame, &f->err), JL_OK);
    assert_int_equal(decode_with(f, NULL, 0), JL_OK);
    assert_int_equal(decode_with(f, pc, sizeof pc), JL_LIMIT);
}

static void test_a_body_over_its_bound_is_not_sent(void **state) {
    struct fixture *f = *state;
    struct jl_bytes ops[3];
    fill_body(f, 1, JL_OP_MAX_BYTES);
    for (size_t i = 0; i < 3; i++) {
        ops[i] = jl_bytes(f->body.data, JL_OP_MAX_BYTES);
    }
    struct jl_message message = {.kind = JL_MESSAGE_PUSH,
                                 .as.push = {.first_seq = 1, .ops = ops, .count = 3}};
    assert_int_equal(jl_wire_encode(f->wire, &message, &f->frame, &f->err), JL_LIMIT);
    assert_int_equal(f->frame.size, 0);
    message.as.push.count = 1;
    assert_int_equal(jl_wire_encode(f->wire, &message, &f->frame, &f->err), JL_OK);
    assert_int_equal(decode(f), JL_OK);
    assert_int_equal(f->message.as.push.ops[0].size, JL_OP_MAX_BYTES);
}

int main(void) {
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_what_no_honest_program_sends_is_refused),
        TEST(test_a_hello_tells_of_few_cycles_and_of_whole_ones),
        TEST(test_a_first_page_counts_few_types),
        TEST(test_a_welcome_tells_of_few_endpoints_and_pcs),
        TEST(test_each_cause_has_its_number),
        TEST(test_unknown_messages_and_parts),
        TEST(test_verdicts_are_listed_in_order_within_their_range),
        TEST(test_a_frame_of_tiny_parts_does_not_eat_memory),
        TEST(test_a_zstd_bomb_is_refused_before_it_takes_memory),
        TEST(test_a_body_is_one_zstd_frame_of_its_declared_size),
        TEST(test_a_zstd_frame_that_hides_its_size_is_refused),
        TEST(test_a_body_holds_exactly_its_count_of_items),
        TEST(test_a_history_that_would_be_refused_is_not_sent),
        TEST(test_what_would_be_refused_is_not_sent),
        TEST(test_a_body_over_its_bound_is_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
