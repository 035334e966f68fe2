/* A district that serves, and what it counts. */
#include "process.h"

#include "jielian/crypto/random.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    ANSWER_MAX_BYTES = 4 << 20,
    START_S = 30,
    QUIET_MS = 150,
    NOT_QUIET_S = 60,
    PORT_FIRST = 20000,
    PORTS = 12000,
};

/* A port that nobody has, below those that the system gives to outgoing connections: it must still
 * be free when the district comes back. */
static int free_port(void) {
    for (;;) {
        uint16_t random = 0;
        BENCH_MUST(jl_random(&random, sizeof random, &err));
        int port = PORT_FIRST + random % PORTS;
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                      .sin_port = htons((uint16_t)port)};
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0) {
            bench_fail("no socket");
        }
        bool free = bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
        (void)close(fd);
        if (free) {
            return port;
        }
    }
}

/* The whole answer to a GET, with its head; NULL: nobody answers. */
static char *get(int port, const char *path) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)port)};
    char request[128];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        (void)close(fd);
        return NULL;
    }
    int length = snprintf(request, sizeof request,
                          "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path);
    char *answer = bench_alloc(ANSWER_MAX_BYTES + 1, 1);
    size_t size = 0;
    ssize_t got = write(fd, request, (size_t)length) == length ? 1 : -1;
    while (got > 0 && size < ANSWER_MAX_BYTES) {
        got = read(fd, answer + size, ANSWER_MAX_BYTES - size);
        size += got > 0 ? (size_t)got : 0;
    }
    (void)close(fd);
    if (size == 0) {
        free(answer);
        return NULL;
    }
    return answer;
}

static bool is_ready(int port) {
    char *answer = get(port, "/readyz");
    bool ready = answer != NULL && strncmp(answer, "HTTP/1.1 200", 12) == 0;
    free(answer);
    return ready;
}

void serving_start(const struct bench *bench, const char *folder, struct serving *serving) {
    char http[64];
    (void)snprintf(serving->folder, sizeof serving->folder, "%s", folder);
    if (serving->sync_port == 0) { /* else as before: the offices know the port */
        serving->sync_port = free_port();
        serving->http_port = free_port();
    }
    (void)snprintf(serving->endpoint, sizeof serving->endpoint, "tcp://127.0.0.1:%d",
                   serving->sync_port);
    (void)snprintf(http, sizeof http, "127.0.0.1:%d", serving->http_port);
    process_start(bench, &serving->process, "jielian-district",
                  (const char *const[]){"serve", "--sync", serving->endpoint, "--http", http,
                                        "--data", folder, NULL});
    double start = bench_now();
    while (!is_ready(serving->http_port)) {
        if (bench_now() - start > START_S) {
            process_fail(&serving->process, -1);
        }
        bench_nap_ms(10);
    }
}

void serving_stop(struct serving *serving, struct process_result *out_result) {
    struct process_result own;
    process_stop(&serving->process, &own);
    if (own.exit_code != 0) {
        process_fail(&serving->process, own.exit_code);
    }
    if (out_result != NULL) {
        *out_result = own;
    }
}

uint64_t serving_metric(const struct serving *serving, const char *name) {
    char *answer = get(serving->http_port, "/metrics");
    char line[160];
    (void)snprintf(line, sizeof line, "\n%s ", name);
    const char *at = answer == NULL ? NULL : strstr(answer, line);
    if (at == NULL) {
        bench_fail("the district's /metrics has no %s", name);
    }
    uint64_t value = strtoull(at + strlen(line), NULL, 10);
    free(answer);
    return value;
}

uint64_t serving_bytes(const struct serving *serving) {
    return serving_metric(serving, "jielian_bytes_total{direction=\"in\"}") +
           serving_metric(serving, "jielian_bytes_total{direction=\"out\"}");
}

uint64_t serving_quiet_bytes(const struct serving *serving) {
    double start = bench_now();
    uint64_t bytes = serving_bytes(serving);
    for (double quiet = start; bench_now() - quiet < QUIET_MS / 1000.0;) {
        bench_nap_ms(QUIET_MS / 6.0);
        uint64_t now = serving_bytes(serving);
        quiet = now == bytes ? quiet : bench_now();
        bytes = now;
        if (bench_now() - start > NOT_QUIET_S) {
            bench_fail("the district does not come to rest");
        }
    }
    return bytes;
}
