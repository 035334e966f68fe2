/* The data folder: what is in it, and the office's books there.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_CLIENT_COMMAND_DATA_FOLDER_H
#define JIELIAN_CLIENT_COMMAND_DATA_FOLDER_H

#include "jielian/base/rc.h"
#include "jielian/crypto/keys.h"

struct jl_cli;
struct jl_office;
struct jl_office_options;

/* jl_office_open, with its failure in the person's words (command/folder.h). */
JL_MUST_CHECK enum jl_rc jl_data_folder_open(const struct jl_cli *cli, const char *folder,
                                             const struct jl_office_options *options,
                                             struct jl_office **out_office, struct jl_err *err);

bool jl_data_folder_has(const char *folder, const char *name);
/* A path in the folder, or "" when it is too long for one (no such file can be there then). */
void jl_data_folder_path(const char *folder, const char *name,
                         char out_path[static JL_PATH_MAX_BYTES]);

#endif
