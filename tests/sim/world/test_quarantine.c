/* Goal: what a suspended device delivered is judged op by op as a person decides, gets the verdict
 * that it would have got, and is never lost, doubled or let past a refusal.
 * Method: two PCs of one office and the district in one process; one PC is suspended with changes
 * on it. After each, both sides prove identical and the journal replays to the same books. */
#include "client/books/office_outbox.h"
#include "client/books/save.h"
#include "server/books/device.h"
#include "world.h"

#include "jielian/base/assignment.h"
#include "jielian/base/hex.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/catalogue/catalogue.h"
#include "tests/said.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

static struct world world;
static struct world_device *a, *b;
static struct jl_id org;

static const char union_text[] =
    "name=西溪甲厂工会|org_kind=独立基层工会|founded_on=2018-05-01|status=已建";
static const char other_union[] =
    "name=西溪乙厂工会|org_kind=独立基层工会|founded_on=2018-05-01|status=已建";
static const char reason[] = "停用期间录入有误";

static int set_up(void **state) {
    (void)state;
    world_init(&world, 1);
    a = world_join(&world, 1);
    b = world_join(&world, 1);
    org = world_add(&a->desk, "union_org", union_text);
    assert_true(world_sync(a));
    assert_true(world_sync(b));
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    world_fini(&world);
    return 0;
}

/* ---- Doing ---- */

static void set_state(enum jl_device_state state) {
    struct jl_err err;
    assert_int_equal(jl_device_set_state(world.district, b->number, state, &err), JL_OK);
}

struct tally {
    uint64_t ops, undecided;
    uint32_t origin;
    uint64_t first_seq, last_seq;
};

static enum jl_rc tally_one(void *context, const struct jl_held_op *held, struct jl_err *err) {
    struct tally *tally = context;
    (void)err;
    assert_non_null(held->op);
    tally->first_seq = tally->ops == 0 ? held->seq : tally->first_seq;
    tally->last_seq = held->seq;
    tally->origin = held->origin->number;
    tally->ops++;
    tally->undecided += held->decision == JL_DECISION_NONE;
    return JL_OK;
}

static struct tally look(void) {
    struct tally tally = {0};
    uint64_t count = 0;
    struct jl_err err;
    assert_int_equal(jl_district_begin(world.district, false, NULL, &err), JL_OK);
    assert_int_equal(jl_quarantine_each(world.district, b->number, tally_one, &tally, &err), JL_OK);
    assert_int_equal(jl_quarantine_count(world.district, b->number, &count, &err), JL_OK);
    jl_store_rollback(world.district->books->store);
    assert_int_equal(count, tally.ops);
    return tally;
}

/* b is suspended and delivers all it has; answers how many ops wait. */
static uint64_t deliver(void) {
    set_state(JL_DEVICE_SUSPENDED);
    assert_false(world_sync(b));
    return look().ops;
}

static enum jl_rc decide(enum jl_decision decision, uint64_t first_seq, uint64_t last_seq) {
    struct jl_err err;
    struct jl_ruling wanted = {.decision = decision,
                               .reason = decision == JL_DECISION_REFUSE ? reason : ""};
    struct jl_run run = {.origin = look().origin, .first_seq = first_seq, .last_seq = last_seq};
    return jl_quarantine_decide(world.district, b->number, &wanted, &run, 1, &err);
}

static struct jl_judged judge(void) {
    struct jl_judged judged;
    struct jl_err err = {0};
    uint32_t origin = b->origin != 0 ? b->origin : look().origin;
    if (jl_quarantine_judge(world.district, origin, &judged, &err) != JL_OK) {
        fail_msg("%s", err_said(&err));
    }
    return judged;
}

/* ---- Looking ---- */

static const char *at_district(const struct jl_id *id, const char *field) {
    return world_get(world.district->books, "union_org", id, field);
}

static void assert_in_step(void) {
    for (int i = 0; i < 2; i++) {
        assert_true(world_sync(a));
        assert_true(world_sync(b));
    }
    assert_true(world_same(a));
    assert_int_equal(a->repaired + b->repaired, 0);
    assert_string_equal(world_replay_fault(&world), "");
}

