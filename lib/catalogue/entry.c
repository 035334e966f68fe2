/* One JSON value at a time, each with a message that says what stands there and what may.
 *
 * Invariant: what goes into a message or into the catalogue is printable, so that a hostile text
 * can neither forge a log line nor break a spreadsheet's header. */
#include "entry.h"
#include "catalogue.h"

#include "jielian/base/arena.h"
#include "jielian/base/fault.h"
#include "jielian/base/utf8.h"
#include "jielian/catalogue/label.h"

#include <inttypes.h>
#include <string.h>

enum { QUOTED_BYTES = 48 };

/* No control characters, and none of those that turn the direction of writing around. */
static bool is_printable(const char *text, size_t size) {
    struct jl_bytes rest = jl_bytes(text, size);
    while (rest.size > 0) {
        uint32_t c = 0;
        if (!jl_utf8_next(&rest, &c) || c < 0x20U || (c >= 0x7FU && c <= 0x9FU) ||
            (c >= 0x202AU && c <= 0x202EU) || (c >= 0x2066U && c <= 0x2069U)) {
            return false;
        }
    }
    return true;
}

int jl_entry_cut(const char *text) {
    size_t size = strlen(text);
    if (size > QUOTED_BYTES) {
        size = QUOTED_BYTES;
        while (size > 0 && ((unsigned char)text[size] & 0xC0U) == 0x80U) {
            size--;
        }
    }
    return (int)size;
}

void *jl_entry_zalloc(struct jl_catalogue *catalogue, size_t count, size_t size,
                      struct jl_err *err) {
    void *data = jl_arena_zalloc(&catalogue->arena, count, size);
    if (data == NULL) {
        (void)jl_fault_memory(err);
    }
    return data;
}

/* What a value of another form than ours means: one that is not there is missing for everybody. */
static enum jl_rc otherwise(const json_t *value) {
    return value == NULL ? JL_PROTO : JL_UNKNOWN;
}

static bool is_known(const char *key, const char *const *known) {
    for (size_t i = 0; known[i] != NULL; i++) {
        if (strcmp(known[i], key) == 0) {
            return true;
        }
    }
    return false;
}

enum jl_rc jl_entry_object(const json_t *value, const char *const *known, struct jl_err *err) {
    if (!json_is_object(value)) {
        return jl_fault(err, otherwise(value), JL_FAULT_CATALOGUE_OBJECT);
    }
    /* jansson's iteration takes a pointer to non-const and does not write through it. */
    void *position = json_object_iter((json_t *)(uintptr_t)value);
    while (position != NULL) {
        const char *key = json_object_iter_key(position);
        if (!is_known(key, known)) {
            return jl_fault_at(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_KEY_UNKNOWN, "%.*s",
                               jl_entry_cut(key), key);
        }
        position = json_object_iter_next((json_t *)(uintptr_t)value, position);
    }
    return JL_OK;
}

/* The value of a key; NULL when it is optional and absent. */
static enum jl_rc get(const json_t *object, const char *key, enum jl_need need,
                      const json_t **out_value, struct jl_err *err) {
    *out_value = json_object_get(object, key);
    if (*out_value == NULL && need == JL_REQUIRED) {
        return jl_fault_at(err, JL_PROTO, JL_FAULT_CATALOGUE_KEY_MISSING, "%s", key);
    }
    return JL_OK;
}

enum jl_rc jl_entry_array(const json_t *object, const char *key, enum jl_need need, size_t most,
                          const json_t **out_array, struct jl_err *err) {
    const json_t *value = NULL;
    enum jl_rc rc = get(object, key, need, &value, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (value != NULL && !json_is_array(value)) {
        return jl_fault_at(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_ARRAY, "%s", key);
    }
    if (value != NULL && json_array_size(value) > most) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_CATALOGUE_ENTRIES,
                           "%s" JL_AND "%zu" JL_AND "%zu", key, json_array_size(value), most);
    }
    *out_array = value;
    return JL_OK;
}

