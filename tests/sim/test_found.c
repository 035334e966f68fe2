/* What the simulator found, each as the shortest story that shows it. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

static struct world world;

static int set_up(void **state) {
    (void)state;
    world_init(&world, 2);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    world_fini(&world);
    return 0;
}

static struct jl_id add_union(struct jl_desk *desk, const char *name) {
    char text[256];
    snprintf(text, sizeof text, "name=%s|org_kind=独立基层工会|founded_on=2018-05-01|status=已建",
             name);
    return world_add(desk, "union_org", text);
}

static struct jl_id add_member(struct jl_desk *desk, const struct jl_id *org) {
    char text[512];
    char id[JL_ID_TEXT_BYTES];
    jl_id_format(org, id);
    snprintf(text, sizeof text,
             "name=张三|id_kind=居民身份证|id_no=990106199001010010|joined_on=2020-01-02|"
             "m_status=在籍|org=%s",
             id);
    return world_add(desk, "member", text);
}

static void assert_in_step(struct world_device *device) {
    assert_true(world_sync(device));
    assert_true(world_same(device));
}

static void test_a_transfer_requested_at_the_district_belongs_to_the_office_left(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *c = world_join(&world, 2);
    struct jl_id org = add_union(&a->desk, "甲厂工会");
    struct jl_id member = add_member(&a->desk, &org);
    assert_in_step(a);
    char text[256];
    char id[JL_ID_TEXT_BYTES];
    jl_id_format(&member, id);
    snprintf(text, sizeof text, "member=%s|from_office=A街道总工会|to_office=B街道总工会", id);
    struct jl_id transfer = world_add(&world.district_desk, "transfer", text);
    assert_in_step(a);
    assert_in_step(c);
    a->desk.movers |= 1u << JL_MOVER_FROM;
    world_set(&a->desk, "transfer", &transfer, "status=转出同意");
    assert_in_step(a);
    assert_in_step(c);
    assert_string_equal(world_get(c->office->books, "transfer", &transfer, "status"), "转出同意");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(test_a_transfer_requested_at_the_district_belongs_to_the_office_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
