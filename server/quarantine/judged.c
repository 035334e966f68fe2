/* Held ops that were judged already. A device with more than one incarnation may deliver an op
 * under each; all copies have one decision, so the first that is judged settles it, and the others
 * only repeat it. The journal says which: it is read from the oldest of the decisions on, and only
 * when something that was decided is decided anew. */
#include "judged.h"

#include "server/books/journal.h"
#include "server/books/verdicts.h"

#include "jielian/store/journal.h"

#include <stdlib.h>
#include <string.h>

struct search {
    struct jl_district *district;
    uint32_t device;
    const struct jl_held_decided *standing; /* by hash */
    size_t count;
    const struct jl_held_decided *found;
};

static int by_hash(const void *a, const void *b) {
    const struct jl_held_decided *left = a;
    const struct jl_held_decided *right = b;
    return memcmp(left->hash, right->hash, JL_HASH_BYTES);
}

static enum jl_verdict_code code_of(const struct jl_verdict *verdicts, size_t count, uint64_t seq) {
    for (size_t i = 0; i < count; i++) {
        if (verdicts[i].seq == seq) {
            return verdicts[i].code;
        }
    }
    return JL_VERDICT_APPLIED;
}

/* What was admitted and does not fit is judged anew when it comes again. */
static bool settles(const struct jl_held_decided *standing, const struct jl_journal_entry *entry,
                    enum jl_verdict_code code) {
    return entry->seq > standing->decided_at &&
           (code != JL_VERDICT_PARKED || standing->decision == JL_DECISION_REFUSE);
}

static enum jl_rc search_entry(void *context, const struct jl_journal_entry *entry,
                               struct jl_err *err) {
    struct search *search = context;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_journal_opened opened;
    struct jl_verdict *verdicts = NULL;
    size_t count = 0;
    const struct jl_origin *origin = jl_roster_origin(search->district, entry->origin);
    if (search->found != NULL || origin == NULL || origin->device != search->device) {
        return JL_OK;
    }
    enum jl_rc rc = jl_journal_open(search->district, entry, &arena, &opened, err);
    if (rc == JL_OK) {
        rc = jl_verdicts_decode(entry->verdicts, &arena, &verdicts, &count, err);
    }
    for (size_t i = 0; rc == JL_OK && i < opened.push.count; i++) {
        struct jl_held_decided key;
        rc = jl_hasher_digest(search->district->books->hasher, &opened.push.ops[i], 1, key.hash,
                              err);
        const struct jl_held_decided *standing =
            rc == JL_OK
                ? bsearch(&key, search->standing, search->count, sizeof *search->standing, by_hash)
                : NULL;
        if (standing != NULL &&
            settles(standing, entry, code_of(verdicts, count, entry->first_op + i))) {
            search->found = standing;
        }
    }
    return rc;
}

enum jl_rc jl_judged_find(struct jl_district *district, uint32_t device,
                          struct jl_held_decided *standing, size_t count,
                          const struct jl_held_decided **out_judged, struct jl_err *err) {
    struct search search = {
        .district = district, .device = device, .standing = standing, .count = count};
    uint64_t oldest = UINT64_MAX;
    size_t incarnations = 0;
    *out_judged = NULL;
    for (size_t i = 0; i < district->origin_count; i++) {
        incarnations += district->origins[i].device == device ? 1 : 0;
    }
    if (count == 0 || incarnations < 2) {
        return JL_OK;
    }
    for (size_t i = 0; i < count; i++) {
        oldest = standing[i].decided_at < oldest ? standing[i].decided_at : oldest;
    }
    qsort(standing, count, sizeof *standing, by_hash);
    enum jl_rc rc =
        jl_journal_entry_read(district->books->store, oldest + 1, 0, search_entry, &search, err);
    *out_judged = search.found;
    return rc;
}
