/* The readings as pages of 256 characters, filled from the tables at the start and from ICU later.
 *
 *   code point → page (code point / 256) → jl_readings → syllable numbers → syllables[] */
#include "pinyin.h"
#include "code_point.h"
#include "narrow.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

enum {
    PAGE_CHARACTERS = 256,
    PAGES = 0x40000 / PAGE_CHARACTERS, /* Han characters end at U+3FFFF */
    BASIC_BLOCK_FIRST = 0x4e00,        /* CJK Unified Ideographs */
    BASIC_BLOCK_LAST = 0x9fff,
    SYLLABLES_MAX = 1024 /* about 420 are in use, twice with ICU's oddities */
};

struct page {
    struct jl_readings readings[PAGE_CHARACTERS];
};

struct jl_pinyin {
    struct page *pages[PAGES];
    char syllables[SYLLABLES_MAX][JL_SYLLABLE_BYTES];
    size_t syllable_count;
    UTransliterator *icu; /* opened by the first character beyond the tables */
};

/* A surname's own reading. Those of CLDR's Han-Latin/Names transform, and those that the dictionary
 * Xiandai Hanyu Cidian marks as a surname. A wrong guess costs only the order of the words. */
static const char *const surnames[] = {
    "单shan單shan曾zeng区ou區ou解xie查zha仇qiu盖ge蓋ge乐yue樂yue重chong朴piao覃qin翟zhai缪miao",
    "繆miao繁po员yun員yun种chong折she黑he洗xian秘bi召shao牟mu粘nian佴nai乜nie句gou薄bo卜bu隗wei",
    "适kuo祭zhai郇xun么yao",
    NULL,
};

static const struct {
    const char *text;
    const char *syllables[2];
} compounds[] = {
    {"尉迟", {"yu", "chi"}},  {"尉遲", {"yu", "chi"}},    {"万俟", {"mo", "qi"}},
    {"单于", {"chan", "yu"}}, {"單于", {"chan", "yu"}},   {"澹台", {"tan", "tai"}},
    {"澹臺", {"tan", "tai"}}, {"乐正", {"yue", "zheng"}}, {"樂正", {"yue", "zheng"}},
    {"拓跋", {"tuo", "ba"}},
};

bool jl_pinyin_compound(struct jl_bytes first_two, const char *out_syllables[static 2]) {
    for (size_t i = 0; i < sizeof compounds / sizeof *compounds; i++) {
        if (jl_bytes_is(first_two, compounds[i].text)) {
            out_syllables[0] = compounds[i].syllables[0];
            out_syllables[1] = compounds[i].syllables[1];
            return true;
        }
    }
    return false;
}

static struct jl_readings *place_of(struct jl_pinyin *pinyin, uint32_t code_point) {
    struct page **page = &pinyin->pages[code_point / PAGE_CHARACTERS];
    if (*page == NULL) {
        *page = calloc(1, sizeof **page);
    }
    return *page == NULL ? NULL : &(*page)->readings[code_point % PAGE_CHARACTERS];
}

/* The number of a syllable, a new one when needed. JL_LIMIT can't happen with real readings. */
static enum jl_rc syllable_number(struct jl_pinyin *pinyin, const char *text, size_t size,
                                  uint16_t *out_number, struct jl_err *err) {
    if (size == 0 || size >= JL_SYLLABLE_BYTES) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "a reading of %zu letters", size);
    }
    for (size_t i = 0; i < pinyin->syllable_count; i++) {
        if (memcmp(pinyin->syllables[i], text, size) == 0 && pinyin->syllables[i][size] == '\0') {
            *out_number = (uint16_t)i;
            return JL_OK;
        }
    }
    if (pinyin->syllable_count == SYLLABLES_MAX) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "more than %d syllables",
                           (int)SYLLABLES_MAX);
    }
    memcpy(pinyin->syllables[pinyin->syllable_count], text, size);
    *out_number = (uint16_t)pinyin->syllable_count++;
    return JL_OK;
}

static void add_number(struct jl_readings *readings, uint16_t number) {
    for (size_t i = 0; i < readings->count; i++) {
        if (readings->syllables[i] == number) {
            return;
        }
    }
    if (readings->count < JL_READINGS_MAX) {
        readings->syllables[readings->count++] = number;
    }
}

