/* Invented people and employers. ID numbers use the unassigned area code 990106, phones start
 * 199 0000 (docs/domain.md section 4); credit codes use the same area code. Check digits are right.
 *
 * Thread: one at a time. */
#ifndef JIELIAN_SAMPLE_PEOPLE_H
#define JIELIAN_SAMPLE_PEOPLE_H

#include "rng.h"

enum {
    JL_ID_NO_BYTES = 19, /* with the NUL, as below */
    JL_USCC_BYTES = 19,
    JL_PHONE_BYTES = 12,
    JL_NAME_BYTES = 96,
    JL_BIRTH_FIRST = 19600101,
    JL_BIRTH_LAST = 20031231,
    JL_BIRTH_DAYS_MAX = 16100,
};

/* Hands out numbers that nobody else has. */
struct jl_people {
    uint16_t sequence[2][JL_BIRTH_DAYS_MAX]; /* per sex and birth day */
    uint32_t phones;
    uint32_t member_phones;
    uint32_t codes;
    uint32_t union_codes;
    uint32_t heads;
    uint32_t offset; /* from the seed: where phones and codes start */
};

struct jl_person {
    char name[JL_NAME_BYTES];
    char id_no[JL_ID_NO_BYTES];
    const char *nation;
    int32_t birth;
    bool woman;
};

void jl_people_init(struct jl_people *people, uint64_t seed);
void jl_person_make(struct jl_people *people, struct jl_rng *rng, struct jl_person *out_person);
/* A name only; most are Han names of two or three characters. */
void jl_name_make(struct jl_rng *rng, bool woman, char *out_name);
/* A name that no other person of the sample has: two rare given characters. */
void jl_name_make_unique(struct jl_people *people, char *out_name);
/* Goes around the 10,000 numbers of 199 0000 xxxx, members' phones and others' each on their own:
 * 30,000 members share each number three times. */
void jl_phone_make(struct jl_people *people, bool of_member, char *out_phone);
/* Kind: "91" companies, "12" institutions, "11" agencies, "52" societies, "81" unions. */
void jl_uscc_make(struct jl_people *people, const char *kind, char *out_uscc);

#endif
