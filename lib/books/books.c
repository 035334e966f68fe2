/* Opening, layouts and transactions of the books. A layout is made from the catalogue alone, so two
 * processes with the same catalogue have the same columns in the same order. */
#include "books_internal.h"

#include "jielian/base/file.h"
#include "jielian/base/fold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum jl_value_kind jl_books_kind(const struct jl_field *field) {
    switch (field->kind) {
    case JL_KIND_TEXT:
    case JL_KIND_ID_NO:
    case JL_KIND_USCC:
    case JL_KIND_PHONE:
        return JL_VALUE_TEXT;
    case JL_KIND_REF:
        return JL_VALUE_BYTES;
    case JL_KIND_INT:
    case JL_KIND_MONEY:
    case JL_KIND_DATE:
    case JL_KIND_MONTH:
    case JL_KIND_BOOL:
    case JL_KIND_CODE:
        break;
    }
    return JL_VALUE_INT;
}

enum jl_value_kind jl_books_stored_kind(const struct jl_field *field) {
    return field->sensitive ? JL_VALUE_BYTES : jl_books_kind(field);
}

bool jl_books_text_key(const struct jl_type *type, const struct jl_field *field) {
    return jl_books_kind(field) == JL_VALUE_TEXT && type->natural_key_count == 1 &&
           type->natural_key[0] == field->number && !type->natural_key_has_owner;
}

static bool has_tag(const struct jl_type *type, const struct jl_field *field) {
    bool unique_text = field->unique && jl_books_kind(field) == JL_VALUE_TEXT;
    return field->sensitive ? field->unique || field->search
                            : unique_text || jl_books_text_key(type, field);
}

static int compare_columns(const void *a, const void *b) {
    const struct jl_layout_column *left = a;
    const struct jl_layout_column *right = b;
    return left->field->number < right->field->number ? -1
                                                      : left->field->number > right->field->number;
}

static void free_layouts(struct jl_layout *layouts, size_t count) {
    for (size_t i = 0; i < count; i++) {
        free(layouts[i].columns);
    }
    free(layouts);
}

/* One type's columns: names for the store come from the arena. */
static enum jl_rc lay_out_type(const struct jl_type *type, struct jl_layout *out_layout,
                               struct jl_store_table *out_table, struct jl_arena *arena,
                               struct jl_err *err) {
    struct jl_store_column *columns =
        jl_arena_zalloc(arena, 2 * type->field_count + 1, sizeof *columns);
    struct jl_layout_column *places = calloc(type->field_count + 1, sizeof *places);
    if (columns == NULL || places == NULL) {
        free(places);
        return jl_fail(err, JL_NOMEM, "no memory for the columns of %s", type->name);
    }
    size_t cells = 0;
    for (size_t i = 0; i < type->field_count; i++) {
        const struct jl_field *field = &type->fields[i];
        places[i] = (struct jl_layout_column){.field = field, .cell = cells, .tag = SIZE_MAX};
        columns[cells++] = (struct jl_store_column){
            .name = field->name,
            .kind = jl_books_stored_kind(field),
            .indexed = !field->sensitive && (field->unique || field->kind == JL_KIND_REF)};
        if (has_tag(type, field)) {
            places[i].tag = cells;
            columns[cells].name = jl_arena_printf(arena, "%s_tag", field->name);
            columns[cells].kind = JL_VALUE_BYTES;
            columns[cells].indexed = true;
            if (columns[cells++].name == NULL) {
                free(places);
                return jl_fail(err, JL_NOMEM, "no memory for the columns of %s", type->name);
            }
        }
    }
    qsort(places, type->field_count, sizeof *places, compare_columns);
    *out_layout = (struct jl_layout){
        .type = type, .columns = places, .column_count = type->field_count, .cell_count = cells};
    *out_table = (struct jl_store_table){
        .type = type->number, .name = type->name, .columns = columns, .column_count = cells};
    return JL_OK;
}

