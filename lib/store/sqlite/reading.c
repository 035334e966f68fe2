/* A reader that takes long reads a copy: its own snapshot of the file would keep the WAL from being
 * moved in, and a WAL that only grows fills the disk and makes every reader slow.
 *
 *   PATH.reading-PID ── all pages, in one go ──> opened, removed: gone with its reader
 *
 * The snapshot is held for as long as copying takes. What a program that was killed meanwhile has
 * left goes when the next copy is made. Who may not write into the folder reads the file itself. */
#include "reading.h"
#include "sql.h"
#include "store.h"
#include "upkeep.h"

#include "jielian/base/fault.h"
#include "jielian/base/rc.h"
#include "jielian/store/upkeep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MIB_BYTES = 1 << 20 };

#define ENDING ".reading-"

static unsigned long long mib_of(uint64_t bytes) {
    return bytes / MIB_BYTES;
}

static enum jl_rc check_room(struct jl_store *store, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    bool row = false;
    uint64_t free_bytes = 0;
    enum jl_rc rc = jl_sql_make(store,
                                "SELECT page_count * page_size FROM pragma_page_count, "
                                "pragma_page_size",
                                "copying", &sql, err);
    if (rc == JL_OK) {
        rc = jl_sql_row(&sql, &row, err);
    }
    if (rc == JL_OK) {
        rc = jl_upkeep_disk_free(store, &free_bytes, err);
    }
    uint64_t needed = rc == JL_OK && row ? jl_sql_get_u64(&sql, 0) : 0;
    return rc == JL_OK && free_bytes < needed
               ? jl_fault_at(err, JL_IO, JL_FAULT_STORE_READ_ROOM, "%s" JL_AND "%llu" JL_AND "%llu",
                             store->path, mib_of(needed) + 1, mib_of(free_bytes))
               : rc;
}

/* Copies whose program is gone. */
static void remove_stale(const char *path) {
    const char *slash = strrchr(path, '/');
    size_t folder_size = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    const char *name = path + folder_size;
    size_t name_size = strlen(name);
    char *folder = folder_size > 0 ? strndup(path, folder_size) : strdup(".");
    DIR *entries = folder != NULL ? opendir(folder) : NULL;
    const struct dirent *entry = NULL;
    while (entries != NULL && (entry = readdir(entries)) != NULL) {
        const char *ending = entry->d_name + name_size;
        if (strncmp(entry->d_name, name, name_size) != 0 ||
            strncmp(ending, ENDING, sizeof ENDING - 1) != 0) {
            continue;
        }
        long pid = strtol(ending + sizeof ENDING - 1, NULL, 10);
        if (pid > 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH) {
            (void)unlinkat(dirfd(entries), entry->d_name, 0); /* else it is found again */
        }
    }
    if (entries != NULL) {
        (void)closedir(entries);
    }
    free(folder);
}

static enum jl_rc open_copy(const char *path, int flags, sqlite3 **out_db, struct jl_err *err) {
    int code =
        sqlite3_open_v2(path, out_db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    return code == SQLITE_OK ? JL_OK : jl_sql_fault(path, NULL, code, "copying to read", err);
}

/* Out of WAL mode, so that it is one file. */
static enum jl_rc make_plain(const char *path, struct jl_err *err) {
    sqlite3 *db = NULL;
    enum jl_rc rc = open_copy(path, SQLITE_OPEN_READWRITE, &db, err);
    if (rc == JL_OK) {
        int code = sqlite3_exec(db, "PRAGMA synchronous = OFF; PRAGMA journal_mode = DELETE", NULL,
                                NULL, NULL);
        rc = code == SQLITE_OK ? JL_OK : jl_sql_fault(path, NULL, code, "copying to read", err);
    }
    sqlite3_close(db);
    return rc;
}

static enum jl_rc fill_and_open(struct jl_store *store, const char *path, sqlite3 **out_db,
                                struct jl_err *err) {
    enum jl_rc rc = jl_upkeep_copy_pages(store->db, path, err);
    if (rc == JL_OK) {
        rc = make_plain(path, err);
    }
    return rc == JL_OK ? open_copy(path, SQLITE_OPEN_READONLY, out_db, err) : rc;
}

enum jl_rc jl_reading_copy(struct jl_store *store, struct jl_err *err) {
    size_t size = strlen(store->path) + sizeof ENDING + 32;
    char *path = malloc(size);
    sqlite3 *copy = NULL;
    if (path == NULL) {
        return jl_fault_memory(err);
    }
    (void)snprintf(path, size, "%s" ENDING "%ld", store->path, (long)getpid());
    remove_stale(store->path);
    enum jl_rc rc = check_room(store, err);
    int fd = rc == JL_OK ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    bool denied = rc == JL_OK && fd < 0 && (errno == EACCES || errno == EPERM || errno == EROFS);
    if (denied) {
        free(path);
        return JL_OK;
    }
    if (rc == JL_OK && (fd < 0 || close(fd) != 0)) {
        rc = jl_fault_system(err, JL_IO, JL_FAULT_FILE_CREATE, errno, "%s", path);
    }
    if (rc == JL_OK) {
        rc = fill_and_open(store, path, &copy, err);
    }
    (void)unlink(path); /* its reader has it open; a leftover goes with the next copy */
    free(path);
    if (rc != JL_OK) {
        sqlite3_close(copy);
        return rc;
    }
    sqlite3_close(store->db);
    store->db = copy;
    return JL_OK;
}
