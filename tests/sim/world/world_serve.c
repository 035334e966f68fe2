/* The district's side of the wire: what `serve` does, without threads and sockets. One frame or one
 * page at a time; an answer leaves after the commit that makes it true. */
#include "server/books/device.h"
#include "server/books/feed_page.h"
#include "server/books/hello.h"
#include "server/books/prove.h"
#include "server/books/push.h"
#include "server/serve/callers.h"
#include "server/serve/job.h"
#include "server/serve/refusing.h"
#include "server/serve/suspended.h"
#include "world_internal.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"

#include <string.h>

/* ---- Work ---- */

/* What a watch does in between is no work of the district's. */
static void leave_out(struct world *world, const struct world_work *start) {
    struct world_work work = world_work_since(world, start);
    world->watching.sql_steps += work.sql_steps;
    world->watching.entries += work.entries;
}

static struct world_work begin_work(struct world *world) {
    world->watching = (struct world_work){0};
    return world_work(world);
}

static void tell_work(struct world_device *device, const struct jl_message *in,
                      const struct world_work *start) {
    struct world *world = device->world;
    struct world_work work = world_work_since(world, start);
    work.sql_steps -= world->watching.sql_steps;
    work.entries -= world->watching.entries;
    if (world->watch.served != NULL) {
        world->watch.served(world->watch.context, device, in, &work);
    }
}

/* ---- Answers ---- */

/* The device's queue is full, or the frame is to be lost: it is gone, and a timer sees to it. */
static struct world_frame *place(struct world_device *device) {
    if (device->inbox_count == WORLD_QUEUE_MAX) {
        return NULL;
    }
    struct world_frame *frame = &device->inbox[device->inbox_count++];
    *frame = (struct world_frame){0};
    return frame;
}

static void took_place(struct world_device *device, const struct world_frame *frame) {
    device->received_bytes += frame->bytes.size;
    if (device->lose > 0) {
        device->lose--;
        jl_buf_fini(&device->inbox[--device->inbox_count].bytes);
    }
}

static void tell_watch(struct world_device *device, const struct jl_message *message) {
    const struct world_watch *watch = &device->world->watch;
    struct world_work start = world_work(device->world);
    if (watch->told != NULL) {
        watch->told(watch->context, device, message);
        leave_out(device->world, &start);
    }
}

static void answer(struct world_device *device, const struct jl_message *message) {
    tell_watch(device, message);
    struct world_frame *frame = place(device);
    struct jl_err err = {0};
    if (frame == NULL) {
        return;
    }
    enum jl_rc rc = jl_wire_encode(device->world->wire, message, &frame->bytes, &err);
    if (rc == JL_OK) {
        took_place(device, frame);
        return;
    }
    jl_buf_fini(&device->inbox[--device->inbox_count].bytes);
    if (!world_passes(device->world, false, rc)) {
        world_break(device->world, "answer", rc, &err);
    }
}

static void refuse(struct world_device *device, enum jl_refuse_code code, uint64_t retry_ms,
                   const char *text) {
    struct jl_message message = {.kind = JL_MESSAGE_REFUSE};
    message.as.refuse.code = code;
    message.as.refuse.text = jl_bytes_text(text);
    message.as.refuse.retry_after_ms = retry_ms;
    message.as.refuse.version = JL_PROTOCOL_VERSION;
    answer(device, &message);
}

/* As the writer and the reader sort it: a disk without room passes, anything else must not be. */
static void sort(struct world_device *device, const char *where, enum jl_rc rc,
                 const struct jl_err *err) {
    struct world *world = device->world;
    if (rc == JL_OK) {
        return;
    }
    jl_district_rollback(world->district);
    memset(&world->quarantine, 0, sizeof world->quarantine);
    if (!world_passes(world, world->disk_full, rc)) {
        world_break(world, where, rc, err);
    }
    refuse(device, JL_REFUSE_BUSY, JL_RETRY_FAULT_MS, "the district can't write now");
}

/* ---- The writer's messages ---- */

