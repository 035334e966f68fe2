/* The records that the rows of a chunk may be about, found with a few calls for all of them.
 *
 * Types without keys, and people of the same name and birth, have no index in the store: those are
 * read once, at the first chunk, into a table of this import. */
#include "import.h"

#include "jielian/base/fault.h"
#include "jielian/base/fold.h"
#include "jielian/record/derive.h"
#include "jielian/record/natural_key.h"

#include <string.h>

enum {
    HOLDERS_MAX = 4,    /* records with one unique value that are looked at */
    LOOKALIKES_MAX = 4, /* people of one name and birth that are looked at: one is shown */
};

struct jl_known_id {
    struct jl_known_id *next;
    struct jl_id id;
};

/* ---- The tables ---- */

static enum jl_rc put_known(struct jl_import *import, struct jl_map *map, struct jl_bytes key,
                            const struct jl_id *id, struct jl_err *err) {
    void **place = jl_map_place(map, key, &import->kept, err);
    struct jl_known_id *known = place == NULL ? NULL : jl_arena_alloc(&import->kept, sizeof *known);
    if (known == NULL) {
        return jl_fault_memory(err);
    }
    *known = (struct jl_known_id){.next = *place, .id = *id};
    *place = known;
    return JL_OK;
}

/* The field that names a person, and the one with the day of birth; NULL where there is none. */
static void person_fields(const struct jl_type *type, const struct jl_field **out_name,
                          const struct jl_field **out_birth) {
    *out_name = NULL;
    *out_birth = jl_type_field_named(type, "birth");
    for (size_t i = 0; i < type->field_count && *out_name == NULL; i++) {
        if (type->fields[i].rule == JL_RULE_PERSON_NAME && !type->fields[i].sensitive) {
            *out_name = &type->fields[i];
        }
    }
    if (*out_birth == NULL || (*out_birth)->kind != JL_KIND_DATE || (*out_birth)->sensitive ||
        *out_name == NULL || jl_import_has_identity(type)) {
        *out_name = NULL;
        *out_birth = NULL;
    }
}

static enum jl_rc person_key(const struct jl_value *name, const struct jl_value *birth,
                             struct jl_buf *out, struct jl_err *err) {
    jl_buf_reset(out);
    enum jl_rc rc = jl_buf_put_u64be(out, (uint64_t)birth->number, err);
    return rc == JL_OK ? jl_fold(name->bytes, JL_FOLD_SAME, out, err) : rc;
}

struct indexing {
    struct jl_import *import;
    const struct jl_layout *layout;
    const struct jl_layout_column *name;
    const struct jl_layout_column *birth;
    struct jl_field_value *fields;
    struct jl_buf key;
};

/* The plain cells as a row: what identifies a record is never sealed. */
static struct jl_row plain_row(const struct indexing *indexing, const struct jl_stored *stored) {
    struct jl_row row = {.type = stored->head.type, .fields = indexing->fields};
    for (size_t i = 0; i < indexing->layout->column_count; i++) {
        const struct jl_layout_column *column = &indexing->layout->columns[i];
        const struct jl_value *cell = &stored->cells[column->cell];
        if (!column->field->sensitive && cell->kind != JL_VALUE_NULL) {
            row.fields[row.field_count].field = column->field->number;
            row.fields[row.field_count++].value = *cell;
        }
    }
    return row;
}

static enum jl_rc index_record(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct indexing *indexing = context;
    struct jl_import *import = indexing->import;
    if (stored->cells == NULL) {
        return JL_OK;
    }
    if (indexing->name == NULL) {
        uint8_t key[JL_KEY_BYTES_SHORT];
        enum jl_identity_level level = JL_IDENTITY_NONE;
        struct jl_row row = plain_row(indexing, stored);
        enum jl_rc rc = jl_import_identity(import, &row, key, &level, err);
        return rc == JL_OK && level != JL_IDENTITY_NONE
                   ? put_known(import, &import->identities, jl_bytes(key, sizeof key),
                               &stored->head.id, err)
                   : rc;
    }
    const struct jl_value *name = &stored->cells[indexing->name->cell];
    const struct jl_value *birth = &stored->cells[indexing->birth->cell];
    if (name->kind != JL_VALUE_TEXT || birth->kind != JL_VALUE_INT ||
        !jl_desk_living(import->desk->books, import->type, stored)) {
        return JL_OK;
    }
    enum jl_rc rc = person_key(name, birth, &indexing->key, err);
    return rc == JL_OK ? put_known(import, &import->people, jl_buf_bytes(&indexing->key),
                                   &stored->head.id, err)
                       : rc;
}

