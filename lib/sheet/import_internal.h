/* Shared by import*.c only.
 *
 *   header → { read → parse → bind → [ look up → decide → save ] → settle } per chunk → records
 *
 * What stands in brackets runs again when the save met somebody else's change. Everything of a
 * chunk lives in its arena; what later chunks need lives in `kept`.
 *
 * A type pointer is good within one transaction only (desk.h), so fields are looked up again for
 * each chunk. */
#ifndef JIELIAN_COMMON_IMPORT_INTERNAL_H
#define JIELIAN_COMMON_IMPORT_INTERNAL_H

#include "lib/desk/desk_internal.h"

#include "jielian/sheet/csv.h"

/* ---- The header ---- */

enum jl_column_kind { JL_COLUMN_UNKNOWN = 0, JL_COLUMN_FIELD, JL_COLUMN_ID, JL_COLUMN_REASON };

struct jl_import_column {
    enum jl_column_kind kind;
    uint32_t field;              /* FIELD: number */
    const struct jl_field *meta; /* FIELD: of this chunk's catalogue */
    struct jl_bytes name;        /* as written; empty when the header cell is */
    uint64_t lost;               /* filled cells in a column without a name */
};

struct jl_import_header {
    struct jl_import_column *columns; /* one per cell, left to right */
    size_t count;
    size_t *ordered; /* places of the FIELD columns, ascending by field number */
    size_t ordered_count;
    size_t id_at;       /* place of the ID column; SIZE_MAX: none */
    uint64_t rows_used; /* rows of the file up to and with the header */
};

/* ---- A row ---- */

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

struct jl_fault {
    struct jl_fault *next;
    uint32_t field; /* 0: the row */
    const char *text;
};

struct jl_faults {
    struct jl_fault *first;
    struct jl_fault *last;
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

struct jl_same { /* records of one identity, that no row of an earlier chunk has */
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
    struct jl_id named_id;        /* of the ID column */
    struct jl_faults read_faults; /* found while parsing */
    struct jl_faults read_warnings;

    struct jl_book_record *named; /* by the ID column; NULL: not asked for */
    struct jl_book_record *keyed; /* by the natural key */
    struct jl_candidate *candidates;
    struct jl_same *same; /* those of its identity, shared by all rows that have it; or NULL */
    struct jl_candidate *lookalikes;
    enum jl_identity_level level;
    struct jl_book_record *exact; /* of a type without keys: agrees with all the row says */
    bool unsure;                  /* several do, and differ otherwise */
    struct jl_id natural_id;
    bool has_natural_id;
    uint32_t phone_field;
    size_t phone_shared; /* others on the row's phone */

    enum jl_outcome outcome;
    struct jl_faults faults;
    struct jl_faults warnings;
    struct jl_id new_id; /* stays the same when the chunk is decided again */
    bool has_new_id;
    struct jl_change change; /* ADDED, UPDATED */
};

/* ---- The import ---- */

struct jl_warning_sum {
    uint64_t rows;
    uint64_t first_line, last_line;
    const char *text;
};

struct jl_import {
    struct jl_desk *desk;
    uint32_t type_number;
    const struct jl_type *type;
    const struct jl_import_options *options;
    struct jl_check_context context;
    uint32_t owner;
    struct jl_csv *csv;
    struct jl_arena kept;
    struct jl_import_header header;

    struct jl_map refs;       /* type and text → struct jl_known_ref */
    struct jl_map own;        /* values and titles of this file's new records → struct jl_id */
    struct jl_map claims;     /* key → line that has it, as a number */
    struct jl_map identities; /* for types without keys: identity → chain of struct jl_known_id */
    struct jl_map people;     /* name and birth → chain of struct jl_known_id */
    bool indexed;
    bool refers_to_itself;

    struct jl_arena chunk;
    struct jl_import_row *rows;
    size_t row_count;
    struct jl_known_ref *new_refs;
    bool at_end;
    struct jl_import_row *pending; /* rows that are notes if nothing follows */
    size_t pending_count;

