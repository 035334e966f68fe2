/* The worked examples of docs/protocol.md: inputs, and what comes of them. The results were
 * computed outside this program (Python's hashlib and a few lines that write varints, `openssl
 * pkeyutl` for the signatures), so that tests and page hold the program to the protocol and not to
 * itself. */
#ifndef JIELIAN_PROTOCOL_VECTORS_H
#define JIELIAN_PROTOCOL_VECTORS_H

#include "jielian/base/bytes.h"
#include "jielian/base/hex.h"
#include "jielian/op/op.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define VECTOR_INCARNATION "000102030405060708090a0b0c0d0e0f"
#define VECTOR_PROOF_KEY "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"
#define VECTOR_ID "018f2b3c4d5e7f608192a3b4c5d6e7f8"
#define VECTOR_REF "018f2b3c4d5e7f608192a3b4c5d6e700"
/* RFC 8032, section 7.1, test 1 */
#define VECTOR_SIGN_SECRET "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
#define VECTOR_SIGN_PUBLIC "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define VECTOR_CURVE_PUBLIC "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
#define VECTOR_INVITATION "c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"

#define VECTOR_FIELDS "0606e5bca0e4b88909020d093f10" VECTOR_REF
#define VECTOR_CANONICAL "01ea07" VECTOR_ID "07" VECTOR_FIELDS
#define VECTOR_CONTENT_HASH "6e7d7120f71e50fb39048612053c3262"
#define VECTOR_NATURAL_ID "f874c584c9a68524b6cda0669278873e"
#define VECTOR_NATURAL_ID_OWNER "cb69396e45fe85a482f6c7363fb1b308"
#define VECTOR_CASE_ID "e3584db9a2d587f68ae32d066a88388b"
#define VECTOR_PAIR_ID "9d91e9cb0fc38761a678db394730676e"
#define VECTOR_APART_ID "11b99fa9fc2b85c58a10f443b52077d9"
#define VECTOR_ELSEWHERE_ID "939b79a67dee82c4b39b2a0ef294522f"

#define VECTOR_OP_1                                                                                \
    "080110ea071a10" VECTOR_ID "2080b083c598682a05636c65726b3008621e" VECTOR_FIELDS "6801"
#define VECTOR_OP_2                                                                                \
    "080210ea071a10" VECTOR_ID "20c0d98ac598682a05636c65726b30085206e6a0b8e5afb9"                  \
    "5a03090214620509041601786802"
#define VECTOR_GENESIS "cf492a30ecfb3d7a60a923d386d477d21d3a4ca6ffba3a477bbcb852697f4f50"
#define VECTOR_HASH_1 "c88c5cf04a74c872e043745e2d04b628698c86c1d437d8880b08a59de5cebcd0"
#define VECTOR_HASH_2 "84f03106237c557211c47fad1d6a3d2d51ab5358074d6933ac5abc9b1a74ebbf"
#define VECTOR_BATCH_TEXT                                                                          \
    "6a69656c69616e206261746368207631" VECTOR_INCARNATION "0000000000000002" VECTOR_HASH_2
#define VECTOR_BATCH_SIGNATURE                                                                     \
    "6e0f16ea7640a7e39c20af5d238a5d71ac8b46a52359f9d94dccd7a23582c39c"                             \
    "e21ab8aa0eca03ddc7bbb9087dc5ea7d914081261452b3dcb5f3d6d0a4ddd50a"
#define VECTOR_PUSH                                                                                \
    "1ad101080110021a880149" VECTOR_OP_1 "3d" VECTOR_OP_2 "2a40" VECTOR_BATCH_SIGNATURE
#define VECTOR_ENROL_TEXT                                                                          \
    "6a69656c69616e20656e726f6c207631" VECTOR_CURVE_PUBLIC VECTOR_SIGN_PUBLIC VECTOR_INVITATION
#define VECTOR_ENROL_SIGNATURE                                                                     \
    "70cc624862e2e4fb9408fdfd425719cb5af4f37ef9237e412a6baae3b185d606"                             \
    "4dc63c06ee733fbe98e75e76e828398527ff8f994eb69f46e01eba9369b69009"
#define VECTOR_HELLO                                                                               \
    "0a55080110011a10" VECTOR_INCARNATION "28023a20" VECTOR_GENESIS                                \
    "400548085003583c788008800180d8c1a28c348a0105302e312e30"
/* An Ask for the parts 0 and f8 of feed 1, its answer, and an Ask for a row by its hash. */
#define VECTOR_ASK_PARTS "4a0a080110012a04010002f8"
#define VECTOR_TOLD "521a08011a16010001101112131415161702f8016e7d7120f71e50fb"
#define VECTOR_ASK_HASHES "4a0e0801100332086e7d7120f71e50fb"
#define VECTOR_DEEP_EMPTY "8a30985bb83f033f12bdfc9e075c1be35a433f6780b613dac6ce7d2079826920"
#define VECTOR_DEEP "21b6ab68fff237ca908375fd0de801afdaa191d07fc28586b4a7f6136640af0e"
#define VECTOR_DEEP_PROOF "3a58080510081a10" VECTOR_ROOT "2240" VECTOR_DEEP_EMPTY VECTOR_DEEP
#define VECTOR_PULL "2a0a08011008188080042004"
#define VECTOR_POKE "6205080510ac02"
#define VECTOR_ROW                                                                                 \
    "080210ea071a10" VECTOR_ID "20072880b083c5986830043a05636c65726b421e" VECTOR_FIELDS
#define VECTOR_ROOT_EMPTY "962ec9c0741a357dd840303649de3748"
/* Nothing in feed 0; in the office's feed the record above, and VECTOR_REF with VECTOR_HASH_B. */
#define VECTOR_HASH_B "101112131415161718191a1b1c1d1e1f"
#define VECTOR_ROOT "abafd93d7e2f1297c9000ca9db52a0fc"
#define VECTOR_JOURNAL_1 "34bde30e1aa5888bc24a880bf4dee277bbae7015e37dc739dd1276f792581b2d"
#define VECTOR_JOURNAL_2 "e88ab7debc7e113f517369f5f64b58c5193f18469a91fddb96e491a1178aea41"
/* Entry 3, with a head and one op that was parked with the reason "no". */
#define VECTOR_JOURNAL_HEAD "02010407" VECTOR_INCARNATION "20" VECTOR_SIGN_PUBLIC "8ad2d409ac02"
#define VECTOR_JOURNAL_VERDICTS "0304026e6f"
#define VECTOR_JOURNAL_3 "3967acf93364bd87b97d92978dbab77f2877c54d321458d0436d9445c5f9e518"

static inline void vector_bytes(const char *hex, uint8_t *out, size_t size) {
    assert_int_equal(strlen(hex), 2 * size);
    assert_int_equal(jl_hex_decode(hex, out, size, NULL), JL_OK);
}

static inline void assert_vector(const void *data, size_t size, const char *hex) {
    char text[1024];
    assert_true(2 * size < sizeof text);
    jl_hex_encode(jl_bytes(data, size), text);
    assert_string_equal(text, hex);
}

#endif
