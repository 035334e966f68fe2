/* Codes with arguments: the table, the bytes, the sentence.
 *
 * Each code of the table is walked: both languages, the same places, each place with an argument.
 * Bytes are tried at every edge, and at random. */

#include "jielian/base/language.h"
#include "jielian/base/utf8.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/message/argument.h"
#include "jielian/message/remark.h"
#include "jielian/message/say.h"
#include "jielian/message/saying.h"
#include "tests/said.h"

// clang-format off: cmocka.h needs these before it
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
// clang-format on

static const char catalogue_text[] =
    "{\"format\":1,\"version\":1,\"code_lists\":{\"states\":{\"zh\":\"状态\",\"en\":\"States\","
    "\"codes\":[{\"number\":1,\"key\":\"asked\",\"zh\":\"已申请\",\"en\":\"requested\"},"
    "{\"number\":2,\"key\":\"done\",\"zh\":\"已办结\",\"en\":\"done\"}]}},"
    "\"types\":[{\"number\":1000,\"name\":\"thing\",\"zh\":\"事项\",\"en\":\"Thing\",\"owner\":"
    "\"office\",\"decides\":\"office\",\"title\":[\"name\"],\"fields\":["
    "{\"number\":1,\"name\":\"name\",\"kind\":\"text\",\"zh\":\"名称\",\"en\":\"Name\"},"
    "{\"number\":2,\"name\":\"status\",\"kind\":\"code\",\"codes\":\"states\",\"zh\":\"状态\","
    "\"en\":\"Status\"},"
    "{\"number\":3,\"name\":\"used\",\"kind\":\"int\",\"zh\":\"已用\",\"en\":\"Used\"},"
    "{\"number\":4,\"name\":\"given\",\"kind\":\"int\",\"zh\":\"发放\",\"en\":\"Given\"}],"
    "\"checks\":[{\"field\":\"used\",\"at_most\":\"given\",\"zh\":\"用得比发的多\",\"en\":"
    "\"more used than given\"}]}]}";

static struct jl_catalogue *catalogue;
static const struct jl_type *type;

static int read_catalogue(void **state) {
    struct jl_err err;
    (void)state;
    if (jl_catalogue_parse(jl_bytes_text(catalogue_text), "test", &catalogue, &err) != JL_OK) {
        print_error("%s\n", err_said(&err));
        return -1;
    }
    type = jl_catalogue_type(catalogue, 1000);
    return type == NULL ? -1 : 0;
}

static int free_catalogue(void **state) {
    (void)state;
    jl_catalogue_free(catalogue);
    return 0;
}

static struct jl_listener listener(enum jl_language language) {
    return (struct jl_listener){.language = language, .type = type};
}

/* ---- Samples ---- */

static char longest_text[JL_ARGUMENT_TEXT_MAX_BYTES + 1];

/* An argument of this kind; edge: the longest that there is. */
static struct jl_argument sample(enum jl_argument_kind kind, bool edge) {
    struct jl_argument argument = {.kind = kind};
    switch (kind) {
    case JL_ARGUMENT_TEXT:
    case JL_ARGUMENT_WRITTEN:
        memset(longest_text, 'x', sizeof longest_text - 1);
        argument.text = jl_bytes_text(edge ? longest_text : "x");
        break;
    case JL_ARGUMENT_NUMBER:
        argument.number = edge ? INT64_MIN : -7;
        break;
    case JL_ARGUMENT_DATE:
        argument.number = edge ? 99991231 : 20210105;
        break;
    case JL_ARGUMENT_MONTH:
        argument.number = edge ? 999912 : 202101;
        break;
    case JL_ARGUMENT_FIELD:
        argument.field = edge ? UINT32_MAX : 1;
        break;
    case JL_ARGUMENT_CODES:
        argument.field = edge ? UINT32_MAX : 2;
        for (uint32_t i = 0; i < (edge ? JL_ARGUMENT_LIST_MAX : 2); i++) {
            assert_true(jl_argument_list(&argument, edge ? UINT32_MAX - i : i + 1));
        }
        break;
    case JL_ARGUMENT_MOVERS:
        assert_true(jl_argument_list(&argument, JL_MOVER_OFFICE));
        assert_true(jl_argument_list(&argument, JL_MOVER_DISTRICT));
        break;
    case JL_ARGUMENT_CHECK:
        argument.field = edge ? UINT32_MAX : 3;
        argument.other = edge ? UINT32_MAX : 4;
        break;
    }
    return argument;
}

