/* A line is built on the stack and leaves in one write(2), so that lines of several threads and
 * processes do not mix. A line that is too long is cut and marked with "…".
 *
 * Escaped: C0 and C1 control characters, DEL, the Unicode line and paragraph separators, malformed
 * UTF-8; inside a quoted text also the quote and the backslash. */
#include "jielian/base/log.h"
#include "jielian/base/clock.h"
#include "jielian/base/date.h"
#include "jielian/base/utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    LINE_BYTES = 2048,
    CUT_MARK_BYTES = 8, /* kept free for "…", a closing quote and the newline */
};

struct line {
    char text[LINE_BYTES];
    size_t size;
    bool cut;
};

static atomic_int lowest_level = JL_LOG_INFO;
static atomic_int sink_fd = STDERR_FILENO;
static _Atomic(jl_log_text_fn) sentence_of;

void jl_log_set(enum jl_log_level lowest, int fd) {
    atomic_store(&lowest_level, (int)lowest);
    atomic_store(&sink_fd, fd);
}

void jl_log_set_text(jl_log_text_fn text) {
    atomic_store(&sentence_of, text);
}

/* All of data or, once the line is full, nothing more. */
static void put(struct line *line, const void *data, size_t size) {
    if (line->cut || size > LINE_BYTES - CUT_MARK_BYTES - line->size) {
        line->cut = true;
        return;
    }
    memcpy(line->text + line->size, data, size);
    line->size += size;
}

static void put_text(struct line *line, const char *text) {
    put(line, text, strlen(text));
}

static bool is_printable(uint32_t c) {
    return c >= 0x20 && (c < 0x7F || c > 0x9F) && c != 0x2028 && c != 0x2029;
}

static void put_escaped(struct line *line, const char *text, bool quoted) {
    struct jl_bytes rest = jl_bytes_text(text);
    while (rest.size > 0) {
        struct jl_bytes before = rest;
        uint32_t c;
        bool whole = jl_utf8_next(&rest, &c);
        if (!whole) {
            rest = jl_bytes(rest.data + 1, rest.size - 1);
        }
        size_t size = before.size - rest.size;
        if (!whole || !is_printable(c)) {
            for (size_t i = 0; i < size; i++) {
                char escape[5];
                snprintf(escape, sizeof escape, "\\x%02x", (unsigned)before.data[i]);
                put_text(line, escape);
            }
        } else {
            if (quoted && (c == '"' || c == '\\')) {
                put_text(line, "\\");
            }
            put(line, before.data, size);
        }
    }
}

static void start_line(struct line *line, enum jl_log_level level, const char *event) {
    static const char *const names[] = {
        [JL_LOG_DEBUG] = "debug",
        [JL_LOG_INFO] = "info",
        [JL_LOG_WARN] = "warn",
        [JL_LOG_ERROR] = "error",
    };
    struct jl_clock clock = jl_clock_system();
    int64_t now_ms = clock.wall_ms(clock.context);
    char time[JL_DATE_TIME_BYTES];
    char head[JL_DATE_TIME_BYTES + 32];
    jl_date_format_time(now_ms, time);
    time[10] = 'T';
    int size = snprintf(head, sizeof head, "%s.%03d+08:00 %s event=", time,
                        (int)((now_ms % 1000 + 1000) % 1000), names[level]);
    line->size = 0;
    line->cut = false;
    put(line, head, (size_t)size);
    put_escaped(line, event, false);
}

static void end_line(struct line *line, bool quoted) {
    if (line->cut) {
        memcpy(line->text + line->size, "…", strlen("…"));
        line->size += strlen("…");
    }
    if (quoted) {
        line->text[line->size++] = '"';
    }
    line->text[line->size++] = '\n';
    int error = errno;
    ssize_t put_size;
    do {
        put_size = write(atomic_load(&sink_fd), line->text, line->size);
    } while (put_size < 0 && errno == EINTR);
    /* A log that cannot be written has nowhere to say so; the program's work goes on. */
    errno = error;
}

void jl_log(enum jl_log_level level, const char *event, const char *format, ...) {
    if ((int)level < atomic_load(&lowest_level)) {
        return;
    }
    char text[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct line line;
    start_line(&line, level, event);
    if (length > 0) {
        put_text(&line, " ");
        put_escaped(&line, text, false);
    }
    if (length >= (int)sizeof text) {
        line.cut = true;
    }
    end_line(&line, false);
}

void jl_log_err(enum jl_log_level level, const char *event, const struct jl_err *err) {
    if ((int)level < atomic_load(&lowest_level)) {
        return;
    }
    struct line line;
    start_line(&line, level, event);
    put_text(&line, " rc=");
    put_text(&line, jl_rc_name(err->rc));
    put_text(&line, " text=\"");
    jl_log_text_fn text_of = atomic_load(&sentence_of);
    char text[JL_LOG_TEXT_BYTES];
    put_escaped(&line, text_of != NULL ? text_of(err, text) : err->text, true);
    end_line(&line, true);
}
