/* From what people write to stored values: one reader per kind of field.
 *
 * Reading converts, checking (check.h) judges: a reader reports only what leaves no value to judge.
 * Each reader returns false after it has said why.  Thread: any. */
#ifndef JIELIAN_LIB_RECORD_PARSE_H
#define JIELIAN_LIB_RECORD_PARSE_H

#include "complaint.h"
#include "narrow.h"

struct jl_parse {
    const struct jl_check_context *context;
    const struct jl_field *field;
    struct jl_bytes written; /* trimmed, valid UTF-8, not empty */
    struct jl_problems *problems;
};

/* Always false, for `return jl_parse_fail(…)`. */
bool jl_parse_fail(const struct jl_parse *parse, enum jl_say_code message);

/* Whole numbers, with thousands separators, 万, and a counting word behind (120人). */
bool jl_parse_int(const struct jl_parse *parse, struct jl_narrow *narrow, int64_t *out_number);
/* 元 or 万元 or 亿元 into 分. */
bool jl_parse_money(const struct jl_parse *parse, struct jl_narrow *narrow, int64_t *out_fen);
bool jl_parse_date(const struct jl_parse *parse, struct jl_narrow *narrow, int64_t *out_date);
bool jl_parse_month(const struct jl_parse *parse, struct jl_narrow *narrow, int64_t *out_month);

#endif
