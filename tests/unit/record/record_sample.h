/* A small catalogue in C for the tests of lib/record: members, activities, transfers, weekly
 * reports. It does not go through the JSON parser, so that these tests stand on their own. */
#ifndef JIELIAN_RECORD_SAMPLE_H
#define JIELIAN_RECORD_SAMPLE_H

#include "jielian/base/language.h"
#include "jielian/base/row.h"
#include "jielian/base/utf8.h"
#include "jielian/catalogue/code_list.h"
#include "jielian/catalogue/kind.h"
#include "jielian/catalogue/type.h"
#include "jielian/record/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TODAY 20220930
#define RANGE_MAX INT64_C(1000000000000000)

static const char *const company_words[] = {"公司", "企业单位"};
static const struct jl_code sex_codes[] = {
    {.number = 1, .key = "male", .label = {"男", "Male"}},
    {.number = 2, .key = "female", .label = {"女", "Female"}},
};
static const struct jl_code id_kind_codes[] = {
    {.number = 1, .key = "resident_id", .label = {"居民身份证", "Identity card"}},
    {.number = 2, .key = "hmt_residence", .label = {"港澳台居民居住证", "Residence permit"}},
    {.number = 3, .key = "passport", .label = {"护照", "Passport"}},
    {.number = 4, .key = "foreign_pr", .label = {"外国人永久居留身份证", "Foreign resident"}},
};
static const struct jl_code kind_codes[] = {
    {.number = 1, .key = "job_fair", .label = {"招聘会", "Job fair"}},
    {.number = 2, .key = "sports", .label = {"文体比赛", "Sports"}},
    {.number = 3, .key = "esports", .label = {"电竞大赛", "E-sports"}},
    {.number = 4, .key = "skills", .label = {"技能竞赛", "Skills contest"}},
    {.number = 5, .key = "training", .label = {"技能培训", "Training"}},
    {.number = 6, .key = "dating", .label = {"相亲会", "Dating"}},
    {.number = 7, .key = "visit", .label = {"慰问", "Visit"}},
    {.number = 8, .key = "old", .label = {"旧类别", "Old kind"}, .hidden = true},
};
static const struct jl_code nature_codes[] = {
    {.number = 1,
     .key = "company",
     .label = {"企业", "Company"},
     .synonyms = company_words,
     .synonym_count = 2},
    {.number = 2, .key = "agency", .label = {"机关", "Agency"}},
};
static const struct jl_code status_codes[] = {
    {.number = 1, .key = "requested", .label = {"申请", "Requested"}},
    {.number = 2, .key = "released", .label = {"转出同意", "Released"}},
    {.number = 3, .key = "received", .label = {"转入接收", "Received"}},
    {.number = 4, .key = "effective", .label = {"生效", "Effective"}},
    {.number = 5, .key = "returned", .label = {"退回", "Returned"}},
};
#define LIST(entries)                                                                              \
    {                                                                                              \
        .name = "list", .label = {"列表", "List"}, .codes = entries,                               \
        .code_count = sizeof entries / sizeof *entries,                                            \
    }
static struct jl_code_list sex_list = LIST(sex_codes);
static struct jl_code_list id_kind_list = LIST(id_kind_codes);
static struct jl_code_list kind_list = LIST(kind_codes);
static struct jl_code_list nature_list = LIST(nature_codes);
static struct jl_code_list status_list = LIST(status_codes);

enum {
    M_NAME = 1,
    M_SEX,
    M_BIRTH,
    M_ID_KIND,
    M_ID_NO,
    M_MOBILE,
    M_NATURE,
    M_MIGRANT,
    M_ORG,
    M_NO,
    M_JOINED,
    M_PAY,
    M_MONTH,
    M_USCC,
    M_UNION,
    M_AGE,
    M_NOTE,
    M_EXPIRY,
    M_WEEK,
    M_ALIAS,
};

