/* A file is written as a whole or not at all:
 *
 *   .NAME.RANDOM.tmp  open(O_EXCL) → write → fsync → rename to NAME → fsync the folder
 *
 * A crash leaves the old file or the new one, and at worst a temporary file that nobody reads and
 * that goes with its folder. */
#include "jielian/base/file.h"
#include "jielian/base/fault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    READ_STEP_BYTES = 64 * 1024,
    FIRST_FREE_FD = 3,
};

#define TEMPORARY_END ".tmp"

/* An open descriptor that is closed at the end of its scope. */
struct jl_fd {
    int fd;
};

static void jl_fd_fini(struct jl_fd *fd) {
    if (fd->fd >= 0) {
        (void)close(fd->fd); /* data that matters was fsynced before; nothing is lost here */
        fd->fd = -1;
    }
}

static enum jl_rc fail_errno(struct jl_err *err, enum jl_fault_code code, const char *path) {
    int error = errno;
    enum jl_rc rc = error == ENOENT || error == ENOTDIR ? JL_NOT_FOUND : JL_IO;
    return jl_fault_system(err, rc, code, error, "%s", path);
}

static enum jl_rc fail_closed(struct jl_err *err, const char *path) {
    return jl_fault_at(err, JL_DENIED, JL_FAULT_FILE_CLOSED, "%s", path);
}

/* open(2) that tries again after a signal. */
static int open_file(const char *path, int flags, unsigned mode) {
    int fd;
    do {
        fd = open(path, flags | O_CLOEXEC, (mode_t)mode);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

static ssize_t read_some(int fd, void *data, size_t size) {
    ssize_t got;
    do {
        got = read(fd, data, size);
    } while (got < 0 && errno == EINTR);
    return got;
}

static enum jl_rc fail_too_long(struct jl_err *err, const char *path, size_t max_bytes) {
    return jl_fault_at(err, JL_LIMIT, JL_FAULT_FILE_LONG, "%s" JL_AND "%zu", path, max_bytes);
}

/* Append what fd holds; the caller takes back a half-read file. */
static enum jl_rc read_all(int fd, const char *path, size_t max_bytes, struct jl_buf *out,
                           struct jl_err *err) {
    size_t total = 0;
    for (;;) {
        size_t step = max_bytes - total < READ_STEP_BYTES ? max_bytes - total : READ_STEP_BYTES;
        uint8_t extra; /* at the bound, one byte more tells "just fits" from "too long" */
        enum jl_rc rc = jl_buf_reserve(out, step, err);
        if (rc != JL_OK) {
            jl_fault_wrap(err, JL_FAULT_AT, "%s", path);
            return rc;
        }
        ssize_t got = step > 0 ? read_some(fd, out->data + out->size, step)
                               : read_some(fd, &extra, sizeof extra);
        if (got < 0) {
            return fail_errno(err, JL_FAULT_FILE_READ, path);
        }
        if (got == 0) {
            return JL_OK;
        }
        if (step == 0) {
            return fail_too_long(err, path, max_bytes);
        }
        out->size += (size_t)got;
        total += (size_t)got;
    }
}

enum jl_rc jl_file_read(const char *path, size_t max_bytes, struct jl_buf *out,
                        struct jl_err *err) {
    JL_AUTO(jl_fd) file = {.fd = open_file(path, O_RDONLY, 0)};
    if (file.fd < 0) {
        bool closed = errno == EACCES || errno == EPERM;
        enum jl_rc rc = fail_errno(err, JL_FAULT_FILE_OPEN, path);
        return closed ? fail_closed(err, path) : rc;
    }
    struct stat status;
    if (fstat(file.fd, &status) != 0) {
        return fail_errno(err, JL_FAULT_FILE_LOOK, path);
    }
    if (S_ISREG(status.st_mode)) {
        if ((uintmax_t)status.st_size > max_bytes) {
            return fail_too_long(err, path, max_bytes);
        }
        /* One step more than the file, so that a key file is never copied by a growing buffer. */
        enum jl_rc rc = jl_buf_reserve(out, (size_t)status.st_size + READ_STEP_BYTES, err);
        if (rc != JL_OK) {
            jl_fault_wrap(err, JL_FAULT_AT, "%s", path);
            return rc;
        }
    }
    size_t before = out->size;
    enum jl_rc rc = read_all(file.fd, path, max_bytes, out, err);
    if (rc != JL_OK && out->size > before) {
        explicit_bzero(out->data + before, out->size - before);
        out->size = before;
    }
    return rc;
}

static enum jl_rc write_all(int fd, const char *path, struct jl_bytes content, struct jl_err *err) {
    while (content.size > 0) {
        ssize_t put = write(fd, content.data, content.size);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return fail_errno(err, JL_FAULT_FILE_WRITE, path);
        }
        content = jl_bytes(content.data + put, content.size - (size_t)put);
    }
    return JL_OK;
}

/* Split "a/b" into "a" and "b", "b" into "." and "b", "/b" into "/" and "b". */
static enum jl_rc split_path(const char *path, struct jl_buf *out_folder, const char **out_name,
                             struct jl_err *err) {
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    if (name[0] == '\0') {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_FILE_NAMELESS, "%s", path);
    }
    *out_name = name;
    if (slash == NULL) {
        return jl_buf_put(out_folder, ".", 2, err);
    }
    size_t length = slash == path ? 1 : (size_t)(slash - path);
    enum jl_rc rc = jl_buf_put(out_folder, path, length, err);
    return rc != JL_OK ? rc : jl_buf_put_u8(out_folder, 0, err);
}

