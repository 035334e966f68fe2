/* Fields of one type, and the words a spreadsheet's headers are matched with.
 *
 *   property          allowed for
 *   codes             code, and must be there
 *   ref               ref, and must be there
 *   lowest, highest   int, money
 *   default           int, bool, code
 *   search            text, id_no, uscc, phone
 *   unique            all but bool, code, money
 *   rule              name: text   week: date   org_uscc: uscc   future_ok: date, month */
#include "catalogue.h"
#include "entry.h"
#include "known.h"
#include "layer.h"
#include "word_list.h"

#include "jielian/base/fault.h"
#include "jielian/base/limits.h"
#include "jielian/base/rc.h"
#include "jielian/catalogue/kind.h"
#include "jielian/catalogue/type.h"

#include <inttypes.h>
#include <string.h>

static const char *const rule_words[] = {"name", "week", "org_uscc", "future_ok", NULL};
static const enum jl_field_rule rules[] = {JL_RULE_PERSON_NAME, JL_RULE_WEEK, JL_RULE_ORG_USCC,
                                           JL_RULE_FUTURE_OK};

static bool is_text(enum jl_kind kind) {
    return kind == JL_KIND_TEXT || kind == JL_KIND_ID_NO || kind == JL_KIND_USCC ||
           kind == JL_KIND_PHONE;
}

static enum jl_rc parse_kind(const json_t *entry, struct jl_field *field, struct jl_err *err) {
    const char *choices[JL_KIND_PHONE + 1] = {NULL};
    for (int kind = JL_KIND_TEXT; kind <= JL_KIND_PHONE; kind++) {
        choices[kind - JL_KIND_TEXT] = jl_kind_name((enum jl_kind)kind);
    }
    const char *word = NULL;
    size_t index = 0;
    enum jl_rc rc = jl_entry_word(entry, "kind", JL_REQUIRED, &word, err);
    if (rc == JL_OK) {
        rc = jl_entry_choice("kind", word, choices, &index, err);
    }
    if (rc == JL_OK) {
        field->kind = (enum jl_kind)(JL_KIND_TEXT + index);
    }
    return rc;
}

static bool rule_fits(enum jl_field_rule rule, enum jl_kind kind) {
    switch (rule) {
    case JL_RULE_NONE:
        return true;
    case JL_RULE_PERSON_NAME:
        return kind == JL_KIND_TEXT;
    case JL_RULE_WEEK:
        return kind == JL_KIND_DATE;
    case JL_RULE_ORG_USCC:
        return kind == JL_KIND_USCC;
    case JL_RULE_FUTURE_OK:
        return kind == JL_KIND_DATE || kind == JL_KIND_MONTH;
    }
    return false;
}

static enum jl_rc parse_rule(const json_t *entry, struct jl_field *field, struct jl_err *err) {
    const char *word = NULL;
    size_t index = 0;
    enum jl_rc rc = jl_entry_word(entry, "rule", JL_OPTIONAL, &word, err);
    if (rc != JL_OK || word == NULL) {
        return rc;
    }
    rc = jl_entry_choice("rule", word, rule_words, &index, err);
    if (rc != JL_OK) {
        return rc;
    }
    field->rule = rules[index];
    if (!rule_fits(field->rule, field->kind)) {
        return jl_fault_at(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_RULE_KIND, "%s" JL_AND "%s", word,
                           jl_kind_name(field->kind));
    }
    return JL_OK;
}

static enum jl_rc parse_codes(const struct jl_catalogue *catalogue, const json_t *entry,
                              struct jl_field *field, struct jl_err *err) {
    const char *word = NULL;
    enum jl_rc rc = jl_entry_word(entry, "codes", JL_OPTIONAL, &word, err);
    if (rc != JL_OK) {
        return rc;
    }
    if ((word != NULL) != (field->kind == JL_KIND_CODE)) {
        return jl_fault(err, JL_UNKNOWN,
                        word == NULL ? JL_FAULT_CATALOGUE_CODES_WANTED
                                     : JL_FAULT_CATALOGUE_CODES_FOREIGN);
    }
    for (size_t i = 0; word != NULL && i < catalogue->list_count; i++) {
        if (strcmp(catalogue->lists[i].name, word) == 0) {
            field->codes = &catalogue->lists[i];
        }
    }
    if (word != NULL && field->codes == NULL) {
        return jl_fault_at(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_NO_LIST, "%.*s", jl_entry_cut(word),
                           word);
    }
    return JL_OK;
}

