/* Rows in the clear → stored records: seal, tag, hash, words. */
#include "books.h"

#include "jielian/base/fault.h"
#include "jielian/record/fields.h"
#include "jielian/record/pinyin.h"
#include "jielian/record/search.h"

#include <string.h>

static enum jl_rc tag_cell(struct jl_books *books, const struct jl_row *row,
                           const struct jl_layout_column *column, const struct jl_value *value,
                           struct jl_value *cells, struct jl_arena *arena, struct jl_err *err) {
    uint8_t *tag = jl_arena_alloc(arena, JL_TAG_BYTES);
    if (tag == NULL) {
        return jl_fault_memory(err);
    }
    cells[column->tag].kind = JL_VALUE_BYTES;
    cells[column->tag].bytes = jl_bytes(tag, JL_TAG_BYTES);
    return jl_books_tag(books, row->type, column->field->number, value, tag, err);
}

static enum jl_rc seal_cell(struct jl_books *books, const struct jl_row *row,
                            const struct jl_layout_column *column, const struct jl_value *value,
                            struct jl_value *cells, struct jl_arena *arena, struct jl_err *err) {
    uint8_t place[JL_BOOKS_PLACE_BYTES];
    uint8_t number[8];
    struct jl_bytes plain = value->bytes;
    if (value->kind == JL_VALUE_INT) {
        for (int i = 0; i < 8; i++) {
            number[i] = (uint8_t)((uint64_t)value->number >> (56 - 8 * i));
        }
        plain = jl_bytes(number, sizeof number);
    }
    books->scratch.size = 0;
    struct jl_value *cell = &cells[column->cell];
    cell->kind = JL_VALUE_BYTES;
    enum jl_rc rc = jl_sealer_seal(
        books->sealer, jl_books_place(row->type, &row->id, column->field->number, place), plain,
        &books->scratch, err);
    if (rc == JL_OK) {
        rc = jl_arena_dup(arena, jl_buf_bytes(&books->scratch), &cell->bytes, err);
    }
    return rc;
}

static enum jl_rc fill_cell(struct jl_books *books, const struct jl_row *row,
                            const struct jl_layout_column *column, const struct jl_value *value,
                            struct jl_value *cells, struct jl_arena *arena, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    if (column->field->sensitive) {
        rc = seal_cell(books, row, column, value, cells, arena, err);
    } else {
        cells[column->cell] = *value;
    }
    return rc == JL_OK && column->tag != SIZE_MAX
               ? tag_cell(books, row, column, value, cells, arena, err)
               : rc;
}

static enum jl_rc seal_extra(struct jl_books *books, const struct jl_row *row,
                             const struct jl_field_value *fields, size_t count,
                             struct jl_arena *arena, struct jl_bytes *out_extra,
                             struct jl_err *err) {
    if (count == 0) {
        *out_extra = jl_bytes(NULL, 0);
        return JL_OK;
    }
    uint8_t place[JL_BOOKS_PLACE_BYTES];
    JL_AUTO(jl_buf) plain = {0};
    books->scratch.size = 0;
    enum jl_rc rc = jl_fields_encode(fields, count, &plain, err);
    if (rc == JL_OK) {
        rc = jl_sealer_seal(books->sealer, jl_books_place(row->type, &row->id, 0, place),
                            jl_buf_bytes(&plain), &books->scratch, err);
    }
    return rc == JL_OK ? jl_arena_dup(arena, jl_buf_bytes(&books->scratch), out_extra, err) : rc;
}

static bool fits(const struct jl_layout_column *column, const struct jl_field_value *item) {
    return column->field->number == item->field && jl_books_kind(column->field) == item->value.kind;
}

/* Fields and columns both ascend by number, so one pass pairs them. What has no column, or not the
 * field's kind (another catalogue's idea of it, or a lie), goes to extra: it is part of the
 * record's hash, and must neither be lost nor stop the records beside it. */
