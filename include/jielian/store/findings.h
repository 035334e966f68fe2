/* What is damaged in a store's file, table by table. Part of the store's contract (store.h), which
 * says when and on which thread these calls may be made, and what their codes mean. */
#ifndef JIELIAN_STORE_FINDINGS_H
#define JIELIAN_STORE_FINDINGS_H

#include "jielian/base/rc.h"

#include <stdbool.h>

struct jl_store;

/* The same table by table: one call for each that is damaged, none for a sound file. JL_CORRUPT:
 * not even the list of tables can be read. Cost: reads the whole file twice. */
struct jl_finding {
    const char *table; /* NULL: the file's free pages, no table */
    bool rows_whole;   /* all rows can be read: what is damaged is an index */
    const char *text;  /* SQLite's words */
};
typedef enum jl_rc (*jl_finding_fn)(void *context, const struct jl_finding *finding,
                                    struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_findings_visit(struct jl_store *store, jl_finding_fn visit,
                                           void *context, struct jl_err *err);

#endif
