/* Bodies of messages as no honest program sends them, and what the decoder makes of each. */
#ifndef JIELIAN_TEST_WIRE_BROKEN_H
#define JIELIAN_TEST_WIRE_BROKEN_H

#include "proto/wire.h"

#include "jielian/base/limits.h"

enum { PARTS_MAX = 6 };

/* One protobuf field. form: 'v' a varint; 'a' value bytes "aaa…"; 'u' value bytes 0xFF; 'd' value
 * bytes that descend; ' ' none. */
struct part {
    uint32_t field;
    char form;
    uint64_t value;
};

static const struct broken {
    const char *what;
    unsigned kind;
    enum jl_rc rc;
    struct part parts[PARTS_MAX];
} broken[] = {
    /* clang-format off */
    {"a good hello", 1, JL_OK, {{1, 'v', 1}, {2, 'v', 1}, {3, 'a', 16}, {7, 'a', 32}}},
    {"no incarnation", 1, JL_PROTO, {{1, 'v', 1}, {2, 'v', 1}, {7, 'a', 32}}},
    {"a long incarnation", 1, JL_PROTO, {{1, 'v', 1}, {2, 'v', 1}, {3, 'a', 17}, {7, 'a', 32}}},
    {"a short epoch", 1, JL_PROTO, {{1, 'v', 1}, {2, 'v', 1}, {3, 'a', 16}, {7, 'a', 32}, {4, 'a', 15}}},
    {"a short chain hash", 1, JL_PROTO, {{1, 'v', 1}, {2, 'v', 1}, {3, 'a', 16}, {7, 'a', 31}}},
    {"no version", 1, JL_PROTO, {{2, 'v', 1}, {3, 'a', 16}, {7, 'a', 32}}},
    {"oldest over version", 1, JL_PROTO, {{1, 'v', 1}, {2, 'v', 2}, {3, 'a', 16}, {7, 'a', 32}}},
    {"confirmed over head", 1, JL_PROTO, {{1, 'v', 1}, {2, 'v', 1}, {3, 'a', 16}, {7, 'a', 32}, {6, 'v', 1}}},
    {"a cursor of 2^63", 1, JL_PROTO, {{1, 'v', 1}, {2, 'v', 1}, {3, 'a', 16}, {7, 'a', 32}, {8, 'v', 1ULL << 63}}},
    {"a long program version", 1, JL_LIMIT, {{1, 'v', 1}, {2, 'v', 1}, {3, 'a', 16}, {7, 'a', 32}, {17, 'a', 16}}},
    {"a program version not ASCII", 1, JL_PROTO, {{1, 'v', 1}, {2, 'v', 1}, {3, 'a', 16}, {7, 'a', 32}, {17, 'u', 5}}},
    {"a last stop of a later program", 1, JL_OK, {{1, 'v', 1}, {2, 'v', 1}, {3, 'a', 16}, {7, 'a', 32}, {20, 'v', 99}}},
    {"cycles that are no message", 1, JL_PROTO, {{1, 'v', 1}, {2, 'v', 1}, {3, 'a', 16}, {7, 'a', 32}, {21, 'a', 1}}},
    {"a good bye", 17, JL_OK, {{1, 'v', 3}}},
    {"a bye for a reason of a later program", 17, JL_OK, {{1, 'v', 99}}},
    {"a bye without a reason", 17, JL_PROTO, {{2, 'v', 1}}},
    {"a good welcome", 2, JL_OK, {{1, 'v', 1}, {2, 'a', 16}, {4, 'a', 32}}},
    {"a district's program not ASCII", 2, JL_PROTO, {{1, 'v', 1}, {2, 'a', 16}, {4, 'a', 32}, {11, 'u', 5}}},
    {"a district's long program", 2, JL_LIMIT, {{1, 'v', 1}, {2, 'a', 16}, {4, 'a', 32}, {11, 'a', 16}}},
    {"a long endpoint", 2, JL_LIMIT, {{1, 'v', 1}, {2, 'a', 16}, {4, 'a', 32}, {12, 'a', 256}}},
    {"an endpoint not ASCII", 2, JL_PROTO, {{1, 'v', 1}, {2, 'a', 16}, {4, 'a', 32}, {12, 'u', 5}}},
    {"an empty endpoint", 2, JL_PROTO, {{1, 'v', 1}, {2, 'a', 16}, {4, 'a', 32}, {12, 'a', 0}}},
    {"a PC that is no message", 2, JL_PROTO, {{1, 'v', 1}, {2, 'a', 16}, {4, 'a', 32}, {13, 'a', 1}}},
    {"a PC without a number", 2, JL_PROTO, {{1, 'v', 1}, {2, 'a', 16}, {4, 'a', 32}, {13, 'a', 0}}},
    {"a welcome without epoch", 2, JL_PROTO, {{1, 'v', 1}, {4, 'a', 32}}},
    {"a welcome without hash", 2, JL_PROTO, {{1, 'v', 1}, {2, 'a', 16}}},
    {"a welcome without version", 2, JL_PROTO, {{2, 'a', 16}, {4, 'a', 32}}},
    {"good verdicts", 4, JL_OK, {{1, 'v', 1}, {2, 'v', 4}}},
    {"nothing confirmed", 4, JL_OK, {{1, 'v', 5}, {2, 'v', 4}}},
    {"first op 0", 4, JL_PROTO, {{1, 'v', 0}, {2, 'v', 4}}},
    {"last op before first", 4, JL_PROTO, {{1, 'v', 5}, {2, 'v', 3}}},
    {"verdicts of a million ops", 4, JL_PROTO, {{1, 'v', 1}, {2, 'v', 1000000}}},
    {"own to before own from", 4, JL_PROTO, {{1, 'v', 1}, {2, 'v', 4}, {4, 'v', 9}, {5, 'v', 8}}},
    {"a good pull", 5, JL_OK, {{3, 'v', JL_PAGE_MIN_BYTES}, {4, 'v', 4}}},
    {"a pull of no page", 5, JL_PROTO, {{3, 'v', JL_PAGE_MIN_BYTES}}},
    {"a pull of five pages", 5, JL_PROTO, {{3, 'v', JL_PAGE_MIN_BYTES}, {4, 'v', 5}}},
    {"feed 2", 5, JL_PROTO, {{1, 'v', 2}, {3, 'v', JL_PAGE_MIN_BYTES}, {4, 'v', 4}}},
    {"pages of a byte", 5, JL_PROTO, {{3, 'v', 1}, {4, 'v', 4}}},
    {"pages of a gigabyte", 5, JL_PROTO, {{3, 'v', 1 << 30}, {4, 'v', 4}}},
    {"a good empty page", 6, JL_OK, {{2, 'v', 5}, {3, 'v', 5}, {4, 'v', 9}}},
    {"a page that goes back", 6, JL_PROTO, {{2, 'v', 5}, {3, 'v', 4}}},
    {"counts with a later page", 6, JL_PROTO, {{2, 'v', 5}, {3, 'v', 5}, {9, 'a', 2}}},
    {"counts with a repair", 6, JL_PROTO, {{8, 'v', 1}, {9, 'a', 2}}},
    {"half a count", 6, JL_PROTO, {{9, 'a', 1}}},
    {"counts that do not ascend", 6, JL_PROTO, {{9, 'a', 4}}},
    {"counts that do not end", 6, JL_PROTO, {{9, 'u', 3}}},
    {"a page of feed 2", 6, JL_PROTO, {{1, 'v', 2}}},
    {"rows without a count", 6, JL_PROTO, {{6, 'a', 98}}},
    {"a short root", 7, JL_PROTO, {{3, 'a', 15}}},
    {"no root", 7, JL_PROTO, {{1, 'v', 1}}},
    {"no result", 8, JL_PROTO, {{2, 'v', 1}}},
    {"result 4", 8, JL_PROTO, {{1, 'v', 4}}},
    {"asking for sums", 9, JL_OK, {{2, 'v', 1}}},
    {"asking for nothing", 9, JL_PROTO, {{1, 'v', 1}}},
    {"step 4", 9, JL_PROTO, {{2, 'v', 4}}},
    {"sums of buckets", 9, JL_PROTO, {{2, 'v', 1}, {3, 'a', 1}}},
    {"ids of no bucket", 9, JL_PROTO, {{2, 'v', 2}}},
    {"ids of a bucket", 9, JL_OK, {{2, 'v', 2}, {3, 'a', 1}}},
    {"a bucket twice", 9, JL_PROTO, {{2, 'v', 2}, {3, 'a', 2}}},
    {"buckets that descend", 9, JL_PROTO, {{2, 'v', 2}, {3, 'd', 200}}},
    {"one row", 9, JL_OK, {{2, 'v', 3}, {4, 'a', 17}}},
    {"no rows", 9, JL_PROTO, {{2, 'v', 3}}},
    {"a row and a bucket", 9, JL_PROTO, {{2, 'v', 3}, {4, 'a', 17}, {3, 'a', 1}}},
    {"a row cut off", 9, JL_PROTO, {{2, 'v', 3}, {4, 'a', 33}}},
    {"too many rows", 9, JL_LIMIT, {{2, 'v', 3}, {4, 'a', 17 * 1025}}},
    {"a type that does not end", 9, JL_PROTO, {{2, 'v', 3}, {4, 'u', 34}}},
    {"too few sums", 10, JL_PROTO, {{2, 'a', 2047}}},
    {"too many sums", 10, JL_PROTO, {{2, 'a', 2049}}},
    {"ids answered for no bucket", 11, JL_PROTO, {{3, 'a', 25}}},
    {"ids cut off", 11, JL_PROTO, {{2, 'a', 1}, {3, 'a', 24}}},
    {"a poke of 2^63", 12, JL_PROTO, {{1, 'v', 1ULL << 63}}},
    {"refuse code 0", 13, JL_PROTO, {{2, 'a', 3}}},
    {"refuse code 9", 13, JL_PROTO, {{1, 'v', 9}}},
    {"a long refusal", 13, JL_LIMIT, {{1, 'v', 1}, {2, 'a', JL_REASON_MAX_BYTES + 1}}},
    {"arguments of a refusal", 13, JL_OK, {{1, 'v', 1}, {5, 'v', 2000}, {6, 'a', JL_ARGUMENTS_MAX_BYTES}}},
    {"too many arguments of a refusal", 13, JL_LIMIT, {{1, 'v', 1}, {5, 'v', 2000}, {6, 'a', JL_ARGUMENTS_MAX_BYTES + 1}}},
    {"arguments that are none", 13, JL_OK, {{1, 'v', 1}, {5, 'v', 1}, {6, 'u', 9}}},
    {"a refusal not UTF-8", 13, JL_PROTO, {{1, 'v', 1}, {2, 'u', 2}}},
    {"a good enrol", 14, JL_OK, {{1, 'a', 32}, {2, 'a', 32}, {4, 'a', 64}}},
    {"a short CURVE key", 14, JL_PROTO, {{1, 'a', 31}, {2, 'a', 32}, {4, 'a', 64}}},
    {"a long signature key", 14, JL_PROTO, {{1, 'a', 32}, {2, 'a', 33}, {4, 'a', 64}}},
    {"a short signature", 14, JL_PROTO, {{1, 'a', 32}, {2, 'a', 32}, {4, 'a', 63}}},
    {"a long device name", 14, JL_LIMIT, {{1, 'a', 32}, {2, 'a', 32}, {4, 'a', 64}, {3, 'a', JL_LABEL_MAX_BYTES + 1}}},
    {"a good enrolled", 15, JL_OK, {{1, 'v', 1}, {2, 'v', 1}, {5, 'a', 32}}},
    {"device 0", 15, JL_PROTO, {{2, 'v', 1}, {5, 'a', 32}}},
    {"office 0", 15, JL_PROTO, {{1, 'v', 1}, {5, 'a', 32}}},
    {"a short proof key", 15, JL_PROTO, {{1, 'v', 1}, {2, 'v', 1}, {5, 'a', 31}}},
    {"a number where bytes belong", 7, JL_PROTO, {{3, 'v', 16}}},
    {"bytes where a number belongs", 12, JL_PROTO, {{1, 'a', 1}}},
    /* clang-format on */
};

#endif