enum jl_rc jl_books_use(struct jl_books *books, struct jl_catalogue *catalogue,
                        struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    size_t count = jl_catalogue_type_count(catalogue);
    size_t made = 0;
    struct jl_store_table *tables = jl_arena_zalloc(&arena, count, sizeof *tables);
    struct jl_layout *layouts = calloc(count, sizeof *layouts);
    enum jl_rc rc = tables != NULL && layouts != NULL
                        ? JL_OK
                        : jl_fail(err, JL_NOMEM, "no memory for %zu types", count);
    while (rc == JL_OK && made < count) {
        rc = lay_out_type(jl_catalogue_type_at(catalogue, made), &layouts[made], &tables[made],
                          &arena, err);
        made += rc == JL_OK ? 1 : 0;
    }
    if (rc == JL_OK) {
        rc = jl_store_tables(books->store, tables, count, err);
    }
    if (rc != JL_OK) {
        free_layouts(layouts, made);
        return rc;
    }
    free_layouts(books->layouts, books->layout_count);
    books->layouts = layouts;
    books->layout_count = count;
    if (books->catalogue != catalogue) {
        jl_catalogue_free(books->catalogue);
        books->catalogue = catalogue;
    }
    return JL_OK;
}

enum jl_rc jl_books_types(struct jl_books *books, struct jl_arena *arena, uint32_t **out_types,
                          size_t *out_count, struct jl_err *err) {
    uint32_t *loose = NULL;
    size_t loose_count = 0;
    enum jl_rc rc = jl_store_loose_types(books->store, arena, &loose, &loose_count, err);
    if (rc != JL_OK) {
        return rc;
    }
    uint32_t *types = jl_arena_alloc(arena, (books->layout_count + loose_count) * sizeof *types);
    if (types == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for %zu types", books->layout_count + loose_count);
    }
    size_t count = 0;
    for (size_t i = 0; i < books->layout_count; i++) {
        types[count++] = books->layouts[i].type->number;
    }
    for (size_t i = 0; i < loose_count; i++) {
        if (jl_books_layout(books, loose[i]) == NULL) {
            types[count++] = loose[i];
        }
    }
    *out_types = types;
    *out_count = count;
    return JL_OK;
}

const struct jl_layout *jl_books_layout(const struct jl_books *books, uint32_t type) {
    for (size_t i = 0; i < books->layout_count; i++) {
        if (books->layouts[i].type->number == type) {
            return &books->layouts[i];
        }
    }
    return NULL;
}

static enum jl_rc check_keys(struct jl_books *books, const struct jl_keys *keys,
                             enum jl_store_mode mode, bool *out_held, struct jl_err *err) {
    if (mode != JL_STORE_CREATE) {
        return jl_books_check_keys(books, keys, out_held, err);
    }
    *out_held = true;
    return jl_books_hold_keys(books, keys, err);
}

/* Books of an earlier program, now that their rows can be asked too. Where another program holds
 * the lock or the disk is full, the fingerprint waits for a later open: the keys are the right
 * ones, and what is to be written will say for itself what hinders it. */
static enum jl_rc adopt_keys(struct jl_books *books, const struct jl_keys *keys,
                             struct jl_err *err) {
    bool held = false;
    enum jl_rc rc = jl_books_check_keys(books, keys, &held, err);
    if (rc != JL_OK || held || books->read_only) {
        return rc;
    }
    rc = jl_books_hold_keys(books, keys, err);
    return rc == JL_BUSY || rc == JL_IO ? JL_OK : rc;
}

