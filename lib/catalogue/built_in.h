/* The text of the built-in types. Inside lib/catalogue only.  Thread: any; it is constant. */
#ifndef JIELIAN_LIB_CATALOGUE_BUILT_IN_H
#define JIELIAN_LIB_CATALOGUE_BUILT_IN_H

extern const char *const jl_built_in_texts[]; /* NULL-terminated pieces of one JSON text */

#endif
