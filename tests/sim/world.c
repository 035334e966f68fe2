#include "world.h"

#include "jielian/file.h"
#include "jielian/merge.h"
#include "jielian/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Setting up must work; a test that can't even start ends here with the reason. */
#define MUST(call)                                                                                 \
    do {                                                                                           \
        struct jl_err err = {0};                                                                   \
        enum jl_rc must_rc = (call);                                                               \
        if (must_rc != JL_OK) {                                                                    \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, jl_rc_name(must_rc), err.text); \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* ---- Time ---- */

static int64_t world_clock(void *context) {
    return ((struct world *)context)->now_ms;
}

void world_pass(struct world *world, int64_t ms) {
    world->now_ms += ms;
}

/* ---- District ---- */

static const struct jl_type *type_named(struct jl_books *books, const char *name) {
    const struct jl_type *type = jl_catalogue_type_named(books->catalogue, name);
    if (type == NULL) {
        fprintf(stderr, "no type %s\n", name);
        abort();
    }
    return type;
}

static void set_field(struct jl_row *row, const struct jl_type *type, const char *name,
                      struct jl_value value, struct jl_arena *arena) {
    MUST(jl_row_set(row, jl_type_field_named(type, name)->number, &value, arena, &err));
}

void world_apply_catalogue(struct world *world, const char *text) {
    struct jl_books *books = world->district->books;
    JL_AUTO(jl_arena) arena = {0};
    const struct jl_type *type = type_named(books, "catalogue");
    struct jl_catalogue *next = NULL;
    struct jl_book_record before = {0};
    struct jl_change change = {.kind = JL_OP_CREATE, .after = {.type = JL_TYPE_CATALOGUE}};
    MUST(jl_catalogue_parse(jl_bytes_text(text), "test catalogue", &next, &err));
    set_field(&change.after, type, "name", jl_value_cstr("district"), &arena);
    set_field(&change.after, type, "version", jl_value_int((int64_t)jl_catalogue_version(next)),
              &arena);
    set_field(&change.after, type, "body", jl_value_cstr(text), &arena);
    MUST(jl_row_natural_id(books->hasher, type, &change.after, &change.after.id, &err));
    struct jl_record_key key = {.type = JL_TYPE_CATALOGUE, .id = change.after.id};
    MUST(jl_books_load(books, &key, 1, &arena, &before, &err));
    if (before.head.rid != 0) {
        change.kind = JL_OP_EDIT;
        change.before = &before;
    }
    MUST(jl_district_save(world->district, NULL, &change, 1, &err));
    jl_catalogue_free(next);
}

static void apply_shipped_catalogue(struct world *world) {
    JL_AUTO(jl_buf) text = {0};
    MUST(jl_file_read(JL_TEST_CATALOGUE, JL_CATALOGUE_MAX_BYTES, &text, &err));
    MUST(jl_buf_put_u8(&text, 0, &err));
    world_apply_catalogue(world, (const char *)text.data);
}

static void desk_init(struct jl_desk *desk, struct world *world, struct jl_books *books) {
    uint8_t random[16];
    MUST(jl_random(random, sizeof random, &err));
    *desk = (struct jl_desk){.books = books, .clock = world->clock};
    jl_id_source_init(&desk->ids, random);
}

static void open_district(struct world *world) {
    struct jl_district_options options = {.mode = JL_STORE_WRITE, .clock = world->clock};
    MUST(jl_district_open(world->district_folder, &options, &world->district, &err));
    desk_init(&world->district_desk, world, world->district->books);
    world->district_desk.save = jl_district_save;
    world->district_desk.save_context = world->district;
    world->district_desk.staff = world->district->staff;
    world->district_desk.movers = ~0u;
}

void world_backup(struct world *world) {
    char path[256];
    MUST(jl_path_join(world->folder, "backup", path, sizeof path, &err));
    MUST(jl_district_backup(world->district, path, &err));
}

void world_restore(struct world *world) {
    char path[256];
    jl_district_close(world->district);
    world->district = NULL;
    MUST(jl_path_join(world->folder, "backup", path, sizeof path, &err));
    MUST(jl_path_join(world->folder, "restored", world->district_folder,
                      sizeof world->district_folder, &err));
    MUST(jl_district_restore(world->district_folder, path, jl_bytes(NULL, 0), &err));
    open_district(world);
    for (size_t i = 0; i < world->device_count; i++) {
        world->devices[i].origin = 0;
    }
}

void world_crash_district(struct world *world) {
    jl_district_close(world->district);
    world->district = NULL;
    open_district(world);
    for (size_t i = 0; i < world->device_count; i++) {
        world->devices[i].origin = 0; /* sessions are memory */
    }
}

void world_init(struct world *world, size_t offices) {
    char folder[256];
    memset(world, 0, sizeof *world);
    world->now_ms = 1790000000000;
    world->clock =
        (struct jl_clock){.context = world, .wall_ms = world_clock, .steady_ms = world_clock};
    const char *where = getenv("TMPDIR");
    snprintf(world->folder, sizeof world->folder, "%s/jielian-world-XXXXXX",
             where != NULL ? where : "/tmp");
    if (mkdtemp(world->folder) == NULL) {
        abort();
    }
    MUST(jl_path_join(world->folder, "district", world->district_folder,
                      sizeof world->district_folder, &err));
    MUST(jl_district_create(world->district_folder, jl_bytes(NULL, 0), &err));
    MUST(jl_wire_new(&world->wire, &err));
    open_district(world);
    apply_shipped_catalogue(world);
    for (size_t i = 0; i < offices; i++) {
        const char code[] = {(char)('A' + (int)i), '\0'};
        snprintf(folder, sizeof folder, "%s街道总工会", code);
        MUST(jl_district_office_add(world->district, code, folder, &err));
    }
}

static void drop_queues(struct world_device *device);

void world_fini(struct world *world) {
    char command[300];
    for (size_t i = 0; i < world->device_count; i++) {
        struct world_device *device = &world->devices[i];
        drop_queues(device);
        jl_office_close(device->office);
        jl_arena_fini(&device->known_arena);
    }
    jl_district_close(world->district);
    jl_wire_free(world->wire);
    snprintf(command, sizeof command, "rm -rf '%s'", world->folder);
    if (system(command) != 0) {
        fprintf(stderr, "could not remove %s\n", world->folder);
    }
}

/* ---- The district's answers ---- */

static void answer(struct world_device *device, const struct jl_message *message) {
    JL_ASSERT(device->inbox_count < WORLD_QUEUE_MAX);
    struct world_frame *frame = &device->inbox[device->inbox_count++];
    *frame = (struct world_frame){0};
    MUST(jl_wire_encode(device->world->wire, message, &frame->bytes, &err));
    device->received_bytes += frame->bytes.size;
    if (device->lose > 0) {
        device->lose--;
        jl_buf_fini(&device->inbox[--device->inbox_count].bytes);
    }
}

static void refuse(struct world_device *device, enum jl_refuse_code code, const char *text) {
    struct jl_message message = {.kind = JL_MESSAGE_REFUSE};
    message.as.refuse.code = code;
    message.as.refuse.text = jl_bytes_text(text);
    answer(device, &message);
}

static void serve_push(struct world_device *device, const struct jl_push *push,
                       struct jl_bytes frame, struct jl_arena *arena) {
    struct jl_district *district = device->world->district;
    struct jl_message message = {.kind = JL_MESSAGE_VERDICTS};
    struct jl_err why = {0};
    MUST(jl_district_begin(district, true, NULL, &err));
    enum jl_rc rc =
        jl_district_push(district, device->origin, push, frame, arena, &message.as.verdicts, &why);
    if (rc == JL_OK) {
        MUST(jl_district_commit(district, &err));
        answer(device, &message);
        return;
    }
    jl_district_rollback(district);
    if (rc != JL_CONFLICT && rc != JL_PROTO) {
        fprintf(stderr, "push: %s\n", why.text);
        abort();
    }
    refuse(device, rc == JL_CONFLICT ? JL_REFUSE_CHAIN : JL_REFUSE_MALFORMED, why.text);
}

static void serve_pull(struct world_device *device, const struct jl_pull *pull,
                       struct jl_arena *arena) {
    struct jl_district *district = device->world->district;
    struct jl_pull next = *pull;
    MUST(jl_district_begin(district, false, NULL, &err));
    for (uint32_t i = 0; i < pull->pages; i++) {
        struct jl_message message = {.kind = JL_MESSAGE_PAGE};
        MUST(jl_district_page(district, device->office_number, device->origin, &next, arena,
                              &message.as.page, &err));
        answer(device, &message);
        next.from = message.as.page.to;
        if (message.as.page.to >= message.as.page.head) {
            break;
        }
    }
    jl_store_rollback(district->books->store);
}

static void serve_proof(struct world_device *device, const struct jl_proof *proof) {
    struct jl_district *district = device->world->district;
    struct jl_message message = {.kind = JL_MESSAGE_PROVED};
    MUST(jl_district_begin(district, true, NULL, &err));
    MUST(jl_district_prove(district, device->office_number, proof, &message.as.proved, &err));
    if (message.as.proved.result == JL_PROOF_IDENTICAL) {
        MUST(jl_district_proven(district, device->number, device->origin, proof, &err));
    }
    MUST(jl_district_commit(district, &err));
    answer(device, &message);
}

static void serve_frame(struct world_device *device, struct jl_bytes frame) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_district *district = device->world->district;
    struct jl_message in;
    struct jl_message out = {0};
    struct jl_err bad = {0};
    if (jl_wire_decode(device->world->wire, frame, &arena, &in, &bad) != JL_OK) {
        refuse(device, JL_REFUSE_MALFORMED, bad.text);
        return;
    }
    if (device->revoked) {
        refuse(device, JL_REFUSE_REVOKED, "revoked");
        return;
    }
    if (in.kind != JL_MESSAGE_HELLO && device->origin == 0) {
        refuse(device, JL_REFUSE_HELLO, "say Hello first");
        return;
    }
    switch ((int)in.kind) {
    case JL_MESSAGE_HELLO:
        out.kind = JL_MESSAGE_WELCOME;
        MUST(jl_district_begin(district, true, NULL, &err));
        MUST(jl_district_hello(district, device->number, &in.as.hello, &out.as.welcome,
                               &device->origin, &err));
        MUST(jl_district_commit(district, &err));
        answer(device, &out);
        break;
    case JL_MESSAGE_PUSH:
        serve_push(device, &in.as.push, frame, &arena);
        break;
    case JL_MESSAGE_PULL:
        serve_pull(device, &in.as.pull, &arena);
        break;
    case JL_MESSAGE_PROOF:
        serve_proof(device, &in.as.proof);
        break;
    case JL_MESSAGE_ASK:
        MUST(jl_district_begin(district, false, NULL, &err));
        MUST(jl_district_answer(district, device->office_number, &in.as.ask, &arena, &out, &err));
        jl_store_rollback(district->books->store);
        answer(device, &out);
        break;
    default:
        abort();
    }
}