/* The newest outbox entry of b: its state, and why it was refused. */
static struct jl_outbox_entry newest(struct jl_arena *arena) {
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    struct jl_err err;
    assert_int_equal(
        jl_outbox_range(b->office->books->store, 1, 100, SIZE_MAX, arena, &entries, &count, &err),
        JL_OK);
    assert_true(count > 0);
    return entries[count - 1];
}

static bool says(struct jl_bytes text, const char *part) {
    return text.size > 0 && memmem(text.data, text.size, part, strlen(part)) != NULL;
}

/* ---- Tests ---- */

static void test_admitted_ops_get_the_verdicts_they_would_have_got(void **state) {
    (void)state;
    world_set(&b->desk, "union_org", &org, "staff_n=120");
    world_add(&b->desk, "union_org", other_union);
    assert_int_equal(deliver(), 2);
    assert_string_equal(at_district(&org, "staff_n"), "");
    assert_int_equal(decide(JL_DECISION_ADMIT, 1, 2), JL_OK);
    assert_int_equal(look().undecided, 0);
    struct jl_judged judged = judge();
    assert_int_equal(judged.ops, 2);
    assert_int_equal(judged.applied, 2);
    assert_int_equal(look().ops, 0);
    assert_string_equal(at_district(&org, "staff_n"), "120");
    assert_int_equal(judge().ops, 0);
    /* The device sends them again when it is let in, and learns what became of them. */
    set_state(JL_DEVICE_ACTIVE);
    assert_in_step();
    assert_true(world_same(b));
    JL_AUTO(jl_arena) arena = {0};
    assert_int_equal(newest(&arena).state, JL_OUTBOX_APPLIED);
    assert_int_equal(world_count(world.district->books, "union_org"), 2);
}

static void test_a_refused_op_is_parked_with_the_reason_and_stops_nothing(void **state) {
    (void)state;
    world_set(&b->desk, "union_org", &org, "staff_n=120");
    world_set(&b->desk, "union_org", &org, "chair_name=王五");
    world_set(&b->desk, "union_org", &org, "industry=制造业");
    assert_int_equal(deliver(), 3);
    assert_int_equal(decide(JL_DECISION_REFUSE, 3, 3), JL_OK);
    assert_int_equal(decide(JL_DECISION_ADMIT, 1, 2), JL_OK);
    struct jl_judged judged = judge();
    assert_int_equal(judged.ops, 3);
    assert_int_equal(judged.parked, 1);
    assert_string_equal(at_district(&org, "chair_name"), "王五");
    assert_string_equal(at_district(&org, "industry"), "");
    set_state(JL_DEVICE_ACTIVE);
    assert_in_step();
    JL_AUTO(jl_arena) arena = {0};
    struct jl_outbox_entry entry = newest(&arena);
    assert_int_equal(entry.state, JL_OUTBOX_PARKED);
    assert_true(says(entry.reason, reason));
    /* Nothing is lost: the clerk changes it again, and that is a change like any other. */
    world_set(&b->desk, "union_org", &org, "industry=建筑业");
    assert_in_step();
    assert_string_equal(at_district(&org, "industry"), "建筑业");
    assert_true(world_same(b));
}

static void test_a_batch_waits_until_each_of_its_ops_is_decided(void **state) {
    (void)state;
    world_set(&b->desk, "union_org", &org, "staff_n=120");
    world_set(&b->desk, "union_org", &org, "chair_name=王五");
    assert_int_equal(deliver(), 2);
    assert_int_equal(decide(JL_DECISION_ADMIT, 2, 2), JL_OK);
    assert_int_equal(look().undecided, 1);
    assert_int_equal(judge().ops, 0);
    assert_int_equal(look().ops, 2);
    /* What it delivers later is a batch of its own, and waits behind the first. */
    world_set(&b->desk, "union_org", &org, "industry=制造业");
    assert_int_equal(deliver(), 3);
    assert_int_equal(decide(JL_DECISION_ADMIT, 3, 3), JL_OK);
    assert_int_equal(judge().ops, 0);
    assert_int_equal(decide(JL_DECISION_ADMIT, 1, 1), JL_OK);
    assert_int_equal(judge().ops, 3);
    set_state(JL_DEVICE_ACTIVE);
    assert_in_step();
    assert_true(world_same(b));
}

