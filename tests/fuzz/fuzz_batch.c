/* Any bytes as a batch that reached the district: the frame, its chain and signature, its ops, each
 * merged into what the ops before it made of the record, and the list of verdicts that is kept in
 * the journal. Bytes that are no Push are read as such a list.
 *
 * The books are left out, which makes this fast; fuzz_district.c has them. The signature is checked
 * for one batch in sixteen, because it takes longer than all the rest. */
#include "catalogues.h"
#include "proto/wire.h"
#include "server/books/verdicts.h"

#include "jielian/crypto/secret.h"
#include "jielian/crypto/signer.h"
#include "jielian/crypto/suite.h"
#include "jielian/op/merge.h"
#include "jielian/record/check.h"
#include "jielian/record/content.h"
#include "jielian/record/flow.h"
#include "jielian/record/natural_key.h"
#include "jielian/sync/chain.h"

#include <string.h>

enum { RECORDS_MAX = 32 };

struct record {
    struct jl_row row;
    bool there;
};

struct taking {
    struct jl_arena *arena;
    struct jl_buf *scratch;
    struct record records[RECORDS_MAX];
    size_t record_count;
    struct jl_verdict *verdicts;
    size_t verdict_count;
};

static struct jl_wire *wire;
static struct jl_hasher *hasher;
static const uint8_t incarnation[16] = {1};
static const struct jl_secret proof_key = {{2}};

static void make_contexts(void) {
    if (wire == NULL) {
        JL_ASSERT(jl_wire_new(jl_suite_find(JL_SUITE_FIRST), &wire, NULL) == JL_OK);
        JL_ASSERT(jl_hasher_new(jl_suite_find(JL_SUITE_FIRST), &hasher, NULL) == JL_OK);
    }
}

static void check_chain(const struct jl_push *push) {
    static const uint8_t key[32] = {0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7,
                                    0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
                                    0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25,
                                    0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a};
    uint8_t hash[JL_HASH_BYTES];
    uint8_t text[JL_CHAIN_BATCH_TEXT_BYTES];
    JL_ASSERT(jl_chain_genesis(hasher, incarnation, hash, NULL) == JL_OK);
    for (size_t i = 0; i < push->count; i++) {
        JL_ASSERT(jl_chain_step(hasher, hash, push->ops[i], NULL) == JL_OK);
    }
    jl_chain_batch_text(incarnation, push->first_seq + push->count - 1, hash, text);
    if (hash[0] % 16 == 0) {
        enum jl_rc rc = jl_signer_verify(jl_suite_find(JL_SUITE_FIRST), key,
                                         jl_bytes(text, sizeof text), push->signature, NULL);
        JL_ASSERT(rc == JL_OK || rc == JL_DENIED);
    }
}

static enum jl_rc side_of(void *context, uint32_t field, enum jl_side *out_side,
                          struct jl_err *err) {
    (void)context;
    (void)err;
    *out_side = field % 2 == 0 ? JL_SIDE_OFFICE : JL_SIDE_DISTRICT;
    return JL_OK;
}

static struct record *record_of(struct taking *taking, const struct jl_op *op) {
    struct record *record = taking->records;
    for (size_t i = 0; i < taking->record_count; i++, record++) {
        if (record->row.type == op->type && jl_id_equal(&record->row.id, &op->id)) {
            return record;
        }
    }
    if (taking->record_count == RECORDS_MAX) {
        return NULL;
    }
    *record = (struct record){.row = {.type = op->type, .id = op->id, .owner = 1}};
    taking->record_count++;
    return record;
}

/* What the district does with a merged row before it stores it. */
static void check_row(struct taking *taking, const struct jl_type *type,
                      const struct jl_row *before, const struct jl_row *after) {
    static struct jl_problems problems;
    const struct jl_check_context context = {
        .catalogue = shipped_catalogue(), .today = 20221020, .language = JL_LANGUAGE_ZH};
    uint8_t hash[JL_CONTENT_HASH_BYTES];
    struct jl_id id;
    jl_problems_reset(&problems);
    if (before != NULL) {
        jl_check_edit(&context, type, before, after, &problems);
    } else {
        jl_check_row(&context, type, after, &problems);
    }
    if (type->flow.field != 0) {
        jl_flow_check(&context, type, before, after, 1u << JL_MOVER_OFFICE, &problems);
    }
    JL_ASSERT(jl_content_hash(hasher, &proof_key, after, taking->scratch, hash, NULL) == JL_OK);
    if (type->natural_key_count > 0) {
        enum jl_rc rc = jl_natural_key_id(hasher, type, after, &id, NULL);
        JL_ASSERT(rc == JL_OK || rc == JL_MISUSE);
    }
}

