/* Hello → Welcome → Proof with deep hashes → Proved, and nothing is written here.
 *
 * What this can't answer (unsent changes, unread rows, another epoch) is the business of `sync
 * --deep`, which brings the books into step first. */
#include "office_cmd.h"

#include <string.h>

enum { LOOK_MS = 200 };

struct asking {
    struct jl_office *office;
    struct jl_client *client;
    struct jl_arena arena;
    struct jl_session_facts facts;
    struct jl_welcome welcome;
    struct jl_proved proved;
    bool sent, welcomed, answered;
    bool no; /* the district says no, or something that asking again does not change */
};

static int64_t now_ms(const struct asking *asking) {
    const struct jl_clock *clock = &asking->office->clock;
    return clock->steady_ms(clock->context);
}

/* JL_BUSY of the transport: sent is as it was, and the next look tries again. */
static enum jl_rc send_message(struct asking *asking, const struct jl_message *message,
                               struct jl_err *err) {
    JL_AUTO(jl_buf) frame = {0};
    enum jl_rc rc = jl_wire_encode(asking->office->wire, message, &frame, err);
    if (rc == JL_OK) {
        rc = jl_client_send(asking->client, jl_buf_bytes(&frame), err);
    }
    asking->sent = rc == JL_OK;
    return rc == JL_BUSY ? JL_OK : rc;
}

static enum jl_rc send_hello(struct asking *asking, struct jl_err *err) {
    struct jl_message message = {.kind = JL_MESSAGE_HELLO};
    enum jl_rc rc = jl_office_begin(asking->office, false, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_office_hello(asking->office, &message.as.hello, err);
    jl_store_rollback(asking->office->books->store);
    return rc == JL_OK ? send_message(asking, &message, err) : rc;
}

static enum jl_rc send_proof(struct asking *asking, struct jl_err *err) {
    bool same = false;
    struct jl_message message = {.kind = JL_MESSAGE_PROOF};
    struct jl_proof *proof = &message.as.proof;
    memcpy(proof->cursor, asking->facts.cursor, sizeof proof->cursor);
    enum jl_rc rc = jl_office_deep(asking->office, &asking->facts, proof, &same, err);
    if (rc == JL_OK) {
        rc = jl_office_root(asking->office, proof->root, err);
    }
    asking->no = asking->no || !same; /* `run` took something meanwhile */
    return rc == JL_OK && same ? send_message(asking, &message, err) : rc;
}

/* In step with what the district has: then one proof says it. */
static bool is_in_step(const struct asking *asking) {
    const struct jl_session_facts *facts = &asking->facts;
    const struct jl_welcome *welcome = &asking->welcome;
    return !welcome->suspended && !welcome->again && facts->head == facts->confirmed &&
           facts->has_epoch && memcmp(facts->epoch, welcome->epoch, sizeof facts->epoch) == 0 &&
           facts->cursor[0] == welcome->head[0] && facts->cursor[1] == welcome->head[1];
}

static enum jl_rc take(struct asking *asking, struct jl_bytes frame, struct jl_err *err) {
    struct jl_message message;
    jl_arena_reset(&asking->arena);
    enum jl_rc rc = jl_wire_decode(asking->office->wire, frame, &asking->arena, &message, err);
    if (rc != JL_OK) {
        asking->no = true;
        return JL_OK;
    }
    if (message.kind == JL_MESSAGE_WELCOME && !asking->welcomed) {
        asking->welcome = message.as.welcome;
        asking->welcomed = true;
        asking->sent = false;
        asking->no = !is_in_step(asking);
    } else if (message.kind == JL_MESSAGE_PROVED && asking->welcomed) {
        asking->proved = message.as.proved;
        asking->answered = true;
    } else if (message.kind == JL_MESSAGE_REFUSE) {
        asking->no = true;
    }
    return JL_OK;
}

static enum jl_rc look(struct asking *asking, struct jl_err *err) {
    struct jl_wait_item item = {.client = asking->client};
    struct jl_frame frame = {0};
    enum jl_rc rc = asking->sent       ? JL_OK
                    : asking->welcomed ? send_proof(asking, err)
                                       : send_hello(asking, err);
    if (rc == JL_OK) {
        rc = jl_net_wait(&item, 1, LOOK_MS, err);
    }
    if (rc == JL_OK) {
        rc = jl_client_receive(asking->client, &frame, err);
    }
    if (rc != JL_OK) {
        return rc == JL_NOT_FOUND ? JL_OK : rc;
    }
    rc = take(asking, frame.bytes, err);
    jl_frame_fini(&frame);
    return rc;
}

static enum jl_rc ask(struct asking *asking, struct jl_err *err) {
    int64_t start_ms = now_ms(asking);
    enum jl_rc rc = JL_OK;
    while (rc == JL_OK && !asking->answered && !asking->no && !jl_stop) {
        int64_t most_ms = asking->welcomed ? JL_SESSION_DEEP_MS : JL_VERIFY_SILENT_MS;
        rc = look(asking, err);
        asking->no = asking->no || now_ms(asking) - start_ms > most_ms;
    }
    return rc;
}

enum jl_rc jl_verify_deep(struct jl_office *office, enum jl_deep_result *out_result,
                          struct jl_err *err) {
    struct asking asking = {.office = office};
    struct jl_net *net = NULL;
    const struct jl_client_options options = {.endpoint = office->identity.endpoint,
                                              .server_public = office->identity.server_public,
                                              .curve_secret = &office->keys.curve};
    *out_result = JL_DEEP_NONE;
    jl_office_facts(office, &asking.facts);
    enum jl_rc rc = jl_net_new(&net, err);
    if (rc == JL_OK) {
        rc = jl_client_open(net, &options, &asking.client, err);
    }
    if (rc == JL_OK) {
        rc = ask(&asking, err);
    }
    if (rc == JL_OK && asking.answered && asking.proved.result == JL_PROOF_IDENTICAL) {
        *out_result = asking.proved.deep;
    }
    jl_client_close(asking.client);
    jl_net_free(net);
    jl_arena_fini(&asking.arena);
    return rc;
}
