/* Lists of verdicts: for every op that was not plainly APPLIED
 *
 *   { varint(seq) u8(code) varint(size) reason }; with SAID added to the code (since rules 2), then
 *   varint(size) and the code and arguments of the reason (message.h) */
#include "verdicts.h"

#include "jielian/base/arena.h"
#include "jielian/base/buf.h"
#include "jielian/base/fault.h"
#include "jielian/base/reader.h"
#include "jielian/message/remark.h"
#include "jielian/message/say.h"
#include "jielian/op/op.h"

#include <string.h>

enum { SAID = 0x80 };

static enum jl_rc put_sized(struct jl_buf *out, struct jl_bytes bytes, struct jl_err *err) {
    enum jl_rc rc = jl_buf_put_varint(out, bytes.size, err);
    return rc == JL_OK && bytes.size > 0 ? jl_buf_put(out, bytes.data, bytes.size, err) : rc;
}

static enum jl_rc put_verdict(const struct jl_verdict *verdict, struct jl_buf *out,
                              struct jl_err *err) {
    bool said = verdict->said.code != JL_SAY_NOTHING;
    JL_AUTO(jl_buf) blob = {0};
    enum jl_rc rc = jl_buf_put_varint(out, verdict->seq, err);
    if (rc == JL_OK) {
        rc = jl_buf_put_u8(out, (uint8_t)((unsigned)verdict->code | (said ? SAID : 0)), err);
    }
    if (rc == JL_OK) {
        rc = put_sized(out, verdict->reason, err);
    }
    if (rc == JL_OK && said) {
        rc = jl_remark_encode(&verdict->said, &blob, err);
    }
    return rc == JL_OK && said ? put_sized(out, jl_buf_bytes(&blob), err) : rc;
}

enum jl_rc jl_verdicts_encode(const struct jl_verdict *verdicts, size_t count, struct jl_buf *out,
                              struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rc = put_verdict(&verdicts[i], out, err);
    }
    return rc;
}

static enum jl_rc take_sized(struct jl_reader *reader, struct jl_bytes *out_bytes,
                             struct jl_err *err) {
    uint64_t size = 0;
    enum jl_rc rc = jl_reader_varint(reader, &size, err);
    return rc == JL_OK ? jl_reader_take(reader, (size_t)size, out_bytes, err) : rc;
}

static enum jl_rc take_verdict(struct jl_reader *reader, struct jl_verdict *verdict,
                               struct jl_err *err) {
    uint8_t code = 0;
    struct jl_bytes blob = {0};
    enum jl_rc rc = jl_reader_varint(reader, &verdict->seq, err);
    if (rc == JL_OK) {
        rc = jl_reader_u8(reader, &code, err);
    }
    if (rc == JL_OK) {
        rc = take_sized(reader, &verdict->reason, err);
    }
    if (rc == JL_OK && (code & SAID) != 0) {
        rc = take_sized(reader, &blob, err);
        verdict->said = jl_remark_decode(blob);
        if (rc == JL_OK && verdict->said.code == JL_SAY_NOTHING) {
            rc = jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED, "%s",
                             "a verdict names no code");
        }
    }
    verdict->code = (enum jl_verdict_code)(code & ~(unsigned)SAID);
    return rc;
}

enum jl_rc jl_verdicts_decode(struct jl_bytes bytes, struct jl_arena *arena,
                              struct jl_verdict **out_verdicts, size_t *out_count,
                              struct jl_err *err) {
    size_t most = bytes.size / 3 + 1; /* seq, code, size: at least three bytes each */
    struct jl_verdict *verdicts = jl_arena_zalloc(arena, most, sizeof *verdicts);
    struct jl_reader reader = {.rest = bytes};
    size_t count = 0;
    if (verdicts == NULL) {
        return jl_fault_memory(err);
    }
    while (reader.rest.size > 0) {
        if (take_verdict(&reader, &verdicts[count], err) != JL_OK) {
            return jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED, "%s",
                               "the verdicts of a journal entry are cut off");
        }
        count++;
    }
    *out_verdicts = verdicts;
    *out_count = count;
    return JL_OK;
}

const struct jl_verdict *jl_verdict_of(const struct jl_verdict *verdicts, size_t count,
                                       uint64_t seq) {
    while (count > 0) { /* they are in the order of their ops */
        const struct jl_verdict *middle = &verdicts[count / 2];
        if (middle->seq == seq) {
            return middle;
        }
        bool above = middle->seq < seq;
        verdicts = above ? middle + 1 : verdicts;
        count = above ? count - count / 2 - 1 : count / 2;
    }
    return NULL;
}

const char *jl_verdict_word(enum jl_verdict_code code) {
    switch (code) {
    case JL_VERDICT_APPLIED:
        return "applied";
    case JL_VERDICT_MERGED:
        return "merged";
    case JL_VERDICT_CASE:
        return "case";
    case JL_VERDICT_PARKED:
        return "parked";
    case JL_VERDICT_ALREADY:
        return "already";
    }
    return "unknown";
}
