/* The simulator: a district and offices over the real books, everything drawn from one seed.
 *
 * A run is a list of steps. Step i is a function of (seed, i) alone: what kind it is, and every
 * draw it makes, come from a source of its own, so that leaving a step out leaves the others as
 * they were. What a step works on (a record, a device) is found among what is there then.
 *
 *   sim_run.c       one plan from setting up to the checks
 *   sim_staff.c     what people do at the desks: add, set, delete, restore, transfers
 *   sim_natural.c   … of records with natural keys, and over what another office deleted
 *   sim_sheet.c     … imports of lists
 *   sim_batch.c     … and change sets, undo, cases
 *   sim_district.c  … and what only the district does: merges, their undo
 *   sim_own.c       … and what an office merges of its own
 *   sim_held.c      … and what it decides about suspended PCs
 *   sim_frame.c     what happens to frames and connections
 *   sim_office.c    … to offices and PCs that come later, and to keys that get mixed up
 *   sim_restore.c   … to a district that is restored, and in which order they come back
 *   sim_admitted.c  … and whom it knows then
 *   sim_damage.c    … and what no accident does to them
 *   sim_rogue.c     … and what a peer tries that has an office's key and none of our rules
 *   sim_rogue_op.c  … and the ops that it makes by hand
 *   sim_sight.c     what an office may see of the district's books, and change
 *   sim_cost.c      what serving one frame may cost
 *   sim_beside.c    how soon an honest office is in step beside the rogue
 *   sim_machine.c   what happens to machines, disks, clocks, devices and the catalogue
 *   sim_oracle.c    what anyone ever entered, and where copies of it are
 *   sim_owner.c     whose a record may become
 *   sim_keep.c      how long PCs keep what was confirmed
 *   sim_settle.c    the faults end: everything must come to rest within bounds
 *   sim_check.c     what must hold then
 *   sim_value.c     … of every value that was ever entered
 *   sim_effect.c    … of what was in effect before a restore
 *   sim_agree.c     … of what devices say of themselves
 *   sim.c           many seeds, arguments, the summary
 *
 * Failures are returned. An assertion of the product ends the process: run a plan that may meet one
 * in a process of its own. */
#ifndef JIELIAN_TESTS_SIM_SIM_H
#define JIELIAN_TESTS_SIM_SIM_H

#include "tests/sim/world/world.h"

#include "jielian/base/assignment.h"
#include "jielian/catalogue/built_in.h"

enum {
    SIM_STEPS_MAX = 20000,   /* of one run: bounds the tables by step */
    SIM_RECORDS_MAX = 16384, /* made in one run; more are not remembered, so not worked on */
    SIM_OFFICES_MIN = 2,
    SIM_OFFICES_MAX = 5,
    SIM_DEVICES_EACH_MAX = 3,  /* of an office */
    SIM_OFFICES_ADDED_MAX = 3, /* in one run */
    SIM_INVITATIONS_MAX = 12,  /* of one run */
    SIM_JOINS_MAX = 6,         /* PCs that come later */
    SIM_CLONES_MAX = 2,        /* of one run */
    SIM_RESTORES_MAX = 4,      /* of one run */
    SIM_INTRUDERS_MAX = 64,    /* of one batch */
    SIM_FAILURE_BYTES = 512,
};

#define SIM_FAULT_LIST(X)                                                                          \
    X(LOST, lost)                                                                                  \
    X(DOUBLED, doubled)                                                                            \
    X(REORDERED, reordered)                                                                        \
    X(FORGED, forged)                                                                              \
    X(CUT, cut)                                                                                    \
    X(DELAYED, delayed)                                                                            \
    X(HANG_UP, hang_up)                                                                            \
    X(DEVICE_CRASH, device_crash)                                                                  \
    X(DISTRICT_CRASH, district_crash)                                                              \
    X(RESTORE, restore)                                                                            \
    X(CLOSE, close)                                                                                \
    X(PUT_BACK, put_back)                                                                          \
    X(CLONE, clone)                                                                                \
    X(CLOCK, clock)                                                                                \
    X(SILENCE, silence)                                                                            \
    X(DAMAGE, damage)                                                                              \
    X(DISK_FULL, disk_full)                                                                        \
    X(CATALOGUE, catalogue)                                                                        \
    X(SUSPEND, suspend)                                                                            \
    X(REVOKE, revoke)                                                                              \
    X(WEEKS, weeks)                                                                                \
    X(ENROL, enrol)                                                                                \
    X(REJOIN, rejoin)                                                                              \
    X(FOREIGN_KEYS, foreign_keys)