static void test_a_later_decision_replaces_an_earlier_one_until_it_is_judged(void **state) {
    (void)state;
    world_set(&b->desk, "union_org", &org, "staff_n=120");
    world_set(&b->desk, "union_org", &org, "chair_name=王五");
    assert_int_equal(deliver(), 2);
    assert_int_equal(decide(JL_DECISION_REFUSE, 1, 1), JL_OK);
    assert_int_equal(decide(JL_DECISION_ADMIT, 1, 1), JL_OK);
    assert_int_equal(decide(JL_DECISION_ADMIT, 2, 2), JL_OK);
    assert_int_equal(decide(JL_DECISION_REFUSE, 2, 2), JL_OK);
    struct jl_judged judged = judge();
    assert_int_equal(judged.applied, 1);
    assert_int_equal(judged.parked, 1);
    assert_string_equal(at_district(&org, "staff_n"), "120");
    assert_string_equal(at_district(&org, "chair_name"), "");
    /* What is judged, and what never was held, can't be decided about. */
    assert_int_equal(decide(JL_DECISION_ADMIT, 2, 2), JL_NOT_FOUND);
    assert_int_equal(decide(JL_DECISION_REFUSE, 3, 3), JL_NOT_FOUND);
    set_state(JL_DEVICE_ACTIVE);
    assert_in_step();
}

static void test_a_record_that_was_changed_meanwhile_makes_a_case(void **state) {
    (void)state;
    world_set(&b->desk, "union_org", &org, "chair_name=王五");
    assert_int_equal(deliver(), 1);
    world_set(&a->desk, "union_org", &org, "chair_name=李四");
    assert_true(world_sync(a));
    assert_int_equal(decide(JL_DECISION_ADMIT, 1, 1), JL_OK);
    assert_int_equal(judge().cases, 1);
    assert_string_equal(at_district(&org, "chair_name"), "李四");
    set_state(JL_DEVICE_ACTIVE);
    assert_in_step();
    assert_int_equal(world_count(b->office->books, "case"), 1);
    JL_AUTO(jl_arena) arena = {0};
    assert_int_equal(newest(&arena).state, JL_OUTBOX_CASE);
}

static void test_a_device_that_is_let_in_is_judged_as_ever_but_for_what_was_refused(void **state) {
    (void)state;
    world_set(&b->desk, "union_org", &org, "staff_n=120");
    world_set(&b->desk, "union_org", &org, "chair_name=王五");
    assert_int_equal(deliver(), 2);
    assert_int_equal(decide(JL_DECISION_REFUSE, 2, 2), JL_OK); /* the other stays undecided */
    set_state(JL_DEVICE_ACTIVE);
    assert_in_step();
    assert_string_equal(at_district(&org, "staff_n"), "120");
    assert_string_equal(at_district(&org, "chair_name"), "");
    assert_int_equal(look().ops, 0); /* the copies are gone */
}

static void test_a_refused_op_stays_refused_under_another_incarnation(void **state) {
    (void)state;
    struct jl_id made = world_add(&b->desk, "union_org", other_union); /* nowhere in any history */
    struct world_device *copy = world_clone(b);
    world_set(&b->desk, "union_org", &org, "staff_n=120");
    world_set(&copy->desk, "union_org", &org, "chair_name=王五");
    assert_int_equal(deliver(), 2);
    assert_int_equal(decide(JL_DECISION_REFUSE, 1, 1), JL_OK);
    assert_int_equal(decide(JL_DECISION_ADMIT, 2, 2), JL_OK);
    assert_int_equal(judge().parked, 1);
    set_state(JL_DEVICE_ACTIVE);
    assert_true(world_sync(copy)); /* its chain parts from ours: it begins anew, and sends again */
    assert_string_equal(at_district(&made, "name"), "");
    assert_string_equal(at_district(&org, "chair_name"), "王五");
    assert_string_equal(at_district(&org, "staff_n"), "120");
}

static void test_a_revoked_devices_quarantine_can_still_be_decided(void **state) {
    (void)state;
    world_set(&b->desk, "union_org", &org, "staff_n=120");
    assert_int_equal(deliver(), 1);
    set_state(JL_DEVICE_REVOKED);
    assert_int_equal(decide(JL_DECISION_ADMIT, 1, 1), JL_OK);
    assert_int_equal(judge().applied, 1);
    assert_string_equal(at_district(&org, "staff_n"), "120");
    assert_string_equal(world_replay_fault(&world), "");
}

