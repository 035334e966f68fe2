/* What one cipher suite makes never passes for another's, and its own sizes are kept to.
 *
 * Two suites beside the first: one of other algorithms (tests/suite), and a twin that differs in
 * nothing but its number, so that only the name can tell the two apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "jielian/crypto/invitation.h"
#include "jielian/crypto/keys.h"
#include "jielian/crypto/random.h"
#include "jielian/crypto/sealer.h"
#include "jielian/crypto/signer.h"
#include "tests/said.h"

#include <string.h>

enum { SECOND = 2, TWIN = 3 };

static struct jl_suite twin;
static const struct jl_suite *first, *second;
static struct jl_err err;

static int find(void **state) {
    (void)state;
    first = jl_suite_find(JL_SUITE_FIRST);
    second = jl_suite_find(SECOND);
    if (first == NULL || second == NULL) {
        return -1;
    }
    twin = *first;
    twin.number = TWIN;
    return 0;
}

static struct jl_keys keys_of(const struct jl_suite *suite) {
    struct jl_keys keys = {.suite = suite};
    assert_int_equal(jl_random(keys.data.bytes, sizeof keys.data.bytes, &err), JL_OK);
    assert_int_equal(jl_random(keys.proof.bytes, sizeof keys.proof.bytes, &err), JL_OK);
    assert_int_equal(jl_random(keys.curve.bytes, sizeof keys.curve.bytes, &err), JL_OK);
    assert_int_equal(jl_signer_keypair(suite, keys.sign_public, &keys.sign, &err), JL_OK);
    return keys;
}

/* ---- Names ---- */

static void test_suites_are_found_and_offered_by_number(void **state) {
    (void)state;
    assert_int_equal(first->number, JL_SUITE_FIRST);
    assert_int_equal(second->number, SECOND);
    assert_ptr_equal(jl_suite_for_new(), second);
    assert_null(jl_suite_find(0));
    assert_null(jl_suite_find(TWIN));
    assert_int_equal(jl_suite_offered(), 0x3);
    assert_true(jl_suite_is_offered(0x3, 2));
    assert_false(jl_suite_is_offered(0x1, 2));
    assert_true(jl_suite_is_offered(0, 1)); /* a program without suites */
    assert_false(jl_suite_is_offered(0, 2));
    assert_true(jl_suite_is_offered(UINT32_C(1) << 31, JL_SUITE_NUMBER_MAX));
    assert_false(jl_suite_is_offered(UINT32_MAX, JL_SUITE_NUMBER_MAX + 1));
    assert_false(jl_suite_is_offered(UINT32_MAX, 0));
}

static void test_a_text_names_its_suite_in_one_way(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint32_t number; /* 0: not such a text */
        size_t size;
    } rows[] = {
        {"head", 1, 4},        {"head\nmore", 1, 4},  {"head v2", 1, 4},  {"head s2", 2, 7},
        {"head s2\n", 2, 7},   {"head s32 x", 32, 8}, {"head s", 1, 4},   {"head s1", 0, 0},
        {"head s0", 0, 0},     {"head s02", 0, 0},    {"head s33", 0, 0}, {"head sx", 0, 0},
        {"head s1000", 10, 8}, {"hea", 0, 0},         {"other s2", 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t number = 0;
        size_t size = 0;
        bool found = jl_suite_of_text(jl_bytes_text(rows[i].text), "head", &number, &size);
        assert_int_equal(found, rows[i].number != 0);
        assert_int_equal(number, rows[i].number);
        assert_int_equal(size, rows[i].size);
    }
    char mark[JL_SUITE_MARK_BYTES];
    const struct jl_suite last = {.number = JL_SUITE_NUMBER_MAX};
    jl_suite_mark(first, mark);
    assert_string_equal(mark, "");
    jl_suite_mark(&last, mark);
    assert_string_equal(mark, " s32");
}

/* ---- Nothing passes for another suite's ---- */

