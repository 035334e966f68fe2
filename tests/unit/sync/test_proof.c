/* Chains, signed texts, set sums and roots: byte for byte as docs/protocol.md has them, and the
 * algebra that lets a sum follow every change. */
#include "jielian/base/buf.h"
#include "jielian/crypto/secret.h"
#include "jielian/crypto/signer.h"
#include "jielian/crypto/suite.h"
#include "jielian/record/content.h"
#include "jielian/sync/chain.h"
#include "jielian/sync/setsum.h"

#include "protocol_vectors.h"

static struct jl_hasher *hasher;
static struct jl_err err;

static int set_up(void **state) {
    (void)state;
    return jl_hasher_new(jl_suite_find(JL_SUITE_FIRST), &hasher, &err) == JL_OK ? 0 : -1;
}
static int tear_down(void **state) {
    (void)state;
    jl_hasher_free(hasher);
    return 0;
}

/* ---- Chains ---- */

static void test_a_chain_starts_from_its_incarnation_and_takes_in_each_op(void **state) {
    (void)state;
    uint8_t incarnation[16];
    uint8_t op_1[sizeof VECTOR_OP_1 / 2];
    uint8_t op_2[sizeof VECTOR_OP_2 / 2];
    uint8_t hash[JL_HASH_BYTES];
    vector_bytes(VECTOR_INCARNATION, incarnation, 16);
    vector_bytes(VECTOR_OP_1, op_1, sizeof op_1);
    vector_bytes(VECTOR_OP_2, op_2, sizeof op_2);
    assert_int_equal(jl_chain_genesis(hasher, incarnation, hash, &err), JL_OK);
    assert_vector(hash, sizeof hash, VECTOR_GENESIS);
    assert_int_equal(jl_chain_step(hasher, hash, jl_bytes(op_1, sizeof op_1), &err), JL_OK);
    assert_vector(hash, sizeof hash, VECTOR_HASH_1);
    assert_int_equal(jl_chain_step(hasher, hash, jl_bytes(op_2, sizeof op_2), &err), JL_OK);
    assert_vector(hash, sizeof hash, VECTOR_HASH_2);
}

static void test_a_batch_is_signed_over_incarnation_last_seq_and_last_hash(void **state) {
    (void)state;
    uint8_t incarnation[16];
    uint8_t hash[JL_HASH_BYTES];
    uint8_t text[JL_CHAIN_BATCH_TEXT_BYTES];
    uint8_t signature[JL_SIGNATURE_MAX_BYTES];
    struct jl_secret secret;
    JL_AUTO_PTR(jl_signer) signer = NULL;
    vector_bytes(VECTOR_INCARNATION, incarnation, 16);
    vector_bytes(VECTOR_HASH_2, hash, sizeof hash);
    vector_bytes(VECTOR_SIGN_SECRET, secret.bytes, sizeof secret.bytes);
    jl_chain_batch_text(incarnation, 2, hash, text);
    assert_vector(text, sizeof text, VECTOR_BATCH_TEXT);
    assert_int_equal(jl_signer_new(jl_suite_find(JL_SUITE_FIRST), &secret, &signer, &err), JL_OK);
    assert_int_equal(jl_signer_sign(signer, jl_bytes(text, sizeof text), signature, &err), JL_OK);
    assert_vector(signature, 64, VECTOR_BATCH_SIGNATURE);
}

static void test_an_enrolment_is_signed_over_all_three_keys(void **state) {
    (void)state;
    uint8_t curve[32];
    uint8_t sign[JL_SIGN_PUBLIC_MAX_BYTES];
    uint8_t invitation[32];
    uint8_t text[JL_CHAIN_ENROL_TEXT_MAX_BYTES];
    uint8_t signature[JL_SIGNATURE_MAX_BYTES];
    vector_bytes(VECTOR_CURVE_PUBLIC, curve, 32);
    vector_bytes(VECTOR_SIGN_PUBLIC, sign, 32);
    vector_bytes(VECTOR_INVITATION, invitation, 32);
    vector_bytes(VECTOR_ENROL_SIGNATURE, signature, 64);
    size_t size = jl_chain_enrol_text(jl_suite_find(JL_SUITE_FIRST), curve, sign, invitation, text);
    assert_vector(text, size, VECTOR_ENROL_TEXT);
    assert_int_equal(jl_signer_verify(jl_suite_find(JL_SUITE_FIRST), sign, jl_bytes(text, size),
                                      signature, &err),
                     JL_OK);
    text[20] ^= 1;
    assert_int_equal(jl_signer_verify(jl_suite_find(JL_SUITE_FIRST), sign, jl_bytes(text, size),
                                      signature, &err),
                     JL_DENIED);
}