static void merge(struct taking *taking, const struct jl_type *type, const struct jl_op *op,
                  struct record *record, enum jl_verdict_code *out_code) {
    struct jl_merge_result result;
    const struct jl_merge_input input = {.type = type,
                                         .op = op,
                                         .author = op->number % 5 == 4 ? JL_SIDE_DISTRICT
                                                                       : JL_SIDE_OFFICE,
                                         .standing = op->cursor % 8 == 7   ? JL_STANDING_FOREIGN
                                                     : op->cursor % 8 == 6 ? JL_STANDING_LEFT
                                                                           : JL_STANDING_OWN,
                                         .presence = !record->there        ? JL_PRESENCE_ABSENT
                                                     : record->row.deleted ? JL_PRESENCE_DELETED
                                                                           : JL_PRESENCE_LIVE,
                                         .current = record->there ? &record->row : NULL,
                                         .moved = op->cursor % 2 == 1,
                                         .side_of = side_of};
    JL_ASSERT(jl_merge(&input, taking->arena, &result, NULL) == JL_OK);
    *out_code = result.verdict;
    JL_ASSERT(result.verdict != JL_VERDICT_PARKED || result.effect == JL_EFFECT_NONE);
    JL_ASSERT((result.verdict == JL_VERDICT_CASE) == (result.case_kind != JL_CASE_NONE));
    if (result.effect != JL_EFFECT_NONE) {
        check_row(taking, type, record->there ? &record->row : NULL, &result.row);
        record->row = result.row;
        record->there = true;
    }
}

static void check_verdicts(struct jl_bytes bytes, struct jl_arena *arena) {
    JL_AUTO(jl_buf) again = {0};
    struct jl_verdict *list = NULL;
    size_t count = 0;
    if (jl_verdicts_decode(bytes, arena, &list, &count, NULL) == JL_OK) {
        JL_ASSERT(jl_verdicts_encode(list, count, &again, NULL) == JL_OK);
        JL_ASSERT(jl_bytes_equal(bytes, jl_buf_bytes(&again)));
    }
}

/* The list goes into the journal and, as a message, back to the device. */
static void answer(struct taking *taking, const struct jl_push *push) {
    JL_AUTO(jl_buf) list = {0};
    JL_AUTO(jl_buf) frame = {0};
    const struct jl_message message = {
        .kind = JL_MESSAGE_VERDICTS,
        .as.verdicts = {.first_seq = push->first_seq,
                        .last_seq = push->first_seq + push->count - 1,
                        .exceptions = taking->verdicts,
                        .exception_count = taking->verdict_count}};
    struct jl_message heard;
    JL_ASSERT(jl_verdicts_encode(taking->verdicts, taking->verdict_count, &list, NULL) == JL_OK);
    check_verdicts(jl_buf_bytes(&list), taking->arena);
    JL_ASSERT(jl_wire_encode(wire, &message, &frame, NULL) == JL_OK);
    JL_ASSERT(jl_wire_decode(wire, jl_buf_bytes(&frame), taking->arena, &heard, NULL) == JL_OK);
}

static void take(struct taking *taking, const struct jl_push *push, const struct jl_op *ops) {
    taking->verdicts = jl_arena_zalloc(taking->arena, push->count, sizeof *taking->verdicts);
    JL_ASSERT(taking->verdicts != NULL);
    for (size_t i = 0; i < push->count; i++) {
        const struct jl_type *type = jl_catalogue_type(shipped_catalogue(), ops[i].type);
        struct record *record = type != NULL ? record_of(taking, &ops[i]) : NULL;
        enum jl_verdict_code code = JL_VERDICT_PARKED;
        if (record != NULL) {
            merge(taking, type, &ops[i], record, &code);
        }
        if (code != JL_VERDICT_APPLIED) {
            taking->verdicts[taking->verdict_count++] = (struct jl_verdict){
                .seq = push->first_seq + i, .code = code, .reason = jl_bytes_text("改")};
        }
    }
    answer(taking, push);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct jl_arena arena;
    static struct jl_buf scratch;
    struct jl_message message;
    struct jl_err err;
    make_contexts();
    jl_arena_reset(&arena);
    if (jl_wire_decode(wire, jl_bytes(data, size), &arena, &message, &err) != JL_OK ||
        message.kind != JL_MESSAGE_PUSH) {
        check_verdicts(jl_bytes(data, size), &arena);
        return 0;
    }
    const struct jl_push *push = &message.as.push;
    struct jl_op *ops = jl_arena_zalloc(&arena, push->count, sizeof *ops);
    JL_ASSERT(ops != NULL);
    check_chain(push);
    for (size_t i = 0; i < push->count; i++) {
        if (jl_wire_op_decode(push->ops[i], &arena, &ops[i], &err) != JL_OK) {
            return 0; /* the whole batch is refused */
        }
    }
    struct taking taking = {.arena = &arena, .scratch = &scratch};
    take(&taking, push, ops);
    return 0;
}
