/* Undo: record by record, a chunk of them in one transaction, all under the same new change set. */
#include "jielian/desk/undo.h"
#include "jielian/base/fault.h"
#include "jielian/base/language.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/catalogue/built_in_field.h"
#include "jielian/desk/titles.h"
#include "jielian/op/change_set.h"
#include "jielian/op/rewind.h"
#include "jielian/record/flow.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHUNK_RECORDS = 1000, /* one transaction each */
    REASON_BYTES = 64,
};

struct undoing {
    struct jl_desk *desk;
    const struct jl_undo_options *options;
    struct jl_undo_result *result;
    struct jl_arena arena; /* of one chunk */
    struct jl_id undo_set;
    struct jl_change *changes; /* of the chunk: a record may need two */
    size_t change_count;
    char reason[REASON_BYTES]; /* what the history says beside each change */
    struct jl_problems problems;
};

static void undoing_fini(struct undoing *undoing) {
    jl_arena_fini(&undoing->arena);
}

void jl_undo_result_fini(struct jl_undo_result *result) {
    json_decref(result->actions);
    json_decref(result->kept_records);
    *result = (struct jl_undo_result){0};
}

/* ---- What is told ---- */

static const char *label_of(const struct undoing *undoing, const struct jl_type *type) {
    return type != NULL ? jl_desk_label(undoing->desk, &type->label) : "";
}

static enum jl_rc name_kept(struct undoing *undoing, const struct jl_book_record *record,
                            const char *why, struct jl_err *err) {
    char id[JL_ID_TEXT_BYTES];
    struct jl_desk *desk = undoing->desk;
    const struct jl_type *type = jl_catalogue_type(desk->books->catalogue, record->head.type);
    JL_AUTO(jl_buf) title = {0};
    JL_AUTO(jl_titles) titles = {0};
    enum jl_rc rc = type != NULL && record->head.rid != 0
                        ? jl_titles_put(desk, &titles, type, record, &title, err)
                        : JL_OK;
    if (rc != JL_OK) {
        return rc;
    }
    jl_id_format(&record->head.id, id);
    json_t *item =
        json_pack("{s:s, s:s, s:s, s:s%, s:s}", "type", type != NULL ? type->name : "", "label",
                  label_of(undoing, type), "id", id, "title",
                  title.size > 0 ? (const char *)title.data : "", title.size, "why", why);
    undoing->result->kept++;
    return item != NULL && json_array_append_new(undoing->result->kept_records, item) == 0
               ? JL_OK
               : jl_fault_memory(err);
}

static const char *name_of(enum jl_op_kind kind) {
    switch (kind) {
    case JL_OP_DELETE:
        return "delete";
    case JL_OP_RESTORE:
        return "restore";
    case JL_OP_TRANSFER:
        return "transfer";
    case JL_OP_CREATE:
    case JL_OP_EDIT:
    case JL_OP_MERGE:
    case JL_OP_RESOLVE:
        break;
    }
    return "edit";
}

static enum jl_rc count_action(struct undoing *undoing, uint32_t number, enum jl_op_kind kind,
                               struct jl_err *err) {
    const struct jl_type *type = jl_catalogue_type(undoing->desk->books->catalogue, number);
    const char *type_name = type != NULL ? type->name : "";
    json_t *item = NULL;
    size_t index = 0;
    json_array_foreach(undoing->result->actions, index, item) {
        if (strcmp(json_string_value(json_object_get(item, "type")), type_name) == 0 &&
            strcmp(json_string_value(json_object_get(item, "what")), name_of(kind)) == 0) {
            json_t *records = json_object_get(item, "records");
            return json_integer_set(records, json_integer_value(records) + 1) == 0
                       ? JL_OK
                       : jl_fault_memory(err);
        }
    }
    item = json_pack("{s:s, s:s, s:s, s:I}", "type", type_name, "label", label_of(undoing, type),
                     "what", name_of(kind), "records", (json_int_t)1);
    return item != NULL && json_array_append_new(undoing->result->actions, item) == 0
               ? JL_OK
               : jl_fault_memory(err);
}

/* ---- One record ---- */

/* What the validator says against the row as it would be, here and at the district; "" when it is
 * fine. A record that comes back as it was has not moved. */
