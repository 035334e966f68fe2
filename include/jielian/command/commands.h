/* The commands that both programs have: what each program's table names. A command parses its
 * words, works and prints; it returns the exit code (enum jl_exit).
 *
 * Thread: the main thread. */
#ifndef JIELIAN_COMMAND_COMMANDS_H
#define JIELIAN_COMMAND_COMMANDS_H

#include "jielian/base/rc.h"

struct jl_cli;
struct jl_desk_session;

/* Work of `restore TYPE ID`, for a program whose `restore` means more. */
JL_MUST_CHECK enum jl_rc
jl_cmd_record_do_restore(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err);

int jl_cmd_record_add(struct jl_cli *cli);
int jl_cmd_record_set(struct jl_cli *cli);
int jl_cmd_record_delete(struct jl_cli *cli);
int jl_cmd_record_restore(struct jl_cli *cli);
int jl_cmd_record_list(struct jl_cli *cli);
int jl_cmd_record_show(struct jl_cli *cli);
int jl_cmd_record_find(struct jl_cli *cli);
int jl_cmd_sheet_import(struct jl_cli *cli);
int jl_cmd_sheet_export(struct jl_cli *cli);
int jl_cmd_sheet_template(struct jl_cli *cli);
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
