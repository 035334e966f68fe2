/* Every message of the protocol survives the wire, at the edges of every field; a frame that was
 * cut anywhere is refused or is still a message; what is small stays small.
 *
 * Method: a sample per message kind, once plain and once with every field at its edge, is encoded,
 * decoded and compared field by field. Frames are decoded from blocks of their exact size, so that
 * the address sanitizer sees a read past the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/said.h"
#include "wire_samples.h"

/* ---- Comparing ---- */

static void assert_same_bytes(struct jl_bytes a, struct jl_bytes b) {
    assert_true(jl_bytes_equal(a, b));
}

static void assert_same_items(const struct jl_bytes *a, const struct jl_bytes *b, size_t count) {
    for (size_t i = 0; i < count; i++) {
        assert_same_bytes(a[i], b[i]);
    }
}

static void assert_same_records(const struct jl_known *a, const struct jl_known *b, size_t count) {
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(a[i].type, b[i].type);
        assert_true(jl_id_equal(&a[i].id, &b[i].id));
        assert_memory_equal(a[i].hash, b[i].hash, JL_SHORT_SUM_BYTES);
    }
}

#define SAME(member) assert_true(a->as.member == b->as.member)
#define SAME_ARRAY(member) assert_memory_equal(a->as.member, b->as.member, sizeof a->as.member)
#define SAME_BYTES(member) assert_same_bytes(a->as.member, b->as.member)

static void assert_same_hello(const struct jl_message *a, const struct jl_message *b) {
    SAME(hello.version);
    SAME(hello.oldest);
    SAME_ARRAY(hello.incarnation);
    SAME(hello.has_epoch);
    SAME_ARRAY(hello.epoch);
    SAME(hello.head);
    SAME(hello.confirmed);
    SAME_ARRAY(hello.confirmed_hash);
    SAME_ARRAY(hello.cursor);
    SAME(hello.catalogue);
    SAME(hello.oldest_unsent_s);
    SAME(hello.parked);
    SAME(hello.cases);
    SAME(hello.repairs);
    SAME(hello.disk_free_mib);
    SAME(hello.wall_ms);
    assert_string_equal(a->as.hello.program, b->as.hello.program);
    SAME(hello.knows);
    SAME(hello.last_stop);
    SAME(hello.told);
    SAME(hello.cycle_count);
    SAME_ARRAY(hello.cycles);
}

static void assert_same_welcome(const struct jl_message *a, const struct jl_message *b) {
    SAME(welcome.version);
    SAME_ARRAY(welcome.epoch);
    SAME(welcome.last_seq);
    SAME_ARRAY(welcome.last_hash);
    SAME_ARRAY(welcome.head);
    SAME(welcome.wall_ms);
    SAME(welcome.suspended);
    SAME(welcome.again);
    SAME(welcome.knows);
    SAME(welcome.mark);
    SAME_BYTES(welcome.program);
    SAME(welcome.endpoint_count);
    assert_same_items(a->as.welcome.endpoints, b->as.welcome.endpoints,
                      a->as.welcome.endpoint_count);
    SAME(welcome.pc_count);
    for (size_t i = 0; i < a->as.welcome.pc_count; i++) {
        SAME(welcome.pcs[i].device);
        SAME_BYTES(welcome.pcs[i].name);
        SAME(welcome.pcs[i].state);
        SAME(welcome.pcs[i].last_seen_ms);
        SAME(welcome.pcs[i].proven_ms);
        SAME(welcome.pcs[i].unsent);
        SAME_BYTES(welcome.pcs[i].program);
    }
}

static void assert_same_verdicts(const struct jl_message *a, const struct jl_message *b) {
    SAME(verdicts.first_seq);
    SAME(verdicts.last_seq);
    SAME(verdicts.own_from);
    SAME(verdicts.own_to);
    SAME(verdicts.office_head);
    SAME(verdicts.exception_count);
    for (size_t i = 0; i < a->as.verdicts.exception_count; i++) {
        SAME(verdicts.exceptions[i].seq);
        SAME(verdicts.exceptions[i].code);
        SAME_BYTES(verdicts.exceptions[i].reason);
        SAME(verdicts.exceptions[i].said.code);
        SAME_BYTES(verdicts.exceptions[i].said.arguments);
    }
}

