/* The contract suite of store.h. A store joins with an opener; every case runs against it.
 *
 * Each case starts with a new, empty store of the side it asks for, with the tables below:
 *
 *   type 1 union_org  name TEXT · status INT · founded_on INT* · staff_n INT
 *   type 3 member     name TEXT · id_no BYTES · id_no_tag BYTES* · org BYTES* · joined_on INT* ·
 *                     left_on INT · m_status INT · note TEXT                       (* indexed) */
#ifndef JIELIAN_STORE_CONTRACT_H
#define JIELIAN_STORE_CONTRACT_H

#include "jielian/store/records.h"
#include "jielian/store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct store_opener {
    const char *name;
    void *context;
    /* Open, as jl_store_open does, the one store under test. */
    enum jl_rc (*open)(void *context, const struct jl_store_options *options,
                       struct jl_store **out_store, struct jl_err *err);
    /* Make it not exist. */
    void (*clear)(void *context);
};

/* Runs every case; the number of those that failed. */
int store_contract_run(const struct store_opener *opener);

/* ---- For the cases ---- */

enum { TYPE_ORG = 1, TYPE_MEMBER = 3, TYPE_UNKNOWN = 99 };
enum { ORG_NAME, ORG_STATUS, ORG_FOUNDED_ON, ORG_STAFF_N, ORG_COLUMNS };
enum {
    MEMBER_NAME,
    MEMBER_ID_NO,
    MEMBER_ID_NO_TAG,
    MEMBER_ORG,
    MEMBER_JOINED_ON,
    MEMBER_LEFT_ON,
    MEMBER_STATUS,
    MEMBER_NOTE,
    MEMBER_COLUMNS
};
extern const struct jl_store_table store_tables[2];

struct fixture {
    struct jl_store *store;
    struct jl_arena arena;
    struct jl_err err;
};

int setup_district(void **state);
int setup_office(void **state);
int teardown(void **state);

/* A second open of the same store; the caller closes it. */
struct jl_store *open_again(struct fixture *fixture, enum jl_store_mode mode, uint32_t busy_ms);
enum jl_rc try_open(const struct jl_store_options *options, struct jl_store **out_store,
                    struct jl_err *err);

/* Asserts with the error's text. */
#define ok(fixture, call) assert_rc(JL_OK, (call), &(fixture)->err, __FILE__, __LINE__)
#define fails(fixture, code, call) assert_rc((code), (call), &(fixture)->err, __FILE__, __LINE__)
void assert_rc(enum jl_rc wanted, enum jl_rc rc, const struct jl_err *err, const char *file,
               int line);

void begin(struct fixture *fixture);
void commit(struct fixture *fixture);

struct jl_id id_of(uint32_t number); /* the number stands in bytes 0..3, its low byte in 15 too */
struct jl_value text_value(const char *text);
bool value_is_text(const struct jl_value *value, const char *text);

/* Record number n of a type in memory: owner 7, hash and label filled, cells NULL-valued. */
struct jl_stored new_record(struct fixture *fixture, uint32_t type, uint32_t number);
/* Write one record in the open transaction, with at most two words (NULL: none). */
void put_record(struct fixture *fixture, struct jl_stored *record, const char *word1,
                const char *word2);
struct jl_stored get_record(struct fixture *fixture, uint32_t type, uint32_t number);

struct case_list {
    const struct CMUnitTest *cases;
    size_t count;
};
#define CASE(name, side) cmocka_unit_test_setup_teardown(name, setup_##side, teardown)
struct case_list store_device_cases(void);
struct case_list store_feed_cases(void);
struct case_list store_held_cases(void);
struct case_list store_journal_cases(void);
struct case_list store_measure_cases(void);
struct case_list store_outbox_cases(void);
struct case_list store_record_cases(void);
struct case_list store_scan_cases(void);
struct case_list store_table_cases(void);
struct case_list store_tx_cases(void);
struct case_list store_word_cases(void);

#endif
