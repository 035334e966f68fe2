/* Repair between real books: rows that are damaged, missing or too many at an office are found by
 * parts, in few bytes; when most of them are, everything is read anew, once a day. And what an
 * office that knows no parts asks is answered as ever. */
#include "world.h"

#include "client/books/office_deep.h"
#include "server/books/prove.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 320, DAY_MS = 24 * 3600 * 1000 };

static struct world world;
static struct world_device *a;

static int set_up(void **state) {
    (void)state;
    char text[160];
    world_init(&world, 2);
    a = world_join(&world, 1);
    for (int i = 0; i < ROWS; i++) {
        snprintf(
            text, sizeof text,
            "name=第%d厂工会|org_kind=独立基层工会|founded_on=2018-05-01|status=已建|staff_n=%d", i,
            i + 1000);
        (void)world_add(&a->desk, "union_org", text);
    }
    return world_sync(a) && world_same(a) ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    world_fini(&world);
    return 0;
}

/* What a fault of the disk or of a program does to the file, and the scrub that finds it. */
static void spoil(const char *sql) {
    char command[512];
    uint64_t damaged = 0;
    struct jl_err err;
    snprintf(command, sizeof command, "sqlite3 '%s/jielian.db' \"%s\"", a->folder, sql);
    assert_int_equal(system(command), 0);
    assert_int_equal(jl_office_scrub(a->office, &damaged, &err), JL_OK);
    world_hang_up(a);
    a->repaired = 0;
    a->rereads = 0;
}

static uint64_t bytes(void) {
    return a->sent_bytes + a->received_bytes;
}

/* ---- Few ---- */

static void test_one_row_is_repaired_in_two_kilobytes(void **state) {
    (void)state;
    spoil("UPDATE union_org SET staff_n = 5 WHERE name LIKE '%第77厂%'");
    uint64_t before = bytes();
    assert_true(world_sync(a) && world_same(a));
    assert_int_equal(a->repaired, 1);
    assert_int_equal(a->rereads, 0);
    assert_in_range(bytes() - before, 1, 2048);
}

static void assert_rows_of_every_kind_are_repaired(void) {
    /* Changed; gone, with their heads; and one that stands there under another id: the district's
     * is missing, and this one is only here. */
    spoil("UPDATE union_org SET staff_n = 5 WHERE name LIKE '%第7_厂%';"
          "DELETE FROM union_org WHERE name LIKE '%第8_厂%';"
          "DELETE FROM record WHERE rid NOT IN (SELECT rid FROM union_org)"
          " AND type = (SELECT type FROM record JOIN union_org USING(rid) LIMIT 1);"
          "UPDATE record SET id = x'018f2b3c4d5e7f608192a3b4c5d6e7f8'"
          " WHERE rid = (SELECT rid FROM union_org WHERE name LIKE '%第95厂%')");
    assert_true(world_sync(a) && world_same(a));
    assert_int_equal(a->repaired, 10 + 10 + 1);
    assert_int_equal(a->rereads, 0);
    assert_int_equal(world_count(a->office->books, "union_org"), ROWS + 1);
    assert_int_equal(world_count_live(a->office->books, "union_org"), ROWS);
}

static void test_rows_of_every_kind_are_repaired(void **state) {
    (void)state;
    assert_rows_of_every_kind_are_repaired();
}

static void test_an_older_district_repairs_by_buckets_and_ids(void **state) {
    (void)state;
    world.no_parts = true;
    assert_rows_of_every_kind_are_repaired();
    assert_false(a->session.by_parts);
}

/* ---- Many ---- */

static void test_more_than_an_eighth_is_read_anew_while_work_goes_on(void **state) {
    (void)state;
    spoil("UPDATE union_org SET staff_n = 5 WHERE rid % 3 = 0");
    uint64_t head = a->office->state.head_pos;
    while (a->rereads == 0) {
        assert_true(world_step(a));
    }
    struct jl_id org = world_add(&a->desk, "union_org",
                                 "name=新厂工会|org_kind=独立基层工会|founded_on=2018-05-01|"
                                 "status=已建");
    assert_int_equal(world_count_live(a->office->books, "union_org"), ROWS + 1);
    assert_true(world_sync(a) && world_same(a));
    assert_int_equal(a->rereads, 1);
    assert_int_equal(a->repaired, 0);
    assert_int_equal(a->office->state.head_pos, head + 1);
    assert_string_equal(world_get(world.district->books, "union_org", &org, "name"), "新厂工会");
    /* Again within a day: a person looks. */
    spoil("UPDATE union_org SET staff_n = 5 WHERE rid % 3 = 0");
    while (!a->session.repair_failed) {
        assert_true(world_step(a));
    }
    assert_int_equal(a->office->state.trouble, JL_TROUBLE_DIFFERENT);
    assert_int_equal(a->rereads + a->repaired, 0);
    /* A day later it may. */
    world_pass(&world, DAY_MS);
    world_hang_up(a);
    assert_true(world_sync(a) && world_same(a));
    assert_int_equal(a->rereads, 1);
    assert_int_equal(a->office->state.trouble, 0);
}