static void assert_same_bulk(const struct jl_message *a, const struct jl_message *b) {
    if (a->kind == JL_MESSAGE_PUSH) {
        SAME(push.first_seq);
        SAME_ARRAY(push.signature);
        SAME(push.count);
        assert_same_items(a->as.push.ops, b->as.push.ops, a->as.push.count);
        return;
    }
    SAME(page.feed);
    SAME(page.from);
    SAME(page.to);
    SAME(page.head);
    SAME(page.repair);
    SAME(page.type_count);
    for (size_t i = 0; i < a->as.page.type_count; i++) {
        SAME(page.types[i].type);
        SAME(page.types[i].count);
    }
    SAME(page.count);
    assert_same_items(a->as.page.rows, b->as.page.rows, a->as.page.count);
}

static void assert_same_repair(const struct jl_message *a, const struct jl_message *b) {
    if (a->kind == JL_MESSAGE_ASK) {
        SAME(ask.feed);
        SAME(ask.step);
        SAME_BYTES(ask.buckets);
        SAME(ask.record_count);
        assert_same_records(a->as.ask.records, b->as.ask.records, a->as.ask.record_count);
        SAME_BYTES(ask.hashes);
        SAME(ask.part_count);
        if (a->as.ask.part_count > 0) {
            assert_memory_equal(a->as.ask.parts, b->as.ask.parts,
                                a->as.ask.part_count * sizeof *a->as.ask.parts);
        }
    } else if (a->kind == JL_MESSAGE_BUCKETS) {
        SAME(buckets.feed);
        SAME_BYTES(buckets.sums);
        SAME(buckets.part_count);
        for (size_t i = 0; i < a->as.buckets.part_count; i++) {
            SAME(buckets.parts[i].count);
            assert_memory_equal(&a->as.buckets.parts[i].part, &b->as.buckets.parts[i].part,
                                sizeof(struct jl_part));
            size_t sums = a->as.buckets.parts[i].count <= JL_PART_LIST_MAX
                              ? (size_t)a->as.buckets.parts[i].count
                              : JL_PART_WAYS;
            assert_memory_equal(a->as.buckets.parts[i].sums, b->as.buckets.parts[i].sums,
                                sums * JL_SHORT_SUM_BYTES);
        }
    } else {
        SAME(ids.feed);
        SAME_BYTES(ids.buckets);
        SAME(ids.record_count);
        assert_same_records(a->as.ids.records, b->as.ids.records, a->as.ids.record_count);
    }
}

static void assert_same_small(const struct jl_message *a, const struct jl_message *b) {
    if (a->kind == JL_MESSAGE_PULL) {
        SAME(pull.feed);
        SAME(pull.from);
        SAME(pull.max_bytes);
        SAME(pull.pages);
        SAME(pull.echo);
    } else if (a->kind == JL_MESSAGE_PROOF) {
        SAME_ARRAY(proof.cursor);
        SAME_ARRAY(proof.root);
        SAME(proof.has_deep);
        SAME_ARRAY(proof.deep);
    } else if (a->kind == JL_MESSAGE_PROVED) {
        SAME(proved.deep);
        SAME(proved.result);
        SAME(proved.wall_ms);
        SAME_ARRAY(proved.head);
    } else if (a->kind == JL_MESSAGE_POKE) {
        SAME_ARRAY(poke.head);
    } else if (a->kind == JL_MESSAGE_BYE) {
        SAME(bye.reason);
    } else if (a->kind == JL_MESSAGE_HISTORY) {
        SAME(history.type);
        SAME_ARRAY(history.id.bytes);
        SAME_BYTES(history.from);
        SAME(history.most);
    } else {
        SAME(refuse.code);
        SAME_BYTES(refuse.text);
        SAME(refuse.retry_after_ms);
        SAME(refuse.version);
        SAME(refuse.said.code);
        SAME_BYTES(refuse.said.arguments);
        SAME(refuse.suite);
    }
}

