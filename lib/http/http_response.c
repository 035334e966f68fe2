/* Answers: the fields every answer carries, those the handler adds, and the body.
 *
 *   fields   name NUL value NUL name NUL value NUL …   (checked by jl_http_field, kept as they are)
 */
#include "http.h"

#include "jielian/base/fault.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char token_marks[] =
    "!#$%&'*+-.^_`|~"; /* RFC 9110, section 5.6.2, with letters, digits */

static bool name_ok(const char *name) {
    for (const char *at = name; *at != '\0'; at++) {
        const bool letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');
        const bool digit = *at >= '0' && *at <= '9';
        if (!letter && !digit && strchr(token_marks, *at) == NULL) {
            return false;
        }
    }
    return name[0] != '\0';
}

/* A line break would start a field of the value's own making. */
static bool value_ok(const char *value) {
    for (const char *at = value; *at != '\0'; at++) {
        const unsigned char byte = (unsigned char)*at;
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f) {
            return false;
        }
    }
    return true;
}

enum jl_rc jl_http_field(struct jl_http_response *response, const char *name, const char *value,
                         struct jl_err *err) {
    if (!name_ok(name)) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL, "%s",
                           "the name of an HTTP field is letters, digits and hyphens");
    }
    if (!value_ok(value)) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL,
                           "HTTP field %s: the value has a control character", name);
    }
    const size_t before = response->fields.size;
    enum jl_rc rc = jl_buf_put(&response->fields, name, strlen(name) + 1, err);
    if (rc == JL_OK) {
        rc = jl_buf_put(&response->fields, value, strlen(value) + 1, err);
    }
    if (rc != JL_OK) {
        response->fields.size = before;
    }
    return rc;
}

static bool add_fields(struct MHD_Response *answer, const struct jl_http_response *response) {
    bool cache_set = false;
    bool ok = true;
    const char *at = (const char *)response->fields.data;
    const char *end = at + response->fields.size;
    while (at != end && ok) {
        const char *name = at;
        const char *value = name + strlen(name) + 1;
        at = value + strlen(value) + 1;
        cache_set = cache_set || strcasecmp(name, MHD_HTTP_HEADER_CACHE_CONTROL) == 0;
        ok = MHD_add_response_header(answer, name, value) == MHD_YES;
    }
    if (!cache_set && ok) {
        ok = MHD_add_response_header(answer, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store") == MHD_YES;
    }
    const char *type =
        response->content_type != NULL ? response->content_type : "text/plain; charset=utf-8";
    return ok && MHD_add_response_header(answer, MHD_HTTP_HEADER_CONTENT_TYPE, type) == MHD_YES &&
           MHD_add_response_header(answer, "X-Content-Type-Options", "nosniff") == MHD_YES;
}

static void free_body(void *context) {
    struct jl_buf *body = context;
    jl_buf_wipe(body); /* records of people went out by it */
    free(body);
}

enum MHD_Result jl_http_answer(struct MHD_Connection *connection,
                               struct jl_http_response *response) {
    struct jl_buf *body = malloc(sizeof *body);
    if (body == NULL) {
        return MHD_NO;
    }
    *body = response->body;
    memset(&response->body, 0, sizeof response->body);
    struct MHD_Response *answer = MHD_create_response_from_buffer_with_free_callback_cls(
        body->size, body->data, free_body, body);
    if (answer == NULL) {
        free_body(body);
        return MHD_NO;
    }
    const bool status_ok = response->status >= 200 && response->status <= 599;
    enum MHD_Result result = MHD_NO;
    if (add_fields(answer, response)) {
        result = MHD_queue_response(
            connection, status_ok ? response->status : MHD_HTTP_INTERNAL_SERVER_ERROR, answer);
    }
    MHD_destroy_response(answer);
    return result;
}
