/* Answers and the feed's small messages: Verdicts, Pull, Proof, Proved, Poke. */
#include "form.h"

#include "jielian/base/fault.h"

#include <inttypes.h>

enum {
    /* Tags, sizes and numbers of one exception at their longest. */
    EXCEPTION_EXTRA_BYTES = 29,
};
_Static_assert(JL_BATCH_OPS_MAX *(JL_REASON_MAX_BYTES + EXCEPTION_EXTRA_BYTES) + 1024 <=
                   JL_FRAME_MAX_BYTES,
               "the verdicts of a whole batch fit a frame, each with the longest reason");

/* ---- Verdicts ---- */

static enum jl_rc check_exception(const struct jl_verdicts *verdicts, size_t index,
                                  struct jl_err *err) {
    const struct jl_verdict *exception = &verdicts->exceptions[index];
    uint64_t low = index == 0 ? verdicts->first_seq : verdicts->exceptions[index - 1].seq + 1;
    enum jl_rc rc = jl_form_check_range(exception->seq, low, verdicts->last_seq, "op", err);
    if (rc == JL_OK) {
        rc = jl_form_check_range(exception->code, JL_VERDICT_APPLIED, JL_VERDICT_ALREADY, "code",
                                 err);
    }
    if (rc == JL_OK) {
        rc = jl_form_check_text(exception->reason, JL_REASON_MAX_BYTES, "a reason", err);
    }
    if (rc == JL_OK) {
        rc = jl_form_check_remark(&exception->said, err);
    }
    size_t size = exception->reason.size + exception->said.arguments.size;
    return rc == JL_OK && size > JL_REASON_MAX_BYTES
               ? jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES,
                             "a reason and its arguments of %zu bytes, at most %d", size,
                             (int)JL_REASON_MAX_BYTES)
               : rc;
}

static enum jl_rc verdicts_check(const struct jl_message *message, struct jl_err *err) {
    const struct jl_verdicts *verdicts = &message->as.verdicts;
    const struct jl_form_count counts[] = {
        {"first op", verdicts->first_seq},      {"last op", verdicts->last_seq},
        {"own from", verdicts->own_from},       {"own to", verdicts->own_to},
        {"office head", verdicts->office_head},
    };
    enum jl_rc rc = jl_form_check_counts(counts, sizeof counts / sizeof counts[0], err);
    if (rc == JL_OK) {
        rc = jl_form_check_range(verdicts->first_seq, 1, INT64_MAX, "first op", err);
    }
    if (rc == JL_OK) {
        rc = jl_form_check_range(verdicts->last_seq, verdicts->first_seq - 1,
                                 verdicts->first_seq - 1 + JL_BATCH_OPS_MAX, "last op", err);
    }
    if (rc == JL_OK) {
        rc = jl_form_check_range(verdicts->own_to, verdicts->own_from, INT64_MAX, "own to", err);
    }
    for (size_t i = 0; rc == JL_OK && i < verdicts->exception_count; i++) {
        rc = check_exception(verdicts, i, err);
    }
    return rc;
}

/* One block of memory: the exceptions, then the pointers that protobuf-c wants. */
static enum jl_rc put_exceptions(struct jl_wire *wire, const struct jl_verdicts *verdicts,
                                 Jielian__Verdicts *body, struct jl_err *err) {
    size_t count = verdicts->exception_count;
    size_t size = count * (sizeof(Jielian__Exception) + sizeof(Jielian__Exception *));
    Jielian__Exception *exceptions = jl_arena_alloc(&wire->scratch, size);
    if (exceptions == NULL) {
        return jl_form_no_memory(&wire->scratch, size, err);
    }
    Jielian__Exception **pointers = (Jielian__Exception **)(exceptions + count);
    for (size_t i = 0; i < count; i++) {
        const struct jl_verdict *exception = &verdicts->exceptions[i];
        jielian__exception__init(&exceptions[i]);
        exceptions[i].seq = exception->seq;
        exceptions[i].code = exception->code;
        exceptions[i].reason = jl_form_lend_bytes(exception->reason);
        exceptions[i].cause = exception->said.code;
        exceptions[i].arguments = jl_form_lend_bytes(exception->said.arguments);
        pointers[i] = &exceptions[i];
    }
    body->exceptions = pointers;
    body->n_exceptions = count;
    return JL_OK;
}

