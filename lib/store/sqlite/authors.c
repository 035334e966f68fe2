/* Who set a field to the value that stands. */
#include "sql.h"
#include "store.h"

#include "jielian/base/arena.h"
#include "jielian/base/fault.h"
#include "jielian/store/authors.h"

#include <string.h>

enum jl_rc jl_authors_put(struct jl_store *store, const struct jl_author_entry *author,
                          struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_AUTHOR_PUT, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, author->rid);
    jl_sql_int(&sql, author->field);
    jl_sql_seq(&sql, author->journal_seq);
    jl_sql_int(&sql, author->device);
    jl_sql_int(&sql, author->office);
    jl_sql_int(&sql, author->made_ms);
    jl_sql_blob(&sql, author->staff);
    return jl_sql_run(&sql, err);
}

enum jl_rc jl_authors_forget(struct jl_store *store, int64_t rid, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_AUTHOR_FORGET, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    return jl_sql_run(&sql, err);
}

enum jl_rc jl_authors_of(struct jl_store *store, int64_t rid, struct jl_arena *arena,
                         struct jl_author_entry **out_authors, size_t *out_count,
                         struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    struct jl_author_entry *authors = NULL;
    size_t count = 0;
    size_t capacity = 0;
    bool row = false;
    enum jl_rc rc = jl_sql_open(store, JL_SQL_AUTHOR_OF, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    while ((rc = jl_sql_row(&sql, &row, err)) == JL_OK && row) {
        authors = jl_arena_grow(arena, authors, count, &capacity, sizeof *authors);
        if (authors == NULL) {
            return jl_fault_memory(err);
        }
        struct jl_author_entry *author = &authors[count++];
        *author = (struct jl_author_entry){.rid = rid,
                                           .field = jl_sql_get_u32(&sql, 1),
                                           .journal_seq = jl_sql_get_u64(&sql, 2),
                                           .device = jl_sql_get_u32(&sql, 3),
                                           .office = jl_sql_get_u32(&sql, 4),
                                           .made_ms = jl_sql_get_int(&sql, 5)};
        rc = jl_arena_dup(arena, jl_sql_get_bytes(&sql, 6), &author->staff, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    if (rc == JL_OK) {
        *out_authors = authors;
        *out_count = count;
    }
    return rc;
}
