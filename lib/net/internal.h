/* What the files of lib/net share: checked socket calls, and the insides that jl_net_wait polls. */
#ifndef JIELIAN_NET_INTERNAL_H
#define JIELIAN_NET_INTERNAL_H

#include "jielian/base/limits.h"
#include "jielian/net/net.h"

#include <stdatomic.h>

enum {
    JL_ENDPOINT_BYTES = 320, /* tcp://HOST:PORT with the longest DNS name, and the NUL */
    /* CURVE's envelope: "\x07MESSAGE" (8), nonce (8), authenticator (16), flags (1). */
    JL_CURVE_EXTRA_BYTES = 33,
    JL_EVENT_BYTES = 6, /* a monitor's: u16 event, u32 value, both in the machine's byte order */
};

struct jl_net {
    void *context;
    atomic_uint next_name; /* inproc endpoints need a name each */
};

/* ---- context.c ---- */

/* Report a failed ZeroMQ call by its errno: "what: reason". */
enum jl_rc jl_zmq_fail(struct jl_err *err, const char *what);
JL_MUST_CHECK enum jl_rc jl_socket_open(struct jl_net *net, int type, void **out_socket,
                                        struct jl_err *err);
void jl_socket_close(void *socket);
JL_MUST_CHECK enum jl_rc jl_socket_set(void *socket, int option, const void *value, size_t size,
                                       struct jl_err *err);

struct jl_socket_option {
    int name;
    int value;
};
JL_MUST_CHECK enum jl_rc jl_socket_set_all(void *socket, const struct jl_socket_option *options,
                                           size_t count, struct jl_err *err);
/* The bounds of a socket that talks to the network. */
JL_MUST_CHECK enum jl_rc jl_socket_bound(void *socket, uint32_t handshake_ms, bool ipv6,
                                         struct jl_err *err);
/* zmq_send without waiting, surely: libzmq looks only now and then whether a full queue has room
 * again, so after EAGAIN it is made to look. Returns as zmq_send does. */
int jl_socket_send(void *socket, const void *data, size_t size, int flags);
/* "inproc://PREFIX-1", a new name each time. */
void jl_net_name(struct jl_net *net, const char *prefix, char out_name[static JL_ENDPOINT_BYTES]);

/* ---- endpoint.c ---- */

/* JL_MISUSE unless text is tcp://HOST:PORT; port 0 only when any_port. */
JL_MUST_CHECK enum jl_rc jl_endpoint_check(const char *text, bool any_port, struct jl_err *err);
bool jl_endpoint_ipv6(const char *text);

/* ---- frame.c ---- */

/* JL_MISUSE when empty, JL_LIMIT when over JL_FRAME_MAX_BYTES. */
JL_MUST_CHECK enum jl_rc jl_frame_check(struct jl_bytes frame, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_frame_init(struct jl_frame *out_frame, struct jl_err *err);
/* Take the rest of a message whose last part had ZMQ_MORE. */
void jl_frame_skip_parts(void *socket);

/* ---- zap.c ---- */

enum {
    JL_USER_ID_BYTES = 2 * JL_CURVE_KEY_BYTES + 1,
};

/* Statuses of a refusal (RFC 27 has 300, 400 and 500; 300 would never reach the peer). */
#define JL_ZAP_UNKNOWN "400"
#define JL_ZAP_REVOKED "500"
enum { JL_ZAP_REVOKED_VALUE = 500 };
struct jl_zap {
    void *socket;
    jl_admit_fn admit;
    void *context;
    uint64_t admitted, refused;
    char refused_address[JL_ADDRESS_BYTES]; /* of the last one */
};
JL_MUST_CHECK enum jl_rc jl_zap_open(struct jl_net *net, struct jl_zap *zap, struct jl_err *err);
void jl_zap_close(struct jl_zap *zap);
JL_MUST_CHECK enum jl_rc jl_zap_answer(struct jl_zap *zap, struct jl_err *err);
extern const char jl_zap_domain[];

/* ---- door.c ---- */

struct jl_door;
/* Before the router binds. options stay the caller's and must outlive the door. */
JL_MUST_CHECK enum jl_rc jl_door_open(struct jl_net *net, void *router,
                                      const struct jl_server_options *options,
                                      struct jl_door **out_door, struct jl_err *err);
void jl_door_close(struct jl_door *door);
JL_DEFINE_AUTO_PTR(jl_door, jl_door_close)
/* The listening socket's descriptor, which stays libzmq's; after the router has bound. */
JL_MUST_CHECK enum jl_rc jl_door_listener(struct jl_door *door, int *out_fd, struct jl_err *err);
/* Read what the monitor says and cut off who is too many. */
JL_MUST_CHECK enum jl_rc jl_door_tend(struct jl_door *door, struct jl_err *err);
/* A whole message of a connection was taken, the first part of which had so many bytes; fd may be
 * −1 (not known). */
void jl_door_heard(struct jl_door *door, int fd, size_t bytes,
                   const uint8_t key[static JL_CURVE_KEY_BYTES]);
/* No message waits now. */
void jl_door_drained(struct jl_door *door);
const struct jl_strangers *jl_door_strangers(const struct jl_door *door);
void *jl_door_socket(const struct jl_door *door);

/* ---- for wait.c ---- */

enum {
    JL_POLLS_PER_ITEM = 3,
};
/* What to poll; either may be missing (socket NULL and fd −1 are skipped). */
struct jl_poll_set {
    void *sockets[JL_POLLS_PER_ITEM];
    int fd; /* used when sockets[0] is NULL */
};
struct jl_poll_set jl_server_polls(const struct jl_server *server);
struct jl_poll_set jl_client_polls(const struct jl_client *client);
struct jl_poll_set jl_pipe_polls(const struct jl_pipe *pipe);
struct jl_poll_set jl_bell_polls(const struct jl_bell *bell);

/* Read what the monitor said and connect again if it is time. out_due_ms gets the steady time of
 * the next attempt of our own, or INT64_MAX. */
JL_MUST_CHECK enum jl_rc jl_client_tend(struct jl_client *client, int64_t *out_due_ms,
                                        struct jl_err *err);
/* Has the link changed since the last call? */
bool jl_client_take_news(struct jl_client *client);

#endif
