/* A desk session: the books opened for one command, with who is at the desk; the same in both
 * programs.
 *
 *   int jl_cmd_record_delete(struct jl_cli *cli) {
 *       static const struct jl_cli_spec spec = {.arguments = "TYPE ID", .least = 2, .most = 2};
 *       return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_NAMED, delete_record);
 *   }
 *
 * The commands (lib/command) are written once, over the few calls that each program brings: how its
 * books are opened and closed, who is at the desk, who is notified of a change. What a command says
 * differently at the office and at the district follows from the books' side.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_COMMAND_DESK_SESSION_H
#define JIELIAN_COMMAND_DESK_SESSION_H

#include "jielian/cli/cli.h"
#include "jielian/desk/desk.h"
#include "jielian/desk/undo.h"
#include "jielian/record/problems.h"

struct jl_office;   /* client/books/office.h */
struct jl_district; /* server/books/district.h */

struct jl_desk_program; /* below */

struct jl_desk_session {
    const struct jl_desk_program *program;
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
enum jl_desk_session_use {
    JL_DESK_SESSION_LOOKS = 1, /* reads */
    JL_DESK_SESSION_NAMED,     /* who does it is written down */
    JL_DESK_SESSION_MAKES,     /* a record, which may belong to an office */
    JL_DESK_SESSION_FILES,     /* a spreadsheet, whose records may */
};

struct jl_desk_session_options {
    const struct jl_option *items;
    size_t count;
};

/* What a program brings: the office's (client/command/office_desk.c), the district's
 * (server/command/district_desk.c). Constant; handed to jl_cli_main. */
struct jl_desk_program {
    struct jl_desk_session_options (*options)(enum jl_desk_session_use use);
    /* Sets every member of a zeroed session but `program`. */
    enum jl_rc (*open)(const struct jl_cli *cli, enum jl_store_mode mode,
                       struct jl_desk_session *session, struct jl_err *err);
    void (*close)(struct jl_desk_session *session); /* also after open failed */
    enum jl_rc (*change_set)(struct jl_desk_session *session, const struct jl_id *change_set,
                             struct jl_arena *arena, struct jl_undo_op **out_ops, size_t *out_count,
                             struct jl_err *err);
    void (*ring)(const struct jl_desk_session *session);
};

/* Open the books in the data folder and begin. Codes as jl_books_open; JL_MISUSE for options.
 * jl_desk_session_fini also after a failure. */
JL_MUST_CHECK enum jl_rc jl_desk_session_open(const struct jl_cli *cli, enum jl_store_mode mode,
                                              struct jl_desk_session *session, struct jl_err *err);
/* Sessions that were never opened too. */
void jl_desk_session_fini(struct jl_desk_session *session);
/* The ops of a change set that was made in these books, in any order; all lives in the arena.
 * JL_NOT_FOUND says where it was made, if these books know. Opens its own transaction. */
JL_MUST_CHECK enum jl_rc jl_desk_session_change_set(struct jl_desk_session *session,
                                                    const struct jl_id *change_set,
                                                    struct jl_arena *arena,
                                                    struct jl_undo_op **out_ops, size_t *out_count,
                                                    struct jl_err *err);
/* Tell the program's own process that the books have changed. */
void jl_desk_session_ring(const struct jl_desk_session *session);

/* ---- One command ---- */

typedef enum jl_rc (*jl_desk_session_fn)(struct jl_cli *cli, struct jl_desk_session *session,
                                         struct jl_err *err);

/* Parse, work, close; returns the exit code. spec holds the command's own options, the program's
 * for this use follow. work opens the session itself, once its words are known to be good. */
int jl_desk_session_run(struct jl_cli *cli, const struct jl_cli_spec *spec,
                        enum jl_desk_session_use use, jl_desk_session_fn work);
/* The first of the names that is neither NULL nor empty is the login; the last one must be. */
JL_MUST_CHECK enum jl_rc jl_desk_session_take_staff(struct jl_desk_session *session,
                                                    const char *const *names, size_t count,
                                                    struct jl_err *err);
/* By name or label; JL_MISUSE names them all. Look up again after every call of the desk. */
JL_MUST_CHECK enum jl_rc jl_desk_session_type(const struct jl_desk_session *session,
                                              const char *name, const struct jl_type **out_type,
                                              struct jl_err *err);
/* jl_desk_session_open, then the type that words[0] names. */
JL_MUST_CHECK enum jl_rc jl_desk_session_open_type(const struct jl_cli *cli,
                                                   enum jl_store_mode mode,
                                                   struct jl_desk_session *session,
                                                   const struct jl_type **out_type,
                                                   struct jl_err *err);
/* A record as it stands, in the arena; JL_NOT_FOUND. Tombstones and stubs are found too. */
JL_MUST_CHECK enum jl_rc jl_desk_session_load(struct jl_desk_session *session, uint32_t type,
                                              const struct jl_id *id, struct jl_arena *arena,
                                              struct jl_book_record *out_record,
                                              struct jl_err *err);
/* Write down who saw or took out personal data, and why (type access_log), before it is shown or
 * written. action: key of the code list access_action. */
JL_MUST_CHECK enum jl_rc jl_desk_session_log_access(struct jl_desk_session *session,
                                                    const char *action, const char *subject,
                                                    const char *reason, struct jl_err *err);
/* Warnings and errors of a check, one a line, to stderr. */
void jl_desk_session_note_problems(const struct jl_cli *cli, const struct jl_desk_session *session,
                                   uint32_t type, const struct jl_problems *problems);

#endif
