/* Peers that break the rules, and endpoints that are none.
 *
 * Goal: whatever a peer sends, it is cut off or passed over, and the others go on. Method: raw
 * ZeroMQ and TCP sockets against a real server, see net_world.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jielian/base/limits.h"
#include "net_world.h"
#include "tests/said.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.h>

static void *raw_dealer(struct world *world, void *context, struct jl_bytes claim) {
    void *dealer = zmq_socket(context, ZMQ_DEALER);
    const int zero = 0;
    assert_int_equal(zmq_setsockopt(dealer, ZMQ_LINGER, &zero, sizeof zero), 0);
    if (claim.size > 0) {
        assert_int_equal(zmq_setsockopt(dealer, ZMQ_ROUTING_ID, claim.data, claim.size), 0);
    }
    const struct keys *keys = &world->device;
    zmq_setsockopt(dealer, ZMQ_CURVE_SERVERKEY, world->district.public_key, JL_CURVE_KEY_BYTES);
    zmq_setsockopt(dealer, ZMQ_CURVE_PUBLICKEY, keys->public_key, JL_CURVE_KEY_BYTES);
    zmq_setsockopt(dealer, ZMQ_CURVE_SECRETKEY, keys->secret.bytes, JL_CURVE_KEY_BYTES);
    assert_int_equal(zmq_connect(dealer, jl_server_endpoint(world->server)), 0);
    return dealer;
}

static void pump_until_malformed(struct world *world, uint64_t count) {
    unsigned steps = 0;
    while (jl_server_counts(world->server).malformed < count) {
        assert_true(steps++ < PATIENCE_STEPS);
        pump(world, NULL, 1);
    }
}

static void test_messages_that_break_the_form_are_dropped_and_counted(void **state) {
    struct world *world = *state;
    void *context = zmq_ctx_new();
    void *dealer = raw_dealer(world, context, jl_bytes(NULL, 0));
    assert_int_equal(zmq_send(dealer, "a", 1, ZMQ_SNDMORE), 1);
    assert_int_equal(zmq_send(dealer, "b", 1, ZMQ_SNDMORE), 1);
    assert_int_equal(zmq_send(dealer, "c", 1, 0), 1);
    assert_int_equal(zmq_send(dealer, "", 0, 0), 0);
    pump_until_malformed(world, 2);
    assert_int_equal(zmq_send(dealer, "good", 4, 0), 4);
    (void)expect(world, NULL, "good", &world->device);
    zmq_close(dealer);
    zmq_ctx_term(context);
}

/* ---- Routing ids ---- */

/* As libzmq makes them: a zero and a counter. */
static void assert_automatic(const struct jl_peer_id *peer) {
    assert_int_equal(peer->size, 5);
    assert_int_equal(peer->bytes[0], 0);
}

static uint32_t counter_of(const struct jl_peer_id *peer) {
    assert_automatic(peer);
    return (uint32_t)peer->bytes[1] << 24 | (uint32_t)peer->bytes[2] << 16 |
           (uint32_t)peer->bytes[3] << 8 | peer->bytes[4];
}

static uint32_t counter_now(struct world *world) {
    struct jl_client *client = open_client(world, &world->device);
    const struct jl_peer_id peer = meet(world, client, &world->device);
    close_client(world, client);
    return counter_of(&peer);
}

/* libzmq would end the process when its counter came to a number that is taken. */
static void test_a_thousand_claims_around_the_counter_harm_nobody(void **state) {
    /* A hundred connections wake the server many times each, so steps are short. */
    enum { ROUNDS = 10, CLAIMS = 100, BEFORE = 20, CLAIM_STEPS = 20 * PATIENCE_STEPS };
    struct world *world = *state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        void *context = zmq_ctx_new();
        void *dealers[CLAIMS];
        const uint32_t first = counter_now(world) - BEFORE;
        const uint64_t admitted = jl_server_counts(world->server).admitted;
        for (uint32_t i = 0; i < CLAIMS; i++) {
            const uint32_t number = first + i;
            const uint8_t id[] = {0, (uint8_t)(number >> 24), (uint8_t)(number >> 16),
                                  (uint8_t)(number >> 8), (uint8_t)number};
            dealers[i] = raw_dealer(world, context, jl_bytes(id, sizeof id));
        }
        unsigned steps = 0;
        while (jl_server_counts(world->server).admitted < admitted + CLAIMS) {
            assert_true(steps++ < CLAIM_STEPS);
            pump(world, NULL, 1);
        }
        pump(world, NULL, QUIET_STEPS);
        (void)counter_now(world);
        for (unsigned i = 0; i < CLAIMS; i++) {
            zmq_close(dealers[i]);
        }
        zmq_ctx_term(context);
    }
    assert_int_equal(jl_server_counts(world->server).malformed, 0);
}

