/* Phone numbers: reading and checking. Inside lib/record only.  Thread: any. */
#ifndef JIELIAN_LIB_RECORD_PHONE_H
#define JIELIAN_LIB_RECORD_PHONE_H

#include "jielian/base/bytes.h"
#include "jielian/message/say.h"

struct jl_narrow;
struct jl_parse;

bool jl_phone_parse(const struct jl_parse *parse, struct jl_narrow *narrow);

enum jl_say_code jl_phone_check(struct jl_bytes phone);

#endif
