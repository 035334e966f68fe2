/* The words that find a record.
 *
 * A word has no spaces, signs, accents or capitals, so that 古丽米热·艾比布力 is found however its
 * dot is written. It is made of folded text (base/fold.h): texts that are the same have the same
 * first word. Per search field:
 *
 *   text      the whole text; its parts behind separators; in names of organisations also the part
 *             behind 省 市 区 县 (古荡街道总工会 of 杭州市西湖区古荡街道总工会)
 *   readings  full pinyin and initials; then the same with other readings of its characters
 *
 * All texts come before all readings, so that no field is crowded out. */
#include "code_point.h"
#include "narrow.h"
#include "pinyin.h"

#include "jielian/base/fold.h"
#include "jielian/base/row.h"
#include "jielian/base/utf8.h"
#include "jielian/catalogue/kind.h"
#include "jielian/catalogue/type.h"
#include "jielian/record/search.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    WORD_MAX_BYTES =
        192,        /* words are found by their beginning: the end of a long text adds nothing */
    UNITS_MAX = 40, /* characters of a text that are read in pinyin */
    READING_BYTES = 160,  /* holds UNITS_MAX characters read short; longer ones are cut */
    PARTS_MAX = 3,        /* parts per text, beside the whole */
    NAME_VARIANTS = 6,    /* readings of a person's name */
    TEXT_VARIANTS = 3,    /* readings of another text */
    PLACE_CHARACTERS = 12 /* 浙江省杭州市西湖区: where names of places stand */
};

struct builder {
    struct jl_pinyin *pinyin;
    struct jl_arena *arena;
    struct jl_search_words *words;
    struct jl_err *err;
};

/* ---- Words ---- */

static enum jl_rc add_word(struct builder *builder, struct jl_bytes word) {
    struct jl_search_words *words = builder->words;
    if (word.size == 0 || words->count == JL_SEARCH_WORDS_MAX) {
        return JL_OK;
    }
    for (size_t i = 0; i < words->count; i++) {
        if (jl_bytes_equal(words->items[i], word)) {
            return JL_OK;
        }
    }
    enum jl_rc rc = jl_arena_dup(builder->arena, word, &words->items[words->count], builder->err);
    if (rc == JL_OK) {
        words->count++;
    }
    return rc;
}

/* What a code point of folded text is in a word: itself; 0 when words leave it out. */
static uint32_t keep(uint32_t code_point) {
    uint32_t narrow = jl_code_point_narrow(code_point);
    if (narrow < 0x80) {
        if (narrow >= 'A' && narrow <= 'Z') {
            return narrow - 'A' + 'a';
        }
        bool kept = (narrow >= 'a' && narrow <= 'z') || (narrow >= '0' && narrow <= '9');
        return kept ? narrow : 0;
    }
    bool sign = narrow < 0xC0 || (narrow >= 0x2000 && narrow <= 0x206F) ||
                (narrow >= 0x3000 && narrow <= 0x303F && narrow != 0x3007) || narrow == 0x30FB ||
                (narrow >= 0xFE10 && narrow <= 0xFE6F) || (narrow >= 0xFF61 && narrow <= 0xFFFF);
    return sign && !jl_code_point_is_han(narrow) ? 0 : narrow;
}

struct folded {
    uint8_t text[WORD_MAX_BYTES];
    size_t size;
    size_t parts[PARTS_MAX]; /* where parts begin */
    size_t part_count;
};

static void begin_part(struct folded *folded) {
    if (folded->size > 0 && folded->part_count < PARTS_MAX &&
        (folded->part_count == 0 || folded->parts[folded->part_count - 1] != folded->size)) {
        folded->parts[folded->part_count++] = folded->size;
    }
}

static bool ends_place(uint32_t code_point) {
    return code_point == 0x7701 /* 省 */ || code_point == 0x5E02 /* 市 */ ||
           code_point == 0x533A /* 区 */ || code_point == 0x53BF /* 县 */;
}

static void cut_text(struct jl_bytes text, bool name, struct folded *out_folded) {
    uint32_t code_point = 0;
    size_t characters = 0;
    bool separated = false;
    out_folded->size = 0;
    out_folded->part_count = 0;
    while (jl_utf8_next(&text, &code_point)) {
        uint32_t kept = keep(code_point);
        if (kept == 0) {
            separated = true;
            continue;
        }
        struct jl_bytes character = text;
        size_t size = kept < 0x80 ? 1 : kept < 0x800 ? 2 : kept < 0x10000 ? 3 : 4;
        if (out_folded->size + size > sizeof out_folded->text) {
            break;
        }
        if (separated) {
            begin_part(out_folded);
        }
        if (size == 1) {
            out_folded->text[out_folded->size] = (uint8_t)kept;
        } else {
            memcpy(out_folded->text + out_folded->size, character.data - size, size);
        }
        out_folded->size += size;
        characters++;
        /* 市场 and 小区 end no place; what such a cut adds is harmless. */
        separated = !name && characters >= 2 && characters < PLACE_CHARACTERS && ends_place(kept);
    }
    /* A part that is the whole rest of nothing says nothing. */
    while (out_folded->part_count > 0 &&
           out_folded->parts[out_folded->part_count - 1] >= out_folded->size) {
        out_folded->part_count--;
    }
}

