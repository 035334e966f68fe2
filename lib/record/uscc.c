/* Unified social credit codes (GB 32100): 18 of 31 characters, the last a check of the others. */
#include "uscc.h"
#include "parse.h"

#include <string.h>

static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

enum { USCC_BYTES = 18, USCC_MODULUS = 31, USCC_BASE = 3 };

bool jl_uscc_parse(const struct jl_parse *parse, struct jl_narrow *narrow) {
    jl_narrow_drop(narrow, " ");
    if (jl_narrow_is_scientific(narrow)) {
        return jl_parse_fail(parse, JL_SAY_SCIENTIFIC);
    }
    jl_narrow_drop(narrow, "-");
    jl_narrow_upper(narrow);
    return narrow->size > 0 || jl_parse_fail(parse, JL_SAY_TEXT_EMPTY);
}

static size_t utf8_width(uint8_t first) {
    if (first < 0x80) {
        return 1;
    }
    return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

enum jl_say_code jl_uscc_check(struct jl_bytes uscc, bool of_union, char out_sign[static 8]) {
    unsigned sum = 0;
    unsigned weight = 1;
    unsigned last = 0;
    for (size_t i = 0; i < uscc.size; i++) {
        const char *place = uscc.data[i] == '\0' ? NULL : strchr(alphabet, uscc.data[i]);
        if (place == NULL) {
            size_t width = utf8_width(uscc.data[i]);
            width = width <= uscc.size - i ? width : uscc.size - i;
            memcpy(out_sign, uscc.data + i, width);
            out_sign[width] = '\0';
            return JL_SAY_USCC_SIGN;
        }
        last = (unsigned)(place - alphabet);
        sum += i + 1 < USCC_BYTES ? last * weight : 0;
        weight = weight * USCC_BASE % USCC_MODULUS;
    }
    if (uscc.size != USCC_BYTES) {
        return JL_SAY_USCC_LENGTH;
    }
    if ((USCC_MODULUS - sum % USCC_MODULUS) % USCC_MODULUS != last) {
        return JL_SAY_USCC_CHECK;
    }
    if (of_union && (uscc.data[0] != '8' || uscc.data[1] != '1')) {
        return JL_SAY_USCC_ORG;
    }
    return JL_SAY_NOTHING;
}
