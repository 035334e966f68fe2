/* The district's side of the wire: what `serve` does, without threads and sockets. */
#include "world_internal.h"

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

void world_serve(struct world_device *device, struct jl_bytes frame) {
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
