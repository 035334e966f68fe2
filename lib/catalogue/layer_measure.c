/* One query of a figure: {"type", "filters", "window", "from", "until", "aggregate", "field",
 * "end"}.
 *
 * Sensitive fields are sealed in the store, so no figure may look at them.
 *
 *   test              kinds                               values
 *   in, not_in        code, bool, int, date, month        one or more
 *   at_most, at_least int, money, date, month             one
 *   set               any                                 none */
#include "catalogue.h"
#include "entry.h"
#include "known.h"
#include "layer.h"

#include "jielian/base/clock.h"
#include "jielian/base/date.h"
#include "jielian/base/fault.h"
#include "jielian/catalogue/catalogue.h"

#include <inttypes.h>
#include <string.h>

enum { VALUES_MAX = 256 };

/* A field of the type by a key of the entry; *out_field stays NULL when optional and absent. */
static enum jl_rc parse_field_name(const struct jl_type *type, const json_t *entry, const char *key,
                                   enum jl_need need, const struct jl_field **out_field,
                                   struct jl_err *err) {
    const char *name = NULL;
    enum jl_rc rc = jl_entry_word(entry, key, need, &name, err);
    if (rc != JL_OK || name == NULL) {
        return rc;
    }
    rc = jl_entry_find_field(type, name, out_field, err);
    if (rc == JL_OK && (*out_field)->sensitive) {
        return jl_fault_at(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_MEASURE_SENSITIVE, "%s" JL_AND "%s",
                           key, (*out_field)->name);
    }
    return rc == JL_OK ? JL_OK : jl_fault_wrap(err, JL_FAULT_CATALOGUE_IN_KEY, "%s", key);
}

static bool number_fits(enum jl_kind kind, int64_t number) {
    if (kind == JL_KIND_DATE) {
        return jl_date_valid(number);
    }
    if (kind == JL_KIND_MONTH) {
        return number >= 0 && number <= 999912 && jl_date_valid(number * 100 + 1);
    }
    return number >= -JL_RANGE_LIMIT && number <= JL_RANGE_LIMIT;
}

static enum jl_rc parse_value(const struct jl_field *field, const json_t *value,
                              int64_t *out_number, struct jl_err *err) {
    if (field->kind == JL_KIND_CODE) {
        const char *key = json_string_value(value);
        uint32_t number = 0;
        enum jl_rc rc = jl_entry_find_code(field->codes, key == NULL ? "" : key, &number, err);
        *out_number = number;
        return rc;
    }
    if (field->kind == JL_KIND_BOOL && json_is_boolean(value)) {
        *out_number = json_is_true(value) ? 1 : 0;
        return JL_OK;
    }
    *out_number = json_integer_value(value);
    if (field->kind == JL_KIND_BOOL || !json_is_integer(value) ||
        !number_fits(field->kind, *out_number)) {
        return jl_fault_at(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_MEASURE_VALUE, "%s" JL_AND "%s",
                           field->name, jl_kind_name(field->kind));
    }
    return JL_OK;
}

static bool is_ordered(enum jl_kind kind) {
    return kind == JL_KIND_INT || kind == JL_KIND_MONEY || kind == JL_KIND_DATE ||
           kind == JL_KIND_MONTH;
}

static enum jl_rc check_test(enum jl_filter_test test, const struct jl_field *field, size_t count,
                             struct jl_err *err) {
    bool is_list = test == JL_FILTER_IN || test == JL_FILTER_NOT_IN;
    bool fits = test == JL_FILTER_SET ||
                (is_list ? field->kind == JL_KIND_CODE || field->kind == JL_KIND_BOOL ||
                               (is_ordered(field->kind) && field->kind != JL_KIND_MONEY)
                         : is_ordered(field->kind));
    if (!fits) {
        return jl_fault_at(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_MEASURE_TEST, "%s" JL_AND "%s",
                           field->name, jl_kind_name(field->kind));
    }
    bool good = test == JL_FILTER_SET ? count == 0 : is_list ? count > 0 : count == 1;
    if (!good) {
        return jl_fault(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_MEASURE_VALUES);
    }
    return JL_OK;
}

