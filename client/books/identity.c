/* Who this PC is: one field a line, name=value. In the books (meta `identity`), and the same beside
 * them in DIR/identity, for the day on which the books can't be read; there with one line more,
 * `keys=` and the fingerprint of this PC's keys, so that no other PC's file is taken for this
 * one's. Nothing in it is secret. */
#include "salvage.h"

#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/base/hex.h"
#include "jielian/base/path.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { FILE_MAX_BYTES = 4096 };

static enum jl_rc encode(const struct jl_identity *identity, struct jl_buf *out,
                         struct jl_err *err) {
    char key[65];
    jl_hex_encode(jl_bytes(identity->server_public, 32), key);
    return jl_buf_printf(out, err, "device=%u\noffice=%u\ncode=%s\nname=%s\nendpoint=%s\nkey=%s\n",
                         identity->device, identity->office, identity->code, identity->name,
                         identity->endpoint, key);
}

static enum jl_rc decode(struct jl_buf *text, struct jl_identity *out_identity,
                         struct jl_err *err) {
    char key[65];
    enum jl_rc rc = jl_buf_put_u8(text, 0, err);
    if (rc != JL_OK) {
        return rc;
    }
    int read = sscanf((const char *)text->data,
                      "device=%" SCNu32 "\noffice=%" SCNu32
                      "\ncode=%31[^\n]\nname=%127[^\n]\nendpoint=%255[^\n]\nkey=%64[0-9a-f]",
                      &out_identity->device, &out_identity->office, out_identity->code,
                      out_identity->name, out_identity->endpoint, key);
    if (read != 6) {
        return jl_fault(err, JL_CORRUPT, JL_FAULT_IDENTITY_UNREADABLE);
    }
    return jl_hex_decode(key, out_identity->server_public, 32, err);
}

enum jl_rc jl_identity_put(struct jl_store *store, const struct jl_identity *identity,
                           struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    enum jl_rc rc = encode(identity, &text, err);
    return rc == JL_OK ? jl_store_meta_put(store, "identity", jl_buf_bytes(&text), err) : rc;
}

enum jl_rc jl_identity_get(struct jl_store *store, struct jl_identity *out_identity,
                           struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    enum jl_rc rc = jl_store_meta_get(store, "identity", &text, err);
    return rc == JL_OK ? decode(&text, out_identity, err) : rc;
}

static const char keys_line[] = "\nkeys=";

static enum jl_rc encode_file(const struct jl_identity *identity, const struct jl_keys *keys,
                              struct jl_buf *out, struct jl_err *err) {
    uint8_t fingerprint[JL_FINGERPRINT_BYTES];
    char hex[2 * JL_FINGERPRINT_BYTES + 1];
    enum jl_rc rc = encode(identity, out, err);
    if (rc == JL_OK) {
        rc = jl_keys_fingerprint(keys, fingerprint, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    jl_hex_encode(jl_bytes(fingerprint, sizeof fingerprint), hex);
    return jl_buf_printf(out, err, "%s%s\n", keys_line + 1, hex);
}

enum jl_rc jl_identity_keep(const char *folder, const struct jl_identity *identity,
                            const struct jl_keys *keys, struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    JL_AUTO(jl_buf) text = {0};
    JL_AUTO(jl_buf) there = {0};
    struct jl_err ignored; /* what can't be read is written anew */
    enum jl_rc rc = jl_path_join(folder, "identity", path, sizeof path, err);
    if (rc == JL_OK) {
        rc = encode_file(identity, keys, &text, err);
    }
    if (rc != JL_OK || (jl_file_read(path, FILE_MAX_BYTES, &there, &ignored) == JL_OK &&
                        jl_bytes_equal(jl_buf_bytes(&there), jl_buf_bytes(&text)))) {
        return rc;
    }
    return jl_file_write(path, jl_buf_bytes(&text), 0600, true, err);
}

/* Files of earlier programs have no such line. */
static enum jl_rc check_keys(const struct jl_buf *text, const struct jl_keys *keys,
                             struct jl_err *err) {
    uint8_t theirs[JL_FINGERPRINT_BYTES];
    uint8_t ours[JL_FINGERPRINT_BYTES];
    char hex[2 * JL_FINGERPRINT_BYTES + 1];
    size_t name = sizeof keys_line - 1;
    const uint8_t *line = memmem(text->data, text->size, keys_line, name);
    if (line == NULL) {
        return JL_OK;
    }
    size_t left = text->size - (size_t)(line - text->data) - name;
    if (left < sizeof hex - 1) {
        return jl_fault(err, JL_CORRUPT, JL_FAULT_IDENTITY_UNREADABLE);
    }
    memcpy(hex, line + name, sizeof hex - 1);
    hex[sizeof hex - 1] = '\0';
    enum jl_rc rc = jl_hex_decode(hex, theirs, sizeof theirs, err);
    if (rc == JL_OK) {
        rc = jl_keys_fingerprint(keys, ours, err);
    }
    return rc == JL_OK && memcmp(theirs, ours, sizeof ours) != 0
               ? jl_fault(err, JL_DENIED, JL_FAULT_IDENTITY_OTHER_KEYS)
               : rc;
}

enum jl_rc jl_identity_find(const char *folder, const struct jl_keys *keys,
                            struct jl_identity *out_identity, struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    JL_AUTO(jl_buf) text = {0};
    enum jl_rc rc = jl_path_join(folder, "identity", path, sizeof path, err);
    if (rc == JL_OK) {
        rc = jl_file_read(path, FILE_MAX_BYTES, &text, err);
    }
    if (rc == JL_OK) {
        rc = check_keys(&text, keys, err);
        rc = rc == JL_OK ? rc : jl_fault_wrap(err, JL_FAULT_AT, "%s", path);
    }
    return rc == JL_OK ? decode(&text, out_identity, err) : rc;
}
