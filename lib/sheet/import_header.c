/* The header is where most labels or synonyms of the type are known, within the first rows:
 *
 *   row 1   2021年会员信息登记表                       title: not a header, not a row
 *   row 2   填表单位：…        填表日期：…
 *   row 3   序号   姓名   证件信息            联系方式   upper of two header rows
 *   row 4                 证件类别   证件号码   手机      lower: names of its own, or parts of one
 *   row 5   1      …
 *
 * A pair of rows is the header when it names more fields than its upper row alone and most of the
 * lower row's cells are names. */
#include "import.h"

#include "jielian/base/fault.h"
#include "jielian/base/language.h"
#include "jielian/record/text.h"
#include "jielian/sheet/export.h"

#include <string.h>

enum {
    HEADER_ROWS = 10, /* looked at; headers stand on row 1, 4 or 5 */
    KNOWN_LEAST = 2,  /* names that make a row a header when it has unknown ones too */
};

struct top_row {
    struct jl_bytes *cells;
    size_t count;
};

struct reading {
    struct jl_import *import;
    struct jl_arena arena;
    struct top_row rows[HEADER_ROWS];
    size_t row_count;
    size_t width;
};

static void reading_fini(struct reading *reading) {
    jl_arena_fini(&reading->arena);
}

static struct jl_bytes cell_of(const struct top_row *row, size_t at) {
    return at < row->count ? row->cells[at] : jl_bytes(NULL, 0);
}

/* ---- What a header cell names ---- */

static bool starts_with(struct jl_bytes text, const char *start) {
    size_t size = strlen(start);
    return text.size >= size && memcmp(text.data, start, size) == 0;
}

static struct jl_import_column column_of(const struct jl_type *type, struct jl_bytes name) {
    struct jl_import_column column = {.name = name};
    const struct jl_field *field = name.size == 0 ? NULL : jl_type_field_by_header(type, name);
    if (field != NULL && !field->hidden) {
        column.kind = JL_COLUMN_FIELD;
        column.field = field->number;
    } else if (starts_with(name, jl_export_header_id) || jl_bytes_is(name, "id")) {
        column.kind = JL_COLUMN_ID;
    } else if (jl_bytes_is(name, jl_export_header_reason)) {
        column.kind = JL_COLUMN_REASON;
    }
    return column;
}

