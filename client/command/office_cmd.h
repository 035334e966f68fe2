/* What the commands of jielian-office share besides the seat: the passphrase, the line (office and
 * engine of join, sync and run), and the status document.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_CLIENT_CLIENT_H
#define JIELIAN_CLIENT_CLIENT_H

#include "client/engine/engine.h"

#include "jielian/base/buf.h"
#include "jielian/base/file.h"
#include "jielian/command/folder.h"
#include "jielian/command/seat.h"
#include "jielian/crypto/invitation.h"
#include "jielian/crypto/secret.h"

#define JL_PASSPHRASE_OPTION                                                                          \
    {                                                                                                 \
        "passphrase-file", "FILE",                                                                    \
            "口令文件，也可用环境变量 JIELIAN_PASSPHRASE_FILE / file with the passphrase" \
    }
#define JL_STAFF_OPTION                                                                            \
    { "as", "LOGIN", "经办人登录名，也可用环境变量 JIELIAN_STAFF / login of the clerk" }

enum { JL_PASSPHRASE_MAX_BYTES = 1024 };

/* Append the passphrase's bytes without the line end; nothing when none is given. Wipe it. */
JL_MUST_CHECK enum jl_rc jl_passphrase_read(const struct jl_cli *cli, struct jl_buf *out,
                                            struct jl_err *err);

/* jl_office_open, with its failure in the person's words (command/folder.h). */
JL_MUST_CHECK enum jl_rc jl_place_open(const struct jl_cli *cli, const char *folder,
                                       const struct jl_office_options *options,
                                       struct jl_office **out_office, struct jl_err *err);

/* ---- The line: lock, office, network and engine of join, sync and run ---- */

struct jl_line {
    const struct jl_cli *cli;
    const char *folder;
    struct jl_bytes passphrase; /* borrowed */
    struct jl_file_lock lock;   /* DIR/run.lock */
    struct jl_net *net;
    struct jl_bell *bell;
    struct jl_office *office;
    struct jl_engine *engine;
    bool staged;     /* the first download is not finished */
    bool rebuilding; /* `rebuild`: staged books beside those that are damaged */
    bool deep;       /* `sync --deep`: with a deep proof */
    bool at_work;    /* the books say so, and past is what they said before */
    struct jl_past past;
};

/* Take the lock; JL_BUSY when another run or sync holds it after wait_ms. */
JL_MUST_CHECK enum jl_rc jl_line_lock(struct jl_line *line, int64_t wait_ms, struct jl_err *err);
/* Open bell, office (staged books when the first download is not finished) and engine. */
JL_MUST_CHECK enum jl_rc jl_line_open(struct jl_line *line, struct jl_err *err);
/* The staged books are proven: into place, and open them again there. */
JL_MUST_CHECK enum jl_rc jl_line_settle(struct jl_line *line, struct jl_err *err);
/* Recount the set hashes from the rows; damaged ones are reported and fetched at the next proof. */
JL_MUST_CHECK enum jl_rc jl_line_scrub(struct jl_line *line, struct jl_err *err);
/* One sync: run until proven, settle, print the status, say why not. Returns the exit code
 * (*out_end tells 3 of a proof apart from 3 without one), or -1 with err set. */
int jl_line_sync(struct jl_line *line, const struct jl_engine_limits *limits,
                 enum jl_engine_end *out_end, struct jl_err *err);
/* Someone wants a fresh proof, a deep one where line->deep says so. The wish stands in the books
 * until a proof fulfils it, so that after a sync that failed or was killed nobody takes an earlier
 * proof for one of now. */
JL_MUST_CHECK enum jl_rc jl_line_wish(const struct jl_line *line, struct jl_err *err);
void jl_line_fini(struct jl_line *line);

/* The same flag for all: set by SIGTERM and SIGINT after jl_stop_on_signals. */
extern volatile sig_atomic_t jl_stop;
JL_MUST_CHECK enum jl_rc jl_stop_on_signals(struct jl_err *err);

/* ---- Enrolling (join_ask.c) ---- */

