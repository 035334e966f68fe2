/* Figures of the catalogue → measures of the store → JSON.
 *
 * Everything is asked in one read transaction, so that the figures of one report agree. Amounts are
 * 分 and rates are basis points inside; both are written with two decimals less at the end. */
#include "desk_internal.h"

#include "jielian/desk/report.h"

#include <inttypes.h>
#include <string.h>

enum {
    CONDITIONS_MAX = 32,
    GROUPS_MAX = JL_OFFICES_MAX + 1, /* offices and the district; years are fewer */
    DATE_FIRST = 10101,              /* before every date that is stored */
};

struct group {
    int64_t key;
    int64_t value;
};

struct groups {
    struct group *items;
    size_t count;
};

struct report {
    struct jl_books *books;
    const struct jl_report_options *options;
    int64_t d0, d1;
    struct jl_offices offices;
    struct jl_arena arena;
    struct jl_buf phrase;
    json_t *figures;
};

static void report_fini(struct report *report) {
    jl_offices_fini(&report->offices);
    jl_arena_fini(&report->arena);
    jl_buf_fini(&report->phrase);
    json_decref(report->figures);
}

/* ---- One measure ---- */

static const char *column_of(const struct jl_type *type, uint32_t field) {
    const struct jl_field *found = field == 0 ? NULL : jl_type_field(type, field);
    return found == NULL ? NULL : found->name;
}

static enum jl_rc put_condition(const struct report *report, const struct jl_type *type,
                                const struct jl_filter *filter, struct jl_store_condition *out,
                                struct jl_err *err) {
    const struct jl_type *target = type;
    *out = (struct jl_store_condition){.test = (int)filter->test,
                                       .numbers = filter->numbers,
                                       .number_count = filter->number_count};
    if (filter->via != 0) {
        const struct jl_field *via = jl_type_field(type, filter->via);
        target = via == NULL ? NULL : jl_catalogue_type(report->books->catalogue, via->ref_type);
        out->via_column = via == NULL ? NULL : via->name;
        out->via_type = via == NULL ? 0 : via->ref_type;
    }
    out->column = target == NULL ? NULL : column_of(target, filter->field);
    return out->column != NULL ? JL_OK
                               : jl_fail(err, JL_MISUSE, "a filter on a field that is not there");
}

static enum jl_rc take_group(void *context, int64_t key, int64_t value, struct jl_err *err) {
    struct groups *groups = context;
    if (groups->count == GROUPS_MAX) {
        return jl_fail(err, JL_LIMIT, "more than %d groups", (int)GROUPS_MAX);
    }
    groups->items[groups->count++] = (struct group){.key = key, .value = value};
    return JL_OK;
}

