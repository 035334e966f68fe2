/* One row at a time out of a text that is in memory, and cells back into a buffer.
 *
 * Invariants:
 *   text is UTF-8 without NUL; position stands at the start of a row or at the end;
 *   line is the file line of position (LF, CR and CRLF each end one line);
 *   a row that fails moves nothing, so the next call returns the same.
 *
 * A cell, by its first byte:
 *
 *   "   quoted: runs to the next lone ", doubled ones stand for one; what follows up to the
 * separator is taken as it is ("ab"c is abc), as spreadsheets do any other: runs to the separator
 * or line end; quotes inside it are ordinary
 *
 * Then the guard ' is taken away: '= becomes =, ''= becomes '=. Writing puts one ' before every
 * cell that is some (or no) ' followed by = + - @ tab or CR, so that each text comes back as it
 * was.
 *
 * Cells point into the text; only those with doubled quotes are copied (to scratch). */
#include "encoding.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/limits.h"
#include "jielian/base/utf8.h"
#include "jielian/sheet/csv.h"

#include <stdlib.h>
#include <string.h>

enum {
    HEADER_LINES = 10, /* the separator is found in these; headers stand on row 1, 4 or 5 */
};

struct jl_csv {
    struct jl_buf content;
    struct jl_bytes text; /* the part of content behind the mark */
    size_t position;
    uint64_t line;
    uint64_t rows; /* handed out */
    struct jl_buf scratch;
    size_t cell_count;
    struct jl_bytes cells[JL_CSV_COLUMNS_MAX];
    uint8_t separator;
    bool ends_cell[256]; /* separator, CR, LF */
    bool measuring;      /* looking for the separator: notes stray quotes */
    bool stray_quote;    /* in the row just read: inside a plain cell or behind a quoted one */
};

/* ---- Reading: cells ---- */

/* Where the row being read stands. */
struct cursor {
    size_t position;
    uint64_t line;
};

static bool is_guarded(struct jl_bytes text) {
    size_t i = 0;
    while (i < text.size && text.data[i] == '\'') {
        i++;
    }
    return i < text.size && memchr("=+-@\t\r", text.data[i], 6) != NULL;
}

static struct jl_bytes without_guard(struct jl_bytes text) {
    if (text.size > 1 && text.data[0] == '\'' && is_guarded(text)) {
        return jl_bytes(text.data + 1, text.size - 1);
    }
    return text;
}

static enum jl_rc add_cell(struct jl_csv *csv, struct jl_bytes cell, struct jl_err *err) {
    if (csv->cell_count == JL_CSV_COLUMNS_MAX) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_CSV_COLUMNS, "%llu" JL_AND "%d",
                           (unsigned long long)csv->line, JL_CSV_COLUMNS_MAX);
    }
    csv->cells[csv->cell_count++] = without_guard(cell);
    return JL_OK;
}

static uint64_t count_line_ends(struct jl_bytes text) {
    uint64_t lines = 0;
    for (size_t i = 0; i < text.size; i++) {
        lines += text.data[i] == '\n' ||
                 (text.data[i] == '\r' && (i + 1 == text.size || text.data[i + 1] != '\n'));
    }
    return lines;
}

/* The index of the lone quote that closes the cell whose inside starts at `start`; doubled says
 * whether there are doubled ones before it. */
static enum jl_rc find_closing_quote(const struct jl_csv *csv, size_t start, uint64_t line,
                                     size_t *out_end, bool *out_doubled, struct jl_err *err) {
    size_t end = csv->text.size;
    size_t bound =
        end - csv->position > JL_CSV_LINE_MAX_BYTES ? csv->position + JL_CSV_LINE_MAX_BYTES : end;
    for (size_t i = start; i < bound;) {
        const uint8_t *quote = memchr(csv->text.data + i, '"', bound - i);
        if (quote == NULL) {
            break;
        }
        i = (size_t)(quote - csv->text.data);
        if (i + 1 == end || quote[1] != '"') {
            *out_end = i;
            return JL_OK;
        }
        *out_doubled = true;
        i += 2;
    }
    return jl_fault_at(err, bound == end ? JL_PROTO : JL_LIMIT,
                       bound == end ? JL_FAULT_CSV_QUOTE : JL_FAULT_CSV_QUOTE_FAR, "%llu",
                       (unsigned long long)line);
}

