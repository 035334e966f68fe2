/* Life of the running district.
 *
 *   lock, bell → books made ready → pipes → writer and reader open their books
 *     → door (ROUTER, HTTP) → turns
 *   stop: door shut → the writer finishes what it holds → threads joined → bell, lock
 *
 * The door opens only after both workers have said START, so the first device is met with a known
 * device table. Worker threads take no signals. */
#include "allowlist.h"
#include "budgets.h"
#include "job.h"
#include "monitor.h"
#include "reader.h"
#include "router.h"
#include "writer.h"

#include "proto/wire.h"
#include "server/books/district.h"
#include "server/judge/accept_entry.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/base/log.h"
#include "jielian/base/path.h"
#include "jielian/crypto/keys.h"
#include "jielian/http/http.h"
#include "jielian/net/bell.h"
#include "jielian/net/net.h"
#include "jielian/net/pipe.h"
#include "jielian/net/server.h"
#include "jielian/net/wait.h"
#include "jielian/store/store.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct serve {
    const struct jl_serve_options *options;
    struct jl_metrics metrics;
    struct jl_file_lock lock;
    struct jl_net *net;
    struct jl_router *router;
    struct jl_worker writer, reader;
    pthread_t threads[JL_WORKERS];
    int thread_count;
    struct jl_monitor *monitor;
    struct jl_http *http;
};

/* ---- Opening ---- */

static enum jl_rc take_folder(struct serve *serve, struct jl_err *err) {
    const char *folder = serve->options->folder;
    char path[JL_PATH_MAX_BYTES];
    enum jl_rc rc = jl_path_join(folder, "jielian.db", path, sizeof path, err);
    if (rc == JL_OK && !jl_file_exists(path)) {
        return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_DISTRICT_MISSING, "%s", folder);
    }
    if (rc == JL_OK) {
        rc = jl_path_join(folder, "run.lock", path, sizeof path, err);
    }
    if (rc == JL_OK) {
        rc = jl_file_lock(path, &serve->lock, err);
    }
    if (rc == JL_BUSY) {
        return jl_fault_at(err, JL_BUSY, JL_FAULT_SERVE_RUNS, "%s", folder);
    }
    if (rc == JL_OK) {
        rc = jl_path_join(folder, "run.bell", path, sizeof path, err);
    }
    return rc == JL_OK ? jl_bell_open(path, &serve->router->bell, err) : rc;
}

/* Once for writing, before anybody reads: books of an older program are migrated, and the tables of
 * new built-in types made. */
static enum jl_rc ready_books(const struct jl_serve_options *options, struct jl_err *err) {
    const struct jl_district_options open = {.mode = JL_STORE_WRITE,
                                             .passphrase = options->passphrase,
                                             .clock = options->clock,
                                             .judge = jl_accept_entry};
    JL_AUTO_PTR(jl_district) district = NULL;
    return jl_district_open(options->folder, &open, &district, err);
}

static enum jl_rc start_thread(struct serve *serve, struct jl_worker *worker, void *(*work)(void *),
                               struct jl_pipe **router_end, struct jl_err *err) {
    sigset_t all, before;
    worker->options = serve->options;
    worker->metrics = &serve->metrics;
    enum jl_rc rc = jl_pipe_pair(serve->net, router_end, &worker->pipe, err);
    if (rc != JL_OK) {
        return rc;
    }
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&serve->threads[serve->thread_count], NULL, work, worker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0) {
        return jl_fault_memory(err);
    }
    serve->thread_count++;
    serve->router->runs[worker->which] = true;
    return JL_OK;
}

static enum jl_rc open_door(struct serve *serve, struct jl_err *err) {
    const struct jl_serve_options *options = serve->options;
    struct jl_keys keys;
    enum jl_rc rc = jl_keys_load(options->folder, options->passphrase, &keys, err);
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_server_options open = {.endpoint = options->sync,
                                           .curve_secret = &keys.curve,
                                           .admit = jl_router_admits,
                                           .dropped = jl_router_dropped,
                                           .context = serve->router};
    rc = jl_wire_new(keys.suite, &serve->router->wire, err);
    if (rc == JL_OK) {
        rc = jl_server_open(serve->net, &open, &serve->router->server, err);
    }
    jl_keys_fini(&keys);
    if (rc != JL_OK || options->http == NULL) {
        return rc;
    }
    serve->monitor = jl_monitor_new(options, &serve->metrics);
    if (serve->monitor == NULL) {
        return jl_fault_memory(err);
    }
    return jl_http_start(options->http, jl_monitor_answer, serve->monitor, &serve->http, err);
}

