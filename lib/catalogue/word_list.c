/* What people write, folded so that it can be compared byte by byte.
 *
 *   「身份证　号码*」   → 身份证号码       blanks of any width and * go
 *   「手机号（必填）：」 → 手机号           full-width forms become ASCII; note and colon at the
 * end go 「ID No」           → idno             ASCII letters become small
 *
 * Invariant of a finished list: sorted by jl_bytes_compare, and no word belongs to two entries, so
 * that a header or a label never means whichever happens to be found first. */
#include "word_list.h"
#include "catalogue.h"
#include "entry.h"

#include "jielian/base/arena.h"
#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/utf8.h"
#include "jielian/catalogue/label.h"

#include <stdlib.h>
#include <string.h>

static bool is_blank(uint32_t code_point) {
    return code_point <= 0x20U || code_point == 0x7FU || code_point == 0xA0U ||
           (code_point >= 0x2000U && code_point <= 0x200FU) || code_point == 0x202FU ||
           code_point == 0x2060U || code_point == 0x3000U || code_point == 0xFEFFU;
}

/* The size without one colon or note at the end. */
static size_t without_tail(const uint8_t *text, size_t size) {
    static const char *const tails[] = {":", "(必填)", "(选填)", "(必选)"};
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        size_t tail = strlen(tails[i]);
        if (size > tail && memcmp(text + size - tail, tails[i], tail) == 0) {
            return size - tail;
        }
    }
    return size;
}

size_t jl_word_list_fold(struct jl_bytes text, uint8_t out[static JL_ENTRY_WORD_BYTES]) {
    size_t size = 0;
    while (text.size > 0) {
        const uint8_t *start = text.data;
        uint32_t code_point = 0;
        if (!jl_utf8_next(&text, &code_point)) {
            return 0;
        }
        size_t length = (size_t)(text.data - start);
        uint8_t ascii = 0;
        if (code_point >= 0xFF01U && code_point <= 0xFF5EU) {
            code_point -= 0xFEE0U;
        }
        if (is_blank(code_point) || code_point == '*') {
            continue;
        }
        if (code_point < 0x80U) {
            ascii =
                (uint8_t)(code_point >= 'A' && code_point <= 'Z' ? code_point + 0x20U : code_point);
            start = &ascii;
            length = 1;
        }
        if (length > JL_ENTRY_WORD_BYTES - size) {
            return 0;
        }
        memcpy(out + size, start, length);
        size += length;
    }
    for (size_t shorter = without_tail(out, size); shorter < size;
         shorter = without_tail(out, size)) {
        size = shorter;
    }
    return size;
}

enum jl_rc jl_word_list_init(struct jl_catalogue *catalogue, size_t capacity,
                             struct jl_word_list *out_list, struct jl_err *err) {
    struct jl_word *words = jl_entry_zalloc(catalogue, capacity, sizeof *words, err);
    if (words == NULL) {
        return JL_NOMEM;
    }
    out_list->words = words;
    out_list->count = 0;
    out_list->capacity = capacity;
    return JL_OK;
}

enum jl_rc jl_word_list_add(struct jl_catalogue *catalogue, struct jl_word_list *list,
                            const char *text, size_t index, struct jl_err *err) {
    uint8_t folded[JL_ENTRY_WORD_BYTES];
    size_t size = jl_word_list_fold(jl_bytes_text(text), folded);
    if (size == 0) {
        return jl_fault_at(err, JL_PROTO, JL_FAULT_CATALOGUE_WORD_EMPTY, "%s", text);
    }
    JL_ASSERT(list->count < list->capacity);
    struct jl_word *word = &list->words[list->count];
    enum jl_rc rc = jl_arena_dup(&catalogue->arena, jl_bytes(folded, size), &word->text, err);
    if (rc != JL_OK) {
        return rc;
    }
    word->index = index;
    list->count++;
    return JL_OK;
}

enum jl_rc jl_word_list_add_all(struct jl_catalogue *catalogue, struct jl_word_list *list,
                                const struct jl_word_source *source, size_t index,
                                struct jl_err *err) {
    enum jl_rc rc = jl_word_list_add(catalogue, list, source->name, index, err);
    if (rc == JL_OK) {
        rc = jl_word_list_add(catalogue, list, source->label->zh, index, err);
    }
    if (rc == JL_OK) {
        rc = jl_word_list_add(catalogue, list, source->label->en, index, err);
    }
    for (size_t i = 0; rc == JL_OK && i < source->synonym_count; i++) {
        rc = jl_word_list_add(catalogue, list, source->synonyms[i], index, err);
    }
    return rc;
}

static int compare_words(const void *left, const void *right) {
    const struct jl_word *a = left;
    const struct jl_word *b = right;
    int order = jl_bytes_compare(a->text, b->text);
    if (order != 0) {
        return order;
    }
    return a->index < b->index ? -1 : a->index > b->index ? 1 : 0;
}

enum jl_rc jl_word_list_finish(struct jl_word_list *list, size_t *out_index, struct jl_err *err) {
    qsort(list->words, list->count, sizeof list->words[0], compare_words);
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct jl_word *word = &list->words[i];
        if (kept == 0 || !jl_bytes_equal(list->words[kept - 1].text, word->text)) {
            list->words[kept++] = *word;
        } else if (list->words[kept - 1].index != word->index) {
            *out_index = word->index;
            return jl_fault_at(err, JL_PROTO, JL_FAULT_CATALOGUE_WORD_TWICE, "%.*s" JL_AND "%zu",
                               (int)word->text.size, (const char *)word->text.data,
                               list->words[kept - 1].index);
        }
    }
    list->count = kept;
    return JL_OK;
}

bool jl_word_list_find(const struct jl_word *words, size_t count, struct jl_bytes folded,
                       size_t *out_index) {
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = jl_bytes_compare(words[middle].text, folded);
        if (order == 0) {
            *out_index = words[middle].index;
            return true;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}
