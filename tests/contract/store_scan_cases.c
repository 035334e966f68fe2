/* Scans: filters, states, order, limits. */
#include "store_contract.h"

#include "jielian/base/fault.h"

#include <string.h>

struct seen {
    uint32_t numbers[32]; /* bytes 0..3 of the ids */
    size_t count;
    int64_t last_rid;
    bool had_cells[32];
    enum jl_rc stop_with;
    struct fixture *load_in; /* load each record again inside the visit */
};

static enum jl_rc see(void *context, const struct jl_stored *record, struct jl_err *err) {
    struct seen *seen = context;
    assert_true(record->head.rid > seen->last_rid);
    seen->last_rid = record->head.rid;
    seen->had_cells[seen->count] = record->cells != NULL;
    seen->numbers[seen->count++] = record->head.id.bytes[3];
    if (seen->load_in != NULL) {
        struct jl_stored again;
        ok(seen->load_in, jl_records_load_rids(seen->load_in->store, &record->head.rid, 1,
                                               &seen->load_in->arena, &again, err));
        assert_true(jl_id_equal(&again.head.id, &record->head.id));
        if (record->cells != NULL) {
            assert_true(jl_value_equal(&again.cells[0], &record->cells[0]));
        }
    }
    return seen->stop_with == JL_OK
               ? JL_OK
               : jl_fault_at(err, seen->stop_with, JL_FAULT_TEXT, "%s", "stop here");
}

static void assert_seen(const struct seen *seen, const char *wanted) {
    char text[32 * 4] = "";
    for (size_t i = 0; i < seen->count; i++) {
        const char digit[] = {(char)('0' + seen->numbers[i]), '\0'};
        strcat(text, digit);
    }
    assert_string_equal(text, wanted);
}

/* 1 2 3 live (owners 7 7 8), 4 tombstone, 5 stub, 6 parked, and an org between them. */
static void fill(struct fixture *fixture) {
    static const enum jl_record_state states[] = {JL_RECORD_LIVE, JL_RECORD_LIVE,
                                                  JL_RECORD_LIVE, JL_RECORD_DELETED,
                                                  JL_RECORD_LEFT, JL_RECORD_PARKED};
    begin(fixture);
    for (uint32_t i = 1; i <= 6; i++) {
        struct jl_stored record = new_record(fixture, TYPE_MEMBER, i);
        record.head.state = states[i - 1];
        record.head.owner = i == 3 ? 8 : 7;
        record.cells[MEMBER_NAME] = text_value(i % 2 == 0 ? "even" : "odd");
        record.cells[MEMBER_STATUS] = jl_value_int(i);
        if (i != 2) {
            record.cells[MEMBER_JOINED_ON] = jl_value_int(20200000 + i);
        }
        if (record.head.state == JL_RECORD_LEFT) {
            record.cells = NULL;
            record.head.title = jl_bytes_text("left");
        }
        put_record(fixture, &record, NULL, NULL);
        if (i == 3) {
            struct jl_stored org = new_record(fixture, TYPE_ORG, 9);
            put_record(fixture, &org, NULL, NULL);
        }
    }
    commit(fixture);
}

static void test_filters_states_owner_and_limits(void **state) {
    struct fixture *fixture = *state;
    fill(fixture);
    struct jl_scan_filter filters[] = {
        {MEMBER_STATUS, JL_SCAN_AT_LEAST, jl_value_int(2)},
        {MEMBER_STATUS, JL_SCAN_AT_MOST, jl_value_int(4)},
        {MEMBER_NAME, JL_SCAN_EQUAL, text_value("even")},
        {MEMBER_JOINED_ON, JL_SCAN_IS_NULL, jl_value_null()},
        {MEMBER_JOINED_ON, JL_SCAN_EQUAL, jl_value_int(20200003)},
        {MEMBER_JOINED_ON, JL_SCAN_AT_LEAST, jl_value_int(20200003)},
        {MEMBER_NAME, JL_SCAN_EQUAL, text_value("' OR 1=1 --")},
    };
    struct {
        struct jl_scan scan;
        const char *wanted;
    } const table[] = {
        {{0}, "1236"},
        {{.all_states = true}, "123456"},
        {{.owner_set = true, .owner = 7}, "126"},
        {{.owner_set = true, .owner = 0}, ""},
        {{.limit = 2}, "12"},
        {{.after_rid = 2, .limit = 1}, "3"},
        {{.after_rid = 4, .all_states = true}, "456"}, /* rid 4 is the org */
        {{.all_states = true, .limit = 5}, "12345"},
        {{.filters = &filters[0], .filter_count = 2}, "23"},
        {{.filters = &filters[0], .filter_count = 3}, "2"},
        {{.filters = &filters[0], .filter_count = 3, .all_states = true}, "24"},
        {{.filters = &filters[3], .filter_count = 1, .all_states = true}, "2"},
        {{.filters = &filters[4], .filter_count = 1}, "3"},
        {{.filters = &filters[5], .filter_count = 1}, "36"},
        {{.filters = &filters[5], .filter_count = 1, .owner_set = true, .owner = 7}, "6"},
        {{.filters = &filters[6], .filter_count = 1}, ""},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct jl_scan scan = table[i].scan;
        scan.type = TYPE_MEMBER;
        struct seen seen = {0};
        ok(fixture, jl_records_scan(fixture->store, &scan, see, &seen, &fixture->err));
        assert_seen(&seen, table[i].wanted);
    }
}

