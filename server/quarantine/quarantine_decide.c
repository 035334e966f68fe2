/* Taking a decision about quarantined ops: all that it is about must be held and not judged yet;
 * then it is saved as records of the district's own. */
#include "judged.h"
#include "quarantine.h"

#include "server/books/own_ops.h"

#include "jielian/base/assert.h"
#include "jielian/base/date.h"
#include "jielian/base/fault.h"
#include "jielian/base/hex.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/crypto/random.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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
            return jl_fault_memory(err);
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
            jl_hex_encode(jl_bytes(hash, JL_DECISION_MARK_BYTES),
                          deciding->marks[i] +
                              (held->seq - run->first_seq) * JL_DECISION_MARK_BYTES * 2);
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
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < deciding->run_count; i++) {
        const struct jl_run *run = &deciding->runs[i];
        size_t size = (size_t)(run->last_seq - run->first_seq + 1) * JL_DECISION_MARK_BYTES * 2;
        JL_ASSERT(run->last_seq - run->first_seq < JL_BATCH_OPS_MAX);
        deciding->marks[i] = jl_arena_zalloc(arena, size + 1, 1);
        if (deciding->marks[i] == NULL) {
            return jl_fault_memory(err);
        }
    }
    return JL_OK;
}

/* One op may be held in several places, and was judged in another of them. */
static enum jl_rc check_open(struct deciding *deciding, uint32_t device, struct jl_err *err) {
    const struct jl_held_decided *judged = NULL;
    enum jl_rc rc = jl_judged_find(deciding->district, device, deciding->standing,
                                   deciding->standing_count, &judged, err);
    if (rc != JL_OK || judged == NULL) {
        return rc;
    }
    if (deciding->judged != NULL) {
        *deciding->judged = (struct jl_run){
            .origin = judged->origin, .first_seq = judged->seq, .last_seq = judged->seq};
    }
    return jl_fault_at(err, JL_CONFLICT, JL_FAULT_QUARANTINE_JUDGED, "%" PRIu64 JL_AND "%" PRIu32,
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
            rc = jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_QUARANTINE_RUN,
                             "%" PRIu64 JL_AND "%" PRIu64, run->first_seq, run->last_seq);
        }
    }
    return rc;
}

static enum jl_rc fill(struct deciding *deciding, size_t index, struct jl_row *row,
                       struct jl_err *err) {
    struct jl_district *district = deciding->district;
    struct jl_arena *arena = &deciding->arena;
    const struct jl_run *run = &deciding->runs[index];
    const struct jl_origin *origin = jl_roster_origin(district, run->origin);
    int64_t now_ms = district->clock.wall_ms(district->clock.context);
    char *incarnation = jl_arena_alloc(arena, 2 * JL_DECISION_INCARNATION_BYTES + 1);
    JL_ASSERT(origin != NULL); /* its ops were held a moment ago, and origins stay */
    if (incarnation == NULL) {
        return jl_fault_memory(err);
    }
    jl_hex_encode(jl_bytes(origin->incarnation, JL_DECISION_INCARNATION_BYTES), incarnation);
    *row = (struct jl_row){.type = JL_TYPE_DECISION, .id = jl_id_next(&deciding->ids, now_ms)};
    const struct {
        uint32_t field;
        struct jl_value value;
    } fields[] = {
        {JL_DECISION_FIELD_DEVICE, jl_value_int(origin->device)},
        {JL_DECISION_FIELD_INCARNATION, jl_value_cstr(incarnation)},
        {JL_DECISION_FIELD_FIRST, jl_value_int((int64_t)run->first_seq)},
        {JL_DECISION_FIELD_LAST, jl_value_int((int64_t)run->last_seq)},
        {JL_DECISION_FIELD_DECISION, jl_value_int(deciding->decision)},
        {JL_DECISION_FIELD_REASON, jl_value_cstr(deciding->reason)},
        {JL_DECISION_FIELD_MARKS, jl_value_cstr(deciding->marks[index])},
        {JL_DECISION_FIELD_DECIDED_ON, jl_value_int(jl_date_of_ms(now_ms))},
        {JL_DECISION_FIELD_STAFF, jl_value_text(district->staff)},
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
    enum jl_rc rc = changes != NULL ? jl_random(random, sizeof random, err) : jl_fault_memory(err);
    if (rc == JL_OK) {
        jl_id_source_init(&deciding->ids, random);
    }
    for (size_t i = 0; rc == JL_OK && i < deciding->run_count; i++) {
        changes[i].kind = JL_OP_CREATE;
        rc = fill(deciding, i, &changes[i].after, err);
    }
    return rc == JL_OK
               ? jl_own_ops_save(deciding->district, NULL, changes, deciding->run_count, err)
               : rc;
}

enum jl_rc jl_quarantine_decide(struct jl_district *district, uint32_t device,
                                const struct jl_ruling *wanted, const struct jl_run *runs,
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