enum jl_rc jl_entry_word(const json_t *object, const char *key, enum jl_need need,
                         const char **out_word, struct jl_err *err) {
    const json_t *value = NULL;
    enum jl_rc rc = get(object, key, need, &value, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (value == NULL) {
        *out_word = NULL;
        return JL_OK;
    }
    size_t size = json_is_string(value) ? json_string_length(value) : 0;
    if (size == 0 || !is_printable(json_string_value(value), size)) {
        return jl_fault_at(err, json_is_string(value) ? JL_PROTO : JL_UNKNOWN,
                           JL_FAULT_CATALOGUE_TEXT_EMPTY, "%s", key);
    }
    *out_word = json_string_value(value);
    return JL_OK;
}

enum jl_rc jl_entry_text(struct jl_catalogue *catalogue, const json_t *value, size_t max_bytes,
                         const char **out_text, struct jl_err *err) {
    size_t size = json_is_string(value) ? json_string_length(value) : 0;
    if (size == 0 || size > max_bytes || !is_printable(json_string_value(value), size)) {
        return jl_fault_at(err,
                           json_is_string(value) && size <= max_bytes ? JL_PROTO : otherwise(value),
                           JL_FAULT_CATALOGUE_TEXT, "%zu", max_bytes);
    }
    const char *text = jl_arena_text(&catalogue->arena, jl_bytes(json_string_value(value), size));
    if (text == NULL) {
        return jl_fault_memory(err);
    }
    *out_text = text;
    return JL_OK;
}

static enum jl_rc label_text(struct jl_catalogue *catalogue, const json_t *object, const char *key,
                             size_t max_bytes, const char **out_text, struct jl_err *err) {
    const json_t *value = NULL;
    enum jl_rc rc = get(object, key, JL_REQUIRED, &value, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_entry_text(catalogue, value, max_bytes, out_text, err);
    return rc == JL_OK ? JL_OK : jl_fault_wrap(err, JL_FAULT_CATALOGUE_IN_KEY, "%s", key);
}

enum jl_rc jl_entry_label(struct jl_catalogue *catalogue, const json_t *object, size_t max_bytes,
                          struct jl_label *out_label, struct jl_err *err) {
    enum jl_rc rc = label_text(catalogue, object, "zh", max_bytes, &out_label->zh, err);
    if (rc != JL_OK) {
        return rc;
    }
    return label_text(catalogue, object, "en", max_bytes, &out_label->en, err);
}

enum jl_rc jl_entry_synonyms(struct jl_catalogue *catalogue, const json_t *object,
                             const char *const **out_texts, size_t *out_count, struct jl_err *err) {
    const json_t *array = NULL;
    enum jl_rc rc =
        jl_entry_array(object, "synonyms", JL_OPTIONAL, JL_ENTRY_SYNONYMS_MAX, &array, err);
    if (rc != JL_OK || array == NULL) {
        return rc;
    }
    size_t count = json_array_size(array);
    const char **texts = jl_entry_zalloc(catalogue, count, sizeof *texts, err);
    if (texts == NULL) {
        return JL_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        rc = jl_entry_text(catalogue, json_array_get(array, i), JL_ENTRY_LABEL_BYTES, &texts[i],
                           err);
        if (rc != JL_OK) {
            return jl_fault_wrap(err, JL_FAULT_CATALOGUE_IN_SYNONYM, "%zu", i);
        }
    }
    *out_texts = texts;
    *out_count = count;
    return JL_OK;
}

enum jl_rc jl_entry_number(const json_t *object, const char *key, enum jl_need need,
                           const int64_t range[static 2], int64_t *out_number, struct jl_err *err) {
    const json_t *value = NULL;
    enum jl_rc rc = get(object, key, need, &value, err);
    if (rc != JL_OK || value == NULL) {
        return rc;
    }
    int64_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < range[0] || number > range[1]) {
        bool below = json_is_integer(value) && number < range[0] && range[0] >= 0;
        return jl_fault_at(err, below ? JL_PROTO : JL_UNKNOWN, JL_FAULT_CATALOGUE_NUMBER,
                           "%s" JL_AND "%" PRId64 JL_AND "%" PRId64, key, range[0], range[1]);
    }
    *out_number = number;
    return JL_OK;
}

enum jl_rc jl_entry_own_number(const json_t *object, int64_t highest, uint32_t *out_number,
                               struct jl_err *err) {
    int64_t number = 0;
    const int64_t range[2] = {1, highest};
    enum jl_rc rc = jl_entry_number(object, "number", JL_REQUIRED, range, &number, err);
    if (rc == JL_OK) {
        *out_number = (uint32_t)number;
    }
    return rc;
}

enum jl_rc jl_entry_bool(const json_t *object, const char *key, bool *out_bool,
                         struct jl_err *err) {
    const json_t *value = json_object_get(object, key);
    if (value != NULL && !json_is_boolean(value)) {
        return jl_fault_at(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_BOOL, "%s", key);
    }
    *out_bool = json_is_true(value);
    return JL_OK;
}

enum jl_rc jl_entry_choice(const char *key, const char *word, const char *const *choices,
                           size_t *out_index, struct jl_err *err) {
    char listed[256] = "";
    size_t used = 0;
    for (size_t i = 0; choices[i] != NULL; i++) {
        if (strcmp(choices[i], word) == 0) {
            *out_index = i;
            return JL_OK;
        }
        size_t size = strlen(choices[i]);
        if (used + size + 3 < sizeof listed) {
            memcpy(listed + used, used == 0 ? "" : ", ", used == 0 ? 0 : 2);
            used += used == 0 ? 0 : 2;
            memcpy(listed + used, choices[i], size + 1);
            used += size;
        }
    }
    return jl_fault_at(err, JL_UNKNOWN, JL_FAULT_CATALOGUE_WORD, "%s" JL_AND "%.*s" JL_AND "%s",
                       key, jl_entry_cut(word), word, listed);
}

enum jl_rc jl_entry_wrap(struct jl_err *err, const char *list, size_t index, const json_t *entry,
                         const char *name_key) {
    const json_t *value = name_key == NULL ? NULL : json_object_get(entry, name_key);
    const char *name = json_string_value(value);
    if (name == NULL) {
        return jl_fault_wrap(err, JL_FAULT_CATALOGUE_IN_PLACE, "%s" JL_AND "%zu", list, index);
    }
    return jl_fault_wrap(err, JL_FAULT_CATALOGUE_IN_NAMED, "%s" JL_AND "%zu" JL_AND "%.*s", list,
                         index, jl_entry_cut(name), name);
}
