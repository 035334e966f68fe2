#include "crowd.h"

#include "server/books/district.h"
#include "server/judge/accept_entry.h"

#include "jielian/catalogue/built_in.h"
#include "jielian/crypto/random.h"
#include "jielian/crypto/signer.h"
#include "jielian/net/client.h"
#include "jielian/net/frame.h"
#include "jielian/record/natural_key.h"
#include "jielian/sync/chain.h"
#include "tests/said.h"

#include <stdlib.h>
#include <string.h>

enum {
    FRAMES_PER_TURN = 8,
    STUCK_S = 120, /* no verdict for so long */
};

static int64_t now_ms(void) {
    return (int64_t)(bench_now() * 1000);
}

/* ---- Enrolling ---- */

static void enter_device(struct jl_district *district, struct crowd_device *device) {
    const struct jl_suite *suite = district->keys.suite;
    struct jl_device entry = {.number = device->number,
                              .office = device->office,
                              .state = JL_DEVICE_ACTIVE,
                              .suite = suite->number,
                              .sign_public_bytes = (uint32_t)suite->sign->public_bytes};
    struct jl_secret sign;
    memcpy(entry.name, "crowd", sizeof "crowd");
    BENCH_MUST(jl_curve_keypair(entry.curve_public, &device->curve, &err));
    BENCH_MUST(jl_signer_keypair(suite, entry.sign_public, &sign, &err));
    BENCH_MUST(jl_signer_new(suite, &sign, &device->signer, &err));
    BENCH_MUST(jl_devices_put(district->books->store, &entry, &err));
    jl_secret_fini(&sign);
}

static void init_device(struct crowd *crowd, struct jl_district *district,
                        struct crowd_device *device, size_t index, size_t offices) {
    uint8_t random[16];
    device->crowd = crowd;
    device->number = (uint32_t)(district->device_count + index + 1);
    device->office = district->offices[index % offices].number;
    BENCH_MUST(jl_random(device->incarnation, sizeof device->incarnation, &err));
    BENCH_MUST(jl_random(random, sizeof random, &err));
    jl_id_source_init(&device->ids, random);
    enter_device(district, device);
    device->facts.has_epoch = true;
    device->facts.suite = district->keys.suite->number;
    memcpy(device->facts.epoch, district->state.epoch, sizeof device->facts.epoch);
    device->facts.catalogue = jl_catalogue_version(district->books->catalogue);
    BENCH_MUST(jl_feed_state_heads(district, device->office, device->facts.cursor, &err));
    crowd_ops_init(&device->ops, crowd->maker.hasher, device->incarnation);
}

/* The books' catalogue goes with the books; the maker needs one of its own. */
static void copy_catalogue(struct crowd *crowd, struct jl_books *books) {
    struct jl_arena arena = {0};
    struct jl_row key = {.type = JL_TYPE_CATALOGUE};
    struct jl_book_record record = {0};
    const struct jl_type *type = jl_catalogue_type(books->catalogue, JL_TYPE_CATALOGUE);
    struct jl_value name = jl_value_cstr("district");
    BENCH_MUST(jl_row_set(&key, jl_type_field_named(type, "name")->number, &name, &arena, &err));
    BENCH_MUST(jl_natural_key_id(books->hasher, type, &key, &key.id, &err));
    const struct jl_record_key at = {.type = key.type, .id = key.id};
    BENCH_MUST(jl_books_load(books, &at, 1, &arena, &record, &err));
    const struct jl_value *body =
        jl_row_get(&record.row, jl_type_field_named(type, "body")->number);
    if (body == NULL) {
        bench_fail("the district has no catalogue");
    }
    BENCH_MUST(jl_catalogue_parse(body->bytes, "catalogue", &crowd->catalogue, &err));
    crowd->maker.type = jl_catalogue_type_named(crowd->catalogue, "member");
    jl_arena_fini(&arena);
}

