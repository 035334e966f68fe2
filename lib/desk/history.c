/* One record's history: ops, as lines of texts. */
#include "jielian/desk/history.h"
#include "jielian/base/fault.h"
#include "jielian/json/document.h"
#include "jielian/record/format.h"

#include <inttypes.h>

void jl_history_fini(struct jl_history *history) {
    jl_titles_fini(&history->titles);
    jl_arena_fini(&history->arena);
}

/* ---- Changes ---- */

static struct jl_history_change *add_change(struct jl_history *history,
                                            struct jl_history_item *item, uint32_t number,
                                            struct jl_err *err) {
    const struct jl_field *field = jl_type_field(history->type, number);
    struct jl_history_change *changes =
        jl_arena_grow(&history->arena, item->changes, item->change_count, &item->change_capacity,
                      sizeof *item->changes);
    char *name = field == NULL ? jl_arena_printf(&history->arena, "%" PRIu32, number) : NULL;
    if (changes == NULL || (field == NULL && name == NULL)) {
        (void)jl_fault_memory(err);
        return NULL;
    }
    item->changes = changes;
    struct jl_history_change *change = &changes[item->change_count++];
    *change = (struct jl_history_change){.field = name, .label = name};
    if (field != NULL) {
        change->field = field->name;
        change->label = jl_desk_label(history->desk, &field->label);
    }
    return change;
}

enum jl_rc jl_history_text(const struct jl_field *field, const struct jl_value *value,
                           enum jl_language language, struct jl_arena *arena,
                           struct jl_bytes *out_text, struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    *out_text = jl_bytes(NULL, 0);
    if (value == NULL || value->kind == JL_VALUE_NULL) {
        return JL_OK;
    }
    if (field == NULL || field->hidden) {
        *out_text = jl_bytes_text("…");
        return JL_OK;
    }
    enum jl_rc rc = jl_format_masked(field, value, language, &text, err);
    return rc == JL_OK ? jl_arena_dup(arena, jl_buf_bytes(&text), out_text, err) : rc;
}

/* What the record that a value refers to is called; without a value, or a field, nothing. */
static enum jl_rc put_title(struct jl_history *history, const struct jl_field *field,
                            const struct jl_value *value, struct jl_bytes *out_title,
                            struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    if (field == NULL || field->hidden || field->kind != JL_KIND_REF || value == NULL ||
        value->kind != JL_VALUE_BYTES) {
        return JL_OK;
    }
    enum jl_rc rc = jl_titles_put_value(history->desk, &history->titles, field, value, &text, err);
    return rc == JL_OK ? jl_arena_dup(&history->arena, jl_buf_bytes(&text), out_title, err) : rc;
}

enum jl_rc jl_history_put_change(struct jl_history *history, struct jl_history_item *item,
                                 uint32_t number, const struct jl_value *old,
                                 const struct jl_value *new, struct jl_err *err) {
    const struct jl_field *field = jl_type_field(history->type, number);
    struct jl_history_change *change = add_change(history, item, number, err);
    const enum jl_language language = history->desk->language;
    if (change == NULL) {
        return JL_NOMEM;
    }
    enum jl_rc rc = jl_history_text(field, old, language, &history->arena, &change->old, err);
    if (rc == JL_OK) {
        rc = jl_history_text(field, new, language, &history->arena, &change->new, err);
    }
    if (rc == JL_OK) {
        rc = put_title(history, field, old, &change->old_title, err);
    }
    return rc == JL_OK ? put_title(history, field, new, &change->new_title, err) : rc;
}

enum jl_rc jl_history_put_withheld(struct jl_history *history, struct jl_history_item *item,
                                   uint32_t number, struct jl_err *err) {
    struct jl_history_change *change = add_change(history, item, number, err);
    if (change == NULL) {
        return JL_NOMEM;
    }
    change->old = change->new = jl_bytes_text("…");
    return JL_OK;
}

/* ---- Lines ---- */

const char *jl_history_what(enum jl_op_kind kind) {
    switch (kind) {
    case JL_OP_CREATE:
        return "create";
    case JL_OP_EDIT:
        return "edit";
    case JL_OP_DELETE:
        return "delete";
    case JL_OP_RESTORE:
        return "restore";
    case JL_OP_TRANSFER:
        return "transfer";
    case JL_OP_MERGE:
        return "merge";
    case JL_OP_RESOLVE:
        break;
    }
    return "resolve";
}

