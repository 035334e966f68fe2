/* A sample of every message kind: plain, as a quiet office sends it, and with every field at its
 * edge. For the tests of the wire; include after cmocka.h. */
#ifndef JIELIAN_TEST_WIRE_SAMPLES_H
#define JIELIAN_TEST_WIRE_SAMPLES_H

#include "proto/wire.h"

#include <stdlib.h>
#include <string.h>

enum { EDGE_RECORDS = 300, EDGE_EXCEPTIONS = JL_BATCH_OPS_MAX, EDGE_OPS = 64 };

static const uint64_t most = INT64_MAX;

struct fixture {
    struct jl_wire *wire;
    struct jl_arena arena;
    struct jl_buf frame;
    struct jl_err err;
    uint8_t sums[JL_BUCKETS * JL_SHORT_SUM_BYTES];
    uint8_t buckets[JL_BUCKETS];
    uint8_t noise[EDGE_OPS * 64]; /* does not compress */
    struct jl_bytes items[EDGE_OPS];
    struct jl_known records[EDGE_RECORDS];
    struct jl_verdict exceptions[EDGE_EXCEPTIONS];
    char text[JL_REASON_MAX_BYTES + 1];
    struct jl_part parts[JL_ASK_PARTS_MAX];
    struct jl_told_part told[JL_ASK_PARTS_MAX];
    struct jl_bytes endpoints[JL_WELCOME_ENDPOINTS_MAX];
    struct jl_pc pcs[JL_WELCOME_PCS_MAX];
    struct jl_type_count types[JL_PAGE_TYPES_MAX];
    struct jl_told_line lines[JL_LINES_MAX];
    uint32_t withheld[JL_FIELDS_PER_TYPE_MAX];
};

static int set_up(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    assert_int_equal(jl_wire_new(jl_suite_find(JL_SUITE_FIRST), &f->wire, &f->err), JL_OK);
    uint32_t random = 1;
    for (size_t i = 0; i < sizeof f->noise; i++) {
        random = random * 1664525U + 1013904223U;
        f->noise[i] = (uint8_t)(random >> 24);
    }
    for (size_t i = 0; i < JL_BUCKETS; i++) {
        f->buckets[i] = (uint8_t)i;
    }
    memset(f->sums, 0xA5, sizeof f->sums);
    memset(f->text, 'r', JL_REASON_MAX_BYTES);
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    jl_wire_free(f->wire);
    jl_arena_fini(&f->arena);
    jl_buf_fini(&f->frame);
    free(f);
    return 0;
}

static uint64_t edge_number(bool edge, uint64_t plain) {
    return edge ? most : plain;
}

static void fill_bytes(uint8_t *data, size_t size, uint8_t first) {
    for (size_t i = 0; i < size; i++) {
        data[i] = (uint8_t)(first + i);
    }
}

/* ---- Samples ---- */

static void make_hello(struct jl_hello *hello, bool edge) {
    *hello = (struct jl_hello){
        .version = edge ? UINT32_MAX : JL_PROTOCOL_VERSION,
        .oldest = JL_PROTOCOL_OLDEST,
        .has_epoch = !edge,
        .head = edge_number(edge, 20012),
        .confirmed = edge_number(edge, 20000),
        .cursor = {edge_number(edge, 412), edge_number(edge, 20000)},
        .catalogue = edge_number(edge, 3),
        .oldest_unsent_s = edge_number(edge, 40),
        .parked = edge_number(edge, 0),
        .cases = edge_number(edge, 2),
        .repairs = edge_number(edge, 0),
        .disk_free_mib = edge_number(edge, 51200),
        .wall_ms = edge ? INT64_MIN : 1664150400000,
    };
    strcpy(hello->program, edge ? "123456789.12345" : "0.1.0");
    hello->knows = edge ? UINT32_MAX : JL_MESSAGE_KNOWN;
    hello->told = edge ? UINT32_MAX : 0xB7A51C3;
    hello->last_stop = edge ? JL_STOP_CUT_OFF : JL_STOP_UNKNOWN;
    hello->cycle_count = edge ? JL_CYCLES_MAX : 0;
    for (size_t i = 0; i < hello->cycle_count; i++) {
        hello->cycles[i] = (struct jl_cycle){.end = UINT32_MAX - (uint32_t)i,
                                             .why = UINT32_MAX,
                                             .count = most,
                                             .began_ms = INT64_MIN,
                                             .ended_ms = INT64_MAX,
                                             .longest_ms = most};
    }
    fill_bytes(hello->incarnation, sizeof hello->incarnation, 1);
    fill_bytes(hello->confirmed_hash, sizeof hello->confirmed_hash, 2);
    if (!edge) {
        fill_bytes(hello->epoch, sizeof hello->epoch, 3);
    }
}

