/* Every sentence that the programs say to people, by code: its places and its text in each
 * language (say.c).
 *
 * Numbers are never used twice, and the places of a code never change: another place is another
 * code. Ranges: 1..999 the validator, 1000..1999 why a change was not taken, 2000..2999 why a
 * message was refused. From 3000 on: faults, which never leave their process (base/fault_code.h).
 *
 * Pure.  Thread: any. */
#ifndef JIELIAN_MESSAGE_SAY_H
#define JIELIAN_MESSAGE_SAY_H

#include "jielian/base/language.h"

#include <stddef.h>
#include <stdint.h>

/* Before the reason that a person of the district gave for refusing a change. It has no code:
 * verdicts of rules 2 hold this text, and are replayed byte for byte. jl_remark_text says it in
 * the listener's language all the same. */
#define JL_SAY_REFUSED_ZH "区总工会审定不接收："

enum jl_say_code {
    JL_SAY_NOTHING = 0, /* no code: the text is all there is */

    /* The validator. */
    JL_SAY_REQUIRED = 1,
    JL_SAY_WRONG_KIND = 2,
    JL_SAY_NOT_TEXT = 3,
    JL_SAY_TEXT_EMPTY = 4,
    JL_SAY_TEXT_LONG = 5,
    JL_SAY_SCIENTIFIC = 6,
    JL_SAY_NOT_INT = 7,
    JL_SAY_NOT_WHOLE = 8,
    JL_SAY_NOT_MONEY = 9,
    JL_SAY_MONEY_FINE = 10,
    JL_SAY_NUMBER_LARGE = 11,
    JL_SAY_NUMBER_LOW = 12,
    JL_SAY_NUMBER_HIGH = 13,
    JL_SAY_NOT_DATE = 14,
    JL_SAY_DATE_ORDER = 15,
    JL_SAY_DATE_NO_DAY = 16,
    JL_SAY_DATE_NO_YEAR = 17,
    JL_SAY_DATE_ABSENT = 18,
    JL_SAY_DATE_EARLY = 19,
    JL_SAY_DATE_FUTURE = 20,
    JL_SAY_DATE_FAR = 21,
    JL_SAY_NOT_MONDAY = 22,
    JL_SAY_NOT_MONTH = 23,
    JL_SAY_MONTH_TENTH = 24,
    JL_SAY_MONTH_DAY = 25,
    JL_SAY_NOT_BOOL = 26,
    JL_SAY_CODE_NEAREST = 27,
    JL_SAY_CODE_CHOICE = 28,
    JL_SAY_CODE_NUMBER = 29,
    JL_SAY_NOT_REF = 30,
    JL_SAY_NAME_SHORT = 31,
    JL_SAY_NAME_LONG = 32,
    JL_SAY_NAME_SIGN = 33,
    JL_SAY_NAME_PRIVATE = 34,
    JL_SAY_NAME_DOT = 35,
    JL_SAY_NAME_LATIN = 36,
    JL_SAY_ID_LENGTH = 37,
    JL_SAY_ID_OLD = 38,
    JL_SAY_ID_SIGNS = 39,
    JL_SAY_ID_DATE = 40,
    JL_SAY_ID_CHECK = 41,
    JL_SAY_ID_ROUNDED = 42,
    JL_SAY_ID_AREA = 43,
    JL_SAY_ID_AGE = 44,
    JL_SAY_ID_SEX = 45,
    JL_SAY_ID_BIRTH = 46,
    JL_SAY_PERMIT_LENGTH = 47,
    JL_SAY_USCC_LENGTH = 48,
    JL_SAY_USCC_SIGN = 49,
    JL_SAY_USCC_CHECK = 50,
    JL_SAY_USCC_ORG = 51,
    JL_SAY_PHONE = 52,
    JL_SAY_PAIR = 53,
    JL_SAY_TRANSFER_SAME = 54,
    JL_SAY_TRANSFER_FIXED = 55,
    JL_SAY_CATALOGUE = 56, /* a check's own words */
    JL_SAY_FLOW_START = 57,
    JL_SAY_FLOW_DISTRICTS = 58,
    JL_SAY_FLOW_MOVE = 59,
    JL_SAY_FLOW_END = 60,
    JL_SAY_FLOW_WHO = 61,
    JL_SAY_FLOW_CLEARED = 62,
    JL_SAY_ROW_LARGE = 63,

