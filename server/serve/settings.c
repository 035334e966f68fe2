/* inih does the lines. It takes a text that ends at its first NUL, cuts long lines in two, and
 * hands over an indented line as a second value of the key above: the first two are refused before
 * it sees them, the third because a key may be set once only. */
#include "settings.h"

#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/base/utf8.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(JL_SETTINGS_LINE_MAX_BYTES <= INI_MAX_LINE - 2, "inih keeps a line end and a NUL");

enum key { KEY_SYNC = 0, KEY_HTTP, KEY_CACHE, KEY_ENDPOINTS, KEYS };
static const char *const key_names[KEYS] = {"sync", "http", "cache", "endpoints"};

struct taking {
    struct jl_settings settings;
    bool set[KEYS];
    enum jl_fault_code fault; /* what is wrong with the first bad line */
    char name[JL_SETTINGS_LINE_MAX_BYTES];
};

struct jl_settings jl_settings_default(void) {
    return (struct jl_settings){
        .sync = "tcp://*:7800", .http = "127.0.0.1:7880", .cache_mib = JL_CACHE_MIB};
}

static bool copy(char out[static JL_SETTINGS_ADDRESS_BYTES], const char *value) {
    if (strlen(value) >= JL_SETTINGS_ADDRESS_BYTES) {
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

/* One to JL_WELCOME_ENDPOINTS_MAX of tcp://HOST:PORT in printable ASCII; the offices look closer.
 */
static bool are_endpoints(const char *value) {
    static const char scheme[] = "tcp://";
    size_t count = 0;
    for (const char *at = value; *at != '\0'; at++) {
        if (*at < ' ' || *at > '~') {
            return false;
        }
    }
    while (*value != '\0') {
        size_t size = strcspn(value, " ");
        if (size <= sizeof scheme - 1 || strncmp(value, scheme, sizeof scheme - 1) != 0 ||
            memchr(value + sizeof scheme - 1, ':', size - sizeof scheme + 1) == NULL) {
            return false;
        }
        count++;
        value += size + strspn(value + size, " ");
    }
    return count >= 1 && count <= JL_WELCOME_ENDPOINTS_MAX;
}

static bool take_value(struct jl_settings *settings, enum key key, const char *value) {
    switch (key) {
    case KEY_SYNC:
        return value[0] != '\0' && copy(settings->sync, value);
    case KEY_HTTP:
        return copy(settings->http, value);
    case KEY_CACHE:
        return number(value, JL_CACHE_MAX_MIB, &settings->cache_mib);
    case KEY_ENDPOINTS:
        return are_endpoints(value) && copy(settings->endpoints, value);
    case KEYS:
        break;
    }
    return false;
}

/* inih asks for 1 when the line is good. */
static int take_line(void *context, const char *section, const char *name, const char *value) {
    struct taking *taking = context;
    unsigned key = 0;
    enum jl_fault_code fault = JL_FAULT_NONE;
    while (key < KEYS && (section[0] != '\0' || strcmp(name, key_names[key]) != 0)) {
        key++;
    }
    if (key == KEYS) {
        fault = JL_FAULT_SETTINGS_KEY;
    } else if (taking->set[key]) {
        fault = JL_FAULT_SETTINGS_TWICE;
    } else if (!take_value(&taking->settings, (enum key)key, value)) {
        fault = JL_FAULT_SETTINGS_VALUE;
    } else {
        taking->set[key] = true;
    }
    if (fault != JL_FAULT_NONE && taking->fault == JL_FAULT_NONE) {
        taking->fault = fault;
        (void)snprintf(taking->name, sizeof taking->name, "%s", name);
    }
    return fault == JL_FAULT_NONE;
}

/* What inih would not notice, or would make an unreadable message of. */
static enum jl_rc check_lines(struct jl_bytes text, const char *source, struct jl_err *err) {
    size_t line = 1;
    size_t start = 0;
    for (size_t i = 0; i <= text.size; i++) {
        if (i < text.size && text.data[i] == '\0') {
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_SETTINGS_NUL, "%s" JL_AND "%zu", source,
                               line);
        }
        if (i < text.size && text.data[i] != '\n') {
            continue;
        }
        if (i - start > JL_SETTINGS_LINE_MAX_BYTES) {
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_SETTINGS_LONG,
                               "%s" JL_AND "%zu" JL_AND "%d", source, line,
                               (int)JL_SETTINGS_LINE_MAX_BYTES);
        }
        start = i + 1;
        line++;
    }
    if (!jl_utf8_valid(text)) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_SETTINGS_UTF8, "%s", source);
    }
    return JL_OK;
}

enum jl_rc jl_settings_parse(struct jl_bytes text, const char *source, struct jl_settings *settings,
                             struct jl_err *err) {
    struct taking taking = {.settings = *settings};
    JL_AUTO(jl_buf) copied = {0};
    enum jl_rc rc = check_lines(text, source, err);
    if (rc == JL_OK) {
        rc = jl_buf_put(&copied, text.data, text.size, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put_u8(&copied, 0, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    int line = ini_parse_string((const char *)copied.data, take_line, &taking);
    if (line < 0) {
        return jl_fault_memory(err);
    }
    if (line > 0) {
        return jl_fault_at(err, JL_MISUSE,
                           taking.fault != JL_FAULT_NONE ? taking.fault : JL_FAULT_SETTINGS_FORM,
                           "%s" JL_AND "%d" JL_AND "%s", source, line, taking.name);
    }
    *settings = taking.settings;
    return JL_OK;
}

enum jl_rc jl_settings_read(const char *path, struct jl_settings *settings, struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    enum jl_rc rc = jl_file_read(path, JL_SETTINGS_MAX_BYTES, &text, err);
    if (rc == JL_NOT_FOUND) {
        return JL_OK;
    }
    return rc == JL_OK ? jl_settings_parse(jl_buf_bytes(&text), path, settings, err) : rc;
}
