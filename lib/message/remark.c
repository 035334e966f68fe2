/* A sentence of its code and arguments. It grows in place; one that gets too long is cut at a
 * character. */
#include "jielian/message/remark.h"
#include "jielian/base/buf.h"
#include "jielian/base/language.h"
#include "jielian/base/reader.h"
#include "jielian/catalogue/code_list.h"
#include "jielian/catalogue/type.h"
#include "jielian/message/argument.h"
#include "jielian/message/say.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Lists stop before the label that would make them longer. */
enum { LIST_BYTES = 160, NUMBER_TEXT_BYTES = 32, ARGUMENT_KINDS = JL_ARGUMENT_CHECK + 1 };

static void put(struct jl_sentence *sentence, const void *data, size_t size) {
    const uint8_t *bytes = data;
    size_t room = sizeof sentence->text - 1 - sentence->size;
    bool cut = size > room;
    size = cut ? room : size;
    while (cut && size > 0 && (bytes[size] & 0xC0) == 0x80) {
        size--;
    }
    if (size > 0) {
        memcpy(sentence->text + sentence->size, data, size);
        sentence->size += size;
    }
}

static void put_text(struct jl_sentence *sentence, const char *text) {
    put(sentence, text, strlen(text));
}

static bool put_number(struct jl_sentence *sentence, const struct jl_argument *argument) {
    char text[NUMBER_TEXT_BYTES];
    int64_t number = argument->number;
    if (argument->kind == JL_ARGUMENT_DATE) {
        (void)snprintf(text, sizeof text, "%04" PRId64 "-%02" PRId64 "-%02" PRId64, number / 10000,
                       number / 100 % 100, number % 100);
    } else if (argument->kind == JL_ARGUMENT_MONTH) {
        (void)snprintf(text, sizeof text, "%04" PRId64 "-%02" PRId64, number / 100, number % 100);
    } else {
        (void)snprintf(text, sizeof text, "%" PRId64, number);
    }
    put_text(sentence, text);
    return true;
}

static const struct jl_field *field_of(const struct jl_listener *listener, uint32_t number) {
    if (listener->field != NULL && listener->field->number == number) {
        return listener->field;
    }
    return listener->type != NULL ? jl_type_field(listener->type, number) : NULL;
}

static bool put_field(struct jl_sentence *sentence, const struct jl_listener *listener,
                      uint32_t number) {
    const struct jl_field *field = field_of(listener, number);
    if (field != NULL) {
        put_text(sentence, jl_label_text(&field->label, listener->language));
    }
    return field != NULL;
}

/* The words that the catalogue gives to a check between two fields. */
static bool put_check(struct jl_sentence *sentence, const struct jl_listener *listener,
                      const struct jl_argument *argument) {
    const struct jl_type *type = listener->type;
    for (size_t i = 0; type != NULL && i < type->check_count; i++) {
        const struct jl_check *check = &type->checks[i];
        const char *words = jl_label_text(&check->message, listener->language);
        if (check->field == argument->field && check->other == argument->other && *words != '\0') {
            put_text(sentence, words);
            return true;
        }
    }
    return false;
}

static const char *mover_label(uint32_t mover, enum jl_language language) {
    bool english = language == JL_LANGUAGE_EN;
    switch ((enum jl_mover)mover) {
    case JL_MOVER_OFFICE:
        return english ? "the office that holds the record" : "记录所属的镇街";
    case JL_MOVER_DISTRICT:
        return english ? "the district" : "区总工会";
    case JL_MOVER_FROM:
        return english ? "the office that the member leaves" : "转出的镇街";
    case JL_MOVER_TO:
        return english ? "the office that the member joins" : "转入的镇街";
    case JL_MOVER_ANY:
        return english ? "anyone" : "任何一方";
    }
    return NULL;
}

static const char *entry_label(const struct jl_listener *listener,
                               const struct jl_argument *argument, const struct jl_field *field,
                               size_t index) {
    if (argument->kind == JL_ARGUMENT_MOVERS) {
        return mover_label(argument->numbers[index], listener->language);
    }
    const struct jl_code *code = field != NULL && field->codes != NULL
                                     ? jl_code_list_code(field->codes, argument->numbers[index])
                                     : NULL;
    return code != NULL ? jl_label_text(&code->label, listener->language) : NULL;
}

static bool put_list(struct jl_sentence *sentence, const struct jl_listener *listener,
                     const struct jl_argument *argument) {
    static const char *const between[2][2] = {{"、", ", "}, {"或", " or "}};
    bool movers = argument->kind == JL_ARGUMENT_MOVERS;
    const char *gap = between[movers][listener->language == JL_LANGUAGE_EN];
    const struct jl_field *field = movers ? NULL : field_of(listener, argument->field);
    size_t start = sentence->size;
    for (size_t i = 0; i < argument->count; i++) {
        const char *label = entry_label(listener, argument, field, i);
        if (label == NULL) {
            return false;
        }
        if (sentence->size - start + strlen(gap) + strlen(label) < LIST_BYTES) {
            put_text(sentence, sentence->size > start ? gap : "");
            put_text(sentence, label);
        }
    }
    return true;
}