    /* Why the district did not take a change. */
    JL_SAY_NOT_TAKEN = 1000,
    JL_SAY_FOREIGN = 1001,
    JL_SAY_ABSENT = 1002,
    JL_SAY_APPEND_ONLY = 1003,
    JL_SAY_NATURAL_KEY = 1004,
    JL_SAY_MERGE_DISTRICTS = 1005,
    JL_SAY_OP_UNKNOWN = 1006,
    JL_SAY_UNSEEN = 1007,
    JL_SAY_NUMBER_GAP = 1008,
    JL_SAY_TYPE_UNKNOWN = 1009,
    JL_SAY_CASE_DISTRICTS = 1010,
    JL_SAY_GIVEN_UP = 1011,
    JL_SAY_CASE_LONG = 1012,
    JL_SAY_SUBJECT_GONE = 1013,
    JL_SAY_SUBJECT_ELSEWHERE = 1014,
    /* who may write what (may.h) */
    JL_SAY_USE_OFFICE_ADD = 1020,
    JL_SAY_OFFICE_NUMBER = 1021,
    JL_SAY_USE_USER_ADD = 1022,
    JL_SAY_STAFF_LOGIN = 1023,
    JL_SAY_STAFF_PASSWORD = 1024,
    JL_SAY_STAFF_LOCKED = 1025,
    JL_SAY_USE_CASE_RESOLVE = 1026,
    JL_SAY_USE_CATALOGUE_APPLY = 1027,
    JL_SAY_CHANGE_SET_KEPT = 1028,
    JL_SAY_USE_UNDO = 1029,
    JL_SAY_IMPORT_KEPT = 1030,
    JL_SAY_ACCESS_LOG_KEPT = 1031,
    JL_SAY_SNAPSHOT_KEPT = 1032,
    JL_SAY_USE_QUARANTINE = 1033,
    JL_SAY_USE_LEAVE = 1034,
    JL_SAY_USE_TRANSFER_ASK = 1035,
    JL_SAY_PROGRAM_KEPT = 1036,
    JL_SAY_TYPE_DISTRICTS = 1037,
    JL_SAY_CASE_NOT_OPENED = 1038,
    JL_SAY_CASE_SIGNATURE = 1039,
    JL_SAY_CHANGE_SET_UNDONE = 1040,
    JL_SAY_CHANGE_SET_KIND = 1041,
    JL_SAY_TRANSFER_NO_PARTY = 1042,
    JL_SAY_TRANSFER_NOT_HOLDER = 1043,
    JL_SAY_TRANSFER_PARTIES = 1044,
    JL_SAY_TRANSFER_FACT = 1045,
    JL_SAY_TRANSFER_TURN = 1046,
    JL_SAY_TRANSFER_NO_REMOVAL = 1047,
    JL_SAY_TRANSFER_NO_OFFICE = 1048,
    JL_SAY_MERGED_AWAY = 1049,
    JL_SAY_MERGE_TYPE = 1050,
    JL_SAY_MERGE_MISSING = 1051,
    JL_SAY_MERGE_NOT_OWN = 1052,
    JL_SAY_MERGE_CHANGED = 1053,
    JL_SAY_MERGE_TRANSFER = 1054,
    JL_SAY_MERGE_CHECKED = 1055,
    JL_SAY_MERGE_ELSEWHERE = 1056,
    JL_SAY_MERGE_MANY = 1057,
    JL_SAY_MERGE_NOT_TAKEN = 1058,
    /* what a case says */
    JL_SAY_ELSEWHERE_NUMBER = 1060,
    JL_SAY_ELSEWHERE = 1061,

    /* Why the district refused a message; {1}: what exactly, in the English of the protocol. */
    JL_SAY_NOT_ENVELOPE = 2000,
    JL_SAY_MESSAGE_UNKNOWN = 2001,
    JL_SAY_MESSAGE_NOT_YOURS = 2002,
    JL_SAY_PART_SIZE = 2003,
    JL_SAY_PART_TEXT = 2004,
    JL_SAY_PART_VALUE = 2005,
    JL_SAY_BODY = 2006,
    JL_SAY_BOUND = 2007,
    JL_SAY_OP_NOT_CANONICAL = 2008,
    JL_SAY_OP_NOT_DECODED = 2009,
    JL_SAY_ANSWER_IMPOSSIBLE = 2010,
    JL_SAY_CHAIN_UNKNOWN = 2020,
    JL_SAY_CHAIN_TAKEN = 2021,
    JL_SAY_CHAIN_OTHER_OP = 2022,
    JL_SAY_CHAIN_HELD = 2023,
    JL_SAY_SIGNATURE = 2024,
    JL_SAY_HELLO_FIRST = 2030,
    JL_SAY_HELLO_ANEW = 2031,
    JL_SAY_SLOW_DOWN = 2040,
    JL_SAY_TOO_MANY = 2041,
    JL_SAY_NO_ROOM = 2042,
    JL_SAY_CAN_NOT_NOW = 2043,
    JL_SAY_QUOTA = 2044,
    JL_SAY_VERSION_SPOKEN = 2050,
    JL_SAY_VERSION_NEEDED = 2051,
    JL_SAY_KEY_UNKNOWN = 2060,
    JL_SAY_INVITATION_UNKNOWN = 2061,
    JL_SAY_INVITATION_USED = 2062,
    JL_SAY_INVITATION_EXPIRED = 2063,
    JL_SAY_INVITATION_OFFICE = 2064,
    JL_SAY_OTHER_OFFICE = 2065,
    JL_SAY_OTHER_KEY = 2066,
    JL_SAY_PC_REVOKED = 2067,
    JL_SAY_PC_ELSEWHERE = 2068,
    JL_SAY_CLOCK_WRONG = 2069,
    JL_SAY_ENROL_SIGNATURE = 2070,
    JL_SAY_REVOKED = 2080,
    JL_SAY_SUSPENDED = 2090,
    JL_SAY_QUARANTINE_FULL = 2091,
};

/* What a code's n-th place may hold: a bit per enum jl_argument_kind. NULL: the code is not known;
 * *out_count: how many places. */
const uint16_t *jl_say_places(uint32_t code, size_t *out_count);
/* The index-th code of this program, ascending; 0: no more. */
uint32_t jl_say_code_at(size_t index);
/* The sentence with its places {1}, {2}, …; NULL: not known. */
const char *jl_say_sentence(uint32_t code, enum jl_language language);

#endif
