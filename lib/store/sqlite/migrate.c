/* A file of an older schema becomes one of this program's, when it is opened for writing.
 *
 *   BEGIN IMMEDIATE ─ version again ─ room? ─ copy to FILE.before-N ─ steps, user_version ─ COMMIT
 *
 * The copy is read through a second connection while the first holds the write lock: so it is the
 * very state that the steps start from, and of several programs that open the file at once one
 * migrates and the others find it done. Cut off anywhere, the file is as it was, and the next open
 * begins again with a new copy. N is JL_STORE_SCHEMA.
 *
 * The texts of the steps are never changed: they speak of files as they once were, and schema.c of
 * how they are today. A migrated file has the tables, columns and indexes of a new one
 * (tests/contract). */
#include "migrate.h"
#include "schema.h"
#include "sql.h"
#include "store.h"
#include "upkeep.h"

#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/store/migrate.h"
#include "jielian/store/store.h"
#include "jielian/store/upkeep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* What a migration writes beside its copy: pages of the schema, in the WAL and in the file. */
    MIGRATE_SLACK_BYTES = 1 << 20,
    MIB_BYTES = 1 << 20,
};

/* ---- Steps ---- */

/* word_new came without a number of its own, so some files of schema 1 have it. A column's default
 * is what entries of schema 1 have, and what a program of schema 1 that still has the file open
 * goes on writing. */
static const char *const to_2_text =
    "CREATE TABLE IF NOT EXISTS word_new("
    "type INTEGER NOT NULL, word TEXT NOT NULL, rid INTEGER NOT NULL,"
    " PRIMARY KEY(type, word, rid)) STRICT, WITHOUT ROWID;"
    "ALTER TABLE journal ADD COLUMN head BLOB NOT NULL DEFAULT x'';"
    "CREATE TABLE held("
    "journal_seq INTEGER NOT NULL, n INTEGER NOT NULL, device INTEGER NOT NULL,"
    " office INTEGER NOT NULL, type INTEGER NOT NULL, id BLOB NOT NULL,"
    " PRIMARY KEY(journal_seq, n)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX ix_held_record ON held(type, id);";

static const char *const to_2_names[] = {"word_new", "held", NULL};

/* A type of the program's own got a field (staff.locked). Its column is made with the tables, as
 * for a new catalogue; the number keeps out programs that would write such a row without it. Who
 * wrote what before this schema stands in the journal alone, and its lines have no tag. What was
 * refused keeps its code and arguments beside the text. Devices of before have keys of cipher suite
 * 1. */
static const char *const to_3_text =
    "ALTER TABLE history ADD COLUMN tag INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX ix_history_tag ON history(rid, tag) WHERE tag <> 0;"
    "CREATE TABLE author("
    "rid INTEGER NOT NULL, field INTEGER NOT NULL, journal_seq INTEGER NOT NULL,"
    " device INTEGER NOT NULL, office INTEGER NOT NULL, made_ms INTEGER NOT NULL,"
    " staff BLOB NOT NULL, PRIMARY KEY(rid, field)) STRICT, WITHOUT ROWID;"
    "ALTER TABLE outbox ADD COLUMN said BLOB;"
    "ALTER TABLE device ADD COLUMN suite INTEGER NOT NULL DEFAULT 1;";
static const char *const to_3_names[] = {"author", NULL};

struct step {
    uint32_t from;
    const char *const *names; /* tables that it brings; NULL ends the list */
    const char *text;
};

static const struct step steps[] = {
    {1, to_2_names, to_2_text},
    {2, to_3_names, to_3_text},
};
_Static_assert(sizeof steps / sizeof *steps == JL_STORE_SCHEMA - 1, "one step from each schema");

/* Only a typed table has a column `extra`. */
static enum jl_rc is_typed(struct jl_store *store, const char *name, bool *out_typed,
                           struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_TABLE_COLUMNS, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    *out_typed = false;
    jl_sql_text(&sql, jl_bytes_text(name));
    bool row = false;
    while ((rc = jl_sql_row(&sql, &row, err)) == JL_OK && row) {
        *out_typed = *out_typed || jl_bytes_is(jl_sql_get_bytes(&sql, 0), "extra");
    }
    return rc;
}

/* The catalogue had a type of that name while the store had no such table: the type's table takes
 * the name that it has from this schema on. */
static enum jl_rc make_way(struct jl_store *store, const char *name, struct jl_err *err) {
    bool typed = false;
    enum jl_rc rc = is_typed(store, name, &typed, err);
    if (rc != JL_OK || !typed) {
        return rc;
    }
    char text[2 * JL_STORE_NAME_MAX_BYTES + 64];
    sqlite3_snprintf(sizeof text, text, "ALTER TABLE \"%w\" RENAME TO \"%w" JL_SCHEMA_ASIDE "\"",
                     name, name);
    return jl_sql_exec(store, text, "migrating", err);
}