#define SIM_ACTION_LIST(X)                                                                         \
    X(ADD, add)                                                                                    \
    X(SET, set)                                                                                    \
    X(DELETE, delete)                                                                              \
    X(UNDELETE, restore)                                                                           \
    X(MOVE, move)                                                                                  \
    X(REQUEST, request)                                                                            \
    X(FLOW, flow)                                                                                  \
    X(RESOLVE, resolve)                                                                            \
    X(BATCH, batch)                                                                                \
    X(UNDO, undo)                                                                                  \
    X(SCRUB, scrub)                                                                                \
    X(MERGE, merge)                                                                                \
    X(DECIDE, decide)                                                                              \
    X(OFFICE, office)                                                                              \
    X(INVITE, invite)                                                                              \
    X(JOIN, join)                                                                                  \
    X(NATURAL, natural)                                                                            \
    X(INTRUDE, intrude)                                                                            \
    X(IMPORT, import)                                                                              \
    X(ROGUE, rogue)

/* What the rogue does. */
#define SIM_ROGUERY_LIST(X)                                                                        \
    X(BATCHES, batches)                                                                            \
    X(STALE, stale)                                                                                \
    X(REPEATED, repeated)                                                                          \
    X(BROKEN, broken)                                                                              \
    X(NUMBERS, numbers)                                                                            \
    X(BUILT_IN, built_in)                                                                          \
    X(FILLED, filled)                                                                              \
    X(STATUS, status)                                                                              \
    X(REQUESTS, requests)                                                                          \
    X(TOMBSTONE, tombstones)                                                                       \
    X(NATURAL_KEY, natural_keys)                                                                   \
    X(FEEDS, feeds)                                                                                \
    X(REPAIRS, repairs)                                                                            \
    X(PROOFS, proofs)

/* What the district serves. */
#define SIM_SERVED_LIST(X)                                                                         \
    X(GREETING, greeting)                                                                          \
    X(BATCH, batch)                                                                                \
    X(PAGE, page)                                                                                  \
    X(PROOF, proof)                                                                                \
    X(QUESTION, question)

#define SIM_NUMBER(upper, lower) SIM_##upper,
#define SIM_NAME(upper, lower) #lower,
enum sim_fault { SIM_FAULT_LIST(SIM_NUMBER) SIM_FAULTS };
enum sim_action { SIM_ACTION_LIST(SIM_NUMBER) SIM_ACTIONS };
#define SIM_ROGUE_NUMBER(upper, lower) SIM_ROGUE_##upper,
enum sim_roguery { SIM_ROGUERY_LIST(SIM_ROGUE_NUMBER) SIM_ROGUERIES };
#define SIM_SERVED_NUMBER(upper, lower) SIM_SERVED_##upper,
enum sim_served { SIM_SERVED_LIST(SIM_SERVED_NUMBER) SIM_SERVED_KINDS };
extern const char *const sim_roguery_names[SIM_ROGUERIES];
extern const char *const sim_served_names[SIM_SERVED_KINDS];
extern const char *const sim_fault_names[SIM_FAULTS];
extern const char *const sim_action_names[SIM_ACTIONS];

/* What was done, summed up over runs. */
struct sim_tally {
    uint64_t steps, refused; /* actions that the desk refused: gone, moved on, not theirs */
    uint64_t actions[SIM_ACTIONS], faults[SIM_FAULTS];
    uint64_t ops, values, verdicts[JL_VERDICT_ALREADY + 1]; /* ops of devices and the district */
    uint64_t again, lost, quarantined;
    uint64_t admitted, turned_down; /* of what was in quarantine, by a person */
    uint64_t repaired;              /* rows that repairs fetched */
    uint64_t trimmed;               /* ops that PCs need not keep any more, and do not */
    uint64_t promises;              /* values that a restore must not change, and did not */
    uint64_t held, released;        /* ops that waited at the end; that a close judged */
    uint64_t roguery[SIM_ROGUERIES];
    uint64_t rogue_types[JL_TYPE_ASK + 1]; /* its ops by built-in type */
    uint64_t beside;                       /* honest edits in step while the rogue went on */
};

