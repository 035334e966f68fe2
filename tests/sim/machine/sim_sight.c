/* Whose records are: what an office may see of the district's books, and what it may change.
 *
 *   I20   the rogue (sim_rogue.c) changes nothing but its own office's records, transfers that its
 *         office is a party to, and what becomes of a transfer; it asks for no transfer but from
 *         its own office; it makes cases, closes none of another office, and opens none again
 *   I21   no PC is shown anything else, in a page or in the answer to a question, and of a possible
 *         duplicate with a record elsewhere only its own side; no account's verifier */
#include "sim.h"

#include "server/books/visibility.h"
#include "server/judge/case.h"

#include "jielian/base/assert.h"
#include "jielian/store/feeds.h"
#include "jielian/sync/case_id.h"
#include "tests/said.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { STAFF_VERIFIER = 5 }; /* the field, as in lib/catalogue/built_in.c */

/* ---- What is there ---- */

static uint32_t rogues_office(const struct sim *sim) {
    return sim->rogue.line.office_number;
}

/* Does the transfer name the office in this field? */
static bool names(const struct sim *sim, uint32_t office, const struct jl_type *type,
                  const struct jl_row *row, uint32_t field) {
    return type->transfer_subject != 0 &&
           jl_roster_office_of_ref(sim->world.district, jl_row_get(row, field)) == office;
}

static bool is_party(const struct sim *sim, uint32_t office, const struct jl_type *type,
                     const struct jl_row *row) {
    return names(sim, office, type, row, type->transfer_from) ||
           names(sim, office, type, row, type->transfer_to);
}

static bool has_number(const struct jl_row *row, uint32_t field, int64_t number) {
    const struct jl_value *value = jl_row_get(row, field);
    return value != NULL && value->number == number;
}

/* Only transfers and cases need to be read: of the others the head says all. */
static enum jl_rc read_seen(struct sim *sim, const struct jl_stored *stored,
                            const struct jl_type *type, struct sim_seen *seen, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record;
    uint32_t office = rogues_office(sim);
    enum jl_rc rc = jl_books_unseal(sim->world.district->books, stored, &arena, &record, err);
    if (rc != JL_OK) {
        return rc;
    }
    bool is_case = seen->key.type == JL_TYPE_CASE;
    seen->party = is_party(sim, office, type, &record.row);
    seen->leaves = names(sim, office, type, &record.row, type->transfer_from);
    seen->pair = is_case && seen->head.owner == 0;
    seen->closed = is_case && has_number(&record.row, JL_CASE_STATUS, JL_CASE_RESOLVED) &&
                   !has_number(&record.row, JL_CASE_KIND, JL_CASE_DUPLICATE);
    return JL_OK;
}

/* Inside a scan: nothing is written. */
static enum jl_rc look_at_gone(struct sim *sim, struct sim_seen *seen, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_record_key kept = {.type = seen->key.type};
    struct jl_head head = {0};
    enum jl_rc rc =
        jl_merged_into(sim->world.district, seen->key.type, &seen->key.id, &kept.id, err);
    if (rc == JL_OK && !jl_id_is_zero(&kept.id)) {
        rc = jl_records_heads(sim->world.district->books->store, &kept, 1, &arena, &head, err);
    }
    seen->merged = head.rid != 0 && head.state == JL_RECORD_LIVE;
    return rc;
}

static enum jl_rc note_seen(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct sim_sight *sight = context;
    const struct jl_type *type =
        jl_catalogue_type(sight->sim->world.district->books->catalogue, stored->head.type);
    if (sight->count == sight->capacity) {
        sight->capacity = 2 * sight->capacity + 256;
        sight->items = realloc(sight->items, sight->capacity * sizeof *sight->items);
        JL_ASSERT(sight->items != NULL);
    }
    struct sim_seen *seen = &sight->items[sight->count++];
    *seen = (struct sim_seen){.key = {.type = stored->head.type, .id = stored->head.id},
                              .head = stored->head};
    bool is_read = type->transfer_subject != 0 || stored->head.type == JL_TYPE_CASE;
    enum jl_rc rc = is_read ? read_seen(sight->sim, stored, type, seen, err) : JL_OK;
    return rc == JL_OK && stored->head.state == JL_RECORD_DELETED
               ? look_at_gone(sight->sim, seen, err)
               : rc;
}

bool sim_look(struct sim *sim, struct sim_sight *out_sight) {
    const struct jl_catalogue *catalogue = sim->world.district->books->catalogue;
    struct jl_err err = {0};
    *out_sight = (struct sim_sight){.sim = sim};
    for (size_t i = 0; i < jl_catalogue_type_count(catalogue); i++) {
        const struct jl_scan scan = {.type = jl_catalogue_type_at(catalogue, i)->number,
                                     .all_states = true};
        if (jl_records_scan(sim->world.district->books->store, &scan, note_seen, out_sight, &err) !=
            JL_OK) {
            return sim_fail(sim, "step %zu: the rogue's sight: %s", sim->step, err_said(&err));
        }
    }
    return true;
}

void sim_sight_fini(struct sim_sight *sight) {
    free(sight->items);
}

/* It stands where it stood, or a little before. */
static const struct sim_seen *find_seen(const struct sim_sight *sight,
                                        const struct jl_record_key *key, size_t near) {
    for (size_t i = 0; i < sight->count; i++) {
        const struct sim_seen *seen =
            &sight->items[(near + sight->count - i % sight->count) % sight->count];
        if (seen->key.type == key->type && jl_id_equal(&seen->key.id, &key->id)) {
            return seen;
        }
    }
    return NULL;
}

/* ---- I20 ---- */

