/* Credit codes (GB 32100): reading and checking. Inside lib/record only.  Thread: any. */
#ifndef JIELIAN_LIB_RECORD_USCC_H
#define JIELIAN_LIB_RECORD_USCC_H

#include "jielian/base/bytes.h"
#include "jielian/message/say.h"

struct jl_narrow;
struct jl_parse;

bool jl_uscc_parse(const struct jl_parse *parse, struct jl_narrow *narrow);

enum jl_say_code jl_uscc_check(struct jl_bytes uscc, bool of_union, char out_sign[static 8]);

#endif
