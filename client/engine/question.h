/* A question to the district: Hello, and then one message after another, over a connection of its
 * own beside whatever else is at work on the folder. Nothing is written here.
 *
 * Thread: that of the office. */
#ifndef JIELIAN_CLIENT_ENGINE_QUESTION_H
#define JIELIAN_CLIENT_ENGINE_QUESTION_H

#include "client/books/office.h"

#include <signal.h>

struct jl_client;
struct jl_net;

struct jl_question {
    struct jl_office *office;          /* open for reading */
    const volatile sig_atomic_t *stop; /* a person ended it; may be NULL */
    struct jl_net *net;
    struct jl_client *client;
    struct jl_arena arena;     /* of the last answer */
    struct jl_welcome welcome; /* its texts and lists are gone */
    struct jl_message answer;  /* or the Refuse */
};
/* Connect and greet: welcome is filled in. Codes as jl_question_ask. */
JL_MUST_CHECK enum jl_rc jl_question_open(struct jl_question *question, struct jl_office *office,
                                          int64_t silent_ms, const volatile sig_atomic_t *stop,
                                          struct jl_err *err);
/* JL_BUSY: no answer within silent_ms, or a person ended it; JL_DENIED: refused, see answer. */
JL_MUST_CHECK enum jl_rc jl_question_ask(struct jl_question *question,
                                         const struct jl_message *message,
                                         enum jl_message_kind wanted, int64_t silent_ms,
                                         struct jl_err *err);
/* bye: nothing else is at work on the folder, so the district may know that this program ends in
 * order. */
void jl_question_close(struct jl_question *question, bool bye);

#endif