static void test_the_journal_takes_in_the_head_and_body_of_every_entry(void **state) {
    (void)state;
    uint8_t hash[JL_HASH_BYTES] = {0};
    const struct jl_chain_journal_head first = {
        .seq = 1, .origin = 3, .first_op = 1, .op_count = 2, .at_ms = 1790000000123};
    const struct jl_chain_journal_head second = {
        .seq = 2, .origin = 0, .first_op = 5, .op_count = 1, .at_ms = 1790000000456};
    assert_int_equal(jl_chain_journal_step(hasher, hash, &first, jl_bytes("body", 4), &err), JL_OK);
    assert_vector(hash, sizeof hash, VECTOR_JOURNAL_1);
    assert_int_equal(jl_chain_journal_step(hasher, hash, &second, jl_bytes(NULL, 0), &err), JL_OK);
    assert_vector(hash, sizeof hash, VECTOR_JOURNAL_2);
    uint8_t head[sizeof VECTOR_JOURNAL_HEAD / 2];
    uint8_t verdicts[sizeof VECTOR_JOURNAL_VERDICTS / 2];
    vector_bytes(VECTOR_JOURNAL_HEAD, head, sizeof head);
    vector_bytes(VECTOR_JOURNAL_VERDICTS, verdicts, sizeof verdicts);
    const struct jl_chain_journal_head third = {.seq = 3,
                                                .origin = 3,
                                                .first_op = 3,
                                                .op_count = 1,
                                                .at_ms = 1790000000789,
                                                .head = jl_bytes(head, sizeof head),
                                                .verdicts = jl_bytes(verdicts, sizeof verdicts)};
    assert_int_equal(jl_chain_journal_step(hasher, hash, &third, jl_bytes("body", 4), &err), JL_OK);
    assert_vector(hash, sizeof hash, VECTOR_JOURNAL_3);
}

static void test_every_part_of_a_journal_entry_changes_its_hash(void **state) {
    (void)state;
    const struct jl_chain_journal_head base = {
        .seq = 1, .origin = 3, .first_op = 1, .op_count = 2, .at_ms = 9};
    enum { WAYS = 11 };
    uint8_t hashes[WAYS][JL_HASH_BYTES] = {{0}};
    struct jl_chain_journal_head heads[WAYS] = {base, base, base, base, base, base,
                                                base, base, base, base, base};
    heads[1].seq++;
    heads[2].origin++;
    heads[3].first_op++;
    heads[4].op_count++;
    heads[5].at_ms++;
    heads[7].head = heads[8].head = heads[9].head = jl_bytes_text("head");
    heads[8].verdicts = jl_bytes_text("verdict");
    heads[9].verdicts = jl_bytes_text("verdicu");
    heads[10].head = jl_bytes_text("heaD");
    for (size_t i = 0; i < WAYS; i++) {
        struct jl_bytes body = jl_bytes_text(i == 6 ? "bodY" : "body");
        assert_int_equal(jl_chain_journal_step(hasher, hashes[i], &heads[i], body, &err), JL_OK);
        for (size_t k = 0; k < i; k++) {
            assert_memory_not_equal(hashes[i], hashes[k], JL_HASH_BYTES);
        }
    }
}

/* ---- Set sums ---- */

static struct jl_id id_in(unsigned bucket, uint8_t first) {
    struct jl_id id = {{first}};
    id.bytes[JL_ID_BYTES - 1] = (uint8_t)bucket;
    return id;
}

static void hash_of(uint32_t number, uint8_t out_hash[static JL_SUM_BYTES]) {
    for (uint32_t i = 0; i < JL_SUM_BYTES; i++) {
        out_hash[i] = (uint8_t)((number * 2654435761u) >> (i % 4 * 8)) ^ (uint8_t)(i * 37);
    }
}

