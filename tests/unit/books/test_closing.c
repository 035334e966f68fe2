/* Every destructor of the stores and books takes NULL and what was never filled in, for a command
 * that could not open its books closes them all the same. */
#include "client/books/salvage.h"
#include "jielian/desk/merging.h"
#include "lib/store/sqlite/snapshot.h"
#include "lib/store/sqlite/sql.h"
#include "lib/store/sqlite/store.h"
#include "lib/store/sqlite/words.h"
#include "server/books/decisions.h"
#include "server/books/district.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_closing_nothing_is_fine(void **state) {
    (void)state;
    jl_store_close(NULL);
    jl_store_rollback(NULL);
    jl_sql_fini(NULL);
    jl_snapshot_fini(NULL);
    jl_words_rows_fini(NULL);
    jl_typed_set_free(NULL);
    jl_books_close(NULL);
    jl_office_close(NULL);
    jl_office_rollback(NULL);
    jl_salvage_fini(NULL);
    jl_district_close(NULL);
    jl_district_rollback(NULL);
    jl_decisions_free(NULL);
    jl_merged_fini(NULL);
    jl_merging_fini(NULL);
}

static void test_closing_what_never_opened_is_fine(void **state) {
    (void)state;
    struct jl_sql sql = {0};
    struct jl_snapshot snapshot = {0};
    struct jl_words_rows rows = {0};
    struct jl_salvage salvage = {0};
    struct jl_office office = {0};
    struct jl_district *district = test_calloc(1, sizeof *district);
    struct jl_merged merged = {0};
    struct jl_merging merging = {0};
    jl_sql_fini(&sql);
    jl_snapshot_fini(&snapshot);
    jl_words_rows_fini(&rows);
    jl_salvage_fini(&salvage);
    jl_office_rollback(&office);
    jl_district_rollback(district);
    jl_merged_fini(&merged);
    jl_merging_fini(&merging);
    test_free(district);
}

static void test_a_store_that_is_not_there_leaves_nothing_to_close(void **state) {
    (void)state;
    const struct jl_store_options options = {.mode = JL_STORE_READ,
                                             .application_id = JL_STORE_OFFICE_ID};
    struct jl_store *store = NULL;
    struct jl_err err;
    assert_int_equal(jl_store_open("/nonexistent/jielian.db", &options, &store, &err),
                     JL_NOT_FOUND);
    jl_store_rollback(store);
    jl_store_close(store);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_closing_nothing_is_fine),
        cmocka_unit_test(test_closing_what_never_opened_is_fine),
        cmocka_unit_test(test_a_store_that_is_not_there_leaves_nothing_to_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
