/* The history of one record, told to people: its lines as JSON, and printed.
 *
 * Each program reads its own sources (the office its outbox and what it received, the district the
 * journal) and makes one line of each op:
 *
 *   {"at", "staff", "office", "device", "what", "changes": [{"field", "label", "old", "new"}…],
 *    "verdict", "reason", "code", "change_set", "other", …}
 *
 * "code", at an office, is the number of the reason of a refused op (message.h); null without one.
 * "by", of what the district tells, is what the change was part of: import, bulk_edit, merge,
 * transfer, undo; null for a change by itself.
 * "other" is the second record of a merge, or the case that was resolved; null for all else.
 *
 * Values are masked like everywhere; hidden and unknown ones show as "…".
 *
 * Thread: the main thread. */
#ifndef JIELIAN_HISTORY_H
#define JIELIAN_HISTORY_H

#include "jielian/cli/cli.h"
#include "jielian/desk/desk.h"
#include "jielian/desk/offices.h"
#include "jielian/desk/titles.h"
#include "jielian/op/op.h"

struct jl_titles; /* titles.h */
struct jl_offices;

struct jl_history_word {
    const char *key, *zh; /* English says the key itself */
};

struct jl_history {
    const struct jl_cli *cli;
    struct jl_desk *desk;                /* for the titles of records that are referred to */
    const struct jl_type *type;          /* of the record */
    const struct jl_history_word *words; /* the program's verdicts and its name for "district" */
    size_t word_count;
    json_t *lines;              /* owned: oldest first */
    struct jl_titles *titles;   /* owned */
    struct jl_offices *offices; /* owned; NULL: not read yet */
};

JL_MUST_CHECK enum jl_rc jl_history_init(struct jl_history *history, struct jl_err *err);
void jl_history_fini(struct jl_history *history);

/* "create", "edit" … */
const char *jl_history_what(enum jl_op_kind kind);
/* A value as people see it: masked; "…" for hidden and unknown fields, null for no value. NULL: no
 * memory. */
json_t *jl_history_value(const struct jl_field *field, const struct jl_value *value,
                         enum jl_language language);
/* Append one field's change to the array; old and new may be NULL. A reference has its title
 * beside its id. Inside a transaction of the desk's books. false: no memory. */
bool jl_history_change(const struct jl_history *history, json_t *changes, uint32_t field,
                       const struct jl_value *old, const struct jl_value *new);
/* The same of a field that was changed, and to what is not told: "…". */
bool jl_history_withheld(const struct jl_history *history, json_t *changes, uint32_t field);
/* The office's code, "district" for 0, its number where these books don't know it. Inside a
 * transaction of the desk's books. */
enum { JL_HISTORY_OFFICE_BYTES = 64 };
JL_MUST_CHECK enum jl_rc jl_history_office(struct jl_history *history, uint32_t number,
                                           char out_code[static JL_HISTORY_OFFICE_BYTES],
                                           struct jl_err *err);
/* An array of what an op changes, for the caller to drop; empty for a delete. NULL: no memory. */
json_t *jl_history_changes(const struct jl_history *history, const struct jl_op *op);
/* The op's other record as an id, null when it has none. NULL: no memory. */
json_t *jl_history_other(const struct jl_op *op);
/* line is taken; NULL is JL_NOMEM. */
JL_MUST_CHECK enum jl_rc jl_history_add(struct jl_history *history, json_t *line,
                                        struct jl_err *err);
/* To stdout: for people, or with --json as a document. */
JL_MUST_CHECK enum jl_rc jl_history_print(const struct jl_history *history, struct jl_err *err);

#endif
