/* The transfer of a type: {"subject", "from", "to", "name"?, "asked"?, "effective"?,
 * "dependants"?, "carries"?: [[field, field of the subject], …]}. */
#include "catalogue.h"
#include "entry.h"
#include "known.h"
#include "layer.h"

#include "jielian/base/fault.h"
#include "jielian/base/rc.h"
#include "jielian/catalogue/catalogue.h"

static enum jl_rc field_of(const struct jl_type *type, const json_t *entry, const char *key,
                           enum jl_need need, const struct jl_field **out_field,
                           struct jl_err *err) {
    const char *name = NULL;
    *out_field = NULL;
    enum jl_rc rc = jl_entry_word(entry, key, need, &name, err);
    return rc == JL_OK && name != NULL ? jl_entry_find_field(type, name, out_field, err) : rc;
}

static enum jl_rc parse_parties(const struct jl_catalogue *catalogue, struct jl_type *type,
                                const json_t *transfer, struct jl_err *err) {
    static const char *const keys[] = {"subject", "from", "to"};
    uint32_t *const numbers[] = {&type->transfer_subject, &type->transfer_from, &type->transfer_to};
    const struct jl_type *office = NULL;
    enum jl_rc rc = jl_entry_find_type(catalogue, "office", &office, err);
    for (size_t i = 0; rc == JL_OK && i < 3; i++) {
        const struct jl_field *field = NULL;
        rc = field_of(type, transfer, keys[i], JL_REQUIRED, &field, err);
        if (rc == JL_OK && (field->kind != JL_KIND_REF || !field->required ||
                            (i > 0) != (field->ref_type == office->number))) {
            rc = jl_fault_at(err, JL_UNKNOWN,
                             i > 0 ? JL_FAULT_CATALOGUE_TRANSFER_OFFICE
                                   : JL_FAULT_CATALOGUE_TRANSFER_SUBJECT,
                             "%s", keys[i]);
        }
        if (rc == JL_OK) {
            *numbers[i] = field->number;
        }
    }
    if (rc == JL_OK && type->transfer_from == type->transfer_to) {
        return jl_fault(err, JL_PROTO, JL_FAULT_CATALOGUE_TRANSFER_SAME);
    }
    return rc;
}

/* What the programs fill in: a clerk may leave it out, and both offices may read it. */
static enum jl_rc parse_facts(struct jl_type *type, const json_t *transfer, struct jl_err *err) {
    const struct {
        const char *key;
        enum jl_kind kind;
        uint32_t *number;
    } facts[] = {
        {"name", JL_KIND_TEXT, &type->transfer_name},
        {"asked", JL_KIND_DATE, &type->transfer_asked},
        {"effective", JL_KIND_DATE, &type->transfer_effective},
        {"dependants", JL_KIND_INT, &type->transfer_dependants},
    };
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        const struct jl_field *field = NULL;
        enum jl_rc rc = field_of(type, transfer, facts[i].key, JL_OPTIONAL, &field, err);
        if (rc != JL_OK) {
            return rc;
        }
        if (field != NULL &&
            (field->kind != facts[i].kind || field->required || field->sensitive)) {
            return jl_fault_at(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_TRANSFER_FACT, "%s" JL_AND "%s",
                               facts[i].key, jl_kind_name(facts[i].kind));
        }
        *facts[i].number = field != NULL ? field->number : 0;
    }
    return JL_OK;
}

static bool same_kind(const struct jl_field *a, const struct jl_field *b) {
    return a->kind == b->kind && a->ref_type == b->ref_type && a->codes == b->codes &&
           a->sensitive == b->sensitive && a->rule == b->rule;
}

static enum jl_rc parse_carry(const struct jl_type *type, const struct jl_type *subject,
                              const json_t *pair, struct jl_carry *out_carry, struct jl_err *err) {
    const struct jl_field *from = NULL;
    const struct jl_field *to = NULL;
    const char *names[2];
    for (size_t i = 0; i < 2; i++) {
        names[i] = json_string_value(json_array_get(pair, i));
    }
    if (json_array_size(pair) != 2 || names[0] == NULL || names[1] == NULL) {
        return jl_fault_at(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_TRANSFER_PAIR, "%s" JL_AND "%s",
                           type->name, subject->name);
    }
    enum jl_rc rc = jl_entry_find_field(type, names[0], &from, err);
    if (rc == JL_OK) {
        rc = jl_entry_find_field(subject, names[1], &to, err);
    }
    if (rc == JL_OK && !same_kind(from, to)) {
        rc = jl_fault_at(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_TRANSFER_KIND, "%s" JL_AND "%s",
                         names[0], names[1]);
    }
    for (size_t i = 0; rc == JL_OK && i < subject->natural_key_count; i++) {
        if (subject->natural_key[i] == to->number) {
            rc = jl_fault_at(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_TRANSFER_KEY, "%s" JL_AND "%s",
                             names[1], subject->name);
        }
    }
    if (rc == JL_OK) {
        *out_carry = (struct jl_carry){.from = from->number, .to = to->number};
    }
    return rc;
}

static enum jl_rc parse_carries(struct jl_catalogue *catalogue, struct jl_type *type,
                                const json_t *transfer, struct jl_err *err) {
    const json_t *pairs = NULL;
    enum jl_rc rc =
        jl_entry_array(transfer, "carries", JL_OPTIONAL, JL_CARRIES_PER_TRANSFER_MAX, &pairs, err);
    if (rc != JL_OK || pairs == NULL) {
        return rc;
    }
    size_t count = json_array_size(pairs);
    uint32_t moves = jl_type_field(type, type->transfer_subject)->ref_type;
    const struct jl_type *subject = jl_catalogue_type(catalogue, moves);
    struct jl_carry *carries = jl_entry_zalloc(catalogue, count, sizeof *carries, err);
    if (carries == NULL) {
        return JL_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *pair = json_array_get(pairs, i);
        rc = parse_carry(type, subject, pair, &carries[i], err);
        for (size_t k = 0; rc == JL_OK && k < i; k++) {
            if (carries[k].to == carries[i].to) {
                rc = jl_fault_at(err, JL_PROTO, JL_FAULT_CATALOGUE_TRANSFER_TWICE, "%zu", k);
            }
        }
        if (rc != JL_OK) {
            return jl_entry_wrap(err, "carries", i, pair, NULL);
        }
    }
    type->carries = carries;
    type->carry_count = count;
    return JL_OK;
}

enum jl_rc jl_layer_transfer(struct jl_catalogue *catalogue, struct jl_type *type,
                             const json_t *transfer, struct jl_err *err) {
    enum jl_rc rc = jl_entry_object(transfer, jl_known_transfer, err);
    if (rc == JL_OK) {
        rc = parse_parties(catalogue, type, transfer, err);
    }
    if (rc == JL_OK) {
        rc = parse_facts(type, transfer, err);
    }
    return rc == JL_OK ? parse_carries(catalogue, type, transfer, err) : rc;
}