void crowd_enrol(struct crowd *crowd, const char *folder, size_t count, size_t offices) {
    const struct jl_district_options options = {
        .mode = JL_STORE_WRITE, .judge = jl_accept_entry, .clock = jl_clock_system()};
    struct jl_district *district = NULL;
    *crowd = (struct crowd){.count = count};
    crowd->devices = bench_alloc(count, sizeof *crowd->devices);
    jl_people_init(&crowd->maker.people, 1);
    jl_rng_init(&crowd->maker.rng, 1, 0, 99);
    BENCH_MUST(jl_hasher_new(jl_suite_find(JL_SUITE_FIRST), &crowd->maker.hasher, &err));
    BENCH_MUST(jl_wire_new(jl_suite_find(JL_SUITE_FIRST), &crowd->wire, &err));
    BENCH_MUST(jl_district_open(folder, &options, &district, &err));
    BENCH_MUST(jl_district_begin(district, true, NULL, &err));
    BENCH_MUST(jl_curve_public(&district->keys.curve, crowd->server_public, &err));
    copy_catalogue(crowd, district->books);
    for (size_t i = 0; i < count; i++) {
        init_device(crowd, district, &crowd->devices[i], i, offices);
    }
    BENCH_MUST(jl_district_commit(district, &err));
    jl_district_close(district);
}

void crowd_fini(struct crowd *crowd) {
    crowd_disconnect(crowd);
    for (size_t i = 0; i < crowd->count; i++) {
        crowd_ops_fini(&crowd->devices[i].ops);
        jl_signer_free(crowd->devices[i].signer);
    }
    free(crowd->devices);
    jl_catalogue_free(crowd->catalogue);
    jl_hasher_free(crowd->maker.hasher);
    jl_wire_free(crowd->wire);
    jl_arena_fini(&crowd->arena);
    jl_buf_fini(&crowd->frame);
    *crowd = (struct crowd){0};
}

void crowd_add_ops(struct crowd *crowd, size_t each) {
    for (size_t i = 0; i < crowd->count; i++) {
        struct crowd_device *device = &crowd->devices[i];
        crowd_ops_make(&crowd->maker, &device->ids, each, &device->ops);
        device->facts.head = device->ops.count;
        device->session.wake_ms = 0;
    }
}

void crowd_connect(struct crowd *crowd, const char *endpoint) {
    BENCH_MUST(jl_net_new(&crowd->net, &err));
    for (size_t i = 0; i < crowd->count; i++) {
        struct crowd_device *device = &crowd->devices[i];
        const struct jl_client_options options = {.endpoint = endpoint,
                                                  .server_public = crowd->server_public,
                                                  .curve_secret = &device->curve,
                                                  .jitter_seed = device->number};
        jl_session_init(&device->session, device->number);
        device->link = JL_LINK_DOWN;
        BENCH_MUST(jl_client_open(crowd->net, &options, &device->client, &err));
    }
}

void crowd_disconnect(struct crowd *crowd) {
    for (size_t i = 0; i < crowd->count; i++) {
        jl_client_close(crowd->devices[i].client);
        crowd->devices[i].client = NULL;
    }
    jl_net_free(crowd->net);
    crowd->net = NULL;
}

/* ---- Actions ---- */

static void answer(struct crowd_device *device, enum jl_event_kind kind) {
    device->next = (struct jl_event){.kind = kind};
}

static void send_message(struct crowd_device *device, const struct jl_message *message) {
    struct crowd *crowd = device->crowd;
    struct jl_err why;
    jl_buf_reset(&crowd->frame);
    BENCH_MUST(jl_wire_encode(crowd->wire, message, &crowd->frame, &err));
    enum jl_rc rc = jl_client_send(device->client, jl_buf_bytes(&crowd->frame), &why);
    crowd->frames_out += rc == JL_OK;
    if (rc == JL_BUSY) {
        answer(device, JL_EVENT_NOT_SENT);
    } else if (rc != JL_OK) {
        bench_fail("device %u: %s", (unsigned)device->number, err_said(&why));
    }
}

static void say_hello(struct crowd_device *device) {
    struct jl_message message = {.kind = JL_MESSAGE_HELLO};
    struct jl_hello *hello = &message.as.hello;
    const struct jl_session_facts *facts = &device->facts;
    const struct jl_clock clock = jl_clock_system();
    *hello = (struct jl_hello){.version = JL_PROTOCOL_VERSION,
                               .oldest = JL_PROTOCOL_OLDEST,
                               .has_epoch = true,
                               .head = facts->head,
                               .confirmed = facts->confirmed,
                               .cursor = {facts->cursor[0], facts->cursor[1]},
                               .catalogue = facts->catalogue,
                               .wall_ms = clock.wall_ms(clock.context),
                               .program = "bench"};
    memcpy(hello->incarnation, device->incarnation, sizeof hello->incarnation);
    memcpy(hello->epoch, facts->epoch, sizeof hello->epoch);
    memcpy(hello->confirmed_hash, device->ops.hashes[facts->confirmed], JL_HASH_BYTES);
    send_message(device, &message);
}

