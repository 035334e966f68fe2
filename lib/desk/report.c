/* Figures of the catalogue → measures of the store → numbers. A figure that can't be computed, or
 * one group of it, is not known and says why; the others stand.
 *
 * Everything is asked in one read transaction, so that the figures of one report agree. Amounts are
 * 分 and rates are basis points inside; both are written with two decimals less at the end. */
#include "jielian/desk/report.h"
#include "jielian/base/fault.h"
#include "jielian/base/language.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/desk/offices.h"
#include "jielian/json/document.h"
#include "jielian/message/fault_text.h"
#include "jielian/store/figures.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    CONDITIONS_MAX = 32,
    GROUPS_MAX = JL_OFFICES_MAX + 1, /* offices and the district; years are fewer */
    DATE_FIRST = 10101,              /* before every date that is stored */
};
/* JSON's numbers show fifteen digits exactly: of 分 that are ten million million 元. */
static const int64_t figure_max = 1000000000000000;

struct group {
    int64_t key;
    int64_t value;
    bool fits; /* value is exact, and may be shown */
};

struct groups {
    struct group *items;
    size_t count;
};

struct reporting {
    struct jl_books *books;
    const struct jl_report_options *options;
    int64_t d0, d1;
    struct jl_offices offices;
    struct jl_arena arena; /* of one figure's measures */
    struct jl_arena *out;  /* of the report */
    struct jl_buf phrase;
    struct jl_buf cause; /* why the figure, or a part of it, is not known; empty: it is */
};

static void reporting_fini(struct reporting *reporting) {
    jl_offices_fini(&reporting->offices);
    jl_arena_fini(&reporting->arena);
    jl_buf_fini(&reporting->phrase);
    jl_buf_fini(&reporting->cause);
}

/* ---- Why not ---- */

/* Everything but a lack of memory is the figure's own: it is noted, and err is free again. */
static enum jl_rc note_fault(struct reporting *reporting, enum jl_rc rc, struct jl_err *err) {
    char text[JL_FAULT_TEXT_BYTES];
    if (rc == JL_OK || rc == JL_NOMEM) {
        return rc;
    }
    (void)jl_fault_text(err, reporting->options->language, text);
    return jl_buf_printf(&reporting->cause, err, "%s%s", reporting->cause.size > 0 ? "; " : "",
                         text);
}

/* group: the office or year whose sum it is; NULL: the whole. */
static enum jl_rc note_too_large(struct reporting *reporting, const char *group,
                                 struct jl_err *err) {
    enum jl_language language = reporting->options->language;
    if (reporting->cause.size == 0) {
        enum jl_rc rc =
            jl_buf_put_text(&reporting->cause,
                            JL_ZH_EN(language, "合计超出可计算的范围，请按镇街查找数额异常的记录",
                                     "the sum is out of range; look for the record with a wrong "
                                     "amount, office by office"),
                            err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return group != NULL ? jl_buf_printf(&reporting->cause, err, " %s", group) : JL_OK;
}

/* ---- One measure ---- */

static const char *column_of(const struct jl_type *type, uint32_t field) {
    const struct jl_field *found = field == 0 ? NULL : jl_type_field(type, field);
    return found == NULL ? NULL : found->name;
}

static enum jl_rc put_condition(const struct reporting *reporting, const struct jl_type *type,
                                const struct jl_filter *filter, struct jl_figures_condition *out,
                                struct jl_err *err) {
    const struct jl_type *target = type;
    *out = (struct jl_figures_condition){.test = (int)filter->test,
                                         .numbers = filter->numbers,
                                         .number_count = filter->number_count};
    if (filter->via != 0) {
        const struct jl_field *via = jl_type_field(type, filter->via);
        target = via == NULL ? NULL : jl_catalogue_type(reporting->books->catalogue, via->ref_type);
        out->via_column = via == NULL ? NULL : via->name;
        out->via_type = via == NULL ? 0 : via->ref_type;
    }
    out->column = target == NULL ? NULL : column_of(target, filter->field);
    return out->column != NULL ? JL_OK
                               : jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL, "%s",
                                             "a filter on a field that is not there");
}

static bool in_range(int64_t value) {
    return value >= -figure_max && value <= figure_max;
}

static enum jl_rc take_group(void *context, int64_t key, const int64_t *value, struct jl_err *err) {
    struct groups *groups = context;
    if (groups->count == GROUPS_MAX) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_REPORT_GROUPS, "%d", (int)GROUPS_MAX);
    }
    bool fits = value != NULL && in_range(*value);
    groups->items[groups->count++] =
        (struct group){.key = key, .value = fits ? *value : 0, .fits = fits};
    return JL_OK;
}

