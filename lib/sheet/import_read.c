/* Rows of the file into memory, as they are written.
 *
 * Blank rows are no rows. Rows with a single filled cell that reads like a note (注：…, 填表说明, a
 * long sentence in a column of codes) wait: when another row follows they are rows like any other;
 * at the end of the file they are notes, and the result says which lines were taken for notes. */
#include "import.h"

#include "jielian/base/fault.h"
#include "jielian/base/language.h"
#include "jielian/base/utf8.h"
#include "jielian/record/text.h"

#include <string.h>

enum {
    PENDING_MAX = 50,    /* lines of notes at the end; more are rows */
    SENTENCE_LEAST = 16, /* characters that no code, name or number has */
};

static bool is_blank(const struct jl_csv_row *row) {
    for (size_t i = 0; i < row->cell_count; i++) {
        if (jl_text_trim(row->cells[i]).size > 0) {
            return false;
        }
    }
    return true;
}

static bool starts_like_note(struct jl_bytes text) {
    static const char *const starts[] = {"注", "说明", "备注", "填表", "填报", "制表", "※", "*"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        size_t size = strlen(starts[i]);
        if (text.size >= size && memcmp(text.data, starts[i], size) == 0) {
            return true;
        }
    }
    return false;
}

/* A long text in a column for texts may be the only thing somebody wrote about a record. */
static bool holds_sentences(const struct jl_import *import, size_t at) {
    if (at >= import->header.count || import->header.columns[at].kind != JL_COLUMN_FIELD) {
        return false;
    }
    const struct jl_field *field = import->header.columns[at].meta;
    return field->kind == JL_KIND_TEXT && field->rule != JL_RULE_PERSON_NAME;
}

static bool may_be_note(const struct jl_import *import, const struct jl_csv_row *row) {
    size_t at = 0;
    size_t filled = 0;
    for (size_t i = 0; i < row->cell_count; i++) {
        if (jl_text_trim(row->cells[i]).size > 0) {
            at = i;
            filled++;
        }
    }
    if (filled != 1 || import->header.ordered_count < 2) {
        return false;
    }
    struct jl_bytes text = jl_text_trim(row->cells[at]);
    return starts_like_note(text) ||
           (jl_utf8_length(text) >= SENTENCE_LEAST && !holds_sentences(import, at));
}

/* The cells of a row stand in one piece, so a chunk costs few allocations. */
static enum jl_rc copy_row(const struct jl_csv_row *row, struct jl_arena *arena,
                           struct jl_import_row *out_row, struct jl_err *err) {
    size_t total = 0;
    size_t count = row->cell_count;
    while (count > 1 && row->cells[count - 1].size == 0) {
        count--; /* spreadsheets end rows with empty cells */
    }
    for (size_t i = 0; i < count; i++) {
        total += row->cells[i].size;
    }
    struct jl_bytes *cells = jl_arena_alloc(arena, count * sizeof *cells);
    uint8_t *text = jl_arena_alloc(arena, total);
    if (cells == NULL || text == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        if (row->cells[i].size > 0) {
            memcpy(text, row->cells[i].data, row->cells[i].size);
        }
        cells[i] = jl_bytes(text, row->cells[i].size);
        text += row->cells[i].size;
    }
    *out_row = (struct jl_import_row){.line = row->line, .cells = cells, .cell_count = count};
    return JL_OK;
}

static void flush_pending(struct jl_import *import) {
    for (size_t i = 0; i < import->pending_count; i++) {
        import->rows[import->row_count++] = import->pending[i];
    }
    import->pending_count = 0;
}

static enum jl_rc name_notes(struct jl_import *import, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < import->pending_count; i++) {
        rc = jl_import_note(import, "", err, JL_FAULT_NOTE_FOOT, "%llu",
                            (unsigned long long)import->pending[i].line);
    }
    import->pending_count = 0;
    return rc;
}

static enum jl_rc take_row(struct jl_import *import, const struct jl_csv_row *row,
                           struct jl_err *err) {
    if (is_blank(row)) {
        return JL_OK;
    }
    if (may_be_note(import, row) && import->pending_count < PENDING_MAX) {
        enum jl_rc rc = copy_row(row, &import->kept, &import->pending[import->pending_count], err);
        import->pending_count += rc == JL_OK ? 1 : 0;
        return rc;
    }
    flush_pending(import);
    return copy_row(row, &import->chunk, &import->rows[import->row_count++], err);
}

enum jl_rc jl_import_read(struct jl_import *import, struct jl_err *err) {
    struct jl_csv_row row;
    enum jl_rc rc = JL_OK;
    import->row_count = 0;
    import->rows = jl_arena_alloc(&import->chunk,
                                  (JL_IMPORT_CHUNK_ROWS + PENDING_MAX + 1) * sizeof *import->rows);
    if (import->pending == NULL) {
        import->pending = jl_arena_alloc(&import->kept, PENDING_MAX * sizeof *import->pending);
    }
    if (import->rows == NULL || import->pending == NULL) {
        return jl_fault_memory(err);
    }
    while (import->row_count < JL_IMPORT_CHUNK_ROWS) {
        rc = jl_csv_next(import->csv, &row, err);
        if (rc == JL_NOT_FOUND) {
            import->at_end = true;
            return name_notes(import, err);
        }
        if (rc == JL_OK) {
            rc = take_row(import, &row, err);
        }
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}
