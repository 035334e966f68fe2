/* Figures: label, unit, phrase and style; the queries stand in parse_measure.c.
 *
 *   unit   style      measure                divisor
 *   元     not        sum of a money field   none        (values in 分)
 *   %      percent    any                    required    (values in basis points)
 *   other  not        not money              none        (whole values) */
#include "catalogue.h"
#include "entry.h"
#include "known.h"
#include "layer.h"

#include "jielian/base/fault.h"
#include "jielian/base/rc.h"
#include "jielian/catalogue/catalogue.h"

#include <string.h>

static enum jl_rc check_key(const char *key, struct jl_err *err) {
    size_t size = strlen(key);
    bool good = size <= JL_ENTRY_NAME_BYTES;
    for (size_t i = 0; good && i < size; i++) {
        char c = key[i];
        good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (i > 0 && ((c >= '0' && c <= '9') || c == '_'));
    }
    if (!good) {
        return jl_fault_at(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_KEY_FORM, "%d",
                           (int)JL_ENTRY_NAME_BYTES);
    }
    return JL_OK;
}

static enum jl_rc parse_phrase(struct jl_catalogue *catalogue, const json_t *entry,
                               struct jl_figure *figure, struct jl_err *err) {
    const char *phrase = NULL;
    enum jl_rc rc = jl_entry_word(entry, "phrase", JL_REQUIRED, &phrase, err);
    if (rc != JL_OK) {
        return rc;
    }
    const char *place = strstr(phrase, "{}");
    if (place == NULL || strstr(place + 2, "{}") != NULL) {
        return jl_fault(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_PHRASE);
    }
    rc = jl_entry_text(catalogue, json_object_get(entry, "phrase"), JL_ENTRY_PHRASE_BYTES,
                       &figure->phrase, err);
    return rc == JL_OK ? JL_OK : jl_fault_wrap(err, JL_FAULT_CATALOGUE_IN_PHRASE, "%s", "");
}

static enum jl_rc parse_style(const json_t *entry, struct jl_figure *figure, struct jl_err *err) {
    static const char *const choices[] = {"over", "exact", "percent", NULL};
    static const enum jl_phrase_style styles[] = {JL_PHRASE_OVER, JL_PHRASE_EXACT,
                                                  JL_PHRASE_PERCENT};
    static const int64_t range[2] = {0, 2};
    const char *word = NULL;
    size_t index = 0;
    int64_t decimals = 2;
    figure->style = JL_PHRASE_AUTO;
    enum jl_rc rc = jl_entry_word(entry, "style", JL_OPTIONAL, &word, err);
    if (rc == JL_OK && word != NULL) {
        rc = jl_entry_choice("style", word, choices, &index, err);
        if (rc == JL_OK) {
            figure->style = styles[index];
        }
    }
    if (rc == JL_OK) {
        rc = jl_entry_number(entry, "decimals", JL_OPTIONAL, range, &decimals, err);
    }
    figure->decimals = (uint32_t)decimals;
    return rc;
}

static enum jl_rc parse_texts(struct jl_catalogue *catalogue, const json_t *entry,
                              struct jl_figure *figure, struct jl_err *err) {
    const json_t *note = json_object_get(entry, "note");
    enum jl_rc rc = jl_entry_object(entry, jl_known_figure, err);
    if (rc == JL_OK) {
        rc = jl_entry_text(catalogue, json_object_get(entry, "key"), JL_ENTRY_NAME_BYTES,
                           &figure->key, err);
        rc = rc == JL_OK ? check_key(figure->key, err)
                         : jl_fault_wrap(err, JL_FAULT_CATALOGUE_IN_FIGURE_KEY, "%s", "");
    }
    if (rc == JL_OK) {
        rc = jl_entry_label(catalogue, entry, JL_ENTRY_LABEL_BYTES, &figure->label, err);
    }
    if (rc == JL_OK && jl_entry_text(catalogue, json_object_get(entry, "unit"), JL_ENTRY_NAME_BYTES,
                                     &figure->unit, err) != JL_OK) {
        rc = jl_fault_wrap(err, JL_FAULT_CATALOGUE_IN_UNIT, "%s", "");
    }
    if (rc == JL_OK && note != NULL &&
        jl_entry_text(catalogue, note, JL_ENTRY_LABEL_BYTES, &figure->note, err) != JL_OK) {
        rc = jl_fault_wrap(err, JL_FAULT_CATALOGUE_IN_NOTE, "%s", "");
    }
    if (rc == JL_OK) {
        rc = parse_phrase(catalogue, entry, figure, err);
    }
    return rc == JL_OK ? parse_style(entry, figure, err) : rc;
}

