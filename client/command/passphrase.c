/* The passphrase of the keys. */

#include "passphrase.h"

#include "jielian/base/buf.h"
#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/cli/cli.h"

#include <stdlib.h>
#include <string.h>

enum jl_rc jl_passphrase_read(const struct jl_cli *cli, struct jl_buf *out, struct jl_err *err) {
    const char *path = jl_cli_value(cli, "passphrase-file");
    if (path == NULL) {
        path = getenv("JIELIAN_PASSPHRASE_FILE");
    }
    if (path == NULL || path[0] == '\0') {
        return JL_OK;
    }
    enum jl_rc rc = jl_file_read(path, JL_PASSPHRASE_MAX_BYTES, out, err);
    while (rc == JL_OK && out->size > 0 &&
           (out->data[out->size - 1] == '\n' || out->data[out->size - 1] == '\r')) {
        out->size--;
    }
    if (rc == JL_OK && out->size == 0) {
        rc = jl_fault_at(err, JL_MISUSE, JL_FAULT_PASSPHRASE_EMPTY, "%s", path);
    }
    return rc;
}
