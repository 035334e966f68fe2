/* The sample district must be what it says: the same bytes for the same seed, rows without errors
 * under the shipped catalogue, references that lead somewhere new, and the reference figures of
 * docs/domain.md at scale 1.
 *
 * Method: the generator writes into a temporary folder; its files are read back with the CSV reader
 * and the validator that the programs use. */
#include "sample.h"

#include "jielian/base/file.h"
#include "jielian/base/id.h"
#include "jielian/base/path.h"
#include "jielian/base/row.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/record/check.h"
#include "jielian/record/derive.h"
#include "jielian/record/flow.h"
#include "jielian/record/parse.h"
#include "jielian/sheet/csv.h"
#include "tests/said.h"

#include <dirent.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    SCALE_SMALL = JL_SCALE_ONE / 100,
    TODAY = 20240101,
    PATH_BYTES = 512,
    HEADER_WITHIN = 6, /* rows */
};

/* A folder of its own under the temporary folder, gone at the end of the scope. */
struct jl_scratch {
    char path[256];
};

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk) {
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

static void jl_scratch_fini(struct jl_scratch *scratch) {
    (void)nftw(scratch->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static uint64_t write_sample(struct jl_scratch *scratch, uint64_t seed, uint64_t scale) {
    struct jl_err err = {0};
    struct jl_sample_summary summary = {0};
    const char *base = getenv("TMPDIR");
    (void)snprintf(scratch->path, sizeof scratch->path, "%.200s/jielian-sample-XXXXXX",
                   base == NULL ? "/tmp" : base);
    assert_non_null(mkdtemp(scratch->path));
    struct jl_sample_options options = {
        .out = scratch->path, .seed = seed, .scale_millionths = scale};
    enum jl_rc rc = jl_sample_write(&options, &summary, &err);
    if (rc != JL_OK) {
        fail_msg("%s", err_said(&err));
    }
    return summary.records;
}

static void read_file(const char *folder, const char *name, struct jl_buf *out) {
    char path[PATH_BYTES];
    struct jl_err err = {0};
    assert_int_equal(jl_path_join(folder, name, path, sizeof path, &err), JL_OK);
    assert_int_equal(jl_file_read(path, (size_t)1 << 30, out, &err), JL_OK);
}

/* Call with each table, as "GD/03_member.csv", in order. */
static size_t for_each_table(const char *out, void (*visit)(const char *name, void *context),
                             void *context) {
    static const char *const folders[] = {"BS", "XX", "LY", "CY", "WX", "GD",      "ZT",
                                          "LX", "JC", "SD", "SP", "YQ", "district"};
    size_t tables = 0;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char path[PATH_BYTES];
        struct dirent **entries = NULL;
        (void)snprintf(path, sizeof path, "%s/%s", out, folders[i]);
        int count = scandir(path, &entries, NULL, alphasort);
        assert_true(count > 2);
        for (int k = 0; k < count; k++) {
            if (entries[k]->d_name[0] != '.') {
                char name[PATH_BYTES];
                (void)snprintf(name, sizeof name, "%s/%s", folders[i], entries[k]->d_name);
                visit(name, context);
                tables++;
            }
            free(entries[k]);
        }
        free(entries);
    }
    return tables;
}

struct comparison {
    const char *one, *other;
    size_t different;
};

static void compare(const char *name, void *context) {
    struct comparison *comparison = context;
    JL_AUTO(jl_buf) one = {0};
    JL_AUTO(jl_buf) other = {0};
    read_file(comparison->one, name, &one);
    read_file(comparison->other, name, &other);
    comparison->different += !jl_bytes_equal(jl_buf_bytes(&one), jl_buf_bytes(&other));
}

static void test_same_seed_gives_same_bytes_and_another_seed_others(void **state) {
    (void)state;
    JL_AUTO(jl_scratch) one;
    JL_AUTO(jl_scratch) again;
    JL_AUTO(jl_scratch) other;
    assert_int_equal(write_sample(&one, 7, SCALE_SMALL), write_sample(&again, 7, SCALE_SMALL));
    (void)write_sample(&other, 8, SCALE_SMALL);
    struct comparison same = {.one = one.path, .other = again.path};
    size_t tables = for_each_table(one.path, compare, &same);
    assert_int_equal(tables, 12 * 29 + 2);
    assert_int_equal(same.different, 0);
    compare("expected.json", &same);
    compare("records.json", &same);
    compare("offices.csv", &same);
    assert_int_equal(same.different, 0);
    struct comparison changed = {.one = one.path, .other = other.path};
    (void)for_each_table(one.path, compare, &changed);
    assert_true(changed.different > tables * 3 / 4);
}

static void test_scale_one_has_the_reference_figures(void **state) {
    (void)state;
    static const char *const figures[] = {
        "\"F01\": {\"value\": 512,",        "\"F02\": {\"value\": 17500000000,",
        "\"F03\": {\"value\": 1123340000,", "\"F04\": {\"value\": 23500,",
        "\"F05\": {\"value\": 96,",         "\"F06\": {\"value\": 1042,",
        "\"F07\": {\"value\": 563820,",     "\"F08\": {\"value\": 3126,",
        "\"F09\": {\"value\": 204,",        "\"F10\": {\"value\": 73,",
        "\"F11\": {\"value\": 96,",         "\"F12\": {\"value\": 20638,",
        "\"F13\": {\"value\": 3,",          "\"F14\": {\"value\": 2,",
        "\"F15\": {\"value\": 178,",        "\"F16\": {\"value\": 102300000,",
        "\"F17\": {\"value\": 80000000,",   "\"F18\": {\"value\": 201,",
        "\"F19\": {\"value\": 97500,",      "\"F20\": {\"value\": 12000,",
        "\"F21\": {\"value\": 570,",        "\"F22\": {\"value\": 10860,",
        "\"F23\": {\"value\": 1546,",       "\"F24\": {\"value\": 561,",
        "\"F25\": {\"value\": 718,",        "\"F26\": {\"value\": 9680,",
        "\"F27\": {\"value\": 9920,",       "\"F28\": {\"value\": 12,",
        "\"F29\": {\"value\": 931,",        "\"F30\": {\"value\": 1694,",
        "\"F31\": {\"value\": 2954,",       "\"F32\": {\"value\": 186214,",
        "\"F33\": {\"value\": 3268,",       "\"F34\": {\"value\": 364,",
        "\"F35\": {\"value\": 154,",        "\"F36\": {\"value\": 10000,",
        "\"F37\": {\"value\": 10000,",      "\"F38a\": {\"value\": 3,",
        "\"F38b\": {\"value\": 1,",         "\"F39a\": {\"value\": 1,",
        "\"F39b\": {\"value\": 1,",         "\"F39c\": {\"value\": 1,",
        "\"F40a\": {\"value\": 8,",         "\"F40b\": {\"value\": 5,",
        "\"F42b\": {\"value\": 5,",         "\"F45\": {\"value\": 8,",
    };
    JL_AUTO(jl_scratch) scratch;
    JL_AUTO(jl_buf) expected = {0};
    uint64_t records = write_sample(&scratch, 1, JL_SCALE_ONE);
    assert_in_range(records, 315000, 325000);
    read_file(scratch.path, "expected.json", &expected);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        if (memmem(expected.data, expected.size, figures[i], strlen(figures[i])) == NULL) {
            fail_msg("not in expected.json: %s", figures[i]);
        }
    }
}

/* ---- Against the catalogue ---- */

struct checking {
    const char *out;
    const struct jl_catalogue *catalogue;
    struct jl_arena arena;
    uint64_t rows;
};

enum { FIELDS_MAX = 64 };

struct table {
    const struct jl_type *type;
    const struct jl_field *fields[FIELDS_MAX]; /* by column; NULL: 序号 */
    size_t columns;
    const char *name;
};

static bool is_header(struct table *table, const struct jl_csv_row *row) {
    size_t known = 0;
    assert_true(row->cell_count < FIELDS_MAX);
    for (size_t i = 0; i < row->cell_count; i++) {
        table->fields[i] = jl_type_field_by_header(table->type, row->cells[i]);
        known += table->fields[i] != NULL;
    }
    table->columns = row->cell_count;
    bool numbered = row->cell_count > 0 && jl_bytes_is(row->cells[0], "序号");
    return known + numbered == row->cell_count;
}

static void check_row(struct checking *checking, const struct table *table,
                      const struct jl_csv_row *cells) {
    static struct jl_problems problems;
    static struct jl_id somebody[FIELDS_MAX]; /* another one in each column */
    struct jl_check_context context = {
        .catalogue = checking->catalogue, .today = TODAY, .old_books = true};
    struct jl_row row = {.type = table->type->number, .owner = 1};
    struct jl_err err = {0};
    jl_problems_reset(&problems);
    jl_arena_reset(&checking->arena);
    assert_int_equal(cells->cell_count, table->columns);
    for (size_t i = 0; i < table->columns; i++) {
        const struct jl_field *field = table->fields[i];
        struct jl_value value = jl_value_ref(&somebody[i]);
        somebody[i].bytes[0] = (uint8_t)(i + 1);
        if (field == NULL || cells->cells[i].size == 0) {
            continue;
        }
        if (field->kind != JL_KIND_REF) {
            assert_int_equal(jl_parse_field(&context, field, cells->cells[i], &checking->arena,
                                            &value, &problems, &err),
                             JL_OK);
        }
        assert_int_equal(jl_row_set(&row, field->number, &value, &checking->arena, &err), JL_OK);
    }
    assert_int_equal(jl_derive_row(&context, table->type, true, &checking->arena, &row, &err),
                     JL_OK);
    jl_check_row(&context, table->type, &row, &problems);
    jl_flow_check(&context, table->type, NULL, &row, 1U << JL_MOVER_OFFICE | 1U << JL_MOVER_ANY,
                  &problems);
    if (problems.errors > 0) {
        fail_msg("%s line %llu: %s", table->name, (unsigned long long)cells->line,
                 problems.items[0].text);
    }
    checking->rows++;
}

static void check_table(const char *name, void *context) {
    struct checking *checking = context;
    JL_AUTO_PTR(jl_csv) csv = NULL;
    struct jl_csv_row row;
    struct jl_err err = {0};
    char path[PATH_BYTES];
    char type[PATH_BYTES];
    struct table table = {.name = name};
    assert_int_equal(sscanf(strchr(name, '/'), "/%*2[0-9]_%[a-z_].csv", type), 1);
    table.type = jl_catalogue_type_named(checking->catalogue, type);
    assert_non_null(table.type);
    assert_int_equal(jl_path_join(checking->out, name, path, sizeof path, &err), JL_OK);
    assert_int_equal(jl_csv_open(path, &csv, &err), JL_OK);
    int before = 0;
    do {
        assert_int_equal(jl_csv_next(csv, &row, &err), JL_OK);
    } while (!is_header(&table, &row) && ++before < HEADER_WITHIN);
    if (before == HEADER_WITHIN) {
        fail_msg("%s: no header that the catalogue knows", name);
    }
    while (jl_csv_next(csv, &row, &err) == JL_OK) {
        bool note = row.cells[0].size > 3 && memcmp(row.cells[0].data, "注", 3) == 0;
        if (!note) {
            check_row(checking, &table, &row);
        }
    }
    assert_int_equal(err.rc, JL_NOT_FOUND); /* the end, not a fault */
}

static void test_every_row_is_valid_under_the_shipped_catalogue(void **state) {
    (void)state;
    JL_AUTO(jl_scratch) scratch;
    JL_AUTO(jl_buf) text = {0};
    JL_AUTO_PTR(jl_catalogue) catalogue = NULL;
    struct jl_err err = {0};
    uint64_t records = write_sample(&scratch, 3, SCALE_SMALL);
    read_file(JIELIAN_SOURCE_DIR, "catalogue/district.json", &text);
    if (jl_catalogue_parse(jl_buf_bytes(&text), "district.json", &catalogue, &err) != JL_OK) {
        fail_msg("%s", err_said(&err));
    }
    struct checking checking = {.out = scratch.path, .catalogue = catalogue};
    (void)for_each_table(scratch.path, check_table, &checking);
    jl_arena_fini(&checking.arena);
    assert_int_equal(checking.rows, records); /* records.json counts what is there */
}

static void test_scales_are_decimal_numbers_within_bounds(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint64_t millionths; /* 0: refused */
    } cases[] = {
        {"1", JL_SCALE_ONE},
        {"0.01", JL_SCALE_ONE / 100},
        {".5", JL_SCALE_ONE / 2},
        {"20", JL_SCALE_MAX},
        {"2.5", 2500000},
        {"1.", JL_SCALE_ONE},
        {"0.001", JL_SCALE_MIN},
        {"0", 0},
        {"20.1", 0},
        {"", 0},
        {".", 0},
        {"1e3", 0},
        {"-1", 0},
        {"1.2.3", 0},
        {"99999999999", 0},
        {"0.0001", 0},
        {" 1", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t got = 0;
        enum jl_rc rc = jl_sample_parse_scale(cases[i].text, &got, NULL);
        assert_int_equal(rc, cases[i].millionths > 0 ? JL_OK : JL_MISUSE);
        assert_int_equal(got, cases[i].millionths);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_seed_gives_same_bytes_and_another_seed_others),
        cmocka_unit_test(test_scale_one_has_the_reference_figures),
        cmocka_unit_test(test_every_row_is_valid_under_the_shipped_catalogue),
        cmocka_unit_test(test_scales_are_decimal_numbers_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
