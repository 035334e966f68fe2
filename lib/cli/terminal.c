/* Texts on a terminal. Widths follow Unicode's East Asian Width. */
#include "jielian/cli/terminal.h"
#include "jielian/base/utf8.h"

#include <errno.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unistd.h>

enum { ELLIPSIS = 0x2026 };

/* Characters that could drive a terminal or turn the direction of what follows. */
static bool is_unsafe(uint32_t code_point) {
    int8_t kind = u_charType((UChar32)code_point);
    return kind == U_CONTROL_CHAR || kind == U_LINE_SEPARATOR || kind == U_PARAGRAPH_SEPARATOR ||
           (code_point >= 0x202A && code_point <= 0x202E) ||
           (code_point >= 0x2066 && code_point <= 0x2069);
}

static size_t places(uint32_t code_point) {
    if (code_point < 0x7F) {
        return 1;
    }
    int8_t kind = u_charType((UChar32)code_point);
    if (kind == U_NON_SPACING_MARK || kind == U_ENCLOSING_MARK || kind == U_FORMAT_CHAR) {
        return is_unsafe(code_point) ? 1 : 0;
    }
    int width = u_getIntPropertyValue((UChar32)code_point, UCHAR_EAST_ASIAN_WIDTH);
    return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

size_t jl_terminal_width(struct jl_bytes text) {
    size_t width = 0;
    uint32_t code_point = 0;
    while (jl_utf8_next(&text, &code_point)) {
        width += places(code_point);
    }
    return width + text.size; /* malformed bytes, one place each */
}

enum jl_rc jl_terminal_fit(struct jl_bytes text, size_t width, struct jl_buf *out,
                           struct jl_err *err) {
    size_t room = width == 0 || jl_terminal_width(text) <= width ? SIZE_MAX : width - 1;
    bool cut = room != SIZE_MAX;
    enum jl_rc rc = JL_OK;
    while (rc == JL_OK && text.size > 0) {
        uint32_t code_point = 0;
        if (!jl_utf8_next(&text, &code_point)) {
            code_point = '?';
            text = jl_bytes(text.data + 1, text.size - 1);
        }
        code_point = is_unsafe(code_point) ? ' ' : code_point;
        size_t needed = places(code_point);
        if (needed > room) {
            break;
        }
        room -= cut ? needed : 0;
        rc = jl_utf8_put(out, code_point, err);
    }
    return rc == JL_OK && cut ? jl_utf8_put(out, ELLIPSIS, err) : rc;
}
