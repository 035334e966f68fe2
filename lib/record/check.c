/* The validator: every path of a record into the books ends here.
 *
 *   each field: kind → range, calendar, code list → rule; then required; then pairs of fields.
 *
 * The first fault of a field is the one that is said. Fields unknown to the catalogue pass: a newer
 * catalogue may know them. */
#include "check_pair.h"
#include "complaint.h"
#include "name.h"
#include "narrow.h"
#include "phone.h"
#include "uscc.h"

#include "jielian/base/clock.h"
#include "jielian/base/date.h"
#include "jielian/base/limits.h"
#include "jielian/base/utf8.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    DATE_MAX = 21991231, /* what may lie ahead: due dates, expiry, ends of term */
    NUMBER_TEXT_BYTES = 32,
    VALUE_HEAD_BYTES = 8, /* a value's field number and size, at most */
};

static void say_number(const struct jl_checker *checker, const struct jl_field *field,
                       enum jl_say_code code, enum jl_argument_kind kind, int64_t number) {
    const struct jl_argument word = jl_argument_number(kind, number);
    jl_checker_say(checker, field, code, &word);
}

static void say_text(const struct jl_checker *checker, const struct jl_field *field,
                     enum jl_say_code code, const char *text) {
    const struct jl_argument word = jl_argument_text(jl_bytes_text(text));
    jl_checker_say(checker, field, code, &word);
}

/* Amounts are shown in 元, as people wrote them. */
static void say_bound(const struct jl_checker *checker, const struct jl_field *field,
                      enum jl_say_code code, int64_t bound) {
    char text[NUMBER_TEXT_BYTES];
    if (field->kind != JL_KIND_MONEY) {
        say_number(checker, field, code, JL_ARGUMENT_NUMBER, bound);
        return;
    }
    (void)snprintf(text, sizeof text, "%" PRId64 ".%02d", bound / 100,
                   (int)(bound % 100 < 0 ? -(bound % 100) : bound % 100));
    say_text(checker, field, code, text);
}

static void check_range(const struct jl_checker *checker, const struct jl_field *field,
                        int64_t number) {
    if (number < field->lowest) {
        say_bound(checker, field, JL_SAY_NUMBER_LOW, field->lowest);
    } else if (number > field->highest) {
        say_bound(checker, field, JL_SAY_NUMBER_HIGH, field->highest);
    }
}

/* A date after today is an error, or noted for a person to look at. */
static void say_future(const struct jl_checker *checker, const struct jl_field *field) {
    struct jl_ahead *ahead = checker->context->ahead;
    if (ahead == NULL) {
        say_number(checker, field, JL_SAY_DATE_FUTURE, JL_ARGUMENT_DATE, checker->context->today);
    } else if (jl_checker_touches(checker, field->number) && ahead->count < JL_PROBLEMS_MAX) {
        ahead->fields[ahead->count++] = field->number;
    }
}

static void check_date(const struct jl_checker *checker, const struct jl_field *field,
                       int64_t date) {
    bool future_ok = field->rule == JL_RULE_FUTURE_OK;
    if (!jl_date_valid(date)) {
        jl_checker_say(checker, field, JL_SAY_WRONG_KIND, NULL);
    } else if (date < JL_DATE_MIN) {
        say_number(checker, field, JL_SAY_DATE_EARLY, JL_ARGUMENT_DATE, JL_DATE_MIN);
    } else if (date > DATE_MAX) {
        say_number(checker, field, JL_SAY_DATE_FAR, JL_ARGUMENT_DATE, DATE_MAX);
    } else if (field->rule == JL_RULE_WEEK && jl_date_weekday(date) != 1) {
        int64_t monday = jl_date_to_days(date) - (jl_date_weekday(date) - 1);
        say_number(checker, field, JL_SAY_NOT_MONDAY, JL_ARGUMENT_DATE, jl_date_from_days(monday));
    } else if (!future_ok && date > checker->context->today) {
        say_future(checker, field);
    }
}

static void check_month(const struct jl_checker *checker, const struct jl_field *field,
                        int64_t month) {
    bool future_ok = field->rule == JL_RULE_FUTURE_OK;
    if (month < 0 || month > DATE_MAX || !jl_date_valid(month * 100 + 1)) {
        jl_checker_say(checker, field, JL_SAY_WRONG_KIND, NULL);
    } else if (month < JL_DATE_MIN / 100) {
        say_number(checker, field, JL_SAY_DATE_EARLY, JL_ARGUMENT_MONTH, JL_DATE_MIN / 100);
    } else if (month > DATE_MAX / 100) {
        say_number(checker, field, JL_SAY_DATE_FAR, JL_ARGUMENT_MONTH, DATE_MAX / 100);
    } else if (!future_ok && month > checker->context->today / 100) {
        say_future(checker, field);
    }
}