/* ---- The device's driver ---- */

static void send(struct world_device *device, const struct jl_message *message) {
    JL_ASSERT(device->outbox_count < WORLD_QUEUE_MAX);
    struct world_frame *frame = &device->outbox[device->outbox_count++];
    *frame = (struct world_frame){0};
    MUST(jl_wire_encode(device->office->wire, message, &frame->bytes, &err));
    device->sent_bytes += frame->bytes.size;
}

static void act_push(struct world_device *device, const struct jl_action *action) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_message message = {.kind = JL_MESSAGE_PUSH};
    uint64_t next = 0;
    MUST(jl_office_batch(device->office, action->first_seq, action->max_bytes, &arena,
                         &message.as.push, &next, &err));
    jl_session_sent(&device->session, next);
    send(device, &message);
}

static void act_ask(struct world_device *device, const struct jl_action *action,
                    enum jl_ask_step step) {
    struct jl_message message = {.kind = JL_MESSAGE_ASK};
    message.as.ask.feed = action->feed;
    message.as.ask.step = step;
    if (step == JL_ASK_IDS) {
        message.as.ask.buckets = jl_bytes(device->buckets, device->bucket_count);
    } else if (step == JL_ASK_ROWS) {
        message.as.ask.records = device->known;
        message.as.ask.record_count = device->known_count;
        device->repaired += device->known_count;
    }
    send(device, &message);
}

