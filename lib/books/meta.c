/* Numbers in the meta table are 8 bytes, big-endian. */
#include "jielian/books/meta.h"
#include "jielian/base/fault.h"
#include "jielian/books/books.h"

#include <string.h>

enum jl_rc jl_meta_get_number(struct jl_store *store, const char *name, uint64_t fallback,
                              uint64_t *out_value, struct jl_err *err) {
    uint8_t bytes[8];
    enum jl_rc rc = jl_meta_get_bytes(store, name, bytes, sizeof bytes, err);
    if (rc == JL_NOT_FOUND) {
        *out_value = fallback;
        return JL_OK;
    }
    if (rc != JL_OK) {
        return rc;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < sizeof bytes; i++) {
        value = value << 8 | bytes[i];
    }
    *out_value = value;
    return JL_OK;
}

enum jl_rc jl_meta_put_number(struct jl_store *store, const char *name, uint64_t value,
                              struct jl_err *err) {
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(value >> (56 - 8 * i));
    }
    return jl_store_meta_put(store, name, jl_bytes(bytes, sizeof bytes), err);
}

enum jl_rc jl_meta_get_bytes(struct jl_store *store, const char *name, uint8_t *out_data,
                             size_t size, struct jl_err *err) {
    JL_AUTO(jl_buf) buf = {0};
    enum jl_rc rc = jl_store_meta_get(store, name, &buf, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (buf.size != size) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED,
                           "the stored setting `%s` has %zu bytes instead of %zu", name, buf.size,
                           size);
    }
    memcpy(out_data, buf.data, size);
    return JL_OK;
}
