/* Resending, with a line of each record. */
#include "resend_report.h"
#include "office.h"

#include "jielian/base/fault.h"
#include "jielian/desk/desk.h"
#include "jielian/desk/titles.h"
#include "jielian/json/column.h"
#include "jielian/json/document.h"

#include <stddef.h>

struct reporting {
    struct jl_desk *desk;
    struct jl_arena *arena;
    const struct jl_resend_options *wanted;
    bool *found; /* of each wanted id */
    struct jl_titles titles;
    struct jl_resend_report *report;
};

static void reporting_fini(struct reporting *reporting) {
    jl_titles_fini(&reporting->titles);
}

static enum jl_rc put_row(struct reporting *reporting, const struct jl_resent *resent,
                          struct jl_err *err) {
    struct jl_resend_report *report = reporting->report;
    struct jl_desk *desk = reporting->desk;
    const struct jl_head *head = &resent->record->head;
    const struct jl_type *type = jl_catalogue_type(desk->books->catalogue, head->type);
    JL_AUTO(jl_buf) title = {0};
    struct jl_resend_row *rows = jl_arena_grow(reporting->arena, report->rows, report->count,
                                               &report->capacity, sizeof *report->rows);
    if (rows == NULL) {
        return jl_fault_memory(err);
    }
    report->rows = rows;
    struct jl_resend_row *row = &rows[report->count++];
    *row = (struct jl_resend_row){.type = type != NULL ? type->name : "",
                                  .label = type != NULL ? jl_desk_label(desk, &type->label) : "",
                                  .id = head->id,
                                  .state =
                                      resent->state == JL_RESEND_SET_ASIDE ? "set_aside" : "parked",
                                  .kept = resent->kept};
    enum jl_rc rc = type != NULL && head->rid != 0
                        ? jl_titles_put(desk, &reporting->titles, type, resent->record, &title, err)
                        : JL_OK;
    return rc == JL_OK ? jl_arena_dup(reporting->arena, jl_buf_bytes(&title), &row->title, err)
                       : rc;
}

static enum jl_rc visit(void *context, const struct jl_resent *resent, struct jl_err *err) {
    struct reporting *reporting = context;
    struct jl_resend_report *report = reporting->report;
    const bool aside = resent->state == JL_RESEND_SET_ASIDE;
    for (size_t i = 0; i < reporting->wanted->id_count; i++) {
        reporting->found[i] = reporting->found[i] ||
                              jl_id_equal(&reporting->wanted->ids[i], &resent->record->head.id);
    }
    report->kept += resent->kept ? 1 : 0;
    report->set_aside += aside && !resent->kept ? 1 : 0;
    report->parked += aside ? 0 : 1;
    report->resent = report->parked + report->set_aside;
    return put_row(reporting, resent, err);
}

static enum jl_rc refuse_unfound(const struct reporting *reporting, struct jl_err *err) {
    for (size_t i = 0; i < reporting->wanted->id_count; i++) {
        if (!reporting->found[i]) {
            char id[JL_ID_TEXT_BYTES];
            jl_id_format(&reporting->wanted->ids[i], id);
            return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_RESEND_RECORD, "%s", id);
        }
    }
    return JL_OK;
}

static enum jl_rc run(struct reporting *reporting, struct jl_office *office,
                      struct jl_resend_options *options, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    if (options->id_count > 0 && !options->dry_run) {
        struct jl_resend_options rehearsal = *options;
        rehearsal.dry_run = true;
        rc = jl_resend_records(office, &rehearsal, err);
        rc = rc == JL_OK ? refuse_unfound(reporting, err) : rc;
        *reporting->report = (struct jl_resend_report){0};
    }
    if (rc == JL_OK) {
        rc = jl_resend_records(office, options, err);
    }
    return rc == JL_OK && options->dry_run ? refuse_unfound(reporting, err) : rc;
}

enum jl_rc jl_resend_report(struct jl_office *office, struct jl_desk *desk,
                            const struct jl_resend_options *wanted, struct jl_arena *arena,
                            struct jl_resend_report *out_report, struct jl_err *err) {
    JL_AUTO(reporting)
    reporting = {.desk = desk, .arena = arena, .wanted = wanted, .report = out_report};
    struct jl_resend_options options = *wanted;
    options.change_set = jl_id_next(&desk->ids, desk->clock.wall_ms(desk->clock.context));
    options.label = JL_ZH_EN(desk->language, "重新报送", "sent again");
    options.visit = visit;
    options.context = &reporting;
    *out_report = (struct jl_resend_report){0};
    reporting.found = jl_arena_zalloc(arena, wanted->id_count + 1, sizeof *reporting.found);
    enum jl_rc rc =
        reporting.found != NULL ? run(&reporting, office, &options, err) : jl_fault_memory(err);
    out_report->dry_run = options.dry_run;
    if (rc == JL_OK && !options.dry_run && out_report->resent > 0) {
        out_report->change_set = options.change_set;
    }
    return rc;
}

void jl_resend_report_write(const struct jl_resend_report *report, struct jl_document *document) {
    static const struct jl_column columns[] = {
        {"type", NULL, NULL, JL_COLUMN_TEXT, offsetof(struct jl_resend_row, type), NULL},
        {"label", NULL, NULL, JL_COLUMN_TEXT, offsetof(struct jl_resend_row, label), NULL},
        {"id", NULL, NULL, JL_COLUMN_ID, offsetof(struct jl_resend_row, id), NULL},
        {"title", NULL, NULL, JL_COLUMN_BYTES, offsetof(struct jl_resend_row, title), NULL},
        {"state", NULL, NULL, JL_COLUMN_TEXT, offsetof(struct jl_resend_row, state), NULL},
        {"kept", NULL, NULL, JL_COLUMN_BOOL, offsetof(struct jl_resend_row, kept), NULL},
    };
    const struct jl_rows rows = {.rows = report->rows,
                                 .count = report->count,
                                 .row_bytes = sizeof *report->rows,
                                 .columns = columns,
                                 .column_count = sizeof columns / sizeof *columns};
    jl_document_count(document, "resent", report->resent);
    jl_document_count(document, "parked", report->parked);
    jl_document_count(document, "set_aside", report->set_aside);
    jl_document_count(document, "kept", report->kept);
    jl_column_write_rows(&rows, "records", document);
    jl_document_id(document, "change_set", &report->change_set);
    jl_document_bool(document, "dry_run", report->dry_run);
}
