/* SQLite's own methods, some of them behind the faults. */
#include "faults.h"

#include "jielian/base/assert.h"
#include "jielian/base/rc.h"

#include <sqlite3.h>
#include <stddef.h>

/* ---- When ---- */

static enum fault armed;
static uint64_t nth, calls, failed;
static bool all_behind;
static void (*watcher)(uint64_t number);

void faults_watch(void (*watch)(uint64_t number)) {
    watcher = watch;
}

void faults_arm(enum fault kind, uint64_t n, bool on) {
    armed = kind;
    nth = n;
    all_behind = on;
    calls = failed = 0;
}

uint64_t faults_disarm(void) {
    armed = FAULT_NONE;
    return failed;
}

bool faults_met(void) {
    return failed > 0;
}

uint64_t faults_calls(void) {
    return calls;
}

bool faults_now(enum fault kind) {
    if (armed != kind || kind == FAULT_NONE) {
        return false;
    }
    calls++;
    if (watcher != NULL) {
        watcher(calls);
    }
    bool fails = calls == nth || (all_behind && calls > nth);
    failed += fails ? 1 : 0;
    return fails;
}

/* ---- Memory ---- */

static sqlite3_mem_methods memory; /* SQLite's own */

static void *shim_malloc(int size) {
    return faults_now(FAULT_MALLOC) ? NULL : memory.xMalloc(size);
}

static void *shim_realloc(void *old, int size) {
    return faults_now(FAULT_MALLOC) ? NULL : memory.xRealloc(old, size);
}

static bool install_memory(void) {
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory) != SQLITE_OK) {
        return false;
    }
    sqlite3_mem_methods shim = memory;
    shim.xMalloc = shim_malloc;
    shim.xRealloc = shim_realloc;
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &shim) == SQLITE_OK &&
           sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) == SQLITE_OK;
}

/* ---- Files ---- */

enum { SHIMS_MAX = 8 }; /* the unix VFS has a table for each kind of locking and of file */

struct shim {
    sqlite3_io_methods methods; /* first: a file points at it */
    const sqlite3_io_methods *own;
};

static struct shim shims[SHIMS_MAX];
static sqlite3_vfs shim_vfs;
static const sqlite3_vfs *own_vfs;
static uint64_t *room;

void faults_room(uint64_t *left) {
    room = left;
}

static const sqlite3_io_methods *own_of(const sqlite3_file *file) {
    const struct shim *shim = (const struct shim *)(const void *)file->pMethods;
    return shim->own;
}

static int shim_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 at) {
    sqlite3_int64 length = 0;
    if (faults_now(FAULT_WRITE)) {
        return SQLITE_FULL;
    }
    if (room != NULL) {
        int code = own_of(file)->xFileSize(file, &length);
        uint64_t more =
            code == SQLITE_OK && at + size > length ? (uint64_t)(at + size - length) : 0;
        if (code != SQLITE_OK || more > *room) {
            return SQLITE_FULL;
        }
        *room -= more;
    }
    return own_of(file)->xWrite(file, data, size, at);
}

static int shim_sync(sqlite3_file *file, int flags) {
    return faults_now(FAULT_SYNC) ? SQLITE_IOERR_FSYNC : own_of(file)->xSync(file, flags);
}

static int shim_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags,
                     int *out_flags) {
    int code = own_vfs->xOpen(vfs, name, file, flags, out_flags);
    if (code != SQLITE_OK) {
        return code;
    }
    size_t i = 0;
    while (shims[i].own != NULL && shims[i].own != file->pMethods) {
        i++;
        JL_ASSERT(i < SHIMS_MAX);
    }
    if (shims[i].own == NULL) {
        shims[i] = (struct shim){.methods = *file->pMethods, .own = file->pMethods};
        shims[i].methods.xWrite = shim_write;
        shims[i].methods.xSync = shim_sync;
    }
    file->pMethods = &shims[i].methods;
    return SQLITE_OK;
}

bool faults_install(bool with_memory) {
    if (own_vfs != NULL) {
        return true;
    }
    if ((with_memory && !install_memory()) || sqlite3_initialize() != SQLITE_OK) {
        return false;
    }
    own_vfs = sqlite3_vfs_find(NULL);
    shim_vfs = *own_vfs;
    shim_vfs.zName = "faulty";
    shim_vfs.pNext = NULL;
    shim_vfs.xOpen = shim_open;
    return sqlite3_vfs_register(&shim_vfs, 1) == SQLITE_OK;
}
