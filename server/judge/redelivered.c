/* Ops that come a second time under another incarnation: a device that met a restored district, or
 * was itself put back, offers again what it keeps. The bytes of an op never change and no two ops
 * have the same, so an op whose bytes stand in its record's history is known: it gets the verdict
 * it got then, and nothing happens twice.
 *
 * Only devices that sent ops under more than one incarnation are asked for this; all others pay
 * nothing. Which these are is read from chains that the journal has, so that replay asks the same.
 */
#include "redelivered.h"
#include "apply.h"

#include "server/books/district.h"
#include "server/books/entry.h"
#include "server/books/journal.h"
#include "server/books/verdicts.h"

#include "jielian/base/arena.h"
#include "jielian/base/id.h"
#include "jielian/base/map.h"
#include "jielian/base/value.h"
#include "jielian/books/books.h"
#include "jielian/crypto/sealer.h"
#include "jielian/op/op.h"
#include "jielian/store/devices.h"
#include "jielian/store/held_ops.h"
#include "jielian/store/history_index.h"

#include <string.h>

/* Does the journal so far hold ops of another incarnation of the device? */
void jl_redelivered_look(struct jl_apply *apply) {
    const struct jl_district *district = apply->district;
    bool others = false;
    for (size_t i = 0; i < district->origin_count; i++) {
        const struct jl_origin *origin = &district->origins[i];
        others = others || (origin->device == apply->device && origin->last_seq > 0 &&
                            origin->number != apply->origin);
    }
    /* An op without a number may be one of this very incarnation. */
    for (size_t i = 0; !others && apply->head->rules > 0 && i < apply->op_count; i++) {
        others = apply->ops[i].number == 0;
    }
    apply->again = apply->origin != 0 && others;
}

/* Is it op `n` of that entry? */
static enum jl_rc is_same(struct jl_apply *apply, size_t index, uint64_t journal_seq, uint32_t n,
                          bool *out_same, struct jl_err *err) {
    const struct jl_journal_opened *opened = &apply->cached.opened;
    enum jl_rc rc = jl_journal_fetch(apply->district, &apply->cached, journal_seq, err);
    *out_same = rc == JL_OK && n < opened->push.count &&
                (apply->head->rules == 0 || opened->head.device == apply->device) &&
                jl_bytes_equal(opened->push.ops[n], apply->op_bytes[index]);
    return rc;
}

/* The place of an op that waits for the record, in apply->waiting; of no op: of the record. */
static enum jl_rc place_waiting(struct jl_apply *apply, const struct jl_record_key *key,
                                struct jl_bytes op, void ***out_place, struct jl_err *err) {
    uint8_t hash[JL_HASH_BYTES];
    uint8_t type[4];
    (void)jl_bytes_put_be(type, key->type, sizeof type);
    const struct jl_bytes parts[] = {jl_bytes(type, sizeof type),
                                     jl_bytes(key->id.bytes, JL_ID_BYTES), op};
    enum jl_rc rc = jl_hasher_digest(apply->district->books->hasher, parts, 3, hash, err);
    if (rc != JL_OK) {
        return rc;
    }
    *out_place = jl_map_place(&apply->waiting, jl_bytes(hash, sizeof hash), apply->arena, err);
    return *out_place != NULL ? JL_OK : JL_NOMEM;
}

/* Each op that waits is opened once a batch, however many of the batch ask for it, and none of
 * another device. */
static enum jl_rc list_waiting(struct jl_apply *apply, const struct jl_record_key *key,
                               struct jl_err *err) {
    const struct jl_journal_opened *opened = &apply->cached.opened;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_held *list = NULL;
    size_t count = 0;
    enum jl_rc rc = jl_held_ops_of(apply->district->books->store, key, &arena, &list, &count, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        void **place = NULL;
        if (apply->head->rules > 0 && list[i].device != apply->device) {
            continue;
        }
        rc = jl_journal_fetch(apply->district, &apply->cached, list[i].journal_seq, err);
        if (rc == JL_OK && list[i].n < opened->push.count) {
            rc = place_waiting(apply, key, opened->push.ops[list[i].n], &place, err);
        }
        if (rc == JL_OK && place != NULL) {
            *place = apply;
        }
    }
    return rc;
}

static enum jl_rc waits_for(struct jl_apply *apply, size_t index, const struct jl_record_key *key,
                            bool *out_waits, struct jl_err *err) {
    void **place = NULL;
    if (*out_waits) {
        return JL_OK;
    }
    enum jl_rc rc = place_waiting(apply, key, jl_bytes(NULL, 0), &place, err);
    if (rc == JL_OK && *place == NULL) {
        *place = apply;
        rc = list_waiting(apply, key, err);
    }
    if (rc == JL_OK) {
        rc = place_waiting(apply, key, apply->op_bytes[index], &place, err);
    }
    *out_waits = rc == JL_OK && *place != NULL;
    return rc;
}

/* One that waits is in no history yet. It may have come when it waited for something else: its own
 * record, or one that it names. */
