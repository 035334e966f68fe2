/* Codes and places, in the caller's `struct jl_err`.
 *
 * err->text holds the places of every level, level after level: JL_AND between two places, a NUL
 * behind the last one. Level 0 is the innermost. */
#include "jielian/base/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

_Static_assert((int)JL_FAULT_LAST <= (int)JL_FAULT_DESK_FIRST, "no code twice");

/* The size of `text` without a UTF-8 sequence that the end of the buffer cut in two. */
static size_t whole_characters(const char *text, size_t size) {
    size_t start = size;
    while (start > 0 && size - start < 3 && ((unsigned char)text[start - 1] & 0xC0U) == 0x80U) {
        start--;
    }
    if (start == 0) {
        return size;
    }
    unsigned char lead = (unsigned char)text[start - 1];
    size_t needed = lead >= 0xF0U ? 4 : lead >= 0xE0U ? 3 : lead >= 0xC0U ? 2 : 1;
    return size - start + 1 < needed ? start - 1 : size;
}

static void add_level(struct jl_err *err, uint32_t code, const char *places, va_list arguments)
    JL_PRINTF(3, 0);

/* Formatted beside err first: an argument may point into it. Control characters (a file name may
 * hold them) become blanks, so that an error stays one line. */
static void add_level(struct jl_err *err, uint32_t code, const char *places, va_list arguments) {
    char text[JL_ERR_TEXT_BYTES];
    int length = vsnprintf(text, sizeof text, places, arguments);
    size_t size = length < 0 ? 0 : (size_t)length;
    size_t room = sizeof err->text - err->used - 1;
    size = size < sizeof text ? size : sizeof text - 1;
    size = whole_characters(text, size < room ? size : room);
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        bool plain = (c >= 0x20U && c != 0x7FU) || c == JL_AND[0];
        err->text[err->used + i] = plain ? text[i] : ' ';
    }
    err->text[err->used + size] = '\0';
    err->levels[err->level_count++] =
        (struct jl_err_level){.code = code, .at = (uint32_t)err->used};
    err->used += err->used + size + 1 < sizeof err->text ? size + 1 : size;
}

static void begin(struct jl_err *err, enum jl_rc rc, uint32_t code) {
    err->rc = rc;
    err->cause = code < JL_FAULT_FIRST ? code : 0;
}

enum jl_rc jl_fault(struct jl_err *err, enum jl_rc rc, uint32_t code) {
    return jl_fault_at(err, rc, code, "%s", "");
}

enum jl_rc jl_fault_memory(struct jl_err *err) {
    return jl_fault(err, JL_NOMEM, JL_FAULT_NO_MEMORY);
}

enum jl_rc jl_fault_list(struct jl_err *err, enum jl_rc rc, uint32_t code, const char *places,
                         va_list arguments) {
    struct jl_err made = {0};
    if (err == NULL) {
        return rc;
    }
    begin(&made, rc, code);
    add_level(&made, code, places, arguments);
    *err = made;
    return rc;
}

enum jl_rc jl_fault_at(struct jl_err *err, enum jl_rc rc, uint32_t code, const char *places, ...) {
    va_list arguments;
    va_start(arguments, places);
    rc = jl_fault_list(err, rc, code, places, arguments);
    va_end(arguments);
    return rc;
}

enum jl_rc jl_fault_system(struct jl_err *err, enum jl_rc rc, uint32_t code, int error,
                           const char *places, ...) {
    va_list arguments;
    va_start(arguments, places);
    rc = jl_fault_list(err, rc, code, places, arguments);
    va_end(arguments);
    if (err != NULL) {
        err->system = error;
    }
    return rc;
}

enum jl_rc jl_fault_wrap(struct jl_err *err, uint32_t code, const char *places, ...) {
    if (err == NULL) {
        return JL_IO;
    }
    if (err->rc == JL_OK) {
        err->rc = JL_IO; /* the callee failed without saying how: still never a success */
    }
    if (err->level_count < JL_ERR_LEVELS_MAX && err->used < sizeof err->text) {
        va_list arguments;
        va_start(arguments, places);
        add_level(err, code, places, arguments);
        va_end(arguments);
    }
    return err->rc;
}

uint32_t jl_fault_code(const struct jl_err *err) {
    return err->level_count > 0 ? err->levels[0].code : err->cause;
}