/* The name of a column under two header rows: together, the lower one, or the upper one. */
static enum jl_rc column_of_pair(struct reading *reading, struct jl_bytes above,
                                 struct jl_bytes carried, struct jl_bytes below,
                                 struct jl_import_column *out_column, struct jl_err *err) {
    const struct jl_type *type = reading->import->type;
    if (below.size == 0) {
        *out_column = column_of(type, above);
        return JL_OK;
    }
    JL_AUTO(jl_buf) both = {0};
    struct jl_bytes name;
    enum jl_rc rc = jl_buf_put(&both, carried.data, carried.size, err);
    if (rc == JL_OK) {
        rc = jl_buf_put(&both, below.data, below.size, err);
    }
    if (rc == JL_OK) {
        rc = jl_arena_dup(&reading->arena, jl_buf_bytes(&both), &name, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    *out_column = column_of(type, name);
    if (out_column->kind == JL_COLUMN_UNKNOWN) {
        *out_column = column_of(type, below);
    }
    return JL_OK;
}

static enum jl_rc columns_of(struct reading *reading, size_t at, bool pair,
                             struct jl_import_column *out_columns, struct jl_err *err) {
    const struct top_row *upper = &reading->rows[at];
    struct jl_bytes carried = jl_bytes(NULL, 0);
    for (size_t i = 0; i < reading->width; i++) {
        struct jl_bytes above = cell_of(upper, i);
        carried = above.size > 0 ? above : carried;
        if (!pair) {
            out_columns[i] = column_of(reading->import->type, above);
            continue;
        }
        enum jl_rc rc = column_of_pair(reading, above, carried, cell_of(&reading->rows[at + 1], i),
                                       &out_columns[i], err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

/* Different fields that the columns name; the id counts as one. */
static size_t score(const struct jl_import_column *columns, size_t count) {
    size_t known = 0;
    for (size_t i = 0; i < count; i++) {
        bool again = columns[i].kind != JL_COLUMN_FIELD && columns[i].kind != JL_COLUMN_ID;
        for (size_t j = 0; j < i && !again; j++) {
            again = columns[j].kind == columns[i].kind && columns[j].field == columns[i].field;
        }
        known += again ? 0 : 1;
    }
    return known;
}

static size_t filled(const struct top_row *row) {
    size_t count = 0;
    for (size_t i = 0; i < row->count; i++) {
        count += row->cells[i].size > 0 ? 1 : 0;
    }
    return count;
}

/* Is the row below mostly made of names? */
static bool is_lower_header(const struct reading *reading, size_t at,
                            const struct jl_import_column *columns) {
    const struct top_row *lower = &reading->rows[at + 1];
    size_t names = 0;
    for (size_t i = 0; i < lower->count; i++) {
        names += lower->cells[i].size > 0 && columns[i].kind != JL_COLUMN_UNKNOWN ? 1 : 0;
    }
    return names > 0 && names * 2 > filled(lower);
}

struct best {
    size_t score;
    size_t at;
    bool pair;
    struct jl_import_column *columns;
};

static enum jl_rc try_row(struct reading *reading, size_t at, struct best *best,
                          struct jl_err *err) {
    for (int pair = 0; pair < 2; pair++) {
        struct jl_import_column *columns =
            jl_arena_zalloc(&reading->import->kept, reading->width + 1, sizeof *columns);
        if (columns == NULL) {
            return jl_fault_memory(err);
        }
        if (pair == 1 && at + 1 >= reading->row_count) {
            return JL_OK;
        }
        enum jl_rc rc = columns_of(reading, at, pair == 1, columns, err);
        if (rc != JL_OK) {
            return rc;
        }
        size_t known = score(columns, reading->width);
        bool header = known >= KNOWN_LEAST || (known > 0 && known == filled(&reading->rows[at]));
        if (header && known > best->score && (pair == 0 || is_lower_header(reading, at, columns))) {
            *best = (struct best){.score = known, .at = at, .pair = pair == 1, .columns = columns};
        }
    }
    return JL_OK;
}

/* ---- The first rows ---- */

static enum jl_rc read_top(struct reading *reading, struct jl_err *err) {
    struct jl_csv_row row;
    enum jl_rc rc = JL_OK;
    while (reading->row_count < HEADER_ROWS &&
           (rc = jl_csv_next(reading->import->csv, &row, err)) == JL_OK) {
        struct top_row *top = &reading->rows[reading->row_count++];
        top->cells = jl_arena_zalloc(&reading->import->kept, row.cell_count, sizeof *top->cells);
        if (top->cells == NULL) {
            return jl_fault_memory(err);
        }
        for (size_t i = 0; rc == JL_OK && i < row.cell_count; i++) {
            rc = jl_arena_dup(&reading->import->kept, jl_text_trim(row.cells[i]), &top->cells[i],
                              err);
            top->count = top->cells[i].size > 0 ? i + 1 : top->count;
        }
        reading->width = top->count > reading->width ? top->count : reading->width;
        if (rc != JL_OK) {
            return rc;
        }
    }
    return rc == JL_NOT_FOUND ? JL_OK : rc;
}

static enum jl_rc name_columns(struct jl_import *import, uint32_t code, const struct jl_buf *names,
                               struct jl_err *err) {
    return names->size == 0 ? JL_OK : jl_import_note_names(import, code, jl_buf_bytes(names), err);
}

static enum jl_rc put_name(struct jl_buf *out, struct jl_bytes name, enum jl_language language,
                           struct jl_err *err) {
    enum jl_rc rc =
        out->size > 0 ? jl_buf_put_text(out, JL_ZH_EN(language, "、", ", "), err) : JL_OK;
    return rc == JL_OK ? jl_buf_put(out, name.data, name.size, err) : rc;
}

/* ---- The columns of the file ---- */

/* The first column that names a field is its column; later ones are left out, and said so. */
static enum jl_rc settle_columns(struct jl_import *import, struct jl_err *err) {
    struct jl_import_header *header = &import->header;
    enum jl_language language = import->desk->language;
    JL_AUTO(jl_buf) unknown = {0};
    JL_AUTO(jl_buf) doubled = {0};
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < header->count; i++) {
        struct jl_import_column *column = &header->columns[i];
        bool again = false;
        for (size_t j = 0; j < i; j++) {
            again = again ||
                    (column->kind != JL_COLUMN_UNKNOWN && header->columns[j].kind == column->kind &&
                     header->columns[j].field == column->field);
        }
        if (again) {
            column->kind = JL_COLUMN_UNKNOWN;
            rc = put_name(&doubled, column->name, language, err);
        } else if (column->kind == JL_COLUMN_UNKNOWN && column->name.size > 0) {
            rc = put_name(&unknown, column->name, language, err);
        } else if (column->kind == JL_COLUMN_ID) {
            header->id_at = i;
        } else if (column->kind == JL_COLUMN_FIELD) {
            size_t place = header->ordered_count++;
            while (place > 0 && header->columns[header->ordered[place - 1]].field > column->field) {
                header->ordered[place] = header->ordered[place - 1];
                place--;
            }
            header->ordered[place] = i;
        }
    }
    if (rc == JL_OK) {
        rc = name_columns(import, JL_FAULT_NOTE_UNKNOWN, &unknown, err);
    }
    return rc == JL_OK ? name_columns(import, JL_FAULT_NOTE_TWICE, &doubled, err) : rc;
}

static bool has_column(const struct jl_import_header *header, uint32_t field) {
    for (size_t i = 0; i < header->ordered_count; i++) {
        if (header->columns[header->ordered[i]].field == field) {
            return true;
        }
    }
    return false;
}

/* With an id column the rows may change records that are there, so nothing is required of them. */
static enum jl_rc name_missing(struct jl_import *import, struct jl_err *err) {
    struct jl_import_header *header = &import->header;
    JL_AUTO(jl_buf) missing = {0};
    JL_AUTO(jl_buf) required = {0};
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < import->type->field_count; i++) {
        const struct jl_field *field = &import->type->fields[i];
        if (field->hidden || has_column(header, field->number)) {
            continue;
        }
        bool needed = field->required && !field->fallback.set && header->id_at == SIZE_MAX;
        rc = put_name(needed ? &required : &missing,
                      jl_bytes_text(jl_desk_label(import->desk, &field->label)),
                      import->desk->language, err);
    }
    if (rc == JL_OK && required.size > 0) {
        return jl_fault_at(err, JL_PROTO, JL_FAULT_IMPORT_COLUMNS, "%.*s", (int)required.size,
                           (const char *)required.data);
    }
    return rc == JL_OK ? name_columns(import, JL_FAULT_NOTE_MISSING, &missing, err) : rc;
}

static enum jl_rc no_header(const struct jl_import *import, struct jl_err *err) {
    return jl_fault_at(err, JL_PROTO, JL_FAULT_IMPORT_HEADER, "%s" JL_AND "%d",
                       jl_desk_label(import->desk, &import->type->label), (int)HEADER_ROWS);
}

enum jl_rc jl_import_find_header(struct jl_import *import, struct jl_err *err) {
    JL_AUTO(reading) reading = {.import = import};
    struct best best = {.score = 0};
    enum jl_rc rc = read_top(&reading, err);
    for (size_t i = 0; rc == JL_OK && i < reading.row_count; i++) {
        rc = try_row(&reading, i, &best, err);
    }
    if (rc == JL_OK && best.score == 0) {
        return no_header(import, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    struct jl_import_header *header = &import->header;
    header->columns = best.columns;
    header->rows_used = best.at + (best.pair ? 2 : 1);
    header->count = reading.rows[best.at].count;
    if (best.pair && reading.rows[best.at + 1].count > header->count) {
        header->count = reading.rows[best.at + 1].count;
    }
    header->id_at = SIZE_MAX;
    header->ordered = jl_arena_zalloc(&import->kept, header->count + 1, sizeof *header->ordered);
    if (header->ordered == NULL) {
        return jl_fault_memory(err);
    }
    /* Names made of two cells live as long as the reading does; the import needs them longer. */
    for (size_t i = 0; rc == JL_OK && i < header->count; i++) {
        rc = jl_arena_dup(&import->kept, header->columns[i].name, &header->columns[i].name, err);
    }
    if (rc == JL_OK) {
        rc = settle_columns(import, err);
    }
    return rc == JL_OK ? name_missing(import, err) : rc;
}
