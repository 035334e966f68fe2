/* Goal: an op that a suspended device delivered under two of its incarnations has one decision, the
 * latest, in both places, until it is judged in one of them; then it stays as it was judged.
 * Method: a PC with a change that is not sent is copied; both PCs are suspended, each delivers the
 * change and one of its own. After each, the journal replays to the same books. */
#include "server/books/device.h"
#include "server/books/own_ops.h"
#include "world.h"

#include "jielian/base/hex.h"
#include "jielian/catalogue/built_in.h"
#include "tests/said.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

static struct world world;
static struct world_device *b;
static struct jl_id org;

static const char union_text[] =
    "name=西溪甲厂工会|org_kind=独立基层工会|founded_on=2018-05-01|status=已建";
static const char reason[] = "停用期间录入有误";

static int set_up(void **state) {
    (void)state;
    world_init(&world, 1);
    b = world_join(&world, 1);
    org = world_add(&b->desk, "union_org", union_text);
    assert_true(world_sync(b));
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    world_fini(&world);
    return 0;
}

/* ---- What is held ---- */

struct place { /* of the twice held op, and of the one behind it */
    uint32_t origin;
    uint64_t first_seq;
    enum jl_decision decisions[2];
    size_t count;
};
struct places {
    struct place items[2];
    size_t count;
};

static enum jl_rc note_place(void *context, const struct jl_held_op *held, struct jl_err *err) {
    struct places *places = context;
    (void)err;
    struct place *place = places->count > 0 ? &places->items[places->count - 1] : NULL;
    if (place == NULL || place->origin != held->origin->number) {
        assert_true(places->count < 2);
        place = &places->items[places->count++];
        place->origin = held->origin->number;
        place->first_seq = held->seq;
    }
    assert_true(place->count < 2);
    place->decisions[place->count++] = held->decision;
    return JL_OK;
}

static struct places look_at_places(void) {
    struct places places = {0};
    struct jl_err err;
    assert_int_equal(jl_district_begin(world.district, false, NULL, &err), JL_OK);
    assert_int_equal(jl_quarantine_each(world.district, b->number, note_place, &places, &err),
                     JL_OK);
    jl_store_rollback(world.district->books->store);
    return places;
}

static void assert_decisions(enum jl_decision first, enum jl_decision second, int line) {
    struct places places = look_at_places();
    for (size_t i = 0; i < places.count; i++) {
        if (places.items[i].decisions[0] != first || places.items[i].decisions[1] != second) {
            fail_msg("line %d: in place %zu: %d, %d", line, i, (int)places.items[i].decisions[0],
                     (int)places.items[i].decisions[1]);
        }
    }
}

/* b and a copy of it deliver the same op, each in front of one of its own. */
static struct places deliver_twice(void) {
    struct jl_err err;
    world_set(&b->desk, "union_org", &org, "staff_n=120");
    struct world_device *copy = world_clone(b);
    world_set(&b->desk, "union_org", &org, "chair_name=王五");
    world_set(&copy->desk, "union_org", &org, "industry=制造业");
    assert_int_equal(jl_device_set_state(world.district, b->number, JL_DEVICE_SUSPENDED, &err),
                     JL_OK);
    assert_false(world_sync(b));
    assert_false(world_sync(copy)); /* its chain parts from ours: it begins anew */
    struct places places = look_at_places();
    assert_int_equal(places.count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(places.items[i].count, 2);
    }
    return places;
}

/* index: 0 the op that is held twice, 1 the other */
static enum jl_rc decide_at(const struct place *place, uint64_t index, enum jl_decision decision,
                            struct jl_run *out_judged) {
    struct jl_err err;
    struct jl_ruling wanted = {.decision = decision,
                               .reason = decision == JL_DECISION_REFUSE ? reason : "",
                               .judged = out_judged};
    struct jl_run run = {.origin = place->origin,
                         .first_seq = place->first_seq + index,
                         .last_seq = place->first_seq + index};
    return jl_quarantine_decide(world.district, b->number, &wanted, &run, 1, &err);
}

static struct jl_judged judge_at(const struct place *place) {
    struct jl_judged judged;
    struct jl_err err;
    assert_int_equal(jl_quarantine_judge(world.district, place->origin, &judged, &err), JL_OK);
    return judged;
}

static const char *at_district(const char *field) {
    return world_get(world.district->books, "union_org", &org, field);
}

/* ---- Tests ---- */

static void test_an_op_that_is_held_twice_has_one_decision_the_latest(void **state) {
    (void)state;
    const struct places at = deliver_twice();
    static const enum jl_decision each[] = {JL_DECISION_REFUSE, JL_DECISION_ADMIT,
                                            JL_DECISION_REFUSE, JL_DECISION_ADMIT};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
        assert_int_equal(decide_at(&at.items[i % 2], 0, each[i], NULL), JL_OK);
        assert_decisions(each[i], JL_DECISION_NONE, __LINE__);
    }
    world_crash_district(&world); /* so that decisions are read anew */
    assert_decisions(JL_DECISION_ADMIT, JL_DECISION_NONE, __LINE__);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(decide_at(&at.items[i], 1, JL_DECISION_ADMIT, NULL), JL_OK);
        struct jl_judged judged = judge_at(&at.items[i]);
        assert_int_equal(judged.ops, 2);
        assert_int_equal(judged.parked, 0);
    }
    assert_string_equal(at_district("staff_n"), "120");
    assert_string_equal(at_district("chair_name"), "王五");
    assert_string_equal(at_district("industry"), "制造业");
    assert_string_equal(world_replay_fault(&world), "");
}

