#include "store_contract.h"
#include "tests/said.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct store_opener *opener;

static const struct jl_store_column org_columns[ORG_COLUMNS] = {
    [ORG_NAME] = {"name", JL_VALUE_TEXT, false},
    [ORG_STATUS] = {"status", JL_VALUE_INT, false},
    [ORG_FOUNDED_ON] = {"founded_on", JL_VALUE_INT, true},
    [ORG_STAFF_N] = {"staff_n", JL_VALUE_INT, false},
};

static const struct jl_store_column member_columns[MEMBER_COLUMNS] = {
    [MEMBER_NAME] = {"name", JL_VALUE_TEXT, false},
    [MEMBER_ID_NO] = {"id_no", JL_VALUE_BYTES, false},
    [MEMBER_ID_NO_TAG] = {"id_no_tag", JL_VALUE_BYTES, true},
    [MEMBER_ORG] = {"org", JL_VALUE_BYTES, true},
    [MEMBER_JOINED_ON] = {"joined_on", JL_VALUE_INT, true},
    [MEMBER_LEFT_ON] = {"left_on", JL_VALUE_INT, false},
    [MEMBER_STATUS] = {"m_status", JL_VALUE_INT, false},
    [MEMBER_NOTE] = {"note", JL_VALUE_TEXT, false},
};

const struct jl_store_table store_tables[2] = {
    {TYPE_MEMBER, "member", member_columns, MEMBER_COLUMNS},
    {TYPE_ORG, "union_org", org_columns, ORG_COLUMNS},
};

void assert_rc(enum jl_rc wanted, enum jl_rc rc, const struct jl_err *err, const char *file,
               int line) {
    if (rc != wanted) {
        print_error("wanted %s, got %s: %s\n", jl_rc_name(wanted), jl_rc_name(rc),
                    rc == JL_OK ? "" : err_said(err));
    }
    _assert_int_equal((uintmax_t)rc, (uintmax_t)wanted, file, line);
}

enum jl_rc try_open(const struct jl_store_options *options, struct jl_store **out_store,
                    struct jl_err *err) {
    return opener->open(opener->context, options, out_store, err);
}

static int setup(void **state, uint32_t application_id) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    opener->clear(opener->context);
    const struct jl_store_options options = {.mode = JL_STORE_CREATE,
                                             .application_id = application_id};
    ok(fixture, try_open(&options, &fixture->store, &fixture->err));
    ok(fixture, jl_store_tables(fixture->store, store_tables, 2, &fixture->err));
    *state = fixture;
    return 0;
}

int setup_district(void **state) {
    return setup(state, JL_STORE_DISTRICT_ID);
}
int setup_office(void **state) {
    return setup(state, JL_STORE_OFFICE_ID);
}

int teardown(void **state) {
    struct fixture *fixture = *state;
    jl_store_close(fixture->store);
    jl_arena_fini(&fixture->arena);
    free(fixture);
    opener->clear(opener->context);
    return 0;
}

struct jl_store *open_again(struct fixture *fixture, enum jl_store_mode mode, uint32_t busy_ms) {
    const struct jl_store_options options = {
        .mode = mode, .application_id = JL_STORE_DISTRICT_ID, .busy_ms = busy_ms};
    struct jl_store *store = NULL;
    ok(fixture, try_open(&options, &store, &fixture->err));
    ok(fixture, jl_store_tables(store, store_tables, 2, &fixture->err));
    return store;
}

void begin(struct fixture *fixture) {
    ok(fixture, jl_store_begin(fixture->store, true, &fixture->err));
}

void commit(struct fixture *fixture) {
    ok(fixture, jl_store_commit(fixture->store, &fixture->err));
}

struct jl_id id_of(uint32_t number) {
    struct jl_id id = {{(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8),
                        (uint8_t)number}};
    id.bytes[JL_ID_BYTES - 1] = (uint8_t)number;
    return id;
}

struct jl_value text_value(const char *text) {
    struct jl_value value = {.kind = JL_VALUE_TEXT, .bytes = jl_bytes_text(text)};
    return value;
}

bool value_is_text(const struct jl_value *value, const char *text) {
    return value->kind == JL_VALUE_TEXT && jl_bytes_is(value->bytes, text);
}

struct jl_stored new_record(struct fixture *fixture, uint32_t type, uint32_t number) {
    struct jl_stored record = {
        .head = {.type = type,
                 .id = id_of(number),
                 .owner = 7,
                 .changed_ms = 1600000000000 + number,
                 .by_device = 5,
                 .by_staff = jl_bytes_text("zhang"),
                 .last = number,
                 .feed_seq = number * 2u},
    };
    memset(record.head.hash, (int)(number & 0x7f) + 1, sizeof record.head.hash);
    if (type != TYPE_UNKNOWN) {
        record.cells = jl_arena_zalloc(&fixture->arena, MEMBER_COLUMNS, sizeof *record.cells);
        assert_non_null(record.cells);
    }
    return record;
}

void put_record(struct fixture *fixture, struct jl_stored *record, const char *word1,
                const char *word2) {
    const struct jl_bytes words[2] = {jl_bytes_text(word1), jl_bytes_text(word2)};
    struct jl_record_write write = {.record = record, .words = words, .word_count = 2};
    ok(fixture, jl_records_write(fixture->store, &write, 1, &fixture->err));
    assert_true(record->head.rid > 0);
}

struct jl_stored get_record(struct fixture *fixture, uint32_t type, uint32_t number) {
    const struct jl_record_key key = {type, id_of(number)};
    struct jl_stored record;
    ok(fixture, jl_records_load(fixture->store, &key, 1, &fixture->arena, &record, &fixture->err));
    return record;
}

int store_contract_run(const struct store_opener *tested) {
    struct {
        const char *name;
        struct case_list (*list)(void);
    } const groups[] = {
        {"tx", store_tx_cases},           {"table", store_table_cases},
        {"record", store_record_cases},   {"scan", store_scan_cases},
        {"word", store_word_cases},       {"feed", store_feed_cases},
        {"outbox", store_outbox_cases},   {"journal", store_journal_cases},
        {"held", store_held_cases},       {"device", store_device_cases},
        {"measure", store_measure_cases},
    };
    opener = tested;
    int failed = 0;
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        struct case_list list = groups[i].list();
        char name[64];
        (void)snprintf(name, sizeof name, "%s store: %s", tested->name, groups[i].name);
        failed += _cmocka_run_group_tests(name, list.cases, list.count, NULL, NULL);
    }
    return failed;
}
