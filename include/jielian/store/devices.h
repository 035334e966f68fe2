/* What a district's store knows of devices: who they are, their incarnations, and invitations. Part
 * of the store's contract (store.h), which says when and on which thread these calls may be made,
 * and what their codes mean. */
#ifndef JIELIAN_STORE_DEVICES_H
#define JIELIAN_STORE_DEVICES_H

#include "jielian/base/arena.h"
#include "jielian/base/limits.h"

struct jl_store;

enum jl_device_state { JL_DEVICE_ACTIVE = 1, JL_DEVICE_SUSPENDED, JL_DEVICE_REVOKED };

struct jl_device {
    uint32_t number; /* 1.. */
    uint32_t office;
    enum jl_device_state state;
    uint8_t curve_public[32];
    uint32_t suite;             /* the cipher suite of its signing key (crypto/suite.h), from 1 */
    uint32_t sign_public_bytes; /* 1 .. as many as there are; those behind are 0 */
    uint8_t sign_public[JL_SIGN_PUBLIC_MAX_BYTES];
    char name[64];
    /* What the device said of itself, and the district measured, at its last contact. */
    int64_t last_seen_ms, proven_ms;
    uint64_t unsent, oldest_unsent_s, parked, cases, repairs, refused, disk_free_mib;
    int64_t clock_offset_ms;
    char version[16];
};

struct jl_origin {
    uint32_t number; /* 1..; one per device and incarnation */
    uint32_t device;
    uint8_t incarnation[16];
    uint64_t last_seq;
    uint8_t last_hash[32];
    uint64_t cursor[2]; /* feed 0 and the office's feed, as last proven */
    bool retired;       /* the device has moved on to another incarnation */
};

struct jl_invitation {
    uint32_t number;
    uint32_t office;
    uint8_t curve_public[32];
    int64_t expires_ms;
    int64_t used_ms; /* 0: unused */
    uint32_t device; /* the device it made */
};

JL_MUST_CHECK enum jl_rc jl_devices_all(struct jl_store *store, struct jl_arena *arena,
                                        struct jl_device **out_devices, size_t *out_count,
                                        struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_devices_put(struct jl_store *store, const struct jl_device *device,
                                        struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_devices_origins(struct jl_store *store, struct jl_arena *arena,
                                            struct jl_origin **out_origins, size_t *out_count,
                                            struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_devices_put_origin(struct jl_store *store,
                                               const struct jl_origin *origin, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_devices_invitations(struct jl_store *store, struct jl_arena *arena,
                                                struct jl_invitation **out_invitations,
                                                size_t *out_count, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_devices_put_invitation(struct jl_store *store,
                                                   const struct jl_invitation *invitation,
                                                   struct jl_err *err);

#endif