/* The sentence of a code with an argument of the last kind that each place may hold. */
static struct jl_saying saying_of(uint32_t code, bool edge) {
    struct jl_saying saying;
    size_t places = 0;
    const uint16_t *kinds = jl_say_places(code, &places);
    assert_non_null(kinds);
    jl_saying_begin(&saying, (enum jl_say_code)code);
    for (size_t i = 0; i < places; i++) {
        enum jl_argument_kind kind = JL_ARGUMENT_CHECK;
        while ((kinds[i] & 1u << kind) == 0) {
            kind--;
        }
        const struct jl_argument argument = sample(kind, edge);
        jl_saying_put(&saying, &argument);
    }
    return saying;
}

static const char *text_of(const struct jl_saying *saying, enum jl_language language) {
    static struct jl_sentence sentence;
    const struct jl_listener to = listener(language);
    const struct jl_remark said = jl_saying_remark(saying);
    struct jl_bytes text = jl_remark_text(&said, jl_bytes_text("FALLBACK"), &to, &sentence);
    return (const char *)text.data;
}

/* ---- The table ---- */

static unsigned places_in(const char *sentence) {
    unsigned places = 0;
    for (const char *at = strchr(sentence, '{'); at != NULL; at = strchr(at + 1, '{')) {
        assert_true(at[1] >= '1' && at[1] <= '0' + JL_ARGUMENTS_MAX && at[2] == '}');
        places |= 1u << (at[1] - '1');
    }
    return places;
}

static void test_each_code_has_both_languages_and_an_argument_for_each_place(void **state) {
    (void)state;
    uint32_t before = 0;
    size_t count = 0;
    for (uint32_t code = 0; (code = jl_say_code_at(count)) != 0; count++) {
        size_t places = 0;
        const uint16_t *kinds = jl_say_places(code, &places);
        const char *zh = jl_say_sentence(code, JL_LANGUAGE_ZH);
        const char *en = jl_say_sentence(code, JL_LANGUAGE_EN);
        assert_true(code > before);
        assert_non_null(kinds);
        assert_true(strlen(zh) > 0 && strlen(en) > 0);
        assert_true(jl_utf8_valid(jl_bytes_text(zh)) && jl_utf8_valid(jl_bytes_text(en)));
        /* What exactly is wrong with a message is told in the protocol's English: there alone. */
        bool alike = code >= JL_SAY_NOT_ENVELOPE ? (places_in(zh) & ~places_in(en)) == 0
                                                 : places_in(zh) == places_in(en);
        if (!alike || places_in(en) >= 1u << places) {
            fail_msg("code %u: %s | %s", (unsigned)code, zh, en);
        }
        /* What is not said is not sent, but for the field of a check that has words of its own. */
        unsigned unsaid = ((1u << places) - 1) & ~places_in(en);
        assert_int_equal(unsaid, code == JL_SAY_CATALOGUE ? 1 : 0);
        before = code;
    }
    assert_true(count > 63);
    assert_null(jl_say_sentence(before + 1, JL_LANGUAGE_ZH));
    assert_null(jl_say_sentence(JL_SAY_NOTHING, JL_LANGUAGE_EN));
}

