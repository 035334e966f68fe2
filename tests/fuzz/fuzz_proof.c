/* What a district may say to a device in session, in any order: Welcome, Verdicts, Pages, Proved,
 * Buckets, Ids, Poke and Refuse, between ticks of the clock and changes of the office's own. The
 * store is plain numbers and a set sum.
 *
 * The session must always know when it acts again, its actions must fit their bound, and it may
 * call the store proven only when the last word was an identical proof of just this store.
 *
 *   input := { step }      step := u8 kind, then
 *     message: size (u16le) frame | tick: u8 seconds | differs: u8 | others: nothing */
#include "fuzz.h"

#include "jielian/base/assert.h"
#include "jielian/base/reader.h"
#include "jielian/sync/session.h"
#include "jielian/sync/setsum.h"

#include <string.h>

enum step { STEP_MESSAGE = 0, STEP_TICK, STEP_CHANGE, STEP_DIFFERS, STEP_LOST, STEPS };
enum { STEPS_MAX = 64, BATCH_OPS = 10 };

struct office {
    struct jl_session session;
    struct jl_session_facts facts;
    struct jl_setsum sum;
    int64_t now_ms;
    uint8_t epoch[16]; /* of the last Welcome */
    bool asked_chain;
    bool asked_differs;
};

static struct jl_wire *wire;
static struct jl_hasher *hasher;

static void act(struct office *office, const struct jl_action *action,
                const struct jl_message *message);

static void step(struct office *office, struct jl_event event) {
    struct jl_actions actions;
    const struct jl_session *session = &office->session;
    event.now_ms = office->now_ms;
    jl_session_step(&office->session, &office->facts, &event, &actions);
    JL_ASSERT(actions.count <= JL_SESSION_ACTIONS_MAX);
    for (size_t i = 0; i < actions.count; i++) {
        act(office, &actions.items[i], event.message);
    }
    if (session->phase != JL_SESSION_STOPPED) {
        JL_ASSERT(session->wake_ms <= office->now_ms + JL_SESSION_RETRY_MAX_MS);
        JL_ASSERT(session->phase == JL_SESSION_OFFLINE || session->wake_ms > 0);
    }
}

/* As client/books/take.c would, where numbers are concerned. */
static void take_verdicts(struct jl_session_facts *facts, const struct jl_verdicts *verdicts) {
    if (verdicts->last_seq > facts->confirmed && verdicts->first_seq <= facts->confirmed + 1 &&
        verdicts->last_seq <= facts->head) {
        facts->confirmed = verdicts->last_seq;
        if (verdicts->own_to > verdicts->own_from && verdicts->own_from == facts->cursor[1]) {
            facts->cursor[1] = verdicts->own_to;
        }
    }
}

