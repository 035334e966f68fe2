/* The seat: one command at the desk, the same in both programs.
 *
 *   int jl_cmd_delete(struct jl_cli *cli) {
 *       static const struct jl_cli_spec spec = {.arguments = "TYPE ID", .least = 2, .most = 2};
 *       return jl_seat_run(cli, &spec, JL_SEAT_NAMED, delete_record);
 *   }
 *
 * The commands (lib/command) are written once, over the few calls that each program brings in
 * its seat.c: how its books are opened and closed, who is at the desk, whom a change is told.
 * What a command says differently at the office and at the district follows from the books' side.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_SEAT_H
#define JIELIAN_SEAT_H

#include "jielian/cli/cli.h"
#include "jielian/desk/desk.h"
#include "jielian/desk/undo.h"
#include "jielian/record/problems.h"

struct jl_office;   /* client/books/office.h */
struct jl_district; /* server/books/district.h */

struct jl_seat {
    struct jl_desk desk;
    union { /* the program's own books, which the desk works on */
        struct jl_office *office;
        struct jl_district *district;
    };
    char staff[JL_STAFF_MAX_BYTES + 1];
    uint32_t log_owner; /* whose the entries of the access log are: the office's, or 0 */
    bool attention;     /* done, but something needs a person: exit code 3 */
};

/* The options that a command has besides its own: the program's. */
enum jl_seat_use {
    JL_SEAT_LOOKS = 1, /* reads */
    JL_SEAT_NAMED,     /* who does it is written down */
    JL_SEAT_MAKES,     /* a record, which may belong to an office */
    JL_SEAT_FILES,     /* a spreadsheet, whose records may */
};

struct jl_seat_options {
    const struct jl_option *items;
    size_t count;
};

/* ---- What each program brings: client/command/seat.c, server/command/seat.c ---- */

struct jl_seat_options jl_seat_options(enum jl_seat_use use);
/* Open the books in the data folder and sit down: every member of the seat is set. Codes as
 * jl_books_open; JL_MISUSE for options. jl_seat_fini also after a failure. */
JL_MUST_CHECK enum jl_rc jl_seat_open(const struct jl_cli *cli, enum jl_store_mode mode,
                                      struct jl_seat *seat, struct jl_err *err);
/* Seats that were never opened too. */
void jl_seat_fini(struct jl_seat *seat);
/* The ops of a change set that was made in these books, in any order; all lives in the arena.
 * JL_NOT_FOUND says where it was made, if these books know. Opens its own transaction. */
JL_MUST_CHECK enum jl_rc jl_seat_change_set(struct jl_seat *seat, const struct jl_id *change_set,
                                            struct jl_arena *arena, struct jl_undo_op **out_ops,
                                            size_t *out_count, struct jl_err *err);
/* Tell the program's own process that the books have changed. */
void jl_seat_ring(const struct jl_seat *seat);

/* ---- One command ---- */

typedef enum jl_rc (*jl_seated_fn)(struct jl_cli *cli, struct jl_seat *seat, struct jl_err *err);

/* Parse, work, close; answers the exit code. spec holds the command's own options, the program's
 * for this use follow. work opens the seat itself, once its words are known to be good. */
int jl_seat_run(struct jl_cli *cli, const struct jl_cli_spec *spec, enum jl_seat_use use,
                jl_seated_fn work);
/* The first of the names that is neither NULL nor empty is the login; the last one must be. */
JL_MUST_CHECK enum jl_rc jl_seat_take_staff(struct jl_seat *seat, const char *const *names,
                                            size_t count, struct jl_err *err);
/* By name or label; JL_MISUSE names them all. Look up again after every call of the desk. */
JL_MUST_CHECK enum jl_rc jl_seat_type(const struct jl_seat *seat, const char *name,
                                      const struct jl_type **out_type, struct jl_err *err);
/* jl_seat_open, then the type that words[0] names. */
JL_MUST_CHECK enum jl_rc jl_seat_open_type(const struct jl_cli *cli, enum jl_store_mode mode,
                                           struct jl_seat *seat, const struct jl_type **out_type,
                                           struct jl_err *err);
/* A record as it stands, in the arena; JL_NOT_FOUND. Tombstones and stubs are found too. */
JL_MUST_CHECK enum jl_rc jl_seat_load(struct jl_seat *seat, uint32_t type, const struct jl_id *id,
                                      struct jl_arena *arena, struct jl_book_record *out_record,
                                      struct jl_err *err);
/* Write down who saw or took out personal data, and why (type access_log), before it is shown or
 * written. action: key of the code list access_action. */
JL_MUST_CHECK enum jl_rc jl_seat_log_access(struct jl_seat *seat, const char *action,
                                            const char *subject, const char *reason,
                                            struct jl_err *err);
/* Warnings and errors of a check, one a line, to stderr. */
void jl_seat_note_problems(const struct jl_cli *cli, const struct jl_seat *seat, uint32_t type,
                           const struct jl_problems *problems);

/* Work of `restore TYPE ID`, for a program whose `restore` means more. */
JL_MUST_CHECK enum jl_rc jl_seat_restore_record(struct jl_cli *cli, struct jl_seat *seat,
                                                struct jl_err *err);

/* ---- The commands of both programs ---- */

int jl_cmd_add(struct jl_cli *cli);
int jl_cmd_set(struct jl_cli *cli);
int jl_cmd_delete(struct jl_cli *cli);
int jl_cmd_restore_record(struct jl_cli *cli);
int jl_cmd_list(struct jl_cli *cli);
int jl_cmd_show(struct jl_cli *cli);
int jl_cmd_find(struct jl_cli *cli);
int jl_cmd_import(struct jl_cli *cli);
int jl_cmd_export(struct jl_cli *cli);
int jl_cmd_template(struct jl_cli *cli);
int jl_cmd_merge(struct jl_cli *cli);
int jl_cmd_undo(struct jl_cli *cli);
int jl_cmd_transfer_request(struct jl_cli *cli);
int jl_cmd_transfer_list(struct jl_cli *cli);
int jl_cmd_transfer_show(struct jl_cli *cli);
int jl_cmd_transfer_release(struct jl_cli *cli);
int jl_cmd_transfer_receive(struct jl_cli *cli);
int jl_cmd_transfer_return(struct jl_cli *cli);
int jl_cmd_transfer_withdraw(struct jl_cli *cli);
int jl_cmd_case_list(struct jl_cli *cli);
int jl_cmd_case_show(struct jl_cli *cli);
int jl_cmd_case_resolve(struct jl_cli *cli);

#endif
