/* Typed tables: one per record type of the catalogue, with its statements, prepared at first use.
 * Inside lib/store/sqlite only.
 *
 * Thread: the store's. */
#ifndef JIELIAN_LIB_STORE_SQLITE_TYPED_H
#define JIELIAN_LIB_STORE_SQLITE_TYPED_H

#include "jielian/base/arena.h"
#include "jielian/store/store.h"

#include <sqlite3.h>

struct jl_sql;
struct jl_store;

enum jl_typed_sql {
    JL_TYPED_GET,
    JL_TYPED_INSERT,
    JL_TYPED_UPDATE_PLAIN, /* columns without an index, so that no index is touched */
    JL_TYPED_UPDATE_ALL,
    JL_TYPED_DELETE,
    JL_TYPED_SQL_COUNT
};

/* One type's table and its statements, prepared at first use. */
struct jl_typed {
    uint32_t type;
    const char *name;
    const struct jl_store_column *columns;
    size_t column_count;
    sqlite3_stmt *statements[JL_TYPED_SQL_COUNT];
    sqlite3_stmt **finders; /* one per column */
};

/* A whole set of definitions: everything but the statements lives in its arena. */
struct jl_typed_set {
    struct jl_arena arena;
    struct jl_typed *items; /* ascending by type */
    size_t count;
};

/* Make what the file lacks; in read mode JL_NOT_FOUND. */
JL_MUST_CHECK enum jl_rc jl_typed_make(struct jl_store *store, struct jl_typed_set *set,
                                       struct jl_err *err);

void jl_typed_set_free(struct jl_typed_set *set);
/* NULL when the type has no table. Cost: binary search. */
struct jl_typed *jl_typed_of(const struct jl_store *store, uint32_t type);
JL_MUST_CHECK enum jl_rc jl_typed_open(struct jl_store *store, struct jl_typed *typed,
                                       enum jl_typed_sql which, struct jl_sql *out_sql,
                                       struct jl_err *err);
/* Append `, "a", "b"` with prefix before each name. */
JL_MUST_CHECK enum jl_rc jl_typed_columns(const struct jl_typed *typed, const char *prefix,
                                          struct jl_buf *out, struct jl_err *err);
/* The column's place, or -1. */
int jl_typed_column(const struct jl_typed *typed, const char *name);

#endif
