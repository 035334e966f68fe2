/* A district and its devices in one process, for the tests of lib/net: real sockets on the
 * loopback, both sides in one thread, pumped by jl_wait_any. Include after cmocka.h. */
#ifndef JIELIAN_TEST_NET_WORLD_H
#define JIELIAN_TEST_NET_WORLD_H

#include "jielian/net/client.h"
#include "jielian/net/curve.h"
#include "jielian/net/frame.h"
#include "jielian/net/net.h"
#include "jielian/net/server.h"
#include "jielian/net/wait.h"
#include "tests/said.h"

#include <stdlib.h>
#include <string.h>

enum {
    PATIENCE_STEPS = 250, /* of STEP_MS: how long to wait for what must happen */
    STEP_MS = 20,
    QUIET_STEPS = 10, /* how long to watch that something does not happen */
    KEYS_MAX = 64,
};

struct keys {
    uint8_t public_key[JL_CURVE_KEY_BYTES];
    struct jl_secret secret;
};

struct world {
    struct jl_net *net;
    struct jl_server *server;
    struct keys district;
    struct keys device;
    uint8_t enrolled[KEYS_MAX][JL_CURVE_KEY_BYTES];
    size_t enrolled_count;
    bool revoked;                        /* all of them */
    uint32_t handshake_ms;               /* that servers allow; 0: JL_HANDSHAKE_MS */
    struct jl_client *clients[KEYS_MAX]; /* closed by tear_down, also after a failed assertion */
    unsigned drops[JL_DROP_ENDLESS + 1]; /* by enum jl_drop */
    uint8_t dropped_key[JL_CURVE_KEY_BYTES];
};

static inline struct keys make_keys(void) {
    struct keys keys;
    assert_int_equal(jl_curve_keypair(keys.public_key, &keys.secret, NULL), JL_OK);
    return keys;
}

static inline enum jl_admit is_enrolled(void *context,
                                        const uint8_t key[static JL_CURVE_KEY_BYTES]) {
    const struct world *world = context;
    for (size_t i = 0; i < world->enrolled_count; i++) {
        if (memcmp(world->enrolled[i], key, JL_CURVE_KEY_BYTES) == 0) {
            return world->revoked ? JL_ADMIT_REVOKED : JL_ADMIT_YES;
        }
    }
    return JL_ADMIT_UNKNOWN;
}

static inline void note_drop(void *context, const uint8_t key[static JL_CURVE_KEY_BYTES],
                             enum jl_drop why) {
    struct world *world = context;
    world->drops[why]++;
    memcpy(world->dropped_key, key, JL_CURVE_KEY_BYTES);
}

static inline void enrol(struct world *world, const struct keys *keys) {
    assert_true(world->enrolled_count < KEYS_MAX);
    memcpy(world->enrolled[world->enrolled_count++], keys->public_key, JL_CURVE_KEY_BYTES);
}

static inline struct jl_server *open_server(struct world *world, const char *endpoint) {
    const struct jl_server_options options = {
        .endpoint = endpoint,
        .curve_secret = &world->district.secret,
        .admit = is_enrolled,
        .dropped = note_drop,
        .context = world,
        .handshake_ms = world->handshake_ms,
    };
    struct jl_server *server = NULL;
    struct jl_err err = {0};
    if (jl_server_open(world->net, &options, &server, &err) != JL_OK) {
        fail_msg("%s", err_said(&err));
    }
    return server;
}

static inline int set_up_with(void **state, uint32_t handshake_ms) {
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world->handshake_ms = handshake_ms;
    assert_int_equal(jl_net_new(&world->net, NULL), JL_OK);
    world->district = make_keys();
    world->device = make_keys();
    enrol(world, &world->device);
    world->server = open_server(world, "tcp://127.0.0.1:0");
    *state = world;
    return 0;
}

/* However busy the machine is, nobody is cut off who means well. */
static inline int set_up(void **state) {
    return set_up_with(state, 0);
}

