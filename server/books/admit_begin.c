/* The admission log of a folder that an earlier program made. */
#include "admit.h"
#include "district.h"

#include "jielian/base/file.h"
#include "jielian/base/path.h"

#include <limits.h>
#include <string.h>

static const char file_name[] = "admissions";

enum jl_rc jl_admit_begin(struct jl_district *district, struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    enum jl_rc rc = jl_path_join(district->folder, file_name, path, sizeof path, err);
    if (rc != JL_OK || jl_file_exists(path)) {
        return rc;
    }
    rc = jl_district_begin(district, true, NULL, err);
    if (rc == JL_OK) {
        rc = jl_admit_note(district, err);
        if (rc != JL_OK) {
            jl_district_rollback(district);
        }
    }
    return rc == JL_OK ? jl_district_commit(district, err) : rc;
}