static const struct jl_field member_fields[] = {
    {.number = M_NAME,
     .name = "name",
     .kind = JL_KIND_TEXT,
     .label = {"姓名", "Name"},
     .required = true,
     .search = true,
     .rule = JL_RULE_PERSON_NAME},
    {.number = M_SEX,
     .name = "sex",
     .kind = JL_KIND_CODE,
     .label = {"性别", "Sex"},
     .codes = &sex_list},
    {.number = M_BIRTH, .name = "birth", .kind = JL_KIND_DATE, .label = {"出生日期", "Birth"}},
    {.number = M_ID_KIND,
     .name = "id_kind",
     .kind = JL_KIND_CODE,
     .label = {"证件类别", "Kind"},
     .codes = &id_kind_list,
     .fallback = {true, 1}},
    {.number = M_ID_NO,
     .name = "id_no",
     .kind = JL_KIND_ID_NO,
     .label = {"证件号码", "ID number"},
     .required = true,
     .sensitive = true,
     .search = true},
    {.number = M_MOBILE,
     .name = "mobile",
     .kind = JL_KIND_PHONE,
     .label = {"移动电话", "Mobile"},
     .sensitive = true},
    {.number = M_NATURE,
     .name = "nature",
     .kind = JL_KIND_CODE,
     .label = {"单位性质", "Nature"},
     .codes = &nature_list},
    {.number = M_MIGRANT,
     .name = "is_migrant",
     .kind = JL_KIND_BOOL,
     .label = {"农民工", "Migrant"},
     .fallback = {true, 0}},
    {.number = M_ORG,
     .name = "org",
     .kind = JL_KIND_REF,
     .label = {"所属工会", "Union"},
     .ref_type = 1000},
    {.number = M_NO,
     .name = "member_no",
     .kind = JL_KIND_INT,
     .label = {"会员编号", "Number"},
     .search = true,
     .highest = RANGE_MAX},
    {.number = M_JOINED,
     .name = "joined_on",
     .kind = JL_KIND_DATE,
     .label = {"入会日期", "Joined on"},
     .required = true},
    {.number = M_PAY,
     .name = "pay",
     .kind = JL_KIND_MONEY,
     .label = {"金额", "Amount"},
     .highest = RANGE_MAX},
    {.number = M_MONTH, .name = "month", .kind = JL_KIND_MONTH, .label = {"月份", "Month"}},
    {.number = M_USCC, .name = "uscc", .kind = JL_KIND_USCC, .label = {"信用代码", "Credit code"}},
    {.number = M_UNION,
     .name = "union_uscc",
     .kind = JL_KIND_USCC,
     .label = {"工会代码", "Union code"},
     .rule = JL_RULE_ORG_USCC},
    {.number = M_AGE,
     .name = "age",
     .kind = JL_KIND_INT,
     .label = {"年龄", "Age"},
     .lowest = 1,
     .highest = 150},
    {.number = M_NOTE, .name = "note", .kind = JL_KIND_TEXT, .label = {"备注", "Note"}},
    {.number = M_EXPIRY,
     .name = "expiry",
     .kind = JL_KIND_DATE,
     .label = {"到期", "Expiry"},
     .rule = JL_RULE_FUTURE_OK},
    {.number = M_WEEK,
     .name = "week",
     .kind = JL_KIND_DATE,
     .label = {"周", "Week"},
     .rule = JL_RULE_WEEK},
    {.number = M_ALIAS,
     .name = "alias",
     .kind = JL_KIND_TEXT,
     .label = {"单位名称", "Employer"},
     .search = true},
};
static const uint32_t member_title[] = {M_NAME, M_ID_NO, M_JOINED};
static const struct jl_type member_type = {
    .number = 1002,
    .name = "member",
    .label = {"会员", "Member"},
    .fields = member_fields,
    .field_count = sizeof member_fields / sizeof *member_fields,
    .title = member_title,
    .title_count = 3,
};

enum { A_KIND = 1, A_HEADS, A_TIMES, A_START, A_END, A_COST };

static const struct jl_field activity_fields[] = {
    {.number = A_KIND,
     .name = "kind",
     .kind = JL_KIND_CODE,
     .label = {"类别", "Kind"},
     .codes = &kind_list},
    {.number = A_HEADS,
     .name = "heads",
     .kind = JL_KIND_INT,
     .label = {"人数", "People"},
     .highest = RANGE_MAX},
    {.number = A_TIMES,
     .name = "person_times",
     .kind = JL_KIND_INT,
     .label = {"人次", "Attendances"},
     .highest = RANGE_MAX},
    {.number = A_START,
     .name = "start_on",
     .kind = JL_KIND_DATE,
     .label = {"开始", "Start"},
     .required = true},
    {.number = A_END,
     .name = "end_on",
     .kind = JL_KIND_DATE,
     .label = {"结束", "End"},
     .rule = JL_RULE_FUTURE_OK},
    {.number = A_COST,
     .name = "cost",
     .kind = JL_KIND_MONEY,
     .label = {"经费", "Cost"},
     .lowest = 100,
     .highest = 10000050},
};
static const struct jl_check activity_checks[] = {
    {.field = A_HEADS, .other = A_TIMES, .message = {"", ""}},
    {.field = A_START, .other = A_END, .message = {"结束日期不能早于开始日期", "It ends first"}},
    {.field = A_HEADS, .other = A_COST, .warning = true, .message = {"经费偏少", "Little money"}},
};
static const struct jl_type activity_type = {
    .number = 1010,
    .name = "activity",
    .label = {"活动", "Activity"},
    .fields = activity_fields,
    .field_count = sizeof activity_fields / sizeof *activity_fields,
    .checks = activity_checks,
    .check_count = 3,
};