static void step(struct world_device *device, struct jl_event event);

static void answer_event(struct world_device *device, enum jl_event_kind kind, bool same,
                         size_t different) {
    struct jl_event event = {
        .kind = kind, .now_ms = device->world->now_ms, .chain_same = same, .different = different};
    step(device, event);
}

static void act(struct world_device *device, const struct jl_action *action,
                const struct jl_message *message) {
    struct jl_office *office = device->office;
    struct jl_message out = {0};
    bool flag = false;
    switch (action->kind) {
    case JL_ACTION_HELLO:
        out.kind = JL_MESSAGE_HELLO;
        MUST(jl_office_hello(office, &out.as.hello, &err));
        send(device, &out);
        break;
    case JL_ACTION_PUSH:
        act_push(device, action);
        break;
    case JL_ACTION_PULL:
        out.kind = JL_MESSAGE_PULL;
        out.as.pull = (struct jl_pull){.feed = action->feed,
                                       .from = office->state.cursor[action->feed],
                                       .max_bytes = action->max_bytes,
                                       .pages = action->pages};
        send(device, &out);
        break;
    case JL_ACTION_PROOF:
        out.kind = JL_MESSAGE_PROOF;
        out.as.proof.cursor[0] = office->state.cursor[0];
        out.as.proof.cursor[1] = office->state.cursor[1];
        MUST(jl_office_root(office, out.as.proof.root, &err));
        send(device, &out);
        break;
    case JL_ACTION_ASK_BUCKETS:
        act_ask(device, action, JL_ASK_BUCKETS);
        break;
    case JL_ACTION_ASK_IDS:
        act_ask(device, action, JL_ASK_IDS);
        break;
    case JL_ACTION_ASK_ROWS:
        act_ask(device, action, JL_ASK_ROWS);
        break;
    case JL_ACTION_CHECK_CHAIN:
        MUST(jl_office_chain_is(office, device->welcome.last_seq, device->welcome.last_hash, &flag,
                                &err));
        answer_event(device, JL_EVENT_CHAIN, flag, 0);
        break;
    case JL_ACTION_NEW_INCARNATION:
        MUST(jl_office_new_incarnation(office, &err));
        break;
    case JL_ACTION_TAKE_EPOCH:
        MUST(jl_office_take_epoch(office, device->welcome.epoch, action->first_seq, &err));
        break;
    case JL_ACTION_TAKE_VERDICTS:
        MUST(jl_office_take_verdicts(office, &message->as.verdicts, &err));
        break;
    case JL_ACTION_TAKE_PAGE:
        MUST(jl_office_take_page(office, &message->as.page, &flag, &err));
        break;
    case JL_ACTION_COMPARE_BUCKETS:
        MUST(jl_office_compare_buckets(office, &message->as.buckets, device->buckets,
                                       &device->bucket_count, &err));
        answer_event(device, JL_EVENT_DIFFERENT, false, device->bucket_count);
        break;
    case JL_ACTION_COMPARE_IDS:
        jl_arena_reset(&device->known_arena);
        MUST(jl_office_compare_ids(office, &message->as.ids, &device->known_arena, &device->known,
                                   &device->known_count, &err));
        answer_event(device, JL_EVENT_DIFFERENT, false, device->known_count);
        break;
    case JL_ACTION_PROVEN:
        MUST(jl_office_proven(office, action->wall_ms, &err));
        break;
    case JL_ACTION_TELL:
        break;
    }
}

