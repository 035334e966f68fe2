#include "verified.h"

#include "jielian/base/file.h"
#include "jielian/base/hex.h"
#include "jielian/base/path.h"
#include "jielian/store/journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { FILE_MAX_BYTES = 256 };

enum jl_rc jl_verified_put(const struct jl_district *district, const struct jl_verified *verified,
                           struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    char hash[2 * JL_HASH_BYTES + 1];
    JL_AUTO(jl_buf) text = {0};
    jl_hex_encode(jl_bytes(verified->journal_hash, JL_HASH_BYTES), hash);
    enum jl_rc rc = jl_path_join(district->folder, "verified", path, sizeof path, err);
    if (rc == JL_OK) {
        rc = jl_buf_printf(&text, err,
                           "jielian verified v1 seq=%" PRIu64 " journal=%s at=%" PRId64 "\n",
                           verified->journal_seq, hash, verified->at_ms);
    }
    return rc == JL_OK ? jl_file_write(path, jl_buf_bytes(&text), 0600, true, err) : rc;
}

static bool parse(struct jl_buf *text, struct jl_verified *out_verified, struct jl_err *err) {
    char hash[2 * JL_HASH_BYTES + 1];
    return jl_buf_put_u8(text, 0, err) == JL_OK &&
           sscanf((const char *)text->data,
                  "jielian verified v1 seq=%" SCNu64 " journal=%64[0-9a-f] at=%" SCNd64,
                  &out_verified->journal_seq, hash, &out_verified->at_ms) == 3 &&
           jl_hex_decode(hash, out_verified->journal_hash, JL_HASH_BYTES, err) == JL_OK;
}

/* Is it this journal that was replayed? */
static enum jl_rc check(struct jl_district *district, struct jl_verified *verified,
                        struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_journal_entry entry;
    enum jl_rc rc =
        jl_journal_entry_get(district->books->store, verified->journal_seq, &arena, &entry, err);
    bool same = rc == JL_OK && entry.seal.size >= JL_HASH_BYTES &&
                memcmp(entry.seal.data, verified->journal_hash, JL_HASH_BYTES) == 0;
    if (!same) {
        *verified = (struct jl_verified){0};
    }
    return rc == JL_NOT_FOUND ? JL_OK : rc;
}

enum jl_rc jl_verified_get(struct jl_district *district, struct jl_verified *out_verified,
                           struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    JL_AUTO(jl_buf) text = {0};
    struct jl_err ignored;
    *out_verified = (struct jl_verified){0};
    enum jl_rc rc = jl_path_join(district->folder, "verified", path, sizeof path, err);
    if (rc != JL_OK || !jl_file_exists(path)) {
        return rc;
    }
    if (jl_file_read(path, FILE_MAX_BYTES, &text, &ignored) != JL_OK ||
        !parse(&text, out_verified, &ignored)) {
        *out_verified = (struct jl_verified){0};
        return JL_OK;
    }
    return check(district, out_verified, err);
}
