/* I17: what was in effect before a restore is in effect after it.
 *
 * When books are lost, every value in them that an op had brought (APPLIED or MERGED, and nothing
 * since) is a promise, as long as the op's PC keeps it. When all have come to rest, each promise is
 * kept: the record has the value, or a case has it that is open or that a person closed. A case
 * that closed itself says that the op took effect, so it keeps no promise.
 *
 * Nothing is asked of a value whose record or field anybody worked on since, or had worked on when
 * the lost books did not have it in effect: there the ordinary rules hold, and I6 watches them. */
#include "sim_value.h"

#include "jielian/base/assert.h"
#include "jielian/op/merge.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- Before the loss ---- */

static void promise(struct sim *sim, size_t op, uint32_t field) {
    struct sim_oracle *oracle = &sim->oracle;
    if (oracle->promise_count == oracle->promise_capacity) {
        oracle->promise_capacity = 2 * oracle->promise_capacity + 64;
        oracle->promises =
            realloc(oracle->promises, oracle->promise_capacity * sizeof *oracle->promises);
        JL_ASSERT(oracle->promises != NULL);
    }
    oracle->promises[oracle->promise_count++] =
        (struct sim_promise){.op = op, .field = field, .restore = sim->restores, .step = sim->step};
}

static bool can_return(struct sim *sim, const struct sim_op *op) {
    return op->device != SIM_AT_DISTRICT && !op->lost && !op->off_disk && !op->refused &&
           !op->by_person && !sim_oracle_excused(sim, op) &&
           world_state(&sim->world.devices[op->device]) != JL_DEVICE_REVOKED;
}

static void promise_of(struct sim *sim, size_t index) {
    JL_AUTO(jl_arena) arena = {0};
    const struct jl_op *op = &sim->oracle.ops[index].op;
    const struct sim_desk district = {.desk = &sim->world.district_desk};
    struct jl_book_record record = {0};
    struct jl_err err;
    if (op->type == JL_TYPE_CASE ||
        jl_catalogue_type(district.desk->books->catalogue, op->type) == NULL ||
        sim_load(&district, op->type, &op->id, &arena, &record, &err) != JL_OK ||
        record.head.rid == 0) {
        return;
    }
    if (op->kind == JL_OP_DELETE && record.row.deleted) {
        promise(sim, index, 0);
    }
    for (size_t i = 0; op->kind != JL_OP_DELETE && !record.row.deleted && i < op->new_count; i++) {
        const struct jl_field_value *entered = &op->new_fields[i];
        const struct jl_value *now = jl_row_get(&record.row, entered->field);
        if (now != NULL && jl_value_equal(now, &entered->value)) {
            promise(sim, index, entered->field);
        }
    }
}

void sim_note_promises(struct sim *sim) {
    for (size_t i = 0; i < sim->oracle.op_count; i++) {
        struct sim_op *op = &sim->oracle.ops[i];
        const struct sim_entry *entry = sim_oracle_entry(sim, op->hash);
        if (entry == NULL ||
            (entry->verdict != JL_VERDICT_APPLIED && entry->verdict != JL_VERDICT_MERGED)) {
            continue;
        }
        op->judged = (uint8_t)(op->judged | 1u << sim->restores);
        if (can_return(sim, op)) {
            promise_of(sim, i);
        }
    }
}

/* ---- When all are at rest ---- */

/* An edit of a tombstone brings its record back. */
static bool was_deleted(const struct sim *sim, const struct jl_op *of) {
    for (size_t i = 0; i < sim->oracle.op_count; i++) {
        const struct jl_op *op = &sim->oracle.ops[i].op;
        if (op->kind == JL_OP_DELETE && op->type == of->type && jl_id_equal(&op->id, &of->id)) {
            return true;
        }
    }
    return false;
}

static bool works_on(const struct sim *sim, const struct jl_op *op, uint32_t field) {
    if ((op->kind != JL_OP_EDIT && op->kind != JL_OP_RESOLVE) || was_deleted(sim, op)) {
        return true;
    }
    for (size_t i = 0; i < op->new_count; i++) {
        if (op->new_fields[i].field == field || field == 0) {
            return true;
        }
    }
    return false;
}

/* Nobody has it any more who would offer it again, or a person refused it. */
static bool is_lost(const struct sim *sim, const struct sim_op *op) {
    bool only_here = op->device == SIM_AT_DISTRICT && sim_oracle_entry(sim, op->hash) == NULL;
    return op->lost || op->off_disk || op->refused || op->by_person || only_here;
}

/* Was the value there when the books were lost because of that op, too? */
static bool needs(const struct sim *sim, const struct sim_op *of, const struct sim_op *op,
                  uint32_t field) {
    const struct jl_row row = {.fields = op->op.new_fields, .field_count = op->op.new_count};
    const struct jl_row promised = {.fields = of->op.new_fields, .field_count = of->op.new_count};
    const struct jl_value *brought = jl_row_get(&row, field);
    const struct jl_value *value = jl_row_get(&promised, field);
    switch (op->op.kind) {
    case JL_OP_CREATE:
    case JL_OP_RESTORE:
    case JL_OP_DELETE:
    case JL_OP_MERGE:
        return true;
    case JL_OP_EDIT:
    case JL_OP_RESOLVE:
        return field == 0 || was_deleted(sim, &of->op) ||
               (brought != NULL && value != NULL && jl_value_equal(brought, value));
    case JL_OP_TRANSFER:
        break;
    }
    return false;
}

