/* Borrowed byte ranges. */
#include "jielian/base/bytes.h"

#include <string.h>

struct jl_bytes jl_bytes_text(const char *text) {
    return jl_bytes(text, text == NULL ? 0 : strlen(text));
}

bool jl_bytes_equal(struct jl_bytes a, struct jl_bytes b) {
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool jl_bytes_is(struct jl_bytes a, const char *text) {
    return jl_bytes_equal(a, jl_bytes_text(text));
}

int jl_bytes_compare(struct jl_bytes a, struct jl_bytes b) {
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common == 0 ? 0 : memcmp(a.data, b.data, common);
    if (order != 0) {
        return order;
    }
    return (a.size > b.size) - (a.size < b.size);
}
