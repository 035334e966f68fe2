/* Opening and creating the file. */
#include "migrate.h"
#include "reading.h"
#include "schema.h"
#include "sql.h"
#include "standin.h"
#include "store.h"

#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum jl_rc create_file(const char *path, struct jl_err *err) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        if (errno == EEXIST) {
            return jl_fault_at(err, JL_CONFLICT, JL_FAULT_FILE_EXISTS, "%s", path);
        }
        return jl_fault_system(err, JL_IO, JL_FAULT_FILE_CREATE, errno, "%s", path);
    }
    if (close(fd) != 0) {
        return jl_fault_system(err, JL_IO, JL_FAULT_FILE_WRITE, errno, "%s", path);
    }
    return JL_OK;
}

static enum jl_rc find_file(const char *path, struct jl_err *err) {
    struct stat info;
    if (stat(path, &info) != 0) {
        return jl_fault_system(err, errno == ENOENT ? JL_NOT_FOUND : JL_IO, JL_FAULT_FILE_LOOK,
                               errno, "%s", path);
    }
    if (!S_ISREG(info.st_mode)) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_STORE_NO_FILE, "%s", path);
    }
    return JL_OK;
}

/* After a commit: so many frames are in the WAL now. */
static int note_frames(void *context, sqlite3 *db, const char *name, int frames) {
    struct jl_store *store = context;
    (void)db;
    (void)name;
    store->wal_frames = frames;
    return SQLITE_OK;
}

/* Settings of this connection; they change nothing in the file. */
static enum jl_rc configure(struct jl_store *store, const struct jl_store_options *options,
                            struct jl_err *err) {
    uint32_t busy_ms = options->busy_ms != 0 ? options->busy_ms : JL_STORE_BUSY_MS;
    uint32_t cache_kib = options->cache_kib != 0 ? options->cache_kib : JL_STORE_CACHE_KIB;
    store->busy_ms = busy_ms > INT32_MAX ? INT32_MAX : (int)busy_ms;
    (void)sqlite3_busy_timeout(store->db, store->busy_ms);
    static const int switches[][2] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},   {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},     {SQLITE_DBCONFIG_DQS_DML, 0},
        {SQLITE_DBCONFIG_ENABLE_FKEY, 0}, {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
        {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
    };
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++) {
        int code = sqlite3_db_config(store->db, switches[i][0], switches[i][1], (int *)NULL);
        if (code != SQLITE_OK) {
            return jl_sql_fail(store, code, "setting up", err);
        }
    }
    /* No mmap: a file cut short under a mapping kills the program instead of giving an error. */
    jl_buf_reset(&store->scratch);
    enum jl_rc rc = jl_buf_printf(
        &store->scratch, err,
        "PRAGMA cache_size = -%u; PRAGMA temp_store = MEMORY; PRAGMA synchronous = %s;"
        "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA wal_autocheckpoint = 0;"
        "PRAGMA journal_size_limit = %d;",
        (unsigned)cache_kib, options->relaxed ? "NORMAL" : "FULL", (int)JL_STORE_WAL_KEEP_BYTES);
    if (rc == JL_OK) {
        rc = jl_buf_put_u8(&store->scratch, 0, err);
    }
    if (rc == JL_OK) {
        rc = jl_sql_exec(store, (const char *)store->scratch.data, "setting up", err);
    }
    (void)sqlite3_wal_hook(store->db, note_frames, store); /* takes the place of none */
    return rc;
}

/* The tables are made under a rollback journal, so that the header is in the file itself before
 * WAL mode begins. */
static enum jl_rc create_schema(struct jl_store *store, struct jl_err *err) {
    jl_buf_reset(&store->scratch);
    enum jl_rc rc = jl_buf_printf(&store->scratch, err,
                                  "PRAGMA page_size = %d; BEGIN IMMEDIATE; %s"
                                  "PRAGMA application_id = %u; PRAGMA user_version = %d; COMMIT;",
                                  (int)JL_STORE_PAGE_BYTES, jl_schema_text,
                                  (unsigned)store->application_id, (int)JL_STORE_SCHEMA);
    if (rc == JL_OK) {
        rc = jl_buf_put_u8(&store->scratch, 0, err);
    }
    return rc == JL_OK ? jl_sql_exec(store, (const char *)store->scratch.data, "creating", err)
                       : rc;
}