static enum jl_rc fold_text(struct jl_bytes text, bool name, struct folded *out_folded,
                            struct jl_err *err) {
    JL_AUTO(jl_buf) folded = {0};
    enum jl_rc rc = jl_fold(text, JL_FOLD_WORDS, &folded, err);
    if (rc == JL_OK) {
        cut_text(jl_buf_bytes(&folded), name, out_folded);
    }
    return rc;
}

enum jl_rc jl_search_word(struct jl_bytes text, struct jl_arena *arena, struct jl_bytes *out_word,
                          struct jl_err *err) {
    struct folded folded;
    enum jl_rc rc = fold_text(text, true, &folded, err);
    return rc == JL_OK ? jl_arena_dup(arena, jl_bytes(folded.text, folded.size), out_word, err)
                       : rc;
}

/* ---- Readings ---- */

struct unit {
    const char *readings[JL_READINGS_MAX + 1];
    uint8_t count;
    uint8_t chosen;
    uint8_t literal; /* a letter or digit that stands for itself; 0: Han */
};

struct reading {
    struct unit units[UNITS_MAX];
    size_t count;
};

static void put_first(struct unit *unit, const char *syllable) {
    size_t place = 0;
    while (place < unit->count && strcmp(unit->readings[place], syllable) != 0) {
        place++;
    }
    if (place == unit->count) {
        unit->count++;
    }
    for (; place > 0; place--) {
        unit->readings[place] = unit->readings[place - 1];
    }
    unit->readings[0] = syllable;
}

static enum jl_rc read_character(struct builder *builder, uint32_t code_point, bool surname,
                                 struct unit *out_unit) {
    out_unit->count = 0;
    out_unit->chosen = 0;
    out_unit->literal = code_point < 0x80 ? (uint8_t)code_point : 0;
    if (out_unit->literal != 0) {
        return JL_OK;
    }
    const struct jl_readings *readings = NULL;
    enum jl_rc rc = jl_pinyin_readings(builder->pinyin, code_point, &readings, builder->err);
    if (rc != JL_OK) {
        return rc;
    }
    for (size_t i = 0; i < readings->count; i++) {
        out_unit->readings[i] = jl_pinyin_syllable(builder->pinyin, readings->syllables[i]);
    }
    out_unit->count = readings->count;
    if (surname && readings->surname != 0) {
        put_first(out_unit, jl_pinyin_syllable(builder->pinyin, (uint16_t)(readings->surname - 1)));
    }
    return JL_OK;
}

/* Units of the text; those without a reading are left out. out_han: any Han character at all? */
static enum jl_rc read_text(struct builder *builder, struct jl_bytes text, bool name,
                            struct reading *out_reading, bool *out_han) {
    struct jl_bytes rest = text;
    uint32_t code_point = 0;
    out_reading->count = 0;
    *out_han = false;
    const char *compound[2];
    bool is_compound =
        name && text.size >= 6 && jl_pinyin_compound(jl_bytes(text.data, 6), compound);
    for (size_t i = 0; out_reading->count < UNITS_MAX && jl_utf8_next(&rest, &code_point); i++) {
        struct unit *unit = &out_reading->units[out_reading->count];
        bool surname = name && i == 0 && !is_compound;
        enum jl_rc rc = read_character(builder, code_point, surname, unit);
        if (rc != JL_OK) {
            return rc;
        }
        if (is_compound && i < 2) {
            put_first(unit, compound[i]);
        }
        *out_han = *out_han || unit->count > 0;
        out_reading->count += unit->count > 0 || unit->literal != 0 ? 1 : 0;
    }
    return JL_OK;
}

static enum jl_rc add_chosen(struct builder *builder, const struct reading *reading) {
    char full[READING_BYTES];
    char initials[UNITS_MAX];
    size_t full_size = 0;
    size_t count = 0;
    for (size_t i = 0; i < reading->count; i++) {
        const struct unit *unit = &reading->units[i];
        char literal[2] = {(char)unit->literal, '\0'};
        const char *part = unit->literal != 0 ? literal : unit->readings[unit->chosen];
        size_t size = strlen(part);
        if (full_size + size > sizeof full) {
            break;
        }
        memcpy(full + full_size, part, size);
        full_size += size;
        initials[count++] = part[0];
    }
    enum jl_rc rc = add_word(builder, jl_bytes(full, full_size));
    return rc == JL_OK ? add_word(builder, jl_bytes(initials, count)) : rc;
}

