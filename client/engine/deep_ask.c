/* Hello → Welcome → Proof with deep hashes → Proved, and nothing is written here.
 *
 * What this can't answer (unsent changes, unread rows, another epoch) is the business of `sync
 * --deep`, which brings the books into step first. */
#include "deep_ask.h"
#include "question.h"

#include "client/books/office.h"
#include "client/books/office_deep.h"

#include <string.h>

/* In step with what the district has: then one proof says it. */
static bool is_in_step(const struct jl_session_facts *facts, const struct jl_welcome *welcome) {
    return !welcome->suspended && !welcome->again && facts->head == facts->confirmed &&
           facts->has_epoch && memcmp(facts->epoch, welcome->epoch, sizeof facts->epoch) == 0 &&
           facts->cursor[0] == welcome->head[0] && facts->cursor[1] == welcome->head[1];
}

static enum jl_rc prove(struct jl_question *question, const struct jl_session_facts *facts,
                        enum jl_deep_result *out_result, struct jl_err *err) {
    bool same = false;
    struct jl_message message = {.kind = JL_MESSAGE_PROOF};
    struct jl_proof *proof = &message.as.proof;
    memcpy(proof->cursor, facts->cursor, sizeof proof->cursor);
    enum jl_rc rc = jl_office_deep(question->office, facts, proof, &same, err);
    if (rc == JL_OK) {
        rc = jl_office_root(question->office, proof->root, err);
    }
    if (rc != JL_OK || !same) { /* not the same: `run` took something meanwhile */
        return rc;
    }
    rc = jl_question_ask(question, &message, JL_MESSAGE_PROVED, JL_SESSION_DEEP_MS, err);
    if (rc == JL_OK && question->answer.as.proved.result == JL_PROOF_IDENTICAL) {
        *out_result = question->answer.as.proved.deep;
    }
    return rc;
}

/* The district says no, nothing, or something that asking again does not change. */
static bool unanswered(enum jl_rc rc) {
    return rc == JL_BUSY || rc == JL_DENIED || rc == JL_PROTO || rc == JL_LIMIT;
}

enum jl_rc jl_deep_ask(struct jl_office *office, const volatile sig_atomic_t *stop,
                       enum jl_deep_result *out_result, struct jl_err *err) {
    struct jl_question question = {0};
    struct jl_session_facts facts;
    *out_result = JL_DEEP_NONE;
    jl_office_facts(office, &facts);
    enum jl_rc rc = jl_question_open(&question, office, JL_DEEP_SILENT_MS, stop, err);
    if (rc == JL_OK && is_in_step(&facts, &question.welcome)) {
        rc = prove(&question, &facts, out_result, err);
    }
    jl_question_close(&question, false);
    return unanswered(rc) ? JL_OK : rc;
}
