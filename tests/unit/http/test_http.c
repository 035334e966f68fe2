/* The HTTP server, spoken to with plain sockets.
 *
 * Goal: the handler sees only whole, bounded, well-formed requests, and every answer carries the
 * safety fields. Method: each test writes bytes and reads the answer until the connection closes.
 */
#include "jielian/http/http.h"
#include "tests/said.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    ANSWER_BYTES = 64 * 1024,
    PATIENCE_S = 5,
};

struct site {
    struct jl_http *http;
    unsigned seen; /* requests that reached the handler */
};

/* Answers what the test needs to see of the request. */
static void handle(void *context, const struct jl_http_request *request,
                   struct jl_http_response *response) {
    struct site *site = context;
    site->seen++;
    enum jl_rc rc = JL_OK;
    if (strcmp(request->path, "/echo") == 0) {
        const char *name = jl_http_query(request, "name");
        const char *agent = jl_http_header(request, "user-agent");
        rc = jl_buf_printf(&response->body, NULL, "%s name=%s agent=%s body=%.*s", request->method,
                           name != NULL ? name : "-", agent != NULL ? agent : "-",
                           (int)request->body.size,
                           request->body.size > 0 ? (const char *)request->body.data : "");
    } else if (strcmp(request->path, "/size") == 0) {
        rc = jl_buf_printf(&response->body, NULL, "%zu", request->body.size);
    } else if (strcmp(request->path, "/文件 a") == 0) {
        response->content_type = "text/csv; charset=utf-8";
        rc = jl_http_field(response, "Content-Disposition", "attachment; filename=\"a.csv\"", NULL);
        if (rc == JL_OK) {
            rc = jl_http_field(response, "cache-control", "private", NULL);
        }
    } else {
        response->status = 404;
        rc = jl_buf_put_text(&response->body, "no such page", NULL);
    }
    if (rc != JL_OK) {
        response->status = 500;
    }
}

static int set_up(void **state) {
    struct site *site = calloc(1, sizeof *site);
    assert_non_null(site);
    struct jl_err err = {0};
    if (jl_http_start("127.0.0.1:0", handle, site, &site->http, &err) != JL_OK) {
        fail_msg("%s", err_said(&err));
    }
    *state = site;
    return 0;
}

static int tear_down(void **state) {
    struct site *site = *state;
    jl_http_stop(site->http);
    free(site);
    return 0;
}

static int connect_to(const struct site *site) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_port = htons((uint16_t)jl_http_port(site->http));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0 ||
        connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        return -1;
    }
    return fd;
}

static bool send_all(int fd, const void *data, size_t size) {
    const char *at = data;
    while (size > 0) {
        const ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        at += sent;
        size -= (size_t)sent;
    }
    return true;
}

/* What comes until the server closes; false if it does not close in time. */
static bool read_answer(int fd, char *out_answer) {
    size_t size = 0;
    for (;;) {
        const ssize_t got = recv(fd, out_answer + size, ANSWER_BYTES - 1 - size, 0);
        if (got <= 0) {
            out_answer[size] = '\0';
            return got == 0 || size > 0;
        }
        size += (size_t)got;
    }
}

static const char *ask(const struct site *site, const char *request) {
    static char answer[ANSWER_BYTES];
    const int fd = connect_to(site);
    assert_true(fd >= 0);
    assert_true(send_all(fd, request, strlen(request)));
    assert_true(read_answer(fd, answer));
    close(fd);
    return answer;
}

static unsigned status_of(const char *answer) {
    unsigned status = 0;
    return sscanf(answer, "HTTP/1.%*u %u", &status) == 1 ? status : 0;
}

static const char *body_of(const char *answer) {
    const char *gap = strstr(answer, "\r\n\r\n");
    return gap != NULL ? gap + 4 : "";
}

#define TAIL " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"

static void test_a_page_is_answered_with_the_safety_fields(void **state) {
    struct site *site = *state;
    const char *answer = ask(site, "GET /echo?name=%E5%BC%A0&x" TAIL "User-Agent: t\r\n\r\n");
    assert_int_equal(status_of(answer), 200);
    assert_string_equal(body_of(answer), "GET name=张 agent=t body=");
    assert_non_null(strstr(answer, "\r\nX-Content-Type-Options: nosniff\r\n"));
    assert_non_null(strstr(answer, "\r\nCache-Control: no-store\r\n"));
    assert_non_null(strstr(answer, "\r\nContent-Type: text/plain; charset=utf-8\r\n"));
}