struct sim_plan {
    uint64_t seed;
    size_t steps;        /* at most SIM_STEPS_MAX */
    const uint8_t *kept; /* a bit for each step, from the lowest of byte 0; NULL: all of them */
    bool trace;          /* each step on stdout */
    bool rogue;          /* it goes along, whatever the seed says, and does more */
    const struct world *frozen; /* sim_prepare's; shared by many runs */
};

struct sim_outcome {
    bool passed;
    char failure[SIM_FAILURE_BYTES]; /* which invariant, and where; empty when passed */
    struct sim_tally tally;
    uint64_t settle_steps, settle_ms; /* liveness: of the slowest device, and of the world */
    uint64_t beside_steps, beside_ms; /* the same of an honest edit beside the rogue */
    uint64_t cost_permille[SIM_SERVED_KINDS]; /* the most that one took, of what it may */
};

/* A world with every device that a run may want, enrolled and in step; made once, for many runs.
 * sim_unprepare removes it. */
void sim_prepare(struct world *out_frozen);
void sim_unprepare(struct world *frozen);
/* Run a plan: false when an invariant does not hold (then out_outcome says which). */
bool sim_run(const struct sim_plan *plan, struct sim_outcome *out_outcome);
bool sim_kept(const struct sim_plan *plan, size_t step);
/* The command `jielian-sim`: many seeds, or one again (sim.c). Returns its exit code. */
int sim_main(int argc, char **argv);

/* ---- Shared by sim_*.c ---- */

struct sim_record {
    size_t step; /* that made it */
    uint32_t type;
    struct jl_id id;
    uint32_t office;         /* whose device made it */
    struct jl_id change_set; /* zero: a single change */
};

enum { SIM_AT_DISTRICT = WORLD_DEVICES_MAX };

struct sim_op { /* one that someone committed, at a device or at the district's desk */
    uint8_t hash[JL_HASH_BYTES];
    struct jl_bytes bytes;
    struct jl_op op;
    size_t device; /* or SIM_AT_DISTRICT */
    uint64_t pos;  /* in the outbox */
    size_t step;
    bool lost;           /* every disk that had it is gone, or was put back to before it */
    bool off_disk;       /* the PC that made it was put back to before it */
    int64_t accepted_ms; /* true time at which the district first had it; 0: never */
    bool refused;        /* by the district while it was held, and nobody admitted it since */
    bool by_person;      /* books that there were had it parked because a person refused it */
    bool admitted;       /* … and the other way round */
    bool discarded;      /* dropped out of quarantine: its PC sends it again when it is let in */
    uint8_t judged;      /* bit n: it was in effect in the books that restore n lost */
    uint64_t met_at;     /* days on which its PC had met the district when it was confirmed, + 1 */
    bool trimmed;        /* … and so many since that the PC need not keep it */
    bool missed;         /* the district was restored to before it: only its PC has it */
};

struct sim_entry { /* an op in the district's journal, as it stands */
    uint8_t hash[JL_HASH_BYTES];
    uint32_t origin;
    uint64_t seq; /* of the op in its chain */
    enum jl_verdict_code verdict;
    bool waited;      /* it was held, and is judged for good now */
    size_t judged_at; /* entries that stood before it when it was judged for good */
    struct jl_op op;
};

struct sim_promise { /* of books that were lost: this was in effect */
    size_t op;
    uint32_t field; /* of its record; 0: that the record is deleted */
    size_t restore; /* which one lost them */
    size_t step;
};

struct sim_oracle {
    struct sim_promise *promises;
    size_t promise_count, promise_capacity;
    struct jl_arena arena, journal_arena;
    struct sim_op *ops;
    size_t op_count, op_capacity;
    struct sim_entry *entries;
    size_t entry_count, entry_capacity;
    uint64_t journal_seq;              /* read so far */
    uint64_t noted[WORLD_DEVICES_MAX]; /* outbox positions read so far */
    struct sim_guard *guards;          /* of the batch under way */
    size_t guard_count, guard_cases;
    bool guard_all;
    uint8_t intruders[SIM_INTRUDERS_MAX]
                     [JL_HASH_BYTES]; /* ops of the batch that must not be taken */
    size_t intruder_count;
};

struct sim_invitation {
    struct world_invitation file;
    size_t losses; /* when it was written */
    bool used;
    size_t used_step;
};

/* The admission log that the last restore found. */
enum sim_log { SIM_LOG_THERE, SIM_LOG_THEN, SIM_LOG_GONE };
struct sim_admitted { /* whom the district knew */
    bool known[WORLD_DEVICES_MAX], revoked[WORLD_DEVICES_MAX];
};

