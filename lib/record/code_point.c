/* Kinds of characters. */

#include "code_point.h"

bool jl_code_point_is_space(uint32_t code_point) {
    return code_point == ' ' || (code_point >= '\t' && code_point <= '\r') || code_point == 0xA0 ||
           (code_point >= 0x2000 && code_point <= 0x200A) || code_point == 0x2028 ||
           code_point == 0x2029 || code_point == 0x202F || code_point == 0x205F ||
           code_point == 0x3000;
}

bool jl_code_point_is_invisible(uint32_t code_point) {
    return (code_point < 0x20 && code_point != '\n' && code_point != '\t') || code_point == 0x7F ||
           (code_point >= 0x80 && code_point < 0xA0) || code_point == 0x200B ||
           code_point == 0x200E || code_point == 0x200F || code_point == 0x2060 ||
           (code_point >= 0x202A && code_point <= 0x202E) || code_point == 0xFEFF;
}

bool jl_code_point_is_han(uint32_t code_point) {
    return (code_point >= 0x3400 && code_point <= 0x9FFF) || code_point == 0x3007 ||
           (code_point >= 0xF900 && code_point <= 0xFAFF) ||
           (code_point >= 0x20000 && code_point <= 0x3FFFD);
}

uint32_t jl_code_point_narrow(uint32_t code_point) {
    if (code_point >= 0xFF01 && code_point <= 0xFF5E) {
        return code_point - 0xFF01 + '!';
    }
    if (jl_code_point_is_space(code_point)) {
        return ' ';
    }
    if ((code_point >= 0x2010 && code_point <= 0x2015) || code_point == 0x2212) {
        return '-';
    }
    return code_point == 0x3002 ? '.' : code_point;
}
