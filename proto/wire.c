/* Contexts and dispatch: one envelope per frame, one form per message kind.
 *
 *   encode   check → draft → reserve → pack into out           decode   unpack → get → check
 *
 * The number of a message kind is the number of its field in the envelope. */
#include "form.h"

#include "jielian/base/fault.h"
#include "jielian/message/say.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* A batch of 1000 member creates takes 46 bytes an op at level 1, 45 at 3, 41 at 6, and is
     * compressed at 2.4, 2.0 and 0.65 million ops a second. */
    COMPRESSION_LEVEL = 3,
    /* What an unpacked envelope may need beyond a copy of the frame: a verdict in memory and the
     * places where protobuf-c notes it while parsing. */
    PART_MEMORY_BYTES = 256,
    SPARE_MEMORY_BYTES = 64 * 1024,
};

static const struct jl_form *const forms[JL_MESSAGE_KINDS] = {
    [JL_MESSAGE_HELLO] = &jl_form_hello,       [JL_MESSAGE_WELCOME] = &jl_form_welcome,
    [JL_MESSAGE_PUSH] = &jl_form_push,         [JL_MESSAGE_VERDICTS] = &jl_form_verdicts,
    [JL_MESSAGE_PULL] = &jl_form_pull,         [JL_MESSAGE_PAGE] = &jl_form_page,
    [JL_MESSAGE_PROOF] = &jl_form_proof,       [JL_MESSAGE_PROVED] = &jl_form_proved,
    [JL_MESSAGE_ASK] = &jl_form_ask,           [JL_MESSAGE_BUCKETS] = &jl_form_buckets,
    [JL_MESSAGE_IDS] = &jl_form_ids,           [JL_MESSAGE_POKE] = &jl_form_poke,
    [JL_MESSAGE_REFUSE] = &jl_form_refuse,     [JL_MESSAGE_ENROL] = &jl_form_enrol,
    [JL_MESSAGE_ENROLLED] = &jl_form_enrolled, [JL_MESSAGE_BYE] = &jl_form_bye,
    [JL_MESSAGE_HISTORY] = &jl_form_history,   [JL_MESSAGE_LINES] = &jl_form_lines,
};

_Static_assert((int)JL_MESSAGE_HELLO == JIELIAN__ENVELOPE__BODY_HELLO, "kinds are field numbers");
_Static_assert((int)JL_MESSAGE_PAGE == JIELIAN__ENVELOPE__BODY_PAGE, "kinds are field numbers");
_Static_assert((int)JL_MESSAGE_ASK == JIELIAN__ENVELOPE__BODY_ASK, "kinds are field numbers");
_Static_assert((int)JL_MESSAGE_POKE == JIELIAN__ENVELOPE__BODY_POKE, "kinds are field numbers");
_Static_assert((int)JL_MESSAGE_ENROLLED == JIELIAN__ENVELOPE__BODY_ENROLLED,
               "kinds are field numbers");
_Static_assert((int)JL_MESSAGE_BYE == JIELIAN__ENVELOPE__BODY_BYE, "kinds are field numbers");
_Static_assert((int)JL_MESSAGE_LINES == JIELIAN__ENVELOPE__BODY_LINES, "kinds are field numbers");

enum jl_rc jl_wire_new(const struct jl_suite *suite, struct jl_wire **out_wire,
                       struct jl_err *err) {
    JL_AUTO_PTR(jl_wire) wire = calloc(1, sizeof *wire);
    if (wire == NULL) {
        return jl_fault_memory(err);
    }
    wire->suite = suite;
    wire->compressor = ZSTD_createCCtx();
    wire->decompressor = ZSTD_createDCtx();
    if (wire->compressor == NULL || wire->decompressor == NULL ||
        ZSTD_isError(
            ZSTD_CCtx_setParameter(wire->compressor, ZSTD_c_compressionLevel, COMPRESSION_LEVEL))) {
        return jl_fault_memory(err);
    }
    *out_wire = wire;
    wire = NULL;
    return JL_OK;
}

void jl_wire_free(struct jl_wire *wire) {
    if (wire != NULL) {
        ZSTD_freeCCtx(wire->compressor);
        ZSTD_freeDCtx(wire->decompressor);
        jl_buf_wipe(&wire->plain);
        jl_buf_wipe(&wire->packed);
        jl_buf_fini(&wire->types);
        jl_arena_fini(&wire->scratch);
        free(wire);
    }
}

static const struct jl_form *form_of(unsigned kind) {
    return kind < JL_MESSAGE_KINDS ? forms[kind] : NULL;
}

const char *jl_wire_message_name(enum jl_message_kind kind) {
    const struct jl_form *form = form_of((unsigned)kind);
    return form == NULL ? "unknown" : form->name;
}