static void test_a_hash_is_of_its_suite(void **state) {
    (void)state;
    const struct jl_suite *const suites[] = {first, second, &twin};
    uint8_t hashes[3][JL_HASH_BYTES];
    const struct jl_bytes parts[] = {jl_bytes_text("jielian chain v1"), jl_bytes_text("x")};
    for (size_t i = 0; i < 3; i++) {
        JL_AUTO_PTR(jl_hasher) hasher = NULL;
        assert_int_equal(jl_hasher_new(suites[i], &hasher, &err), JL_OK);
        assert_int_equal(jl_hasher_digest(hasher, parts, 2, hashes[i], &err), JL_OK);
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(hashes[i], hashes[j], JL_HASH_BYTES);
        }
    }
    /* The twin's is the first one's over its prefix. */
    JL_AUTO_PTR(jl_hasher) plain = NULL;
    uint8_t prefixed[JL_HASH_BYTES];
    const struct jl_bytes named = jl_bytes_text("jielian s3 jielian chain v1x");
    assert_int_equal(jl_hasher_new(first, &plain, &err), JL_OK);
    assert_int_equal(jl_hasher_digest(plain, &named, 1, prefixed, &err), JL_OK);
    assert_memory_equal(prefixed, hashes[2], JL_HASH_BYTES);
}

static void test_a_seal_and_a_tag_are_of_their_suite(void **state) {
    (void)state;
    const struct jl_suite *const suites[] = {first, second, &twin};
    const struct jl_secret key = {.bytes = {1, 2, 3}};
    const struct jl_bytes place = jl_bytes_text("place");
    const struct jl_bytes plain = jl_bytes_text("张三");
    struct jl_sealer *sealers[3] = {NULL};
    struct jl_buf sealed[3] = {{0}};
    uint8_t tags[3][JL_TAG_BYTES];
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(jl_sealer_new(suites[i], &key, &sealers[i], &err), JL_OK);
        assert_int_equal(jl_sealer_seal(sealers[i], place, plain, &sealed[i], &err), JL_OK);
        assert_int_equal(jl_sealer_tag(sealers[i], place, plain, tags[i], &err), JL_OK);
        assert_int_equal(sealed[i].size, plain.size + JL_SEAL_EXTRA_BYTES);
    }
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < 3; j++) {
            JL_AUTO(jl_buf) out = {0};
            assert_int_equal(
                jl_sealer_unseal(sealers[i], place, jl_buf_bytes(&sealed[j]), &out, &err),
                i == j ? JL_OK : JL_CORRUPT);
            assert_int_equal(memcmp(tags[i], tags[j], JL_TAG_BYTES) == 0, i == j);
        }
    }
    for (size_t i = 0; i < 3; i++) {
        jl_sealer_free(sealers[i]);
        jl_buf_fini(&sealed[i]);
    }
}

static void test_a_signature_is_of_its_suite(void **state) {
    (void)state;
    const struct jl_keys keys = keys_of(first);
    JL_AUTO_PTR(jl_signer) signer = NULL;
    uint8_t signature[JL_SIGNATURE_MAX_BYTES];
    const struct jl_bytes message = jl_bytes_text("jielian batch v1");
    assert_int_equal(jl_signer_new(&twin, &keys.sign, &signer, &err), JL_OK);
    assert_int_equal(jl_signer_sign(signer, message, signature, &err), JL_OK);
    assert_int_equal(jl_signer_verify(&twin, keys.sign_public, message, signature, &err), JL_OK);
    assert_int_equal(jl_signer_verify(first, keys.sign_public, message, signature, &err),
                     JL_DENIED);
}

static void test_keys_and_signatures_are_as_long_as_the_suite_says(void **state) {
    (void)state;
    static const uint8_t zeros[JL_SIGNATURE_MAX_BYTES];
    const struct jl_suite *const suites[] = {first, second, &twin};
    for (size_t i = 0; i < 3; i++) {
        const struct jl_sign_method *sign = suites[i]->sign;
        const struct jl_keys keys = keys_of(suites[i]);
        JL_AUTO_PTR(jl_signer) signer = NULL;
        uint8_t signature[JL_SIGNATURE_MAX_BYTES];
        struct jl_bytes message = jl_bytes_text("text");
        assert_in_range(sign->public_bytes, 1, JL_SIGN_PUBLIC_MAX_BYTES);
        assert_in_range(sign->signature_bytes, 1, JL_SIGNATURE_MAX_BYTES);
        memset(signature, 0xA5, sizeof signature);
        assert_int_equal(jl_signer_new(suites[i], &keys.sign, &signer, &err), JL_OK);
        assert_int_equal(jl_signer_sign(signer, message, signature, &err), JL_OK);
        assert_memory_equal(keys.sign_public + sign->public_bytes, zeros,
                            sizeof keys.sign_public - sign->public_bytes);
        assert_memory_equal(signature + sign->signature_bytes, zeros,
                            sizeof signature - sign->signature_bytes);
        assert_int_equal(jl_signer_verify(suites[i], keys.sign_public, message, signature, &err),
                         JL_OK);
        signature[sign->signature_bytes - 1] ^= 1;
        assert_int_equal(jl_signer_verify(suites[i], keys.sign_public, message, signature, &err),
                         JL_DENIED);
    }
}

