/* The typed tables: checked definitions and their statements.
 *
 * Names go into SQL texts, so they are checked here, whoever checked them before: [a-z][a-z0-9_]*,
 * at most JL_STORE_NAME_MAX_BYTES, and quoted. */
#include "store_internal.h"

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
        return jl_fail(err, JL_LIMIT, "table %s: %zu columns, at most %d", table->name,
                       table->column_count, (int)JL_STORE_COLUMNS_MAX);
    }
    for (size_t i = 0; i < table->column_count; i++) {
        const struct jl_store_column *column = &table->columns[i];
        if (!name_good(column->name) || strcmp(column->name, "rid") == 0 ||
            strcmp(column->name, "extra") == 0) {
            return jl_fail(err, JL_MISUSE,
                           "table %s: column %zu: its name cannot be used, choose another",
                           table->name, i);
        }
        if (column->kind == JL_VALUE_NULL) {
            return jl_fail(err, JL_MISUSE, "table %s: column %s has no kind", table->name,
                           column->name);
        }
        for (size_t j = 0; j < i; j++) {
            if (strcmp(table->columns[j].name, column->name) == 0) {
                return jl_fail(err, JL_MISUSE, "table %s: column %s is there twice", table->name,
                               column->name);
            }
        }
    }
    return JL_OK;
}

