/* Readings of Han characters, looked up once per character.
 *
 * The 8105 characters that names are made of come from a table (pinyin_table.c); ICU answers for
 * the others of the basic block, such as traditional forms, and is loaded when the first of them
 * turns up (0.1 s). Rarer characters that the table lacks are found by themselves only.
 * Thread: an object belongs to one thread. */
#ifndef JIELIAN_LIB_RECORD_PINYIN_H
#define JIELIAN_LIB_RECORD_PINYIN_H

#include "jielian/base/bytes.h"
#include "jielian/record/pinyin.h"

enum {
    JL_READINGS_MAX = 6,  /* of one character */
    JL_SYLLABLE_BYTES = 8 /* "zhuang" and its NUL, with room */
};

struct jl_readings {
    uint16_t syllables[JL_READINGS_MAX]; /* the usual one first */
    uint8_t count;                       /* 0: no reading known */
    bool known;                          /* asked before */
    uint16_t surname;                    /* its own reading as a surname, plus 1; 0: none */
};

/* Borrowed until the object goes. JL_IO when ICU's data is missing, JL_NOMEM. */
JL_MUST_CHECK enum jl_rc jl_pinyin_readings(struct jl_pinyin *pinyin, uint32_t code_point,
                                            const struct jl_readings **out_readings,
                                            struct jl_err *err);
const char *jl_pinyin_syllable(const struct jl_pinyin *pinyin, uint16_t syllable);
/* Surnames of two characters whose reading differs from the usual ones: true, and both syllables.
 */
bool jl_pinyin_compound(struct jl_bytes first_two, const char *out_syllables[static 2]);

extern const char *const jl_pinyin_one[];
extern const char *const jl_pinyin_several[];

#endif
