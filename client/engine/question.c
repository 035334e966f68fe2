/* Hello → Welcome → question → answer … over a connection of its own.
 *
 * What comes unasked (Poke) is passed over. Nothing is asked twice: who wants an answer all the
 * same runs the command again. */
#include "question.h"

#include "client/books/office.h"
#include "client/books/office_about.h"

#include "jielian/base/fault.h"
#include "jielian/net/client.h"
#include "jielian/net/frame.h"
#include "jielian/net/net.h"
#include "jielian/net/wait.h"

enum { LOOK_MS = 200 };

static int64_t now_ms(const struct jl_question *question) {
    const struct jl_clock *clock = &question->office->clock;
    return clock->steady_ms(clock->context);
}

static bool is_stopped(const struct jl_question *question) {
    return question->stop != NULL && *question->stop != 0;
}

/* JL_NOT_FOUND: nothing that counts has come yet. */
static enum jl_rc look(struct jl_question *question, enum jl_message_kind wanted,
                       struct jl_err *err) {
    struct jl_wait_item item = {.client = question->client};
    JL_AUTO(jl_frame) frame = {0};
    struct jl_bytes copy = {0};
    enum jl_rc rc = jl_wait_any(&item, 1, LOOK_MS, err);
    if (rc == JL_OK) {
        rc = jl_client_receive(question->client, &frame, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    jl_arena_reset(&question->arena);
    rc = jl_arena_dup(&question->arena, frame.bytes, &copy, err);
    if (rc == JL_OK) {
        rc = jl_wire_decode(question->office->wire, copy, &question->arena, &question->answer, err);
    }
    if (rc != JL_OK || question->answer.kind == wanted) {
        return rc;
    }
    return question->answer.kind == JL_MESSAGE_REFUSE
               ? jl_fault_at(err, JL_DENIED, JL_FAULT_QUESTION_REFUSED, "%s",
                             jl_wire_refuse_word(question->answer.as.refuse.code))
               : JL_NOT_FOUND;
}

enum jl_rc jl_question_ask(struct jl_question *question, const struct jl_message *message,
                           enum jl_message_kind wanted, int64_t silent_ms, struct jl_err *err) {
    JL_AUTO(jl_buf) frame = {0};
    const int64_t start_ms = now_ms(question);
    bool sent = false;
    enum jl_rc rc = jl_wire_encode(question->office->wire, message, &frame, err);
    while (rc == JL_OK) {
        if (is_stopped(question) || now_ms(question) - start_ms > silent_ms) {
            return jl_fault_at(err, JL_BUSY, JL_FAULT_QUESTION_NO_ANSWER, "%s",
                               jl_client_endpoint(question->client));
        }
        if (!sent) {
            rc = jl_client_send(question->client, jl_buf_bytes(&frame), err);
            sent = rc == JL_OK;
            rc = rc == JL_BUSY ? JL_OK : rc;
        }
        if (rc == JL_OK) {
            rc = look(question, wanted, err);
            if (rc == JL_OK) {
                return JL_OK;
            }
            rc = rc == JL_NOT_FOUND ? JL_OK : rc;
        }
    }
    return rc;
}

static enum jl_rc greet(struct jl_question *question, int64_t silent_ms, struct jl_err *err) {
    struct jl_message message = {.kind = JL_MESSAGE_HELLO};
    enum jl_rc rc = jl_office_begin(question->office, false, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_office_hello(question->office, &message.as.hello, err);
    jl_store_rollback(question->office->books->store);
    if (rc == JL_OK) {
        rc = jl_question_ask(question, &message, JL_MESSAGE_WELCOME, silent_ms, err);
    }
    if (rc == JL_OK) {
        question->welcome = question->answer.as.welcome;
        question->welcome.program = jl_bytes(NULL, 0);
        question->welcome.endpoints = NULL;
        question->welcome.pcs = NULL;
        question->welcome.endpoint_count = question->welcome.pc_count = 0;
    }
    return rc;
}

enum jl_rc jl_question_open(struct jl_question *question, struct jl_office *office,
                            int64_t silent_ms, const volatile sig_atomic_t *stop,
                            struct jl_err *err) {
    struct jl_office_about_endpoints endpoints;
    *question = (struct jl_question){.office = office, .stop = stop};
    enum jl_rc rc = jl_office_begin(office, false, err);
    if (rc == JL_OK) {
        rc = jl_office_about_endpoints(office, &endpoints, err);
        jl_store_rollback(office->books->store);
    }
    if (rc == JL_OK) {
        rc = jl_net_new(&question->net, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_client_options options = {.endpoint = endpoints.list[0],
                                              .server_public = office->identity.server_public,
                                              .curve_secret = &office->keys.curve};
    rc = jl_client_open(question->net, &options, &question->client, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_client_endpoints(question->client, endpoints.list, endpoints.count);
    return greet(question, silent_ms, err);
}

/* A courtesy: what does not get there is noted as silence. */
static void say_bye(struct jl_question *question) {
    const struct jl_message message = {.kind = JL_MESSAGE_BYE,
                                       .as.bye = {.reason = JL_BYE_STOPPED}};
    struct jl_err ignored;
    JL_AUTO(jl_buf) frame = {0};
    if (question->welcome.knows >= JL_MESSAGE_BYE &&
        jl_wire_encode(question->office->wire, &message, &frame, &ignored) == JL_OK) {
        (void)!jl_client_send_last(question->client, jl_buf_bytes(&frame), &ignored);
    }
}

void jl_question_close(struct jl_question *question, bool bye) {
    if (bye && question->client != NULL) {
        say_bye(question);
    }
    jl_client_close(question->client);
    jl_net_free(question->net);
    jl_arena_fini(&question->arena);
    *question = (struct jl_question){0};
}
