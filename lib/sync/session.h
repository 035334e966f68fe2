/* The session's inside: shared by session*.c only.  Thread: that of the session. */
#ifndef JIELIAN_LIB_SYNC_SESSION_H
#define JIELIAN_LIB_SYNC_SESSION_H

#include "jielian/sync/session.h"

struct jl_action *jl_session_emit(struct jl_actions *actions, enum jl_action_kind kind);

/* ---- session_flight.c: requests in flight, their deadlines and sizes ---- */

void jl_session_forget(struct jl_session *session);
bool jl_session_lane_busy(const struct jl_session *session, enum jl_session_lane lane);
bool jl_session_in_flight(const struct jl_session *session);
/* A request goes out; call before it is noted. */
void jl_session_expect(struct jl_session *session, enum jl_session_lane lane, int64_t now_ms);
/* An answer came; call when its request is no longer noted. */
void jl_session_heard(struct jl_session *session, enum jl_session_lane lane, int64_t now_ms);
/* When the oldest request in flight counts as lost. */
int64_t jl_session_given_up_ms(const struct jl_session *session);
/* Smaller frames of what is in flight, after silence; larger ones after an answer so quick that
 * twice its size is worth a try. Call grow before heard. */
void jl_session_shrink(struct jl_session *session);
void jl_session_grow(struct jl_session *session, enum jl_session_lane lane, int64_t now_ms);
/* The district took so many ops of a batch of so many: the next ones are that much smaller. */
void jl_session_cut(struct jl_session *session, uint64_t taken, uint64_t sent);

/* ---- session_proof.c: proof and repair ---- */

/* Does the last proof cover the store as it is? */
bool jl_session_covered(const struct jl_session *session, const struct jl_session_facts *facts);
void jl_session_prove(struct jl_session *session, const struct jl_session_facts *facts,
                      int64_t now_ms, struct jl_actions *actions);
/* false: the district's words make no sense to us; greet anew. */
JL_MUST_CHECK bool jl_session_proved(struct jl_session *session,
                                     const struct jl_session_facts *facts,
                                     const struct jl_proved *proved, int64_t now_ms,
                                     struct jl_actions *actions);
void jl_session_listed(struct jl_session *session, const struct jl_session_facts *facts,
                       const struct jl_message *message, int64_t now_ms,
                       struct jl_actions *actions);
void jl_session_differs(struct jl_session *session, const struct jl_compared *compared,
                        int64_t now_ms, struct jl_actions *actions);
void jl_session_repaired(struct jl_session *session, const struct jl_session_facts *facts,
                         int64_t now_ms, struct jl_actions *actions);

#endif