static void test_an_office_cannot_decide_about_its_own(void **state) {
    (void)state;
    char incarnation[33];
    struct jl_err err;
    struct jl_id id;
    struct jl_problems problems;
    const struct jl_assignment items[] = {{"device", "1"}, {"decision", "接收"}};
    world_set(&b->desk, "union_org", &org, "staff_n=120");
    assert_int_equal(deliver(), 1);
    jl_hex_encode(jl_bytes(b->office->state.incarnation, 16), incarnation);
    const struct jl_type *type =
        jl_catalogue_type_named(a->office->books->catalogue, "quarantine_decision");
    assert_int_equal(jl_desk_add(&a->desk, type, items, 2, &id, &problems, &err), JL_DENIED);
    /* Past the desk. */
    struct jl_field_value fields[] = {{1, jl_value_int(b->number)}, {2, jl_value_cstr(incarnation)},
                                      {3, jl_value_int(1)},         {4, jl_value_int(1)},
                                      {5, jl_value_int(1)},         {8, jl_value_int(20260101)}};
    const struct jl_change change = {.kind = JL_OP_CREATE,
                                     .after = {.type = JL_TYPE_DECISION,
                                               .id = jl_id_next(&a->desk.ids, world.now_ms),
                                               .owner = 1,
                                               .fields = fields,
                                               .field_count = 6}};
    assert_int_equal(jl_save_changes(a->office, NULL, &change, 1, &err), JL_OK);
    assert_true(world_sync(a));
    world_crash_district(&world); /* so that decisions are read anew */
    assert_int_equal(world_count(world.district->books, "quarantine_decision"), 0);
    assert_int_equal(look().undecided, 1);
    assert_int_equal(judge().ops, 0);
}

static void test_a_batch_that_is_not_the_devices_own_is_named_and_can_be_discarded(void **state) {
    (void)state;
    struct jl_err err;
    JL_AUTO(jl_arena) arena = {0};
    JL_AUTO(jl_buf) frame = {0};
    struct jl_message message = {.kind = JL_MESSAGE_PUSH};
    struct jl_verdicts verdicts;
    uint64_t next = 0;
    uint64_t count = 0;
    world_set(&b->desk, "union_org", &org, "staff_n=120");
    set_state(JL_DEVICE_SUSPENDED);
    assert_int_equal(
        jl_office_outbox_batch(b->office, 1, 1024, &arena, &message.as.push, &next, &err), JL_OK);
    message.as.push.signature[0] ^= 1;
    assert_int_equal(jl_wire_encode(world.wire, &message, &frame, &err), JL_OK);
    assert_int_equal(jl_district_begin(world.district, true, NULL, &err), JL_OK);
    assert_int_equal(jl_quarantine_hold(&world.quarantine, world.district, b->origin,
                                        &message.as.push, jl_buf_bytes(&frame), &verdicts, &count,
                                        &err),
                     JL_OK);
    assert_int_equal(jl_district_commit(world.district, &err), JL_OK);
    assert_int_equal(count, 1);
    assert_int_equal(decide(JL_DECISION_ADMIT, 1, 1), JL_OK);
    struct jl_judged judged = judge();
    assert_int_equal(judged.ops, 0);
    assert_int_equal(judged.broken_seq, 1);
    assert_string_equal(at_district(&org, "staff_n"), "");
    assert_int_equal(jl_quarantine_discard(world.district, b->origin, &err), JL_OK);
    assert_int_equal(look().ops, 0);
    /* The device's own comes again. */
    set_state(JL_DEVICE_ACTIVE);
    assert_in_step();
    assert_string_equal(at_district(&org, "staff_n"), "120");
}