static enum jl_rc take_op(struct jl_history *history, struct jl_history_item *item,
                          const struct jl_op *op, struct jl_err *err) {
    const struct jl_row old = {.fields = op->old_fields, .field_count = op->old_count};
    item->at_ms = op->made_ms;
    item->what = jl_history_what(op->kind);
    item->set = op->change_set;
    item->other = op->other;
    enum jl_rc rc = jl_arena_dup(&history->arena, op->staff, &item->staff, err);
    if (rc == JL_OK) {
        rc = jl_arena_dup(&history->arena, op->reason, &item->reason, err);
    }
    for (size_t i = 0; rc == JL_OK && op->kind != JL_OP_DELETE && i < op->new_count; i++) {
        const struct jl_field_value *new = &op->new_fields[i];
        rc = jl_history_put_change(history, item, new->field, jl_row_get(&old, new->field),
                                   &new->value, err);
    }
    return rc;
}

enum jl_rc jl_history_add(struct jl_history *history, enum jl_history_source source,
                          const struct jl_op *op, struct jl_history_item **out_item,
                          struct jl_err *err) {
    struct jl_history_item *items = jl_arena_grow(&history->arena, history->items, history->count,
                                                  &history->capacity, sizeof *history->items);
    if (items == NULL) {
        return jl_fault_memory(err);
    }
    history->items = items;
    struct jl_history_item *item = &items[history->count++];
    *item = (struct jl_history_item){.source = source};
    *out_item = item;
    return op != NULL ? take_op(history, item, op, err) : JL_OK;
}

void jl_history_reverse(struct jl_history *history) {
    for (size_t i = 0; i < history->count / 2; i++) {
        struct jl_history_item *other = &history->items[history->count - 1 - i];
        const struct jl_history_item item = history->items[i];
        history->items[i] = *other;
        *other = item;
    }
}

/* ---- As JSON ---- */

/* data NULL: null */
static void write_value(const char *key, struct jl_bytes text, struct jl_document *document) {
    if (text.data == NULL) {
        jl_document_null(document, key);
    } else {
        jl_document_text(document, key, text);
    }
}

static void write_change(const struct jl_history_change *change, struct jl_document *document) {
    jl_document_object(document, NULL);
    jl_document_string(document, "field", change->field);
    jl_document_string(document, "label", change->label);
    write_value("old", change->old, document);
    write_value("new", change->new, document);
    if (change->old_title.data != NULL) {
        jl_document_text(document, "old_title", change->old_title);
    }
    if (change->new_title.data != NULL) {
        jl_document_text(document, "new_title", change->new_title);
    }
    jl_document_end(document);
}

static void write_code(const struct jl_history_item *item, struct jl_document *document) {
    if (item->code != 0) {
        jl_document_count(document, "code", item->code);
    } else {
        jl_document_null(document, "code");
    }
}

static void write_item(const struct jl_history_item *item, struct jl_document *document) {
    const bool journal = item->source == JL_HISTORY_ASKED || item->source == JL_HISTORY_JOURNAL;
    jl_document_object(document, NULL);
    jl_document_time(document, "at", item->at_ms);
    jl_document_text(document, "staff", item->staff);
    jl_document_string(document, "office", item->office);
    jl_document_count(document, "device", item->device);
    jl_document_string(document, "what", item->what);
    jl_document_array(document, "changes");
    for (size_t i = 0; i < item->change_count; i++) {
        write_change(&item->changes[i], document);
    }
    jl_document_end(document);
    jl_document_string(document, "verdict", item->verdict);
    jl_document_text(document, "reason", item->reason);
    if (item->source == JL_HISTORY_OWN || item->source == JL_HISTORY_ASKED) {
        write_code(item, document);
    }
    jl_document_id(document, "change_set", &item->set);
    jl_document_id(document, "other", &item->other);
    if (journal) {
        jl_document_time(document, "received_at", item->received_ms);
    }
    if (item->source == JL_HISTORY_JOURNAL) {
        jl_document_count(document, "journal", item->journal_seq);
    }
    if (item->source == JL_HISTORY_ASKED) {
        jl_document_string(document, "by", item->by);
    }
    jl_document_end(document);
}

void jl_history_write(const struct jl_history *history, const char *key,
                      struct jl_document *document) {
    jl_document_array(document, key);
    for (size_t i = 0; i < history->count; i++) {
        write_item(&history->items[i], document);
    }
    jl_document_end(document);
}
