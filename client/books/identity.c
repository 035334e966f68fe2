/* Who this PC is: one field a line, name=value. In the books (meta `identity`), and the same beside
 * them in DIR/identity, for the day on which the books can't be read. Nothing in it is secret. */
#include "office_internal.h"
#include "salvage.h"

#include "jielian/base/file.h"

#include <inttypes.h>
#include <stdio.h>

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
        return jl_fail(err, JL_CORRUPT, "the stored identity is not readable; join again");
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

enum jl_rc jl_identity_keep(const char *folder, const struct jl_identity *identity,
                            struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    JL_AUTO(jl_buf) text = {0};
    enum jl_rc rc = jl_path_join(folder, "identity", path, sizeof path, err);
    if (rc == JL_OK) {
        rc = encode(identity, &text, err);
    }
    return rc == JL_OK ? jl_file_write(path, jl_buf_bytes(&text), 0600, true, err) : rc;
}

enum jl_rc jl_identity_find(const char *folder, struct jl_identity *out_identity,
                            struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    JL_AUTO(jl_buf) text = {0};
    enum jl_rc rc = jl_path_join(folder, "identity", path, sizeof path, err);
    if (rc == JL_OK) {
        rc = jl_file_read(path, FILE_MAX_BYTES, &text, err);
    }
    return rc == JL_OK ? decode(&text, out_identity, err) : rc;
}
