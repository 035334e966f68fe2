/* The typed tables: checked definitions and their statements.
 *
 * Names go into SQL texts, so they are checked here, whoever checked them before: [a-z][a-z0-9_]*,
 * at most JL_STORE_NAME_MAX_BYTES, and quoted. */
#include "schema.h"
#include "store.h"

#include "jielian/base/arena.h"
#include "jielian/base/fault.h"
#include "jielian/base/value.h"
#include "jielian/store/store.h"

#include <stdlib.h>
#include <string.h>

/* ---- Definitions ---- */

static bool name_good(const char *name) {
    size_t size = strlen(name);
    if (size == 0 || size > JL_STORE_NAME_MAX_BYTES || name[0] < 'a' || name[0] > 'z') {
        return false;
    }
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == size;
}

static enum jl_rc check_columns(const struct jl_store_table *table, struct jl_err *err) {
    if (table->column_count > JL_STORE_COLUMNS_MAX) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_STORE_COLUMNS, "%s" JL_AND "%zu" JL_AND "%d",
                           table->name, table->column_count, (int)JL_STORE_COLUMNS_MAX);
    }
    for (size_t i = 0; i < table->column_count; i++) {
        const struct jl_store_column *column = &table->columns[i];
        if (!name_good(column->name) || strcmp(column->name, "rid") == 0 ||
            strcmp(column->name, "extra") == 0) {
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_STORE_COLUMN_NAME, "%s" JL_AND "%zu",
                               table->name, i);
        }
        if (column->kind == JL_VALUE_NULL) {
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL, "table %s: column %s has no kind",
                               table->name, column->name);
        }
        for (size_t j = 0; j < i; j++) {
            if (strcmp(table->columns[j].name, column->name) == 0) {
                return jl_fault_at(err, JL_MISUSE, JL_FAULT_STORE_COLUMN_TWICE, "%s" JL_AND "%s",
                                   table->name, column->name);
            }
        }
    }
    return JL_OK;
}

static enum jl_rc check_tables(const struct jl_store_table *tables, size_t count,
                               struct jl_err *err) {
    if (count > JL_STORE_TABLES_MAX) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_STORE_TABLES, "%zu" JL_AND "%d", count,
                           (int)JL_STORE_TABLES_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        if (!name_good(tables[i].name) || jl_schema_name_taken(tables[i].name)) {
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_STORE_TABLE_NAME, "%u",
                               (unsigned)tables[i].type);
        }
        for (size_t j = 0; j < i; j++) {
            if (tables[j].type == tables[i].type || strcmp(tables[j].name, tables[i].name) == 0) {
                return jl_fault_at(err, JL_MISUSE, JL_FAULT_STORE_TABLE_TWICE, "%s" JL_AND "%u",
                                   tables[i].name, (unsigned)tables[i].type);
            }
        }
        enum jl_rc rc = check_columns(&tables[i], err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

static bool copy_table(struct jl_arena *arena, const struct jl_store_table *table,
                       struct jl_typed *out_typed) {
    struct jl_store_column *columns = jl_arena_zalloc(arena, table->column_count, sizeof *columns);
    sqlite3_stmt **finders = jl_arena_zalloc(arena, table->column_count, sizeof(sqlite3_stmt *));
    const char *name = jl_schema_name_later(table->name)
                           ? jl_arena_printf(arena, "%s" JL_SCHEMA_ASIDE, table->name)
                           : jl_arena_text(arena, jl_bytes_text(table->name));
    if (columns == NULL || finders == NULL || name == NULL) {
        return false;
    }
    for (size_t i = 0; i < table->column_count; i++) {
        columns[i] = table->columns[i];
        columns[i].name = jl_arena_text(arena, jl_bytes_text(table->columns[i].name));
        if (columns[i].name == NULL) {
            return false;
        }
    }
    *out_typed = (struct jl_typed){
        .type = table->type,
        .name = name,
        .columns = columns,
        .column_count = table->column_count,
        .finders = finders,
    };
    return true;
}

static int compare_types(const void *a, const void *b) {
    const struct jl_typed *left = a;
    const struct jl_typed *right = b;
    return left->type < right->type ? -1 : left->type > right->type;
}

JL_DEFINE_AUTO_PTR(jl_typed_set, jl_typed_set_free)

static enum jl_rc copy_tables(const struct jl_store_table *tables, size_t count,
                              struct jl_typed_set **out_set, struct jl_err *err) {
    JL_AUTO_PTR(jl_typed_set) set = calloc(1, sizeof *set);
    if (set != NULL) {
        set->items = jl_arena_zalloc(&set->arena, count, sizeof *set->items);
    }
    if (set == NULL || set->items == NULL) {
        return jl_fault_memory(err);
    }
    for (; set->count < count; set->count++) {
        if (!copy_table(&set->arena, &tables[set->count], &set->items[set->count])) {
            return jl_fault_memory(err);
        }
    }
    if (count > 0) {
        qsort(set->items, count, sizeof *set->items, compare_types);
    }
    *out_set = set;
    set = NULL;
    return JL_OK;
}

enum jl_rc jl_store_tables(struct jl_store *store, const struct jl_store_table *tables,
                           size_t count, struct jl_err *err) {
    enum jl_rc rc = check_tables(tables, count, err);
    if (rc != JL_OK) {
        return rc;
    }
    JL_AUTO_PTR(jl_typed_set) set = NULL;
    rc = copy_tables(tables, count, &set, err);
    if (rc == JL_OK) {
        rc = jl_typed_make(store, set, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    if (store->tx == JL_TX_WRITE && !store->tables_replaced) {
        store->tables_before = store->tables;
        store->tables_replaced = true;
    } else {
        jl_typed_set_free(store->tables);
    }
    store->tables = set;
    set = NULL;
    return JL_OK;
}
