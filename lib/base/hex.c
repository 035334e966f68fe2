/* Hexadecimal text. */
#include "jielian/base/hex.h"
#include "jielian/base/bytes.h"
#include "jielian/base/fault.h"

#include <string.h>

void jl_hex_encode(struct jl_bytes bytes, char *out_text) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.size; i++) {
        out_text[2 * i] = digits[bytes.data[i] >> 4];
        out_text[2 * i + 1] = digits[bytes.data[i] & 15];
    }
    out_text[2 * bytes.size] = '\0';
}

/* The digit's value, or -1. Not isxdigit: that asks the locale. */
static int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

enum jl_rc jl_hex_decode(const char *text, uint8_t *out_data, size_t size, struct jl_err *err) {
    size_t length = text == NULL ? 0 : strlen(text);
    if (length % 2 != 0 || length / 2 != size) {
        return jl_fault_at(err, JL_PROTO, JL_FAULT_HEX_LENGTH, "%zu" JL_AND "%zu", 2 * size,
                           length);
    }
    for (size_t i = 0; i < length; i++) { /* all checked before anything is written */
        if (hex_digit(text[i]) < 0) {
            return jl_fault_at(err, JL_PROTO, JL_FAULT_HEX_DIGIT, "%zu", i + 1);
        }
    }
    for (size_t i = 0; i < size; i++) {
        out_data[i] = (uint8_t)(16 * hex_digit(text[2 * i]) + hex_digit(text[2 * i + 1]));
    }
    return JL_OK;
}
