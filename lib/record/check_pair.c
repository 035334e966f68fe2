/* Checks that look at two fields of one row. */
#include "check_pair.h"
#include "complaint.h"

static bool number_of(const struct jl_row *row, uint32_t field, int64_t *out_number) {
    const struct jl_value *value = jl_row_get(row, field);
    if (value == NULL || value->kind != JL_VALUE_INT) {
        return false;
    }
    *out_number = value->number;
    return true;
}

static void say_pair(const struct jl_checker *checker, const struct jl_check *check) {
    const struct jl_field *field = jl_type_field(checker->type, check->field);
    const struct jl_field *other = jl_type_field(checker->type, check->other);
    if (field == NULL || other == NULL) {
        return; /* the catalogue's parser leaves no such check */
    }
    struct jl_complaint say = {
        .code = JL_SAY_CATALOGUE,
        .type = checker->type,
        .field = field,
        .words = {{.kind = JL_ARGUMENT_CHECK, .field = check->field, .other = check->other}}};
    if (*jl_label_text(&check->message, checker->context->language) == '\0') {
        say.code = JL_SAY_PAIR;
        say.words[0] = jl_argument_field(other->number);
    }
    say.soften = check->warning || (!jl_checker_touches(checker, check->field) &&
                                    !jl_checker_touches(checker, check->other));
    jl_complaint(checker->context, checker->problems, &say);
}

void jl_check_pair_fields(const struct jl_checker *checker) {
    for (size_t i = 0; i < checker->type->check_count; i++) {
        const struct jl_check *check = &checker->type->checks[i];
        int64_t number = 0;
        int64_t other = 0;
        if (number_of(checker->row, check->field, &number) &&
            number_of(checker->row, check->other, &other) && number > other) {
            say_pair(checker, check);
        }
    }
}

/* That its parties stay who they are is said by jl_flow_check. */
void jl_check_pair_transfer(const struct jl_checker *checker) {
    const struct jl_type *type = checker->type;
    if (type->transfer_subject == 0) {
        return;
    }
    const struct jl_value *from = jl_row_get(checker->row, type->transfer_from);
    const struct jl_value *to = jl_row_get(checker->row, type->transfer_to);
    if (from != NULL && to != NULL && jl_value_equal(from, to)) {
        const struct jl_argument other = jl_argument_field(type->transfer_from);
        jl_checker_say(checker, jl_type_field(type, type->transfer_to), JL_SAY_TRANSFER_SAME,
                       &other);
    }
}

static void say_disagrees(const struct jl_checker *checker, const struct jl_field *field,
                          const struct jl_field *other, enum jl_say_code code) {
    const struct jl_complaint say = {.code = code,
                                     .type = checker->type,
                                     .field = field,
                                     .words = {jl_argument_field(other->number)}};
    jl_complaint(checker->context, checker->problems, &say);
}

void jl_check_pair_id_facts(const struct jl_checker *checker, const struct jl_field *field,
                            struct jl_bytes id_no, const struct jl_id_facts *facts) {
    if (!jl_id_no_area_known(id_no)) {
        jl_checker_say(checker, field, JL_SAY_ID_AREA, NULL);
    }
    if (!jl_id_no_age_usual(facts->birth, checker->context->today)) {
        jl_checker_say(checker, field, JL_SAY_ID_AGE, NULL);
    }
    int64_t number = 0;
    const struct jl_field *sex = jl_type_field_named(checker->type, "sex");
    const struct jl_code *code = jl_id_no_sex_code(sex, facts->sex);
    if (code != NULL && number_of(checker->row, sex->number, &number) && number != code->number) {
        say_disagrees(checker, field, sex, JL_SAY_ID_SEX);
    }
    const struct jl_field *birth = jl_type_field_named(checker->type, "birth");
    if (birth != NULL && birth->kind == JL_KIND_DATE &&
        number_of(checker->row, birth->number, &number) && number != facts->birth) {
        say_disagrees(checker, field, birth, JL_SAY_ID_BIRTH);
    }
}
