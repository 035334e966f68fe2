/* A district and its devices in one process: real books, real messages, no network, virtual time.
 *
 * Frames travel through queues that the test controls; the session core and the books are the very
 * code that the programs run. Everything lies in a folder that world_fini removes.
 *
 * What can't be ends the test with its reason; when `soft` is set it is written into `broken`
 * instead, and the world is good for nothing but world_fini. */
#ifndef JIELIAN_TESTS_SIM_WORLD_H
#define JIELIAN_TESTS_SIM_WORLD_H

#include "client/books/office.h"
#include "client/books/repair.h"
#include "server/books/district.h"
#include "server/quarantine/quarantine.h"

enum { WORLD_DEVICES_MAX = 28, WORLD_QUEUE_MAX = 64, WORLD_READ_ONCE = 2 };

struct world;

struct world_frame {
    struct jl_buf bytes;
};

struct world_time { /* a wall clock: the world's time, and how far it is off */
    struct world *world;
    int64_t off_ms;
};

struct world_device {
    struct world *world;
    struct jl_office *office; /* NULL: its program ended (disk full) and is started by world_step */
    struct jl_session session;
    struct jl_desk desk;
    struct world_time time;
    uint32_t number, office_number;
    uint8_t curve_public[32]; /* by which the district knows it */
    char folder[256];
    struct world_frame inbox[WORLD_QUEUE_MAX];  /* from the district */
    struct world_frame outbox[WORLD_QUEUE_MAX]; /* to the district */
    size_t inbox_count, outbox_count;
    int64_t held_ms[2]; /* nothing of the outbox, of the inbox, gets through before (delay) */
    size_t lose;        /* frames of the district to be lost */
    bool disk_full;
    uint64_t disk_left; /* bytes that still fit when disk_full */
    struct jl_repair repair;
    size_t rereads;
    bool deep;                       /* the next proof shall be a deep one */
    enum jl_deep_result deep_result; /* of the last one */
    struct jl_welcome welcome;
    uint64_t sent_bytes, received_bytes, repaired;

    /* At the district: the session of this connection. origin 0: it has not greeted. */
    uint32_t origin;
    bool greeted_suspended;
    int64_t heard_ms;
    struct jl_pull pulls[2]; /* under way; pages 0: none */
};

struct world_invitation {
    const struct jl_suite *suite;
    uint8_t curve_public[32];
    uint32_t office;
    int64_t expires_ms; /* by the district's clock */
};

/* What it took: steps of SQLite's machine, and journal entries that the district opened. */
struct world_work {
    uint64_t sql_steps, entries;
};

struct world_watch {
    void *context;
    /* Around every batch that the district judges (not for what goes into quarantine). */
    void (*before)(void *context, struct world_device *device, const struct jl_push *push);
    void (*after)(void *context, struct world_device *device, const struct jl_push *push);
    /* What the district answers, before it leaves. */
    void (*told)(void *context, struct world_device *device, const struct jl_message *message);
    /* After a frame was served; in NULL: one more page of a Pull. The calls here do not count. */
    void (*served)(void *context, struct world_device *device, const struct jl_message *in,
                   const struct world_work *work);
};

struct world {
    char folder[200];
    char district_folder[256];
    struct jl_district *district;
    struct jl_desk district_desk;
    struct jl_wire *wire;   /* the district's side of the wire */
    struct world_time time; /* the district's clock */
    int64_t now_ms;         /* true and steady time */
    struct world_device devices[WORLD_DEVICES_MAX];
    size_t device_count;
    struct jl_quarantine quarantine;
    struct world_watch watch;
    /* Frames that may yet read what is read once: the columns of all tables, and the district's own
     * tables, after the books were opened or have another catalogue. */
    int unread;
    struct world_work watching; /* what its calls took, of the frame that is served */
    size_t restores;
    size_t
        slice_ops;  /* so many ops of a batch are judged at once; 0: as many as the program does */
    bool disk_full; /* the district's */
    uint64_t disk_left;
    bool faulty;     /* calls are made to fail: JL_IO and JL_NOMEM pass, as on a full disk */
    uint64_t passed; /* so many did */
    bool soft;
    bool no_parts; /* the district is an older program that tells buckets and ids only */
    char broken[JL_ERR_TEXT_BYTES + 64];
};

/* A district with the shipped catalogue and `offices` offices (codes A, B, C …). Aborts the test on
 * any failure. */
void world_init(struct world *world, size_t offices);
void world_fini(struct world *world);
/* Close everything, so that world_copy can take it; only world_fini may follow. */
void world_freeze(struct world *world);
/* A world of its own that begins as `frozen` does, with those of its devices that `wanted` names.
 */
void world_copy(struct world *world, const struct world *frozen, const bool *wanted);
/* An invitation as an operator makes it. */
enum jl_rc world_invite(struct world *world, uint32_t office, int64_t valid_ms,
                        struct world_invitation *out_invitation, struct jl_err *err);
/* A new PC enrols with it and downloads until it is proven. JL_DENIED: the district refused it. */
enum jl_rc world_enrol(struct world *world, const struct world_invitation *invitation,
                       struct world_device **out_device, struct jl_err *err);
