/* Sentences of faults. A caller's level stands before what it called: "figure F12: no memory". */
#include "jielian/message/fault_text.h"
#include "fault_table.h"

#include "jielian/base/fault.h"
#include "jielian/message/say.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Looking up ---- */

static const struct jl_fault_table *const tables[] = {
    &jl_fault_table_base,      &jl_fault_table_store,  &jl_fault_table_books,
    &jl_fault_table_district,  &jl_fault_table_crypto, &jl_fault_table_net,
    &jl_fault_table_catalogue, &jl_fault_table_desk,   &jl_fault_table_sheet,
    &jl_fault_table_command,   &jl_fault_table_office, &jl_fault_table_console,
    &jl_fault_table_problem,
};

static int compare_codes(const void *key, const void *entry) {
    uint32_t code = *(const uint32_t *)key;
    uint32_t other = ((const struct jl_fault_table_entry *)entry)->code;
    return code < other ? -1 : code > other;
}

const char *jl_fault_text_of(uint32_t code, enum jl_language language) {
    if (code < JL_FAULT_FIRST) {
        return jl_say_sentence(code, language);
    }
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        const struct jl_fault_table_entry *entry =
            bsearch(&code, tables[i]->entries, tables[i]->count, sizeof *entry, compare_codes);
        if (entry != NULL) {
            return JL_ZH_EN(language, entry->zh, entry->en);
        }
    }
    return NULL;
}

static const struct {
    int error;
    const char *zh;
} reasons[] = {
    {EACCES, "没有权限"},
    {EPERM, "系统不允许"},
    {ENOENT, "不存在"},
    {EEXIST, "已存在"},
    {ENOTDIR, "不是文件夹"},
    {EISDIR, "是文件夹"},
    {ENOTEMPTY, "文件夹不是空的"},
    {ENOSPC, "磁盘已满"},
    {EDQUOT, "磁盘配额已用完"},
    {EROFS, "磁盘是只读的"},
    {EIO, "磁盘读写出错"},
    {EFBIG, "文件太大"},
    {ENAMETOOLONG, "名称太长"},
    {ELOOP, "链接太多"},
    {EMFILE, "打开的文件太多"},
    {ENFILE, "系统打开的文件太多"},
    {EBUSY, "正被占用"},
    {ETXTBSY, "正被占用"},
    {EXDEV, "不在同一个磁盘上"},
    {ENOMEM, "内存不足"},
    {EINVAL, "这里不支持"},
    {EPIPE, "对方已关闭"},
    {EADDRINUSE, "地址已被占用"},
    {EADDRNOTAVAIL, "本机没有这个地址"},
    {ECONNREFUSED, "连接被拒绝"},
    {ETIMEDOUT, "超时"},
    {ENETUNREACH, "网络不通"},
    {EHOSTUNREACH, "主机不通"},
    {EINTR, "被中断"},
    {EAGAIN, "暂时不可用"},
};

/* ---- A sentence, growing in place ---- */

struct sentence {
    char *text;
    size_t size;
};

static void put(struct sentence *sentence, const char *text, size_t size) {
    size_t room = JL_FAULT_TEXT_BYTES - 1 - sentence->size;
    bool cut = size > room;
    size = cut ? room : size;
    while (cut && size > 0 && ((unsigned char)text[size] & 0xC0U) == 0x80U) {
        size--;
    }
    memcpy(sentence->text + sentence->size, text, size);
    sentence->size += size;
    sentence->text[sentence->size] = '\0';
}

static void put_text(struct sentence *sentence, const char *text) {
    put(sentence, text, strlen(text));
}

static void put_reason(struct sentence *sentence, int error, enum jl_language language) {
    char text[96];
    if (language == JL_LANGUAGE_EN) {
        put_text(sentence, strerror_r(error, text, sizeof text));
        return;
    }
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (reasons[i].error == error) {
            put_text(sentence, reasons[i].zh);
            return;
        }
    }
    (void)snprintf(text, sizeof text, "系统错误 %d", error);
    put_text(sentence, text);
}

/* The n-th place, 1 and up; nothing where there is none. */
static void put_place(struct sentence *sentence, const char *places, unsigned n) {
    for (; n > 1 && places != NULL; n--) {
        places = strchr(places, JL_AND[0]);
        places = places != NULL ? places + 1 : NULL;
    }
    if (places != NULL) {
        put(sentence, places, strcspn(places, JL_AND));
    }
}

static void put_level(struct sentence *sentence, const struct jl_err *err,
                      const struct jl_err_level *level, enum jl_language language) {
    const char *text = jl_fault_text_of(level->code, language);
    text = text != NULL ? text : "{1}";
    while (*text != '\0') {
        if (text[0] == '{' && text[1] >= '1' && text[1] <= '9' && text[2] == '}') {
            put_place(sentence, err->text + level->at, (unsigned)(text[1] - '0'));
            text += 3;
        } else if (strncmp(text, "{!}", 3) == 0) {
            put_reason(sentence, err->system, language);
            text += 3;
        } else {
            size_t size = 1 + strcspn(text + 1, "{");
            put(sentence, text, size);
            text += size;
        }
    }
}

static void put_all(struct sentence *sentence, const struct jl_err *err, enum jl_language language,
                    bool detail) {
    for (unsigned i = err->level_count; i > 0; i--) {
        const struct jl_err_level *level = &err->levels[i - 1];
        size_t before = sentence->size;
        if (detail && level->code < JL_FAULT_FIRST) {
            put_place(sentence, err->text + level->at, 1);
        } else {
            put_level(sentence, err, level, language);
        }
        if (i > 1 && sentence->size > before) { /* what is for programmers alone is not said */
            put_text(sentence, JL_ZH_EN(language, "：", ": "));
        }
    }
}

const char *jl_fault_text(const struct jl_err *err, enum jl_language language,
                          char out_text[static JL_FAULT_TEXT_BYTES]) {
    struct sentence sentence = {.text = out_text};
    out_text[0] = '\0';
    put_all(&sentence, err, language, false);
    if (sentence.size == 0 && err->rc != JL_OK) {
        put_text(&sentence, JL_ZH_EN(language, "出错了", jl_rc_name(err->rc)));
    }
    return out_text;
}

const char *jl_fault_text_detail(const struct jl_err *err,
                                 char out_text[static JL_FAULT_TEXT_BYTES]) {
    struct sentence sentence = {.text = out_text};
    out_text[0] = '\0';
    put_all(&sentence, err, JL_LANGUAGE_EN, true);
    return out_text;
}
