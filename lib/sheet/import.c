/* Import: chunks of rows, each judged in one snapshot and saved in one transaction, all of them
 * one change set. Nothing is saved before the header has been understood.
 *
 * A save that meets somebody else's change to the same records (JL_CONFLICT) is decided again from
 * what is there now. When a later chunk can't be saved, the earlier ones stay, are recorded, and
 * the error says so: importing the file again finds them unchanged. */
#include "import.h"

#include "jielian/base/fault.h"
#include "jielian/base/language.h"
#include "jielian/base/utf8.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/catalogue/built_in_field.h"

#include "jielian/op/change_set.h"

#include <string.h>
#include <sys/stat.h>

enum {
    DECIDE_TRIES = 3,
};

void jl_import_result_fini(struct jl_import_result *result) {
    jl_arena_fini(&result->arena);
    *result = (struct jl_import_result){0};
}

static void jl_import_fini(struct jl_import *import) {
    jl_csv_close(import->csv);
    jl_map_fini(&import->refs);
    jl_map_fini(&import->own);
    jl_map_fini(&import->claims);
    jl_map_fini(&import->identities);
    jl_map_fini(&import->people);
    jl_arena_fini(&import->chunk);
    jl_arena_fini(&import->kept);
    jl_buf_fini(&import->notes);
    jl_buf_fini(&import->found);
    jl_buf_wipe(&import->problems_file);
    jl_arena_fini(&import->result.arena);
}

/* ---- One chunk ---- */

/* Begin to read, and take the fields from the catalogue as it is now. */
static enum jl_rc begin(struct jl_import *import, struct jl_err *err) {
    import->type = jl_catalogue_type(import->desk->books->catalogue, import->type_number);
    if (import->type == NULL) {
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_IMPORT_TYPE_GONE, "%u", import->type_number);
    }
    enum jl_rc rc = jl_desk_begin(import->desk, &import->type, err);
    if (rc != JL_OK) {
        return rc;
    }
    import->context = jl_desk_context(import->desk);
    import->refers_to_itself = false;
    for (size_t i = 0; i < import->header.ordered_count; i++) {
        struct jl_import_column *column = &import->header.columns[import->header.ordered[i]];
        column->meta = jl_type_field(import->type, column->field);
        if (column->meta == NULL) {
            jl_desk_end(import->desk);
            return jl_fault_at(err, JL_CONFLICT, JL_FAULT_IMPORT_FIELD_GONE, "%u", column->field);
        }
        import->refers_to_itself =
            import->refers_to_itself ||
            (column->meta->kind == JL_KIND_REF && column->meta->ref_type == import->type_number);
    }
    return JL_OK;
}

static enum jl_rc judge_chunk(struct jl_import *import, bool again, struct jl_err *err) {
    enum jl_rc rc = begin(import, err);
    if (rc != JL_OK) {
        return rc;
    }
    JL_DESK_READING(import->desk);
    if (!again) {
        rc = jl_import_read(import, err);
        if (rc == JL_OK) {
            rc = jl_import_parse(import, err);
        }
        if (rc == JL_OK) {
            jl_import_bind(import);
        }
    }
    if (rc == JL_OK) {
        rc = jl_import_look_up(import, err);
    }
    return rc == JL_OK ? jl_import_decide(import, err) : rc;
}

static enum jl_rc save_chunk(struct jl_import *import, struct jl_err *err) {
    struct jl_change *changes =
        jl_arena_alloc(&import->chunk, (import->row_count + 1) * sizeof *changes);
    size_t count = 0;
    if (changes == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < import->row_count; i++) {
        if (import->rows[i].outcome == JL_OUTCOME_ADDED ||
            import->rows[i].outcome == JL_OUTCOME_UPDATED) {
            changes[count++] = import->rows[i].change;
        }
    }
    if (count == 0 || import->options->dry_run) {
        return JL_OK;
    }
    return import->desk->save(import->desk->save_context, &import->change_set, changes, count, err);
}