static enum jl_rc verdicts_put(struct jl_wire *wire, const struct jl_message *message,
                               struct jl_form_draft *draft, struct jl_err *err) {
    const struct jl_verdicts *verdicts = &message->as.verdicts;
    Jielian__Verdicts *body = draft->envelope.verdicts = &draft->body.verdicts;
    jielian__verdicts__init(body);
    body->first_seq = verdicts->first_seq;
    body->last_seq = verdicts->last_seq;
    body->own_from = verdicts->own_from;
    body->own_to = verdicts->own_to;
    body->office_head = verdicts->office_head;
    return verdicts->exception_count == 0 ? JL_OK : put_exceptions(wire, verdicts, body, err);
}

static enum jl_rc verdicts_get(struct jl_wire *wire, const Jielian__Envelope *envelope,
                               struct jl_arena *arena, struct jl_message *out_message,
                               struct jl_err *err) {
    (void)wire;
    const Jielian__Verdicts *body = envelope->verdicts;
    struct jl_verdicts *verdicts = &out_message->as.verdicts;
    size_t count = body->n_exceptions;
    if (count > JL_BATCH_OPS_MAX) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "%zu verdicts, at most %d", count,
                           (int)JL_BATCH_OPS_MAX);
    }
    verdicts->first_seq = body->first_seq;
    verdicts->last_seq = body->last_seq;
    verdicts->own_from = body->own_from;
    verdicts->own_to = body->own_to;
    verdicts->office_head = body->office_head;
    if (count == 0) {
        return JL_OK;
    }
    verdicts->exceptions = jl_arena_alloc(arena, count * sizeof *verdicts->exceptions);
    if (verdicts->exceptions == NULL) {
        return jl_form_no_memory(arena, count * sizeof *verdicts->exceptions, err);
    }
    for (size_t i = 0; i < count; i++) {
        verdicts->exceptions[i] = (struct jl_verdict){
            .seq = body->exceptions[i]->seq,
            .code = (enum jl_verdict_code)body->exceptions[i]->code,
            .reason = jl_form_view(body->exceptions[i]->reason),
            .said = {.code = body->exceptions[i]->cause,
                     .arguments = jl_form_view(body->exceptions[i]->arguments)},
        };
    }
    verdicts->exception_count = count;
    return JL_OK;
}

const struct jl_form jl_form_verdicts = {"verdicts", verdicts_check, verdicts_put, verdicts_get};

/* ---- Pull ---- */

static enum jl_rc pull_check(const struct jl_message *message, struct jl_err *err) {
    const struct jl_pull *pull = &message->as.pull;
    const struct jl_form_count counts[] = {{"cursor", pull->from}};
    enum jl_rc rc = jl_form_check_range(pull->feed, 0, 1, "feed", err);
    if (rc == JL_OK) {
        rc = jl_form_check_counts(counts, 1, err);
    }
    if (rc == JL_OK) {
        rc = jl_form_check_range(pull->max_bytes, JL_PAGE_MIN_BYTES, JL_PAGE_MAX_BYTES,
                                 "bytes of a page", err);
    }
    return rc != JL_OK ? rc
                       : jl_form_check_range(pull->pages, 1, JL_CREDIT_MAX_PAGES, "pages", err);
}

static enum jl_rc pull_put(struct jl_wire *wire, const struct jl_message *message,
                           struct jl_form_draft *draft, struct jl_err *err) {
    (void)wire, (void)err;
    const struct jl_pull *pull = &message->as.pull;
    Jielian__Pull *body = draft->envelope.pull = &draft->body.pull;
    jielian__pull__init(body);
    body->feed = pull->feed;
    body->from = pull->from;
    body->max_bytes = pull->max_bytes;
    body->pages = pull->pages;
    body->echo = pull->echo;
    return JL_OK;
}

static enum jl_rc pull_get(struct jl_wire *wire, const Jielian__Envelope *envelope,
                           struct jl_arena *arena, struct jl_message *out_message,
                           struct jl_err *err) {
    (void)wire, (void)arena, (void)err;
    const Jielian__Pull *body = envelope->pull;
    out_message->as.pull = (struct jl_pull){
        .feed = body->feed,
        .from = body->from,
        .max_bytes = body->max_bytes,
        .pages = body->pages,
        .echo = body->echo,
    };
    return JL_OK;
}

const struct jl_form jl_form_pull = {"pull", pull_check, pull_put, pull_get};

/* ---- Proof ---- */

static enum jl_rc check_feeds(const uint64_t feeds[static 2], struct jl_err *err) {
    const struct jl_form_count counts[] = {{"shared feed", feeds[0]}, {"office feed", feeds[1]}};
    return jl_form_check_counts(counts, 2, err);
}

static enum jl_rc proof_check(const struct jl_message *message, struct jl_err *err) {
    return check_feeds(message->as.proof.cursor, err);
}

