/* An import under way, and the stages it goes through; import*.c only.
 *
 *   header → { read → parse → bind → [ look up → decide → save ] → settle } per chunk → records
 *
 * What stands in brackets runs again when the save met somebody else's change. Everything of a
 * chunk lives in its arena; what later chunks need lives in `kept`.
 *
 * A type pointer is good within one transaction only (desk.h), so fields are looked up again for
 * each chunk.  Thread: that of the books. */
#ifndef JIELIAN_LIB_SHEET_IMPORT_H
#define JIELIAN_LIB_SHEET_IMPORT_H

#include "import_row.h"

#include "jielian/base/id.h"
#include "jielian/base/map.h"
#include "jielian/base/row.h"
#include "jielian/books/books.h"
#include "jielian/desk/desk.h"
#include "jielian/sheet/csv.h"
#include "jielian/sheet/import.h"

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
JL_MUST_CHECK enum jl_rc jl_import_key_part(struct jl_buf *out, uint32_t field,
                                            const struct jl_value *value, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_import_key_finish(struct jl_import *import, const struct jl_buf *parts,
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
struct jl_import_deciding {
    struct jl_import *import;
    struct jl_import_row *row;
    struct jl_book_record *match; /* NULL: a new record */
    struct jl_row after;
    struct jl_err *err;
};
JL_MUST_CHECK enum jl_rc jl_import_check_masks(struct jl_import_deciding *deciding);
JL_MUST_CHECK enum jl_rc jl_import_check_after(struct jl_import_deciding *deciding);

/* import_decide.c: each row's outcome and change. */
JL_MUST_CHECK enum jl_rc jl_import_decide(struct jl_import *import, struct jl_err *err);

/* import_problems.c */
/* A fault's code and places, told in the desk's language; the same of a note about the file. */
JL_MUST_CHECK enum jl_rc jl_import_fault_add(struct jl_import *import,
                                             struct jl_import_faults *faults, uint32_t field,
                                             struct jl_err *err, uint32_t code, const char *places,
                                             ...) JL_PRINTF(6, 7);
bool jl_import_faults_touch(const struct jl_import_faults *faults, uint32_t field);
JL_MUST_CHECK enum jl_rc jl_import_note(struct jl_import *import, const char *field,
                                        struct jl_err *err, uint32_t code, const char *places, ...)
    JL_PRINTF(5, 6);
/* A sentence with names of columns behind it, however many. */
JL_MUST_CHECK enum jl_rc jl_import_note_names(struct jl_import *import, uint32_t code,
                                              struct jl_bytes names, struct jl_err *err);
/* Count the chunk's rows and keep their problems. */
JL_MUST_CHECK enum jl_rc jl_import_settle(struct jl_import *import, struct jl_err *err);
/* Notes, warnings and problems into the result; write the problems file. */
JL_MUST_CHECK enum jl_rc jl_import_report(struct jl_import *import, struct jl_err *err);

#endif
