/* `init`, and the catalogue: shown, checked, taken into use. */
#include "district_cmd.h"

#include "jielian/base/path.h"
#include "jielian/catalogue/additive.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/cli/print.h"
#include "jielian/json/json.h"
#include "jielian/net/net.h"
#include "jielian/record/natural_key.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    CATALOGUE_FILE_MAX_BYTES = 4 * 1024 * 1024, /* with the spaces that are taken out */
    FIELD_NAME = 1,                             /* fields of the built-in type catalogue */
    FIELD_VERSION = 2,
    FIELD_BODY = 3,
};

/* ---- The file ---- */

void jl_catalogue_file_fini(struct jl_catalogue_file *file) {
    jl_buf_fini(&file->text);
    jl_catalogue_free(file->catalogue);
    file->catalogue = NULL;
}

static const char *shipped_path(void) {
    const char *named = getenv("JIELIAN_CATALOGUE");
    if (named != NULL && named[0] != '\0') {
        return named;
    }
    return jl_file_exists(JIELIAN_CATALOGUE_INSTALLED) ? JIELIAN_CATALOGUE_INSTALLED
                                                       : JIELIAN_CATALOGUE_SOURCE;
}

/* It travels in every first download and lies in every op that changes it: without the spaces it is
 * a third smaller. */
static enum jl_rc squeeze(struct jl_buf *text, const char *path, struct jl_err *err) {
    json_t *document = NULL;
    enum jl_rc rc = jl_json_load(jl_buf_bytes(text), &document, err);
    if (rc != JL_OK) {
        return jl_wrap(err, "%s", path);
    }
    jl_buf_reset(text);
    rc = jl_json_put(document, text, err);
    if (rc == JL_OK && text->size > JL_CATALOGUE_MAX_BYTES) {
        rc = jl_fail(err, JL_LIMIT, "%s: a catalogue has at most %d bytes", path,
                     JL_CATALOGUE_MAX_BYTES);
    }
    return rc;
}

enum jl_rc jl_catalogue_file_read(const char *path, struct jl_catalogue_file *file,
                                  struct jl_err *err) {
    if (path == NULL) {
        path = shipped_path();
    }
    enum jl_rc rc = jl_file_read(path, CATALOGUE_FILE_MAX_BYTES, &file->text, err);
    if (rc == JL_OK) {
        rc = jl_catalogue_parse(jl_buf_bytes(&file->text), path, &file->catalogue, err);
    }
    return rc == JL_OK ? squeeze(&file->text, path, err) : rc;
}

/* ---- Storing ---- */

