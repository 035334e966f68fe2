/* The files that lie beside a store's. */
#include "store.h"

#include "jielian/base/fault.h"
#include "jielian/base/file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum jl_rc jl_store_remove_beside(const char *path, const char *ending, struct jl_err *err) {
    size_t size = strlen(path) + strlen(ending) + 1;
    char *name = malloc(size);
    if (name == NULL) {
        return jl_fault_memory(err);
    }
    stpcpy(stpcpy(name, path), ending);
    enum jl_rc rc = jl_file_remove(name, err);
    free(name);
    return rc;
}
