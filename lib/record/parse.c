/* One reader per kind; what is common to all stands here: encoding, blanks, copying to the arena.
 */
#include "parse.h"
#include "checker.h"
#include "code_point.h"
#include "id_no.h"
#include "name.h"
#include "nearest.h"
#include "phone.h"
#include "uscc.h"

#include "jielian/base/arena.h"
#include "jielian/base/fault.h"
#include "jielian/base/id.h"
#include "jielian/base/limits.h"
#include "jielian/base/utf8.h"
#include "jielian/base/value.h"
#include "jielian/record/parse.h"
#include "jielian/record/text.h"

#include <string.h>

static bool is_clean(struct jl_bytes text) {
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i];
        /* Invisible code points begin with C2, E2 or EF; most texts have none of these. */
        if ((byte < ' ' && byte != '\n' && byte != '\t') || byte == 0x7F || byte == 0xC2 ||
            byte == 0xE2 || byte == 0xEF) {
            return false;
        }
    }
    return true;
}

/* Line ends become \n, marks that nobody can see go. */
static size_t copy_visible(struct jl_bytes text, uint8_t *out) {
    size_t size = 0;
    while (text.size > 0) {
        const uint8_t *start = text.data;
        uint32_t code_point = 0;
        if (!jl_utf8_next(&text, &code_point)) {
            break;
        }
        if (!jl_code_point_is_invisible(code_point)) {
            size_t width = (size_t)(text.data - start);
            memcpy(out + size, start, width);
            size += width;
        }
    }
    return size;
}

static enum jl_rc parse_text(const struct jl_parse *parse, struct jl_arena *arena,
                             struct jl_value *out_value, struct jl_err *err) {
    struct jl_bytes text = parse->written;
    bool name = parse->field->rule == JL_RULE_PERSON_NAME;
    if (!name && is_clean(text)) {
        enum jl_rc rc = jl_arena_dup(arena, text, &text, err);
        if (rc == JL_OK) {
            *out_value = jl_value_text(text);
        }
        return rc;
    }
    uint8_t *copy = jl_arena_alloc(arena, name ? 2 * text.size : text.size);
    if (copy == NULL) {
        return jl_fault_memory(err);
    }
    size_t size = name ? jl_name_normalise(text, copy) : copy_visible(text, copy);
    if (size > 0) {
        *out_value = jl_value_text(jl_bytes(copy, size));
    }
    return JL_OK;
}

static bool parse_bool(const struct jl_parse *parse, struct jl_narrow *narrow,
                       int64_t *out_number) {
    static const char *const yes[] = {"是", "有", "1", "Y",  "YES", "TRUE", "T",
                                      "√",  "✓",  "✔", "对", "已",  "真",   "ON"};
    static const char *const no[] = {"否", "无", "0",    "N",  "NO", "FALSE", "F",    "×",
                                     "✗",  "✘",  "没有", "未", "假", "OFF",   "不是", "X"};
    jl_narrow_upper(narrow);
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (strcmp(narrow->text, yes[i]) == 0) {
            *out_number = 1;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
        if (strcmp(narrow->text, no[i]) == 0) {
            *out_number = 0;
            return true;
        }
    }
    return jl_parse_fail(parse, JL_SAY_NOT_BOOL);
}

static bool parse_code(const struct jl_parse *parse, int64_t *out_number) {
    const struct jl_code *found = jl_code_list_find(parse->field->codes, parse->written);
    if (found == NULL) {
        jl_nearest_say(parse);
        return false;
    }
    *out_number = found->number;
    return true;
}

static enum jl_rc parse_ref(const struct jl_parse *parse, const struct jl_narrow *narrow,
                            struct jl_arena *arena, struct jl_value *out_value,
                            struct jl_err *err) {
    struct jl_id id;
    if (jl_id_parse(narrow->text, &id, NULL) != JL_OK) {
        (void)jl_parse_fail(parse, JL_SAY_NOT_REF);
        return JL_OK;
    }
    struct jl_bytes bytes;
    enum jl_rc rc = jl_arena_dup(arena, jl_bytes(id.bytes, sizeof id.bytes), &bytes, err);
    if (rc == JL_OK) {
        out_value->kind = JL_VALUE_BYTES;
        out_value->bytes = bytes;
    }
    return rc;
}

/* Kinds that become numbers. */
static bool parse_number(const struct jl_parse *parse, struct jl_narrow *narrow,
                         int64_t *out_number) {
    switch (parse->field->kind) {
    case JL_KIND_INT:
        return jl_parse_int(parse, narrow, out_number);
    case JL_KIND_MONEY:
        return jl_parse_money(parse, narrow, out_number);
    case JL_KIND_DATE:
        return jl_parse_date(parse, narrow, out_number);
    case JL_KIND_MONTH:
        return jl_parse_month(parse, narrow, out_number);
    case JL_KIND_BOOL:
        return parse_bool(parse, narrow, out_number);
    case JL_KIND_CODE:
    case JL_KIND_TEXT:
    case JL_KIND_REF:
    case JL_KIND_ID_NO:
    case JL_KIND_USCC:
    case JL_KIND_PHONE:
        break;
    }
    return jl_parse_fail(parse, JL_SAY_WRONG_KIND);
}

