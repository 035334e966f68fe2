/* Catalogue files: what `init` and `catalogue apply` store.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_SERVER_COMMAND_CATALOGUE_FILE_H
#define JIELIAN_SERVER_COMMAND_CATALOGUE_FILE_H

#include "jielian/base/buf.h"

struct jl_catalogue;
struct jl_desk_session;
struct jl_district;

struct jl_catalogue_file {
    struct jl_buf text;
    struct jl_catalogue *catalogue;
};
void jl_catalogue_file_fini(struct jl_catalogue_file *file);
/* Read and check; path NULL: the one that came with the program ($JIELIAN_CATALOGUE, then the
 * installed one, then the source tree's). */
JL_MUST_CHECK enum jl_rc jl_catalogue_file_read(const char *path, struct jl_catalogue_file *file,
                                                struct jl_err *err);
/* Store it as the district's, for every office. JL_CONFLICT: not additive, or its version has to be
 * raised. *out_changed false: it is the one in use already. */
JL_MUST_CHECK enum jl_rc jl_catalogue_file_store(struct jl_district *district,
                                                 const struct jl_catalogue_file *file,
                                                 bool *out_changed, struct jl_err *err);

/* May it follow the one in use? *out_changed: it is another one. Nothing is stored. */
JL_MUST_CHECK enum jl_rc jl_catalogue_file_check(struct jl_desk_session *session,
                                                 const struct jl_catalogue_file *file,
                                                 bool *out_changed, struct jl_err *err);

#endif
