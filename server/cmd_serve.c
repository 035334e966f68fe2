/* `serve`: DIR/jielian.conf, then the options, then run until SIGTERM or SIGINT.
 *
 * The two signals are blocked in every thread and asked for by the router between its turns, so no
 * handler and no flag is needed. */
#include "cmd.h"
#include "serve.h"

#include <errno.h>
#include <ini.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { CACHE_MAX_MIB = 65536, CACHE_MIB = 64, ADDRESS_BYTES = 256 };

struct settings {
    char sync[ADDRESS_BYTES];
    char http[ADDRESS_BYTES]; /* "": none */
    int64_t cache_mib;
    char fault[128]; /* what is wrong with the first bad line */
};

/* ---- The file ---- */

static bool copy(char out[static ADDRESS_BYTES], const char *value) {
    if (strlen(value) >= ADDRESS_BYTES) {
        return false;
    }
    memcpy(out, value, strlen(value) + 1);
    return true;
}

static bool number(const char *value, int64_t most, int64_t *out_number) {
    char *end = NULL;
    errno = 0;
    long long parsed = strtoll(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0' || parsed < 1 || parsed > most) {
        return false;
    }
    *out_number = parsed;
    return true;
}

/* inih asks for 1 when the line is good. */
static int take_line(void *context, const char *section, const char *name, const char *value) {
    struct settings *settings = context;
    bool known = section[0] == '\0';
    bool good = false;
    if (known && strcmp(name, "sync") == 0) {
        good = value[0] != '\0' && copy(settings->sync, value);
    } else if (known && strcmp(name, "http") == 0) {
        good = copy(settings->http, value);
    } else if (known && strcmp(name, "cache") == 0) {
        good = number(value, CACHE_MAX_MIB, &settings->cache_mib);
    } else {
        known = false;
    }
    if (!good && settings->fault[0] == '\0') {
        snprintf(settings->fault, sizeof settings->fault,
                 known ? "bad value for \"%.32s\""
                       : "unknown key \"%.32s\"; known: sync, http, cache",
                 name);
    }
    return good;
}

static enum jl_rc read_file(const char *folder, struct settings *settings, struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    enum jl_rc rc = jl_path_join(folder, "jielian.conf", path, sizeof path, err);
    if (rc != JL_OK || !jl_file_exists(path)) {
        return rc;
    }
    int line = ini_parse(path, take_line, settings);
    if (line == -2) {
        return jl_fail(err, JL_NOMEM, "no memory to read %s", path);
    }
    if (line < 0) {
        return jl_fail(err, JL_IO, "can't read %s: %s", path, strerror(errno));
    }
    if (line > 0) {
        return jl_fail(err, JL_MISUSE, "%s, line %d: %s", path, line,
                       settings->fault[0] != '\0' ? settings->fault
                                                  : "not of the form key = value");
    }
    return JL_OK;
}

static enum jl_rc take_options(const struct jl_cli *cli, struct settings *settings,
                               struct jl_err *err) {
    const int64_t range[2] = {1, CACHE_MAX_MIB};
    const char *sync = jl_cli_value(cli, "sync");
    const char *http = jl_cli_value(cli, "http");
    if ((sync != NULL && !copy(settings->sync, sync)) ||
        (http != NULL && !copy(settings->http, http))) {
        return jl_fail(err, JL_MISUSE, "an address has at most %d bytes", ADDRESS_BYTES - 1);
    }
    return jl_cli_number(cli, "cache", range, settings->cache_mib, &settings->cache_mib, err);
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

static enum jl_rc serve(struct jl_cli *cli, struct jl_err *err) {
    struct settings settings = {
        .sync = "tcp://*:7800", .http = "127.0.0.1:7880", .cache_mib = CACHE_MIB};
    struct listening listening = {.cli = cli};
    const char *folder = NULL;
    enum jl_rc rc = jl_cli_folder(cli, &folder, err);
    if (rc == JL_OK) {
        rc = read_file(folder, &settings, err);
    }
    if (rc == JL_OK) {
        rc = take_options(cli, &settings, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    sigemptyset(&listening.signals);
    sigaddset(&listening.signals, SIGTERM);
    sigaddset(&listening.signals, SIGINT);
    sigprocmask(SIG_BLOCK, &listening.signals, NULL);
    const struct jl_serve_options options = {.folder = folder,
                                             .sync = settings.sync,
                                             .http =
                                                 settings.http[0] != '\0' ? settings.http : NULL,
                                             .cache_kib = (uint32_t)settings.cache_mib * 1024,
                                             .clock = jl_clock_system(),
                                             .ready = ready,
                                             .stop = stop,
                                             .context = &listening};
    return jl_serve(&options, err);
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
