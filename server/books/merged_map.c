/* The map in the district's books: meta `merged`, a fold over the journal like the records; read
 * when the first op of a transaction needs it. */
#include "district.h"

#include <string.h>

enum jl_rc jl_merged_load(struct jl_district *district, struct jl_merged **out_merged,
                          struct jl_err *err) {
    JL_AUTO(jl_buf) bytes = {0};
    *out_merged = &district->merged;
    if (district->merged_loaded) {
        return JL_OK;
    }
    enum jl_rc rc = jl_store_meta_get(district->books->store, "merged", &bytes, err);
    if (rc == JL_NOT_FOUND) {
        jl_buf_reset(&bytes);
        rc = JL_OK;
    }
    if (rc == JL_OK) {
        rc = jl_merged_decode(jl_buf_bytes(&bytes), &district->merged, err);
    }
    district->merged_loaded = rc == JL_OK;
    return rc;
}

void jl_merged_forget(struct jl_district *district) {
    district->merged_loaded = district->merged_moved = false;
}

enum jl_rc jl_merged_save(struct jl_district *district, struct jl_err *err) {
    JL_AUTO(jl_buf) bytes = {0};
    if (!district->merged_moved) {
        return JL_OK;
    }
    enum jl_rc rc = jl_merged_encode(&district->merged, &bytes, err);
    if (rc == JL_OK) {
        rc = jl_store_meta_put(district->books->store, "merged", jl_buf_bytes(&bytes), err);
    }
    district->merged_moved = rc != JL_OK;
    return rc;
}

enum jl_rc jl_merged_get(struct jl_district *district, const struct jl_merged **out_merged,
                         struct jl_err *err) {
    struct jl_merged *merged = NULL;
    enum jl_rc rc = jl_merged_load(district, &merged, err);
    *out_merged = merged;
    return rc;
}

/* A desk's transaction is begun by the books, which do not know when the map has moved on: so it is
 * read anew. */
enum jl_rc jl_merged_into(void *context, uint32_t type, const struct jl_id *gone,
                          struct jl_id *out_kept, struct jl_err *err) {
    struct jl_district *district = context;
    JL_AUTO(jl_merged) map = {0};
    JL_AUTO(jl_buf) bytes = {0};
    *out_kept = (struct jl_id){{0}};
    enum jl_rc rc = jl_store_meta_get(district->books->store, "merged", &bytes, err);
    if (rc == JL_NOT_FOUND) {
        return JL_OK;
    }
    if (rc == JL_OK) {
        rc = jl_merged_decode(jl_buf_bytes(&bytes), &map, err);
    }
    const struct jl_id *kept = rc == JL_OK ? jl_merged_kept(&map, type, gone) : NULL;
    if (kept != NULL) {
        *out_kept = *kept;
    }
    return rc;
}