static void assert_same_enrolment(const struct jl_message *a, const struct jl_message *b) {
    if (a->kind == JL_MESSAGE_ENROL) {
        SAME_ARRAY(enrol.curve_public);
        SAME(enrol.suite);
        SAME_ARRAY(enrol.sign_public);
        SAME_BYTES(enrol.name);
        SAME_ARRAY(enrol.signature);
    } else {
        SAME(enrolled.device);
        SAME(enrolled.office);
        SAME_BYTES(enrolled.office_code);
        SAME_BYTES(enrolled.office_name);
        assert_true(jl_secret_equal(&a->as.enrolled.proof_key, &b->as.enrolled.proof_key));
    }
}

static void assert_same_lines(const struct jl_message *a, const struct jl_message *b) {
    SAME(lines.type);
    SAME_ARRAY(lines.id.bytes);
    SAME(lines.held);
    SAME_BYTES(lines.next);
    SAME(lines.count);
    for (size_t i = 0; i < a->as.lines.count; i++) {
        SAME(lines.lines[i].received_ms);
        SAME(lines.lines[i].verdict);
        SAME(lines.lines[i].office);
        SAME(lines.lines[i].device);
        SAME(lines.lines[i].by);
        SAME(lines.lines[i].withheld_count);
        for (size_t k = 0; k < a->as.lines.lines[i].withheld_count; k++) {
            SAME(lines.lines[i].withheld[k]);
        }
        SAME_BYTES(lines.lines[i].op);
    }
}

typedef void (*assert_same_fn)(const struct jl_message *a, const struct jl_message *b);

static const assert_same_fn assert_same[JL_MESSAGE_KINDS] = {
    [JL_MESSAGE_HELLO] = assert_same_hello,        [JL_MESSAGE_WELCOME] = assert_same_welcome,
    [JL_MESSAGE_PUSH] = assert_same_bulk,          [JL_MESSAGE_VERDICTS] = assert_same_verdicts,
    [JL_MESSAGE_PULL] = assert_same_small,         [JL_MESSAGE_PAGE] = assert_same_bulk,
    [JL_MESSAGE_PROOF] = assert_same_small,        [JL_MESSAGE_PROVED] = assert_same_small,
    [JL_MESSAGE_ASK] = assert_same_repair,         [JL_MESSAGE_BUCKETS] = assert_same_repair,
    [JL_MESSAGE_IDS] = assert_same_repair,         [JL_MESSAGE_POKE] = assert_same_small,
    [JL_MESSAGE_REFUSE] = assert_same_small,       [JL_MESSAGE_ENROL] = assert_same_enrolment,
    [JL_MESSAGE_ENROLLED] = assert_same_enrolment, [JL_MESSAGE_BYE] = assert_same_small,
    [JL_MESSAGE_HISTORY] = assert_same_small,      [JL_MESSAGE_LINES] = assert_same_lines,
};

/* ---- Tests ---- */

static void encode(struct fixture *f, const struct jl_message *message) {
    jl_buf_reset(&f->frame);
    if (jl_wire_encode(f->wire, message, &f->frame, &f->err) != JL_OK) {
        fail_msg("%s", err_said(&f->err));
    }
}

/* From a block of exactly this size. What is taken can be sent again: both directions obey the same
 * rules. */
static enum jl_rc decode_block(struct fixture *f, size_t size) {
    JL_AUTO(jl_buf) again = {0};
    struct jl_message message;
    uint8_t *block = malloc(size == 0 ? 1 : size);
    assert_non_null(block);
    memcpy(block, f->frame.data, size);
    jl_arena_reset(&f->arena);
    enum jl_rc rc = jl_wire_decode(f->wire, jl_bytes(block, size), &f->arena, &message, &f->err);
    if (rc == JL_OK && jl_wire_encode(f->wire, &message, &again, &f->err) != JL_OK) {
        fail_msg("taken, but not sent: %s", err_said(&f->err));
    }
    free(block);
    return rc;
}

static void test_every_message_survives_the_wire_at_the_edges_of_its_fields(void **state) {
    struct fixture *f = *state;
    for (unsigned kind = JL_MESSAGE_HELLO; kind < JL_MESSAGE_KINDS; kind = next_kind(kind)) {
        for (int edge = 0; edge <= 1; edge++) {
            struct jl_message message = sample(f, (enum jl_message_kind)kind, edge == 1);
            struct jl_message back;
            encode(f, &message);
            jl_arena_reset(&f->arena);
            enum jl_rc rc =
                jl_wire_decode(f->wire, jl_buf_bytes(&f->frame), &f->arena, &back, &f->err);
            if (rc != JL_OK) {
                fail_msg("%s", err_said(&f->err));
            }
            assert_int_equal(back.kind, kind);
            assert_same[kind](&message, &back);
        }
    }
}

