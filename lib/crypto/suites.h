/* The suites that this program knows.  Thread: any; they are constants. Inside lib/crypto only. */
#ifndef JIELIAN_LIB_CRYPTO_SUITES_H
#define JIELIAN_LIB_CRYPTO_SUITES_H

struct jl_suite;

/* suites.c: all that there are, NULL behind the last; and what new districts are made with. */
extern const struct jl_suite *const jl_suites_known[];
extern const struct jl_suite *const jl_suites_for_new;

#endif
