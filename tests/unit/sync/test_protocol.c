/* The examples of docs/protocol.md, made and read by the program: rows, ops and whole frames; and
 * that the page shows these very bytes. The examples of chains, signatures and roots are in
 * test_proof.c. */
#include "jielian/base/file.h"
#include "jielian/record/content.h"
#include "jielian/record/fields.h"
#include "jielian/record/natural_key.h"
#include "jielian/sync/case_id.h"
#include "proto/wire.h"

#include "protocol_vectors.h"

static struct jl_hasher *hasher;
static struct jl_wire *wire;
static struct jl_arena arena;
static struct jl_buf out;
static struct jl_err err;
static struct jl_id record_id;
static struct jl_id ref_id;
static struct jl_field_value fields[4];

static int set_up(void **state) {
    (void)state;
    vector_bytes(VECTOR_ID, record_id.bytes, JL_ID_BYTES);
    vector_bytes(VECTOR_REF, ref_id.bytes, JL_ID_BYTES);
    fields[0] = (struct jl_field_value){1, jl_value_cstr("张三")};
    fields[1] = (struct jl_field_value){2, jl_value_int(1)};
    fields[2] = (struct jl_field_value){3, jl_value_int(-5)};
    fields[3] = (struct jl_field_value){15, jl_value_ref(&ref_id)};
    return jl_hasher_new(jl_suite_find(JL_SUITE_FIRST), &hasher, &err) == JL_OK &&
                   jl_wire_new(jl_suite_find(JL_SUITE_FIRST), &wire, &err) == JL_OK
               ? 0
               : -1;
}
static int tear_down(void **state) {
    (void)state;
    jl_hasher_free(hasher);
    jl_wire_free(wire);
    jl_arena_fini(&arena);
    jl_buf_fini(&out);
    return 0;
}

static struct jl_row example_row(void) {
    return (struct jl_row){
        .type = 1002, .id = record_id, .owner = 7, .fields = fields, .field_count = 4};
}

static struct jl_op example_create(void) {
    return (struct jl_op){.kind = JL_OP_CREATE,
                          .type = 1002,
                          .id = record_id,
                          .made_ms = 1790000000000,
                          .staff = jl_bytes_text("clerk"),
                          .cursor = 8,
                          .number = 1,
                          .new_fields = fields,
                          .new_count = 4};
}

/* ---- Rows ---- */

static void test_fields_are_written_as_the_page_says(void **state) {
    (void)state;
    jl_buf_reset(&out);
    assert_int_equal(jl_fields_encode(fields, 4, &out, &err), JL_OK);
    assert_vector(out.data, out.size, VECTOR_FIELDS);
}

static void test_a_row_s_canonical_form_and_content_hash(void **state) {
    (void)state;
    struct jl_row row = example_row();
    struct jl_secret proof_key;
    uint8_t hash[JL_CONTENT_HASH_BYTES];
    vector_bytes(VECTOR_PROOF_KEY, proof_key.bytes, sizeof proof_key.bytes);
    jl_buf_reset(&out);
    assert_int_equal(jl_content_encode(&row, &out, &err), JL_OK);
    assert_vector(out.data, out.size, VECTOR_CANONICAL);
    assert_int_equal(jl_content_hash(hasher, &proof_key, &row, &out, hash, &err), JL_OK);
    assert_vector(hash, sizeof hash, VECTOR_CONTENT_HASH);
}

static void test_ids_are_made_of_natural_keys(void **state) {
    (void)state;
    static const uint32_t number_key[] = {1};
    static const uint32_t week_key[] = {1};
    static const struct jl_type office = {
        .number = 1, .name = "office", .natural_key = number_key, .natural_key_count = 1};
    static const struct jl_type weekly = {.number = 1021,
                                          .name = "weekly",
                                          .natural_key = week_key,
                                          .natural_key_count = 1,
                                          .natural_key_has_owner = true};
    struct jl_field_value number = {1, jl_value_int(7)};
    struct jl_field_value week = {1, jl_value_int(20260105)};
    struct jl_row row = {.type = 1, .owner = 0, .fields = &number, .field_count = 1};
    struct jl_id id;
    assert_int_equal(jl_natural_key_id(hasher, &office, &row, &id, &err), JL_OK);
    assert_vector(id.bytes, JL_ID_BYTES, VECTOR_NATURAL_ID);
    row = (struct jl_row){.type = 1021, .owner = 7, .fields = &week, .field_count = 1};
    assert_int_equal(jl_natural_key_id(hasher, &weekly, &row, &id, &err), JL_OK);
    assert_vector(id.bytes, JL_ID_BYTES, VECTOR_NATURAL_ID_OWNER);
}

