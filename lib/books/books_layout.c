/* Layouts: which column holds which field, and which its tag. */
#include "books.h"

#include "jielian/base/fault.h"
#include "jielian/catalogue/catalogue.h"

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

void jl_books_drop_layouts(struct jl_layout *layouts, size_t count) {
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
        return jl_fault_memory(err);
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
                return jl_fault_memory(err);
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
    enum jl_rc rc = tables != NULL && layouts != NULL ? JL_OK : jl_fault_memory(err);
    while (rc == JL_OK && made < count) {
        rc = lay_out_type(jl_catalogue_type_at(catalogue, made), &layouts[made], &tables[made],
                          &arena, err);
        made += rc == JL_OK ? 1 : 0;
    }
    if (rc == JL_OK) {
        rc = jl_store_tables(books->store, tables, count, err);
    }
    if (rc != JL_OK) {
        jl_books_drop_layouts(layouts, made);
        return rc;
    }
    jl_books_drop_layouts(books->layouts, books->layout_count);
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
    enum jl_rc rc = jl_records_loose_types(books->store, arena, &loose, &loose_count, err);
    if (rc != JL_OK) {
        return rc;
    }
    uint32_t *types = jl_arena_alloc(arena, (books->layout_count + loose_count) * sizeof *types);
    if (types == NULL) {
        return jl_fault_memory(err);
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
