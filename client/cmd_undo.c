/* `undo CHANGESET`: take back what one import or bulk edit did, as one new change set.
 *
 *   the op was   the record now                         it becomes
 *   create       as it was created                      deleted
 *   edit         a field still has the op's new value   the field gets its old value
 *   delete       deleted                                restored
 *   restore      as it was restored                     deleted
 *   any          changed since, field or record         stays, and is named
 *
 * The ops of a record are taken newest first. The bookkeeping of an import (types change_set,
 * import_batch, access_log) stays; its change set is marked as undone. */
#include "client.h"

#include "jielian/merge.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHUNK_RECORDS = 1000, /* one transaction each; all under the same new change set */
    SET_KIND = 1,         /* fields of the built-in type change_set */
    SET_LABEL = 2,
    SET_STAFF = 3,
    SET_RECORDS = 4,
    SET_STATUS = 5,
    SET_KIND_UNDO = 5,
    SET_STATUS_DONE = 1,
    SET_STATUS_UNDONE = 2,
};

static const struct jl_option options[] = {JL_STAFF_OPTION, JL_PASSPHRASE_OPTION};
static const struct jl_cli_spec spec = {.arguments = "CHANGESET",
                                        .least = 1,
                                        .most = 1,
                                        .options = options,
                                        .option_count = sizeof options / sizeof *options};

struct undoing {
    struct jl_cli *cli;
    struct jl_seat seat;
    struct jl_arena kept;  /* the entries */
    struct jl_arena arena; /* of one chunk */
    struct jl_id change_set, undo_set;
    struct jl_outbox_entry *entries; /* by record, newest first */
    size_t entry_count;
    struct jl_change *changes;
    size_t change_count;
    uint64_t undone, kept_count;
    json_t *kept_records;
};

/* ---- Reading ---- */

static int by_record(const void *a, const void *b) {
    const struct jl_outbox_entry *left = a;
    const struct jl_outbox_entry *right = b;
    if (left->rid != right->rid) {
        return left->rid < right->rid ? -1 : 1;
    }
    return left->pos > right->pos ? -1 : left->pos < right->pos;
}

