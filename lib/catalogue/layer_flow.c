/* A flow: {"field", "moves": [{"from": key or null, "to": key or [keys], "by"}],
 * "due_working_days"}.
 *
 * One entry with several targets becomes as many moves. A move from null says how a record may
 * start. */
#include "catalogue.h"
#include "entry.h"
#include "known.h"
#include "layer.h"

#include "jielian/base/fault.h"
#include "jielian/base/rc.h"
#include "jielian/catalogue/code_list.h"
#include "jielian/catalogue/kind.h"
#include "jielian/catalogue/type.h"

#include <string.h>

/* The keys of "to", as an array or alone. */
static size_t target_count(const json_t *to) {
    return json_is_array(to) ? json_array_size(to) : 1;
}

static const char *target_key(const json_t *to, size_t index) {
    const char *key = json_string_value(json_is_array(to) ? json_array_get(to, index) : to);
    return key == NULL ? "" : key;
}

static enum jl_rc parse_from(const struct jl_code_list *list, const json_t *entry,
                             uint32_t *out_from, struct jl_err *err) {
    const json_t *from = json_object_get(entry, "from");
    if (from == NULL) {
        return jl_fault(err, JL_PROTO, JL_FAULT_CATALOGUE_MOVE_FROM);
    }
    if (json_is_null(from)) {
        *out_from = 0;
        return JL_OK;
    }
    const char *key = json_string_value(from);
    return jl_entry_find_code(list, key == NULL ? "" : key, out_from, err);
}

static enum jl_rc parse_mover(const struct jl_type *type, const json_t *entry,
                              enum jl_mover *out_who, struct jl_err *err) {
    static const char *const choices[] = {"office", "district", "from", "to", "any", NULL};
    static const enum jl_mover movers[] = {JL_MOVER_OFFICE, JL_MOVER_DISTRICT, JL_MOVER_FROM,
                                           JL_MOVER_TO, JL_MOVER_ANY};
    const char *word = NULL;
    size_t index = 0;
    enum jl_rc rc = jl_entry_word(entry, "by", JL_REQUIRED, &word, err);
    if (rc == JL_OK) {
        rc = jl_entry_choice("by", word, choices, &index, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    *out_who = movers[index];
    if ((*out_who == JL_MOVER_FROM || *out_who == JL_MOVER_TO) && type->transfer_subject == 0) {
        return jl_fault_at(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_MOVE_BY, "%s", word);
    }
    return JL_OK;
}

static enum jl_rc add_move(struct jl_move *moves, size_t *count, struct jl_move move,
                           struct jl_err *err) {
    if (move.from == move.to) {
        return jl_fault(err, JL_PROTO, JL_FAULT_CATALOGUE_MOVE_SAME);
    }
    for (size_t i = 0; i < *count; i++) {
        if (moves[i].from == move.from && moves[i].to == move.to && moves[i].who == move.who) {
            return jl_fault(err, JL_PROTO, JL_FAULT_CATALOGUE_MOVE_TWICE);
        }
    }
    moves[(*count)++] = move;
    return JL_OK;
}

/* All moves of one entry. */
static enum jl_rc parse_move(const struct jl_type *type, const struct jl_code_list *list,
                             const json_t *entry, struct jl_move *moves, size_t *count,
                             struct jl_err *err) {
    struct jl_move move = {0};
    enum jl_rc rc = jl_entry_object(entry, jl_known_move, err);
    if (rc == JL_OK) {
        rc = parse_from(list, entry, &move.from, err);
    }
    if (rc == JL_OK) {
        rc = parse_mover(type, entry, &move.who, err);
    }
    const json_t *to = json_object_get(entry, "to");
    for (size_t i = 0; rc == JL_OK && i < target_count(to); i++) {
        rc = jl_entry_find_code(list, target_key(to, i), &move.to, err);
        if (rc == JL_OK) {
            rc = add_move(moves, count, move, err);
        }
    }
    return rc;
}

static enum jl_rc parse_moves(struct jl_catalogue *catalogue, struct jl_type *type,
                              const struct jl_code_list *list, const json_t *entries,
                              struct jl_err *err) {
    size_t most = 0;
    for (size_t i = 0; i < json_array_size(entries); i++) {
        most += target_count(json_object_get(json_array_get(entries, i), "to"));
    }
    if (most > JL_MOVES_PER_FLOW_MAX) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_CATALOGUE_MOVES, "%zu" JL_AND "%d", most,
                           (int)JL_MOVES_PER_FLOW_MAX);
    }
    struct jl_move *moves = jl_entry_zalloc(catalogue, most, sizeof *moves, err);
    if (moves == NULL) {
        return JL_NOMEM;
    }
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const json_t *entry = json_array_get(entries, i);
        if (parse_move(type, list, entry, moves, &count, err) != JL_OK) {
            return jl_entry_wrap(err, "moves", i, entry, "from");
        }
    }
    type->flow.moves = moves;
    type->flow.move_count = count;
    return JL_OK;
}

