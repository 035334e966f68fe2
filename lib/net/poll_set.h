/* What wait.c polls for one item: up to three ZeroMQ sockets, or a file descriptor. */
#ifndef JIELIAN_LIB_NET_POLL_SET_H
#define JIELIAN_LIB_NET_POLL_SET_H

enum {
    JL_POLLS_PER_ITEM = 3,
};
/* What to poll; either may be missing (socket NULL and fd −1 are skipped). */
struct jl_poll_set {
    void *sockets[JL_POLLS_PER_ITEM];
    int fd; /* used when sockets[0] is NULL */
};

#endif