/* Did anybody work on it whose work was not in effect in the lost books; or is it the work of two,
 * one of which nobody has any more? */
static bool is_overtaken(const struct sim *sim, const struct sim_promise *promise) {
    const struct sim_op *of = &sim->oracle.ops[promise->op];
    for (size_t i = 0; i < sim->oracle.op_count; i++) {
        const struct sim_op *op = &sim->oracle.ops[i];
        bool about = op->op.type == of->op.type &&
                     (jl_id_equal(&op->op.id, &of->op.id) ||
                      (op->op.kind == JL_OP_MERGE && jl_id_equal(&op->op.other, &of->op.id)));
        bool unknown = op->step >= promise->step || (op->judged >> promise->restore & 1) == 0;
        if (!about || i == promise->op) {
            continue;
        }
        if ((unknown && works_on(sim, &op->op, promise->field)) ||
            (is_lost(sim, op) && needs(sim, of, op, promise->field))) {
            return true;
        }
    }
    return false;
}

static bool has_case(const struct sim_values *values, const struct jl_id *id) {
    for (size_t i = 0; i < values->case_count; i++) {
        if (jl_id_equal(&values->cases[i].subject, id) && !values->cases[i].by_itself) {
            return true;
        }
    }
    return false;
}

static bool is_gone(struct sim *sim, const struct jl_op *op) {
    JL_AUTO(jl_arena) arena = {0};
    const struct sim_desk district = {.desk = &sim->world.district_desk};
    struct jl_book_record record = {0};
    struct jl_err err;
    return sim_load(&district, op->type, &op->id, &arena, &record, &err) == JL_OK &&
           (record.head.rid == 0 || record.row.deleted);
}

static bool is_kept(struct sim_values *values, const struct sim_promise *promise) {
    const struct sim_op *op = &values->sim->oracle.ops[promise->op];
    if (promise->field == 0) {
        return is_gone(values->sim, &op->op) || has_case(values, &op->op.id);
    }
    const struct jl_type *type = jl_catalogue_type(values->catalogue, op->op.type);
    const struct jl_field *field = type != NULL ? jl_type_field(type, promise->field) : NULL;
    const struct jl_row row = {.fields = op->op.new_fields, .field_count = op->op.new_count};
    const struct jl_value *value = jl_row_get(&row, promise->field);
    return field == NULL /* I6 asks for what the catalogue lacks */ || value == NULL ||
           value->kind == JL_VALUE_NULL || sim_value_moves_on(type, field) ||
           (!is_gone(values->sim, &op->op) &&
            sim_value_is_current(values, op->op.type, &op->op.id, promise->field, value)) ||
           sim_value_in_cases(values, &op->op.id, field, value, false) ||
           sim_value_with_kept(values, op, &op->op.id, field, value, JL_MERGED_CHAIN_MAX);
}

/* For the trace: who worked on the record, and what became of it. */
static void tell(struct sim *sim, const struct sim_promise *promise) {
    const struct sim_op *of = &sim->oracle.ops[promise->op];
    for (size_t i = 0; i < sim->oracle.op_count; i++) {
        const struct sim_op *op = &sim->oracle.ops[i];
        const struct sim_entry *entry = sim_oracle_entry(sim, op->hash);
        if (op->op.type == of->op.type && jl_id_equal(&op->op.id, &of->op.id)) {
            sim_trace(sim,
                      "  step %zu, device %zu, kind %d: verdict %d, waited %d, judged before %x, "
                      "lost %d, off disk %d, refused %d%s",
                      op->step, op->device, (int)op->op.kind,
                      entry != NULL ? (int)entry->verdict : 0, entry != NULL && entry->waited,
                      (unsigned)op->judged, op->lost, op->off_disk, op->refused,
                      i == promise->op ? " <--" : "");
        }
    }
}

bool sim_check_promises(struct sim_values *values) {
    struct sim *sim = values->sim;
    for (size_t i = 0; i < sim->oracle.promise_count; i++) {
        const struct sim_promise *promise = &sim->oracle.promises[i];
        const struct sim_op *op = &sim->oracle.ops[promise->op];
        if (!can_return(sim, op) || is_overtaken(sim, promise)) {
            continue;
        }
        sim->out->tally.promises++;
        if (!is_kept(values, promise)) {
            tell(sim, promise);
            return sim_fail(sim,
                            "I17: what step %zu did (type %" PRIu32 ", field %" PRIu32
                            ", op kind %d) was in effect before the restore of step %zu",
                            op->step, op->op.type, promise->field, (int)op->op.kind, promise->step);
        }
    }
    return true;
}
