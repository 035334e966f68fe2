/* Any bytes as a row. What is taken can be written, and what was written is taken and written
 * alike. */
#include "fuzz.h"

#include "proto/wire.h"

#include "jielian/base/assert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    JL_AUTO(jl_arena) arena = {0};
    JL_AUTO(jl_buf) written = {0};
    JL_AUTO(jl_buf) again = {0};
    struct jl_feed_row row;
    struct jl_err err;
    if (jl_wire_row_decode(jl_bytes(data, size), &arena, &row, &err) != JL_OK) {
        return 0;
    }
    JL_ASSERT(jl_wire_row_encode(&row, &written, &err) == JL_OK);
    JL_ASSERT(jl_wire_row_decode(jl_buf_bytes(&written), &arena, &row, &err) == JL_OK);
    JL_ASSERT(jl_wire_row_encode(&row, &again, &err) == JL_OK);
    JL_ASSERT(jl_bytes_equal(jl_buf_bytes(&written), jl_buf_bytes(&again)));
    return 0;
}
