/* One pass over the text. A run is the marks behind a letter, at the end of what was put out:
 *
 *   … e ◌́ ◌̣        the run in the order it came, its last class below an earlier one's
 *   … e ◌̣ ◌́        ordered when the next letter comes, by counting: linear for any length
 *
 * Every character's folding is itself folded (the script checks that), so folding again finds
 * nothing to do. Marks keep their class, so canonically equal texts fold to the same bytes. */
#include "fold_table.h"

#include "jielian/base/assert.h"
#include "jielian/base/fold.h"
#include "jielian/base/utf8.h"

#include <string.h>

enum {
    PLAIN_FIRST = 0x3400, /* Han; the table has nothing from here … */
    PLAIN_END = 0xA000,   /* … to here */
    MARKS_FIRST = 0x300,  /* no mark is below */
    CLASSES = 256,
};

/* Hangul syllables (The Unicode Standard, section 3.12). */
enum {
    HANGUL_FIRST = 0xAC00,
    HANGUL_L = 0x1100,
    HANGUL_V = 0x1161,
    HANGUL_T = 0x11A7,
    HANGUL_V_COUNT = 21,
    HANGUL_T_COUNT = 28,
    HANGUL_END = HANGUL_FIRST + 19 * HANGUL_V_COUNT * HANGUL_T_COUNT,
};

struct folding {
    struct jl_buf *out;
    enum jl_fold_use use;
    size_t begin;  /* of this text in out */
    size_t run;    /* where the run begins in out */
    uint8_t last;  /* class of the run's last mark; 0: there is no run */
    bool disorder; /* in the run */
    bool blank;    /* one is to come before the next character */
    struct jl_err *err;
};

/* NULL: it stays as it is, and is no mark. */
static const struct jl_fold_range *find(uint32_t c) {
    size_t low = 0;
    size_t high = c >= PLAIN_FIRST && c < PLAIN_END ? 0 : jl_fold_range_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct jl_fold_range *range = &jl_fold_ranges[middle];
        if (c < range->first) {
            high = middle;
        } else if (c > range->last) {
            low = middle + 1;
        } else {
            return range;
        }
    }
    return NULL;
}

static uint8_t class_of(uint32_t c) {
    const struct jl_fold_range *range = c < MARKS_FIRST ? NULL : find(c);
    return range != NULL && range->kind == JL_FOLD_CLASS ? range->step : 0;
}

/* ---- Marks ---- */

/* Bytes of the character at the front of the run and its class; the run is well-formed. */
static size_t take_mark(struct jl_bytes *run, uint8_t *out_class) {
    struct jl_bytes before = *run;
    uint32_t c = 0;
    JL_ASSERT(jl_utf8_next(run, &c));
    *out_class = class_of(c);
    return before.size - run->size;
}

/* Stable, by class: a copy of the run behind it gives the marks back to their places. */
static enum jl_rc order_run(struct folding *folding) {
    size_t places[CLASSES] = {0};
    size_t size = folding->out->size - folding->run;
    enum jl_rc rc = jl_buf_reserve(folding->out, size, folding->err);
    if (rc != JL_OK) {
        return rc;
    }
    uint8_t *to = folding->out->data + folding->run;
    uint8_t *copy = to + size;
    memcpy(copy, to, size);
    uint8_t class = 0;
    for (struct jl_bytes run = jl_bytes(copy, size); run.size > 0;) {
        size_t width = take_mark(&run, &class);
        places[class] += width;
    }
    size_t place = 0;
    for (size_t i = 0; i < CLASSES; i++) {
        size_t width = places[i];
        places[i] = place;
        place += width;
    }
    for (struct jl_bytes run = jl_bytes(copy, size); run.size > 0;) {
        const uint8_t *mark = run.data;
        size_t width = take_mark(&run, &class);
        memcpy(to + places[class], mark, width);
        places[class] += width;
    }
    return JL_OK;
}

static enum jl_rc end_run(struct folding *folding) {
    bool disorder = folding->disorder;
    folding->last = 0;
    folding->disorder = false;
    return disorder ? order_run(folding) : JL_OK;
}

/* ---- Characters ---- */

/* What must be done before a character that is no mark. */
static enum jl_rc end_what_is_open(struct folding *folding) {
    enum jl_rc rc = folding->last > 0 ? end_run(folding) : JL_OK;
    if (rc == JL_OK && folding->blank && folding->out->size > folding->begin) {
        rc = jl_buf_put_u8(folding->out, ' ', folding->err);
    }
    folding->blank = false;
    return rc;
}

/* A folded character. */
static enum jl_rc put(struct folding *folding, uint32_t c, uint8_t class) {
    if (class == 0) {
        enum jl_rc rc = end_what_is_open(folding);
        return rc == JL_OK ? jl_utf8_put(folding->out, c, folding->err) : rc;
    }
    if (folding->use == JL_FOLD_WORDS) {
        return JL_OK;
    }
    folding->run = folding->last == 0 ? folding->out->size : folding->run;
    folding->disorder = folding->disorder || class < folding->last;
    folding->last = class;
    return jl_utf8_put(folding->out, c, folding->err);
}

static enum jl_rc put_parts(struct folding *folding, const struct jl_fold_range *range,
                            uint32_t c) {
    const char *parts =
        jl_fold_pool[range->value / JL_FOLD_PIECE_BYTES] + range->value % JL_FOLD_PIECE_BYTES;
    for (uint32_t before = range->first; before < c; before++) {
        parts = strchr(parts, ' ') + 1;
    }
    struct jl_bytes text = jl_bytes(parts, (size_t)(strchr(parts, ' ') - parts));
    enum jl_rc rc = JL_OK;
    uint32_t part = 0;
    while (rc == JL_OK && jl_utf8_next(&text, &part)) {
        rc = put(folding, part, class_of(part));
    }
    return rc;
}

