/* Rows described once, column by column, and shown as JSON here or as a table by print.h.
 *
 *   static const struct jl_column columns[] = {
 *       {"code", "代码", "code", JL_COLUMN_CHARS, offsetof(struct jl_office_row, code)},
 *       {"last_seen", NULL, NULL, JL_COLUMN_TIME, offsetof(struct jl_office_row, last_seen_ms)},
 *   };
 *
 * Thread: any. */
#ifndef JIELIAN_JSON_COLUMN_H
#define JIELIAN_JSON_COLUMN_H

#include "jielian/base/bytes.h"
#include "jielian/base/language.h"

struct jl_buf;
struct jl_document;

enum jl_column_kind {                     /* the member of the row, and how it is shown */
                      JL_COLUMN_TEXT = 1, /* const char *; NULL: null, "" */
                      JL_COLUMN_CHARS,    /* char[], NUL-terminated */
                      JL_COLUMN_BYTES,    /* struct jl_bytes, UTF-8 */
                      JL_COLUMN_U32,      /* numbers stand right in tables */
                      JL_COLUMN_U64,
                      JL_COLUMN_I64,
                      JL_COLUMN_BOOL, /* ✓ or nothing in tables */
                      JL_COLUMN_ID,   /* struct jl_id; zeros: null, "" */
                      JL_COLUMN_TIME, /* int64_t, ms since 1970; 0: null, "" */
                      JL_COLUMN_DAY,  /* int64_t, yyyymmdd; 0: null, "" */
};

struct jl_column_word {
    const char *word, *zh, *en;
};

struct jl_column {
    const char *key;     /* in JSON; NULL: in tables only */
    const char *zh, *en; /* header of the table; NULL: in JSON only */
    enum jl_column_kind kind;
    size_t offset; /* in the row */
    /* TEXT, CHARS: what a machine's word is called in a table; ended by a word NULL. May be NULL,
     * and a word that is not in it stands as it is. */
    const struct jl_column_word *words;
};

struct jl_rows { /* all borrowed */
    const void *rows;
    size_t count, row_bytes;
    const struct jl_column *columns;
    size_t column_count;
};

/* The row's members, into the open object. */
void jl_column_write(const struct jl_column *columns, size_t count, const void *row,
                     struct jl_document *document);
/* An array of objects. */
void jl_column_write_rows(const struct jl_rows *rows, const char *key,
                          struct jl_document *document);
/* As a cell of a table; appends. */
JL_MUST_CHECK enum jl_rc jl_column_text(const struct jl_column *column, const void *row,
                                        enum jl_language language, struct jl_buf *out,
                                        struct jl_err *err);
bool jl_column_right(const struct jl_column *column); /* does it stand right? */

#endif
