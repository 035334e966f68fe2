/* A table as one office's clerk would bring it: each office has its own way with dates, amounts,
 * title rows, notes and encodings (docs/domain.md section 3), all of them valid.
 *
 * Cells are put one by one in the order of the columns; the first failure is kept and answered by
 * jl_sheet_close, so that the callers' rows read like tables.
 *
 * Thread: one at a time. */
#ifndef JIELIAN_SAMPLE_SHEET_H
#define JIELIAN_SAMPLE_SHEET_H

#include "jielian/base/buf.h"
#include "jielian/base/bytes.h"

enum jl_date_form {
    JL_DATE_DASHES,  /* 2021-01-05 */
    JL_DATE_SLASHES, /* 2021/1/5 */
    JL_DATE_DOTS,    /* 2021.1.5 */
    JL_DATE_DIGITS,  /* 20210105 */
    JL_DATE_WORDS,   /* 2021年1月5日 */
    JL_DATE_SERIAL,  /* 44201, an Excel serial of the 1900 system */
};

enum jl_money_form {
    JL_MONEY_PLAIN,   /* 1234.50 */
    JL_MONEY_GROUPED, /* 1,234.50 */
    JL_MONEY_WAN,     /* 0.12345万元 */
    JL_MONEY_YUAN,    /* 1234.50元 */
};

struct jl_style {
    enum jl_date_form dates;
    enum jl_money_form money;
    unsigned title_rows; /* above the header: 0, 3 or 4 */
    bool notes;          /* a row of notes at the bottom */
    bool numbered;       /* a first column 序号 that no type knows */
    bool other_headers;  /* use `also` where a column has it */
    bool no_mark;        /* UTF-8 without the mark */
    bool gb18030;
};

struct jl_column {
    const char *label;
    const char *also; /* another usual header; NULL: none */
};

struct jl_sheet {
    const struct jl_style *style;
    const struct jl_column *columns;
    size_t column_count;
    size_t cell; /* next cell of the open row */
    uint64_t rows;
    struct jl_buf text;
    enum jl_rc rc;
    struct jl_err err;
};

/* Title rows (named after the office and the table) and the header. */
void jl_sheet_open(struct jl_sheet *sheet, const struct jl_style *style, const char *office,
                   const char *table, const struct jl_column *columns, size_t column_count);
void jl_sheet_fini(struct jl_sheet *sheet);
#define JL_SHEET_OPEN(sheet, style, office, table, columns)                                        \
    jl_sheet_open(sheet, style, office, table, columns, sizeof(columns) / sizeof((columns)[0]))

/* A row ends by itself after its last cell. */
void jl_sheet_text(struct jl_sheet *sheet, const char *text); /* NULL: blank */
void jl_sheet_printf(struct jl_sheet *sheet, const char *format, ...) JL_PRINTF(2, 3);
void jl_sheet_int(struct jl_sheet *sheet, int64_t number);
void jl_sheet_bool(struct jl_sheet *sheet, bool value);
void jl_sheet_date(struct jl_sheet *sheet, int32_t yyyymmdd); /* 0: blank */
void jl_sheet_month(struct jl_sheet *sheet, int32_t yyyymm);
void jl_sheet_money(struct jl_sheet *sheet, int64_t fen); /* negative: blank */

/* Notes, encoding, file. A sheet without rows is written too. */
JL_MUST_CHECK enum jl_rc jl_sheet_close(struct jl_sheet *sheet, const char *path,
                                        struct jl_err *err);

#endif
