#include "plain.h"

#include "jielian/base/arena.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    TABLES_MAX = 300,
    RECORDS_PER_TRANSACTION = 20000,
    RUNS = 2,
    SQL_BYTES = 16 * 1024,
};

struct cell {
    int kind; /* SQLITE_INTEGER … SQLITE_NULL */
    uint32_t size;
    union {
        int64_t number;
        const void *data;
    } as;
};

struct table {
    char name[64];
    bool by_journal; /* the key is a journal seq, not a rid */
    size_t columns;
    size_t count, capacity;
    int64_t *keys; /* ascending */
    struct cell *cells;
    sqlite3_stmt *insert;
    size_t next;
};

struct plain {
    struct jl_arena arena;
    struct table tables[TABLES_MAX];
    size_t count;
    char schema[TABLES_MAX * 1024];
};

static sqlite3 *open_db(const char *path, int flags) {
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(path, &db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
        bench_fail("%s: %s", path, db == NULL ? "no memory" : sqlite3_errmsg(db));
    }
    return db;
}

static void run_sql(sqlite3 *db, const char *sql) {
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        bench_fail("plain: %s: %.80s", sqlite3_errmsg(db), sql);
    }
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK) {
        bench_fail("plain: %s: %.80s", sqlite3_errmsg(db), sql);
    }
    return statement;
}

static int64_t one_number(sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement = prepare(db, sql);
    if (sqlite3_step(statement) != SQLITE_ROW) {
        bench_fail("plain: %s: %s", sqlite3_errmsg(db), sql);
    }
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

void plain_mark(const char *folder, struct plain_mark *out_mark) {
    char path[BENCH_PATH_BYTES];
    bench_path(folder, "jielian.db", path);
    sqlite3 *db = open_db(path, SQLITE_OPEN_READONLY);
    out_mark->rid = one_number(db, "SELECT coalesce(max(rid), 0) FROM record");
    out_mark->journal = one_number(db, "SELECT coalesce(max(seq), 0) FROM journal");
    sqlite3_close(db);
}

/* ---- Reading ---- */

/* Tables that a path may leave alone; all others are record, word and those of the types. */
static bool is_wanted(const char *name, enum plain_kind kind) {
    static const struct {
        const char *name;
        enum plain_kind kind; /* FRESH: never */
    } others[] = {
        {"outbox", PLAIN_OFFICE},    {"feed", PLAIN_DISTRICT},    {"history", PLAIN_DISTRICT},
        {"journal", PLAIN_DISTRICT}, {"loose", PLAIN_FRESH},      {"meta", PLAIN_FRESH},
        {"base", PLAIN_FRESH},       {"received", PLAIN_FRESH},   {"device", PLAIN_FRESH},
        {"origin", PLAIN_FRESH},     {"invitation", PLAIN_FRESH}, {"quarantine", PLAIN_FRESH},
        {"held", PLAIN_FRESH},
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (strcmp(name, others[i].name) == 0) {
            return kind != PLAIN_FRESH && kind == others[i].kind;
        }
    }
    return strncmp(name, "sqlite_", 7) != 0;
}

static void grow(struct table *table) {
    table->capacity = table->capacity == 0 ? 1024 : 2 * table->capacity;
    table->keys = realloc(table->keys, table->capacity * sizeof *table->keys);
    table->cells = realloc(table->cells, table->capacity * table->columns * sizeof *table->cells);
    if (table->keys == NULL || table->cells == NULL) {
        bench_fail("no memory for the rows of %s", table->name);
    }
}

static void keep_cell(struct plain *plain, sqlite3_stmt *row, int column, struct cell *cell) {
    struct jl_bytes copy = {0};
    cell->kind = sqlite3_column_type(row, column);
    cell->size = 0;
    if (cell->kind == SQLITE_INTEGER) {
        cell->as.number = sqlite3_column_int64(row, column);
    } else if (cell->kind != SQLITE_NULL) {
        const void *data = sqlite3_column_blob(row, column);
        size_t size = (size_t)sqlite3_column_bytes(row, column);
        BENCH_MUST(jl_arena_dup(&plain->arena, jl_bytes(data, size), &copy, &err));
        cell->size = (uint32_t)size;
        cell->as.data = size > 0 ? (const void *)copy.data : "";
    }
}

static void read_table(struct plain *plain, sqlite3 *db, struct table *table,
                       const struct plain_mark *after) {
    char sql[256];
    const char *key = table->by_journal ? "seq" : "rid";
    (void)snprintf(sql, sizeof sql, "SELECT %s, * FROM \"%s\" WHERE %s > %lld ORDER BY %s", key,
                   table->name, key, (long long)(table->by_journal ? after->journal : after->rid),
                   key);
    sqlite3_stmt *row = prepare(db, sql);
    table->columns = (size_t)sqlite3_column_count(row) - 1;
    int code;
    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        if (table->count == table->capacity) {
            grow(table);
        }
        table->keys[table->count] = sqlite3_column_int64(row, 0);
        for (size_t i = 0; i < table->columns; i++) {
            keep_cell(plain, row, (int)i + 1, &table->cells[table->count * table->columns + i]);
        }
        table->count++;
    }
    if (code != SQLITE_DONE) {
        bench_fail("plain: %s: %s", table->name, sqlite3_errmsg(db));
    }
    sqlite3_finalize(row);
}