static void test_each_code_is_said_in_both_languages(void **state) {
    (void)state;
    for (size_t i = 0; jl_say_code_at(i) != 0; i++) {
        const struct jl_saying saying = saying_of(jl_say_code_at(i), false);
        for (enum jl_language language = JL_LANGUAGE_ZH; language <= JL_LANGUAGE_EN; language++) {
            const char *text = text_of(&saying, language);
            if (strcmp(text, "FALLBACK") == 0 || strchr(text, '{') != NULL) {
                fail_msg("code %u: %s", (unsigned)saying.code, text);
            }
        }
        assert_string_not_equal(text_of(&saying, JL_LANGUAGE_ZH),
                                jl_say_sentence(saying.code, JL_LANGUAGE_EN));
    }
}

static void test_the_longest_arguments_of_each_code_fit(void **state) {
    (void)state;
    size_t longest = 0;
    for (size_t i = 0; jl_say_code_at(i) != 0; i++) {
        const struct jl_saying saying = saying_of(jl_say_code_at(i), true);
        longest = saying.size > longest ? saying.size : longest;
    }
    assert_int_equal(longest, 156); /* as the header says */
}

/* ---- Bytes ---- */

static void test_each_kind_is_read_back(void **state) {
    (void)state;
    struct jl_err err;
    static const uint32_t codes[] = {JL_SAY_NAME_SIGN,    JL_SAY_NAME_SHORT, JL_SAY_NOT_MONDAY,
                                     JL_SAY_DATE_EARLY,   JL_SAY_PAIR,       JL_SAY_FLOW_WHO,
                                     JL_SAY_CODE_NEAREST, JL_SAY_CATALOGUE};
    for (size_t i = 0; i < 2 * sizeof codes / sizeof *codes; i++) {
        const struct jl_saying saying = saying_of(codes[i / 2], i % 2 == 1);
        struct jl_saying again;
        struct jl_bytes rest = jl_saying_remark(&saying).arguments;
        jl_saying_begin(&again, (enum jl_say_code)saying.code);
        while (rest.size > 0) {
            struct jl_argument argument;
            assert_int_equal(jl_argument_next(&rest, &argument, &err), JL_OK);
            jl_saying_put(&again, &argument);
        }
        assert_int_equal(again.size, saying.size);
        assert_memory_equal(again.arguments, saying.arguments, saying.size);
    }
}

static void test_a_blob_reads_as_it_was_written_up_to_its_bound(void **state) {
    (void)state;
    struct jl_err err;
    const struct jl_saying saying = saying_of(JL_SAY_FLOW_WHO, false);
    struct jl_remark said = jl_saying_remark(&saying);
    uint8_t large[JL_REMARK_MAX_BYTES + 1] = {1};
    JL_AUTO(jl_buf) blob = {0};
    assert_int_equal(jl_remark_encode(&said, &blob, &err), JL_OK);
    struct jl_remark back = jl_remark_decode(jl_buf_bytes(&blob));
    assert_int_equal(back.code, JL_SAY_FLOW_WHO);
    assert_true(jl_bytes_equal(back.arguments, said.arguments));

    assert_int_equal(jl_remark_decode(jl_bytes(large, 1 + JL_ARGUMENTS_MAX_BYTES)).code, 1);
    assert_int_equal(jl_remark_decode(jl_bytes(large, 2 + JL_ARGUMENTS_MAX_BYTES)).code, 0);
    assert_int_equal(jl_remark_decode(jl_bytes(large, sizeof large)).code, 0);
    assert_int_equal(jl_remark_decode(jl_bytes(NULL, 0)).code, 0);
    const uint8_t over[] = {0xFF, 0xFF, 0xFF, 0xFF, 0x1F}; /* over 32 bits */
    assert_int_equal(jl_remark_decode(jl_bytes(over, sizeof over)).code, 0);

    said = (struct jl_remark){.code = JL_SAY_NOTHING, .arguments = said.arguments};
    jl_buf_reset(&blob);
    assert_int_equal(jl_remark_encode(&said, &blob, &err), JL_OK);
    assert_int_equal(blob.size, 0);
}