static void test_what_is_seen_holds_during_the_call_and_loads_may_nest(void **state) {
    struct fixture *fixture = *state;
    fill(fixture);
    const struct jl_scan scan = {.type = TYPE_MEMBER, .all_states = true};
    for (int inside = 0; inside < 2; inside++) {
        if (inside == 1) {
            begin(fixture);
        }
        struct seen seen = {.load_in = fixture};
        ok(fixture, jl_records_scan(fixture->store, &scan, see, &seen, &fixture->err));
        assert_seen(&seen, "123456");
        assert_false(seen.had_cells[4]);
        assert_true(seen.had_cells[3]);
    }
    commit(fixture);
}

static void test_the_visitors_code_ends_the_scan(void **state) {
    struct fixture *fixture = *state;
    fill(fixture);
    const struct jl_scan scan = {.type = TYPE_MEMBER};
    struct seen seen = {.stop_with = JL_LIMIT};
    fails(fixture, JL_LIMIT, jl_records_scan(fixture->store, &scan, see, &seen, &fixture->err));
    assert_seen(&seen, "1");
    assert_string_equal(fixture->err.text, "stop here");
    begin(fixture); /* and leaves no transaction behind */
    commit(fixture);
}

static void test_wrong_filters_are_refused(void **state) {
    struct fixture *fixture = *state;
    const struct jl_scan_filter wrong[] = {
        {MEMBER_COLUMNS, JL_SCAN_IS_NULL, jl_value_null()},
        {MEMBER_STATUS, JL_SCAN_EQUAL, text_value("5")},
        {MEMBER_STATUS, JL_SCAN_EQUAL, jl_value_null()},
        {MEMBER_STATUS, (enum jl_scan_test)0, jl_value_int(1)},
        {MEMBER_STATUS, (enum jl_scan_test)9, jl_value_int(1)},
    };
    struct seen seen = {0};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const struct jl_scan scan = {.type = TYPE_MEMBER, .filters = &wrong[i], .filter_count = 1};
        fails(fixture, JL_MISUSE,
              jl_records_scan(fixture->store, &scan, see, &seen, &fixture->err));
    }
    const struct jl_scan unknown = {.type = TYPE_UNKNOWN, .filters = wrong, .filter_count = 1};
    fails(fixture, JL_MISUSE, jl_records_scan(fixture->store, &unknown, see, &seen, &fixture->err));
}

static void test_extra_scan_finds_what_a_new_catalogue_must_read_again(void **state) {
    struct fixture *fixture = *state;
    begin(fixture);
    for (uint32_t i = 1; i <= 5; i++) {
        struct jl_stored record = new_record(fixture, TYPE_MEMBER, i);
        record.extra = i % 2 == 0 ? jl_bytes("more", 4) : jl_bytes(NULL, 0);
        record.head.state = i == 4 ? JL_RECORD_DELETED : JL_RECORD_LIVE;
        if (i == 5) {
            record.head.state = JL_RECORD_LEFT;
            record.cells = NULL;
        }
        put_record(fixture, &record, NULL, NULL);
    }
    for (uint32_t i = 1; i <= 2; i++) {
        struct jl_stored record = new_record(fixture, TYPE_UNKNOWN, i);
        put_record(fixture, &record, NULL, NULL);
    }
    commit(fixture);
    struct seen members = {0};
    ok(fixture, jl_records_scan_extra(fixture->store, TYPE_MEMBER, see, &members, &fixture->err));
    assert_seen(&members, "24");
    struct seen unknown = {0};
    ok(fixture, jl_records_scan_extra(fixture->store, TYPE_UNKNOWN, see, &unknown, &fixture->err));
    assert_seen(&unknown, "12");
    struct seen none = {0};
    ok(fixture, jl_records_scan_extra(fixture->store, TYPE_ORG, see, &none, &fixture->err));
    assert_seen(&none, "");
}

static void assert_loose(struct fixture *fixture, const uint32_t *wanted, size_t wanted_count) {
    uint32_t *types = NULL;
    size_t count = 0;
    ok(fixture,
       jl_records_loose_types(fixture->store, &fixture->arena, &types, &count, &fixture->err));
    assert_int_equal(count, wanted_count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(types[i], wanted[i]);
    }
}

static void test_types_without_cells_are_listed_once_each(void **state) {
    struct fixture *fixture = *state;
    static const uint32_t types[] = {TYPE_UNKNOWN, TYPE_UNKNOWN + 7, UINT32_MAX};
    assert_loose(fixture, NULL, 0);
    begin(fixture);
    for (uint32_t i = 0; i < 9; i++) {
        struct jl_stored record = new_record(fixture, types[2 - i % 3], i + 1);
        record.cells = NULL;
        put_record(fixture, &record, NULL, NULL);
    }
    struct jl_stored known = new_record(fixture, TYPE_MEMBER, 1);
    put_record(fixture, &known, NULL, NULL);
    assert_loose(fixture, types, 3);
    commit(fixture);
    assert_loose(fixture, types, 3);
}

static const struct CMUnitTest cases[] = {
    CASE(test_filters_states_owner_and_limits, office),
    CASE(test_what_is_seen_holds_during_the_call_and_loads_may_nest, office),
    CASE(test_the_visitors_code_ends_the_scan, office),
    CASE(test_wrong_filters_are_refused, office),
    CASE(test_extra_scan_finds_what_a_new_catalogue_must_read_again, office),
    CASE(test_types_without_cells_are_listed_once_each, office),
};

struct case_list store_scan_cases(void) {
    return (struct case_list){cases, sizeof cases / sizeof cases[0]};
}
