/* What the commands of jielian-district share: the seat (district and desk of one command), and the
 * catalogue that `init` and `catalogue apply` store.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_SERVER_CMD_H
#define JIELIAN_SERVER_CMD_H

#include "district.h"

#include "jielian/cli.h"
#include "jielian/desk.h"
#include "jielian/file.h"

#define JL_STAFF_OPTION                                                                            \
    { "as", "LOGIN", "经办人登录名，也可用环境变量 JIELIAN_STAFF / login of who does it" }
#define JL_OFFICE_OPTION                                                                           \
    { "office", "CODE", "归属的镇街代码 / code of the office that owns the records" }

/* ---- The seat: one command at the district's desk ---- */

struct jl_seat {
    struct jl_district *district;
    struct jl_desk desk;
    char staff[JL_STAFF_MAX_BYTES + 1];
};
/* With --as and --office where the command has them. */
JL_MUST_CHECK enum jl_rc jl_seat_open(const struct jl_cli *cli, enum jl_store_mode mode,
                                      struct jl_seat *seat, struct jl_err *err);
void jl_seat_fini(struct jl_seat *seat);
/* By name or label; JL_MISUSE names them all. Look up again after every call of the desk. */
JL_MUST_CHECK enum jl_rc jl_seat_type(const struct jl_seat *seat, const char *name,
                                      const struct jl_type **out_type, struct jl_err *err);
/* A record as it stands, in the arena; JL_NOT_FOUND. Tombstones are found too. */
JL_MUST_CHECK enum jl_rc jl_seat_load(struct jl_seat *seat, uint32_t type, const struct jl_id *id,
                                      struct jl_arena *arena, struct jl_book_record *out_record,
                                      struct jl_err *err);
/* Tell `serve` that the books have changed. */
void jl_seat_ring(const struct jl_seat *seat);
/* Warnings and errors of a check, one a line, to stderr. */
void jl_seat_note_problems(const struct jl_cli *cli, const struct jl_seat *seat, uint32_t type,
                           const struct jl_problems *problems);
/* An entry of the access log, before anything is shown or written. */
JL_MUST_CHECK enum jl_rc jl_seat_log_access(struct jl_seat *seat, const char *action,
                                            const char *subject, const char *reason,
                                            struct jl_err *err);
/* A record id as typed; JL_MISUSE says where to find it. */
JL_MUST_CHECK enum jl_rc jl_word_id(const struct jl_cli *cli, size_t word, struct jl_id *out_id,
                                    struct jl_err *err);

/* What most commands are: parse, open, work, close. Answers the exit code. */
typedef enum jl_rc (*jl_seated_fn)(struct jl_cli *cli, struct jl_seat *seat, struct jl_err *err);
int jl_run_seated(struct jl_cli *cli, const struct jl_cli_spec *spec, enum jl_store_mode mode,
                  jl_seated_fn work);

/* ---- Answers ---- */

/* Print a document and drop it; NULL is JL_NOMEM. */
JL_MUST_CHECK enum jl_rc jl_answer_json(json_t *document, struct jl_err *err);
/* An array of flat objects as a table: keys and headers in step; numbers stand right. */
struct jl_answer_column {
    const char *key;
    const char *zh, *en;
    bool right;
};
JL_MUST_CHECK enum jl_rc jl_answer_table(const struct jl_cli *cli, const json_t *rows,
                                         const struct jl_answer_column *columns, size_t count,
                                         struct jl_err *err);
/* "2026-11-22T14:02:07+08:00", or null for 0. */
json_t *jl_json_time(int64_t wall_ms);

/* ---- Catalogue ---- */

struct jl_catalogue_file {
    struct jl_buf text;
    struct jl_catalogue *catalogue;
};
void jl_catalogue_file_fini(struct jl_catalogue_file *file);
/* Read and check; path NULL: the one that came with the program ($JIELIAN_CATALOGUE, then the
 * installed one, then the source tree's). */
JL_MUST_CHECK enum jl_rc jl_catalogue_file_read(const char *path, struct jl_catalogue_file *file,
                                                struct jl_err *err);
/* Store it as the district's, for every office. JL_CONFLICT: not additive, or its version has to be
 * raised. *out_changed false: it is the one in use already. */
JL_MUST_CHECK enum jl_rc jl_catalogue_store(struct jl_district *district,
                                            const struct jl_catalogue_file *file, bool *out_changed,
                                            struct jl_err *err);

/* ---- Cases ---- */

/* One case, read from its record; strings live in the arena. */
struct jl_case {
    struct jl_book_record record;
    struct jl_id subject;
    uint32_t subject_type;
    int64_t kind, opened_on, status; /* status 1: open, 2: resolved */
    const char *title;
    const char *resolution;  /* "" when open */
    const char *resolved_by; /* "" when open */
    json_t *detail;          /* district_case.c; owned */
};
void jl_case_fini(struct jl_case *item);
JL_MUST_CHECK enum jl_rc jl_case_take(const struct jl_book_record *record, struct jl_arena *arena,
                                      struct jl_case *out_case, struct jl_err *err);
/* The case that words[0] names. */
JL_MUST_CHECK enum jl_rc jl_case_load(const struct jl_cli *cli, struct jl_seat *seat,
                                      struct jl_arena *arena, struct jl_case *out_case,
                                      struct jl_err *err);

/* ---- Commands ---- */

int jl_cmd_init(struct jl_cli *cli);
int jl_cmd_serve(struct jl_cli *cli);
int jl_cmd_office_add(struct jl_cli *cli);
int jl_cmd_office_list(struct jl_cli *cli);
int jl_cmd_invite(struct jl_cli *cli);
int jl_cmd_device_list(struct jl_cli *cli);
int jl_cmd_device_suspend(struct jl_cli *cli);
int jl_cmd_device_resume(struct jl_cli *cli);
int jl_cmd_device_revoke(struct jl_cli *cli);
int jl_cmd_user_add(struct jl_cli *cli);
int jl_cmd_user_passwd(struct jl_cli *cli);
int jl_cmd_status(struct jl_cli *cli);
int jl_cmd_add(struct jl_cli *cli);
int jl_cmd_set(struct jl_cli *cli);
int jl_cmd_delete(struct jl_cli *cli);
int jl_cmd_list(struct jl_cli *cli);
int jl_cmd_show(struct jl_cli *cli);
int jl_cmd_find(struct jl_cli *cli);
int jl_cmd_history(struct jl_cli *cli);
int jl_cmd_report(struct jl_cli *cli);
int jl_cmd_import(struct jl_cli *cli);
int jl_cmd_export(struct jl_cli *cli);
int jl_cmd_template(struct jl_cli *cli);
int jl_cmd_case_list(struct jl_cli *cli);
int jl_cmd_case_show(struct jl_cli *cli);
int jl_cmd_case_resolve(struct jl_cli *cli);
int jl_cmd_catalogue_show(struct jl_cli *cli);
int jl_cmd_catalogue_check(struct jl_cli *cli);
int jl_cmd_catalogue_apply(struct jl_cli *cli);
int jl_cmd_backup(struct jl_cli *cli);
int jl_cmd_restore(struct jl_cli *cli);
int jl_cmd_verify(struct jl_cli *cli);

#endif
