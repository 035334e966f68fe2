/* The ZAP (RFC 27) side of a server: asks `admit` about each device's CURVE key.
 *
 *   request   version "1.0" | request id | domain | address | identity | "CURVE" | key (32 bytes)
 *   reply     version "1.0" | request id | status | text | user id | metadata (empty)
 *
 * The user id of an admitted key is the key in hexadecimal. libzmq attaches it to every message of
 * the connection, so the caller knows the key without trusting anything the peer says. A peer's own
 * metadata cannot take its place: libzmq lets ZAP's properties win, and ZAP_ENFORCE_DOMAIN closes
 * connections that ZAP has not answered for.
 *
 * A key that is not admitted is refused with one of two statuses: libzmq passes the digits on to
 * the peer, whose monitor tells them. To older programs both are a refusal. */
#include "zap.h"
#include "socket.h"

#include "jielian/base/fault.h"
#include "jielian/base/hex.h"
#include "jielian/base/limits.h"
#include "jielian/net/curve.h"
#include "jielian/net/server.h"

#include <errno.h>
#include <string.h>
#include <zmq.h>

enum {
    REQUEST_PARTS = 7,
    REQUEST_ID_MAX_BYTES = 255,
    ANSWERS_PER_CALL = 64, /* so that a storm of handshakes leaves room for messages */
};

static const char zap_endpoint[] = "inproc://zeromq.zap.01"; /* fixed by the RFC */
const char jl_zap_domain[] = "jielian";

enum jl_rc jl_zap_open(struct jl_net *net, struct jl_zap *zap, struct jl_err *err) {
    enum jl_rc rc = jl_socket_open(net, ZMQ_REP, &zap->socket, err);
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_socket_option options[] = {
        {ZMQ_LINGER, 0},
        {ZMQ_SNDHWM, JL_SOCKET_QUEUE_FRAMES},
        {ZMQ_RCVHWM, JL_SOCKET_QUEUE_FRAMES},
    };
    rc = jl_socket_set_all(zap->socket, options, sizeof options / sizeof options[0], err);
    if (rc != JL_OK) {
        return rc;
    }
    if (zmq_bind(zap->socket, zap_endpoint) != 0) {
        if (zmq_errno() == EADDRINUSE) {
            return jl_fault_at(
                err, JL_MISUSE, JL_FAULT_NET, "%s",
                "this context has a server already; a second one needs its own jl_net");
        }
        return jl_socket_fail(err, "listen for handshakes");
    }
    return JL_OK;
}

void jl_zap_close(struct jl_zap *zap) {
    if (zap->socket == NULL) {
        return;
    }
    /* Closing is done later by another thread; unbinding now lets the next server have the name.
     * It fails when open did not get as far as binding, which is as good. */
    (void)zmq_unbind(zap->socket, zap_endpoint);
    jl_socket_close(zap->socket);
    zap->socket = NULL;
}

struct request {
    size_t parts;
    bool version_ok, domain_ok, mechanism_ok, key_ok;
    char address[JL_ADDRESS_BYTES];
    size_t id_size;
    uint8_t id[REQUEST_ID_MAX_BYTES];
    uint8_t key[JL_CURVE_KEY_BYTES];
};

static void read_part(struct request *request, struct jl_bytes part) {
    switch (request->parts) {
    case 0:
        request->version_ok = jl_bytes_is(part, "1.0");
        break;
    case 1:
        if (part.size <= sizeof request->id) {
            memcpy(request->id, part.data, part.size);
            request->id_size = part.size;
        }
        break;
    case 2:
        request->domain_ok = jl_bytes_is(part, jl_zap_domain);
        break;
    case 3: /* for people's eyes; who may come in is judged by the key */
        if (part.size < sizeof request->address) {
            memcpy(request->address, part.data, part.size);
        }
        break;
    case 5:
        request->mechanism_ok = jl_bytes_is(part, "CURVE");
        break;
    case 6:
        request->key_ok = part.size == sizeof request->key;
        if (request->key_ok) {
            memcpy(request->key, part.data, part.size);
        }
        break;
    default: /* the identity says nothing that the key does not say better */
        break;
    }
    request->parts++;
}

static enum jl_rc receive_request(void *socket, struct request *request, struct jl_err *err) {
    zmq_msg_t part;
    zmq_msg_init(&part);
    bool more = true;
    while (more) {
        if (zmq_msg_recv(&part, socket, ZMQ_DONTWAIT) < 0) {
            const int code = zmq_errno();
            zmq_msg_close(&part);
            if (request->parts == 0 && (code == EAGAIN || code == EINTR)) {
                return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_NET, "%s", "no handshake waits");
            }
            errno = code;
            return jl_socket_fail(err, "read a handshake's key");
        }
        read_part(request, jl_bytes(zmq_msg_data(&part), zmq_msg_size(&part)));
        more = zmq_msg_more(&part) != 0;
    }
    zmq_msg_close(&part);
    return JL_OK;
}

static enum jl_rc send_reply(void *socket, const struct request *request, enum jl_admit admit,
                             struct jl_err *err) {
    static const char *const status[] = {[JL_ADMIT_UNKNOWN] = JL_ZAP_UNKNOWN,
                                         [JL_ADMIT_YES] = "200",
                                         [JL_ADMIT_REVOKED] = JL_ZAP_REVOKED};
    static const char *const texts[] = {
        [JL_ADMIT_UNKNOWN] = "not known", [JL_ADMIT_YES] = "OK", [JL_ADMIT_REVOKED] = "revoked"};
    char user_id[JL_USER_ID_BYTES] = "";
    if (admit == JL_ADMIT_YES) {
        jl_hex_encode(jl_bytes(request->key, sizeof request->key), user_id);
    }
    const struct jl_bytes parts[] = {
        jl_bytes_text("1.0"),         jl_bytes(request->id, request->id_size),
        jl_bytes_text(status[admit]), jl_bytes_text(texts[admit]),
        jl_bytes_text(user_id),       jl_bytes(NULL, 0),
    };
    const size_t count = sizeof parts / sizeof parts[0];
    for (size_t i = 0; i < count; i++) {
        const int flags = ZMQ_DONTWAIT | (i + 1 < count ? ZMQ_SNDMORE : 0);
        if (zmq_send(socket, parts[i].data, parts[i].size, flags) < 0) {
            return jl_socket_fail(err, "answer a handshake");
        }
    }
    return JL_OK;
}

enum jl_rc jl_zap_answer(struct jl_zap *zap, struct jl_err *err) {
    for (unsigned answered = 0; answered < ANSWERS_PER_CALL; answered++) {
        struct request request = {0};
        enum jl_rc rc = receive_request(zap->socket, &request, err);
        if (rc == JL_NOT_FOUND) {
            return JL_OK;
        }
        if (rc != JL_OK) {
            return rc;
        }
        const bool well_formed = request.parts == REQUEST_PARTS && request.version_ok &&
                                 request.domain_ok && request.mechanism_ok && request.key_ok;
        const enum jl_admit admit =
            well_formed ? zap->admit(zap->context, request.key) : JL_ADMIT_UNKNOWN;
        if (admit == JL_ADMIT_YES) {
            zap->admitted++;
        } else {
            zap->refused++;
            memcpy(zap->refused_address, request.address, sizeof zap->refused_address);
        }
        rc = send_reply(zap->socket, &request, admit, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}