/* A peer with a good key and no rules of ours (sim_rogue.c). */
struct sim_rogue {
    bool there, ever; /* enrolled; it was, at some time of the run */
    struct jl_keys keys;
    struct world_device line; /* its connection: no program and no books are behind it */
    uint8_t incarnation[16];
    uint64_t number;          /* of its newest op */
    struct jl_record_key aim; /* the record of its stale edits; type 0: none yet */
    struct jl_buf last;       /* its last batch, as it was sent */
};

struct sim_seen { /* a record at the district, as the rogue sees it */
    struct jl_record_key key;
    struct jl_head head;
    bool party;  /* a transfer of the rogue's office */
    bool leaves; /* … which its member leaves */
    bool pair;   /* a case of two offices' records */
    bool closed; /* a case that is, and that finding the same again does not open */
    bool merged; /* away, into a record that lives */
};
struct sim_sight {
    struct sim *sim;
    struct sim_seen *items;
    size_t count, capacity;
};

struct sim_told { /* of the page that answers the frame that is served */
    uint32_t feed;
    uint64_t from, to;
};

struct sim_keep {           /* of one PC */
    int64_t proven_ms, day; /* of the last proof that was seen */
    uint64_t days;          /* with a proof */
};

struct sim {
    const struct sim_plan *plan;
    struct sim_outcome *out;
    struct world world;
    size_t step;                           /* under way */
    uint64_t random;                       /* of the step under way */
    uint32_t offices;                      /* numbers 1.. */
    uint32_t added[SIM_OFFICES_ADDED_MAX]; /* numbers: there are gaps after a restore */
    uint32_t offices_added;
    struct sim_invitation invitations[SIM_INVITATIONS_MAX];
    size_t invitation_count, joins;
    struct sim_record records[SIM_RECORDS_MAX]; /* ascending by step */
    size_t record_count;
    struct sim_oracle oracle;
    struct sim_keep keep[WORLD_DEVICES_MAX];
    bool backed_up;
    size_t backup_step;
    enum sim_log log;
    struct sim_rogue rogue;
    struct sim_told told;
    uint64_t held_before; /* the batch that is served: ops that wait */
    size_t losses; /* restores without the whole log, or of a district that none had greeted */
    size_t restores, clones, catalogues;
    size_t away_until[WORLD_DEVICES_MAX]; /* step at which the PC talks again; 0: it does */
    json_t *catalogue;                    /* the newest there ever was; NULL: the shipped one */
    bool kept[WORLD_DEVICES_MAX]; /* a copy of the device's folder is there to be put back */
    uint64_t kept_pos[WORLD_DEVICES_MAX];
    size_t disk_until[WORLD_DEVICES_MAX + 1]; /* step at which there is room again; 0: there is */
};

