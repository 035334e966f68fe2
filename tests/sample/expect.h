/* The figures of the five-year report, counted while the rows are written and by rules of their own
 * (docs/domain.md section 4), so that a program's report can be held against them.
 *
 * expected.json: {"F01": {"value": 512, "unit": "场", "by_office": {"BS": 41, …}}, …}
 *   元     in 分
 *   %      in hundredths of a percent, rounded down; "numerator" and "denominator" stand beside it
 *   天     the median; the sample makes sure that both middle values are equal
 * Offices where a rate has no denominator are left out of by_office.
 *
 * Thread: one at a time. */
#ifndef JIELIAN_SAMPLE_EXPECT_H
#define JIELIAN_SAMPLE_EXPECT_H

#include "jielian/base/buf.h"
#include "jielian/base/bytes.h"

enum {
    JL_SAMPLE_OFFICES = 12,
    JL_SAMPLE_DISTRICT = JL_SAMPLE_OFFICES, /* the office index of what the district owns */
    JL_OWNERS = JL_SAMPLE_OFFICES + 1,
};

enum jl_figure_id {
    JL_F01,
    JL_F02,
    JL_F03,
    JL_F04,
    JL_F05,
    JL_F06,
    JL_F07,
    JL_F08,
    JL_F09,
    JL_F10,
    JL_F11,
    JL_F12,
    JL_F13,
    JL_F14,
    JL_F15,
    JL_F16,
    JL_F17,
    JL_F18,
    JL_F19,
    JL_F20,
    JL_F21,
    JL_F22,
    JL_F23,
    JL_F24,
    JL_F25,
    JL_F26,
    JL_F27,
    JL_F28,
    JL_F29,
    JL_F30,
    JL_F31,
    JL_F32,
    JL_F33,
    JL_F34,
    JL_F35,
    JL_F36,
    JL_F37,
    JL_F38A,
    JL_F38B,
    JL_F39A,
    JL_F39B,
    JL_F39C,
    JL_F40A,
    JL_F40B,
    JL_F41,
    JL_F42A,
    JL_F42B,
    JL_F43,
    JL_F44,
    JL_F45,
    JL_FIGURES,
};

struct jl_expect {
    int64_t value[JL_FIGURES][JL_OWNERS];
    int64_t divisor[JL_FIGURES][JL_OWNERS];
    struct jl_buf seen[JL_FIGURES][JL_OWNERS]; /* a byte per thing: counted already */
    struct jl_buf days[JL_OWNERS];             /* F42b: a byte per closed issue */
    bool out_of_memory;
};

void jl_expect_fini(struct jl_expect *expect);

/* One call per written row; plain values as the row holds them. office: its index. */
struct jl_activity_row {
    const char *kind;
    const char *audience;
    int32_t start_on;
    int32_t edition; /* 0: none */
    int64_t sessions, heads, person_times, orgs_n;
};
void jl_expect_activity(struct jl_expect *expect, size_t office, const struct jl_activity_row *row);
void jl_expect_benefit_batch(struct jl_expect *expect, size_t office, const char *kind,
                             int32_t start_on, int64_t heads, int64_t person_times);
void jl_expect_honor(struct jl_expect *expect, size_t office, const char *kind, const char *level,
                     const char *grade, int32_t year);
struct jl_org_row {
    const char *kind;
    const char *status;
    int32_t founded_on;
    bool is_enterprise;
};
void jl_expect_org(struct jl_expect *expect, size_t office, const struct jl_org_row *row);
void jl_expect_unit(struct jl_expect *expect, size_t office, int32_t from, int32_t to);
void jl_expect_member(struct jl_expect *expect, size_t office, const char *status, bool is_nef,
                      int32_t joined_on);
void jl_expect_contract(struct jl_expect *expect, size_t office, const struct jl_org_row *org,
                        size_t org_index, int32_t signed_on, int32_t expires_on);
/* family: its index within the office; ignored for 对口扶贫. */
void jl_expect_aid(struct jl_expect *expect, size_t office, size_t family, const char *kind,
                   int32_t paid_on, int64_t fen);
void jl_expect_site(struct jl_expect *expect, size_t office, int32_t built_on);
void jl_expect_warn_officer(struct jl_expect *expect, size_t office, int32_t appointed_on,
                            int32_t left_on);
void jl_expect_legal_service(struct jl_expect *expect, size_t office, const char *kind,
                             int32_t served_on, int64_t n);
void jl_expect_issue(struct jl_expect *expect, size_t office, const char *status, int32_t raised_on,
                     int32_t closed_on);
void jl_expect_fee_relief(struct jl_expect *expect, size_t office, int32_t month, int64_t fen);
void jl_expect_fee_refund(struct jl_expect *expect, size_t office, const char *status,
                          int32_t month, int64_t fen);
void jl_expect_subsidy(struct jl_expect *expect, size_t office, size_t org_index, int32_t year);
void jl_expect_finance_check(struct jl_expect *expect, size_t office, size_t org_index,
                             const char *result, int32_t year);
void jl_expect_party(struct jl_expect *expect, size_t office, const char *stage, int32_t staged_on);
void jl_expect_reform(struct jl_expect *expect, int32_t year, int64_t due_n, int64_t covered_n);
void jl_expect_policy(struct jl_expect *expect, const char *kind, int32_t issued_on);

/* The value for the district; -1 for a rate without a denominator. */
int64_t jl_expect_value(const struct jl_expect *expect, enum jl_figure_id figure);
const char *jl_figure_key(enum jl_figure_id figure); /* "F01" */
/* expected.json; codes: the offices' codes, in order. */
JL_MUST_CHECK enum jl_rc jl_expect_json(const struct jl_expect *expect, const char *const *codes,
                                        struct jl_buf *out, struct jl_err *err);

#endif
