/* Verdicts other than plain APPLIED, and what a clerk reads with a refusal. */
#include "server/books/district_internal.h"

#include <string.h>

const char *jl_park_text(enum jl_park_reason reason) {
    switch (reason) {
    case JL_PARK_FOREIGN:
        return "这条记录不属于本单位，不能修改；如已转入，请先同步后再改";
    case JL_PARK_ABSENT:
        return "区总工会没有这条记录（新增时未被接收）；请改正后重新保存";
    case JL_PARK_APPEND_ONLY:
        return "这类记录只能新增，不能修改或删除";
    case JL_PARK_NATURAL_KEY:
        return "构成记录身份的字段不能修改；请新增一条并删除旧的";
    case JL_PARK_MERGE:
        return "两条记录的合并由区总工会办理；请联系区总工会";
    case JL_PARK_KIND:
        return "区总工会的程序不支持这种操作；请联系区总工会升级";
    case JL_PARK_UNSEEN:
        return "所引用的记录本单位看不到，不能用来新增；请先同步，仍然不行请联系区总工会";
    case JL_PARK_NUMBER:
        return "这处改动的编号与前一处不相接（可能有改动在这台电脑上丢失）；请核对后重新保存";
    case JL_PARK_NONE:
        break;
    }
    return "区总工会未接收";
}

enum jl_rc jl_apply_verdict(struct jl_apply *apply, size_t index, enum jl_verdict_code code,
                            const char *reason, struct jl_err *err) {
    if (code == JL_VERDICT_APPLIED) {
        return JL_OK;
    }
    struct jl_verdict *verdict = &apply->verdicts[apply->verdict_count++];
    *verdict = (struct jl_verdict){.seq = apply->first_seq + index, .code = code};
    struct jl_bytes text = jl_bytes_text(reason);
    while (text.size > JL_REASON_MAX_BYTES ||
           (text.size > 0 && text.size < strlen(reason) && (reason[text.size] & 0xc0) == 0x80)) {
        text.size--; /* cut at a character */
    }
    return jl_arena_dup(apply->arena, text, &verdict->reason, err);
}