static void test_a_text_is_cut_at_a_character(void **state) {
    (void)state;
    struct jl_err err;
    char text[JL_ARGUMENT_TEXT_MAX_BYTES + 8];
    for (size_t size = JL_ARGUMENT_TEXT_MAX_BYTES - 1; size <= JL_ARGUMENT_TEXT_MAX_BYTES + 1;
         size++) {
        struct jl_saying saying;
        struct jl_argument back;
        const struct jl_argument field = jl_argument_field(1);
        struct jl_argument argument = jl_argument_text(jl_bytes(text, size));
        memset(text, 'x', sizeof text);
        memcpy(text + size - 3, "张", 3);
        jl_saying_begin(&saying, JL_SAY_NAME_SIGN);
        jl_saying_put(&saying, &field);
        jl_saying_put(&saying, &argument);
        struct jl_bytes rest = jl_saying_remark(&saying).arguments;
        assert_int_equal(jl_argument_next(&rest, &back, &err), JL_OK);
        assert_int_equal(jl_argument_next(&rest, &back, &err), JL_OK);
        assert_int_equal(back.text.size, size <= JL_ARGUMENT_TEXT_MAX_BYTES ? size : size - 3);
    }
}

static void test_a_list_has_a_bound(void **state) {
    (void)state;
    struct jl_err err;
    struct jl_argument list = sample(JL_ARGUMENT_CODES, true);
    assert_int_equal(list.count, JL_ARGUMENT_LIST_MAX);
    assert_false(jl_argument_list(&list, 1));
    uint8_t bytes[2 + 1 + JL_ARGUMENT_LIST_MAX + 1] = {JL_ARGUMENT_CODES};
    memset(bytes + 2, 1, sizeof bytes - 2);
    for (size_t more = 0; more < 2; more++) {
        struct jl_argument argument;
        bytes[1] = (uint8_t)(1 + JL_ARGUMENT_LIST_MAX + more);
        struct jl_bytes rest = jl_bytes(bytes, 2 + (size_t)bytes[1]);
        assert_int_equal(jl_argument_next(&rest, &argument, &err), more == 0 ? JL_OK : JL_PROTO);
    }
}

static void test_what_is_no_argument_is_refused(void **state) {
    (void)state;
    static const struct {
        uint8_t bytes[6];
        size_t size;
    } cases[] = {
        {{0}, 0},                                           /* nothing */
        {{JL_ARGUMENT_TEXT}, 1},                            /* no size */
        {{JL_ARGUMENT_TEXT, 2, 'x'}, 3},                    /* cut off */
        {{JL_ARGUMENT_TEXT, 0x81, 0, 'x'}, 4},              /* an over-long size */
        {{JL_ARGUMENT_TEXT, 1, 0xFF}, 3},                   /* not UTF-8 */
        {{JL_ARGUMENT_NUMBER, 0}, 2},                       /* no number */
        {{JL_ARGUMENT_NUMBER, 2, 1, 1}, 4},                 /* two of them */
        {{JL_ARGUMENT_DATE, 4, 0xFF, 0xFF, 0xFF, 0x7F}, 6}, /* after the year 9999 */
        {{JL_ARGUMENT_FIELD, 2, 1, 2}, 4},                  /* more than a field */
        {{JL_ARGUMENT_CODES, 0}, 2},                        /* of no field */
        {{JL_ARGUMENT_CHECK, 1, 3}, 3},                     /* with one field */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct jl_err err;
        struct jl_argument argument;
        struct jl_bytes rest = jl_bytes(cases[i].bytes, cases[i].size);
        if (jl_argument_next(&rest, &argument, &err) != JL_PROTO || rest.size != cases[i].size) {
            fail_msg("case %zu", i);
        }
    }
}

