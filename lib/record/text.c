#include "text.h"

#include "jielian/base/utf8.h"
#include "jielian/record/record.h"

#include <string.h>

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

/* The apostrophe that marks text in a spreadsheet cell, and ="…" that does so in a CSV file. */
static void unwrap(struct jl_narrow *narrow) {
    size_t skip = 0;
    if (narrow->size > 0 && (narrow->text[0] == '\'' || narrow->text[0] == '`')) {
        skip = 1;
    } else if (narrow->size >= 3 && narrow->text[0] == '=' && narrow->text[1] == '"' &&
               narrow->text[narrow->size - 1] == '"') {
        skip = 2;
        narrow->size--;
    }
    if (skip > 0) {
        memmove(narrow->text, narrow->text + skip, narrow->size - skip);
        narrow->size -= skip;
    }
    narrow->text[narrow->size] = '\0';
}

bool jl_text_narrow(struct jl_bytes text, struct jl_narrow *out_narrow) {
    size_t size = 0;
    while (text.size > 0) {
        if (size + 4 >= sizeof out_narrow->text) {
            return false;
        }
        if (text.data[0] < 0x80 && text.data[0] >= ' ') {
            out_narrow->text[size++] = (char)text.data[0];
            text.data++;
            text.size--;
            continue;
        }
        const uint8_t *start = text.data;
        uint32_t code_point = 0;
        if (!jl_utf8_next(&text, &code_point)) {
            return false;
        }
        uint32_t narrow = jl_code_point_narrow(code_point);
        if (jl_code_point_is_invisible(narrow)) {
            continue;
        }
        if (narrow < 0x80) {
            out_narrow->text[size++] = (char)narrow;
        } else {
            size_t width = (size_t)(text.data - start);
            memcpy(out_narrow->text + size, start, width);
            size += width;
        }
    }
    out_narrow->size = size;
    unwrap(out_narrow);
    return true;
}

void jl_narrow_drop(struct jl_narrow *narrow, const char *drop) {
    size_t kept = 0;
    for (size_t i = 0; i < narrow->size; i++) {
        if (strchr(drop, narrow->text[i]) == NULL) {
            narrow->text[kept++] = narrow->text[i];
        }
    }
    narrow->size = kept;
    narrow->text[kept] = '\0';
}

void jl_narrow_upper(struct jl_narrow *narrow) {
    for (size_t i = 0; i < narrow->size; i++) {
        if (narrow->text[i] >= 'a' && narrow->text[i] <= 'z') {
            narrow->text[i] = (char)(narrow->text[i] - 'a' + 'A');
        }
    }
}

struct jl_bytes jl_narrow_bytes(const struct jl_narrow *narrow) {
    return jl_bytes(narrow->text, narrow->size);
}

bool jl_narrow_is_scientific(const struct jl_narrow *narrow) {
    const char *at = narrow->text;
    bool marked = false; /* by '.' or '+': passports like 1E123456 have neither */
    if (*at == '-') {
        at++;
    }
    if (!jl_is_digit(*at)) {
        return false;
    }
    while (jl_is_digit(*at) || *at == '.') {
        marked = marked || *at == '.';
        at++;
    }
    if (*at != 'E' && *at != 'e') {
        return false;
    }
    at++;
    if (*at == '+' || *at == '-') {
        marked = true;
        at++;
    }
    if (!jl_is_digit(*at)) {
        return false;
    }
    while (jl_is_digit(*at)) {
        at++;
    }
    return marked && *at == '\0';
}

bool jl_narrow_drop_zero_decimals(struct jl_narrow *narrow) {
    size_t end = narrow->size;
    while (end > 0 && narrow->text[end - 1] == '0') {
        end--;
    }
    if (end < 2 || end == narrow->size || narrow->text[end - 1] != '.') {
        return false;
    }
    for (size_t i = 0; i + 1 < end; i++) {
        if (!jl_is_digit(narrow->text[i])) {
            return false;
        }
    }
    narrow->size = end - 1;
    narrow->text[narrow->size] = '\0';
    return true;
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
