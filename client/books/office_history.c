/* This device's own ops and what the district sent, in one list by time.
 *
 * An own op says what it changed. What came from the district is a whole row: its changes are the
 * difference to the row as the lines before leave it. Where those lines do not tell a field (the
 * record came here complete with the first download), the first row only fills it in. */
#include "office_history.h"
#include "identity.h"
#include "office.h"
#include "office_outbox.h"

#include "jielian/base/fault.h"
#include "jielian/desk/history.h"
#include "jielian/op/merge.h"
#include "jielian/store/received.h"

struct received {
    int64_t at_ms;
    struct jl_feed_row row;
    struct received *next;
};

struct telling {
    struct jl_office *office;
    struct jl_history *history;
    struct jl_book_record record;
    struct jl_arena arena;
    struct jl_outbox_entry *entries;
    size_t entry_count;
    struct received *first, **last;
    struct jl_row row; /* as the lines so far leave it */
    bool complete;     /* every field of it is known */
};

/* ---- Reading ---- */

static enum jl_rc keep_received(void *context, int64_t at_ms, struct jl_bytes body,
                                struct jl_err *err) {
    struct telling *telling = context;
    struct jl_buf plain = {0};
    struct jl_bytes copy = {0};
    struct received *item = jl_arena_zalloc(&telling->arena, 1, sizeof *item);
    if (item == NULL) {
        return jl_fault_memory(err);
    }
    item->at_ms = at_ms;
    enum jl_rc rc = jl_books_unseal_bytes(telling->office->books, "received",
                                          (uint64_t)telling->record.head.rid, body, &plain, err);
    if (rc == JL_OK) {
        rc = jl_arena_dup(&telling->arena, jl_buf_bytes(&plain), &copy, err);
    }
    jl_buf_wipe(&plain);
    if (rc == JL_OK) {
        rc = jl_wire_row_decode(copy, &telling->arena, &item->row, err);
    }
    if (rc == JL_OK) {
        *telling->last = item;
        telling->last = &item->next;
    }
    return rc;
}

static enum jl_rc read_lines(struct telling *telling, struct jl_err *err) {
    struct jl_store *store = telling->office->books->store;
    int64_t rid = telling->record.head.rid;
    enum jl_rc rc =
        jl_outbox_of(store, rid, &telling->arena, &telling->entries, &telling->entry_count, err);
    return rc == JL_OK ? jl_received_of(store, rid, keep_received, telling, err) : rc;
}

/* ---- Lines ---- */

static const char *verdict_of(enum jl_outbox_state state) {
    switch (state) {
    case JL_OUTBOX_PENDING:
        return "pending";
    case JL_OUTBOX_APPLIED:
        return "applied";
    case JL_OUTBOX_MERGED:
        return "merged";
    case JL_OUTBOX_CASE:
        return "case";
    case JL_OUTBOX_PARKED:
        return "parked";
    case JL_OUTBOX_SUPERSEDED:
        break;
    }
    return "superseded";
}

/* Why it was refused tells more than why it was made. */
static enum jl_rc put_reason(struct telling *telling, const struct jl_outbox_entry *entry,
                             const struct jl_op *op, struct jl_history_item *item,
                             struct jl_err *err) {
    const struct jl_remark said = jl_remark_decode(entry->said);
    const struct jl_listener listener = {.language = telling->history->desk->language,
                                         .type = telling->history->type};
    struct jl_sentence sentence;
    const struct jl_bytes reason = jl_remark_text(
        &said, entry->reason.size > 0 ? entry->reason : op->reason, &listener, &sentence);
    item->code = said.code;
    return jl_arena_dup(&telling->history->arena, reason, &item->reason, err);
}

