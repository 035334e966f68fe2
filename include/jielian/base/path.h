/* Paths as text; nothing is asked of the file system.  Thread: any. */
#ifndef JIELIAN_BASE_PATH_H
#define JIELIAN_BASE_PATH_H

#include "jielian/base/rc.h"

#include <stddef.h>

/* dir + "/" + name into out_path of capacity bytes; JL_LIMIT when it does not fit. */
JL_MUST_CHECK enum jl_rc jl_path_join(const char *dir, const char *name, char *out_path,
                                      size_t capacity, struct jl_err *err);

#endif
