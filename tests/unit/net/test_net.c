/* Transport between a district and its devices.
 *
 * Goal: only enrolled keys are heard, every message tells its key, nothing is dropped unseen, and a
 * slow device holds up no other. Method: see net_world.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jielian/base/limits.h"
#include "net_world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- Admission ---- */

static void test_an_enrolled_device_is_heard_with_its_key_and_answered(void **state) {
    struct world *world = *state;
    struct jl_client *client = open_client(world, &world->device);
    const struct jl_peer_id peer = meet(world, client, &world->device);
    assert_int_equal(jl_server_send(world->server, &peer, jl_bytes_text("welcome"), NULL), JL_OK);

    struct jl_wait_item item = {.client = client};
    assert_int_equal(jl_wait_any(&item, 1, PATIENCE_STEPS * STEP_MS, NULL), JL_OK);
    assert_true(item.ready);
    JL_AUTO(jl_frame) frame = {0};
    assert_int_equal(jl_client_receive(client, &frame, NULL), JL_OK);
    assert_true(jl_bytes_is(frame.bytes, "welcome"));
    assert_int_equal(jl_server_counts(world->server).admitted, 1);
    assert_int_equal(jl_server_counts(world->server).refused, 0);
}

static void test_a_public_key_follows_from_its_secret(void **state) {
    (void)state;
    const struct keys keys = make_keys();
    uint8_t derived[JL_CURVE_KEY_BYTES];
    assert_int_equal(jl_curve_public(&keys.secret, derived, NULL), JL_OK);
    assert_memory_equal(derived, keys.public_key, sizeof derived);
}

static void test_a_device_that_is_not_enrolled_is_refused_and_delivers_nothing(void **state) {
    struct world *world = *state;
    const struct keys stranger = make_keys();
    struct jl_client *client = open_client(world, &stranger);
    assert_int_equal(jl_client_send(client, jl_bytes_text("early"), NULL), JL_BUSY);
    pump_until_link(world, client, JL_LINK_UNKNOWN);
    assert_int_equal(jl_client_send(client, jl_bytes_text("late"), NULL), JL_BUSY);
    pump(world, client, QUIET_STEPS);
    assert_int_equal(jl_server_counts(world->server).admitted, 0);
    assert_true(jl_server_counts(world->server).refused > 0);
}

static void test_a_refused_device_connects_by_itself_once_it_is_enrolled(void **state) {
    struct world *world = *state;
    /* libzmq gives up after about every second refusal, so several devices try. */
    struct keys keys[6];
    struct jl_client *clients[6];
    for (size_t i = 0; i < 6; i++) {
        keys[i] = make_keys();
        clients[i] = open_client(world, &keys[i]);
        pump_until_link(world, clients[i], JL_LINK_UNKNOWN);
        enrol(world, &keys[i]);
    }
    for (size_t i = 0; i < 6; i++) {
        (void)meet(world, clients[i], &keys[i]);
    }
}

static void test_a_revoked_device_is_refused_when_it_comes_back(void **state) {
    struct world *world = *state;
    struct jl_client *client = open_client(world, &world->device);
    (void)meet(world, client, &world->device);
    close_client(world, client);
    world->revoked = true;

    struct jl_client *again = open_client(world, &world->device);
    pump_until_link(world, again, JL_LINK_REVOKED);
    assert_int_equal(jl_client_send(again, jl_bytes_text("hello"), NULL), JL_BUSY);
    assert_int_equal(jl_server_counts(world->server).admitted, 1);
}

/* A district that lost a device in a restore says something else than one that shut it out. */
static void test_a_forgotten_device_is_told_apart_from_a_revoked_one(void **state) {
    struct world *world = *state;
    struct jl_client *client = open_client(world, &world->device);
    (void)meet(world, client, &world->device);
    close_client(world, client);
    world->enrolled_count = 0;
    client = open_client(world, &world->device);
    pump_until_link(world, client, JL_LINK_UNKNOWN);
    close_client(world, client);
    world->enrolled_count = 1;
    world->revoked = true;
    client = open_client(world, &world->device);
    pump_until_link(world, client, JL_LINK_REVOKED);
    assert_int_equal(jl_server_counts(world->server).admitted, 1);
}

