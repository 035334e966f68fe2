/* File layout:
 *
 *   jielian keys v1                        jielian keys v1
 *   data=<64 hex>                          scrypt=<32 hex salt>
 *   proof=<64 hex>                         sealed=<hex of: nonce, data‖proof‖curve‖sign, GCM tag>
 *   curve=<64 hex>
 *   sign=<64 hex>
 *   public=<64 hex>                        public=<64 hex>
 *
 * of suite 1. Of others the first line has the suite's mark behind it, `scrypt` is what the suite
 * calls its wrapping, and `public` is as long as its keys. */
#include "jielian/crypto/keys.h"
#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/base/hex.h"
#include "jielian/base/path.h"
#include "jielian/crypto/passphrase.h"
#include "jielian/crypto/random.h"
#include "jielian/crypto/sealer.h"

#include <stdlib.h>
#include <string.h>

enum { SECRETS_BYTES = 4 * JL_KEY_BYTES };

static const char file_head[] = "jielian keys v1";
static const char seal_place[] = "jielian keys v1 passphrase";

void jl_keys_fini(struct jl_keys *keys) {
    jl_secret_wipe(keys, sizeof *keys);
}

static struct jl_bytes public_of(const struct jl_keys *keys) {
    return jl_bytes(keys->sign_public, keys->suite->sign->public_bytes);
}

enum jl_rc jl_keys_fingerprint(const struct jl_keys *keys,
                               uint8_t out_fingerprint[static JL_FINGERPRINT_BYTES],
                               struct jl_err *err) {
    JL_AUTO_PTR(jl_hasher) hasher = NULL;
    const struct jl_bytes parts[] = {
        jl_bytes_text("jielian keys v1 fingerprint"), jl_bytes(keys->data.bytes, JL_KEY_BYTES),
        jl_bytes(keys->proof.bytes, JL_KEY_BYTES),    jl_bytes(keys->curve.bytes, JL_KEY_BYTES),
        jl_bytes(keys->sign.bytes, JL_KEY_BYTES),     public_of(keys)};
    enum jl_rc rc = jl_hasher_new(keys->suite, &hasher, err);
    return rc == JL_OK
               ? jl_hasher_digest(hasher, parts, sizeof parts / sizeof *parts, out_fingerprint, err)
               : rc;
}

static enum jl_rc put_line(struct jl_buf *text, const char *name, struct jl_bytes bytes,
                           struct jl_err *err) {
    char hex[2 * (SECRETS_BYTES + JL_SEAL_EXTRA_BYTES) + 1];
    JL_ASSERT(2 * bytes.size < sizeof hex);
    jl_hex_encode(bytes, hex);
    enum jl_rc rc = jl_buf_printf(text, err, "%s=%s\n", name, hex);
    jl_secret_wipe(hex, sizeof hex);
    return rc;
}

static void gather(const struct jl_keys *keys, uint8_t out_secrets[static SECRETS_BYTES]) {
    memcpy(out_secrets, keys->data.bytes, JL_KEY_BYTES);
    memcpy(out_secrets + JL_KEY_BYTES, keys->proof.bytes, JL_KEY_BYTES);
    memcpy(out_secrets + 2 * JL_KEY_BYTES, keys->curve.bytes, JL_KEY_BYTES);
    memcpy(out_secrets + 3 * JL_KEY_BYTES, keys->sign.bytes, JL_KEY_BYTES);
}

static void scatter(const uint8_t secrets[static SECRETS_BYTES], struct jl_keys *out_keys) {
    memcpy(out_keys->data.bytes, secrets, JL_KEY_BYTES);
    memcpy(out_keys->proof.bytes, secrets + JL_KEY_BYTES, JL_KEY_BYTES);
    memcpy(out_keys->curve.bytes, secrets + 2 * JL_KEY_BYTES, JL_KEY_BYTES);
    memcpy(out_keys->sign.bytes, secrets + 3 * JL_KEY_BYTES, JL_KEY_BYTES);
}

static enum jl_rc put_sealed(const struct jl_suite *suite, struct jl_buf *text,
                             const uint8_t secrets[static SECRETS_BYTES],
                             struct jl_bytes passphrase, struct jl_err *err) {
    uint8_t salt[JL_PASSPHRASE_SALT_BYTES];
    JL_AUTO(jl_secret) key = {0};
    JL_AUTO_PTR(jl_sealer) sealer = NULL;
    JL_AUTO(jl_buf) sealed = {0};
    enum jl_rc rc = jl_random(salt, sizeof salt, err);
    if (rc == JL_OK) {
        rc = jl_passphrase_key(suite, passphrase, salt, &key, err);
    }
    if (rc == JL_OK) {
        rc = jl_sealer_new(suite, &key, &sealer, err);
    }
    if (rc == JL_OK) {
        rc = jl_sealer_seal(sealer, jl_bytes_text(seal_place), jl_bytes(secrets, SECRETS_BYTES),
                            &sealed, err);
    }
    if (rc == JL_OK) {
        rc = put_line(text, suite->wrap, jl_bytes(salt, sizeof salt), err);
    }
    return rc == JL_OK ? put_line(text, "sealed", jl_buf_bytes(&sealed), err) : rc;
}