static size_t longest_row(const struct jl_csv *csv) {
    return csv->text.size < JL_CSV_LINE_MAX_BYTES ? csv->text.size : JL_CSV_LINE_MAX_BYTES;
}

/* Append to scratch. The room was reserved for the longest row, so cells that point into scratch
 * stay where they are. */
static void put_scratch(struct jl_buf *scratch, struct jl_bytes part) {
    JL_ASSERT(scratch->capacity - scratch->size >= part.size);
    if (part.size > 0) {
        memcpy(scratch->data + scratch->size, part.data, part.size);
        scratch->size += part.size;
    }
}

static void put_undoubled(struct jl_buf *scratch, struct jl_bytes inside) {
    while (inside.size > 0) {
        const uint8_t *quote = memchr(inside.data, '"', inside.size);
        size_t keep = quote == NULL ? inside.size : (size_t)(quote - inside.data) + 1;
        size_t skip = quote == NULL ? keep : keep + 1;
        put_scratch(scratch, jl_bytes(inside.data, keep));
        inside = jl_bytes(inside.data + skip, inside.size - skip);
    }
}

static size_t find_cell_end(const struct jl_csv *csv, size_t i) {
    while (i < csv->text.size && !csv->ends_cell[csv->text.data[i]]) {
        i++;
    }
    return i;
}

static enum jl_rc read_quoted(struct jl_csv *csv, struct cursor *at, struct jl_err *err) {
    size_t start = at->position + 1;
    size_t quote = start;
    bool doubled = false;
    enum jl_rc rc = find_closing_quote(csv, start, at->line, &quote, &doubled, err);
    if (rc != JL_OK) {
        return rc;
    }
    struct jl_bytes cell = jl_bytes(csv->text.data + start, quote - start);
    size_t end = find_cell_end(csv, quote + 1);
    at->line += count_line_ends(cell);
    at->position = end;
    csv->stray_quote = csv->stray_quote || end > quote + 1;
    if (doubled || end > quote + 1) {
        if (csv->scratch.capacity == 0) {
            rc = jl_buf_reserve(&csv->scratch, longest_row(csv), err);
            if (rc != JL_OK) {
                return rc;
            }
        }
        if (end - csv->position > JL_CSV_LINE_MAX_BYTES) {
            return JL_OK; /* refused by the caller, who bounds the row */
        }
        size_t from = csv->scratch.size;
        put_undoubled(&csv->scratch, cell);
        put_scratch(&csv->scratch, jl_bytes(csv->text.data + quote + 1, end - quote - 1));
        cell = jl_bytes(csv->scratch.data + from, csv->scratch.size - from);
    }
    return add_cell(csv, cell, err);
}

static enum jl_rc read_plain(struct jl_csv *csv, struct cursor *at, struct jl_err *err) {
    size_t end = find_cell_end(csv, at->position);
    struct jl_bytes cell = jl_bytes(csv->text.data + at->position, end - at->position);
    at->position = end;
    if (csv->measuring && memchr(cell.data, '"', cell.size) != NULL) {
        csv->stray_quote = true;
    }
    return add_cell(csv, cell, err);
}

/* ---- Reading: rows ---- */