static void test_a_sum_does_not_depend_on_order_or_detours(void **state) {
    (void)state;
    enum { COUNT = 300 };
    static struct jl_setsum forward;
    static struct jl_setsum backward;
    uint8_t hash[JL_SUM_BYTES];
    jl_setsum_init(&forward);
    jl_setsum_init(&backward);
    for (uint32_t i = 0; i < COUNT; i++) {
        struct jl_id id = id_in(i % JL_BUCKETS, (uint8_t)i);
        hash_of(i, hash);
        jl_setsum_add(&forward, &id, hash);
    }
    for (uint32_t i = COUNT + 50; i-- > 0;) { /* 50 more, which go again */
        struct jl_id id = id_in(i % JL_BUCKETS, (uint8_t)i);
        hash_of(i, hash);
        jl_setsum_add(&backward, &id, hash);
    }
    assert_false(jl_setsum_equal(&forward, &backward));
    for (uint32_t i = COUNT; i < COUNT + 50; i++) {
        struct jl_id id = id_in(i % JL_BUCKETS, (uint8_t)i);
        hash_of(i, hash);
        jl_setsum_remove(&backward, &id, hash);
    }
    assert_true(jl_setsum_equal(&forward, &backward));
    assert_int_equal(forward.count, COUNT);
}

static void test_removing_everything_leaves_an_empty_sum(void **state) {
    (void)state;
    static struct jl_setsum sum;
    static struct jl_setsum empty;
    struct jl_id id = id_in(255, 1);
    uint8_t hash[JL_SUM_BYTES];
    jl_setsum_init(&sum);
    jl_setsum_init(&empty);
    for (uint32_t i = 0; i < 20; i++) {
        hash_of(i, hash);
        jl_setsum_add(&sum, &id, hash);
    }
    for (uint32_t i = 20; i-- > 0;) {
        hash_of(i, hash);
        jl_setsum_remove(&sum, &id, hash);
    }
    assert_true(jl_setsum_equal(&sum, &empty));
}

static void test_a_record_lands_in_the_bucket_of_its_last_byte(void **state) {
    (void)state;
    static struct jl_setsum sum;
    uint8_t hash[JL_SUM_BYTES] = {1};
    uint8_t bytes[JL_SUM_BYTES];
    jl_setsum_init(&sum);
    for (unsigned bucket = 0; bucket < JL_BUCKETS; bucket++) {
        struct jl_id id = id_in(bucket, 0x77);
        jl_setsum_add(&sum, &id, hash);
        assert_int_equal(sum.counts[bucket], 1);
        jl_setsum_bucket(&sum, bucket, bytes);
        assert_memory_equal(bytes, hash, sizeof bytes);
    }
}

static void test_hashes_are_added_as_little_endian_numbers_and_wrap_around(void **state) {
    (void)state;
    static struct jl_setsum sum;
    struct jl_id id = id_in(5, 0);
    uint8_t ones[JL_SUM_BYTES];
    uint8_t two[JL_SUM_BYTES] = {2};
    uint8_t low_full[JL_SUM_BYTES] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    uint8_t bytes[JL_SUM_BYTES];
    memset(ones, 0xff, sizeof ones);
    jl_setsum_init(&sum);
    jl_setsum_add(&sum, &id, ones);
    jl_setsum_add(&sum, &id, two);
    jl_setsum_bucket(&sum, 5, bytes);
    assert_vector(bytes, sizeof bytes, "01000000000000000000000000000000");
    jl_setsum_remove(&sum, &id, two); /* borrows through both halves */
    jl_setsum_bucket(&sum, 5, bytes);
    assert_memory_equal(bytes, ones, sizeof ones);
    jl_setsum_init(&sum);
    jl_setsum_add(&sum, &id, low_full);
    jl_setsum_add(&sum, &id, two);
    jl_setsum_bucket(&sum, 5, bytes);
    assert_vector(bytes, sizeof bytes, "01000000000000000100000000000000");
}

static void test_sums_that_differ_in_a_count_only_are_not_equal(void **state) {
    (void)state;
    static struct jl_setsum a;
    static struct jl_setsum b;
    struct jl_id id = id_in(9, 0);
    const uint8_t zero[JL_SUM_BYTES] = {0};
    jl_setsum_init(&a);
    jl_setsum_init(&b);
    jl_setsum_add(&b, &id, zero);
    assert_false(jl_setsum_equal(&a, &b));
}