static enum jl_rc measure(struct report *report, const struct jl_measure *source,
                          enum jl_group group, struct groups *out_groups, struct jl_err *err) {
    const struct jl_type *type = jl_catalogue_type(report->books->catalogue, source->type);
    struct jl_store_condition conditions[CONDITIONS_MAX];
    if (type == NULL || source->filter_count > CONDITIONS_MAX) {
        return jl_fail(err, JL_MISUSE, "a measure of an unknown type or with too many filters");
    }
    for (size_t i = 0; i < source->filter_count; i++) {
        enum jl_rc rc = put_condition(report, type, &source->filters[i], &conditions[i], err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    const struct jl_field *window =
        source->window_field == 0 ? NULL : jl_type_field(type, source->window_field);
    const struct jl_store_measure request = {
        .type = source->type,
        .conditions = conditions,
        .condition_count = source->filter_count,
        .window_column = window == NULL ? NULL : window->name,
        .window_is_year = window != NULL && window->kind == JL_KIND_INT,
        .window_is_month = window != NULL && window->kind == JL_KIND_MONTH,
        .from_column = column_of(type, source->from_field),
        .until_column = column_of(type, source->until_field),
        .d0 = report->d0,
        .d1 = report->d1,
        .aggregate = (int)source->aggregate,
        .column = column_of(type, source->field),
        .end_column = column_of(type, source->end_field),
        .group = group};
    out_groups->count = 0;
    out_groups->items = jl_arena_alloc(&report->arena, GROUPS_MAX * sizeof *out_groups->items);
    if (out_groups->items == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for a figure");
    }
    return jl_store_measure(report->books->store, &request, take_group, out_groups, err);
}

static const int64_t *value_of(const struct groups *groups, int64_t key) {
    for (size_t i = 0; i < groups->count; i++) {
        if (groups->items[i].key == key) {
            return &groups->items[i].value;
        }
    }
    return NULL;
}

/* Basis points, rounded down: 98.999 % is not 99 %. false: nothing to divide by. */
static bool rate(int64_t part, int64_t whole, int64_t *out_rate) {
    if (whole <= 0) {
        return false;
    }
    *out_rate = part > INT64_MAX / 10000 ? part / whole * 10000 : part * 10000 / whole;
    return true;
}

/* ---- Numbers ---- */

static bool in_hundredths(const struct jl_figure *figure) {
    return figure->divisor != NULL || strcmp(figure->unit, "元") == 0;
}

static json_t *json_of_number(const struct jl_figure *figure, int64_t value) {
    if (!in_hundredths(figure)) {
        return json_integer(value);
    }
    return value % 100 == 0 ? json_integer(value / 100) : json_real((double)value / 100.0);
}

/* ---- Groups of one figure ---- */

static const struct jl_type *type_of(const struct report *report,
                                     const struct jl_measure *measure) {
    return measure == NULL ? NULL : jl_catalogue_type(report->books->catalogue, measure->type);
}

/* A rate over the number of offices: within one office there is one. */
static bool counts_offices(const struct jl_figure *figure, enum jl_group group) {
    return group == JL_GROUP_OFFICE && figure->divisor != NULL &&
           figure->divisor->type == JL_TYPE_OFFICE;
}

/* Does the split say anything? What the district owns can't be divided among offices. */
static bool divides(const struct report *report, const struct jl_figure *figure,
                    enum jl_group group) {
    if (group == JL_GROUP_YEAR) {
        return figure->measure.window_field != 0;
    }
    const struct jl_type *part = type_of(report, &figure->measure);
    const struct jl_type *whole = type_of(report, figure->divisor);
    return part != NULL && part->owner == JL_SIDE_OFFICE &&
           (whole == NULL || whole->owner == JL_SIDE_OFFICE || counts_offices(figure, group));
}

static const char *group_name(const struct report *report, enum jl_group group, int64_t key,
                              char spare[static 24]) {
    if (group == JL_GROUP_OFFICE && key == 0) {
        return "-";
    }
    const struct jl_desk_office *office =
        group == JL_GROUP_OFFICE ? jl_office_numbered(&report->offices, (uint32_t)key) : NULL;
    if (office != NULL && office->code[0] != '\0') {
        return office->code;
    }
    (void)snprintf(spare, 24, "%" PRId64, key);
    return spare;
}

static enum jl_rc put_group(const struct jl_figure *figure, json_t *object, const char *name,
                            int64_t value, struct jl_err *err) {
    if (json_object_set_new(object, name, json_of_number(figure, value)) != 0) {
        return jl_fail(err, JL_NOMEM, "no memory for a report");
    }
    return JL_OK;
}

/* Offices without records count as 0, so that a report shows who has none. */
static enum jl_rc put_empty_offices(const struct report *report, const struct jl_figure *figure,
                                    json_t *object, struct jl_err *err) {
    const struct jl_type *type = jl_catalogue_type(report->books->catalogue, figure->measure.type);
    bool zero = figure->divisor == NULL && figure->measure.aggregate != JL_AGGREGATE_MEDIAN_DAYS &&
                type != NULL && type->owner == JL_SIDE_OFFICE;
    for (size_t i = 0; zero && i < report->offices.count; i++) {
        enum jl_rc rc = put_group(figure, object, report->offices.items[i].code, 0, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

static enum jl_rc one_each(struct report *report, struct groups *out_groups, struct jl_err *err) {
    size_t count = report->offices.count;
    out_groups->items = jl_arena_alloc(&report->arena, (count + 1) * sizeof *out_groups->items);
    if (out_groups->items == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for a figure");
    }
    for (size_t i = 0; i < count; i++) {
        out_groups->items[i] = (struct group){.key = report->offices.items[i].number, .value = 1};
    }
    out_groups->count = count;
    return JL_OK;
}

static enum jl_rc fill_groups(struct report *report, const struct jl_figure *figure,
                              enum jl_group group, json_t *object, struct jl_err *err) {
    struct groups parts = {0};
    struct groups wholes = {0};
    const struct jl_measure *divisor = figure->divisor;
    bool constant = divisor != NULL && group == JL_GROUP_YEAR && divisor->window_field == 0;
    enum jl_rc rc = measure(report, &figure->measure, group, &parts, err);
    if (rc == JL_OK && counts_offices(figure, group)) {
        rc = one_each(report, &wholes, err);
    } else if (rc == JL_OK && divisor != NULL) {
        rc = measure(report, divisor, constant ? JL_GROUP_NONE : group, &wholes, err);
    }
    const struct groups *keys = divisor != NULL && !constant ? &wholes : &parts;
    for (size_t i = 0; rc == JL_OK && i < keys->count; i++) {
        char spare[24];
        int64_t key = keys->items[i].key;
        const int64_t *part = value_of(&parts, key);
        const int64_t *whole = value_of(&wholes, constant ? 0 : key);
        int64_t value = part == NULL ? 0 : *part;
        if (divisor == NULL || (whole != NULL && rate(value, *whole, &value))) {
            rc = put_group(figure, object, group_name(report, group, key, spare), value, err);
        }
    }
    return rc;
}

static enum jl_rc put_groups(struct report *report, const struct jl_figure *figure,
                             enum jl_group group, json_t *item, struct jl_err *err) {
    json_t *object = json_object();
    enum jl_rc rc = JL_OK;
    if (object == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for a report");
    }
    if (divides(report, figure, group)) {
        if (group == JL_GROUP_OFFICE) {
            rc = put_empty_offices(report, figure, object, err);
        }
        if (rc == JL_OK) {
            rc = fill_groups(report, figure, group, object, err);
        }
    }
    if (rc != JL_OK) {
        json_decref(object);
        return rc;
    }
    if (json_object_set_new(item, group == JL_GROUP_OFFICE ? "by_office" : "by_year", object) !=
        0) {
        return jl_fail(err, JL_NOMEM, "no memory for a report");
    }
    return JL_OK;
}

/* ---- One figure ---- */

static enum jl_rc total(struct report *report, const struct jl_figure *figure, bool *out_known,
                        int64_t *out_value, struct jl_err *err) {
    struct groups part = {0};
    struct groups whole = {0};
    *out_known = true;
    *out_value = 0;
    enum jl_rc rc = measure(report, &figure->measure, JL_GROUP_NONE, &part, err);
    if (rc == JL_OK && figure->divisor != NULL) {
        rc = measure(report, figure->divisor, JL_GROUP_NONE, &whole, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    *out_value = part.count > 0 ? part.items[0].value : 0;
    if (figure->divisor != NULL) {
        *out_known = whole.count > 0 && rate(*out_value, whole.items[0].value, out_value);
    }
    return JL_OK;
}

static enum jl_rc put_head(struct report *report, const struct jl_figure *figure, json_t *item,
                           struct jl_err *err) {
    bool known = false;
    int64_t value = 0;
    enum jl_rc rc = total(report, figure, &known, &value, err);
    jl_buf_reset(&report->phrase);
    if (rc == JL_OK && known) {
        rc = jl_figure_phrase(figure, value, &report->phrase, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    bool english = report->options->language == JL_LANGUAGE_EN && figure->label.en != NULL;
    bool made =
        json_object_set_new(item, "key", json_string(figure->key)) == 0 &&
        json_object_set_new(item, "label",
                            json_string(english ? figure->label.en : figure->label.zh)) == 0 &&
        json_object_set_new(item, "value", known ? json_of_number(figure, value) : json_null()) ==
            0 &&
        json_object_set_new(item, "unit", json_string(figure->unit)) == 0 &&
        json_object_set_new(
            item, "phrase",
            known ? json_stringn((const char *)report->phrase.data, report->phrase.size)
                  : json_null()) == 0 &&
        (figure->note == NULL || json_object_set_new(item, "note", json_string(figure->note)) == 0);
    return made ? JL_OK : jl_fail(err, JL_NOMEM, "no memory for a report");
}

static enum jl_rc put_figure(struct report *report, const struct jl_figure *figure,
                             struct jl_err *err) {
    json_t *item = json_object();
    if (item == NULL || json_array_append_new(report->figures, item) != 0) {
        return jl_fail(err, JL_NOMEM, "no memory for a report");
    }
    jl_arena_reset(&report->arena);
    enum jl_rc rc = put_head(report, figure, item, err);
    if (rc == JL_OK && report->options->by_office) {
        rc = put_groups(report, figure, JL_GROUP_OFFICE, item, err);
    }
    if (rc == JL_OK && report->options->by_year) {
        rc = put_groups(report, figure, JL_GROUP_YEAR, item, err);
    }
    return rc == JL_OK ? rc : jl_wrap(err, "figure %s", figure->key);
}

static enum jl_rc run(struct report *report, struct jl_err *err) {
    const struct jl_catalogue *catalogue = report->books->catalogue;
    report->figures = json_array();
    if (report->figures == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for a report");
    }
    enum jl_rc rc = jl_offices_load(report->books, &report->offices, err);
    for (size_t i = 0; rc == JL_OK && i < jl_catalogue_figure_count(catalogue); i++) {
        rc = put_figure(report, jl_catalogue_figure_at(catalogue, i), err);
    }
    return rc;
}

enum jl_rc jl_report_run(struct jl_books *books, const struct jl_report_options *options,
                         json_t **out_figures, struct jl_err *err) {
    JL_AUTO(report)
    report = {.books = books,
              .options = options,
              .d0 = options->d0 != 0 ? options->d0 : DATE_FIRST,
              .d1 = options->d1 != 0 ? options->d1 : options->today};
    if (report.d0 > report.d1) {
        return jl_fail(err, JL_MISUSE, "%s",
                       JL_ZH_EN(options->language, "起始日期晚于截止日期，请对调",
                                "the window begins after it ends; swap the two dates"));
    }
    enum jl_rc rc = jl_books_begin(books, false, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = run(&report, err);
    jl_store_rollback(books->store);
    if (rc == JL_OK) {
        *out_figures = report.figures;
        report.figures = NULL;
    }
    return rc;
}