static enum jl_rc check_tables(const struct jl_store_table *tables, size_t count,
                               struct jl_err *err) {
    if (count > JL_STORE_TABLES_MAX) {
        return jl_fail(err, JL_LIMIT, "%zu tables, at most %d", count, (int)JL_STORE_TABLES_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        if (!name_good(tables[i].name) || jl_schema_name_taken(tables[i].name)) {
            return jl_fail(err, JL_MISUSE,
                           "type %u: its name cannot be a table's name, choose another",
                           (unsigned)tables[i].type);
        }
        for (size_t j = 0; j < i; j++) {
            if (tables[j].type == tables[i].type || strcmp(tables[j].name, tables[i].name) == 0) {
                return jl_fail(err, JL_MISUSE, "table %s or its type %u is there twice",
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

void jl_typed_set_free(struct jl_typed_set *set) {
    if (set == NULL) {
        return;
    }
    for (size_t i = 0; i < set->count; i++) {
        for (size_t k = 0; k < JL_TYPED_SQL_COUNT; k++) {
            sqlite3_finalize(set->items[i].statements[k]);
        }
        for (size_t k = 0; k < set->items[i].column_count; k++) {
            sqlite3_finalize(set->items[i].finders[k]);
        }
    }
    jl_arena_fini(&set->arena);
    free(set);
}

JL_DEFINE_AUTO_PTR(jl_typed_set, jl_typed_set_free)

static enum jl_rc copy_tables(const struct jl_store_table *tables, size_t count,
                              struct jl_typed_set **out_set, struct jl_err *err) {
    JL_AUTO_PTR(jl_typed_set) set = calloc(1, sizeof *set);
    if (set != NULL) {
        set->items = jl_arena_zalloc(&set->arena, count, sizeof *set->items);
    }
    if (set == NULL || set->items == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for %zu table definitions", count);
    }
    for (; set->count < count; set->count++) {
        if (!copy_table(&set->arena, &tables[set->count], &set->items[set->count])) {
            return jl_fail(err, JL_NOMEM, "no memory for %zu table definitions", count);
        }
    }
    if (count > 0) {
        qsort(set->items, count, sizeof *set->items, compare_types);
    }
    *out_set = set;
    set = NULL;
    return JL_OK;
}

struct jl_typed *jl_typed_of(const struct jl_store *store, uint32_t type) {
    const struct jl_typed_set *set = store->tables;
    size_t low = 0;
    size_t high = set == NULL ? 0 : set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (set->items[middle].type == type) {
            return &set->items[middle];
        }
        if (set->items[middle].type < type) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

int jl_typed_column(const struct jl_typed *typed, const char *name) {
    for (size_t i = 0; i < typed->column_count; i++) {
        if (strcmp(typed->columns[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
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

/* ---- Statements of one table ---- */

enum jl_rc jl_typed_columns(const struct jl_typed *typed, const char *prefix, struct jl_buf *out,
                            struct jl_err *err) {
    for (size_t i = 0; i < typed->column_count; i++) {
        enum jl_rc rc = jl_buf_printf(out, err, ", %s\"%s\"", prefix, typed->columns[i].name);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

/* Parameters of insert and both updates: ?1 rid, ?2 … the columns, then extra. */
static enum jl_rc put_insert(const struct jl_typed *typed, struct jl_buf *out, struct jl_err *err) {
    enum jl_rc rc = jl_buf_printf(out, err, "INSERT INTO \"%s\"(rid", typed->name);
    if (rc == JL_OK) {
        rc = jl_typed_columns(typed, "", out, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put_text(out, ", extra) VALUES(?1", err);
    }
    for (size_t i = 0; i <= typed->column_count && rc == JL_OK; i++) {
        rc = jl_buf_printf(out, err, ", ?%zu", i + 2);
    }
    return rc == JL_OK ? jl_buf_put_text(out, ")", err) : rc;
}

static enum jl_rc put_update(const struct jl_typed *typed, bool all, struct jl_buf *out,
                             struct jl_err *err) {
    enum jl_rc rc = jl_buf_printf(out, err, "UPDATE \"%s\" SET extra = ?%zu", typed->name,
                                  typed->column_count + 2);
    for (size_t i = 0; i < typed->column_count && rc == JL_OK; i++) {
        if (all || !typed->columns[i].indexed) {
            rc = jl_buf_printf(out, err, ", \"%s\" = ?%zu", typed->columns[i].name, i + 2);
        }
    }
    return rc == JL_OK ? jl_buf_put_text(out, " WHERE rid = ?1", err) : rc;
}

static enum jl_rc put_text(const struct jl_typed *typed, enum jl_typed_sql which,
                           struct jl_buf *out, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    switch (which) {
    case JL_TYPED_GET:
        rc = jl_buf_put_text(out, "SELECT extra", err);
        if (rc == JL_OK) {
            rc = jl_typed_columns(typed, "", out, err);
        }
        return rc == JL_OK ? jl_buf_printf(out, err, " FROM \"%s\" WHERE rid = ?1", typed->name)
                           : rc;
    case JL_TYPED_INSERT:
        return put_insert(typed, out, err);
    case JL_TYPED_UPDATE_PLAIN:
        return put_update(typed, false, out, err);
    case JL_TYPED_UPDATE_ALL:
        return put_update(typed, true, out, err);
    case JL_TYPED_DELETE:
        return jl_buf_printf(out, err, "DELETE FROM \"%s\" WHERE rid = ?1", typed->name);
    case JL_TYPED_SQL_COUNT:
        break;
    }
    return jl_fail(err, JL_MISUSE, "no such statement");
}

enum jl_rc jl_typed_open(struct jl_store *store, struct jl_typed *typed, enum jl_typed_sql which,
                         struct jl_sql *out_sql, struct jl_err *err) {
    sqlite3_stmt **slot = &typed->statements[which];
    if (*slot == NULL) {
        JL_AUTO(jl_buf) text = {0};
        enum jl_rc rc = put_text(typed, which, &text, err);
        if (rc == JL_OK) {
            rc = jl_buf_put_u8(&text, 0, err);
        }
        if (rc == JL_OK) {
            rc = jl_sql_prepare(store, (const char *)text.data, typed->name, slot, err);
        }
        if (rc != JL_OK) {
            return rc;
        }
    }
    JL_ASSERT(!sqlite3_stmt_busy(*slot));
    *out_sql = (struct jl_sql){.store = store, .stmt = *slot, .step = typed->name};
    return JL_OK;
}