static enum jl_rc fill_cells(struct jl_books *books, const struct jl_row *row,
                             const struct jl_layout *layout, struct jl_stored *stored,
                             struct jl_arena *arena, struct jl_err *err) {
    size_t columns = layout != NULL ? layout->column_count : 0;
    struct jl_field_value *extra = NULL;
    size_t extra_count = 0;
    stored->cells = layout == NULL
                        ? NULL
                        : jl_arena_zalloc(arena, layout->cell_count + 1, sizeof *stored->cells);
    if (layout != NULL && stored->cells == NULL) {
        return jl_fault_memory(err);
    }
    size_t c = 0;
    for (size_t i = 0; i < row->field_count; i++) {
        const struct jl_field_value *item = &row->fields[i];
        while (c < columns && layout->columns[c].field->number < item->field) {
            c++;
        }
        if (c == columns || !fits(&layout->columns[c], item)) {
            if (extra == NULL) {
                extra = jl_arena_alloc(arena, row->field_count * sizeof *extra);
            }
            if (extra == NULL) {
                return jl_fault_memory(err);
            }
            extra[extra_count++] = *item;
        } else {
            enum jl_rc rc =
                fill_cell(books, row, &layout->columns[c], &item->value, stored->cells, arena, err);
            if (rc != JL_OK) {
                return rc;
            }
        }
    }
    return seal_extra(books, row, extra, extra_count, arena, &stored->extra, err);
}

static bool same_words(const struct jl_type *type, const struct jl_row *before,
                       const struct jl_row *after) {
    for (size_t i = 0; i < type->field_count; i++) {
        if (!type->fields[i].search) {
            continue;
        }
        const struct jl_value *a = jl_row_get(before, type->fields[i].number);
        const struct jl_value *b = jl_row_get(after, type->fields[i].number);
        if ((a == NULL) != (b == NULL) || (a != NULL && !jl_value_equal(a, b))) {
            return false;
        }
    }
    return true;
}

static enum jl_rc make_words(struct jl_books *books, const struct jl_layout *layout,
                             const struct jl_book_write *write, struct jl_arena *arena,
                             struct jl_record_write *out, struct jl_err *err) {
    const struct jl_row *row = &write->record->row;
    bool shown = write->record->head.state == JL_RECORD_LIVE ||
                 write->record->head.state == JL_RECORD_PARKED;
    if (layout == NULL || !shown) {
        return JL_OK; /* no words: tombstones and stubs are not found */
    }
    if (write->before != NULL && !write->before->deleted &&
        same_words(layout->type, write->before, row)) {
        out->words_same = true;
        return JL_OK;
    }
    if (books->pinyin == NULL) {
        enum jl_rc rc = jl_pinyin_new(&books->pinyin, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    struct jl_search_words *words = jl_arena_alloc(arena, sizeof *words);
    if (words == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_search_words(books->pinyin, layout->type, row, arena, words, err);
    out->words = words->items;
    out->word_count = words->count;
    return rc;
}

static enum jl_rc make_hash(struct jl_books *books, const struct jl_book_write *write,
                            struct jl_err *err) {
    struct jl_head *head = &write->record->head;
    if (write->keep_hash) {
        return JL_OK;
    }
    if (head->state != JL_RECORD_LIVE) {
        memset(head->hash, 0, sizeof head->hash);
        return JL_OK;
    }
    return jl_content_hash(books->hasher, &books->proof_key, &write->record->row, &books->scratch,
                           head->hash, err);
}

static enum jl_rc prepare(struct jl_books *books, const struct jl_book_write *write,
                          struct jl_arena *arena, struct jl_stored *stored,
                          struct jl_record_write *out, struct jl_err *err) {
    struct jl_book_record *record = write->record;
    const struct jl_layout *layout = jl_books_layout(books, record->row.type);
    record->head.type = record->row.type;
    record->head.id = record->row.id;
    record->head.owner = record->row.owner;
    enum jl_rc rc = make_hash(books, write, err);
    if (rc == JL_OK && record->head.state != JL_RECORD_LEFT) {
        rc = fill_cells(books, &record->row, layout, stored, arena, err);
    }
    if (rc == JL_OK) {
        rc = make_words(books, layout, write, arena, out, err);
    }
    stored->head = record->head;
    out->record = stored;
    return rc;
}

enum jl_rc jl_books_write(struct jl_books *books, struct jl_book_write *writes, size_t count,
                          struct jl_arena *arena, struct jl_err *err) {
    struct jl_stored *stored = jl_arena_zalloc(arena, count + 1, sizeof *stored);
    struct jl_record_write *out = jl_arena_zalloc(arena, count + 1, sizeof *out);
    if (stored == NULL || out == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        enum jl_rc rc = prepare(books, &writes[i], arena, &stored[i], &out[i], err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    enum jl_rc rc = jl_records_write(books->store, out, count, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        writes[i].record->head.rid = stored[i].head.rid;
    }
    return rc;
}