static void test_a_frame_is_appended_to_what_is_there(void **state) {
    struct fixture *f = *state;
    struct jl_message message = sample(f, JL_MESSAGE_POKE, false);
    struct jl_message back;
    jl_buf_reset(&f->frame);
    assert_int_equal(jl_buf_put_text(&f->frame, "before", &f->err), JL_OK);
    assert_int_equal(jl_wire_encode(f->wire, &message, &f->frame, &f->err), JL_OK);
    assert_memory_equal(f->frame.data, "before", 6);
    assert_int_equal(jl_wire_decode(f->wire, jl_bytes(f->frame.data + 6, f->frame.size - 6),
                                    &f->arena, &back, &f->err),
                     JL_OK);
    assert_same_small(&message, &back);
}

static void test_a_cut_frame_is_refused_or_is_a_whole_message(void **state) {
    struct fixture *f = *state;
    for (unsigned kind = JL_MESSAGE_HELLO; kind < JL_MESSAGE_KINDS; kind = next_kind(kind)) {
        for (int edge = 0; edge <= 1; edge++) {
            struct jl_message message = sample(f, (enum jl_message_kind)kind, edge == 1);
            if (kind == JL_MESSAGE_VERDICTS && edge == 1) {
                message.as.verdicts.exception_count = 4; /* two megabytes cut everywhere: days */
            }
            encode(f, &message);
            for (size_t size = 0; size < f->frame.size; size++) {
                enum jl_rc rc = decode_block(f, size);
                assert_true(rc == JL_OK || rc == JL_PROTO);
            }
        }
    }
}

