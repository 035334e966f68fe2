/* Lines for people, or the document. */
#include "jielian/command/history_print.h"
#include "jielian/base/date.h"
#include "jielian/base/fault.h"
#include "jielian/cli/cli.h"
#include "jielian/cli/print.h"
#include "jielian/cli/terminal.h"
#include "jielian/desk/history.h"
#include "jielian/json/document.h"

#include <string.h>

static const struct {
    const char *word, *zh;
} words[] = {
    {"create", "新增"},    {"edit", "修改"},          {"delete", "删除"},
    {"restore", "恢复"},   {"transfer", "转会"},      {"merge", "合并"},
    {"resolve", "处理"},   {"received", "收到"},      {"pending", "未发送"},
    {"applied", "已采纳"}, {"merged", "已合并采纳"},  {"case", "待处理"},
    {"already", "已有"},   {"superseded", "已重发"},  {"import", "导入"},
    {"undo", "撤销"},      {"bulk_edit", "批量修改"}, {"district", "区总工会"},
};

static const char *in_words(const struct jl_history *history, const char *word) {
    const struct jl_desk *desk = history->desk;
    if (desk->language == JL_LANGUAGE_EN) {
        return word;
    }
    if (strcmp(word, "parked") == 0) {
        return desk->books->side == JL_SIDE_DISTRICT ? "已退回" : "被退回";
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].word, word) == 0) {
            return words[i].zh;
        }
    }
    return word;
}

/* Values may hold anything, so they are made fit for a terminal. */
static enum jl_rc print_fit(struct jl_bytes text, struct jl_err *err) {
    JL_AUTO(jl_buf) fitted = {0};
    enum jl_rc rc = jl_terminal_fit(text, 0, &fitted, err);
    if (rc == JL_OK && fitted.size > 0 &&
        fwrite(fitted.data, 1, fitted.size, stdout) != fitted.size) {
        rc = jl_fault(err, JL_IO, JL_FAULT_OUTPUT_END);
    }
    return rc;
}

/* A record takes the other one in, or goes into it. */
static void print_other(const struct jl_history_item *item) {
    char other[JL_ID_TEXT_BYTES];
    bool told = !jl_id_is_zero(&item->other) && strcmp(item->what, "resolve") != 0 &&
                strcmp(item->what, "edit") != 0;
    if (told) {
        jl_id_format(&item->other, other);
        printf("%s%s", strcmp(item->what, "delete") == 0 ? " → " : " ← ", other);
    }
}

static enum jl_rc print_change(const struct jl_history_change *change, struct jl_err *err) {
    printf("    %s: ", change->label);
    enum jl_rc rc = print_fit(change->old_title.size > 0 ? change->old_title : change->old, err);
    printf(" → ");
    if (rc == JL_OK) {
        rc = print_fit(change->new_title.size > 0 ? change->new_title : change->new, err);
    }
    printf("\n");
    return rc;
}

static enum jl_rc print_item(const struct jl_history *history, const struct jl_history_item *item,
                             struct jl_err *err) {
    char at[JL_DATE_TIME_BYTES] = " ";
    if (item->at_ms != 0) {
        jl_date_format_time(item->at_ms, at);
    }
    printf("%s  ", at);
    enum jl_rc rc = print_fit(item->staff, err);
    printf(" %s  %s", item->office != NULL ? in_words(history, item->office) : "",
           in_words(history, item->what));
    print_other(item);
    printf("  [%s]", in_words(history, item->verdict));
    if (item->by != NULL) {
        printf(" (%s)", in_words(history, item->by));
    }
    if (rc == JL_OK && item->reason.size > 0) {
        printf(" ");
        rc = print_fit(item->reason, err);
    }
    printf("\n");
    for (size_t i = 0; rc == JL_OK && i < item->change_count; i++) {
        rc = print_change(&item->changes[i], err);
    }
    return rc;
}

enum jl_rc jl_history_print(const struct jl_cli *cli, const struct jl_history *history,
                            struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    if (cli->json) {
        JL_AUTO(jl_document) document = {0};
        jl_history_write(history, NULL, &document);
        return jl_print_document(&document, err);
    }
    for (size_t i = 0; rc == JL_OK && i < history->count; i++) {
        rc = print_item(history, &history->items[i], err);
    }
    return rc;
}
