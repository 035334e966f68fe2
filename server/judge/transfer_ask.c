/* Asking somebody in: an office that a person comes to names her number and name, and only the
 * district looks who she is.
 *
 *   exactly one living member has the number, her name folds alike, another office has her,
 *   and no transfer of hers is open      a transfer is opened, as if that office had asked
 *   anything else                        nothing
 *
 * The ask itself stays as it was sent, either way: its answer says nothing. One office is looked up
 * for so often a day; what came back after a restore is not counted, for it was looked up before.
 *
 * The transfer's id is SHA-256("jielian ask v1" ‖ ask id)[0..15]: replay makes the same one. */
#include "apply.h"
#include "transfer.h"

#include "server/books/daily.h"
#include "server/books/district.h"

#include "jielian/base/fold.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/catalogue/built_in_field.h"
#include "jielian/desk/transfer.h"

enum {                  /* fields of the type (lib/catalogue/built_in.c) */
       HOLDERS_MAX = 8, /* of one number that are looked at; more are no match */
};

struct asking {
    struct jl_apply *apply;
    const struct jl_row *ask;
    const struct jl_type *transfer, *subject;
    struct jl_touched *found;
};

static const struct jl_field *number_field(const struct jl_type *type) {
    for (size_t i = 0; i < type->field_count; i++) {
        if (type->fields[i].kind == JL_KIND_ID_NO && type->fields[i].unique) {
            return &type->fields[i];
        }
    }
    return NULL;
}

/* The member's name: the text that stands first in its title. */
static enum jl_rc is_named(const struct asking *asking, const struct jl_row *row, bool *out_named,
                           struct jl_err *err) {
    const struct jl_value *asked = jl_row_get(asking->ask, JL_ASK_NAME);
    const struct jl_value *name =
        asking->subject->title_count > 0 ? jl_row_get(row, asking->subject->title[0]) : NULL;
    *out_named = false;
    return asked != NULL && name != NULL ? jl_fold_same(asked, name, out_named, err) : JL_OK;
}

/* The one living record with the number; *out_found NULL: none, or several. */
static enum jl_rc find_living(const struct asking *asking, const struct jl_field *field,
                              struct jl_touched **out_found, struct jl_err *err) {
    struct jl_apply *apply = asking->apply;
    struct jl_books *books = apply->district->books;
    const struct jl_value *number = jl_row_get(asking->ask, JL_ASK_ID_NO);
    int64_t rids[HOLDERS_MAX];
    size_t count = 0;
    size_t living = 0;
    *out_found = NULL;
    if (number == NULL) {
        return JL_OK;
    }
    enum jl_rc rc = jl_books_find(books, asking->subject->number, field->number, number, 1,
                                  HOLDERS_MAX, rids, &count, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        struct jl_book_record record = {0};
        struct jl_touched *touched = NULL;
        rc = jl_books_load_rids(books, &rids[i], 1, apply->arena, &record, err);
        if (rc == JL_OK) { /* this batch may have changed it */
            rc = jl_touched_get(apply, asking->subject->number, &record.row.id, &touched, err);
        }
        const struct jl_value *has =
            rc == JL_OK ? jl_row_get(&touched->record.row, field->number) : NULL;
        bool same = false;
        if (has != NULL) {
            rc = jl_fold_same(has, number, &same, err);
        }
        if (same && jl_touched_lives(touched) &&
            jl_books_living(asking->subject, &touched->record.row)) {
            *out_found = touched;
            living++;
        }
    }
    if (living != 1 || count == HOLDERS_MAX) {
        *out_found = NULL;
    }
    return rc;
}

static enum jl_rc has_open_transfer(const struct asking *asking, bool *out_open,
                                    struct jl_err *err) {
    struct jl_apply *apply = asking->apply;
    struct jl_books *books = apply->district->books;
    const struct jl_value subject = jl_value_ref(&asking->found->key.id);
    int64_t rids[HOLDERS_MAX];
    size_t count = 0;
    enum jl_rc rc =
        jl_books_find(books, asking->transfer->number, asking->transfer->transfer_subject, &subject,
                      1, HOLDERS_MAX, rids, &count, err);
    *out_open = count == HOLDERS_MAX;
    for (size_t i = 0; rc == JL_OK && i < count && !*out_open; i++) {
        struct jl_book_record record = {0};
        rc = jl_books_load_rids(books, &rids[i], 1, apply->arena, &record, err);
        *out_open =
            rc == JL_OK && !record.row.deleted && jl_books_living(asking->transfer, &record.row);
    }
    return rc;
}

