/* What the files of this directory share. Nothing else includes this or the generated header.
 *
 * Each message kind is one `struct jl_form`: put fills a draft from the message in memory, get
 * takes a message from an unpacked envelope, and check holds the rules that both directions obey.
 * So what this program sends is what it would take, and a rule stands in one place. */
#ifndef JIELIAN_PROTO_FORM_H
#define JIELIAN_PROTO_FORM_H

#include "wire.h"
#include "wire.pb-c.h"

#include <zstd.h>

struct jl_wire {
    const struct jl_suite *suite;
    ZSTD_CCtx *compressor;
    ZSTD_DCtx *decompressor;
    struct jl_buf plain;     /* a body before compression, or a list of ids */
    struct jl_buf packed;    /* a body after compression, or a list of parts */
    struct jl_buf types;     /* counts by type of a page */
    struct jl_arena scratch; /* parts of the draft that are too many for a struct */
};

/* A frame under construction. protobuf-c follows pointers, so all of it lives until it is packed.
 */
struct jl_form_draft {
    Jielian__Envelope envelope;
    union {
        Jielian__Hello hello;
        Jielian__Welcome welcome;
        Jielian__Push push;
        Jielian__Verdicts verdicts;
        Jielian__Pull pull;
        Jielian__Page page;
        Jielian__Proof proof;
        Jielian__Proved proved;
        Jielian__Ask ask;
        Jielian__Buckets buckets;
        Jielian__Ids ids;
        Jielian__Poke poke;
        Jielian__Bye bye;
        Jielian__History history;
        Jielian__Lines lines;
        Jielian__Refuse refuse;
        Jielian__Enrol enrol;
        Jielian__Enrolled enrolled;
    } body;
};

struct jl_form {
    const char *name;
    /* JL_PROTO for what makes no sense, JL_LIMIT for what is over a bound. */
    enum jl_rc (*check)(const struct jl_message *message, struct jl_err *err);
    /* The message is checked already. */
    enum jl_rc (*put)(struct jl_wire *wire, const struct jl_message *message,
                      struct jl_form_draft *draft, struct jl_err *err);
    /* The message is checked afterwards; sizes and counts that memory depends on are checked here.
     */
    enum jl_rc (*get)(struct jl_wire *wire, const Jielian__Envelope *envelope,
                      struct jl_arena *arena, struct jl_message *out_message, struct jl_err *err);
};

extern const struct jl_form jl_form_hello, jl_form_welcome, jl_form_bye, jl_form_refuse,
    jl_form_enrol, jl_form_enrolled; /* wire_greet.c, wire_welcome.c */
extern const struct jl_form jl_form_verdicts, jl_form_pull, jl_form_proof, jl_form_proved,
    jl_form_poke;                                                      /* wire_feed.c */
extern const struct jl_form jl_form_ask, jl_form_buckets, jl_form_ids; /* wire_repair.c */
extern const struct jl_form jl_form_push, jl_form_page;                /* wire_bulk.c */
extern const struct jl_form jl_form_history, jl_form_lines;            /* wire_history.c */

/* ---- Parts (wire_part.c) ---- */

/* protobuf-c's structs take no const pointers; packing only reads. */
ProtobufCBinaryData jl_form_lend(const void *data, size_t size);
ProtobufCBinaryData jl_form_lend_bytes(struct jl_bytes bytes);
struct jl_bytes jl_form_view(ProtobufCBinaryData data);

/* Exactly size bytes; JL_PROTO otherwise. */
JL_MUST_CHECK enum jl_rc jl_form_take(ProtobufCBinaryData data, uint8_t *out_data, size_t size,
                                      const char *what, struct jl_err *err);
/* Exactly 16 bytes, or none for the zero id. */
JL_MUST_CHECK enum jl_rc jl_form_take_optional_id(ProtobufCBinaryData data, struct jl_id *out_id,
                                                  const char *what, struct jl_err *err);

/* Suite 1 is not named on the wire: 0 there. */
uint32_t jl_form_put_suite(uint32_t number);
uint32_t jl_form_get_suite(uint32_t number);

/* UTF-8 and within the bound. */
JL_MUST_CHECK enum jl_rc jl_form_check_text(struct jl_bytes text, size_t max_bytes,
                                            const char *what, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_form_check_range(uint64_t value, uint64_t low, uint64_t high,
                                             const char *what, struct jl_err *err);
/* Arguments within their bound; what they say is their reader's to judge. */
JL_MUST_CHECK enum jl_rc jl_form_check_remark(const struct jl_remark *said, struct jl_err *err);
/* Sequence numbers and counts are stored as signed 64-bit integers: none may be over INT64_MAX. */
struct jl_form_count {
    const char *what;
    uint64_t value;
};
JL_MUST_CHECK enum jl_rc jl_form_check_counts(const struct jl_form_count *counts, size_t count,
                                              struct jl_err *err);

/* A check failed for a message that this program made: JL_PROTO becomes JL_MISUSE. */
enum jl_rc jl_form_own_fault(enum jl_rc rc, struct jl_err *err);
/* JL_LIMIT when the arena's own bound was met, JL_NOMEM otherwise. */
enum jl_rc jl_form_no_memory(const struct jl_arena *arena, size_t size, struct jl_err *err);

/* Unpack into the arena: no malloc, nothing to free. budget_bytes bounds what is taken from the
 * arena, since a part of two bytes on the wire may need a hundred in memory. */
JL_MUST_CHECK enum jl_rc jl_form_unpack(const ProtobufCMessageDescriptor *descriptor,
                                        struct jl_bytes bytes, size_t budget_bytes,
                                        struct jl_arena *arena, ProtobufCMessage **out_message,
                                        struct jl_err *err);

#endif