static void act(struct office *office, const struct jl_action *action,
                const struct jl_message *message) {
    struct jl_session_facts *facts = &office->facts;
    uint64_t next = action->first_seq + BATCH_OPS;
    switch (action->kind) {
    case JL_ACTION_PUSH:
        JL_ASSERT(action->first_seq > facts->confirmed && action->first_seq <= facts->head);
        JL_ASSERT(action->max_bytes <= JL_BATCH_MAX_BYTES && action->max_bytes > 0);
        jl_session_sent(&office->session, next > facts->head + 1 ? facts->head + 1 : next);
        break;
    case JL_ACTION_PULL:
        JL_ASSERT(action->feed < 2 && action->pages <= JL_CREDIT_MAX_PAGES);
        JL_ASSERT(action->max_bytes >= JL_PAGE_MIN_BYTES && action->max_bytes <= JL_PAGE_MAX_BYTES);
        break;
    case JL_ACTION_TAKE_VERDICTS:
        take_verdicts(facts, &message->as.verdicts);
        break;
    case JL_ACTION_TAKE_PAGE:
        JL_ASSERT(message->as.page.repair ||
                  message->as.page.from == facts->cursor[message->as.page.feed]);
        if (!message->as.page.repair) {
            facts->cursor[message->as.page.feed] = message->as.page.to;
        }
        break;
    case JL_ACTION_NEW_INCARNATION:
        facts->head -= facts->confirmed;
        facts->confirmed = facts->cursor[0] = facts->cursor[1] = 0;
        break;
    case JL_ACTION_TAKE_EPOCH:
        JL_ASSERT(action->first_seq <= facts->head);
        facts->has_epoch = true;
        memcpy(facts->epoch, office->epoch, sizeof facts->epoch);
        facts->confirmed =
            action->first_seq < facts->confirmed ? action->first_seq : facts->confirmed;
        facts->cursor[0] = facts->cursor[1] = 0;
        break;
    case JL_ACTION_CHECK_CHAIN:
        office->asked_chain = true;
        break;
    case JL_ACTION_REREAD:
        facts->cursor[0] = facts->cursor[1] = 0;
        break;
    case JL_ACTION_COMPARE_BUCKETS:
    case JL_ACTION_COMPARE_IDS:
        office->asked_differs = true;
        break;
    case JL_ACTION_PROVEN:
        JL_ASSERT(message->kind == JL_MESSAGE_PROVED &&
                  message->as.proved.result == JL_PROOF_IDENTICAL);
        JL_ASSERT(office->session.proven && facts->head == facts->confirmed);
        break;
    case JL_ACTION_HELLO:
    case JL_ACTION_PROOF:
    case JL_ACTION_ASK_BUCKETS:
    case JL_ACTION_ASK_PARTS:
    case JL_ACTION_ASK_IDS:
    case JL_ACTION_ASK_ROWS:
    case JL_ACTION_RECONNECT:
    case JL_ACTION_TELL:
        break;
    }
}

/* Records that are counted and taken away again leave the sum as it was, also in its stored form.
 */
static void count_ids(struct jl_setsum *sum, const struct jl_ids *ids) {
    static uint8_t stored[JL_SETSUM_BYTES];
    static struct jl_setsum before;
    static struct jl_setsum read;
    uint8_t hash[JL_SUM_BYTES] = {0};
    uint8_t root[JL_SUM_BYTES];
    before = *sum;
    for (size_t i = 0; i < ids->record_count; i++) {
        memcpy(hash, ids->records[i].hash, JL_SHORT_SUM_BYTES);
        memcpy(hash + JL_SHORT_SUM_BYTES, ids->records[i].id.bytes, JL_SHORT_SUM_BYTES);
        jl_setsum_add(sum, &ids->records[i].id, hash);
    }
    jl_setsum_encode(sum, stored);
    JL_ASSERT(jl_setsum_decode(jl_bytes(stored, sizeof stored), &read, NULL) == JL_OK);
    JL_ASSERT(jl_setsum_equal(&read, sum));
    JL_ASSERT(jl_setsum_root(hasher, sum, &read, root, NULL) == JL_OK);
    for (size_t i = 0; i < ids->record_count; i++) {
        memcpy(hash, ids->records[i].hash, JL_SHORT_SUM_BYTES);
        memcpy(hash + JL_SHORT_SUM_BYTES, ids->records[i].id.bytes, JL_SHORT_SUM_BYTES);
        jl_setsum_remove(sum, &ids->records[i].id, hash);
    }
    JL_ASSERT(jl_setsum_equal(&before, sum));
}

/* As client/books/office_incarnation.c compares. */
static size_t count_buckets(const struct jl_setsum *sum, const struct jl_buckets *buckets) {
    size_t count = 0;
    JL_ASSERT(buckets->feed < 2 &&
              (buckets->part_count > 0 || buckets->sums.size == JL_BUCKETS * JL_SHORT_SUM_BYTES));
    if (buckets->part_count > 0) {
        return buckets->part_count;
    }
    for (unsigned bucket = 0; bucket < JL_BUCKETS; bucket++) {
        uint8_t own[JL_SUM_BYTES];
        jl_setsum_bucket(sum, bucket, own);
        count +=
            memcmp(own, buckets->sums.data + bucket * JL_SHORT_SUM_BYTES, JL_SHORT_SUM_BYTES) != 0;
    }
    return count;
}

