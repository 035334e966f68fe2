/* Names of people: reading and checking. Inside lib/record only.  Thread: any. */
#ifndef JIELIAN_LIB_RECORD_NAME_H
#define JIELIAN_LIB_RECORD_NAME_H

#include "jielian/base/bytes.h"
#include "jielian/message/say.h"

/* In normal form into out (which has room for 2 × text.size bytes): no blanks inside Han names, one
 * kind of dot. Returns its size. */
size_t jl_name_normalise(struct jl_bytes text, uint8_t *out);
/* out_sign: the first character that a name can't have, as text. */
enum jl_say_code jl_name_check(struct jl_bytes name, char out_sign[static 8]);

#endif