static void test_the_stored_form_comes_back_as_it_was(void **state) {
    (void)state;
    static struct jl_setsum sum;
    static struct jl_setsum back;
    static uint8_t bytes[JL_SETSUM_BYTES];
    uint8_t hash[JL_SUM_BYTES];
    jl_setsum_init(&sum);
    jl_setsum_encode(&sum, bytes);
    assert_int_equal(jl_setsum_decode(jl_bytes(bytes, sizeof bytes), &back, &err), JL_OK);
    assert_true(jl_setsum_equal(&sum, &back));
    for (uint32_t i = 0; i < 1000; i++) {
        struct jl_id id = id_in(i * 7 % JL_BUCKETS, (uint8_t)i);
        hash_of(i, hash);
        jl_setsum_add(&sum, &id, hash);
    }
    jl_setsum_encode(&sum, bytes);
    assert_vector(bytes, 8, "00000000000003e8");
    assert_int_equal(jl_setsum_decode(jl_bytes(bytes, sizeof bytes), &back, &err), JL_OK);
    assert_true(jl_setsum_equal(&sum, &back));
}

static void test_a_stored_form_of_another_size_is_refused(void **state) {
    (void)state;
    static struct jl_setsum sum;
    static uint8_t bytes[JL_SETSUM_BYTES + 1];
    static const size_t sizes[] = {0, 1, JL_SETSUM_BYTES - 1, JL_SETSUM_BYTES + 1};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(jl_setsum_decode(jl_bytes(bytes, sizes[i]), &sum, &err), JL_CORRUPT);
    }
}

/* ---- Roots ---- */

static void root_of(const struct jl_setsum *shared, const struct jl_setsum *office,
                    uint8_t out_root[static JL_SUM_BYTES]) {
    assert_int_equal(jl_setsum_root(hasher, shared, office, out_root, &err), JL_OK);
}

static void test_the_root_is_the_one_of_the_protocol(void **state) {
    (void)state;
    static struct jl_setsum shared;
    static struct jl_setsum office;
    struct jl_id id;
    uint8_t hash[JL_SUM_BYTES];
    uint8_t root[JL_SUM_BYTES];
    jl_setsum_init(&shared);
    jl_setsum_init(&office);
    root_of(&shared, &office, root);
    assert_vector(root, sizeof root, VECTOR_ROOT_EMPTY);
    vector_bytes(VECTOR_ID, id.bytes, JL_ID_BYTES);
    vector_bytes(VECTOR_CONTENT_HASH, hash, sizeof hash);
    jl_setsum_add(&office, &id, hash);
    vector_bytes(VECTOR_REF, id.bytes, JL_ID_BYTES);
    vector_bytes(VECTOR_HASH_B, hash, sizeof hash);
    jl_setsum_add(&office, &id, hash);
    root_of(&shared, &office, root);
    assert_vector(root, sizeof root, VECTOR_ROOT);
}

static void test_the_root_changes_with_every_hash_every_count_and_the_feed(void **state) {
    (void)state;
    static struct jl_setsum sums[6];
    static struct jl_setsum empty;
    struct jl_id id = id_in(1, 0);
    const uint8_t zero[JL_SUM_BYTES] = {0};
    const uint8_t one[JL_SUM_BYTES] = {1};
    uint8_t high[JL_SUM_BYTES] = {0};
    uint8_t roots[12][JL_SUM_BYTES];
    size_t count = 0;
    high[JL_SUM_BYTES - 1] = 0x80;
    for (int i = 0; i < 6; i++) {
        jl_setsum_init(&sums[i]);
    }
    jl_setsum_init(&empty);
    jl_setsum_add(&sums[1], &id, zero); /* a count alone */
    jl_setsum_add(&sums[2], &id, one);
    jl_setsum_add(&sums[3], &id, high);
    jl_setsum_add(&sums[4], &id, one);
    jl_setsum_add(&sums[4], &id, zero);
    jl_setsum_add(&sums[5], &id, one);
    jl_setsum_add(&sums[5], &id, high);
    root_of(&empty, &empty, roots[count++]);
    for (int i = 1; i < 6; i++) {
        root_of(&sums[i], &empty, roots[count++]);
        root_of(&empty, &sums[i], roots[count++]);
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            assert_memory_not_equal(roots[i], roots[k], JL_SUM_BYTES);
        }
    }
}

