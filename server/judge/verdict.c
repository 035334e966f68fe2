/* Verdicts other than plain APPLIED, and what a clerk reads with a refusal. */
#include "server/books/district_internal.h"

#include <string.h>

void jl_fault_say(struct jl_fault *fault, enum jl_say_code code) {
    fault->found = (struct jl_reason){.said = {.code = (uint32_t)code}};
    fault->reason = &fault->found;
}

const char *jl_reason_text(const struct jl_reason *reason) {
    if (reason == NULL || reason->text != NULL) {
        return reason != NULL ? reason->text : NULL;
    }
    const char *sentence = jl_say_sentence(reason->said.code, JL_LANGUAGE_ZH);
    return sentence != NULL ? sentence : jl_say_sentence(JL_SAY_NOT_TAKEN, JL_LANGUAGE_ZH);
}

enum jl_rc jl_apply_verdict(struct jl_apply *apply, size_t index, enum jl_verdict_code code,
                            const struct jl_reason *reason, struct jl_err *err) {
    if (code == JL_VERDICT_APPLIED) {
        return JL_OK;
    }
    struct jl_verdict *verdict = &apply->verdicts[apply->verdict_count++];
    *verdict = (struct jl_verdict){.seq = apply->first_seq + index, .code = code};
    if (reason == NULL) {
        return JL_OK;
    }
    bool says = apply->head->rules >= 2;
    size_t most = JL_REASON_MAX_BYTES - (says ? reason->said.arguments.size : 0);
    const char *whole = jl_reason_text(reason);
    struct jl_bytes text = jl_bytes_text(whole);
    while (text.size > most ||
           (text.size > 0 && text.size < strlen(whole) && (whole[text.size] & 0xc0) == 0x80)) {
        text.size--; /* cut at a character */
    }
    enum jl_rc rc = jl_arena_dup(apply->arena, text, &verdict->reason, err);
    if (rc == JL_OK && says) {
        verdict->said.code = reason->said.code;
        rc = jl_arena_dup(apply->arena, reason->said.arguments, &verdict->said.arguments, err);
    }
    return rc;
}
