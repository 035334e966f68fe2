/* Moves of a status: a small graph in the catalogue, walked one edge at a time.
 *
 *   new record: 0 → status        edit: old status → new status, when they differ
 *   back after deletion: as an edit of what it was, or anew
 *
 * A status is the district's to give when it can be reached by the district's moves only. Such a
 * one is no way to start for an office, nor is one that it deleted a way to start again: else
 * deleting and adding would go round the flow. */
#include "complaint.h"

#include "jielian/base/row.h"
#include "jielian/record/flow.h"

struct flow {
    const struct jl_check_context *context;
    const struct jl_type *type;
    const struct jl_field *field;
    unsigned movers;
    struct jl_problems *problems;
};

static uint32_t status_of(const struct jl_row *row, uint32_t field) {
    const struct jl_value *value = row == NULL ? NULL : jl_row_get(row, field);
    if (value == NULL || value->kind != JL_VALUE_INT || value->number <= 0 ||
        value->number > UINT32_MAX) {
        return 0;
    }
    return (uint32_t)value->number;
}

static bool may_move(const struct jl_move *move, unsigned movers) {
    return move->who == JL_MOVER_ANY || (movers & 1u << move->who) != 0;
}

/* By its label; one that the catalogue does not know by its number. */
static struct jl_argument status_word(const struct flow *flow, uint32_t status) {
    struct jl_argument word = {.kind = JL_ARGUMENT_CODES, .field = flow->field->number};
    bool known =
        flow->field->codes != NULL && jl_code_list_code(flow->field->codes, status) != NULL;
    (void)jl_argument_list(&word, status);
    return known ? word : jl_argument_number(JL_ARGUMENT_NUMBER, status);
}

static bool listed_before(const struct flow *flow, size_t index) {
    const struct jl_move *moves = flow->type->flow.moves;
    for (size_t i = 0; i < index; i++) {
        if (moves[i].from == moves[index].from && moves[i].to == moves[index].to &&
            may_move(&moves[i], flow->movers)) {
            return true;
        }
    }
    return false;
}

static bool is_district(const struct flow *flow) {
    return (flow->movers & 1u << JL_MOVER_DISTRICT) != 0;
}

static bool may_start(const struct flow *flow, uint32_t status) {
    return is_district(flow) || flow->context->old_books ||
           !jl_flow_is_districts(flow->type, status);
}

/* The states that these movers may reach from here. */
static struct jl_argument list_next(const struct flow *flow, uint32_t from) {
    struct jl_argument list = {.kind = JL_ARGUMENT_CODES, .field = flow->field->number};
    for (size_t i = 0; i < flow->type->flow.move_count; i++) {
        const struct jl_move *move = &flow->type->flow.moves[i];
        bool may = may_move(move, flow->movers) && (from != 0 || may_start(flow, move->to));
        if (move->from == from && may && !listed_before(flow, i)) {
            (void)jl_argument_list(&list, move->to);
        }
    }
    return list;
}

/* Whoever may make this move, when it exists at all. */
static struct jl_argument list_movers(const struct flow *flow, uint32_t from, uint32_t to) {
    struct jl_argument list = {.kind = JL_ARGUMENT_MOVERS};
    for (size_t i = 0; i < flow->type->flow.move_count; i++) {
        const struct jl_move *move = &flow->type->flow.moves[i];
        if (move->from == from && move->to == to) {
            (void)jl_argument_list(&list, (uint32_t)move->who);
        }
    }
    return list;
}

static void refuse(const struct flow *flow, uint32_t from, uint32_t to) {
    const struct jl_argument next = list_next(flow, from);
    const struct jl_argument movers = list_movers(flow, from, to);
    struct jl_complaint say = {.code = JL_SAY_FLOW_MOVE,
                               .type = flow->type,
                               .field = flow->field,
                               .words = {status_word(flow, from), status_word(flow, to), next}};
    if (to == 0) {
        say.code = JL_SAY_FLOW_CLEARED;
        say.words[1] = next;
    } else if (from == 0) {
        say.code = movers.count > 0 ? JL_SAY_FLOW_DISTRICTS : JL_SAY_FLOW_START;
        say.words[0] = say.words[1];
        say.words[1] = next;
    } else if (movers.count > 0) {
        say.code = JL_SAY_FLOW_WHO;
        say.words[2] = movers;
    } else if (next.count == 0) {
        say.code = JL_SAY_FLOW_END;
    }
    jl_complaint(flow->context, flow->problems, &say);
}