static void test_ids_of_cases_are_made_as_the_page_says(void **state) {
    (void)state;
    uint8_t incarnation[16];
    struct jl_id id;
    vector_bytes(VECTOR_INCARNATION, incarnation, sizeof incarnation);
    assert_int_equal(jl_case_id(hasher, incarnation, 2, &id, &err), JL_OK);
    assert_vector(id.bytes, JL_ID_BYTES, VECTOR_CASE_ID);
    /* Whichever of the two was found second. */
    assert_int_equal(jl_case_id_of_pair(hasher, 1002, &record_id, &ref_id, &id, &err), JL_OK);
    assert_vector(id.bytes, JL_ID_BYTES, VECTOR_PAIR_ID);
    assert_int_equal(jl_case_id_of_pair(hasher, 1002, &ref_id, &record_id, &id, &err), JL_OK);
    assert_vector(id.bytes, JL_ID_BYTES, VECTOR_PAIR_ID);
    assert_int_equal(jl_case_id_of_two_offices(hasher, 1002, &record_id, &ref_id, &id, &err),
                     JL_OK);
    assert_vector(id.bytes, JL_ID_BYTES, VECTOR_APART_ID);
    assert_int_equal(jl_case_id_of_two_offices(hasher, 1002, &ref_id, &record_id, &id, &err),
                     JL_OK);
    assert_vector(id.bytes, JL_ID_BYTES, VECTOR_APART_ID);
    assert_int_equal(jl_case_id_elsewhere(hasher, 1002, &record_id, &id, &err), JL_OK);
    assert_vector(id.bytes, JL_ID_BYTES, VECTOR_ELSEWHERE_ID);
}

static void test_a_feed_row_is_written_as_the_page_says(void **state) {
    (void)state;
    const struct jl_feed_row row = {.kind = 2,
                                    .row = example_row(),
                                    .changed_ms = 1790000000000,
                                    .by_device = 4,
                                    .by_staff = jl_bytes_text("clerk")};
    jl_buf_reset(&out);
    assert_int_equal(jl_wire_row_encode(&row, &out, &err), JL_OK);
    assert_vector(out.data, out.size, VECTOR_ROW);
}

/* ---- Ops ---- */

static void test_ops_are_written_as_the_page_says(void **state) {
    (void)state;
    struct jl_op create = example_create();
    struct jl_field_value old[] = {{2, jl_value_int(1)}, {5, jl_value_null()}};
    struct jl_field_value new[] = {{2, jl_value_int(2)}, {5, jl_value_cstr("x")}};
    const struct jl_op edit = {.kind = JL_OP_EDIT,
                               .type = 1002,
                               .id = record_id,
                               .made_ms = 1790000060000,
                               .staff = jl_bytes_text("clerk"),
                               .cursor = 8,
                               .number = 2,
                               .reason = jl_bytes_text("核对"),
                               .old_fields = old,
                               .old_count = 2,
                               .new_fields = new,
                               .new_count = 2};
    jl_buf_reset(&out);
    assert_int_equal(jl_wire_op_encode(&create, &out, &err), JL_OK);
    assert_vector(out.data, out.size, VECTOR_OP_1);
    jl_buf_reset(&out);
    assert_int_equal(jl_wire_op_encode(&edit, &out, &err), JL_OK);
    assert_vector(out.data, out.size, VECTOR_OP_2);
}