static enum jl_rc refusal(struct undoing *undoing, const struct jl_book_record *record,
                          const struct jl_row *after, const char **out_why, struct jl_err *err) {
    struct jl_desk *desk = undoing->desk;
    const struct jl_check_context context = jl_desk_context(desk);
    const struct jl_type *type = jl_catalogue_type(desk->books->catalogue, after->type);
    bool live = jl_books_head_shown(&record->head);
    unsigned movers = 0;
    *out_why = "";
    if (type == NULL) {
        return JL_OK;
    }
    enum jl_rc rc = jl_desk_movers(desk, type, after, &movers, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_problems_reset(&undoing->problems);
    if (live) {
        jl_check_edit(&context, type, &record->row, after, &undoing->problems);
    } else {
        jl_check_row(&context, type, after, &undoing->problems);
    }
    jl_flow_check(&context, type, &record->row, after, movers, &undoing->problems);
    for (size_t i = 0; i < undoing->problems.count; i++) {
        if (undoing->problems.items[i].severity == JL_PROBLEM_ERROR) {
            *out_why = undoing->problems.items[i].text;
            return JL_OK;
        }
    }
    return JL_OK;
}

/* Nor does an undo write what its people may not. */
static enum jl_rc check_may(struct undoing *undoing, const struct jl_change *change,
                            const char **out_why, struct jl_err *err) {
    const struct jl_may_not *no = NULL;
    uint32_t field = 0;
    enum jl_rc rc = jl_desk_may(undoing->desk, change, &undoing->arena, &no, &field, err);
    *out_why = no != NULL ? jl_desk_why_not(undoing->desk, no) : "";
    return rc;
}

static enum jl_rc add_change(struct undoing *undoing, const struct jl_change *change,
                             struct jl_err *err) {
    undoing->changes[undoing->change_count++] = *change;
    return count_action(undoing, change->before->head.type, change->kind, err);
}

/* Of a record with a natural key DELETE names the one under its new key, which is no merge. */
static bool is_merge(const struct undoing *undoing, uint32_t type_number) {
    const struct jl_type *type = jl_catalogue_type(undoing->desk->books->catalogue, type_number);
    return type != NULL && type->natural_key_count == 0;
}

/* The change that makes the record what the rewinding found; two when it goes back to an office
 * with other fields than it came with. */
static enum jl_rc add_changes(struct undoing *undoing, const struct jl_book_record *record,
                              const struct jl_rewind *rewind, const char **out_why,
                              struct jl_err *err) {
    bool was_live = jl_books_head_shown(&record->head);
    struct jl_change change = {.before = record,
                               .after = rewind->live ? rewind->row : record->row,
                               .reason = jl_bytes_text(undoing->reason)};
    enum jl_rc rc = JL_OK;
    *out_why = "";
    if ((!was_live && !rewind->live) || !rewind->touched) {
        return JL_OK;
    }
    change.kind = !rewind->live ? JL_OP_DELETE : was_live ? JL_OP_EDIT : JL_OP_RESTORE;
    change.after.deleted = !rewind->live;
    if (change.kind == JL_OP_RESTORE && is_merge(undoing, change.after.type)) {
        change.other = rewind->merged_into;
    }
    if (rewind->live) {
        rc = refusal(undoing, record, &change.after, out_why, err);
    }
    if (rc == JL_OK && (*out_why)[0] == '\0') {
        rc = check_may(undoing, &change, out_why, err);
    }
    if (rc != JL_OK || (*out_why)[0] != '\0') {
        return rc;
    }
    undoing->result->undone++;
    if (change.kind != JL_OP_EDIT || !jl_row_same_fields(&record->row, &change.after)) {
        rc = add_change(undoing, &change, err);
    }
    if (rc != JL_OK || change.kind != JL_OP_EDIT || change.after.owner == record->row.owner) {
        return rc;
    }
    change.kind = JL_OP_TRANSFER;
    return add_change(undoing, &change, err);
}

/* ops first..last are all of this record, the newest first. */
static enum jl_rc undo_record(struct undoing *undoing, const struct jl_book_record *record,
                              size_t first, size_t last, struct jl_err *err) {
    enum jl_language language = undoing->desk->language;
    uint32_t type = undoing->options->ops[first].key.type;
    struct jl_rewind rewind = {.live = jl_books_head_shown(&record->head)};
    const char *why = "";
    if (type == JL_TYPE_CHANGE_SET || type == JL_TYPE_IMPORT_BATCH || type == JL_TYPE_ACCESS_LOG) {
        return JL_OK;
    }
    if (record->head.rid == 0) {
        return JL_OK; /* it was never taken: nothing is there to take back */
    }
    if (record->head.state == JL_RECORD_LEFT) {
        return name_kept(undoing, record,
                         JL_ZH_EN(language, "已转出本镇街", "it has left this office"), err);
    }
    enum jl_rc rc = jl_row_dup(&undoing->arena, &record->row, &rewind.row, err);
    for (size_t i = first; rc == JL_OK && i < last; i++) {
        struct jl_op op;
        rc = undoing->desk->decode(undoing->options->ops[i].bytes, &undoing->arena, &op, err);
        if (rc == JL_OK) {
            rc = jl_rewind_op(&op, &rewind, &undoing->arena, err);
        }
    }
    if (rc == JL_OK) {
        rc = add_changes(undoing, record, &rewind, &why, err);
    }
    if (rc == JL_OK && rewind.moved && why[0] == '\0') {
        why = JL_ZH_EN(language, "之后又改过", "changed since");
    }
    return rc == JL_OK && why[0] != '\0' ? name_kept(undoing, record, why, err) : rc;
}

/* ---- Chunks ---- */

static int by_record(const void *a, const void *b) {
    const struct jl_undo_op *left = a;
    const struct jl_undo_op *right = b;
    if (left->parts != right->parts) {
        return left->parts ? -1 : 1;
    }
    if (left->key.type != right->key.type) {
        return left->key.type < right->key.type ? -1 : 1;
    }
    int order = memcmp(left->key.id.bytes, right->key.id.bytes, JL_ID_BYTES);
    if (order != 0) {
        return order;
    }
    return left->place > right->place ? -1 : left->place < right->place;
}

static bool same_record(const struct jl_undo_op *a, const struct jl_undo_op *b) {
    return a->key.type == b->key.type && jl_id_equal(&a->key.id, &b->key.id);
}

/* Which of them merged their record into another? */
static enum jl_rc find_parts(struct undoing *undoing, struct jl_err *err) {
    const struct jl_undo_options *options = undoing->options;
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < options->op_count; i++) {
        struct jl_op op;
        jl_arena_reset(&undoing->arena);
        rc = undoing->desk->decode(options->ops[i].bytes, &undoing->arena, &op, err);
        options->ops[i].parts = rc == JL_OK && op.kind == JL_OP_DELETE &&
                                !jl_id_is_zero(&op.other) && is_merge(undoing, op.type);
    }
    return rc;
}

