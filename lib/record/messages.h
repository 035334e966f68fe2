/* Every sentence that a validation can say, in one table, so that they read alike.
 *
 * A sentence says what is wrong with which field and what to do. Places in it: {f} the field's
 * label; {v} the value as written, cut to 24 characters, of a sensitive field only “what was
 * written”; {a} {b} {c} further words.  Thread: any. */
#ifndef JIELIAN_RECORD_MESSAGES_H
#define JIELIAN_RECORD_MESSAGES_H

#include "jielian/record/record.h"

enum jl_message {
    JL_SAY_REQUIRED = 0,
    JL_SAY_WRONG_KIND,
    JL_SAY_NOT_TEXT,
    JL_SAY_TEXT_EMPTY,
    JL_SAY_TEXT_LONG,
    JL_SAY_SCIENTIFIC,
    JL_SAY_NOT_INT,
    JL_SAY_NOT_WHOLE,
    JL_SAY_NOT_MONEY,
    JL_SAY_MONEY_FINE,
    JL_SAY_NUMBER_LARGE,
    JL_SAY_NUMBER_LOW,
    JL_SAY_NUMBER_HIGH,
    JL_SAY_NOT_DATE,
    JL_SAY_DATE_ORDER,
    JL_SAY_DATE_NO_DAY,
    JL_SAY_DATE_NO_YEAR,
    JL_SAY_DATE_ABSENT,
    JL_SAY_DATE_EARLY,
    JL_SAY_DATE_FUTURE,
    JL_SAY_DATE_FAR,
    JL_SAY_NOT_MONDAY,
    JL_SAY_NOT_MONTH,
    JL_SAY_MONTH_TENTH,
    JL_SAY_MONTH_DAY,
    JL_SAY_NOT_BOOL,
    JL_SAY_CODE_NEAREST,
    JL_SAY_CODE_CHOICE,
    JL_SAY_CODE_NUMBER,
    JL_SAY_NOT_REF,
    JL_SAY_NAME_SHORT,
    JL_SAY_NAME_LONG,
    JL_SAY_NAME_SIGN,
    JL_SAY_NAME_PRIVATE,
    JL_SAY_NAME_DOT,
    JL_SAY_NAME_LATIN,
    JL_SAY_ID_LENGTH,
    JL_SAY_ID_OLD,
    JL_SAY_ID_SIGNS,
    JL_SAY_ID_DATE,
    JL_SAY_ID_CHECK,
    JL_SAY_ID_ROUNDED,
    JL_SAY_ID_AREA,
    JL_SAY_ID_AGE,
    JL_SAY_ID_SEX,
    JL_SAY_ID_BIRTH,
    JL_SAY_PERMIT_LENGTH,
    JL_SAY_USCC_LENGTH,
    JL_SAY_USCC_SIGN,
    JL_SAY_USCC_CHECK,
    JL_SAY_USCC_ORG,
    JL_SAY_PHONE,
    JL_SAY_PAIR,
    JL_SAY_TRANSFER_SAME,
    JL_SAY_TRANSFER_FIXED,
    JL_SAY_CATALOGUE, /* {a}: a check's own words */
    JL_SAY_FLOW_START,
    JL_SAY_FLOW_DISTRICTS,
    JL_SAY_FLOW_MOVE,
    JL_SAY_FLOW_END,
    JL_SAY_FLOW_WHO,
    JL_SAY_FLOW_CLEARED,
    JL_SAY_ROW_LARGE,
    JL_SAY_COUNT,
};

struct jl_say {
    enum jl_message message;
    const struct jl_field *field; /* NULL: the whole record */
    struct jl_bytes value;        /* for {v} */
    const char *a, *b, *c;
    bool soften; /* an error becomes a warning: the edit did not touch this field */
};

void jl_say(const struct jl_check_context *context, struct jl_problems *problems,
            const struct jl_say *say);
/* The label in the language of the context; Chinese where there is no English. */
const char *jl_label_text(const struct jl_label *label, enum jl_language language);
/* An error without further words, or with the value as written. */
void jl_say_field(const struct jl_check_context *context, struct jl_problems *problems,
                  const struct jl_field *field, enum jl_message message);
void jl_say_value(const struct jl_check_context *context, struct jl_problems *problems,
                  const struct jl_field *field, enum jl_message message, struct jl_bytes value);

#endif
