/* Any bytes as an op. What is taken can be written, and what was written is taken and written
 * alike. Bytes in the one form of an op are written as they are, but for fields of a later
 * version, which stand at the end. */
#include "fuzz.h"

#include "proto/wire.h"

#include "jielian/base/assert.h"

#include <string.h>

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
    if (jl_wire_op_canonical(jl_bytes(data, size), &err) == JL_OK) {
        JL_ASSERT(written.size <= size && memcmp(written.data, data, written.size) == 0);
    }
    return 0;
}