static void hear(struct office *office, struct jl_bytes frame, struct jl_arena *arena) {
    struct jl_message message;
    size_t different = 0;
    if (jl_wire_decode(wire, frame, arena, &message, NULL) != JL_OK) {
        return;
    }
    if (message.kind == JL_MESSAGE_WELCOME) {
        memcpy(office->epoch, message.as.welcome.epoch, sizeof office->epoch);
    } else if (message.kind == JL_MESSAGE_IDS) {
        count_ids(&office->sum, &message.as.ids);
        different = message.as.ids.record_count;
    } else if (message.kind == JL_MESSAGE_BUCKETS) {
        different = count_buckets(&office->sum, &message.as.buckets);
    }
    step(office, (struct jl_event){.kind = JL_EVENT_MESSAGE, .message = &message});
    if (office->asked_differs) {
        office->asked_differs = false;
        step(office,
             (struct jl_event){.kind = JL_EVENT_DIFFERENT, .compared = {.different = different}});
    }
}

static struct jl_bytes take_frame(struct jl_reader *reader) {
    uint8_t low = 0;
    uint8_t high = 0;
    struct jl_bytes frame = {0};
    if (jl_reader_u8(reader, &low, NULL) != JL_OK || jl_reader_u8(reader, &high, NULL) != JL_OK) {
        return frame;
    }
    size_t size = low | (size_t)high << 8;
    size = size > reader->rest.size ? reader->rest.size : size;
    JL_ASSERT(jl_reader_take(reader, size, &frame, NULL) == JL_OK);
    return frame;
}

static void run_step(struct office *office, struct jl_reader *reader, struct jl_arena *arena) {
    uint8_t kind = 0;
    uint8_t number = 0;
    JL_ASSERT(jl_reader_u8(reader, &kind, NULL) == JL_OK);
    switch ((enum step)(kind % STEPS)) {
    case STEP_MESSAGE:
        hear(office, take_frame(reader), arena);
        break;
    case STEP_TICK:
        (void)!jl_reader_u8(reader, &number, NULL);
        office->now_ms += (int64_t)number * 1000;
        step(office, (struct jl_event){.kind = JL_EVENT_TICK});
        break;
    case STEP_CHANGE:
        office->facts.head++;
        step(office, (struct jl_event){.kind = JL_EVENT_TICK});
        break;
    case STEP_DIFFERS:
        (void)!jl_reader_u8(reader, &number, NULL);
        step(office, (struct jl_event){.kind = JL_EVENT_DIFFERENT,
                                       .compared = {.different = number & 15,
                                                    .parts = number >> 4 & 1,
                                                    .more = (number & 32) != 0,
                                                    .reread = (number >> 6) % 3}});
        break;
    case STEP_LOST:
        step(office, (struct jl_event){.kind = JL_EVENT_NOT_SENT});
        break;
    case STEPS:
        break;
    }
    if (office->asked_chain) { /* the driver answers at once */
        office->asked_chain = false;
        step(office, (struct jl_event){.kind = JL_EVENT_CHAIN, .chain_same = kind < 0x80});
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct jl_arena arena;
    static struct office office;
    struct jl_reader reader = {.rest = jl_bytes(data, size)};
    if (wire == NULL) {
        JL_ASSERT(jl_wire_new(jl_suite_find(JL_SUITE_FIRST), &wire, NULL) == JL_OK);
        JL_ASSERT(jl_hasher_new(jl_suite_find(JL_SUITE_FIRST), &hasher, NULL) == JL_OK);
    }
    office = (struct office){
        .now_ms = 1000000,
        .facts = {.has_epoch = true, .epoch = {7}, .head = 3, .confirmed = 3, .cursor = {5, 8}}};
    jl_session_init(&office.session, 42);
    step(&office, (struct jl_event){.kind = JL_EVENT_TICK}); /* Hello */
    for (int i = 0; i < STEPS_MAX && reader.rest.size > 0; i++) {
        jl_arena_reset(&arena);
        run_step(&office, &reader, &arena);
    }
    return 0;
}
