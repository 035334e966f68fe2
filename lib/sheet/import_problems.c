/* What the clerk reads afterwards: counts, notes about the file, each row's problems, and the rows
 * themselves with a 原因 column, ready to be corrected and dropped in again.
 *
 * Warnings do not stop a row. A file of 20,000 rows may well have 20,000 of one kind, so they are
 * summed up by field: how many rows, and the first of them. */
#include "import.h"

#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/message/fault_text.h"
#include "jielian/sheet/export.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

/* ---- Faults of a row ---- */

enum jl_rc jl_import_fault_add(struct jl_import *import, struct jl_import_faults *faults,
                               uint32_t field, struct jl_err *err, uint32_t code,
                               const char *places, ...) {
    struct jl_arena *arena = &import->chunk;
    struct jl_err why;
    char text[JL_FAULT_TEXT_BYTES];
    va_list arguments;
    va_start(arguments, places);
    (void)jl_fault_list(&why, JL_MISUSE, code, places, arguments);
    va_end(arguments);
    (void)jl_fault_text(&why, import->desk->language, text);
    struct jl_import_fault *fault = jl_arena_alloc(arena, sizeof *fault);
    const char *copy = jl_arena_text(arena, jl_bytes_text(text));
    if (fault == NULL || copy == NULL) {
        return jl_fault_memory(err);
    }
    *fault = (struct jl_import_fault){.field = field, .code = code, .text = copy};
    if (faults->last != NULL) {
        faults->last->next = fault;
    } else {
        faults->first = fault;
    }
    faults->last = fault;
    return JL_OK;
}

bool jl_import_faults_touch(const struct jl_import_faults *faults, uint32_t field) {
    for (const struct jl_import_fault *item = faults->first; item != NULL; item = item->next) {
        if (item->field == field) {
            return true;
        }
    }
    return false;
}

/* ---- Notes and problems ---- */

static enum jl_rc put_problem(struct jl_import *import, struct jl_buf *list, uint64_t row,
                              const char *field, const char *text, struct jl_err *err) {
    struct jl_import_problem problem = {.row = row};
    problem.field = jl_arena_text(&import->result.arena, jl_bytes_text(field));
    problem.message = jl_arena_text(&import->result.arena, jl_bytes_text(text));
    if (problem.field == NULL || problem.message == NULL) {
        return jl_fault_memory(err);
    }
    return jl_buf_put(list, &problem, sizeof problem, err);
}

enum jl_rc jl_import_note(struct jl_import *import, const char *field, struct jl_err *err,
                          uint32_t code, const char *places, ...) {
    struct jl_err note;
    char text[JL_FAULT_TEXT_BYTES];
    va_list arguments;
    va_start(arguments, places);
    (void)jl_fault_list(&note, JL_MISUSE, code, places, arguments);
    va_end(arguments);
    return put_problem(import, &import->notes, 0, field,
                       jl_fault_text(&note, import->desk->language, text), err);
}

enum jl_rc jl_import_note_names(struct jl_import *import, uint32_t code, struct jl_bytes names,
                                struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    enum jl_rc rc =
        jl_buf_printf(&text, err, "%s%.*s", jl_fault_text_of(code, import->desk->language),
                      (int)names.size, (const char *)names.data);
    return rc == JL_OK ? put_problem(import, &import->notes, 0, "", (const char *)text.data, err)
                       : rc;
}

static enum jl_rc sum_warnings(struct jl_import *import, const struct jl_import_row *row,
                               struct jl_err *err) {
    if (import->warnings == NULL) {
        import->warning_count = import->type->field_count + 1;
        import->warnings =
            jl_arena_zalloc(&import->kept, import->warning_count, sizeof *import->warnings);
        if (import->warnings == NULL) {
            return jl_fault_memory(err);
        }
    }
    for (const struct jl_import_fault *item = row->warnings.first; item != NULL;
         item = item->next) {
        const struct jl_field *field =
            item->field == 0 ? NULL : jl_type_field(import->type, item->field);
        size_t place =
            field == NULL ? import->warning_count - 1 : (size_t)(field - import->type->fields);
        if (place >= import->warning_count) {
            continue; /* a field that the catalogue got while the import ran */
        }
        struct jl_warning_sum *sum = &import->warnings[place];
        sum->rows += sum->last_line == row->line ? 0 : 1;
        sum->last_line = row->line;
        if (sum->text == NULL) {
            sum->first_line = row->line;
            sum->text = jl_arena_text(&import->kept, jl_bytes_text(item->text));
            if (sum->text == NULL) {
                return jl_fault_memory(err);
            }
        }
    }
    return JL_OK;
}

static enum jl_rc keep_problems(struct jl_import *import, const struct jl_import_row *row,
                                struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (const struct jl_import_fault *item = row->faults.first; rc == JL_OK && item != NULL;
         item = item->next) {
        const struct jl_field *field =
            item->field == 0 ? NULL : jl_type_field(import->type, item->field);
        if (import->found.size / sizeof(struct jl_import_problem) >= JL_IMPORT_PROBLEMS_MAX) {
            import->result.problems_dropped++;
            continue;
        }
        rc = put_problem(import, &import->found, row->line, field == NULL ? "" : field->name,
                         item->text, err);
    }
    return rc;
}

/* ---- The problems file ---- */