static enum jl_rc serve_hello(struct world_device *device, const struct jl_hello *hello,
                              struct jl_err *err) {
    struct world *world = device->world;
    struct jl_message out = {.kind = JL_MESSAGE_WELCOME};
    uint32_t origin = 0;
    memset(device->pulls, 0, sizeof device->pulls);
    enum jl_rc rc = jl_district_begin(world->district, true, NULL, err);
    if (rc == JL_OK) {
        rc = jl_hello_note(world->district, device->number, hello, &out.as.welcome, &origin, err);
    }
    if (rc == JL_OK) {
        jl_quarantine_forget(&world->quarantine, origin);
        rc = jl_district_commit(world->district, err);
    }
    if (rc == JL_OK) {
        device->origin = origin;
        device->greeted_suspended = out.as.welcome.suspended;
        answer(device, &out);
    }
    return rc;
}

static enum jl_rc quarantine(struct world_device *device, const struct jl_message *push,
                             struct jl_bytes frame, struct jl_err *err) {
    struct world *world = device->world;
    struct jl_job *job = jl_job_new(JL_JOB_PUSH);
    JL_ASSERT(job != NULL);
    job->device = device->number;
    job->office = device->office_number;
    job->origin = device->origin;
    job->message = *push;
    job->frame.bytes = frame;
    enum jl_rc rc = jl_district_begin(world->district, true, NULL, err);
    if (rc == JL_OK) {
        rc = jl_suspended_take(&world->quarantine, world->district, job, err);
    }
    if (rc == JL_OK) {
        rc = jl_district_commit(world->district, err);
    }
    struct world_frame *out = rc == JL_OK ? place(device) : NULL;
    if (out != NULL) {
        out->bytes = job->answer;
        job->answer = (struct jl_buf){0};
        took_place(device, out);
    }
    jl_job_free(job);
    return rc;
}