static void expect_answer(struct world *world, void *dealer, const char *text) {
    char bytes[16];
    int size = -1;
    for (unsigned steps = 0; size < 0; steps++) {
        assert_true(steps < PATIENCE_STEPS);
        pump(world, NULL, 1);
        size = zmq_recv(dealer, bytes, sizeof bytes, ZMQ_DONTWAIT);
    }
    assert_true(jl_bytes_is(jl_bytes(bytes, (size_t)size), text));
}

static void test_who_claims_an_id_gets_one_of_its_own_and_nobodys_answers(void **state) {
    struct world *world = *state;
    struct jl_client *honest = open_client(world, &world->device);
    const struct jl_peer_id peer = meet(world, honest, &world->device);
    uint8_t long_id[UINT8_MAX];
    memset(long_id, 'x', sizeof long_id);
    const struct jl_bytes claims[] = {
        jl_bytes(peer.bytes, peer.size), /* the honest one's */
        jl_bytes(peer.bytes, 1),         /* a zero alone, which libzmq reserves */
        jl_bytes_text("GD-1"),
        jl_bytes(long_id, sizeof long_id),
    };
    enum { CLAIMS = sizeof claims / sizeof claims[0] };
    void *context = zmq_ctx_new();
    void *dealers[CLAIMS];
    struct jl_peer_id peers[CLAIMS];
    for (size_t i = 0; i < CLAIMS; i++) {
        dealers[i] = raw_dealer(world, context, claims[i]);
        assert_int_equal(zmq_send(dealers[i], "claim", 5, 0), 5);
        peers[i] = expect(world, NULL, "claim", &world->device);
        assert_automatic(&peers[i]);
        assert_int_not_equal(counter_of(&peers[i]), counter_of(&peer));
    }
    assert_int_equal(jl_server_send(world->server, &peer, jl_bytes_text("yours"), NULL), JL_OK);
    for (size_t i = 0; i < CLAIMS; i++) {
        assert_int_equal(jl_server_send(world->server, &peers[i], jl_bytes_text("no"), NULL),
                         JL_OK);
        expect_answer(world, dealers[i], "no");
        zmq_close(dealers[i]);
    }
    JL_AUTO(jl_frame) frame = {0};
    unsigned steps = 0;
    while (jl_client_receive(honest, &frame, NULL) != JL_OK) {
        assert_true(steps++ < PATIENCE_STEPS);
        pump(world, honest, 1);
    }
    assert_true(jl_bytes_is(frame.bytes, "yours"));
    zmq_ctx_term(context);
}

/* ---- Frames ---- */

static void test_an_oversize_frame_ends_its_connection_and_no_other(void **state) {
    struct world *world = *state;
    struct jl_client *client = open_client(world, &world->device);
    (void)meet(world, client, &world->device);
    void *context = zmq_ctx_new();
    void *dealer = raw_dealer(world, context, jl_bytes(NULL, 0));
    void *monitor = zmq_socket(context, ZMQ_PAIR);
    zmq_socket_monitor(dealer, "inproc://watch", ZMQ_EVENT_DISCONNECTED);
    zmq_connect(monitor, "inproc://watch");
    assert_int_equal(zmq_send(dealer, "good", 4, 0), 4);
    (void)expect(world, NULL, "good", &world->device);

    zmq_msg_t large;
    assert_int_equal(zmq_msg_init_size(&large, JL_FRAME_MAX_BYTES + 1), 0);
    memset(zmq_msg_data(&large), 0, zmq_msg_size(&large));
    assert_true(zmq_msg_send(&large, dealer, 0) > 0);
    unsigned steps = 0;
    zmq_pollitem_t poll = {.socket = monitor, .events = ZMQ_POLLIN};
    while (zmq_poll(&poll, 1, 0) == 0) {
        assert_true(steps++ < PATIENCE_STEPS);
        pump(world, client, 1);
    }
    send_text(client, "still here");
    (void)expect(world, client, "still here", &world->device);
    zmq_socket_monitor(dealer, NULL, 0);
    zmq_close(monitor);
    zmq_close(dealer);
    zmq_ctx_term(context);
}