static bool is_money(const struct jl_catalogue *catalogue, const struct jl_measure *measure) {
    const struct jl_type *type = jl_catalogue_type(catalogue, measure->type);
    const struct jl_field *field = jl_type_field(type, measure->field);
    return measure->aggregate == JL_AGGREGATE_SUM && field != NULL && field->kind == JL_KIND_MONEY;
}

static enum jl_rc check_unit(const struct jl_catalogue *catalogue, const struct jl_figure *figure,
                             struct jl_err *err) {
    bool percent = strcmp(figure->unit, "%") == 0;
    if (percent != (figure->style == JL_PHRASE_PERCENT) || percent != (figure->divisor != NULL)) {
        return jl_fault(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_PERCENT);
    }
    bool money = is_money(catalogue, &figure->measure);
    if (percent && money != is_money(catalogue, figure->divisor)) {
        return jl_fault(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_MONEY_DIVISOR);
    }
    if (!percent && money != (strcmp(figure->unit, "元") == 0)) {
        return jl_fault(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_MONEY_UNIT);
    }
    return JL_OK;
}

static enum jl_rc parse_figure(struct jl_catalogue *catalogue, const json_t *entry,
                               struct jl_figure *figure, struct jl_err *err) {
    enum jl_rc rc = parse_texts(catalogue, entry, figure, err);
    if (rc != JL_OK) {
        return rc;
    }
    const json_t *divisor = json_object_get(entry, "divisor");
    if (jl_layer_measure(catalogue, json_object_get(entry, "measure"), &figure->measure, err) !=
        JL_OK) {
        return jl_fault_wrap(err, JL_FAULT_CATALOGUE_IN_MEASURE, "%s", "");
    }
    if (divisor != NULL) {
        struct jl_measure *measure = jl_entry_zalloc(catalogue, 1, sizeof *measure, err);
        if (measure == NULL) {
            return JL_NOMEM;
        }
        if (jl_layer_measure(catalogue, divisor, measure, err) != JL_OK) {
            return jl_fault_wrap(err, JL_FAULT_CATALOGUE_IN_DIVISOR, "%s", "");
        }
        figure->divisor = measure;
    }
    return check_unit(catalogue, figure, err);
}

enum jl_rc jl_layer_figures(struct jl_catalogue *catalogue, const json_t *figures,
                            struct jl_err *err) {
    size_t count = json_array_size(figures);
    catalogue->figures = jl_entry_zalloc(catalogue, count, sizeof *catalogue->figures, err);
    if (catalogue->figures == NULL) {
        return JL_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *entry = json_array_get(figures, i);
        struct jl_figure *figure = &catalogue->figures[i];
        enum jl_rc rc = parse_figure(catalogue, entry, figure, err);
        for (size_t k = 0; rc == JL_OK && k < i; k++) {
            if (strcmp(catalogue->figures[k].key, figure->key) == 0) {
                rc = jl_fault_at(err, JL_PROTO, JL_FAULT_CATALOGUE_FIGURE_TAKEN, "%zu", k);
            }
        }
        if (rc != JL_OK) {
            return jl_entry_wrap(err, "figures", i, entry, "key");
        }
        catalogue->figure_count = i + 1;
    }
    return JL_OK;
}
