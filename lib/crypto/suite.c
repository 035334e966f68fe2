/* Suite 1, how a suite is found by its number, and how it is named: by a mark in texts, by a bit in
 * Hello. */
#include "suite.h"
#include "ed25519.h"
#include "scrypt.h"
#include "suites.h"

#include "jielian/base/assert.h"
#include "jielian/base/bytes.h"
#include "jielian/base/fault.h"
#include "jielian/crypto/suite.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct jl_suite jl_suite_first = {
    .number = JL_SUITE_FIRST,
    .digest = "SHA256",
    .cipher = "AES-256-GCM",
    .sign = &jl_ed25519,
    .wrap = "scrypt",
    .passphrase_key = jl_scrypt,
};

const struct jl_suite *jl_suite_find(uint32_t number) {
    for (size_t i = 0; jl_suites_known[i] != NULL; i++) {
        if (jl_suites_known[i]->number == number) {
            return jl_suites_known[i];
        }
    }
    return NULL;
}

const struct jl_suite *jl_suite_for_new(void) {
    return jl_suites_for_new;
}

uint32_t jl_suite_offered(void) {
    uint32_t offered = 0;
    for (size_t i = 0; jl_suites_known[i] != NULL; i++) {
        offered |= UINT32_C(1) << (jl_suites_known[i]->number - 1);
    }
    return offered;
}

bool jl_suite_is_offered(uint32_t offered, uint32_t number) {
    uint32_t known = offered != 0 ? offered : 1;
    return number >= 1 && number <= JL_SUITE_NUMBER_MAX && (known >> (number - 1) & 1) != 0;
}

void jl_suite_mark(const struct jl_suite *suite, char out_mark[static JL_SUITE_MARK_BYTES]) {
    int size = suite->number == JL_SUITE_FIRST
                   ? snprintf(out_mark, JL_SUITE_MARK_BYTES, "%s", "")
                   : snprintf(out_mark, JL_SUITE_MARK_BYTES, " s%" PRIu32, suite->number);
    JL_ASSERT(size >= 0 && size < JL_SUITE_MARK_BYTES);
}

/* The space ends the number: what follows it may be anything. */
struct jl_bytes jl_suite_prefix(const struct jl_suite *suite,
                                char out_text[static JL_SUITE_PREFIX_BYTES]) {
    char mark[JL_SUITE_MARK_BYTES];
    jl_suite_mark(suite, mark);
    int size = mark[0] == '\0' ? 0 : snprintf(out_text, JL_SUITE_PREFIX_BYTES, "jielian%s ", mark);
    JL_ASSERT(size >= 0 && size < JL_SUITE_PREFIX_BYTES);
    return jl_bytes(out_text, (size_t)size);
}

bool jl_suite_of_text(struct jl_bytes text, const char *head, uint32_t *out_number,
                      size_t *out_size) {
    size_t size = strlen(head);
    uint32_t number = JL_SUITE_FIRST;
    if (text.size < size || memcmp(text.data, head, size) != 0) {
        return false;
    }
    if (text.size > size + 2 && text.data[size] == ' ' && text.data[size + 1] == 's') {
        size_t digits = 0;
        number = 0;
        size += 2;
        while (digits < 2 && size < text.size && text.data[size] >= '0' && text.data[size] <= '9') {
            number = number * 10 + (uint32_t)(text.data[size++] - '0');
            digits++;
        }
        /* One way to say each, and none to say suite 1. */
        if (number <= JL_SUITE_FIRST || number > JL_SUITE_NUMBER_MAX ||
            (digits == 2 && number < 10)) {
            return false;
        }
    }
    *out_number = number;
    *out_size = size;
    return true;
}

enum jl_rc jl_suite_unknown(const char *what, uint32_t number, struct jl_err *err) {
    return jl_fault_at(err, JL_PROTO, JL_FAULT_SUITE_UNKNOWN, "%s" JL_AND "%" PRIu32, what, number);
}
