/* Names of people. No list of surnames, no guess at what a name should look like: only characters
 * that can't be part of one are refused. */
#include "name.h"
#include "code_point.h"
#include "narrow.h"

#include "jielian/base/limits.h"
#include "jielian/base/utf8.h"
#include "jielian/message/say.h"

#include <string.h>

enum { MIDDLE_DOT = 0xB7 };

static const char middle_dot_text[] = "\xC2\xB7";

static bool is_dot(uint32_t code_point) {
    switch (code_point) {
    case MIDDLE_DOT:
    case 0x2022: /* • */
    case 0x2027: /* ‧ */
    case 0x2219: /* ∙ */
    case 0x22C5: /* ⋅ */
    case 0x30FB: /* ・ */
    case 0xFF65: /* ･ */
    case 0xFF0E: /* ． */
    case 0x0387: /* · */
        return true;
    default:
        return false;
    }
}

static bool is_private_use(uint32_t code_point) {
    return (code_point >= 0xE000 && code_point <= 0xF8FF) || code_point >= 0xF0000;
}

static bool is_latin(uint32_t code_point) {
    return (code_point >= 'a' && code_point <= 'z') || (code_point >= 'A' && code_point <= 'Z') ||
           (code_point >= 0xC0 && code_point <= 0x24F && code_point != 0xD7 && code_point != 0xF7);
}

static bool is_latin_sign(uint32_t code_point) {
    return code_point == ' ' || code_point == '-' || code_point == '\'' || code_point == '.' ||
           code_point == 0x2019;
}

/* A foreigner's name in Latin letters; mixed with Han characters the letters are remarks. */
static bool is_latin_name(struct jl_bytes text) {
    bool latin = false;
    uint32_t code_point = 0;
    while (jl_utf8_next(&text, &code_point)) {
        if (jl_code_point_is_han(code_point)) {
            return false;
        }
        latin = latin || is_latin(jl_code_point_narrow(code_point));
    }
    return latin;
}

static size_t put_ascii_or_copy(uint8_t *out, uint32_t narrow, struct jl_bytes character) {
    if (narrow < 0x80) {
        *out = (uint8_t)narrow;
        return 1;
    }
    memcpy(out, character.data, character.size);
    return character.size;
}

size_t jl_name_normalise(struct jl_bytes text, uint8_t *out) {
    bool latin = is_latin_name(text);
    size_t size = 0;
    while (text.size > 0) {
        struct jl_bytes character = text;
        uint32_t code_point = 0;
        if (!jl_utf8_next(&text, &code_point)) {
            break;
        }
        character.size -= text.size;
        uint32_t narrow = jl_code_point_narrow(code_point);
        if (jl_code_point_is_invisible(code_point)) {
            continue;
        }
        if (narrow == ' ') {
            if (latin && size > 0 && out[size - 1] != ' ') {
                out[size++] = ' ';
            }
            continue;
        }
        if (is_dot(code_point) ? !(latin && narrow == '.') : (narrow == '.' && !latin)) {
            memcpy(out + size, middle_dot_text, 2);
            size += 2;
            continue;
        }
        size += put_ascii_or_copy(out + size, narrow, character);
    }
    return size;
}

static void keep_sign(char out_sign[static 8], struct jl_bytes character) {
    size_t size = character.size < 7 ? character.size : 7;
    memcpy(out_sign, character.data, size);
    out_sign[size] = '\0';
}

enum jl_say_code jl_name_check(struct jl_bytes name, char out_sign[static 8]) {
    bool latin = is_latin_name(name);
    bool dot_before = true; /* also at the start */
    size_t count = 0;
    while (name.size > 0) {
        struct jl_bytes character = name;
        uint32_t code_point = 0;
        if (!jl_utf8_next(&name, &code_point)) {
            return JL_SAY_NOT_TEXT;
        }
        character.size -= name.size;
        count++;
        bool dot = code_point == MIDDLE_DOT;
        if (dot && (dot_before || name.size == 0)) {
            return JL_SAY_NAME_DOT;
        }
        dot_before = dot;
        if (is_private_use(code_point)) {
            return JL_SAY_NAME_PRIVATE;
        }
        bool allowed = dot || jl_code_point_is_han(code_point) ||
                       (latin && (is_latin(code_point) || is_latin_sign(code_point)));
        if (!allowed) {
            keep_sign(out_sign, character);
            return JL_SAY_NAME_SIGN;
        }
    }
    if (count < JL_NAME_MIN_CHARACTERS) {
        return JL_SAY_NAME_SHORT;
    }
    if (count > JL_NAME_MAX_CHARACTERS) {
        return JL_SAY_NAME_LONG;
    }
    return latin ? JL_SAY_NAME_LATIN : JL_SAY_NOTHING;
}
