/* The connections of a server: strangers, crowds of one key, messages without end.
 *
 * Goal: whoever connects and does not become a device takes a bounded number of files and bytes, is
 * counted by what was wrong with it, and never keeps a device out. Method: raw TCP and ZeroMQ peers
 * against a real server (net_world.h); crowds come from a child process, whose files are its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jielian/base/limits.h"
#include "net_world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

enum {
    FILES = 400,      /* what the process may open during the crowd: well under 2 * JL_FILES_KEPT */
    ROOM = FILES / 2, /* for connections, then */
    /* Each connection of a crowd may wake the server by itself, so steps are short. */
    CROWD_STEPS = 10 * PATIENCE_STEPS,
};

/* ---- Peers ---- */

static uint16_t port_of(const struct world *world) {
    const char *endpoint = jl_server_endpoint(world->server);
    return (uint16_t)strtoul(strrchr(endpoint, ':') + 1, NULL, 10);
}

static int tcp_connection(uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    return fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 ? fd : -1;
}

static void *raw_dealer(struct world *world, void *context) {
    void *dealer = zmq_socket(context, ZMQ_DEALER);
    const int zero = 0;
    assert_int_equal(zmq_setsockopt(dealer, ZMQ_LINGER, &zero, sizeof zero), 0);
    const struct keys *keys = &world->device;
    zmq_setsockopt(dealer, ZMQ_CURVE_SERVERKEY, world->district.public_key, JL_CURVE_KEY_BYTES);
    zmq_setsockopt(dealer, ZMQ_CURVE_PUBLICKEY, keys->public_key, JL_CURVE_KEY_BYTES);
    zmq_setsockopt(dealer, ZMQ_CURVE_SECRETKEY, keys->secret.bytes, JL_CURVE_KEY_BYTES);
    assert_int_equal(zmq_connect(dealer, jl_server_endpoint(world->server)), 0);
    return dealer;
}

static uint64_t strangers(const struct world *world, enum jl_stranger kind) {
    struct jl_strangers counts;
    jl_server_strangers(world->server, &counts);
    return counts.count[kind];
}

static void pump_until_strangers(struct world *world, enum jl_stranger kind, uint64_t count) {
    unsigned steps = 0;
    while (strangers(world, kind) < count) {
        assert_true(steps++ < CROWD_STEPS);
        pump(world, NULL, 1);
    }
    assert_int_equal(strangers(world, kind), count);
}

/* ---- Who was it? ---- */