/* Cells up to the line end; `at` is then behind it. */
static enum jl_rc read_row(struct jl_csv *csv, struct cursor *at, struct jl_err *err) {
    const uint8_t *data = csv->text.data;
    size_t end = csv->text.size;
    csv->cell_count = 0;
    csv->scratch.size = 0;
    csv->stray_quote = false;
    for (;;) {
        bool quoted = at->position < end && data[at->position] == '"';
        enum jl_rc rc = quoted ? read_quoted(csv, at, err) : read_plain(csv, at, err);
        if (rc != JL_OK) {
            return rc;
        }
        if (at->position - csv->position > JL_CSV_LINE_MAX_BYTES) {
            return jl_fault_at(err, JL_LIMIT, JL_FAULT_CSV_ROW_LONG, "%llu" JL_AND "%d",
                               (unsigned long long)csv->line, JL_CSV_LINE_MAX_BYTES);
        }
        if (at->position == end) {
            return JL_OK;
        }
        uint8_t stop = data[at->position++];
        if (stop == csv->separator) {
            continue;
        }
        if (stop == '\r' && at->position < end && data[at->position] == '\n') {
            at->position++;
        }
        at->line++;
        return JL_OK;
    }
}

static void use_separator(struct jl_csv *csv, uint8_t separator) {
    memset(csv->ends_cell, 0, sizeof csv->ends_cell);
    csv->ends_cell['\n'] = csv->ends_cell['\r'] = true;
    csv->ends_cell[separator] = true;
    csv->separator = separator;
}

/* How well a separator fits: most lines × separators over the lines that have the same number of
 * them. A comma inside a remark makes a few uneven lines; a true separator makes even ones. A wrong
 * one meets quotes in the middle of its cells; with `tidy`, lines from there on don't count. */
static size_t measure_separator(struct jl_csv *csv, uint8_t separator, bool tidy) {
    size_t counts[HEADER_LINES] = {0};
    size_t lines = 0;
    use_separator(csv, separator);
    struct cursor at = {.position = 0, .line = 1};
    while (lines < HEADER_LINES && at.position < csv->text.size) {
        csv->position = at.position;
        if (read_row(csv, &at, NULL) != JL_OK) {
            break; /* met again, and reported, when the row is asked for */
        }
        if (tidy && csv->stray_quote) {
            break; /* what follows may lie inside a quoted cell */
        }
        counts[lines++] = csv->cell_count - 1;
    }
    size_t best = 0;
    for (size_t i = 0; i < lines; i++) {
        size_t same = 0;
        for (size_t j = 0; j < lines; j++) {
            same += counts[j] == counts[i];
        }
        best = same * counts[i] > best ? same * counts[i] : best;
    }
    return best;
}

/* What we write ourselves is always read with the comma: there each `;` and tab stands inside
 * quotes, and only stray quotes could show it. */
static void find_separator(struct jl_csv *csv) {
    static const uint8_t separators[] = {',', ';', '\t'};
    uint8_t chosen = separators[0];
    size_t chosen_fit = 0;
    csv->measuring = true;
    for (int tidy = 1; tidy >= 0 && chosen_fit == 0; tidy--) {
        for (size_t i = 0; i < sizeof separators; i++) {
            size_t fit = measure_separator(csv, separators[i], tidy == 1);
            if (fit > chosen_fit) {
                chosen = separators[i];
                chosen_fit = fit;
            }
        }
    }
    csv->measuring = false;
    use_separator(csv, chosen);
}

static enum jl_rc csv_new(struct jl_csv **out_csv, struct jl_err *err) {
    *out_csv = calloc(1, sizeof **out_csv);
    return *out_csv != NULL ? JL_OK : jl_fault_memory(err);
}

static enum jl_rc start_reading(struct jl_csv *csv, struct jl_err *err) {
    size_t start;
    enum jl_rc rc = jl_encoding_decode(&csv->content, &start, err);
    if (rc != JL_OK) {
        return rc;
    }
    csv->text = jl_bytes(csv->content.data + start, csv->content.size - start);
    find_separator(csv);
    jl_csv_rewind(csv);
    return JL_OK;
}

enum jl_rc jl_csv_open(const char *path, struct jl_csv **out_csv, struct jl_err *err) {
    JL_AUTO_PTR(jl_csv) csv = NULL;
    enum jl_rc rc = csv_new(&csv, err);
    if (rc == JL_OK) {
        rc = jl_encoding_read(path, &csv->content, err);
    }
    if (rc == JL_OK) {
        rc = start_reading(csv, err);
    }
    if (rc != JL_OK) {
        jl_fault_wrap(err, JL_FAULT_AT, "%s", path);
        return rc;
    }
    *out_csv = csv;
    csv = NULL;
    return JL_OK;
}