static void test_one_flipped_bit_never_breaks_the_decoder(void **state) {
    struct fixture *f = *state;
    for (unsigned kind = JL_MESSAGE_HELLO; kind < JL_MESSAGE_KINDS; kind = next_kind(kind)) {
        struct jl_message message = sample(f, (enum jl_message_kind)kind, false);
        encode(f, &message);
        for (size_t bit = 0; bit < 8 * f->frame.size && bit < 4096; bit++) {
            f->frame.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
            enum jl_rc rc = decode_block(f, f->frame.size);
            assert_true(rc == JL_OK || rc == JL_PROTO || rc == JL_LIMIT || rc == JL_DENIED);
            f->frame.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
    }
}

static void test_a_bounded_arena_gives_a_limit_wherever_it_ends(void **state) {
    struct fixture *f = *state;
    for (unsigned kind = JL_MESSAGE_HELLO; kind < JL_MESSAGE_KINDS; kind = next_kind(kind)) {
        struct jl_message message = sample(f, (enum jl_message_kind)kind, kind == JL_MESSAGE_ASK);
        enum jl_rc rc = JL_LIMIT;
        encode(f, &message);
        for (size_t limit = 1; rc != JL_OK; limit += 1 + limit / 16) {
            struct jl_arena arena = {.limit_bytes = limit};
            struct jl_message back;
            rc = jl_wire_decode(f->wire, jl_buf_bytes(&f->frame), &arena, &back, &f->err);
            assert_true(rc == JL_OK || rc == JL_LIMIT);
            jl_arena_fini(&arena);
        }
    }
}

/* What a quiet office sends and gets. */
static void test_small_messages_stay_small(void **state) {
    static const struct {
        enum jl_message_kind kind;
        size_t max_bytes;
    } table[] = {
        {JL_MESSAGE_HELLO, 129}, {JL_MESSAGE_WELCOME, 83}, {JL_MESSAGE_VERDICTS, 22},
        {JL_MESSAGE_PROOF, 28},  {JL_MESSAGE_PROVED, 11},  {JL_MESSAGE_POKE, 9},
        {JL_MESSAGE_PULL, 11},   {JL_MESSAGE_BYE, 5},      {JL_MESSAGE_HISTORY, 26},
        {JL_MESSAGE_LINES, 24},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct jl_message message = sample(f, table[i].kind, false);
        encode(f, &message);
        print_message("%s: %zu bytes\n", jl_wire_message_name(table[i].kind), f->frame.size);
        assert_in_range(f->frame.size, 1, table[i].max_bytes);
    }
}

static void test_bodies_are_compressed_only_where_that_is_smaller(void **state) {
    struct fixture *f = *state;
    struct jl_message message = sample(f, JL_MESSAGE_PUSH, false);
    encode(f, &message);
    assert_in_range(f->frame.size, 1, 300); /* 64 ops of 64 equal bytes */
    message = sample(f, JL_MESSAGE_PUSH, true);
    encode(f, &message); /* 64 ops of 1 to 64 random bytes */
    assert_in_range(f->frame.size, 64 * 65 / 2 + 64, 64 * 65 / 2 + 64 + 100);
}

/* As programs without suites write them. */
static void test_suite_1_is_not_named_on_the_wire(void **state) {
    struct fixture *f = *state;
    static const enum jl_message_kind kinds[] = {JL_MESSAGE_HELLO, JL_MESSAGE_WELCOME,
                                                 JL_MESSAGE_ENROL};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct jl_message message = sample(f, kinds[i], false);
        struct jl_message back;
        JL_AUTO(jl_buf) unnamed = {0};
        message.as.hello.suites = kinds[i] == JL_MESSAGE_HELLO ? 0 : message.as.hello.suites;
        message.as.welcome.suite = kinds[i] == JL_MESSAGE_WELCOME ? 0 : message.as.welcome.suite;
        encode(f, &message);
        assert_int_equal(jl_buf_put(&unnamed, f->frame.data, f->frame.size, &f->err), JL_OK);
        assert_int_equal(
            jl_wire_decode(f->wire, jl_buf_bytes(&f->frame), &f->arena, &back, &f->err), JL_OK);
        assert_true(kinds[i] != JL_MESSAGE_HELLO || back.as.hello.suites == 1);
        assert_true(kinds[i] != JL_MESSAGE_WELCOME || back.as.welcome.suite == 1);
        assert_true(kinds[i] != JL_MESSAGE_ENROL || back.as.enrol.suite == 1);
        encode(f, &back);
        assert_true(jl_bytes_equal(jl_buf_bytes(&f->frame), jl_buf_bytes(&unnamed)));
    }
}

/* Not malformed: the district says which suite is needed. */
static void test_an_enrol_of_another_suite_is_read_without_its_keys(void **state) {
    struct fixture *f = *state;
    static const uint8_t zeros[JL_SIGN_PUBLIC_MAX_BYTES];
    struct jl_suite suite = *jl_suite_find(JL_SUITE_FIRST);
    struct jl_sign_method sign = *suite.sign;
    struct jl_message message = sample(f, JL_MESSAGE_ENROL, false);
    struct jl_message back;
    JL_AUTO_PTR(jl_wire) other = NULL;
    suite.number = JL_SUITE_NUMBER_MAX;
    suite.sign = &sign;
    sign.public_bytes = sign.signature_bytes = JL_SIGN_PUBLIC_MAX_BYTES;
    memset(message.as.enrol.sign_public, 0x44, JL_SIGN_PUBLIC_MAX_BYTES);
    memset(message.as.enrol.signature, 0x55, JL_SIGNATURE_MAX_BYTES);
    jl_buf_reset(&f->frame);
    assert_int_equal(jl_wire_new(&suite, &other, &f->err), JL_OK);
    assert_int_equal(jl_wire_encode(other, &message, &f->frame, &f->err), JL_OK);
    assert_int_equal(jl_wire_decode(other, jl_buf_bytes(&f->frame), &f->arena, &back, &f->err),
                     JL_OK);
    assert_memory_equal(back.as.enrol.signature, message.as.enrol.signature,
                        JL_SIGNATURE_MAX_BYTES);
    assert_int_equal(jl_wire_decode(f->wire, jl_buf_bytes(&f->frame), &f->arena, &back, &f->err),
                     JL_OK);
    assert_int_equal(back.as.enrol.suite, JL_SUITE_NUMBER_MAX);
    assert_memory_equal(back.as.enrol.sign_public, zeros, sizeof back.as.enrol.sign_public);
    assert_memory_equal(back.as.enrol.curve_public, message.as.enrol.curve_public, 32);
    /* A batch of another suite has no excuse: Welcome has named the district's. */
    message = sample(f, JL_MESSAGE_PUSH, false);
    jl_buf_reset(&f->frame);
    assert_int_equal(jl_wire_encode(other, &message, &f->frame, &f->err), JL_OK);
    assert_int_equal(jl_wire_decode(f->wire, jl_buf_bytes(&f->frame), &f->arena, &back, &f->err),
                     JL_PROTO);
}

