/* Keys that called and are not known, in the books: meta `unknown`. */
#include "district.h"

#include <string.h>

static enum jl_rc load_unknown(struct jl_district *district, struct jl_unknown *out_unknown,
                               struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    enum jl_rc rc = jl_store_meta_get(district->books->store, "unknown", &text, err);
    if (rc == JL_NOT_FOUND) {
        *out_unknown = (struct jl_unknown){0};
        return JL_OK;
    }
    return rc == JL_OK ? jl_unknown_decode(jl_buf_bytes(&text), out_unknown, err) : rc;
}

enum jl_rc jl_unknown_read(struct jl_district *district, struct jl_unknown *out_unknown,
                           struct jl_err *err) {
    enum jl_rc rc = load_unknown(district, out_unknown, err);
    size_t kept = 0;
    for (size_t i = 0; rc == JL_OK && i < out_unknown->count; i++) {
        if (jl_roster_device_keyed(district, out_unknown->of[i].key) == NULL) {
            out_unknown->of[kept++] = out_unknown->of[i]; /* the others were enrolled since */
        }
    }
    out_unknown->count = rc == JL_OK ? kept : 0;
    jl_unknown_sort(out_unknown);
    return rc;
}

enum jl_rc jl_unknown_keep(struct jl_district *district, const struct jl_unknown *more,
                           struct jl_err *err) {
    struct jl_unknown all;
    JL_AUTO(jl_buf) text = {0};
    enum jl_rc rc = jl_unknown_read(district, &all, err);
    for (size_t i = 0; rc == JL_OK && i < more->count; i++) {
        jl_unknown_note(&all, more->of[i].key, more->of[i].count, more->of[i].last_ms);
    }
    if (rc == JL_OK) {
        rc = jl_unknown_encode(&all, &text, err);
    }
    return rc == JL_OK
               ? jl_store_meta_put(district->books->store, "unknown", jl_buf_bytes(&text), err)
               : rc;
}