/* ---- Sentences ---- */

static struct jl_saying moved(void) {
    struct jl_saying saying;
    const struct jl_argument words[] = {
        jl_argument_field(2),
        {.kind = JL_ARGUMENT_CODES, .field = 2, .numbers = {2}, .count = 1},
        {.kind = JL_ARGUMENT_CODES, .field = 2, .numbers = {1}, .count = 1},
        {.kind = JL_ARGUMENT_MOVERS, .numbers = {JL_MOVER_FROM, JL_MOVER_DISTRICT}, .count = 2}};
    jl_saying_begin(&saying, JL_SAY_FLOW_WHO);
    for (size_t i = 0; i < 4; i++) {
        jl_saying_put(&saying, &words[i]);
    }
    return saying;
}

static void test_each_reader_hears_its_own_language(void **state) {
    (void)state;
    const struct jl_saying saying = moved();
    assert_string_equal(text_of(&saying, JL_LANGUAGE_ZH),
                        "状态从“已办结”改为“已申请”要由转出的镇街或区总工会来做。");
    assert_string_equal(text_of(&saying, JL_LANGUAGE_EN),
                        "Status goes from “done” to “requested” only by the office that the member "
                        "leaves or the district.");
}

static void test_a_check_is_said_in_its_own_words(void **state) {
    (void)state;
    const struct jl_saying saying = saying_of(JL_SAY_CATALOGUE, false);
    assert_string_equal(text_of(&saying, JL_LANGUAGE_ZH), "用得比发的多，请核对。");
    assert_string_equal(text_of(&saying, JL_LANGUAGE_EN), "more used than given; please check.");
}

static void test_what_can_not_be_said_here_leaves_the_text(void **state) {
    (void)state;
    struct jl_saying saying = moved();
    saying.code = 999999; /* of a later program */
    assert_string_equal(text_of(&saying, JL_LANGUAGE_EN), "FALLBACK");
    saying = moved();
    saying.arguments[0] = 77; /* a kind of a later program */
    assert_string_equal(text_of(&saying, JL_LANGUAGE_EN), "FALLBACK");
    saying = moved();
    saying.arguments[0] = JL_ARGUMENT_NUMBER; /* not what the place holds */
    assert_string_equal(text_of(&saying, JL_LANGUAGE_EN), "FALLBACK");
    saying = moved();
    saying.arguments[2] = 9; /* a field of a newer catalogue */
    assert_string_equal(text_of(&saying, JL_LANGUAGE_EN), "FALLBACK");
    saying = moved();
    saying.arguments[6] = 9; /* … a code */
    assert_string_equal(text_of(&saying, JL_LANGUAGE_EN), "FALLBACK");
    saying = moved();
    saying.size--; /* cut off */
    assert_string_equal(text_of(&saying, JL_LANGUAGE_EN), "FALLBACK");
    saying = moved();
    saying.size = 3; /* too few */
    assert_string_equal(text_of(&saying, JL_LANGUAGE_EN), "FALLBACK");
    saying = moved();
    saying.arguments[saying.size++] = 0; /* too many */
    assert_string_equal(text_of(&saying, JL_LANGUAGE_EN), "FALLBACK");
    struct jl_sentence sentence;
    const struct jl_listener stranger = {.language = JL_LANGUAGE_EN}; /* the type is not known */
    saying = moved();
    const struct jl_remark said = jl_saying_remark(&saying);
    assert_true(
        jl_bytes_is(jl_remark_text(&said, jl_bytes_text("来文"), &stranger, &sentence), "来文"));
}

