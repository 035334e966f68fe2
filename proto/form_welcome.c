/* Welcome, and what it tells of the district and of the office's PCs. */
#include "form.h"

#include "jielian/base/fault.h"

#include <string.h>

/* The text is shown on pages: printable ASCII. */
static enum jl_rc check_ascii(struct jl_bytes text, size_t max_bytes, const char *what,
                              struct jl_err *err) {
    if (text.size > max_bytes) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "%s of %zu bytes, at most %zu", what,
                           text.size, max_bytes);
    }
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < ' ' || text.data[i] > '~') {
            return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "%s that is not printable ASCII",
                               what);
        }
    }
    return JL_OK;
}

static enum jl_rc check_program(struct jl_bytes program, struct jl_err *err) {
    return check_ascii(program, sizeof((struct jl_hello *)0)->program - 1, "a program version",
                       err);
}

static enum jl_rc check_pc(const struct jl_pc *pc, struct jl_err *err) {
    const struct jl_form_count counts[] = {{"unsent", pc->unsent}};
    enum jl_rc rc = jl_form_check_range(pc->device, 1, UINT32_MAX, "device", err);
    if (rc == JL_OK) {
        rc = jl_form_check_range(pc->state, 1, UINT32_MAX, "state of a PC", err);
    }
    if (rc == JL_OK) {
        rc = jl_form_check_text(pc->name, JL_PC_NAME_MAX_BYTES, "the name of a PC", err);
    }
    if (rc == JL_OK) {
        rc = check_program(pc->program, err);
    }
    return rc == JL_OK ? jl_form_check_counts(counts, 1, err) : rc;
}

static enum jl_rc check_lists(size_t endpoints, size_t pcs, struct jl_err *err) {
    if (endpoints > JL_WELCOME_ENDPOINTS_MAX) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "%zu endpoints, at most %d", endpoints,
                           (int)JL_WELCOME_ENDPOINTS_MAX);
    }
    if (pcs > JL_WELCOME_PCS_MAX) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "%zu PCs, at most %d", pcs,
                           (int)JL_WELCOME_PCS_MAX);
    }
    return JL_OK;
}

static enum jl_rc check_about(const struct jl_welcome *welcome, struct jl_err *err) {
    enum jl_rc rc = check_lists(welcome->endpoint_count, welcome->pc_count, err);
    if (rc == JL_OK) {
        rc = check_program(welcome->program, err);
    }
    for (size_t i = 0; rc == JL_OK && i < welcome->endpoint_count; i++) {
        rc = check_ascii(welcome->endpoints[i], JL_ENDPOINT_MAX_BYTES, "an endpoint", err);
        if (rc == JL_OK && welcome->endpoints[i].size == 0) {
            rc = jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "%s", "an empty endpoint");
        }
    }
    for (size_t i = 0; rc == JL_OK && i < welcome->pc_count; i++) {
        rc = check_pc(&welcome->pcs[i], err);
    }
    return rc;
}

static enum jl_rc welcome_check(const struct jl_message *message, struct jl_err *err) {
    const struct jl_welcome *welcome = &message->as.welcome;
    const struct jl_form_count counts[] = {
        {"last op", welcome->last_seq},
        {"shared head", welcome->head[0]},
        {"office head", welcome->head[1]},
    };
    enum jl_rc rc = jl_form_check_counts(counts, sizeof counts / sizeof counts[0], err);
    if (rc == JL_OK) {
        rc = jl_form_check_range(welcome->version, 1, UINT32_MAX, "protocol version", err);
    }
    return rc == JL_OK ? check_about(welcome, err) : rc;
}

static enum jl_rc put_endpoints(struct jl_wire *wire, const struct jl_welcome *welcome,
                                Jielian__Welcome *body, struct jl_err *err) {
    size_t size = welcome->endpoint_count * sizeof *body->endpoints;
    body->endpoints = jl_arena_alloc(&wire->scratch, size);
    if (body->endpoints == NULL) {
        return jl_form_no_memory(&wire->scratch, size, err);
    }
    for (size_t i = 0; i < welcome->endpoint_count; i++) {
        body->endpoints[i] = jl_form_lend_bytes(welcome->endpoints[i]);
    }
    body->n_endpoints = welcome->endpoint_count;
    return JL_OK;
}

/* One block of memory: the PCs, then the pointers that protobuf-c wants. */
static enum jl_rc put_pcs(struct jl_wire *wire, const struct jl_welcome *welcome,
                          Jielian__Welcome *body, struct jl_err *err) {
    size_t count = welcome->pc_count;
    size_t size = count * (sizeof(Jielian__Pc) + sizeof(Jielian__Pc *));
    Jielian__Pc *pcs = jl_arena_alloc(&wire->scratch, size);
    if (pcs == NULL) {
        return jl_form_no_memory(&wire->scratch, size, err);
    }
    Jielian__Pc **pointers = (Jielian__Pc **)(pcs + count);
    for (size_t i = 0; i < count; i++) {
        const struct jl_pc *pc = &welcome->pcs[i];
        jielian__pc__init(&pcs[i]);
        pcs[i].device = pc->device;
        pcs[i].name = jl_form_lend_bytes(pc->name);
        pcs[i].state = pc->state;
        pcs[i].last_seen_ms = pc->last_seen_ms;
        pcs[i].proven_ms = pc->proven_ms;
        pcs[i].unsent = pc->unsent;
        pcs[i].program = jl_form_lend_bytes(pc->program);
        pointers[i] = &pcs[i];
    }
    body->pcs = pointers;
    body->n_pcs = count;
    return JL_OK;
}

