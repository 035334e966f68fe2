/* Citizens' ID numbers and the residence permits that follow them (GB 11643).
 *
 *   area (6) birth yyyymmdd (8) order (3; odd: male) check (1)
 *
 * Residents of Hong Kong, Macau and Taiwan have 81, 82, 83 as area and the same check. */
#include "id_no.h"
#include "parse.h"

#include "jielian/base/clock.h"
#include "jielian/base/date.h"
#include "jielian/base/row.h"

#include <string.h>

enum {
    ID_BYTES = 18,
    ID_OLD_BYTES = 15,
    PERMIT_MIN_BYTES = 5,
    PERMIT_MAX_BYTES = 20,
    BIRTH_YEAR_MIN = 1800, /* the number is sound; that nobody is so old is the age's warning */
    AGE_MIN = 16,
    AGE_MAX = 70,
    YEAR = 10000 /* one year in yyyymmdd */
};

bool jl_id_no_parse(const struct jl_parse *parse, struct jl_narrow *narrow) {
    jl_narrow_drop(narrow, " ");
    if (jl_narrow_is_scientific(narrow) || jl_narrow_drop_zero_decimals(narrow)) {
        return jl_parse_fail(parse, JL_SAY_ID_ROUNDED);
    }
    jl_narrow_drop(narrow, "-");
    jl_narrow_upper(narrow);
    return narrow->size > 0 || jl_parse_fail(parse, JL_SAY_TEXT_EMPTY);
}

static bool check_digit_fits(struct jl_bytes id_no) {
    static const unsigned weights[ID_BYTES - 1] = {7, 9, 10, 5,  8, 4, 2, 1, 6,
                                                   3, 7, 9,  10, 5, 8, 4, 2};
    unsigned sum = 0;
    for (size_t i = 0; i + 1 < ID_BYTES; i++) {
        sum += (unsigned)(id_no.data[i] - '0') * weights[i];
    }
    return id_no.data[ID_BYTES - 1] == (uint8_t) "10X98765432"[sum % 11];
}

static enum jl_say_code check_signs(struct jl_bytes id_no) {
    size_t digits = 0;
    while (digits < id_no.size && jl_narrow_is_digit((char)id_no.data[digits])) {
        digits++;
    }
    if (digits == ID_OLD_BYTES && id_no.size == ID_OLD_BYTES) {
        return JL_SAY_ID_OLD;
    }
    if (id_no.size != ID_BYTES) {
        return JL_SAY_ID_LENGTH;
    }
    bool fits = digits == ID_BYTES || (digits == ID_BYTES - 1 && id_no.data[digits] == 'X');
    return fits ? JL_SAY_NOTHING : JL_SAY_ID_SIGNS;
}

static int64_t birth_of(struct jl_bytes id_no) {
    int64_t birth = 0;
    for (size_t i = 6; i < 14; i++) {
        birth = birth * 10 + (id_no.data[i] - '0');
    }
    return birth;
}

enum jl_say_code jl_id_no_check(struct jl_bytes id_no, int64_t today,
                                struct jl_id_facts *out_facts) {
    enum jl_say_code message = check_signs(id_no);
    if (message != JL_SAY_NOTHING) {
        return message;
    }
    if (!check_digit_fits(id_no)) {
        return memcmp(id_no.data + ID_BYTES - 3, "000", 3) == 0 ? JL_SAY_ID_ROUNDED
                                                                : JL_SAY_ID_CHECK;
    }
    int64_t birth = birth_of(id_no);
    if (!jl_date_valid(birth) || birth < BIRTH_YEAR_MIN * YEAR || birth > today) {
        return JL_SAY_ID_DATE;
    }
    out_facts->birth = birth;
    out_facts->sex = (id_no.data[ID_BYTES - 2] - '0') % 2 == 1 ? JL_SEX_MALE : JL_SEX_FEMALE;
    return JL_SAY_NOTHING;
}

bool jl_id_no_area_known(struct jl_bytes id_no) {
    /* The first two digits; the districts below change from year to year. 90 and up are foreigners'
     * permanent residence cards. */
    static const char provinces[] =
        "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 "
        "50 51 52 53 54 61 62 63 64 65 71 81 82 83 90 91 92";
    for (size_t i = 0; i + 1 < sizeof provinces; i += 3) {
        if (memcmp(provinces + i, id_no.data, 2) == 0) {
            return true;
        }
    }
    return false;
}

bool jl_id_no_age_usual(int64_t birth, int64_t today) {
    int64_t age = (today - birth) / YEAR; /* whole years: both are yyyymmdd */
    return age >= AGE_MIN && age <= AGE_MAX;
}

enum jl_say_code jl_id_no_check_permit(struct jl_bytes permit) {
    size_t kept = 0;
    for (size_t i = 0; i < permit.size; i++) {
        char c = (char)permit.data[i];
        kept += jl_narrow_is_digit(c) || jl_narrow_is_letter(c) ? 1 : 0;
        /* Soldiers' cards carry Han characters and brackets: 军字第0000000号. */
        kept += permit.data[i] >= 0xE0 || c == '(' || c == ')' || c == '/' ? 1 : 0;
        kept += (permit.data[i] & 0xC0) == 0x80 ? 1 : 0;
    }
    bool fits = kept == permit.size && permit.size >= PERMIT_MIN_BYTES;
    size_t characters = 0;
    for (size_t i = 0; i < permit.size; i++) {
        characters += (permit.data[i] & 0xC0) != 0x80 ? 1 : 0;
    }
    return fits && characters <= PERMIT_MAX_BYTES ? JL_SAY_NOTHING : JL_SAY_PERMIT_LENGTH;
}

/* Foreigners' permanent residence cards are 身份证 by name, but the older ones have 15 characters.
 */
static bool is_resident_kind(const struct jl_code *code) {
    static const char *const keys[] = {"resident_id", "hmt_residence"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (strcmp(code->key, keys[i]) == 0) {
            return true;
        }
    }
    const char *label = code->label.zh;
    return strstr(label, "永久居留") == NULL &&
           (strstr(label, "身份证") != NULL || strstr(label, "居住证") != NULL);
}

bool jl_id_no_is_resident(const struct jl_type *type, const struct jl_row *row) {
    const struct jl_field *kind = jl_type_field_named(type, "id_kind");
    const struct jl_value *value = kind == NULL ? NULL : jl_row_get(row, kind->number);
    if (value == NULL || value->kind != JL_VALUE_INT || kind->codes == NULL || value->number < 0 ||
        value->number > UINT32_MAX) {
        return true;
    }
    const struct jl_code *code = jl_code_list_code(kind->codes, (uint32_t)value->number);
    return code == NULL || is_resident_kind(code);
}

const struct jl_code *jl_id_no_sex_code(const struct jl_field *field, enum jl_sex sex) {
    if (field == NULL || field->kind != JL_KIND_CODE || field->codes == NULL ||
        sex == JL_SEX_UNKNOWN) {
        return NULL;
    }
    const char *key = sex == JL_SEX_MALE ? "male" : "female";
    const char *label = sex == JL_SEX_MALE ? "男" : "女";
    for (size_t i = 0; i < field->codes->code_count; i++) {
        const struct jl_code *code = &field->codes->codes[i];
        if (strcmp(code->key, key) == 0 || strncmp(code->label.zh, label, strlen(label)) == 0) {
            return code;
        }
    }
    return NULL;
}