static void make_verdicts(struct fixture *f, struct jl_verdicts *verdicts, bool edge) {
    *verdicts = (struct jl_verdicts){.first_seq = 20001,
                                     .last_seq = 20012,
                                     .own_from = 20000,
                                     .own_to = 20012,
                                     .office_head = 20012};
    if (!edge) {
        return;
    }
    *verdicts = (struct jl_verdicts){.first_seq = most - EDGE_EXCEPTIONS + 1,
                                     .last_seq = most,
                                     .exceptions = f->exceptions,
                                     .exception_count = EDGE_EXCEPTIONS,
                                     .own_from = most,
                                     .own_to = most,
                                     .office_head = most};
    for (size_t i = 0; i < EDGE_EXCEPTIONS; i++) {
        f->exceptions[i] = (struct jl_verdict){
            .seq = verdicts->first_seq + i,
            .code = (enum jl_verdict_code)(JL_VERDICT_APPLIED + i % JL_VERDICT_ALREADY),
            .reason = jl_bytes(
                f->text, i == 0 ? 0 : JL_REASON_MAX_BYTES - (i == 1 ? 0 : JL_ARGUMENTS_MAX_BYTES)),
            .said = {.code = i < 2 ? 0 : UINT32_MAX,
                     .arguments = jl_bytes(f->text, i < 2 ? 0 : JL_ARGUMENTS_MAX_BYTES)},
        };
    }
}

/* Edge: items of every size from 1 to EDGE_OPS bytes that do not compress. Plain: they do. */
static size_t make_items(struct fixture *f, bool edge) {
    for (size_t i = 0; i < EDGE_OPS; i++) {
        f->items[i] =
            edge ? jl_bytes(f->noise + i * 64, i + 1) : jl_bytes(f->sums, sizeof f->sums / 32);
    }
    return EDGE_OPS;
}

static size_t make_types(struct fixture *f) {
    for (size_t i = 0; i < JL_PAGE_TYPES_MAX; i++) {
        f->types[i] = (struct jl_type_count){
            .type = UINT32_MAX - JL_PAGE_TYPES_MAX + 1 + (uint32_t)i, .count = most};
    }
    return JL_PAGE_TYPES_MAX;
}

static size_t make_records(struct fixture *f, bool hashes) {
    for (size_t i = 0; i < EDGE_RECORDS; i++) {
        f->records[i] = (struct jl_known){.type = i == 0 ? UINT32_MAX : (uint32_t)i};
        fill_bytes(f->records[i].id.bytes, JL_ID_BYTES, (uint8_t)i);
        if (hashes) {
            fill_bytes(f->records[i].hash, JL_SHORT_SUM_BYTES, (uint8_t)(i + 7));
        }
    }
    return EDGE_RECORDS;
}

/* As many and as deep as may be; told as lists and by sums in turn. */
static void make_parts(struct fixture *f) {
    for (size_t i = 0; i < JL_ASK_PARTS_MAX; i++) {
        struct jl_part *part = &f->parts[i];
        *part = (struct jl_part){.depth = i % 3 == 0 ? JL_PLACE_DEPTH : 7 + i % 2};
        part->begin[0] = (uint8_t)(i >> 2);
        part->begin[1] = (uint8_t)(i << 6);
        memset(part->begin + 2, 0x50, (part->depth - 3U) / 2);
        if (part->depth == JL_PLACE_DEPTH) {
            part->begin[JL_PLACE_BYTES - 1] = 0xff;
        }
        f->told[i] = (struct jl_told_part){.part = *part, .sums = f->sums};
        f->told[i].count = part->depth == JL_PLACE_DEPTH ? 1 : i % 4 == 1 ? most : 16 + i % 2;
    }
}

static void make_ask(struct fixture *f, struct jl_ask *ask, bool edge) {
    if (edge) {
        *ask = (struct jl_ask){.feed = 1, .step = JL_ASK_ROWS, .records = f->records};
        ask->record_count = make_records(f, false);
    } else {
        *ask = (struct jl_ask){.step = JL_ASK_IDS, .buckets = jl_bytes(f->buckets, JL_BUCKETS)};
    }
}

static void make_enrol(struct fixture *f, struct jl_enrol *enrol, bool edge) {
    const struct jl_sign_method *sign = jl_suite_find(JL_SUITE_FIRST)->sign;
    *enrol = (struct jl_enrol){.suite = JL_SUITE_FIRST,
                               .name = edge ? jl_bytes(f->text, JL_LABEL_MAX_BYTES)
                                            : jl_bytes_text("古荡一号窗口")};
    fill_bytes(enrol->curve_public, sizeof enrol->curve_public, 4);
    fill_bytes(enrol->sign_public, sign->public_bytes, 5);
    fill_bytes(enrol->signature, sign->signature_bytes, 6);
}

