/* A code with its arguments, as a district sends it and an office keeps it, said in either
 * language: a sentence of valid text, or the text that came along. What is said reads back as the
 * very bytes: an argument has one form. */
#include "catalogues.h"

#include "jielian/base/utf8.h"
#include "jielian/message/argument.h"
#include "jielian/message/remark.h"
#include "jielian/message/say.h"
#include "jielian/message/saying.h"

#include <string.h>

static void write_again(const struct jl_remark *said) {
    struct jl_saying saying;
    struct jl_bytes rest = said->arguments;
    jl_saying_begin(&saying, (enum jl_say_code)said->code);
    while (rest.size > 0) {
        struct jl_argument argument;
        JL_ASSERT(jl_argument_next(&rest, &argument, NULL) == JL_OK);
        jl_saying_put(&saying, &argument);
    }
    JL_ASSERT(jl_bytes_equal(jl_saying_remark(&saying).arguments, said->arguments));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct jl_remark said = jl_remark_decode(jl_bytes(data, size));
    for (enum jl_language language = JL_LANGUAGE_ZH; language <= JL_LANGUAGE_EN; language++) {
        struct jl_sentence sentence;
        const struct jl_listener listener = {.language = language, .type = small_type()};
        struct jl_bytes text = jl_remark_text(&said, jl_bytes_text("text"), &listener, &sentence);
        JL_ASSERT(text.size < JL_SENTENCE_MAX_BYTES && jl_utf8_valid(text));
        if (text.data == (const uint8_t *)sentence.text) {
            write_again(&said);
        }
    }
    return 0;
}
