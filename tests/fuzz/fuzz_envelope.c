/* Any bytes as a frame. What is taken can be sent, and what was sent is taken and sent alike. */
#include "fuzz.h"

#include "proto/wire.h"

#include "jielian/base/assert.h"

static struct jl_wire *wire(void) {
    static struct jl_wire *made; /* for the life of the program: contexts are costly */
    if (made == NULL) {
        JL_ASSERT(jl_wire_new(jl_suite_find(JL_SUITE_FIRST), &made, NULL) == JL_OK);
    }
    return made;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    JL_AUTO(jl_arena) arena = {0};
    JL_AUTO(jl_buf) sent = {0};
    JL_AUTO(jl_buf) again = {0};
    struct jl_message message;
    struct jl_err err;
    if (jl_wire_decode(wire(), jl_bytes(data, size), &arena, &message, &err) != JL_OK) {
        return 0;
    }
    JL_ASSERT(jl_wire_encode(wire(), &message, &sent, &err) == JL_OK);
    JL_ASSERT(jl_wire_decode(wire(), jl_buf_bytes(&sent), &arena, &message, &err) == JL_OK);
    JL_ASSERT(jl_wire_encode(wire(), &message, &again, &err) == JL_OK);
    JL_ASSERT(jl_bytes_equal(jl_buf_bytes(&sent), jl_buf_bytes(&again)));
    return 0;
}
