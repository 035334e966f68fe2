/* The catalogue: shown, checked, taken into use. */
#include "catalogue_file.h"
#include "catalogue_old.h"
#include "district_commands.h"
#include "run.h"

#include "server/books/own_ops.h"

#include "jielian/base/fault.h"
#include "jielian/base/path.h"
#include "jielian/catalogue/additive.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/cli/print.h"
#include "jielian/json/json.h"
#include "jielian/net/net.h"
#include "jielian/record/natural_key.h"

#include <string.h>

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
            return jl_fault_memory(err);
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
    enum jl_rc rc =
        rows != NULL ? type_rows(catalogue, cli->language, rows, err) : jl_fault_memory(err);
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
    enum jl_rc rc = jl_catalogue_old_print(cli, catalogue, devices, err);
    json_decref(devices);
    return rc;
}

static enum jl_rc apply_catalogue(struct jl_desk_session *session,
                                  const struct jl_catalogue_file *file, bool *out_changed,
                                  struct jl_err *err) {
    enum jl_rc rc = jl_catalogue_file_store(session->district, file, out_changed, err);
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
        rc = jl_catalogue_old_devices(session->district, file.catalogue, &devices, err);
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

/* As jl_run_command; 3 when there are PCs that somebody has to see to. */
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
    return jl_run_command(cli, &none_spec, JL_STORE_READ, show_catalogue);
}
int jl_cmd_catalogue_check(struct jl_cli *cli) {
    return run_on_file(cli, &file_spec, JL_STORE_READ, jl_catalogue_file_check);
}
int jl_cmd_catalogue_apply(struct jl_cli *cli) {
    return run_on_file(cli, &file_spec, JL_STORE_WRITE, apply_catalogue);
}
