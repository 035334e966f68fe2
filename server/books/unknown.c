#include "unknown.h"

#include "jielian/base/fault.h"
#include "jielian/base/hex.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 128 };

void jl_unknown_note(struct jl_unknown *unknown, const uint8_t key[static JL_UNKNOWN_KEY_BYTES],
                     uint64_t count, int64_t at_ms) {
    size_t least = 0;
    for (size_t i = 0; i < unknown->count; i++) {
        struct jl_unknown_key *of = &unknown->of[i];
        const struct jl_unknown_key *weak = &unknown->of[least];
        if (memcmp(of->key, key, sizeof of->key) == 0) {
            of->count = count < UINT64_MAX - of->count ? of->count + count : UINT64_MAX;
            of->last_ms = at_ms > of->last_ms ? at_ms : of->last_ms;
            return;
        }
        if (of->count < weak->count || (of->count == weak->count && of->last_ms < weak->last_ms)) {
            least = i;
        }
    }
    struct jl_unknown_key *place =
        unknown->count < JL_UNKNOWN_MAX ? &unknown->of[unknown->count++] : &unknown->of[least];
    *place = (struct jl_unknown_key){.count = count, .last_ms = at_ms};
    memcpy(place->key, key, sizeof place->key);
}

static int compare_last(const void *a, const void *b) {
    int64_t first = ((const struct jl_unknown_key *)a)->last_ms;
    int64_t second = ((const struct jl_unknown_key *)b)->last_ms;
    return first > second ? -1 : first < second;
}

void jl_unknown_sort(struct jl_unknown *unknown) {
    qsort(unknown->of, unknown->count, sizeof *unknown->of, compare_last);
}

enum jl_rc jl_unknown_encode(const struct jl_unknown *unknown, struct jl_buf *out,
                             struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < unknown->count; i++) {
        char hex[2 * JL_UNKNOWN_KEY_BYTES + 1];
        jl_hex_encode(jl_bytes(unknown->of[i].key, JL_UNKNOWN_KEY_BYTES), hex);
        rc = jl_buf_printf(out, err, "%s %" PRIu64 " %" PRId64 "\n", hex, unknown->of[i].count,
                           unknown->of[i].last_ms);
    }
    return rc;
}

enum jl_rc jl_unknown_decode(struct jl_bytes text, struct jl_unknown *out_unknown,
                             struct jl_err *err) {
    memset(out_unknown, 0, sizeof *out_unknown);
    while (text.size > 0) {
        char line[LINE_BYTES];
        char hex[2 * JL_UNKNOWN_KEY_BYTES + 1];
        const uint8_t *end = memchr(text.data, '\n', text.size);
        size_t size = end != NULL ? (size_t)(end - text.data) : text.size;
        struct jl_unknown_key *of = &out_unknown->of[out_unknown->count];
        if (end == NULL || size >= sizeof line || out_unknown->count == JL_UNKNOWN_MAX) {
            return jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED, "%s",
                               "the list of unknown keys is cut off or too long");
        }
        memcpy(line, text.data, size);
        line[size] = '\0';
        if (sscanf(line, "%64[0-9a-f] %" SCNu64 " %" SCNd64, hex, &of->count, &of->last_ms) != 3 ||
            jl_hex_decode(hex, of->key, sizeof of->key, NULL) != JL_OK) {
            return jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED, "%s",
                               "the list of unknown keys can't be read");
        }
        out_unknown->count++;
        text = jl_bytes(end + 1, text.size - size - 1);
    }
    return JL_OK;
}
