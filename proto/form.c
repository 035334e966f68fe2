/* The pieces that every message is made of: byte strings, texts, numbers, and memory.
 *
 * protobuf-c gets its memory from the caller's arena through a `struct memory`:
 *
 *   take   from the arena, while the budget lasts        give back   nothing: the arena ends it */
#include "form.h"

#include "jielian/base/fault.h"
#include "jielian/base/utf8.h"
#include "jielian/message/say.h"

#include <inttypes.h>
#include <string.h>

struct memory {
    ProtobufCAllocator allocator; /* its allocator_data is this struct */
    struct jl_arena *arena;
    size_t left_bytes;
    size_t refused_bytes; /* the request that was not met; 0: all were */
    bool over_budget;
};

ProtobufCBinaryData jl_form_lend(const void *data, size_t size) {
    ProtobufCBinaryData lent = {.len = size, .data = (uint8_t *)data};
    return lent;
}

ProtobufCBinaryData jl_form_lend_bytes(struct jl_bytes bytes) {
    return jl_form_lend(bytes.data, bytes.size);
}

struct jl_bytes jl_form_view(ProtobufCBinaryData data) {
    return jl_bytes(data.data, data.len);
}

enum jl_rc jl_form_take(ProtobufCBinaryData data, uint8_t *out_data, size_t size, const char *what,
                        struct jl_err *err) {
    if (data.len != size) {
        return jl_fault_at(err, JL_PROTO, JL_SAY_PART_SIZE, "%s of %zu bytes, not %zu", what,
                           data.len, size);
    }
    memcpy(out_data, data.data, size);
    return JL_OK;
}

enum jl_rc jl_form_take_optional_id(ProtobufCBinaryData data, struct jl_id *out_id,
                                    const char *what, struct jl_err *err) {
    if (data.len == 0) {
        *out_id = (struct jl_id){0};
        return JL_OK;
    }
    return jl_form_take(data, out_id->bytes, sizeof out_id->bytes, what, err);
}

uint32_t jl_form_put_suite(uint32_t number) {
    return number == JL_SUITE_FIRST ? 0 : number;
}

uint32_t jl_form_get_suite(uint32_t number) {
    return number == 0 ? (uint32_t)JL_SUITE_FIRST : number;
}

enum jl_rc jl_form_check_text(struct jl_bytes text, size_t max_bytes, const char *what,
                              struct jl_err *err) {
    if (text.size == 0) {
        return JL_OK;
    }
    if (text.size > max_bytes) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "%s of %zu bytes, at most %zu", what,
                           text.size, max_bytes);
    }
    if (!jl_utf8_valid(text)) {
        return jl_fault_at(err, JL_PROTO, JL_SAY_PART_TEXT, "%s that is not UTF-8", what);
    }
    return JL_OK;
}

enum jl_rc jl_form_check_remark(const struct jl_remark *said, struct jl_err *err) {
    return said->arguments.size <= JL_ARGUMENTS_MAX_BYTES
               ? JL_OK
               : jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "arguments of %zu bytes, at most %d",
                             said->arguments.size, (int)JL_ARGUMENTS_MAX_BYTES);
}

enum jl_rc jl_form_check_range(uint64_t value, uint64_t low, uint64_t high, const char *what,
                               struct jl_err *err) {
    if (value < low || value > high) {
        return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES,
                           "%s %" PRIu64 ", not %" PRIu64 " to %" PRIu64, what, value, low, high);
    }
    return JL_OK;
}

enum jl_rc jl_form_check_counts(const struct jl_form_count *counts, size_t count,
                                struct jl_err *err) {
    for (size_t i = 0; i < count; i++) {
        if (counts[i].value > INT64_MAX) {
            return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "%s %" PRIu64 " is over 63 bits",
                               counts[i].what, counts[i].value);
        }
    }
    return JL_OK;
}

enum jl_rc jl_form_own_fault(enum jl_rc rc, struct jl_err *err) {
    if (rc != JL_PROTO) {
        return rc;
    }
    if (err != NULL) {
        err->rc = JL_MISUSE;
    }
    return JL_MISUSE;
}

enum jl_rc jl_form_no_memory(const struct jl_arena *arena, size_t size, struct jl_err *err) {
    size_t limit = arena->limit_bytes;
    if (limit != 0 && (arena->used_bytes > limit || size > limit - arena->used_bytes)) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES,
                           "%zu bytes more than the %zu allowed here", size, limit);
    }
    return jl_fault_memory(err);
}

static void *memory_take(void *data, size_t size) {
    struct memory *memory = data;
    if (size > memory->left_bytes) {
        memory->over_budget = true;
        return NULL;
    }
    void *taken = jl_arena_alloc(memory->arena, size);
    if (taken == NULL) {
        memory->refused_bytes = size;
        return NULL;
    }
    memory->left_bytes -= size;
    return taken;
}

static void memory_give(void *data, void *taken) {
    (void)data;
    (void)taken;
}

enum jl_rc jl_form_unpack(const ProtobufCMessageDescriptor *descriptor, struct jl_bytes bytes,
                          size_t budget_bytes, struct jl_arena *arena,
                          ProtobufCMessage **out_message, struct jl_err *err) {
    struct memory memory = {
        .allocator = {.alloc = memory_take, .free = memory_give},
        .arena = arena,
        .left_bytes = budget_bytes,
    };
    memory.allocator.allocator_data = &memory;
    ProtobufCMessage *message =
        protobuf_c_message_unpack(descriptor, &memory.allocator, bytes.size, bytes.data);
    if (message != NULL) {
        *out_message = message;
        return JL_OK;
    }
    if (memory.over_budget) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES,
                           "%zu bytes with more parts than a message may have", bytes.size);
    }
    if (memory.refused_bytes > 0) {
        return jl_form_no_memory(arena, memory.refused_bytes, err);
    }
    return jl_fault_at(err, JL_PROTO, JL_SAY_NOT_ENVELOPE,
                       "%zu bytes that are cut off or not of this protocol", bytes.size);
}
