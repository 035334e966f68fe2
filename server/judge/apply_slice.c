/* How much is judged in one turn of the writer. */
#include "apply.h"

#include "server/books/district.h"

#include <string.h>

bool jl_apply_enough(const struct jl_apply *apply, size_t judged) {
    const struct jl_district *district = apply->district;
    const struct jl_slice *slice = &district->slice;
    if (apply->upto != 0 || !apply->cuts || judged == 0) {
        return apply->upto != 0 && judged == apply->upto;
    }
    return judged >= slice->ops || apply->arena->used_bytes - apply->arena_before >= slice->bytes ||
           district->clock.steady_ms(district->clock.context) - apply->began_ms >= slice->ms;
}