static void test_a_batch_of_the_page_is_taken_with_its_ops_as_they_were_hashed(void **state) {
    (void)state;
    uint8_t frame[sizeof VECTOR_PUSH / 2];
    struct jl_message message;
    vector_bytes(VECTOR_PUSH, frame, sizeof frame);
    assert_int_equal(jl_wire_decode(wire, jl_bytes(frame, sizeof frame), &arena, &message, &err),
                     JL_OK);
    assert_int_equal(message.kind, JL_MESSAGE_PUSH);
    assert_int_equal(message.as.push.first_seq, 1);
    assert_int_equal(message.as.push.count, 2);
    assert_vector(message.as.push.ops[0].data, message.as.push.ops[0].size, VECTOR_OP_1);
    assert_vector(message.as.push.ops[1].data, message.as.push.ops[1].size, VECTOR_OP_2);
    assert_vector(message.as.push.signature, 64, VECTOR_BATCH_SIGNATURE);
    jl_buf_reset(&out);
    assert_int_equal(jl_wire_encode(wire, &message, &out, &err), JL_OK);
    assert_vector(out.data, out.size, VECTOR_PUSH);
}

/* ---- Frames ---- */

static void test_frames_are_written_as_the_page_says(void **state) {
    (void)state;
    struct jl_message hello = {.kind = JL_MESSAGE_HELLO};
    struct jl_message pull = {.kind = JL_MESSAGE_PULL};
    struct jl_message poke = {.kind = JL_MESSAGE_POKE};
    hello.as.hello = (struct jl_hello){.version = 1,
                                       .oldest = 1,
                                       .head = 2,
                                       .cursor = {5, 8},
                                       .catalogue = 3,
                                       .oldest_unsent_s = 60,
                                       .disk_free_mib = 1024,
                                       .wall_ms = 1790000000000,
                                       .program = "0.1.0"};
    vector_bytes(VECTOR_INCARNATION, hello.as.hello.incarnation, 16);
    vector_bytes(VECTOR_GENESIS, hello.as.hello.confirmed_hash, JL_HASH_BYTES);
    pull.as.pull = (struct jl_pull){.feed = 1, .from = 8, .max_bytes = 65536, .pages = 4};
    poke.as.poke = (struct jl_poke){.head = {5, 300}};
    const struct {
        const struct jl_message *message;
        const char *hex;
    } rows[] = {{&hello, VECTOR_HELLO}, {&pull, VECTOR_PULL}, {&poke, VECTOR_POKE}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        jl_buf_reset(&out);
        assert_int_equal(jl_wire_encode(wire, rows[i].message, &out, &err), JL_OK);
        assert_vector(out.data, out.size, rows[i].hex);
    }
}

static void test_questions_of_a_repair_and_a_deep_proof_are_written_as_the_page_says(void **state) {
    (void)state;
    uint8_t hash_a[16];
    uint8_t hash_b[16];
    vector_bytes(VECTOR_CONTENT_HASH, hash_a, sizeof hash_a);
    vector_bytes(VECTOR_HASH_B, hash_b, sizeof hash_b);
    struct jl_part parts[] = {{.depth = 1}, {.depth = 2, .begin = {0xf8}}};
    struct jl_told_part told[] = {{parts[0], 1, hash_b}, {parts[1], 1, hash_a}};
    struct jl_message ask = {.kind = JL_MESSAGE_ASK};
    struct jl_message answer = {.kind = JL_MESSAGE_BUCKETS};
    struct jl_message rows = {.kind = JL_MESSAGE_ASK};
    struct jl_message proof = {.kind = JL_MESSAGE_PROOF};
    ask.as.ask =
        (struct jl_ask){.feed = 1, .step = JL_ASK_BUCKETS, .parts = parts, .part_count = 2};
    answer.as.buckets = (struct jl_buckets){.feed = 1, .parts = told, .part_count = 2};
    rows.as.ask = (struct jl_ask){.feed = 1, .step = JL_ASK_ROWS, .hashes = jl_bytes(hash_a, 8)};
    proof.as.proof = (struct jl_proof){.cursor = {5, 8}, .has_deep = true};
    vector_bytes(VECTOR_ROOT, proof.as.proof.root, sizeof proof.as.proof.root);
    vector_bytes(VECTOR_DEEP_EMPTY, proof.as.proof.deep[0], JL_HASH_BYTES);
    vector_bytes(VECTOR_DEEP, proof.as.proof.deep[1], JL_HASH_BYTES);
    const struct {
        const struct jl_message *message;
        const char *hex;
    } table[] = {{&ask, VECTOR_ASK_PARTS},
                 {&answer, VECTOR_TOLD},
                 {&rows, VECTOR_ASK_HASHES},
                 {&proof, VECTOR_DEEP_PROOF}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        jl_buf_reset(&out);
        assert_int_equal(jl_wire_encode(wire, table[i].message, &out, &err), JL_OK);
        assert_vector(out.data, out.size, table[i].hex);
    }
}

