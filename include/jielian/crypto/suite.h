/* Cipher suites: which algorithms hash, sign, seal and wrap, and how long their keys are.
 *
 *   1   SHA-256, HMAC-SHA-256, AES-256-GCM, Ed25519, scrypt
 *
 * A folder has one suite from its making on: its keys and its books name it, and so does every text
 * that leaves it. What is older than suites names none and is of suite 1:
 *
 *   hashed or signed   under suite n > 1 the text "jielian s<n> " comes before all of it, and
 *                      " s<n>" behind the label of a derived key: nothing that was made under one
 *                      suite passes for another's
 *   first line of      "jielian keys v1 s<n>"; a program without suites calls that a file of a
 *   a file             later program
 *   on the wire        its number; left out: suite 1
 *   device.suite,      its number; a row without one, and books without one: suite 1
 *   meta
 *
 * In every suite a hash has JL_HASH_BYTES, for ids, chains and columns are made of it (SM3 has as
 * many as SHA-256), and secrets have JL_KEY_BYTES. Keys and signatures of the signing algorithm are
 * as long as the suite says, and stand in arrays of JL_SIGN_PUBLIC_MAX_BYTES and
 * JL_SIGNATURE_MAX_BYTES with zeros behind, so that whole arrays can be compared.
 *
 * Transport is not in it: that is CURVE. Thread: any; suites are constants. */
#ifndef JIELIAN_SUITE_H
#define JIELIAN_SUITE_H

#include "jielian/base/bytes.h"
#include "jielian/base/limits.h"

enum {
    JL_SUITE_FIRST = 1,
    JL_SUITE_NUMBER_MAX = 32, /* Hello offers suites as the bits of one number */
    JL_SUITE_MARK_BYTES = sizeof " s32",
    JL_PASSPHRASE_SALT_BYTES = 16,
};

struct jl_secret;

/* How a suite signs. All calls: JL_NOMEM where the algorithm can't be set up. */
struct jl_sign_method {
    const char *name;
    size_t public_bytes;    /* at most JL_SIGN_PUBLIC_MAX_BYTES */
    size_t signature_bytes; /* at most JL_SIGNATURE_MAX_BYTES */
    enum jl_rc (*make)(struct jl_secret *out_secret, uint8_t *out_public, struct jl_err *err);
    enum jl_rc (*open)(const struct jl_secret *secret, void **out_key, struct jl_err *err);
    void (*close)(void *key);
    enum jl_rc (*sign)(void *key, struct jl_bytes message, uint8_t *out_signature,
                       struct jl_err *err);
    /* JL_DENIED: not this key's over these bytes, or not a key at all. */
    enum jl_rc (*verify)(const uint8_t *public_key, struct jl_bytes message,
                         const uint8_t *signature, struct jl_err *err);
};

struct jl_suite {
    uint32_t number;    /* 1 .. JL_SUITE_NUMBER_MAX */
    const char *digest; /* OpenSSL's name of a hash of JL_HASH_BYTES; HMAC is made of it too */
    const char *cipher; /* OpenSSL's name of a GCM-like cipher: nonce 12 bytes, tag 16; of a derived
                           key of JL_KEY_BYTES it takes as many as it needs */
    const struct jl_sign_method *sign;
    const char *wrap; /* what makes a key of a passphrase: the line of the key file is called so */
    enum jl_rc (*passphrase_key)(struct jl_bytes passphrase,
                                 const uint8_t salt[static JL_PASSPHRASE_SALT_BYTES],
                                 struct jl_secret *out_key, struct jl_err *err);
};

/* NULL: this program does not know it. JL_SUITE_FIRST is always there; 0 is nobody's. */
const struct jl_suite *jl_suite_find(uint32_t number);
/* What new districts are made with. A device takes its district's, which the invitation names. */
const struct jl_suite *jl_suite_for_new(void);

/* The suites that this program knows: bit n − 1 for number n. */
uint32_t jl_suite_offered(void);
/* Is this one among them? 0 offered: suite 1, as by a program without suites. */
bool jl_suite_is_offered(uint32_t offered, uint32_t number);

/* What the first line of a text file has behind its head: "" for suite 1, else " s<n>". */
void jl_suite_mark(const struct jl_suite *suite, char out_mark[static JL_SUITE_MARK_BYTES]);
/* Which suite does a text name that begins with this head? out_size: of head and mark, behind which
 * the text goes on. false: it begins otherwise, or with what is no mark. */
bool jl_suite_of_text(struct jl_bytes text, const char *head, uint32_t *out_number,
                      size_t *out_size);
/* JL_PROTO, and for people: what is of suite `number`, which this program does not know. */
enum jl_rc jl_suite_unknown(const char *what, uint32_t number, struct jl_err *err);

#endif
