/* Any bytes as a batch of an enrolled device that means harm: the frame is signed anew with the
 * device's key and goes through the district's real books. Then every office reads its feeds and
 * the district proves itself; nothing is committed, so each input meets the same books.
 *
 * The first op's number counts from the next one that is due: 1 the next, 2 … a gap, from 1000 ops
 * that are known. What the district answers must be sendable, and what it stored must reach the
 * offices: an op that could block a feed, or the queue behind it, would be the end of both. */
#include "fuzz.h"

#include "server/books/feed_page.h"
#include "server/books/prove.h"
#include "server/books/push.h"
#include "tests/sim/world/world.h"

#include "jielian/base/assert.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/crypto/signer.h"
#include "jielian/sync/chain.h"
#include "tests/said.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { KNOWN_FROM = 1000, CASE_DETAIL = 5, OFFICES = 2 };

static struct world world;
static struct world_device *device;
static uint64_t heads[OFFICES + 1][2]; /* of both feeds, before the input */

#define MUST(call)                                                                                 \
    do {                                                                                           \
        struct jl_err err = {.rc = JL_OK};                                                         \
        if ((call) != JL_OK) {                                                                     \
            fprintf(stderr, "%s: %s: %s\n", #call, jl_rc_name(err.rc), err_said(&err));            \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static void remove_world(void) {
    world_fini(&world);
}

/* Two records with ids that inputs can name: …01 a union, …02 a member of it. */
static void put_known_records(void) {
    static const char *const types[] = {"union_org", "member"};
    static const char *const texts[] = {
        "name=测试工会|org_kind=独立基层工会|founded_on=2018-05-01",
        "name=张三|id_no=990106199002150074|org=测试工会|joined_on=2019-03-04"};
    for (size_t i = 0; i < 2; i++) {
        struct jl_id_source *ids = &device->desk.ids;
        *ids = (struct jl_id_source){.last_ms = INT64_C(0x0190c3f00000), .high = 0, .low = i};
        (void)world_add(&device->desk, types[i], texts[i]);
    }
    JL_ASSERT(world_sync(device));
}

static void make_world(void) {
    struct stat status;
    if (getenv("TMPDIR") == NULL && stat("/dev/shm", &status) == 0) {
        (void)setenv("TMPDIR", "/dev/shm", 0);
    }
    world_init(&world, OFFICES);
    (void)atexit(remove_world);
    device = world_join(&world, 1);
    put_known_records();
    MUST(jl_district_begin(world.district, true, NULL, &err));
    for (uint32_t office = 1; office <= OFFICES; office++) {
        MUST(jl_feed_state_heads(world.district, office, heads[office], &err));
    }
    jl_district_rollback(world.district);
}

/* A case's detail is read as JSON wherever the case is shown. */
static void check_row(struct jl_bytes bytes, struct jl_arena *arena) {
    struct jl_feed_row row;
    MUST(jl_wire_row_decode(bytes, arena, &row, &err));
    if (row.row.type != JL_TYPE_CASE || row.row.field_count == 0) {
        return;
    }
    const struct jl_value *detail = jl_row_get(&row.row, CASE_DETAIL);
    JL_ASSERT(detail != NULL && detail->kind == JL_VALUE_TEXT);
    json_t *document = json_loadb((const char *)detail->bytes.data, detail->bytes.size, 0, NULL);
    JL_ASSERT(document != NULL);
    json_decref(document);
}

static void read_feed(uint32_t office, uint32_t feed, struct jl_arena *arena) {
    struct jl_pull pull = {.feed = feed,
                           .from = heads[office][feed],
                           .max_bytes = JL_PAGE_MAX_BYTES,
                           .pages = 1,
                           .echo = true};
    bool more = true;
    while (more) {
        JL_AUTO(jl_buf) frame = {0};
        struct jl_message message = {.kind = JL_MESSAGE_PAGE};
        struct jl_message heard;
        MUST(jl_feed_page_read(world.district, office, 0, &pull, arena, &message.as.page, &err));
        MUST(jl_wire_encode(world.wire, &message, &frame, &err));
        MUST(jl_wire_decode(world.wire, jl_buf_bytes(&frame), arena, &heard, &err));
        for (size_t i = 0; i < heard.as.page.count; i++) {
            check_row(heard.as.page.rows[i], arena);
        }
        JL_ASSERT(heard.as.page.to > pull.from || heard.as.page.to == heard.as.page.head);
        pull.from = heard.as.page.to;
        more = heard.as.page.to < heard.as.page.head;
    }
}

static void check_answer(const struct jl_verdicts *verdicts, struct jl_arena *arena) {
    JL_AUTO(jl_buf) frame = {0};
    struct jl_message message = {.kind = JL_MESSAGE_VERDICTS, .as.verdicts = *verdicts};
    struct jl_proof proof = {.cursor = {0, 0}};
    struct jl_proved proved;
    MUST(jl_wire_encode(world.wire, &message, &frame, &err));
    MUST(jl_wire_decode(world.wire, jl_buf_bytes(&frame), arena, &message, &err));
    for (uint32_t office = 1; office <= OFFICES; office++) {
        read_feed(office, 0, arena);
        read_feed(office, 1, arena);
        MUST(jl_feed_state_heads(world.district, office, proof.cursor, &err));
        MUST(jl_prove_root(world.district, office, &proof, &proved, &err));
    }
}

static void sign(struct jl_push *push, const struct jl_origin *origin) {
    uint8_t hash[JL_HASH_BYTES];
    uint8_t text[JL_CHAIN_BATCH_TEXT_BYTES];
    memcpy(hash, origin->last_hash, sizeof hash);
    for (size_t i = 0; i < push->count; i++) {
        MUST(jl_chain_step(world.district->books->hasher, hash, push->ops[i], &err));
    }
    jl_chain_batch_text(origin->incarnation, push->first_seq + push->count - 1, hash, text);
    MUST(
        jl_signer_sign(device->office->signer, jl_bytes(text, sizeof text), push->signature, &err));
}

static void deliver(struct jl_message *message, struct jl_arena *arena) {
    JL_AUTO(jl_buf) frame = {0};
    struct jl_push *push = &message->as.push;
    struct jl_verdicts verdicts;
    struct jl_err why = {.rc = JL_OK};
    MUST(jl_district_begin(world.district, true, NULL, &err));
    const struct jl_origin *origin = jl_roster_origin(world.district, device->origin);
    JL_ASSERT(origin != NULL && origin->last_seq > 0);
    push->first_seq = push->first_seq >= KNOWN_FROM
                          ? 1 + (push->first_seq - KNOWN_FROM) % origin->last_seq
                          : origin->last_seq + push->first_seq;
    sign(push, origin);
    MUST(jl_wire_encode(world.wire, message, &frame, &err));
    enum jl_rc rc = jl_push_judge(world.district, device->origin, push, jl_buf_bytes(&frame), arena,
                                  &verdicts, &why);
    if (rc == JL_OK) {
        check_answer(&verdicts, arena);
    } else if (rc != JL_PROTO && rc != JL_CONFLICT) {
        fprintf(stderr, "%s: %s\n", jl_rc_name(rc), err_said(&why));
        abort();
    }
    jl_district_rollback(world.district);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct jl_arena arena;
    struct jl_message message;
    if (device == NULL) {
        make_world();
    }
    jl_arena_reset(&arena);
    if (jl_wire_decode(world.wire, jl_bytes(data, size), &arena, &message, NULL) == JL_OK &&
        message.kind == JL_MESSAGE_PUSH) {
        deliver(&message, &arena);
    }
    return 0;
}