static enum jl_rc judge(struct world_device *device, const struct jl_push *push,
                        struct jl_bytes frame, struct jl_arena *arena, struct jl_err *err) {
    struct world *world = device->world;
    struct jl_message message = {.kind = JL_MESSAGE_VERDICTS};
    enum jl_rc rc = jl_district_begin(world->district, true, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    bool same = false;
    rc = jl_quarantine_same(&world->quarantine, world->district, device->origin, push, &same, err);
    if (rc == JL_OK) {
        rc = same ? jl_push_judge(world->district, device->origin, push, frame, arena,
                                  &message.as.verdicts, err)
                  : JL_CONFLICT;
    }
    if (rc == JL_CONFLICT || rc == JL_PROTO) {
        jl_district_rollback(world->district);
        refuse(device, rc == JL_CONFLICT ? JL_REFUSE_CHAIN : JL_REFUSE_MALFORMED,
               rc == JL_CONFLICT ? 0 : JL_RETRY_FAULT_MS, "not taken");
        return JL_OK;
    }
    if (rc == JL_OK) {
        rc = jl_quarantine_settle(&world->quarantine, world->district, device->origin, err);
    }
    if (rc == JL_OK) {
        rc = jl_district_commit(world->district, err);
    }
    if (rc == JL_OK) {
        answer(device, &message);
    }
    return rc;
}

static enum jl_rc serve_push(struct world_device *device, const struct jl_message *in,
                             struct jl_bytes frame, struct jl_arena *arena, struct jl_err *err) {
    const struct world_watch *watch = &device->world->watch;
    if (world_state(device) == JL_DEVICE_SUSPENDED) {
        return quarantine(device, in, frame, err);
    }
    struct world_work start = world_work(device->world);
    if (watch->before != NULL) {
        watch->before(watch->context, device, &in->as.push);
        leave_out(device->world, &start);
    }
    enum jl_rc rc = judge(device, &in->as.push, frame, arena, err);
    start = world_work(device->world);
    if (rc == JL_OK && watch->after != NULL) {
        watch->after(watch->context, device, &in->as.push);
        leave_out(device->world, &start);
    }
    return rc;
}

/* ---- The reader's messages ---- */

static enum jl_rc one_page(struct world_device *device, struct jl_pull *pull,
                           struct jl_arena *arena, struct jl_err *err) {
    struct jl_district *district = device->world->district;
    struct jl_message message = {.kind = JL_MESSAGE_PAGE};
    enum jl_rc rc = jl_district_begin(district, false, NULL, err);
    if (rc == JL_OK) {
        rc = jl_feed_page_read(district, device->office_number, device->origin, pull, arena,
                               &message.as.page, err);
        jl_store_rollback(district->books->store);
    }
    if (rc == JL_OK) {
        answer(device, &message);
        pull->from = message.as.page.to;
        pull->pages = message.as.page.to >= message.as.page.head ? 0 : pull->pages - 1;
    }
    return rc;
}

/* In many short turns, as the reader does. */
static enum jl_rc prove_deep(struct world_device *device, const struct jl_proof *proof,
                             struct jl_proved *out_proved, struct jl_err *err) {
    enum { RECORDS = 7 };
    struct jl_deep deep = {0};
    enum jl_rc rc = JL_OK;
    do {
        rc = jl_prove_deep(device->world->district, device->office_number, proof, RECORDS, &deep,
                           out_proved, err);
    } while (rc == JL_OK && out_proved->result == JL_PROOF_IDENTICAL && !deep.done);
    return rc;
}

static enum jl_rc serve_proof(struct world_device *device, const struct jl_proof *proof,
                              struct jl_err *err) {
    struct jl_district *district = device->world->district;
    struct jl_message message = {.kind = JL_MESSAGE_PROVED};
    enum jl_rc rc = jl_district_begin(district, false, NULL, err);
    if (rc == JL_OK) {
        rc = proof->has_deep
                 ? prove_deep(device, proof, &message.as.proved, err)
                 : jl_prove_root(district, device->office_number, proof, &message.as.proved, err);
        jl_store_rollback(district->books->store);
    }
    if (rc != JL_OK) {
        return rc;
    }
    answer(device, &message);
    if (message.as.proved.result != JL_PROOF_IDENTICAL) {
        return JL_OK;
    }
    struct jl_err note;
    rc = jl_district_begin(district, true, NULL, &note);
    if (rc == JL_OK) {
        rc = jl_prove_note(district, device->number, device->origin, proof, &note);
    }
    if (rc == JL_OK) {
        rc = jl_district_commit(district, &note);
    }
    if (rc != JL_OK && world_passes(device->world, device->world->disk_full, rc)) {
        jl_district_rollback(district); /* only a note: the device has its answer */
        rc = JL_OK;
    }
    if (rc != JL_OK) {
        *err = note;
    }
    return rc;
}

static enum jl_rc serve_ask(struct world_device *device, const struct jl_ask *ask,
                            struct jl_arena *arena, struct jl_err *err) {
    struct jl_district *district = device->world->district;
    struct jl_message out = {0};
    enum jl_rc rc = jl_district_begin(district, false, NULL, err);
    if (rc == JL_OK) {
        struct jl_ask understood = *ask; /* an older program skips the field */
        understood.part_count = device->world->no_parts ? 0 : ask->part_count;
        rc = jl_prove_answer(district, device->office_number, &understood, arena, &out, err);
        jl_store_rollback(district->books->store);
    }
    if (rc == JL_OK) {
        answer(device, &out);
    }
    return rc;
}

/* ---- One frame ---- */

/* The router: who may say what. */
static bool admitted(struct world_device *device, const struct jl_message *in) {
    enum jl_device_state state = world_state(device);
    bool writes = in->kind == JL_MESSAGE_HELLO || in->kind == JL_MESSAGE_PUSH;
    if (state == JL_DEVICE_REVOKED) {
        refuse(device, JL_REFUSE_REVOKED, 0, "this device is revoked");
    } else if (in->kind != JL_MESSAGE_HELLO && device->origin == 0) {
        refuse(device, JL_REFUSE_HELLO, 0, "say Hello first");
    } else if (state == JL_DEVICE_SUSPENDED && !writes && device->greeted_suspended) {
        refuse(device, JL_REFUSE_SUSPENDED, JL_RETRY_SUSPENDED_MS, "suspended");
    } else if (state == JL_DEVICE_SUSPENDED && !writes) {
        refuse(device, JL_REFUSE_HELLO, 0, "this device was suspended");
    } else {
        return true;
    }
    return false;
}

static enum jl_rc serve_message(struct world_device *device, const struct jl_message *in,
                                struct jl_bytes frame, struct jl_arena *arena, struct jl_err *err) {
    switch ((int)in->kind) {
    case JL_MESSAGE_HELLO:
        return serve_hello(device, &in->as.hello, err);
    case JL_MESSAGE_PUSH:
        return serve_push(device, in, frame, arena, err);
    case JL_MESSAGE_PULL:
        JL_ASSERT(in->as.pull.feed < 2);
        device->pulls[in->as.pull.feed] = in->as.pull; /* an earlier one was given up */
        return one_page(device, &device->pulls[in->as.pull.feed], arena, err);
    case JL_MESSAGE_PROOF:
        return serve_proof(device, &in->as.proof, err);
    case JL_MESSAGE_ASK:
        return serve_ask(device, &in->as.ask, arena, err);
    default:
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_TEXT, "message %d is not a device's",
                           (int)in->kind);
    }
}