static enum jl_rc sync_folder(const char *folder, struct jl_err *err) {
    JL_AUTO(jl_fd) file = {.fd = open_file(folder, O_RDONLY | O_DIRECTORY, 0)};
    if (file.fd < 0) {
        return fail_errno(err, JL_FAULT_FOLDER_READ, folder);
    }
    /* EINVAL: a file system without folder sync (some network shares) keeps its own order. */
    if (fsync(file.fd) != 0 && errno != EINVAL) {
        return fail_errno(err, JL_FAULT_FOLDER_SYNC, folder);
    }
    return JL_OK;
}

/* Make and fill the temporary file; on failure it is gone again. */
static enum jl_rc write_temporary(const char *path, struct jl_bytes content, unsigned mode,
                                  struct jl_err *err) {
    JL_AUTO(jl_fd) file = {.fd = open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0600)};
    if (file.fd < 0) {
        return fail_errno(err, JL_FAULT_FILE_CREATE, path);
    }
    enum jl_rc rc = JL_OK;
    if (fchmod(file.fd, (mode_t)(mode & 0777U)) != 0) { /* exact, whatever the umask says */
        rc = fail_errno(err, JL_FAULT_FILE_CREATE, path);
    }
    if (rc == JL_OK) {
        rc = write_all(file.fd, path, content, err);
    }
    if (rc == JL_OK && fsync(file.fd) != 0) {
        rc = fail_errno(err, JL_FAULT_FILE_WRITE, path);
    }
    if (rc != JL_OK) {
        (void)unlink(path); /* the failure is reported already; a leftover does no harm */
    }
    return rc;
}

static enum jl_rc fail_exists(struct jl_err *err, const char *path) {
    return jl_fault_at(err, JL_CONFLICT, JL_FAULT_FILE_EXISTS, "%s", path);
}

/* Give the temporary file its name; an existing one is replaced only if asked for. */
static enum jl_rc move_into_place(const char *temporary, const char *path, bool replace,
                                  struct jl_err *err) {
    unsigned flags = replace ? 0U : (unsigned)RENAME_NOREPLACE;
    if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, flags) == 0) {
        return JL_OK;
    }
    if (!replace && (errno == EINVAL || errno == ENOSYS)) {
        /* NFS knows no RENAME_NOREPLACE, but link(2) refuses an existing name as well. */
        if (link(temporary, path) == 0) {
            return unlink(temporary) == 0 ? JL_OK
                                          : fail_errno(err, JL_FAULT_FILE_REMOVE, temporary);
        }
    }
    if (!replace && errno == EEXIST) {
        return fail_exists(err, path);
    }
    return fail_errno(err, JL_FAULT_FILE_MOVE, path);
}

