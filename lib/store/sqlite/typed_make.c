/* What the file lacks of a set of definitions: missing tables, columns and indexes.
 *
 * Looking costs two small reads a table and takes no write lock, for every program start does it;
 * only what is missing is written. Indexes are called ix_<table>$<column>; a $ occurs in no name,
 * so two tables cannot mean the same index; a table set aside (schema.c) has one at its end. */
#include "schema.h"
#include "sql.h"
#include "standin.h"
#include "store.h"

#include "jielian/base/arena.h"
#include "jielian/base/fault.h"
#include "jielian/base/value.h"
#include "jielian/store/store.h"

#include <stdio.h>
#include <string.h>

/* What the file has of one table. */
struct shape {
    bool there;
    bool extra_index;
    bool *columns;
    bool *indexes;
};

static const char *kind_sql(enum jl_value_kind kind) {
    switch (kind) {
    case JL_VALUE_INT:
        return "INTEGER";
    case JL_VALUE_TEXT:
        return "TEXT";
    case JL_VALUE_BYTES:
    case JL_VALUE_NULL:
        break;
    }
    return "BLOB";
}

/* What the file calls it. Before a table of the store's own took its name, a type had it. */
static const char *name_in_file(const struct jl_store *store, const struct jl_typed *typed,
                                char out_name[static JL_STORE_NAME_MAX_BYTES + 2]) {
    (void)snprintf(out_name, JL_STORE_NAME_MAX_BYTES + 2, "%s", typed->name);
    if (store->standins && store->schema < JL_SCHEMA_ASIDE_SINCE) {
        out_name[strcspn(out_name, JL_SCHEMA_ASIDE)] = '\0';
    }
    return out_name;
}

static enum jl_rc inspect_columns(struct jl_store *store, const struct jl_typed *typed,
                                  struct shape *shape, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_TABLE_COLUMNS, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    char file_name[JL_STORE_NAME_MAX_BYTES + 2];
    jl_sql_text(&sql, jl_bytes_text(name_in_file(store, typed, file_name)));
    bool row = false;
    while ((rc = jl_sql_row(&sql, &row, err)) == JL_OK && row) {
        shape->there = true;
        const char *name = (const char *)sqlite3_column_text(sql.stmt, 0);
        int at = name == NULL ? -1 : jl_typed_column(typed, name);
        if (at < 0) {
            continue;
        }
        const char *kind = kind_sql(typed->columns[at].kind);
        if (!jl_bytes_is(jl_sql_get_bytes(&sql, 1), kind)) {
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_STORE_KIND,
                               "%s" JL_AND "%s" JL_AND "%s" JL_AND "%s", store->path, typed->name,
                               name, kind);
        }
        shape->columns[at] = true;
    }
    return rc;
}

static enum jl_rc inspect_indexes(struct jl_store *store, const struct jl_typed *typed,
                                  struct shape *shape, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_TABLE_INDEXES, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    char file_name[JL_STORE_NAME_MAX_BYTES + 2];
    jl_sql_text(&sql, jl_bytes_text(name_in_file(store, typed, file_name)));
    bool row = false;
    while ((rc = jl_sql_row(&sql, &row, err)) == JL_OK && row) {
        const char *name = (const char *)sqlite3_column_text(sql.stmt, 0);
        const char *column = name == NULL ? NULL : strrchr(name, '$');
        if (column == NULL) {
            continue;
        }
        int at = jl_typed_column(typed, column + 1);
        if (at >= 0) {
            shape->indexes[at] = true;
        } else if (strcmp(column + 1, "extra") == 0) {
            shape->extra_index = true;
        }
    }
    return rc;
}

static bool complete(const struct jl_typed *typed, const struct shape *shape) {
    if (!shape->there || !shape->extra_index) {
        return false;
    }
    for (size_t i = 0; i < typed->column_count; i++) {
        if (!shape->columns[i] || (typed->columns[i].indexed && !shape->indexes[i])) {
            return false;
        }
    }
    return true;
}

/* One shape per table; *out_lacking is the first that is not complete, or NULL. */
static enum jl_rc inspect(struct jl_store *store, struct jl_typed_set *set, struct shape *shapes,
                          const struct jl_typed **out_lacking, struct jl_err *err) {
    *out_lacking = NULL;
    for (size_t i = 0; i < set->count; i++) {
        const struct jl_typed *typed = &set->items[i];
        bool *flags = jl_arena_zalloc(&set->arena, 2 * typed->column_count, sizeof(bool));
        if (flags == NULL) {
            return jl_fault_memory(err);
        }
        shapes[i] = (struct shape){.columns = flags, .indexes = flags + typed->column_count};
        enum jl_rc rc = inspect_columns(store, typed, &shapes[i], err);
        if (rc == JL_OK) {
            rc = inspect_indexes(store, typed, &shapes[i], err);
        }
        if (rc != JL_OK) {
            return rc;
        }
        if (*out_lacking == NULL && !complete(typed, &shapes[i])) {
            *out_lacking = typed;
        }
    }
    return JL_OK;
}