/* A number below `below`, the next of the step's own source. */
uint64_t sim_draw(struct sim *sim, uint64_t below);
/* Forget what was drawn: the draws of `step` from their beginning. */
void sim_begin_step(struct sim *sim, size_t step);
struct world_device *sim_any_device(struct sim *sim);
size_t sim_number_of(const struct sim *sim, const struct world_device *device);
/* A line of the trace, printed when the plan asks for it. */
void sim_trace(const struct sim *sim, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Note why the run failed (the first reason stays); returns false. */
bool sim_fail(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool sim_failed(const struct sim *sim);
void sim_note_fault(struct sim *sim, enum sim_fault fault, const struct world_device *device);

/* ---- sim_staff.c, sim_batch.c ---- */

struct sim_desk { /* where somebody works: one of the devices, or the district */
    struct jl_desk *desk;
    struct world_device *device; /* NULL: the district */
};
void sim_staff_step(struct sim *sim);
enum { SIM_UNION_NAME_BYTES = 64 };
void sim_add_union(struct sim *sim, const struct sim_desk *at);
void sim_union_name(struct sim *sim, char out_name[static SIM_UNION_NAME_BYTES]);
/* Count what came of an action. A disk without room is a reason; damage is not. */
void sim_done(struct sim *sim, const struct sim_desk *at, enum sim_action action, enum jl_rc rc,
              const struct jl_err *err);
void sim_remember(struct sim *sim, const struct sim_desk *at, uint32_t type, const struct jl_id *id,
                  const struct jl_id *change_set);
/* A record of the type (0: any); the newest ones more often. NULL: none was made yet. */
const struct sim_record *sim_any_record(struct sim *sim, uint32_t type);
const struct jl_type *sim_type(const struct sim_desk *at, const char *name);
/* What somebody may type into a field of the type. false: the catalogue here has no such field. */
bool sim_any_assignment(struct sim *sim, const struct sim_desk *at, const struct jl_type *type,
                        const char **out_field, char *out_value, size_t capacity);
/* A new member's whole form; false: there is no union to belong to. */
bool sim_member_form(struct sim *sim, const struct sim_desk *at, char values[4][64],
                     struct jl_assignment *out_assignments, size_t *out_count);
enum jl_rc sim_load(const struct sim_desk *at, uint32_t type, const struct jl_id *id,
                    struct jl_arena *arena, struct jl_book_record *out_record, struct jl_err *err);
void sim_batch(struct sim *sim, const struct sim_desk *at);
void sim_undo(struct sim *sim, const struct sim_desk *at);
void sim_resolve(struct sim *sim, const struct sim_desk *at);
/* From here on it is this desk's disk that may be full. false: its program does not run. */
bool sim_sit_down(struct sim *sim, const struct sim_desk *at);

/* ---- sim_natural.c, sim_sheet.c ---- */

void sim_natural_step(struct sim *sim);
void sim_import(struct sim *sim, const struct sim_desk *at);

/* ---- sim_district.c, sim_held.c ---- */

void sim_district_step(struct sim *sim);

/* ---- sim_own.c ---- */

void sim_own_merge(struct sim *sim); /* an office merges two of its own */
bool sim_own_check(struct sim *sim);
/* false: nothing is held of any device. */
bool sim_decide(struct sim *sim, const struct sim_desk *at);
/* Before those that are suspended are let in: somebody decides about what some of them delivered.
 */
void sim_decide_at_rest(struct sim *sim);

/* ---- sim_frame.c, sim_machine.c ---- */

void sim_fault_frame(struct sim *sim);
void sim_fault_link(struct sim *sim);
void sim_fault_machine(struct sim *sim);
void sim_pass_time(struct sim *sim);
/* Faults that last end when their time has come; all of them with `all`. */
void sim_end_faults(struct sim *sim, bool all);

/* ---- sim_office.c ---- */

void sim_office_step(struct sim *sim, struct world_device *device);
/* The number of one that is at work. */
uint32_t sim_any_office(struct sim *sim);
/* The numbers of all that there are, SIM_OFFICES_MAX and those that were added. */
uint32_t sim_office_at(const struct sim *sim, size_t at);
/* false: it is not there; unless a restore may have lost it, the run has failed. */
bool sim_office_id(struct sim *sim, uint32_t number, struct jl_id *out_id);
char sim_office_code(size_t added);

/* ---- sim_restore.c ---- */

void sim_back_up_or_restore(struct sim *sim);
void sim_close_restore(struct sim *sim);
/* After all have come to rest an operator may close what is open; true: one did. */
bool sim_close_at_rest(struct sim *sim);
bool sim_is_away(const struct sim *sim, const struct world_device *device);
/* Nobody stays away any more. */
void sim_come_back(struct sim *sim);
bool sim_check_held(struct sim *sim);

/* ---- sim_admitted.c ---- */

void sim_admitted_note(struct sim *sim, struct sim_admitted *out_before);
/* Before a restore: the log may get lost. */
void sim_admitted_lose(struct sim *sim);
bool sim_admitted_check(struct sim *sim, const struct sim_admitted *before);
void sim_check_office_number(struct sim *sim, uint32_t number);
void sim_check_device_number(struct sim *sim, const struct world_device *device);
/* A number was given out: not every restore keeps that in mind. */
void sim_gave_number(struct sim *sim);
/* true: the office is there (again). */
bool sim_office_again(struct sim *sim, uint32_t number);
/* true: the district did not know this PC, and does now. */
bool sim_join_again(struct sim *sim, struct world_device *device);
void sim_all_join_again(struct sim *sim);

/* ---- sim_rogue.c, sim_sight.c, sim_cost.c, sim_beside.c ---- */

bool sim_has_rogue(const struct sim *sim);
/* In some runs, after some steps, the rogue does something. */
void sim_rogue_step(struct sim *sim);
/* It does something now. */
void sim_rogue_act(struct sim *sim);
void sim_rogue_fini(struct sim *sim);
/* Is this origin one of the rogue's? */
bool sim_is_rogues(const struct sim *sim, uint32_t origin);
/* All that the district has; at least its offices. false: the run has failed. */
bool sim_look(struct sim *sim, struct sim_sight *out_sight);
void sim_sight_fini(struct sim_sight *sight);
/* I20: what the rogue changed since then, it might. false: the run has failed. */
bool sim_sight_changed(struct sim *sim, const struct sim_sight *before);
/* I21, and I22: around whatever the district serves. */
void sim_sight_told(struct sim *sim, const struct world_device *device,
                    const struct jl_message *message);
void sim_cost_told(struct sim *sim, const struct jl_message *message);
void sim_cost_served(struct sim *sim, const struct world_device *device,
                     const struct jl_message *in, const struct world_work *work);
/* I23: at rest, beside the rogue. false: the run has failed. */
bool sim_beside(struct sim *sim);

/* ---- sim_damage.c ---- */

void sim_forge(struct sim *sim);
void sim_damage(struct sim *sim);

/* ---- sim_oracle.c ---- */

void sim_oracle_init(struct sim *sim);
void sim_oracle_fini(struct sim *sim);
/* Note what was committed since, at every desk, and what the district's journal took. */
bool sim_oracle_note(struct sim *sim);
/* The district's journal is another one now. */
void sim_oracle_forget_journal(struct sim *sim);
/* A disk is about to be lost: every op must have a copy. Afterwards: those that have none are
 * lost. */
bool sim_oracle_before_loss(struct sim *sim);
void sim_oracle_after_loss(struct sim *sim, bool restored);
/* May nobody have it any more? Lost with its disks; or missed by the district for so long that its
 * PC need not keep it. */
bool sim_oracle_excused(const struct sim *sim, const struct sim_op *op);
const struct sim_entry *sim_oracle_entry(const struct sim *sim,
                                         const uint8_t hash[static JL_HASH_BYTES]);

void sim_oracle_hash(const struct sim *sim, struct jl_bytes op,
                     uint8_t out_hash[static JL_HASH_BYTES]);
/* ---- sim_owner.c: around every batch ---- */

void sim_owner_before(struct sim *sim, const struct world_device *device,
                      const struct jl_push *push);
void sim_owner_after(struct sim *sim, const struct world_device *device);

/* ---- sim_oracle.c: decisions ---- */

/* A person decided about an op that is held. */
void sim_oracle_decided(struct sim *sim, const uint8_t hash[static JL_HASH_BYTES], bool refused);
void sim_oracle_discarded(struct sim *sim, const uint8_t hash[static JL_HASH_BYTES]);

/* A set of op hashes, sorted when it is asked. */
struct sim_hashes {
    uint8_t (*items)[JL_HASH_BYTES];
    size_t count, capacity;
    bool sorted;
};
void sim_hashes_add(struct sim_hashes *hashes, const uint8_t hash[static JL_HASH_BYTES]);
bool sim_hashes_have(struct sim_hashes *hashes, const uint8_t hash[static JL_HASH_BYTES]);
void sim_hashes_fini(struct sim_hashes *hashes);
/* What devices that are not revoked keep in their outboxes, and what the district holds in
 * quarantine. */
bool sim_copies_on_disks(struct sim *sim, struct sim_hashes *out);
bool sim_copies_in_quarantine(struct sim *sim, struct sim_hashes *out);

/* ---- sim_keep.c ---- */

/* false: the run has failed. */
bool sim_keep_note(struct sim *sim, size_t number);
void sim_work_for_weeks(struct sim *sim);

/* ---- sim_effect.c ---- */

/* The books are about to be lost: note what is in effect by ops that their PCs keep. */
void sim_note_promises(struct sim *sim);
struct sim_values;
bool sim_check_promises(struct sim_values *values);

/* ---- sim_settle.c, sim_check.c, sim_value.c, sim_agree.c ---- */

bool sim_settle(struct sim *sim);
bool sim_check(struct sim *sim);
/* By a later op of the same PC about the same record: then it need not be kept for ever. */
bool sim_superseded(const struct sim *sim, const struct sim_op *op);
bool sim_check_values(struct sim *sim);
bool sim_check_agreement(struct sim *sim);
/* At any moment: what was typed here and has no verdict yet is what is shown. */
bool sim_check_shown(struct sim *sim, struct world_device *device);

#endif