/* ---- Texts ---- */

static void test_a_key_file_names_its_suite(void **state) {
    (void)state;
    static const char *const passphrases[] = {"", "马年大吉"};
    for (size_t i = 0; i < 2; i++) {
        const struct jl_keys keys = keys_of(second);
        struct jl_bytes passphrase = jl_bytes_text(passphrases[i]);
        JL_AUTO(jl_keys) read = {0};
        JL_AUTO(jl_buf) text = {0};
        uint8_t marks[2][JL_FINGERPRINT_BYTES];
        assert_int_equal(jl_keys_encode(&keys, passphrase, &text, &err), JL_OK);
        assert_memory_equal(text.data, "jielian keys v1 s2\n", strlen("jielian keys v1 s2\n"));
        assert_int_equal(jl_keys_decode(jl_buf_bytes(&text), passphrase, &read, &err), JL_OK);
        assert_ptr_equal(read.suite, second);
        assert_memory_equal(read.sign_public, keys.sign_public, sizeof keys.sign_public);
        assert_int_equal(jl_keys_fingerprint(&keys, marks[0], &err), JL_OK);
        assert_int_equal(jl_keys_fingerprint(&read, marks[1], &err), JL_OK);
        assert_memory_equal(marks[0], marks[1], sizeof marks[0]);
    }
}

/* To find it damaged would make people put an older file in its place. */
static void test_a_key_file_of_an_unknown_suite_asks_for_the_newer_program(void **state) {
    (void)state;
    const struct jl_keys keys = keys_of(&twin);
    struct jl_keys read = {0};
    JL_AUTO(jl_buf) text = {0};
    assert_int_equal(jl_keys_encode(&keys, jl_bytes(NULL, 0), &text, &err), JL_OK);
    assert_int_equal(jl_keys_decode(jl_buf_bytes(&text), jl_bytes(NULL, 0), &read, &err), JL_PROTO);
    assert_non_null(strstr(err_said(&err), "cipher suite 3"));
    assert_non_null(strstr(err_said(&err), "newer program"));
    assert_null(read.suite);
}

static void test_an_invitation_names_its_districts_suite(void **state) {
    (void)state;
    struct jl_invitation_text made = {.suite = second,
                                      .endpoint = "tcp://10.1.2.3:7800",
                                      .office_code = "GD",
                                      .office_name = "古荡街道总工会",
                                      .expires_ms = 1795400000123};
    struct jl_invitation_text read = {0};
    JL_AUTO(jl_buf) text = {0};
    JL_AUTO(jl_buf) other = {0};
    assert_int_equal(jl_invitation_encode(&made, &text, &err), JL_OK);
    assert_int_equal(jl_invitation_decode(jl_buf_bytes(&text), &read, &err), JL_OK);
    assert_ptr_equal(read.suite, second);
    made.suite = &twin;
    assert_int_equal(jl_invitation_encode(&made, &other, &err), JL_OK);
    assert_int_equal(jl_invitation_decode(jl_buf_bytes(&other), &read, &err), JL_PROTO);
    assert_non_null(strstr(err_said(&err), "cipher suite 3"));
    /* The sum is of the suite that is named: another name in the head does not go unseen. */
    memcpy(text.data, "jielian invitation v1\nd", 23);
    assert_int_equal(jl_invitation_decode(jl_buf_bytes(&text), &read, &err), JL_PROTO);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_suites_are_found_and_offered_by_number),
        cmocka_unit_test(test_a_text_names_its_suite_in_one_way),
        cmocka_unit_test(test_a_hash_is_of_its_suite),
        cmocka_unit_test(test_a_seal_and_a_tag_are_of_their_suite),
        cmocka_unit_test(test_a_signature_is_of_its_suite),
        cmocka_unit_test(test_keys_and_signatures_are_as_long_as_the_suite_says),
        cmocka_unit_test(test_a_key_file_names_its_suite),
        cmocka_unit_test(test_a_key_file_of_an_unknown_suite_asks_for_the_newer_program),
        cmocka_unit_test(test_an_invitation_names_its_districts_suite),
    };
    return cmocka_run_group_tests(tests, find, NULL);
}