/* ü is typed as v by most and as u by some: lv and lu both find 吕. */
static enum jl_rc add_reading(struct jl_pinyin *pinyin, struct jl_readings *readings,
                              const char *text, size_t size, struct jl_err *err) {
    uint16_t number = 0;
    enum jl_rc rc = syllable_number(pinyin, text, size, &number, err);
    if (rc != JL_OK) {
        return rc;
    }
    add_number(readings, number);
    const char *v = memchr(text, 'v', size);
    if (v == NULL) {
        return JL_OK;
    }
    char with_u[JL_SYLLABLE_BYTES];
    memcpy(with_u, text, size);
    with_u[v - text] = 'u';
    rc = syllable_number(pinyin, with_u, size, &number, err);
    if (rc == JL_OK) {
        add_number(readings, number);
    }
    return rc;
}

static size_t letters_at(struct jl_bytes text) {
    size_t size = 0;
    while (size < text.size && text.data[size] >= 'a' && text.data[size] <= 'z') {
        size++;
    }
    return size;
}

static void skip(struct jl_bytes *text, size_t size) {
    text->data += size;
    text->size -= size;
}

/* "a阿啊锕ai哀": letters set the reading of the characters behind them. */
static enum jl_rc load_one(struct jl_pinyin *pinyin, const char *line, struct jl_err *err) {
    struct jl_bytes rest = jl_bytes(line, strlen(line));
    struct jl_readings current = {.known = true};
    while (rest.size > 0) {
        size_t letters = letters_at(rest);
        if (letters > 0) {
            current.count = 0;
            enum jl_rc rc = add_reading(pinyin, &current, (const char *)rest.data, letters, err);
            if (rc != JL_OK) {
                return rc;
            }
            skip(&rest, letters);
            continue;
        }
        uint32_t code_point = 0;
        if (!jl_utf8_next(&rest, &code_point) || code_point / PAGE_CHARACTERS >= PAGES) {
            return jl_fault_at(err, JL_CORRUPT, JL_FAULT_BYTES, "%s",
                               "the table of readings is damaged");
        }
        struct jl_readings *readings = place_of(pinyin, code_point);
        if (readings == NULL) {
            return jl_fault_memory(err);
        }
        *readings = current;
    }
    return JL_OK;
}