static void test_every_kind_has_a_name(void **state) {
    (void)state;
    assert_string_equal(jl_wire_message_name(JL_MESSAGE_HELLO), "hello");
    assert_string_equal(jl_wire_message_name(JL_MESSAGE_ENROLLED), "enrolled");
    assert_string_equal(jl_wire_message_name(JL_MESSAGE_BYE), "bye");
    assert_string_equal(jl_wire_message_name((enum jl_message_kind)16), "unknown");
    assert_string_equal(jl_wire_message_name((enum jl_message_kind)0), "unknown");
    assert_string_equal(jl_wire_message_name((enum jl_message_kind)99), "unknown");
}

static void test_a_question_for_parts_or_hashes_has_one_form(void **state) {
    struct fixture *f = *state;
    make_parts(f);
    static const struct jl_part nested[] = {{.depth = 1, .begin = {0x10}},
                                            {.depth = 3, .begin = {0x12, 0x30}}};
    static const struct jl_part falling[] = {{.depth = 2, .begin = {0x11}},
                                             {.depth = 2, .begin = {0x10}}};
    static const struct jl_part goes_on[] = {{.depth = 1, .begin = {0x11}}};
    static const struct jl_part too_deep[] = {{.depth = JL_PLACE_DEPTH + 1}};
    static const struct jl_part whole[] = {{0}, {.depth = 1, .begin = {0x10}}};
    static const uint8_t hashes[] = "aaaaaaaabbbbbbbbbbbbbbbb";
    struct jl_known record = {.type = 1};
    struct jl_part more[1] = {{0}};
    const struct {
        enum jl_rc rc;
        struct jl_ask ask;
    } table[] = {
        {JL_OK, {.step = 1, .parts = f->parts, .part_count = JL_ASK_PARTS_MAX}},
        {JL_OK, {.step = 1, .parts = (struct jl_part *)whole, .part_count = 1}},
        {JL_OK, {.step = 3, .hashes = jl_bytes(hashes, 16)}},
        {JL_LIMIT, {.step = 1, .parts = f->parts, .part_count = JL_ASK_PARTS_MAX + 1}},
        {JL_LIMIT, {.step = 3, .hashes = jl_bytes(f->sums, (JL_ASK_ROWS_MAX + 1) * 8)}},
        {JL_MISUSE, {.step = 1, .parts = (struct jl_part *)nested, .part_count = 2}},
        {JL_MISUSE, {.step = 1, .parts = (struct jl_part *)falling, .part_count = 2}},
        {JL_MISUSE, {.step = 1, .parts = (struct jl_part *)goes_on, .part_count = 1}},
        {JL_MISUSE, {.step = 1, .parts = (struct jl_part *)too_deep, .part_count = 1}},
        {JL_MISUSE, {.step = 1, .parts = (struct jl_part *)whole, .part_count = 2}},
        {JL_MISUSE, {.step = 3, .parts = more, .part_count = 1, .hashes = jl_bytes(hashes, 8)}},
        {JL_MISUSE, {.step = 3, .hashes = jl_bytes(hashes, 24)}},
        {JL_MISUSE, {.step = 3, .hashes = jl_bytes(hashes, 15)}},
        {JL_MISUSE, {.step = 1, .hashes = jl_bytes(hashes, 8)}},
        {JL_MISUSE,
         {.step = 3, .hashes = jl_bytes(hashes, 8), .records = &record, .record_count = 1}},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct jl_message message = {.kind = JL_MESSAGE_ASK, .as.ask = table[i].ask};
        struct jl_message back;
        jl_buf_reset(&f->frame);
        assert_int_equal(jl_wire_encode(f->wire, &message, &f->frame, &f->err), table[i].rc);
        if (table[i].rc != JL_OK) {
            continue;
        }
        assert_int_equal(
            jl_wire_decode(f->wire, jl_buf_bytes(&f->frame), &f->arena, &back, &f->err), JL_OK);
        assert_int_equal(back.as.ask.part_count, table[i].ask.part_count);
        assert_int_equal(back.as.ask.hashes.size, table[i].ask.hashes.size);
        if (table[i].ask.part_count > 0) {
            assert_memory_equal(back.as.ask.parts, table[i].ask.parts,
                                back.as.ask.part_count * sizeof(struct jl_part));
        }
    }
}