/* It is judged where the rest of its batch is decided; the other place waits. */
static void judge_in_one_place(enum jl_decision decision, enum jl_decision other) {
    struct jl_run judged = {0};
    const struct places at = deliver_twice();
    bool refused = decision == JL_DECISION_REFUSE;
    assert_int_equal(decide_at(&at.items[0], 0, decision, NULL), JL_OK);
    assert_int_equal(decide_at(&at.items[1], 1, JL_DECISION_ADMIT, NULL), JL_OK);
    assert_int_equal(judge_at(&at.items[1]).parked, refused ? 1 : 0);
    assert_int_equal(decide_at(&at.items[0], 0, other, &judged), JL_CONFLICT);
    assert_int_equal(judged.origin, at.items[0].origin);
    assert_int_equal(judged.first_seq, at.items[0].first_seq);
    assert_decisions(decision, JL_DECISION_NONE, __LINE__);
    assert_int_equal(decide_at(&at.items[0], 1, JL_DECISION_ADMIT, NULL), JL_OK);
    assert_int_equal(judge_at(&at.items[0]).parked, refused ? 1 : 0);
    assert_string_equal(at_district("staff_n"), refused ? "" : "120");
    assert_string_equal(at_district("chair_name"), "王五");
    assert_string_equal(at_district("industry"), "制造业");
    assert_string_equal(world_replay_fault(&world), "");
}

static void test_what_was_admitted_and_judged_in_one_place_stays_so_in_the_other(void **state) {
    (void)state;
    judge_in_one_place(JL_DECISION_ADMIT, JL_DECISION_REFUSE);
}

static void test_what_was_refused_and_judged_in_one_place_stays_so_in_the_other(void **state) {
    (void)state;
    judge_in_one_place(JL_DECISION_REFUSE, JL_DECISION_ADMIT);
}

static bool believes_all_delivered(const struct world_device *device) {
    return device->session.phase == JL_SESSION_SUSPENDED && device->session.pushed[0] == 0 &&
           device->session.push_next > jl_office_head_seq(device->office);
}

/* The copy makes its op while what both have is on its way: the answer to that says nothing of it.
 */
static void test_an_op_made_while_a_batch_is_on_its_way_is_delivered(void **state) {
    (void)state;
    struct jl_err err;
    world_set(&b->desk, "union_org", &org, "staff_n=120");
    struct world_device *copy = world_clone(b);
    world_set(&b->desk, "union_org", &org, "chair_name=王五");
    assert_int_equal(jl_device_set_state(world.district, b->number, JL_DEVICE_SUSPENDED, &err),
                     JL_OK);
    assert_false(world_sync(b));
    for (int i = 0; i < 100 && copy->session.pushed[0] == 0; i++) {
        (void)world_step(copy);
    }
    assert_int_not_equal(copy->session.pushed[0], 0);
    world_set(&copy->desk, "union_org", &org, "industry=制造业");
    for (int i = 0; i < 100 && !believes_all_delivered(copy); i++) {
        (void)world_step(copy);
    }
    assert_true(believes_all_delivered(copy));
    const struct places places = look_at_places();
    assert_int_equal(places.count, 2);
    assert_int_equal(places.items[1].count, 2);
}

/* As earlier versions wrote it. */
static void admit_without_marks(const struct place *place) {
    JL_AUTO(jl_arena) arena = {0};
    char incarnation[33];
    struct jl_err err = {0};
    struct jl_change change = {.kind = JL_OP_CREATE};
    struct jl_id_source ids;
    const struct jl_origin *origin = jl_roster_origin(world.district, place->origin);
    jl_hex_encode(jl_bytes(origin->incarnation, sizeof origin->incarnation), incarnation);
    jl_id_source_init(&ids, (const uint8_t[16]){1});
    change.after = (struct jl_row){.type = JL_TYPE_DECISION, .id = jl_id_next(&ids, 1)};
    const struct jl_value values[] = {jl_value_int(b->number), jl_value_cstr(incarnation),
                                      jl_value_int((int64_t)place->first_seq),
                                      jl_value_int((int64_t)place->first_seq + 1),
                                      jl_value_int(JL_DECISION_ADMIT)};
    for (uint32_t i = 0; i < sizeof values / sizeof *values; i++) {
        assert_int_equal(jl_row_set(&change.after, 1 + i, &values[i], &arena, &err), JL_OK);
    }
    const struct jl_value day = jl_value_int(20260101);
    assert_int_equal(jl_row_set(&change.after, 8, &day, &arena, &err), JL_OK);
    if (jl_own_ops_save(world.district, NULL, &change, 1, &err) != JL_OK) {
        fail_msg("%s", err_said(&err));
    }
}

static void test_an_admission_without_marks_counts_for_its_place(void **state) {
    (void)state;
    const struct places at = deliver_twice();
    assert_int_equal(decide_at(&at.items[0], 0, JL_DECISION_REFUSE, NULL), JL_OK);
    admit_without_marks(&at.items[0]);
    assert_int_equal(look_at_places().items[0].decisions[0], JL_DECISION_ADMIT);
    assert_int_equal(look_at_places().items[0].decisions[1], JL_DECISION_ADMIT);
    assert_int_equal(look_at_places().items[1].decisions[0], JL_DECISION_NONE);
    assert_int_equal(judge_at(&at.items[0]).applied, 2);
    assert_string_equal(at_district("staff_n"), "120");
    assert_string_equal(world_replay_fault(&world), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(test_an_op_that_is_held_twice_has_one_decision_the_latest),
        CASE(test_what_was_admitted_and_judged_in_one_place_stays_so_in_the_other),
        CASE(test_what_was_refused_and_judged_in_one_place_stays_so_in_the_other),
        CASE(test_an_op_made_while_a_batch_is_on_its_way_is_delivered),
        CASE(test_an_admission_without_marks_counts_for_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
