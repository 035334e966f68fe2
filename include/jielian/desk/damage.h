/* What of a damaged file is affected, in words for people: shared by both programs' `verify`.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_DAMAGE_H
#define JIELIAN_DAMAGE_H

#include "jielian/catalogue/catalogue.h"
#include "jielian/cli/cli.h"
#include "jielian/store/store.h"

/* Look through DIR/jielian.db, whatever state it is in. catalogue: for the labels of types; NULL:
 * it could not be read, and types are told by their tables' names. *out_findings: an array of
 * {"table", "what", "rows_whole", "detail"}, empty for a sound file; the caller's. Only JL_NOMEM,
 * JL_BUSY, JL_IO and JL_NOT_FOUND are errors here. */
JL_MUST_CHECK enum jl_rc jl_damage_find(const struct jl_cli *cli, const char *folder,
                                        uint32_t application_id,
                                        const struct jl_catalogue *catalogue, json_t **out_findings,
                                        struct jl_err *err);
/* One line each to stderr. */
void jl_damage_note(const struct jl_cli *cli, const char *folder, const json_t *findings);

#endif
