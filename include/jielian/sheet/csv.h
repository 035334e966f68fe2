/* CSV (RFC 4180) as staff bring it, and as we write it.
 *
 * Reading: byte-order mark, then strict UTF-8, then GB18030; `,` `;` or tab found from the header
 * lines; quotes, doubled quotes, line ends inside quotes, CRLF, LF or CR; the last row counts
 * without a line end. The text is read as a whole (bounded) and rows are handed out one by one.
 * Writing: UTF-8 with a mark, CRLF; a cell that starts with = + - @ tab or CR gets a leading ' so
 * that a spreadsheet can't run it (OWASP, CSV injection); reading takes that ' away again.
 *
 * Limits: limits.h JL_CSV_*.  Thread: one at a time. */
#ifndef JIELIAN_CSV_H
#define JIELIAN_CSV_H

#include "jielian/base/arena.h"
#include "jielian/base/buf.h"

struct jl_csv; /* a text being read */

/* JL_NOT_FOUND no such file; JL_PROTO not text (NUL bytes, a spreadsheet or archive by its first
 * bytes, half a character: names the byte offset and line), empty; JL_LIMIT file or line too long.
 */
JL_MUST_CHECK enum jl_rc jl_csv_open(const char *path, struct jl_csv **out_csv, struct jl_err *err);
/* The same over a copy of text. */
JL_MUST_CHECK enum jl_rc jl_csv_open_bytes(struct jl_bytes text, struct jl_csv **out_csv,
                                           struct jl_err *err);
void jl_csv_close(struct jl_csv *csv);
JL_DEFINE_AUTO_PTR(jl_csv, jl_csv_close)

struct jl_csv_row {
    uint64_t line;          /* in the file, 1..: where the row starts */
    struct jl_bytes *cells; /* valid until the next call */
    size_t cell_count;      /* at least 1: a blank line is one empty cell */
};
/* JL_NOT_FOUND at the end; JL_PROTO an unclosed quote (names the line where it began); JL_LIMIT. */
JL_MUST_CHECK enum jl_rc jl_csv_next(struct jl_csv *csv, struct jl_csv_row *out_row,
                                     struct jl_err *err);
uint64_t jl_csv_bytes_read(const struct jl_csv *csv); /* for progress */
uint64_t jl_csv_bytes_total(const struct jl_csv *csv);
void jl_csv_rewind(struct jl_csv *csv);

/* The mark once, then cell by cell; the separator is written before each cell unless it is first.
 */
JL_MUST_CHECK enum jl_rc jl_csv_put_mark(struct jl_buf *out, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_csv_put_cell(struct jl_buf *out, bool first, struct jl_bytes text,
                                         struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_csv_end_row(struct jl_buf *out, struct jl_err *err);

#endif