void world_serve(struct world_device *device, struct jl_bytes frame) {
    JL_AUTO(jl_arena) arena = {0};
    struct world *world = device->world;
    struct jl_message in;
    struct jl_err err = {0};
    if (world->now_ms - device->heard_ms > JL_CALLER_IDLE_MS) {
        device->origin = 0; /* the router has swept the session */
    }
    device->heard_ms = world->now_ms;
    if (!world_knows(device)) {
        return;
    }
    if (jl_wire_decode(world->wire, frame, &arena, &in, &err) != JL_OK) {
        refuse(device, JL_REFUSE_MALFORMED, JL_RETRY_FAULT_MS, "malformed");
        return;
    }
    world_at_district(world);
    struct world_work start = begin_work(world);
    if (admitted(device, &in)) {
        enum jl_rc rc = serve_message(device, &in, frame, &arena, &err);
        sort(device, jl_wire_message_name(in.kind), rc, &err);
    }
    tell_work(device, &in, &start);
    world_at_none(world);
}

bool world_serve_page(struct world_device *device) {
    for (int feed = 0; feed < 2; feed++) {
        struct jl_pull *pull = &device->pulls[feed];
        if (pull->pages == 0 || device->origin == 0 || world_state(device) != JL_DEVICE_ACTIVE) {
            pull->pages = 0;
            continue;
        }
        JL_AUTO(jl_arena) arena = {0};
        struct jl_err err = {0};
        world_at_district(device->world);
        struct world_work start = begin_work(device->world);
        enum jl_rc rc = one_page(device, pull, &arena, &err);
        if (rc != JL_OK) {
            pull->pages = 0;
        }
        sort(device, "page", rc, &err);
        tell_work(device, NULL, &start);
        world_at_none(device->world);
        return true;
    }
    return false;
}

/* ---- Unasked ---- */

void world_poke(struct world_device *device) {
    struct jl_district *district = device->world->district;
    struct jl_message message = {.kind = JL_MESSAGE_POKE};
    if (device->origin == 0 || device->greeted_suspended ||
        world_state(device) != JL_DEVICE_ACTIVE) {
        return;
    }
    MUST(jl_district_begin(district, false, NULL, &err));
    MUST(jl_feed_state_heads(district, device->office_number, message.as.poke.head, &err));
    jl_store_rollback(district->books->store);
    answer(device, &message);
}

static const struct jl_device *entry_of(const struct world_device *device) {
    return jl_roster_device_keyed(device->world->district, device->curve_public);
}

bool world_knows(const struct world_device *device) {
    const struct jl_device *entry = entry_of(device);
    return entry != NULL && entry->number == device->number;
}

enum jl_device_state world_state(struct world_device *device) {
    const struct jl_device *entry = entry_of(device);
    return entry != NULL ? entry->state : JL_DEVICE_ACTIVE;
}

void world_set_state(struct world_device *device, enum jl_device_state state) {
    struct world *world = device->world;
    struct jl_err err = {0};
    world_at_district(world);
    enum jl_rc rc = jl_device_set_state(world->district, device->number, state, &err);
    world_at_none(world);
    if (rc != JL_OK && !world_passes(world, world->disk_full, rc)) {
        world_break(world, "device state", rc, &err);
    }
    for (size_t i = 0; rc == JL_OK && i < world->device_count; i++) {
        struct world_device *each = &world->devices[i]; /* copies of a PC are one device */
        bool suspended = state == JL_DEVICE_SUSPENDED;
        if (each->number != device->number || each->origin == 0) {
            continue;
        }
        if (state == JL_DEVICE_REVOKED) {
            each->origin = 0;
            refuse(each, JL_REFUSE_REVOKED, 0, "this device is revoked");
        } else if (suspended != each->greeted_suspended) {
            each->origin = 0;
            refuse(each, JL_REFUSE_HELLO, 0, "Welcome tells the rest");
        }
    }
}
