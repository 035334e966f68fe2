/* JSON text into values.  Thread: any. */
#ifndef JIELIAN_JSON_H
#define JIELIAN_JSON_H

#include "jielian/bytes.h"

#include <jansson.h>

/* JL_PROTO: not JSON, with line and column but without a word of the text, which may be personal;
 * an object with a key twice is not JSON here. JL_NOMEM: there was no memory, whatever became of
 * the text: jansson 2.14 goes on with characters missing (its issue 362). The caller decrefs the
 * value. */
JL_MUST_CHECK enum jl_rc jl_json_load(struct jl_bytes text, json_t **out_value, struct jl_err *err);

#endif