/* The root is over the feed's total; in which bucket a record lies is no part of it. */
static void test_the_root_is_over_totals(void **state) {
    (void)state;
    static struct jl_setsum low;
    static struct jl_setsum high;
    struct jl_id first = id_in(1, 0);
    struct jl_id second = id_in(200, 0);
    uint8_t hash[JL_SUM_BYTES];
    uint8_t roots[2][JL_SUM_BYTES];
    hash_of(7, hash);
    jl_setsum_init(&low);
    jl_setsum_init(&high);
    jl_setsum_add(&low, &first, hash);
    jl_setsum_add(&high, &second, hash);
    root_of(&low, &low, roots[0]);
    root_of(&high, &high, roots[1]);
    assert_memory_equal(roots[0], roots[1], JL_SUM_BYTES);
}

/* ---- What the sum misses ---- */

/* Two times 64 records of type 1002 with the same ids, that differ in field 2 alone, and whose
 * content hashes have the same sum: found in three seconds on one core by whoever has the proof key
 * (Wagner 2002: a tree of 128 lists of 65,536 hashes, 16 bits a level). */
enum { TWINS = 64 };
static const int64_t twins[2][TWINS] = {
    {4750,  15780, 28765, 42337, 23014, 59641, 26495, 32172, 46234, 50533, 2505,  24900, 38360,
     27960, 42870, 7011,  6022,  2458,  45912, 63143, 9159,  25326, 42690, 58416, 30252, 29231,
     14701, 65405, 32316, 3821,  28611, 12691, 41645, 64348, 53380, 47589, 6515,  40360, 56012,
     58218, 29885, 19774, 44615, 52775, 29139, 45593, 8232,  23109, 9334,  14470, 11506, 4690,
     24894, 323,   8261,  56422, 16723, 39303, 30073, 10,    53310, 8428,  37153, 45312},
    {100028135, 100000369, 100003063, 100043649, 100024879, 100053470, 100020918, 100033966,
     100037380, 100056288, 100014762, 100003698, 100062702, 100026705, 100041140, 100038392,
     100056053, 100055495, 100005576, 100055979, 100029715, 100032686, 100047678, 100051925,
     100022061, 100041318, 100034023, 100015232, 100039314, 100059503, 100031982, 100049464,
     100050768, 100039394, 100006044, 100044894, 100009794, 100048269, 100032118, 100014904,
     100040566, 100050635, 100064303, 100038127, 100030849, 100030958, 100021640, 100027338,
     100058248, 100059134, 100055632, 100005521, 100031216, 100054219, 100053683, 100030240,
     100050015, 100027631, 100036697, 100047732, 100002765, 100020652, 100012362, 100015232},
};

static struct jl_row twin(int side, unsigned n, struct jl_field_value *field) {
    *field = (struct jl_field_value){2, jl_value_int(twins[side][n])};
    struct jl_row row = {.type = 1002, .owner = 7, .fields = field, .field_count = 1};
    vector_bytes(VECTOR_ID, row.id.bytes, JL_ID_BYTES);
    row.id.bytes[14] = (uint8_t)n; /* the bucket stays the same */
    return row;
}

static void test_the_deep_hash_tells_apart_what_the_sum_does_not(void **state) {
    (void)state;
    static struct jl_setsum sums[2];
    static struct jl_setsum empty;
    JL_AUTO(jl_buf) scratch = {0};
    struct jl_secret proof_key;
    uint8_t roots[2][JL_SUM_BYTES];
    uint8_t deep[2][JL_HASH_BYTES];
    size_t different = 0;
    vector_bytes(VECTOR_PROOF_KEY, proof_key.bytes, sizeof proof_key.bytes);
    jl_setsum_init(&empty);
    for (int side = 0; side < 2; side++) {
        jl_setsum_init(&sums[side]);
        assert_int_equal(jl_content_deep_start(hasher, deep[side], &err), JL_OK);
        for (unsigned n = 0; n < TWINS; n++) {
            struct jl_field_value field;
            uint8_t hash[JL_CONTENT_HASH_BYTES];
            const struct jl_row row = twin(side, n, &field);
            assert_int_equal(jl_content_hash(hasher, &proof_key, &row, &scratch, hash, &err),
                             JL_OK);
            jl_setsum_add(&sums[side], &row.id, hash);
            assert_int_equal(jl_content_deep_add(hasher, &row, &scratch, deep[side], &err), JL_OK);
            different += side == 0 && twins[0][n] != twins[1][n];
        }
        root_of(&empty, &sums[side], roots[side]);
    }
    assert_int_equal(different, TWINS);
    assert_true(jl_setsum_equal(&sums[0], &sums[1])); /* count, and the sum of every bucket */
    assert_memory_equal(roots[0], roots[1], JL_SUM_BYTES);
    assert_memory_not_equal(deep[0], deep[1], JL_HASH_BYTES);
}