static void put_written(struct jl_sentence *sentence, const struct jl_listener *listener,
                        struct jl_bytes text) {
    bool english = listener->language == JL_LANGUAGE_EN;
    if (text.size == 0) {
        put_text(sentence, english ? "what was written" : "填写的内容");
        return;
    }
    put_text(sentence, "“");
    put(sentence, text.data, text.size);
    put_text(sentence, "”");
}

static bool put_argument(struct jl_sentence *sentence, const struct jl_listener *listener,
                         const struct jl_argument *argument) {
    switch (argument->kind) {
    case JL_ARGUMENT_TEXT:
        put(sentence, argument->text.data, argument->text.size);
        return true;
    case JL_ARGUMENT_NUMBER:
    case JL_ARGUMENT_DATE:
    case JL_ARGUMENT_MONTH:
        return put_number(sentence, argument);
    case JL_ARGUMENT_FIELD:
        return put_field(sentence, listener, argument->field);
    case JL_ARGUMENT_CODES:
    case JL_ARGUMENT_MOVERS:
        return put_list(sentence, listener, argument);
    case JL_ARGUMENT_WRITTEN:
        put_written(sentence, listener, argument->text);
        return true;
    case JL_ARGUMENT_CHECK:
        return put_check(sentence, listener, argument);
    }
    return false;
}

/* Exactly what the code's places hold, or it is not ours to say. */
static bool read_arguments(const struct jl_remark *said,
                           struct jl_argument arguments[static JL_ARGUMENTS_MAX]) {
    struct jl_err ignored;
    struct jl_bytes rest = said->arguments;
    size_t places = 0;
    const uint16_t *kinds = jl_say_places(said->code, &places);
    for (size_t i = 0; kinds != NULL && i < places; i++) {
        if (jl_argument_next(&rest, &arguments[i], &ignored) != JL_OK ||
            (unsigned)arguments[i].kind >= ARGUMENT_KINDS ||
            (kinds[i] & 1u << arguments[i].kind) == 0) {
            return false;
        }
    }
    return kinds != NULL && rest.size == 0;
}

static bool say(const struct jl_remark *said, const struct jl_listener *listener,
                struct jl_sentence *sentence) {
    struct jl_argument arguments[JL_ARGUMENTS_MAX];
    bool fine = read_arguments(said, arguments);
    const char *at = fine ? jl_say_sentence(said->code, listener->language) : "";
    sentence->size = 0;
    while (fine && *at != '\0') {
        if (at[0] == '{' && at[1] >= '1' && at[1] <= '0' + JL_ARGUMENTS_MAX && at[2] == '}') {
            fine = put_argument(sentence, listener, &arguments[at[1] - '1']);
            at += 3;
            continue;
        }
        size_t size = strcspn(at + 1, "{") + 1;
        put(sentence, at, size);
        at += size;
    }
    sentence->text[sentence->size] = '\0';
    return fine;
}

/* A person's own words, with ours before them: those we can say. */
static bool say_before(struct jl_bytes text, const struct jl_listener *listener,
                       struct jl_sentence *sentence) {
    static const char zh[] = JL_SAY_REFUSED_ZH;
    static const char en[] = "the district refused it: ";
    size_t size = sizeof zh - 1;
    if (listener->language != JL_LANGUAGE_EN || text.size < size ||
        memcmp(text.data, zh, size) != 0 ||
        sizeof en - 1 + text.size - size >= sizeof sentence->text) {
        return false;
    }
    memcpy(sentence->text, en, sizeof en - 1);
    memcpy(sentence->text + sizeof en - 1, text.data + size, text.size - size);
    sentence->size = sizeof en - 1 + text.size - size;
    sentence->text[sentence->size] = '\0';
    return true;
}

struct jl_bytes jl_remark_text(const struct jl_remark *said, struct jl_bytes text,
                               const struct jl_listener *listener, struct jl_sentence *sentence) {
    bool said_here = said->code != JL_SAY_NOTHING ? say(said, listener, sentence)
                                                  : say_before(text, listener, sentence);
    return said_here ? jl_bytes(sentence->text, sentence->size) : text;
}

enum jl_rc jl_remark_encode(const struct jl_remark *said, struct jl_buf *out, struct jl_err *err) {
    if (said->code == JL_SAY_NOTHING) {
        return JL_OK;
    }
    enum jl_rc rc = jl_buf_put_varint(out, said->code, err);
    return rc == JL_OK && said->arguments.size > 0
               ? jl_buf_put(out, said->arguments.data, said->arguments.size, err)
               : rc;
}

struct jl_remark jl_remark_decode(struct jl_bytes bytes) {
    struct jl_err ignored;
    struct jl_reader reader = {.rest = bytes};
    uint64_t code = 0;
    bool fits = bytes.size <= JL_REMARK_MAX_BYTES &&
                jl_reader_varint(&reader, &code, &ignored) == JL_OK && code <= UINT32_MAX &&
                reader.rest.size <= JL_ARGUMENTS_MAX_BYTES;
    return fits ? (struct jl_remark){.code = (uint32_t)code, .arguments = reader.rest}
                : (struct jl_remark){.code = JL_SAY_NOTHING};
}