static enum jl_rc measure(struct reporting *reporting, const struct jl_measure *source,
                          enum jl_group group, struct groups *out_groups, struct jl_err *err) {
    const struct jl_type *type = jl_catalogue_type(reporting->books->catalogue, source->type);
    struct jl_figures_condition conditions[CONDITIONS_MAX];
    if (type == NULL || source->filter_count > CONDITIONS_MAX) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL, "%s",
                           "a measure of an unknown type or with too many filters");
    }
    for (size_t i = 0; i < source->filter_count; i++) {
        enum jl_rc rc = put_condition(reporting, type, &source->filters[i], &conditions[i], err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    const struct jl_field *window =
        source->window_field == 0 ? NULL : jl_type_field(type, source->window_field);
    const struct jl_figures_measure request = {
        .type = source->type,
        .conditions = conditions,
        .condition_count = source->filter_count,
        .window_column = window == NULL ? NULL : window->name,
        .window_is_year = window != NULL && window->kind == JL_KIND_INT,
        .window_is_month = window != NULL && window->kind == JL_KIND_MONTH,
        .from_column = column_of(type, source->from_field),
        .until_column = column_of(type, source->until_field),
        .d0 = reporting->d0,
        .d1 = reporting->d1,
        .aggregate = (int)source->aggregate,
        .column = column_of(type, source->field),
        .end_column = column_of(type, source->end_field),
        .group = group};
    out_groups->count = 0;
    out_groups->items = jl_arena_alloc(&reporting->arena, GROUPS_MAX * sizeof *out_groups->items);
    if (out_groups->items == NULL) {
        return jl_fault_memory(err);
    }
    return jl_figures_measure(reporting->books->store, &request, take_group, out_groups, err);
}

static const struct group *group_of(const struct groups *groups, int64_t key) {
    for (size_t i = 0; i < groups->count; i++) {
        if (groups->items[i].key == key) {
            return &groups->items[i];
        }
    }
    return NULL;
}

/* Basis points, rounded towards 0: 98.999 % is not 99 %. Divided by hand, digit by digit, so that
 * nothing overflows on the way. */
static struct group rate(int64_t part, int64_t whole) {
    enum { DIGITS = 4 };
    int64_t value = part / whole;
    int64_t rest = part % whole;
    bool fits = in_range(value);
    for (int i = 0; fits && i < DIGITS; i++) {
        rest *= 10;
        value = value * 10 + rest / whole;
        rest %= whole;
        fits = in_range(value);
    }
    return (struct group){.value = fits ? value : 0, .fits = fits};
}

/* What a figure says of a group; part NULL: none there. false: nothing to divide by. */
static bool divide(const struct jl_figure *figure, const struct group *part,
                   const struct group *whole, struct group *out_value) {
    const struct group none = {.fits = true};
    part = part != NULL ? part : &none;
    *out_value = *part;
    if (figure->divisor == NULL) {
        return true;
    }
    if (whole == NULL || (whole->fits && whole->value <= 0)) {
        return false;
    }
    *out_value = part->fits && whole->fits ? rate(part->value, whole->value) : (struct group){0};
    return true;
}

/* ---- Numbers ---- */

static bool in_hundredths(const struct jl_figure *figure) {
    return figure->divisor != NULL || strcmp(figure->unit, "元") == 0;
}

/* ---- Groups of one figure ---- */

static const struct jl_type *type_of(const struct reporting *reporting,
                                     const struct jl_measure *measure) {
    return measure == NULL ? NULL : jl_catalogue_type(reporting->books->catalogue, measure->type);
}

/* A rate over the number of offices: within one office there is one. */
static bool counts_offices(const struct jl_figure *figure, enum jl_group group) {
    return group == JL_GROUP_OFFICE && figure->divisor != NULL &&
           figure->divisor->type == JL_TYPE_OFFICE;
}

/* Does the split say anything? What the district owns can't be divided among offices. */
static bool divides(const struct reporting *reporting, const struct jl_figure *figure,
                    enum jl_group group) {
    if (group == JL_GROUP_YEAR) {
        return figure->measure.window_field != 0;
    }
    const struct jl_type *part = type_of(reporting, &figure->measure);
    const struct jl_type *whole = type_of(reporting, figure->divisor);
    return part != NULL && part->owner == JL_SIDE_OFFICE &&
           (whole == NULL || whole->owner == JL_SIDE_OFFICE || counts_offices(figure, group));
}

static const char *group_name(const struct reporting *reporting, enum jl_group group, int64_t key,
                              char spare[static 24]) {
    if (group == JL_GROUP_OFFICE && key == 0) {
        return "-";
    }
    const struct jl_desk_office *office =
        group == JL_GROUP_OFFICE ? jl_offices_numbered(&reporting->offices, (uint32_t)key) : NULL;
    if (office != NULL && office->code[0] != '\0') {
        return office->code;
    }
    (void)snprintf(spare, 24, "%" PRId64, key);
    return spare;
}

/* A group that is there already is told anew. */
static enum jl_rc put_group(struct reporting *reporting, struct jl_report_split *split,
                            const char *name, const struct group *group, struct jl_err *err) {
    size_t at = 0;
    while (at < split->count && strcmp(split->groups[at].name, name) != 0) {
        at++;
    }
    if (at == split->count) {
        struct jl_report_group *groups = jl_arena_grow(reporting->out, split->groups, split->count,
                                                       &split->capacity, sizeof *split->groups);
        char *copy = jl_arena_text(reporting->out, jl_bytes_text(name));
        if (groups == NULL || copy == NULL) {
            return jl_fault_memory(err);
        }
        split->groups = groups;
        groups[split->count++].name = copy;
    }
    split->groups[at].known = group->fits;
    split->groups[at].value = group->value;
    return group->fits ? JL_OK : note_too_large(reporting, name, err);
}

/* Offices without records count as 0, so that a report shows who has none. */
static enum jl_rc put_empty_offices(struct reporting *reporting, const struct jl_figure *figure,
                                    struct jl_report_split *split, struct jl_err *err) {
    const struct group none = {.fits = true};
    const struct jl_type *type =
        jl_catalogue_type(reporting->books->catalogue, figure->measure.type);
    bool zero = figure->divisor == NULL && figure->measure.aggregate != JL_AGGREGATE_MEDIAN_DAYS &&
                type != NULL && type->owner == JL_SIDE_OFFICE;
    for (size_t i = 0; zero && i < reporting->offices.count; i++) {
        enum jl_rc rc = put_group(reporting, split, reporting->offices.items[i].code, &none, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

static enum jl_rc one_each(struct reporting *reporting, struct groups *out_groups,
                           struct jl_err *err) {
    size_t count = reporting->offices.count;
    out_groups->items = jl_arena_alloc(&reporting->arena, (count + 1) * sizeof *out_groups->items);
    if (out_groups->items == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        out_groups->items[i] =
            (struct group){.key = reporting->offices.items[i].number, .value = 1, .fits = true};
    }
    out_groups->count = count;
    return JL_OK;
}

static enum jl_rc fill_groups(struct reporting *reporting, const struct jl_figure *figure,
                              enum jl_group group, struct jl_report_split *split,
                              struct jl_err *err) {
    struct groups parts = {0};
    struct groups wholes = {0};
    const struct jl_measure *divisor = figure->divisor;
    bool constant = divisor != NULL && group == JL_GROUP_YEAR && divisor->window_field == 0;
    enum jl_rc rc = measure(reporting, &figure->measure, group, &parts, err);
    if (rc == JL_OK && counts_offices(figure, group)) {
        rc = one_each(reporting, &wholes, err);
    } else if (rc == JL_OK && divisor != NULL) {
        rc = measure(reporting, divisor, constant ? JL_GROUP_NONE : group, &wholes, err);
    }
    const struct groups *keys = divisor != NULL && !constant ? &wholes : &parts;
    for (size_t i = 0; rc == JL_OK && i < keys->count; i++) {
        char spare[24];
        int64_t key = keys->items[i].key;
        struct group value;
        if (divide(figure, group_of(&parts, key), group_of(&wholes, constant ? 0 : key), &value)) {
            rc = put_group(reporting, split, group_name(reporting, group, key, spare), &value, err);
        }
    }
    return rc;
}

static enum jl_rc put_split(struct reporting *reporting, const struct jl_figure *figure,
                            enum jl_group group, struct jl_report_split *split,
                            struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    split->known = true;
    if (!divides(reporting, figure, group)) {
        return JL_OK;
    }
    if (group == JL_GROUP_OFFICE) {
        rc = put_empty_offices(reporting, figure, split, err);
    }
    if (rc == JL_OK) {
        rc = fill_groups(reporting, figure, group, split, err);
    }
    if (rc != JL_OK) { /* no group of it may stand there as 0 */
        *split = (struct jl_report_split){0};
        rc = note_fault(reporting, rc, err);
    }
    return rc;
}

/* ---- One figure ---- */

/* *out_known false: it can't be computed, or there is nothing to divide by. */
static enum jl_rc total(struct reporting *reporting, const struct jl_figure *figure,
                        bool *out_known, int64_t *out_value, struct jl_err *err) {
    struct groups part = {0};
    struct groups whole = {0};
    struct group value = {0};
    *out_known = false;
    *out_value = 0;
    enum jl_rc rc = measure(reporting, &figure->measure, JL_GROUP_NONE, &part, err);
    if (rc == JL_OK && figure->divisor != NULL) {
        rc = measure(reporting, figure->divisor, JL_GROUP_NONE, &whole, err);
    }
    if (rc != JL_OK) {
        return note_fault(reporting, rc, err);
    }
    if (!divide(figure, group_of(&part, 0), group_of(&whole, 0), &value)) {
        return JL_OK;
    }
    *out_known = value.fits;
    *out_value = value.value;
    return value.fits ? JL_OK : note_too_large(reporting, NULL, err);
}

static enum jl_rc put_head(struct reporting *reporting, const struct jl_figure *figure,
                           struct jl_report_figure *out, struct jl_err *err) {
    const bool english = reporting->options->language == JL_LANGUAGE_EN && figure->label.en != NULL;
    *out = (struct jl_report_figure){.key = figure->key,
                                     .label = english ? figure->label.en : figure->label.zh,
                                     .unit = figure->unit,
                                     .note = figure->note,
                                     .hundredths = in_hundredths(figure)};
    enum jl_rc rc = total(reporting, figure, &out->known, &out->value, err);
    jl_buf_reset(&reporting->phrase);
    if (rc == JL_OK && out->known) {
        rc = jl_figure_phrase(figure, out->value, &reporting->phrase, err);
        out->known = rc == JL_OK;
        rc = note_fault(reporting, rc, err);
    }
    if (rc != JL_OK || !out->known) {
        return rc;
    }
    out->phrase = jl_arena_text(reporting->out, jl_buf_bytes(&reporting->phrase));
    return out->phrase != NULL ? JL_OK : jl_fault_memory(err);
}

static enum jl_rc put_cause(struct reporting *reporting, struct jl_report_figure *out,
                            struct jl_err *err) {
    if (reporting->cause.size == 0) {
        return JL_OK;
    }
    out->error = jl_arena_text(reporting->out, jl_buf_bytes(&reporting->cause));
    return out->error != NULL ? JL_OK : jl_fault_memory(err);
}

static enum jl_rc put_figure(struct reporting *reporting, const struct jl_figure *figure,
                             struct jl_report_figure *out, struct jl_err *err) {
    jl_arena_reset(&reporting->arena);
    jl_buf_reset(&reporting->cause);
    enum jl_rc rc = put_head(reporting, figure, out, err);
    if (rc == JL_OK && reporting->options->by_office) {
        rc = put_split(reporting, figure, JL_GROUP_OFFICE, &out->by_office, err);
    }
    if (rc == JL_OK && reporting->options->by_year) {
        rc = put_split(reporting, figure, JL_GROUP_YEAR, &out->by_year, err);
    }
    if (rc == JL_OK) {
        rc = put_cause(reporting, out, err);
    }
    return rc == JL_OK ? rc : jl_fault_wrap(err, JL_FAULT_REPORT_FIGURE, "%s", figure->key);
}

static enum jl_rc put_figures(struct reporting *reporting, struct jl_report *out,
                              struct jl_err *err) {
    const struct jl_catalogue *catalogue = reporting->books->catalogue;
    const size_t count = jl_catalogue_figure_count(catalogue);
    struct jl_report_figure *figures = jl_arena_zalloc(reporting->out, count + 1, sizeof *figures);
    enum jl_rc rc = figures != NULL ? jl_offices_load(reporting->books, &reporting->offices, err)
                                    : jl_fault_memory(err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rc = put_figure(reporting, jl_catalogue_figure_at(catalogue, i), &figures[i], err);
        out->failed += figures[i].error != NULL ? 1 : 0;
    }
    out->figures = figures;
    out->count = count;
    return rc;
}

enum jl_rc jl_report_run(struct jl_books *books, const struct jl_report_options *options,
                         struct jl_arena *arena, struct jl_report *out_report, struct jl_err *err) {
    JL_AUTO(reporting)
    reporting = {.books = books,
                 .options = options,
                 .d0 = options->d0 != 0 ? options->d0 : DATE_FIRST,
                 .d1 = options->d1 != 0 ? options->d1 : options->today,
                 .out = arena};
    if (reporting.d0 > reporting.d1) {
        return jl_fault(err, JL_MISUSE, JL_FAULT_REPORT_WINDOW);
    }
    enum jl_rc rc = jl_books_begin(books, false, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    *out_report = (struct jl_report){.by_office = options->by_office, .by_year = options->by_year};
    rc = put_figures(&reporting, out_report, err);
    jl_store_rollback(books->store);
    return rc;
}

/* ---- As JSON ---- */

static void write_number(const struct jl_report_figure *figure, const char *key, bool known,
                         int64_t value, struct jl_document *document) {
    if (!known) {
        jl_document_null(document, key);
    } else if (!figure->hundredths) {
        jl_document_number(document, key, value);
    } else if (value % 100 == 0) {
        jl_document_number(document, key, value / 100);
    } else {
        jl_document_real(document, key, (double)value / 100.0);
    }
}

static void write_split(const struct jl_report_figure *figure, const struct jl_report_split *split,
                        const char *key, struct jl_document *document) {
    if (!split->known) {
        jl_document_null(document, key);
        return;
    }
    jl_document_object(document, key);
    for (size_t i = 0; i < split->count; i++) {
        const struct jl_report_group *group = &split->groups[i];
        write_number(figure, group->name, group->known, group->value, document);
    }
    jl_document_end(document);
}

void jl_report_write(const struct jl_report *report, const char *key,
                     struct jl_document *document) {
    jl_document_array(document, key);
    for (size_t i = 0; i < report->count; i++) {
        const struct jl_report_figure *figure = &report->figures[i];
        jl_document_object(document, NULL);
        jl_document_string(document, "key", figure->key);
        jl_document_string(document, "label", figure->label);
        write_number(figure, "value", figure->known, figure->value, document);
        jl_document_string(document, "unit", figure->unit);
        jl_document_string(document, "phrase", figure->phrase);
        if (figure->note != NULL) {
            jl_document_string(document, "note", figure->note);
        }
        if (report->by_office) {
            write_split(figure, &figure->by_office, "by_office", document);
        }
        if (report->by_year) {
            write_split(figure, &figure->by_year, "by_year", document);
        }
        if (figure->error != NULL) {
            jl_document_string(document, "error", figure->error);
        }
        jl_document_end(document);
    }
    jl_document_end(document);
}