static enum jl_rc load_stored(struct jl_district *district, struct jl_row *key,
                              struct jl_arena *arena, struct jl_book_record *out_record,
                              struct jl_err *err) {
    const struct jl_type *type = jl_catalogue_type(district->books->catalogue, JL_TYPE_CATALOGUE);
    struct jl_value name = jl_value_cstr("district");
    *key = (struct jl_row){.type = JL_TYPE_CATALOGUE};
    enum jl_rc rc = jl_row_set(key, FIELD_NAME, &name, arena, err);
    if (rc == JL_OK) {
        rc = jl_natural_key_id(district->books->hasher, type, key, &key->id, err);
    }
    if (rc == JL_OK) {
        rc = jl_district_begin(district, false, NULL, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_record_key at = {.type = JL_TYPE_CATALOGUE, .id = key->id};
    rc = jl_books_load(district->books, &at, 1, arena, out_record, err);
    jl_store_rollback(district->books->store);
    return rc;
}

static enum jl_rc check_version(const struct jl_district *district,
                                const struct jl_catalogue_file *file,
                                const struct jl_book_record *stored, bool *out_same,
                                struct jl_err *err) {
    uint64_t now = jl_catalogue_version(district->books->catalogue);
    uint64_t next = jl_catalogue_version(file->catalogue);
    const struct jl_value *body = jl_row_get(&stored->row, FIELD_BODY);
    *out_same = stored->head.rid != 0 && body != NULL &&
                jl_bytes_equal(body->bytes, jl_buf_bytes(&file->text));
    if (*out_same) {
        return JL_OK;
    }
    if (next <= now && stored->head.rid != 0) {
        return jl_fail(err, JL_CONFLICT,
                       "version %" PRIu64 " is in use and this file says %" PRIu64
                       "; raise \"version\" to %" PRIu64,
                       now, next, now + 1);
    }
    return jl_additive_check(district->books->catalogue, file->catalogue, err);
}

enum jl_rc jl_catalogue_store(struct jl_district *district, const struct jl_catalogue_file *file,
                              bool *out_changed, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record stored = {0};
    struct jl_change change = {0};
    bool same = false;
    enum jl_rc rc = load_stored(district, &change.after, &arena, &stored, err);
    if (rc == JL_OK) {
        rc = check_version(district, file, &stored, &same, err);
    }
    *out_changed = false;
    if (rc != JL_OK || same) {
        return rc;
    }
    struct jl_value version = jl_value_int((int64_t)jl_catalogue_version(file->catalogue));
    struct jl_value body = jl_value_text(jl_buf_bytes(&file->text));
    change.kind = stored.head.rid != 0 ? JL_OP_EDIT : JL_OP_CREATE;
    change.before = stored.head.rid != 0 ? &stored : NULL;
    rc = jl_row_set(&change.after, FIELD_VERSION, &version, &arena, err);
    if (rc == JL_OK) {
        rc = jl_row_set(&change.after, FIELD_BODY, &body, &arena, err);
    }
    if (rc == JL_OK) {
        rc = jl_district_save(district, NULL, &change, 1, err);
    }
    *out_changed = rc == JL_OK;
    return rc;
}

/* ---- init ---- */

static const char config_text[] =
    "# jielian-district 的设置。命令行选项优先。改后重启 serve 生效。\n"
    "# Settings of `jielian-district serve`. Options on the command line win.\n"
    "\n"
    "# 供镇街同步的地址；* 为所有网卡。 Where offices sync.\n"
    "# sync = tcp://*:7800\n"
    "\n"
    "# 运维接口（/healthz /readyz /metrics）；留空不开。 For supervisors; empty: none.\n"
    "# http = 127.0.0.1:7880\n"
    "\n"
    "# 写入线程的页缓存，单位 MiB。 Page cache of the writer in MiB.\n"
    "# cache = 64\n"
    "\n"
    "# 告诉各镇街电脑的本区地址，最多 4 个，用空格隔开，先写优先的；不写则不告诉。\n"
    "# Where offices reach the district, best first, at most 4: told with every greeting.\n"
    "# endpoints = tcp://10.0.0.5:7800 tcp://district.example.cn:7800\n";

static enum jl_rc fill_folder(const char *folder, const struct jl_catalogue_file *file,
                              struct jl_err *err) {
    const struct jl_district_options options = {.mode = JL_STORE_WRITE, .clock = jl_clock_system()};
    char path[JL_PATH_MAX_BYTES];
    bool changed = false;
    JL_AUTO_PTR(jl_district) district = NULL;
    enum jl_rc rc = jl_path_join(folder, "jielian.conf", path, sizeof path, err);
    if (rc == JL_OK && !jl_file_exists(path)) {
        rc = jl_file_write(path, jl_bytes_text(config_text), 0644, false, err);
    }
    if (rc == JL_OK) {
        rc = jl_district_open(folder, &options, &district, err);
    }
    return rc == JL_OK ? jl_catalogue_store(district, file, &changed, err) : rc;
}

/* Keys without books may be all that is left of a district; and a credential goes before the keys
 * that would be made here. */
static enum jl_rc check_no_keys(const struct jl_cli *cli, const char *folder, struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    char books[JL_PATH_MAX_BYTES];
    enum jl_rc rc = jl_keys_path(folder, path, err);
    if (rc == JL_OK) {
        rc = jl_path_join(folder, "jielian.db", books, sizeof books, err);
    }
    if (rc == JL_OK && jl_file_exists(path) && !jl_file_exists(books)) {
        rc = jl_fail(err, JL_CONFLICT,
                     JL_ZH_EN(cli->language,
                              "%s：这里已有密钥，却没有数据；不要删除它，新的区请用另一个空目录",
                              "%s: keys are here already, but no books; don't remove them, use "
                              "another empty folder for a new district"),
                     path);
    }
    return rc;
}

static enum jl_rc init(struct jl_cli *cli, struct jl_err *err) {
    JL_AUTO(jl_catalogue_file) file = {0};
    const char *folder = NULL;
    enum jl_rc rc = jl_cli_folder(cli, &folder, err);
    if (rc == JL_OK) { /* before anything is made: a broken file leaves nothing behind */
        rc = jl_catalogue_file_read(jl_cli_value(cli, "catalogue"), &file, err);
    }
    if (rc == JL_OK) {
        rc = check_no_keys(cli, folder, err);
    }
    if (rc == JL_OK) {
        rc = jl_district_create(folder, jl_bytes(NULL, 0), err);
    }
    if (rc == JL_OK) {
        rc = fill_folder(folder, &file, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    uint64_t version = jl_catalogue_version(file.catalogue);
    if (cli->json) {
        return jl_print_answer(
            json_pack("{s:s, s:I}", "folder", folder, "catalogue", (json_int_t)version), err);
    }
    printf(
        JL_ZH_EN(cli->language,
                 "已在 %s 新建区总工会数据，目录版本 %" PRIu64
                 "。\n请妥善保管 %s/keys：没有它，数据无法读取。\n下一步：office add\n",
                 "a new district in %s, catalogue version %" PRIu64
                 ".\nKeep %s/keys safe: without it the books can't be read.\nNext: office add\n"),
        folder, version, folder);
    return JL_OK;
}

static const struct jl_option file_options[] = {
    {"catalogue", "FILE", "目录文件；默认随程序提供的 / catalogue; default: the shipped one"}};

int jl_cmd_init(struct jl_cli *cli) {
    static const struct jl_cli_spec spec = {
        .arguments = "", .options = file_options, .option_count = 1};
    int exit_code = 0;
    struct jl_err err = {0};
    if (!jl_cli_parse(cli, &spec, &exit_code)) {
        return exit_code;
    }
    return init(cli, &err) == JL_OK ? JL_EXIT_DONE : jl_cli_fail(cli, &err);
}

/* ---- catalogue show, check, apply ---- */

static enum jl_rc type_rows(const struct jl_catalogue *catalogue, enum jl_language language,
                            json_t *rows, struct jl_err *err) {
    for (size_t i = 0; i < jl_catalogue_type_count(catalogue); i++) {
        const struct jl_type *type = jl_catalogue_type_at(catalogue, i);
        json_t *row = json_pack(
            "{s:I, s:s, s:s, s:s, s:I, s:b}", "number", (json_int_t)type->number, "name",
            type->name, "label", language == JL_LANGUAGE_EN ? type->label.en : type->label.zh,
            "owner", type->owner == JL_SIDE_OFFICE ? "office" : "district", "fields",
            (json_int_t)type->field_count, "built_in", type->built_in);
        if (row == NULL || json_array_append_new(rows, row) != 0) {
            return jl_fail(err, JL_NOMEM, "no memory for the catalogue");
        }
    }
    return JL_OK;
}

static enum jl_rc show_catalogue(struct jl_cli *cli, struct jl_desk_session *session,
                                 struct jl_err *err) {
    static const struct jl_print_column columns[] = {{"number", "编号", "number", true},
                                                     {"name", "名称", "name", false},
                                                     {"label", "标题", "label", false},
                                                     {"owner", "归属", "owner", false},
                                                     {"fields", "字段", "fields", true}};
    const struct jl_catalogue *catalogue = session->desk.books->catalogue;
    json_int_t version = (json_int_t)jl_catalogue_version(catalogue);
    json_int_t figures = (json_int_t)jl_catalogue_figure_count(catalogue);
    json_t *rows = json_array();
    enum jl_rc rc = rows != NULL ? type_rows(catalogue, cli->language, rows, err)
                                 : jl_fail(err, JL_NOMEM, "no memory for the catalogue");
    if (rc == JL_OK && cli->json) {
        rc = jl_print_answer(
            json_pack("{s:I, s:I, s:O}", "version", version, "figures", figures, "types", rows),
            err);
    } else if (rc == JL_OK) {
        printf(JL_ZH_EN(cli->language,
                        "目录版本 %" JSON_INTEGER_FORMAT "，指标 %" JSON_INTEGER_FORMAT " 项\n",
                        "catalogue version %" JSON_INTEGER_FORMAT ", %" JSON_INTEGER_FORMAT
                        " figures\n"),
               version, figures);
        rc = jl_print_table(cli, rows, columns, sizeof columns / sizeof *columns, err);
    }
    json_decref(rows);
    return rc;
}

/* devices: the PCs that are too old for it; taken. */
static enum jl_rc answer_version(const struct jl_cli *cli, const struct jl_catalogue *catalogue,
                                 bool changed, json_t *devices, struct jl_err *err) {
    json_int_t version = (json_int_t)jl_catalogue_version(catalogue);
    const char *needs = jl_catalogue_needs(catalogue);
    if (cli->json) {
        return jl_print_answer(json_pack("{s:I, s:b, s:s?, s:o}", "version", version, "changed",
                                         changed, "needs", needs[0] != '\0' ? needs : NULL,
                                         "too_old", devices),
                               err);
    }
    printf("%s %" JSON_INTEGER_FORMAT "\n",
           changed
               ? JL_ZH_EN(cli->language, "目录版本", "catalogue version")
               : JL_ZH_EN(cli->language, "没有变化，目录版本", "nothing new, catalogue version"),
           version);
    enum jl_rc rc = jl_catalogue_print_too_old(cli, catalogue, devices, err);
    json_decref(devices);
    return rc;
}

static enum jl_rc check_catalogue(struct jl_desk_session *session,
                                  const struct jl_catalogue_file *file, bool *out_changed,
                                  struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_row key;
    struct jl_book_record stored = {0};
    bool same = false;
    enum jl_rc rc = load_stored(session->district, &key, &arena, &stored, err);
    if (rc == JL_OK) {
        rc = check_version(session->district, file, &stored, &same, err);
    }
    *out_changed = !same;
    return rc;
}

static enum jl_rc apply_catalogue(struct jl_desk_session *session,
                                  const struct jl_catalogue_file *file, bool *out_changed,
                                  struct jl_err *err) {
    enum jl_rc rc = jl_catalogue_store(session->district, file, out_changed, err);
    if (rc == JL_OK) {
        jl_desk_session_ring(session);
    }
    return rc;
}

typedef enum jl_rc (*file_fn)(struct jl_desk_session *session, const struct jl_catalogue_file *file,
                              bool *out_changed, struct jl_err *err);

/* The PCs are looked up first: when that fails, nothing was applied. */
static enum jl_rc work_on_file(struct jl_cli *cli, struct jl_desk_session *session, file_fn work,
                               size_t *out_too_old, struct jl_err *err) {
    JL_AUTO(jl_catalogue_file) file = {0};
    json_t *devices = NULL;
    bool changed = false;
    enum jl_rc rc = jl_catalogue_file_read(cli->words[0], &file, err);
    if (rc == JL_OK) {
        rc = jl_catalogue_too_old(session->district, file.catalogue, &devices, err);
    }
    if (rc == JL_OK) {
        *out_too_old = json_array_size(devices);
        rc = work(session, &file, &changed, err);
    }
    if (rc != JL_OK) {
        json_decref(devices);
        return rc;
    }
    return answer_version(cli, file.catalogue, changed, devices, err);
}

/* As jl_run_seated; 3 when there are PCs that somebody has to see to. */
static int run_on_file(struct jl_cli *cli, const struct jl_cli_spec *spec, enum jl_store_mode mode,
                       file_fn work) {
    int exit_code = 0;
    struct jl_err err = {0};
    struct jl_desk_session session = {0};
    size_t too_old = 0;
    if (!jl_cli_parse(cli, spec, &exit_code)) {
        return exit_code;
    }
    enum jl_rc rc = jl_desk_session_open(cli, mode, &session, &err);
    if (rc == JL_OK) {
        rc = work_on_file(cli, &session, work, &too_old, &err);
    }
    jl_desk_session_fini(&session);
    if (rc != JL_OK) {
        return jl_cli_fail(cli, &err);
    }
    return too_old == 0 ? JL_EXIT_DONE : JL_EXIT_ATTENTION;
}

static const struct jl_option staff_options[] = {JL_STAFF_OPTION};
static const struct jl_cli_spec none_spec = {.arguments = ""};
static const struct jl_cli_spec file_spec = {
    .arguments = "FILE", .least = 1, .most = 1, .options = staff_options, .option_count = 1};

int jl_cmd_catalogue_show(struct jl_cli *cli) {
    return jl_run_seated(cli, &none_spec, JL_STORE_READ, show_catalogue);
}
int jl_cmd_catalogue_check(struct jl_cli *cli) {
    return run_on_file(cli, &file_spec, JL_STORE_READ, check_catalogue);
}
int jl_cmd_catalogue_apply(struct jl_cli *cli) {
    return run_on_file(cli, &file_spec, JL_STORE_WRITE, apply_catalogue);
}