static enum jl_rc put_bare(struct jl_buf *text, const struct jl_keys *keys, struct jl_err *err) {
    const struct {
        const char *name;
        const struct jl_secret *secret;
    } lines[] = {{"data", &keys->data},
                 {"proof", &keys->proof},
                 {"curve", &keys->curve},
                 {"sign", &keys->sign}};
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < sizeof lines / sizeof *lines; i++) {
        rc = put_line(text, lines[i].name, jl_bytes(lines[i].secret->bytes, JL_KEY_BYTES), err);
    }
    return rc;
}

enum jl_rc jl_keys_encode(const struct jl_keys *keys, struct jl_bytes passphrase,
                          struct jl_buf *out, struct jl_err *err) {
    uint8_t secrets[SECRETS_BYTES];
    char mark[JL_SUITE_MARK_BYTES];
    gather(keys, secrets);
    /* Reserved at once, so that no copy of the keys stays behind where the buffer was. */
    enum jl_rc rc = jl_buf_reserve(out, JL_KEYS_FILE_MAX_BYTES, err);
    if (rc == JL_OK) {
        jl_suite_mark(keys->suite, mark);
        rc = jl_buf_printf(out, err, "%s%s\n", file_head, mark);
    }
    if (rc == JL_OK) {
        rc = passphrase.size > 0 ? put_sealed(keys->suite, out, secrets, passphrase, err)
                                 : put_bare(out, keys, err);
    }
    if (rc == JL_OK) {
        rc = put_line(out, "public", public_of(keys), err);
    }
    jl_secret_wipe(secrets, sizeof secrets);
    return rc;
}

enum jl_rc jl_keys_save(const char *folder, const struct jl_keys *keys, struct jl_bytes passphrase,
                        struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    struct jl_buf text = {0};
    enum jl_rc rc = jl_path_join(folder, "keys", path, sizeof path, err);
    if (rc == JL_OK) {
        rc = jl_keys_encode(keys, passphrase, &text, err);
    }
    if (rc == JL_OK) {
        rc = jl_file_write(path, jl_buf_bytes(&text), 0600, false, err);
    }
    jl_buf_wipe(&text);
    return rc;
}

/* The hex behind `name=` on a line of its own; NULL when there is none. Cuts the text into lines.
 */
static const char *line_value(char *text, const char *name) {
    size_t length = strlen(name);
    for (char *line = text; line != NULL;) {
        char *end = strchr(line, '\n');
        if (strncmp(line, name, length) == 0 && line[length] == '=') {
            if (end != NULL) {
                *end = '\0';
            }
            return line + length + 1;
        }
        line = end != NULL ? end + 1 : NULL;
    }
    return NULL;
}

static enum jl_rc read_line(struct jl_bytes text, const char *name, uint8_t *out_data, size_t size,
                            struct jl_err *err) {
    char *copy = calloc(text.size + 1, 1);
    if (copy == NULL) {
        return jl_fault_memory(err);
    }
    memcpy(copy, text.data, text.size);
    const char *hex = line_value(copy, name);
    enum jl_rc rc = hex == NULL
                        ? jl_fault_at(err, JL_CORRUPT, JL_FAULT_KEYS_LINE_MISSING, "%s", name)
                        : jl_hex_decode(hex, out_data, size, err);
    jl_secret_wipe(copy, text.size);
    free(copy);
    if (rc == JL_PROTO) {
        rc = jl_fault_at(err, JL_CORRUPT, JL_FAULT_KEYS_LINE_BAD, "%s", name);
    }
    return rc;
}

static enum jl_rc open_sealed(const struct jl_suite *suite, struct jl_bytes text,
                              struct jl_bytes passphrase, uint8_t out_secrets[static SECRETS_BYTES],
                              struct jl_err *err) {
    uint8_t salt[JL_PASSPHRASE_SALT_BYTES];
    uint8_t sealed[SECRETS_BYTES + JL_SEAL_EXTRA_BYTES];
    if (passphrase.size == 0) {
        return jl_fault(err, JL_DENIED, JL_FAULT_PASSPHRASE_WANTED);
    }
    JL_AUTO(jl_secret) key = {0};
    JL_AUTO_PTR(jl_sealer) sealer = NULL;
    struct jl_buf plain = {0};
    enum jl_rc rc = read_line(text, suite->wrap, salt, sizeof salt, err);
    if (rc == JL_OK) {
        rc = read_line(text, "sealed", sealed, sizeof sealed, err);
    }
    if (rc == JL_OK) {
        rc = jl_passphrase_key(suite, passphrase, salt, &key, err);
    }
    if (rc == JL_OK) {
        rc = jl_sealer_new(suite, &key, &sealer, err);
    }
    if (rc == JL_OK) {
        rc = jl_sealer_unseal(sealer, jl_bytes_text(seal_place), jl_bytes(sealed, sizeof sealed),
                              &plain, err);
        if (rc == JL_CORRUPT) {
            rc = jl_fault(err, JL_DENIED, JL_FAULT_PASSPHRASE_WRONG);
        }
    }
    if (rc == JL_OK) {
        memcpy(out_secrets, plain.data, SECRETS_BYTES);
    }
    jl_buf_wipe(&plain);
    return rc;
}