/* The words are a person's; what stands before them is ours, also in verdicts of older programs. */
static void test_a_refusal_in_a_persons_words_is_said_in_both_languages(void **state) {
    (void)state;
    const struct jl_remark none = {.code = JL_SAY_NOTHING};
    const struct jl_listener zh = {.language = JL_LANGUAGE_ZH};
    const struct jl_listener en = {.language = JL_LANGUAGE_EN};
    static const char text[] = JL_SAY_REFUSED_ZH "录入有误";
    static char longest[JL_SENTENCE_MAX_BYTES + 64];
    struct jl_sentence sentence;
    assert_true(jl_bytes_is(jl_remark_text(&none, jl_bytes_text(text), &zh, &sentence), text));
    assert_true(jl_bytes_is(jl_remark_text(&none, jl_bytes_text(text), &en, &sentence),
                            "the district refused it: 录入有误"));
    assert_true(
        jl_bytes_is(jl_remark_text(&none, jl_bytes_text("录入有误"), &en, &sentence), "录入有误"));
    /* The edge: a byte more than fits leaves the text. */
    size_t prefix = strlen(JL_SAY_REFUSED_ZH);
    size_t fits = JL_SENTENCE_MAX_BYTES - 1 - strlen("the district refused it: ");
    memset(longest, 'x', sizeof longest);
    memcpy(longest, JL_SAY_REFUSED_ZH, prefix);
    struct jl_bytes said = jl_remark_text(&none, jl_bytes(longest, prefix + fits), &en, &sentence);
    assert_int_equal(said.size, JL_SENTENCE_MAX_BYTES - 1);
    said = jl_remark_text(&none, jl_bytes(longest, prefix + fits + 1), &en, &sentence);
    assert_ptr_equal(said.data, longest);
}

static void test_any_bytes_give_a_sentence_or_the_text(void **state) {
    (void)state;
    uint32_t random = 1;
    size_t heard = 0;
    for (int round = 0; round < 200000; round++) {
        struct jl_saying saying = moved();
        struct jl_sentence sentence;
        const struct jl_listener to = listener(round % 2 ? JL_LANGUAGE_EN : JL_LANGUAGE_ZH);
        for (int i = 0; i < round % 4; i++) { /* some bytes of a good one */
            random = random * 1664525u + 1013904223u;
            saying.arguments[(random >> 8) % saying.size] = (uint8_t)(random >> 24);
        }
        random = random * 1664525u + 1013904223u;
        saying.code = round % 3 == 0 ? random % 2100 : saying.code;
        saying.size = (uint16_t)(round % 5 == 0 ? (random >> 16) % saying.size : saying.size);
        const struct jl_remark said = jl_saying_remark(&saying);
        struct jl_bytes text = jl_remark_text(&said, jl_bytes_text("text"), &to, &sentence);
        assert_true(text.size > 0 && text.size < JL_SENTENCE_MAX_BYTES);
        assert_true(jl_utf8_valid(text));
        heard += text.data == (const uint8_t *)sentence.text ? 1 : 0;
    }
    assert_in_range(heard, 20000, 190000); /* else one of the two was not tried */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_code_has_both_languages_and_an_argument_for_each_place),
        cmocka_unit_test(test_each_code_is_said_in_both_languages),
        cmocka_unit_test(test_the_longest_arguments_of_each_code_fit),
        cmocka_unit_test(test_each_kind_is_read_back),
        cmocka_unit_test(test_a_blob_reads_as_it_was_written_up_to_its_bound),
        cmocka_unit_test(test_a_text_is_cut_at_a_character),
        cmocka_unit_test(test_a_list_has_a_bound),
        cmocka_unit_test(test_what_is_no_argument_is_refused),
        cmocka_unit_test(test_each_reader_hears_its_own_language),
        cmocka_unit_test(test_a_check_is_said_in_its_own_words),
        cmocka_unit_test(test_what_can_not_be_said_here_leaves_the_text),
        cmocka_unit_test(test_a_refusal_in_a_persons_words_is_said_in_both_languages),
        cmocka_unit_test(test_any_bytes_give_a_sentence_or_the_text),
    };
    return cmocka_run_group_tests(tests, read_catalogue, free_catalogue);
}
