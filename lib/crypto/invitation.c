/* The text of an invitation file, made and read.
 *
 * A file that was opened and saved on Windows comes with a mark at its start and CR before each
 * line end; both are taken away before the sum is checked, for they say nothing about the content.
 * Every line must be there once, in the order of the header. */
#include "jielian/crypto/invitation.h"
#include "jielian/base/fault.h"
#include "jielian/base/hex.h"
#include "jielian/base/utf8.h"
#include "jielian/crypto/hasher.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SUM_BYTES = 8, LINES = 7 };

static const char file_head[] = "jielian invitation v1";

void jl_invitation_text_fini(struct jl_invitation_text *invitation) {
    jl_secret_wipe(invitation, sizeof *invitation);
}

static enum jl_rc sum_of(const struct jl_suite *suite, struct jl_bytes text,
                         char out_hex[static 2 * SUM_BYTES + 1], struct jl_err *err) {
    uint8_t hash[JL_HASH_BYTES];
    JL_AUTO_PTR(jl_hasher) hasher = NULL;
    enum jl_rc rc = jl_hasher_new(suite, &hasher, err);
    if (rc == JL_OK) {
        rc = jl_hasher_digest(hasher, &text, 1, hash, err);
    }
    if (rc == JL_OK) {
        jl_hex_encode(jl_bytes(hash, SUM_BYTES), out_hex);
    }
    return rc;
}

/* ---- What both ways keep to ---- */

/* Not empty, and nothing in it that could play tricks on the terminal that shows it. */
static bool is_line(const char *text) {
    const char *at = text;
    while ((unsigned char)*at >= 0x20 && *at != 0x7F) {
        at++;
    }
    return at > text && *at == '\0';
}

static bool is_word(const char *text) {
    return is_line(text) && strchr(text, ' ') == NULL;
}

static enum jl_rc check_parts(const struct jl_invitation_text *invitation, struct jl_err *err) {
    if (!is_word(invitation->office_code)) {
        return jl_fault(err, JL_MISUSE, JL_FAULT_INVITATION_CODE);
    }
    if (!is_line(invitation->office_name)) {
        return jl_fault(err, JL_MISUSE, JL_FAULT_INVITATION_NAME);
    }
    if (!is_word(invitation->endpoint)) {
        return jl_fault(err, JL_MISUSE, JL_FAULT_INVITATION_ENDPOINT);
    }
    return JL_OK;
}

/* ---- Making ---- */

enum jl_rc jl_invitation_encode(const struct jl_invitation_text *invitation, struct jl_buf *out,
                                struct jl_err *err) {
    char district[2 * JL_KEY_BYTES + 1];
    char secret[2 * JL_KEY_BYTES + 1];
    char sum[2 * SUM_BYTES + 1];
    char mark[JL_SUITE_MARK_BYTES];
    struct jl_buf text = {0};
    enum jl_rc rc = check_parts(invitation, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_suite_mark(invitation->suite, mark);
    jl_hex_encode(jl_bytes(invitation->district_public, JL_KEY_BYTES), district);
    jl_hex_encode(jl_bytes(invitation->secret.bytes, JL_KEY_BYTES), secret);
    rc = jl_buf_reserve(&text, JL_INVITATION_MAX_BYTES, err);
    if (rc == JL_OK) {
        rc = jl_buf_printf(&text, err,
                           "%s%s\ndistrict=%s\nendpoint=%s\noffice=%s %s\nexpires=%" PRId64
                           "\nsecret=%s\n",
                           file_head, mark, district, invitation->endpoint, invitation->office_code,
                           invitation->office_name, invitation->expires_ms, secret);
    }
    if (rc == JL_OK) {
        rc = sum_of(invitation->suite, jl_buf_bytes(&text), sum, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_printf(&text, err, "sum=%s\n", sum);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put(out, text.data, text.size, err);
    }
    jl_secret_wipe(secret, sizeof secret);
    jl_buf_wipe(&text);
    return rc;
}

/* ---- Reading ---- */

/* The text without a mark, CR and what is blank at the end, NUL-terminated. */
static size_t clean(struct jl_bytes text, char out_text[static JL_INVITATION_MAX_BYTES + 1]) {
    static const uint8_t mark[] = {0xEF, 0xBB, 0xBF};
    size_t size = 0;
    size_t first =
        text.size >= sizeof mark && memcmp(text.data, mark, sizeof mark) == 0 ? sizeof mark : 0;
    for (size_t i = first; i < text.size; i++) {
        if (text.data[i] != '\r') {
            out_text[size++] = (char)text.data[i];
        }
    }
    while (size > 0 && (out_text[size - 1] == '\n' || out_text[size - 1] == ' ')) {
        size--;
    }
    out_text[size] = '\0';
    return size;
}

static enum jl_rc fail_changed(struct jl_err *err) {
    return jl_fault(err, JL_PROTO, JL_FAULT_INVITATION_CHANGED);
}

static enum jl_rc copy_part(const char *from, size_t size, char *out_text, size_t capacity,
                            struct jl_err *err) {
    if (size == 0 || size >= capacity || !jl_utf8_valid(jl_bytes(from, size))) {
        return fail_changed(err);
    }
    memcpy(out_text, from, size);
    out_text[size] = '\0';
    return JL_OK;
}

static enum jl_rc take_key(const char *hex, uint8_t *out_key, struct jl_err *err) {
    return jl_hex_decode(hex, out_key, JL_KEY_BYTES, err) == JL_OK ? JL_OK : fail_changed(err);
}

static enum jl_rc take_office(const char *text, struct jl_invitation_text *out,
                              struct jl_err *err) {
    size_t code = strcspn(text, " ");
    enum jl_rc rc = copy_part(text, code, out->office_code, sizeof out->office_code, err);
    if (rc == JL_OK) {
        const char *name = text[code] == '\0' ? text + code : text + code + 1;
        rc = copy_part(name, strlen(name), out->office_name, sizeof out->office_name, err);
    }
    return rc;
}

static enum jl_rc take_expiry(const char *text, int64_t *out_ms, struct jl_err *err) {
    char *end = NULL;
    long long number = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || number < 0) {
        return fail_changed(err);
    }
    *out_ms = number;
    return JL_OK;
}

static enum jl_rc take_line(size_t index, const char *value, struct jl_invitation_text *out,
                            struct jl_err *err) {
    switch (index) {
    case 1:
        return take_key(value, out->district_public, err);
    case 2:
        return copy_part(value, strlen(value), out->endpoint, sizeof out->endpoint, err);
    case 3:
        return take_office(value, out, err);
    case 4:
        return take_expiry(value, &out->expires_ms, err);
    case 5:
        return take_key(value, out->secret.bytes, err);
    default:
        return JL_OK; /* the head and the sum were checked before */
    }
}

/* Cut the text into its lines; each must start with its name. */
static enum jl_rc take_lines(char *text, struct jl_invitation_text *out, struct jl_err *err) {
    static const char *const names[LINES] = {
        file_head, "district=", "endpoint=", "office=", "expires=", "secret=", "sum="};
    char *line = text;
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < LINES; i++) {
        if (line == NULL || strncmp(line, names[i], strlen(names[i])) != 0) {
            return fail_changed(err);
        }
        char *end = strchr(line, '\n');
        if (end != NULL) {
            *end = '\0';
        }
        rc = take_line(i, line + strlen(names[i]), out, err);
        line = end != NULL ? end + 1 : NULL;
    }
    return rc == JL_OK && line != NULL ? fail_changed(err) : rc;
}

