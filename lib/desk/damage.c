/* Tables of the store in a person's words, and the way through a damaged file. */
#include "jielian/desk/damage.h"
#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/base/path.h"
#include "jielian/crypto/keys.h"
#include "jielian/message/fault_text.h"
#include "jielian/store/findings.h"

#include <string.h>

struct table_words {
    const char *table, *zh, *en;
};

static const struct table_words words[] = {
    {"record", "全部记录的目录（归属、状态、校验值）", "the head of every record"},
    {"loose", "目录里还没有的字段", "fields that the catalogue does not know yet"},
    {"word", "按姓名、拼音查找用的词", "the words that `find` uses"},
    {"word_new", "按姓名、拼音查找用的词", "the words that `find` uses"},
    {"feed", "发给各镇街的变更", "the changes for each office"},
    {"meta", "同步状态和本机身份", "the state of the sync and who this PC is"},
    {"outbox", "本机的改动（发件箱）", "this PC's own changes (the outbox)"},
    {"base", "未确认改动下面的原值", "what lies under changes not yet confirmed"},
    {"journal", "区总工会的日志（全部改动）", "the district's journal (every change)"},
    {"history", "记录的变更历史", "the history of records"},
    {"held", "等记录补送回来的改动", "changes that wait for a record to come back"},
    {"received", "收到的变更历史", "the history of what was received"},
    {"device", "设备登记", "the devices"},
    {"origin", "设备发送到哪里", "how far each device has sent"},
    {"invitation", "邀请", "the invitations"},
    {"quarantine", "停用设备送来的改动", "changes of suspended devices"},
};

struct finding {
    const struct jl_cli *cli;
    const struct jl_catalogue *catalogue;
    json_t *list;
};

static json_t *table_text(const struct finding *finding, const char *table) {
    bool en = finding->cli->language == JL_LANGUAGE_EN;
    if (table == NULL) {
        return json_string(en ? "free pages (no record is affected)" : "空闲页（不影响任何记录）");
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].table, table) == 0) {
            return json_string(en ? words[i].en : words[i].zh);
        }
    }
    const struct jl_type *type = jl_catalogue_type_named(finding->catalogue, table);
    const char *label = type == NULL ? table : en ? type->label.en : type->label.zh;
    return json_sprintf(en ? "records of the type %s" : "“%s”的记录", label);
}

static enum jl_rc add(void *context, const struct jl_finding *found, struct jl_err *err) {
    struct finding *finding = context;
    json_t *item = json_pack("{s:s?, s:o, s:b, s:s}", "table", found->table, "what",
                             table_text(finding, found->table), "rows_whole", found->rows_whole,
                             "detail", found->text);
    return json_array_append_new(finding->list, item) == 0 ? JL_OK : jl_fault_memory(err);
}

/* Not even the tables can be listed: the first page, or the file is no database at all. */
static enum jl_rc add_whole_file(struct finding *finding, const struct jl_err *why,
                                 struct jl_err *err) {
    bool en = finding->cli->language == JL_LANGUAGE_EN;
    char text[JL_FAULT_TEXT_BYTES];
    json_t *item =
        json_pack("{s:n, s:s, s:b, s:s}", "table", "what",
                  en ? "the whole file: its beginning can't be read" : "整个文件：开头读不出来",
                  "rows_whole", 0, "detail", jl_fault_text(why, finding->cli->language, text));
    return json_array_append_new(finding->list, item) == 0 ? JL_OK : jl_fault_memory(err);
}

static enum jl_rc look(struct finding *finding, const char *folder, uint32_t application_id,
                       struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    const struct jl_store_options options = {.mode = JL_STORE_READ,
                                             .application_id = application_id};
    JL_AUTO_PTR(jl_store) store = NULL;
    struct jl_err why = {0};
    enum jl_rc rc = jl_path_join(folder, "jielian.db", path, sizeof path, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_store_open(path, &options, &store, &why);
    if (rc == JL_OK) {
        rc = jl_findings_visit(store, add, finding, &why);
    }
    /* A changed header may look like a file of another program: JL_MISUSE. */
    if (rc == JL_CORRUPT || rc == JL_MISUSE) {
        return add_whole_file(finding, &why, err);
    }
    if (rc != JL_OK) {
        *err = why;
    }
    return rc;
}

enum jl_rc jl_damage_find(const struct jl_cli *cli, const char *folder, uint32_t application_id,
                          const struct jl_catalogue *catalogue, json_t **out_findings,
                          struct jl_err *err) {
    JL_AUTO_PTR(jl_catalogue) builtin = NULL;
    struct finding finding = {.cli = cli, .catalogue = catalogue, .list = json_array()};
    enum jl_rc rc =
        finding.list != NULL ? jl_catalogue_builtin(&builtin, err) : jl_fault_memory(err);
    if (rc == JL_OK) {
        finding.catalogue = catalogue != NULL ? catalogue : builtin;
        rc = look(&finding, folder, application_id, err);
    }
    if (rc != JL_OK) {
        json_decref(finding.list);
        return rc;
    }
    *out_findings = finding.list;
    return JL_OK;
}

void jl_damage_note(const struct jl_cli *cli, const char *folder, const json_t *findings) {
    size_t at = 0;
    const json_t *item = NULL;
    json_array_foreach(findings, at, item) {
        bool whole = json_is_true(json_object_get(item, "rows_whole"));
        bool index = whole && json_is_string(json_object_get(item, "table"));
        const char *what = json_string_value(json_object_get(item, "what"));
        if (cli->language == JL_LANGUAGE_ZH) { /* the detail is SQLite's English: --json has it */
            jl_cli_note(cli, "%s/jielian.db 受损：%s%s", folder, what,
                        index ? "的索引，记录本身都读得出" : "");
        } else {
            jl_cli_note(cli, "%s/jielian.db is damaged: %s%s (%s)", folder, what,
                        index ? ": an index; all rows can be read" : "",
                        json_string_value(json_object_get(item, "detail")));
        }
    }
}
