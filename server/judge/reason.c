/* Why an op is not taken, as the clerk reads it. */
#include "reason.h"

#include "jielian/base/language.h"
#include "jielian/message/say.h"

#include <string.h>

const char *jl_reason_text(const struct jl_reason *reason) {
    if (reason == NULL || reason->text != NULL) {
        return reason != NULL ? reason->text : NULL;
    }
    const char *sentence = jl_say_sentence(reason->said.code, JL_LANGUAGE_ZH);
    return sentence != NULL ? sentence : jl_say_sentence(JL_SAY_NOT_TAKEN, JL_LANGUAGE_ZH);
}
