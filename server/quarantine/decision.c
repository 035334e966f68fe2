/* Decisions about quarantined ops: records of the built-in type quarantine_decision that the
 * district makes for itself (owner 0), read into memory when they may have changed.
 *
 * A record covers ops in a row of one incarnation. It carries a mark for each of them, the first
 * half of the SHA-256 of the op's bytes in hex, by which the op is known wherever it comes from;
 * the latest record about an op counts. Admissions of earlier versions have no marks: these count
 * for their place alone. */
#include "server/books/district_internal.h"

#include "jielian/base/assert.h"
#include "jielian/base/hex.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/crypto/random.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { /* fields of the type */
       FIELD_DEVICE = 1,
       FIELD_INCARNATION = 2,
       FIELD_FIRST = 3,
       FIELD_LAST = 4,
       FIELD_DECISION = 5,
       FIELD_REASON = 6,
       FIELD_MARKS = 7,
       FIELD_DECIDED_ON = 8,
       FIELD_STAFF = 9,

       MARK_BYTES = 16,
       INCARNATION_BYTES = 16,
};

struct decided {
    uint64_t order; /* journal entry: later ones replace earlier ones */
    uint32_t device;
    uint8_t incarnation[INCARNATION_BYTES];
    uint64_t first_seq, last_seq;
    enum jl_decision decision;
    const char *reason;
    const uint8_t (*marks)[MARK_BYTES]; /* last_seq − first_seq + 1 of them; NULL: none */
};

struct marked {
    uint32_t device;
    uint8_t mark[MARK_BYTES];
    const struct decided *item;
};

struct jl_decisions {
    bool loaded;
    struct jl_arena arena;
    struct decided *items; /* the newest first */
    size_t count, capacity;
    struct marked *marked; /* by device and mark: what counts of each op */
    size_t marked_count;
    bool refuses, unmarked; /* some op is refused; some decision has no marks */
};

void jl_decisions_free(struct jl_decisions *decisions) {
    if (decisions != NULL) {
        jl_arena_fini(&decisions->arena);
        free(decisions->items);
        free(decisions);
    }
}

void jl_decisions_forget(struct jl_decisions *decisions) {
    if (decisions != NULL) {
        decisions->loaded = false;
    }
}

/* ---- Reading ---- */

static uint64_t number_of(const struct jl_row *row, uint32_t field) {
    const struct jl_value *value = jl_row_get(row, field);
    return value != NULL && value->kind == JL_VALUE_INT && value->number > 0
               ? (uint64_t)value->number
               : 0;
}

static enum jl_rc text_of(struct jl_arena *arena, const struct jl_row *row, uint32_t field,
                          const char **out_text, struct jl_err *err) {
    const struct jl_value *value = jl_row_get(row, field);
    size_t size = value != NULL && value->kind == JL_VALUE_TEXT ? value->bytes.size : 0;
    char *text = jl_arena_alloc(arena, size + 1);
    if (text == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for a decision");
    }
    if (size > 0) {
        memcpy(text, value->bytes.data, size);
    }
    text[size] = '\0';
    *out_text = text;
    return JL_OK;
}