static enum jl_rc index_records(struct jl_import *import, struct jl_err *err) {
    struct jl_books *books = import->desk->books;
    const struct jl_field *name = NULL;
    const struct jl_field *birth = NULL;
    struct indexing indexing = {.import = import,
                                .layout = jl_books_layout(books, import->type_number)};
    person_fields(import->type, &name, &birth);
    import->indexed = true;
    if (indexing.layout == NULL || import->options->policy == JL_IMPORT_NO_MATCH ||
        (name == NULL && !jl_import_has_identity(import->type))) {
        return JL_OK;
    }
    if (name != NULL) {
        indexing.name = jl_desk_column(books, import->type_number, name->number);
        indexing.birth = jl_desk_column(books, import->type_number, birth->number);
    }
    indexing.fields = jl_arena_alloc(&import->kept,
                                     (indexing.layout->column_count + 1) * sizeof *indexing.fields);
    if (indexing.fields == NULL) {
        return jl_fault_memory(err);
    }
    const struct jl_scan scan = {
        .type = import->type_number, .owner_set = true, .owner = import->owner};
    enum jl_rc rc = jl_records_scan(books->store, &scan, index_record, &indexing, err);
    jl_buf_fini(&indexing.key);
    return rc;
}

/* ---- Records by id: all that the chunk asks for in one call ---- */

enum wish_kind { WISH_NAMED, WISH_KEYED, WISH_SAME, WISH_LOOKALIKE };

struct wish {
    struct jl_import_row *row;
    struct jl_import_same *same; /* WISH_SAME: its rows' */
    enum wish_kind kind;
    size_t record; /* among those that are loaded */
};

/* Rows that may be about the same record share it: a thousand rows of one identity ask for a
 * thousand records, not for a million. */
struct wishes {
    struct jl_import *import;
    struct jl_buf keys;   /* struct jl_record_key, each once */
    struct jl_buf items;  /* struct wish */
    struct jl_map places; /* id → 1 + its index in keys */
    struct jl_map same;   /* identity → struct jl_import_same */
};

static void wishes_fini(struct wishes *wishes) {
    jl_map_fini(&wishes->places);
    jl_map_fini(&wishes->same);
    jl_buf_fini(&wishes->keys);
    jl_buf_fini(&wishes->items);
}

static enum jl_rc put_wish(struct wishes *wishes, struct wish item, const struct jl_id *id,
                           struct jl_err *err) {
    const struct jl_record_key key = {.type = wishes->import->type_number, .id = *id};
    void **place = jl_map_place(&wishes->places, jl_bytes(id->bytes, sizeof id->bytes),
                                &wishes->import->chunk, err);
    enum jl_rc rc = place != NULL ? JL_OK : JL_NOMEM;
    if (rc == JL_OK && *place == NULL) {
        rc = jl_buf_put(&wishes->keys, &key, sizeof key, err);
        *place = (void *)(uintptr_t)(wishes->keys.size / sizeof key);
    }
    item.record = rc == JL_OK ? (uintptr_t)*place - 1 : 0;
    return rc == JL_OK ? jl_buf_put(&wishes->items, &item, sizeof item, err) : rc;
}

static enum jl_rc wish(struct wishes *wishes, struct jl_import_row *row, enum wish_kind kind,
                       const struct jl_id *id, struct jl_err *err) {
    return put_wish(wishes, (struct wish){.row = row, .kind = kind}, id, err);
}

/* Those that rows of earlier chunks have are out of the question for good. */
static enum jl_rc wish_group(struct wishes *wishes, struct jl_import_same *same, void **first,
                             struct jl_err *err) {
    struct jl_import *import = wishes->import;
    struct jl_known_id *before = NULL;
    enum jl_rc rc = JL_OK;
    for (struct jl_known_id *known = *first; rc == JL_OK && known != NULL; known = known->next) {
        uint64_t line = jl_import_claimed(import, &known->id);
        bool taken = line != 0 && line < import->rows[0].line;
        if (taken && before != NULL) {
            before->next = known->next;
        } else if (taken) {
            *first = known->next;
        } else {
            before = known;
            same->claimed = same->claimed || line != 0;
            rc = put_wish(wishes, (struct wish){.same = same, .kind = WISH_SAME}, &known->id, err);
        }
    }
    return rc;
}

static enum jl_rc wish_same(struct wishes *wishes, struct jl_import_row *row, struct jl_bytes key,
                            struct jl_err *err) {
    struct jl_import *import = wishes->import;
    if (jl_map_get(&import->identities, key) == NULL) {
        return JL_OK;
    }
    void **first = jl_map_place(&import->identities, key, &import->kept, err);
    void **place = jl_map_place(&wishes->same, key, &import->chunk, err);
    if (first == NULL || place == NULL) {
        return JL_NOMEM;
    }
    row->same = *place;
    if (row->same != NULL) {
        return JL_OK;
    }
    row->same = *place = jl_arena_zalloc(&import->chunk, 1, sizeof *row->same);
    return row->same != NULL ? wish_group(wishes, row->same, first, err) : jl_fault_memory(err);
}

