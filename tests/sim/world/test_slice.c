/* A batch that takes long is judged in slices, so that others have their turn in between: what
 * comes of it is what comes of it judged at once, and the journal holds it, signature and all.
 *
 * Method: the slice is set small, by ops or by memory; the entries of the journal are counted. */
#include "server/books/entry.h"
#include "world.h"

#include "jielian/store/journal.h"

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
    assert_string_equal(world_replay_fault(&world), "");
    world_fini(&world);
    return 0;
}

struct count {
    size_t parts, ops;
};

static enum jl_rc count_parts(void *context, const struct jl_journal_entry *entry,
                              struct jl_err *err) {
    struct count *count = context;
    struct jl_entry_head head;
    enum jl_rc rc = jl_entry_decode(world.district->keys.suite, entry->head, &head, err);
    count->parts += head.kind == JL_ENTRY_PART;
    count->ops += head.kind == JL_ENTRY_PART ? entry->op_count : 0;
    return rc;
}

static struct count parts(void) {
    struct count count = {0};
    struct jl_err err;
    assert_int_equal(jl_district_begin(world.district, false, NULL, &err), JL_OK);
    assert_int_equal(
        jl_journal_entry_read(world.district->books->store, 1, 0, count_parts, &count, &err),
        JL_OK);
    jl_store_rollback(world.district->books->store);
    return count;
}

static struct jl_id add_org(struct world_device *device, int number) {
    char text[256];
    snprintf(text, sizeof text,
             "name=西溪%d厂工会|org_kind=独立基层工会|founded_on=2018-05-01|status=已建|"
             "chair_name=王五",
             number);
    return world_add(&device->desk, "union_org", text);
}

static void test_a_long_batch_comes_to_rest_in_slices(void **state) {
    (void)state;
    enum { ORGS = 20, SLICE = 7 };
    struct world_device *a = world_join(&world, 1);
    struct world_device *b = world_join(&world, 1);
    struct jl_id ids[ORGS];
    world.district->slice.ops = SLICE;
    for (int i = 0; i < ORGS; i++) {
        ids[i] = add_org(a, i);
    }
    assert_true(world_sync(a));
    assert_true(parts().parts >= 2);
    assert_int_equal(parts().ops % SLICE, 0);
    /* Conflicts: each has one case, wherever the cut is. */
    assert_true(world_sync(b));
    for (int i = 0; i < ORGS; i++) {
        world_set(&a->desk, "union_org", &ids[i], "chair_name=李四");
        world_set(&b->desk, "union_org", &ids[i], "chair_name=赵六");
    }
    assert_true(world_sync(a));
    assert_true(world_sync(b));
    assert_int_equal(world_count(world.district->books, "case"), ORGS);
    assert_true(world_sync(a));
    assert_true(world_same(a));
    assert_true(world_same(b));
    /* The edge: a batch as long as a slice is not cut. */
    size_t before = parts().parts;
    for (int i = 0; i < SLICE; i++) {
        world_set(&a->desk, "union_org", &ids[i], "address=西溪路1号");
    }
    assert_true(world_sync(a));
    assert_int_equal(parts().parts, before);
}

/* A copy that knows the first half of a batch offers it again, and history is read from its part.
 */
static void test_what_a_part_brought_is_known_when_it_comes_again(void **state) {
    (void)state;
    enum { ORGS = 9 };
    struct world_device *a = world_join(&world, 1);
    world.district->slice.ops = 4;
    struct jl_id first = add_org(a, 0);
    for (int i = 1; i < ORGS; i++) {
        add_org(a, i);
    }
    struct world_device *copy = world_clone(a);
    assert_true(world_sync(a));
    world_set(&a->desk, "union_org", &first, "address=西溪路1号");
    assert_true(world_sync(a));
    assert_true(world_sync(copy));
    world_set(&copy->desk, "union_org", &first, "chair_name=李四");
    assert_true(world_sync(copy));
    assert_int_equal(world_count_live(world.district->books, "union_org"), ORGS);
    assert_int_equal(world_count(world.district->books, "case"), 0);
    assert_true(world_same(copy));
}

/* Cases hold what stands: a few bytes of ops make megabytes of them. */
static void test_what_a_batch_makes_is_bounded(void **state) {
    (void)state;
    enum { EDITS = 64, LONG = 20000, SLICE_BYTES = 512 * 1024 };
    static char text[LONG];
    struct world_device *a = world_join(&world, 1);
    struct world_device *b = world_join(&world, 1);
    struct jl_id org = add_org(a, 0);
    assert_true(world_sync(a));
    assert_true(world_sync(b));
    memset(text, 'x', LONG);
    world_set_unchecked(b, "union_org", &org, "note", jl_value_text(jl_bytes(text, LONG)));
    assert_true(world_sync(b));
    uint64_t before = world.district->case_bytes;
    for (int i = 0; i < EDITS; i++) {
        char edit[32];
        snprintf(edit, sizeof edit, "note=%d", i);
        world_set(&a->desk, "union_org", &org, edit);
    }
    world.district->slice.bytes = SLICE_BYTES;
    assert_true(world_sync(a));
    uint64_t made = world.district->case_bytes - before;
    assert_true(made >= EDITS * LONG);
    assert_true(parts().parts >= made / SLICE_BYTES);
    assert_true(world_same(a));
}

int main(void) {
#define WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WORLD(test_a_long_batch_comes_to_rest_in_slices),
        WORLD(test_what_a_part_brought_is_known_when_it_comes_again),
        WORLD(test_what_a_batch_makes_is_bounded),
    };
    return cmocka_run_group_tests_name("slice", tests, NULL, NULL);
}
