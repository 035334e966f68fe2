/* Enrolling: one request, one answer, over a connection of its own. */
#include "enrolment.h"
#include "cause.h"
#include "stop.h"

#include "client/books/identity.h"

#include "jielian/base/fault.h"
#include "jielian/crypto/signer.h"
#include "jielian/net/curve.h"
#include "jielian/net/frame.h"
#include "jielian/net/wait.h"
#include "jielian/sync/chain.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum {
    REFUSED_MS = 2000, /* a refused handshake for so long is an answer */
    DEVICE_NAME_BYTES = 64,
};

struct asking {
    struct jl_client *client;
    struct jl_wire *wire;
    struct jl_buf frame;
    struct jl_arena arena;
    int64_t start_ms, refused_ms;
    bool sent, answered;
};

static int64_t steady_ms(void) {
    const struct jl_clock clock = jl_clock_system();
    return clock.steady_ms(clock.context);
}

/* secret: of the connection; its public half is signed as the invitation's. */
static enum jl_rc make_request(struct jl_enrolment *enrolment, const struct jl_secret *secret,
                               struct asking *asking, struct jl_err *err) {
    char name[DEVICE_NAME_BYTES] = "";
    const struct jl_keys *keys = enrolment->keys;
    uint8_t text[JL_CHAIN_ENROL_TEXT_MAX_BYTES];
    uint8_t invitation_public[JL_CURVE_KEY_BYTES];
    JL_AUTO_PTR(jl_signer) signer = NULL;
    const char *given = jl_cli_value(enrolment->cli, "name");
    if (given == NULL && gethostname(name, sizeof name - 1) != 0) {
        memcpy(name, "office", sizeof "office");
    }
    struct jl_message message = {.kind = JL_MESSAGE_ENROL};
    struct jl_enrol *enrol = &message.as.enrol;
    enrol->suite = keys->suite->number;
    memcpy(enrol->sign_public, keys->sign_public, sizeof enrol->sign_public);
    enrol->name = jl_bytes_text(given != NULL ? given : name);
    enrol->office = enrolment->office;
    enum jl_rc rc = jl_curve_public(&keys->curve, enrol->curve_public, err);
    if (rc == JL_OK) {
        rc = jl_curve_public(secret, invitation_public, err);
    }
    if (rc == JL_OK) {
        rc = jl_signer_new(keys->suite, &keys->sign, &signer, err);
    }
    if (rc == JL_OK) {
        size_t size = jl_chain_enrol_text(keys->suite, enrol->curve_public, enrol->sign_public,
                                          invitation_public, text);
        rc = jl_signer_sign(signer, jl_bytes(text, size), enrol->signature, err);
    }
    if (rc == JL_OK) {
        rc = jl_wire_new(keys->suite, &asking->wire, err);
    }
    return rc == JL_OK ? jl_wire_encode(asking->wire, &message, &asking->frame, err) : rc;
}

static enum jl_rc copy_text(struct jl_bytes from, char *out_text, size_t capacity,
                            struct jl_err *err) {
    if (from.size == 0 || from.size >= capacity || memchr(from.data, '\n', from.size) != NULL) {
        return jl_fault(err, JL_PROTO, JL_FAULT_ENROL_NO_OFFICE);
    }
    memcpy(out_text, from.data, from.size);
    out_text[from.size] = '\0';
    return JL_OK;
}

static enum jl_rc take_enrolled(struct jl_enrolment *enrolment, const struct jl_enrolled *enrolled,
                                struct jl_err *err) {
    struct jl_identity *identity = &enrolment->identity;
    identity->device = enrolled->device;
    identity->office = enrolled->office;
    memcpy(identity->endpoint, enrolment->invitation->endpoint, sizeof identity->endpoint);
    memcpy(identity->server_public, enrolment->invitation->district_public,
           sizeof identity->server_public);
    enrolment->keys->proof = enrolled->proof_key;
    enum jl_rc rc = copy_text(enrolled->office_code, identity->code, sizeof identity->code, err);
    return rc == JL_OK
               ? copy_text(enrolled->office_name, identity->name, sizeof identity->name, err)
               : rc;
}