static void step(struct world_device *device, struct jl_event event) {
    struct jl_session_facts facts;
    struct jl_actions actions;
    MUST(jl_office_begin(device->office, false, &err));
    jl_store_rollback(device->office->books->store);
    jl_office_facts(device->office, &facts);
    jl_session_step(&device->session, &facts, &event, &actions);
    for (size_t i = 0; i < actions.count; i++) {
        act(device, &actions.items[i], event.message);
    }
}

static struct jl_buf pop(struct world_frame *queue, size_t *count) {
    struct jl_buf bytes = queue[0].bytes;
    memmove(queue, queue + 1, --*count * sizeof *queue);
    return bytes;
}

static void take_one(struct world_device *device) {
    JL_AUTO(jl_arena) arena = {0};
    JL_AUTO(jl_buf) bytes = pop(device->inbox, &device->inbox_count);
    struct jl_message message;
    struct jl_err bad = {0};
    if (jl_wire_decode(device->office->wire, jl_buf_bytes(&bytes), &arena, &message, &bad) !=
        JL_OK) {
        return; /* cut on the way: as good as lost */
    }
    if (message.kind == JL_MESSAGE_WELCOME) {
        device->welcome = message.as.welcome;
    }
    struct jl_event event = {
        .kind = JL_EVENT_MESSAGE, .now_ms = device->world->now_ms, .message = &message};
    step(device, event);
}