static enum jl_rc check_sum(const struct jl_suite *suite, const char *text, size_t size,
                            struct jl_err *err) {
    char sum[2 * SUM_BYTES + 1];
    const char *line = strstr(text, "\nsum=");
    if (line == NULL) {
        return fail_changed(err);
    }
    const char *given = line + strlen("\nsum=");
    enum jl_rc rc = sum_of(suite, jl_bytes(text, (size_t)(line + 1 - text)), sum, err);
    if (rc != JL_OK) {
        return rc;
    }
    bool same =
        size == (size_t)(given - text) + 2 * SUM_BYTES && strncmp(given, sum, 2 * SUM_BYTES) == 0;
    return same ? JL_OK : fail_changed(err);
}

enum jl_rc jl_invitation_decode(struct jl_bytes text, struct jl_invitation_text *out_invitation,
                                struct jl_err *err) {
    char copy[JL_INVITATION_MAX_BYTES + 1];
    struct jl_invitation_text read = {0};
    if (text.size == 0 || text.size > JL_INVITATION_MAX_BYTES ||
        memchr(text.data, 0, text.size) != NULL) {
        return jl_fault(err, JL_PROTO, JL_FAULT_INVITATION_NONE);
    }
    size_t size = clean(text, copy);
    size_t head = 0;
    uint32_t number = 0;
    enum jl_rc rc = JL_OK;
    if (strncmp(copy, "jielian invitation v", strlen("jielian invitation v")) != 0) {
        rc = jl_fault(err, JL_PROTO, JL_FAULT_INVITATION_NONE);
    } else if (!jl_suite_of_text(jl_bytes(copy, size), file_head, &number, &head) ||
               (copy[head] != '\n' && copy[head] != '\0')) {
        rc = jl_fault(err, JL_PROTO, JL_FAULT_INVITATION_VERSION);
    } else if ((read.suite = jl_suite_find(number)) == NULL) {
        rc = jl_suite_unknown("the invitation is", number, err);
    }
    if (rc == JL_OK) {
        rc = check_sum(read.suite, copy, size, err);
    }
    if (rc == JL_OK) {
        rc = take_lines(copy, &read, err);
    }
    if (rc == JL_OK && check_parts(&read, err) != JL_OK) {
        rc = fail_changed(err); /* no district makes such a one */
    }
    if (rc == JL_OK) {
        *out_invitation = read;
    }
    jl_secret_wipe(copy, sizeof copy);
    jl_secret_wipe(&read, sizeof read);
    return rc;
}