static enum jl_rc use_wal(struct jl_store *store, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_make(store, "PRAGMA journal_mode = WAL", "opening", &sql, err);
    bool row = false;
    if (rc == JL_OK) {
        rc = jl_sql_row(&sql, &row, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    if (!row || !jl_bytes_is(jl_sql_get_bytes(&sql, 0), "wal")) {
        return jl_fault_at(err, JL_IO, JL_FAULT_STORE_DISK, "%s", store->path);
    }
    return JL_OK;
}

static enum jl_rc open_db(struct jl_store *store, const struct jl_store_options *options,
                          struct jl_err *err) {
    bool reads = store->mode == JL_STORE_READ || store->mode == JL_STORE_READ_COPY;
    int flags = reads ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    int code = sqlite3_open_v2(store->path, &store->db,
                               flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code != SQLITE_OK) {
        return jl_sql_fail(store, code, "opening", err);
    }
    if (!reads && sqlite3_db_readonly(store->db, "main") == 1) {
        /* SQLite falls back to reading without a word; the first write would be the one to say so.
         */
        return jl_fault_at(err, JL_IO, JL_FAULT_STORE_READ_ONLY, "%s", store->path);
    }
    enum jl_rc rc = store->mode == JL_STORE_CREATE ? JL_OK : jl_store_check_header(store, err);
    if (rc == JL_OK && store->mode == JL_STORE_READ_COPY) {
        rc = jl_reading_copy(store, err);
        store->mode = JL_STORE_READ;
    }
    if (rc == JL_OK) {
        rc = configure(store, options, err);
    }
    if (rc == JL_OK && store->mode == JL_STORE_CREATE) {
        rc = create_schema(store, err);
    }
    if (rc == JL_OK) {
        rc = jl_store_look_at_ids(store, err);
    }
    if (rc == JL_OK) {
        rc =
            store->mode == JL_STORE_READ ? jl_standin_make(store, err) : jl_migrate_run(store, err);
    }
    if (rc == JL_OK && store->mode != JL_STORE_READ) {
        rc = use_wal(store, err);
    }
    if (rc == JL_OK) {
        rc = jl_store_version(store, &store->seen_version, err);
    }
    return rc;
}

enum jl_rc jl_store_open(const char *path, const struct jl_store_options *options,
                         struct jl_store **out_store, struct jl_err *err) {
    enum jl_rc rc =
        options->mode == JL_STORE_CREATE ? create_file(path, err) : find_file(path, err);
    if (rc != JL_OK) {
        return rc;
    }
    JL_AUTO_PTR(jl_store) store = calloc(1, sizeof *store);
    if (store != NULL) {
        store->look = jl_standin_look;
        store->mode = options->mode;
        store->application_id = options->application_id;
        store->words_new = -1;
        store->words_new_max =
            options->words_new_max != 0 ? options->words_new_max : JL_STORE_WORDS_NEW_MAX;
        store->path = strdup(path);
    }
    if (store == NULL || store->path == NULL) {
        rc = jl_fault_memory(err);
    } else {
        rc = open_db(store, options, err);
    }
    if (rc != JL_OK) {
        if (options->mode == JL_STORE_CREATE) {
            jl_store_close(store);
            store = NULL;
            struct jl_err ignored; /* what went wrong first is what counts */
            (void)!jl_store_remove(path, &ignored);
        }
        return rc;
    }
    *out_store = store;
    store = NULL;
    return JL_OK;
}

enum jl_rc jl_store_remove(const char *path, struct jl_err *err) {
    static const char *const endings[] = {"", "-journal", "-wal", "-shm"};
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < sizeof endings / sizeof endings[0]; i++) {
        rc = jl_store_remove_beside(path, endings[i], err);
    }
    return rc == JL_OK ? jl_migrate_remove_copies(path, err) : rc;
}
