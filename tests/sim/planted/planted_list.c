/* The mistakes by name, and which of them is on. */
#include "planted_internal.h"

#include <string.h>

static const struct planted_bug bugs[BUGS] = {
    [ALREADY_FORGOTTEN] = {"already-forgotten", "An op that comes again is judged anew", 10, 3,
                           false},
    [FEED_HEAD_UNSAVED] = {"feed-head-unsaved",
                           "A feed's head and sum go to disk with every second commit only", 4, 1,
                           false},
    [LEAVE_DROPPED] = {"leave-dropped", "A record that moves is not taken from its old office", 12,
                       6, false},
    [ENTER_DROPPED] = {"enter-dropped", "A record that moves is not sent to its new office", 12, 6,
                       false},
    [DELETE_DROPPED] = {"delete-dropped", "Tombstones are left out of pages", 8, 5, false},
    [MARKS_DROPPED] = {"marks-dropped", "Verdicts move the counter but not the outbox's marks", 4,
                       1, false},
    [REOFFER_LATE] = {"reoffer-late", "After a restore the first op to be offered is left out", 12,
                      1, false},
    [EPOCH_IGNORED] = {"epoch-ignored", "After a restore nothing is offered again", 12, 1, false},
    [REPAIR_ASIDE] = {"repair-aside", "Repair asks for another row than the one that differs", 4, 2,
                      false},
    [ECHO_OF_MERGED] = {"echo-of-merged",
                        "A merged row is taken for an echo and not sent to its author", 10, 5,
                        false},
    [CASE_DROPPED] = {"case-dropped", "The verdict says CASE, but no case is written", 4, 1, false},
    [LOSER_DROPPED] = {"loser-dropped", "A case is written without the values it is about", 4, 3,
                       false},
    [ROW_BEHIND_CURSOR] = {"row-behind-cursor",
                           "The cursor passes the last row of a page that was not stored", 4, 4,
                           false},
    [CHAIN_UNCHECKED] = {"chain-unchecked",
                         "Ops are known by number alone: a copied PC goes unnoticed", 16, 4, false},
    [SIGNATURE_UNCHECKED] = {"signature-unchecked", "A batch's signature is not checked", 10, 1,
                             false},
    [SUM_KEEPS_DELETED] = {"sum-keeps-deleted",
                           "A deleted record is not taken out of the office's sum", 4, 1, false},
    [JOURNAL_SHORT] = {"journal-short", "The journal's body lacks the last op of its batch", 4, 1,
                       false},
    [RETRY_LOST] = {"retry-lost", "No timer runs while an answer is awaited", 4, 1, false},
    [ANSWER_BEFORE_COMMIT] = {"answer-before-commit",
                              "A commit waits for the next one, but the answer does not", 8, 1,
                              false},
    [LAST_WRITER_WINS] = {"last-writer-wins", "An edit is applied without a look at what was there",
                          12, 6, false},
    [QUARANTINE_DROPPED] = {"quarantine-dropped",
                            "What a suspended PC delivers is answered but not stored", 4, 2, false},
    [RECHAIN_DROPPED] = {"rechain-dropped", "A new incarnation's chain is not stored", 4, 1, false},
    [CATALOGUE_UNTAKEN] = {"catalogue-untaken",
                           "An office stores a new catalogue and keeps to the old one", 4, 1,
                           false},
    [REFUSAL_FORGOTTEN] = {"refusal-forgotten",
                           "What the district refused of a suspended PC is judged all the same", 6,
                           2, false},
    [REFERENCES_LEFT] = {"references-left", "A merge leaves the references to the record that goes",
                         10, 2, false},
    [LATE_EDIT_DROPPED] = {"late-edit-dropped",
                           "An edit of a record that was merged away is offered to nobody", 10, 5,
                           false},
    [TOMBSTONE_FORGOTTEN] = {"tombstone-forgotten",
                             "A tombstone forgets which office had the record", 10, 5, false},
    [SIGHT_UNCHECKED] = {"sight-unchecked",
                         "A natural key may name what its author's office does not see", 4, 1,
                         false},
    [HOLDING_UNSAVED] = {"holding-unsaved", "That a restore is open is known to the process only",
                         12, 1, false},
    [CHAIN_UNSAVED] = {"chain-unsaved", "An author's chain moves on in memory only", 4, 1, false},
    [PROOFS_FOR_DAYS] = {"proofs-for-days", "Every proof counts as a day on which ops are kept", 60,
                         18, false},
    [SUSPENDED_FORGOTTEN] = {"suspended-forgotten",
                             "What waits of a PC is dropped when the PC is suspended or revoked",
                             42, 1, false},
    [VERDICTS_UNSAVED] = {"verdicts-unsaved", "The journal keeps ops without their verdicts", 4, 1,
                          false},
    [INVITATION_REUSED] = {"invitation-reused", "That an invitation was used is not kept", 4, 2,
                           false},
    [REVOKED_AGAIN] = {"revoked-again", "The admission log says nothing of who was revoked", 170,
                       85, false},
    [NUMBERS_AGAIN] = {"numbers-again", "Numbers go on behind those of the books, not of the log",
                       104, 52, false},
    [ACCOUNTS_OPEN] = {"accounts-open", "A restore leaves the accounts as they were", 4, 1, false},
    [RIGHT_UNCHECKED] = {"right-unchecked", "The district does not ask who may write what", 60, 31,
                         true},
    [PAIR_TOLD] = {"pair-told", "The case of two offices' records goes to one of them", 14, 7,
                   true},
    [OWN_MERGE_UNCHECKED] = {"own-merge-unchecked",
                             "The district does not ask whether an office may merge", 88, 44,
                             false},
    [REPAIR_BY_BUCKET] = {"repair-by-bucket",
                          "A question reads the feed once for each bucket, part or hash in it", 10,
                          1, true},
    [ROWS_OF_OTHERS] = {"rows-of-others", "Rows that are asked for are shown to whoever asks", 10,
                        3, true},
    [PAGE_MIXED] = {"page-mixed", "A page is made for the office that asked before", 10, 1, true},
    [VERIFIER_TOLD] = {"verifier-told", "A staff record is sent with its password's verifier", 10,
                       3, true},
    [MERGE_UNDONE] = {"merge-undone", "An office may bring back what the district merged away", 20,
                      2, true},
    [MOVED_BY_ANYBODY] = {"moved-by-anybody",
                          "A proof is void when anybody has sent anything since the last page", 10,
                          1, true},
};

enum bug planted_chosen = NO_BUG;

size_t planted_count(void) {
    return BUGS - 1;
}

const struct planted_bug *planted_at(size_t number) {
    return &bugs[number + 1];
}

bool planted_choose(const char *name) {
    planted_chosen = NO_BUG;
    for (enum bug bug = NO_BUG + 1; name != NULL && bug < BUGS; bug++) {
        if (strcmp(bugs[bug].name, name) == 0) {
            planted_chosen = bug;
        }
    }
    return name == NULL || planted_chosen != NO_BUG;
}