/* *out_matches: there is somebody to ask for. */
static enum jl_rc match(struct asking *asking, bool *out_matches, struct jl_err *err) {
    const struct jl_field *field = number_field(asking->subject);
    bool named = false;
    bool open = false;
    *out_matches = false;
    if (field == NULL) {
        return JL_OK;
    }
    enum jl_rc rc = find_living(asking, field, &asking->found, err);
    if (rc == JL_OK && asking->found != NULL) {
        rc = is_named(asking, &asking->found->record.row, &named, err);
    }
    if (rc != JL_OK || !named) {
        return rc;
    }
    uint32_t holder = asking->found->record.row.owner;
    if (holder == asking->apply->office ||
        jl_roster_office(asking->apply->district, holder) == NULL) {
        return JL_OK;
    }
    rc = has_open_transfer(asking, &open, err);
    *out_matches = rc == JL_OK && !open;
    return rc;
}

/* ---- The transfer ---- */

static uint32_t reason_field(const struct jl_type *transfer) {
    const struct jl_field *field = jl_type_field_named(transfer, "reason");
    return field != NULL && field->kind == JL_KIND_TEXT && !field->sensitive ? field->number : 0;
}

static enum jl_rc fill(const struct asking *asking, struct jl_row *row, struct jl_err *err) {
    const struct jl_type *type = asking->transfer;
    const struct jl_district *district = asking->apply->district;
    const struct jl_value *reason = jl_row_get(asking->ask, JL_ASK_REASON);
    int64_t today = jl_apply_today(asking->apply);
    const struct {
        uint32_t field;
        struct jl_value value;
    } fields[] = {
        {type->transfer_subject, jl_value_ref(&asking->found->key.id)},
        {type->transfer_from, jl_value_ref(&jl_roster_office(district, row->owner)->id)},
        {type->transfer_to, jl_value_ref(&jl_roster_office(district, asking->apply->office)->id)},
        {type->flow.field, jl_value_int(jl_transfer_code(type, "requested"))},
        {type->transfer_asked, today != 0 ? jl_value_int(today) : jl_value_null()},
        {reason_field(type), reason != NULL ? *reason : jl_value_null()},
    };
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < sizeof fields / sizeof *fields; i++) {
        if (fields[i].field != 0) {
            rc = jl_row_set(row, fields[i].field, &fields[i].value, asking->apply->arena, err);
        }
    }
    return rc;
}

static enum jl_rc id_of(struct jl_apply *apply, const struct jl_id *ask, struct jl_id *out_id,
                        struct jl_err *err) {
    static const char label[] = "jielian ask v1";
    uint8_t hash[JL_HASH_BYTES];
    struct jl_bytes parts[] = {jl_bytes(label, sizeof label - 1),
                               jl_bytes(ask->bytes, JL_ID_BYTES)};
    enum jl_rc rc = jl_hasher_digest(apply->district->books->hasher, parts, 2, hash, err);
    if (rc == JL_OK) {
        *out_id = jl_id_from_hash(hash);
    }
    return rc;
}

static enum jl_rc open_transfer(const struct asking *asking, struct jl_err *err) {
    struct jl_apply *apply = asking->apply;
    struct jl_touched *touched = NULL;
    struct jl_id id;
    enum jl_rc rc = id_of(apply, &asking->ask->id, &id, err);
    if (rc == JL_OK) {
        rc = jl_touched_get(apply, asking->transfer->number, &id, &touched, err);
    }
    if (rc != JL_OK || jl_touched_there(touched)) {
        return rc;
    }
    touched->record.row = (struct jl_row){
        .type = asking->transfer->number, .id = id, .owner = asking->found->record.row.owner};
    touched->record.head.state = JL_RECORD_LIVE;
    touched->record.head.changed_ms = apply->now_ms;
    touched->record.head.by_device = 0;
    touched->record.head.by_staff = jl_bytes(NULL, 0);
    touched->echo = touched->dirty = true;
    rc = fill(asking, &touched->record.row, err);
    return rc == JL_OK ? jl_transfer_follow_up(apply, asking->transfer, touched, NULL,
                                               JL_EFFECT_INSERT, err)
                       : rc;
}

enum jl_rc jl_transfer_asked(struct jl_apply *apply, const struct jl_op *op,
                             const struct jl_touched *touched, enum jl_merge_effect effect,
                             struct jl_err *err) {
    const struct jl_catalogue *catalogue = apply->district->books->catalogue;
    struct asking asking = {
        .apply = apply, .ask = &touched->record.row, .transfer = jl_transfer_type(catalogue)};
    bool came_back = op->number > 0 && op->number <= apply->head->came_back_upto;
    bool matches = false;
    uint64_t asked = 0;
    if (op->type != JL_TYPE_ASK || effect != JL_EFFECT_INSERT ||
        apply->author == JL_SIDE_DISTRICT || asking.transfer == NULL) {
        return JL_OK;
    }
    asking.subject = jl_catalogue_type(
        catalogue, jl_type_field(asking.transfer, asking.transfer->transfer_subject)->ref_type);
    enum jl_rc rc =
        came_back ? JL_OK
                  : jl_daily_add_ask(apply->district, apply->office, apply->now_ms, &asked, err);
    if (rc == JL_OK && asked <= JL_DAILY_ASKS) {
        rc = match(&asking, &matches, err);
    }
    return rc == JL_OK && matches ? open_transfer(&asking, err) : rc;
}
