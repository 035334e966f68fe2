/* The rules of single values: each answers one sentence, JL_SAY_NOTHING when there is nothing to
 * say.
 *
 * Values come in normal form (parse.h makes it), so a value that reached the books by another path
 * is judged by the same measure.  Thread: any. */
#ifndef JIELIAN_RECORD_RULES_H
#define JIELIAN_RECORD_RULES_H

#include "messages.h"

enum {
    JL_DATE_MIN = 19250101,         /* the first union of the kind: nothing to record before */
    JL_TEXT_MAX_CHARACTERS = 20000, /* 64 KiB in characters of three bytes, as a round number */
};

enum jl_sex { JL_SEX_UNKNOWN = 0, JL_SEX_MALE, JL_SEX_FEMALE };

/* What an ID number says about its owner. */
struct jl_id_facts {
    int64_t birth; /* yyyymmdd */
    enum jl_sex sex;
};

/* ---- Names ---- */

/* In normal form into out (which has room for 2 × text.size bytes): no blanks inside Han names, one
 * kind of dot. Returns its size. */
size_t jl_name_normalise(struct jl_bytes text, uint8_t *out);
/* out_sign: the first character that a name can't have, as text. */
enum jl_say_code jl_name_check(struct jl_bytes name, char out_sign[static 8]);

/* ---- ID numbers (GB 11643) ---- */

/* Length, signs, birth date, check digit; facts are written when there is nothing to say. today
 * bounds the birth date. */
enum jl_say_code jl_id_no_check(struct jl_bytes id_no, int64_t today,
                                struct jl_id_facts *out_facts);
/* Warnings for a correct number. */
bool jl_id_no_area_known(struct jl_bytes id_no);
bool jl_id_no_age_usual(int64_t birth, int64_t today);
/* Passports and permits: by length and signs only. */
enum jl_say_code jl_permit_check(struct jl_bytes permit);
/* Is this row's number an ID card's or residence permit's, with a check digit? By the code of its
 * sibling field id_kind; without one it is taken as such. */
bool jl_id_no_is_resident(const struct jl_type *type, const struct jl_row *row);
/* The sex field's code for a sex; NULL when the list does not have it. */
const struct jl_code *jl_sex_code(const struct jl_field *field, enum jl_sex sex);

/* ---- Credit codes (GB 32100) and phones ---- */

enum jl_say_code jl_uscc_check(struct jl_bytes uscc, bool of_union, char out_sign[static 8]);
enum jl_say_code jl_phone_check(struct jl_bytes phone);

#endif
