/* Files and folders: bounded reads, atomic secret-safe writes, one lock.
 *
 * Errors name the file and the system's reason.  Thread: any. */
#ifndef JIELIAN_FILE_H
#define JIELIAN_FILE_H

#include "jielian/base/buf.h"
#include "jielian/base/bytes.h"

/* The whole file into out (appended); JL_LIMIT over max_bytes, JL_NOT_FOUND, JL_DENIED when this
 * user may not open it, JL_IO. */
JL_MUST_CHECK enum jl_rc jl_file_read(const char *path, size_t max_bytes, struct jl_buf *out,
                                      struct jl_err *err);
/* Write beside the target (O_CREAT|O_EXCL, mode), fsync, rename, fsync the folder. An existing file
 * is replaced only when replace is set; otherwise JL_CONFLICT and nothing changed. */
JL_MUST_CHECK enum jl_rc jl_file_write(const char *path, struct jl_bytes content, unsigned mode,
                                       bool replace, struct jl_err *err);
/* Put content behind the first keep_bytes of an existing file; what stood there (a write that was
 * cut off) goes. fsync. JL_NOT_FOUND: no such file; JL_CONFLICT: it is shorter than keep_bytes. */
JL_MUST_CHECK enum jl_rc jl_file_append(const char *path, size_t keep_bytes,
                                        struct jl_bytes content, struct jl_err *err);
/* Can this user read the file or folder? JL_NOT_FOUND: there is none; JL_DENIED: it, or a folder
 * above it, is closed to this user, so whether it is there may not even be known; JL_IO. */
JL_MUST_CHECK enum jl_rc jl_file_look(const char *path, struct jl_err *err);
/* false also where a folder above is closed to this user: jl_file_look tells the two apart. */
bool jl_file_exists(const char *path);
/* Make one folder (0700) if it is missing. */
JL_MUST_CHECK enum jl_rc jl_file_make_folder(const char *path, struct jl_err *err);
/* Rename within one file system and fsync the target's folder. */
JL_MUST_CHECK enum jl_rc jl_file_move(const char *from, const char *to, struct jl_err *err);
/* Remove a file; a missing one is fine. Not synced: what a crash brings back is removed again. */
JL_MUST_CHECK enum jl_rc jl_file_remove(const char *path, struct jl_err *err);
/* Remove a folder that holds nothing but what a jl_file_write left that was cut off; a missing one
 * is fine. JL_IO when anything else lies in it. */
JL_MUST_CHECK enum jl_rc jl_file_drop_folder(const char *path, struct jl_err *err);

/* An advisory whole-file lock (flock) that ends with the process. JL_BUSY when another holds it. */
struct jl_file_lock {
    int fd; /* -1: not held */
};
JL_MUST_CHECK enum jl_rc jl_file_lock(const char *path, struct jl_file_lock *out_lock,
                                      struct jl_err *err);
/* The same beside others that share it. */
JL_MUST_CHECK enum jl_rc jl_file_share(const char *path, struct jl_file_lock *out_lock,
                                       struct jl_err *err);
void jl_file_unlock(struct jl_file_lock *lock);

#endif