static void test_an_eighth_is_counted_at_its_edge(void **state) {
    (void)state;
    /* All records of both feeds, as the district counts them. */
    uint64_t all = a->office->sums[0].count + a->office->sums[1].count;
    char sql[128];
    snprintf(sql, sizeof sql,
             "UPDATE union_org SET staff_n = 5 WHERE rid IN"
             " (SELECT rid FROM union_org ORDER BY rid LIMIT %d)",
             (int)(all / 8));
    spoil(sql);
    assert_true(all / 8 < JL_REREAD_LEAST_ROWS); /* so few are repaired in any case */
    assert_true(world_sync(a) && world_same(a));
    assert_int_equal(a->repaired, all / 8);
    snprintf(sql, sizeof sql,
             "UPDATE union_org SET staff_n = 5 WHERE rid IN"
             " (SELECT rid FROM union_org ORDER BY rid LIMIT %d)",
             JL_REREAD_LEAST_ROWS - 1);
    spoil(sql);
    assert_true(world_sync(a) && world_same(a));
    assert_int_equal(a->rereads, 0);
    assert_int_equal(a->repaired, JL_REREAD_LEAST_ROWS - 1);
    snprintf(sql, sizeof sql,
             "UPDATE union_org SET staff_n = 5 WHERE rid IN"
             " (SELECT rid FROM union_org ORDER BY rid LIMIT %d)",
             JL_REREAD_LEAST_ROWS);
    spoil(sql);
    assert_true(world_sync(a) && world_same(a));
    assert_int_equal(a->rereads, 1);
}

/* ---- Deep proof ---- */

static void deep_proof(enum jl_deep_result wanted) {
    a->deep = true;
    a->deep_result = JL_DEEP_NONE;
    assert_true(world_sync(a));
    assert_int_equal(a->deep_result, wanted);
    assert_false(a->deep);
}

/* The sums stand as they were, and a scrub would find it: the deep proof is not made of them. */
static void test_a_deep_proof_reads_the_rows_of_both_sides(void **state) {
    (void)state;
    static const char *const spoilt =
        "UPDATE union_org SET staff_n = 5 WHERE name LIKE '%%第9厂%%'";
    static const char *const sound =
        "UPDATE union_org SET staff_n = 1009 WHERE name LIKE '%%第9厂%%'";
    char command[512];
    deep_proof(JL_DEEP_IDENTICAL);
    const char *const folders[] = {a->folder, world.district_folder};
    for (size_t i = 0; i < 2; i++) {
        snprintf(command, sizeof command, "sqlite3 '%s/jielian.db' \"%s\"", folders[i], spoilt);
        assert_int_equal(system(command), 0);
        deep_proof(JL_DEEP_DIFFERENT);
        snprintf(command, sizeof command, "sqlite3 '%s/jielian.db' \"%s\"", folders[i], sound);
        assert_int_equal(system(command), 0);
        deep_proof(JL_DEEP_IDENTICAL);
    }
}

static void test_a_feed_that_moves_ends_a_deep_proof(void **state) {
    (void)state;
    struct jl_err err;
    struct jl_deep deep = {0};
    struct jl_proved proved;
    struct jl_session_facts facts;
    struct jl_proof proof = {.cursor = {a->office->state.cursor[0], a->office->state.cursor[1]}};
    bool same = false;
    jl_office_facts(a->office, &facts);
    assert_int_equal(jl_office_root(a->office, proof.root, &err), JL_OK);
    assert_int_equal(jl_office_deep(a->office, &facts, &proof, &same, &err), JL_OK);
    assert_true(same && proof.has_deep);
    facts.cursor[1]++;
    assert_int_equal(jl_office_deep(a->office, &facts, &proof, &same, &err), JL_OK);
    assert_false(same || proof.has_deep); /* not what the session was told */
    assert_int_equal(jl_prove_deep(world.district, 1, &proof, 100, &deep, &proved, &err), JL_OK);
    assert_int_equal(proved.result, JL_PROOF_IDENTICAL);
    assert_int_equal(proved.deep, JL_DEEP_NONE); /* no answer yet */
    assert_false(deep.done);
    (void)world_add(&world.district_desk, "notice", "title=通知|body=通知|posted_on=2022-01-01");
    assert_int_equal(jl_prove_deep(world.district, 1, &proof, 100, &deep, &proved, &err), JL_OK);
    assert_int_equal(proved.result, JL_PROOF_MOVED);
    assert_false(deep.done);
}