static bool has_key(const struct jl_type *type, const struct jl_row *row) {
    for (size_t i = 0; i < type->natural_key_count; i++) {
        const struct jl_value *value = jl_row_get(row, type->natural_key[i]);
        if (value == NULL || value->kind == JL_VALUE_NULL) {
            return false;
        }
    }
    return type->natural_key_count > 0;
}

/* The day of birth as the file says or as the ID number will say. */
static enum jl_rc wish_lookalikes(struct wishes *wishes, struct jl_import_row *row,
                                  struct jl_err *err) {
    struct jl_import *import = wishes->import;
    const struct jl_field *name = NULL;
    const struct jl_field *birth = NULL;
    struct jl_row derived;
    JL_AUTO(jl_buf) key = {0};
    person_fields(import->type, &name, &birth);
    if (name == NULL || import->people.count == 0) {
        return JL_OK;
    }
    enum jl_rc rc = jl_desk_fork_row(&import->chunk, &row->given, &derived, err);
    if (rc == JL_OK) {
        rc = jl_derive_row(&import->context, import->type, true, &import->chunk, &derived, err);
    }
    const struct jl_value *a = rc == JL_OK ? jl_row_get(&derived, name->number) : NULL;
    const struct jl_value *b = rc == JL_OK ? jl_row_get(&derived, birth->number) : NULL;
    if (a == NULL || b == NULL || a->kind != JL_VALUE_TEXT || b->kind != JL_VALUE_INT) {
        return rc;
    }
    rc = person_key(a, b, &key, err);
    const struct jl_known_id *known =
        rc == JL_OK ? jl_map_get(&import->people, jl_buf_bytes(&key)) : NULL;
    for (int i = 0; rc == JL_OK && known != NULL && i < LOOKALIKES_MAX; i++, known = known->next) {
        rc = wish(wishes, row, WISH_LOOKALIKE, &known->id, err);
    }
    return rc;
}

static enum jl_rc wish_for(struct wishes *wishes, struct jl_import_row *row, struct jl_err *err) {
    struct jl_import *import = wishes->import;
    enum jl_rc rc = JL_OK;
    bool matching = import->options->policy != JL_IMPORT_NO_MATCH;
    row->has_natural_id = false;
    row->level = JL_IDENTITY_NONE;
    row->given.owner = import->owner;
    if (matching && row->has_id) {
        rc = wish(wishes, row, WISH_NAMED, &row->named_id, err);
    }
    if (rc == JL_OK && has_key(import->type, &row->given)) {
        rc = jl_natural_key_id(import->desk->books->hasher, import->type, &row->given,
                               &row->natural_id, err);
        row->has_natural_id = rc == JL_OK;
        if (rc == JL_OK) {
            rc = wish(wishes, row, WISH_KEYED, &row->natural_id, err);
        }
    }
    if (rc == JL_OK && matching && jl_import_has_identity(import->type)) {
        uint8_t key[JL_KEY_BYTES_SHORT];
        rc = jl_import_identity(import, &row->given, key, &row->level, err);
        if (rc == JL_OK && row->level != JL_IDENTITY_NONE) {
            rc = wish_same(wishes, row, jl_bytes(key, sizeof key), err);
        }
    }
    return rc == JL_OK && matching ? wish_lookalikes(wishes, row, err) : rc;
}

static enum jl_rc add_candidate(struct jl_import *import, struct jl_candidate **list,
                                uint32_t field, struct jl_book_record *record, struct jl_err *err) {
    struct jl_candidate *candidate = jl_arena_alloc(&import->chunk, sizeof *candidate);
    if (candidate == NULL) {
        return jl_fault_memory(err);
    }
    *candidate = (struct jl_candidate){.next = *list, .field = field, .record = record};
    *list = candidate;
    return JL_OK;
}

static enum jl_rc grant(struct jl_import *import, const struct wish *item,
                        struct jl_book_record *record, struct jl_err *err) {
    switch (item->kind) {
    case WISH_NAMED:
        item->row->named = record;
        return JL_OK;
    case WISH_KEYED:
        item->row->keyed = record->head.rid != 0 ? record : NULL;
        return JL_OK;
    case WISH_SAME:
        return jl_books_head_shown(&record->head)
                   ? add_candidate(import, &item->same->first, 0, record, err)
                   : JL_OK;
    case WISH_LOOKALIKE:
        return jl_books_head_shown(&record->head)
                   ? add_candidate(import, &item->row->lookalikes, 0, record, err)
                   : JL_OK;
    }
    return JL_OK;
}