/* For those who wait until a handshake has taken too long. */
static inline int set_up_hasty(void **state) {
    return set_up_with(state, 400);
}

static inline int tear_down(void **state) {
    struct world *world = *state;
    for (size_t i = 0; i < KEYS_MAX; i++) {
        jl_client_close(world->clients[i]);
    }
    jl_server_close(world->server);
    jl_net_free(world->net);
    free(world);
    return 0;
}

static inline struct jl_client *open_client_with(struct world *world,
                                                 const struct jl_client_options *options) {
    size_t slot = 0;
    while (world->clients[slot] != NULL) {
        slot++;
        assert_true(slot < KEYS_MAX);
    }
    struct jl_err err = {0};
    if (jl_client_open(world->net, options, &world->clients[slot], &err) != JL_OK) {
        fail_msg("%s", err_said(&err));
    }
    return world->clients[slot];
}

static inline struct jl_client *open_client(struct world *world, const struct keys *keys) {
    const struct jl_client_options options = {
        .endpoint = jl_server_endpoint(world->server),
        .server_public = world->district.public_key,
        .curve_secret = &keys->secret,
    };
    return open_client_with(world, &options);
}

static inline void close_client(struct world *world, struct jl_client *client) {
    size_t slot = 0;
    while (world->clients[slot] != client) {
        slot++;
        assert_true(slot < KEYS_MAX);
    }
    world->clients[slot] = NULL;
    jl_client_close(client);
}

/* One turn of both sides' loops; returns how many messages the server took. */
static inline unsigned step(struct world *world, struct jl_client *client,
                            struct jl_peer_id *out_peer, uint8_t out_key[JL_CURVE_KEY_BYTES],
                            struct jl_frame *out_frame) {
    struct jl_wait_item items[] = {{.server = world->server}, {.client = client}};
    assert_int_equal(jl_wait_any(items, client != NULL ? 2 : 1, STEP_MS, NULL), JL_OK);
    const enum jl_rc rc = jl_server_receive(world->server, out_peer, out_key, out_frame, NULL);
    assert_true(rc == JL_OK || rc == JL_NOT_FOUND);
    return rc == JL_OK ? 1 : 0;
}

static inline void pump(struct world *world, struct jl_client *client, unsigned steps) {
    for (unsigned i = 0; i < steps; i++) {
        struct jl_peer_id peer;
        uint8_t key[JL_CURVE_KEY_BYTES];
        JL_AUTO(jl_frame) frame = {0};
        assert_int_equal(step(world, client, &peer, key, &frame), 0);
    }
}

static inline void pump_until_link(struct world *world, struct jl_client *client,
                                   enum jl_link link) {
    unsigned steps = 0;
    while (jl_client_link(client) != link) {
        assert_true(steps++ < PATIENCE_STEPS);
        pump(world, client, 1);
    }
}

static inline void send_text(struct jl_client *client, const char *text) {
    assert_int_equal(jl_client_send(client, jl_bytes_text(text), NULL), JL_OK);
}

/* Wait for the next message at the server; checks what it says and returns where it came from. */
static inline struct jl_peer_id expect(struct world *world, struct jl_client *client,
                                       const char *text, const struct keys *from) {
    struct jl_peer_id peer;
    uint8_t key[JL_CURVE_KEY_BYTES];
    JL_AUTO(jl_frame) frame = {0};
    unsigned steps = 0;
    while (step(world, client, &peer, key, &frame) == 0) {
        assert_true(steps++ < PATIENCE_STEPS);
    }
    assert_true(jl_bytes_is(frame.bytes, text));
    assert_memory_equal(key, from->public_key, sizeof key);
    return peer;
}

static inline struct jl_peer_id meet(struct world *world, struct jl_client *client,
                                     const struct keys *keys) {
    pump_until_link(world, client, JL_LINK_UP);
    send_text(client, "hello");
    return expect(world, client, "hello", keys);
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
