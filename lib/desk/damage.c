/* Tables of the store in a person's words, and the way through a damaged file. */
#include "jielian/desk/damage.h"
#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/base/path.h"
#include "jielian/crypto/keys.h"
#include "jielian/json/column.h"
#include "jielian/json/document.h"
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

struct looking {
    enum jl_language language;
    const struct jl_catalogue *catalogue;
    struct jl_arena *arena;
    struct jl_damage_finding *items;
    size_t count, capacity;
};

/* NULL: no memory. */
static const char *table_text(const struct looking *looking, const char *table) {
    const enum jl_language language = looking->language;
    if (table == NULL) {
        return JL_ZH_EN(language, "空闲页（不影响任何记录）", "free pages (no record is affected)");
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].table, table) == 0) {
            return JL_ZH_EN(language, words[i].zh, words[i].en);
        }
    }
    const struct jl_type *type = jl_catalogue_type_named(looking->catalogue, table);
    return jl_arena_printf(looking->arena,
                           JL_ZH_EN(language, "“%s”的记录", "records of the type %s"),
                           type == NULL ? table : jl_label_text(&type->label, language));
}

/* The texts are copied. */
static enum jl_rc add(struct looking *looking, const struct jl_damage_finding *finding,
                      struct jl_err *err) {
    struct jl_damage_finding *items = jl_arena_grow(looking->arena, looking->items, looking->count,
                                                    &looking->capacity, sizeof *looking->items);
    if (items == NULL) {
        return jl_fault_memory(err);
    }
    looking->items = items;
    struct jl_damage_finding *item = &items[looking->count++];
    *item = *finding;
    item->detail = jl_arena_text(looking->arena, jl_bytes_text(finding->detail));
    if (finding->table != NULL) {
        item->table = jl_arena_text(looking->arena, jl_bytes_text(finding->table));
    }
    bool made = item->what != NULL && item->detail != NULL &&
                (finding->table == NULL || item->table != NULL);
    return made ? JL_OK : jl_fault_memory(err);
}

static enum jl_rc add_found(void *context, const struct jl_finding *found, struct jl_err *err) {
    struct looking *looking = context;
    const struct jl_damage_finding finding = {.table = found->table,
                                              .what = table_text(looking, found->table),
                                              .rows_whole = found->rows_whole,
                                              .detail = found->text};
    return add(looking, &finding, err);
}

/* Not even the tables can be listed: the first page, or the file is no database at all. */
static enum jl_rc add_whole_file(struct looking *looking, const struct jl_err *why,
                                 struct jl_err *err) {
    char text[JL_FAULT_TEXT_BYTES];
    const struct jl_damage_finding finding = {
        .what = JL_ZH_EN(looking->language, "整个文件：开头读不出来",
                         "the whole file: its beginning can't be read"),
        .detail = jl_fault_text(why, looking->language, text)};
    return add(looking, &finding, err);
}

static enum jl_rc look(struct looking *looking, const char *folder, uint32_t application_id,
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
        rc = jl_findings_visit(store, add_found, looking, &why);
    }
    /* A changed header may look like a file of another program: JL_MISUSE. */
    if (rc == JL_CORRUPT || rc == JL_MISUSE) {
        return add_whole_file(looking, &why, err);
    }
    if (rc != JL_OK) {
        *err = why;
    }
    return rc;
}

enum jl_rc jl_damage_find(const char *folder, uint32_t application_id,
                          const struct jl_catalogue *catalogue, enum jl_language language,
                          struct jl_arena *arena, struct jl_damage *out_damage,
                          struct jl_err *err) {
    JL_AUTO_PTR(jl_catalogue) builtin = NULL;
    struct looking looking = {.language = language, .catalogue = catalogue, .arena = arena};
    *out_damage = (struct jl_damage){0};
    enum jl_rc rc = jl_catalogue_builtin(&builtin, err);
    if (rc == JL_OK) {
        looking.catalogue = catalogue != NULL ? catalogue : builtin;
        rc = look(&looking, folder, application_id, err);
    }
    if (rc == JL_OK) {
        *out_damage = (struct jl_damage){.findings = looking.items, .count = looking.count};
    }
    return rc;
}

void jl_damage_write(const struct jl_damage *damage, const char *key,
                     struct jl_document *document) {
    static const struct jl_column columns[] = {
        {"table", NULL, NULL, JL_COLUMN_TEXT, offsetof(struct jl_damage_finding, table), NULL},
        {"what", NULL, NULL, JL_COLUMN_TEXT, offsetof(struct jl_damage_finding, what), NULL},
        {"rows_whole", NULL, NULL, JL_COLUMN_BOOL, offsetof(struct jl_damage_finding, rows_whole),
         NULL},
        {"detail", NULL, NULL, JL_COLUMN_TEXT, offsetof(struct jl_damage_finding, detail), NULL},
    };
    const struct jl_rows rows = {.rows = damage->findings,
                                 .count = damage->count,
                                 .row_bytes = sizeof *damage->findings,
                                 .columns = columns,
                                 .column_count = sizeof columns / sizeof *columns};
    jl_column_write_rows(&rows, key, document);
}
