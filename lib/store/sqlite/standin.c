/* What a reader of an older file finds in place of the tables and columns that it lacks.
 *
 * A connection for reading changes nothing in the file. Temporary views, which live in its memory
 * and come before the file's tables, give what a migration would: no rows in a new table, and the
 * default in a new column. Another program may migrate the file at any time; then the file's schema
 * counter moves, and the views go before anything else is read. */
#include "standin.h"
#include "sql.h"
#include "store.h"

#include "jielian/base/rc.h"
#include "jielian/store/store.h"

/* See to_2_text and to_3_text in migrate.c. */
static const char *const fixed_3_text =
    "CREATE TEMP VIEW history AS SELECT *, 0 AS tag FROM main.history;"
    "CREATE TEMP VIEW author AS SELECT 0 AS rid, 0 AS field, 0 AS journal_seq, 0 AS device,"
    " 0 AS office, 0 AS made_ms, x'' AS staff WHERE 0;"
    "CREATE TEMP VIEW outbox AS SELECT *, NULL AS said FROM main.outbox;"
    "CREATE TEMP VIEW device AS SELECT *, 1 AS suite FROM main.device;";
static const char *const fixed_2_text =
    "CREATE TEMP VIEW journal AS SELECT *, x'' AS head FROM main.journal;"
    "CREATE TEMP VIEW held AS SELECT 0 AS journal_seq, 0 AS n, 0 AS device, 0 AS office,"
    " 0 AS type, x'' AS id WHERE 0;";
static const char *const word_new_text =
    "CREATE TEMP VIEW word_new AS SELECT 0 AS type, '' AS word, 0 AS rid WHERE 0;";

/* The one number that a statement gives, past all that looks at stand-ins. */
static enum jl_rc ask_number(struct jl_store *store, const char *text, int64_t *out_number,
                             struct jl_err *err) {
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v2(store->db, text, -1, &stmt, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(stmt);
    }
    *out_number = code == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
    sqlite3_finalize(stmt);
    return code == SQLITE_ROW ? JL_OK : jl_sql_fail(store, code, "reading the schema", err);
}

static enum jl_rc schema_counter(struct jl_store *store, int64_t *out_counter, struct jl_err *err) {
    return ask_number(store, "PRAGMA main.schema_version", out_counter, err);
}

static enum jl_rc make_fixed(struct jl_store *store, struct jl_err *err) {
    int64_t there = 0;
    enum jl_rc rc = jl_sql_exec(store, fixed_3_text, "reading an older store", err);
    if (rc != JL_OK || store->schema >= 2) {
        return rc;
    }
    rc = ask_number(store,
                    "SELECT count(*) FROM pragma_table_info('word_new', 'main')"
                    " WHERE name = 'word'",
                    &there, err);
    if (rc == JL_OK && there == 0) {
        rc = jl_sql_exec(store, word_new_text, "reading an older store", err);
    }
    return rc == JL_OK ? jl_sql_exec(store, fixed_2_text, "reading an older store", err) : rc;
}

enum jl_rc jl_standin_make(struct jl_store *store, struct jl_err *err) {
    if (store->schema >= JL_STORE_SCHEMA) {
        return JL_OK;
    }
    enum jl_rc rc = schema_counter(store, &store->standins_for, err);
    if (rc == JL_OK) {
        store->standins = true;
        rc = make_fixed(store, err);
    }
    return rc;
}

enum jl_rc jl_standin_stale(struct jl_store *store, bool *out_stale, struct jl_err *err) {
    int64_t counter = store->standins_for;
    enum jl_rc rc = store->standins ? schema_counter(store, &counter, err) : JL_OK;
    *out_stale = counter != store->standins_for;
    return rc;
}