/* ---- Turns ---- */

static enum jl_rc drain(struct jl_router *router, struct jl_pipe *pipe, struct jl_err *err) {
    enum { JOBS_PER_TURN = 256 };
    for (int i = 0; i < JOBS_PER_TURN; i++) {
        void *job = NULL;
        enum jl_rc rc = jl_pipe_receive(pipe, &job, err);
        if (rc != JL_OK) {
            return rc == JL_NOT_FOUND ? JL_OK : rc;
        }
        jl_router_deliver(router, job);
    }
    return JL_OK;
}

static enum jl_rc drain_both(struct jl_router *router, struct jl_err *err) {
    enum jl_rc rc = router->writer != NULL ? drain(router, router->writer, err) : JL_OK;
    return rc == JL_OK && router->reader != NULL ? drain(router, router->reader, err) : rc;
}

/* Before the door is open: both workers start, or one fails. START brings the allowlist along for
 * the reader; the writer's is empty. */
static enum jl_rc await_start(struct serve *serve, struct jl_err *err) {
    struct jl_router *router = serve->router;
    while (router->started < JL_WORKERS && !router->failed) {
        struct jl_wait_item items[] = {{.pipe = router->writer}, {.pipe = router->reader}};
        enum jl_rc rc = jl_wait_any(items, 2, JL_TURN_MS, err);
        if (rc == JL_OK) {
            rc = drain_both(router, err);
        }
        if (rc != JL_OK) {
            return rc;
        }
    }
    if (router->failed) {
        *err = router->err;
        return err->rc;
    }
    return JL_OK;
}

static void hear_bell(struct jl_router *router) {
    struct jl_err err;
    struct jl_job *job = jl_job_new(JL_JOB_LOOK);
    jl_bell_clear(router->bell);
    if (job != NULL && jl_pipe_send(router->reader, job, &err) != JL_OK) {
        jl_job_free(job); /* a busy reader looks by itself within a second */
    }
}

