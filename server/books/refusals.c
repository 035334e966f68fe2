#include "refusals.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *word;
    bool trouble;
    const char *zh, *en;
} kinds[JL_REFUSAL_KINDS] = {
    [JL_REFUSAL_REVOKED] = {"revoked", true, "已注销，仍来联系", "revoked, and still calls"},
    [JL_REFUSAL_VERSION] = {"version", true, "程序版本太旧，请升级",
                            "its program is too old; update it"},
    [JL_REFUSAL_CHAIN] =
        {"chain", true, "签名或变更链不符：电脑是复制或还原的，或有人冒用它的密钥",
         "signature or chain do not fit: a copied or restored PC, or somebody else "
         "has its key"},
    [JL_REFUSAL_BUSY] = {"busy", false, "一次请求太多，请它稍后再来",
                         "too much at once; told to come back"},
    [JL_REFUSAL_MALFORMED] = {"malformed", true, "发来的内容不合协议",
                              "sent what breaks the protocol"},
    [JL_REFUSAL_INVITATION] = {"invitation", true, "邀请用过、过期或不认识",
                               "an invitation that was used, has expired or is not ours"},
    [JL_REFUSAL_HELLO] = {"hello", false, "没有先打招呼（区级重启后常见）",
                          "said no Hello first (common after a restart)"},
    [JL_REFUSAL_SUSPENDED] = {"suspended", false, "停用期间来要数据",
                              "asked for data while suspended"},
    [JL_REFUSAL_FLOOD] = {"flood", true, "短时间内被拒绝太多，已放慢它",
                          "refused too often in a short time; slowed down"},
    [JL_REFUSAL_CROWD] = {"crowd", true, "同时连接太多，断开了最早的",
                          "too many connections at once; the oldest were cut"},
    [JL_REFUSAL_ENDLESS] = {"endless", true, "一条消息没完没了，已断开",
                            "a message without end; cut off"},
    [JL_REFUSAL_PARKED] = {"parked", false, "有变更未被接受，已退回镇街",
                           "changes were not taken; they wait at the office"},
    [JL_REFUSAL_KEY] = {"key", true, "密钥没有登记", "a key that is not enrolled"},
    [JL_REFUSAL_PROTOCOL] = {"protocol", true, "说的不是本协议", "did not speak our protocol"},
    [JL_REFUSAL_QUOTA] = {"quota", true, "今天退回或登记待处理的变更太多，已请它明天再来",
                          "too much that was refused or asked about today; told to come back"},
    [JL_REFUSAL_TIMEOUT] = {"timeout", true, "连上后不作声", "connected and said nothing"},
};

const char *jl_refusal_word(enum jl_refusal kind) {
    return kinds[kind].word;
}

const char *jl_refusal_text(enum jl_language language, enum jl_refusal kind) {
    return JL_ZH_EN(language, kinds[kind].zh, kinds[kind].en);
}

bool jl_refusal_trouble(enum jl_refusal kind) {
    return kinds[kind].trouble;
}

enum jl_refusal jl_refusals_last(const struct jl_refusals *refusals) {
    enum jl_refusal last = 0;
    for (int kind = 1; kind < JL_REFUSAL_KINDS; kind++) {
        const struct jl_refusal_count *count = &refusals->of[kind];
        if (count->count > 0 && (last == 0 || count->last_ms >= refusals->of[last].last_ms)) {
            last = (enum jl_refusal)kind;
        }
    }
    return last;
}

void jl_refusals_note(struct jl_refusals *refusals, enum jl_refusal kind, uint64_t count,
                      int64_t at_ms, const char *address) {
    JL_ASSERT(kind > 0 && kind < JL_REFUSAL_KINDS);
    struct jl_refusal_count *of = &refusals->of[kind];
    of->count = count < UINT64_MAX - of->count ? of->count + count : UINT64_MAX;
    of->last_ms = at_ms;
    if (address != NULL && address[0] != '\0') {
        snprintf(of->address, sizeof of->address, "%s", address);
    }
}

void jl_refusals_add(struct jl_refusals *refusals, const struct jl_refusals *more) {
    for (int kind = 1; kind < JL_REFUSAL_KINDS; kind++) {
        const struct jl_refusal_count *of = &more->of[kind];
        if (of->count > 0) {
            jl_refusals_note(refusals, (enum jl_refusal)kind, of->count, of->last_ms, of->address);
        }
    }
}

/* ---- As text ---- */

enum jl_rc jl_refusals_encode(const struct jl_refusals *refusals, struct jl_buf *out,
                              struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (int kind = 1; rc == JL_OK && kind < JL_REFUSAL_KINDS; kind++) {
        const struct jl_refusal_count *of = &refusals->of[kind];
        if (of->count > 0) {
            rc = jl_buf_printf(out, err, "%s %" PRIu64 " %" PRId64 " %s\n", kinds[kind].word,
                               of->count, of->last_ms, of->address[0] != '\0' ? of->address : "-");
        }
    }
    return rc;
}

enum { LINE_BYTES = 128 };

static enum jl_rc decode_line(const char *line, struct jl_refusals *refusals, struct jl_err *err) {
    char word[32];
    char address[JL_ADDRESS_BYTES];
    uint64_t count = 0;
    int64_t last_ms = 0;
    if (sscanf(line, "%31s %" SCNu64 " %" SCNd64 " %45s", word, &count, &last_ms, address) != 4) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED, "%s",
                           "the counts of what was refused can't be read");
    }
    for (int kind = 1; kind < JL_REFUSAL_KINDS; kind++) {
        if (strcmp(word, kinds[kind].word) == 0) {
            jl_refusals_note(refusals, (enum jl_refusal)kind, count, last_ms,
                             strcmp(address, "-") == 0 ? NULL : address);
        }
    }
    return JL_OK;
}

enum jl_rc jl_refusals_decode(struct jl_bytes text, struct jl_refusals *out_refusals,
                              struct jl_err *err) {
    memset(out_refusals, 0, sizeof *out_refusals);
    while (text.size > 0) {
        char line[LINE_BYTES];
        const uint8_t *end = memchr(text.data, '\n', text.size);
        size_t size = end != NULL ? (size_t)(end - text.data) : text.size;
        if (end == NULL || size >= sizeof line) {
            return jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED, "%s",
                               "the counts of what was refused are cut off");
        }
        memcpy(line, text.data, size);
        line[size] = '\0';
        enum jl_rc rc = decode_line(line, out_refusals, err);
        if (rc != JL_OK) {
            return rc;
        }
        text = jl_bytes(end + 1, text.size - size - 1);
    }
    return JL_OK;
}
