/* Who is there: Hello, Bye, Refuse, Enrol, Enrolled. */
#include "form.h"

#include "jielian/base/fault.h"
#include "jielian/message/say.h"

#include <string.h>

static enum jl_rc check_version(uint32_t version, struct jl_err *err) {
    return jl_form_check_range(version, 1, UINT32_MAX, "protocol version", err);
}

/* ---- Hello ---- */

/* The text is shown on status pages and in logs: printable ASCII, ended within its place. */
static enum jl_rc check_program(const struct jl_hello *hello, struct jl_err *err) {
    size_t size = strnlen(hello->program, sizeof hello->program);
    if (size == sizeof hello->program) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES,
                           "a program version of more than %zu characters", size - 1);
    }
    for (size_t i = 0; i < size; i++) {
        if (hello->program[i] < ' ' || hello->program[i] > '~') {
            return jl_fault_at(err, JL_PROTO, JL_SAY_PART_TEXT, "%s",
                               "a program version that is not printable ASCII");
        }
    }
    return JL_OK;
}

static enum jl_rc check_cycle(const struct jl_cycle *cycle, struct jl_err *err) {
    const struct jl_form_count counts[] = {{"cycles", cycle->count},
                                           {"time of a cycle", cycle->longest_ms}};
    enum jl_rc rc = jl_form_check_range(cycle->end, 1, UINT32_MAX, "end of a cycle", err);
    if (rc == JL_OK) {
        rc = jl_form_check_range(cycle->count, 1, INT64_MAX, "cycles", err);
    }
    return rc == JL_OK ? jl_form_check_counts(counts, sizeof counts / sizeof counts[0], err) : rc;
}

static enum jl_rc check_past(const struct jl_hello *hello, struct jl_err *err) {
    if (hello->cycle_count > JL_CYCLES_MAX) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "%zu cycles, at most %d",
                           hello->cycle_count, (int)JL_CYCLES_MAX);
    }
    enum jl_rc rc =
        jl_form_check_range(hello->last_stop, JL_STOP_UNKNOWN, JL_STOP_CUT_OFF, "last stop", err);
    for (size_t i = 0; rc == JL_OK && i < hello->cycle_count; i++) {
        rc = check_cycle(&hello->cycles[i], err);
    }
    return rc;
}

static enum jl_rc hello_check(const struct jl_message *message, struct jl_err *err) {
    const struct jl_hello *hello = &message->as.hello;
    const struct jl_form_count counts[] = {
        {"head", hello->head},
        {"confirmed", hello->confirmed},
        {"number of the confirmed op", hello->confirmed_number},
        {"shared cursor", hello->cursor[0]},
        {"office cursor", hello->cursor[1]},
        {"catalogue", hello->catalogue},
        {"age of the oldest op", hello->oldest_unsent_s},
        {"parked", hello->parked},
        {"cases", hello->cases},
        {"repairs", hello->repairs},
        {"free disk space", hello->disk_free_mib},
    };
    enum jl_rc rc = jl_form_check_counts(counts, sizeof counts / sizeof counts[0], err);
    if (rc == JL_OK) {
        rc = check_version(hello->version, err);
    }
    if (rc == JL_OK) {
        rc = jl_form_check_range(hello->oldest, 1, hello->version, "oldest protocol version", err);
    }
    if (rc == JL_OK) {
        rc = jl_form_check_range(hello->confirmed, 0, hello->head, "confirmed", err);
    }
    if (rc == JL_OK) {
        rc = check_past(hello, err);
    }
    return rc != JL_OK ? rc : check_program(hello, err);
}

/* One block of memory: the cycles, then the pointers that protobuf-c wants. */
static enum jl_rc put_cycles(struct jl_wire *wire, const struct jl_hello *hello,
                             Jielian__Hello *body, struct jl_err *err) {
    size_t count = hello->cycle_count;
    size_t size = count * (sizeof(Jielian__Cycle) + sizeof(Jielian__Cycle *));
    Jielian__Cycle *cycles = jl_arena_alloc(&wire->scratch, size);
    if (cycles == NULL) {
        return jl_form_no_memory(&wire->scratch, size, err);
    }
    Jielian__Cycle **pointers = (Jielian__Cycle **)(cycles + count);
    for (size_t i = 0; i < count; i++) {
        const struct jl_cycle *cycle = &hello->cycles[i];
        jielian__cycle__init(&cycles[i]);
        cycles[i].end = cycle->end;
        cycles[i].why = cycle->why;
        cycles[i].count = cycle->count;
        cycles[i].began_ms = cycle->began_ms;
        cycles[i].ended_ms = cycle->ended_ms;
        cycles[i].longest_ms = cycle->longest_ms;
        pointers[i] = &cycles[i];
    }
    body->cycles = pointers;
    body->n_cycles = count;
    return JL_OK;
}

