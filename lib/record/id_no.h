/* ID numbers (GB 11643): reading and checking. Inside lib/record only.  Thread: any. */
#ifndef JIELIAN_LIB_RECORD_ID_NO_H
#define JIELIAN_LIB_RECORD_ID_NO_H

#include "jielian/base/bytes.h"
#include "jielian/message/say.h"

struct jl_code;
struct jl_field;
struct jl_narrow;
struct jl_parse;
struct jl_row;
struct jl_type;

/* Normal forms in place: ID numbers and credit codes upper case without blanks, phones digits only.
 */
bool jl_id_no_parse(const struct jl_parse *parse, struct jl_narrow *narrow);

enum jl_sex { JL_SEX_UNKNOWN = 0, JL_SEX_MALE, JL_SEX_FEMALE };

/* What an ID number says about its owner. */
struct jl_id_facts {
    int64_t birth; /* yyyymmdd */
    enum jl_sex sex;
};

/* Length, signs, birth date, check digit; facts are written when there is nothing to say. today
 * bounds the birth date. */
enum jl_say_code jl_id_no_check(struct jl_bytes id_no, int64_t today,
                                struct jl_id_facts *out_facts);
/* Warnings for a correct number. */
bool jl_id_no_area_known(struct jl_bytes id_no);
bool jl_id_no_age_usual(int64_t birth, int64_t today);
/* Passports and permits: by length and signs only. */
enum jl_say_code jl_id_no_check_permit(struct jl_bytes permit);
/* Is this row's number an ID card's or residence permit's, with a check digit? By the code of its
 * sibling field id_kind; without one it is taken as such. */
bool jl_id_no_is_resident(const struct jl_type *type, const struct jl_row *row);
/* The sex field's code for a sex; NULL when the list does not have it. */
const struct jl_code *jl_id_no_sex_code(const struct jl_field *field, enum jl_sex sex);

#endif
