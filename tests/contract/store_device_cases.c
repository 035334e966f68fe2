/* Devices, origins, invitations, quarantine. */
#include "store_contract.h"

#include "jielian/base/fault.h"
#include "jielian/base/limits.h"
#include "jielian/store/devices.h"
#include "jielian/store/quarantined.h"

#include <string.h>

static void test_devices_are_kept_and_replaced(void **state) {
    struct fixture *fixture = *state;
    struct jl_device device = {.number = 2,
                               .office = 7,
                               .state = JL_DEVICE_ACTIVE,
                               .curve_public = {1},
                               .suite = 9,
                               .sign_public_bytes = JL_SIGN_PUBLIC_MAX_BYTES - 1,
                               .sign_public = {2},
                               .name = "古荡一号机",
                               .last_seen_ms = 10,
                               .proven_ms = 11,
                               .unsent = 12,
                               .oldest_unsent_s = 13,
                               .parked = 14,
                               .cases = 15,
                               .repairs = 16,
                               .refused = 17,
                               .disk_free_mib = UINT64_MAX, /* a device may say anything */
                               .clock_offset_ms = -18,
                               .version = "0.1.0"};
    begin(fixture);
    ok(fixture, jl_devices_put(fixture->store, &device, &fixture->err));
    device.number = 1;
    device.sign_public[device.sign_public_bytes - 1] = 3;
    device.state = JL_DEVICE_REVOKED;
    memset(device.name, 'x', sizeof device.name - 1);
    ok(fixture, jl_devices_put(fixture->store, &device, &fixture->err));
    device.unsent = 99;
    ok(fixture, jl_devices_put(fixture->store, &device, &fixture->err));
    commit(fixture);
    struct jl_device *devices = NULL;
    size_t count = 0;
    ok(fixture, jl_devices_all(fixture->store, &fixture->arena, &devices, &count, &fixture->err));
    assert_int_equal(count, 2);
    assert_int_equal(devices[0].number, 1);
    assert_int_equal(devices[0].office, 7);
    assert_int_equal(devices[0].state, JL_DEVICE_REVOKED);
    assert_memory_equal(devices[0].curve_public, device.curve_public, 32);
    assert_int_equal(devices[0].suite, 9);
    assert_int_equal(devices[0].sign_public_bytes, device.sign_public_bytes);
    assert_memory_equal(devices[0].sign_public, device.sign_public, sizeof device.sign_public);
    assert_string_equal(devices[0].name, device.name);
    assert_int_equal(devices[0].last_seen_ms, 10);
    assert_int_equal(devices[0].proven_ms, 11);
    const uint64_t counts[] = {devices[0].unsent, devices[0].oldest_unsent_s, devices[0].parked,
                               devices[0].cases,  devices[0].repairs,         devices[0].refused};
    const uint64_t wanted[] = {99, 13, 14, 15, 16, 17};
    assert_memory_equal(counts, wanted, sizeof counts);
    assert_string_equal(devices[0].version, "0.1.0");
    assert_int_equal(devices[1].number, 2);
    assert_string_equal(devices[1].name, "古荡一号机");
    assert_int_equal(devices[1].clock_offset_ms, -18);
    assert_true(devices[1].disk_free_mib == UINT64_MAX);
}

static void test_origins_are_kept_and_no_incarnation_comes_twice(void **state) {
    struct fixture *fixture = *state;
    struct jl_origin origin = {.number = 1,
                               .device = 2,
                               .incarnation = {3},
                               .last_seq = 4,
                               .last_hash = {5},
                               .cursor = {6, 7},
                               .retired = false};
    begin(fixture);
    ok(fixture, jl_devices_put_origin(fixture->store, &origin, &fixture->err));
    origin.last_seq = 40;
    origin.retired = true;
    ok(fixture, jl_devices_put_origin(fixture->store, &origin, &fixture->err));
    commit(fixture);
    struct jl_origin *origins = NULL;
    size_t count = 0;
    ok(fixture,
       jl_devices_origins(fixture->store, &fixture->arena, &origins, &count, &fixture->err));
    assert_int_equal(count, 1);
    assert_int_equal(origins[0].device, 2);
    assert_int_equal(origins[0].last_seq, 40);
    assert_int_equal(origins[0].cursor[1], 7);
    assert_memory_equal(origins[0].incarnation, origin.incarnation, 16);
    assert_memory_equal(origins[0].last_hash, origin.last_hash, 32);
    assert_true(origins[0].retired);
    origin.number = 2;
    begin(fixture);
    fails(fixture, JL_CONFLICT, jl_devices_put_origin(fixture->store, &origin, &fixture->err));
    jl_store_rollback(fixture->store);
}

