/* Which tables of a damaged file can't be read, or are not what their indexes say.
 *
 * Each table is asked for by itself, so that one bad page does not hide what is sound; what a table
 * holds beyond its tree (overflow pages) is read too. */
#include "sql.h"
#include "store.h"

#include "jielian/base/arena.h"
#include "jielian/base/fault.h"
#include "jielian/store/findings.h"

#include <stdio.h>
#include <string.h>

enum { TABLES_MAX = 512, TEXT_MAX = 200 };

static enum jl_rc table_names(struct jl_store *store, struct jl_arena *arena,
                              const char **out_names, size_t *out_count, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    bool row = false;
    *out_count = 0;
    enum jl_rc rc =
        jl_sql_make(store, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
                    "verify", &sql, err);
    while (rc == JL_OK) {
        rc = jl_sql_row(&sql, &row, err);
        if (rc != JL_OK || !row) {
            return rc;
        }
        if (*out_count == TABLES_MAX) {
            return jl_fault_at(err, JL_CORRUPT, JL_FAULT_STORE_DAMAGED,
                               "%s" JL_AND "more than %d tables", store->path, (int)TABLES_MAX);
        }
        const char *name = (const char *)sqlite3_column_text(sql.stmt, 0);
        name = jl_arena_printf(arena, "%s", name != NULL ? name : "");
        if (name == NULL) {
            return jl_fault_memory(err);
        }
        out_names[(*out_count)++] = name;
    }
    return rc;
}

/* The first row that a statement answers, as text; "" for none. What SQLite can't read is told in
 * the text too. */
static enum jl_rc ask(struct jl_store *store, const char *text, char out_text[static TEXT_MAX],
                      struct jl_err *err) {
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v2(store->db, text, -1, &stmt, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(stmt);
    }
    const char *answer = code == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) : "";
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        answer = sqlite3_errstr(code);
    }
    snprintf(out_text, TEXT_MAX, "%.*s", TEXT_MAX - 1, answer != NULL ? answer : "");
    sqlite3_finalize(stmt);
    enum jl_rc rc = code == SQLITE_ROW || code == SQLITE_DONE ? JL_OK : jl_sql_rc(code);
    return rc == JL_OK || rc == JL_CORRUPT ? JL_OK : jl_sql_fail(store, code, "verify", err);
}

/* Every cell of every row, past all indexes. */
static bool rows_are_whole(struct jl_store *store, const char *name) {
    char text[TEXT_MAX];
    sqlite3_stmt *stmt = NULL;
    sqlite3_snprintf(sizeof text, text, "SELECT * FROM main.\"%w\" NOT INDEXED", name);
    int code = sqlite3_prepare_v2(store->db, text, -1, &stmt, NULL);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(stmt);
        for (int i = 0; code == SQLITE_ROW && i < sqlite3_column_count(stmt); i++) {
            if (sqlite3_column_type(stmt, i) != SQLITE_NULL &&
                sqlite3_column_blob(stmt, i) == NULL && sqlite3_column_bytes(stmt, i) > 0) {
                code = SQLITE_CORRUPT;
            }
        }
    }
    sqlite3_finalize(stmt);
    return code == SQLITE_DONE;
}

static enum jl_rc check_table(struct jl_store *store, const char *name, jl_finding_fn visit,
                              void *context, size_t *found, struct jl_err *err) {
    char text[TEXT_MAX];
    char answer[TEXT_MAX];
    sqlite3_snprintf(sizeof text, text, "PRAGMA main.integrity_check(\"%w\")", name);
    enum jl_rc rc = ask(store, text, answer, err);
    bool whole = rc == JL_OK && rows_are_whole(store, name);
    if (rc != JL_OK || (whole && strcmp(answer, "ok") == 0)) {
        return rc;
    }
    ++*found;
    const struct jl_finding finding = {.table = name, .rows_whole = whole, .text = answer};
    return visit(context, &finding, err);
}

enum jl_rc jl_findings_visit(struct jl_store *store, jl_finding_fn visit, void *context,
                             struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    const char *names[TABLES_MAX];
    char answer[TEXT_MAX];
    size_t count = 0;
    size_t found = 0;
    enum jl_rc rc = table_names(store, &arena, names, &count, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rc = check_table(store, names[i], visit, context, &found, err);
    }
    if (rc == JL_OK && found == 0) {
        rc = ask(store, "PRAGMA integrity_check(1)", answer, err);
        const struct jl_finding finding = {.rows_whole = true, .text = answer};
        if (rc == JL_OK && strcmp(answer, "ok") != 0) {
            rc = visit(context, &finding, err);
        }
    }
    return rc;
}