static enum jl_rc tell_own(struct telling *telling, const struct jl_outbox_entry *entry,
                           struct jl_err *err) {
    const struct jl_identity *identity = &telling->office->identity;
    struct jl_history_item *item = NULL;
    struct jl_op op;
    enum jl_rc rc = jl_office_outbox_op(telling->office, entry, &telling->arena, &op, err);
    if (rc == JL_OK) {
        rc = jl_history_add(telling->history, JL_HISTORY_OWN, &op, &item, err);
    }
    if (rc == JL_OK) {
        rc = put_reason(telling, entry, &op, item, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    item->office = identity->code;
    item->device = identity->device;
    item->verdict = verdict_of(entry->state);
    if (op.kind == JL_OP_CREATE || op.kind == JL_OP_RESTORE) {
        telling->complete = true;
    }
    return jl_op_lay(&op, &telling->row, &telling->arena, err);
}

static enum jl_rc put_differences(struct telling *telling, struct jl_history_item *item,
                                  const struct jl_row *after, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < after->field_count; i++) {
        const struct jl_value *old = jl_row_get(&telling->row, after->fields[i].field);
        bool known = old != NULL || telling->complete;
        if (known && (old == NULL || !jl_value_equal(old, &after->fields[i].value))) {
            rc = jl_history_put_change(telling->history, item, after->fields[i].field, old,
                                       &after->fields[i].value, err);
        }
    }
    for (size_t i = 0; rc == JL_OK && i < telling->row.field_count; i++) {
        const struct jl_field_value *old = &telling->row.fields[i];
        if (jl_row_get(after, old->field) == NULL) {
            rc = jl_history_put_change(telling->history, item, old->field, &old->value, NULL, err);
        }
    }
    return rc;
}

static enum jl_rc tell_received(struct telling *telling, const struct received *received,
                                struct jl_err *err) {
    const struct jl_feed_row *row = &received->row;
    const struct jl_identity *identity = &telling->office->identity;
    struct jl_history_item *item = NULL;
    enum jl_rc rc = jl_history_add(telling->history, JL_HISTORY_RECEIVED, NULL, &item, err);
    if (rc == JL_OK) {
        rc = jl_arena_dup(&telling->history->arena, row->by_staff, &item->staff, err);
    }
    if (rc == JL_OK) {
        rc = put_differences(telling, item, &row->row, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    item->at_ms = row->changed_ms;
    item->office = row->by_device == 0                  ? "district"
                   : row->by_device == identity->device ? identity->code
                                                        : NULL;
    item->device = row->by_device;
    item->what = "received";
    item->verdict = "applied";
    telling->complete = true;
    return jl_row_dup(&telling->arena, &row->row, &telling->row, err);
}

static enum jl_rc tell_all(struct telling *telling, struct jl_err *err) {
    size_t i = 0;
    const struct received *item = telling->first;
    enum jl_rc rc = JL_OK;
    while (rc == JL_OK && (i < telling->entry_count || item != NULL)) {
        bool own = item == NULL ||
                   (i < telling->entry_count && telling->entries[i].made_ms <= item->at_ms);
        if (own) {
            rc = tell_own(telling, &telling->entries[i++], err);
        } else {
            rc = tell_received(telling, item, err);
            item = item->next;
        }
    }
    return rc;
}

static enum jl_rc tell_record(struct telling *telling, const struct jl_id *id, struct jl_err *err) {
    const struct jl_record_key key = {.type = telling->history->type->number, .id = *id};
    struct jl_books *books = telling->office->books;
    enum jl_rc rc = jl_books_load(books, &key, 1, &telling->arena, &telling->record, err);
    if (rc == JL_OK && telling->record.head.rid == 0) {
        char text[JL_ID_TEXT_BYTES];
        jl_id_format(id, text);
        rc = jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_SESSION_RECORD, "%s", text);
    }
    if (rc == JL_OK) {
        rc = read_lines(telling, err);
    }
    return rc == JL_OK ? tell_all(telling, err) : rc;
}

enum jl_rc jl_office_history(struct jl_office *office, const struct jl_id *id,
                             struct jl_history *history, struct jl_err *err) {
    struct telling telling = {.office = office, .history = history};
    const uint32_t type = history->type->number;
    telling.last = &telling.first;
    enum jl_rc rc = jl_office_begin(office, false, err);
    if (rc != JL_OK) {
        return rc;
    }
    history->type = jl_catalogue_type(office->books->catalogue, type);
    rc = tell_record(&telling, id, err);
    jl_store_rollback(office->books->store);
    jl_arena_fini(&telling.arena);
    return rc;
}