static void add_schema(struct plain *plain, const char *sql) {
    size_t size = strlen(plain->schema);
    if (size + strlen(sql) + 2 > sizeof plain->schema) {
        bench_fail("plain: the schema is too long");
    }
    (void)sprintf(plain->schema + size, "%s;", sql);
}

/* The tables in the order of the file: record comes first, so each record begins with its head. */
static void read_all(struct plain *plain, sqlite3 *db, enum plain_kind kind,
                     const struct plain_mark *after) {
    sqlite3_stmt *row = prepare(db, "SELECT type, name, tbl_name, sql FROM sqlite_schema"
                                    " WHERE sql IS NOT NULL ORDER BY type DESC, rowid");
    while (sqlite3_step(row) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(row, 2);
        if (!is_wanted(name, kind)) {
            continue;
        }
        add_schema(plain, (const char *)sqlite3_column_text(row, 3));
        if (strcmp((const char *)sqlite3_column_text(row, 0), "table") != 0) {
            continue;
        }
        if (plain->count == TABLES_MAX) {
            bench_fail("plain: more than %d tables", TABLES_MAX);
        }
        struct table *table = &plain->tables[plain->count++];
        (void)snprintf(table->name, sizeof table->name, "%s", name);
        table->by_journal = strcmp(name, "journal") == 0;
        read_table(plain, db, table, after);
        if (table->count == 0) {
            plain->count--; /* nothing to insert; the table is made all the same */
        }
    }
    sqlite3_finalize(row);
}

/* ---- Writing ---- */

static void prepare_insert(sqlite3 *db, struct table *table) {
    char sql[SQL_BYTES];
    int size = snprintf(sql, sizeof sql, "INSERT INTO \"%s\" VALUES(?", table->name);
    for (size_t i = 1; i < table->columns; i++) {
        size += snprintf(sql + size, sizeof sql - (size_t)size, ",?");
    }
    (void)snprintf(sql + size, sizeof sql - (size_t)size, ")");
    table->insert = prepare(db, sql);
    table->next = 0;
}

static void insert_row(sqlite3 *db, struct table *table) {
    const struct cell *cells = &table->cells[table->next * table->columns];
    for (size_t i = 0; i < table->columns; i++) {
        int at = (int)i + 1;
        switch (cells[i].kind) {
        case SQLITE_INTEGER:
            (void)sqlite3_bind_int64(table->insert, at, cells[i].as.number);
            break;
        case SQLITE_TEXT:
            (void)sqlite3_bind_text(table->insert, at, cells[i].as.data, (int)cells[i].size,
                                    SQLITE_STATIC);
            break;
        case SQLITE_BLOB:
            (void)sqlite3_bind_blob(table->insert, at, cells[i].as.data, (int)cells[i].size,
                                    SQLITE_STATIC);
            break;
        default:
            (void)sqlite3_bind_null(table->insert, at);
            break;
        }
    }
    if (sqlite3_step(table->insert) != SQLITE_DONE) {
        bench_fail("plain: %s: %s", table->name, sqlite3_errmsg(db));
    }
    (void)sqlite3_reset(table->insert);
    table->next++;
}