static enum jl_say_code kind_complaint(enum jl_kind kind) {
    switch (kind) {
    case JL_KIND_INT:
        return JL_SAY_NOT_INT;
    case JL_KIND_MONEY:
        return JL_SAY_NOT_MONEY;
    case JL_KIND_DATE:
        return JL_SAY_NOT_DATE;
    case JL_KIND_MONTH:
        return JL_SAY_NOT_MONTH;
    case JL_KIND_BOOL:
        return JL_SAY_NOT_BOOL;
    case JL_KIND_REF:
        return JL_SAY_NOT_REF;
    case JL_KIND_ID_NO:
        return JL_SAY_PERMIT_LENGTH;
    case JL_KIND_USCC:
        return JL_SAY_USCC_LENGTH;
    case JL_KIND_PHONE:
        return JL_SAY_PHONE;
    case JL_KIND_TEXT:
    case JL_KIND_CODE:
        break;
    }
    return JL_SAY_WRONG_KIND;
}

static enum jl_rc parse_narrow(const struct jl_parse *parse, struct jl_arena *arena,
                               struct jl_value *out_value, struct jl_err *err) {
    struct jl_narrow narrow;
    enum jl_kind kind = parse->field->kind;
    if (!jl_narrow_text(parse->written, &narrow)) {
        char spare[JL_COMPLAINT_WRITTEN_BYTES];
        struct jl_complaint say = {
            .code = kind_complaint(kind),
            .field = parse->field,
            .words = {jl_complaint_written(parse->field, parse->written, spare)}};
        if (say.code == JL_SAY_USCC_LENGTH) {
            say.words[0] =
                jl_argument_number(JL_ARGUMENT_NUMBER, (int64_t)jl_utf8_length(parse->written));
        }
        jl_complaint(parse->context, parse->problems, &say);
        return JL_OK;
    }
    if (kind == JL_KIND_REF) {
        return parse_ref(parse, &narrow, arena, out_value, err);
    }
    bool as_text = kind == JL_KIND_ID_NO || kind == JL_KIND_USCC || kind == JL_KIND_PHONE;
    if (!as_text) {
        int64_t number = 0;
        if (parse_number(parse, &narrow, &number)) {
            *out_value = jl_value_int(number);
        }
        return JL_OK;
    }
    bool read = kind == JL_KIND_ID_NO  ? jl_id_no_parse(parse, &narrow)
                : kind == JL_KIND_USCC ? jl_uscc_parse(parse, &narrow)
                                       : jl_phone_parse(parse, &narrow);
    if (!read) {
        return JL_OK;
    }
    struct jl_bytes copy;
    enum jl_rc rc = jl_arena_dup(arena, jl_narrow_bytes(&narrow), &copy, err);
    if (rc == JL_OK) {
        *out_value = jl_value_text(copy);
    }
    return rc;
}

enum jl_rc jl_parse_field(const struct jl_check_context *context, const struct jl_field *field,
                          struct jl_bytes text, struct jl_arena *arena, struct jl_value *out_value,
                          struct jl_problems *problems, struct jl_err *err) {
    struct jl_parse parse = {
        .context = context, .field = field, .written = text, .problems = problems};
    *out_value = jl_value_null();
    if (text.size == 0) {
        return JL_OK;
    }
    if (!jl_utf8_valid(text)) {
        jl_complaint_field(context, problems, field, JL_SAY_NOT_TEXT);
        return JL_OK;
    }
    parse.written = jl_text_trim(text);
    if (parse.written.size == 0) {
        return JL_OK;
    }
    if (field->kind == JL_KIND_TEXT) {
        if (parse.written.size > JL_FIELD_TEXT_MAX_BYTES) {
            struct jl_complaint say = {
                .code = JL_SAY_TEXT_LONG,
                .field = field,
                .words = {jl_argument_number(JL_ARGUMENT_NUMBER, JL_TEXT_MAX_CHARACTERS)}};
            jl_complaint(context, problems, &say);
            return JL_OK;
        }
        return parse_text(&parse, arena, out_value, err);
    }
    if (field->kind == JL_KIND_CODE) {
        int64_t number = 0;
        if (field->codes == NULL) {
            jl_complaint_field(context, problems, field, JL_SAY_WRONG_KIND);
        } else if (parse_code(&parse, &number)) {
            *out_value = jl_value_int(number);
        }
        return JL_OK;
    }
    return parse_narrow(&parse, arena, out_value, err);
}