enum jl_rc jl_keys_decode(struct jl_bytes text, struct jl_bytes passphrase,
                          struct jl_keys *out_keys, struct jl_err *err) {
    static const char *const names[] = {"data", "proof", "curve", "sign"};
    uint32_t number = 0;
    size_t head = 0;
    if (!jl_suite_of_text(text, file_head, &number, &head) || text.size <= head ||
        (text.data[head] != '\n' && text.data[head] != '\r')) {
        return jl_fault(err, JL_CORRUPT, JL_FAULT_KEYS_NONE);
    }
    const struct jl_suite *suite = jl_suite_find(number);
    if (suite == NULL) {
        return jl_suite_unknown("the keys are", number, err);
    }
    enum jl_rc rc = JL_OK;
    uint8_t secrets[SECRETS_BYTES];
    uint8_t sign_public[JL_SIGN_PUBLIC_MAX_BYTES] = {0};
    if (memmem(text.data, text.size, "\nsealed=", 8) != NULL) {
        rc = open_sealed(suite, text, passphrase, secrets, err);
    } else {
        for (size_t i = 0; rc == JL_OK && i < 4; i++) {
            rc = read_line(text, names[i], secrets + i * JL_KEY_BYTES, JL_KEY_BYTES, err);
        }
    }
    if (rc == JL_OK) {
        rc = read_line(text, "public", sign_public, suite->sign->public_bytes, err);
    }
    if (rc == JL_OK) {
        scatter(secrets, out_keys);
        out_keys->suite = suite;
        memcpy(out_keys->sign_public, sign_public, sizeof sign_public);
    }
    jl_secret_wipe(secrets, sizeof secrets);
    return rc;
}

enum jl_rc jl_keys_path(const char *folder, char out_path[static JL_PATH_MAX_BYTES],
                        struct jl_err *err) {
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");
    if (credentials != NULL) {
        enum jl_rc rc = jl_path_join(credentials, "jielian-keys", out_path, JL_PATH_MAX_BYTES, err);
        if (rc != JL_OK || jl_file_exists(out_path)) {
            return rc;
        }
    }
    return jl_path_join(folder, "keys", out_path, JL_PATH_MAX_BYTES, err);
}

enum jl_rc jl_keys_wrap(const char *folder, struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    struct jl_err ignored; /* a path too long was the error before this one */
    return jl_keys_path(folder, path, &ignored) == JL_OK
               ? jl_fault_wrap(err, JL_FAULT_AT, "%s", path)
               : err->rc;
}

/* Books without their keys are not an empty folder: whoever took it for one would make new books
 * beside those that only need their keys back. */
static enum jl_rc fail_missing(const char *folder, struct jl_err *err) {
    static const char *const books[] = {"jielian.db", "staged/jielian.db"};
    for (size_t i = 0; i < sizeof books / sizeof *books; i++) {
        char path[JL_PATH_MAX_BYTES];
        enum jl_rc rc = jl_path_join(folder, books[i], path, sizeof path, err);
        if (rc != JL_OK) {
            return rc;
        }
        if (jl_file_exists(path)) {
            return jl_fault_at(err, JL_DENIED, JL_FAULT_KEYS_GONE, "%s" JL_AND "%s", path, folder);
        }
    }
    return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_FOLDER_NO_DATA, "%s", folder);
}

enum jl_rc jl_keys_load(const char *folder, struct jl_bytes passphrase, struct jl_keys *out_keys,
                        struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    struct jl_buf text = {0};
    enum jl_rc rc = jl_keys_path(folder, path, err);
    if (rc == JL_OK) {
        rc = jl_file_read(path, JL_KEYS_FILE_MAX_BYTES, &text, err);
        if (rc == JL_NOT_FOUND) {
            rc = fail_missing(folder, err);
        } else if (rc == JL_LIMIT) {
            rc = jl_fault_at(err, JL_CORRUPT, JL_FAULT_KEYS_LONG, "%s", path);
        }
    }
    if (rc == JL_OK) {
        rc = jl_keys_decode(jl_buf_bytes(&text), passphrase, out_keys, err);
        if (rc != JL_OK) {
            rc = jl_fault_wrap(err, JL_FAULT_AT, "%s", path);
        }
    }
    jl_buf_wipe(&text);
    return rc;
}
