/* History and Lines: the journal's lines of one record, as an office may know them. */
#include "form.h"

#include "jielian/base/fault.h"

#include <inttypes.h>
#include <string.h>

/* ---- History ---- */

static enum jl_rc check_place(struct jl_bytes place, struct jl_err *err) {
    return place.size <= JL_LINES_PLACE_MAX_BYTES
               ? JL_OK
               : jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "a place of %zu bytes, at most %d",
                             place.size, (int)JL_LINES_PLACE_MAX_BYTES);
}

static enum jl_rc history_check(const struct jl_message *message, struct jl_err *err) {
    const struct jl_history_ask *ask = &message->as.history;
    enum jl_rc rc = jl_form_check_range(ask->type, 1, UINT32_MAX, "record type", err);
    if (rc == JL_OK) {
        rc = jl_form_check_range(ask->most, 1, JL_LINES_MAX, "number of lines", err);
    }
    return rc == JL_OK ? check_place(ask->from, err) : rc;
}

static enum jl_rc history_put(struct jl_wire *wire, const struct jl_message *message,
                              struct jl_form_draft *draft, struct jl_err *err) {
    (void)wire;
    (void)err;
    const struct jl_history_ask *ask = &message->as.history;
    Jielian__History *body = draft->envelope.history = &draft->body.history;
    jielian__history__init(body);
    body->type = ask->type;
    body->id = jl_form_lend(ask->id.bytes, sizeof ask->id.bytes);
    body->from = jl_form_lend_bytes(ask->from);
    body->most = ask->most;
    return JL_OK;
}

static enum jl_rc history_get(struct jl_wire *wire, const Jielian__Envelope *envelope,
                              struct jl_arena *arena, struct jl_message *out_message,
                              struct jl_err *err) {
    (void)wire;
    (void)arena;
    const Jielian__History *body = envelope->history;
    struct jl_history_ask *ask = &out_message->as.history;
    ask->type = body->type;
    ask->from = jl_form_view(body->from);
    ask->most = body->most;
    return jl_form_take(body->id, ask->id.bytes, sizeof ask->id.bytes, "an id", err);
}

const struct jl_form jl_form_history = {"history", history_check, history_put, history_get};

/* ---- Lines ---- */

static enum jl_rc check_line(const struct jl_told_line *line, struct jl_err *err) {
    enum jl_rc rc = jl_form_check_range((uint64_t)line->verdict, JL_VERDICT_APPLIED,
                                        JL_VERDICT_ALREADY, "verdict", err);
    if (rc == JL_OK && line->withheld_count > JL_FIELDS_PER_TYPE_MAX) {
        rc = jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "%zu fields withheld, at most %d",
                         line->withheld_count, (int)JL_FIELDS_PER_TYPE_MAX);
    }
    for (size_t i = 0; rc == JL_OK && i < line->withheld_count; i++) {
        uint32_t before = i > 0 ? line->withheld[i - 1] : 0;
        if (line->withheld[i] <= before) {
            rc =
                jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES,
                            "withheld field %" PRIu32 " after %" PRIu32, line->withheld[i], before);
        }
    }
    if (rc == JL_OK && line->op.size == 0) {
        rc = jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "%s", "a line without an op");
    }
    return rc == JL_OK && line->op.size > JL_OP_MAX_BYTES
               ? jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "an op of %zu bytes, at most %d",
                             line->op.size, (int)JL_OP_MAX_BYTES)
               : rc;
}

static enum jl_rc check_count(size_t count, struct jl_err *err) {
    return count <= JL_LINES_MAX ? JL_OK
                                 : jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES,
                                               "%zu lines, at most %d", count, (int)JL_LINES_MAX);
}

