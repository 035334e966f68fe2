/* Stored records → rows in the clear. Fields come out ascending by number, whatever the column
 * order, and fields kept in `extra` are merged in at their place. */
#include "books.h"

#include "jielian/base/fault.h"
#include "jielian/record/fields.h"

#include <string.h>

static enum jl_rc unseal_cell(struct jl_books *books, const struct jl_head *head,
                              const struct jl_field *field, struct jl_bytes sealed,
                              struct jl_arena *arena, struct jl_value *out_value,
                              struct jl_err *err) {
    uint8_t place[JL_BOOKS_PLACE_BYTES];
    books->scratch.size = 0;
    enum jl_rc rc =
        jl_sealer_unseal(books->sealer, jl_books_place(head->type, &head->id, field->number, place),
                         sealed, &books->scratch, err);
    if (rc != JL_OK) {
        return jl_fault_wrap(err, JL_FAULT_BOOKS_FIELD, "%s", field->name);
    }
    struct jl_bytes plain = jl_buf_bytes(&books->scratch);
    switch (field->kind) {
    case JL_KIND_TEXT:
    case JL_KIND_ID_NO:
    case JL_KIND_USCC:
    case JL_KIND_PHONE:
        out_value->kind = JL_VALUE_TEXT;
        return jl_arena_dup(arena, plain, &out_value->bytes, err);
    case JL_KIND_REF:
        out_value->kind = JL_VALUE_BYTES;
        return jl_arena_dup(arena, plain, &out_value->bytes, err);
    case JL_KIND_INT:
    case JL_KIND_MONEY:
    case JL_KIND_DATE:
    case JL_KIND_MONTH:
    case JL_KIND_BOOL:
    case JL_KIND_CODE:
        break;
    }
    if (plain.size != 8) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED,
                           "field %s of a stored record has a wrong size", field->name);
    }
    uint64_t number = 0;
    for (size_t i = 0; i < 8; i++) {
        number = number << 8 | plain.data[i];
    }
    *out_value = jl_value_int((int64_t)number);
    return JL_OK;
}

static enum jl_rc read_cells(struct jl_books *books, const struct jl_stored *stored,
                             const struct jl_layout *layout, struct jl_arena *arena,
                             struct jl_field_value *fields, size_t *out_count, struct jl_err *err) {
    size_t count = 0;
    for (size_t i = 0; i < layout->column_count; i++) {
        const struct jl_layout_column *column = &layout->columns[i];
        const struct jl_value *cell = &stored->cells[column->cell];
        if (cell->kind == JL_VALUE_NULL) {
            continue;
        }
        fields[count].field = column->field->number;
        fields[count].value = *cell;
        if (column->field->sensitive) {
            enum jl_rc rc = unseal_cell(books, &stored->head, column->field, cell->bytes, arena,
                                        &fields[count].value, err);
            if (rc != JL_OK) {
                return rc;
            }
        }
        count++;
    }
    *out_count = count;
    return JL_OK;
}

/* Sealed like every other body: a newer catalogue may say that a field kept here is sensitive. */
static enum jl_rc read_extra(struct jl_books *books, const struct jl_stored *stored,
                             struct jl_arena *arena, struct jl_field_value **out_fields,
                             size_t *out_count, struct jl_err *err) {
    uint8_t place[JL_BOOKS_PLACE_BYTES];
    struct jl_bytes copy;
    books->scratch.size = 0;
    enum jl_rc rc = jl_sealer_unseal(books->sealer,
                                     jl_books_place(stored->head.type, &stored->head.id, 0, place),
                                     stored->extra, &books->scratch, err);
    if (rc == JL_OK) {
        rc = jl_arena_dup(arena, jl_buf_bytes(&books->scratch), &copy, err);
    }
    if (rc == JL_OK) {
        rc = jl_fields_decode(copy, false, arena, out_fields, out_count, err);
    }
    return rc == JL_OK ? rc : jl_fault_wrap(err, JL_FAULT_BOOKS_LATER_FIELDS, "%s", "");
}

static void merge_sorted(const struct jl_field_value *a, size_t a_count,
                         const struct jl_field_value *b, size_t b_count,
                         struct jl_field_value *out) {
    size_t i = 0;
    size_t j = 0;
    while (i < a_count || j < b_count) {
        bool from_a = j == b_count || (i < a_count && a[i].field < b[j].field);
        *out++ = from_a ? a[i++] : b[j++];
    }
}