const char *jl_wire_refuse_word(enum jl_refuse_code code) {
    switch (code) {
    case JL_REFUSE_REVOKED:
        return "revoked";
    case JL_REFUSE_VERSION:
        return "version";
    case JL_REFUSE_CHAIN:
        return "chain";
    case JL_REFUSE_BUSY:
        return "busy";
    case JL_REFUSE_MALFORMED:
        return "malformed";
    case JL_REFUSE_INVITATION:
        return "invitation";
    case JL_REFUSE_HELLO:
        return "hello";
    case JL_REFUSE_SUSPENDED:
        return "suspended";
    }
    return "unknown";
}

static enum jl_rc pack(const struct jl_form_draft *draft, struct jl_buf *out, struct jl_err *err) {
    size_t size = jielian__envelope__get_packed_size(&draft->envelope);
    if (size > JL_FRAME_MAX_BYTES) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "a frame of %zu bytes, at most %d", size,
                           (int)JL_FRAME_MAX_BYTES);
    }
    enum jl_rc rc = jl_buf_reserve(out, size, err);
    if (rc == JL_OK) {
        out->size += jielian__envelope__pack(&draft->envelope, out->data + out->size);
    }
    return rc;
}

enum jl_rc jl_wire_encode(struct jl_wire *wire, const struct jl_message *message,
                          struct jl_buf *out, struct jl_err *err) {
    const struct jl_form *form = form_of((unsigned)message->kind);
    if (form == NULL) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_BYTES, "message kind %u does not exist",
                           (unsigned)message->kind);
    }
    struct jl_form_draft draft = {.envelope = JIELIAN__ENVELOPE__INIT};
    jl_arena_reset(&wire->scratch);
    jl_buf_reset(&wire->plain);
    jl_buf_reset(&wire->packed);
    jl_buf_reset(&wire->types);
    enum jl_rc rc = jl_form_own_fault(form->check(message, err), err);
    if (rc == JL_OK) {
        rc = form->put(wire, message, &draft, err);
    }
    if (rc == JL_OK) {
        draft.envelope.body_case = (Jielian__Envelope__BodyCase)message->kind;
        rc = pack(&draft, out, err);
    }
    return rc == JL_OK ? JL_OK : jl_fault_wrap(err, JL_FAULT_PART, "%s", form->name);
}

/* The message may be of a later protocol: say which, so that people know what to update. */
static enum jl_rc find_form(const Jielian__Envelope *envelope, const struct jl_form **out_form,
                            struct jl_err *err) {
    if (envelope->needs > JL_PROTOCOL_VERSION) {
        return jl_fault_at(err, JL_DENIED, JL_FAULT_PROTOCOL_NEWER, "%" PRIu32 JL_AND "%d",
                           envelope->needs, (int)JL_PROTOCOL_VERSION);
    }
    *out_form = form_of((unsigned)envelope->body_case);
    return *out_form == NULL
               ? jl_fault_at(err, JL_PROTO, JL_SAY_MESSAGE_UNKNOWN, "%s", "unknown message")
               : JL_OK;
}

/* What no check has a number of its own for. */
static void name_cause(enum jl_rc rc, struct jl_err *err) {
    if (err != NULL && err->cause == 0) {
        err->cause = rc == JL_PROTO ? JL_SAY_PART_VALUE : rc == JL_LIMIT ? JL_SAY_BOUND : 0;
    }
}

enum jl_rc jl_wire_decode(struct jl_wire *wire, struct jl_bytes frame, struct jl_arena *arena,
                          struct jl_message *out_message, struct jl_err *err) {
    if (frame.size > JL_FRAME_MAX_BYTES) {
        return jl_fault_at(err, JL_LIMIT, JL_SAY_BOUND, "a frame of %zu bytes, at most %d",
                           frame.size, (int)JL_FRAME_MAX_BYTES);
    }
    size_t budget =
        2 * frame.size + (size_t)JL_BATCH_OPS_MAX * PART_MEMORY_BYTES + SPARE_MEMORY_BYTES;
    ProtobufCMessage *unpacked = NULL;
    enum jl_rc rc =
        jl_form_unpack(&jielian__envelope__descriptor, frame, budget, arena, &unpacked, err);
    if (rc != JL_OK) {
        name_cause(rc, err);
        return jl_fault_wrap(err, JL_FAULT_PART, "%s", "frame");
    }
    const Jielian__Envelope *envelope = (const Jielian__Envelope *)unpacked;
    const struct jl_form *form = NULL;
    rc = find_form(envelope, &form, err);
    if (rc != JL_OK) {
        return rc;
    }
    struct jl_message message = {.kind = (enum jl_message_kind)envelope->body_case};
    rc = form->get(wire, envelope, arena, &message, err);
    if (rc == JL_OK) {
        rc = form->check(&message, err);
    }
    if (rc == JL_OK) {
        *out_message = message;
    }
    jl_secret_wipe(&message, sizeof message); /* Enrolled carries a key */
    if (rc != JL_OK) {
        name_cause(rc, err);
    }
    return rc == JL_OK ? JL_OK : jl_fault_wrap(err, JL_FAULT_PART, "%s", form->name);
}