/* ---- The page ---- */

/* Without blanks and line ends, so that the page may break its lines where it likes. */
static void read_page(struct jl_buf *page) {
    size_t size = 0;
    assert_int_equal(jl_file_read(JIELIAN_SOURCE_DIR "/docs/protocol.md", 1024 * 1024, page, &err),
                     JL_OK);
    for (size_t i = 0; i < page->size; i++) {
        if (page->data[i] != ' ' && page->data[i] != '\n') {
            page->data[size++] = page->data[i];
        }
    }
    page->size = size;
    assert_int_equal(jl_buf_put_u8(page, 0, &err), JL_OK);
}

static void test_the_page_shows_every_example(void **state) {
    (void)state;
    static const char *const examples[] = {
        VECTOR_FIELDS,
        VECTOR_CANONICAL,
        VECTOR_CONTENT_HASH,
        VECTOR_NATURAL_ID,
        VECTOR_NATURAL_ID_OWNER,
        VECTOR_CASE_ID,
        VECTOR_PAIR_ID,
        VECTOR_APART_ID,
        VECTOR_ELSEWHERE_ID,
        VECTOR_OP_1,
        VECTOR_OP_2,
        VECTOR_GENESIS,
        VECTOR_HASH_1,
        VECTOR_HASH_2,
        VECTOR_BATCH_TEXT,
        VECTOR_BATCH_SIGNATURE,
        VECTOR_PUSH,
        VECTOR_ENROL_TEXT,
        VECTOR_ENROL_SIGNATURE,
        VECTOR_HELLO,
        VECTOR_PULL,
        VECTOR_POKE,
        VECTOR_ROW,
        VECTOR_ROOT_EMPTY,
        VECTOR_ROOT,
        VECTOR_JOURNAL_1,
        VECTOR_JOURNAL_2,
        VECTOR_JOURNAL_HEAD,
        VECTOR_JOURNAL_VERDICTS,
        VECTOR_JOURNAL_3,
        VECTOR_ASK_PARTS,
        VECTOR_TOLD,
        VECTOR_ASK_HASHES,
        VECTOR_DEEP_EMPTY,
        VECTOR_DEEP,
        VECTOR_DEEP_PROOF,
    };
    JL_AUTO(jl_buf) page = {0};
    read_page(&page);
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        if (strstr((const char *)page.data, examples[i]) == NULL) {
            fail_msg("docs/protocol.md does not show %s", examples[i]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_are_written_as_the_page_says),
        cmocka_unit_test(test_a_row_s_canonical_form_and_content_hash),
        cmocka_unit_test(test_ids_are_made_of_natural_keys),
        cmocka_unit_test(test_ids_of_cases_are_made_as_the_page_says),
        cmocka_unit_test(test_a_feed_row_is_written_as_the_page_says),
        cmocka_unit_test(test_ops_are_written_as_the_page_says),
        cmocka_unit_test(test_a_batch_of_the_page_is_taken_with_its_ops_as_they_were_hashed),
        cmocka_unit_test(test_frames_are_written_as_the_page_says),
        cmocka_unit_test(test_questions_of_a_repair_and_a_deep_proof_are_written_as_the_page_says),
        cmocka_unit_test(test_the_page_shows_every_example),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
