/* The commands of jielian-district only.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_SERVER_COMMAND_DISTRICT_COMMANDS_H
#define JIELIAN_SERVER_COMMAND_DISTRICT_COMMANDS_H

#include "server/books/district.h"

#include "jielian/base/file.h"
#include "jielian/command/desk_session.h"
#include "jielian/command/folder.h"

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