static void test_a_client_that_expects_another_district_does_not_connect(void **state) {
    struct world *world = *state;
    const struct keys other = make_keys();
    const struct jl_client_options options = {
        .endpoint = jl_server_endpoint(world->server),
        .server_public = other.public_key,
        .curve_secret = &world->device.secret,
    };
    struct jl_client *client = open_client_with(world, &options);
    pump(world, client, QUIET_STEPS);
    assert_int_equal(jl_client_link(client), JL_LINK_DOWN);
    assert_int_equal(jl_client_send(client, jl_bytes_text("hello"), NULL), JL_BUSY);
    assert_int_equal(jl_server_counts(world->server).admitted, 0);
}

/* Nobody at the address is one thing, somebody who does not shake hands another. */
static void test_a_client_knows_whether_anybody_was_there(void **state) {
    struct world *world = *state;
    const struct keys other = make_keys();
    struct jl_client_options options = {
        .endpoint = jl_server_endpoint(world->server),
        .server_public = other.public_key,
        .curve_secret = &world->device.secret,
    };
    struct jl_client *client = open_client_with(world, &options);
    for (unsigned steps = 0; !jl_client_met(client); steps++) {
        assert_true(steps < PATIENCE_STEPS);
        pump(world, client, 1);
    }
    assert_int_not_equal(jl_client_link(client), JL_LINK_UP);
    close_client(world, client);
    /* Nobody listens here, and nobody else can meanwhile. */
    int taken = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    assert_int_equal(bind(taken, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(taken, (struct sockaddr *)&address, &size), 0);
    char endpoint[64];
    snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%u", ntohs(address.sin_port));
    options.endpoint = endpoint;
    client = open_client_with(world, &options);
    for (unsigned steps = 0; steps < QUIET_STEPS; steps++) {
        struct jl_wait_item item = {.client = client};
        assert_int_equal(jl_wait_any(&item, 1, STEP_MS, NULL), JL_OK);
    }
    assert_false(jl_client_met(client));
    close_client(world, client);
    close(taken);
}

static void test_fifty_devices_are_told_apart(void **state) {
    enum { DEVICES = 50 };
    struct world *world = *state;
    struct keys keys[DEVICES];
    struct jl_client *clients[DEVICES];
    struct jl_wait_item items[DEVICES + 1] = {{.server = world->server}};
    bool heard[DEVICES] = {false};
    for (size_t i = 0; i < DEVICES; i++) {
        keys[i] = make_keys();
        enrol(world, &keys[i]);
        clients[i] = open_client(world, &keys[i]);
        items[i + 1].client = clients[i];
    }
    size_t heard_count = 0;
    for (unsigned steps = 0; heard_count < DEVICES; steps++) {
        assert_true(steps < PATIENCE_STEPS * 4);
        assert_int_equal(jl_wait_any(items, DEVICES + 1, STEP_MS, NULL), JL_OK);
        for (size_t i = 0; i < DEVICES; i++) {
            if (items[i + 1].ready && jl_client_link(clients[i]) == JL_LINK_UP) {
                send_text(clients[i], "hello");
            }
        }
        struct jl_peer_id peer;
        uint8_t key[JL_CURVE_KEY_BYTES];
        JL_AUTO(jl_frame) frame = {0};
        if (jl_server_receive(world->server, &peer, key, &frame, NULL) == JL_OK) {
            size_t i = 0;
            while (memcmp(keys[i].public_key, key, sizeof key) != 0) {
                assert_true(++i < DEVICES);
            }
            assert_false(heard[i]);
            heard[i] = true;
            heard_count++;
        }
    }
    assert_int_equal(jl_server_counts(world->server).admitted, DEVICES);
}

/* ---- Connections that end ---- */

static void test_a_message_to_a_device_that_left_is_not_found(void **state) {
    struct world *world = *state;
    struct jl_client *client = open_client(world, &world->device);
    const struct jl_peer_id peer = meet(world, client, &world->device);
    close_client(world, client);
    enum jl_rc rc = JL_OK;
    for (unsigned steps = 0; steps < PATIENCE_STEPS && rc == JL_OK; steps++) {
        pump(world, NULL, 1);
        rc = jl_server_send(world->server, &peer, jl_bytes_text("poke"), NULL);
    }
    assert_int_equal(rc, JL_NOT_FOUND);
    const struct jl_peer_id nobody = {.size = 5, .bytes = {0, 1, 2, 3, 4}};
    assert_int_equal(jl_server_send(world->server, &nobody, jl_bytes_text("poke"), NULL),
                     JL_NOT_FOUND);
}

static void test_a_device_finds_a_restarted_district(void **state) {
    struct world *world = *state;
    struct world other = {.district = world->district, .device = world->device};
    enrol(&other, &world->device);
    assert_int_equal(jl_net_new(&other.net, NULL), JL_OK);
    other.server = open_server(&other, "tcp://127.0.0.1:0");
    char endpoint[64];
    snprintf(endpoint, sizeof endpoint, "%s", jl_server_endpoint(other.server));
    const struct jl_client_options options = {
        .endpoint = endpoint,
        .server_public = other.district.public_key,
        .curve_secret = &world->device.secret,
    };
    struct jl_client *client = open_client_with(world, &options);
    (void)meet(&other, client, &world->device);

    jl_server_close(other.server);
    jl_net_free(other.net);
    pump_until_link(world, client, JL_LINK_DOWN);
    pump(world, client, 1); /* the last messages go the way of the connection */
    assert_int_equal(jl_client_send(client, jl_bytes_text("hello"), NULL), JL_BUSY);

    assert_int_equal(jl_net_new(&other.net, NULL), JL_OK);
    other.server = open_server(&other, endpoint);
    (void)meet(&other, client, &world->device);
    jl_server_close(other.server);
    jl_net_free(other.net);
}

/* What the district says meanwhile is lost with the old connection. */
static void test_a_new_connection_takes_the_place_of_one_that_is_given_up(void **state) {
    struct world *world = *state;
    struct jl_client *client = open_client(world, &world->device);
    const struct jl_peer_id before = meet(world, client, &world->device);
    assert_int_equal(jl_client_reconnect(client, NULL), JL_OK);
    assert_int_equal(jl_client_link(client), JL_LINK_DOWN);
    assert_int_equal(jl_client_send(client, jl_bytes_text("too early"), NULL), JL_BUSY);
    const struct jl_peer_id after = meet(world, client, &world->device);
    assert_memory_not_equal(before.bytes, after.bytes, sizeof before.bytes);
    for (unsigned steps = 0;
         jl_server_send(world->server, &before, jl_bytes_text("old"), NULL) != JL_NOT_FOUND;
         steps++) {
        assert_true(steps < PATIENCE_STEPS);
        pump(world, client, 1);
    }
    pump(world, client, QUIET_STEPS); /* and it stays */
    assert_int_equal(jl_client_link(client), JL_LINK_UP);
    for (int i = 0; i < 20; i++) { /* also when it is not there yet */
        assert_int_equal(jl_client_reconnect(client, NULL), JL_OK);
    }
    (void)meet(world, client, &world->device);
}

/* ---- Bounds ---- */

static void test_a_device_that_reads_nothing_fills_only_its_own_queue(void **state) {
    struct world *world = *state;
    const struct keys idle_keys = make_keys();
    enrol(world, &idle_keys);
    struct jl_client *idle = open_client(world, &idle_keys);
    const struct jl_peer_id idle_peer = meet(world, idle, &idle_keys);
    struct jl_client *client = open_client(world, &world->device);
    const struct jl_peer_id peer = meet(world, client, &world->device);

    static uint8_t page[256 * 1024];
    unsigned sent = 0;
    enum jl_rc rc = JL_OK;
    for (unsigned stalls = 0; stalls < 5; stalls += rc == JL_BUSY) {
        rc = jl_server_send(world->server, &idle_peer, jl_bytes(page, sizeof page), NULL);
        assert_true(rc == JL_OK || rc == JL_BUSY);
        sent += rc == JL_OK;
        assert_true(sent < 6 * JL_SOCKET_QUEUE_FRAMES);
        if (rc == JL_BUSY) {
            pump(world, NULL, 1); /* let the connection take what it can */
        }
    }
    assert_true(sent >= JL_CREDIT_MAX_PAGES);
    assert_int_equal(jl_server_send(world->server, &peer, jl_bytes_text("page"), NULL), JL_OK);
    struct jl_wait_item item = {.client = client};
    assert_int_equal(jl_wait_any(&item, 1, PATIENCE_STEPS * STEP_MS, NULL), JL_OK);
    assert_true(item.ready);
}

static void test_the_largest_frame_passes_and_a_larger_one_is_refused(void **state) {
    struct world *world = *state;
    struct jl_client *client = open_client(world, &world->device);
    const struct jl_peer_id known = meet(world, client, &world->device);
    uint8_t *bytes = malloc(JL_FRAME_MAX_BYTES + 1);
    assert_non_null(bytes);
    memset(bytes, 0x5a, JL_FRAME_MAX_BYTES + 1);
    const struct jl_bytes over = jl_bytes(bytes, JL_FRAME_MAX_BYTES + 1);
    assert_int_equal(jl_client_send(client, over, NULL), JL_LIMIT);
    assert_int_equal(jl_server_send(world->server, &known, over, NULL), JL_LIMIT);
    assert_int_equal(jl_client_send(client, jl_bytes(bytes, 0), NULL), JL_MISUSE);

    assert_int_equal(jl_client_send(client, jl_bytes(bytes, JL_FRAME_MAX_BYTES), NULL), JL_OK);
    struct jl_peer_id peer;
    uint8_t key[JL_CURVE_KEY_BYTES];
    JL_AUTO(jl_frame) frame = {0};
    for (unsigned steps = 0; step(world, client, &peer, key, &frame) == 0; steps++) {
        assert_true(steps < PATIENCE_STEPS);
    }
    assert_int_equal(frame.bytes.size, JL_FRAME_MAX_BYTES);
    assert_memory_equal(frame.bytes.data, bytes, JL_FRAME_MAX_BYTES);
    free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_WORLD(test_an_enrolled_device_is_heard_with_its_key_and_answered),
        cmocka_unit_test(test_a_public_key_follows_from_its_secret),
        WITH_WORLD(test_a_device_that_is_not_enrolled_is_refused_and_delivers_nothing),
        WITH_WORLD(test_a_refused_device_connects_by_itself_once_it_is_enrolled),
        WITH_WORLD(test_a_forgotten_device_is_told_apart_from_a_revoked_one),
        WITH_WORLD(test_a_revoked_device_is_refused_when_it_comes_back),
        WITH_WORLD(test_a_client_that_expects_another_district_does_not_connect),
        WITH_WORLD(test_a_client_knows_whether_anybody_was_there),
        WITH_WORLD(test_fifty_devices_are_told_apart),
        WITH_WORLD(test_a_message_to_a_device_that_left_is_not_found),
        WITH_WORLD(test_a_device_finds_a_restarted_district),
        WITH_WORLD(test_a_new_connection_takes_the_place_of_one_that_is_given_up),
        WITH_WORLD(test_a_device_that_reads_nothing_fills_only_its_own_queue),
        WITH_WORLD(test_the_largest_frame_passes_and_a_larger_one_is_refused),
    };
    return cmocka_run_group_tests_name("net", tests, NULL, NULL);
}