enum jl_rc jl_redelivered_waits(struct jl_apply *apply, size_t index,
                                const struct jl_record_key *key, bool *out_waits,
                                struct jl_err *err) {
    const struct jl_op *op = &apply->ops[index];
    const struct jl_layout *layout = jl_books_layout(apply->district->books, op->type);
    const struct jl_record_key own = {.type = op->type, .id = op->id};
    *out_waits = false;
    if (!apply->again || apply->district->holding.held == 0) {
        return JL_OK;
    }
    enum jl_rc rc = waits_for(apply, index, key, out_waits, err);
    if (rc == JL_OK) {
        rc = waits_for(apply, index, &own, out_waits, err);
    }
    for (size_t i = 0; rc == JL_OK && layout != NULL && i < op->new_count; i++) {
        const struct jl_field *field = jl_type_field(layout->type, op->new_fields[i].field);
        const struct jl_value *value = &op->new_fields[i].value;
        struct jl_record_key named = {.type = field != NULL ? field->ref_type : 0};
        if (field == NULL || field->kind != JL_KIND_REF || value->kind != JL_VALUE_BYTES ||
            value->bytes.size != JL_ID_BYTES) {
            continue;
        }
        memcpy(named.id.bytes, value->bytes.data, JL_ID_BYTES);
        rc = waits_for(apply, index, &named, out_waits, err);
    }
    return rc;
}

/* What became of it when it came then. */
static void tell_verdict(const struct jl_apply *apply, uint32_t n, bool *out_known,
                         struct jl_verdict *out_verdict) {
    const struct jl_journal_cached *cached = &apply->cached;
    uint64_t seq = cached->opened.push.first_seq + n;
    const struct jl_verdict *then = jl_verdict_of(cached->verdicts, cached->verdict_count, seq);
    bool own = apply->head->rules > 0 && cached->entry.origin == apply->origin;
    /* One that waited and that a person gave up stays so. Any other may fit by now: judge it anew.
     */
    bool given_up = cached->opened.head.kind == JL_ENTRY_RELEASE;
    out_verdict->code = then != NULL ? then->code : JL_VERDICT_APPLIED;
    out_verdict->seq = own ? seq : 0;
    *out_known = out_verdict->code != JL_VERDICT_PARKED || own || given_up;
}

static enum jl_rc is_among(struct jl_apply *apply, size_t index,
                           const struct jl_history_entry *entries, size_t count, bool *out_known,
                           struct jl_verdict *out_verdict, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < count && !*out_known; i++) {
        rc = is_same(apply, index, entries[i].journal_seq, entries[i].index, out_known, err);
        if (rc == JL_OK && *out_known) {
            tell_verdict(apply, entries[i].index, out_known, out_verdict);
        }
    }
    return rc;
}

/* The lines of its record that may be of these very bytes: those with their tag, and those of
 * before there were tags. */
static enum jl_rc is_in_history(struct jl_apply *apply, size_t index, struct jl_touched *touched,
                                bool *out_known, struct jl_verdict *out_verdict,
                                struct jl_err *err) {
    struct jl_history_entry *tagged = NULL;
    size_t count = 0;
    uint32_t tag = 0;
    enum jl_rc rc = jl_touched_lines(apply, touched, err);
    if (rc == JL_OK) {
        rc = is_among(apply, index, touched->lines, touched->line_count, out_known, out_verdict,
                      err);
    }
    if (rc == JL_OK && !*out_known) {
        rc = jl_redelivered_tag(apply, index, &tag, err);
    }
    if (rc == JL_OK && !*out_known) {
        rc = jl_history_index_tagged(apply->district->books->store, touched->before.rid, tag,
                                     apply->arena, &tagged, &count, err);
    }
    return rc == JL_OK ? is_among(apply, index, tagged, count, out_known, out_verdict, err) : rc;
}

/* A tag finds an op by its bytes, and shows nobody what is in them. */
enum jl_rc jl_redelivered_tag(struct jl_apply *apply, size_t index, uint32_t *out_tag,
                              struct jl_err *err) {
    uint8_t tag[JL_TAG_BYTES];
    *out_tag = 0;
    if (apply->head->rules < 2) {
        return JL_OK;
    }
    enum jl_rc rc = jl_sealer_tag(apply->district->books->sealer, jl_bytes_text("op"),
                                  apply->op_bytes[index], tag, err);
    for (int i = 0; rc == JL_OK && i < 4; i++) {
        *out_tag = *out_tag << 8 | tag[i];
    }
    *out_tag += rc == JL_OK && *out_tag == 0; /* 0 is none */
    return rc;
}

/* Twice in one batch. */
static bool is_above(const struct jl_apply *apply, size_t index) {
    for (size_t i = 0; i < index; i++) {
        if (jl_id_equal(&apply->ops[i].id, &apply->ops[index].id) &&
            jl_bytes_equal(apply->op_bytes[i], apply->op_bytes[index])) {
            return true;
        }
    }
    return false;
}

enum jl_rc jl_redelivered_find(struct jl_apply *apply, size_t index, struct jl_touched *touched,
                               bool *out_known, struct jl_verdict *out_verdict,
                               struct jl_err *err) {
    *out_known = false;
    if (!apply->again) {
        return JL_OK;
    }
    if (apply->head->rules > 0 && apply->ops[index].number == 0 && is_above(apply, index)) {
        *out_known = true;
        *out_verdict = (struct jl_verdict){.seq = apply->first_seq + index};
        return JL_OK;
    }
    const struct jl_record_key key = {.type = apply->ops[index].type, .id = apply->ops[index].id};
    enum jl_rc rc = jl_redelivered_waits(apply, index, &key, out_known, err);
    if (*out_known) {
        *out_verdict = (struct jl_verdict){.code = JL_VERDICT_CASE};
    }
    return rc == JL_OK && !*out_known && touched->was_there
               ? is_in_history(apply, index, touched, out_known, out_verdict, err)
               : rc;
}