static enum jl_rc put_index(const struct jl_typed *typed, const char *column, struct jl_buf *sql,
                            struct jl_err *err) {
    return jl_buf_printf(
        sql, err, "CREATE INDEX \"ix_%s$%s\" ON \"%s\"(\"%s\") WHERE \"%s\" IS NOT NULL;",
        typed->name, column, typed->name, strcmp(column, "extra") == 0 ? "rid" : column, column);
}

/* The statements that complete one table. */
static enum jl_rc put_changes(const struct jl_typed *typed, const struct shape *shape,
                              struct jl_buf *sql, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    if (!shape->there) {
        rc = jl_buf_printf(sql, err, "CREATE TABLE \"%s\"(rid INTEGER PRIMARY KEY", typed->name);
    }
    for (size_t i = 0; i < typed->column_count && rc == JL_OK; i++) {
        const char *name = typed->columns[i].name;
        const char *kind = kind_sql(typed->columns[i].kind);
        if (!shape->there) {
            rc = jl_buf_printf(sql, err, ", \"%s\" %s", name, kind);
        } else if (!shape->columns[i]) {
            rc = jl_buf_printf(sql, err, "ALTER TABLE \"%s\" ADD COLUMN \"%s\" %s;", typed->name,
                               name, kind);
        }
    }
    if (rc == JL_OK && !shape->there) {
        rc = jl_buf_put_text(sql, ", extra BLOB) STRICT;", err);
    }
    for (size_t i = 0; i < typed->column_count && rc == JL_OK; i++) {
        if (typed->columns[i].indexed && !shape->indexes[i]) {
            rc = put_index(typed, typed->columns[i].name, sql, err);
        }
    }
    if (rc == JL_OK && !shape->extra_index) {
        rc = put_index(typed, "extra", sql, err);
    }
    return rc;
}

static enum jl_rc apply(struct jl_store *store, const struct jl_typed_set *set,
                        const struct shape *shapes, struct jl_err *err) {
    for (size_t i = 0; i < set->count; i++) {
        if (complete(&set->items[i], &shapes[i])) {
            continue;
        }
        JL_AUTO(jl_buf) sql = {0};
        enum jl_rc rc = put_changes(&set->items[i], &shapes[i], &sql, err);
        if (rc == JL_OK) {
            rc = jl_buf_put_u8(&sql, 0, err);
        }
        if (rc == JL_OK) {
            rc = jl_sql_exec(store, (const char *)sql.data, "making a table", err);
        }
        if (rc != JL_OK) {
            jl_store_spoil(store, rc);
            (void)jl_fault_wrap(err, JL_FAULT_STORE_TABLE, "%s", set->items[i].name);
            return rc;
        }
    }
    return JL_OK;
}

/* A missing index only costs time. */
static bool readable(const struct jl_store *store, const struct jl_typed *typed,
                     const struct shape *shape) {
    char file_name[JL_STORE_NAME_MAX_BYTES + 2];
    bool whole = shape->there && strcmp(name_in_file(store, typed, file_name), typed->name) == 0;
    for (size_t i = 0; i < typed->column_count; i++) {
        whole = whole && shape->columns[i];
    }
    return whole;
}

static enum jl_rc stand_in(struct jl_store *store, const struct jl_typed_set *set,
                           const struct shape *shapes, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; i < set->count && rc == JL_OK; i++) {
        const struct jl_typed *typed = &set->items[i];
        char file_name[JL_STORE_NAME_MAX_BYTES + 2];
        if (!readable(store, typed, &shapes[i])) {
            rc = jl_standin_typed(store, typed,
                                  shapes[i].there ? name_in_file(store, typed, file_name) : NULL,
                                  shapes[i].columns, err);
        }
    }
    return rc;
}

enum jl_rc jl_typed_make(struct jl_store *store, struct jl_typed_set *set, struct jl_err *err) {
    struct shape *shapes = jl_arena_zalloc(&set->arena, set->count, sizeof *shapes);
    if (shapes == NULL) {
        return jl_fault_memory(err);
    }
    const struct jl_typed *lacking = NULL;
    enum jl_rc rc = inspect(store, set, shapes, &lacking, err);
    if (rc != JL_OK || lacking == NULL) {
        return rc;
    }
    if (store->standins) {
        return stand_in(store, set, shapes, err);
    }
    if (store->mode == JL_STORE_READ) {
        return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_STORE_TABLE_LACKS,
                           "%s" JL_AND "%s" JL_AND "%s", store->path, lacking->name,
                           store->application_id == JL_STORE_OFFICE_ID ? "jielian-office sync"
                                                                       : "jielian-district serve");
    }
    bool own = store->tx == JL_TX_NONE;
    if (own) {
        rc = jl_store_begin(store, true, err);
        if (rc == JL_OK) { /* another connection may have made them since */
            rc = inspect(store, set, shapes, &lacking, err);
        }
    } else {
        rc = jl_store_writable(store, err);
    }
    if (rc == JL_OK) {
        rc = apply(store, set, shapes, err);
    }
    if (own && rc == JL_OK) {
        rc = jl_store_commit(store, err);
    }
    if (own && rc != JL_OK) {
        jl_store_rollback(store);
    }
    return rc;
}