/* The type that the filter tests: the measured one, or the one that "via" refers to. */
static enum jl_rc parse_via(const struct jl_catalogue *catalogue, const struct jl_type *type,
                            const json_t *entry, struct jl_filter *filter,
                            const struct jl_type **out_target, struct jl_err *err) {
    const struct jl_field *via = NULL;
    enum jl_rc rc = parse_field_name(type, entry, "via", JL_OPTIONAL, &via, err);
    *out_target = type;
    if (rc != JL_OK || via == NULL) {
        return rc;
    }
    if (via->kind != JL_KIND_REF) {
        return jl_fault_at(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_MEASURE_VIA, "%s", via->name);
    }
    filter->via = via->number;
    *out_target = jl_catalogue_type(catalogue, via->ref_type);
    return JL_OK;
}

static enum jl_rc parse_values(struct jl_catalogue *catalogue, const struct jl_field *field,
                               const json_t *values, struct jl_filter *filter, struct jl_err *err) {
    size_t count = json_array_size(values);
    int64_t *numbers = jl_entry_zalloc(catalogue, count, sizeof *numbers, err);
    if (numbers == NULL) {
        return JL_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        if (parse_value(field, json_array_get(values, i), &numbers[i], err) != JL_OK) {
            return jl_fault_wrap(err, JL_FAULT_CATALOGUE_IN_VALUE, "%zu", i);
        }
    }
    filter->numbers = numbers;
    filter->number_count = count;
    return JL_OK;
}

