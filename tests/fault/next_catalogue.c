#include "next_catalogue.h"

#include "tests/sim/world/world_internal.h"

#include "jielian/base/assert.h"
#include "jielian/base/file.h"

#include <string.h>

void next_catalogue_apply(struct world *world) {
    static const char version[] = "\"version\": 1,";
    static const char fields[] = "\"fields\": [";
    JL_AUTO(jl_buf) text = {0};
    JL_AUTO(jl_buf) next = {0};
    MUST(jl_file_read(JL_TEST_CATALOGUE, JL_CATALOGUE_MAX_BYTES, &text, &err));
    MUST(jl_buf_put_u8(&text, 0, &err));
    char *number = strstr((char *)text.data, version);
    const char *type = strstr((char *)text.data, "\"union_org\"");
    JL_ASSERT(number != NULL && type != NULL);
    number[strlen(version) - 2] = '2';
    const char *at = strstr(type, fields);
    JL_ASSERT(at != NULL);
    at += strlen(fields);
    MUST(jl_buf_put(&next, text.data, (size_t)(at - (char *)text.data), &err));
    MUST(jl_buf_put_text(&next,
                         "{\"number\": 120, \"name\": \"motto\", \"kind\": \"text\", "
                         "\"zh\": \"口号\", \"en\": \"Motto\"},",
                         &err));
    MUST(jl_buf_put_text(&next, at, &err));
    MUST(jl_buf_put_u8(&next, 0, &err));
    world_apply_catalogue(world, (const char *)next.data);
}
