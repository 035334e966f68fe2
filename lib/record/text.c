/* Texts cut at their ends. */
#include "code_point.h"
#include "narrow.h"

#include "jielian/base/utf8.h"
#include "jielian/record/text.h"

#include <string.h>

static bool dropped_at_ends(uint32_t code_point) {
    return jl_code_point_is_space(code_point) || jl_code_point_is_invisible(code_point);
}

struct jl_bytes jl_text_trim(struct jl_bytes text) {
    for (;;) {
        struct jl_bytes rest = text;
        uint32_t code_point = 0;
        if (!jl_utf8_next(&rest, &code_point) || !dropped_at_ends(code_point)) {
            break;
        }
        text = rest;
    }
    while (text.size > 0) {
        size_t start = text.size - 1;
        while (start > 0 && (text.data[start] & 0xC0) == 0x80) {
            start--;
        }
        struct jl_bytes last = jl_bytes(text.data + start, text.size - start);
        uint32_t code_point = 0;
        if (!jl_utf8_next(&last, &code_point) || !dropped_at_ends(code_point)) {
            break;
        }
        text.size = start;
    }
    return text;
}

size_t jl_text_cut(struct jl_bytes text, size_t max_bytes) {
    if (text.size <= max_bytes) {
        return text.size;
    }
    size_t size = max_bytes;
    while (size > 0 && (text.data[size] & 0xC0) == 0x80) {
        size--;
    }
    return size;
}