/* Journal entries have no rid: they are spread evenly among the records. */
static bool is_due(const struct table *table, int64_t rid, double share) {
    if (table->next == table->count) {
        return false;
    }
    return table->by_journal ? (double)table->next < share * (double)table->count
                             : table->keys[table->next] <= rid;
}

static void insert_all(struct plain *plain, sqlite3 *db) {
    const struct table *records = &plain->tables[0];
    run_sql(db, "BEGIN");
    for (size_t i = 0; i < records->count; i++) {
        double share = (double)(i + 1) / (double)records->count;
        int64_t rid = records->keys[i];
        for (size_t t = 0; t < plain->count; t++) {
            while (is_due(&plain->tables[t], rid, share)) {
                insert_row(db, &plain->tables[t]);
            }
        }
        if ((i + 1) % RECORDS_PER_TRANSACTION == 0) {
            run_sql(db, "COMMIT; BEGIN");
        }
    }
    run_sql(db, "COMMIT");
}

static void remove_db(const char *path) {
    static const char *const endings[] = {"", "-wal", "-shm"};
    char name[BENCH_PATH_BYTES + 8];
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        (void)snprintf(name, sizeof name, "%s%s", path, endings[i]);
        (void)unlink(name);
    }
}

static double write_once(struct plain *plain, const char *path) {
    remove_db(path);
    sqlite3 *db = open_db(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    run_sql(db, "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                "PRAGMA cache_size = -262144; PRAGMA temp_store = MEMORY;"
                "PRAGMA wal_autocheckpoint = 4000;");
    run_sql(db, plain->schema);
    for (size_t t = 0; t < plain->count; t++) {
        prepare_insert(db, &plain->tables[t]);
    }
    double start = bench_now();
    insert_all(plain, db);
    for (size_t t = 0; t < plain->count; t++) {
        sqlite3_finalize(plain->tables[t].insert);
    }
    if (sqlite3_close(db) != SQLITE_OK) {
        bench_fail("plain: the file can't be closed");
    }
    double seconds = bench_now() - start;
    remove_db(path);
    return seconds;
}

void plain_run(const struct bench *bench, const char *folder, enum plain_kind kind,
               const struct plain_mark *after, struct plain_result *out_result) {
    struct plain *plain = bench_alloc(1, sizeof *plain);
    char path[BENCH_PATH_BYTES];
    bench_path(folder, "jielian.db", path);
    sqlite3 *db = open_db(path, SQLITE_OPEN_READONLY);
    run_sql(db, "BEGIN");
    read_all(plain, db, kind, after);
    sqlite3_close(db);
    if (plain->count == 0 || strcmp(plain->tables[0].name, "record") != 0) {
        bench_fail("%s: no new records to compare with", path);
    }
    *out_result = (struct plain_result){.records = plain->tables[0].count};
    bench_path(bench->folder, "plain.db", path);
    for (int i = 0; i < RUNS; i++) {
        double seconds = write_once(plain, path);
        out_result->seconds =
            i == 0 || seconds < out_result->seconds ? seconds : out_result->seconds;
    }
    for (size_t t = 0; t < plain->count; t++) {
        out_result->rows += plain->tables[t].count;
        free(plain->tables[t].keys);
        free(plain->tables[t].cells);
    }
    jl_arena_fini(&plain->arena);
    free(plain);
    bench_say("plain: %llu records, %llu rows of all tables, %.2f s",
              (unsigned long long)out_result->records, (unsigned long long)out_result->rows,
              out_result->seconds);
}
