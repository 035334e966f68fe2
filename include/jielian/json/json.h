/* JSON text into values and back. jansson 2.14 does not notice every allocation that fails: it goes
 * on with characters missing (its issue 362), reading as well as writing. So its allocations are
 * watched here, and what is stored is read and written by these two.  Thread: any. */
#ifndef JIELIAN_JSON_H
#define JIELIAN_JSON_H

#include "jielian/base/buf.h"
#include "jielian/base/bytes.h"

#include <jansson.h>

/* JL_PROTO: not JSON, with line and column but without a word of the text, which may be personal;
 * an object with a key twice is not JSON here. JL_NOMEM: there was no memory, whatever became of
 * the text. The caller decrefs the value. */
JL_MUST_CHECK enum jl_rc jl_json_load(struct jl_bytes text, json_t **out_value, struct jl_err *err);
/* Append the text, without spaces. The value is taken, whatever comes of it; NULL: there was no
 * memory to make it. */
JL_MUST_CHECK enum jl_rc jl_json_put(json_t *value, struct jl_buf *out, struct jl_err *err);

#endif
