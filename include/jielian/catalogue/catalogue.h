/* The catalogue: record types (type.h), code lists (code_list.h) and figures (figure.h) as data
 * (docs/design.md section 3).
 *
 * A catalogue is parsed from JSON once and is then immutable; everything it returns is borrowed and
 * lives as long as the catalogue. The built-in types (office, staff, notice, case, …) are part of
 * every catalogue and can't be redefined. Names are [a-z][a-z0-9_]{0,31}, checked while parsing,
 * and never an SQL keyword or a column of the store's own. Three built-in names are keywords (the
 * type case, the fields action and rows): SQL always quotes names.
 *
 * The JSON form and its rules: docs/catalogue.md.
 *
 * Limits: limits.h (types, fields per type, codes per list, bytes of the whole text).
 * Thread: any, after parsing. */
#ifndef JIELIAN_CATALOGUE_H
#define JIELIAN_CATALOGUE_H

#include "jielian/base/buf.h"
#include "jielian/base/bytes.h"
#include "jielian/base/program.h"
#include "jielian/catalogue/figure.h"
#include "jielian/catalogue/type.h"

struct jl_catalogue;

/* Parse and check a catalogue that somebody wrote: what this program does not know is an error, for
 * it may be a typing mistake. source names the text in messages (a file name).
 * JL_PROTO  not JSON or not of this form: names the entry, e.g. `types[3] "member": fields[7]: …`
 * JL_LIMIT  over a bound of limits.h.
 * Cost: milliseconds; the result keeps no reference to text. */
JL_MUST_CHECK enum jl_rc jl_catalogue_parse(struct jl_bytes text, const char *source,
                                            struct jl_catalogue **out_catalogue,
                                            struct jl_err *err);
/* The same for a catalogue that came by sync, where a newer program has checked it.
 * JL_PROTO     no program could follow it: not JSON, something is missing or contradicts itself.
 * JL_CONFLICT  made for a newer program: it names one in "needs", or holds a key, word, number or
 *              form that this one does not know, or is over one of its bounds. Go on with the
 *              catalogue that was understood last, and say so. out_needs: the program it names,
 *              newer than this one, or "". */
JL_MUST_CHECK enum jl_rc jl_catalogue_parse_synced(struct jl_bytes text, const char *source,
                                                   struct jl_catalogue **out_catalogue,
                                                   char out_needs[static JL_PROGRAM_BYTES],
                                                   struct jl_err *err);
/* Only the built-in types: what a fresh device has before its first sync. version 0. */
JL_MUST_CHECK enum jl_rc jl_catalogue_builtin(struct jl_catalogue **out_catalogue,
                                              struct jl_err *err);
void jl_catalogue_free(struct jl_catalogue *catalogue);
JL_DEFINE_AUTO_PTR(jl_catalogue, jl_catalogue_free)

uint64_t jl_catalogue_version(const struct jl_catalogue *catalogue);
/* The oldest program that understands it, as it says itself; "" when it does not say. */
const char *jl_catalogue_needs(const struct jl_catalogue *catalogue);
size_t jl_catalogue_type_count(const struct jl_catalogue *catalogue);
const struct jl_type *jl_catalogue_type_at(const struct jl_catalogue *catalogue, size_t index);
/* NULL when unknown. Cost: binary search. */
const struct jl_type *jl_catalogue_type(const struct jl_catalogue *catalogue, uint32_t number);
const struct jl_type *jl_catalogue_type_named(const struct jl_catalogue *catalogue,
                                              const char *name);

/* ---- Figures (docs/design.md section 9) ---- */

size_t jl_catalogue_figure_count(const struct jl_catalogue *catalogue);
const struct jl_figure *jl_catalogue_figure_at(const struct jl_catalogue *catalogue, size_t index);

#endif
