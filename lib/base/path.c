/* Paths as text. */
#include "jielian/base/path.h"
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
        return jl_fail(err, JL_MISUSE, "the folder's name is empty");
    }
    size_t slash = dir[dir_length - 1] == '/' ? 0 : 1;
    if (dir_length + slash + name_length >= capacity) {
        return jl_fail(err, JL_LIMIT, "the path of %s is longer than %zu bytes", name, capacity);
    }
    memcpy(out_path, dir, dir_length);
    out_path[dir_length] = '/';
    memcpy(out_path + dir_length + slash, name, name_length + 1);
    return JL_OK;
}