/* Who gives what to whom stays what was asked for: whoever released one member must not find that
 * another has gone, nor release in its own name and write another's into the same change. The
 * district may name another record: one that it merged. */
static void check_parties(const struct flow *flow, const struct jl_row *before,
                          const struct jl_row *after) {
    const struct jl_type *type = flow->type;
    const struct jl_value none = {.kind = JL_VALUE_NULL};
    bool district = (flow->movers & 1u << JL_MOVER_DISTRICT) != 0;
    const uint32_t parties[] = {type->transfer_from, type->transfer_to,
                                district ? 0 : type->transfer_subject};
    for (size_t i = 0; before != NULL && i < sizeof parties / sizeof parties[0]; i++) {
        const struct jl_value *old = jl_row_get(before, parties[i]);
        const struct jl_value *new = jl_row_get(after, parties[i]);
        if (parties[i] != 0 &&
            !jl_value_equal(old != NULL ? old : &none, new != NULL ? new : &none)) {
            const struct jl_complaint say = {.code = JL_SAY_TRANSFER_FIXED,
                                             .type = type,
                                             .field = jl_type_field(type, parties[i])};
            jl_complaint(flow->context, flow->problems, &say);
        }
    }
}

static bool has_move(const struct flow *flow, uint32_t from, uint32_t to) {
    return jl_flow_may_move(flow->type, from, to, flow->movers);
}

void jl_flow_check(const struct jl_check_context *context, const struct jl_type *type,
                   const struct jl_row *before, const struct jl_row *after, unsigned movers,
                   struct jl_problems *problems) {
    struct flow flow = {.context = context, .type = type, .movers = movers, .problems = problems};
    if (type->flow.field == 0) {
        return;
    }
    flow.field = jl_type_field(type, type->flow.field);
    if (flow.field == NULL) {
        return; /* the catalogue's parser leaves no such flow */
    }
    if (type->transfer_subject != 0) {
        check_parties(&flow, before, after);
    }
    uint32_t from = status_of(before, type->flow.field);
    uint32_t to = status_of(after, type->flow.field);
    if (from == to) {
        return; /* no move; a missing status is jl_check_row's matter */
    }
    bool anew = from == 0 || (before->deleted && may_start(&flow, from));
    if (from != 0 && has_move(&flow, from, to)) {
        return;
    }
    if (!anew || !has_move(&flow, 0, to) || !may_start(&flow, to)) {
        refuse(&flow, anew ? 0 : from, to);
    }
}

bool jl_flow_is_districts(const struct jl_type *type, uint32_t status) {
    bool reached = false;
    for (size_t i = 0; i < type->flow.move_count; i++) {
        const struct jl_move *move = &type->flow.moves[i];
        if (move->from == 0 || move->to != status) {
            continue;
        }
        if (move->who != JL_MOVER_DISTRICT) {
            return false;
        }
        reached = true;
    }
    return reached;
}

bool jl_flow_may_move(const struct jl_type *type, int64_t from, int64_t to, unsigned movers) {
    for (size_t i = 0; i < type->flow.move_count; i++) {
        const struct jl_move *move = &type->flow.moves[i];
        if (move->from == from && move->to == to && may_move(move, movers)) {
            return true;
        }
    }
    return false;
}

static bool leads_on(const struct jl_flow *flow, int64_t from, int64_t to, unsigned moves) {
    for (size_t i = 0; moves > 0 && i < flow->move_count; i++) {
        const struct jl_move *move = &flow->moves[i];
        if (move->from == from &&
            (move->to == to || leads_on(flow, (int64_t)move->to, to, moves - 1))) {
            return true;
        }
    }
    return false;
}

bool jl_flow_leads(const struct jl_type *type, int64_t from, int64_t to) {
    return from == to || leads_on(&type->flow, from, to, 2);
}

unsigned jl_flow_turn(const struct jl_type *type, int64_t status) {
    for (size_t i = 0; i < type->flow.move_count; i++) {
        const struct jl_move *move = &type->flow.moves[i];
        if (move->from == status && (move->who == JL_MOVER_FROM || move->who == JL_MOVER_TO)) {
            return move->who;
        }
    }
    return 0;
}
