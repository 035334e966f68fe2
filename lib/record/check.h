/* One pass over one row: what the files of the check share.  Thread: any. */
#ifndef JIELIAN_RECORD_CHECK_H
#define JIELIAN_RECORD_CHECK_H

#include "rules.h"

struct jl_checker {
    const struct jl_check_context *context;
    const struct jl_type *type;
    const struct jl_row *before; /* NULL: every field counts as touched */
    const struct jl_row *row;
    struct jl_problems *problems;
};

/* Does the edit change this field? */
bool jl_checker_touches(const struct jl_checker *checker, uint32_t field);
/* Say it of a field, with one word more (or NULL); an error becomes a warning when the edit does
 * not touch the field. */
void jl_checker_say(const struct jl_checker *checker, const struct jl_field *field,
                    enum jl_say_code code, const struct jl_argument *word);
/* The checks of the catalogue between two fields. */
void jl_check_pairs(const struct jl_checker *checker);
/* A transfer goes from one office to another, and stays about what was asked for. */
void jl_check_transfer(const struct jl_checker *checker);
/* What the ID number says against what stands in sex and birth, and the warnings about it. */
void jl_check_id_facts(const struct jl_checker *checker, const struct jl_field *field,
                       struct jl_bytes id_no, const struct jl_id_facts *facts);

#endif