static enum jl_rc welcome_put(struct jl_wire *wire, const struct jl_message *message,
                              struct jl_form_draft *draft, struct jl_err *err) {
    const struct jl_welcome *welcome = &message->as.welcome;
    enum jl_rc rc = JL_OK;
    Jielian__Welcome *body = draft->envelope.welcome = &draft->body.welcome;
    jielian__welcome__init(body);
    body->version = welcome->version;
    body->epoch = jl_form_lend(welcome->epoch, sizeof welcome->epoch);
    body->last_seq = welcome->last_seq;
    body->last_hash = jl_form_lend(welcome->last_hash, sizeof welcome->last_hash);
    body->shared_head = welcome->head[0];
    body->office_head = welcome->head[1];
    body->wall_ms = welcome->wall_ms;
    body->suspended = welcome->suspended;
    body->again = welcome->again;
    body->knows = welcome->knows;
    body->suite = jl_form_put_suite(welcome->suite);
    body->rules = welcome->rules;
    body->mark = welcome->mark;
    body->program = jl_form_lend_bytes(welcome->program);
    if (welcome->endpoint_count > 0) {
        rc = put_endpoints(wire, welcome, body, err);
    }
    return rc == JL_OK && welcome->pc_count > 0 ? put_pcs(wire, welcome, body, err) : rc;
}

static enum jl_rc take_endpoints(const Jielian__Welcome *body, struct jl_arena *arena,
                                 struct jl_welcome *out_welcome, struct jl_err *err) {
    struct jl_bytes *endpoints = jl_arena_zalloc(arena, body->n_endpoints, sizeof *endpoints);
    if (endpoints == NULL) {
        return jl_form_no_memory(arena, body->n_endpoints * sizeof *endpoints, err);
    }
    for (size_t i = 0; i < body->n_endpoints; i++) {
        endpoints[i] = jl_form_view(body->endpoints[i]);
    }
    out_welcome->endpoints = endpoints;
    out_welcome->endpoint_count = body->n_endpoints;
    return JL_OK;
}

static enum jl_rc take_pcs(const Jielian__Welcome *body, struct jl_arena *arena,
                           struct jl_welcome *out_welcome, struct jl_err *err) {
    struct jl_pc *pcs = jl_arena_zalloc(arena, body->n_pcs, sizeof *pcs);
    if (pcs == NULL) {
        return jl_form_no_memory(arena, body->n_pcs * sizeof *pcs, err);
    }
    for (size_t i = 0; i < body->n_pcs; i++) {
        const Jielian__Pc *pc = body->pcs[i];
        pcs[i] = (struct jl_pc){.device = pc->device,
                                .name = jl_form_view(pc->name),
                                .state = pc->state,
                                .last_seen_ms = pc->last_seen_ms,
                                .proven_ms = pc->proven_ms,
                                .unsent = pc->unsent,
                                .program = jl_form_view(pc->program)};
    }
    out_welcome->pcs = pcs;
    out_welcome->pc_count = body->n_pcs;
    return JL_OK;
}

static enum jl_rc welcome_get(struct jl_wire *wire, const Jielian__Envelope *envelope,
                              struct jl_arena *arena, struct jl_message *out_message,
                              struct jl_err *err) {
    (void)wire;
    const Jielian__Welcome *body = envelope->welcome;
    struct jl_welcome *welcome = &out_message->as.welcome;
    welcome->version = body->version;
    welcome->last_seq = body->last_seq;
    welcome->head[0] = body->shared_head;
    welcome->head[1] = body->office_head;
    welcome->wall_ms = body->wall_ms;
    welcome->suspended = body->suspended;
    welcome->again = body->again;
    welcome->knows = body->knows;
    welcome->suite = jl_form_get_suite(body->suite);
    welcome->rules = body->rules;
    welcome->mark = body->mark;
    welcome->program = jl_form_view(body->program);
    enum jl_rc rc = check_lists(body->n_endpoints, body->n_pcs, err);
    if (rc == JL_OK && body->n_endpoints > 0) {
        rc = take_endpoints(body, arena, welcome, err);
    }
    if (rc == JL_OK && body->n_pcs > 0) {
        rc = take_pcs(body, arena, welcome, err);
    }
    if (rc == JL_OK) {
        rc = jl_form_take(body->epoch, welcome->epoch, sizeof welcome->epoch, "an epoch", err);
    }
    return rc != JL_OK ? rc
                       : jl_form_take(body->last_hash, welcome->last_hash,
                                      sizeof welcome->last_hash, "a chain hash", err);
}

const struct jl_form jl_form_welcome = {"welcome", welcome_check, welcome_put, welcome_get};
