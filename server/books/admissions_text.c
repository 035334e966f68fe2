/* The admission log as text; the layout stands in admissions.h. */
#include "admissions.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/hex.h"
#include "jielian/base/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    TAG_TEXT_BYTES = 2 + 2 * JL_TAG_BYTES, /* " #" and the tag */
    WORDS_MAX = 8,
};

static const char head_words[] = "jielian admissions v1";
static const char tag_place[] = "jielian admissions v1";

static const char *const kind_words[] = {
    [JL_ADMISSION_OFFICE] = "office", [JL_ADMISSION_INVITATION] = "invitation",
    [JL_ADMISSION_USED] = "used",     [JL_ADMISSION_DEVICE] = "device",
    [JL_ADMISSION_STATE] = "state",   [JL_ADMISSION_RESTORED] = "restored",
};
static const char *const state_words[] = {[JL_DEVICE_ACTIVE] = "active",
                                          [JL_DEVICE_SUSPENDED] = "suspended",
                                          [JL_DEVICE_REVOKED] = "revoked"};

/* The tag of a line: over the tag before it and the line, which starts anew for each file. */
static enum jl_rc next_tag(struct jl_sealer *sealer, struct jl_bytes line,
                           uint8_t tag[static JL_TAG_BYTES], struct jl_err *err) {
    uint8_t place[sizeof tag_place + JL_TAG_BYTES];
    memcpy(place, tag_place, sizeof tag_place);
    memcpy(place + sizeof tag_place, tag, JL_TAG_BYTES);
    return jl_sealer_tag(sealer, jl_bytes(place, sizeof place), line, tag, err);
}

/* ---- Writing ---- */

static enum jl_rc put_text(struct jl_buf *out, const char *text, struct jl_err *err) {
    size_t size = strlen(text);
    bool whole = jl_utf8_valid(jl_bytes(text, size));
    enum jl_rc rc = size == 0 ? jl_buf_put_text(out, " -", err) : jl_buf_put_u8(out, ' ', err);
    for (size_t i = 0; rc == JL_OK && i < size; i++) {
        uint8_t byte = (uint8_t)text[i];
        bool plain = byte > ' ' && byte != '%' && byte != 0x7f && (byte < 0x80 || whole);
        bool alone = size == 1 && byte == '-'; /* would say: empty */
        rc = plain && !alone ? jl_buf_put_u8(out, byte, err)
                             : jl_buf_printf(out, err, "%%%02X", (unsigned)byte);
    }
    return rc;
}

static enum jl_rc put_key(struct jl_buf *out, const uint8_t key[static 32], struct jl_err *err) {
    char hex[65];
    jl_hex_encode(jl_bytes(key, 32), hex);
    return jl_buf_printf(out, err, " %s", hex);
}

static enum jl_rc put_sign_key(struct jl_buf *out, const struct jl_admission_event *event,
                               struct jl_err *err) {
    char hex[2 * JL_SIGN_PUBLIC_MAX_BYTES + 1];
    jl_hex_encode(jl_bytes(event->sign_public, event->sign_public_bytes), hex);
    return event->suite == JL_SUITE_FIRST
               ? jl_buf_printf(out, err, " %s", hex)
               : jl_buf_printf(out, err, " s%" PRIu32 ":%s", event->suite, hex);
}

static enum jl_rc put_event(struct jl_buf *out, const struct jl_admission_event *event,
                            struct jl_err *err) {
    enum jl_rc rc = jl_buf_printf(out, err, "%" PRIu64 " %" PRId64 " %s", event->event,
                                  event->at_ms, kind_words[event->kind]);
    if (rc == JL_OK && event->kind != JL_ADMISSION_RESTORED) {
        rc = jl_buf_printf(out, err, " %" PRIu32, event->number);
    }
    if (rc != JL_OK) {
        return rc;
    }
    switch (event->kind) {
    case JL_ADMISSION_OFFICE:
        rc = put_text(out, event->code, err);
        return rc == JL_OK ? put_text(out, event->name, err) : rc;
    case JL_ADMISSION_INVITATION:
        rc = jl_buf_printf(out, err, " %" PRIu32, event->office);
        if (rc == JL_OK) {
            rc = put_key(out, event->curve_public, err);
        }
        return rc == JL_OK ? jl_buf_printf(out, err, " %" PRId64, event->expires_ms) : rc;
    case JL_ADMISSION_USED:
        return jl_buf_printf(out, err, " %" PRIu32, event->device);
    case JL_ADMISSION_DEVICE:
        rc = jl_buf_printf(out, err, " %" PRIu32, event->office);
        if (rc == JL_OK) {
            rc = put_key(out, event->curve_public, err);
        }
        if (rc == JL_OK) {
            rc = put_sign_key(out, event, err);
        }
        return rc == JL_OK ? put_text(out, event->name, err) : rc;
    case JL_ADMISSION_STATE:
        return jl_buf_printf(out, err, " %s", state_words[event->state]);
    case JL_ADMISSION_RESTORED:
        break;
    }
    return jl_buf_printf(out, err, " %" PRIu32 " %" PRIu32 " %" PRIu32, event->floors[0],
                         event->floors[1], event->floors[2]);
}

