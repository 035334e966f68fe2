/* Phone numbers. Normal form: digits only.
 *
 *   mobile    1[3-9] and 9 digits
 *   landline  area code 010, 02x (3 digits) or 03xx–09xx (4 digits), then 7 or 8 digits */
#include "phone.h"
#include "parse.h"

#include <string.h>

enum { MOBILE_DIGITS = 11, SUBSCRIBER_MIN_DIGITS = 7, SUBSCRIBER_MAX_DIGITS = 8 };

enum jl_say_code jl_phone_check(struct jl_bytes phone) {
    for (size_t i = 0; i < phone.size; i++) {
        if (!jl_narrow_is_digit((char)phone.data[i])) {
            return JL_SAY_PHONE;
        }
    }
    if (phone.size == MOBILE_DIGITS && phone.data[0] == '1' && phone.data[1] >= '3') {
        return JL_SAY_NOTHING;
    }
    if (phone.size < 3 || phone.data[0] != '0' || phone.data[1] == '0') {
        return JL_SAY_PHONE;
    }
    size_t area = phone.data[1] <= '2' ? 3 : 4;
    if (phone.data[1] == '1' && phone.data[2] != '0') {
        return JL_SAY_PHONE;
    }
    bool fits =
        phone.size >= area + SUBSCRIBER_MIN_DIGITS && phone.size <= area + SUBSCRIBER_MAX_DIGITS;
    return fits ? JL_SAY_NOTHING : JL_SAY_PHONE;
}

static void drop_prefix(struct jl_narrow *narrow, size_t size) {
    memmove(narrow->text, narrow->text + size, narrow->size - size + 1);
    narrow->size -= size;
}

/* Take +86, 0086 or 86 off; a landline written so has lost the 0 of its area code. */
static void drop_country(struct jl_narrow *narrow) {
    size_t prefix = 0;
    if (strncmp(narrow->text, "+86", 3) == 0) {
        prefix = 3;
    } else if (strncmp(narrow->text, "0086", 4) == 0) {
        prefix = 4;
    } else if (strncmp(narrow->text, "86", 2) == 0 && narrow->size == 2 + MOBILE_DIGITS) {
        prefix = 2;
    }
    if (prefix == 0) {
        return;
    }
    drop_prefix(narrow, prefix);
    bool landline = narrow->size > 0 && narrow->text[0] != '0' &&
                    jl_phone_check(jl_narrow_bytes(narrow)) != JL_SAY_NOTHING;
    if (landline && narrow->size + 1 < sizeof narrow->text) {
        memmove(narrow->text + 1, narrow->text, narrow->size + 1);
        narrow->text[0] = '0';
        narrow->size++;
    }
}

bool jl_phone_parse(const struct jl_parse *parse, struct jl_narrow *narrow) {
    if (jl_narrow_is_scientific(narrow)) {
        return jl_parse_fail(parse, JL_SAY_SCIENTIFIC);
    }
    (void)jl_narrow_drop_zero_decimals(narrow); /* 13800000000.0: a number cell */
    jl_narrow_drop(narrow, " -()");
    drop_country(narrow);
    for (size_t i = 0; i < narrow->size; i++) {
        if (!jl_narrow_is_digit(narrow->text[i])) {
            return jl_parse_fail(parse, JL_SAY_PHONE);
        }
    }
    return narrow->size > 0 || jl_parse_fail(parse, JL_SAY_PHONE);
}
