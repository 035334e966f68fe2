/* Refusals on their way out: a code, its cause, and when to try again. */

#include "refusing.h"

#include "proto/wire.h"

#include "jielian/message/fault_text.h"
#include "jielian/message/say.h"
#include "jielian/message/saying.h"

#include <stdio.h>
#include <string.h>

struct jl_refusing jl_refusing_of(enum jl_refuse_code code, uint64_t retry_ms,
                                  const struct jl_err *err) {
    return (struct jl_refusing){.code = code,
                                .cause = (enum jl_say_code)err->cause,
                                .retry_ms = retry_ms,
                                .fault = err->cause != 0 ? err : NULL};
}

enum jl_rc jl_refusing_encode(const struct jl_refusing *refusing, struct jl_wire *wire,
                              struct jl_buf *out, struct jl_err *err) {
    struct jl_saying saying;
    size_t places = 0;
    const char *sentence = jl_say_sentence((uint32_t)refusing->cause, JL_LANGUAGE_EN);
    (void)jl_say_places((uint32_t)refusing->cause, &places);
    char detail[JL_FAULT_TEXT_BYTES] = "";
    if (refusing->fault != NULL) {
        (void)jl_fault_text_detail(refusing->fault, detail);
    }
    if (refusing->fault != NULL && refusing->suite != 0) { /* asked by programs that know no code */
        char text[JL_FAULT_TEXT_BYTES];
        (void)snprintf(detail, sizeof detail, "%s / ",
                       jl_fault_text(refusing->fault, JL_LANGUAGE_ZH, text));
        (void)strncat(detail, jl_fault_text(refusing->fault, JL_LANGUAGE_EN, text),
                      sizeof detail - strlen(detail) - 1);
    }
    jl_saying_begin(&saying, refusing->cause);
    if (places > 0) {
        const struct jl_argument what = jl_argument_text(jl_bytes_text(detail));
        jl_saying_put(&saying, &what);
    }
    struct jl_bytes text = jl_bytes_text(*detail != '\0' || sentence == NULL ? detail : sentence);
    const struct jl_message message = {.kind = JL_MESSAGE_REFUSE,
                                       .as.refuse = {.code = refusing->code,
                                                     .text = text,
                                                     .retry_after_ms = refusing->retry_ms,
                                                     .version = JL_PROTOCOL_VERSION,
                                                     .suite = refusing->suite,
                                                     .said = jl_saying_remark(&saying)}};
    return jl_wire_encode(wire, &message, out, err);
}
