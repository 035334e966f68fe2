/* JSON (RFC 8259), written as jansson writes it: of what a text holds only ", \ and control
 * characters are escaped. jansson itself needs the whole document in memory before the first byte,
 * and does not notice every allocation that fails. */
#include "jielian/json/document.h"
#include "jielian/base/assert.h"
#include "jielian/base/date.h"
#include "jielian/base/fault.h"
#include "jielian/base/id.h"
#include "jielian/base/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void jl_document_fini(struct jl_document *document) {
    jl_buf_fini(&document->text);
}

static void put(struct jl_document *document, const void *data, size_t size) {
    if (document->rc == JL_OK) {
        document->rc = jl_buf_put(&document->text, data, size, NULL);
    }
}

static void put_text(struct jl_document *document, const char *text) {
    put(document, text, strlen(text));
}

static void put_line_start(struct jl_document *document) {
    put_text(document, "\n");
    for (unsigned i = 0; i < document->depth; i++) {
        put_text(document, "  ");
    }
}

static void put_escaped(struct jl_document *document, uint32_t code) {
    static const struct {
        uint32_t code;
        const char *text;
    } shorts[] = {{'"', "\\\""}, {'\\', "\\\\"}, {'\b', "\\b"}, {'\f', "\\f"},
                  {'\n', "\\n"}, {'\r', "\\r"},  {'\t', "\\t"}};
    char text[8];
    for (size_t i = 0; i < sizeof shorts / sizeof *shorts; i++) {
        if (shorts[i].code == code) {
            put_text(document, shorts[i].text);
            return;
        }
    }
    (void)snprintf(text, sizeof text, "\\u%04" PRIX32, code);
    put_text(document, text);
}

static bool is_plain(uint8_t byte) {
    return byte >= ' ' && byte < 0x80 && byte != '"' && byte != '\\';
}

static void put_quoted(struct jl_document *document, struct jl_bytes text) {
    put_text(document, "\"");
    while (text.size > 0) {
        size_t plain = 0;
        while (plain < text.size && is_plain(text.data[plain])) {
            plain++;
        }
        put(document, text.data, plain);
        text = jl_bytes(text.data + plain, text.size - plain);
        if (text.size == 0) {
            break;
        }
        const uint8_t *from = text.data;
        uint32_t code = 0;
        if (!jl_utf8_next(&text, &code)) {
            text = jl_bytes(text.data + 1, text.size - 1);
            put_text(document, "\xEF\xBF\xBD");
        } else if (code < 0x80) {
            put_escaped(document, code);
        } else {
            put(document, from, (size_t)(text.data - from));
        }
    }
    put_text(document, "\"");
}

/* What stands before every value: comma, line, key. */
static void put_place(struct jl_document *document, const char *key) {
    if (document->depth == 0) {
        JL_ASSERT(key == NULL);
        return;
    }
    bool filled = document->levels[document->depth - 1].filled;
    JL_ASSERT((key != NULL) == document->levels[document->depth - 1].object);
    document->levels[document->depth - 1].filled = true;
    if (filled) {
        put_text(document, document->style == JL_DOCUMENT_LINE ? ", " : ",");
    }
    if (document->style == JL_DOCUMENT_INDENTED) {
        put_line_start(document);
    }
    if (key != NULL) {
        put_quoted(document, jl_bytes_text(key));
        put_text(document, document->style == JL_DOCUMENT_COMPACT ? ":" : ": ");
    }
}

static void open_level(struct jl_document *document, const char *key, bool object) {
    put_place(document, key);
    JL_ASSERT(document->depth < JL_DOCUMENT_DEPTH_MAX);
    document->levels[document->depth].object = object;
    document->levels[document->depth].filled = false;
    document->depth++;
    put_text(document, object ? "{" : "[");
}

void jl_document_object(struct jl_document *document, const char *key) {
    open_level(document, key, true);
}

void jl_document_array(struct jl_document *document, const char *key) {
    open_level(document, key, false);
}

void jl_document_end(struct jl_document *document) {
    JL_ASSERT(document->depth > 0);
    document->depth--;
    if (document->levels[document->depth].filled && document->style == JL_DOCUMENT_INDENTED) {
        put_line_start(document);
    }
    put_text(document, document->levels[document->depth].object ? "}" : "]");
}

void jl_document_text(struct jl_document *document, const char *key, struct jl_bytes text) {
    put_place(document, key);
    put_quoted(document, text);
}

static void put_word(struct jl_document *document, const char *key, const char *word) {
    put_place(document, key);
    put_text(document, word);
}

void jl_document_null(struct jl_document *document, const char *key) {
    put_word(document, key, "null");
}

void jl_document_string(struct jl_document *document, const char *key, const char *text) {
    if (text == NULL) {
        jl_document_null(document, key);
    } else {
        jl_document_text(document, key, jl_bytes_text(text));
    }
}

void jl_document_number(struct jl_document *document, const char *key, int64_t number) {
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRId64, number);
    put_word(document, key, text);
}

void jl_document_count(struct jl_document *document, const char *key, uint64_t number) {
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, number);
    put_word(document, key, text);
}

void jl_document_real(struct jl_document *document, const char *key, double number) {
    char text[40];
    (void)snprintf(text, sizeof text, "%.*g", JL_DOCUMENT_REAL_DIGITS, number);
    JL_ASSERT(strpbrk(text, "ni") == NULL); /* JSON has no nan and no infinity */
    bool whole = strpbrk(text, ".e") == NULL;
    put_word(document, key, text);
    if (whole) {
        put_text(document, ".0");
    }
}

void jl_document_bool(struct jl_document *document, const char *key, bool value) {
    put_word(document, key, value ? "true" : "false");
}

void jl_document_format_time(int64_t wall_ms, char out_text[static JL_DOCUMENT_TIME_BYTES]) {
    char text[JL_DATE_TIME_BYTES];
    jl_date_format_time(wall_ms, text);
    text[10] = 'T';
    (void)snprintf(out_text, JL_DOCUMENT_TIME_BYTES, "%s+08:00", text);
}

void jl_document_time(struct jl_document *document, const char *key, int64_t wall_ms) {
    char text[JL_DOCUMENT_TIME_BYTES];
    jl_document_format_time(wall_ms, text);
    jl_document_string(document, key, wall_ms == 0 ? NULL : text);
}

void jl_document_day(struct jl_document *document, const char *key, int64_t yyyymmdd) {
    char text[32];
    (void)snprintf(text, sizeof text, "%04" PRId64 "-%02" PRId64 "-%02" PRId64, yyyymmdd / 10000,
                   yyyymmdd / 100 % 100, yyyymmdd % 100);
    jl_document_string(document, key, yyyymmdd == 0 ? NULL : text);
}

void jl_document_id(struct jl_document *document, const char *key, const struct jl_id *id) {
    char text[JL_ID_TEXT_BYTES];
    jl_id_format(id, text);
    jl_document_string(document, key, jl_id_is_zero(id) ? NULL : text);
}

void jl_document_fail(struct jl_document *document) {
    document->rc = JL_NOMEM;
}

enum jl_rc jl_document_check(const struct jl_document *document, struct jl_err *err) {
    return document->rc == JL_OK ? JL_OK : jl_fault_memory(err);
}