static enum jl_rc parse_ref(const struct jl_catalogue *catalogue, const json_t *entry,
                            struct jl_field *field, struct jl_err *err) {
    const char *word = NULL;
    enum jl_rc rc = jl_entry_word(entry, "ref", JL_OPTIONAL, &word, err);
    if (rc != JL_OK) {
        return rc;
    }
    if ((word != NULL) != (field->kind == JL_KIND_REF)) {
        return jl_fault(err, JL_UNKNOWN,
                        word == NULL ? JL_FAULT_CATALOGUE_REF_WANTED
                                     : JL_FAULT_CATALOGUE_REF_FOREIGN);
    }
    if (word == NULL) {
        return JL_OK;
    }
    const struct jl_type *target = NULL;
    rc = jl_entry_find_type(catalogue, word, &target, err);
    if (rc == JL_OK) {
        field->ref_type = target->number;
    }
    return rc;
}

static enum jl_rc parse_range(const json_t *entry, struct jl_field *field, struct jl_err *err) {
    static const int64_t range[2] = {-JL_RANGE_LIMIT, JL_RANGE_LIMIT};
    bool given =
        json_object_get(entry, "lowest") != NULL || json_object_get(entry, "highest") != NULL;
    if (given && field->kind != JL_KIND_INT && field->kind != JL_KIND_MONEY) {
        return jl_fault(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_RANGE_KIND);
    }
    field->lowest = 0;
    field->highest = JL_RANGE_LIMIT;
    enum jl_rc rc = jl_entry_number(entry, "lowest", JL_OPTIONAL, range, &field->lowest, err);
    if (rc == JL_OK) {
        rc = jl_entry_number(entry, "highest", JL_OPTIONAL, range, &field->highest, err);
    }
    if (rc == JL_OK && field->lowest > field->highest) {
        return jl_fault(err, JL_PROTO, JL_FAULT_CATALOGUE_RANGE);
    }
    return rc;
}

static enum jl_rc parse_default(const json_t *entry, struct jl_field *field, struct jl_err *err) {
    const json_t *value = json_object_get(entry, "default");
    if (value == NULL) {
        return JL_OK;
    }
    enum jl_rc rc = JL_OK;
    if (field->kind == JL_KIND_INT) {
        const int64_t range[2] = {field->lowest, field->highest};
        rc = jl_entry_number(entry, "default", JL_REQUIRED, range, &field->fallback.number, err);
    } else if (field->kind == JL_KIND_BOOL) {
        bool set = false;
        rc = jl_entry_bool(entry, "default", &set, err);
        field->fallback.number = set ? 1 : 0;
    } else if (field->kind == JL_KIND_CODE) {
        const char *key = NULL;
        uint32_t number = 0;
        rc = jl_entry_word(entry, "default", JL_REQUIRED, &key, err);
        if (rc == JL_OK) {
            rc = jl_entry_find_code(field->codes, key, &number, err);
        }
        field->fallback.number = number;
    } else {
        rc = jl_fault(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_DEFAULT_KIND);
    }
    field->fallback.set = rc == JL_OK;
    return rc;
}

