/* What is damaged, on stderr.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_COMMAND_DAMAGE_NOTE_H
#define JIELIAN_COMMAND_DAMAGE_NOTE_H

struct jl_cli;
struct jl_damage;

/* One line each. */
void jl_damage_note(const struct jl_cli *cli, const char *folder, const struct jl_damage *damage);

#endif
