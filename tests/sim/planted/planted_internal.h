/* Shared by planted*.c only: which mistake is on, and how a call is taken over. */
#ifndef JIELIAN_TESTS_SIM_PLANTED_INTERNAL_H
#define JIELIAN_TESTS_SIM_PLANTED_INTERNAL_H

#include "planted.h"

enum bug {
    NO_BUG,
    ALREADY_FORGOTTEN,
    FEED_HEAD_UNSAVED,
    LEAVE_DROPPED,
    ENTER_DROPPED,
    DELETE_DROPPED,
    MARKS_DROPPED,
    REOFFER_LATE,
    EPOCH_IGNORED,
    REPAIR_ASIDE,
    ECHO_OF_MERGED,
    CASE_DROPPED,
    LOSER_DROPPED,
    ROW_BEHIND_CURSOR,
    CHAIN_UNCHECKED,
    SIGNATURE_UNCHECKED,
    SUM_KEEPS_DELETED,
    JOURNAL_SHORT,
    RETRY_LOST,
    ANSWER_BEFORE_COMMIT,
    LAST_WRITER_WINS,
    QUARANTINE_DROPPED,
    RECHAIN_DROPPED,
    CATALOGUE_UNTAKEN,
    REFUSAL_FORGOTTEN,
    REFERENCES_LEFT,
    LATE_EDIT_DROPPED,
    TOMBSTONE_FORGOTTEN,
    SIGHT_UNCHECKED,
    HOLDING_UNSAVED,
    CHAIN_UNSAVED,
    PROOFS_FOR_DAYS,
    SUSPENDED_FORGOTTEN,
    VERDICTS_UNSAVED,
    INVITATION_REUSED,
    REVOKED_AGAIN,
    NUMBERS_AGAIN,
    ACCOUNTS_OPEN,
    RIGHT_UNCHECKED,
    PAIR_TOLD,
    OWN_MERGE_UNCHECKED,
    REPAIR_BY_BUCKET,
    ROWS_OF_OTHERS,
    PAGE_MIXED,
    VERIFIER_TOLD,
    MERGE_UNDONE,
    MOVED_BY_ANYBODY,
    BUGS
};

extern enum bug planted_chosen;

/* The names that --wrap makes, said to the assembler only: the C names stay ordinary ones. */
#define WRAP(type, name, ...)                                                                      \
    type real_##name(__VA_ARGS__) __asm__("__real_" #name);                                        \
    type planted_##name(__VA_ARGS__) __asm__("__wrap_" #name);                                     \
    type planted_##name(__VA_ARGS__)

#endif
