/* What the commands of jielian-district share besides the session: answers, and the catalogue that
 * `init` and `catalogue apply` store.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_SERVER_CMD_H
#define JIELIAN_SERVER_CMD_H

#include "server/books/district.h"

#include "jielian/base/file.h"
#include "jielian/command/desk_session.h"
#include "jielian/command/folder.h"

#define JL_STAFF_OPTION                                                                            \
    { "as", "LOGIN", "经办人登录名，也可用环境变量 JIELIAN_STAFF / login of who does it" }
#define JL_OFFICE_OPTION                                                                           \
    { "office", "CODE", "归属的镇街代码 / code of the office that owns the records" }

/* What most commands of this program are: parse, open, work, close. Answers the exit code. spec has
 * all options; --as and --office count where it has them. */
int jl_run_seated(struct jl_cli *cli, const struct jl_cli_spec *spec, enum jl_store_mode mode,
                  jl_desk_session_fn work);

/* ---- Answers ---- */

/* "2026-11-22T14:02:07+08:00", or null for 0. */
json_t *jl_json_time(int64_t wall_ms);

/* What was refused to a device (0: to strangers), as `status --json` lists it. */
JL_MUST_CHECK enum jl_rc jl_status_refusals(const struct jl_cli *cli, struct jl_district *district,
                                            uint32_t device, json_t **out_list, struct jl_err *err);
/* The lines below the table; none when nothing was refused. document: of `status`. */
void jl_status_print_refused(const struct jl_cli *cli, const json_t *document);

/* ---- By their own account (status_said.c) ---- */

/* Adds bye, last_stop and cycles to the device's object. Inside any transaction. */
JL_MUST_CHECK enum jl_rc jl_status_said(struct jl_district *district,
                                        const struct jl_device *device, json_t *item,
                                        struct jl_err *err);
/* The lines below the table; none when all ended with a proof. document: of `status`. */
void jl_status_print_said(const struct jl_cli *cli, const json_t *document);

/* ---- Clocks (status_clock.c) ---- */

/* {state, seconds, trusted, devices, offset_ms, sharing}: what the district's clock looks like
 * (server/books/clock_check.h); seconds: it minus what contradicts it. devices were heard lately,
 * offset_ms is the clock of those in the middle minus this one, and sharing of them have about
 * that. Inside any transaction. */
JL_MUST_CHECK enum jl_rc jl_status_clock(const struct jl_district *district, json_t **out_clock,
                                         struct jl_err *err);
/* "ahead" of the district's clock, "behind" or "level"; null: not measured lately. NULL: no memory.
 */
json_t *jl_status_clock_of(const struct jl_district *district, const struct jl_device *device);
/* Lines below the table: what is wrong with the district's clock, and which devices' clocks are;
 * none when all are right. document: of `status`. */
void jl_status_print_clock(const struct jl_cli *cli, const json_t *document);

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

/* [{office, id, name, version}]: PCs that are not revoked and whose program, as it last said
 * itself, is too old for the catalogue; version null: not heard of yet. */
JL_MUST_CHECK enum jl_rc jl_catalogue_too_old(struct jl_district *district,
                                              const struct jl_catalogue *catalogue,
                                              json_t **out_devices, struct jl_err *err);
/* In words; nothing when there are none. */
JL_MUST_CHECK enum jl_rc jl_catalogue_print_too_old(const struct jl_cli *cli,
                                                    const struct jl_catalogue *catalogue,
                                                    const json_t *devices, struct jl_err *err);

/* ---- Since a restore (status_back.c) ---- */

/* [{id, office, name, ops, last_op_at}]: what the books hold of each device that isn't revoked. */
JL_MUST_CHECK enum jl_rc jl_restored_devices(struct jl_district *district, json_t **out_devices,
                                             struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_restored_print(const struct jl_cli *cli, const json_t *devices,
                                           struct jl_err *err);
/* {at, backup_until, came_back, not_heard, missing, admissions} of the last restore, or null; for
 * `status`. */
JL_MUST_CHECK enum jl_rc jl_back_document(struct jl_district *district, json_t **out_document,
                                          struct jl_err *err);
/* Number of ops that came back from a device, null: not restored, or not heard of since. */
JL_MUST_CHECK enum jl_rc jl_back_of(struct jl_district *district, uint32_t device, json_t **out,
                                    struct jl_err *err);
/* What the status document says of it, in words; nothing when the books were never restored. */
void jl_back_print(const struct jl_cli *cli, const json_t *document);

/* ---- Admissions (status_admitted.c) ---- */

/* {known, until, offices, devices, revoked, locked, voided, accounts}, or null: a restore by an
 * earlier program, or none. accounts: those that are still locked. */
JL_MUST_CHECK enum jl_rc jl_readmitted_document(struct jl_district *district, json_t **out_document,
                                                struct jl_err *err);
void jl_readmitted_print(const struct jl_cli *cli, const json_t *document);
/* [{path, admissions_until}] of the last backups; null: that log can't be reached or does not
 * serve.
 */
JL_MUST_CHECK enum jl_rc jl_backups_document(struct jl_district *district, json_t **out_list,
                                             struct jl_err *err);
/* [{key, count, last_at}]: keys that call and are not known, the last one first. */
JL_MUST_CHECK enum jl_rc jl_unknown_document(struct jl_district *district, json_t **out_list,
                                             struct jl_err *err);
void jl_unknown_print(const struct jl_cli *cli, const json_t *list);

/* ---- Commands; those of both programs stand in seat.h ---- */

int jl_cmd_init(struct jl_cli *cli);
int jl_cmd_serve(struct jl_cli *cli);
int jl_cmd_office_add(struct jl_cli *cli);
int jl_cmd_office_list(struct jl_cli *cli);
int jl_cmd_invite(struct jl_cli *cli);
int jl_cmd_leave(struct jl_cli *cli);
int jl_cmd_restore_close(struct jl_cli *cli);
int jl_cmd_device_list(struct jl_cli *cli);
int jl_cmd_device_suspend(struct jl_cli *cli);
int jl_cmd_device_resume(struct jl_cli *cli);
int jl_cmd_device_revoke(struct jl_cli *cli);
int jl_cmd_quarantine_list(struct jl_cli *cli);
int jl_cmd_quarantine_show(struct jl_cli *cli);
int jl_cmd_quarantine_admit(struct jl_cli *cli);
int jl_cmd_quarantine_refuse(struct jl_cli *cli);
int jl_cmd_user_add(struct jl_cli *cli);
int jl_cmd_user_passwd(struct jl_cli *cli);
int jl_cmd_user_confirm(struct jl_cli *cli);
int jl_cmd_status(struct jl_cli *cli);
int jl_cmd_history(struct jl_cli *cli);
int jl_cmd_report(struct jl_cli *cli);
int jl_cmd_catalogue_show(struct jl_cli *cli);
int jl_cmd_catalogue_check(struct jl_cli *cli);
int jl_cmd_catalogue_apply(struct jl_cli *cli);
int jl_cmd_backup(struct jl_cli *cli);
int jl_cmd_restore(struct jl_cli *cli);
int jl_cmd_verify(struct jl_cli *cli);

#endif