static enum jl_rc end_line(struct jl_buf *out, size_t start, struct jl_sealer *sealer,
                           uint8_t tag[static JL_TAG_BYTES], struct jl_err *err) {
    char hex[2 * JL_TAG_BYTES + 1];
    enum jl_rc rc = next_tag(sealer, jl_bytes(out->data + start, out->size - start), tag, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_hex_encode(jl_bytes(tag, JL_TAG_BYTES), hex);
    rc = jl_buf_printf(out, err, " #%s\n", hex);
    JL_ASSERT(out->size - start <= JL_ADMISSION_LINE_MAX_BYTES);
    return rc;
}

enum jl_rc jl_admissions_encode(const struct jl_admission_event *events, size_t count,
                                bool with_head, struct jl_sealer *sealer,
                                const struct jl_keys *keys, uint8_t tag[static JL_TAG_BYTES],
                                struct jl_buf *out, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    if (with_head) {
        char hex[2 * JL_SIGN_PUBLIC_MAX_BYTES + 1];
        char mark[JL_SUITE_MARK_BYTES];
        size_t start = out->size;
        memset(tag, 0, JL_TAG_BYTES);
        jl_suite_mark(keys->suite, mark);
        jl_hex_encode(jl_bytes(keys->sign_public, keys->suite->sign->public_bytes), hex);
        rc = jl_buf_printf(out, err, "%s%s %s", head_words, mark, hex);
        rc = rc == JL_OK ? end_line(out, start, sealer, tag, err) : rc;
    }
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        size_t start = out->size;
        rc = put_event(out, &events[i], err);
        rc = rc == JL_OK ? end_line(out, start, sealer, tag, err) : rc;
    }
    return rc;
}

/* ---- Reading ---- */

/* Fills one field from a word; false: not such a word. */
static bool read_number(const char *word, uint64_t most, uint64_t *out_number) {
    uint64_t number = 0;
    size_t size = strlen(word);
    if (size == 0 || size > 19 || strspn(word, "0123456789") != size ||
        (word[0] == '0' && size > 1)) {
        return false;
    }
    for (const char *digit = word; *digit != '\0'; digit++) {
        number = number * 10 + (uint64_t)(*digit - '0');
    }
    *out_number = number;
    return number <= most;
}

static bool read_u32(const char *word, uint32_t least, uint32_t end, uint32_t *out_number) {
    uint64_t number = 0;
    if (!read_number(word, end - 1, &number) || number < least) {
        return false;
    }
    *out_number = (uint32_t)number;
    return true;
}

static bool read_time(const char *word, int64_t *out_ms) {
    bool before = word[0] == '-';
    uint64_t number = 0;
    if (!read_number(word + before, INT64_MAX, &number) || (before && number == 0)) {
        return false;
    }
    *out_ms = before ? -(int64_t)number : (int64_t)number;
    return true;
}

static bool read_hex(const char *word, uint8_t *out_key, size_t size) {
    return strlen(word) == 2 * size && strspn(word, "0123456789abcdef") == 2 * size &&
           jl_hex_decode(word, out_key, size, NULL) == JL_OK;
}

static bool read_key(const char *word, uint8_t out_key[static 32]) {
    return read_hex(word, out_key, 32);
}

/* As long as its suite's keys are; of one that this program does not know, as it is. */
static bool read_sign_key(char *word, struct jl_admission_event *event) {
    char *end = word[0] == 's' ? strchr(word, ':') : NULL;
    event->suite = JL_SUITE_FIRST;
    if (end != NULL) {
        *end = '\0';
        if (!read_u32(word + 1, JL_SUITE_FIRST + 1, JL_SUITE_NUMBER_MAX + 1, &event->suite)) {
            return false;
        }
        word = end + 1;
    }
    const struct jl_suite *suite = jl_suite_find(event->suite);
    size_t size = strlen(word) / 2;
    if (size == 0 || size > sizeof event->sign_public ||
        (suite != NULL && size != suite->sign->public_bytes)) {
        return false;
    }
    event->sign_public_bytes = (uint32_t)size;
    return read_hex(word, event->sign_public, size);
}

