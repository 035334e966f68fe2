/* init: a new district, with the catalogue that comes with the program. */
#include "catalogue_file.h"
#include "district_commands.h"

#include "jielian/base/fault.h"
#include "jielian/base/path.h"
#include "jielian/cli/print.h"

#include "server/judge/accept_entry.h"

#include <inttypes.h>
#include <string.h>

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
    const struct jl_district_options options = {
        .mode = JL_STORE_WRITE, .judge = jl_accept_entry, .clock = jl_clock_system()};
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
    return rc == JL_OK ? jl_catalogue_file_store(district, file, &changed, err) : rc;
}

/* Keys without books may be all that is left of a district; and a credential goes before the keys
 * that would be made here. */
static enum jl_rc check_no_keys(const char *folder, struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    char books[JL_PATH_MAX_BYTES];
    enum jl_rc rc = jl_keys_path(folder, path, err);
    if (rc == JL_OK) {
        rc = jl_path_join(folder, "jielian.db", books, sizeof books, err);
    }
    if (rc == JL_OK && jl_file_exists(path) && !jl_file_exists(books)) {
        rc = jl_fault_at(err, JL_CONFLICT, JL_FAULT_INIT_KEYS, "%s", path);
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
        rc = check_no_keys(folder, err);
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