static enum jl_rc open_parts(struct jl_books *books, const char *folder,
                             const struct jl_books_options *options, const struct jl_keys *keys,
                             bool *out_held, struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    struct jl_catalogue *built_in = NULL;
    struct jl_store_options store_options = {.mode = options->mode,
                                             .application_id = options->side == JL_SIDE_OFFICE
                                                                   ? JL_STORE_OFFICE_ID
                                                                   : JL_STORE_DISTRICT_ID,
                                             .cache_kib = options->cache_kib,
                                             .relaxed = options->relaxed};
    enum jl_rc rc = jl_path_join(folder, "jielian.db", path, sizeof path, err);
    if (rc == JL_OK) {
        rc = jl_store_open(path, &store_options, &books->store, err);
    }
    if (rc == JL_OK) {
        rc = jl_sealer_new(books->suite, &keys->data, &books->sealer, err);
    }
    if (rc == JL_OK) {
        rc = jl_hasher_new(books->suite, &books->hasher, err);
    }
    if (rc == JL_OK) { /* before tables are made: foreign keys change nothing */
        rc = check_keys(books, keys, options->mode, out_held, err);
    }
    if (rc == JL_OK) {
        rc = jl_catalogue_builtin(&built_in, err);
    }
    if (rc == JL_OK) {
        rc = jl_books_use(books, built_in, err);
    }
    if (rc != JL_OK) {
        jl_catalogue_free(built_in);
    }
    return rc;
}

/* Opening a file of an older schema for writing migrates it, and foreign keys must change nothing:
 * so they are found before. What else hinders this look hinders the opening too, which says it. */
static enum jl_rc look_first(const char *folder, const struct jl_books_options *options,
                             const struct jl_keys *keys, struct jl_err *err) {
    const struct jl_books_options reading = {.side = options->side, .mode = JL_STORE_READ};
    JL_AUTO_PTR(jl_books) books = NULL;
    char path[JL_PATH_MAX_BYTES];
    bool held = false;
    enum jl_rc rc = jl_path_join(folder, "jielian.db", path, sizeof path, err);
    if (rc == JL_OK) {
        rc = jl_books_check_keys_of(path, options->side, keys, &held, err);
    }
    if (rc == JL_OK && !held) {
        rc = jl_books_open(folder, &reading, keys, &books, err);
    }
    return rc == JL_DENIED ? rc : JL_OK;
}