static void check_code(const struct jl_checker *checker, const struct jl_field *field,
                       int64_t number) {
    bool known = number >= 0 && number <= UINT32_MAX && field->codes != NULL &&
                 jl_code_list_code(field->codes, (uint32_t)number) != NULL;
    if (!known && field->sensitive) {
        say_text(checker, field, JL_SAY_CODE_NUMBER, "");
    } else if (!known) {
        say_number(checker, field, JL_SAY_CODE_NUMBER, JL_ARGUMENT_NUMBER, number);
    }
}

static void check_number(const struct jl_checker *checker, const struct jl_field *field,
                         int64_t number) {
    switch (field->kind) {
    case JL_KIND_INT:
    case JL_KIND_MONEY:
        check_range(checker, field, number);
        return;
    case JL_KIND_DATE:
        check_date(checker, field, number);
        return;
    case JL_KIND_MONTH:
        check_month(checker, field, number);
        return;
    case JL_KIND_CODE:
        check_code(checker, field, number);
        return;
    case JL_KIND_BOOL:
        if (number != 0 && number != 1) {
            jl_checker_say(checker, field, JL_SAY_WRONG_KIND, NULL);
        }
        return;
    case JL_KIND_TEXT:
    case JL_KIND_REF:
    case JL_KIND_ID_NO:
    case JL_KIND_USCC:
    case JL_KIND_PHONE:
        break;
    }
    jl_checker_say(checker, field, JL_SAY_WRONG_KIND, NULL);
}

static void check_id_no(const struct jl_checker *checker, const struct jl_field *field,
                        struct jl_bytes id_no) {
    if (!jl_id_no_is_resident(checker->type, checker->row)) {
        enum jl_say_code message = jl_id_no_check_permit(id_no);
        if (message != JL_SAY_NOTHING) {
            jl_checker_say(checker, field, message, NULL);
        }
        return;
    }
    bool noted = checker->context->ahead != NULL;
    struct jl_id_facts facts = {.birth = 0};
    enum jl_say_code message =
        jl_id_no_check(id_no, noted ? DATE_MAX : checker->context->today, &facts);
    if (message == JL_SAY_NOTHING) {
        jl_check_pair_id_facts(checker, field, id_no, &facts);
        if (noted && facts.birth > checker->context->today) {
            say_future(checker, field);
        }
        return;
    }
    say_number(checker, field, message, JL_ARGUMENT_NUMBER, (int64_t)jl_utf8_length(id_no));
}

static void check_uscc(const struct jl_checker *checker, const struct jl_field *field,
                       struct jl_bytes uscc) {
    char sign[8] = "";
    bool of_union = field->rule == JL_RULE_ORG_USCC;
    enum jl_say_code message = jl_uscc_check(uscc, of_union, sign);
    if (message == JL_SAY_NOTHING) {
        return;
    }
    if (message == JL_SAY_USCC_LENGTH) {
        say_number(checker, field, message, JL_ARGUMENT_NUMBER, (int64_t)jl_utf8_length(uscc));
    } else {
        say_text(checker, field, message, field->sensitive ? "…" : sign);
    }
}

static void check_name(const struct jl_checker *checker, const struct jl_field *field,
                       struct jl_bytes name) {
    char sign[8] = "";
    enum jl_say_code message = jl_name_check(name, sign);
    if (message == JL_SAY_NOTHING) {
        return;
    }
    if (message == JL_SAY_NAME_SIGN) {
        say_text(checker, field, message, field->sensitive ? "…" : sign);
    } else {
        say_number(checker, field, message, JL_ARGUMENT_NUMBER,
                   message == JL_SAY_NAME_SHORT ? JL_NAME_MIN_CHARACTERS : JL_NAME_MAX_CHARACTERS);
    }
}

