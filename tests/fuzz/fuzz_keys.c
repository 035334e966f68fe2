/* Any bytes as a key file, bare and with a passphrase. What is taken can be written and read alike;
 * a refusal changes nothing. scrypt is meant to be slow, so the linker puts a quick one here in its
 * place (tests.cmake). */
#include "fuzz.h"

#include "jielian/base/assert.h"
#include "jielian/crypto/keys.h"

#include <string.h>

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): names of ld --wrap */
enum jl_rc __wrap_jl_passphrase_key(const struct jl_suite *suite, struct jl_bytes passphrase,
                                    const uint8_t salt[static JL_PASSPHRASE_SALT_BYTES],
                                    struct jl_secret *out_key, struct jl_err *err);
enum jl_rc __wrap_jl_passphrase_key(const struct jl_suite *suite, struct jl_bytes passphrase,
                                    const uint8_t salt[static JL_PASSPHRASE_SALT_BYTES],
                                    struct jl_secret *out_key, struct jl_err *err) {
    (void)suite, (void)err;
    JL_ASSERT(passphrase.size > 0);
    memcpy(out_key->bytes, salt, JL_PASSPHRASE_SALT_BYTES);
    memset(out_key->bytes + JL_PASSPHRASE_SALT_BYTES, passphrase.data[0],
           JL_KEY_BYTES - JL_PASSPHRASE_SALT_BYTES);
    return JL_OK;
}

/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

static void check(struct jl_bytes text, struct jl_bytes passphrase) {
    struct jl_keys keys = {0};
    struct jl_keys again = {0};
    JL_AUTO(jl_buf) written = {0};
    enum jl_rc rc = jl_keys_decode(text, passphrase, &keys, NULL);
    if (rc != JL_OK) {
        JL_ASSERT(rc == JL_CORRUPT || rc == JL_DENIED || rc == JL_PROTO);
        JL_ASSERT(memcmp(&keys, &again, sizeof keys) == 0);
        return;
    }
    JL_ASSERT(jl_keys_encode(&keys, jl_bytes(NULL, 0), &written, NULL) == JL_OK);
    JL_ASSERT(jl_keys_decode(jl_buf_bytes(&written), jl_bytes(NULL, 0), &again, NULL) == JL_OK);
    JL_ASSERT(memcmp(&keys, &again, sizeof keys) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    check(jl_bytes(data, size), jl_bytes(NULL, 0));
    check(jl_bytes(data, size), jl_bytes_text("passphrase"));
    return 0;
}
