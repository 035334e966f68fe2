/* Times as JSON has them: in China's zone, to the second. */
#include "jielian/cli/iso_time.h"
#include "jielian/base/date.h"

#include <stdio.h>

void jl_iso_time(int64_t wall_ms, char out_text[static JL_ISO_TIME_BYTES]) {
    char text[JL_DATE_TIME_BYTES];
    jl_date_format_time(wall_ms, text);
    text[10] = 'T';
    (void)snprintf(out_text, JL_ISO_TIME_BYTES, "%s+08:00", text);
}
