/* Which labels did the writer probably mean? Few edits first, then many common characters. Runs
 * only when an entry is unknown. */
#include "nearest.h"
#include "code_point.h"
#include "parse.h"

#include "jielian/base/utf8.h"

#include <string.h>

enum {
    LABEL_MAX_CHARACTERS = 32,
    SHOWN_MAX = 3,
    SHORT_LIST = 6,    /* a list this short is shown whole when nothing comes near */
    EDIT_WEIGHT = 100, /* one edit weighs more than any number of common characters */
};
_Static_assert((int)SHORT_LIST <= (int)JL_ARGUMENT_LIST_MAX, "what is shown fits an argument");

struct letters {
    uint32_t points[LABEL_MAX_CHARACTERS];
    size_t count;
};

static struct letters letters_of(struct jl_bytes text) {
    struct letters letters = {.count = 0};
    uint32_t code_point = 0;
    while (letters.count < LABEL_MAX_CHARACTERS && jl_utf8_next(&text, &code_point)) {
        uint32_t narrow = jl_code_point_narrow(code_point);
        if (narrow >= 'A' && narrow <= 'Z') {
            narrow += 'a' - 'A';
        }
        if (narrow != ' ') {
            letters.points[letters.count++] = narrow;
        }
    }
    return letters;
}

static size_t smallest(size_t a, size_t b, size_t c) {
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Levenshtein's distance, one row at a time. */
static size_t edits_between(const struct letters *a, const struct letters *b) {
    size_t row[LABEL_MAX_CHARACTERS + 1];
    for (size_t j = 0; j <= b->count; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a->count; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b->count; j++) {
            size_t change = diagonal + (a->points[i - 1] == b->points[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = smallest(change, row[j] + 1, row[j - 1] + 1);
        }
    }
    return row[b->count];
}

static size_t common_letters(const struct letters *a, const struct letters *b) {
    size_t common = 0;
    for (size_t i = 0; i < a->count; i++) {
        for (size_t j = 0; j < b->count; j++) {
            if (a->points[i] == b->points[j]) {
                common++;
                break;
            }
        }
    }
    return common;
}

/* Does the label have all that was written, in this order (农林 in 农、林、牧、渔业)? */
static bool runs_through(const struct letters *written, const struct letters *label) {
    size_t met = 0;
    for (size_t i = 0; i < label->count && met < written->count; i++) {
        met += label->points[i] == written->points[met] ? 1 : 0;
    }
    return met == written->count;
}

/* Lower is nearer; SIZE_MAX: not near at all, when over two thirds of it would have to change. */
static size_t score(const struct letters *written, const char *label) {
    if (label == NULL || label[0] == '\0') {
        return SIZE_MAX;
    }
    struct letters letters = letters_of(jl_bytes(label, strlen(label)));
    size_t common = common_letters(&letters, written);
    size_t edits = edits_between(written, &letters);
    size_t longer = letters.count > written->count ? letters.count : written->count;
    bool near = common > 0 && (3 * edits <= 2 * longer || runs_through(written, &letters));
    return near ? edits * EDIT_WEIGHT + EDIT_WEIGHT - 1 - common : SIZE_MAX;
}

static size_t code_score(const struct letters *written, const struct jl_code *code) {
    size_t best = score(written, code->label.zh);
    size_t other = score(written, code->label.en);
    best = other < best ? other : best;
    for (size_t i = 0; i < code->synonym_count; i++) {
        other = score(written, code->synonyms[i]);
        best = other < best ? other : best;
    }
    return best;
}

struct nearest {
    const struct jl_code *codes[SHOWN_MAX];
    size_t scores[SHOWN_MAX];
    size_t count;
};

static void keep(struct nearest *nearest, const struct jl_code *code, size_t points) {
    size_t place = nearest->count;
    while (place > 0 && nearest->scores[place - 1] > points) {
        place--;
    }
    if (place == SHOWN_MAX) {
        return;
    }
    nearest->count += nearest->count < SHOWN_MAX ? 1 : 0;
    for (size_t i = nearest->count - 1; i > place; i--) {
        nearest->codes[i] = nearest->codes[i - 1];
        nearest->scores[i] = nearest->scores[i - 1];
    }
    nearest->codes[place] = code;
    nearest->scores[place] = points;
}

void jl_nearest_say(const struct jl_parse *parse) {
    const struct jl_code_list *codes = parse->field->codes;
    struct letters written = letters_of(parse->written);
    struct nearest nearest = {.count = 0};
    size_t shown = 0;
    for (size_t i = 0; i < codes->code_count; i++) {
        if (codes->codes[i].hidden) {
            continue;
        }
        shown++;
        size_t points = code_score(&written, &codes->codes[i]);
        if (points != SIZE_MAX) {
            keep(&nearest, &codes->codes[i], points);
        }
    }
    char spare[JL_COMPLAINT_WRITTEN_BYTES];
    struct jl_complaint say = {
        .code = JL_SAY_CODE_NEAREST,
        .field = parse->field,
        .words = {jl_complaint_written(parse->field, parse->written, spare),
                  {.kind = JL_ARGUMENT_CODES, .field = parse->field->number}}};
    for (size_t i = 0; i < nearest.count; i++) {
        (void)jl_argument_list(&say.words[1], nearest.codes[i]->number);
    }
    if (nearest.count == 0) {
        say.code = JL_SAY_CODE_CHOICE;
        size_t left = shown <= SHORT_LIST ? shown : SHOWN_MAX;
        for (size_t i = 0; i < codes->code_count && left > 0; i++) {
            if (!codes->codes[i].hidden) {
                (void)jl_argument_list(&say.words[1], codes->codes[i].number);
                left--;
            }
        }
    }
    jl_complaint(parse->context, parse->problems, &say);
}
