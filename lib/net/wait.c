/* Waiting for any of several objects with one zmq_poll.
 *
 * Sockets are polled as sockets, never by ZMQ_FD: that descriptor is edge-triggered and says only
 * that something may have changed. Each item has up to three sockets (a server its ZAP handler and
 * its connections' monitor, a client its own). Clients may have work of their own to do by a
 * certain time; the wait wakes for it, does it, and goes on. */
#include "bell.h"
#include "client.h"
#include "pipe.h"
#include "server.h"
#include "socket.h"

#include "jielian/base/assert.h"
#include "jielian/base/clock.h"
#include "jielian/base/fault.h"
#include "jielian/net/net.h"
#include "jielian/net/wait.h"

#include <errno.h>
#include <stdlib.h>
#include <zmq.h>

enum {
    POLLS_ON_STACK = 32, /* a program's loop; benchmarks with more pay one malloc a wait */
};

static struct jl_poll_set polls_of(const struct jl_wait_item *item) {
    const int set = (item->server != NULL) + (item->client != NULL) + (item->pipe != NULL) +
                    (item->bell != NULL);
    JL_ASSERT(set == 1);
    if (item->server != NULL) {
        return jl_server_polls(item->server);
    }
    if (item->client != NULL) {
        return jl_client_polls(item->client);
    }
    if (item->pipe != NULL) {
        return jl_pipe_polls(item->pipe);
    }
    return jl_bell_polls(item->bell);
}

static void fill(const struct jl_wait_item *items, size_t count, zmq_pollitem_t *out_polls) {
    for (size_t i = 0; i < count; i++) {
        const struct jl_poll_set set = polls_of(&items[i]);
        for (size_t j = 0; j < JL_POLLS_PER_ITEM; j++) {
            zmq_pollitem_t *poll = &out_polls[i * JL_POLLS_PER_ITEM + j];
            poll->socket = set.sockets[j];
            poll->fd = j == 0 ? set.fd : -1; /* poll(2) passes over −1 */
            poll->events = ZMQ_POLLIN;
            poll->revents = 0;
        }
    }
}

/* Let the clients see to themselves; the first one that has news makes its item ready. */
static enum jl_rc tend(struct jl_wait_item *items, size_t count, bool *out_any, int64_t *out_due_ms,
                       struct jl_err *err) {
    *out_due_ms = INT64_MAX;
    for (size_t i = 0; i < count; i++) {
        if (items[i].client == NULL) {
            continue;
        }
        int64_t due_ms = INT64_MAX;
        const enum jl_rc rc = jl_client_tend(items[i].client, &due_ms, err);
        if (rc != JL_OK) {
            return rc;
        }
        if (due_ms < *out_due_ms) {
            *out_due_ms = due_ms;
        }
        if (jl_client_take_news(items[i].client)) {
            items[i].ready = true;
            *out_any = true;
        }
    }
    return JL_OK;
}

static bool collect(struct jl_wait_item *items, size_t count, const zmq_pollitem_t *polls) {
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        const zmq_pollitem_t *own = &polls[i * JL_POLLS_PER_ITEM];
        /* A client's monitor has been read by tend: it is ready for messages and for news. */
        const bool more = items[i].client == NULL && (own[1].revents | own[2].revents) != 0;
        if (own[0].revents != 0 || more) {
            items[i].ready = true;
        }
        any = any || items[i].ready;
    }
    return any;
}

static long poll_ms(int64_t now_ms, int64_t end_ms, int64_t due_ms) {
    const int64_t until_ms = end_ms < due_ms ? end_ms : due_ms;
    if (until_ms == INT64_MAX) {
        return -1;
    }
    if (until_ms <= now_ms) {
        return 0;
    }
    return until_ms - now_ms < INT32_MAX ? (long)(until_ms - now_ms) : INT32_MAX;
}

static enum jl_rc wait_with(struct jl_wait_item *items, size_t count, zmq_pollitem_t *polls,
                            long timeout_ms, struct jl_err *err) {
    const struct jl_clock clock = jl_clock_system();
    int64_t now_ms = clock.steady_ms(clock.context);
    const int64_t end_ms = timeout_ms < 0 ? INT64_MAX : now_ms + timeout_ms;
    for (;;) {
        bool any = false;
        int64_t due_ms = INT64_MAX;
        enum jl_rc rc = tend(items, count, &any, &due_ms, err);
        if (rc != JL_OK) {
            return rc;
        }
        fill(items, count, polls);
        const int number = (int)(count * JL_POLLS_PER_ITEM);
        if (zmq_poll(polls, number, any ? 0 : poll_ms(now_ms, end_ms, due_ms)) < 0) {
            if (zmq_errno() == EINTR) {
                return JL_OK;
            }
            return jl_socket_fail(err, "wait");
        }
        rc = tend(items, count, &any, &due_ms, err);
        if (rc != JL_OK) {
            return rc;
        }
        now_ms = clock.steady_ms(clock.context);
        if (collect(items, count, polls) || now_ms >= end_ms) {
            return JL_OK;
        }
    }
}

enum jl_rc jl_wait_any(struct jl_wait_item *items, size_t count, long timeout_ms,
                       struct jl_err *err) {
    JL_ASSERT(count <= JL_SOCKETS_MAX);
    for (size_t i = 0; i < count; i++) {
        items[i].ready = false;
    }
    zmq_pollitem_t on_stack[POLLS_ON_STACK];
    const size_t number = count * JL_POLLS_PER_ITEM;
    if (number <= POLLS_ON_STACK) {
        return wait_with(items, count, on_stack, timeout_ms, err);
    }
    zmq_pollitem_t *polls = calloc(number, sizeof *polls);
    if (polls == NULL) {
        return jl_fault_memory(err);
    }
    const enum jl_rc rc = wait_with(items, count, polls, timeout_ms, err);
    free(polls);
    return rc;
}