struct chunk {
    struct jl_record_key keys[CHUNK_RECORDS];
    size_t starts[CHUNK_RECORDS + 1]; /* of each record's ops; behind the last: the end */
    size_t count;
};

static void cut_chunk(const struct undoing *undoing, size_t at, struct chunk *out_chunk) {
    const struct jl_undo_op *ops = undoing->options->ops;
    size_t end = at;
    out_chunk->count = 0;
    for (; end < undoing->options->op_count; end++) {
        if (end > at && same_record(&ops[end], &ops[end - 1])) {
            continue;
        }
        if (out_chunk->count == CHUNK_RECORDS) {
            break;
        }
        out_chunk->starts[out_chunk->count] = end;
        out_chunk->keys[out_chunk->count++] = ops[end].key;
    }
    out_chunk->starts[out_chunk->count] = end;
}

static enum jl_rc plan_chunk(struct undoing *undoing, const struct chunk *chunk,
                             struct jl_err *err) {
    struct jl_desk *desk = undoing->desk;
    jl_arena_reset(&undoing->arena);
    struct jl_book_record *records =
        jl_arena_zalloc(&undoing->arena, chunk->count, sizeof *records);
    undoing->changes = jl_arena_zalloc(&undoing->arena, 2 * chunk->count, sizeof *undoing->changes);
    undoing->change_count = 0;
    if (records == NULL || undoing->changes == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_desk_begin(desk, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_books_load(desk->books, chunk->keys, chunk->count, &undoing->arena, records, err);
    for (size_t i = 0; rc == JL_OK && i < chunk->count; i++) {
        rc = undo_record(undoing, &records[i], chunk->starts[i], chunk->starts[i + 1], err);
    }
    jl_desk_end(desk);
    return rc;
}

static enum jl_rc undo_all(struct undoing *undoing, struct jl_err *err) {
    const struct jl_undo_options *options = undoing->options;
    struct jl_desk *desk = undoing->desk;
    enum jl_rc rc = JL_OK;
    for (size_t at = 0; rc == JL_OK && at < options->op_count;) {
        struct chunk chunk;
        cut_chunk(undoing, at, &chunk);
        rc = plan_chunk(undoing, &chunk, err);
        if (rc == JL_OK && undoing->change_count > 0 && !options->dry_run) {
            rc = desk->save(desk->save_context, &undoing->undo_set, undoing->changes,
                            undoing->change_count, err);
        }
        at = chunk.starts[chunk.count];
        if (options->progress != NULL) {
            options->progress(options->progress_context, at, options->op_count);
        }
    }
    return rc;
}

/* ---- Bookkeeping: the old set is undone, the new one is an undo ---- */

static enum jl_rc load_set(struct undoing *undoing, struct jl_book_record *out_set,
                           struct jl_err *err) {
    const struct jl_record_key key = {.type = JL_TYPE_CHANGE_SET,
                                      .id = undoing->options->change_set};
    enum jl_rc rc = jl_desk_begin(undoing->desk, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_books_load(undoing->desk->books, &key, 1, &undoing->arena, out_set, err);
    jl_desk_end(undoing->desk);
    return rc;
}

static enum jl_rc refuse_undone(struct undoing *undoing, struct jl_err *err) {
    struct jl_book_record set = {0};
    enum jl_rc rc = load_set(undoing, &set, err);
    const struct jl_value *status = rc == JL_OK && jl_books_head_shown(&set.head)
                                        ? jl_row_get(&set.row, JL_CHANGE_SET_STATUS)
                                        : NULL;
    if (status == NULL || status->number != JL_CHANGE_SET_UNDONE) {
        return rc;
    }
    return jl_fault(err, JL_CONFLICT, JL_FAULT_UNDO_DONE);
}

static enum jl_rc note_undo(struct undoing *undoing, struct jl_err *err) {
    struct jl_book_record old = {0};
    struct jl_desk *desk = undoing->desk;
    struct jl_field_value fields[JL_CHANGE_SET_FIELDS];
    char label[JL_ID_TEXT_BYTES];
    struct jl_change changes[2] = {{.kind = JL_OP_CREATE}, {.kind = JL_OP_EDIT, .before = &old}};
    const struct jl_value undone = jl_value_int(JL_CHANGE_SET_UNDONE);
    enum jl_rc rc = load_set(undoing, &old, err);
    if (rc != JL_OK) {
        return rc;
    }
    size_t count = jl_books_head_shown(&old.head) ? 2 : 1;
    changes[0].after = (struct jl_row){.type = JL_TYPE_CHANGE_SET,
                                       .id = undoing->undo_set,
                                       .owner = count == 2 ? old.row.owner : desk->owner};
    jl_id_format(&undoing->options->change_set, label);
    const struct jl_change_set made = {.kind = JL_CHANGE_SET_UNDO,
                                       .label = jl_bytes_text(label),
                                       .staff = desk->staff,
                                       .records = undoing->result->undone};
    jl_change_set_fill(&made, &changes[0].after, fields);
    if (count == 2) {
        rc = jl_row_dup(&undoing->arena, &old.row, &changes[1].after, err);
    }
    if (rc == JL_OK && count == 2) {
        rc = jl_row_set(&changes[1].after, JL_CHANGE_SET_STATUS, &undone, &undoing->arena, err);
    }
    return rc == JL_OK ? desk->save(desk->save_context, NULL, changes, count, err) : rc;
}

/* ---- The whole ---- */

enum jl_rc jl_undo_run(struct jl_desk *desk, const struct jl_undo_options *options,
                       struct jl_undo_result *out_result, struct jl_err *err) {
    char text[JL_ID_TEXT_BYTES];
    JL_AUTO(undoing) undoing = {.desk = desk, .options = options, .result = out_result};
    *out_result = (struct jl_undo_result){.actions = json_array(), .kept_records = json_array()};
    if (out_result->actions == NULL || out_result->kept_records == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = refuse_undone(&undoing, err);
    if (rc == JL_OK) {
        rc = find_parts(&undoing, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    jl_id_format(&options->change_set, text);
    (void)snprintf(undoing.reason, sizeof undoing.reason, "撤销 %s", text);
    undoing.undo_set = jl_id_next(&desk->ids, desk->clock.wall_ms(desk->clock.context));
    if (options->op_count > 0) {
        qsort(options->ops, options->op_count, sizeof *options->ops, by_record);
    }
    rc = undo_all(&undoing, err);
    if (rc == JL_OK && out_result->undone > 0 && !options->dry_run) {
        rc = note_undo(&undoing, err);
        out_result->change_set = undoing.undo_set;
    }
    return rc;
}
