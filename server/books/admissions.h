/* The admission log: what numbers were given out and who was let in, outside the books.
 *
 * A restore puts the books back to an older state. What is not in the journal (offices' numbers,
 * invitations, devices and their states) would go back with them: a revoked PC would be good again,
 * a number would be given out twice. So each such event also stands in DIR/admissions (0600) and in
 * FILE.admissions beside a backup, written before the books commit it. The log never lags behind
 * the books; a line for something that was not committed only uses up a number.
 *
 *   jielian admissions v1 <the district's signing key> #<tag>
 *   <event> <ms> office <number> <code> <name> #<tag>
 *   <event> <ms> invitation <number> <office> <CURVE key> <expires ms> #<tag>
 *   <event> <ms> used <invitation> <device> #<tag>                     device 0: void
 *   <event> <ms> device <number> <office> <CURVE key> <signing key> <name> #<tag>
 *   <event> <ms> state <device> active|suspended|revoked #<tag>
 *   <event> <ms> restored <office> <device> <invitation> #<tag>        numbers from there on
 *
 * A district of another cipher suite than 1 has " s<n>" behind "v1", and a signing key of suite n >
 * 1 is "s<n>:" and hexadecimal; all else that is a key or a tag is hexadecimal. In a text, blanks,
 * control characters, % and what is no UTF-8 stand as %XX; "-" is an empty one. Events ascend; they
 * order, the times are labels. A tag is keyed by the district's data key and covers the line and
 * the tag before it, so nobody without that key adds, changes or takes out a line; that the newest
 * lines were cut off is not seen.
 *
 * A last line without its line end is a write that was cut off: it is passed over, and the next
 * append takes its place. Any other damage is an error that names the line.
 * Thread: values; any. */
#ifndef JIELIAN_SERVER_ADMISSIONS_H
#define JIELIAN_SERVER_ADMISSIONS_H

#include "jielian/base/limits.h"
#include "jielian/crypto/keys.h"
#include "jielian/crypto/sealer.h"
#include "jielian/store/devices.h"
#include "jielian/store/store.h"

enum {
    /* The longest texts, every byte escaped, both keys and the tag. */
    JL_ADMISSION_LINE_MAX_BYTES = 1024,
    /* A full table of devices, each with a state, fits. A district with 60 PCs fills 30 KB. */
    JL_ADMISSIONS_MAX_BYTES = 32 * 1024 * 1024,
    /* Events of a restored district begin at the next multiple: whatever the lost one still wrote
     * behind the log that was read is older. */
    JL_ADMISSION_GAP_EVENTS = 1 << 20,
    /* Numbers that a restore leaves out at least, in case the log that was read lacks the newest
     * ones. How many more its epoch says, so that books restored twice from one backup, and each
     * time without the log, hardly give one number to two. */
    JL_OFFICES_GAP = 16,
    JL_DEVICES_GAP = 64,
    JL_INVITATIONS_GAP = 64,
    JL_GAP_TIMES_MAX = 4,           /* fewer than so many times as many */
    JL_INVITATIONS_MAX = INT32_MAX, /* as the store keeps numbers */
};

enum jl_admission_kind {
    JL_ADMISSION_OFFICE = 1,
    JL_ADMISSION_INVITATION,
    JL_ADMISSION_USED,
    JL_ADMISSION_DEVICE,
    JL_ADMISSION_STATE,
    JL_ADMISSION_RESTORED,
};

/* What numbers are given to; the places of jl_admissions.floors. */
enum jl_numbered { JL_NUMBER_OFFICE = 0, JL_NUMBER_DEVICE, JL_NUMBER_INVITATION, JL_NUMBERED };

struct jl_admission_event {
    uint64_t event;
    int64_t at_ms;
    enum jl_admission_kind kind;
    uint32_t number;              /* of the office, invitation or device; RESTORED: none */
    uint32_t office;              /* INVITATION, DEVICE */
    uint32_t device;              /* USED */
    enum jl_device_state state;   /* STATE */
    uint32_t floors[JL_NUMBERED]; /* RESTORED */
    int64_t expires_ms;           /* INVITATION */
    uint8_t curve_public[32];     /* INVITATION, DEVICE */
    uint32_t suite;               /* DEVICE: of the signing key */
    uint32_t sign_public_bytes;   /* DEVICE */
    uint8_t sign_public[JL_SIGN_PUBLIC_MAX_BYTES]; /* DEVICE */
    char code[32];                                 /* OFFICE */
    char name[128];                                /* OFFICE, DEVICE (at most 63 bytes there) */
};

