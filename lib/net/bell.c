/* The doorbell: a Unix datagram socket beside the database. One byte is one ring; what it says does
 * not matter, and a full queue means that it has rung already. */
#include "bell.h"

#include "jielian/base/fault.h"
#include "jielian/base/rc.h"
#include "jielian/net/bell.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct jl_bell {
    int fd;
    bool bound;
    struct stat file; /* tells our socket file from one that took its place */
    struct sockaddr_un address;
};

static bool address_of(const char *path, struct sockaddr_un *out_address) {
    _Static_assert(sizeof out_address->sun_path == JL_BELL_PATH_MAX + 1, "as unix(7) says");
    const size_t size = strlen(path);
    if (size == 0 || size > JL_BELL_PATH_MAX) {
        return false;
    }
    memset(out_address, 0, sizeof *out_address);
    out_address->sun_family = AF_UNIX;
    memcpy(out_address->sun_path, path, size + 1);
    return true;
}

static int datagram_socket(void) {
    return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* Remove what a program that ended badly left behind, and nothing else. */
static enum jl_rc clear_stale(const struct sockaddr_un *address, struct jl_err *err) {
    const char *path = address->sun_path;
    struct stat file;
    if (lstat(path, &file) != 0) {
        return errno == ENOENT ? JL_OK
                               : jl_fault_system(err, JL_IO, JL_FAULT_BELL, errno, "%s", path);
    }
    if (!S_ISSOCK(file.st_mode)) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_BELL_IN_THE_WAY, "%s", path);
    }
    const int fd = datagram_socket();
    if (fd < 0) {
        return jl_fault_system(err, JL_IO, JL_FAULT_BELL, errno, "%s", path);
    }
    const bool heard = connect(fd, (const struct sockaddr *)address, sizeof *address) == 0;
    const int reason = errno;
    close(fd);
    if (heard) {
        return jl_fault_at(err, JL_BUSY, JL_FAULT_BELL_HELD, "%s", path);
    }
    if (reason != ECONNREFUSED) {
        return jl_fault_system(err, JL_IO, JL_FAULT_BELL, reason, "%s", path);
    }
    if (unlink(path) != 0 && errno != ENOENT) {
        return jl_fault_system(err, JL_IO, JL_FAULT_BELL_REMOVE, errno, "%s", path);
    }
    return JL_OK;
}

enum jl_rc jl_bell_open(const char *path, struct jl_bell **out_bell, struct jl_err *err) {
    JL_AUTO_PTR(jl_bell) bell = calloc(1, sizeof *bell);
    if (bell == NULL) {
        return jl_fault_memory(err);
    }
    bell->fd = -1;
    if (!address_of(path, &bell->address)) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BELL_PATH, "%d" JL_AND "%zu", JL_BELL_PATH_MAX,
                           strlen(path));
    }
    const enum jl_rc rc = clear_stale(&bell->address, err);
    if (rc != JL_OK) {
        return rc;
    }
    bell->fd = datagram_socket();
    /* The mode is set before the file is there, so that nobody else can ring in between. */
    if (bell->fd < 0 || fchmod(bell->fd, S_IRUSR | S_IWUSR) != 0) {
        return jl_fault_system(err, JL_IO, JL_FAULT_BELL, errno, "%s", path);
    }
    if (bind(bell->fd, (const struct sockaddr *)&bell->address, sizeof bell->address) != 0) {
        const enum jl_rc code = errno == EADDRINUSE ? JL_BUSY : JL_IO;
        return jl_fault_system(err, code, JL_FAULT_BELL_BIND, errno, "%s", path);
    }
    bell->bound = true;
    if (lstat(path, &bell->file) != 0) {
        return jl_fault_system(err, JL_IO, JL_FAULT_BELL, errno, "%s", path);
    }
    *out_bell = bell;
    bell = NULL;
    return JL_OK;
}

void jl_bell_close(struct jl_bell *bell) {
    if (bell == NULL) {
        return;
    }
    struct stat file;
    if (bell->bound && lstat(bell->address.sun_path, &file) == 0 &&
        file.st_ino == bell->file.st_ino && file.st_dev == bell->file.st_dev) {
        (void)unlink(bell->address.sun_path); /* a file left behind is replaced by the next open */
    }
    if (bell->fd >= 0) {
        close(bell->fd);
    }
    free(bell);
}

void jl_bell_clear(struct jl_bell *bell) {
    uint8_t ring;
    while (recv(bell->fd, &ring, sizeof ring, MSG_DONTWAIT) >= 0) {
    }
}

void jl_bell_ring(const char *path) {
    struct sockaddr_un address;
    if (!address_of(path, &address)) {
        return; /* no bell can be open there */
    }
    const int fd = datagram_socket();
    if (fd < 0) {
        return; /* the listener's own timer finds the work later */
    }
    const uint8_t ring = 1;
    (void)sendto(fd, &ring, sizeof ring, MSG_DONTWAIT | MSG_NOSIGNAL,
                 (const struct sockaddr *)&address, sizeof address);
    close(fd);
}

struct jl_poll_set jl_bell_polls(const struct jl_bell *bell) {
    struct jl_poll_set polls = {.sockets = {NULL, NULL}, .fd = bell->fd};
    return polls;
}
