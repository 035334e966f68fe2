/* A running district in a thread of this process, over a real CURVE socket on loopback, and devices
 * that are played message by message with lib/net and proto. */
#ifndef JIELIAN_TEST_SERVE_DEVICE_H
#define JIELIAN_TEST_SERVE_DEVICE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/books/device.h"
#include "server/books/district.h"
#include "server/books/enrol.h"
#include "server/books/offices.h"
#include "server/judge/accept_entry.h"
#include "server/serve/serve.h"

#include "jielian/catalogue/built_in.h"
#include "jielian/crypto/invitation.h"
#include "jielian/crypto/random.h"
#include "jielian/crypto/signer.h"
#include "jielian/net/bell.h"
#include "jielian/net/client.h"
#include "jielian/net/frame.h"
#include "jielian/net/net.h"
#include "jielian/net/wait.h"
#include "jielian/sync/chain.h"
#include "tests/said.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATIENCE_MS = 5000, QUIET_MS = 300 };

/* ---- A running district ---- */

struct world {
    char folder[64];
    char endpoint[128];
    pthread_t thread;
    atomic_bool ready, stop, ended;
    enum jl_rc rc;
    struct jl_err err;
    struct jl_net *net;
    struct jl_wire *wire;
    struct jl_hasher *hasher;
};

static inline void must(enum jl_rc rc, const struct jl_err *err) {
    if (rc != JL_OK) {
        print_error("%s: %s\n", jl_rc_name(rc), err_said(err));
    }
    assert_int_equal(rc, JL_OK);
}

static inline void be_ready(void *context, const char *endpoint, unsigned http_port) {
    struct world *world = context;
    snprintf(world->endpoint, sizeof world->endpoint, "%s", endpoint);
    assert_int_not_equal(http_port, 0);
    atomic_store(&world->ready, true);
}

static inline bool asked_to_stop(void *context) {
    return atomic_load(&((struct world *)context)->stop);
}

static inline struct jl_serve_options options_for(struct world *world) {
    return (struct jl_serve_options){.folder = world->folder,
                                     .sync = "tcp://127.0.0.1:*",
                                     .http = "127.0.0.1:0",
                                     .clock = jl_clock_system(),
                                     .ready = be_ready,
                                     .stop = asked_to_stop,
                                     .context = world};
}

static inline void *run_serve(void *context) {
    struct world *world = context;
    struct jl_serve_options options = options_for(world);
    options.sync = "tcp://127.0.0.1:0";
    world->rc = jl_serve(&options, &world->err);
    atomic_store(&world->ended, true);
    return NULL;
}

static inline struct jl_district *open_district(const struct world *world) {
    const struct jl_district_options options = {
        .mode = JL_STORE_WRITE, .judge = jl_accept_entry, .clock = jl_clock_system()};
    struct jl_district *district = NULL;
    struct jl_err err;
    must(jl_district_open(world->folder, &options, &district, &err), &err);
    return district;
}

static inline void ring(const struct world *world) {
    char path[128];
    snprintf(path, sizeof path, "%s/run.bell", world->folder);
    jl_bell_ring(path);
}