static enum jl_rc proof_put(struct jl_wire *wire, const struct jl_message *message,
                            struct jl_form_draft *draft, struct jl_err *err) {
    (void)wire, (void)err;
    const struct jl_proof *proof = &message->as.proof;
    Jielian__Proof *body = draft->envelope.proof = &draft->body.proof;
    jielian__proof__init(body);
    body->shared_cursor = proof->cursor[0];
    body->office_cursor = proof->cursor[1];
    body->root = jl_form_lend(proof->root, sizeof proof->root);
    body->deep = jl_form_lend(proof->deep, proof->has_deep ? sizeof proof->deep : 0);
    return JL_OK;
}

static enum jl_rc proof_get(struct jl_wire *wire, const Jielian__Envelope *envelope,
                            struct jl_arena *arena, struct jl_message *out_message,
                            struct jl_err *err) {
    (void)wire, (void)arena;
    const Jielian__Proof *body = envelope->proof;
    struct jl_proof *proof = &out_message->as.proof;
    proof->cursor[0] = body->shared_cursor;
    proof->cursor[1] = body->office_cursor;
    proof->has_deep = body->deep.len > 0;
    enum jl_rc rc = proof->has_deep ? jl_form_take(body->deep, proof->deep[0], sizeof proof->deep,
                                                   "two deep hashes", err)
                                    : JL_OK;
    return rc == JL_OK ? jl_form_take(body->root, proof->root, sizeof proof->root, "a root", err)
                       : rc;
}

const struct jl_form jl_form_proof = {"proof", proof_check, proof_put, proof_get};

/* ---- Proved ---- */

static enum jl_rc proved_check(const struct jl_message *message, struct jl_err *err) {
    const struct jl_proved *proved = &message->as.proved;
    enum jl_rc rc =
        jl_form_check_range(proved->result, JL_PROOF_IDENTICAL, JL_PROOF_MOVED, "result", err);
    if (rc == JL_OK) {
        uint64_t most = proved->result == JL_PROOF_IDENTICAL ? JL_DEEP_DIFFERENT : JL_DEEP_NONE;
        rc = jl_form_check_range(proved->deep, JL_DEEP_NONE, most, "deep result", err);
    }
    return rc != JL_OK ? rc : check_feeds(proved->head, err);
}

static enum jl_rc proved_put(struct jl_wire *wire, const struct jl_message *message,
                             struct jl_form_draft *draft, struct jl_err *err) {
    (void)wire, (void)err;
    const struct jl_proved *proved = &message->as.proved;
    Jielian__Proved *body = draft->envelope.proved = &draft->body.proved;
    jielian__proved__init(body);
    body->result = proved->result;
    body->wall_ms = proved->wall_ms;
    body->shared_head = proved->head[0];
    body->office_head = proved->head[1];
    body->deep = proved->deep;
    return JL_OK;
}

static enum jl_rc proved_get(struct jl_wire *wire, const Jielian__Envelope *envelope,
                             struct jl_arena *arena, struct jl_message *out_message,
                             struct jl_err *err) {
    (void)wire, (void)arena, (void)err;
    const Jielian__Proved *body = envelope->proved;
    out_message->as.proved = (struct jl_proved){
        .result = (enum jl_proof_result)body->result,
        .wall_ms = body->wall_ms,
        .head = {body->shared_head, body->office_head},
        .deep = (enum jl_deep_result)body->deep,
    };
    return JL_OK;
}

const struct jl_form jl_form_proved = {"proved", proved_check, proved_put, proved_get};

/* ---- Poke ---- */

static enum jl_rc poke_check(const struct jl_message *message, struct jl_err *err) {
    return check_feeds(message->as.poke.head, err);
}

static enum jl_rc poke_put(struct jl_wire *wire, const struct jl_message *message,
                           struct jl_form_draft *draft, struct jl_err *err) {
    (void)wire, (void)err;
    Jielian__Poke *body = draft->envelope.poke = &draft->body.poke;
    jielian__poke__init(body);
    body->shared_head = message->as.poke.head[0];
    body->office_head = message->as.poke.head[1];
    return JL_OK;
}

static enum jl_rc poke_get(struct jl_wire *wire, const Jielian__Envelope *envelope,
                           struct jl_arena *arena, struct jl_message *out_message,
                           struct jl_err *err) {
    (void)wire, (void)arena, (void)err;
    out_message->as.poke.head[0] = envelope->poke->shared_head;
    out_message->as.poke.head[1] = envelope->poke->office_head;
    return JL_OK;
}

const struct jl_form jl_form_poke = {"poke", poke_check, poke_put, poke_get};