struct jl_enrolment {
    const struct jl_cli *cli; /* --name: what operators call this device */
    struct jl_net *net;
    const struct jl_invitation_text *invitation;
    struct jl_keys *keys;        /* the proof key is filled in */
    uint32_t office;             /* whose records are here; 0: none yet */
    int64_t timeout_ms;          /* without a connection */
    int64_t met_ms;              /* with one; 0: as timeout_ms */
    bool asked;                  /* out: Enrol has gone out, and no plain no has come back */
    struct jl_identity identity; /* out */
};
/* secret: the invitation's key, or (after a lost answer) the device's own, &keys->curve.
 * *out_refused: the district does not admit that key. JL_BUSY: no answer in time; JL_DENIED:
 * refused, says why. */
JL_MUST_CHECK enum jl_rc jl_enrolment_ask(struct jl_enrolment *enrolment,
                                          const struct jl_secret *secret, bool *out_refused,
                                          struct jl_err *err);

/* Does the district at the invitation's endpoint know this key? Asked by a handshake alone. */
enum jl_membership { JL_MEMBER_UNKNOWN = 1, JL_MEMBER_KNOWN, JL_MEMBER_REVOKED };
/* JL_BUSY: no answer in time. An older district calls revoked keys unknown. */
JL_MUST_CHECK enum jl_rc jl_enrolment_probe(struct jl_enrolment *enrolment,
                                            const struct jl_secret *secret,
                                            enum jl_membership *out_standing, struct jl_err *err);

/* `join` in a folder that has joined already, when the district does not know it any more: the same
 * keys enrol again, and the books go on with a new incarnation and the identity that the district
 * gives (join_again.c). line: locked, with a net; enrolment: invitation and times. *out_again
 * false: the first download is not finished and the district knows this PC: go on with that.
 * JL_CONFLICT: another district's or office's invitation, or there is nothing to do; JL_DENIED:
 * revoked, or the invitation is refused; JL_BUSY: no answer. Cut off anywhere, run it again. */
JL_MUST_CHECK enum jl_rc jl_join_again(struct jl_line *line, struct jl_enrolment *enrolment,
                                       bool *out_again, struct jl_err *err);
/* Has an earlier try gone as far as asking the district? */
bool jl_join_again_begun(const char *folder);

/* ---- A question to the district (question.c) ---- */

/* Hello, and then one message after another, over a connection of its own beside whatever else is
 * at work on the folder. Nothing is written here. */
struct jl_question {
    struct jl_office *office; /* open for reading */
    struct jl_net *net;
    struct jl_client *client;
    struct jl_arena arena;     /* of the last answer */
    struct jl_welcome welcome; /* its texts and lists are gone */
    struct jl_message answer;  /* or the Refuse */
};
/* Connect and greet: welcome is filled in. Codes as jl_question_ask. */
JL_MUST_CHECK enum jl_rc jl_question_open(struct jl_question *question, struct jl_office *office,
                                          int64_t silent_ms, struct jl_err *err);
/* JL_BUSY: no answer within silent_ms, or a person ended it; JL_DENIED: refused, see answer. */
JL_MUST_CHECK enum jl_rc jl_question_ask(struct jl_question *question,
                                         const struct jl_message *message,
                                         enum jl_message_kind wanted, int64_t silent_ms,
                                         struct jl_err *err);
/* bye: nothing else is at work on the folder, so the district may know that this program ends in
 * order. */
void jl_question_close(struct jl_question *question, bool bye);

/* `history TYPE ID --district` (history_district.c). */
JL_MUST_CHECK enum jl_rc jl_history_ask_district(struct jl_cli *cli, struct jl_seat *seat,
                                                 struct jl_err *err);

/* A deep proof that leaves no trace in the books, for `verify` (verify_deep.c): Hello and one Proof
 * over a connection of its own, beside whatever else is at work on the folder. office: open for
 * reading. NONE: nothing could be compared (no answer within JL_VERIFY_SILENT_MS, something is
 * unsent or unread, the district is older). */
enum { JL_VERIFY_SILENT_MS = 5000 };
JL_MUST_CHECK enum jl_rc jl_verify_deep(struct jl_office *office, enum jl_deep_result *out_result,
                                        struct jl_err *err);

/* ---- Why not in sync ---- */

/* The first bytes of this PC's transport key, as the district's `status` shows those that it does
 * not know. */
struct jl_short_key {
    char text[17];
};
struct jl_short_key jl_short_key(const struct jl_keys *keys);

