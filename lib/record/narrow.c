/* The narrow form in which codes are read. */
#include "narrow.h"
#include "code_point.h"

#include "jielian/base/utf8.h"

#include <string.h>

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

bool jl_narrow_text(struct jl_bytes text, struct jl_narrow *out_narrow) {
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
    if (!jl_narrow_is_digit(*at)) {
        return false;
    }
    while (jl_narrow_is_digit(*at) || *at == '.') {
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
    if (!jl_narrow_is_digit(*at)) {
        return false;
    }
    while (jl_narrow_is_digit(*at)) {
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
        if (!jl_narrow_is_digit(narrow->text[i])) {
            return false;
        }
    }
    narrow->size = end - 1;
    narrow->text[narrow->size] = '\0';
    return true;
}