static void test_the_deep_hash_is_of_every_row_in_its_order(void **state) {
    (void)state;
    JL_AUTO(jl_buf) scratch = {0};
    struct jl_field_value fields[2];
    const struct jl_row rows[] = {twin(0, 1, &fields[0]), twin(0, 2, &fields[1])};
    static const struct {
        size_t count;
        int rows[3]; /* -1: one that can't be read */
    } sets[] = {{0, {0}},    {1, {0}},    {1, {1}},     {1, {-1}},
                {2, {0, 1}}, {2, {1, 0}}, {2, {0, -1}}, {3, {0, 1, 1}}};
    enum { SETS = sizeof sets / sizeof *sets };
    uint8_t deep[SETS][JL_HASH_BYTES];
    for (size_t i = 0; i < SETS; i++) {
        assert_int_equal(jl_content_deep_start(hasher, deep[i], &err), JL_OK);
        for (size_t k = 0; k < sets[i].count; k++) {
            const struct jl_row *row = sets[i].rows[k] < 0 ? NULL : &rows[sets[i].rows[k]];
            assert_int_equal(jl_content_deep_add(hasher, row, &scratch, deep[i], &err), JL_OK);
        }
        for (size_t k = 0; k < i; k++) {
            assert_memory_not_equal(deep[i], deep[k], JL_HASH_BYTES);
        }
    }
}

static void test_the_deep_hash_is_the_one_of_the_protocol(void **state) {
    (void)state;
    JL_AUTO(jl_buf) scratch = {0};
    struct jl_id ref;
    vector_bytes(VECTOR_REF, ref.bytes, JL_ID_BYTES);
    struct jl_field_value fields[] = {{1, jl_value_cstr("张三")},
                                      {2, jl_value_int(1)},
                                      {3, jl_value_int(-5)},
                                      {15, jl_value_ref(&ref)}};
    struct jl_row row = {.type = 1002, .owner = 7, .fields = fields, .field_count = 4};
    uint8_t hash[JL_HASH_BYTES];
    vector_bytes(VECTOR_ID, row.id.bytes, JL_ID_BYTES);
    assert_int_equal(jl_content_deep_start(hasher, hash, &err), JL_OK);
    assert_vector(hash, sizeof hash, VECTOR_DEEP_EMPTY);
    assert_int_equal(jl_content_deep_add(hasher, &row, &scratch, hash, &err), JL_OK);
    assert_vector(hash, sizeof hash, VECTOR_DEEP);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_chain_starts_from_its_incarnation_and_takes_in_each_op),
        cmocka_unit_test(test_a_batch_is_signed_over_incarnation_last_seq_and_last_hash),
        cmocka_unit_test(test_an_enrolment_is_signed_over_all_three_keys),
        cmocka_unit_test(test_the_journal_takes_in_the_head_and_body_of_every_entry),
        cmocka_unit_test(test_every_part_of_a_journal_entry_changes_its_hash),
        cmocka_unit_test(test_a_sum_does_not_depend_on_order_or_detours),
        cmocka_unit_test(test_removing_everything_leaves_an_empty_sum),
        cmocka_unit_test(test_a_record_lands_in_the_bucket_of_its_last_byte),
        cmocka_unit_test(test_hashes_are_added_as_little_endian_numbers_and_wrap_around),
        cmocka_unit_test(test_sums_that_differ_in_a_count_only_are_not_equal),
        cmocka_unit_test(test_the_stored_form_comes_back_as_it_was),
        cmocka_unit_test(test_a_stored_form_of_another_size_is_refused),
        cmocka_unit_test(test_the_root_is_the_one_of_the_protocol),
        cmocka_unit_test(test_the_root_changes_with_every_hash_every_count_and_the_feed),
        cmocka_unit_test(test_the_root_is_over_totals),
        cmocka_unit_test(test_the_deep_hash_tells_apart_what_the_sum_does_not),
        cmocka_unit_test(test_the_deep_hash_is_of_every_row_in_its_order),
        cmocka_unit_test(test_the_deep_hash_is_the_one_of_the_protocol),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
