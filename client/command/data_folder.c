/* The data folder: what is in it, and the office's books there. */
#include "data_folder.h"

#include "client/books/office.h"

#include "jielian/base/file.h"
#include "jielian/base/path.h"
#include "jielian/cli/cli.h"
#include "jielian/command/folder.h"

#include <string.h>

void jl_data_folder_path(const char *folder, const char *name,
                         char out_path[static JL_PATH_MAX_BYTES]) {
    struct jl_err ignored;
    if (jl_path_join(folder, name, out_path, JL_PATH_MAX_BYTES, &ignored) != JL_OK) {
        out_path[0] = '\0';
    }
}

bool jl_data_folder_has(const char *folder, const char *name) {
    char path[JL_PATH_MAX_BYTES];
    jl_data_folder_path(folder, name, path);
    return path[0] != '\0' && jl_file_exists(path);
}

enum jl_rc jl_data_folder_open(const struct jl_cli *cli, const char *folder,
                               const struct jl_office_options *options,
                               struct jl_office **out_office, struct jl_err *err) {
    enum jl_rc rc = jl_office_open(folder, options, out_office, err);
    return rc == JL_OK ? rc
                       : jl_folder_explain(cli, JL_SIDE_OFFICE, folder, options->passphrase, err);
}