static enum jl_rc parse_filter(struct jl_catalogue *catalogue, const struct jl_type *type,
                               const json_t *entry, struct jl_filter *filter, struct jl_err *err) {
    static const char *const choices[] = {"in", "not_in", "set", "at_most", "at_least", NULL};
    static const enum jl_filter_test tests[] = {JL_FILTER_IN, JL_FILTER_NOT_IN, JL_FILTER_SET,
                                                JL_FILTER_AT_MOST, JL_FILTER_AT_LEAST};
    const struct jl_type *target = NULL;
    const struct jl_field *field = NULL;
    const char *word = NULL;
    const json_t *values = NULL;
    size_t index = 0;
    enum jl_rc rc = jl_entry_object(entry, jl_known_filter, err);
    if (rc == JL_OK) {
        rc = parse_via(catalogue, type, entry, filter, &target, err);
    }
    if (rc == JL_OK) {
        rc = parse_field_name(target, entry, "field", JL_REQUIRED, &field, err);
    }
    if (rc == JL_OK) {
        rc = jl_entry_word(entry, "test", JL_REQUIRED, &word, err);
    }
    if (rc == JL_OK) {
        rc = jl_entry_choice("test", word, choices, &index, err);
    }
    if (rc == JL_OK) {
        rc = jl_entry_array(entry, "values", JL_OPTIONAL, VALUES_MAX, &values, err);
    }
    if (rc == JL_OK) {
        rc = check_test(tests[index], field, json_array_size(values), err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    filter->field = field->number;
    filter->test = tests[index];
    return parse_values(catalogue, field, values, filter, err);
}

static enum jl_rc parse_filters(struct jl_catalogue *catalogue, const struct jl_type *type,
                                const json_t *entry, struct jl_measure *measure,
                                struct jl_err *err) {
    const json_t *entries = NULL;
    enum jl_rc rc =
        jl_entry_array(entry, "filters", JL_OPTIONAL, JL_FILTERS_PER_MEASURE_MAX, &entries, err);
    if (rc != JL_OK || entries == NULL) {
        return rc;
    }
    size_t count = json_array_size(entries);
    struct jl_filter *filters = jl_entry_zalloc(catalogue, count, sizeof *filters, err);
    if (filters == NULL) {
        return JL_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *filter = json_array_get(entries, i);
        if (parse_filter(catalogue, type, filter, &filters[i], err) != JL_OK) {
            return jl_entry_wrap(err, "filters", i, filter, "field");
        }
    }
    measure->filters = filters;
    measure->filter_count = count;
    return JL_OK;
}

static enum jl_rc parse_times(const struct jl_type *type, const json_t *entry,
                              struct jl_measure *measure, struct jl_err *err) {
    const struct jl_field *window = NULL;
    const struct jl_field *from = NULL;
    const struct jl_field *until = NULL;
    enum jl_rc rc = parse_field_name(type, entry, "window", JL_OPTIONAL, &window, err);
    if (rc == JL_OK) {
        rc = parse_field_name(type, entry, "from", JL_OPTIONAL, &from, err);
    }
    if (rc == JL_OK) {
        rc = parse_field_name(type, entry, "until", JL_OPTIONAL, &until, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    if (window != NULL && window->kind != JL_KIND_DATE && window->kind != JL_KIND_MONTH &&
        window->kind != JL_KIND_INT) {
        return jl_fault(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_MEASURE_WINDOW);
    }
    if ((from != NULL && from->kind != JL_KIND_DATE) ||
        (until != NULL && until->kind != JL_KIND_DATE)) {
        return jl_fault(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_MEASURE_DATES);
    }
    measure->window_field = window == NULL ? 0 : window->number;
    measure->from_field = from == NULL ? 0 : from->number;
    measure->until_field = until == NULL ? 0 : until->number;
    return JL_OK;
}

static enum jl_rc check_aggregate(enum jl_aggregate aggregate, const struct jl_type *type,
                                  const struct jl_field *field, const struct jl_field *end,
                                  struct jl_err *err) {
    bool wants_end = aggregate == JL_AGGREGATE_MEDIAN_DAYS;
    bool wants_field =
        wants_end || aggregate == JL_AGGREGATE_SUM || aggregate == JL_AGGREGATE_DISTINCT;
    if (wants_field != (field != NULL) || wants_end != (end != NULL)) {
        return jl_fault(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_MEASURE_FIELD);
    }
    if (aggregate == JL_AGGREGATE_SUM && field->kind != JL_KIND_INT &&
        field->kind != JL_KIND_MONEY) {
        return jl_fault(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_MEASURE_SUM);
    }
    if (wants_end && (field->kind != JL_KIND_DATE || end->kind != JL_KIND_DATE)) {
        return jl_fault(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_MEASURE_MEDIAN);
    }
    if (aggregate == JL_AGGREGATE_OFFICES && type->owner != JL_SIDE_OFFICE) {
        return jl_fault(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_MEASURE_OFFICES);
    }
    return JL_OK;
}

static enum jl_rc parse_aggregate(const struct jl_type *type, const json_t *entry,
                                  struct jl_measure *measure, struct jl_err *err) {
    static const char *const choices[] = {"count",   "sum",         "distinct",
                                          "offices", "median_days", NULL};
    static const enum jl_aggregate aggregates[] = {JL_AGGREGATE_COUNT, JL_AGGREGATE_SUM,
                                                   JL_AGGREGATE_DISTINCT, JL_AGGREGATE_OFFICES,
                                                   JL_AGGREGATE_MEDIAN_DAYS};
    const char *word = NULL;
    const struct jl_field *field = NULL;
    const struct jl_field *end = NULL;
    size_t index = 0;
    enum jl_rc rc = jl_entry_word(entry, "aggregate", JL_REQUIRED, &word, err);
    if (rc == JL_OK) {
        rc = jl_entry_choice("aggregate", word, choices, &index, err);
    }
    if (rc == JL_OK) {
        rc = parse_field_name(type, entry, "field", JL_OPTIONAL, &field, err);
    }
    if (rc == JL_OK) {
        rc = parse_field_name(type, entry, "end", JL_OPTIONAL, &end, err);
    }
    if (rc == JL_OK) {
        rc = check_aggregate(aggregates[index], type, field, end, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    measure->aggregate = aggregates[index];
    measure->field = field == NULL ? 0 : field->number;
    measure->end_field = end == NULL ? 0 : end->number;
    return JL_OK;
}

enum jl_rc jl_layer_measure(struct jl_catalogue *catalogue, const json_t *entry,
                            struct jl_measure *out_measure, struct jl_err *err) {
    const char *name = NULL;
    const struct jl_type *type = NULL;
    enum jl_rc rc = jl_entry_object(entry, jl_known_measure, err);
    if (rc == JL_OK) {
        rc = jl_entry_word(entry, "type", JL_REQUIRED, &name, err);
    }
    if (rc == JL_OK) {
        rc = jl_entry_find_type(catalogue, name, &type, err);
    }
    if (rc == JL_OK) {
        out_measure->type = type->number;
        rc = parse_filters(catalogue, type, entry, out_measure, err);
    }
    if (rc == JL_OK) {
        rc = parse_times(type, entry, out_measure, err);
    }
    return rc == JL_OK ? parse_aggregate(type, entry, out_measure, err) : rc;
}