/* "乐le,yue重zhong,chong": a character, then its readings. surname: the reading as a surname. */
static enum jl_rc load_several(struct jl_pinyin *pinyin, const char *line, bool surname,
                               struct jl_err *err) {
    struct jl_bytes rest = jl_bytes(line, strlen(line));
    struct jl_readings *readings = NULL;
    while (rest.size > 0) {
        size_t letters = letters_at(rest);
        enum jl_rc rc = JL_OK;
        if (letters > 0 && readings != NULL) {
            uint16_t number = 0;
            const char *text = (const char *)rest.data;
            rc = surname ? syllable_number(pinyin, text, letters, &number, err)
                         : add_reading(pinyin, readings, text, letters, err);
            if (surname) {
                readings->surname = (uint16_t)(number + 1);
            }
            skip(&rest, letters);
        } else if (rest.data[0] == ',') {
            skip(&rest, 1);
        } else {
            uint32_t code_point = 0;
            if (!jl_utf8_next(&rest, &code_point) || code_point / PAGE_CHARACTERS >= PAGES) {
                return jl_fault_at(err, JL_CORRUPT, JL_FAULT_BYTES, "%s",
                                   "the table of readings is damaged");
            }
            readings = place_of(pinyin, code_point);
            if (readings == NULL) {
                return jl_fault_memory(err);
            }
            readings->known = readings->known || !surname;
        }
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

static enum jl_rc load(struct jl_pinyin *pinyin, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && jl_pinyin_one[i] != NULL; i++) {
        rc = load_one(pinyin, jl_pinyin_one[i], err);
    }
    for (size_t i = 0; rc == JL_OK && jl_pinyin_several[i] != NULL; i++) {
        rc = load_several(pinyin, jl_pinyin_several[i], false, err);
    }
    for (size_t i = 0; rc == JL_OK && surnames[i] != NULL; i++) {
        rc = load_several(pinyin, surnames[i], true, err);
    }
    return rc;
}

enum jl_rc jl_pinyin_new(struct jl_pinyin **out_pinyin, struct jl_err *err) {
    JL_AUTO_PTR(jl_pinyin) pinyin = calloc(1, sizeof *pinyin);
    if (pinyin == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = load(pinyin, err);
    if (rc == JL_OK) {
        *out_pinyin = pinyin;
        pinyin = NULL;
    }
    return rc;
}

void jl_pinyin_free(struct jl_pinyin *pinyin) {
    if (pinyin == NULL) {
        return;
    }
    for (size_t i = 0; i < PAGES; i++) {
        free(pinyin->pages[i]);
    }
    if (pinyin->icu != NULL) {
        utrans_close(pinyin->icu);
    }
    free(pinyin);
}

const char *jl_pinyin_syllable(const struct jl_pinyin *pinyin, uint16_t syllable) {
    JL_ASSERT(syllable < pinyin->syllable_count);
    return pinyin->syllables[syllable];
}

static enum jl_rc open_icu(struct jl_pinyin *pinyin, struct jl_err *err) {
    /* Tones off, the two dots of ü kept. */
    static const char id[] = "Han-Latin; NFD; [[:Mn:]-[\\u0308]] Remove; NFC";
    UChar wide[sizeof id];
    UParseError where;
    UErrorCode code = U_ZERO_ERROR;
    u_charsToUChars(id, wide, (int32_t)sizeof id);
    pinyin->icu = utrans_openU(wide, -1, UTRANS_FORWARD, NULL, 0, &where, &code);
    if (code == U_MEMORY_ALLOCATION_ERROR) {
        return jl_fault_memory(err);
    }
    if (U_FAILURE(code) || pinyin->icu == NULL) {
        pinyin->icu = NULL;
        return jl_fault_at(err, JL_IO, JL_FAULT_ICU, "%s", u_errorName(code));
    }
    return JL_OK;
}

enum { READING_UNITS = 32 };

/* One syllable of a to z from ICU's answer; 0 when it is not one (the character itself comes back).
 */
static size_t read_answer(const UChar *answer, int32_t count, char out_text[static READING_UNITS]) {
    size_t size = 0;
    for (int32_t i = 0; i < count && size + 1 < JL_SYLLABLE_BYTES; i++) {
        UChar c = answer[i] == 0xFC ? 'v' : answer[i];
        if (c < 'a' || c > 'z') {
            return 0;
        }
        out_text[size++] = (char)c;
    }
    return size;
}

static enum jl_rc ask_icu(struct jl_pinyin *pinyin, uint32_t code_point,
                          struct jl_readings *readings, struct jl_err *err) {
    if (pinyin->icu == NULL) {
        enum jl_rc rc = open_icu(pinyin, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    UChar text[READING_UNITS];
    int32_t count = 0;
    U16_APPEND_UNSAFE(text, count, (UChar32)code_point);
    int32_t limit = count;
    UErrorCode code = U_ZERO_ERROR;
    utrans_transUChars(pinyin->icu, text, &count, READING_UNITS, 0, &limit, &code);
    if (code == U_MEMORY_ALLOCATION_ERROR) {
        return jl_fault_memory(err);
    }
    readings->known = true;
    if (U_FAILURE(code)) {
        return JL_OK; /* no reading: the character is found as itself */
    }
    char syllable[READING_UNITS];
    size_t size = read_answer(text, count, syllable);
    return size == 0 ? JL_OK : add_reading(pinyin, readings, syllable, size, err);
}

enum jl_rc jl_pinyin_readings(struct jl_pinyin *pinyin, uint32_t code_point,
                              const struct jl_readings **out_readings, struct jl_err *err) {
    static const struct jl_readings none = {.known = true};
    if (code_point / PAGE_CHARACTERS >= PAGES || !jl_code_point_is_han(code_point)) {
        *out_readings = &none;
        return JL_OK;
    }
    struct jl_readings *readings = place_of(pinyin, code_point);
    if (readings == NULL) {
        return jl_fault_memory(err);
    }
    bool basic = code_point >= BASIC_BLOCK_FIRST && code_point <= BASIC_BLOCK_LAST;
    enum jl_rc rc = readings->known || !basic ? JL_OK : ask_icu(pinyin, code_point, readings, err);
    if (rc == JL_OK) {
        *out_readings = readings;
    }
    return rc;
}
