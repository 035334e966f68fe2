/* Decisions about quarantined ops: records of the built-in type quarantine_decision that the
 * district makes for itself (owner 0), read into memory when they may have changed.
 *
 * A record covers ops in a row of one incarnation. It carries a mark for each of them, the first
 * half of the SHA-256 of the op's bytes in hex, by which the op is known wherever it comes from;
 * the latest record about an op counts. Admissions of earlier versions have no marks: these count
 * for their place alone. */
#include "decisions.h"
#include "district.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/hex.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/crypto/random.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct decided {
    uint64_t order; /* journal entry: later ones replace earlier ones */
    uint32_t device;
    uint8_t incarnation[JL_DECISION_INCARNATION_BYTES];
    uint64_t first_seq, last_seq;
    enum jl_decision decision;
    const char *reason;
    const uint8_t (
        *marks)[JL_DECISION_MARK_BYTES]; /* last_seq − first_seq + 1 of them; NULL: none */
};

struct marked {
    uint32_t device;
    uint8_t mark[JL_DECISION_MARK_BYTES];
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
    int64_t number = jl_row_number(row, field);
    return number > 0 ? (uint64_t)number : 0;
}

static enum jl_rc text_of(struct jl_arena *arena, const struct jl_row *row, uint32_t field,
                          const char **out_text, struct jl_err *err) {
    *out_text = jl_arena_text(arena, jl_row_text(row, field));
    return *out_text != NULL ? JL_OK : jl_fault_memory(err);
}

static enum jl_rc read_marks(struct jl_arena *arena, const struct jl_row *row,
                             struct decided *decided, struct jl_err *err) {
    const char *text = NULL;
    uint64_t count = decided->last_seq - decided->first_seq + 1;
    enum jl_rc rc = text_of(arena, row, JL_DECISION_FIELD_MARKS, &text, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (count > JL_BATCH_OPS_MAX || strlen(text) != count * JL_DECISION_MARK_BYTES * 2) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED,
                           "a refusal of %" PRIu64 " ops with %zu signs of marks", count,
                           strlen(text));
    }
    uint8_t *marks = jl_arena_alloc(arena, (size_t)count * JL_DECISION_MARK_BYTES);
    if (marks == NULL) {
        return jl_fault_memory(err);
    }
    for (uint64_t i = 0; rc == JL_OK && i < count; i++) {
        char one[JL_DECISION_MARK_BYTES * 2 + 1];
        memcpy(one, text + i * JL_DECISION_MARK_BYTES * 2, JL_DECISION_MARK_BYTES * 2);
        one[JL_DECISION_MARK_BYTES * 2] = '\0';
        rc = jl_hex_decode(one, marks + i * JL_DECISION_MARK_BYTES, JL_DECISION_MARK_BYTES, err);
    }
    decided->marks = (const uint8_t(*)[JL_DECISION_MARK_BYTES])marks;
    return rc;
}

static enum jl_rc grow(struct jl_decisions *decisions, struct jl_err *err) {
    if (decisions->count < decisions->capacity) {
        return JL_OK;
    }
    size_t capacity = decisions->capacity * 2 + 16;
    struct decided *more = realloc(decisions->items, capacity * sizeof *more);
    if (more == NULL) {
        return jl_fault_memory(err);
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
        rc = text_of(&scratch, &record.row, JL_DECISION_FIELD_INCARNATION, &incarnation, err);
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
        .device = (uint32_t)number_of(&record.row, JL_DECISION_FIELD_DEVICE),
        .first_seq = number_of(&record.row, JL_DECISION_FIELD_FIRST),
        .last_seq = number_of(&record.row, JL_DECISION_FIELD_LAST),
        .decision = (enum jl_decision)number_of(&record.row, JL_DECISION_FIELD_DECISION),
    };
    if (decided->first_seq == 0 || decided->last_seq < decided->first_seq ||
        jl_hex_decode(incarnation, decided->incarnation, JL_DECISION_INCARNATION_BYTES, err) !=
            JL_OK) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED, "%s",
                           "a quarantine decision can't be read");
    }
    rc = text_of(&decisions->arena, &record.row, JL_DECISION_FIELD_REASON, &decided->reason, err);
    const struct jl_value *marks = jl_row_get(&record.row, JL_DECISION_FIELD_MARKS);
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
static const struct decided *
at_place(const struct jl_decisions *decisions,
         const uint8_t incarnation[static JL_DECISION_INCARNATION_BYTES], uint64_t seq) {
    for (size_t i = 0; decisions->unmarked && i < decisions->count; i++) {
        const struct decided *item = &decisions->items[i];
        if (item->marks == NULL && item->first_seq <= seq && seq <= item->last_seq &&
            memcmp(item->incarnation, incarnation, JL_DECISION_INCARNATION_BYTES) == 0) {
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
    return memcmp(left->mark, right->mark, JL_DECISION_MARK_BYTES);
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
        return jl_fault_memory(err);
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
            memcpy(marked->mark, item->marks[at], JL_DECISION_MARK_BYTES);
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
        return jl_fault_memory(err);
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
        memcpy(key.mark, mark, JL_DECISION_MARK_BYTES);
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
