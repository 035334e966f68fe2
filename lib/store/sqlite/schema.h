/* The fixed tables and their names. Inside lib/store/sqlite only.  Thread: any. */
#ifndef JIELIAN_LIB_STORE_SQLITE_SCHEMA_H
#define JIELIAN_LIB_STORE_SQLITE_SCHEMA_H

#include <stdbool.h>

extern const char *const jl_schema_text; /* makes the fixed tables */
bool jl_schema_name_taken(const char *name);
/* A table that schema 1 had not. A type of that name keeps its rows in NAME JL_SCHEMA_ASIDE, which
 * no other type can be called, in files of schema JL_SCHEMA_ASIDE_SINCE on. */
bool jl_schema_name_later(const char *name);
#define JL_SCHEMA_ASIDE "$"
enum { JL_SCHEMA_ASIDE_SINCE = 2 };

#endif