static int hex_digit(char digit) {
    static const char digits[] = "0123456789ABCDEF";
    const char *at = digit != '\0' ? strchr(digits, digit) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

static bool read_text(const char *word, char *out_text, size_t capacity) {
    size_t size = 0;
    memset(out_text, 0, capacity);
    if (strcmp(word, "-") == 0) {
        return true;
    }
    for (; *word != '\0'; word++) {
        int byte = (uint8_t)*word;
        if (byte == '%') {
            int high = hex_digit(word[1]);
            int low = high >= 0 ? hex_digit(word[2]) : -1;
            byte = high * 16 + low;
            if (high < 0 || low < 0) {
                return false;
            }
            word += 2;
        }
        if (byte == 0 || size + 1 >= capacity) {
            return false;
        }
        out_text[size++] = (char)(uint8_t)byte;
    }
    return size > 0;
}

static bool read_state(const char *word, enum jl_device_state *out_state) {
    for (int state = JL_DEVICE_ACTIVE; state <= JL_DEVICE_REVOKED; state++) {
        if (strcmp(word, state_words[state]) == 0) {
            *out_state = (enum jl_device_state)state;
            return true;
        }
    }
    return false;
}

static bool read_rest(char *const *words, size_t count, struct jl_admission_event *event) {
    switch (event->kind) {
    case JL_ADMISSION_OFFICE:
        return count == 3 && read_u32(words[0], 1, JL_OFFICES_MAX, &event->number) &&
               read_text(words[1], event->code, sizeof event->code) &&
               read_text(words[2], event->name, sizeof event->name);
    case JL_ADMISSION_INVITATION:
        return count == 4 && read_u32(words[0], 1, JL_INVITATIONS_MAX, &event->number) &&
               read_u32(words[1], 1, JL_OFFICES_MAX, &event->office) &&
               read_key(words[2], event->curve_public) && read_time(words[3], &event->expires_ms);
    case JL_ADMISSION_USED:
        return count == 2 && read_u32(words[0], 1, JL_INVITATIONS_MAX, &event->number) &&
               read_u32(words[1], 0, JL_DEVICES_MAX, &event->device);
    case JL_ADMISSION_DEVICE:
        return count == 5 && read_u32(words[0], 1, JL_DEVICES_MAX, &event->number) &&
               read_u32(words[1], 1, JL_OFFICES_MAX, &event->office) &&
               read_key(words[2], event->curve_public) && read_sign_key(words[3], event) &&
               read_text(words[4], event->name, sizeof((struct jl_device *)NULL)->name);
    case JL_ADMISSION_STATE:
        return count == 2 && read_u32(words[0], 1, JL_DEVICES_MAX, &event->number) &&
               read_state(words[1], &event->state);
    case JL_ADMISSION_RESTORED:
        break;
    }
    return count == JL_NUMBERED && read_u32(words[0], 0, UINT32_MAX, &event->floors[0]) &&
           read_u32(words[1], 0, UINT32_MAX, &event->floors[1]) &&
           read_u32(words[2], 0, UINT32_MAX, &event->floors[2]);
}

/* A line without its tag; cut into words in place. */
static bool read_event(char *line, struct jl_admission_event *event) {
    char *words[WORDS_MAX];
    size_t count = 0;
    uint64_t number = 0;
    for (char *word = line; word != NULL;) {
        char *end = strchr(word, ' ');
        if (count == WORDS_MAX) {
            return false;
        }
        words[count++] = word;
        if (end != NULL) {
            *end = '\0';
        }
        word = end != NULL ? end + 1 : NULL;
    }
    if (count < 4 || !read_number(words[0], INT64_MAX, &number) || number == 0 ||
        !read_time(words[1], &event->at_ms)) {
        return false;
    }
    event->event = number;
    for (int kind = JL_ADMISSION_OFFICE; kind <= JL_ADMISSION_RESTORED; kind++) {
        if (strcmp(words[2], kind_words[kind]) == 0) {
            event->kind = (enum jl_admission_kind)kind;
            return read_rest(words + 3, count - 3, event);
        }
    }
    return false;
}

struct reading {
    struct jl_admissions *log;
    struct jl_sealer *sealer;
    const struct jl_keys *keys;
    size_t line; /* from 1 */
};

static enum jl_rc damaged(const struct reading *reading, struct jl_err *err) {
    return jl_fault_at(err, JL_CORRUPT, JL_FAULT_ADMISSIONS_LINE_DAMAGED, "%zu", reading->line);
}

/* JL_OK: the line's tag is right, and out_line has what stands before it. */
static enum jl_rc take_tag(struct reading *reading, struct jl_bytes line,
                           char out_line[static JL_ADMISSION_LINE_MAX_BYTES], struct jl_err *err) {
    uint8_t said[JL_TAG_BYTES];
    if (line.size <= TAG_TEXT_BYTES || line.size >= JL_ADMISSION_LINE_MAX_BYTES ||
        memchr(line.data, '\0', line.size) != NULL) {
        return damaged(reading, err);
    }
    size_t size = line.size - TAG_TEXT_BYTES;
    memcpy(out_line, line.data, line.size);
    out_line[line.size] = '\0';
    if (memcmp(out_line + size, " #", 2) != 0 ||
        jl_hex_decode(out_line + size + 2, said, sizeof said, NULL) != JL_OK) {
        return damaged(reading, err);
    }
    out_line[size] = '\0';
    enum jl_rc rc = next_tag(reading->sealer, jl_bytes(out_line, size), reading->log->tag, err);
    return rc == JL_OK && memcmp(said, reading->log->tag, sizeof said) != 0 ? damaged(reading, err)
                                                                            : rc;
}

/* out_suite: NULL where it is one that this program does not know. */
static bool is_head(const char *line, const struct jl_suite **out_suite,
                    uint8_t out_key[static JL_SIGN_PUBLIC_MAX_BYTES]) {
    size_t size = 0;
    uint32_t number = 0;
    if (!jl_suite_of_text(jl_bytes_text(line), head_words, &number, &size) || line[size] != ' ') {
        return false;
    }
    *out_suite = jl_suite_find(number);
    return *out_suite == NULL ||
           read_hex(line + size + 1, out_key, (*out_suite)->sign->public_bytes);
}

/* Whose log is it? Asked before the tag, which another district's keys can't check. */
static enum jl_rc read_head(struct reading *reading, struct jl_bytes line, struct jl_err *err) {
    char text[JL_ADMISSION_LINE_MAX_BYTES] = "";
    uint8_t key[JL_SIGN_PUBLIC_MAX_BYTES] = {0};
    const struct jl_suite *suite = NULL;
    size_t size = line.size > TAG_TEXT_BYTES ? line.size - TAG_TEXT_BYTES : 0;
    memcpy(text, line.data, size < sizeof text ? size : 0);
    if (!is_head(text, &suite, key)) {
        return jl_fault(err, JL_CORRUPT, JL_FAULT_ADMISSIONS_NO_LOG);
    }
    if (suite != reading->keys->suite || memcmp(key, reading->keys->sign_public, sizeof key) != 0) {
        return jl_fault(err, JL_CONFLICT, JL_FAULT_ADMISSIONS_OTHERS);
    }
    return take_tag(reading, line, text, err);
}

static enum jl_rc read_line(struct reading *reading, struct jl_bytes line, struct jl_err *err) {
    char text[JL_ADMISSION_LINE_MAX_BYTES];
    struct jl_admission_event event = {0};
    if (reading->line == 1) {
        return read_head(reading, line, err);
    }
    enum jl_rc rc = take_tag(reading, line, text, err);
    if (rc == JL_OK && (!read_event(text, &event) || event.event < reading->log->last)) {
        rc = damaged(reading, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_admissions_take(reading->log, &event, err);
    return rc == JL_OK ? JL_OK : jl_fault_wrap(err, JL_FAULT_LINE, "%zu", reading->line);
}

enum jl_rc jl_admissions_decode(struct jl_bytes text, struct jl_sealer *sealer,
                                const struct jl_keys *keys, struct jl_admissions *log,
                                struct jl_err *err) {
    struct reading reading = {.log = log, .sealer = sealer, .keys = keys};
    if (text.size > JL_ADMISSIONS_MAX_BYTES) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_ADMISSIONS_LONG, "%d",
                           (int)JL_ADMISSIONS_MAX_BYTES);
    }
    while (text.size > 0) {
        const uint8_t *end = memchr(text.data, '\n', text.size);
        if (end == NULL) {
            return JL_OK; /* a write that was cut off */
        }
        size_t size = (size_t)(end - text.data);
        reading.line++;
        enum jl_rc rc = read_line(&reading, jl_bytes(text.data, size), err);
        if (rc != JL_OK) {
            return rc;
        }
        log->whole_bytes += size + 1;
        text = jl_bytes(end + 1, text.size - size - 1);
    }
    return JL_OK;
}