static enum jl_rc parse_flags(const json_t *entry, struct jl_field *field, struct jl_err *err) {
    const struct {
        const char *key;
        bool *flag;
    } flags[] = {
        {"required", &field->required},   {"unique", &field->unique},
        {"sensitive", &field->sensitive}, {"search", &field->search},
        {"hidden", &field->hidden},
    };
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        enum jl_rc rc = jl_entry_bool(entry, flags[i].key, flags[i].flag, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    if (field->search && !is_text(field->kind)) {
        return jl_fault(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_SEARCH_KIND);
    }
    if (field->unique && (field->kind == JL_KIND_BOOL || field->kind == JL_KIND_CODE ||
                          field->kind == JL_KIND_MONEY)) {
        return jl_fault_at(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_UNIQUE_KIND, "%s",
                           jl_kind_name(field->kind));
    }
    return JL_OK;
}

static enum jl_rc parse_names(struct jl_catalogue *catalogue, const json_t *entry, bool built_in,
                              struct jl_field *field, struct jl_err *err) {
    const char *name = NULL;
    enum jl_rc rc = jl_entry_object(entry, jl_known_field, err);
    if (rc == JL_OK) {
        rc = jl_entry_own_number(entry, JL_FIELD_NUMBER_MAX, &field->number, err);
    }
    if (rc == JL_OK) {
        rc = jl_entry_word(entry, "name", JL_REQUIRED, &name, err);
    }
    if (rc == JL_OK) {
        rc = built_in ? jl_entry_check_name(name, err) : jl_entry_check_column(name, err);
    }
    if (rc == JL_OK) {
        rc = jl_entry_text(catalogue, json_object_get(entry, "name"), JL_ENTRY_NAME_BYTES,
                           &field->name, err);
    }
    if (rc == JL_OK) {
        rc = jl_entry_label(catalogue, entry, JL_ENTRY_LABEL_BYTES, &field->label, err);
    }
    if (rc == JL_OK) {
        rc = jl_entry_synonyms(catalogue, entry, &field->synonyms, &field->synonym_count, err);
    }
    return rc;
}

static enum jl_rc parse_field(struct jl_catalogue *catalogue, const json_t *entry, bool built_in,
                              struct jl_field *field, struct jl_err *err) {
    enum jl_rc rc = parse_names(catalogue, entry, built_in, field, err);
    if (rc == JL_OK) {
        rc = parse_kind(entry, field, err);
    }
    if (rc == JL_OK) {
        rc = parse_flags(entry, field, err);
    }
    if (rc == JL_OK) {
        rc = parse_rule(entry, field, err);
    }
    if (rc == JL_OK) {
        rc = parse_codes(catalogue, entry, field, err);
    }
    if (rc == JL_OK) {
        rc = parse_ref(catalogue, entry, field, err);
    }
    if (rc == JL_OK) {
        rc = parse_range(entry, field, err);
    }
    if (rc == JL_OK) {
        rc = parse_default(entry, field, err);
    }
    if (rc == JL_OK && field->hidden && field->required && !field->fallback.set) {
        return jl_fault(err, JL_PROTO, JL_FAULT_CATALOGUE_HIDDEN_REQUIRED);
    }
    return rc;
}

static enum jl_rc make_words(struct jl_catalogue *catalogue, struct jl_type *type,
                             size_t *out_index, struct jl_err *err) {
    size_t room = 0;
    for (size_t i = 0; i < type->field_count; i++) {
        room += 3 + type->fields[i].synonym_count;
    }
    struct jl_word_list words;
    enum jl_rc rc = jl_word_list_init(catalogue, room, &words, err);
    for (size_t i = 0; rc == JL_OK && i < type->field_count; i++) {
        const struct jl_field *field = &type->fields[i];
        *out_index = i;
        const struct jl_word_source source = {field->name, &field->label, field->synonyms,
                                              field->synonym_count};
        rc = jl_word_list_add_all(catalogue, &words, &source, i, err);
    }
    if (rc == JL_OK) {
        rc = jl_word_list_finish(&words, out_index, err);
    }
    if (rc == JL_OK) {
        type->words = words.words;
        type->word_count = words.count;
    }
    return rc;
}

enum jl_rc jl_layer_fields(struct jl_catalogue *catalogue, struct jl_type *type,
                           const json_t *entry, struct jl_err *err) {
    const json_t *entries = NULL;
    enum jl_rc rc =
        jl_entry_array(entry, "fields", JL_REQUIRED, JL_FIELDS_PER_TYPE_MAX, &entries, err);
    if (rc != JL_OK) {
        return rc;
    }
    size_t count = json_array_size(entries);
    if (count == 0) {
        return jl_fault(err, JL_PROTO, JL_FAULT_CATALOGUE_FIELDS_EMPTY);
    }
    struct jl_field *fields = jl_entry_zalloc(catalogue, count, sizeof *fields, err);
    if (fields == NULL) {
        return JL_NOMEM;
    }
    size_t unique = 0;
    for (size_t i = 0; i < count; i++) {
        const json_t *field = json_array_get(entries, i);
        rc = parse_field(catalogue, field, type->built_in, &fields[i], err);
        for (size_t k = 0; rc == JL_OK && k < i; k++) {
            if (fields[k].number == fields[i].number) {
                rc = jl_fault_at(err, JL_PROTO, JL_FAULT_CATALOGUE_NUMBER_TAKEN, "%s",
                                 fields[k].name);
            }
        }
        unique += fields[i].unique ? 1 : 0;
        if (rc == JL_OK && unique > JL_UNIQUE_PER_TYPE_MAX) {
            rc = jl_fault_at(err, JL_LIMIT, JL_FAULT_CATALOGUE_UNIQUE_MANY, "%d",
                             (int)JL_UNIQUE_PER_TYPE_MAX);
        }
        if (rc != JL_OK) {
            return jl_entry_wrap(err, "fields", i, field, "name");
        }
    }
    type->fields = fields;
    type->field_count = count;
    size_t index = 0;
    if (make_words(catalogue, type, &index, err) != JL_OK) {
        return jl_entry_wrap(err, "fields", index, json_array_get(entries, index), "name");
    }
    return JL_OK;
}