bool world_step(struct world_device *device) {
    if (device->outbox_count > 0) {
        JL_AUTO(jl_buf) bytes = pop(device->outbox, &device->outbox_count);
        serve_frame(device, jl_buf_bytes(&bytes));
        return true;
    }
    if (device->inbox_count > 0) {
        take_one(device);
        return true;
    }
    struct jl_event event = {.kind = JL_EVENT_TICK, .now_ms = device->world->now_ms};
    step(device, event);
    return device->outbox_count > 0;
}

static void drop_queues(struct world_device *device) {
    while (device->inbox_count > 0) {
        struct jl_buf bytes = pop(device->inbox, &device->inbox_count);
        jl_buf_fini(&bytes);
    }
    while (device->outbox_count > 0) {
        struct jl_buf bytes = pop(device->outbox, &device->outbox_count);
        jl_buf_fini(&bytes);
    }
}

void world_hang_up(struct world_device *device) {
    drop_queues(device);
    device->origin = 0;
    jl_session_init(&device->session, (uint64_t)device->number * 77);
}

bool world_sync(struct world_device *device) {
    enum { STEPS_MAX = 20000, QUIET_MAX = 60 };
    int quiet = 0;
    world_hang_up(device); /* a new connection, so that the district's heads are heard anew */
    for (int i = 0; i < STEPS_MAX && quiet < QUIET_MAX; i++) {
        struct jl_session_facts facts;
        jl_office_facts(device->office, &facts);
        if (device->session.heads_known && device->inbox_count + device->outbox_count == 0 &&
            !jl_session_busy(&device->session, &facts)) {
            return true;
        }
        if (world_step(device)) {
            quiet = 0;
        } else if (++quiet > 2 && device->session.wake_ms > device->world->now_ms) {
            device->world->now_ms = device->session.wake_ms;
        }
    }
    return false;
}

/* ---- Devices ---- */

static void open_device(struct world_device *device, bool staged) {
    struct world *world = device->world;
    struct jl_office_options options = {
        .mode = JL_STORE_WRITE, .staged = staged, .clock = world->clock};
    MUST(jl_office_open(device->folder, &options, &device->office, &err));
    jl_session_init(&device->session, (uint64_t)device->number * 77);
    desk_init(&device->desk, world, device->office->books);
    device->office->staff = jl_bytes_text("clerk");
    device->desk.staff = device->office->staff;
    device->desk.save = jl_office_save;
    device->desk.save_context = device->office;
    device->desk.owner = device->office_number;
    device->desk.movers = 1u << JL_MOVER_OFFICE | 1u << JL_MOVER_ANY;
}

static void device_folder(struct world_device *device, size_t number) {
    char name[32];
    snprintf(name, sizeof name, "device%zu", number);
    MUST(jl_path_join(device->world->folder, name, device->folder, sizeof device->folder, &err));
}

static void run(const char *verb, const char *from, const char *to) {
    char command[700];
    snprintf(command, sizeof command, "rm -rf '%s' && %s '%s' '%s'", to, verb, from, to);
    JL_ASSERT(system(command) == 0);
}

static void close_device(struct world_device *device) {
    jl_office_close(device->office);
    device->office = NULL;
    drop_queues(device);
}

void world_reopen_device(struct world_device *device) {
    close_device(device);
    open_device(device, false);
}

struct world_device *world_clone(struct world_device *device) {
    struct world *world = device->world;
    struct world_device *copy = &world->devices[world->device_count];
    JL_ASSERT(world->device_count < WORLD_DEVICES_MAX);
    close_device(device);
    *copy = (struct world_device){
        .world = world, .number = device->number, .office_number = device->office_number};
    device_folder(copy, ++world->device_count);
    run("cp -a", device->folder, copy->folder);
    open_device(device, false);
    open_device(copy, false);
    return copy;
}

static void kept_folder(const struct world_device *device, char *out_path, size_t capacity) {
    snprintf(out_path, capacity, "%.200s.kept", device->folder);
}

void world_keep_device(struct world_device *device) {
    char kept[256];
    kept_folder(device, kept, sizeof kept);
    close_device(device);
    run("cp -a", device->folder, kept);
    open_device(device, false);
}

void world_put_back_device(struct world_device *device) {
    char kept[256];
    kept_folder(device, kept, sizeof kept);
    close_device(device);
    run("cp -a", kept, device->folder);
    open_device(device, false);
}

void world_lose(struct world_device *device, size_t count) {
    device->lose = count;
}