static enum jl_rc put_hangul(struct folding *folding, uint32_t c) {
    uint32_t index = c - HANGUL_FIRST;
    uint32_t final = index % HANGUL_T_COUNT;
    uint32_t vowel = index / HANGUL_T_COUNT % HANGUL_V_COUNT;
    enum jl_rc rc = put(folding, HANGUL_L + index / HANGUL_T_COUNT / HANGUL_V_COUNT, 0);
    if (rc == JL_OK) {
        rc = put(folding, HANGUL_V + vowel, 0);
    }
    return rc == JL_OK && final > 0 ? put(folding, HANGUL_T + final, 0) : rc;
}

static enum jl_rc fold_one(struct folding *folding, uint32_t c) {
    if (c >= HANGUL_FIRST && c < HANGUL_END) {
        return put_hangul(folding, c);
    }
    const struct jl_fold_range *range = find(c);
    if (range == NULL) {
        return put(folding, c, 0);
    }
    switch ((enum jl_fold_kind)range->kind) {
    case JL_FOLD_CLASS:
        return put(folding, c, range->step);
    case JL_FOLD_GONE:
        return JL_OK;
    case JL_FOLD_BLANK:
        folding->blank = folding->use == JL_FOLD_WORDS;
        return JL_OK;
    case JL_FOLD_MOVE:
        return put(
            folding,
            (c - range->first) % range->step == 0 ? (uint32_t)((int32_t)c + range->value) : c, 0);
    case JL_FOLD_PARTS:
        return put_parts(folding, range, c);
    }
    return JL_OK;
}

/* ---- Plain text ---- */

static bool follows(uint8_t byte) {
    return (byte & 0xC0U) == 0x80;
}

/* Well-formed bytes at the front that change in nothing but the case of ASCII: nearly all that is
 * folded. */
static size_t plain_bytes(struct jl_bytes text) {
    size_t size = 0;
    while (size < text.size) {
        const uint8_t *at = text.data + size;
        if (*at > ' ' && *at < 0x7F) {
            size++;
        } else if (*at >= 0xE4 && *at <= 0xE9 && text.size - size >= 3 && follows(at[1]) &&
                   follows(at[2])) { /* U+4000 to U+9FFF */
            size += 3;
        } else {
            break;
        }
    }
    return size;
}

static enum jl_rc put_plain(struct folding *folding, struct jl_bytes text) {
    enum jl_rc rc = end_what_is_open(folding);
    size_t begin = folding->out->size;
    if (rc == JL_OK) {
        rc = jl_buf_put(folding->out, text.data, text.size, folding->err);
    }
    for (size_t i = begin; i < folding->out->size; i++) {
        uint8_t byte = folding->out->data[i];
        folding->out->data[i] = (uint8_t)(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
    }
    return rc;
}

enum jl_rc jl_fold(struct jl_bytes text, enum jl_fold_use use, struct jl_buf *out,
                   struct jl_err *err) {
    struct folding folding = {.out = out, .use = use, .begin = out->size, .err = err};
    uint32_t c = 0;
    size_t plain = plain_bytes(text);
    if (plain < text.size && !jl_utf8_valid(text)) {
        return jl_buf_put(out, text.data, text.size, err);
    }
    enum jl_rc rc = jl_buf_reserve(out, text.size, err);
    for (; rc == JL_OK && text.size > 0; plain = plain_bytes(text)) {
        if (plain > 0) {
            rc = put_plain(&folding, jl_bytes(text.data, plain));
            text = jl_bytes(text.data + plain, text.size - plain);
        } else if (jl_utf8_next(&text, &c)) {
            rc = fold_one(&folding, c);
        }
    }
    return rc == JL_OK ? end_run(&folding) : rc;
}

/* ---- Values ---- */

enum jl_rc jl_fold_value(const struct jl_value *value, struct jl_arena *arena,
                         struct jl_value *out_value, struct jl_err *err) {
    JL_AUTO(jl_buf) folded = {0};
    struct jl_value out = *value;
    if (value->kind == JL_VALUE_TEXT) {
        enum jl_rc rc = jl_fold(value->bytes, JL_FOLD_SAME, &folded, err);
        bool same = rc == JL_OK && jl_bytes_equal(jl_buf_bytes(&folded), value->bytes);
        if (rc == JL_OK && !same) {
            rc = jl_arena_dup(arena, jl_buf_bytes(&folded), &out.bytes, err);
        }
        if (rc != JL_OK) {
            return rc;
        }
    }
    *out_value = out;
    return JL_OK;
}

enum jl_rc jl_fold_same(const struct jl_value *a, const struct jl_value *b, bool *out_same,
                        struct jl_err *err) {
    JL_AUTO(jl_buf) left = {0};
    JL_AUTO(jl_buf) right = {0};
    *out_same = jl_value_equal(a, b);
    if (*out_same || a->kind != JL_VALUE_TEXT || b->kind != JL_VALUE_TEXT) {
        return JL_OK;
    }
    enum jl_rc rc = jl_fold(a->bytes, JL_FOLD_SAME, &left, err);
    if (rc == JL_OK) {
        rc = jl_fold(b->bytes, JL_FOLD_SAME, &right, err);
    }
    *out_same = rc == JL_OK && jl_bytes_equal(jl_buf_bytes(&left), jl_buf_bytes(&right));
    return rc;
}
