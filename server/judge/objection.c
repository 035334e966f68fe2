/* An objection: what speaks against a row (objection_find.c looks for it). */
#include "objection.h"

#include "jielian/message/say.h"

#include <string.h>

void jl_objection_say(struct jl_objection *fault, enum jl_say_code code) {
    fault->found = (struct jl_reason){.said = {.code = (uint32_t)code}};
    fault->reason = &fault->found;
}
