/* Times in JSON. */
#include "json_time.h"

#include "jielian/cli/iso_time.h"

json_t *jl_json_time(int64_t wall_ms) {
    char text[JL_ISO_TIME_BYTES];
    if (wall_ms == 0) {
        return json_null();
    }
    jl_iso_time(wall_ms, text);
    return json_string(text);
}