static void push(struct crowd_device *device, const struct jl_action *action) {
    struct crowd *crowd = device->crowd;
    const struct crowd_ops *ops = &device->ops;
    struct jl_message message = {.kind = JL_MESSAGE_PUSH};
    struct jl_push *batch = &message.as.push;
    uint8_t text[JL_CHAIN_BATCH_TEXT_BYTES];
    size_t bytes = 0;
    jl_arena_reset(&crowd->arena);
    batch->first_seq = action->first_seq;
    batch->ops = jl_arena_zalloc(&crowd->arena, JL_BATCH_OPS_MAX, sizeof *batch->ops);
    if (batch->ops == NULL) {
        bench_fail("no memory for a batch");
    }
    for (uint64_t seq = action->first_seq;
         seq <= ops->count && bytes < action->max_bytes && batch->count < JL_BATCH_OPS_MAX; seq++) {
        batch->ops[batch->count] = crowd_ops_get(ops, seq);
        bytes += batch->ops[batch->count++].size;
    }
    uint64_t last = action->first_seq + batch->count - 1;
    jl_chain_batch_text(device->incarnation, last, ops->hashes[last], text);
    BENCH_MUST(jl_signer_sign(device->signer, jl_bytes(text, sizeof text), batch->signature, &err));
    jl_session_sent(&device->session, last + 1);
    send_message(device, &message);
}

static void pull(struct crowd_device *device, const struct jl_action *action) {
    const struct jl_message message = {.kind = JL_MESSAGE_PULL,
                                       .as.pull = {.feed = action->feed,
                                                   .from = device->facts.cursor[action->feed],
                                                   .max_bytes = action->max_bytes,
                                                   .pages = action->pages}};
    send_message(device, &message);
}

static void take_verdicts(struct crowd_device *device, const struct jl_verdicts *verdicts) {
    struct jl_session_facts *facts = &device->facts;
    if (verdicts->exception_count > 0) {
        const struct jl_verdict *first = &verdicts->exceptions[0];
        bench_fail("device %u: op %llu was not applied: verdict %d %.*s", (unsigned)device->number,
                   (unsigned long long)first->seq, (int)first->code, (int)first->reason.size,
                   (const char *)first->reason.data);
    }
    if (verdicts->last_seq > facts->confirmed && verdicts->first_seq <= facts->confirmed + 1) {
        facts->confirmed = verdicts->last_seq;
    }
    if (verdicts->own_to > verdicts->own_from && verdicts->own_from == facts->cursor[1]) {
        facts->cursor[1] = verdicts->own_to;
    }
}

/* There are no rows to prove anything about; that the proof holds is taken for granted. */
static void prove(struct crowd_device *device) {
    device->proved =
        (struct jl_message){.kind = JL_MESSAGE_PROVED, .as.proved = {.result = JL_PROOF_IDENTICAL}};
    device->next = (struct jl_event){.kind = JL_EVENT_MESSAGE, .message = &device->proved};
}

static void act(struct crowd_device *device, const struct jl_action *action,
                const struct jl_message *message) {
    struct jl_session_facts *facts = &device->facts;
    switch (action->kind) {
    case JL_ACTION_HELLO:
        say_hello(device);
        return;
    case JL_ACTION_PUSH:
        push(device, action);
        return;
    case JL_ACTION_PULL:
        pull(device, action);
        return;
    case JL_ACTION_PROOF:
        prove(device);
        return;
    case JL_ACTION_CHECK_CHAIN:
        answer(device, JL_EVENT_CHAIN);
        device->next.chain_same = device->welcome.last_seq <= device->ops.count &&
                                  memcmp(device->ops.hashes[device->welcome.last_seq],
                                         device->welcome.last_hash, JL_HASH_BYTES) == 0;
        return;
    case JL_ACTION_TAKE_VERDICTS:
        take_verdicts(device, &message->as.verdicts);
        return;
    case JL_ACTION_TAKE_PAGE:
        facts->cursor[message->as.page.feed] = message->as.page.to;
        return;
    case JL_ACTION_PROVEN:
        return;
    case JL_ACTION_RECONNECT:
        BENCH_MUST(jl_client_reconnect(device->client, &err));
        return;
    case JL_ACTION_TELL:
        if (device->session.phase == JL_SESSION_STOPPED) {
            bench_fail("device %u was refused: %d", (unsigned)device->number,
                       (int)device->session.refused);
        }
        device->crowd->refused_busy += device->session.refused == JL_REFUSE_BUSY;
        return;
    case JL_ACTION_NEW_INCARNATION:
    case JL_ACTION_TAKE_EPOCH:
    case JL_ACTION_ASK_BUCKETS:
    case JL_ACTION_ASK_PARTS:
    case JL_ACTION_ASK_IDS:
    case JL_ACTION_ASK_ROWS:
    case JL_ACTION_COMPARE_BUCKETS:
    case JL_ACTION_COMPARE_IDS:
    case JL_ACTION_REREAD:
        break;
    }
    bench_fail("device %u: the session asks for action %d", (unsigned)device->number,
               (int)action->kind);
}