enum jl_rc jl_books_open(const char *folder, const struct jl_books_options *options,
                         const struct jl_keys *keys, struct jl_books **out_books,
                         struct jl_err *err) {
    JL_AUTO_PTR(jl_books) books = calloc(1, sizeof *books);
    if (books == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for the books");
    }
    books->side = options->side;
    books->read_only = options->mode == JL_STORE_READ || options->mode == JL_STORE_READ_COPY;
    books->suite = keys->suite;
    books->proof_key = keys->proof;
    bool held = false;
    enum jl_rc rc =
        options->mode == JL_STORE_WRITE ? look_first(folder, options, keys, err) : JL_OK;
    if (rc == JL_OK) {
        rc = open_parts(books, folder, options, keys, &held, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_books_open_catalogue(books, err);
    if (rc == JL_OK && !books->read_only && books->newer.state == JL_NEWER_BEYOND) {
        rc = jl_books_too_old(&books->newer, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    rc = held ? JL_OK : adopt_keys(books, keys, err);
    if (rc == JL_OK) {
        rc = jl_books_retag(books, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    *out_books = books;
    books = NULL;
    return JL_OK;
}

void jl_books_close(struct jl_books *books) {
    if (books == NULL) {
        return;
    }
    jl_store_close(books->store);
    jl_sealer_free(books->sealer);
    jl_hasher_free(books->hasher);
    jl_pinyin_free(books->pinyin);
    free_layouts(books->layouts, books->layout_count);
    jl_catalogue_free(books->catalogue);
    jl_secret_fini(&books->proof_key);
    jl_buf_wipe(&books->scratch);
    free(books);
}

enum jl_rc jl_books_begin(struct jl_books *books, bool write, bool *out_changed,
                          struct jl_err *err) {
    bool changed = false;
    enum jl_rc rc = jl_store_begin(books->store, write, err);
    if (rc == JL_OK) {
        rc = jl_store_changed(books->store, &changed, err);
    }
    books->changed = books->changed || changed;
    if (rc == JL_OK && (changed || books->unsure)) {
        rc = jl_books_see_catalogue(books, err);
    }
    if (rc == JL_OK && changed && !books->folded) {
        rc = jl_books_see_folded(books, err);
    }
    if (rc != JL_OK) {
        books->unsure = books->unsure || changed;
        jl_store_rollback(books->store);
        return rc;
    }
    if (write && books->newer.state == JL_NEWER_BEYOND) {
        jl_store_rollback(books->store);
        return jl_books_too_old(&books->newer, err);
    }
    if (out_changed != NULL) {
        *out_changed = books->changed;
        books->changed = false;
    }
    return JL_OK;
}

bool jl_books_living(const struct jl_type *type, const struct jl_row *row) {
    if (row->deleted) {
        return false;
    }
    if (type->living_field == 0) {
        return true;
    }
    const struct jl_value *value = jl_row_get(row, type->living_field);
    if (value == NULL) {
        return true; /* a status that was never filled in does not hide a record */
    }
    for (size_t i = 0; i < type->living_code_count; i++) {
        if (value->number == (int64_t)type->living_codes[i]) {
            return true;
        }
    }
    return false;
}

/* ---- Sealing ---- */

static uint8_t *put_u32(uint8_t *at, uint32_t value) {
    for (int i = 0; i < 4; i++) {
        *at++ = (uint8_t)(value >> (24 - 8 * i));
    }
    return at;
}

struct jl_bytes jl_books_place(uint32_t type, const struct jl_id *id, uint32_t field,
                               uint8_t out_place[static FIELD_PLACE_BYTES]) {
    uint8_t *at = put_u32(out_place, type);
    memcpy(at, id->bytes, JL_ID_BYTES);
    put_u32(at + JL_ID_BYTES, field);
    return jl_bytes(out_place, FIELD_PLACE_BYTES);
}

/* A value as bytes for sealing and tagging: text and bytes as they are, numbers as 8 bytes. */
static struct jl_bytes value_bytes(const struct jl_value *value, uint8_t number[static 8]) {
    if (value->kind != JL_VALUE_INT) {
        return value->bytes;
    }
    for (int i = 0; i < 8; i++) {
        number[i] = (uint8_t)((uint64_t)value->number >> (56 - 8 * i));
    }
    return jl_bytes(number, 8);
}

enum jl_rc jl_books_tag(struct jl_books *books, uint32_t type, uint32_t field,
                        const struct jl_value *value, uint8_t out_tag[static JL_TAG_BYTES],
                        struct jl_err *err) {
    uint8_t place[8];
    uint8_t number[8];
    struct jl_bytes plain = value_bytes(value, number);
    enum jl_rc rc = JL_OK;
    put_u32(put_u32(place, type), field);
    if (value->kind == JL_VALUE_TEXT && books->folded) {
        books->scratch.size = 0;
        rc = jl_fold(plain, JL_FOLD_SAME, &books->scratch, err);
        plain = jl_buf_bytes(&books->scratch);
    }
    return rc == JL_OK
               ? jl_keyed_tag(books->sealer, jl_bytes(place, sizeof place), plain, out_tag, err)
               : rc;
}

static struct jl_bytes body_place(const char *what, uint64_t where, uint8_t *place,
                                  size_t capacity) {
    int size = snprintf((char *)place, capacity, "%s %llu", what, (unsigned long long)where);
    JL_ASSERT(size > 0 && (size_t)size < capacity);
    return jl_bytes(place, (size_t)size);
}

enum jl_rc jl_books_seal(struct jl_books *books, const char *what, uint64_t where,
                         struct jl_bytes plain, struct jl_buf *out, struct jl_err *err) {
    uint8_t place[64];
    return jl_seal(books->sealer, body_place(what, where, place, sizeof place), plain, out, err);
}

enum jl_rc jl_books_unseal_bytes(struct jl_books *books, const char *what, uint64_t where,
                                 struct jl_bytes sealed, struct jl_buf *out, struct jl_err *err) {
    uint8_t place[64];
    enum jl_rc rc =
        jl_unseal(books->sealer, body_place(what, where, place, sizeof place), sealed, out, err);
    return rc == JL_OK ? rc : jl_wrap(err, "%s %llu", what, (unsigned long long)where);
}