static void show_progress(const struct jl_import *import) {
    if (import->options->progress == NULL) {
        return;
    }
    uint64_t done = import->result.rows;
    uint64_t read = jl_csv_bytes_read(import->csv);
    double share = read == 0 ? 1.0 : (double)jl_csv_bytes_total(import->csv) / (double)read;
    uint64_t total = import->at_end ? done : (uint64_t)((double)done * share);
    import->options->progress(import->options->progress_context, done, total);
}

static enum jl_rc run_chunk(struct jl_import *import, struct jl_err *err) {
    enum jl_rc rc = JL_CONFLICT;
    jl_arena_reset(&import->chunk);
    for (int i = 0; i < DECIDE_TRIES && rc == JL_CONFLICT; i++) {
        rc = judge_chunk(import, i > 0, err);
        if (rc != JL_OK) {
            return rc;
        }
        rc = save_chunk(import, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    /* The save may have brought another catalogue; settling needs names of fields. */
    rc = begin(import, err);
    if (rc != JL_OK) {
        return rc;
    }
    JL_DESK_READING(import->desk);
    rc = jl_import_settle(import, err);
    show_progress(import);
    return rc;
}

/* ---- The records of the import itself ---- */

struct record_form {
    struct jl_field_value fields[16];
    struct jl_row row;
};

static void put_number(struct record_form *form, uint32_t field, uint64_t number) {
    struct jl_field_value *item = &form->fields[form->row.field_count++];
    *item = (struct jl_field_value){.field = field, .value = jl_value_int((int64_t)number)};
}

static void put_text(struct record_form *form, uint32_t field, struct jl_bytes text) {
    if (text.size > 0) {
        struct jl_field_value *item = &form->fields[form->row.field_count++];
        *item = (struct jl_field_value){.field = field, .value = jl_value_text(text)};
    }
}

static struct jl_bytes file_name(const char *path) {
    const char *slash = strrchr(path, '/');
    struct jl_bytes name = jl_bytes_text(slash == NULL ? path : slash + 1);
    return jl_utf8_valid(name) ? name : jl_bytes_text("?");
}

/* One change set, so that the import can be undone as one, and one batch with its numbers. */
static enum jl_rc save_records(struct jl_import *import, const char *path, const char *type_name,
                               struct jl_err *err) {
    struct jl_desk *desk = import->desk;
    const struct jl_import_result *result = &import->result;
    const struct jl_change_set set = {.kind = JL_CHANGE_SET_IMPORT,
                                      .label = file_name(path),
                                      .staff = desk->staff,
                                      .records = result->added + result->updated};
    struct jl_field_value fields[JL_CHANGE_SET_FIELDS];
    struct jl_row done = {
        .type = JL_TYPE_CHANGE_SET, .id = import->change_set, .owner = desk->owner};
    struct record_form batch = {
        .row = {.type = JL_TYPE_IMPORT_BATCH,
                .id = jl_id_next(&desk->ids, desk->clock.wall_ms(desk->clock.context)),
                .owner = desk->owner}};
    jl_change_set_fill(&set, &done, fields);
    const uint64_t numbers[] = {result->rows,      result->added,    result->updated,
                                result->unchanged, result->doubtful, result->failed};
    put_text(&batch, JL_IMPORT_BATCH_FILE, file_name(path));
    put_text(&batch, JL_IMPORT_BATCH_TYPE, jl_bytes_text(type_name));
    for (uint32_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        put_number(&batch, JL_IMPORT_BATCH_ROWS + i, numbers[i]);
    }
    put_text(&batch, JL_IMPORT_BATCH_STAFF, desk->staff);
    batch.row.fields = batch.fields;
    const struct jl_change changes[] = {{.kind = JL_OP_CREATE, .after = done},
                                        {.kind = JL_OP_CREATE, .after = batch.row}};
    return desk->save(desk->save_context, NULL, changes, 2, err);
}

/* ---- The whole ---- */

static bool same_file(const char *a, const char *b) {
    struct stat left;
    struct stat right;
    return stat(a, &left) == 0 && stat(b, &right) == 0 && left.st_dev == right.st_dev &&
           left.st_ino == right.st_ino;
}

static enum jl_rc check_request(struct jl_import *import, const struct jl_type *type,
                                const char *path, struct jl_err *err) {
    const struct jl_desk *desk = import->desk;
    bool kept = type->built_in && type->number != JL_TYPE_OFFICE && type->number != JL_TYPE_STAFF &&
                type->number != JL_TYPE_NOTICE;
    if (kept) {
        return jl_fault_at(err, JL_DENIED, JL_FAULT_IMPORT_OWN, "%s",
                           jl_desk_label(desk, &type->label));
    }
    if (!import->options->dry_run && (desk->books->read_only || desk->save == NULL)) {
        return jl_fault(err, JL_DENIED, JL_FAULT_IMPORT_READ_ONLY);
    }
    const char *problems = import->options->problems_path;
    if (problems != NULL && same_file(problems, path)) {
        return jl_fault(err, JL_MISUSE, JL_FAULT_IMPORT_PROBLEMS_FILE);
    }
    return jl_desk_owner(desk, type, &import->owner, err);
}

static enum jl_rc read_header(struct jl_import *import, struct jl_err *err) {
    enum jl_rc rc = begin(import, err);
    if (rc != JL_OK) {
        return rc;
    }
    JL_DESK_READING(import->desk);
    rc = jl_import_find_header(import, err);
    jl_csv_rewind(import->csv);
    struct jl_csv_row row;
    for (uint64_t i = 0; rc == JL_OK && i < import->header.rows_used; i++) {
        rc = jl_csv_next(import->csv, &row, err);
    }
    return rc;
}

static enum jl_rc stopped_early(const struct jl_import *import, enum jl_rc rc, struct jl_err *err) {
    uint64_t saved = import->result.added + import->result.updated;
    if (saved == 0 || import->options->dry_run) {
        return rc;
    }
    return jl_fault_wrap(err, JL_FAULT_IMPORT_PART, "%llu",
                         (unsigned long long)import->result.rows);
}

enum jl_rc jl_import_run(struct jl_desk *desk, const struct jl_type *type, const char *path,
                         const struct jl_import_options *options,
                         struct jl_import_result *out_result, struct jl_err *err) {
    JL_AUTO(jl_import)
    import = {.desk = desk, .type_number = type->number, .options = options};
    char type_name[64];
    (void)snprintf(type_name, sizeof type_name, "%s", type->name);
    enum jl_rc rc = check_request(&import, type, path, err);
    if (rc == JL_OK) {
        rc = jl_csv_open(path, &import.csv, err);
        if (rc != JL_OK) {
            rc = jl_fault_wrap(err, JL_FAULT_IMPORT_NOT, "%s", "");
        }
    }
    if (rc == JL_OK) {
        rc = read_header(&import, err);
        rc = rc == JL_OK ? rc : jl_fault_wrap(err, JL_FAULT_AT, "%s", path);
    }
    import.change_set = jl_id_next(&desk->ids, desk->clock.wall_ms(desk->clock.context));
    while (rc == JL_OK && !import.at_end) {
        rc = run_chunk(&import, err);
        rc = rc == JL_OK ? rc : jl_fault_wrap(err, JL_FAULT_AT, "%s", path);
    }
    bool saved = !options->dry_run && import.result.added + import.result.updated > 0;
    struct jl_err second;
    enum jl_rc recorded =
        saved ? save_records(&import, path, type_name, rc == JL_OK ? err : &second) : JL_OK;
    if (rc != JL_OK) {
        return stopped_early(&import, rc, err);
    }
    if (recorded != JL_OK) {
        return stopped_early(&import, recorded, err);
    }
    rc = jl_import_report(&import, err);
    if (rc != JL_OK) {
        return rc;
    }
    import.result.change_set = saved ? import.change_set : (struct jl_id){{ 0 }};
    *out_result = import.result;
    import.result = (struct jl_import_result){0};
    return JL_OK;
}