static enum jl_rc take_turn(struct jl_router *router, struct jl_err *err) {
    struct jl_wait_item items[] = {{.server = router->server},
                                   {.pipe = router->writer},
                                   {.pipe = router->reader},
                                   {.bell = router->bell}};
    long wait_ms = router->pokes_due ? JL_POKE_GAP_MS / 4 : JL_TURN_MS;
    enum jl_rc rc = jl_wait_any(items, sizeof items / sizeof items[0], wait_ms, err);
    if (rc == JL_OK && items[0].ready) {
        rc = jl_server_admit(router->server, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    if (items[3].ready) {
        hear_bell(router);
    }
    rc = drain_both(router, err);
    if (rc == JL_OK) {
        jl_router_receive(router);
        jl_router_poke(router);
        jl_router_sweep(router, jl_router_now(router));
    }
    return rc;
}

static enum jl_rc run(struct serve *serve, struct jl_err *err) {
    const struct jl_serve_options *options = serve->options;
    while (!options->stop(options->context)) {
        enum jl_rc rc = take_turn(serve->router, err);
        if (rc != JL_OK) {
            return rc;
        }
        if (serve->router->failed) {
            *err = serve->router->err;
            return err->rc;
        }
    }
    return JL_OK;
}

/* ---- Closing ---- */

static void tell_stop(struct jl_pipe *pipe) {
    struct jl_err err;
    struct jl_job *job = jl_job_new(JL_JOB_STOP);
    JL_ASSERT(job != NULL);
    if (jl_pipe_send(pipe, job, &err) == JL_OK) {
        return;
    }
    jl_job_free(job);
    jl_log_err(JL_LOG_WARN, "stop_waits", &err);
}

/* The workers finish what they hold; their answers still go out. The reader goes first, so that
 * the writer's connection is the last and folds the write-ahead log in. A worker that is so far
 * behind that its pipe is full is notified again. */
static void stop_workers(struct serve *serve) {
    enum { TELL_AGAIN_TURNS = 50 };
    struct jl_router *router = serve->router;
    struct jl_err err;
    struct jl_pipe *pipes[JL_WORKERS] = {
        [JL_READER] = router->reader, [JL_WRITER] = router->writer};
    for (int i = 0; i < JL_WORKERS; i++) {
        for (unsigned turn = 0; router->runs[i]; turn++) {
            struct jl_wait_item item = {.pipe = pipes[i]};
            if (turn % TELL_AGAIN_TURNS == 0) {
                tell_stop(pipes[i]);
            }
            enum jl_rc rc = jl_wait_any(&item, 1, JL_TURN_MS, &err);
            if (rc == JL_OK) {
                rc = drain_both(router, &err);
            }
            if (rc != JL_OK) {
                jl_log_err(JL_LOG_ERROR, "stop_failed", &err);
            }
        }
    }
    for (int i = 0; i < serve->thread_count; i++) {
        pthread_join(serve->threads[i], NULL);
    }
}

static void discard(struct jl_pipe *pipe) {
    struct jl_err err;
    void *job = NULL;
    while (pipe != NULL && jl_pipe_receive(pipe, &job, &err) == JL_OK) {
        jl_job_free(job);
    }
    jl_pipe_close(pipe);
}

static void close_all(struct serve *serve) {
    struct jl_router *router = serve->router;
    jl_http_stop(serve->http);
    jl_monitor_free(serve->monitor);
    (void)jl_router_flush_refusals(router);
    stop_workers(serve);
    jl_server_close(router->server);
    discard(serve->writer.pipe); /* messages that came after the worker's last look */
    discard(serve->reader.pipe);
    discard(router->writer);
    discard(router->reader);
    jl_bell_close(router->bell);
    jl_net_free(serve->net);
    while (router->late != NULL) {
        struct jl_job *job = router->late;
        router->late = job->next;
        jl_job_free(job);
    }
    jl_callers_fini(&router->callers);
    jl_budgets_fini(&router->budgets);
    free(router->unknown);
    jl_allowlist_free(router->allowlist);
    jl_wire_free(router->wire);
    free(router->joined);
    free(router);
    jl_file_unlock(&serve->lock);
}

static enum jl_rc open_all(struct serve *serve, struct jl_err *err) {
    struct jl_router *router = serve->router;
    enum jl_rc rc = take_folder(serve, err);
    if (rc == JL_OK) {
        rc = ready_books(serve->options, err);
    }
    if (rc == JL_OK) {
        rc = jl_net_new(&serve->net, err);
    }
    if (rc == JL_OK) {
        rc = start_thread(serve, &serve->writer, jl_writer_main, &router->writer, err);
    }
    if (rc == JL_OK) {
        rc = start_thread(serve, &serve->reader, jl_reader_main, &router->reader, err);
    }
    if (rc == JL_OK) {
        rc = await_start(serve, err);
    }
    return rc == JL_OK ? open_door(serve, err) : rc;
}

enum jl_rc jl_serve(const struct jl_serve_options *options, struct jl_err *err) {
    struct serve serve = {.options = options,
                          .lock = {.fd = -1},
                          .writer = {.which = JL_WRITER},
                          .reader = {.which = JL_READER}};
    serve.router = calloc(1, sizeof *serve.router);
    if (serve.router == NULL) {
        return jl_fault_memory(err);
    }
    serve.router->options = options;
    serve.router->metrics = &serve.metrics;
    enum jl_rc rc = open_all(&serve, err);
    if (rc == JL_OK) {
        unsigned port = serve.http != NULL ? jl_http_port(serve.http) : 0;
        jl_log(JL_LOG_INFO, "serving", "sync=%s http_port=%u",
               jl_server_endpoint(serve.router->server), port);
        if (options->ready != NULL) {
            options->ready(options->context, jl_server_endpoint(serve.router->server), port);
        }
        rc = run(&serve, err);
        jl_log(JL_LOG_INFO, "stopping", "rc=%d", (int)rc);
    }
    close_all(&serve);
    return rc;
}