static void enrol(struct world_device *device, struct jl_keys *keys,
                  struct jl_identity *out_identity) {
    struct jl_district *district = device->world->district;
    struct jl_invitation invitation = {.number = (uint32_t)device->world->device_count + 1,
                                       .office = device->office_number,
                                       .expires_ms = device->world->now_ms + 1000};
    struct jl_enrol request = {0};
    struct jl_enrolled enrolled;
    uint8_t text[JL_ENROL_TEXT_BYTES];
    JL_AUTO(jl_secret) secret = {0};
    JL_AUTO_PTR(jl_signer) signer = NULL;
    MUST(jl_random(keys->data.bytes, sizeof keys->data.bytes, &err));
    MUST(jl_curve_keypair(request.curve_public, &keys->curve, &err));
    MUST(jl_sign_keypair(keys->sign_public, &keys->sign, &err));
    MUST(jl_curve_keypair(invitation.curve_public, &secret, &err));
    memcpy(request.sign_public, keys->sign_public, 32);
    jl_enrol_text(request.curve_public, request.sign_public, invitation.curve_public, text);
    MUST(jl_signer_new(&keys->sign, &signer, &err));
    MUST(jl_sign(signer, jl_bytes(text, sizeof text), request.signature, &err));
    MUST(jl_district_begin(district, true, NULL, &err));
    MUST(jl_store_invitation_put(district->books->store, &invitation, &err));
    MUST(jl_district_enrol(district, invitation.curve_public, &request, &enrolled, &err));
    MUST(jl_district_commit(district, &err));
    keys->proof = enrolled.proof_key;
    device->number = enrolled.device;
    *out_identity = (struct jl_identity){.device = enrolled.device, .office = enrolled.office};
    snprintf(out_identity->code, sizeof out_identity->code, "%s", "X");
    snprintf(out_identity->name, sizeof out_identity->name, "%s", "X街道总工会");
    snprintf(out_identity->endpoint, sizeof out_identity->endpoint, "tcp://127.0.0.1:1");
}

struct world_device *world_join(struct world *world, uint32_t office) {
    JL_ASSERT(world->device_count < WORLD_DEVICES_MAX);
    struct world_device *device = &world->devices[world->device_count];
    struct jl_keys keys = {0};
    struct jl_identity identity;
    device->world = world;
    device->office_number = office;
    device_folder(device, world->device_count + 1);
    enrol(device, &keys, &identity);
    world->device_count++;
    MUST(jl_folder_make(device->folder, &err));
    MUST(jl_keys_save(device->folder, &keys, jl_bytes(NULL, 0), &err));
    MUST(jl_office_create(device->folder, &keys, &identity, &err));
    open_device(device, true);
    if (!world_sync(device)) {
        fprintf(stderr, "bootstrap did not end in a proof\n");
        abort();
    }
    MUST(jl_office_settle(&device->office, &err));
    open_device(device, false);
    jl_keys_fini(&keys);
    return device;
}

/* ---- Records ---- */

static size_t split(char *text, struct jl_assignment *out_assignments, size_t capacity) {
    size_t count = 0;
    char *rest = NULL;
    for (char *part = strtok_r(text, "|", &rest); part != NULL && count < capacity;
         part = strtok_r(NULL, "|", &rest)) {
        char *equals = strchr(part, '=');
        JL_ASSERT(equals != NULL);
        *equals = '\0';
        out_assignments[count++] = (struct jl_assignment){.field = part, .value = equals + 1};
    }
    return count;
}

enum { ASSIGNMENTS_MAX = 32, TEXT_MAX = 2048 };

struct jl_id world_add(struct jl_desk *desk, const char *type, const char *assignments) {
    char text[TEXT_MAX];
    struct jl_assignment list[ASSIGNMENTS_MAX];
    struct jl_problems problems;
    struct jl_id id;
    snprintf(text, sizeof text, "%s", assignments);
    size_t count = split(text, list, ASSIGNMENTS_MAX);
    MUST(jl_desk_add(desk, type_named(desk->books, type), list, count, &id, &problems, &err));
    return id;
}

void world_set(struct jl_desk *desk, const char *type, const struct jl_id *id,
               const char *assignments) {
    char text[TEXT_MAX];
    struct jl_assignment list[ASSIGNMENTS_MAX];
    struct jl_problems problems;
    snprintf(text, sizeof text, "%s", assignments);
    size_t count = split(text, list, ASSIGNMENTS_MAX);
    MUST(jl_desk_set(desk, type_named(desk->books, type), id, list, count, &problems, &err));
}