static int tcp_connection(const struct world *world) {
    const char *endpoint = jl_server_endpoint(world->server);
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_port = htons((uint16_t)strtoul(strrchr(endpoint, ':') + 1, NULL, 10));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void test_garbage_silence_and_plain_peers_are_cut_off(void **state) {
    struct world *world = *state;
    const int silent = tcp_connection(world);
    const int garbage = tcp_connection(world);
    uint8_t noise[4096];
    for (size_t i = 0; i < sizeof noise; i++) {
        noise[i] = (uint8_t)(i * 131 + 7);
    }
    assert_true(send(garbage, noise, sizeof noise, MSG_NOSIGNAL) > 0);
    const int web = tcp_connection(world);
    assert_true(send(web, "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL) > 0);
    void *context = zmq_ctx_new();
    void *plain = zmq_socket(context, ZMQ_DEALER); /* ZMTP without CURVE */
    const int zero = 0;
    zmq_setsockopt(plain, ZMQ_LINGER, &zero, sizeof zero);
    zmq_connect(plain, jl_server_endpoint(world->server));
    zmq_send(plain, "hello", 5, ZMQ_DONTWAIT);

    const int fds[] = {silent, garbage, web};
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) {
        struct pollfd poll_fd = {.fd = fds[i], .events = POLLRDHUP};
        for (unsigned steps = 0; poll(&poll_fd, 1, 0) == 0; steps++) {
            assert_true(steps < PATIENCE_STEPS);
            pump(world, NULL, 1);
        }
        close(fds[i]);
    }
    struct jl_client *client = open_client(world, &world->device);
    (void)meet(world, client, &world->device);
    assert_int_equal(jl_server_counts(world->server).admitted, 1);
    zmq_close(plain);
    zmq_ctx_term(context);
}

/* The loopback would carry 64 KiB in one segment. What the district sends is bounded in the same
 * handshake, and seen on a wire by tests/net. */
static void test_peers_are_told_to_send_small_segments(void **state) {
    struct world *world = *state;
    const int fd = tcp_connection(world);
    int segment_bytes = 0;
    socklen_t size = sizeof segment_bytes;
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment_bytes, &size), 0);
    assert_in_range(segment_bytes, JL_SEGMENT_BYTES - 40 /* TCP options */, JL_SEGMENT_BYTES);
    close(fd);
}

/* ---- Opening ---- */

static void test_bad_endpoints_are_refused_with_a_reason(void **state) {
    struct world *world = *state;
    struct world other = {.district = world->district};
    assert_int_equal(jl_net_new(&other.net, NULL), JL_OK);
    const struct {
        const char *endpoint;
        enum jl_rc server, client;
    } cases[] = {
        {"", JL_MISUSE, JL_MISUSE},
        {"127.0.0.1:7800", JL_MISUSE, JL_MISUSE},
        {"ipc:///tmp/x", JL_MISUSE, JL_MISUSE},
        {"tcp://127.0.0.1", JL_MISUSE, JL_MISUSE},
        {"tcp://:7800", JL_MISUSE, JL_MISUSE},
        {"tcp://127.0.0.1:port", JL_MISUSE, JL_MISUSE},
        {"tcp://127.0.0.1:65536", JL_MISUSE, JL_MISUSE},
        {"tcp://::1:7800", JL_MISUSE, JL_MISUSE},
        {"tcp://127.0.0.1:0", JL_OK, JL_MISUSE},
        {"tcp://192.0.2.1:7800", JL_MISUSE, JL_OK},
        {jl_server_endpoint(world->server), JL_BUSY, JL_OK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct jl_server_options server_options = {
            .endpoint = cases[i].endpoint,
            .curve_secret = &world->district.secret,
            .admit = is_enrolled,
            .context = world,
        };
        struct jl_err err = {0};
        JL_AUTO_PTR(jl_server) server = NULL;
        assert_int_equal(jl_server_open(other.net, &server_options, &server, &err),
                         cases[i].server);
        assert_true(cases[i].server == JL_OK || strlen(err_said(&err)) > 10);
        const struct jl_client_options client_options = {
            .endpoint = cases[i].endpoint,
            .server_public = world->district.public_key,
            .curve_secret = &world->device.secret,
        };
        JL_AUTO_PTR(jl_client) client = NULL;
        assert_int_equal(jl_client_open(other.net, &client_options, &client, &err),
                         cases[i].client);
    }
    jl_net_free(other.net);
}

static void test_a_second_server_needs_its_own_context(void **state) {
    struct world *world = *state;
    const struct jl_server_options options = {
        .endpoint = "tcp://127.0.0.1:0",
        .curve_secret = &world->district.secret,
        .admit = is_enrolled,
        .context = world,
    };
    struct jl_err err = {0};
    struct jl_server *second = NULL;
    assert_int_equal(jl_server_open(world->net, &options, &second, &err), JL_MISUSE);
    assert_null(second);
    jl_server_close(world->server);
    world->server = open_server(world, "tcp://127.0.0.1:0"); /* one after the other is fine */
    struct jl_client *client = open_client(world, &world->device);
    (void)meet(world, client, &world->device);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_WORLD(test_messages_that_break_the_form_are_dropped_and_counted),
        WITH_WORLD(test_a_thousand_claims_around_the_counter_harm_nobody),
        WITH_WORLD(test_who_claims_an_id_gets_one_of_its_own_and_nobodys_answers),
        WITH_WORLD(test_an_oversize_frame_ends_its_connection_and_no_other),
        cmocka_unit_test_setup_teardown(test_garbage_silence_and_plain_peers_are_cut_off,
                                        set_up_hasty, tear_down),
        WITH_WORLD(test_peers_are_told_to_send_small_segments),
        WITH_WORLD(test_bad_endpoints_are_refused_with_a_reason),
        WITH_WORLD(test_a_second_server_needs_its_own_context),
    };
    return cmocka_run_group_tests_name("net_peers", tests, NULL, NULL);
}