enum jl_rc jl_books_unseal(struct jl_books *books, const struct jl_stored *stored,
                           struct jl_arena *arena, struct jl_book_record *out_record,
                           struct jl_err *err) {
    const struct jl_layout *layout = jl_books_layout(books, stored->head.type);
    struct jl_row row = {.type = stored->head.type,
                         .id = stored->head.id,
                         .owner = stored->head.owner,
                         .deleted = stored->head.state == JL_RECORD_DELETED};
    out_record->head = stored->head;
    if (stored->head.rid == 0 || stored->head.state == JL_RECORD_LEFT) {
        out_record->row = row;
        return JL_OK;
    }
    enum jl_rc rc = JL_OK;
    if (layout != NULL && stored->cells != NULL) {
        row.fields = jl_arena_alloc(arena, (layout->column_count + 1) * sizeof *row.fields);
        if (row.fields == NULL) {
            return jl_fault_memory(err);
        }
        rc = read_cells(books, stored, layout, arena, row.fields, &row.field_count, err);
    }
    if (rc == JL_OK && stored->extra.size > 0) {
        struct jl_field_value *extra = NULL;
        size_t extra_count = 0;
        rc = read_extra(books, stored, arena, &extra, &extra_count, err);
        size_t total = row.field_count + extra_count;
        struct jl_field_value *merged = jl_arena_alloc(arena, (total + 1) * sizeof *merged);
        if (rc == JL_OK && merged == NULL) {
            rc = jl_fault_memory(err);
        }
        if (rc == JL_OK) {
            merge_sorted(row.fields, row.field_count, extra, extra_count, merged);
            row.fields = merged;
            row.field_count = total;
        }
    }
    out_record->row = row;
    return rc;
}

static enum jl_rc unseal_all(struct jl_books *books, const struct jl_stored *stored, size_t count,
                             struct jl_arena *arena, struct jl_book_record *out_records,
                             struct jl_err *err) {
    for (size_t i = 0; i < count; i++) {
        enum jl_rc rc = jl_books_unseal(books, &stored[i], arena, &out_records[i], err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

enum jl_rc jl_books_load(struct jl_books *books, const struct jl_record_key *keys, size_t count,
                         struct jl_arena *arena, struct jl_book_record *out_records,
                         struct jl_err *err) {
    struct jl_stored *stored = jl_arena_zalloc(arena, count + 1, sizeof *stored);
    if (stored == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_records_load(books->store, keys, count, arena, stored, err);
    return rc == JL_OK ? unseal_all(books, stored, count, arena, out_records, err) : rc;
}

enum jl_rc jl_books_load_rids(struct jl_books *books, const int64_t *rids, size_t count,
                              struct jl_arena *arena, struct jl_book_record *out_records,
                              struct jl_err *err) {
    struct jl_stored *stored = jl_arena_zalloc(arena, count + 1, sizeof *stored);
    if (stored == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_records_load_rids(books->store, rids, count, arena, stored, err);
    return rc == JL_OK ? unseal_all(books, stored, count, arena, out_records, err) : rc;
}

/* ---- By value ---- */

static const struct jl_layout_column *column_of(const struct jl_books *books, uint32_t type,
                                                uint32_t field) {
    const struct jl_layout *layout = jl_books_layout(books, type);
    for (size_t i = 0; layout != NULL && i < layout->column_count; i++) {
        if (layout->columns[i].field->number == field) {
            return &layout->columns[i];
        }
    }
    return NULL;
}

/* Plain text of books that are not folded yet has no tags: byte by byte, then. */
static bool by_tag(const struct jl_books *books, const struct jl_layout_column *column) {
    return column->tag != SIZE_MAX && (books->folded || column->field->sensitive);
}

bool jl_books_findable(const struct jl_books *books, uint32_t type, const struct jl_field *field) {
    const struct jl_layout_column *column = column_of(books, type, field->number);
    bool indexed = !field->sensitive && (field->unique || field->kind == JL_KIND_REF);
    return column != NULL && (indexed || by_tag(books, column));
}

/* Ops of devices are looked up before they are checked, so values of any kind come here; one of
 * another kind than the field's is looked for as NULL, which no record is found by. */
static enum jl_rc look_for(struct jl_books *books, uint32_t type,
                           const struct jl_layout_column *column, const struct jl_value *value,
                           struct jl_arena *arena, struct jl_value *out, struct jl_err *err) {
    *out = jl_value_null();
    if (value->kind != jl_books_kind(column->field)) {
        return JL_OK;
    }
    if (!by_tag(books, column)) {
        *out = *value;
        return JL_OK;
    }
    uint8_t *tag = jl_arena_alloc(arena, JL_TAG_BYTES);
    if (tag == NULL) {
        return jl_fault_memory(err);
    }
    *out = (struct jl_value){.kind = JL_VALUE_BYTES, .bytes = jl_bytes(tag, JL_TAG_BYTES)};
    return jl_books_tag(books, type, column->field->number, value, tag, err);
}

enum jl_rc jl_books_find(struct jl_books *books, uint32_t type, uint32_t field,
                         const struct jl_value *values, size_t count, size_t each,
                         int64_t *out_rids, size_t *out_counts, struct jl_err *err) {
    const struct jl_layout_column *column = column_of(books, type, field);
    if (column == NULL) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL, "type %u has no field %u", type,
                           field);
    }
    if (column->field->sensitive && column->tag == SIZE_MAX) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL,
                           "the sealed field %s can't be searched", column->field->name);
    }
    JL_AUTO(jl_arena) arena = {0};
    struct jl_value *sought = jl_arena_zalloc(&arena, count + 1, sizeof *sought);
    if (sought == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        enum jl_rc rc = look_for(books, type, column, &values[i], &arena, &sought[i], err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return jl_records_find(books->store, type, by_tag(books, column) ? column->tag : column->cell,
                           sought, count, each, out_rids, out_counts, err);
}