static void test_the_handler_decides_what_is_not_found(void **state) {
    struct site *site = *state;
    const char *answer = ask(site, "GET /nothing" TAIL "\r\n");
    assert_int_equal(status_of(answer), 404);
    assert_string_equal(body_of(answer), "no such page");
    assert_int_equal(site->seen, 1);
}

static void test_bodies_arrive_whole_with_and_without_a_length(void **state) {
    struct site *site = *state;
    assert_string_equal(body_of(ask(site, "POST /echo" TAIL "Content-Length: 5\r\n\r\nhello")),
                        "POST name=- agent=- body=hello");
    assert_string_equal(body_of(ask(site, "PUT /echo" TAIL "Transfer-Encoding: chunked\r\n\r\n"
                                          "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n")),
                        "PUT name=- agent=- body=abcdefg");
    assert_string_equal(body_of(ask(site, "DELETE /echo" TAIL "\r\n")),
                        "DELETE name=- agent=- body=");
}

static void test_head_is_get_without_the_body(void **state) {
    struct site *site = *state;
    const char *answer = ask(site, "HEAD /echo" TAIL "\r\n");
    assert_int_equal(status_of(answer), 200);
    assert_non_null(strstr(answer, "\r\nContent-Length: 24\r\n")); /* GET name=- agent=- body= */
    assert_string_equal(body_of(answer), "");
    assert_int_equal(site->seen, 1);
}

static void test_a_handler_adds_fields_and_the_path_is_decoded(void **state) {
    struct site *site = *state;
    const char *answer = ask(site, "GET /%E6%96%87%E4%BB%B6%20a" TAIL "\r\n");
    assert_int_equal(status_of(answer), 200);
    assert_non_null(strstr(answer, "\r\nContent-Disposition: attachment; filename=\"a.csv\"\r\n"));
    assert_non_null(strstr(answer, "\r\nContent-Type: text/csv; charset=utf-8\r\n"));
    assert_non_null(strstr(answer, "\r\ncache-control: private\r\n"));
    assert_null(strstr(answer, "no-store"));
}