enum { T_MEMBER = 1, T_TO, T_STATUS };

static const struct jl_field transfer_fields[] = {
    {.number = T_MEMBER, .name = "member", .kind = JL_KIND_REF, .label = {"会员", "Member"}},
    {.number = T_TO,
     .name = "to_office",
     .kind = JL_KIND_INT,
     .label = {"转入", "To"},
     .highest = RANGE_MAX},
    {.number = T_STATUS,
     .name = "status",
     .kind = JL_KIND_CODE,
     .label = {"状态", "Status"},
     .codes = &status_list},
};
static const struct jl_move transfer_moves[] = {
    {0, 1, JL_MOVER_ANY}, {1, 2, JL_MOVER_FROM}, {1, 5, JL_MOVER_FROM},     {2, 3, JL_MOVER_TO},
    {2, 5, JL_MOVER_TO},  {3, 4, JL_MOVER_TO},   {3, 4, JL_MOVER_DISTRICT},
};
/* Listed in this order on purpose: ids do not depend on it. */
static const uint32_t transfer_key[] = {T_TO, T_MEMBER};
static const uint32_t transfer_title[] = {T_MEMBER};
static const struct jl_type transfer_type = {
    .number = 1003,
    .name = "transfer",
    .label = {"转会", "Transfer"},
    .fields = transfer_fields,
    .field_count = 3,
    .natural_key = transfer_key,
    .natural_key_count = 2,
    .title = transfer_title,
    .title_count = 1,
    .flow = {.field = T_STATUS, .moves = transfer_moves, .move_count = 7},
};

static inline int compare_words(const void *left, const void *right) {
    const struct jl_word *a = left;
    const struct jl_word *b = right;
    return jl_bytes_compare(a->text, b->text);
}

/* What the parser does for a list; the texts above are folded already, but for English labels. */
static inline void make_words(struct jl_code_list *list, struct jl_word *words) {
    size_t count = 0;
    for (size_t i = 0; i < list->code_count; i++) {
        const struct jl_code *code = &list->codes[i];
        words[count++] = (struct jl_word){jl_bytes_text(code->key), i};
        words[count++] = (struct jl_word){jl_bytes_text(code->label.zh), i};
        for (size_t j = 0; j < code->synonym_count; j++) {
            words[count++] = (struct jl_word){jl_bytes_text(code->synonyms[j]), i};
        }
    }
    qsort(words, count, sizeof *words, compare_words);
    list->words = words;
    list->word_count = count;
}

/* The group setup of every test here. */
static inline int sample_setup(void **state) {
    static struct jl_word words[5][32];
    (void)state;
    make_words(&sex_list, words[0]);
    make_words(&id_kind_list, words[1]);
    make_words(&kind_list, words[2]);
    make_words(&nature_list, words[3]);
    make_words(&status_list, words[4]);
    return 0;
}

static const struct jl_check_context zh = {.today = TODAY, .language = JL_LANGUAGE_ZH};
static const struct jl_check_context en = {.today = TODAY, .language = JL_LANGUAGE_EN};

static inline struct jl_field_value field_int(uint32_t field, int64_t number) {
    struct jl_field_value value = {.field = field, .value = jl_value_int(number)};
    return value;
}
static inline struct jl_field_value field_text(uint32_t field, const char *text) {
    struct jl_field_value value = {.field = field, .value = jl_value_cstr(text)};
    return value;
}
static inline struct jl_row row_of(const struct jl_type *type, struct jl_field_value *fields,
                                   size_t count) {
    struct jl_row row = {.type = type->number, .owner = 3, .fields = fields, .field_count = count};
    memset(row.id.bytes, 0x5A, sizeof row.id.bytes);
    return row;
}
/* Is there a problem of this severity on the field, whose text has `part`? */
static inline bool said(const struct jl_problems *problems, enum jl_severity severity,
                        uint32_t field, const char *part) {
    for (size_t i = 0; i < problems->count; i++) {
        const struct jl_problem *problem = &problems->items[i];
        if (problem->severity == severity && problem->field == field &&
            strstr(problem->text, part) != NULL) {
            return true;
        }
    }
    return false;
}

#endif