static enum jl_rc run_steps(struct jl_store *store, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (steps[i].from < store->schema) {
            continue;
        }
        for (const char *const *name = steps[i].names; rc == JL_OK && *name != NULL; name++) {
            rc = make_way(store, *name, err);
        }
        if (rc == JL_OK) {
            rc = jl_sql_exec(store, steps[i].text, "migrating", err);
        }
    }
    char text[64];
    (void)snprintf(text, sizeof text, "PRAGMA user_version = %d", (int)JL_STORE_SCHEMA);
    return rc == JL_OK ? jl_sql_exec(store, text, "migrating", err) : rc;
}

/* ---- The copy ---- */

/* FILE.before-N; the caller frees it. NULL: no memory. */
static char *copy_path(const struct jl_store *store) {
    size_t size = strlen(store->path) + 32;
    char *path = malloc(size);
    if (path != NULL) {
        (void)snprintf(path, size, "%s.before-%d", store->path, (int)JL_STORE_SCHEMA);
    }
    return path;
}

static enum jl_rc file_bytes(struct jl_store *store, uint64_t *out_bytes, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    bool row = false;
    enum jl_rc rc = jl_sql_make(store,
                                "SELECT page_count * page_size FROM pragma_page_count, "
                                "pragma_page_size",
                                "migrating", &sql, err);
    if (rc == JL_OK) {
        rc = jl_sql_row(&sql, &row, err);
    }
    if (rc == JL_OK) {
        *out_bytes = row ? jl_sql_get_u64(&sql, 0) : 0;
    }
    return rc;
}

static unsigned long long mib_of(uint64_t bytes) {
    return bytes / MIB_BYTES;
}

static enum jl_rc check_room(struct jl_store *store, struct jl_err *err) {
    uint64_t needed = 0;
    uint64_t bytes = 0;
    enum jl_rc rc = file_bytes(store, &needed, err);
    if (rc == JL_OK) {
        rc = jl_upkeep_disk_free(store, &bytes, err);
    }
    needed += MIGRATE_SLACK_BYTES;
    if (rc == JL_OK && bytes < needed) {
        rc = jl_fault_at(err, JL_IO, JL_FAULT_STORE_MIGRATE_ROOM, "%s" JL_AND "%llu" JL_AND "%llu",
                         store->path, mib_of(needed + MIB_BYTES - 1), mib_of(bytes));
    }
    return rc;
}

static enum jl_rc make_copy(struct jl_store *store, const char *path, struct jl_err *err) {
    sqlite3 *from = NULL;
    /* What a migration that was cut off has left: not the state that this one starts from. */
    enum jl_rc rc = jl_migrate_remove_copies(store->path, err);
    if (rc == JL_OK) {
        rc = check_room(store, err);
    }
    if (rc == JL_OK) {
        int code = sqlite3_open_v2(
            store->path, &from, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
            NULL);
        rc = code == SQLITE_OK ? JL_OK
                               : jl_sql_fault(store->path, NULL, code, "opening to copy", err);
    }
    if (rc == JL_OK) {
        rc = jl_upkeep_copy(store, from, path, err);
    }
    sqlite3_close(from);
    return rc;
}

/* ---- On open ---- */

static enum jl_rc migrate(struct jl_store *store, const char *path, struct jl_err *err) {
    enum jl_rc rc = jl_store_begin(store, true, err);
    if (rc == JL_OK) { /* another program may have been quicker, and be newer */
        rc = jl_store_look_at_ids(store, err);
    }
    if (rc == JL_OK && store->schema < JL_STORE_SCHEMA) {
        rc = make_copy(store, path, err);
        if (rc == JL_OK) {
            rc = run_steps(store, err);
        }
    }
    if (rc == JL_OK) {
        rc = jl_store_commit(store, err);
    }
    if (rc != JL_OK) {
        jl_store_rollback(store);
        return rc;
    }
    store->schema = JL_STORE_SCHEMA;
    return JL_OK;
}

enum jl_rc jl_migrate_run(struct jl_store *store, struct jl_err *err) {
    if (store->schema >= JL_STORE_SCHEMA) {
        return JL_OK;
    }
    char *path = copy_path(store);
    enum jl_rc rc = path != NULL ? migrate(store, path, err) : jl_fault_memory(err);
    free(path);
    return rc;
}

/* The copies of this and all earlier migrations, and what one that was cut off has left. */
enum jl_rc jl_migrate_remove_copies(const char *path, struct jl_err *err) {
    static const char *const endings[] = {"", ".part", ".part-journal", ".part-wal", ".part-shm"};
    enum jl_rc rc = JL_OK;
    for (int schema = 2; schema <= JL_STORE_SCHEMA; schema++) {
        for (size_t i = 0; rc == JL_OK && i < sizeof endings / sizeof endings[0]; i++) {
            char ending[48];
            (void)snprintf(ending, sizeof ending, ".before-%d%s", schema, endings[i]);
            rc = jl_store_remove_beside(path, ending, err);
        }
    }
    return rc;
}

enum jl_rc jl_migrate_forget(struct jl_store *store, struct jl_err *err) {
    /* A file of an older schema was not migrated; its copy may be in the making. */
    return store->schema < JL_STORE_SCHEMA ? JL_OK : jl_migrate_remove_copies(store->path, err);
}
