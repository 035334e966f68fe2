/* May one type follow another of the same number and name? The rule stands in additive.c. */
#include "additive_type.h"

#include "jielian/base/fault.h"

#include <inttypes.h>
#include <string.h>

static enum jl_rc refuse(struct jl_err *err, const char *what, const char *why) {
    return jl_fault_at(err, JL_CONFLICT, JL_FAULT_CATALOGUE_CHANGED, "%s" JL_AND "%s", what, why);
}

static bool same_text(const char *a, const char *b) {
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_numbers(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count) {
    return a_count == b_count && (a_count == 0 || memcmp(a, b, a_count * sizeof *a) == 0);
}

static bool contains(const uint32_t *numbers, size_t count, uint32_t number) {
    for (size_t i = 0; i < count; i++) {
        if (numbers[i] == number) {
            return true;
        }
    }
    return false;
}

static enum jl_rc check_field(const struct jl_field *current, const struct jl_field *next,
                              struct jl_err *err) {
    if (strcmp(current->name, next->name) != 0) {
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_CATALOGUE_FIELD_RENAMED,
                           "%" PRIu32 JL_AND "%s", current->number, next->name);
    }
    if (current->kind != next->kind) {
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_CATALOGUE_KIND_CHANGED, "%s" JL_AND "%s",
                           jl_kind_name(current->kind), jl_kind_name(next->kind));
    }
    if (!same_text(current->codes == NULL ? NULL : current->codes->name,
                   next->codes == NULL ? NULL : next->codes->name)) {
        return refuse(err, "\"codes\"", "stored numbers belong to the old list");
    }
    if (current->ref_type != next->ref_type) {
        return refuse(err, "\"ref\"", "stored ids belong to the old type");
    }
    if (current->unique != next->unique || current->sensitive != next->sensitive ||
        current->search != next->search) {
        return refuse(err, "\"unique\", \"sensitive\", \"search\"",
                      "they decide how the field is stored");
    }
    if (next->required && !current->required) {
        return refuse(err, "\"required\"", "records without a value would become wrong");
    }
    if (next->lowest > current->lowest || next->highest < current->highest) {
        return jl_fault(err, JL_CONFLICT, JL_FAULT_CATALOGUE_RANGE_NARROWER);
    }
    if (current->rule != next->rule &&
        (current->rule != JL_RULE_NONE || next->rule != JL_RULE_FUTURE_OK)) {
        return refuse(err, "\"rule\"", "values that were right would become wrong");
    }
    return JL_OK;
}

static enum jl_rc check_fields(const struct jl_type *current, const struct jl_type *next,
                               struct jl_err *err) {
    for (size_t i = 0; i < current->field_count; i++) {
        const struct jl_field *field = &current->fields[i];
        const struct jl_field *same = jl_type_field(next, field->number);
        if (same == NULL) {
            return jl_fault_at(err, JL_CONFLICT, JL_FAULT_CATALOGUE_FIELD_GONE,
                               "%s" JL_AND "%" PRIu32, field->name, field->number);
        }
        if (check_field(field, same, err) != JL_OK) {
            return jl_fault_wrap(err, JL_FAULT_CATALOGUE_IN_FIELD, "%s", field->name);
        }
    }
    for (size_t i = 0; i < next->field_count; i++) {
        const struct jl_field *field = &next->fields[i];
        if (field->required && jl_type_field(current, field->number) == NULL) {
            return jl_fault_at(err, JL_CONFLICT, JL_FAULT_CATALOGUE_FIELD_REQUIRED, "%s",
                               field->name);
        }
    }
    return JL_OK;
}

static bool move_stays(const struct jl_move *move, const struct jl_flow *next) {
    for (size_t i = 0; i < next->move_count; i++) {
        const struct jl_move *other = &next->moves[i];
        if (other->from == move->from && other->to == move->to &&
            (other->who == move->who || other->who == JL_MOVER_ANY)) {
            return true;
        }
    }
    return false;
}

static const char *code_key(const struct jl_type *type, uint32_t number) {
    const struct jl_field *field = jl_type_field(type, type->flow.field);
    const struct jl_code *code = jl_code_list_code(field->codes, number);
    return code == NULL ? "null" : code->key;
}

static enum jl_rc check_flow(const struct jl_type *current, const struct jl_type *next,
                             struct jl_err *err) {
    if (current->flow.field != next->flow.field) {
        return refuse(err, "flow: \"field\"", "records under way would lose their moves");
    }
    for (size_t i = 0; i < current->flow.move_count; i++) {
        const struct jl_move *move = &current->flow.moves[i];
        if (!move_stays(move, &next->flow)) {
            return jl_fault_at(err, JL_CONFLICT, JL_FAULT_CATALOGUE_MOVE_GONE, "%s" JL_AND "%s",
                               code_key(current, move->from), code_key(current, move->to));
        }
    }
    return JL_OK;
}

static enum jl_rc check_living(const struct jl_type *current, const struct jl_type *next,
                               struct jl_err *err) {
    if (current->living_field != next->living_field) {
        return refuse(err, "living: \"field\"", "records that count would be others");
    }
    for (size_t i = 0; i < current->living_code_count; i++) {
        if (!contains(next->living_codes, next->living_code_count, current->living_codes[i])) {
            return jl_fault_at(err, JL_CONFLICT, JL_FAULT_CATALOGUE_LIVING_GONE, "%" PRIu32,
                               current->living_codes[i]);
        }
    }
    return JL_OK;
}

/* Every check that is an error now was an error before; new ones may only warn. */
static enum jl_rc check_checks(const struct jl_type *current, const struct jl_type *next,
                               struct jl_err *err) {
    for (size_t i = 0; i < next->check_count; i++) {
        const struct jl_check *check = &next->checks[i];
        bool known = check->warning;
        for (size_t k = 0; !known && k < current->check_count; k++) {
            const struct jl_check *old = &current->checks[k];
            known = old->field == check->field && old->other == check->other && !old->warning;
        }
        if (!known) {
            return jl_fault_at(err, JL_CONFLICT, JL_FAULT_CATALOGUE_CHECK_NEW, "%zu" JL_AND "%s", i,
                               jl_type_field(next, check->field)->name);
        }
    }
    return JL_OK;
}

enum jl_rc jl_additive_type(const struct jl_type *current, const struct jl_type *next,
                            struct jl_err *err) {
    if (current->owner != next->owner || current->decides != next->decides) {
        return refuse(err, "\"owner\", \"decides\"", "records would change hands");
    }
    if (current->append_only != next->append_only || current->confined != next->confined) {
        return refuse(err, "\"append_only\", \"confined\"", "people rely on them");
    }
    if (!same_numbers(current->natural_key, current->natural_key_count, next->natural_key,
                      next->natural_key_count) ||
        current->natural_key_has_owner != next->natural_key_has_owner) {
        return refuse(err, "\"natural_key\"", "ids are made of it");
    }
    if (current->transfer_subject != next->transfer_subject ||
        current->transfer_from != next->transfer_from ||
        current->transfer_to != next->transfer_to) {
        return refuse(err, "\"transfer\"", "transfers under way would lose their offices");
    }
    enum jl_rc rc = check_fields(current, next, err);
    if (rc == JL_OK) {
        rc = check_flow(current, next, err);
    }
    if (rc == JL_OK) {
        rc = check_living(current, next, err);
    }
    return rc == JL_OK ? check_checks(current, next, err) : rc;
}