static void test_fields_that_would_break_the_answer_are_refused(void **state) {
    (void)state;
    struct jl_http_response response = {0};
    const char *const bad[][2] = {
        {"", "v"},   {"a b", "v"}, {"a:", "v"}, {"X-名", "v"}, {"a", "v\r\nSet-Cookie: b"},
        {"a", "\n"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(jl_http_field(&response, bad[i][0], bad[i][1], NULL), JL_MISUSE);
    }
    assert_int_equal(response.fields.size, 0);
    assert_int_equal(jl_http_field(&response, "Content-Disposition", "attachment; 文件", NULL),
                     JL_OK);
    jl_buf_fini(&response.fields);
}

static void test_requests_out_of_bounds_do_not_reach_the_handler(void **state) {
    struct site *site = *state;
    static char long_head[2 * JL_HTTP_HEAD_MAX_BYTES];
    memset(long_head, 'a', sizeof long_head - 1);
    memcpy(long_head, "GET /", 5);
    const struct {
        const char *request;
        unsigned status;
    } cases[] = {
        {"POST /size" TAIL "Content-Length: 67108865\r\n\r\n", 413},
        {"POST /size" TAIL "Content-Length: 99999999999999999999999\r\n\r\n", 413},
        {"POST /size" TAIL "Content-Length: -5\r\n\r\n", 400},
        {"POST /size" TAIL "Content-Length: 67108865\r\nExpect: 100-continue\r\n\r\n", 413},
        {"PATCH /size" TAIL "\r\n", 405},
        {"OPTIONS *" TAIL "\r\n", 405},
        {"TRACE /size" TAIL "\r\n", 405},
        {"GET size" TAIL "\r\n", 400},
        {"GET /size%00.html" TAIL "\r\n", 400},
        {"GET /size?a=%00" TAIL "\r\n", 400},
        {"GET /size HTTP/1.1\r\nConnection: close\r\n\r\n", 400}, /* no Host */
        {long_head, 414},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *answer = ask(site, cases[i].request);
        if (status_of(answer) != cases[i].status) {
            fail_msg("case %zu: %.60s", i, answer);
        }
    }
    assert_non_null(strstr(ask(site, "PATCH /size" TAIL "\r\n"),
                           "\r\nAllow: GET, HEAD, POST, PUT, DELETE\r\n"));
    assert_int_equal(site->seen, 0);
}

static void test_many_header_fields_are_answered_431(void **state) {
    struct site *site = *state;
    static char request[2 * JL_HTTP_HEAD_MAX_BYTES];
    size_t size = (size_t)snprintf(request, sizeof request, "GET /echo" TAIL);
    while (size < JL_HTTP_HEAD_MAX_BYTES + 2000) {
        size +=
            (size_t)snprintf(request + size, sizeof request - size, "X-%zu: %0100d\r\n", size, 0);
    }
    snprintf(request + size, sizeof request - size, "\r\n");
    assert_int_equal(status_of(ask(site, request)), 431);
    assert_int_equal(site->seen, 0);
}

/* Without a declared length the bound is met on the way. */
static void test_an_endless_body_is_cut_off_and_a_full_one_is_not(void **state) {
    enum { CHUNK = 1024 * 1024 };
    struct site *site = *state;
    static char chunk[CHUNK + 16];
    const size_t head = (size_t)snprintf(chunk, sizeof chunk, "%x\r\n", CHUNK);
    memset(chunk + head, 'b', CHUNK);
    memcpy(chunk + head + CHUNK, "\r\n", 2);
    static const char start[] = "POST /size" TAIL "Transfer-Encoding: chunked\r\n\r\n";
    static char answer[ANSWER_BYTES];
    const struct {
        unsigned chunks;
        const char *last;
        unsigned status;
    } cases[] = {
        {JL_HTTP_BODY_MAX_BYTES / CHUNK, "0\r\n\r\n", 200},
        {JL_HTTP_BODY_MAX_BYTES / CHUNK, "1\r\nx\r\n0\r\n\r\n", 413},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const int fd = connect_to(site);
        assert_true(send_all(fd, start, sizeof start - 1));
        for (unsigned sent = 0; sent < cases[i].chunks; sent++) {
            assert_true(send_all(fd, chunk, head + CHUNK + 2));
        }
        assert_true(send_all(fd, cases[i].last, strlen(cases[i].last)));
        assert_true(read_answer(fd, answer));
        assert_int_equal(status_of(answer), cases[i].status);
        close(fd);
    }
    const int fd = connect_to(site);
    assert_true(send_all(fd, start, sizeof start - 1));
    unsigned sent = 0;
    while (send_all(fd, chunk, head + CHUNK + 2)) {
        assert_true(sent++ < 4 * JL_HTTP_BODY_MAX_BYTES / CHUNK);
    }
    close(fd);
    assert_int_equal(site->seen, 1);
}

/* Four bodies of the largest size reach the bound of all together; a fifth waits its turn. */
static void test_bodies_of_all_requests_together_are_bounded(void **state) {
    enum { OPEN = JL_HTTP_BODIES_MAX_BYTES / JL_HTTP_BODY_MAX_BYTES, PIECE = 1024 * 1024 };
    struct site *site = *state;
    static char piece[PIECE];
    int fds[OPEN];
    for (size_t i = 0; i < OPEN; i++) {
        static const char head[] = "POST /size" TAIL "Content-Length: 67108864\r\n\r\n";
        fds[i] = connect_to(site);
        assert_true(send_all(fds[i], head, sizeof head - 1));
        for (size_t sent = PIECE; sent < JL_HTTP_BODY_MAX_BYTES; sent += PIECE) {
            assert_true(send_all(fds[i], piece, PIECE));
        }
        assert_true(send_all(fds[i], piece, PIECE - 1)); /* all but one byte: stays under way */
    }
    static const char small[] = "POST /echo" TAIL "Content-Length: 5\r\n\r\nhello";
    const char *answer = ask(site, small);
    for (unsigned tries = 0; status_of(answer) == 200 && tries < 200; tries++) {
        usleep(10000); /* what was sent may not have been read yet */
        answer = ask(site, small);
    }
    assert_int_equal(status_of(answer), 503);
    assert_non_null(strstr(answer, "\r\nRetry-After: 1\r\n"));
    for (size_t i = 0; i < OPEN; i++) {
        close(fds[i]);
    }
    for (unsigned tries = 0; status_of(answer) == 503 && tries < 200; tries++) {
        usleep(10000);
        answer = ask(site, small);
    }
    assert_int_equal(status_of(answer), 200);
}

struct visitor {
    const struct site *site;
    unsigned good;
};

static void *visit(void *context) {
    struct visitor *visitor = context;
    for (unsigned i = 0; i < 20; i++) {
        static _Thread_local char answer[ANSWER_BYTES];
        char request[128];
        char expected[128];
        const int number =
            snprintf(request, sizeof request, "GET /echo?name=%p-%u" TAIL "\r\n", context, i);
        snprintf(expected, sizeof expected, "GET name=%p-%u agent=- body=", context, i);
        const int fd = connect_to(visitor->site);
        if (fd >= 0 && send_all(fd, request, (size_t)number) && read_answer(fd, answer) &&
            strcmp(body_of(answer), expected) == 0) {
            visitor->good++;
        }
        close(fd);
    }
    return NULL;
}

static void test_visitors_at_the_same_time_get_their_own_answers(void **state) {
    enum { VISITORS = 8 };
    struct site *site = *state;
    pthread_t threads[VISITORS];
    struct visitor visitors[VISITORS];
    for (size_t i = 0; i < VISITORS; i++) {
        visitors[i] = (struct visitor){.site = site};
        assert_int_equal(pthread_create(&threads[i], NULL, visit, &visitors[i]), 0);
    }
    for (size_t i = 0; i < VISITORS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(visitors[i].good, 20);
    }
}

static void test_stopping_ends_idle_and_half_sent_requests(void **state) {
    struct site *site = *state;
    const int idle = connect_to(site);
    const int half = connect_to(site);
    assert_true(
        send_all(half, "POST /size HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab", 53));
    usleep(20000);
    jl_http_stop(site->http);
    site->http = NULL;
    char byte;
    assert_true(recv(idle, &byte, 1, 0) <= 0);
    assert_true(recv(half, &byte, 1, 0) <= 0);
    close(idle);
    close(half);
}

static void test_addresses_that_cannot_be_listened_on_are_refused_with_a_reason(void **state) {
    struct site *site = *state;
    char taken[32];
    snprintf(taken, sizeof taken, "127.0.0.1:%u", jl_http_port(site->http));
    const struct {
        const char *address;
        enum jl_rc rc;
    } cases[] = {
        {taken, JL_BUSY},
        {"", JL_MISUSE},
        {"7880", JL_MISUSE},
        {":7880", JL_MISUSE},
        {"127.0.0.1", JL_MISUSE},
        {"127.0.0.1:", JL_MISUSE},
        {"127.0.0.1:x", JL_MISUSE},
        {"127.0.0.1:65536", JL_MISUSE},
        {"127.0.0.1:-1", JL_MISUSE},
        {"localhost:7880", JL_MISUSE},
        {"::1:7880", JL_MISUSE},
        {"[127.0.0.1]:7880", JL_MISUSE},
        {"192.0.2.1:7880", JL_MISUSE},
        {"1111111111111111111111111111111111111111111111111111:1", JL_MISUSE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct jl_http *http = NULL;
        struct jl_err err = {0};
        assert_int_equal(jl_http_start(cases[i].address, handle, site, &http, &err), cases[i].rc);
        assert_null(http);
        assert_true(strlen(err_said(&err)) > 20);
    }
    struct jl_http *again = NULL;
    jl_http_stop(site->http);
    site->http = NULL;
    assert_int_equal(jl_http_start(taken, handle, site, &again, NULL), JL_OK);
    jl_http_stop(again);
}

int main(void) {
#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_SITE(test_a_page_is_answered_with_the_safety_fields),
        WITH_SITE(test_the_handler_decides_what_is_not_found),
        WITH_SITE(test_bodies_arrive_whole_with_and_without_a_length),
        WITH_SITE(test_head_is_get_without_the_body),
        WITH_SITE(test_a_handler_adds_fields_and_the_path_is_decoded),
        cmocka_unit_test(test_fields_that_would_break_the_answer_are_refused),
        WITH_SITE(test_requests_out_of_bounds_do_not_reach_the_handler),
        WITH_SITE(test_many_header_fields_are_answered_431),
        WITH_SITE(test_an_endless_body_is_cut_off_and_a_full_one_is_not),
        WITH_SITE(test_bodies_of_all_requests_together_are_bounded),
        WITH_SITE(test_visitors_at_the_same_time_get_their_own_answers),
        WITH_SITE(test_stopping_ends_idle_and_half_sent_requests),
        WITH_SITE(test_addresses_that_cannot_be_listened_on_are_refused_with_a_reason),
    };
    return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