static void test_strangers_are_counted_by_what_was_wrong(void **state) {
    struct world *world = *state;
    struct jl_strangers counts;
    const int silent = tcp_connection(port_of(world));
    const int garbage = tcp_connection(port_of(world));
    pump(world, NULL, 2); /* one that is cut off at once may be gone before its address is asked */
    assert_int_equal(send(garbage, "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL), 18);
    pump_until_strangers(world, JL_STRANGER_PROTOCOL, 1);
    pump_until_strangers(world, JL_STRANGER_TIMEOUT, 1);
    close(silent);
    close(garbage);

    const struct keys unknown = make_keys();
    struct jl_client *client = open_client(world, &unknown);
    pump_until_link(world, client, JL_LINK_UNKNOWN);
    close_client(world, client);
    jl_server_strangers(world->server, &counts);
    assert_true(counts.count[JL_STRANGER_KEY] >= 1);
    for (int kind = JL_STRANGER_KEY; kind <= JL_STRANGER_TIMEOUT; kind++) {
        assert_string_equal(counts.address[kind], "127.0.0.1");
    }
    assert_string_equal(counts.address[JL_STRANGER_CROWD], "");
}

static void test_who_hangs_up_by_himself_is_not_counted(void **state) {
    struct world *world = *state;
    close(tcp_connection(port_of(world)));
    struct jl_client *client = open_client(world, &world->device);
    (void)meet(world, client, &world->device);
    close_client(world, client);
    client = open_client(world, &world->device);
    pump_until_link(world, client, JL_LINK_UP); /* and goes without a word */
    close_client(world, client);
    pump(world, NULL, QUIET_STEPS);
    for (int kind = 0; kind < JL_STRANGER_KINDS; kind++) {
        assert_int_equal(strangers(world, (enum jl_stranger)kind), 0);
    }
}

/* ---- Crowds ---- */

/* The child connects as many times as it is asked to, says so, and reports the first of its
 * connections that was closed: 0 for the oldest. */
static void crowd(int orders, int reports, uint16_t port) {
    int fds[4 * FILES];
    int count = 0;
    int order = 0;
    while (read(orders, &order, sizeof order) == sizeof order) {
        for (int i = 0; i < order; i++) {
            fds[count++] = tcp_connection(port);
        }
        int closed = -1;
        for (int i = 0; order == 0 && closed < 0; i = (i + 1) % count) {
            struct pollfd at = {.fd = fds[i], .events = POLLRDHUP};
            closed = poll(&at, 1, 1) > 0 ? i : -1;
        }
        if (write(reports, &closed, sizeof closed) != sizeof closed) {
            break;
        }
    }
    _exit(0);
}

struct child {
    pid_t pid;
    int orders, reports;
};

static struct child start_crowd(uint16_t port) {
    int down[2];
    int up[2];
    assert_int_equal(pipe(down), 0);
    assert_int_equal(pipe(up), 0);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(down[1]);
        close(up[0]);
        crowd(down[0], up[1], port);
    }
    close(down[0]);
    close(up[1]);
    return (struct child){.pid = pid, .orders = down[1], .reports = up[0]};
}

static void order(struct world *world, struct child *child, int count, int *out_closed) {
    assert_int_equal(write(child->orders, &count, sizeof count), (ssize_t)sizeof count);
    struct pollfd at = {.fd = child->reports, .events = POLLIN};
    unsigned steps = 0;
    while (poll(&at, 1, 0) == 0) {
        assert_true(steps++ < CROWD_STEPS);
        pump(world, NULL, 1);
    }
    assert_int_equal(read(child->reports, out_closed, sizeof *out_closed),
                     (ssize_t)sizeof *out_closed);
}

static void end_crowd(struct child *child) {
    close(child->orders);
    close(child->reports);
    assert_int_equal(waitpid(child->pid, NULL, 0), child->pid);
}

static void let_files(rlim_t files) {
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = files;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static int patient_server(void **state) {
    assert_int_equal(set_up(state), 0);
    struct world *world = *state;
    jl_server_close(world->server);
    const struct jl_server_options options = {.endpoint = "tcp://127.0.0.1:0",
                                              .curve_secret = &world->district.secret,
                                              .admit = is_enrolled,
                                              .dropped = note_drop,
                                              .context = world};
    return jl_server_open(world->net, &options, &world->server, NULL) == JL_OK ? 0 : -1;
}

static void test_of_too_many_strangers_the_oldest_goes(void **state) {
    struct world *world = *state;
    struct rlimit before;
    int closed = -1;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct child child = start_crowd(port_of(world));
    let_files(FILES);
    order(world, &child, ROOM, &closed);
    pump(world, NULL, QUIET_STEPS);
    assert_int_equal(strangers(world, JL_STRANGER_CROWD), 0); /* as many as may be */
    order(world, &child, 1, &closed);
    pump_until_strangers(world, JL_STRANGER_CROWD, 1);
    order(world, &child, 0, &closed);
    assert_int_equal(closed, 0);

    order(world, &child, 2 * FILES, &closed); /* more than there are files */
    pump_until_strangers(world, JL_STRANGER_CROWD, 1 + 2 * FILES);
    struct jl_client *client = open_client(world, &world->device);
    (void)meet(world, client, &world->device);
    assert_int_equal(strangers(world, JL_STRANGER_CROWD), 2 + 2 * FILES); /* it takes a place */
    end_crowd(&child);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

static void test_a_key_has_few_connections_and_the_newest_stay(void **state) {
    struct world *world = *state;
    struct jl_client *clients[JL_CONNECTIONS_PER_KEY + 1];
    for (int i = 0; i < JL_CONNECTIONS_PER_KEY; i++) {
        clients[i] = open_client(world, &world->device);
        (void)meet(world, clients[i], &world->device);
    }
    pump(world, NULL, QUIET_STEPS);
    assert_int_equal(world->drops[JL_DROP_CROWD], 0);
    assert_int_equal(jl_client_link(clients[0]), JL_LINK_UP);
    clients[JL_CONNECTIONS_PER_KEY] = open_client(world, &world->device);
    (void)meet(world, clients[JL_CONNECTIONS_PER_KEY], &world->device);
    assert_int_equal(world->drops[JL_DROP_CROWD], 1);
    assert_memory_equal(world->dropped_key, world->device.public_key, JL_CURVE_KEY_BYTES);
    pump_until_link(world, clients[0], JL_LINK_DOWN);
    for (int i = 1; i <= JL_CONNECTIONS_PER_KEY; i++) {
        assert_int_equal(jl_client_link(clients[i]), JL_LINK_UP);
    }
}

/* ---- Messages without end ---- */

static void send_part(void *dealer, void *bytes, size_t size, int flags) {
    zmq_msg_t part; /* borrows: a hundred parts cost the sender nothing */
    assert_int_equal(zmq_msg_init_data(&part, bytes, size, NULL, NULL), 0);
    assert_int_equal(zmq_msg_send(&part, dealer, flags), (int)size);
}

static void test_a_message_without_end_ends_its_connection(void **state) {
    enum { PART = 2 * 1024 * 1024, FEW = JL_UNREAD_MAX_BYTES / PART - 1, MANY = 200 };
    struct world *world = *state;
    void *context = zmq_ctx_new();
    void *dealer = raw_dealer(world, context);
    void *bytes = calloc(1, PART);
    assert_non_null(bytes);
    unsigned steps = 0;
    assert_int_equal(zmq_send(dealer, "first", 5, 0), 5);
    (void)expect(world, NULL, "first", &world->device);
    for (unsigned whole = 1; whole <= 2; whole++) { /* passed over, and the line stands */
        for (int i = 0; i < FEW; i++) {
            send_part(dealer, bytes, PART, ZMQ_SNDMORE);
        }
        send_part(dealer, bytes, 1, 0);
        while (world->drops[JL_DROP_MALFORMED] < whole) {
            assert_true(steps++ < PATIENCE_STEPS);
            pump(world, NULL, 1);
        }
        pump(world, NULL, QUIET_STEPS);
    }
    assert_int_equal(zmq_send(dealer, "good", 4, 0), 4);
    (void)expect(world, NULL, "good", &world->device);
    assert_int_equal(world->drops[JL_DROP_ENDLESS], 0);

    for (int i = 0; i < MANY; i++) {
        send_part(dealer, bytes, PART, ZMQ_SNDMORE);
    }
    send_part(dealer, bytes, 1, 0); /* libzmq's own sender sends nothing before it has it all */
    while (world->drops[JL_DROP_ENDLESS] == 0) {
        assert_true(steps++ < PATIENCE_STEPS);
        pump(world, NULL, 1);
    }
    assert_int_equal(world->drops[JL_DROP_MALFORMED], 2);
    zmq_close(dealer);
    zmq_ctx_term(context);
    free(bytes);
}

/* Up to its first message nobody can tell whose bytes they are: there is little room for them. */
static void test_a_first_message_has_little_room(void **state) {
    enum { HANDSHAKE = 1024, PART = JL_STRANGER_MAX_BYTES - HANDSHAKE };
    struct world *world = *state;
    void *context = zmq_ctx_new();
    uint8_t *bytes = calloc(1, 2 * PART);
    assert_non_null(bytes);
    unsigned steps = 0;
    void *good = raw_dealer(world, context);
    send_part(good, bytes, PART, 0);
    struct jl_peer_id peer;
    uint8_t key[JL_CURVE_KEY_BYTES];
    JL_AUTO(jl_frame) frame = {0};
    while (step(world, NULL, &peer, key, &frame) == 0) {
        assert_true(steps++ < PATIENCE_STEPS);
    }
    assert_int_equal(frame.bytes.size, PART);
    pump(world, NULL, QUIET_STEPS);
    assert_int_equal(world->drops[JL_DROP_ENDLESS], 0);

    void *large = raw_dealer(world, context);
    send_part(large, bytes, PART, ZMQ_SNDMORE);
    send_part(large, bytes, HANDSHAKE, 0);
    while (world->drops[JL_DROP_ENDLESS] == 0) {
        assert_true(steps++ < PATIENCE_STEPS);
        pump(world, NULL, 1);
    }
    assert_int_equal(world->drops[JL_DROP_CROWD], 0);
    zmq_close(large);
    zmq_close(good);
    zmq_ctx_term(context);
    free(bytes);
}

/* ---- Connections that stand too long ---- */

enum { NEWER = 20 };

static int forgetful_server(void **state) {
    if (set_up(state) != 0) {
        return -1;
    }
    struct world *world = *state;
    jl_server_close(world->server);
    const struct jl_server_options options = {.endpoint = "tcp://127.0.0.1:0",
                                              .curve_secret = &world->district.secret,
                                              .admit = is_enrolled,
                                              .dropped = note_drop,
                                              .context = world,
                                              .newer = NEWER};
    return jl_server_open(world->net, &options, &world->server, NULL) == JL_OK ? 0 : -1;
}

static void test_a_connection_goes_before_its_number_comes_round(void **state) {
    struct world *world = *state;
    struct jl_client *old = open_client(world, &world->device);
    (void)meet(world, old, &world->device);
    const int silent = tcp_connection(port_of(world));
    for (int i = 3; i < NEWER; i++) {
        close(tcp_connection(port_of(world)));
    }
    struct jl_client *late = open_client(world, &world->device);
    (void)meet(world, late, &world->device); /* NEWER − 1 after the first, with the silent one */
    pump(world, NULL, QUIET_STEPS);
    assert_int_equal(jl_client_link(old), JL_LINK_UP);
    assert_int_equal(strangers(world, JL_STRANGER_CROWD), 0);

    close(tcp_connection(port_of(world)));
    pump_until_link(world, old, JL_LINK_DOWN);
    assert_int_equal(jl_client_link(late), JL_LINK_UP);
    assert_int_equal(strangers(world, JL_STRANGER_CROWD), 0);
    pump_until_link(world, old, JL_LINK_UP);           /* it is the newest now */
    pump_until_strangers(world, JL_STRANGER_CROWD, 1); /* silent */
    close(silent);
    assert_int_equal(world->drops[JL_DROP_CROWD], 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_WORLD(test_strangers_are_counted_by_what_was_wrong),
        WITH_WORLD(test_who_hangs_up_by_himself_is_not_counted),
        cmocka_unit_test_setup_teardown(test_of_too_many_strangers_the_oldest_goes, patient_server,
                                        tear_down),
        WITH_WORLD(test_a_key_has_few_connections_and_the_newest_stay),
        WITH_WORLD(test_a_message_without_end_ends_its_connection),
        WITH_WORLD(test_a_first_message_has_little_room),
        cmocka_unit_test_setup_teardown(test_a_connection_goes_before_its_number_comes_round,
                                        forgetful_server, tear_down),
    };
    return cmocka_run_group_tests_name("net_door", tests, NULL, NULL);
}