static void make_enrolled(struct fixture *f, struct jl_enrolled *enrolled, bool edge) {
    *enrolled = (struct jl_enrolled){
        .device = edge ? UINT32_MAX : 7,
        .office = edge ? UINT32_MAX : 4,
        .office_code = edge ? jl_bytes(f->text, JL_LABEL_MAX_BYTES) : jl_bytes_text("GD"),
        .office_name =
            edge ? jl_bytes(f->text, JL_LABEL_MAX_BYTES) : jl_bytes_text("古荡街道总工会"),
    };
    fill_bytes(enrolled->proof_key.bytes, sizeof enrolled->proof_key.bytes, 8);
}

static void make_pcs(struct fixture *f, struct jl_welcome *welcome) {
    for (size_t i = 0; i < JL_WELCOME_ENDPOINTS_MAX; i++) {
        f->endpoints[i] = jl_bytes(f->text, JL_ENDPOINT_MAX_BYTES);
    }
    for (size_t i = 0; i < JL_WELCOME_PCS_MAX; i++) {
        f->pcs[i] = (struct jl_pc){.device = UINT32_MAX,
                                   .name = jl_bytes(f->text, JL_PC_NAME_MAX_BYTES),
                                   .state = UINT32_MAX,
                                   .last_seen_ms = INT64_MIN,
                                   .proven_ms = INT64_MAX,
                                   .unsent = most,
                                   .program = jl_bytes(f->text, i % 2 == 0 ? 15 : 0)};
    }
    welcome->program = jl_bytes(f->text, 15);
    welcome->endpoints = f->endpoints;
    welcome->endpoint_count = JL_WELCOME_ENDPOINTS_MAX;
    welcome->pcs = f->pcs;
    welcome->pc_count = JL_WELCOME_PCS_MAX;
}

static void make_welcome(struct fixture *f, struct jl_welcome *welcome, bool edge) {
    *welcome = (struct jl_welcome){.version = edge ? UINT32_MAX : JL_PROTOCOL_VERSION,
                                   .last_seq = edge_number(edge, 20000),
                                   .head = {edge_number(edge, 412), edge_number(edge, 20000)},
                                   .wall_ms = edge ? INT64_MAX : 1664150400000,
                                   .suspended = edge,
                                   .again = edge,
                                   .knows = edge ? UINT32_MAX : JL_MESSAGE_KNOWN,
                                   .suite = edge ? UINT32_MAX : JL_SUITE_FIRST,
                                   .mark = edge ? UINT32_MAX : 0xB7A51C3};
    if (edge) {
        make_pcs(f, welcome);
    }
    fill_bytes(welcome->epoch, sizeof welcome->epoch, 9);
    fill_bytes(welcome->last_hash, sizeof welcome->last_hash, 10);
}

static void make_lines(struct fixture *f, struct jl_lines *lines, bool edge) {
    *lines = (struct jl_lines){.type = edge ? UINT32_MAX : 1004,
                               .held = edge,
                               .next = jl_bytes(f->text, edge ? JL_LINES_PLACE_MAX_BYTES : 0),
                               .lines = f->lines,
                               .count = edge ? JL_LINES_MAX : 0};
    for (uint32_t i = 0; i < JL_FIELDS_PER_TYPE_MAX; i++) {
        f->withheld[i] = i + 1;
    }
    f->withheld[JL_FIELDS_PER_TYPE_MAX - 1] = UINT32_MAX;
    for (size_t i = 0; i < JL_LINES_MAX; i++) {
        f->lines[i] =
            (struct jl_told_line){.received_ms = i % 2 == 0 ? INT64_MIN : INT64_MAX,
                                  .verdict = i % 2 == 0 ? JL_VERDICT_APPLIED : JL_VERDICT_ALREADY,
                                  .office = UINT32_MAX,
                                  .device = UINT32_MAX,
                                  .by = i % 2 == 0 ? JL_LINE_ALONE : UINT32_MAX,
                                  .withheld = f->withheld,
                                  .withheld_count = i == 0 ? JL_FIELDS_PER_TYPE_MAX : i % 3,
                                  .op = jl_bytes(f->text, i == 0 ? sizeof f->text : 1)};
    }
}

/* 16 is the number of Envelope.needs, not of a message. */
static unsigned next_kind(unsigned kind) {
    return kind == JL_MESSAGE_ENROLLED ? JL_MESSAGE_BYE : kind + 1;
}