enum jl_rc jl_file_write(const char *path, struct jl_bytes content, unsigned mode, bool replace,
                         struct jl_err *err) {
    if (!replace && jl_file_exists(path)) {
        return fail_exists(err, path);
    }
    JL_AUTO(jl_buf) folder = {0};
    JL_AUTO(jl_buf) temporary = {0};
    const char *name = NULL;
    uint64_t random;
    enum jl_rc rc = split_path(path, &folder, &name, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random) {
        return fail_errno(err, JL_FAULT_FILE_CREATE, path);
    }
    rc = jl_buf_printf(&temporary, err, "%s/.%s.%016" PRIx64 TEMPORARY_END "%c",
                       (const char *)folder.data, name, random, '\0');
    if (rc != JL_OK) {
        return rc;
    }
    rc = write_temporary((const char *)temporary.data, content, mode, err);
    if (rc != JL_OK) {
        jl_fault_wrap(err, JL_FAULT_AT, "%s", path);
        return rc;
    }
    rc = move_into_place((const char *)temporary.data, path, replace, err);
    if (rc != JL_OK) {
        (void)unlink((const char *)temporary.data); /* as above */
        return rc;
    }
    return sync_folder((const char *)folder.data, err);
}

enum jl_rc jl_file_look(const char *path, struct jl_err *err) {
    if (access(path, R_OK) == 0) {
        return JL_OK;
    }
    bool closed = errno == EACCES || errno == EPERM;
    enum jl_rc rc = fail_errno(err, JL_FAULT_FILE_LOOK, path);
    return closed ? fail_closed(err, path) : rc;
}

enum jl_rc jl_file_append(const char *path, size_t keep_bytes, struct jl_bytes content,
                          struct jl_err *err) {
    struct stat status;
    JL_AUTO(jl_fd) file = {.fd = open_file(path, O_WRONLY, 0)};
    if (file.fd < 0) {
        return fail_errno(err, JL_FAULT_FILE_OPEN, path);
    }
    if (fstat(file.fd, &status) != 0) {
        return fail_errno(err, JL_FAULT_FILE_LOOK, path);
    }
    if ((uintmax_t)status.st_size < keep_bytes) {
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_FILE_SHORTER, "%s", path);
    }
    if (((uintmax_t)status.st_size > keep_bytes && ftruncate(file.fd, (off_t)keep_bytes) != 0) ||
        lseek(file.fd, (off_t)keep_bytes, SEEK_SET) < 0) {
        return fail_errno(err, JL_FAULT_FILE_WRITE, path);
    }
    enum jl_rc rc = write_all(file.fd, path, content, err);
    return rc == JL_OK && fsync(file.fd) != 0 ? fail_errno(err, JL_FAULT_FILE_WRITE, path) : rc;
}

bool jl_file_exists(const char *path) {
    struct stat status;
    return lstat(path, &status) == 0;
}

enum jl_rc jl_file_make_folder(const char *path, struct jl_err *err) {
    struct stat status;
    if (mkdir(path, 0700) != 0) {
        if (errno != EEXIST) {
            return fail_errno(err, JL_FAULT_FOLDER_MAKE, path);
        }
        if (stat(path, &status) != 0) {
            return fail_errno(err, JL_FAULT_FILE_LOOK, path);
        }
        if (!S_ISDIR(status.st_mode)) {
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_FOLDER_IS_FILE, "%s", path);
        }
        return JL_OK;
    }
    /* The new folder must outlive a power cut as surely as the files that will be synced in it. */
    JL_AUTO(jl_buf) parent = {0};
    enum jl_rc rc = jl_buf_printf(&parent, err, "%s/..%c", path, '\0');
    return rc != JL_OK ? rc : sync_folder((const char *)parent.data, err);
}