enum jl_rc jl_csv_open_bytes(struct jl_bytes text, struct jl_csv **out_csv, struct jl_err *err) {
    JL_AUTO_PTR(jl_csv) csv = NULL;
    enum jl_rc rc = csv_new(&csv, err);
    if (rc == JL_OK) {
        rc = jl_encoding_check(text, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put(&csv->content, text.data, text.size, err);
    }
    if (rc == JL_OK) {
        rc = start_reading(csv, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    *out_csv = csv;
    csv = NULL;
    return JL_OK;
}

void jl_csv_close(struct jl_csv *csv) {
    if (csv == NULL) {
        return;
    }
    jl_buf_wipe(&csv->content); /* ID numbers in plain text */
    jl_buf_wipe(&csv->scratch);
    free(csv);
}

enum jl_rc jl_csv_next(struct jl_csv *csv, struct jl_csv_row *out_row, struct jl_err *err) {
    if (csv->position == csv->text.size) {
        return jl_fault(err, JL_NOT_FOUND, JL_FAULT_CSV_END);
    }
    if (csv->rows == JL_CSV_ROWS_MAX) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_CSV_ROWS, "%llu" JL_AND "%d",
                           (unsigned long long)csv->line, JL_CSV_ROWS_MAX);
    }
    struct cursor at = {.position = csv->position, .line = csv->line};
    enum jl_rc rc = read_row(csv, &at, err);
    if (rc != JL_OK) {
        return rc;
    }
    *out_row =
        (struct jl_csv_row){.line = csv->line, .cells = csv->cells, .cell_count = csv->cell_count};
    csv->position = at.position;
    csv->line = at.line;
    csv->rows++;
    return JL_OK;
}

uint64_t jl_csv_bytes_read(const struct jl_csv *csv) {
    return csv->position;
}

uint64_t jl_csv_bytes_total(const struct jl_csv *csv) {
    return csv->text.size;
}

void jl_csv_rewind(struct jl_csv *csv) {
    csv->position = 0;
    csv->line = 1;
    csv->rows = 0;
}

/* ---- Writing ---- */

enum jl_rc jl_csv_put_mark(struct jl_buf *out, struct jl_err *err) {
    return jl_buf_put(out, "\xEF\xBB\xBF", 3, err);
}

/* Other readers' separators are quoted too, so that whoever guesses guesses the comma. */
static bool needs_quotes(struct jl_bytes text) {
    for (size_t i = 0; i < text.size; i++) {
        switch (text.data[i]) {
        case '"':
        case ',':
        case ';':
        case '\t':
        case '\r':
        case '\n':
            return true;
        default:
            break;
        }
    }
    return text.size > 0 && (text.data[0] == ' ' || text.data[text.size - 1] == ' ');
}

enum jl_rc jl_csv_put_cell(struct jl_buf *out, bool first, struct jl_bytes text,
                           struct jl_err *err) {
    /* Worst case: every byte a quote, and separator, guard and two quotes around. One reserve, so
     * that a failure leaves no half cell. */
    enum jl_rc rc = jl_buf_reserve(out, text.size * 2 + 4, err);
    if (rc != JL_OK) {
        return rc;
    }
    uint8_t *to = out->data + out->size;
    bool quotes = needs_quotes(text);
    if (!first) {
        *to++ = ',';
    }
    if (quotes) {
        *to++ = '"';
    }
    if (is_guarded(text)) {
        *to++ = '\'';
    }
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"') {
            *to++ = '"';
        }
        *to++ = text.data[i];
    }
    if (quotes) {
        *to++ = '"';
    }
    out->size = (size_t)(to - out->data);
    return JL_OK;
}

enum jl_rc jl_csv_end_row(struct jl_buf *out, struct jl_err *err) {
    return jl_buf_put(out, "\r\n", 2, err);
}
