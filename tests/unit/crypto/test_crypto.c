/* Goal: the standards' answers, and not one changed bit accepted. Method: published vectors (FIPS
 * 180-4, RFC 8032), answers of other implementations for our own layouts (sealing: Node's crypto;
 * scrypt: a plain Python version that meets RFC 7914's vectors), every single-bit change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jielian/base/buf.h"
#include "jielian/base/hex.h"
#include "jielian/base/limits.h"
#include "jielian/crypto/hasher.h"
#include "jielian/crypto/passphrase.h"
#include "jielian/crypto/random.h"
#include "jielian/crypto/sealer.h"
#include "jielian/crypto/secret.h"
#include "jielian/crypto/signer.h"

#include <stdlib.h>
#include <string.h>

static const struct jl_suite *first(void) {
    return jl_suite_find(JL_SUITE_FIRST);
}

static void check_hex(const uint8_t *data, size_t size, const char *expected) {
    char hex[512];
    assert_true(2 * size < sizeof hex);
    jl_hex_encode(jl_bytes(data, size), hex);
    assert_string_equal(hex, expected);
}

static void from_hex(const char *hex, uint8_t *out_data, size_t size) {
    assert_int_equal(jl_hex_decode(hex, out_data, size, NULL), JL_OK);
}

static struct jl_secret counting_key(void) {
    struct jl_secret key;
    for (size_t i = 0; i < sizeof key.bytes; i++) {
        key.bytes[i] = (uint8_t)i;
    }
    return key;
}

static void test_hashes_are_the_standards(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *hash;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
         "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    };
    JL_AUTO_PTR(jl_hasher) hasher = NULL;
    assert_int_equal(jl_hasher_new(first(), &hasher, NULL), JL_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t size = strlen(cases[i].text);
        for (size_t cut = 0; cut <= size; cut++) { /* any cut into parts is the same text */
            const struct jl_bytes parts[] = {
                jl_bytes(cases[i].text, cut),
                jl_bytes(NULL, 0),
                jl_bytes(cases[i].text + cut, size - cut),
            };
            uint8_t hash[JL_HASH_BYTES];
            assert_int_equal(jl_hasher_digest(hasher, parts, 3, hash, NULL), JL_OK);
            check_hex(hash, sizeof hash, cases[i].hash);
        }
    }
}

