/* An office with one union, 测试工会, and a file to import; for test_import and test_export. */
#ifndef JIELIAN_TEST_IMPORT_WORLD_H
#define JIELIAN_TEST_IMPORT_WORLD_H

#include "tests/unit/desk/desk_world.h"

#include "jielian/sheet/csv.h"
#include "jielian/sheet/import.h"

struct fixture {
    struct world world;
    struct jl_import_result result;
    char path[128];
    char problems[128];
};

static inline int open_office(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    world_open(&fixture->world, JL_SIDE_OFFICE);
    snprintf(fixture->path, sizeof fixture->path, "%s/file.csv", fixture->world.folder);
    snprintf(fixture->problems, sizeof fixture->problems, "%s/problems.csv", fixture->world.folder);
    add_org(&fixture->world, "测试工会");
    *state = fixture;
    return 0;
}

static inline int close_fixture(void **state) {
    struct fixture *fixture = *state;
    jl_import_result_fini(&fixture->result);
    world_close(&fixture->world);
    free(fixture);
    return 0;
}

static inline void write_file(struct fixture *fixture, const char *text) {
    must(&fixture->world,
         jl_file_write(fixture->path, jl_bytes_text(text), 0600, true, &fixture->world.err));
}

static inline enum jl_rc import_with(struct fixture *fixture, const char *type,
                                     const struct jl_import_options *options) {
    struct world *world = &fixture->world;
    jl_import_result_fini(&fixture->result);
    enum jl_rc rc = jl_import_run(&world->desk, type_of(world, type), fixture->path, options,
                                  &fixture->result, &world->err);
    const struct jl_import_result *result = &fixture->result;
    assert_int_equal(result->rows, result->added + result->updated + result->unchanged +
                                       result->doubtful + result->failed);
    return rc;
}

/* "added updated unchanged doubtful failed" */
static inline void check_counts(struct fixture *fixture, const char *expected) {
    const struct jl_import_result *result = &fixture->result;
    char counts[128];
    snprintf(counts, sizeof counts, "%d %d %d %d %d", (int)result->added, (int)result->updated,
             (int)result->unchanged, (int)result->doubtful, (int)result->failed);
    if (strcmp(counts, expected) != 0) {
        for (size_t i = 0; i < result->problem_count; i++) {
            print_message("line %d %s: %s\n", (int)result->problems[i].row,
                          result->problems[i].field, result->problems[i].message);
        }
        fail_msg("%s instead of %s", counts, expected);
    }
}

static inline void import_text(struct fixture *fixture, const char *type, const char *text,
                               const char *expected) {
    const struct jl_import_options options = {.problems_path = fixture->problems};
    write_file(fixture, text);
    must(&fixture->world, import_with(fixture, type, &options));
    check_counts(fixture, expected);
}

/* Is there a problem of this line (0: a note) whose field and message hold these? */
static inline bool has_problem(const struct fixture *fixture, uint64_t row, const char *field,
                               const char *part) {
    for (size_t i = 0; i < fixture->result.problem_count; i++) {
        const struct jl_import_problem *problem = &fixture->result.problems[i];
        if (problem->row == row && strcmp(problem->field, field) == 0 &&
            strstr(problem->message, part) != NULL) {
            return true;
        }
    }
    return false;
}

#define ID1 "990106199002150074" /* id_number(19900215, 7) */
#define ID2 "990106198505050089"
#define ID3 "990106197711110092"

#endif
