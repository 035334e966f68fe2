/* The well-formed sequences (Unicode, table 3-7): the second byte's range closes the door on
 * over-long forms, surrogates and everything above U+10FFFF.
 *
 *   lead      second    rest
 *   00..7F
 *   C2..DF    80..BF
 *   E0        A0..BF    80..BF
 *   E1..EF    80..BF    80..BF    (ED: 80..9F)
 *   F0        90..BF    80..BF ×2
 *   F1..F3    80..BF    80..BF ×2
 *   F4        80..8F    80..BF ×2 */
#include "jielian/base/utf8.h"
#include "jielian/base/fault.h"

/* Bytes in the sequence at the front; 0 if there is none or it is malformed. */
static size_t sequence(struct jl_bytes text, uint32_t *out_code_point) {
    if (text.size == 0) {
        return 0;
    }
    uint8_t lead = text.data[0];
    if (lead < 0x80) {
        *out_code_point = lead;
        return 1;
    }
    if (lead < 0xC2 || lead > 0xF4) {
        return 0;
    }
    size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (text.size < size) {
        return 0;
    }
    uint8_t lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    uint8_t highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    uint32_t code_point = lead & (0x7FU >> size);
    for (size_t i = 1; i < size; i++) {
        uint8_t byte = text.data[i];
        if (byte < lowest || byte > highest) {
            return 0;
        }
        code_point = code_point << 6 | (byte & 0x3FU);
        lowest = 0x80;
        highest = 0xBF;
    }
    *out_code_point = code_point;
    return size;
}

bool jl_utf8_next(struct jl_bytes *text, uint32_t *out_code_point) {
    size_t size = sequence(*text, out_code_point);
    if (size == 0) {
        return false;
    }
    *text = jl_bytes(text->data + size, text->size - size);
    return true;
}

bool jl_utf8_valid(struct jl_bytes text) {
    uint32_t code_point;
    while (text.size > 0) {
        if (!jl_utf8_next(&text, &code_point) || code_point == 0) {
            return false;
        }
    }
    return true;
}

enum jl_rc jl_utf8_put(struct jl_buf *out, uint32_t code_point, struct jl_err *err) {
    if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL, "U+%04X is not a character",
                           code_point);
    }
    uint8_t bytes[4];
    size_t size = code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    if (size == 1) {
        bytes[0] = (uint8_t)code_point;
    } else {
        for (size_t i = size - 1; i > 0; i--) {
            bytes[i] = (uint8_t)(0x80U | (code_point & 0x3FU));
            code_point >>= 6;
        }
        bytes[0] = (uint8_t)((0xF00U >> size & 0xFFU) | code_point);
    }
    return jl_buf_put(out, bytes, size, err);
}

size_t jl_utf8_length(struct jl_bytes text) {
    size_t length = 0;
    for (size_t i = 0; i < text.size; i++) {
        length += (text.data[i] & 0xC0U) != 0x80U;
    }
    return length;
}