/* ---- Turns ---- */

static void step(struct crowd_device *device, struct jl_event event) {
    while (event.kind != 0) {
        struct jl_actions actions;
        event.now_ms = now_ms();
        device->next = (struct jl_event){0};
        jl_session_step(&device->session, &device->facts, &event, &actions);
        for (size_t i = 0; i < actions.count && device->next.kind != JL_EVENT_NOT_SENT; i++) {
            act(device, &actions.items[i], event.message);
        }
        event = device->next;
    }
}

static bool take_frame(struct crowd_device *device) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_frame frame = {0};
    struct jl_message message;
    struct jl_err err;
    enum jl_rc rc = jl_client_receive(device->client, &frame, &err);
    if (rc == JL_NOT_FOUND) {
        return false;
    }
    if (rc == JL_OK) {
        rc = jl_wire_decode(device->crowd->wire, frame.bytes, &arena, &message, &err);
    }
    if (rc != JL_OK) {
        bench_fail("device %u: %s", (unsigned)device->number, err_said(&err));
    }
    device->crowd->frames_in++;
    if (message.kind == JL_MESSAGE_WELCOME) {
        device->welcome = message.as.welcome;
    }
    step(device, (struct jl_event){.kind = JL_EVENT_MESSAGE, .message = &message});
    jl_frame_fini(&frame);
    return true;
}

/* What engine.c does, without waiting. */
static bool turn(struct crowd_device *device) {
    struct jl_session *session = &device->session;
    bool moved = false;
    for (int i = 0; i < FRAMES_PER_TURN && take_frame(device); i++) {
        moved = true;
    }
    enum jl_link link = jl_client_link(device->client);
    if (link != device->link && link == JL_LINK_UP && session->phase == JL_SESSION_OFFLINE) {
        session->wake_ms = 0;
    }
    device->link = link;
    /* One TICK sends one batch; two may be in flight. */
    for (int i = 0; i <= JL_SESSION_PUSHES && session->wake_ms <= now_ms(); i++) {
        uint64_t sent = device->crowd->frames_out;
        if (session->phase == JL_SESSION_OFFLINE && link != JL_LINK_UP) {
            break;
        }
        step(device, (struct jl_event){.kind = JL_EVENT_TICK});
        if (device->crowd->frames_out == sent) {
            break;
        }
        session->wake_ms = session->push_next <= device->facts.head ? 0 : session->wake_ms;
        moved = true;
    }
    return moved;
}

static bool is_welcome(const struct crowd_device *device) {
    return device->session.phase == JL_SESSION_ACTIVE;
}

static bool is_confirmed(const struct crowd_device *device) {
    return device->facts.confirmed == device->facts.head;
}

static double talk_until(struct crowd *crowd, bool (*done)(const struct crowd_device *device)) {
    double start = bench_now();
    double moved = start;
    for (size_t left = 1; left > 0;) {
        bool any = false;
        left = 0;
        for (size_t i = 0; i < crowd->count; i++) {
            if (!done(&crowd->devices[i])) {
                any = turn(&crowd->devices[i]) || any;
                left += !done(&crowd->devices[i]);
            }
        }
        moved = any ? bench_now() : moved;
        if (bench_now() - moved > STUCK_S) {
            bench_fail("%zu of %zu devices got no answer for %d s", left, crowd->count, STUCK_S);
        }
        if (!any && left > 0) {
            bench_nap_ms(0.2);
        }
    }
    return bench_now() - start;
}

void crowd_greet(struct crowd *crowd) {
    (void)talk_until(crowd, is_welcome);
}

double crowd_run(struct crowd *crowd) {
    return talk_until(crowd, is_confirmed);
}
