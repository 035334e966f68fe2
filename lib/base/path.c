/* Paths as text. */
#include "jielian/base/path.h"
#include "jielian/base/fault.h"
#include "jielian/base/rc.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum jl_rc jl_path_join(const char *dir, const char *name, char *out_path, size_t capacity,
                        struct jl_err *err) {
    size_t dir_length = strlen(dir);
    size_t name_length = strlen(name);
    if (dir_length == 0) {
        return jl_fault(err, JL_MISUSE, JL_FAULT_FOLDER_NAMELESS);
    }
    size_t slash = dir[dir_length - 1] == '/' ? 0 : 1;
    if (dir_length + slash + name_length >= capacity) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_PATH_LONG, "%s" JL_AND "%zu", name, capacity);
    }
    memcpy(out_path, dir, dir_length);
    out_path[dir_length] = '/';
    memcpy(out_path + dir_length + slash, name, name_length + 1);
    return JL_OK;
}
