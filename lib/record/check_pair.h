/* Checks of one field against another. Inside lib/record only.  Thread: any. */
#ifndef JIELIAN_LIB_RECORD_CHECK_PAIR_H
#define JIELIAN_LIB_RECORD_CHECK_PAIR_H

#include "checker.h"
#include "id_no.h"

#include "jielian/base/bytes.h"
#include "jielian/catalogue/type.h"

/* The checks of the catalogue between two fields. */
void jl_check_pair_fields(const struct jl_checker *checker);
/* A transfer goes from one office to another, and stays about what was asked for. */
void jl_check_pair_transfer(const struct jl_checker *checker);
/* What the ID number says against what stands in sex and birth, and the warnings about it. */
void jl_check_pair_id_facts(const struct jl_checker *checker, const struct jl_field *field,
                            struct jl_bytes id_no, const struct jl_id_facts *facts);

#endif
