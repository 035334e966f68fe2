/* One row of the file: what it says, which record it may be about, and what becomes of it.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_LIB_SHEET_IMPORT_ROW_H
#define JIELIAN_LIB_SHEET_IMPORT_ROW_H

#include "jielian/base/bytes.h"
#include "jielian/base/id.h"
#include "jielian/base/row.h"
#include "jielian/books/books.h"
#include "jielian/op/change.h"

enum { JL_KEY_BYTES_SHORT = 16 };

/* How much a row of a type without keys says about which record it is (import_same.c). */
enum jl_identity_level {
    JL_IDENTITY_NONE = 0,
    JL_IDENTITY_BARE,
    JL_IDENTITY_DATED,
    JL_IDENTITY_NAMED,
};

enum jl_outcome {
    JL_OUTCOME_ADDED = 1,
    JL_OUTCOME_UPDATED,
    JL_OUTCOME_UNCHANGED,
    JL_OUTCOME_DOUBTFUL,
    JL_OUTCOME_FAILED,
};

struct jl_import_fault {
    struct jl_import_fault *next;
    uint32_t field; /* 0: the row */
    uint32_t code;  /* of the fault; JL_FAULT_TEXT: of the validator, or from somebody else */
    const char *text;
};

struct jl_import_faults {
    struct jl_import_fault *first;
    struct jl_import_fault *last;
};

/* What a text in a reference column stands for; kept for the whole import. */
struct jl_known_ref {
    struct jl_bytes text;
    uint32_t type;
    enum jl_rc rc;
    bool asked;
    bool unseen;
    struct jl_id id;
    struct jl_known_ref *next_new;
};

struct jl_row_ref {
    uint32_t field;
    struct jl_known_ref *known;
};

struct jl_row_mask {
    const struct jl_field *field;
    struct jl_bytes text;
};

/* A record that a row may be about, and by which field it was found. */
struct jl_candidate {
    struct jl_candidate *next;
    uint32_t field; /* 0: by what identifies records of a type without keys */
    struct jl_book_record *record;
};

struct jl_import_same { /* records of one identity, that no row of an earlier chunk has */
    struct jl_candidate *first;
    struct jl_book_record *shown; /* one of them, for a person to look at; NULL: there is none */
    bool alike;                   /* each says what the others say */
    bool claimed;                 /* rows of this chunk have some: it is decided again */
};
struct jl_import_row {
    uint64_t line;
    struct jl_bytes *cells;
    size_t cell_count;

    struct jl_row given; /* what the file says; REF fields are filled by bind */
    struct jl_row_ref *refs;
    size_t ref_count;
    struct jl_row_mask *masks;
    size_t mask_count;
    bool has_id;
    struct jl_id named_id;               /* of the ID column */
    struct jl_import_faults read_faults; /* found while parsing */
    struct jl_import_faults read_warnings;

    struct jl_book_record *named; /* by the ID column; NULL: not asked for */
    struct jl_book_record *keyed; /* by the natural key */
    struct jl_candidate *candidates;
    struct jl_import_same
        *same; /* those of its identity, shared by all rows that have it; or NULL */
    struct jl_candidate *lookalikes;
    enum jl_identity_level level;
    struct jl_book_record *exact; /* of a type without keys: agrees with all the row says */
    bool unsure;                  /* several do, and differ otherwise */
    struct jl_id natural_id;
    bool has_natural_id;
    uint32_t phone_field;
    size_t phone_shared; /* others on the row's phone */

    enum jl_outcome outcome;
    struct jl_import_faults faults;
    struct jl_import_faults warnings;
    struct jl_id new_id; /* stays the same when the chunk is decided again */
    bool has_new_id;
    struct jl_change change; /* ADDED, UPDATED */
};

#endif
