/* Whether a restore is open: meta `holding` restored_seq (u64be) open (u8), a fold over the
 * journal. */
#include "holding.h"
#include "district.h"

#include "jielian/base/reader.h"
#include "jielian/books/meta.h"
#include "jielian/store/held_ops.h"

#include <string.h>

enum { HOLDING_BYTES = 8 + 1 };

static const char meta_name[] = "holding";

enum jl_rc jl_holding_load(struct jl_district *district, struct jl_err *err) {
    uint8_t bytes[HOLDING_BYTES] = {0};
    struct jl_reader reader = {.rest = jl_bytes(bytes, sizeof bytes)};
    uint8_t open = 0;
    district->holding = (struct jl_holding){0};
    enum jl_rc rc = jl_meta_get_bytes(district->books->store, meta_name, bytes, sizeof bytes, err);
    if (rc == JL_NOT_FOUND) {
        return JL_OK;
    }
    if (rc == JL_OK) {
        rc = jl_reader_u64be(&reader, &district->holding.restored_seq, err);
    }
    if (rc == JL_OK) {
        rc = jl_reader_u8(&reader, &open, err);
    }
    district->holding.open = open != 0;
    return rc == JL_OK ? jl_held_ops_count(district->books->store, 0, &district->holding.held, err)
                       : rc;
}

enum jl_rc jl_holding_set(struct jl_district *district, uint64_t journal_seq, bool open,
                          struct jl_err *err) {
    struct jl_holding *holding = &district->holding;
    JL_AUTO(jl_buf) bytes = {0};
    holding->restored_seq = open ? journal_seq : holding->restored_seq;
    holding->open = open;
    enum jl_rc rc = jl_buf_put_u64be(&bytes, holding->restored_seq, err);
    if (rc == JL_OK) {
        rc = jl_buf_put_u8(&bytes, open ? 1 : 0, err);
    }
    return rc == JL_OK
               ? jl_store_meta_put(district->books->store, meta_name, jl_buf_bytes(&bytes), err)
               : rc;
}