/* The subject of a transfer comes and goes with it. */
static bool may_move(const struct sim *sim, const struct sim_seen *before,
                     const struct sim_seen *after) {
    return (before->head.owner == rogues_office(sim) || after->head.owner == rogues_office(sim)) &&
           before->head.owner != after->head.owner;
}

static bool may_change(const struct sim *sim, const struct sim_seen *before,
                       const struct sim_seen *after) {
    const struct jl_type *type =
        jl_catalogue_type(sim->world.district->books->catalogue, after->key.type);
    bool shared = type != NULL && type->owner == JL_SIDE_DISTRICT;
    bool own = after->head.owner == rogues_office(sim) && !shared;
    if (before == NULL) {
        return type != NULL && type->transfer_subject != 0 ? after->leaves
                                                           : own || after->key.type == JL_TYPE_CASE;
    }
    if (after->key.type == JL_TYPE_CASE) {
        return (before->head.owner == rogues_office(sim) && (!before->closed || after->closed)) ||
               (before->pair && after->pair);
    }
    return (own && before->head.owner == rogues_office(sim)) || before->party || after->party ||
           (before->head.state == JL_RECORD_DELETED && own) || may_move(sim, before, after);
}

bool sim_sight_changed(struct sim *sim, const struct sim_sight *before) {
    struct sim_sight after;
    bool good = sim_look(sim, &after);
    for (size_t i = 0; good && i < after.count; i++) {
        const struct sim_seen *is = &after.items[i];
        const struct sim_seen *was = find_seen(before, &is->key, i);
        bool changed = was == NULL || was->head.last != is->head.last ||
                       was->head.owner != is->head.owner || was->head.state != is->head.state ||
                       memcmp(was->head.hash, is->head.hash, sizeof is->head.hash) != 0;
        if (was != NULL && was->merged && is->head.state == JL_RECORD_LIVE) {
            good = sim_fail(sim, "I20: step %zu: the rogue brought back what was merged away",
                            sim->step);
        }
        if (good && changed && !may_change(sim, was, is)) {
            good = sim_fail(sim,
                            "I20: step %zu: the rogue of office %" PRIu32
                            " changed a record (type %" PRIu32 ", owner %" PRIu32 ")",
                            sim->step, rogues_office(sim), is->key.type, is->head.owner);
        }
    }
    sim_sight_fini(&after);
    return good;
}

/* ---- I21 ---- */

/* It has it, or had it and was told that it left. */
static bool knows(struct sim *sim, uint32_t office, uint32_t type, const struct jl_id *id) {
    enum { FEEDS = JL_FEED_ENTRIES_MAX };
    JL_AUTO(jl_arena) arena = {0};
    const struct jl_record_key key = {.type = type, .id = *id};
    struct jl_feed_entry entries[FEEDS];
    struct jl_head head = {0};
    struct jl_store *store = sim->world.district->books->store;
    struct jl_err err = {0};
    size_t count = 0;
    enum jl_rc rc = jl_records_heads(store, &key, 1, &arena, &head, &err);
    if (rc == JL_OK && head.owner != office) {
        rc = jl_feeds_of(store, head.rid, entries, FEEDS, &count, &err);
    }
    if (rc != JL_OK) {
        return sim_fail(sim, "step %zu: %s", sim->step, err_said(&err));
    }
    bool had = head.owner == office;
    for (size_t i = 0; i < count; i++) {
        had = had || entries[i].feed == office;
    }
    return had;
}

static bool check_case(struct sim *sim, uint32_t office, const struct jl_row *row) {
    struct jl_id other;
    const struct jl_value *of = jl_row_get(row, JL_CASE_SUBJECT_TYPE);
    return !jl_case_id_named(row, JL_CASE_OTHER_ID, &other) ||
           knows(sim, office, of != NULL ? (uint32_t)of->number : 0, &other) ||
           sim_fail(sim, "I21: a case of office %" PRIu32 " names a record of another", office);
}

static bool check_row(struct sim *sim, uint32_t office, uint32_t feed, struct jl_bytes bytes) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_feed_row row;
    struct jl_err err;
    if (jl_wire_row_decode(bytes, &arena, &row, &err) != JL_OK) {
        return sim_fail(sim, "step %zu: a row that does not decode", sim->step);
    }
    if (row.kind == JL_FEED_LEAVE || row.kind == JL_FEED_DELETE) {
        return row.row.field_count == 0 ||
               sim_fail(sim, "I21: office %" PRIu32 " is shown what left or was deleted", office);
    }
    const struct jl_type *type =
        jl_catalogue_type(sim->world.district->books->catalogue, row.row.type);
    bool shared = feed == 0 && type != NULL && type->owner == JL_SIDE_DISTRICT;
    bool own = feed != 0 && row.row.owner == office;
    if (!shared && !own && (type == NULL || !is_party(sim, office, type, &row.row))) {
        return sim_fail(sim,
                        "I21: office %" PRIu32 " is shown a record (type %" PRIu32 ") of %" PRIu32,
                        office, row.row.type, row.row.owner);
    }
    if (row.row.type == JL_TYPE_STAFF && jl_row_get(&row.row, STAFF_VERIFIER) != NULL) {
        return sim_fail(sim, "I21: office %" PRIu32 " is shown a verifier", office);
    }
    return row.row.type != JL_TYPE_CASE || check_case(sim, office, &row.row);
}

void sim_sight_told(struct sim *sim, const struct world_device *device,
                    const struct jl_message *message) {
    const struct jl_page *page = &message->as.page;
    bool good = message->kind == JL_MESSAGE_PAGE;
    for (size_t i = 0; good && i < page->count; i++) {
        good = check_row(sim, device->office_number, page->feed, page->rows[i]);
    }
}