static enum jl_rc take_answer(struct jl_enrolment *enrolment, struct asking *asking,
                              struct jl_bytes frame, struct jl_err *err) {
    struct jl_message message;
    jl_arena_reset(&asking->arena);
    enum jl_rc rc = jl_wire_decode(asking->wire, frame, &asking->arena, &message, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (message.kind == JL_MESSAGE_ENROLLED) {
        asking->answered = true;
        rc = take_enrolled(enrolment, &message.as.enrolled, err);
        jl_secret_fini(&message.as.enrolled.proof_key);
        return rc;
    }
    if (message.kind != JL_MESSAGE_REFUSE) {
        return JL_OK; /* a Poke or the like: not for us yet */
    }
    const struct jl_refuse *refuse = &message.as.refuse;
    if (refuse->code == JL_REFUSE_BUSY) {
        asking->sent = false; /* sent again until the time is up */
        return JL_OK;
    }
    if (refuse->code == JL_REFUSE_VERSION && refuse->suite != 0) {
        return jl_fault_at(err, JL_DENIED, JL_FAULT_TEXT, "%s",
                           jl_cause_suite(enrolment->cli, refuse->suite).text);
    }
    if (refuse->code == JL_REFUSE_VERSION) {
        return jl_fault_at(err, JL_DENIED, JL_FAULT_ENROL_OLD, "%" PRIu32, refuse->version);
    }
    struct jl_sentence sentence;
    const struct jl_listener listener = {.language = enrolment->cli->language};
    struct jl_bytes why = jl_remark_text(&refuse->said, refuse->text, &listener, &sentence);
    enrolment->asked = false; /* a plain no: nothing of ours is there */
    return jl_fault_at(err, JL_DENIED, JL_FAULT_ENROL_REFUSED, "%.*s", (int)why.size,
                       (const char *)why.data);
}

/* Send when connected, again every few seconds: a district that was restarted has forgotten. */
static enum jl_rc send_request(struct jl_enrolment *enrolment, struct asking *asking,
                               struct jl_err *err) {
    enum jl_rc rc =
        asking->sent ? JL_OK : jl_client_send(asking->client, jl_buf_bytes(&asking->frame), err);
    if (rc == JL_OK) {
        asking->sent = enrolment->asked = true;
    }
    return rc == JL_BUSY ? JL_OK : rc;
}

static enum jl_rc ask_once(struct jl_enrolment *enrolment, struct asking *asking,
                           struct jl_err *err) {
    enum { LOOK_MS = 200 };
    struct jl_wait_item item = {.client = asking->client};
    struct jl_frame frame = {0};
    enum jl_rc rc = send_request(enrolment, asking, err);
    if (rc == JL_OK) {
        rc = jl_wait_any(&item, 1, LOOK_MS, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    enum jl_link link = jl_client_link(asking->client);
    if (link != JL_LINK_UP) {
        asking->sent = false;
    }
    int64_t now_ms = steady_ms();
    asking->refused_ms = !jl_link_refused(link)    ? 0
                         : asking->refused_ms == 0 ? now_ms
                                                   : asking->refused_ms;
    rc = jl_client_receive(asking->client, &frame, err);
    if (rc != JL_OK) {
        return rc == JL_NOT_FOUND ? JL_OK : rc;
    }
    rc = take_answer(enrolment, asking, frame.bytes, err);
    jl_frame_fini(&frame);
    return rc;
}

static int64_t patience(const struct jl_enrolment *enrolment, const struct asking *asking) {
    bool met = enrolment->met_ms != 0 && jl_client_met(asking->client);
    return met ? enrolment->met_ms : enrolment->timeout_ms;
}

static enum jl_rc fail_silent(const struct jl_enrolment *enrolment, int64_t patience_ms,
                              struct jl_err *err) {
    return jl_fault_at(err, JL_BUSY, JL_FAULT_ENROL_NO_ANSWER, "%s" JL_AND "%" PRId64,
                       enrolment->invitation->endpoint, patience_ms / 1000);
}

/* One look at the link: 0 when it says nothing yet. */
static enum jl_rc probe_once(struct asking *asking, enum jl_membership *out_standing,
                             struct jl_err *err) {
    enum { LOOK_MS = 200 };
    struct jl_wait_item item = {.client = asking->client};
    enum jl_rc rc = jl_wait_any(&item, 1, LOOK_MS, err);
    enum jl_link link = jl_client_link(asking->client);
    int64_t now_ms = steady_ms();
    if (!jl_link_refused(link)) {
        asking->refused_ms = 0;
        *out_standing = link == JL_LINK_UP ? JL_MEMBER_KNOWN : 0;
        return rc;
    }
    asking->refused_ms = asking->refused_ms == 0 ? now_ms : asking->refused_ms;
    bool lasting = now_ms - asking->refused_ms >= REFUSED_MS;
    *out_standing = !lasting ? 0 : link == JL_LINK_REVOKED ? JL_MEMBER_REVOKED : JL_MEMBER_UNKNOWN;
    return rc;
}

enum jl_rc jl_enrolment_probe(struct jl_enrolment *enrolment, const struct jl_secret *secret,
                              enum jl_membership *out_standing, struct jl_err *err) {
    struct asking asking = {.start_ms = steady_ms()};
    const struct jl_client_options options = {.endpoint = enrolment->invitation->endpoint,
                                              .server_public =
                                                  enrolment->invitation->district_public,
                                              .curve_secret = secret};
    *out_standing = 0;
    enum jl_rc rc = jl_client_open(enrolment->net, &options, &asking.client, err);
    while (rc == JL_OK && *out_standing == 0) {
        rc = probe_once(&asking, out_standing, err);
        int64_t patience_ms = patience(enrolment, &asking);
        bool late = steady_ms() - asking.start_ms >= patience_ms;
        if (rc == JL_OK && *out_standing == 0 && (late || jl_stop)) {
            rc = fail_silent(enrolment, patience_ms, err);
        }
    }
    jl_client_close(asking.client);
    return rc;
}

enum jl_rc jl_enrolment_ask(struct jl_enrolment *enrolment, const struct jl_secret *secret,
                            bool *out_refused, struct jl_err *err) {
    struct asking asking = {.start_ms = steady_ms()};
    const struct jl_client_options client_options = {.endpoint = enrolment->invitation->endpoint,
                                                     .server_public =
                                                         enrolment->invitation->district_public,
                                                     .curve_secret = secret};
    *out_refused = false;
    enum jl_rc rc = make_request(enrolment, secret, &asking, err);
    if (rc == JL_OK) {
        rc = jl_client_open(enrolment->net, &client_options, &asking.client, err);
    }
    while (rc == JL_OK && !asking.answered && !*out_refused) {
        rc = ask_once(enrolment, &asking, err);
        int64_t now_ms = steady_ms();
        *out_refused = asking.refused_ms != 0 && now_ms - asking.refused_ms >= REFUSED_MS;
        int64_t patience_ms = patience(enrolment, &asking);
        bool late = now_ms - asking.start_ms >= patience_ms;
        if (rc == JL_OK && !asking.answered && (late || jl_stop)) {
            rc = fail_silent(enrolment, patience_ms, err);
        }
    }
    jl_client_close(asking.client);
    jl_wire_free(asking.wire);
    jl_buf_fini(&asking.frame);
    jl_arena_fini(&asking.arena);
    return rc;
}