void world_delete(struct jl_desk *desk, const char *type, const struct jl_id *id) {
    MUST(jl_desk_delete(desk, type_named(desk->books, type), id, &err));
}

const char *world_get(struct jl_books *books, const char *type, const struct jl_id *id,
                      const char *field_name) {
    static char text[TEXT_MAX];
    JL_AUTO(jl_arena) arena = {0};
    JL_AUTO(jl_buf) out = {0};
    struct jl_book_record record = {0};
    const struct jl_type *of = type_named(books, type);
    const struct jl_field *field = jl_type_field_named(of, field_name);
    struct jl_record_key key = {.type = of->number, .id = *id};
    MUST(jl_books_load(books, &key, 1, &arena, &record, &err));
    text[0] = '\0';
    const struct jl_value *value = jl_row_get(&record.row, field->number);
    if (record.head.rid == 0 || record.row.deleted || value == NULL ||
        record.head.state == JL_RECORD_LEFT) {
        return text;
    }
    MUST(jl_field_format(field, value, JL_LANGUAGE_ZH, &out, &err));
    snprintf(text, sizeof text, "%.*s", (int)out.size, (const char *)out.data);
    return text;
}

static enum jl_rc count_one(void *context, const struct jl_stored *record, struct jl_err *err) {
    (void)record;
    (void)err;
    ++*(size_t *)context;
    return JL_OK;
}

size_t world_count(struct jl_books *books, const char *type) {
    size_t count = 0;
    struct jl_scan scan = {.type = type_named(books, type)->number};
    MUST(jl_store_scan(books->store, &scan, count_one, &count, &err));
    return count;
}

static enum jl_rc count_live(void *context, const struct jl_stored *stored, struct jl_err *err) {
    (void)err;
    *(size_t *)context += stored->head.state == JL_RECORD_LIVE ? 1 : 0;
    return JL_OK;
}

size_t world_count_live(struct jl_books *books, const char *type) {
    size_t count = 0;
    struct jl_scan scan = {.type = type_named(books, type)->number};
    MUST(jl_store_scan(books->store, &scan, count_live, &count, &err));
    return count;
}

/* ---- Independent comparison ---- */

struct compare {
    struct world_device *device;
    size_t count;
    bool same;
};

static bool same_row(const struct jl_row *a, const struct jl_row *b) {
    bool same = a->owner == b->owner && a->field_count == b->field_count;
    for (size_t i = 0; same && i < a->field_count; i++) {
        same = a->fields[i].field == b->fields[i].field &&
               jl_value_equal(&a->fields[i].value, &b->fields[i].value);
    }
    return same;
}

static enum jl_rc compare_record(void *context, const struct jl_stored *stored,
                                 struct jl_err *err) {
    struct compare *compare = context;
    struct jl_books *district = compare->device->world->district->books;
    struct jl_books *office = compare->device->office->books;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record theirs;
    struct jl_book_record ours = {0};
    const struct jl_type *type = jl_catalogue_type(district->catalogue, stored->head.type);
    bool shown =
        type->owner == JL_SIDE_DISTRICT || stored->head.owner == compare->device->office_number;
    enum jl_rc rc = jl_books_unseal(district, stored, &arena, &theirs, err);
    if (rc != JL_OK || !shown) {
        return rc;
    }
    struct jl_record_key key = {.type = stored->head.type, .id = stored->head.id};
    rc = jl_books_load(office, &key, 1, &arena, &ours, err);
    compare->count++;
    if (rc == JL_OK && (ours.head.state != JL_RECORD_LIVE || !same_row(&theirs.row, &ours.row))) {
        compare->same = false;
    }
    return rc;
}

bool world_same(struct world_device *device) {
    struct compare compare = {.device = device, .same = true};
    struct jl_books *district = device->world->district->books;
    size_t here = 0;
    for (size_t i = 0; i < district->layout_count; i++) {
        struct jl_scan scan = {.type = district->layouts[i].type->number};
        MUST(jl_store_scan(district->store, &scan, compare_record, &compare, &err));
        MUST(jl_store_scan(device->office->books->store, &scan, count_live, &here, &err));
    }
    return compare.same && here == compare.count;
}
