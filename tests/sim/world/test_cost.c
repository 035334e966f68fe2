/* What judging costs, counted: entries of the journal that are opened for a batch. It must not grow
 * with the history of the record that the batch is about.
 *
 * Method: the same story with a short and a long history; the counts must be the same. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <inttypes.h>
#include <string.h>

enum { SHORT = 2, LONG = 150, CONFLICTS = 20 };

static struct world world;

static int set_up(void **state) {
    (void)state;
    world_init(&world, 2);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    assert_string_equal(world_replay_fault(&world), "");
    world_fini(&world);
    return 0;
}

/* The entries that the district opens until the device is in step. */
static uint64_t cost_of(struct world_device *device) {
    uint64_t before = world.district->entries_opened;
    assert_true(world_sync(device));
    assert_true(world_same(device));
    return world.district->entries_opened - before;
}

static struct jl_id add_org(struct world_device *device, const char *name) {
    char text[256];
    snprintf(text, sizeof text,
             "name=%s|org_kind=独立基层工会|founded_on=2018-05-01|status=已建|chair_name=王五",
             name);
    struct jl_id id = world_add(&device->desk, "union_org", text);
    assert_true(world_sync(device));
    return id;
}

/* One entry of the journal each. */
static void edit_by_district(const struct jl_id *org, const char *field, int times) {
    for (int i = 0; i < times; i++) {
        char text[64];
        snprintf(text, sizeof text, "%s=%d", field, 100 + i);
        world_set(&world.district_desk, "union_org", org, text);
    }
}

/* The district's value lies under `times` other changes when the office's stale edits come. */
static uint64_t conflicts_under(struct world_device *device, const char *name, int times) {
    struct jl_id org = add_org(device, name);
    size_t cases = world_count(world.district->books, "case");
    world_set(&world.district_desk, "union_org", &org, "chair_name=李四");
    edit_by_district(&org, "staff_n", times);
    for (int i = 0; i < CONFLICTS; i++) {
        world_set(&device->desk, "union_org", &org,
                  i % 2 == 0 ? "chair_name=张三" : "chair_name=赵六");
    }
    uint64_t cost = cost_of(device);
    assert_true(world_count(world.district->books, "case") > cases);
    return cost;
}

static void test_a_conflict_costs_the_same_under_a_long_history(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    uint64_t few = conflicts_under(a, "西溪甲厂工会", SHORT);
    assert_int_equal(conflicts_under(a, "西溪乙厂工会", LONG), few);
}

/* A PC that offers its ops anew is asked, for each, whether it came before. */
static void test_an_op_that_comes_again_costs_the_same_under_a_long_history(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    uint64_t costs[2];
    for (int i = 0; i < 2; i++) {
        struct jl_id org = add_org(a, i == 0 ? "西溪甲厂工会" : "西溪乙厂工会");
        struct world_device *copy = world_clone(a);
        edit_by_district(&org, "staff_n", i == 0 ? SHORT : LONG);
        assert_true(world_sync(a));
        world_set(&a->desk, "union_org", &org, "chair_name=李四");
        assert_true(world_sync(a));
        world_set(&copy->desk, "union_org", &org, "address=西溪路1号");
        costs[i] = cost_of(copy); /* its chain is not the one we know: a new incarnation */
    }
    assert_int_equal(costs[0], costs[1]);
}

/* Ops that wait after a restore are in no history yet: each is looked at once a batch, however many
 * of the batch may be it, and another PC's not at all. */
static void test_an_op_that_comes_again_costs_the_same_beside_many_that_wait(void **state) {
    (void)state;
    enum { WAIT = 30, OTHERS = 60 };
    struct world_device *a = world_join(&world, 1);
    struct world_device *b = world_join(&world, 1);
    struct world_device *maker = world_join(&world, 1);
    world_backup(&world);
    struct jl_id org = add_org(maker, "西溪甲厂工会");
    assert_true(world_sync(a));
    assert_true(world_sync(b));
    for (int i = 0; i < WAIT + OTHERS; i++) {
        char text[32];
        snprintf(text, sizeof text, "staff_n=%d", 100 + i);
        world_set(i < WAIT ? &a->desk : &b->desk, "union_org", &org, text);
        if (i >= WAIT) { /* an entry each */
            assert_true(world_sync(b));
        }
    }
    assert_true(world_sync(a));
    world_restore(&world); /* without the union: what b and a did waits for its maker */
    assert_true(world_sync(b));
    world_keep_device(a);
    assert_true(world_sync(a));
    assert_int_equal(world.district->holding.held, WAIT + OTHERS);
    add_org(a, "西溪乙厂工会");
    world_put_back_device(a);
    world_set(&a->desk, "union_org", &org,
              "address=西溪路1号"); /* its number is known otherwise: */
    uint64_t cost = cost_of(a);     /* all is offered again, under a new chain */
    assert_int_equal(world.district->holding.held, WAIT + OTHERS + 1);
    print_message("%" PRIu64 " entries opened\n", cost);
    assert_in_range(cost, 1, 2 * WAIT);
}

int main(void) {
#define WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WORLD(test_a_conflict_costs_the_same_under_a_long_history),
        WORLD(test_an_op_that_comes_again_costs_the_same_under_a_long_history),
        WORLD(test_an_op_that_comes_again_costs_the_same_beside_many_that_wait),
    };
    return cmocka_run_group_tests_name("cost", tests, NULL, NULL);
}
