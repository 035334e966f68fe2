/* The layers of parsing: each goes over the whole text, so that an entry may refer to one further
 * down: code lists, heads of types, fields, rules of types (keys, flow, checks, …), figures. The
 * built-in text goes through the same code first, into the same catalogue. Inside lib/catalogue
 * only.  Thread: one. */
#ifndef JIELIAN_LIB_CATALOGUE_LAYER_H
#define JIELIAN_LIB_CATALOGUE_LAYER_H

#include "jielian/base/rc.h"

#include <jansson.h>
#include <stdbool.h>

struct jl_catalogue;
struct jl_measure;
struct jl_type;

JL_MUST_CHECK enum jl_rc jl_layer_code_lists(struct jl_catalogue *catalogue, const json_t *lists,
                                             struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_layer_heads(struct jl_catalogue *catalogue, const json_t *types,
                                        bool built_in, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_layer_fields(struct jl_catalogue *catalogue, struct jl_type *type,
                                         const json_t *entry, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_layer_rules(struct jl_catalogue *catalogue, struct jl_type *type,
                                        const json_t *entry, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_layer_flow(struct jl_catalogue *catalogue, struct jl_type *type,
                                       const json_t *flow, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_layer_transfer(struct jl_catalogue *catalogue, struct jl_type *type,
                                           const json_t *transfer, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_layer_figures(struct jl_catalogue *catalogue, const json_t *figures,
                                          struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_layer_measure(struct jl_catalogue *catalogue, const json_t *entry,
                                          struct jl_measure *out_measure, struct jl_err *err);

#endif