static inline int begin(void **state) {
    struct world *world = calloc(1, sizeof *world);
    struct jl_err err;
    assert_non_null(world);
    snprintf(world->folder, sizeof world->folder, "/tmp/jielian-serve-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    must(jl_district_create(world->folder, jl_bytes(NULL, 0), &err), &err);
    JL_AUTO_PTR(jl_district) district = open_district(world);
    must(jl_offices_add(district, "GD", "古荡街道总工会", NULL, &err), &err);
    must(jl_net_new(&world->net, &err), &err);
    must(jl_wire_new(jl_suite_find(JL_SUITE_FIRST), &world->wire, &err), &err);
    must(jl_hasher_new(jl_suite_find(JL_SUITE_FIRST), &world->hasher, &err), &err);
    assert_int_equal(pthread_create(&world->thread, NULL, run_serve, world), 0);
    for (int i = 0; i < PATIENCE_MS && !atomic_load(&world->ready); i++) {
        assert_false(atomic_load(&world->ended));
        usleep(1000);
    }
    assert_true(atomic_load(&world->ready));
    *state = world;
    return 0;
}

static inline int end(void **state) {
    static const char *const names[] = {"jielian.db", "jielian.db-wal", "jielian.db-shm", "keys",
                                        "admissions", "run.lock",       "run.bell"};
    struct world *world = *state;
    char path[128];
    atomic_store(&world->stop, true);
    pthread_join(world->thread, NULL);
    assert_int_equal(world->rc, JL_OK);
    jl_net_free(world->net);
    jl_wire_free(world->wire);
    jl_hasher_free(world->hasher);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", world->folder, names[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(world->folder), 0); /* nothing else was left behind */
    free(world);
    return 0;
}

/* ---- A device, played by hand ---- */

struct device {
    struct world *world;
    struct jl_client *client;
    struct jl_secret curve, sign;
    uint8_t curve_public[32], sign_public[JL_SIGN_PUBLIC_MAX_BYTES], district_public[32];
    struct jl_signer *signer;
    uint32_t number;
    uint8_t incarnation[16], hash[JL_HASH_BYTES], epoch[16];
    uint64_t sent; /* ops on the chain */
    struct jl_frame frame;
    struct jl_arena arena;
    struct jl_message heard;
};

static inline void dial(struct device *device, const struct jl_secret *curve) {
    struct jl_err err;
    const struct jl_client_options options = {.endpoint = device->world->endpoint,
                                              .server_public = device->district_public,
                                              .curve_secret = curve};
    jl_client_close(device->client);
    device->client = NULL;
    must(jl_client_open(device->world->net, &options, &device->client, &err), &err);
}

static inline void send_bytes(struct device *device, struct jl_bytes bytes) {
    struct jl_err err;
    for (int i = 0; i < PATIENCE_MS; i++) {
        enum jl_rc rc = jl_client_send(device->client, bytes, &err);
        if (rc != JL_BUSY) {
            must(rc, &err);
            return;
        }
        struct jl_wait_item item = {.client = device->client};
        must(jl_wait_any(&item, 1, 1, &err), &err);
    }
    fail_msg("the district can't be reached");
}

static inline void say(struct device *device, const struct jl_message *message) {
    struct jl_err err;
    JL_AUTO(jl_buf) frame = {0};
    must(jl_wire_encode(device->world->wire, message, &frame, &err), &err);
    send_bytes(device, jl_buf_bytes(&frame));
}

/* The next message, or false when there is silence for so long. */
static inline bool hear_within(struct device *device, int patience_ms) {
    struct jl_err err;
    struct jl_clock clock = jl_clock_system();
    int64_t end_ms = clock.steady_ms(clock.context) + patience_ms;
    if (device->frame.message != NULL) {
        jl_frame_fini(&device->frame);
        device->frame = (struct jl_frame){0};
    }
    jl_arena_reset(&device->arena);
    while (clock.steady_ms(clock.context) < end_ms) {
        struct jl_wait_item item = {.client = device->client};
        enum jl_rc rc = jl_client_receive(device->client, &device->frame, &err);
        if (rc == JL_OK) {
            must(jl_wire_decode(device->world->wire, device->frame.bytes, &device->arena,
                                &device->heard, &err),
                 &err);
            return true;
        }
        assert_int_equal(rc, JL_NOT_FOUND);
        must(jl_wait_any(&item, 1, 20, &err), &err);
    }
    return false;
}

static inline const struct jl_message *hear(struct device *device, enum jl_message_kind kind) {
    assert_true(hear_within(device, PATIENCE_MS));
    if (device->heard.kind == JL_MESSAGE_REFUSE && kind != JL_MESSAGE_REFUSE) {
        print_error("refused: %d\n", (int)device->heard.as.refuse.code);
    }
    assert_int_equal(device->heard.kind, kind);
    return &device->heard;
}

static inline void hear_refusal(struct device *device, enum jl_refuse_code code) {
    assert_int_equal(hear(device, JL_MESSAGE_REFUSE)->as.refuse.code, code);
}

static inline void invite(struct device *device, struct jl_secret *out_secret) {
    JL_AUTO_PTR(jl_district) district = open_district(device->world);
    JL_AUTO(jl_buf) text = {0};
    JL_AUTO(jl_invitation_text) invitation = {0};
    struct jl_err err;
    must(jl_enrol_invite(district, jl_roster_office_coded(district, "GD"), device->world->endpoint,
                         60000, &text, &err),
         &err);
    must(jl_invitation_decode(jl_buf_bytes(&text), &invitation, &err), &err);
    memcpy(device->district_public, invitation.district_public, 32);
    *out_secret = invitation.secret;
    ring(device->world);
    usleep(200 * 1000); /* the admission follows the bell */
}

static inline void say_enrol(struct device *device, const struct jl_secret *invitation) {
    struct jl_err err;
    uint8_t invitation_public[32];
    uint8_t text[JL_CHAIN_ENROL_TEXT_MAX_BYTES];
    struct jl_message message = {.kind = JL_MESSAGE_ENROL,
                                 .as.enrol = {.name = jl_bytes_text("test")}};
    struct jl_enrol *enrol = &message.as.enrol;
    must(jl_curve_public(invitation, invitation_public, &err), &err);
    memcpy(enrol->curve_public, device->curve_public, 32);
    memcpy(enrol->sign_public, device->sign_public, sizeof enrol->sign_public);
    size_t size = jl_chain_enrol_text(jl_suite_find(JL_SUITE_FIRST), enrol->curve_public,
                                      enrol->sign_public, invitation_public, text);
    must(jl_signer_sign(device->signer, jl_bytes(text, size), enrol->signature, &err), &err);
    say(device, &message);
}

static inline void make_keys(struct device *device) {
    struct jl_err err;
    jl_signer_free(device->signer);
    device->signer = NULL;
    must(jl_curve_keypair(device->curve_public, &device->curve, &err), &err);
    must(jl_signer_keypair(jl_suite_find(JL_SUITE_FIRST), device->sign_public, &device->sign, &err),
         &err);
    must(jl_signer_new(jl_suite_find(JL_SUITE_FIRST), &device->sign, &device->signer, &err), &err);
    must(jl_random(device->incarnation, 16, &err), &err);
    must(jl_chain_genesis(device->world->hasher, device->incarnation, device->hash, &err), &err);
}

/* Enrolled and connected with its own key; has not said Hello. */
static inline void join(struct device *device, struct world *world) {
    struct jl_secret invitation;
    *device = (struct device){.world = world};
    make_keys(device);
    invite(device, &invitation);
    dial(device, &invitation);
    say_enrol(device, &invitation);
    device->number = hear(device, JL_MESSAGE_ENROLLED)->as.enrolled.device;
    dial(device, &device->curve);
}

static inline void leave(struct device *device) {
    if (device->frame.message != NULL) {
        jl_frame_fini(&device->frame);
    }
    jl_arena_fini(&device->arena);
    jl_client_close(device->client);
    jl_signer_free(device->signer);
}

static inline struct jl_message hello_of(const struct device *device) {
    struct jl_message message = {.kind = JL_MESSAGE_HELLO,
                                 .as.hello = {.version = JL_PROTOCOL_VERSION,
                                              .oldest = JL_PROTOCOL_OLDEST,
                                              .head = device->sent,
                                              .program = "test"}};
    memcpy(message.as.hello.incarnation, device->incarnation, 16);
    return message;
}

static inline const struct jl_welcome *greet(struct device *device) {
    struct jl_message message = hello_of(device);
    say(device, &message);
    const struct jl_welcome *welcome = &hear(device, JL_MESSAGE_WELCOME)->as.welcome;
    memcpy(device->epoch, welcome->epoch, 16);
    return welcome;
}

/* A batch of new records of the type import_batch, with these numbers; NULL: none. */
static inline void say_numbered(struct device *device, size_t count, const uint64_t *numbers) {
    enum { MOST = 512 };
    struct jl_err err;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_bytes ops[MOST];
    uint8_t text[JL_CHAIN_BATCH_TEXT_BYTES];
    struct jl_message message = {
        .kind = JL_MESSAGE_PUSH,
        .as.push = {.first_seq = device->sent + 1, .ops = ops, .count = count}};
    assert_true(count <= MOST);
    for (size_t i = 0; i < count; i++) {
        JL_AUTO(jl_buf) bytes = {0};
        struct jl_field_value field = {.field = 1, .value = jl_value_cstr("members.csv")};
        struct jl_op op = {.kind = JL_OP_CREATE,
                           .type = JL_TYPE_IMPORT_BATCH,
                           .made_ms = 1,
                           .staff = jl_bytes_text("clerk"),
                           .number = numbers != NULL ? numbers[i] : 0,
                           .owner = 1,
                           .new_fields = &field,
                           .new_count = 1};
        must(jl_random(op.id.bytes, sizeof op.id.bytes, &err), &err);
        must(jl_wire_op_encode(&op, &bytes, &err), &err);
        must(jl_arena_dup(&arena, jl_buf_bytes(&bytes), &ops[i], &err), &err);
        must(jl_chain_step(device->world->hasher, device->hash, ops[i], &err), &err);
    }
    device->sent += count;
    jl_chain_batch_text(device->incarnation, device->sent, device->hash, text);
    must(jl_signer_sign(device->signer, jl_bytes(text, sizeof text), message.as.push.signature,
                        &err),
         &err);
    say(device, &message);
}

static inline void say_push(struct device *device, size_t count) {
    say_numbered(device, count, NULL);
}

static inline void say_pull(struct device *device, uint32_t feed, uint64_t from, uint32_t pages) {
    const struct jl_message message = {.kind = JL_MESSAGE_PULL,
                                       .as.pull = {.feed = feed,
                                                   .from = from,
                                                   .max_bytes = JL_PAGE_MIN_BYTES,
                                                   .pages = pages,
                                                   .echo = true}};
    say(device, &message);
}

static inline void set_state(struct device *device, enum jl_device_state state) {
    JL_AUTO_PTR(jl_district) district = open_district(device->world);
    struct jl_err err;
    must(jl_device_set_state(district, device->number, state, &err), &err);
    ring(device->world);
}

#endif
