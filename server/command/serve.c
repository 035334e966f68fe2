/* `serve`: DIR/jielian.conf, then the options, then run until SIGTERM or SIGINT.
 *
 * The two signals are blocked in every thread and asked for by the router between its turns, so no
 * handler and no flag is needed. */
#include "district_commands.h"

#include "server/serve/serve.h"
#include "server/serve/settings.h"

#include "jielian/base/fault.h"
#include "jielian/base/path.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

/* ---- The file, then the options ---- */

static enum jl_rc read_file(const char *folder, struct jl_settings *settings, struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    enum jl_rc rc = jl_path_join(folder, "jielian.conf", path, sizeof path, err);
    return rc == JL_OK ? jl_settings_read(path, settings, err) : rc;
}

static enum jl_rc take_address(const struct jl_cli *cli, const char *option,
                               char out_address[static JL_SETTINGS_ADDRESS_BYTES],
                               struct jl_err *err) {
    const char *value = jl_cli_value(cli, option);
    if (value == NULL) {
        return JL_OK;
    }
    if (strlen(value) >= JL_SETTINGS_ADDRESS_BYTES) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_ADDRESS_LONG, "%d",
                           JL_SETTINGS_ADDRESS_BYTES - 1);
    }
    memcpy(out_address, value, strlen(value) + 1);
    return JL_OK;
}

static enum jl_rc take_options(const struct jl_cli *cli, struct jl_settings *settings,
                               struct jl_err *err) {
    const int64_t range[2] = {1, JL_CACHE_MAX_MIB};
    enum jl_rc rc = take_address(cli, "sync", settings->sync, err);
    if (rc == JL_OK) {
        rc = take_address(cli, "http", settings->http, err);
    }
    return rc == JL_OK
               ? jl_cli_number(cli, "cache", range, settings->cache_mib, &settings->cache_mib, err)
               : rc;
}

/* ---- Running ---- */

static bool asked_to_stop(void *context) {
    const sigset_t *signals = context;
    const struct timespec now = {0};
    return sigtimedwait(signals, NULL, &now) > 0;
}

struct listening {
    sigset_t signals;
    const struct jl_cli *cli;
};

static bool stop(void *context) {
    struct listening *listening = context;
    return asked_to_stop(&listening->signals);
}

/* One line for people and supervisors; the log goes to stderr. */
static void ready(void *context, const char *endpoint, unsigned http_port) {
    const struct listening *listening = context;
    if (listening->cli->json) {
        printf("{\"sync\": \"%s\", \"http_port\": %u}\n", endpoint, http_port);
    } else {
        printf("sync %s\n", endpoint);
        if (http_port != 0) {
            printf("http port %u\n", http_port);
        }
    }
    (void)fflush(stdout);
}

/* Every connection is a file; the usual limit of 1,024 is for programs that have a few. Where the
 * limit may not be raised, the server keeps below the one there is (lib/net/connections.c). */
static void raise_files(void) {
    struct rlimit limit = {0};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < JL_FILES_MAX) {
        limit.rlim_cur = limit.rlim_max < JL_FILES_MAX ? limit.rlim_max : JL_FILES_MAX;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static enum jl_rc serve(struct jl_cli *cli, struct jl_err *err) {
    struct jl_settings settings = jl_settings_default();
    struct listening listening = {.cli = cli};
    const char *folder = NULL;
    enum jl_rc rc = jl_cli_folder(cli, &folder, err);
    if (rc == JL_OK) {
        rc = jl_folder_check(cli, JL_SIDE_DISTRICT, folder, err);
    }
    if (rc == JL_OK) {
        rc = read_file(folder, &settings, err);
    }
    if (rc == JL_OK) {
        rc = take_options(cli, &settings, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    raise_files();
    sigemptyset(&listening.signals);
    sigaddset(&listening.signals, SIGTERM);
    sigaddset(&listening.signals, SIGINT);
    sigprocmask(SIG_BLOCK, &listening.signals, NULL);
    const struct jl_serve_options options = {
        .folder = folder,
        .sync = settings.sync,
        .http = settings.http[0] != '\0' ? settings.http : NULL,
        .endpoints = settings.endpoints[0] != '\0' ? settings.endpoints : NULL,
        .cache_kib = (uint32_t)settings.cache_mib * 1024,
        .clock = jl_clock_system(),
        .ready = ready,
        .stop = stop,
        .context = &listening};
    rc = jl_serve(&options, err);
    return rc == JL_OK ? rc
                       : jl_folder_explain(cli, JL_SIDE_DISTRICT, folder, options.passphrase, err);
}

int jl_cmd_serve(struct jl_cli *cli) {
    static const struct jl_option options[] = {
        {"sync", "ENDPOINT", "供镇街同步的地址，默认 tcp://*:7800 / where offices sync"},
        {"http", "ADDRESS", "运维接口，默认 127.0.0.1:7880 / for supervisors"},
        {"cache", "MIB", "写入线程的页缓存，默认 64 / page cache of the writer"}};
    static const struct jl_cli_spec spec = {
        .arguments = "", .options = options, .option_count = sizeof options / sizeof *options};
    int exit_code = 0;
    struct jl_err err = {0};
    if (!jl_cli_parse(cli, &spec, &exit_code)) {
        return exit_code;
    }
    return serve(cli, &err) == JL_OK ? JL_EXIT_DONE : jl_cli_fail(cli, &err);
}
