#include "jielian/json/column.h"
#include "jielian/base/buf.h"
#include "jielian/base/id.h"
#include "jielian/json/document.h"

#include <inttypes.h>
#include <string.h>

/* A member of the row, of the type that the description tells. */
#define MEMBER(type, column, row)                                                                  \
    (*(const type *)(const void *)((const unsigned char *)(row) + (column)->offset))

static const char *text_of(const struct jl_column *column, const void *row) {
    return column->kind == JL_COLUMN_TEXT ? MEMBER(char *, column, row)
                                          : &MEMBER(char, column, row);
}

static void write_one(const struct jl_column *column, const void *row,
                      struct jl_document *document) {
    const char *key = column->key;
    switch (column->kind) {
    case JL_COLUMN_TEXT:
    case JL_COLUMN_CHARS:
        jl_document_string(document, key, text_of(column, row));
        break;
    case JL_COLUMN_BYTES:
        jl_document_text(document, key, MEMBER(struct jl_bytes, column, row));
        break;
    case JL_COLUMN_U32:
        jl_document_count(document, key, MEMBER(uint32_t, column, row));
        break;
    case JL_COLUMN_U64:
        jl_document_count(document, key, MEMBER(uint64_t, column, row));
        break;
    case JL_COLUMN_I64:
        jl_document_number(document, key, MEMBER(int64_t, column, row));
        break;
    case JL_COLUMN_BOOL:
        jl_document_bool(document, key, MEMBER(bool, column, row));
        break;
    case JL_COLUMN_ID:
        jl_document_id(document, key, &MEMBER(struct jl_id, column, row));
        break;
    case JL_COLUMN_TIME:
        jl_document_time(document, key, MEMBER(int64_t, column, row));
        break;
    case JL_COLUMN_DAY:
        jl_document_day(document, key, MEMBER(int64_t, column, row));
        break;
    }
}

void jl_column_write(const struct jl_column *columns, size_t count, const void *row,
                     struct jl_document *document) {
    for (size_t i = 0; i < count; i++) {
        if (columns[i].key != NULL) {
            write_one(&columns[i], row, document);
        }
    }
}

void jl_column_write_rows(const struct jl_rows *rows, const char *key,
                          struct jl_document *document) {
    jl_document_array(document, key);
    for (size_t i = 0; i < rows->count; i++) {
        jl_document_object(document, NULL);
        jl_column_write(rows->columns, rows->column_count,
                        (const unsigned char *)rows->rows + i * rows->row_bytes, document);
        jl_document_end(document);
    }
    jl_document_end(document);
}

static const char *in_words(const struct jl_column *column, const char *text,
                            enum jl_language language) {
    const struct jl_column_word *word = column->words;
    while (text != NULL && word != NULL && word->word != NULL) {
        if (strcmp(word->word, text) == 0) {
            return JL_ZH_EN(language, word->zh, word->en);
        }
        word++;
    }
    return text != NULL ? text : "";
}

enum jl_rc jl_column_text(const struct jl_column *column, const void *row,
                          enum jl_language language, struct jl_buf *out, struct jl_err *err) {
    char text[JL_ID_TEXT_BYTES] = "";
    struct jl_bytes bytes = {0};
    switch (column->kind) {
    case JL_COLUMN_TEXT:
    case JL_COLUMN_CHARS:
        return jl_buf_put_text(out, in_words(column, text_of(column, row), language), err);
    case JL_COLUMN_BYTES:
        bytes = MEMBER(struct jl_bytes, column, row);
        return jl_buf_put(out, bytes.data, bytes.size, err);
    case JL_COLUMN_U32:
        return jl_buf_printf(out, err, "%" PRIu32, MEMBER(uint32_t, column, row));
    case JL_COLUMN_U64:
        return jl_buf_printf(out, err, "%" PRIu64, MEMBER(uint64_t, column, row));
    case JL_COLUMN_I64:
        return jl_buf_printf(out, err, "%" PRId64, MEMBER(int64_t, column, row));
    case JL_COLUMN_BOOL:
        return jl_buf_put_text(out, MEMBER(bool, column, row) ? "✓" : "", err);
    case JL_COLUMN_ID:
        if (!jl_id_is_zero(&MEMBER(struct jl_id, column, row))) {
            jl_id_format(&MEMBER(struct jl_id, column, row), text);
        }
        return jl_buf_put_text(out, text, err);
    case JL_COLUMN_TIME:
        if (MEMBER(int64_t, column, row) != 0) {
            jl_document_format_time(MEMBER(int64_t, column, row), text);
        }
        return jl_buf_put_text(out, text, err);
    case JL_COLUMN_DAY:
        return MEMBER(int64_t, column, row) == 0
                   ? JL_OK
                   : jl_buf_printf(out, err, "%04" PRId64 "-%02" PRId64 "-%02" PRId64,
                                   MEMBER(int64_t, column, row) / 10000,
                                   MEMBER(int64_t, column, row) / 100 % 100,
                                   MEMBER(int64_t, column, row) % 100);
    }
    return JL_OK;
}

bool jl_column_right(const struct jl_column *column) {
    return column->kind == JL_COLUMN_U32 || column->kind == JL_COLUMN_U64 ||
           column->kind == JL_COLUMN_I64;
}
