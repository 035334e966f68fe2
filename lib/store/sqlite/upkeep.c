/* Backup, integrity, free disk.
 *
 *   path.part ── backup ──> closed ── opened, DELETE journal, integrity_check, ids ──> renamed to
 * path
 *
 * A copy in WAL mode would want two more files beside it; with a rollback journal the backup is one
 * file, and jl_store_open brings it back to WAL. */
#include "upkeep.h"
#include "sql.h"
#include "store.h"

#include "jielian/base/fault.h"
#include "jielian/base/rc.h"
#include "jielian/store/store.h"
#include "jielian/store/upkeep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* The folder a path lies in. NULL: no memory. */
static char *folder_of(const char *path) {
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return strdup(".");
    }
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

/* A page that there was no memory to read is a finding to SQLite, in these words. */
#define NO_MEMORY "unable to get the page. error code=7"

static enum jl_rc first_finding(sqlite3 *db, const char *path, struct jl_err *err) {
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v2(db, "PRAGMA integrity_check(1)", -1, &stmt, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(stmt);
    }
    enum jl_rc rc = JL_OK;
    if (code == SQLITE_ROW) {
        const char *finding = (const char *)sqlite3_column_text(stmt, 0);
        if (finding == NULL || strcmp(finding, "ok") != 0) {
            bool memory = finding != NULL && strstr(finding, NO_MEMORY) != NULL;
            rc =
                memory
                    ? jl_fault_memory(err)
                    : jl_fault_at(err, JL_CORRUPT, JL_FAULT_STORE_INTEGRITY, "%s" JL_AND "%s", path,
                                  finding == NULL ? "no answer from the integrity check" : finding);
        }
    } else {
        rc = jl_sql_fault(path, NULL, code, "integrity check", err);
    }
    sqlite3_finalize(stmt);
    return rc;
}

enum jl_rc jl_upkeep_integrity(struct jl_store *store, struct jl_err *err) {
    return first_finding(store->db, store->path, err);
}

enum jl_rc jl_upkeep_disk_free(struct jl_store *store, uint64_t *out_bytes, struct jl_err *err) {
    char *folder = folder_of(store->path);
    if (folder == NULL) {
        return jl_fault_memory(err);
    }
    struct statvfs info;
    int failed = statvfs(folder, &info);
    int reason = errno;
    free(folder);
    if (failed != 0) {
        return jl_fault_system(err, JL_IO, JL_FAULT_STORE_DISK_FREE, reason, "%s", store->path);
    }
    *out_bytes = (uint64_t)info.f_bavail * (uint64_t)info.f_frsize;
    return JL_OK;
}

/* ---- Backup ---- */

static enum jl_rc open_copy(const char *path, sqlite3 **out_db, struct jl_err *err) {
    int code = sqlite3_open_v2(
        path, out_db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code != SQLITE_OK) {
        return jl_sql_fault(path, NULL, code, "opening the copy", err);
    }
    return JL_OK;
}

enum jl_rc jl_upkeep_copy_pages(sqlite3 *from, const char *path, struct jl_err *err) {
    sqlite3 *copy = NULL;
    enum jl_rc rc = open_copy(path, &copy, err);
    if (rc == JL_OK) {
        sqlite3_backup *backup = sqlite3_backup_init(copy, "main", from, "main");
        int code = backup == NULL ? sqlite3_errcode(copy) : sqlite3_backup_step(backup, -1);
        int finished = backup == NULL ? code : sqlite3_backup_finish(backup);
        if (code != SQLITE_DONE || finished != SQLITE_OK) {
            code = code == SQLITE_DONE ? finished : code;
            rc = jl_sql_fault(path, NULL, code, "copying", err);
        }
    }
    sqlite3_close(copy);
    return rc;
}

