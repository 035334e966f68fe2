/* Any bytes as the district's jielian.conf. A refusal names the text, in UTF-8, and changes
 * nothing; what is taken can be written down and read alike. */
#include "fuzz.h"

#include "server/serve/settings.h"

#include "jielian/base/assert.h"
#include "jielian/base/utf8.h"
#include "tests/said.h"

#include <inttypes.h>
#include <string.h>

/* A value that inih would read otherwise when it stands alone: quotes are not known to it. */
static bool stands_alone(const char *value) {
    return strstr(value, " ;") == NULL && strstr(value, "\t;") == NULL && value[0] != ';' &&
           strpbrk(value, "\v\f\r") == NULL;
}

static void write_and_read(const struct jl_settings *settings) {
    JL_AUTO(jl_buf) text = {0};
    struct jl_settings again = jl_settings_default();
    JL_ASSERT(jl_buf_printf(&text, NULL, "sync=%s\nhttp=%s\ncache=%" PRId64 "\n", settings->sync,
                            settings->http, settings->cache_mib) == JL_OK);
    JL_ASSERT(jl_settings_parse(jl_buf_bytes(&text), "again", &again, NULL) == JL_OK);
    JL_ASSERT(strcmp(again.sync, settings->sync) == 0);
    JL_ASSERT(strcmp(again.http, settings->http) == 0);
    JL_ASSERT(again.cache_mib == settings->cache_mib);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct jl_settings settings = jl_settings_default();
    const struct jl_settings before = settings;
    struct jl_err err;
    if (jl_settings_parse(jl_bytes(data, size), "conf", &settings, &err) != JL_OK) {
        JL_ASSERT(err.rc == JL_MISUSE && strncmp(err_said(&err), "conf", 4) == 0);
        JL_ASSERT(jl_utf8_valid(jl_bytes_text(err_said(&err))));
        JL_ASSERT(memcmp(&settings, &before, sizeof settings) == 0);
        return 0;
    }
    JL_ASSERT(settings.sync[0] != '\0');
    JL_ASSERT(settings.cache_mib >= 1 && settings.cache_mib <= JL_CACHE_MAX_MIB);
    if (stands_alone(settings.sync) && stands_alone(settings.http)) {
        write_and_read(&settings);
    }
    return 0;
}
