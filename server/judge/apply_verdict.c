/* Verdicts other than plain APPLIED, and what a clerk reads with a refusal. */
#include "apply.h"
#include "reason.h"

#include "server/books/verdicts.h"

#include <string.h>

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

/* What an older entry says of an op is not asked again; see entry.h. */
bool jl_apply_was_given(const struct jl_apply *apply, size_t index, enum jl_verdict_code code) {
    const struct jl_verdict *given =
        jl_verdict_of(apply->given_verdicts, apply->given_count, apply->first_seq + index);
    return given != NULL && given->code == code;
}
