/* Pipes between threads, the doorbell between processes, and waiting for any of them.
 *
 * Goal: nothing is lost or reordered, nothing blocks, a wait ends when it should. Method: a real
 * second thread, a forked child, a signal; sockets in a folder of the test's own. */
#include "jielian/base/limits.h"
#include "jielian/net/bell.h"
#include "jielian/net/client.h"
#include "jielian/net/curve.h"
#include "jielian/net/net.h"
#include "jielian/net/pipe.h"
#include "jielian/net/wait.h"
#include "tests/said.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    PATIENCE_MS = 5000,
    PATH_BYTES = 256,
    PIPES_MAX = 40, /* more than a wait polls without asking for memory */
};

struct place {
    struct jl_net *net;
    char folder[PATH_BYTES];
    char path[PATH_BYTES]; /* of the bell */
    /* Closed by tear_down, also after a failed assertion; a context left with sockets never ends.
     */
    struct jl_pipe *near[PIPES_MAX], *far[PIPES_MAX];
    size_t pipe_count;
    struct jl_bell *bell;
    struct jl_client *client;
};

static int set_up(void **state) {
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    assert_int_equal(jl_net_new(&place->net, NULL), JL_OK);
    snprintf(place->folder, sizeof place->folder, "/tmp/jielian-bell-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->path, sizeof place->path, "%.200s/bell", place->folder);
    *state = place;
    return 0;
}

static int tear_down(void **state) {
    struct place *place = *state;
    for (size_t i = 0; i < place->pipe_count; i++) {
        jl_pipe_close(place->near[i]);
        jl_pipe_close(place->far[i]);
    }
    jl_bell_close(place->bell);
    jl_client_close(place->client);
    unlink(place->path);
    assert_int_equal(rmdir(place->folder), 0);
    jl_net_free(place->net);
    free(place);
    return 0;
}

static size_t open_pipe(struct place *place) {
    assert_true(place->pipe_count < PIPES_MAX);
    const size_t i = place->pipe_count;
    assert_int_equal(jl_pipe_pair(place->net, &place->near[i], &place->far[i], NULL), JL_OK);
    place->pipe_count++;
    return i;
}

static struct jl_bell *open_bell(struct place *place) {
    struct jl_err err = {0};
    if (jl_bell_open(place->path, &place->bell, &err) != JL_OK) {
        fail_msg("%s", err_said(&err));
    }
    return place->bell;
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool wait_for_bell(struct jl_bell *bell, long timeout_ms) {
    struct jl_wait_item item = {.bell = bell};
    assert_int_equal(jl_wait_any(&item, 1, timeout_ms, NULL), JL_OK);
    return item.ready;
}

/* ---- Pipes ---- */

enum {
    ITEMS = 5000,
};

/* The far end of a pipe: sends every item back, one higher; NULL ends it. */
static void *echo(void *context) {
    struct jl_pipe *pipe = context;
    for (;;) {
        struct jl_wait_item wait = {.pipe = pipe};
        if (jl_wait_any(&wait, 1, PATIENCE_MS, NULL) != JL_OK || !wait.ready) {
            break;
        }
        void *item = NULL;
        if (jl_pipe_receive(pipe, &item, NULL) != JL_OK || item == NULL) {
            break;
        }
        *(int *)item += 1;
        while (jl_pipe_send(pipe, item, NULL) == JL_BUSY) {
        }
    }
    jl_pipe_close(pipe);
    return NULL;
}

static void test_items_pass_between_two_threads_whole_and_in_order(void **state) {
    struct place *place = *state;
    static int items[ITEMS];
    const size_t pair = open_pipe(place);
    struct jl_pipe *near = place->near[pair];
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, echo, place->far[pair]), 0);
    place->far[pair] = NULL; /* the thread's */
    size_t sent = 0;
    size_t back = 0;
    while (back < ITEMS) {
        if (sent < ITEMS) {
            items[sent] = (int)sent;
            const enum jl_rc rc = jl_pipe_send(near, &items[sent], NULL);
            assert_true(rc == JL_OK || rc == JL_BUSY);
            sent += rc == JL_OK;
        }
        void *item = NULL;
        if (jl_pipe_receive(near, &item, NULL) == JL_OK) {
            assert_ptr_equal(item, &items[back]);
            assert_int_equal(items[back], back + 1);
            back++;
        } else {
            struct jl_wait_item wait = {.pipe = near};
            assert_int_equal(jl_wait_any(&wait, 1, sent < ITEMS ? 0 : PATIENCE_MS, NULL), JL_OK);
        }
    }
    assert_int_equal(jl_pipe_send(near, NULL, NULL), JL_OK);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static void test_a_full_pipe_says_busy_and_an_empty_one_not_found(void **state) {
    struct place *place = *state;
    const size_t pair = open_pipe(place);
    struct jl_pipe *a = place->near[pair];
    struct jl_pipe *b = place->far[pair];
    void *item = NULL;
    assert_int_equal(jl_pipe_receive(b, &item, NULL), JL_NOT_FOUND);
    size_t sent = 0;
    int value = 0;
    while (jl_pipe_send(a, &value, NULL) == JL_OK) {
        sent++;
        assert_true(sent <= 3 * JL_SOCKET_QUEUE_FRAMES);
    }
    assert_true(sent >= JL_SOCKET_QUEUE_FRAMES);
    size_t received = 0;
    while (jl_pipe_receive(b, &item, NULL) == JL_OK) {
        assert_ptr_equal(item, &value);
        received++;
    }
    assert_int_equal(received, sent);
    assert_int_equal(jl_pipe_send(a, &value, NULL), JL_OK);
}

static void test_sending_to_a_closed_end_says_busy(void **state) {
    struct place *place = *state;
    const size_t pair = open_pipe(place);
    struct jl_pipe *a = place->near[pair];
    jl_pipe_close(place->far[pair]);
    place->far[pair] = NULL;
    int value = 0;
    unsigned tries = 0;
    while (jl_pipe_send(a, &value, NULL) == JL_OK) {
        assert_true(tries++ < 3 * JL_SOCKET_QUEUE_FRAMES);
    }
    assert_int_equal(jl_pipe_send(a, &value, NULL), JL_BUSY);
}

/* ---- The doorbell ---- */

static void test_a_bell_rung_by_another_process_is_heard_until_cleared(void **state) {
    struct place *place = *state;
    struct jl_bell *bell = open_bell(place);
    struct stat file;
    assert_int_equal(stat(place->path, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    assert_false(wait_for_bell(bell, 0));

    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        jl_bell_ring(place->path);
        _exit(0);
    }
    assert_true(wait_for_bell(bell, PATIENCE_MS));
    assert_int_equal(waitpid(child, NULL, 0), child);
    jl_bell_clear(bell);
    assert_false(wait_for_bell(bell, 0));
}

static void test_ringing_never_blocks_and_needs_no_listener(void **state) {
    struct place *place = *state;
    jl_bell_ring(place->path); /* nothing there */
    char long_path[PATH_BYTES];
    memset(long_path, 'x', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = '\0';
    jl_bell_ring(long_path);
    jl_bell_ring("");

    struct jl_bell *bell = open_bell(place);
    for (unsigned i = 0; i < 1000; i++) {
        jl_bell_ring(place->path); /* far more than the queue holds */
    }
    assert_true(wait_for_bell(bell, 0));
    jl_bell_clear(bell);
    assert_false(wait_for_bell(bell, 0));
    jl_bell_close(bell);
    place->bell = NULL;
    assert_int_equal(access(place->path, F_OK), -1);
}

static void test_a_stale_socket_file_is_replaced_and_a_live_one_is_not(void **state) {
    struct place *place = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%.100s", place->path);
    const int stale = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert_int_equal(bind(stale, (const struct sockaddr *)&address, sizeof address), 0);
    struct jl_err err = {0};
    struct jl_bell *bell = NULL;
    assert_int_equal(jl_bell_open(place->path, &bell, &err), JL_BUSY);
    assert_non_null(strstr(err_said(&err), place->path));
    close(stale); /* as a program that was killed leaves it */

    bell = open_bell(place);
    jl_bell_ring(place->path);
    assert_true(wait_for_bell(bell, 0));
    struct jl_bell *second = NULL;
    assert_int_equal(jl_bell_open(place->path, &second, NULL), JL_BUSY);
    assert_null(second);
    jl_bell_ring(place->path);
    assert_true(wait_for_bell(bell, 0)); /* the refused one has broken nothing */
}

static void test_a_path_that_cannot_be_a_socket_is_refused_with_a_reason(void **state) {
    struct place *place = *state;
    struct jl_err err = {0};
    struct jl_bell *bell = NULL;
    FILE *file = fopen(place->path, "w");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(jl_bell_open(place->path, &bell, &err), JL_MISUSE);
    assert_int_equal(access(place->path, F_OK), 0); /* a person's file stays */

    char path[PATH_BYTES];
    snprintf(path, sizeof path, "/tmp/%0*d", JL_BELL_PATH_MAX + 1 - 5, 0);
    assert_int_equal(jl_bell_open(path, &bell, &err), JL_LIMIT);
    assert_non_null(strstr(err_said(&err), "107"));
    snprintf(path, sizeof path, "%.200s/no/such/folder", place->folder);
    assert_int_equal(jl_bell_open(path, &bell, &err), JL_IO);
    assert_non_null(strstr(err_said(&err), path));
    assert_null(bell);
}

/* ---- Waiting ---- */

static void test_a_wait_ends_at_its_time_with_nothing_ready(void **state) {
    struct place *place = *state;
    const size_t pair = open_pipe(place);
    struct jl_pipe *a = place->near[pair];
    struct jl_pipe *b = place->far[pair];
    struct jl_wait_item items[] = {{.pipe = a, .ready = true}, {.pipe = b, .ready = true}};
    const int64_t before = now_ms();
    assert_int_equal(jl_wait_any(items, 2, 80, NULL), JL_OK);
    const int64_t took = now_ms() - before;
    assert_in_range(took, 79, 1000);
    assert_false(items[0].ready || items[1].ready);
}

/* A client that cannot connect has work of its own at times; the wait still ends at its time. */
static void test_a_client_that_cannot_connect_does_not_cut_a_wait_short(void **state) {
    struct place *place = *state;
    uint8_t key[JL_CURVE_KEY_BYTES];
    struct jl_secret secret;
    assert_int_equal(jl_curve_keypair(key, &secret, NULL), JL_OK);
    const struct jl_client_options options = {
        .endpoint = "tcp://127.0.0.1:1", /* tcpmux: nobody listens */
        .server_public = key,
        .curve_secret = &secret,
    };
    assert_int_equal(jl_client_open(place->net, &options, &place->client, NULL), JL_OK);
    struct jl_wait_item item = {.client = place->client};
    const int64_t before = now_ms();
    assert_int_equal(jl_wait_any(&item, 1, 400, NULL), JL_OK);
    assert_in_range(now_ms() - before, 399, 2000);
    assert_false(item.ready);
    assert_int_equal(jl_client_link(place->client), JL_LINK_DOWN);
}

static void test_only_what_is_ready_is_marked(void **state) {
    struct place *place = *state;
    struct jl_wait_item items[PIPES_MAX + 1] = {{.bell = open_bell(place)}};
    for (size_t i = 0; i < PIPES_MAX; i++) {
        items[i + 1].pipe = place->near[open_pipe(place)];
    }
    int value = 0;
    assert_int_equal(jl_pipe_send(place->far[7], &value, NULL), JL_OK);
    assert_int_equal(jl_pipe_send(place->far[31], &value, NULL), JL_OK);
    jl_bell_ring(place->path);
    assert_int_equal(jl_wait_any(items, PIPES_MAX + 1, PATIENCE_MS, NULL), JL_OK);
    assert_true(items[0].ready);
    for (size_t i = 0; i < PIPES_MAX; i++) {
        assert_int_equal(items[i + 1].ready, i == 7 || i == 31);
    }
}

static void on_alarm(int number) {
    (void)number;
}

static void test_a_signal_ends_an_endless_wait(void **state) {
    struct place *place = *state;
    struct jl_bell *bell = open_bell(place);
    const struct sigaction action = {.sa_handler = on_alarm};
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    /* Repeated, in case the first comes before the wait has begun. */
    const struct itimerval every = {.it_interval = {.tv_usec = 30000},
                                    .it_value = {.tv_usec = 30000}};
    const struct itimerval never = {0};
    assert_int_equal(setitimer(ITIMER_REAL, &every, NULL), 0);
    const bool rang = wait_for_bell(bell, -1);
    assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
    assert_false(rang);
}

int main(void) {
#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_PLACE(test_items_pass_between_two_threads_whole_and_in_order),
        WITH_PLACE(test_a_full_pipe_says_busy_and_an_empty_one_not_found),
        WITH_PLACE(test_sending_to_a_closed_end_says_busy),
        WITH_PLACE(test_a_bell_rung_by_another_process_is_heard_until_cleared),
        WITH_PLACE(test_ringing_never_blocks_and_needs_no_listener),
        WITH_PLACE(test_a_stale_socket_file_is_replaced_and_a_live_one_is_not),
        WITH_PLACE(test_a_path_that_cannot_be_a_socket_is_refused_with_a_reason),
        WITH_PLACE(test_a_wait_ends_at_its_time_with_nothing_ready),
        WITH_PLACE(test_a_client_that_cannot_connect_does_not_cut_a_wait_short),
        WITH_PLACE(test_only_what_is_ready_is_marked),
        WITH_PLACE(test_a_signal_ends_an_endless_wait),
    };
    return cmocka_run_group_tests_name("net_local", tests, NULL, NULL);
}