static enum jl_rc lock_as(const char *path, int how, struct jl_file_lock *out_lock,
                          struct jl_err *err) {
    JL_AUTO(jl_fd) file = {.fd = open_file(path, O_RDWR | O_CREAT, 0600)};
    if (file.fd < 0) {
        return fail_errno(err, JL_FAULT_FILE_LOCK, path);
    }
    /* Never 0, 1 or 2, even where those were closed: the log must not write into the lock file,
     * and unlocking a zeroed struct must not close the program's input. */
    JL_AUTO(jl_fd) high = {.fd = fcntl(file.fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD)};
    if (high.fd < 0) {
        return fail_errno(err, JL_FAULT_FILE_LOCK, path);
    }
    int rc;
    do {
        rc = flock(high.fd, how | LOCK_NB);
    } while (rc != 0 && errno == EINTR);
    if (rc != 0 && errno == EWOULDBLOCK) {
        return jl_fault_at(err, JL_BUSY, JL_FAULT_FILE_HELD, "%s", path);
    }
    if (rc != 0) {
        return fail_errno(err, JL_FAULT_FILE_LOCK, path);
    }
    out_lock->fd = high.fd;
    high.fd = -1;
    return JL_OK;
}

enum jl_rc jl_file_lock(const char *path, struct jl_file_lock *out_lock, struct jl_err *err) {
    return lock_as(path, LOCK_EX, out_lock, err);
}

enum jl_rc jl_file_share(const char *path, struct jl_file_lock *out_lock, struct jl_err *err) {
    return lock_as(path, LOCK_SH, out_lock, err);
}

void jl_file_unlock(struct jl_file_lock *lock) {
    if (lock->fd >= FIRST_FREE_FD) {
        (void)close(lock->fd); /* the lock goes with the descriptor */
    }
    lock->fd = -1;
}

enum jl_rc jl_file_move(const char *from, const char *to, struct jl_err *err) {
    JL_AUTO(jl_buf) folder = {0};
    const char *name = NULL;
    enum jl_rc rc = split_path(to, &folder, &name, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (rename(from, to) != 0) {
        return fail_errno(err, JL_FAULT_FILE_MOVE, to);
    }
    return sync_folder((const char *)folder.data, err);
}

enum jl_rc jl_file_remove(const char *path, struct jl_err *err) {
    return unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR
               ? JL_OK
               : fail_errno(err, JL_FAULT_FILE_REMOVE, path);
}

/* .NAME.RANDOM.tmp: what jl_file_write leaves when it is killed. */
static bool is_temporary(const char *name) {
    size_t length = strlen(name);
    size_t tail = strlen(TEMPORARY_END);
    return name[0] == '.' && length > tail && strcmp(name + length - tail, TEMPORARY_END) == 0;
}

static enum jl_rc remove_temporaries(DIR *folder, const char *path, struct jl_err *err) {
    const struct dirent *entry;
    while (errno = 0, (entry = readdir(folder)) != NULL) {
        if (is_temporary(entry->d_name) && unlinkat(dirfd(folder), entry->d_name, 0) != 0 &&
            errno != ENOENT) {
            return fail_errno(err, JL_FAULT_FOLDER_CLEAR, path);
        }
    }
    return errno == 0 ? JL_OK : fail_errno(err, JL_FAULT_FOLDER_READ, path);
}

enum jl_rc jl_file_drop_folder(const char *path, struct jl_err *err) {
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return errno == ENOENT ? JL_OK : fail_errno(err, JL_FAULT_FOLDER_READ, path);
    }
    enum jl_rc rc = remove_temporaries(folder, path, err);
    (void)closedir(folder); /* it was only read */
    if (rc != JL_OK) {
        return rc;
    }
    if (rmdir(path) != 0 && errno != ENOENT) {
        if (errno == ENOTEMPTY) {
            return jl_fault_at(err, JL_IO, JL_FAULT_FOLDER_FULL, "%s", path);
        }
        return fail_errno(err, JL_FAULT_FOLDER_CLEAR, path);
    }
    return JL_OK;
}
