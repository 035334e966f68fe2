/* How a reader says why. */
#include "parse.h"

#include "jielian/message/say.h"

#include <string.h>

bool jl_parse_fail(const struct jl_parse *parse, enum jl_say_code message) {
    jl_complaint_value(parse->context, parse->problems, parse->field, message, parse->written);
    return false;
}