/* The district is of a suite that is not this folder's: what that is, and what to do. */
struct jl_suite_text {
    char text[256];
};
struct jl_suite_text jl_suite_note(const struct jl_cli *cli, uint32_t number);

struct jl_cause {
    enum jl_engine_end end;
    const char *endpoint;
    size_t others;    /* endpoints beside this one that were tried in vain */
    int64_t since_ms; /* wall: when the district was last heard, or when waiting began */
    bool heard;
    uint32_t refused; /* enum jl_refuse_code */
    uint32_t version_needed;
    uint32_t suite_needed; /* 0: it is the version */
    const char *trouble;   /* may be NULL */
    struct jl_short_key key;
    uint64_t unsent;
};
/* One or two lines to stderr: the cause, and what to do next. */
void jl_cause_note(const struct jl_cli *cli, const struct jl_cause *cause);

/* ---- Status ---- */

struct jl_status {
    const char *state; /* "in_sync" … */
    char office[32], name[128];
    char endpoint[JL_ENDPOINT_MAX_BYTES + 1]; /* the one that worked last, or the first to try */
    size_t endpoint_count;                    /* that are known */
    uint32_t device, office_number;
    struct jl_office_counts counts;
    int64_t proven_ms;
    int64_t deep_ms; /* the last deep proof; 0: never */
    uint32_t deep_result;
    uint64_t repairs;
    uint32_t version_needed;
    struct jl_short_key key;
    uint64_t catalogue;    /* version of the one that this program works by */
    struct jl_newer newer; /* the district's, when this program is too old for it */
    struct jl_past past;
    struct jl_office_about about;
    bool staged;                /* the first download is not finished: */
    uint64_t expected, arrived; /* its records; expected 0: the district did not say */
    bool alive;                 /* a process with the engine is at work on this folder */
    bool known;                 /* false: the first download is under way in another process */
};
/* alive: a process with the engine is at work on this folder. */
JL_MUST_CHECK enum jl_rc jl_status_read(struct jl_office *office, bool staged, bool alive,
                                        struct jl_status *out_status, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_status_print(const struct jl_cli *cli, const struct jl_status *status,
                                         struct jl_err *err);
/* Adds last_stop and cycles to the document (status_past.c). */
JL_MUST_CHECK enum jl_rc jl_status_past(const struct jl_past *past, bool alive, json_t *document,
                                        struct jl_err *err);
/* Adds district and pcs (status_about.c). */
JL_MUST_CHECK enum jl_rc jl_status_about(const struct jl_office_about *about, json_t *document,
                                         struct jl_err *err);
/* null for 0: a time that is not known. */
json_t *jl_status_time(int64_t wall_ms);
/* A line for stderr when this program is too old for the district's catalogue; else nothing. */
void jl_status_note_newer(const struct jl_cli *cli, const struct jl_newer *newer);
/* A sync ended without its proof, whatever an earlier proof covers. */
void jl_status_unproven(struct jl_status *status);
/* 0: in sync, nothing needs a person, and the program understands the catalogue; 3 otherwise. */
int jl_status_exit(const struct jl_status *status);

/* `sync --deep` has ended, and there was no deep proof since before_ms: why. */
void jl_line_note_not_deep(const struct jl_cli *cli, int64_t before_ms, int64_t deep_ms);
/* Proven, and what still needs a person: the exit code, and one line to stderr. */
int jl_line_proven(const struct jl_cli *cli, const struct jl_status *status);

bool jl_place_has(const char *folder, const char *name);
/* A path in the folder, or "" when it is too long for one (no such file can be there then). */
void jl_place_path(const char *folder, const char *name, char out_path[static JL_PATH_MAX_BYTES]);

/* ---- Commands; those of both programs stand in seat.h ---- */

int jl_cmd_join(struct jl_cli *cli);
int jl_cmd_run(struct jl_cli *cli);
int jl_cmd_sync(struct jl_cli *cli);
int jl_cmd_status(struct jl_cli *cli);
int jl_cmd_verify(struct jl_cli *cli);
int jl_cmd_rebuild(struct jl_cli *cli);
int jl_cmd_history(struct jl_cli *cli);
int jl_cmd_resend(struct jl_cli *cli);
int jl_cmd_transfer_ask(struct jl_cli *cli);

#endif