static void test_a_deep_proof_is_due_once_a_month_and_when_asked_for(void **state) {
    (void)state;
    struct jl_err err;
    /* UTC+8, in which the district lives. */
    static const int64_t october_ms = 1793400000000; /* 2026-10-31 */
    static const int64_t november_ms = october_ms + DAY_MS;
    struct jl_office_state *office = &a->office->state;
    assert_int_equal(office->deep_ms, 0);
    assert_true(jl_office_deep_due(a->office, october_ms));
    assert_int_equal(jl_office_deep_proven(a->office, october_ms, JL_DEEP_IDENTICAL, 0, &err),
                     JL_OK);
    assert_false(jl_office_deep_due(a->office, october_ms));
    assert_true(jl_office_deep_due(a->office, november_ms));
    assert_int_equal(jl_office_deep_proven(a->office, november_ms, JL_DEEP_DIFFERENT, 0, &err),
                     JL_OK);
    assert_false(jl_office_deep_due(a->office, november_ms)); /* once is enough */
    office->deep_wanted++;
    assert_true(jl_office_deep_due(a->office, november_ms));
    /* An older district says nothing: the wish is over, and what was known stays. */
    assert_int_equal(jl_office_deep_proven(a->office, november_ms + 1, JL_DEEP_NONE, 1, &err),
                     JL_OK);
    assert_int_equal(office->deep_ms, november_ms);
    assert_int_equal(office->deep_result, JL_DEEP_DIFFERENT);
}

/* ---- An office that knows no parts ---- */

static void test_buckets_and_ids_are_answered_as_ever(void **state) {
    (void)state;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_message answer;
    struct jl_err err;
    uint8_t all[JL_BUCKETS];
    struct jl_ask ask = {.feed = 1, .step = JL_ASK_BUCKETS};
    assert_int_equal(jl_prove_answer(world.district, 1, &ask, &arena, &answer, &err), JL_OK);
    assert_int_equal(answer.kind, JL_MESSAGE_BUCKETS);
    assert_int_equal(answer.as.buckets.part_count, 0);
    for (unsigned bucket = 0; bucket < JL_BUCKETS; bucket++) {
        uint8_t sum[JL_SUM_BYTES];
        all[bucket] = (uint8_t)bucket;
        jl_setsum_bucket(&a->office->sums[1], bucket, sum);
        assert_memory_equal(answer.as.buckets.sums.data + bucket * JL_SHORT_SUM_BYTES, sum,
                            JL_SHORT_SUM_BYTES);
    }
    ask = (struct jl_ask){.feed = 1, .step = JL_ASK_IDS, .buckets = jl_bytes(all, sizeof all)};
    assert_int_equal(jl_prove_answer(world.district, 1, &ask, &arena, &answer, &err), JL_OK);
    assert_int_equal(answer.kind, JL_MESSAGE_IDS);
    assert_int_equal(answer.as.ids.record_count, a->office->sums[1].count);
    for (size_t i = 1; i < answer.as.ids.record_count; i++) {
        const struct jl_known *before = &answer.as.ids.records[i - 1];
        const struct jl_known *known = &answer.as.ids.records[i];
        unsigned buckets[] = {jl_id_bucket(&before->id), jl_id_bucket(&known->id)};
        assert_true(buckets[0] < buckets[1] ||
                    (buckets[0] == buckets[1] &&
                     (before->type < known->type || (before->type == known->type &&
                                                     jl_id_compare(&before->id, &known->id) < 0))));
    }
    ask = (struct jl_ask){
        .feed = 1, .step = JL_ASK_ROWS, .records = answer.as.ids.records, .record_count = 3};
    assert_int_equal(jl_prove_answer(world.district, 1, &ask, &arena, &answer, &err), JL_OK);
    assert_int_equal(answer.as.page.count, 3);
    assert_true(answer.as.page.repair);
    /* Another office sees none of it, by keys or by hashes. */
    assert_int_equal(jl_prove_answer(world.district, 2, &ask, &arena, &answer, &err), JL_OK);
    assert_int_equal(answer.as.page.count, 0);
    ask =
        (struct jl_ask){.feed = 1, .step = JL_ASK_ROWS, .hashes = jl_bytes(ask.records[0].hash, 8)};
    assert_int_equal(jl_prove_answer(world.district, 1, &ask, &arena, &answer, &err), JL_OK);
    assert_int_equal(answer.as.page.count, 1);
    assert_int_equal(jl_prove_answer(world.district, 2, &ask, &arena, &answer, &err), JL_OK);
    assert_int_equal(answer.as.page.count, 0);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_one_row_is_repaired_in_two_kilobytes),
        CASE(test_rows_of_every_kind_are_repaired),
        CASE(test_an_older_district_repairs_by_buckets_and_ids),
        CASE(test_more_than_an_eighth_is_read_anew_while_work_goes_on),
        CASE(test_an_eighth_is_counted_at_its_edge),
        CASE(test_a_deep_proof_reads_the_rows_of_both_sides),
        CASE(test_a_feed_that_moves_ends_a_deep_proof),
        CASE(test_a_deep_proof_is_due_once_a_month_and_when_asked_for),
        CASE(test_buckets_and_ids_are_answered_as_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