static enum jl_rc read_marks(struct jl_arena *arena, const struct jl_row *row,
                             struct decided *decided, struct jl_err *err) {
    const char *text = NULL;
    uint64_t count = decided->last_seq - decided->first_seq + 1;
    enum jl_rc rc = text_of(arena, row, FIELD_MARKS, &text, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (count > JL_BATCH_OPS_MAX || strlen(text) != count * MARK_BYTES * 2) {
        return jl_fail(err, JL_CORRUPT, "a refusal of %" PRIu64 " ops with %zu signs of marks",
                       count, strlen(text));
    }
    uint8_t *marks = jl_arena_alloc(arena, (size_t)count * MARK_BYTES);
    if (marks == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for a decision");
    }
    for (uint64_t i = 0; rc == JL_OK && i < count; i++) {
        char one[MARK_BYTES * 2 + 1];
        memcpy(one, text + i * MARK_BYTES * 2, MARK_BYTES * 2);
        one[MARK_BYTES * 2] = '\0';
        rc = jl_hex_decode(one, marks + i * MARK_BYTES, MARK_BYTES, err);
    }
    decided->marks = (const uint8_t(*)[MARK_BYTES])marks;
    return rc;
}

static enum jl_rc grow(struct jl_decisions *decisions, struct jl_err *err) {
    if (decisions->count < decisions->capacity) {
        return JL_OK;
    }
    size_t capacity = decisions->capacity * 2 + 16;
    struct decided *more = realloc(decisions->items, capacity * sizeof *more);
    if (more == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for %zu decisions", capacity);
    }
    decisions->items = more;
    decisions->capacity = capacity;
    return JL_OK;
}

static enum jl_rc read_decision(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct jl_district *district = context;
    struct jl_decisions *decisions = district->decisions;
    JL_AUTO(jl_arena) scratch = {0};
    struct jl_book_record record;
    const char *incarnation = NULL;
    enum jl_rc rc = jl_books_unseal(district->books, stored, &scratch, &record, err);
    if (rc == JL_OK) {
        rc = text_of(&scratch, &record.row, FIELD_INCARNATION, &incarnation, err);
    }
    if (rc == JL_OK) {
        rc = grow(decisions, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    struct decided *decided = &decisions->items[decisions->count];
    *decided = (struct decided){
        .order = record.head.last,
        .device = (uint32_t)number_of(&record.row, FIELD_DEVICE),
        .first_seq = number_of(&record.row, FIELD_FIRST),
        .last_seq = number_of(&record.row, FIELD_LAST),
        .decision = (enum jl_decision)number_of(&record.row, FIELD_DECISION),
    };
    if (decided->first_seq == 0 || decided->last_seq < decided->first_seq ||
        jl_hex_decode(incarnation, decided->incarnation, INCARNATION_BYTES, err) != JL_OK) {
        return jl_fail(err, JL_CORRUPT, "a quarantine decision can't be read; run verify");
    }
    rc = text_of(&decisions->arena, &record.row, FIELD_REASON, &decided->reason, err);
    const struct jl_value *marks = jl_row_get(&record.row, FIELD_MARKS);
    if (rc == JL_OK && (decided->decision == JL_DECISION_REFUSE || marks != NULL)) {
        rc = read_marks(&decisions->arena, &record.row, decided, err);
    }
    decisions->count += rc == JL_OK;
    return rc;
}

/* ---- What counts ---- */

static int newest_first(const void *a, const void *b) {
    const struct decided *left = a;
    const struct decided *right = b;
    return left->order > right->order ? -1 : left->order < right->order;
}

/* The latest one without marks. */
static const struct decided *at_place(const struct jl_decisions *decisions,
                                      const uint8_t incarnation[static INCARNATION_BYTES],
                                      uint64_t seq) {
    for (size_t i = 0; decisions->unmarked && i < decisions->count; i++) {
        const struct decided *item = &decisions->items[i];
        if (item->marks == NULL && item->first_seq <= seq && seq <= item->last_seq &&
            memcmp(item->incarnation, incarnation, INCARNATION_BYTES) == 0) {
            return item;
        }
    }
    return NULL;
}

static int by_mark(const void *a, const void *b) {
    const struct marked *left = a;
    const struct marked *right = b;
    if (left->device != right->device) {
        return left->device < right->device ? -1 : 1;
    }
    return memcmp(left->mark, right->mark, MARK_BYTES);
}

static int by_mark_newest_first(const void *a, const void *b) {
    const struct marked *left = a;
    const struct marked *right = b;
    int order = by_mark(a, b);
    return order != 0 ? order : newest_first(left->item, right->item);
}

static uint64_t ops_of(const struct decided *item) {
    return item->marks != NULL ? item->last_seq - item->first_seq + 1 : 0;
}

/* Of each op the latest. */
static void keep_what_counts(struct jl_decisions *decisions) {
    size_t kept = 0;
    qsort(decisions->marked, decisions->marked_count, sizeof *decisions->marked,
          by_mark_newest_first);
    for (size_t i = 0; i < decisions->marked_count; i++) {
        const struct marked *marked = &decisions->marked[i];
        if (kept == 0 || by_mark(marked, &decisions->marked[kept - 1]) != 0) {
            decisions->refuses = decisions->refuses || marked->item->decision == JL_DECISION_REFUSE;
            decisions->marked[kept++] = *marked;
        }
    }
    decisions->marked_count = kept;
}

static enum jl_rc list_marked(struct jl_decisions *decisions, struct jl_err *err) {
    uint64_t most = 0;
    decisions->marked_count = 0;
    decisions->refuses = decisions->unmarked = false;
    for (size_t i = 0; i < decisions->count; i++) {
        most += ops_of(&decisions->items[i]);
        decisions->unmarked = decisions->unmarked || decisions->items[i].marks == NULL;
    }
    decisions->marked =
        jl_arena_zalloc(&decisions->arena, (size_t)most + 1, sizeof *decisions->marked);
    if (decisions->marked == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for %" PRIu64 " decisions", most);
    }
    for (size_t i = 0; i < decisions->count; i++) {
        const struct decided *item = &decisions->items[i];
        for (uint64_t at = 0; at < ops_of(item); at++) {
            const struct decided *admitted =
                at_place(decisions, item->incarnation, item->first_seq + at);
            if (admitted != NULL && admitted->order > item->order) {
                continue; /* admitted later */
            }
            struct marked *marked = &decisions->marked[decisions->marked_count++];
            *marked = (struct marked){.device = item->device, .item = item};
            memcpy(marked->mark, item->marks[at], MARK_BYTES);
        }
    }
    keep_what_counts(decisions);
    return JL_OK;
}

static enum jl_rc load(struct jl_district *district, struct jl_err *err) {
    const struct jl_scan scan = {.type = JL_TYPE_DECISION, .owner_set = true, .owner = 0};
    if (district->decisions == NULL) {
        district->decisions = calloc(1, sizeof *district->decisions);
    }
    struct jl_decisions *decisions = district->decisions;
    if (decisions == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for decisions");
    }
    if (decisions->loaded) {
        return JL_OK;
    }
    jl_arena_reset(&decisions->arena);
    decisions->count = 0;
    enum jl_rc rc = jl_records_scan(district->books->store, &scan, read_decision, district, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (decisions->count > 0) {
        qsort(decisions->items, decisions->count, sizeof *decisions->items, newest_first);
    }
    rc = list_marked(decisions, err);
    decisions->loaded = rc == JL_OK;
    return rc;
}

/* ---- Asking ---- */

static enum jl_rc find(struct jl_district *district, uint32_t device, struct jl_bytes op_bytes,
                       const struct decided **out_item, struct jl_err *err) {
    uint8_t mark[JL_HASH_BYTES];
    const struct jl_decisions *decisions = district->decisions;
    struct marked key = {.device = device};
    *out_item = NULL;
    enum jl_rc rc = jl_hasher_digest(district->books->hasher, &op_bytes, 1, mark, err);
    if (rc == JL_OK && decisions->marked_count > 0) {
        memcpy(key.mark, mark, MARK_BYTES);
        const struct marked *found = bsearch(&key, decisions->marked, decisions->marked_count,
                                             sizeof *decisions->marked, by_mark);
        *out_item = found != NULL ? found->item : NULL;
    }
    return rc;
}

enum jl_rc jl_decision_of(struct jl_district *district, const struct jl_origin *origin,
                          uint64_t seq, struct jl_bytes op_bytes, struct jl_decided *out_decided,
                          struct jl_err *err) {
    const struct decided *item = NULL;
    *out_decided = (struct jl_decided){.reason = ""};
    enum jl_rc rc = load(district, err);
    if (rc == JL_OK) {
        rc = find(district, origin->device, op_bytes, &item, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    const struct decided *here = at_place(district->decisions, origin->incarnation, seq);
    item = here != NULL && (item == NULL || here->order > item->order) ? here : item;
    if (item != NULL) {
        *out_decided = (struct jl_decided){
            .decision = item->decision, .reason = item->reason, .journal_seq = item->order};
    }
    return JL_OK;
}

enum jl_rc jl_decision_refusal(struct jl_district *district, uint32_t device,
                               struct jl_bytes op_bytes, const char **out_reason,
                               struct jl_err *err) {
    const struct decided *item = NULL;
    *out_reason = NULL;
    enum jl_rc rc = load(district, err);
    if (rc == JL_OK && district->decisions->refuses) {
        rc = find(district, device, op_bytes, &item, err);
    }
    if (item != NULL && item->decision == JL_DECISION_REFUSE) {
        *out_reason = item->reason;
    }
    return rc;
}

/* ---- Writing ---- */

struct deciding {
    struct jl_district *district;
    enum jl_decision decision;
    const char *reason;
    const struct jl_run *runs;
    size_t run_count;
    struct jl_run *judged;            /* out; NULL: not asked */
    char **marks;                     /* of each run, in hex */
    uint64_t *seen;                   /* ops of each run that are held */
    struct jl_held_decided *standing; /* those of the ops that were decided before */
    size_t standing_count, standing_capacity;
    struct jl_arena arena;
    struct jl_id_source ids;
};

static enum jl_rc put(struct jl_row *row, uint32_t field, struct jl_value value,
                      struct jl_arena *arena, struct jl_err *err) {
    bool empty = value.kind == JL_VALUE_TEXT && value.bytes.size == 0;
    return empty ? JL_OK : jl_row_set(row, field, &value, arena, err);
}

static enum jl_rc note_standing(struct deciding *deciding, const struct jl_held_op *held,
                                const uint8_t hash[static JL_HASH_BYTES], struct jl_err *err) {
    if (deciding->standing_count == deciding->standing_capacity) {
        size_t capacity = deciding->standing_capacity * 2 + 16;
        struct jl_held_decided *more = realloc(deciding->standing, capacity * sizeof *more);
        if (more == NULL) {
            return jl_fail(err, JL_NOMEM, "no memory for %zu decisions", capacity);
        }
        deciding->standing = more;
        deciding->standing_capacity = capacity;
    }
    struct jl_held_decided *standing = &deciding->standing[deciding->standing_count++];
    *standing = (struct jl_held_decided){.origin = held->origin->number,
                                         .seq = held->seq,
                                         .decision = held->decision,
                                         .decided_at = held->decided_at};
    memcpy(standing->hash, hash, JL_HASH_BYTES);
    return JL_OK;
}

static enum jl_rc mark_held(void *context, const struct jl_held_op *held, struct jl_err *err) {
    struct deciding *deciding = context;
    uint8_t hash[JL_HASH_BYTES];
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < deciding->run_count; i++) {
        const struct jl_run *run = &deciding->runs[i];
        if (held->origin->number != run->origin || held->seq < run->first_seq ||
            held->seq > run->last_seq) {
            continue;
        }
        deciding->seen[i]++;
        rc = jl_hasher_digest(deciding->district->books->hasher, &held->bytes, 1, hash, err);
        if (rc == JL_OK) {
            jl_hex_encode(jl_bytes(hash, MARK_BYTES),
                          deciding->marks[i] + (held->seq - run->first_seq) * MARK_BYTES * 2);
        }
        if (rc == JL_OK && held->decision != JL_DECISION_NONE) {
            rc = note_standing(deciding, held, hash, err);
        }
    }
    return rc;
}

static enum jl_rc room_for_marks(struct deciding *deciding, struct jl_err *err) {
    struct jl_arena *arena = &deciding->arena;
    deciding->seen = jl_arena_zalloc(arena, deciding->run_count + 1, sizeof *deciding->seen);
    deciding->marks = jl_arena_zalloc(arena, deciding->run_count + 1, sizeof *deciding->marks);
    if (deciding->seen == NULL || deciding->marks == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for decisions");
    }
    for (size_t i = 0; i < deciding->run_count; i++) {
        const struct jl_run *run = &deciding->runs[i];
        size_t size = (size_t)(run->last_seq - run->first_seq + 1) * MARK_BYTES * 2;
        JL_ASSERT(run->last_seq - run->first_seq < JL_BATCH_OPS_MAX);
        deciding->marks[i] = jl_arena_zalloc(arena, size + 1, 1);
        if (deciding->marks[i] == NULL) {
            return jl_fail(err, JL_NOMEM, "no memory for decisions");
        }
    }
    return JL_OK;
}

/* One op may be held in several places, and was judged in another of them. */
static enum jl_rc check_open(struct deciding *deciding, uint32_t device, struct jl_err *err) {
    const struct jl_held_decided *judged = NULL;
    enum jl_rc rc = jl_held_judged(deciding->district, device, deciding->standing,
                                   deciding->standing_count, &judged, err);
    if (rc != JL_OK || judged == NULL) {
        return rc;
    }
    if (deciding->judged != NULL) {
        *deciding->judged = (struct jl_run){
            .origin = judged->origin, .first_seq = judged->seq, .last_seq = judged->seq};
    }
    return jl_fail(err, JL_CONFLICT,
                   "op %" PRIu64 " of origin %" PRIu32 " was judged under another incarnation",
                   judged->seq, judged->origin);
}

/* All that is decided about must be held, and not judged yet. */
static enum jl_rc gather(struct deciding *deciding, uint32_t device, struct jl_err *err) {
    struct jl_district *district = deciding->district;
    enum jl_rc rc = room_for_marks(deciding, err);
    if (rc == JL_OK) {
        rc = jl_district_begin(district, false, NULL, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_quarantine_each(district, device, mark_held, deciding, err);
    if (rc == JL_OK) {
        rc = check_open(deciding, device, err);
    }
    jl_store_rollback(district->books->store);
    for (size_t i = 0; rc == JL_OK && i < deciding->run_count; i++) {
        const struct jl_run *run = &deciding->runs[i];
        if (deciding->seen[i] != run->last_seq - run->first_seq + 1) {
            rc = jl_fail(err, JL_NOT_FOUND,
                         "not all of the ops %" PRIu64 " to %" PRIu64 " are in quarantine",
                         run->first_seq, run->last_seq);
        }
    }
    return rc;
}

static enum jl_rc fill(struct deciding *deciding, size_t index, struct jl_row *row,
                       struct jl_err *err) {
    struct jl_district *district = deciding->district;
    struct jl_arena *arena = &deciding->arena;
    const struct jl_run *run = &deciding->runs[index];
    const struct jl_origin *origin = jl_district_origin(district, run->origin);
    int64_t now_ms = district->clock.wall_ms(district->clock.context);
    char *incarnation = jl_arena_alloc(arena, 2 * INCARNATION_BYTES + 1);
    JL_ASSERT(origin != NULL); /* its ops were held a moment ago, and origins stay */
    if (incarnation == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for decisions");
    }
    jl_hex_encode(jl_bytes(origin->incarnation, INCARNATION_BYTES), incarnation);
    *row = (struct jl_row){.type = JL_TYPE_DECISION, .id = jl_id_next(&deciding->ids, now_ms)};
    const struct {
        uint32_t field;
        struct jl_value value;
    } fields[] = {
        {FIELD_DEVICE, jl_value_int(origin->device)},
        {FIELD_INCARNATION, jl_value_cstr(incarnation)},
        {FIELD_FIRST, jl_value_int((int64_t)run->first_seq)},
        {FIELD_LAST, jl_value_int((int64_t)run->last_seq)},
        {FIELD_DECISION, jl_value_int(deciding->decision)},
        {FIELD_REASON, jl_value_cstr(deciding->reason)},
        {FIELD_MARKS, jl_value_cstr(deciding->marks[index])},
        {FIELD_DECIDED_ON, jl_value_int(jl_date_of_ms(now_ms))},
        {FIELD_STAFF, jl_value_text(district->staff)},
    };
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < sizeof fields / sizeof *fields; i++) {
        rc = put(row, fields[i].field, fields[i].value, arena, err);
    }
    return rc;
}

static enum jl_rc save(struct deciding *deciding, struct jl_err *err) {
    struct jl_change *changes =
        jl_arena_zalloc(&deciding->arena, deciding->run_count + 1, sizeof *changes);
    uint8_t random[16];
    enum jl_rc rc = changes != NULL ? jl_random(random, sizeof random, err)
                                    : jl_fail(err, JL_NOMEM, "no memory for decisions");
    if (rc == JL_OK) {
        jl_id_source_init(&deciding->ids, random);
    }
    for (size_t i = 0; rc == JL_OK && i < deciding->run_count; i++) {
        changes[i].kind = JL_OP_CREATE;
        rc = fill(deciding, i, &changes[i].after, err);
    }
    return rc == JL_OK
               ? jl_district_save(deciding->district, NULL, changes, deciding->run_count, err)
               : rc;
}

enum jl_rc jl_quarantine_decide(struct jl_district *district, uint32_t device,
                                const struct jl_deciding *wanted, const struct jl_run *runs,
                                size_t run_count, struct jl_err *err) {
    struct deciding deciding = {.district = district,
                                .decision = wanted->decision,
                                .reason = wanted->reason,
                                .judged = wanted->judged,
                                .runs = runs,
                                .run_count = run_count};
    enum jl_rc rc = gather(&deciding, device, err);
    if (rc == JL_OK) {
        rc = save(&deciding, err);
    }
    free(deciding.standing);
    jl_arena_fini(&deciding.arena);
    return rc;
}
