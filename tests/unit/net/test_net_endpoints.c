/* Several endpoints of one district: which is tried when, and which is never trusted.
 *
 * Goal: a device gets through when any of its endpoints works, waits for none that does, and asks
 * dead ones no more often than a single one. Method: real sockets on the loopback; dead ones are
 * ports that are taken and not listened on, or listened on by plain TCP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net_world.h"

#include "jielian/base/clock.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ENDPOINT_ROOM = 64 };

struct port { /* taken on the loopback; listening: connections are made and cut at once */
    int fd;
    unsigned calls;
    char endpoint[ENDPOINT_ROOM];
};

static struct port take_port(bool listening) {
    struct port port = {.fd = socket(AF_INET, SOCK_STREAM, 0)};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    assert_int_equal(bind(port.fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(port.fd, (struct sockaddr *)&address, &size), 0);
    if (listening) {
        assert_int_equal(listen(port.fd, 16), 0);
        assert_int_equal(fcntl(port.fd, F_SETFL, O_NONBLOCK), 0);
    }
    (void)snprintf(port.endpoint, sizeof port.endpoint, "tcp://127.0.0.1:%u",
                   ntohs(address.sin_port));
    return port;
}

static void turn_away(struct port *port) {
    for (int fd = accept(port->fd, NULL, NULL); fd >= 0; fd = accept(port->fd, NULL, NULL)) {
        port->calls++;
        close(fd);
    }
}

static struct jl_client *open_at(struct world *world, const char *const *endpoints, size_t count,
                                 const struct keys *keys) {
    const struct jl_client_options options = {
        .endpoint = endpoints[0],
        .server_public = world->district.public_key,
        .curve_secret = &keys->secret,
    };
    struct jl_client *client = open_client_with(world, &options);
    jl_client_endpoints(client, endpoints, count);
    return client;
}

static int64_t now_ms(void) {
    const struct jl_clock clock = jl_clock_system();
    return clock.steady_ms(clock.context);
}

/* ---- Which is tried ---- */

static void test_a_dead_endpoint_leads_to_the_next_without_a_pause(void **state) {
    struct world *world = *state;
    struct port dead = take_port(false);
    struct port deaf = take_port(true);
    const char *const endpoints[] = {dead.endpoint, deaf.endpoint,
                                     jl_server_endpoint(world->server)};
    const int64_t start_ms = now_ms();
    struct jl_client *client = open_at(world, endpoints, 3, &world->device);
    for (unsigned steps = 0; jl_client_link(client) != JL_LINK_UP; steps++) {
        assert_true(steps < PATIENCE_STEPS);
        pump(world, client, 1);
        turn_away(&deaf);
    }
    assert_true(now_ms() - start_ms < 2000);
    assert_int_equal(deaf.calls, 1);
    assert_string_equal(jl_client_endpoint(client), endpoints[2]);
    (void)meet(world, client, &world->device);
    close(dead.fd);
    close(deaf.fd);
}

static void test_the_first_one_is_kept_while_it_works(void **state) {
    struct world *world = *state;
    struct port other = take_port(true);
    const char *const endpoints[] = {jl_server_endpoint(world->server), other.endpoint};
    struct jl_client *client = open_at(world, endpoints, 2, &world->device);
    (void)meet(world, client, &world->device);
    pump(world, client, QUIET_STEPS);
    turn_away(&other);
    assert_int_equal(other.calls, 0);
    assert_string_equal(jl_client_endpoint(client), endpoints[0]);
    close(other.fd);
}

/* A connection that stood is tried again where it was; then it is the others' turn. */
static void test_a_district_that_moves_is_found(void **state) {
    struct world *world = *state;
    struct world other = {.district = world->district, .device = world->device};
    enrol(&other, &world->device);
    assert_int_equal(jl_net_new(&other.net, NULL), JL_OK);
    other.server = open_server(&other, "tcp://127.0.0.1:0");
    char first[ENDPOINT_ROOM];
    (void)snprintf(first, sizeof first, "%s", jl_server_endpoint(other.server));
    const char *const endpoints[] = {first, jl_server_endpoint(world->server)};
    struct jl_client *client = open_at(world, endpoints, 2, &world->device);
    (void)meet(&other, client, &world->device);
    jl_server_close(other.server);
    jl_net_free(other.net);
    /* Until it has noticed, a message goes the old way and is lost. */
    for (unsigned steps = 0; strcmp(jl_client_endpoint(client), endpoints[1]) != 0; steps++) {
        assert_true(steps < PATIENCE_STEPS);
        pump(world, client, 1);
    }
    (void)meet(world, client, &world->device);
    assert_string_equal(jl_client_endpoint(client), endpoints[1]);
}

/* The connection stands and nobody says a word: the next one may. */
static void test_silence_leads_to_the_next_and_a_word_does_not(void **state) {
    struct world *world = *state;
    struct port other = take_port(true);
    const char *const endpoints[] = {jl_server_endpoint(world->server), other.endpoint};
    struct jl_client *client = open_at(world, endpoints, 2, &world->device);
    const struct jl_peer_id peer = meet(world, client, &world->device);
    assert_int_equal(jl_server_send(world->server, &peer, jl_bytes_text("word"), NULL), JL_OK);
    JL_AUTO(jl_frame) frame = {0};
    for (unsigned steps = 0; jl_client_receive(client, &frame, NULL) != JL_OK; steps++) {
        assert_true(steps < PATIENCE_STEPS);
        pump(world, client, 1);
    }
    assert_int_equal(jl_client_reconnect(client, NULL), JL_OK);
    assert_string_equal(jl_client_endpoint(client), endpoints[0]);
    (void)meet(world, client, &world->device);
    turn_away(&other);
    assert_int_equal(other.calls, 0);
    assert_int_equal(jl_client_reconnect(client, NULL), JL_OK);
    assert_string_equal(jl_client_endpoint(client), endpoints[1]);
    for (unsigned steps = 0; other.calls == 0; steps++) {
        assert_true(steps < PATIENCE_STEPS);
        pump(world, client, 1);
        turn_away(&other);
    }
    (void)meet(world, client, &world->device);
    close(other.fd);
}

/* ---- Which is trusted ---- */

static void test_an_endpoint_with_another_key_is_never_talked_to(void **state) {
    struct world *world = *state;
    struct world impostor = {.district = make_keys(), .device = world->device};
    enrol(&impostor, &world->device);
    assert_int_equal(jl_net_new(&impostor.net, NULL), JL_OK);
    impostor.server = open_server(&impostor, "tcp://127.0.0.1:0");
    const char *const endpoints[] = {jl_server_endpoint(impostor.server),
                                     jl_server_endpoint(world->server)};
    struct jl_client *client = open_at(world, endpoints, 2, &world->device);
    for (unsigned steps = 0; jl_client_link(client) != JL_LINK_UP; steps++) {
        assert_true(steps < PATIENCE_STEPS);
        pump(&impostor, client, 1);
        pump(world, client, 1);
    }
    assert_string_equal(jl_client_endpoint(client), endpoints[1]);
    send_text(client, "hello");
    (void)expect(world, client, "hello", &world->device);
    pump(&impostor, NULL, QUIET_STEPS);
    assert_int_equal(jl_server_counts(impostor.server).admitted, 0);
    jl_server_close(impostor.server);
    jl_net_free(impostor.net);
}

/* One endpoint that refuses is heard of although the other one is dead, and does not flicker. */
static void test_a_refusal_is_told_beside_a_dead_endpoint(void **state) {
    struct world *world = *state;
    const struct keys stranger = make_keys();
    struct port dead = take_port(false);
    const char *const endpoints[] = {dead.endpoint, jl_server_endpoint(world->server)};
    struct jl_client *client = open_at(world, endpoints, 2, &stranger);
    pump_until_link(world, client, JL_LINK_UNKNOWN);
    for (unsigned i = 0; i < 5 * QUIET_STEPS; i++) {
        pump(world, client, 1);
        assert_int_equal(jl_client_link(client), JL_LINK_UNKNOWN);
    }
    enrol(world, &stranger);
    (void)meet(world, client, &stranger);
    close(dead.fd);
}

/* ---- Pace ---- */

/* 0, 0.25, 0.75, 1.75 s and their jitter: five rounds at most in two seconds, whatever is in them.
 */
static void test_a_pause_is_between_rounds_and_grows(void **state) {
    enum { PORTS = 3, WATCH_MS = 2000, ROUNDS_MOST = 5, ROUNDS_LEAST = 2 };
    struct world *world = *state;
    struct port ports[PORTS];
    const char *endpoints[PORTS];
    for (int i = 0; i < PORTS; i++) {
        ports[i] = take_port(true);
        endpoints[i] = ports[i].endpoint;
    }
    struct jl_client *client = open_at(world, endpoints, PORTS, &world->device);
    const int64_t start_ms = now_ms();
    while (now_ms() - start_ms < WATCH_MS) {
        struct jl_wait_item item = {.client = client};
        assert_int_equal(jl_wait_any(&item, 1, 1, NULL), JL_OK);
        for (int i = 0; i < PORTS; i++) {
            turn_away(&ports[i]);
        }
    }
    for (int i = 0; i < PORTS; i++) {
        assert_in_range(ports[i].calls, ROUNDS_LEAST, ROUNDS_MOST);
        assert_true(ports[i].calls <= ports[0].calls && ports[i].calls + 1 >= ports[0].calls);
        close(ports[i].fd);
    }
}

/* ---- Lists ---- */

static void test_what_is_no_endpoint_or_there_already_is_passed_over(void **state) {
    struct world *world = *state;
    char endless[400];
    memset(endless, 'a', sizeof endless);
    memcpy(endless, "tcp://", 6);
    memcpy(endless + sizeof endless - 6, ":7800", 6);
    const char *const good = jl_server_endpoint(world->server);
    const char *const endpoints[] = {good,
                                     good,
                                     "",
                                     "ipc:///run/jielian",
                                     "tcp://host",
                                     "tcp://host:0",
                                     "tcp://:7800",
                                     "tcp://host:65536",
                                     endless,
                                     "tcp://127.0.0.1:7800 tcp://127.0.0.1:1",
                                     "inproc://x",
                                     "tcp://host:78x"};
    struct jl_client *client =
        open_at(world, endpoints, sizeof endpoints / sizeof endpoints[0], &world->device);
    assert_int_equal(jl_client_endpoint_count(client), 1);
    jl_client_endpoints(client, endpoints + 2, 3);
    assert_int_equal(jl_client_endpoint_count(client), 1); /* nothing of it is one */
    jl_client_endpoints(client, NULL, 0);
    assert_int_equal(jl_client_endpoint_count(client), 1);
    (void)meet(world, client, &world->device);
}

/* What passes for an endpoint here and not with libzmq is one more that fails. */
static void test_an_endpoint_that_libzmq_refuses_does_no_harm(void **state) {
    struct world *world = *state;
    const char *const endpoints[] = {jl_server_endpoint(world->server), "tcp://;:7800",
                                     "tcp://[]:7800", "tcp://a b:7800"};
    struct jl_client *client = open_at(world, endpoints, 4, &world->device);
    (void)meet(world, client, &world->device);
    for (unsigned i = 0; i < 3; i++) { /* nothing was heard: on to each of them in turn */
        assert_int_equal(jl_client_reconnect(client, NULL), JL_OK);
    }
    (void)meet(world, client, &world->device);
}

static void test_as_many_endpoints_as_there_is_room_for(void **state) {
    struct world *world = *state;
    char texts[JL_CLIENT_ENDPOINTS_MAX + 1][ENDPOINT_ROOM];
    const char *endpoints[JL_CLIENT_ENDPOINTS_MAX + 1];
    struct port dead = take_port(false);
    for (int i = 0; i <= JL_CLIENT_ENDPOINTS_MAX; i++) {
        (void)snprintf(texts[i], sizeof texts[i], "tcp://127.0.0.%d:%s", i + 2,
                       strrchr(dead.endpoint, ':') + 1);
        endpoints[i] = texts[i];
    }
    endpoints[JL_CLIENT_ENDPOINTS_MAX - 1] = jl_server_endpoint(world->server);
    struct jl_client *client =
        open_at(world, endpoints, JL_CLIENT_ENDPOINTS_MAX + 1, &world->device);
    assert_int_equal(jl_client_endpoint_count(client), JL_CLIENT_ENDPOINTS_MAX);
    (void)meet(world, client, &world->device); /* the last that has room is used */
    endpoints[JL_CLIENT_ENDPOINTS_MAX - 1] = endpoints[JL_CLIENT_ENDPOINTS_MAX];
    endpoints[JL_CLIENT_ENDPOINTS_MAX] = jl_server_endpoint(world->server);
    jl_client_endpoints(client, endpoints, JL_CLIENT_ENDPOINTS_MAX + 1);
    assert_int_equal(jl_client_link(client), JL_LINK_UP); /* it stands, in the list or not */
    close(dead.fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_dead_endpoint_leads_to_the_next_without_a_pause,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_first_one_is_kept_while_it_works, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_district_that_moves_is_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_silence_leads_to_the_next_and_a_word_does_not, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_an_endpoint_with_another_key_is_never_talked_to,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_refusal_is_told_beside_a_dead_endpoint, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_pause_is_between_rounds_and_grows, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_no_endpoint_or_there_already_is_passed_over,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_endpoint_that_libzmq_refuses_does_no_harm, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_as_many_endpoints_as_there_is_room_for, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