static struct jl_message sample(struct fixture *f, enum jl_message_kind kind, bool edge) {
    struct jl_message m = {.kind = kind};
    uint64_t seq = edge_number(edge, 20000);
    switch (kind) {
    case JL_MESSAGE_HELLO:
        make_hello(&m.as.hello, edge);
        break;
    case JL_MESSAGE_WELCOME:
        make_welcome(f, &m.as.welcome, edge);
        break;
    case JL_MESSAGE_PUSH:
        m.as.push = (struct jl_push){edge ? most - JL_BATCH_OPS_MAX : 20001, {0}, f->items, 0};
        m.as.push.count = make_items(f, edge);
        fill_bytes(m.as.push.signature, jl_suite_find(JL_SUITE_FIRST)->sign->signature_bytes, 11);
        break;
    case JL_MESSAGE_VERDICTS:
        make_verdicts(f, &m.as.verdicts, edge);
        break;
    case JL_MESSAGE_PULL:
        m.as.pull = (struct jl_pull){edge, seq, edge ? JL_PAGE_MAX_BYTES : JL_PAGE_MIN_BYTES,
                                     edge ? JL_CREDIT_MAX_PAGES : 1, edge};
        break;
    case JL_MESSAGE_PAGE:
        m.as.page = (struct jl_page){.feed = edge,
                                     .from = edge ? 0 : seq,
                                     .to = edge_number(edge, 20012),
                                     .head = seq,
                                     .rows = f->items};
        m.as.page.count = make_items(f, edge);
        m.as.page.types = f->types;
        m.as.page.type_count = edge ? make_types(f) : 0;
        break;
    case JL_MESSAGE_PROOF:
        m.as.proof = (struct jl_proof){.cursor = {edge_number(edge, 412), seq}};
        fill_bytes(m.as.proof.root, sizeof m.as.proof.root, 12);
        m.as.proof.has_deep = edge;
        if (edge) {
            fill_bytes(m.as.proof.deep[0], sizeof m.as.proof.deep, 13);
        }
        break;
    case JL_MESSAGE_PROVED:
        m.as.proved = (struct jl_proved){.result = edge ? JL_PROOF_MOVED : JL_PROOF_IDENTICAL,
                                         .wall_ms = edge ? INT64_MIN : 1664150400000};
        m.as.proved.head[0] = m.as.proved.head[1] = edge ? most : 0;
        break;
    case JL_MESSAGE_ASK:
        make_ask(f, &m.as.ask, edge);
        break;
    case JL_MESSAGE_BUCKETS:
        m.as.buckets =
            (struct jl_buckets){.feed = edge, .sums = jl_bytes(f->sums, edge ? 0 : sizeof f->sums)};
        if (edge) {
            make_parts(f);
            m.as.buckets.parts = f->told;
            m.as.buckets.part_count = JL_ASK_PARTS_MAX;
        }
        break;
    case JL_MESSAGE_IDS:
        m.as.ids = (struct jl_ids){edge, jl_bytes(f->buckets, edge ? JL_BUCKETS : 1), f->records,
                                   edge ? make_records(f, true) : 0};
        break;
    case JL_MESSAGE_POKE:
        m.as.poke.head[0] = edge_number(edge, 412);
        m.as.poke.head[1] = seq;
        break;
    case JL_MESSAGE_REFUSE:
        m.as.refuse = (struct jl_refuse){
            edge ? JL_REFUSE_SUSPENDED : JL_REFUSE_REVOKED,
            jl_bytes(f->text, edge ? JL_REASON_MAX_BYTES : 0),
            edge ? most : 0,
            edge ? UINT32_MAX : 0,
            {edge ? UINT32_MAX : 0, jl_bytes(f->text, edge ? JL_ARGUMENTS_MAX_BYTES : 0)},
            edge ? UINT32_MAX : 0};
        break;
    case JL_MESSAGE_ENROL:
        make_enrol(f, &m.as.enrol, edge);
        break;
    case JL_MESSAGE_ENROLLED:
        make_enrolled(f, &m.as.enrolled, edge);
        break;
    case JL_MESSAGE_BYE:
        m.as.bye.reason = edge ? UINT32_MAX : JL_BYE_DONE;
        break;
    case JL_MESSAGE_HISTORY:
        m.as.history =
            (struct jl_history_ask){.type = edge ? UINT32_MAX : 1004,
                                    .id = f->records[0].id,
                                    .from = jl_bytes(f->text, edge ? JL_LINES_PLACE_MAX_BYTES : 0),
                                    .most = edge ? JL_LINES_MAX : 1};
        break;
    case JL_MESSAGE_LINES:
        make_lines(f, &m.as.lines, edge);
        break;
    }
    return m;
}

#endif