static void test_batches_cut_anew_overlap_and_are_judged_once(void **state) {
    (void)state;
    struct jl_err err;
    static const struct {
        uint64_t first;
        size_t bytes;
    } cuts[] = {{1, 1}, {1, 1 << 20}, {2, 1 << 20}};
    world_set(&b->desk, "union_org", &org, "staff_n=120");
    world_set(&b->desk, "union_org", &org, "chair_name=王五");
    world_set(&b->desk, "union_org", &org, "industry=制造业");
    set_state(JL_DEVICE_SUSPENDED);
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        JL_AUTO(jl_arena) arena = {0};
        JL_AUTO(jl_buf) frame = {0};
        struct jl_message message = {.kind = JL_MESSAGE_PUSH};
        struct jl_verdicts verdicts;
        uint64_t next = 0;
        uint64_t count = 0;
        assert_int_equal(jl_office_outbox_batch(b->office, cuts[i].first, cuts[i].bytes, &arena,
                                                &message.as.push, &next, &err),
                         JL_OK);
        assert_int_equal(jl_wire_encode(world.wire, &message, &frame, &err), JL_OK);
        assert_int_equal(jl_district_begin(world.district, true, NULL, &err), JL_OK);
        assert_int_equal(jl_quarantine_hold(&world.quarantine, world.district, b->origin,
                                            &message.as.push, jl_buf_bytes(&frame), &verdicts,
                                            &count, &err),
                         JL_OK);
        assert_int_equal(jl_district_commit(world.district, &err), JL_OK);
        assert_int_equal(count, i == 0 ? 1 : i == 1 ? 2 : 0);
        assert_int_equal(verdicts.first_seq, i == 0 ? 2 : 4);
    }
    assert_int_equal(look().ops, 3);
    assert_int_equal(decide(JL_DECISION_ADMIT, 1, 1), JL_OK);
    assert_int_equal(judge().ops, 1);
    assert_int_equal(look().first_seq, 2);
    assert_int_equal(decide(JL_DECISION_ADMIT, 2, 3), JL_OK);
    assert_int_equal(judge().ops, 2);
    set_state(JL_DEVICE_ACTIVE);
    assert_in_step();
    assert_true(world_same(b));
}

static void test_a_device_that_never_stops_is_held_up_to_a_bound(void **state) {
    (void)state;
    struct jl_err err;
    JL_AUTO(jl_arena) arena = {0};
    JL_AUTO(jl_buf) frame = {0};
    struct jl_message message = {.kind = JL_MESSAGE_PUSH};
    struct jl_verdicts verdicts;
    uint64_t next = 0;
    uint64_t count = 0;
    world_set(&b->desk, "union_org", &org, "staff_n=120");
    assert_int_equal(
        jl_office_outbox_batch(b->office, 1, 1024, &arena, &message.as.push, &next, &err), JL_OK);
    assert_int_equal(jl_wire_encode(world.wire, &message, &frame, &err), JL_OK);
    for (int over = 1; over >= 0; over--) {
        struct jl_held_origin *held = &world.quarantine.held[b->origin % JL_QUARANTINED_MAX];
        *held = (struct jl_held_origin){
            .origin = b->origin, .bytes = JL_QUARANTINE_MAX_BYTES - frame.size + (size_t)over};
        assert_int_equal(jl_district_begin(world.district, true, NULL, &err), JL_OK);
        assert_int_equal(jl_quarantine_hold(&world.quarantine, world.district, b->origin,
                                            &message.as.push, jl_buf_bytes(&frame), &verdicts,
                                            &count, &err),
                         over ? JL_LIMIT : JL_OK);
        assert_int_equal(jl_district_commit(world.district, &err), JL_OK);
        assert_int_equal(look().ops, over ? 0 : 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(test_admitted_ops_get_the_verdicts_they_would_have_got),
        CASE(test_a_refused_op_is_parked_with_the_reason_and_stops_nothing),
        CASE(test_a_batch_waits_until_each_of_its_ops_is_decided),
        CASE(test_a_later_decision_replaces_an_earlier_one_until_it_is_judged),
        CASE(test_a_record_that_was_changed_meanwhile_makes_a_case),
        CASE(test_a_device_that_is_let_in_is_judged_as_ever_but_for_what_was_refused),
        CASE(test_a_refused_op_stays_refused_under_another_incarnation),
        CASE(test_a_revoked_devices_quarantine_can_still_be_decided),
        CASE(test_an_office_cannot_decide_about_its_own),
        CASE(test_a_batch_that_is_not_the_devices_own_is_named_and_can_be_discarded),
        CASE(test_batches_cut_anew_overlap_and_are_judged_once),
        CASE(test_a_device_that_never_stops_is_held_up_to_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
