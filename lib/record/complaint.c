/* Problems said as codes with arguments. */
#include "complaint.h"

#include "jielian/base/utf8.h"

#include <string.h>

enum { WRITTEN_CHARACTERS = 24 };

static const char ellipsis[] = "…";
_Static_assert(4 * WRITTEN_CHARACTERS + sizeof ellipsis - 1 <= JL_COMPLAINT_WRITTEN_BYTES,
               "what is quoted fits an argument");

/* All others are errors. */
static bool is_warning(enum jl_say_code code) {
    return code == JL_SAY_NAME_LATIN || code == JL_SAY_ID_AREA || code == JL_SAY_ID_AGE ||
           code == JL_SAY_ID_SEX || code == JL_SAY_ID_BIRTH;
}

void jl_complaint(const struct jl_check_context *context, struct jl_problems *problems,
                  const struct jl_complaint *say) {
    const struct jl_argument field = jl_argument_field(say->field->number);
    const struct jl_listener listener = {
        .language = context->language, .type = say->type, .field = say->field};
    bool warns = say->soften || is_warning(say->code);
    struct jl_saying saying;
    size_t places = 0;
    (void)jl_say_places((uint32_t)say->code, &places);
    jl_saying_begin(&saying, say->code);
    for (size_t i = 0; i < places; i++) {
        jl_saying_put(&saying, i == 0 ? &field : &say->words[i - 1]);
    }
    jl_problem_say(problems, warns ? JL_PROBLEM_WARNING : JL_PROBLEM_ERROR, say->field->number,
                   &saying, &listener);
}

struct jl_argument jl_complaint_written(const struct jl_field *field, struct jl_bytes value,
                                        char spare[static JL_COMPLAINT_WRITTEN_BYTES]) {
    struct jl_bytes rest = value;
    uint32_t code_point = 0;
    size_t count = 0;
    if (field->sensitive || !jl_utf8_valid(value)) {
        return (struct jl_argument){.kind = JL_ARGUMENT_WRITTEN};
    }
    while (count < WRITTEN_CHARACTERS && jl_utf8_next(&rest, &code_point)) {
        count++;
    }
    size_t size = value.size - rest.size;
    if (size > 0) {
        memcpy(spare, value.data, size);
    }
    if (rest.size > 0) {
        memcpy(spare + size, ellipsis, sizeof ellipsis - 1);
        size += sizeof ellipsis - 1;
    }
    return (struct jl_argument){.kind = JL_ARGUMENT_WRITTEN, .text = jl_bytes(spare, size)};
}

void jl_complaint_field(const struct jl_check_context *context, struct jl_problems *problems,
                        const struct jl_field *field, enum jl_say_code code) {
    const struct jl_complaint say = {.code = code, .field = field};
    jl_complaint(context, problems, &say);
}

void jl_complaint_value(const struct jl_check_context *context, struct jl_problems *problems,
                        const struct jl_field *field, enum jl_say_code code,
                        struct jl_bytes value) {
    char spare[JL_COMPLAINT_WRITTEN_BYTES];
    const struct jl_complaint say = {
        .code = code, .field = field, .words = {jl_complaint_written(field, value, spare)}};
    jl_complaint(context, problems, &say);
}
