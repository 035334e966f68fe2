/* The history of one record, told to people: a line of each op, oldest first.
 *
 * Each program reads its own sources (the office its outbox and what it received, the district the
 * journal) and puts the ops in, one by one. Values are masked like everywhere; those of hidden and
 * unknown fields show as "…".
 *
 *   struct jl_history history = {.desk = desk, .type = type};
 *   rc = jl_history_add(&history, JL_HISTORY_JOURNAL, &op, &item, err);
 *   …
 *   jl_history_fini(&history);
 *
 * Inside the caller's transaction, for titles are read. Memory: all lines. Thread: that of the
 * desk. */
#ifndef JIELIAN_HISTORY_H
#define JIELIAN_HISTORY_H

#include "jielian/desk/desk.h"
#include "jielian/desk/titles.h"
#include "jielian/op/op.h"

struct jl_document;

enum jl_history_source {
    JL_HISTORY_OWN = 1,  /* this device's outbox */
    JL_HISTORY_RECEIVED, /* what the district sent: a row, whatever ops are behind it */
    JL_HISTORY_ASKED,    /* the district's journal, asked from an office */
    JL_HISTORY_JOURNAL,  /* the same at the district itself */
};

struct jl_history_change {
    const char *field, *label;            /* its number in digits where the catalogue has none */
    struct jl_bytes old, new;             /* data NULL: no value */
    struct jl_bytes old_title, new_title; /* what a reference's record is called; NULL: none */
};

struct jl_history_item {
    enum jl_history_source source;
    int64_t at_ms;
    struct jl_bytes staff;
    const char *office; /* its code, "district"; NULL: not known */
    uint32_t device;
    const char *what;    /* "create", "edit" …, "received" */
    const char *verdict; /* "applied" …, "pending" */
    struct jl_history_change *changes;
    size_t change_count, change_capacity;
    struct jl_bytes reason;
    uint32_t code;        /* OWN: of the reason of a refused op (message.h); 0: none */
    struct jl_id set;     /* the change set; zeros: none */
    struct jl_id other;   /* the second record of a merge, or the case that was resolved */
    int64_t received_ms;  /* ASKED, JOURNAL */
    uint64_t journal_seq; /* JOURNAL */
    const char *by; /* ASKED: what the change was part of: import, bulk_edit, merge, transfer, undo;
                       NULL: a change by itself */
};

struct jl_history {
    struct jl_desk *desk;
    const struct jl_type *type; /* of the record */
    struct jl_history_item *items;
    size_t count, capacity;
    struct jl_arena arena; /* of everything */
    struct jl_titles titles;
};
void jl_history_fini(struct jl_history *history);

/* Append a line of the op: who, when, what, the changes, reason, change set and other record; the
 * caller fills in the rest before the next is added. op NULL: only the source. */
JL_MUST_CHECK enum jl_rc jl_history_add(struct jl_history *history, enum jl_history_source source,
                                        const struct jl_op *op, struct jl_history_item **out_item,
                                        struct jl_err *err);
/* Append one field's change to the line; old and new may be NULL. */
JL_MUST_CHECK enum jl_rc jl_history_put_change(struct jl_history *history,
                                               struct jl_history_item *item, uint32_t field,
                                               const struct jl_value *old,
                                               const struct jl_value *new, struct jl_err *err);
/* The same of a field that was changed, and to what is not told: "…". */
JL_MUST_CHECK enum jl_rc jl_history_put_withheld(struct jl_history *history,
                                                 struct jl_history_item *item, uint32_t field,
                                                 struct jl_err *err);
/* They came newest first. */
void jl_history_reverse(struct jl_history *history);

/* "create", "edit" … */
const char *jl_history_what(enum jl_op_kind kind);
/* A value as lines have it; in the arena. data NULL: no value. */
JL_MUST_CHECK enum jl_rc jl_history_text(const struct jl_field *field, const struct jl_value *value,
                                         enum jl_language language, struct jl_arena *arena,
                                         struct jl_bytes *out_text, struct jl_err *err);

/* An array of lines:
 *
 *   {"at", "staff", "office", "device", "what", "changes": [{"field", "label", "old", "new"}…],
 *    "verdict", "reason", "code", "change_set", "other", "received_at", "journal", "by"}
 *
 * a reference's "old_title" and "new_title" beside its ids; the last four, and "code", where their
 * source has them. */
void jl_history_write(const struct jl_history *history, const char *key,
                      struct jl_document *document);

#endif