static void choose_usual(struct reading *reading) {
    for (size_t i = 0; i < reading->count; i++) {
        reading->units[i].chosen = 0;
    }
}

/* The next combination, as a counter whose last place turns fastest; false after the last. */
static bool choose_next(struct reading *reading) {
    for (size_t i = reading->count; i-- > 0;) {
        struct unit *unit = &reading->units[i];
        if (unit->chosen + 1 < unit->count) {
            unit->chosen++;
            return true;
        }
        unit->chosen = 0;
    }
    return false;
}

/* The usual reading, then one character read otherwise at a time, then combinations. */
static enum jl_rc add_readings(struct builder *builder, struct reading *reading, size_t most) {
    choose_usual(reading);
    enum jl_rc rc = add_chosen(builder, reading);
    size_t made = 1;
    for (size_t i = 0; i < reading->count && made < most; i++) {
        struct unit *unit = &reading->units[i];
        for (uint8_t j = 1; j < unit->count && made < most && rc == JL_OK; j++, made++) {
            unit->chosen = j;
            rc = add_chosen(builder, reading);
        }
        unit->chosen = 0;
    }
    size_t changed = 0;
    while (rc == JL_OK && made < most && choose_next(reading)) {
        changed = 0;
        for (size_t i = 0; i < reading->count; i++) {
            changed += reading->units[i].chosen > 0 ? 1 : 0;
        }
        if (changed > 1) { /* one change was made above */
            rc = add_chosen(builder, reading);
            made++;
        }
    }
    return rc;
}

/* ---- Fields ---- */

static struct jl_bytes part_of(const struct folded *folded, size_t part) {
    size_t start = folded->parts[part];
    return jl_bytes(folded->text + start, folded->size - start);
}

static enum jl_rc add_texts(struct builder *builder, const struct folded *folded) {
    enum jl_rc rc = add_word(builder, jl_bytes(folded->text, folded->size));
    for (size_t i = 0; rc == JL_OK && i < folded->part_count; i++) {
        rc = add_word(builder, part_of(folded, i));
    }
    return rc;
}

static enum jl_rc add_pinyin(struct builder *builder, const struct folded *folded, bool name) {
    struct reading reading;
    bool han = false;
    bool surname_first = name && folded->part_count == 0;
    enum jl_rc rc =
        read_text(builder, jl_bytes(folded->text, folded->size), surname_first, &reading, &han);
    if (rc != JL_OK || !han) {
        return rc;
    }
    rc = add_readings(builder, &reading, name ? NAME_VARIANTS : TEXT_VARIANTS);
    for (size_t i = 0; rc == JL_OK && i < folded->part_count; i++) {
        rc = read_text(builder, part_of(folded, i), false, &reading, &han);
        if (rc == JL_OK && han) {
            rc = add_readings(builder, &reading, 1);
        }
    }
    return rc;
}

/* false: the field gives no words. */
static bool search_text(const struct jl_field *field, const struct jl_row *row,
                        char spare[static 24], struct jl_bytes *out_text) {
    if (!field->search || field->sensitive) {
        return false;
    }
    const struct jl_value *value = jl_row_get(row, field->number);
    if (value == NULL) {
        return false;
    }
    if (value->kind == JL_VALUE_TEXT) {
        *out_text = value->bytes;
        return true;
    }
    if (value->kind == JL_VALUE_INT && field->kind == JL_KIND_INT) {
        int size = snprintf(spare, 24, "%" PRId64, value->number);
        *out_text = jl_bytes(spare, size < 0 ? 0 : (size_t)size);
        return true;
    }
    return false;
}

enum jl_rc jl_search_words(struct jl_pinyin *pinyin, const struct jl_type *type,
                           const struct jl_row *row, struct jl_arena *arena,
                           struct jl_search_words *out_words, struct jl_err *err) {
    struct builder builder = {.pinyin = pinyin, .arena = arena, .words = out_words, .err = err};
    char spare[24];
    out_words->count = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < type->field_count; i++) {
            const struct jl_field *field = &type->fields[i];
            struct jl_bytes text;
            if (!search_text(field, row, spare, &text)) {
                continue;
            }
            bool name = field->rule == JL_RULE_PERSON_NAME;
            struct folded folded;
            enum jl_rc rc = fold_text(text, name, &folded, err);
            if (rc == JL_OK) {
                rc = pass == 0 ? add_texts(&builder, &folded) : add_pinyin(&builder, &folded, name);
            }
            if (rc != JL_OK) {
                return rc;
            }
        }
    }
    return JL_OK;
}