static void test_invitations_are_kept(void **state) {
    struct fixture *fixture = *state;
    struct jl_invitation invitation = {
        .number = 1, .office = 7, .curve_public = {9}, .expires_ms = 100};
    begin(fixture);
    ok(fixture, jl_devices_put_invitation(fixture->store, &invitation, &fixture->err));
    invitation.used_ms = 50;
    invitation.device = 3;
    ok(fixture, jl_devices_put_invitation(fixture->store, &invitation, &fixture->err));
    commit(fixture);
    struct jl_invitation *invitations = NULL;
    size_t count = 0;
    ok(fixture, jl_devices_invitations(fixture->store, &fixture->arena, &invitations, &count,
                                       &fixture->err));
    assert_int_equal(count, 1);
    assert_int_equal(invitations[0].used_ms, 50);
    assert_int_equal(invitations[0].device, 3);
    assert_int_equal(invitations[0].curve_public[0], 9);
}

static void test_empty_lists_are_empty(void **state) {
    struct fixture *fixture = *state;
    struct jl_device *devices = NULL;
    struct jl_origin *origins = NULL;
    struct jl_invitation *invitations = NULL;
    size_t counts[3] = {9, 9, 9};
    ok(fixture,
       jl_devices_all(fixture->store, &fixture->arena, &devices, &counts[0], &fixture->err));
    ok(fixture,
       jl_devices_origins(fixture->store, &fixture->arena, &origins, &counts[1], &fixture->err));
    ok(fixture, jl_devices_invitations(fixture->store, &fixture->arena, &invitations, &counts[2],
                                       &fixture->err));
    assert_int_equal(counts[0] + counts[1] + counts[2], 0);
}

struct waiting {
    uint64_t first[8];
    size_t count;
};

static enum jl_rc see(void *context, const struct jl_quarantined *batch, struct jl_err *err) {
    struct waiting *waiting = context;
    assert_int_equal(batch->origin, 4);
    waiting->first[waiting->count++] = batch->first_seq;
    return batch->body.size > 0 ? JL_OK
                                : jl_fault_at(err, JL_CORRUPT, JL_FAULT_TEXT, "%s", "no body");
}

static void put_batch(struct fixture *fixture, uint32_t origin, uint64_t first, const char *body) {
    begin(fixture);
    ok(fixture, jl_quarantined_put(fixture->store, origin, first, 2, 77, jl_bytes_text(body),
                                   &fixture->err));
    commit(fixture);
}

static void test_quarantine_keeps_every_different_batch_once(void **state) {
    struct fixture *fixture = *state;
    put_batch(fixture, 4, 3, "later");
    put_batch(fixture, 4, 1, "ops");
    put_batch(fixture, 4, 1, "ops");   /* the answer was lost */
    put_batch(fixture, 4, 1, "other"); /* a copied PC: both stay */
    put_batch(fixture, 5, 1, "ops");
    struct waiting waiting = {0};
    ok(fixture, jl_quarantined_of(fixture->store, 4, see, &waiting, &fixture->err));
    assert_int_equal(waiting.count, 3);
    assert_int_equal(waiting.first[0], 1);
    assert_int_equal(waiting.first[1], 1);
    assert_int_equal(waiting.first[2], 3);
    begin(fixture);
    ok(fixture, jl_quarantined_drop(fixture->store, 4, &fixture->err));
    commit(fixture);
    struct waiting none = {0};
    ok(fixture, jl_quarantined_of(fixture->store, 4, see, &none, &fixture->err));
    assert_int_equal(none.count, 0);
}

static const struct CMUnitTest cases[] = {
    CASE(test_devices_are_kept_and_replaced, district),
    CASE(test_origins_are_kept_and_no_incarnation_comes_twice, district),
    CASE(test_invitations_are_kept, district),
    CASE(test_empty_lists_are_empty, district),
    CASE(test_quarantine_keeps_every_different_batch_once, district),
};

struct case_list store_device_cases(void) {
    return (struct case_list){cases, sizeof cases / sizeof cases[0]};
}
