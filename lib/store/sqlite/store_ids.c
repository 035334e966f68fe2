/* Whose file it is, and of which schema.
 *
 * Before SQLite reads a page of a file that is there, its header is looked at through SQLite's own
 * file handle, so that a foreign, newer or broken file stays untouched:
 *
 *   byte 0  "SQLite format 3\0"   60  user_version (4, big-endian)   68  application_id (4) */

#include "sql.h"
#include "store.h"

#include "jielian/base/fault.h"
#include "jielian/base/rc.h"
#include "jielian/store/store.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    HEADER_BYTES = 100,
    HEADER_VERSION = 60,
    HEADER_APPLICATION = 68,
};

static enum jl_fault_code other_program(uint32_t application_id) {
    return application_id == JL_STORE_OFFICE_ID     ? JL_FAULT_STORE_OFFICES
           : application_id == JL_STORE_DISTRICT_ID ? JL_FAULT_STORE_DISTRICTS
                                                    : JL_FAULT_STORE_OTHER_PROGRAMS;
}

static enum jl_rc check_ids(const struct jl_store *store, uint32_t application_id, uint32_t version,
                            struct jl_err *err) {
    if (application_id != store->application_id) {
        return jl_fault_at(err, JL_MISUSE, other_program(application_id), "%s", store->path);
    }
    if (version > JL_STORE_SCHEMA) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_STORE_NEWER, "%s" JL_AND "%u" JL_AND "%d",
                           store->path, (unsigned)version, (int)JL_STORE_SCHEMA);
    }
    return JL_OK;
}

enum jl_rc jl_store_check_header(struct jl_store *store, struct jl_err *err) {
    sqlite3_file *file = NULL;
    int code = sqlite3_file_control(store->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (code != SQLITE_OK || file->pMethods == NULL) {
        return jl_sql_fail(store, SQLITE_CANTOPEN, "opening", err);
    }
    sqlite3_int64 size = 0;
    code = file->pMethods->xFileSize(file, &size);
    if (code != SQLITE_OK) {
        return jl_sql_fail(store, code, "opening", err);
    }
    if (size == 0) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_STORE_CUT_OFF, "%s", store->path);
    }
    uint8_t header[HEADER_BYTES] = {0};
    code =
        size < HEADER_BYTES ? SQLITE_NOTADB : file->pMethods->xRead(file, header, HEADER_BYTES, 0);
    if (code != SQLITE_OK && code != SQLITE_NOTADB) {
        return jl_sql_fail(store, code, "opening", err);
    }
    if (code == SQLITE_NOTADB || memcmp(header, "SQLite format 3", 16) != 0) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_STORE_NO_STORE, "%s", store->path);
    }
    return check_ids(store, (uint32_t)jl_bytes_get_be(header + HEADER_APPLICATION, 4),
                     (uint32_t)jl_bytes_get_be(header + HEADER_VERSION, 4), err);
}

/* The same from inside: a hot journal may have taken back what the header said. */
enum jl_rc jl_store_look_at_ids(struct jl_store *store, struct jl_err *err) {
    static const char *const names[] = {"PRAGMA application_id", "PRAGMA user_version"};
    uint32_t numbers[2] = {0, 0};
    for (size_t i = 0; i < 2; i++) {
        JL_AUTO(jl_sql) sql = {0};
        enum jl_rc rc = jl_sql_make(store, names[i], "opening", &sql, err);
        bool row = false;
        if (rc == JL_OK) {
            rc = jl_sql_row(&sql, &row, err);
        }
        if (rc != JL_OK) {
            return rc;
        }
        numbers[i] = row ? jl_sql_get_u32(&sql, 0) : 0;
    }
    if (numbers[1] == 0) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_STORE_CUT_OFF, "%s", store->path);
    }
    store->schema = numbers[1];
    return check_ids(store, numbers[0], numbers[1], err);
}
