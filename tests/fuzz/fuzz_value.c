/* The first byte names a field, the rest is what a person or a spreadsheet wrote into it. What is
 * understood and passes the check is shown in a form, in either language, that is understood as the
 * same value: an export that is imported again changes nothing. */
#include "catalogues.h"

#include "jielian/base/arena.h"
#include "jielian/base/row.h"
#include "jielian/record/check.h"
#include "jielian/record/derive.h"
#include "jielian/record/format.h"
#include "jielian/record/parse.h"
#include "jielian/record/pinyin.h"
#include "jielian/record/search.h"

static const struct jl_check_context *context_in(enum jl_language language) {
    static struct jl_check_context contexts[2];
    contexts[language] = (struct jl_check_context){
        .catalogue = small_catalogue(), .today = 20221020, .language = language};
    return &contexts[language];
}

static struct jl_value read_back(const struct jl_field *field, const struct jl_value *value,
                                 enum jl_language language, struct jl_arena *arena) {
    static struct jl_problems problems;
    JL_AUTO(jl_buf) shown = {0};
    struct jl_value again = jl_value_null();
    jl_problems_reset(&problems);
    JL_ASSERT(jl_format_field(field, value, language, &shown, NULL) == JL_OK);
    JL_ASSERT(jl_parse_field(context_in(language), field, jl_buf_bytes(&shown), arena, &again,
                             &problems, NULL) == JL_OK);
    return again;
}

/* The checks, masks and search words that every record goes through; false: the check says that
 * this value can't stay. */
static bool use(const struct jl_field *field, const struct jl_value *value,
                struct jl_arena *arena) {
    static struct jl_problems problems;
    static struct jl_pinyin *pinyin;
    JL_AUTO(jl_buf) masked = {0};
    struct jl_search_words words;
    struct jl_field_value item = {.field = field->number, .value = *value};
    struct jl_row row = {.type = small_type()->number, .fields = &item, .field_count = 1};
    if (pinyin == NULL) {
        JL_ASSERT(jl_pinyin_new(&pinyin, NULL) == JL_OK);
    }
    jl_problems_reset(&problems);
    JL_ASSERT(jl_derive_row(context_in(JL_LANGUAGE_ZH), small_type(), true, arena, &row, NULL) ==
              JL_OK);
    jl_check_row(context_in(JL_LANGUAGE_ZH), small_type(), &row, &problems);
    JL_ASSERT(jl_format_masked(field, value, JL_LANGUAGE_ZH, &masked, NULL) == JL_OK);
    JL_ASSERT(jl_search_words(pinyin, small_type(), &row, arena, &words, NULL) == JL_OK);
    JL_ASSERT(jl_format_title(small_type(), &row, JL_LANGUAGE_ZH, &masked, NULL) == JL_OK);
    return !jl_problems_has_error(&problems, field->number);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct jl_arena arena;
    static struct jl_problems problems;
    struct jl_value value;
    struct jl_bytes word;
    if (size == 0) {
        return 0;
    }
    const struct jl_field *field = &small_type()->fields[data[0] % small_type()->field_count];
    const struct jl_bytes text = jl_bytes(data + 1, size - 1);
    jl_arena_reset(&arena);
    jl_problems_reset(&problems);
    (void)!jl_search_word(text, &arena, &word, NULL);
    JL_ASSERT(jl_parse_field(context_in(JL_LANGUAGE_ZH), field, text, &arena, &value, &problems,
                             NULL) == JL_OK);
    JL_ASSERT(value.kind == JL_VALUE_NULL || problems.errors == 0);
    if (value.kind == JL_VALUE_NULL) {
        return 0;
    }
    bool stays = use(field, &value, &arena);
    for (int language = JL_LANGUAGE_ZH; stays && language <= JL_LANGUAGE_EN; language++) {
        struct jl_value again = read_back(field, &value, (enum jl_language)language, &arena);
        JL_ASSERT(jl_value_equal(&value, &again));
    }
    return 0;
}
