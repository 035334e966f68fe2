/* What every check asks and says. */

#include "checker.h"
#include "complaint.h"

#include "jielian/base/row.h"
#include "jielian/catalogue/type.h"
#include "jielian/message/argument.h"
#include "jielian/message/say.h"

#include <string.h>

bool jl_checker_touches(const struct jl_checker *checker, uint32_t field) {
    if (checker->before == NULL) {
        return true;
    }
    const struct jl_value *before = jl_row_get(checker->before, field);
    const struct jl_value *after = jl_row_get(checker->row, field);
    if (before == NULL || after == NULL) {
        return before != after;
    }
    return !jl_value_equal(before, after);
}

void jl_checker_say(const struct jl_checker *checker, const struct jl_field *field,
                    enum jl_say_code code, const struct jl_argument *word) {
    struct jl_complaint say = {.code = code,
                               .type = checker->type,
                               .field = field,
                               .soften = !jl_checker_touches(checker, field->number)};
    if (word != NULL) {
        say.words[0] = *word;
    }
    jl_complaint(checker->context, checker->problems, &say);
}