/* The log folded: the latest of each, with the event that said so. Arrays ascend by number. */
struct jl_given_office { /* one for each code that a number ever had; the last one is its own */
    uint32_t number;
    char code[32], name[128];
    uint64_t event;
    int64_t at_ms;
};
struct jl_given_invitation {
    struct jl_invitation is; /* used_ms 0: unused */
    uint64_t event, used_event;
    int64_t at_ms;
};
struct jl_given_device {
    struct jl_device is;         /* numbers, keys, name, state; nothing that it says of itself */
    uint64_t event, state_event; /* state_event 0: active since it was enrolled */
    int64_t at_ms, state_ms;
};
struct jl_admissions {
    struct jl_given_office *offices;
    size_t office_count, office_capacity;
    struct jl_given_invitation *invitations;
    size_t invitation_count, invitation_capacity;
    struct jl_given_device *devices;
    size_t device_count, device_capacity;
    uint32_t floors[JL_NUMBERED]; /* no number below is given out again */
    uint64_t restored_event;
    int64_t restored_ms;
    uint64_t last; /* newest event; 0: none */
    int64_t last_ms;
    /* Of the text that was decoded, for an append: its whole lines, and the tag of the last. */
    size_t whole_bytes;
    uint8_t tag[JL_TAG_BYTES];
};
void jl_admissions_fini(struct jl_admissions *log);

/* The text of a log into an empty *log. JL_CONFLICT: another district's; JL_CORRUPT: damaged, names
 * the line; JL_LIMIT: more than a district can have. log is to be freed in any case. */
JL_MUST_CHECK enum jl_rc jl_admissions_decode(struct jl_bytes text, struct jl_sealer *sealer,
                                              const struct jl_keys *keys, struct jl_admissions *log,
                                              struct jl_err *err);
/* One more event. An older one than what is known changes nothing, and revoked stays revoked, so
 * logs can be put together in any order. */
JL_MUST_CHECK enum jl_rc jl_admissions_take(struct jl_admissions *log,
                                            const struct jl_admission_event *event,
                                            struct jl_err *err);
/* What the log says, as events after `after`, oldest first; the caller frees *out_events. */
JL_MUST_CHECK enum jl_rc jl_admissions_list(const struct jl_admissions *log, uint64_t after,
                                            struct jl_admission_event **out_events,
                                            size_t *out_count, struct jl_err *err);

/* Lines to put behind a log of which `tag` is the last; with_head: its first line too, and tag is
 * ignored. tag: in and out. */
JL_MUST_CHECK enum jl_rc jl_admissions_encode(const struct jl_admission_event *events, size_t count,
                                              bool with_head, struct jl_sealer *sealer,
                                              const struct jl_keys *keys,
                                              uint8_t tag[static JL_TAG_BYTES], struct jl_buf *out,
                                              struct jl_err *err);

/* NULL: not in the log. */
const struct jl_given_office *jl_admissions_office(const struct jl_admissions *log,
                                                   uint32_t number); /* as it is called now */
const struct jl_given_office *jl_admissions_coded(const struct jl_admissions *log,
                                                  const char *code); /* who had it last */
const struct jl_given_invitation *jl_admissions_invitation(const struct jl_admissions *log,
                                                           uint32_t number);
const struct jl_given_device *jl_admissions_device(const struct jl_admissions *log,
                                                   uint32_t number);
const struct jl_given_device *jl_admissions_keyed(const struct jl_admissions *log,
                                                  const uint8_t curve_public[static 32]);

/* The least number that was never given out: one more than the highest of the log and of the books,
 * and not below the floor. May be over what is allowed; the caller looks. */
uint32_t jl_admissions_next(const struct jl_admissions *log, enum jl_numbered what,
                            uint32_t highest_in_books);
/* The floor that the restore of an epoch sets: next and the gap, or as much of the gap as leaves
 * one number. */
uint32_t jl_admissions_floor(enum jl_numbered what, uint32_t next,
                             const uint8_t epoch[static JL_NUMBERED]);

#endif
