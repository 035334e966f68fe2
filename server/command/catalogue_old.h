/* PCs whose program is too old for a catalogue.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_SERVER_COMMAND_CATALOGUE_OLD_H
#define JIELIAN_SERVER_COMMAND_CATALOGUE_OLD_H

#include "jielian/base/rc.h"

#include <jansson.h>

struct jl_catalogue;
struct jl_cli;
struct jl_district;

/* [{office, id, name, version}]: PCs that are not revoked and whose program, as it last said
 * itself, is too old for the catalogue; version null: not heard of yet. */
JL_MUST_CHECK enum jl_rc jl_catalogue_old_devices(struct jl_district *district,
                                                  const struct jl_catalogue *catalogue,
                                                  json_t **out_devices, struct jl_err *err);
/* In words; nothing when there are none. */
JL_MUST_CHECK enum jl_rc jl_catalogue_old_print(const struct jl_cli *cli,
                                                const struct jl_catalogue *catalogue,
                                                const json_t *devices, struct jl_err *err);

#endif
