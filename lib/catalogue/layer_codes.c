/* Code lists: {"NAME": {"zh", "en", "codes": [{"number", "key", "zh", "en", …}]}}. */
#include "catalogue.h"
#include "entry.h"
#include "known.h"
#include "layer.h"
#include "word_list.h"

#include "jielian/base/arena.h"
#include "jielian/base/fault.h"
#include "jielian/base/limits.h"
#include "jielian/catalogue/code_list.h"

#include <string.h>

static enum jl_rc parse_code(struct jl_catalogue *catalogue, const json_t *entry,
                             struct jl_code *out_code, struct jl_err *err) {
    const char *key = NULL;
    enum jl_rc rc = jl_entry_object(entry, jl_known_code, err);
    if (rc == JL_OK) {
        rc = jl_entry_own_number(entry, JL_CODE_NUMBER_MAX, &out_code->number, err);
    }
    if (rc == JL_OK) {
        rc = jl_entry_word(entry, "key", JL_REQUIRED, &key, err);
    }
    if (rc == JL_OK) {
        rc = jl_entry_check_name(key, err);
    }
    if (rc == JL_OK) {
        rc = jl_entry_text(catalogue, json_object_get(entry, "key"), JL_ENTRY_NAME_BYTES,
                           &out_code->key, err);
    }
    if (rc == JL_OK) {
        rc = jl_entry_label(catalogue, entry, JL_ENTRY_LABEL_BYTES, &out_code->label, err);
    }
    if (rc == JL_OK) {
        rc =
            jl_entry_synonyms(catalogue, entry, &out_code->synonyms, &out_code->synonym_count, err);
    }
    return rc == JL_OK ? jl_entry_bool(entry, "hidden", &out_code->hidden, err) : rc;
}

/* A word of digits is read as a number first, so it must not be the number of another code. */
static enum jl_rc check_digits(const struct jl_code_list *list, size_t *out_index,
                               struct jl_err *err) {
    for (size_t i = 0; i < list->word_count; i++) {
        const struct jl_word *word = &list->words[i];
        const struct jl_code *code = jl_code_list_find(list, word->text);
        if (code != &list->codes[word->index]) {
            *out_index = word->index;
            return jl_fault_at(err, JL_PROTO, JL_FAULT_CATALOGUE_CODE_WORD, "%.*s",
                               (int)word->text.size, (const char *)word->text.data);
        }
    }
    return JL_OK;
}

static enum jl_rc make_words(struct jl_catalogue *catalogue, struct jl_code_list *list,
                             size_t *out_index, struct jl_err *err) {
    size_t room = 0;
    for (size_t i = 0; i < list->code_count; i++) {
        room += 3 + list->codes[i].synonym_count;
    }
    struct jl_word_list words;
    enum jl_rc rc = jl_word_list_init(catalogue, room, &words, err);
    for (size_t i = 0; rc == JL_OK && i < list->code_count; i++) {
        const struct jl_code *code = &list->codes[i];
        *out_index = i;
        const struct jl_word_source source = {code->key, &code->label, code->synonyms,
                                              code->synonym_count};
        rc = jl_word_list_add_all(catalogue, &words, &source, i, err);
    }
    if (rc == JL_OK) {
        rc = jl_word_list_finish(&words, out_index, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    list->words = words.words;
    list->word_count = words.count;
    return check_digits(list, out_index, err);
}

static enum jl_rc parse_codes(struct jl_catalogue *catalogue, const json_t *entries,
                              struct jl_code_list *list, struct jl_err *err) {
    size_t count = json_array_size(entries);
    if (count == 0) {
        return jl_fault(err, JL_PROTO, JL_FAULT_CATALOGUE_CODES_EMPTY);
    }
    struct jl_code *codes = jl_entry_zalloc(catalogue, count, sizeof *codes, err);
    if (codes == NULL) {
        return JL_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *entry = json_array_get(entries, i);
        enum jl_rc rc = parse_code(catalogue, entry, &codes[i], err);
        for (size_t k = 0; rc == JL_OK && k < i; k++) {
            if (codes[k].number == codes[i].number) {
                rc =
                    jl_fault_at(err, JL_PROTO, JL_FAULT_CATALOGUE_NUMBER_TAKEN, "%s", codes[k].key);
            }
        }
        if (rc != JL_OK) {
            return jl_entry_wrap(err, "codes", i, entry, "key");
        }
    }
    list->codes = codes;
    list->code_count = count;
    size_t index = 0;
    if (make_words(catalogue, list, &index, err) != JL_OK) {
        return jl_entry_wrap(err, "codes", index, json_array_get(entries, index), "key");
    }
    return JL_OK;
}

static enum jl_rc parse_list(struct jl_catalogue *catalogue, const char *name, const json_t *entry,
                             struct jl_code_list *list, struct jl_err *err) {
    const json_t *codes = NULL;
    enum jl_rc rc = jl_entry_check_name(name, err);
    for (size_t i = 0; rc == JL_OK && i < catalogue->list_count; i++) {
        if (strcmp(catalogue->lists[i].name, name) == 0) {
            rc = jl_fault(err, JL_PROTO, JL_FAULT_CATALOGUE_LIST_BUILT_IN);
        }
    }
    if (rc == JL_OK) {
        rc = jl_entry_object(entry, jl_known_list, err);
    }
    if (rc == JL_OK) {
        rc = jl_entry_label(catalogue, entry, JL_ENTRY_LABEL_BYTES, &list->label, err);
    }
    if (rc == JL_OK) {
        rc = jl_entry_array(entry, "codes", JL_REQUIRED, JL_CODES_PER_LIST_MAX, &codes, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    list->name = jl_arena_text(&catalogue->arena, jl_bytes_text(name));
    if (list->name == NULL) {
        return jl_fault_memory(err);
    }
    return parse_codes(catalogue, codes, list, err);
}

enum jl_rc jl_layer_code_lists(struct jl_catalogue *catalogue, const json_t *lists,
                               struct jl_err *err) {
    if (!json_is_object(lists)) {
        return jl_fault(err, lists == NULL ? JL_PROTO : JL_UNKNOWN,
                        JL_FAULT_CATALOGUE_LISTS_OBJECT);
    }
    if (json_object_size(lists) > JL_CODE_LISTS_MAX - catalogue->list_count) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_CATALOGUE_LISTS, "%zu" JL_AND "%zu",
                           json_object_size(lists), JL_CODE_LISTS_MAX - catalogue->list_count);
    }
    void *position = json_object_iter((json_t *)(uintptr_t)lists);
    while (position != NULL) {
        const char *name = json_object_iter_key(position);
        enum jl_rc rc = parse_list(catalogue, name, json_object_iter_value(position),
                                   &catalogue->lists[catalogue->list_count], err);
        if (rc != JL_OK) {
            return jl_fault_wrap(err, JL_FAULT_CATALOGUE_IN_LIST, "%.*s", jl_entry_cut(name), name);
        }
        catalogue->list_count++;
        position = json_object_iter_next((json_t *)(uintptr_t)lists, position);
    }
    return JL_OK;
}