static void test_the_hash_of_a_million_letters_is_the_standards(void **state) {
    (void)state;
    static char letters[1000];
    struct jl_bytes parts[1000];
    uint8_t hash[JL_HASH_BYTES];
    JL_AUTO_PTR(jl_hasher) hasher = NULL;
    assert_int_equal(jl_hasher_new(first(), &hasher, NULL), JL_OK);
    memset(letters, 'a', sizeof letters);
    for (size_t i = 0; i < 1000; i++) {
        parts[i] = jl_bytes(letters, sizeof letters);
    }
    assert_int_equal(jl_hasher_digest(hasher, parts, 1000, hash, NULL), JL_OK);
    check_hex(hash, sizeof hash,
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    assert_int_equal(jl_hasher_digest(hasher, NULL, 0, hash, NULL), JL_OK);
    check_hex(hash, sizeof hash,
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static struct jl_sealer *new_sealer(void) {
    struct jl_secret key = counting_key();
    struct jl_sealer *sealer = NULL;
    assert_int_equal(jl_sealer_new(first(), &key, &sealer, NULL), JL_OK);
    return sealer;
}

static void test_sealing_and_tagging_give_the_documented_bytes(void **state) {
    (void)state;
    JL_AUTO_PTR(jl_sealer) sealer = new_sealer();
    struct jl_bytes place = jl_bytes_text("member/7");
    struct jl_bytes plain = jl_bytes_text("19900001234");
    uint8_t tag[JL_TAG_BYTES];
    for (int round = 0; round < 3; round++) {
        JL_AUTO(jl_buf) sealed = {0};
        assert_int_equal(jl_sealer_seal(sealer, place, plain, &sealed, NULL), JL_OK);
        check_hex(sealed.data, sealed.size,
                  "cc1724e10a79fa338e5aa7965f1b64b8a2b9686444d63465b19f84e94903831cd9f6dde5fe99c5");
        assert_int_equal(jl_sealer_tag(sealer, place, plain, tag, NULL), JL_OK);
        check_hex(tag, sizeof tag, "6ad7c9e0e643a29bf4eadd0d460c8179");
    }
}

static void test_sealed_values_of_every_size_open_again(void **state) {
    (void)state;
    JL_AUTO_PTR(jl_sealer) sealer = new_sealer();
    uint8_t plain[70];
    for (size_t i = 0; i < sizeof plain; i++) {
        plain[i] = (uint8_t)(i * 5);
    }
    for (size_t size = 0; size <= sizeof plain; size++) {
        for (size_t place_size = 0; place_size < 40; place_size += 13) {
            JL_AUTO(jl_buf) sealed = {0};
            JL_AUTO(jl_buf) out = {0};
            struct jl_bytes place = jl_bytes(place_size == 0 ? NULL : plain, place_size);
            struct jl_bytes text = jl_bytes(size == 0 ? NULL : plain, size);
            assert_int_equal(jl_buf_put_text(&sealed, "before", NULL), JL_OK);
            assert_int_equal(jl_sealer_seal(sealer, place, text, &sealed, NULL), JL_OK);
            assert_int_equal(sealed.size, 6 + size + JL_SEAL_EXTRA_BYTES);
            assert_memory_equal(sealed.data, "before", 6);
            struct jl_bytes value = jl_bytes(sealed.data + 6, sealed.size - 6);
            assert_int_equal(jl_sealer_unseal(sealer, place, value, &out, NULL), JL_OK);
            assert_true(jl_bytes_equal(jl_buf_bytes(&out), text));
        }
    }
}

/* Nothing was appended, and what was there before is still there. */
static void check_refused(struct jl_sealer *sealer, struct jl_bytes place, struct jl_bytes value) {
    JL_AUTO(jl_buf) out = {0};
    struct jl_err err;
    assert_int_equal(jl_buf_put_text(&out, "kept", NULL), JL_OK);
    assert_int_equal(jl_sealer_unseal(sealer, place, value, &out, &err), JL_CORRUPT);
    assert_true(jl_bytes_is(jl_buf_bytes(&out), "kept"));
}

static void test_every_changed_bit_is_found(void **state) {
    (void)state;
    JL_AUTO_PTR(jl_sealer) sealer = new_sealer();
    JL_AUTO(jl_buf) sealed = {0};
    JL_AUTO(jl_buf) out = {0};
    char place_text[] = "member/7";
    struct jl_bytes place = jl_bytes_text(place_text);
    struct jl_bytes plain = jl_bytes_text("19900001234");
    assert_int_equal(jl_sealer_seal(sealer, place, plain, &sealed, NULL), JL_OK);
    for (size_t bit = 0; bit < sealed.size * 8; bit++) {
        sealed.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
        check_refused(sealer, place, jl_buf_bytes(&sealed));
        sealed.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    for (size_t bit = 0; bit < place.size * 8; bit++) {
        place_text[bit / 8] = (char)(place_text[bit / 8] ^ 1 << bit % 8);
        check_refused(sealer, place, jl_buf_bytes(&sealed));
        place_text[bit / 8] = (char)(place_text[bit / 8] ^ 1 << bit % 8);
    }
    for (size_t size = 0; size < sealed.size; size++) {
        uint8_t *exact = malloc(size == 0 ? 1 : size);
        assert_non_null(exact);
        memcpy(exact, sealed.data, size);
        check_refused(sealer, place, jl_bytes(exact, size));
        free(exact);
    }
    assert_int_equal(jl_sealer_unseal(sealer, place, jl_buf_bytes(&sealed), &out, NULL), JL_OK);
    assert_true(jl_bytes_equal(jl_buf_bytes(&out), plain));
}

static void test_another_key_does_not_open(void **state) {
    (void)state;
    JL_AUTO_PTR(jl_sealer) sealer = new_sealer();
    JL_AUTO_PTR(jl_sealer) other = NULL;
    JL_AUTO(jl_buf) sealed = {0};
    struct jl_secret key = counting_key();
    uint8_t tag[JL_TAG_BYTES];
    uint8_t other_tag[JL_TAG_BYTES];
    struct jl_bytes plain = jl_bytes_text("x");
    key.bytes[31] ^= 1;
    assert_int_equal(jl_sealer_new(first(), &key, &other, NULL), JL_OK);
    assert_int_equal(jl_sealer_seal(other, plain, plain, &sealed, NULL), JL_OK);
    check_refused(sealer, plain, jl_buf_bytes(&sealed));
    assert_int_equal(jl_sealer_tag(sealer, plain, plain, tag, NULL), JL_OK);
    assert_int_equal(jl_sealer_tag(other, plain, plain, other_tag, NULL), JL_OK);
    assert_memory_not_equal(tag, other_tag, sizeof tag);
}

static void test_pairs_with_the_same_joined_bytes_share_no_nonce_and_no_tag(void **state) {
    (void)state;
    JL_AUTO_PTR(jl_sealer) sealer = new_sealer();
    static const char joined[] = "ab\0cd\0ef"; /* zero bytes, as a separator would be */
    enum { CUTS = sizeof joined };
    uint8_t nonces[CUTS][12];
    uint8_t tags[CUTS][JL_TAG_BYTES];
    for (size_t cut = 0; cut < CUTS; cut++) {
        JL_AUTO(jl_buf) sealed = {0};
        struct jl_bytes place = jl_bytes(joined, cut);
        struct jl_bytes plain = jl_bytes(joined + cut, sizeof joined - 1 - cut);
        assert_int_equal(jl_sealer_seal(sealer, place, plain, &sealed, NULL), JL_OK);
        memcpy(nonces[cut], sealed.data, sizeof nonces[cut]);
        assert_int_equal(jl_sealer_tag(sealer, place, plain, tags[cut], NULL), JL_OK);
        for (size_t before = 0; before < cut; before++) {
            assert_memory_not_equal(nonces[before], nonces[cut], sizeof nonces[cut]);
            assert_memory_not_equal(tags[before], tags[cut], sizeof tags[cut]);
        }
    }
}

struct signature_case {
    const char *secret;
    const char *public_key;
    const char *message;
    const char *signature;
};

/* RFC 8032 section 7.1: TEST 1, 2, 3 and SHA(abc). */
static const struct signature_case signature_cases[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "4"
     "6bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d"
     "8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "6"
     "594a7c15e9716ed28dc027beceea1ec40a"},
    {"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
     "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3fee"
     "b"
     "bd454d4423643ce80e2a9ac94fa54ca49f",
     "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e"
     "0"
     "303dca179c138ac17ad9bef1177331a704"},
};

static void test_signatures_are_the_standards(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof signature_cases / sizeof signature_cases[0]; i++) {
        const struct signature_case *c = &signature_cases[i];
        JL_AUTO_PTR(jl_signer) signer = NULL;
        struct jl_secret secret;
        uint8_t public_key[JL_SIGN_PUBLIC_MAX_BYTES];
        uint8_t data[128];
        uint8_t signature[JL_SIGNATURE_MAX_BYTES];
        struct jl_bytes message = jl_bytes(data, strlen(c->message) / 2);
        from_hex(c->secret, secret.bytes, sizeof secret.bytes);
        from_hex(c->public_key, public_key, first()->sign->public_bytes);
        from_hex(c->message, data, message.size);
        assert_int_equal(jl_signer_new(first(), &secret, &signer, NULL), JL_OK);
        for (int round = 0; round < 2; round++) {
            assert_int_equal(jl_signer_sign(signer, message, signature, NULL), JL_OK);
            check_hex(signature, first()->sign->signature_bytes, c->signature);
        }
        assert_int_equal(jl_signer_verify(first(), public_key, message, signature, NULL), JL_OK);
    }
}

static void test_a_signature_holds_for_its_bytes_and_key_only(void **state) {
    (void)state;
    JL_AUTO_PTR(jl_signer) signer = NULL;
    JL_AUTO(jl_secret) secret = {0};
    JL_AUTO(jl_secret) other_secret = {0};
    uint8_t public_key[JL_SIGN_PUBLIC_MAX_BYTES];
    uint8_t other_key[JL_SIGN_PUBLIC_MAX_BYTES];
    uint8_t signature[JL_SIGNATURE_MAX_BYTES];
    char text[] = "last seq 7";
    struct jl_bytes message = jl_bytes_text(text);
    struct jl_err err;
    assert_int_equal(jl_signer_keypair(first(), public_key, &secret, NULL), JL_OK);
    assert_int_equal(jl_signer_keypair(first(), other_key, &other_secret, NULL), JL_OK);
    assert_false(jl_secret_equal(&secret, &other_secret));
    assert_int_equal(jl_signer_new(first(), &secret, &signer, NULL), JL_OK);
    assert_int_equal(jl_signer_sign(signer, message, signature, NULL), JL_OK);
    assert_int_equal(jl_signer_verify(first(), public_key, message, signature, NULL), JL_OK);
    assert_int_equal(jl_signer_verify(first(), other_key, message, signature, &err), JL_DENIED);
    assert_int_equal(jl_signer_verify(first(), public_key, jl_bytes(text, 9), signature, NULL),
                     JL_DENIED);
    for (size_t i = 0; i < first()->sign->signature_bytes; i++) {
        signature[i] ^= 0x10;
        assert_int_equal(jl_signer_verify(first(), public_key, message, signature, NULL),
                         JL_DENIED);
        signature[i] ^= 0x10;
    }
    for (size_t i = 0; i < message.size; i++) {
        text[i] = (char)(text[i] ^ 1);
        assert_int_equal(jl_signer_verify(first(), public_key, message, signature, NULL),
                         JL_DENIED);
        text[i] = (char)(text[i] ^ 1);
    }
    memset(other_key, 0xFF, sizeof other_key); /* no point of the curve */
    assert_int_equal(jl_signer_verify(first(), other_key, message, signature, NULL), JL_DENIED);
    assert_int_equal(jl_signer_verify(first(), public_key, message, signature, NULL), JL_OK);
}

static void test_scrypt_gives_the_answer_of_another_implementation(void **state) {
    (void)state;
    uint8_t salt[JL_PASSPHRASE_SALT_BYTES];
    struct jl_secret key;
    struct jl_secret empty;
    for (size_t i = 0; i < sizeof salt; i++) {
        salt[i] = (uint8_t)i;
    }
    assert_int_equal(
        jl_passphrase_key(first(), jl_bytes_text("古荡 correct horse"), salt, &key, NULL), JL_OK);
    check_hex(key.bytes, sizeof key.bytes,
              "f1d8e168a20aa964dea62d11b68042cb08f6b43b3cca11c66e8c54c4ef16892d");
    assert_int_equal(jl_passphrase_key(first(), jl_bytes(NULL, 0), salt, &empty, NULL), JL_OK);
    assert_false(jl_secret_equal(&key, &empty));
}

static void test_secrets_compare_and_are_wiped(void **state) {
    (void)state;
    struct jl_secret a = counting_key();
    struct jl_secret b = counting_key();
    assert_true(jl_secret_equal(&a, &b));
    for (size_t i = 0; i < sizeof a.bytes; i++) {
        b.bytes[i] ^= 0x80;
        assert_false(jl_secret_equal(&a, &b));
        b.bytes[i] ^= 0x80;
    }
    jl_secret_fini(&a);
    for (size_t i = 0; i < sizeof a.bytes; i++) {
        assert_int_equal(a.bytes[i], 0);
    }
    jl_secret_wipe(NULL, 0);
}

static void test_random_bytes_do_not_repeat(void **state) {
    (void)state;
    uint8_t a[4096] = {0};
    uint8_t b[4096] = {0};
    assert_int_equal(jl_random(a, sizeof a, NULL), JL_OK);
    assert_int_equal(jl_random(b, sizeof b, NULL), JL_OK);
    for (size_t i = 0; i < sizeof a; i += 16) {
        assert_memory_not_equal(a + i, b + i, 16);
    }
    assert_int_equal(jl_random(a, 0, NULL), JL_OK);
}

static void test_nothing_can_be_freed(void **state) {
    (void)state;
    jl_hasher_free(NULL);
    jl_sealer_free(NULL);
    jl_signer_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hashes_are_the_standards),
        cmocka_unit_test(test_the_hash_of_a_million_letters_is_the_standards),
        cmocka_unit_test(test_sealing_and_tagging_give_the_documented_bytes),
        cmocka_unit_test(test_sealed_values_of_every_size_open_again),
        cmocka_unit_test(test_every_changed_bit_is_found),
        cmocka_unit_test(test_another_key_does_not_open),
        cmocka_unit_test(test_pairs_with_the_same_joined_bytes_share_no_nonce_and_no_tag),
        cmocka_unit_test(test_signatures_are_the_standards),
        cmocka_unit_test(test_a_signature_holds_for_its_bytes_and_key_only),
        cmocka_unit_test(test_scrypt_gives_the_answer_of_another_implementation),
        cmocka_unit_test(test_secrets_compare_and_are_wiped),
        cmocka_unit_test(test_random_bytes_do_not_repeat),
        cmocka_unit_test(test_nothing_can_be_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