static enum jl_rc hello_put(struct jl_wire *wire, const struct jl_message *message,
                            struct jl_form_draft *draft, struct jl_err *err) {
    const struct jl_hello *hello = &message->as.hello;
    Jielian__Hello *body = draft->envelope.hello = &draft->body.hello;
    jielian__hello__init(body);
    body->version = hello->version;
    body->oldest = hello->oldest;
    body->incarnation = jl_form_lend(hello->incarnation, sizeof hello->incarnation);
    if (hello->has_epoch) {
        body->epoch = jl_form_lend(hello->epoch, sizeof hello->epoch);
    }
    body->head = hello->head;
    body->confirmed = hello->confirmed;
    body->confirmed_number = hello->confirmed_number;
    body->confirmed_hash = jl_form_lend(hello->confirmed_hash, sizeof hello->confirmed_hash);
    body->shared_cursor = hello->cursor[0];
    body->office_cursor = hello->cursor[1];
    body->catalogue = hello->catalogue;
    body->oldest_unsent_s = hello->oldest_unsent_s;
    body->parked = hello->parked;
    body->cases = hello->cases;
    body->repairs = hello->repairs;
    body->disk_free_mib = hello->disk_free_mib;
    body->wall_ms = hello->wall_ms;
    body->program = jl_form_lend_bytes(jl_bytes_text(hello->program));
    body->knows = hello->knows;
    body->last_stop = hello->last_stop;
    /* A program that knows suite 1 alone says what one without suites does. */
    body->suites = hello->suites == 1 ? 0 : hello->suites;
    body->told = hello->told;
    return hello->cycle_count == 0 ? JL_OK : put_cycles(wire, hello, body, err);
}

static enum jl_rc take_cycles(const Jielian__Hello *body, struct jl_hello *out_hello,
                              struct jl_err *err) {
    if (body->n_cycles > JL_CYCLES_MAX) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "%zu cycles, at most %d", body->n_cycles,
                           (int)JL_CYCLES_MAX);
    }
    for (size_t i = 0; i < body->n_cycles; i++) {
        const Jielian__Cycle *cycle = body->cycles[i];
        out_hello->cycles[i] = (struct jl_cycle){.end = cycle->end,
                                                 .why = cycle->why,
                                                 .count = cycle->count,
                                                 .began_ms = cycle->began_ms,
                                                 .ended_ms = cycle->ended_ms,
                                                 .longest_ms = cycle->longest_ms};
    }
    out_hello->cycle_count = body->n_cycles;
    return JL_OK;
}

static enum jl_rc take_program(ProtobufCBinaryData program, struct jl_hello *out_hello,
                               struct jl_err *err) {
    if (program.len >= sizeof out_hello->program) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES,
                           "a program version of %zu characters, at most %zu", program.len,
                           sizeof out_hello->program - 1);
    }
    if (program.len > 0) {
        if (memchr(program.data, '\0', program.len) != NULL) {
            return jl_fault_at(err, JL_PROTO, JL_SAY_PART_TEXT, "%s",
                               "a program version with a NUL");
        }
        memcpy(out_hello->program, program.data, program.len);
    }
    return JL_OK;
}

static enum jl_rc hello_get(struct jl_wire *wire, const Jielian__Envelope *envelope,
                            struct jl_arena *arena, struct jl_message *out_message,
                            struct jl_err *err) {
    (void)wire, (void)arena;
    const Jielian__Hello *body = envelope->hello;
    struct jl_hello *hello = &out_message->as.hello;
    enum jl_rc rc = jl_form_take(body->incarnation, hello->incarnation, sizeof hello->incarnation,
                                 "an incarnation", err);
    hello->has_epoch = body->epoch.len > 0;
    if (rc == JL_OK && hello->has_epoch) {
        rc = jl_form_take(body->epoch, hello->epoch, sizeof hello->epoch, "an epoch", err);
    }
    if (rc == JL_OK) {
        rc = jl_form_take(body->confirmed_hash, hello->confirmed_hash, sizeof hello->confirmed_hash,
                          "a chain hash", err);
    }
    hello->version = body->version;
    hello->oldest = body->oldest;
    hello->head = body->head;
    hello->confirmed = body->confirmed;
    hello->confirmed_number = body->confirmed_number;
    hello->cursor[0] = body->shared_cursor;
    hello->cursor[1] = body->office_cursor;
    hello->catalogue = body->catalogue;
    hello->oldest_unsent_s = body->oldest_unsent_s;
    hello->parked = body->parked;
    hello->cases = body->cases;
    hello->repairs = body->repairs;
    hello->disk_free_mib = body->disk_free_mib;
    hello->wall_ms = body->wall_ms;
    hello->knows = body->knows;
    hello->last_stop = body->last_stop <= JL_STOP_CUT_OFF ? (enum jl_last_stop)body->last_stop
                                                          : JL_STOP_UNKNOWN; /* a later program's */
    hello->suites = body->suites == 0 ? 1 : body->suites;
    hello->told = body->told;
    if (rc == JL_OK) {
        rc = take_cycles(body, hello, err);
    }
    return rc != JL_OK ? rc : take_program(body->program, hello, err);
}