static enum jl_rc lines_check(const struct jl_message *message, struct jl_err *err) {
    const struct jl_lines *lines = &message->as.lines;
    enum jl_rc rc = jl_form_check_range(lines->type, 1, UINT32_MAX, "record type", err);
    if (rc == JL_OK) {
        rc = check_count(lines->count, err);
    }
    if (rc == JL_OK) {
        rc = check_place(lines->next, err);
    }
    if (rc == JL_OK && !lines->held && (lines->count > 0 || lines->next.size > 0)) {
        rc = jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "%s", "lines of a record that is not held");
    }
    for (size_t i = 0; rc == JL_OK && i < lines->count; i++) {
        rc = check_line(&lines->lines[i], err);
    }
    return rc;
}

static void put_line(const struct jl_told_line *line, Jielian__Line *out) {
    jielian__line__init(out);
    out->received_ms = line->received_ms;
    out->verdict = (uint32_t)line->verdict;
    out->office = line->office;
    out->device = line->device;
    out->by = line->by;
    out->withheld = line->withheld;
    out->n_withheld = line->withheld_count;
    out->op = jl_form_lend_bytes(line->op);
}

/* One block of memory: the lines, then the pointers that protobuf-c wants. */
static enum jl_rc lines_put(struct jl_wire *wire, const struct jl_message *message,
                            struct jl_form_draft *draft, struct jl_err *err) {
    const struct jl_lines *lines = &message->as.lines;
    Jielian__Lines *body = draft->envelope.lines = &draft->body.lines;
    jielian__lines__init(body);
    body->type = lines->type;
    body->id = jl_form_lend(lines->id.bytes, sizeof lines->id.bytes);
    body->held = lines->held;
    body->next = jl_form_lend_bytes(lines->next);
    if (lines->count == 0) {
        return JL_OK;
    }
    size_t size = lines->count * (sizeof(Jielian__Line) + sizeof(Jielian__Line *));
    Jielian__Line *list = jl_arena_alloc(&wire->scratch, size);
    if (list == NULL) {
        return jl_form_no_memory(&wire->scratch, size, err);
    }
    Jielian__Line **pointers = (Jielian__Line **)(list + lines->count);
    for (size_t i = 0; i < lines->count; i++) {
        put_line(&lines->lines[i], &list[i]);
        pointers[i] = &list[i];
    }
    body->lines = pointers;
    body->n_lines = lines->count;
    return JL_OK;
}

static enum jl_rc take_line(const Jielian__Line *from, struct jl_told_line *line,
                            struct jl_err *err) {
    *line = (struct jl_told_line){.received_ms = from->received_ms,
                                  .office = from->office,
                                  .device = from->device,
                                  .by = from->by,
                                  .withheld = from->withheld,
                                  .withheld_count = from->n_withheld,
                                  .op = jl_form_view(from->op)};
    enum jl_rc rc =
        jl_form_check_range(from->verdict, JL_VERDICT_APPLIED, JL_VERDICT_ALREADY, "verdict", err);
    line->verdict = rc == JL_OK ? (enum jl_verdict_code)from->verdict : JL_VERDICT_APPLIED;
    return rc;
}

static enum jl_rc lines_get(struct jl_wire *wire, const Jielian__Envelope *envelope,
                            struct jl_arena *arena, struct jl_message *out_message,
                            struct jl_err *err) {
    (void)wire;
    const Jielian__Lines *body = envelope->lines;
    struct jl_lines *lines = &out_message->as.lines;
    lines->type = body->type;
    lines->held = body->held;
    lines->next = jl_form_view(body->next);
    enum jl_rc rc = check_count(body->n_lines, err);
    if (rc == JL_OK && body->n_lines > 0) {
        size_t size = body->n_lines * sizeof *lines->lines;
        lines->lines = jl_arena_alloc(arena, size);
        rc = lines->lines != NULL ? JL_OK : jl_form_no_memory(arena, size, err);
    }
    for (size_t i = 0; rc == JL_OK && i < body->n_lines; i++) {
        rc = take_line(body->lines[i], &lines->lines[i], err);
    }
    lines->count = rc == JL_OK ? body->n_lines : 0;
    return rc == JL_OK
               ? jl_form_take(body->id, lines->id.bytes, sizeof lines->id.bytes, "an id", err)
               : rc;
}

const struct jl_form jl_form_lines = {"lines", lines_check, lines_put, lines_get};
