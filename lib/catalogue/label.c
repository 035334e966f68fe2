/* Labels in two languages. */
#include "jielian/catalogue/label.h"
#include "jielian/base/language.h"

#include <string.h>

const char *jl_label_text(const struct jl_label *label, enum jl_language language) {
    if (language == JL_LANGUAGE_EN && label->en != NULL && label->en[0] != '\0') {
        return label->en;
    }
    return label->zh != NULL ? label->zh : "";
}
