/* A command's turn at the writer. SQLite gives its one write lock to whoever asks at the right
 * moment, and a command asks ten times a second: beside `serve`, which has the next group ready
 * when one is committed, it could ask for ever. So whoever wants to write holds FOLDER/run.turn,
 * shared, from before it asks until it is done, and `serve` looks there before each group:
 *
 *   command   share run.turn ── begin … commit ── let go
 *   serve     look: is it shared?  yes: wait, JL_TURN_GIVEN_MS at most  no: begin
 *
 * So a command waits for the group under way, and commands without end leave `serve` a group in so
 * long. A lock goes with its process. Where it can't be had, all is as without it.
 *
 * Thread: any. */
#ifndef JIELIAN_SERVER_TURN_H
#define JIELIAN_SERVER_TURN_H

#include "jielian/base/file.h"

enum { JL_TURN_GIVEN_MS = 1000 }; /* ten times as long as SQLite lets a waiting command sleep */

struct jl_turn {
    bool asks; /* a command: it asks for its turns */
    struct jl_file_lock lock;
};
/* Ask, from before the write transaction … */
void jl_turn_ask(struct jl_turn *turn, const char *folder);
/* … until it is over. */
void jl_turn_done(struct jl_turn *turn);
/* Is there a command that wants to write, or writes? */
bool jl_turn_is_asked(const char *folder);

#endif