const struct jl_form jl_form_hello = {"hello", hello_check, hello_put, hello_get};

/* ---- Bye ---- */

static enum jl_rc bye_check(const struct jl_message *message, struct jl_err *err) {
    return jl_form_check_range(message->as.bye.reason, 1, UINT32_MAX, "reason", err);
}

static enum jl_rc bye_put(struct jl_wire *wire, const struct jl_message *message,
                          struct jl_form_draft *draft, struct jl_err *err) {
    (void)wire, (void)err;
    Jielian__Bye *body = draft->envelope.bye = &draft->body.bye;
    jielian__bye__init(body);
    body->reason = message->as.bye.reason;
    return JL_OK;
}

static enum jl_rc bye_get(struct jl_wire *wire, const Jielian__Envelope *envelope,
                          struct jl_arena *arena, struct jl_message *out_message,
                          struct jl_err *err) {
    (void)wire, (void)arena, (void)err;
    out_message->as.bye.reason = envelope->bye->reason;
    return JL_OK;
}

const struct jl_form jl_form_bye = {"bye", bye_check, bye_put, bye_get};

/* ---- Refuse ---- */

static enum jl_rc refuse_check(const struct jl_message *message, struct jl_err *err) {
    const struct jl_refuse *refuse = &message->as.refuse;
    const struct jl_form_count counts[] = {{"time to wait", refuse->retry_after_ms}};
    enum jl_rc rc =
        jl_form_check_range(refuse->code, JL_REFUSE_REVOKED, JL_REFUSE_SUSPENDED, "code", err);
    if (rc == JL_OK) {
        rc = jl_form_check_counts(counts, 1, err);
    }
    if (rc == JL_OK) {
        rc = jl_form_check_text(refuse->text, JL_REASON_MAX_BYTES, "a text", err);
    }
    return rc == JL_OK ? jl_form_check_remark(&refuse->said, err) : rc;
}

static enum jl_rc refuse_put(struct jl_wire *wire, const struct jl_message *message,
                             struct jl_form_draft *draft, struct jl_err *err) {
    (void)wire, (void)err;
    const struct jl_refuse *refuse = &message->as.refuse;
    Jielian__Refuse *body = draft->envelope.refuse = &draft->body.refuse;
    jielian__refuse__init(body);
    body->code = refuse->code;
    body->text = jl_form_lend_bytes(refuse->text);
    body->retry_after_ms = refuse->retry_after_ms;
    body->version = refuse->version;
    body->cause = refuse->said.code;
    body->arguments = jl_form_lend_bytes(refuse->said.arguments);
    body->suite = refuse->suite;
    return JL_OK;
}

static enum jl_rc refuse_get(struct jl_wire *wire, const Jielian__Envelope *envelope,
                             struct jl_arena *arena, struct jl_message *out_message,
                             struct jl_err *err) {
    (void)wire, (void)arena, (void)err;
    const Jielian__Refuse *body = envelope->refuse;
    struct jl_refuse *refuse = &out_message->as.refuse;
    refuse->code = (enum jl_refuse_code)body->code;
    refuse->text = jl_form_view(body->text);
    refuse->retry_after_ms = body->retry_after_ms;
    refuse->version = body->version;
    refuse->said =
        (struct jl_remark){.code = body->cause, .arguments = jl_form_view(body->arguments)};
    refuse->suite = body->suite;
    return JL_OK;
}

const struct jl_form jl_form_refuse = {"refuse", refuse_check, refuse_put, refuse_get};

/* ---- Enrol ---- */

static enum jl_rc enrol_check(const struct jl_message *message, struct jl_err *err) {
    return jl_form_check_text(message->as.enrol.name, JL_LABEL_MAX_BYTES, "a device name", err);
}