    struct jl_import_result result;
    struct jl_buf notes;             /* struct jl_import_problem, row 0 */
    struct jl_buf found;             /* struct jl_import_problem, by row */
    struct jl_warning_sum *warnings; /* by place of the field in the type; last: the row */
    size_t warning_count;
    struct jl_buf problems_file;
    struct jl_id change_set;
};

/* import_header.c: find the header in the first rows, name what is unknown or missing. JL_PROTO
 * when there is none or a required column is missing. */
JL_MUST_CHECK enum jl_rc jl_import_find_header(struct jl_import *import, struct jl_err *err);

/* import_read.c: the next rows into rows and row_count; at_end after the last. */
JL_MUST_CHECK enum jl_rc jl_import_read(struct jl_import *import, struct jl_err *err);

/* import_parse.c */
JL_MUST_CHECK enum jl_rc jl_import_parse(struct jl_import *import, struct jl_err *err);
/* Put the resolved references into the rows; once per chunk. */
void jl_import_bind(struct jl_import *import);
/* References that were not found: to a record further up in the same file, or a fault. */
JL_MUST_CHECK enum jl_rc jl_import_bind_own(struct jl_import *import, struct jl_import_row *row,
                                            struct jl_err *err);

/* import_same.c: types without keys. */
bool jl_import_has_identity(const struct jl_type *type);
JL_MUST_CHECK enum jl_rc jl_import_identity(struct jl_import *import, const struct jl_row *row,
                                            uint8_t out_key[static JL_KEY_BYTES_SHORT],
                                            enum jl_identity_level *out_level, struct jl_err *err);
/* Do two records of such a type differ in a reference or first date that both have? */
bool jl_import_set_apart(const struct jl_type *type, const struct jl_row *a,
                         const struct jl_row *b);
/* Give each row the free record that agrees with all it says. */
JL_MUST_CHECK enum jl_rc jl_import_pair(struct jl_import *import, struct jl_err *err);
void jl_import_nearest(const struct jl_import *import, const struct jl_import_row *row,
                       struct jl_book_record **out_record, bool *out_doubt);

/* import_keys.c */
JL_MUST_CHECK enum jl_rc jl_key_part(struct jl_buf *out, uint32_t field,
                                     const struct jl_value *value, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_key_finish(struct jl_import *import, const struct jl_buf *parts,
                                       uint8_t out_key[static JL_KEY_BYTES_SHORT],
                                       struct jl_err *err);
uint64_t jl_import_claimed(const struct jl_import *import, const struct jl_id *id); /* or 0 */
JL_MUST_CHECK enum jl_rc jl_import_claim_id(struct jl_import *import, uint64_t line,
                                            const struct jl_id *id, uint64_t *out_line,
                                            struct jl_err *err);
/* Claim the record and what identifies it for the row's line. *out_line: the earlier line that has
 * it, or 0. A row that names its record by the id, or changes nothing, claims less: an export may
 * hold two records with the same values. */
JL_MUST_CHECK enum jl_rc jl_import_claim(struct jl_import *import, const struct jl_import_row *row,
                                         const struct jl_row *after, bool unchanged,
                                         uint64_t *out_line, struct jl_err *err);
/* New records can be referred to further down in the same file. */
JL_MUST_CHECK enum jl_rc jl_import_announce(struct jl_import *import, const struct jl_row *row,
                                            struct jl_err *err);
/* *out_id: NULL when there is none of that name. */
JL_MUST_CHECK enum jl_rc jl_import_announced(struct jl_import *import, struct jl_bytes text,
                                             const struct jl_id **out_id, struct jl_err *err);

/* import_match.c: the records that the rows may be about. */
JL_MUST_CHECK enum jl_rc jl_import_look_up(struct jl_import *import, struct jl_err *err);

/* import_phone.c */
JL_MUST_CHECK enum jl_rc jl_import_count_phones(struct jl_import *import, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_import_warn_phone(struct jl_import *import, struct jl_import_row *row,
                                              const struct jl_row *before,
                                              const struct jl_row *after, struct jl_err *err);

/* import_check.c: one row being decided. Faults and warnings are added to the row. */
struct jl_deciding {
    struct jl_import *import;
    struct jl_import_row *row;
    struct jl_book_record *match; /* NULL: a new record */
    struct jl_row after;
    struct jl_err *err;
};
JL_MUST_CHECK enum jl_rc jl_import_check_masks(struct jl_deciding *deciding);
JL_MUST_CHECK enum jl_rc jl_import_check_after(struct jl_deciding *deciding);

/* import_decide.c: each row's outcome and change. */
JL_MUST_CHECK enum jl_rc jl_import_decide(struct jl_import *import, struct jl_err *err);

/* import_problems.c */
JL_MUST_CHECK enum jl_rc jl_fault_add(struct jl_arena *arena, struct jl_faults *faults,
                                      uint32_t field, struct jl_err *err, const char *format, ...)
    JL_PRINTF(5, 6);
bool jl_faults_touch(const struct jl_faults *faults, uint32_t field);
JL_MUST_CHECK enum jl_rc jl_import_note(struct jl_import *import, const char *field,
                                        struct jl_err *err, const char *format, ...)
    JL_PRINTF(4, 5);
/* Count the chunk's rows and keep their problems. */
JL_MUST_CHECK enum jl_rc jl_import_settle(struct jl_import *import, struct jl_err *err);
/* Notes, warnings and problems into the result; write the problems file. */
JL_MUST_CHECK enum jl_rc jl_import_report(struct jl_import *import, struct jl_err *err);

#endif
