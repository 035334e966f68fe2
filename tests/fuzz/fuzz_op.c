/* Any bytes as an op. What is taken can be written, and what was written is taken and written
 * alike. */
#include "fuzz.h"

#include "proto/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    JL_AUTO(jl_arena) arena = {0};
    JL_AUTO(jl_buf) written = {0};
    JL_AUTO(jl_buf) again = {0};
    struct jl_op op;
    struct jl_err err;
    if (jl_wire_op_decode(jl_bytes(data, size), &arena, &op, &err) != JL_OK) {
        return 0;
    }
    JL_ASSERT(jl_wire_op_encode(&op, &written, &err) == JL_OK);
    JL_ASSERT(jl_wire_op_decode(jl_buf_bytes(&written), &arena, &op, &err) == JL_OK);
    JL_ASSERT(jl_wire_op_encode(&op, &again, &err) == JL_OK);
    JL_ASSERT(jl_bytes_equal(jl_buf_bytes(&written), jl_buf_bytes(&again)));
    return 0;
}