static void check_text(const struct jl_checker *checker, const struct jl_field *field,
                       struct jl_bytes text) {
    /* The catalogue itself is one field of a built-in record. */
    size_t most =
        checker->type->built_in ? (size_t)JL_CATALOGUE_MAX_BYTES : (size_t)JL_FIELD_TEXT_MAX_BYTES;
    if (text.size == 0) {
        jl_checker_say(checker, field, JL_SAY_TEXT_EMPTY, NULL);
    } else if (text.size > most) {
        say_number(checker, field, JL_SAY_TEXT_LONG, JL_ARGUMENT_NUMBER, JL_TEXT_MAX_CHARACTERS);
    } else if (!jl_utf8_valid(text)) {
        jl_checker_say(checker, field, JL_SAY_NOT_TEXT, NULL);
    } else if (field->kind == JL_KIND_ID_NO) {
        check_id_no(checker, field, text);
    } else if (field->kind == JL_KIND_USCC) {
        check_uscc(checker, field, text);
    } else if (field->kind == JL_KIND_PHONE) {
        if (jl_phone_check(text) != JL_SAY_NOTHING) {
            jl_checker_say(checker, field, JL_SAY_PHONE, NULL);
        }
    } else if (field->rule == JL_RULE_PERSON_NAME) {
        check_name(checker, field, text);
    }
}

static bool is_text_kind(enum jl_kind kind) {
    return kind == JL_KIND_TEXT || kind == JL_KIND_ID_NO || kind == JL_KIND_USCC ||
           kind == JL_KIND_PHONE;
}

static void check_value(const struct jl_checker *checker, const struct jl_field *field,
                        const struct jl_value *value) {
    bool text = is_text_kind(field->kind);
    if (value->kind == JL_VALUE_TEXT && text) {
        check_text(checker, field, value->bytes);
    } else if (value->kind == JL_VALUE_INT && !text) {
        check_number(checker, field, value->number);
    } else if (value->kind != JL_VALUE_BYTES || field->kind != JL_KIND_REF ||
               value->bytes.size != JL_ID_BYTES) {
        jl_checker_say(checker, field, JL_SAY_WRONG_KIND, NULL);
    }
}

static size_t value_bytes(const struct jl_value *value) {
    bool has_bytes = value->kind == JL_VALUE_TEXT || value->kind == JL_VALUE_BYTES;
    return VALUE_HEAD_BYTES + (has_bytes ? value->bytes.size : 0);
}

static size_t row_bytes(const struct jl_row *row) {
    size_t bytes = 0;
    for (size_t i = 0; row != NULL && i < row->field_count; i++) {
        bytes += value_bytes(&row->fields[i].value);
    }
    return bytes;
}

/* Fields that our catalogue does not know are kept, so they count too. One that is too large
 * already may shrink step by step. */
static void check_size(const struct jl_checker *checker) {
    const struct jl_row *row = checker->row;
    struct jl_complaint say = {
        .code = JL_SAY_ROW_LARGE, .type = checker->type, .field = &checker->type->fields[0]};
    size_t bytes = row_bytes(row);
    size_t most = 0;
    for (size_t i = 0; i < row->field_count; i++) { /* the longest is the one to shorten */
        const struct jl_field *field = jl_type_field(checker->type, row->fields[i].field);
        size_t size = value_bytes(&row->fields[i].value);
        if (field != NULL && size > most) {
            most = size;
            say.field = field;
        }
    }
    say.soften = bytes <= row_bytes(checker->before);
    if (bytes > JL_ROW_MAX_BYTES) {
        jl_complaint(checker->context, checker->problems, &say);
    }
}

static void check_fields(const struct jl_checker *checker) {
    check_size(checker);
    for (size_t i = 0; i < checker->type->field_count; i++) {
        const struct jl_field *field = &checker->type->fields[i];
        const struct jl_value *value = jl_row_get(checker->row, field->number);
        if (value != NULL && value->kind != JL_VALUE_NULL) {
            check_value(checker, field, value);
        } else if (field->required && !jl_problems_has_error(checker->problems, field->number)) {
            /* When reading the field failed, that was said already. */
            jl_checker_say(checker, field, JL_SAY_REQUIRED, NULL);
        }
    }
    jl_check_pair_fields(checker);
    jl_check_pair_transfer(checker);
}

void jl_check_row(const struct jl_check_context *context, const struct jl_type *type,
                  const struct jl_row *row, struct jl_problems *problems) {
    struct jl_checker checker = {
        .context = context, .type = type, .row = row, .problems = problems};
    check_fields(&checker);
}

void jl_check_edit(const struct jl_check_context *context, const struct jl_type *type,
                   const struct jl_row *before, const struct jl_row *after,
                   struct jl_problems *problems) {
    struct jl_checker checker = {
        .context = context, .type = type, .before = before, .row = after, .problems = problems};
    check_fields(&checker);
}