static enum jl_rc read_entries(struct undoing *undoing, struct jl_err *err) {
    struct jl_office *office = undoing->seat.office;
    const struct jl_cli *cli = undoing->cli;
    if (jl_id_parse(cli->words[0], &undoing->change_set, err) != JL_OK) {
        return jl_fail(err, JL_MISUSE,
                       JL_ZH_EN(cli->language,
                                "“%s”不是变更集编号；import 会显示它，history 里也有",
                                "\"%s\" is no change set; import shows it, and so does history"),
                       cli->words[0]);
    }
    enum jl_rc rc = jl_office_begin(office, false, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_store_outbox_of_change_set(office->books->store, &undoing->change_set, &undoing->kept,
                                       &undoing->entries, &undoing->entry_count, err);
    jl_store_rollback(office->books->store);
    if (rc == JL_OK && undoing->entry_count == 0) {
        rc =
            jl_fail(err, JL_NOT_FOUND,
                    JL_ZH_EN(cli->language, "本机没有变更集 %s（在别的电脑上做的，或已超过 %d 天）",
                             "no change set %s on this PC (made elsewhere, or over %d days ago)"),
                    cli->words[0], JL_CONFIRMED_KEEP_DAYS);
    }
    if (rc == JL_OK) {
        qsort(undoing->entries, undoing->entry_count, sizeof *undoing->entries, by_record);
    }
    return rc;
}

/* ---- One record ---- */

struct rewind {
    struct jl_row row; /* going backwards */
    bool live;
    bool moved; /* something was changed since and stays */
    bool touched;
};

static bool same_fields(const struct jl_row *row, const struct jl_field_value *fields,
                        size_t count) {
    bool same = row->field_count == count;
    for (size_t i = 0; same && i < count; i++) {
        same = row->fields[i].field == fields[i].field &&
               jl_value_equal(&row->fields[i].value, &fields[i].value);
    }
    return same;
}

static enum jl_rc rewind_edit(struct undoing *undoing, const struct jl_op *op,
                              struct rewind *rewind, struct jl_err *err) {
    const struct jl_row old = {.fields = op->old_fields, .field_count = op->old_count};
    for (size_t i = 0; i < op->new_count; i++) {
        uint32_t field = op->new_fields[i].field;
        const struct jl_value none = jl_value_null();
        const struct jl_value *now = jl_row_get(&rewind->row, field);
        const struct jl_value *back = jl_row_get(&old, field);
        if (!jl_value_equal(now != NULL ? now : &none, &op->new_fields[i].value)) {
            rewind->moved = true;
            continue;
        }
        enum jl_rc rc =
            jl_row_set(&rewind->row, field, back != NULL ? back : &none, &undoing->arena, err);
        if (rc != JL_OK) {
            return rc;
        }
        rewind->touched = true;
    }
    return JL_OK;
}

static enum jl_rc rewind_op(struct undoing *undoing, const struct jl_op *op, struct rewind *rewind,
                            struct jl_err *err) {
    switch (op->kind) {
    case JL_OP_CREATE:
    case JL_OP_RESTORE:
        if (!rewind->live || !same_fields(&rewind->row, op->new_fields, op->new_count)) {
            rewind->moved = rewind->live;
            return JL_OK;
        }
        rewind->live = false;
        rewind->touched = true;
        return JL_OK;
    case JL_OP_EDIT:
    case JL_OP_RESOLVE:
        if (!rewind->live) {
            rewind->moved = true;
            return JL_OK;
        }
        return rewind_edit(undoing, op, rewind, err);
    case JL_OP_DELETE:
        if (rewind->live) {
            rewind->moved = true;
            return JL_OK;
        }
        rewind->live = rewind->touched = true;
        {
            const struct jl_row old = {.type = op->type,
                                       .id = op->id,
                                       .owner = rewind->row.owner,
                                       .fields = op->old_fields,
                                       .field_count = op->old_count};
            return jl_row_dup(&undoing->arena, &old, &rewind->row, err);
        }
    case JL_OP_TRANSFER:
    case JL_OP_MERGE:
        rewind->moved = true;
        break;
    }
    return JL_OK;
}

/* Only a living record gets an op for being somewhere else. */
static bool is_live(const struct jl_head *head) {
    return head->state == JL_RECORD_LIVE || head->state == JL_RECORD_PARKED;
}

static enum jl_rc name_kept(struct undoing *undoing, const struct jl_book_record *record,
                            struct jl_err *err) {
    char id[JL_ID_TEXT_BYTES];
    const struct jl_type *type =
        jl_catalogue_type(undoing->seat.desk.books->catalogue, record->head.type);
    JL_AUTO(jl_buf) title = {0};
    enum jl_rc rc = type != NULL && record->head.rid != 0
                        ? jl_row_title(type, &record->row, undoing->cli->language, &title, err)
                        : JL_OK;
    if (rc != JL_OK) {
        return rc;
    }
    jl_id_format(&record->head.id, id);
    json_t *item = json_pack("{s:s, s:s, s:s%}", "type", type != NULL ? type->name : "", "id", id,
                             "title", title.size > 0 ? (const char *)title.data : "", title.size);
    undoing->kept_count++;
    if (item == NULL || json_array_append_new(undoing->kept_records, item) != 0) {
        return jl_fail(err, JL_NOMEM, "no memory for the answer");
    }
    return JL_OK;
}

static enum jl_rc add_change(struct undoing *undoing, const struct jl_book_record *record,
                             const struct rewind *rewind, struct jl_err *err) {
    bool was_live = is_live(&record->head);
    struct jl_change *change = &undoing->changes[undoing->change_count];
    if ((!was_live && !rewind->live) || !rewind->touched) {
        return JL_OK;
    }
    *change = (struct jl_change){.kind = !rewind->live ? JL_OP_DELETE
                                         : was_live    ? JL_OP_EDIT
                                                       : JL_OP_RESTORE,
                                 .before = record,
                                 .after = rewind->row};
    if (change->kind == JL_OP_DELETE) {
        enum jl_rc rc = jl_row_dup(&undoing->arena, &record->row, &change->after, err);
        if (rc != JL_OK) {
            return rc;
        }
        change->after.deleted = true;
    } else {
        change->after.deleted = false;
    }
    undoing->change_count++;
    undoing->undone++;
    return JL_OK;
}

/* entries first..last are all of this record. */
static enum jl_rc undo_record(struct undoing *undoing, const struct jl_book_record *record,
                              size_t first, size_t last, struct jl_err *err) {
    struct rewind rewind = {.live = is_live(&record->head)};
    bool bookkeeping = record->head.type == JL_TYPE_CHANGE_SET ||
                       record->head.type == JL_TYPE_IMPORT_BATCH ||
                       record->head.type == JL_TYPE_ACCESS_LOG;
    if (bookkeeping) {
        return JL_OK;
    }
    if (record->head.rid == 0 || record->head.state == JL_RECORD_LEFT) {
        return name_kept(undoing, record, err);
    }
    enum jl_rc rc = jl_row_dup(&undoing->arena, &record->row, &rewind.row, err);
    for (size_t i = first; rc == JL_OK && i < last; i++) {
        struct jl_op op;
        rc = jl_office_op(undoing->seat.office, &undoing->entries[i], &undoing->arena, &op, err);
        if (rc == JL_OK) {
            rc = rewind_op(undoing, &op, &rewind, err);
        }
    }
    if (rc == JL_OK) {
        rc = add_change(undoing, record, &rewind, err);
    }
    return rc == JL_OK && rewind.moved ? name_kept(undoing, record, err) : rc;
}

/* ---- Chunks ---- */

static enum jl_rc load_chunk(struct undoing *undoing, const int64_t *rids, size_t count,
                             struct jl_book_record **out_records, struct jl_err *err) {
    struct jl_office *office = undoing->seat.office;
    *out_records = jl_arena_zalloc(&undoing->arena, count, sizeof **out_records);
    undoing->changes = jl_arena_zalloc(&undoing->arena, count, sizeof *undoing->changes);
    undoing->change_count = 0;
    if (*out_records == NULL || undoing->changes == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for %zu records", count);
    }
    enum jl_rc rc = jl_office_begin(office, false, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_books_load_rids(office->books, rids, count, &undoing->arena, *out_records, err);
    jl_store_rollback(office->books->store);
    return rc;
}

/* From *at on, the next records; *at moves behind them. */
static enum jl_rc undo_chunk(struct undoing *undoing, size_t *at, struct jl_err *err) {
    int64_t rids[CHUNK_RECORDS];
    size_t starts[CHUNK_RECORDS + 1];
    size_t count = 0;
    size_t end = *at;
    struct jl_book_record *records = NULL;
    jl_arena_reset(&undoing->arena);
    while (end < undoing->entry_count) {
        if (count == 0 || undoing->entries[end].rid != rids[count - 1]) {
            if (count == CHUNK_RECORDS) {
                break;
            }
            starts[count] = end;
            rids[count++] = undoing->entries[end].rid;
        }
        end++;
    }
    starts[count] = end;
    enum jl_rc rc = load_chunk(undoing, rids, count, &records, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rc = undo_record(undoing, &records[i], starts[i], starts[i + 1], err);
    }
    if (rc == JL_OK && undoing->change_count > 0) {
        rc = jl_office_save(undoing->seat.office, &undoing->undo_set, undoing->changes,
                            undoing->change_count, err);
    }
    *at = end;
    return rc;
}

/* ---- Bookkeeping: the old set is undone, the new one is an undo ---- */

static enum jl_rc set_number(struct jl_row *row, uint32_t field, int64_t number,
                             struct jl_arena *arena, struct jl_err *err) {
    const struct jl_value value = jl_value_int(number);
    return jl_row_set(row, field, &value, arena, err);
}

static enum jl_rc note_undo(struct undoing *undoing, struct jl_err *err) {
    struct jl_arena *arena = &undoing->arena;
    struct jl_book_record old = {0};
    struct jl_change changes[2] = {{.kind = JL_OP_CREATE}, {.kind = JL_OP_EDIT, .before = &old}};
    size_t count = 1;
    struct jl_row *made = &changes[0].after;
    const struct jl_value label = jl_value_cstr(undoing->cli->words[0]);
    const struct jl_value staff = jl_value_cstr(undoing->seat.staff);
    *made = (struct jl_row){
        .type = JL_TYPE_CHANGE_SET, .id = undoing->undo_set, .owner = undoing->seat.desk.owner};
    enum jl_rc rc = set_number(made, SET_KIND, SET_KIND_UNDO, arena, err);
    if (rc == JL_OK) {
        rc = jl_row_set(made, SET_LABEL, &label, arena, err);
    }
    if (rc == JL_OK) {
        rc = jl_row_set(made, SET_STAFF, &staff, arena, err);
    }
    if (rc == JL_OK) {
        rc = set_number(made, SET_RECORDS, (int64_t)undoing->undone, arena, err);
    }
    if (rc == JL_OK) {
        rc = set_number(made, SET_STATUS, SET_STATUS_DONE, arena, err);
    }
    if (rc == JL_OK) {
        rc = jl_seat_load(&undoing->seat, JL_TYPE_CHANGE_SET, &undoing->change_set, arena, &old,
                          err);
        if (rc == JL_OK && is_live(&old.head)) {
            count = 2;
            rc = jl_row_dup(arena, &old.row, &changes[1].after, err);
            if (rc == JL_OK) {
                rc = set_number(&changes[1].after, SET_STATUS, SET_STATUS_UNDONE, arena, err);
            }
        }
        rc = rc == JL_NOT_FOUND ? JL_OK : rc;
    }
    return rc == JL_OK ? jl_office_save(undoing->seat.office, NULL, changes, count, err) : rc;
}

/* ---- The command ---- */

static enum jl_rc undo(struct undoing *undoing, struct jl_err *err) {
    size_t at = 0;
    struct jl_meter meter;
    struct jl_desk *desk = &undoing->seat.desk;
    undoing->kept_records = json_array();
    if (undoing->kept_records == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for the answer");
    }
    enum jl_rc rc = jl_seat_open(undoing->cli, JL_STORE_WRITE, &undoing->seat, err);
    if (rc == JL_OK) {
        rc = read_entries(undoing, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    undoing->undo_set = jl_id_next(&desk->ids, desk->clock.wall_ms(desk->clock.context));
    jl_meter_init(&meter, undoing->cli);
    while (rc == JL_OK && at < undoing->entry_count) {
        rc = undo_chunk(undoing, &at, err);
        jl_meter_step(&meter, at, undoing->entry_count);
    }
    jl_meter_end(&meter);
    if (rc == JL_OK && undoing->undone > 0) {
        rc = note_undo(undoing, err);
    }
    jl_seat_ring(&undoing->seat);
    return rc;
}

static enum jl_rc answer(const struct undoing *undoing, struct jl_err *err) {
    char set[JL_ID_TEXT_BYTES];
    size_t index = 0;
    const json_t *item = NULL;
    jl_id_format(&undoing->undo_set, set);
    if (undoing->cli->json) {
        json_t *document =
            json_pack("{s:I, s:I, s:O, s:s?}", "undone", (json_int_t)undoing->undone, "kept",
                      (json_int_t)undoing->kept_count, "kept_records", undoing->kept_records,
                      "change_set", undoing->undone > 0 ? set : NULL);
        enum jl_rc rc = document != NULL ? jl_json_print(document, stdout, err)
                                         : jl_fail(err, JL_NOMEM, "no memory for the answer");
        json_decref(document);
        return rc;
    }
    printf(JL_ZH_EN(undoing->cli->language,
                    "已撤销 %" PRIu64 " 条，保留 %" PRIu64 " 条（之后又改过）\n",
                    "%" PRIu64 " taken back, %" PRIu64 " kept (changed since)\n"),
           undoing->undone, undoing->kept_count);
    json_array_foreach(undoing->kept_records, index, item) {
        printf("  %s %s %s\n", json_string_value(json_object_get(item, "type")),
               json_string_value(json_object_get(item, "id")),
               json_string_value(json_object_get(item, "title")));
    }
    return JL_OK;
}

int jl_cmd_undo(struct jl_cli *cli) {
    int exit_code = 0;
    struct jl_err err = {0};
    struct undoing undoing = {.cli = cli};
    if (!jl_cli_parse(cli, &spec, &exit_code)) {
        return exit_code;
    }
    enum jl_rc rc = undo(&undoing, &err);
    if (rc == JL_OK) {
        rc = answer(&undoing, &err);
    }
    bool kept = undoing.kept_count > 0;
    json_decref(undoing.kept_records);
    jl_arena_fini(&undoing.arena);
    jl_arena_fini(&undoing.kept);
    jl_seat_fini(&undoing.seat);
    if (rc != JL_OK) {
        return jl_cli_fail(cli, &err);
    }
    return kept ? JL_EXIT_ATTENTION : JL_EXIT_DONE;
}
