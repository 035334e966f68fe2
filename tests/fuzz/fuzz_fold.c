/* Any bytes. What was text folds to text, within the bound, and that folds to itself; what was none
 * stays as it is. */
#include "fuzz.h"

#include "jielian/base/assert.h"
#include "jielian/base/fold.h"
#include "jielian/base/utf8.h"

static void check(struct jl_bytes text, enum jl_fold_use use) {
    JL_AUTO(jl_buf) once = {0};
    JL_AUTO(jl_buf) twice = {0};
    JL_ASSERT(jl_fold(text, use, &once, NULL) == JL_OK);
    JL_ASSERT(jl_fold(jl_buf_bytes(&once), use, &twice, NULL) == JL_OK);
    JL_ASSERT(jl_bytes_equal(jl_buf_bytes(&once), jl_buf_bytes(&twice)));
    JL_ASSERT(once.size <= JL_FOLD_GROWTH_MAX * text.size);
    if (jl_utf8_valid(text)) {
        JL_ASSERT(jl_utf8_valid(jl_buf_bytes(&once)));
    } else {
        JL_ASSERT(jl_bytes_equal(jl_buf_bytes(&once), text));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct jl_bytes text = jl_bytes(data, size);
    const struct jl_value whole = jl_value_text(text);
    JL_AUTO(jl_arena) arena = {0};
    struct jl_value folded;
    bool same = false;
    check(text, JL_FOLD_SAME);
    check(text, JL_FOLD_WORDS);
    JL_ASSERT(jl_fold_value(&whole, &arena, &folded, NULL) == JL_OK);
    JL_ASSERT(jl_fold_same(&whole, &folded, &same, NULL) == JL_OK && same);
    return 0;
}
