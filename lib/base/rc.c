/* Texts are formatted into a buffer of their own first, so that a caller may pass err->text as an
 * argument, and so that wrapping needs no second buffer in `struct jl_err`.
 *
 * Invariant: err->text is NUL-terminated, holds no control character, and never ends inside a
 * UTF-8 sequence. */
#include "jielian/base/rc.h"
#include "jielian/base/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const rc_names[] = {
    [JL_OK] = "ok",
    [JL_BUSY] = "busy",
    [JL_NOMEM] = "no_memory",
    [JL_IO] = "io",
    [JL_CORRUPT] = "corrupt",
    [JL_PROTO] = "protocol",
    [JL_DENIED] = "denied",
    [JL_LIMIT] = "limit",
    [JL_CONFLICT] = "conflict",
    [JL_NOT_FOUND] = "not_found",
    [JL_MISUSE] = "misuse",
};

/* The length of text without a sequence that the end of the buffer cut in two. */
static size_t whole_characters(const char *text, size_t length) {
    size_t start = length;
    while (start > 0 && length - start < 3 && ((unsigned char)text[start - 1] & 0xC0U) == 0x80U) {
        start--;
    }
    if (start == 0) {
        return length;
    }
    unsigned char lead = (unsigned char)text[start - 1];
    size_t needed = lead >= 0xF0U ? 4 : lead >= 0xE0U ? 3 : lead >= 0xC0U ? 2 : 1;
    return length - start + 1 < needed ? start - 1 : length;
}

/* Put text into err, cut at a character, with control characters (a file name may hold them) made
 * blanks so that an error stays one line. */
static void set_text(struct jl_err *err, const char *text, size_t length) {
    if (length > JL_ERR_TEXT_BYTES - 1) {
        length = whole_characters(text, JL_ERR_TEXT_BYTES - 1);
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        err->text[i] = c < 0x20U || c == 0x7FU ? ' ' : text[i];
    }
    err->text[length] = '\0';
}

static size_t format_text(char *buffer, size_t capacity, const char *format, va_list arguments)
    JL_PRINTF(3, 0);

/* The number of bytes now in buffer; one that was filled to the end may lack the rest. */
static size_t format_text(char *buffer, size_t capacity, const char *format, va_list arguments) {
    int length = vsnprintf(buffer, capacity, format, arguments);
    if (length < 0) {
        return 0;
    }
    return (size_t)length < capacity ? (size_t)length : capacity - 1;
}

static enum jl_rc fail(struct jl_err *err, enum jl_rc rc, uint32_t cause, const char *format,
                       va_list arguments) JL_PRINTF(4, 0);

static enum jl_rc fail(struct jl_err *err, enum jl_rc rc, uint32_t cause, const char *format,
                       va_list arguments) {
    char text[JL_ERR_TEXT_BYTES + 1]; /* one more than is kept: shows whether it was cut */
    size_t length = format_text(text, sizeof text, format, arguments);
    *err = (struct jl_err){.rc = rc, .cause = cause};
    set_text(err, text, length);
    return rc;
}

enum jl_rc jl_fail(struct jl_err *err, enum jl_rc rc, const char *format, ...) {
    if (err == NULL) {
        return rc;
    }
    va_list arguments;
    va_start(arguments, format);
    rc = fail(err, rc, 0, format, arguments);
    va_end(arguments);
    return rc;
}

enum jl_rc jl_fail_as(struct jl_err *err, enum jl_rc rc, uint32_t cause, const char *format, ...) {
    if (err == NULL) {
        return rc;
    }
    va_list arguments;
    va_start(arguments, format);
    rc = fail(err, rc, cause, format, arguments);
    va_end(arguments);
    return rc;
}

enum jl_rc jl_wrap(struct jl_err *err, const char *format, ...) {
    if (err == NULL) {
        return JL_IO;
    }
    char text[2 * JL_ERR_TEXT_BYTES + 2];
    va_list arguments;
    va_start(arguments, format);
    size_t length = format_text(text, JL_ERR_TEXT_BYTES + 1, format, arguments);
    va_end(arguments);
    if (err->level_count > 0) {
        return jl_fault_wrap(err, JL_FAULT_TEXT, "%s", text);
    }
    if (err->text[0] != '\0') {
        size_t inner = strnlen(err->text, sizeof err->text);
        memcpy(text + length, ": ", 2);
        memcpy(text + length + 2, err->text, inner);
        length += 2 + inner;
    }
    if (err->rc == JL_OK) {
        err->rc = JL_IO; /* the callee failed without saying how: still never a success */
    }
    set_text(err, text, length);
    return err->rc;
}

const char *jl_rc_name(enum jl_rc rc) {
    if ((unsigned)rc >= sizeof rc_names / sizeof rc_names[0]) {
        return "unknown";
    }
    return rc_names[rc];
}