/* Only the keys are enrolled: there is no PC, no program and no books. */
enum jl_rc world_enrol_keys(struct world *world, const struct world_invitation *invitation,
                            struct jl_keys *out_keys, struct jl_identity *out_identity,
                            struct jl_err *err);
/* A PC that the district does not know enrols again in its own folder, with the keys that it has;
 * its copies have the new number, too. */
enum jl_rc world_rejoin(struct world_device *device, const struct world_invitation *invitation,
                        struct jl_err *err);
/* Both: a device of office 1.., proven. */
struct world_device *world_join(struct world *world, uint32_t office);
/* One frame either way, or a tick when nothing is on its way; false: the tick did nothing. */
bool world_step(struct world_device *device);
/* Forget what is on its way, and connect anew with a new session. */
void world_hang_up(struct world_device *device);
/* The connection breaks under a session that goes on; noticed: the device's side is notified. */
void world_break_link(struct world_device *device, bool noticed);
/* The district tells the device its feeds' heads, as it does after commits. */
void world_poke(struct world_device *device);
/* Let a device talk until it is proven or nothing moves any more; true: proven. */
bool world_sync(struct world_device *device);
/* Virtual time. */
void world_pass(struct world *world, int64_t ms);
/* Does the device hold all that the district has, and know it? */
bool world_settled(struct world_device *device);
/* Unknown: never enrolled in these books. Whatever it says is refused in the handshake. */
bool world_knows(const struct world_device *device);
/* Of one that is not known: active. */
enum jl_device_state world_state(struct world_device *device);
/* Suspend, let in again, revoke: the table changes, and the session under way is notified. */
void world_set_state(struct world_device *device, enum jl_device_state state);
/* The catalogue's text, made the district's. */
void world_apply_catalogue(struct world *world, const char *text);
/* A backup of the district as it is now; and the district restored from it, into a folder of its
 * own: what the admission log says is what lies beside the backup. */
void world_backup(struct world *world);
void world_restore(struct world *world);
/* The log beside the backup is lost: put back to what it was when the backup was made, or gone. */
void world_lose_log(struct world *world, bool wholly);
void world_crash_district(struct world *world);
/* Between two runs the key file of the district (or of a PC, whose program runs) is another one's:
 * what opening it answers then. Afterwards it is its own again, and the program runs. A file of the
 * folder that is another one after the attempt ends the test. */
enum jl_rc world_try_foreign_keys(struct world *world, const struct world_device *other);
enum jl_rc world_try_foreign_device_keys(struct world_device *device,
                                         const struct world_device *other);
/* Process memory lost, books as committed. */
void world_reopen_device(struct world_device *device);
/* Do both have the same keys? */
bool world_copies(const struct world_device *a, const struct world_device *b);
/* A second PC with a copy of this one's folder. */
struct world_device *world_clone(struct world_device *device);
/* The device's folder as it is now; and the device put back to it. */
void world_keep_device(struct world_device *device);
void world_put_back_device(struct world_device *device);
/* The next frames of the district are lost on the way, `count` of them. */
void world_lose(struct world_device *device, size_t count);
/* Writes that would make a file of this machine longer find no room once `left` bytes are used. */
void world_fill_disk(struct world_device *device, uint64_t left);
void world_fill_district_disk(struct world *world, uint64_t left);
void world_free_disks(struct world *world);
/* Around what a machine does: its disk is the one that may be full. */
void world_at_device(struct world_device *device);
void world_at_district(struct world *world);
void world_at_none(struct world *world);

/* So far, in this process; and since then, by books that nobody restored meanwhile. */
struct world_work world_work(const struct world *world);
struct world_work world_work_since(const struct world *world, const struct world_work *start);

/* One record by field=value pairs through the desk, "field=value|field=value". */
struct jl_id world_add(struct jl_desk *desk, const char *type, const char *assignments);
void world_set(struct jl_desk *desk, const char *type, const struct jl_id *id,
               const char *assignments);
/* As `case resolve` closes one: what nobody may set by hand. resolution NULL: none. */
void world_close_case(struct jl_desk *desk, const struct jl_id *id, const char *resolution);
/* Past the desk, as a program without its rules would. */
void world_set_unchecked(struct world_device *device, const char *type, const struct jl_id *id,
                         const char *field, struct jl_value value);
void world_delete(struct jl_desk *desk, const char *type, const struct jl_id *id);
/* A field as people see it, from the given books; "" when empty or gone. Static buffer. */
const char *world_get(struct jl_books *books, const char *type, const struct jl_id *id,
                      const char *field);
/* The same of the first record of a type. */
const char *world_get_first(struct jl_books *books, const char *type, const char *field);
size_t world_count(struct jl_books *books, const char *type);
size_t world_count_live(struct jl_books *books, const char *type); /* without parked ones */
/* Every record that the device's feeds show at the district is here, field by field, and no other.
 */
bool world_same(struct world_device *device);
/* The same; out_text says where the first difference is, in words without values. */
bool world_compare(struct world_device *device, char *out_text, size_t capacity);
/* "" when the district's journal, replayed into empty books, gives the same sums, and its chain and
 * signatures hold; otherwise what is wrong. Static buffer. */
const char *world_replay_fault(struct world *world);

#endif
