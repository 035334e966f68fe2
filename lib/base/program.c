/* Missing numbers are 0: 0.2 is 0.2.0. */
#include "jielian/base/program.h"

#include <stddef.h>
#include <stdint.h>

enum { PARTS = 3, DIGITS_MAX = 5 };

/* *out_rest is where the numbers end. */
static bool read_version(const char *text, uint32_t out_parts[static PARTS],
                         const char **out_rest) {
    for (size_t i = 0; i < PARTS; i++) {
        out_parts[i] = 0;
    }
    for (size_t i = 0; i < PARTS; i++) {
        int digits = 0;
        for (; *text >= '0' && *text <= '9' && digits < DIGITS_MAX; text++, digits++) {
            out_parts[i] = out_parts[i] * 10 + (uint32_t)(*text - '0');
        }
        *out_rest = text;
        if (digits == 0) {
            return false;
        }
        if (*text != '.' || i + 1 == PARTS) {
            return true;
        }
        text++;
    }
    return false;
}

bool jl_program_is_version(const char *text) {
    uint32_t parts[PARTS];
    const char *rest = text;
    return read_version(text, parts, &rest) && *rest == '\0';
}

bool jl_program_at_least(const char *program, const char *version) {
    uint32_t have[PARTS];
    uint32_t want[PARTS];
    const char *rest = program;
    if (!read_version(program, have, &rest) || (*rest != '\0' && *rest != '-' && *rest != '+')) {
        return false;
    }
    if (!read_version(version, want, &rest)) {
        return true;
    }
    for (size_t i = 0; i < PARTS; i++) {
        if (have[i] != want[i]) {
            return have[i] > want[i];
        }
    }
    return true;
}