static void test_a_deep_result_stands_beside_identical_only(void **state) {
    struct fixture *f = *state;
    for (int result = JL_PROOF_IDENTICAL; result <= JL_PROOF_MOVED; result++) {
        for (int deep = JL_DEEP_NONE; deep <= JL_DEEP_DIFFERENT + 1; deep++) {
            struct jl_message back;
            struct jl_message message = {.kind = JL_MESSAGE_PROVED};
            bool fits =
                deep == JL_DEEP_NONE || (result == JL_PROOF_IDENTICAL && deep <= JL_DEEP_DIFFERENT);
            message.as.proved.result = (enum jl_proof_result)result;
            message.as.proved.deep = (enum jl_deep_result)deep;
            jl_buf_reset(&f->frame);
            assert_int_equal(jl_wire_encode(f->wire, &message, &f->frame, &f->err),
                             fits ? JL_OK : JL_MISUSE);
            if (fits) {
                assert_int_equal(
                    jl_wire_decode(f->wire, jl_buf_bytes(&f->frame), &f->arena, &back, &f->err),
                    JL_OK);
                assert_int_equal(back.as.proved.deep, deep);
            }
        }
    }
}

/* Ask { feed 1, step 1, parts … }, written by hand: what the encoder would not make. */
static void test_parts_that_are_none_are_refused(void **state) {
    struct fixture *f = *state;
    static const struct {
        enum jl_rc rc;
        uint8_t size, bytes[8];
    } rows[] = {
        {JL_OK, 1, {0}},
        {JL_OK, 2, {1, 0xf0}},
        {JL_OK, 5, {2, 0x10, 3, 0x11, 0x50}},
        {JL_PROTO, 2, {1, 0xf1}},                /* goes on behind its depth */
        {JL_PROTO, 1, {1}},                      /* cut off */
        {JL_PROTO, 2, {0, 0}},                   /* the whole, twice */
        {JL_PROTO, 4, {2, 0x10, 2, 0x10}},       /* the same twice */
        {JL_PROTO, 5, {2, 0x10, 3, 0x10, 0x50}}, /* one within another */
        {JL_PROTO, 1, {JL_PLACE_DEPTH + 1}},
        {JL_PROTO, 1, {255}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t frame[32] = {0x4a, 0, 8, 1, 16, 1, 0x2a, rows[i].size};
        struct jl_message message;
        memcpy(frame + 8, rows[i].bytes, rows[i].size);
        frame[1] = (uint8_t)(6 + rows[i].size);
        jl_arena_reset(&f->arena);
        assert_int_equal(jl_wire_decode(f->wire, jl_bytes(frame, 8U + rows[i].size), &f->arena,
                                        &message, &f->err),
                         rows[i].rc);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_every_message_survives_the_wire_at_the_edges_of_its_fields, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_frame_is_appended_to_what_is_there, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_cut_frame_is_refused_or_is_a_whole_message, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_one_flipped_bit_never_breaks_the_decoder, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_bounded_arena_gives_a_limit_wherever_it_ends, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_small_messages_stay_small, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bodies_are_compressed_only_where_that_is_smaller,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_suite_1_is_not_named_on_the_wire, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_enrol_of_another_suite_is_read_without_its_keys,
                                        set_up, tear_down),
        cmocka_unit_test(test_every_kind_has_a_name),
        cmocka_unit_test_setup_teardown(test_a_question_for_parts_or_hashes_has_one_form, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_parts_that_are_none_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_deep_result_stands_beside_identical_only, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