static enum jl_rc copy_number(sqlite3 *copy, const char *path, const char *text, uint32_t least,
                              uint32_t most, struct jl_err *err) {
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v2(copy, text, -1, &stmt, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(stmt);
    }
    uint32_t number = code == SQLITE_ROW ? (uint32_t)sqlite3_column_int64(stmt, 0) : 0;
    bool same = number >= least && number <= most;
    sqlite3_finalize(stmt);
    if (code != SQLITE_ROW) {
        return jl_sql_fault(path, NULL, code, "opening the copy", err);
    }
    return same ? JL_OK : jl_fault_at(err, JL_CORRUPT, JL_FAULT_STORE_COPY_DIFFERS, "%s", path);
}

static enum jl_rc check_copy(const struct jl_store *store, const char *path, struct jl_err *err) {
    sqlite3 *copy = NULL;
    enum jl_rc rc = open_copy(path, &copy, err);
    if (rc == JL_OK) {
        int code = sqlite3_exec(copy, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
        if (code != SQLITE_OK) {
            rc = jl_sql_fault(path, NULL, code, "opening the copy", err);
        }
    }
    if (rc == JL_OK) {
        rc = first_finding(copy, path, err);
    }
    if (rc == JL_OK) {
        rc = copy_number(copy, path, "PRAGMA application_id", store->application_id,
                         store->application_id, err);
    }
    if (rc == JL_OK) { /* another program may have migrated the file since it was opened here */
        rc = copy_number(copy, path, "PRAGMA user_version", store->schema, JL_STORE_SCHEMA, err);
    }
    sqlite3_close(copy);
    return rc;
}

/* The rename is a fact only when the folder is on disk. */
static enum jl_rc sync_folder(const char *path, struct jl_err *err) {
    char *folder = folder_of(path);
    if (folder == NULL) {
        return jl_fault_memory(err);
    }
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    if (fd < 0 || fsync(fd) != 0) {
        enum jl_rc rc = jl_fault_system(err, JL_IO, JL_FAULT_FOLDER_SYNC, errno, "%s", path);
        if (fd >= 0) {
            close(fd);
        }
        return rc;
    }
    close(fd);
    return JL_OK;
}

static enum jl_rc make_part(const char *part, struct jl_err *err) {
    (void)unlink(part); /* what an earlier backup that was cut off has left */
    int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || close(fd) != 0) {
        return jl_fault_system(err, JL_IO, JL_FAULT_FILE_CREATE, errno, "%s", part);
    }
    return JL_OK;
}

static enum jl_rc copy_by(struct jl_store *store, sqlite3 *from, const char *part, const char *path,
                          struct jl_err *err) {
    enum jl_rc rc = make_part(part, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_upkeep_copy_pages(from, part, err);
    if (rc == JL_OK) {
        rc = check_copy(store, part, err);
    }
    if (rc == JL_OK && rename(part, path) != 0) {
        rc = jl_fault_system(err, JL_IO, JL_FAULT_FILE_MOVE, errno, "%s", path);
    }
    if (rc != JL_OK) {
        (void)unlink(part); /* the fault that is reported came first */
        return rc;
    }
    return sync_folder(path, err);
}

enum jl_rc jl_upkeep_copy(struct jl_store *store, sqlite3 *from, const char *path,
                          struct jl_err *err) {
    size_t size = strlen(path) + sizeof ".part";
    char *part = malloc(size);
    if (part == NULL) {
        return jl_fault_memory(err);
    }
    stpcpy(stpcpy(part, path), ".part");
    enum jl_rc rc = copy_by(store, from, part, path, err);
    free(part);
    return rc;
}

enum jl_rc jl_upkeep_backup(struct jl_store *store, const char *path, struct jl_err *err) {
    if (store->tx == JL_TX_WRITE) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL, "%s", "commit before a backup");
    }
    if (access(path, F_OK) == 0) {
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_FILE_EXISTS, "%s", path);
    }
    return jl_upkeep_copy(store, store->db, path, err);
}