static enum jl_rc put_file_header(struct jl_import *import, struct jl_err *err) {
    struct jl_buf *out = &import->problems_file;
    bool first = true;
    enum jl_rc rc = jl_csv_put_mark(out, err);
    for (size_t i = 0; rc == JL_OK && i < import->header.count; i++) {
        if (import->header.columns[i].kind != JL_COLUMN_REASON) {
            rc = jl_csv_put_cell(out, first, import->header.columns[i].name, err);
            first = false;
        }
    }
    if (rc == JL_OK) {
        rc = jl_csv_put_cell(out, first, jl_bytes_text(jl_export_header_reason), err);
    }
    return rc == JL_OK ? jl_csv_end_row(out, err) : rc;
}

static enum jl_rc put_reason(struct jl_import *import, const struct jl_import_row *row, bool first,
                             struct jl_err *err) {
    JL_AUTO(jl_buf) reason = {0};
    enum jl_rc rc = JL_OK;
    for (const struct jl_import_fault *item = row->faults.first; rc == JL_OK && item != NULL;
         item = item->next) {
        rc = reason.size > 0 ? jl_buf_put_u8(&reason, ' ', err) : JL_OK;
        if (rc == JL_OK) {
            rc = jl_buf_put_text(&reason, item->text, err);
        }
    }
    return rc == JL_OK ? jl_csv_put_cell(&import->problems_file, first, jl_buf_bytes(&reason), err)
                       : rc;
}

/* The row as the user wrote it; cells beyond the header follow behind the reason. */
static enum jl_rc put_file_row(struct jl_import *import, const struct jl_import_row *row,
                               struct jl_err *err) {
    struct jl_buf *out = &import->problems_file;
    bool first = true;
    enum jl_rc rc = out->size == 0 ? put_file_header(import, err) : JL_OK;
    for (size_t i = 0; rc == JL_OK && i < import->header.count; i++) {
        if (import->header.columns[i].kind != JL_COLUMN_REASON) {
            struct jl_bytes cell = i < row->cell_count ? row->cells[i] : jl_bytes(NULL, 0);
            rc = jl_csv_put_cell(out, first, cell, err);
            first = false;
        }
    }
    if (rc == JL_OK) {
        rc = put_reason(import, row, first, err);
    }
    for (size_t i = import->header.count; rc == JL_OK && i < row->cell_count; i++) {
        rc = jl_csv_put_cell(out, false, row->cells[i], err);
    }
    return rc == JL_OK ? jl_csv_end_row(out, err) : rc;
}

/* ---- After each chunk, and at the end ---- */

static void count_row(struct jl_import_result *result, enum jl_outcome outcome) {
    result->rows++;
    switch (outcome) {
    case JL_OUTCOME_ADDED:
        result->added++;
        break;
    case JL_OUTCOME_UPDATED:
        result->updated++;
        break;
    case JL_OUTCOME_UNCHANGED:
        result->unchanged++;
        break;
    case JL_OUTCOME_DOUBTFUL:
        result->doubtful++;
        break;
    case JL_OUTCOME_FAILED:
        result->failed++;
        break;
    }
}

enum jl_rc jl_import_settle(struct jl_import *import, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < import->row_count; i++) {
        const struct jl_import_row *row = &import->rows[i];
        bool waits = row->outcome == JL_OUTCOME_DOUBTFUL || row->outcome == JL_OUTCOME_FAILED;
        count_row(&import->result, row->outcome);
        if (waits) {
            rc = keep_problems(import, row, err);
            if (rc == JL_OK && import->options->problems_path != NULL) {
                rc = put_file_row(import, row, err);
            }
        } else if (row->outcome != JL_OUTCOME_UNCHANGED && row->warnings.first != NULL) {
            rc = sum_warnings(import, row, err);
        }
    }
    return rc;
}

static enum jl_rc note_warnings(struct jl_import *import, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < import->warning_count; i++) {
        const struct jl_warning_sum *sum = &import->warnings[i];
        const char *field = i + 1 < import->warning_count && i < import->type->field_count
                                ? import->type->fields[i].name
                                : "";
        if (sum->rows > 0) {
            rc = jl_import_note(import, field, err, JL_FAULT_NOTE_WARNINGS,
                                "%" PRIu64 JL_AND "%" PRIu64 JL_AND "%s", sum->rows,
                                sum->first_line, sum->text);
        }
    }
    return rc;
}

static enum jl_rc note_lost_cells(struct jl_import *import, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < import->header.count; i++) {
        if (import->header.columns[i].lost > 0) {
            rc = jl_import_note(import, "", err, JL_FAULT_NOTE_LOST, "%zu" JL_AND "%" PRIu64, i + 1,
                                import->header.columns[i].lost);
        }
    }
    return rc;
}

enum jl_rc jl_import_report(struct jl_import *import, struct jl_err *err) {
    struct jl_import_result *result = &import->result;
    enum jl_rc rc = note_lost_cells(import, err);
    if (rc == JL_OK) {
        rc = note_warnings(import, err);
    }
    if (rc == JL_OK && import->problems_file.size > 0) {
        rc = jl_file_write(import->options->problems_path, jl_buf_bytes(&import->problems_file),
                           0600, true, err);
    }
    size_t notes = import->notes.size / sizeof *result->problems;
    size_t found = import->found.size / sizeof *result->problems;
    result->problems = jl_arena_alloc(&result->arena, (notes + found) * sizeof *result->problems);
    if (rc != JL_OK || result->problems == NULL) {
        return rc != JL_OK ? rc : jl_fault_memory(err);
    }
    if (notes > 0) {
        memcpy(result->problems, import->notes.data, import->notes.size);
    }
    if (found > 0) {
        memcpy(result->problems + notes, import->found.data, import->found.size);
    }
    result->problem_count = notes + found;
    return JL_OK;
}