static enum jl_rc load_wishes(struct wishes *wishes, struct jl_err *err) {
    struct jl_import *import = wishes->import;
    const struct wish *items = (const struct wish *)(const void *)wishes->items.data;
    const struct jl_record_key *keys =
        (const struct jl_record_key *)(const void *)wishes->keys.data;
    size_t wished = wishes->items.size / sizeof *items;
    size_t count = wishes->keys.size / sizeof *keys;
    if (count == 0) {
        return JL_OK;
    }
    struct jl_book_record *records = jl_arena_zalloc(&import->chunk, count, sizeof *records);
    if (records == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_books_load(import->desk->books, keys, count, &import->chunk, records, err);
    for (size_t i = 0; rc == JL_OK && i < wished; i++) {
        rc = grant(import, &items[i], &records[items[i].record], err);
    }
    return rc;
}

/* ---- Records by unique values ---- */

struct holders {
    struct jl_import_row **rows;
    struct jl_value *values;
    size_t *counts;
    int64_t *rids;
};

static enum jl_rc load_holders(struct jl_import *import, uint32_t field, struct holders *holders,
                               size_t count, struct jl_err *err) {
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < holders->counts[i]; j++) {
            holders->rids[total++] = holders->rids[i * HOLDERS_MAX + j];
        }
    }
    struct jl_book_record *records = jl_arena_zalloc(&import->chunk, total + 1, sizeof *records);
    if (records == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = total == 0 ? JL_OK
                               : jl_books_load_rids(import->desk->books, holders->rids, total,
                                                    &import->chunk, records, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        for (size_t j = 0; rc == JL_OK && j < holders->counts[i]; j++, records++) {
            if (jl_books_head_shown(&records->head)) {
                rc = add_candidate(import, &holders->rows[i]->candidates, field, records, err);
            }
        }
    }
    return rc;
}

static enum jl_rc look_up_field(struct jl_import *import, const struct jl_field *field,
                                struct jl_err *err) {
    size_t most = import->row_count + 1;
    struct holders holders = {
        .rows = jl_arena_alloc(&import->chunk, most * sizeof *holders.rows),
        .values = jl_arena_alloc(&import->chunk, most * sizeof *holders.values),
        .counts = jl_arena_alloc(&import->chunk, most * sizeof *holders.counts),
        .rids = jl_arena_alloc(&import->chunk, most * HOLDERS_MAX * sizeof *holders.rids)};
    size_t count = 0;
    if (holders.rows == NULL || holders.values == NULL || holders.counts == NULL ||
        holders.rids == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < import->row_count; i++) {
        const struct jl_value *value = jl_row_get(&import->rows[i].given, field->number);
        if (value != NULL && value->kind != JL_VALUE_NULL) {
            holders.rows[count] = &import->rows[i];
            holders.values[count++] = *value;
        }
    }
    if (count == 0) {
        return JL_OK;
    }
    enum jl_rc rc =
        jl_books_find(import->desk->books, import->type_number, field->number, holders.values,
                      count, HOLDERS_MAX, holders.rids, holders.counts, err);
    return rc == JL_OK ? load_holders(import, field->number, &holders, count, err) : rc;
}

enum jl_rc jl_import_look_up(struct jl_import *import, struct jl_err *err) {
    JL_AUTO(wishes) wishes = {.import = import};
    enum jl_rc rc = import->indexed ? JL_OK : index_records(import, err);
    for (size_t i = 0; i < import->row_count; i++) {
        import->rows[i].named = NULL;
        import->rows[i].keyed = NULL;
        import->rows[i].candidates = NULL;
        import->rows[i].lookalikes = NULL;
        import->rows[i].same = NULL;
    }
    for (size_t i = 0; rc == JL_OK && i < import->row_count; i++) {
        rc = wish_for(&wishes, &import->rows[i], err);
    }
    if (rc == JL_OK) {
        rc = load_wishes(&wishes, err);
    }
    if (import->options->policy == JL_IMPORT_NO_MATCH) {
        return rc;
    }
    for (size_t i = 0; rc == JL_OK && i < import->type->field_count; i++) {
        if (import->type->fields[i].unique) {
            rc = look_up_field(import, &import->type->fields[i], err);
        }
    }
    if (rc == JL_OK) {
        rc = jl_import_pair(import, err);
    }
    return rc == JL_OK ? jl_import_count_phones(import, err) : rc;
}
