/* The keys that each kind of entry may have, NULL-terminated. Inside lib/catalogue only.
 *
 * Thread: any; they are constants. */
#ifndef JIELIAN_LIB_CATALOGUE_KNOWN_H
#define JIELIAN_LIB_CATALOGUE_KNOWN_H

/* NULL-terminated, by kind of entry. */
extern const char *const jl_known_root[];
extern const char *const jl_known_list[];
extern const char *const jl_known_code[];
extern const char *const jl_known_type[];
extern const char *const jl_known_field[];
extern const char *const jl_known_living[];
extern const char *const jl_known_check[];
extern const char *const jl_known_transfer[];
extern const char *const jl_known_flow[];
extern const char *const jl_known_move[];
extern const char *const jl_known_figure[];
extern const char *const jl_known_measure[];
extern const char *const jl_known_filter[];
extern const char *const jl_known_program; /* "0.1.0": what "needs" is compared with */

#endif
