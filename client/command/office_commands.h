/* The commands that only the office has; those of both programs stand in
 * jielian/command/commands.h.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_CLIENT_COMMAND_OFFICE_COMMANDS_H
#define JIELIAN_CLIENT_COMMAND_OFFICE_COMMANDS_H

struct jl_cli;

int jl_cmd_join(struct jl_cli *cli);
int jl_cmd_sync_run(struct jl_cli *cli);
int jl_cmd_sync(struct jl_cli *cli);
int jl_cmd_status(struct jl_cli *cli);
int jl_cmd_verify(struct jl_cli *cli);
int jl_cmd_rebuild(struct jl_cli *cli);
int jl_cmd_history(struct jl_cli *cli);
int jl_cmd_resend(struct jl_cli *cli);
int jl_cmd_transfer_ask(struct jl_cli *cli);

#endif
