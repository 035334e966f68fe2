/* Catalogues that are read once for the life of the program. */
#ifndef JIELIAN_FUZZ_CATALOGUES_H
#define JIELIAN_FUZZ_CATALOGUES_H

#include "fuzz.h"

#include "jielian/base/assert.h"
#include "jielian/base/file.h"
#include "jielian/base/limits.h"
#include "jielian/catalogue/catalogue.h"

static inline struct jl_catalogue *read_catalogue(const char *path) {
    struct jl_catalogue *made = NULL;
    JL_AUTO(jl_buf) text = {0};
    JL_ASSERT(jl_file_read(path, JL_CATALOGUE_MAX_BYTES, &text, NULL) == JL_OK);
    JL_ASSERT(jl_catalogue_parse(jl_buf_bytes(&text), path, &made, NULL) == JL_OK);
    return made;
}

static inline const struct jl_catalogue *shipped_catalogue(void) {
    static struct jl_catalogue *made;
    if (made == NULL) {
        made = read_catalogue(JIELIAN_SOURCE_DIR "/catalogue/district.json");
    }
    return made;
}

/* One type with a field of every kind and rule but references, which need books to be found in. */
static inline const struct jl_catalogue *small_catalogue(void) {
    static struct jl_catalogue *made;
    if (made == NULL) {
        made = read_catalogue(JIELIAN_SOURCE_DIR "/tests/fuzz/small.json");
    }
    return made;
}

static inline const struct jl_type *small_type(void) {
    return jl_catalogue_type_named(small_catalogue(), "thing");
}

#endif