static bool is_start(const struct jl_flow *flow, int64_t code) {
    for (size_t i = 0; i < flow->move_count; i++) {
        if (flow->moves[i].from == 0 && (code == 0 || flow->moves[i].to == code)) {
            return true;
        }
    }
    return false;
}

/* Where the day is kept until which the next move is due. */
static enum jl_rc parse_due(struct jl_type *type, const json_t *flow, struct jl_err *err) {
    const char *name = NULL;
    const struct jl_field *field = NULL;
    enum jl_rc rc = jl_entry_word(flow, "due", JL_OPTIONAL, &name, err);
    if (rc != JL_OK || name == NULL) {
        return rc;
    }
    rc = jl_entry_find_field(type, name, &field, err);
    if (rc == JL_OK && (field->kind != JL_KIND_DATE || field->rule != JL_RULE_FUTURE_OK ||
                        field->required || field->sensitive)) {
        rc = jl_fault(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_DUE_FIELD);
    }
    if (rc == JL_OK && type->flow.due_working_days == 0) {
        rc = jl_fault(err, JL_PROTO, JL_FAULT_CATALOGUE_DUE_DAYS);
    }
    if (rc == JL_OK) {
        type->flow.due_field = field->number;
    }
    return rc;
}

enum jl_rc jl_layer_flow(struct jl_catalogue *catalogue, struct jl_type *type, const json_t *flow,
                         struct jl_err *err) {
    static const int64_t days[2] = {1, 366};
    const char *name = NULL;
    const struct jl_field *field = NULL;
    const json_t *entries = NULL;
    int64_t due = 0;
    enum jl_rc rc = jl_entry_object(flow, jl_known_flow, err);
    if (rc == JL_OK) {
        rc = jl_entry_word(flow, "field", JL_REQUIRED, &name, err);
    }
    if (rc == JL_OK) {
        rc = jl_entry_find_field(type, name, &field, err);
    }
    if (rc == JL_OK && (field->kind != JL_KIND_CODE || !field->required || field->sensitive)) {
        rc = jl_fault(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_FLOW_FIELD);
    }
    if (rc == JL_OK) {
        rc = jl_entry_number(flow, "due_working_days", JL_OPTIONAL, days, &due, err);
    }
    if (rc == JL_OK) {
        rc = jl_entry_array(flow, "moves", JL_REQUIRED, JL_MOVES_PER_FLOW_MAX, &entries, err);
    }
    if (rc == JL_OK) {
        rc = parse_moves(catalogue, type, field->codes, entries, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    type->flow.field = field->number;
    type->flow.due_working_days = (uint32_t)due;
    rc = parse_due(type, flow, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (!is_start(&type->flow, 0)) {
        return jl_fault(err, JL_PROTO, JL_FAULT_CATALOGUE_FLOW_START);
    }
    if (field->fallback.set && !is_start(&type->flow, field->fallback.number)) {
        return jl_fault_at(err, JL_PROTO, JL_FAULT_CATALOGUE_FLOW_DEFAULT, "%s", field->name);
    }
    return JL_OK;
}