static enum jl_rc enrol_put(struct jl_wire *wire, const struct jl_message *message,
                            struct jl_form_draft *draft, struct jl_err *err) {
    (void)err;
    const struct jl_enrol *enrol = &message->as.enrol;
    const struct jl_sign_method *sign = wire->suite->sign;
    Jielian__Enrol *body = draft->envelope.enrol = &draft->body.enrol;
    jielian__enrol__init(body);
    body->curve_public = jl_form_lend(enrol->curve_public, sizeof enrol->curve_public);
    body->sign_public = jl_form_lend(enrol->sign_public, sign->public_bytes);
    body->name = jl_form_lend_bytes(enrol->name);
    body->signature = jl_form_lend(enrol->signature, sign->signature_bytes);
    body->office = enrol->office;
    body->suite = jl_form_put_suite(wire->suite->number);
    return JL_OK;
}

/* Whoever reads it refuses what is of another suite, and says which one is needed: whether it is
 * well formed, only a program that knows that suite can tell. */
static enum jl_rc enrol_get(struct jl_wire *wire, const Jielian__Envelope *envelope,
                            struct jl_arena *arena, struct jl_message *out_message,
                            struct jl_err *err) {
    (void)arena;
    const Jielian__Enrol *body = envelope->enrol;
    struct jl_enrol *enrol = &out_message->as.enrol;
    enrol->name = jl_form_view(body->name);
    enrol->office = body->office;
    enrol->suite = jl_form_get_suite(body->suite);
    const struct jl_sign_method *sign = wire->suite->sign;
    enum jl_rc rc = jl_form_take(body->curve_public, enrol->curve_public,
                                 sizeof enrol->curve_public, "a CURVE key", err);
    if (rc != JL_OK || enrol->suite != wire->suite->number) {
        return rc;
    }
    rc = jl_form_take(body->sign_public, enrol->sign_public, sign->public_bytes, "a signature key",
                      err);
    return rc != JL_OK ? rc
                       : jl_form_take(body->signature, enrol->signature, sign->signature_bytes,
                                      "a signature", err);
}

const struct jl_form jl_form_enrol = {"enrol", enrol_check, enrol_put, enrol_get};

/* ---- Enrolled ---- */

static enum jl_rc enrolled_check(const struct jl_message *message, struct jl_err *err) {
    const struct jl_enrolled *enrolled = &message->as.enrolled;
    enum jl_rc rc = jl_form_check_range(enrolled->device, 1, UINT32_MAX, "device", err);
    if (rc == JL_OK) {
        rc = jl_form_check_range(enrolled->office, 1, UINT32_MAX, "office", err);
    }
    if (rc == JL_OK) {
        rc = jl_form_check_text(enrolled->office_code, JL_LABEL_MAX_BYTES, "an office code", err);
    }
    return rc != JL_OK ? rc
                       : jl_form_check_text(enrolled->office_name, JL_LABEL_MAX_BYTES,
                                            "an office name", err);
}

static enum jl_rc enrolled_put(struct jl_wire *wire, const struct jl_message *message,
                               struct jl_form_draft *draft, struct jl_err *err) {
    (void)wire, (void)err;
    const struct jl_enrolled *enrolled = &message->as.enrolled;
    Jielian__Enrolled *body = draft->envelope.enrolled = &draft->body.enrolled;
    jielian__enrolled__init(body);
    body->device = enrolled->device;
    body->office = enrolled->office;
    body->office_code = jl_form_lend_bytes(enrolled->office_code);
    body->office_name = jl_form_lend_bytes(enrolled->office_name);
    body->proof_key = jl_form_lend(enrolled->proof_key.bytes, sizeof enrolled->proof_key.bytes);
    return JL_OK;
}

static enum jl_rc enrolled_get(struct jl_wire *wire, const Jielian__Envelope *envelope,
                               struct jl_arena *arena, struct jl_message *out_message,
                               struct jl_err *err) {
    (void)wire, (void)arena;
    const Jielian__Enrolled *body = envelope->enrolled;
    struct jl_enrolled *enrolled = &out_message->as.enrolled;
    enrolled->device = body->device;
    enrolled->office = body->office;
    enrolled->office_code = jl_form_view(body->office_code);
    enrolled->office_name = jl_form_view(body->office_name);
    enum jl_rc rc = jl_form_take(body->proof_key, enrolled->proof_key.bytes,
                                 sizeof enrolled->proof_key.bytes, "a proof key", err);
    if (rc == JL_OK) {
        jl_secret_wipe(body->proof_key.data, body->proof_key.len); /* the arena keeps no copy */
    }
    return rc;
}

const struct jl_form jl_form_enrolled = {"enrolled", enrolled_check, enrolled_put, enrolled_get};
