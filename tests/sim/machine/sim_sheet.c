/* Imports through the desk: a list as an office gets it, with people that are known already, people
 * that stand in it twice, and cells that are no values. */
#include "sim.h"

#include "jielian/base/assert.h"
#include "jielian/base/file.h"
#include "jielian/base/path.h"
#include "jielian/sheet/import.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ROWS_MAX = 16, TEXT_BYTES = 8192, VALUES = 4 };

#define PUT(...) JL_ASSERT(jl_buf_printf(__VA_ARGS__) == JL_OK)

static void put_members(struct sim *sim, const struct sim_desk *at, struct jl_buf *out,
                        struct jl_err *err) {
    size_t rows = 2 + (size_t)sim_draw(sim, ROWS_MAX - 2);
    bool notes = sim_draw(sim, 2) == 0;
    PUT(out, err, "姓名,证件类别,证件号码,入会日期,会籍状态,所属工会,备注\n");
    for (size_t i = 0; i < rows; i++) {
        char values[VALUES][64];
        struct jl_assignment form[8];
        size_t count = 0;
        bool broken = sim_draw(sim, 12) == 0;
        if (!sim_member_form(sim, at, values, form, &count)) {
            return;
        }
        PUT(out, err, "%s,居民身份证,%s,%s,在籍,%s,%s\n", values[2], values[0],
            broken ? "某日" : "2020-01-02", values[1], notes ? values[3] : "");
    }
}

static void put_unions(struct sim *sim, struct jl_buf *out, struct jl_err *err) {
    size_t rows = 1 + (size_t)sim_draw(sim, ROWS_MAX / 2);
    PUT(out, err, "工会名称,组织类型,建会日期,状态,备注\n");
    for (size_t i = 0; i < rows; i++) {
        char name[SIM_UNION_NAME_BYTES];
        sim_union_name(sim, name);
        PUT(out, err, "%s,独立基层工会,2018-05-01,已建,第%zu步\n", name, sim->step);
    }
}

/* What it added is worked on later, as all that people make. */
static void remember_new(struct sim *sim, const struct sim_desk *at, size_t from) {
    if (!sim_oracle_note(sim)) {
        return;
    }
    for (size_t i = from; i < sim->oracle.op_count; i++) {
        const struct sim_op *op = &sim->oracle.ops[i];
        if (op->op.kind == JL_OP_CREATE && !jl_id_is_zero(&op->op.change_set)) {
            sim_remember(sim, at, op->op.type, &op->op.id, &op->op.change_set);
        }
    }
}

void sim_import(struct sim *sim, const struct sim_desk *at) {
    JL_AUTO(jl_buf) text = {0};
    char path[JL_PATH_MAX_BYTES];
    bool members = sim_draw(sim, 3) > 0;
    struct jl_import_options options = {.policy = (enum jl_import_policy)sim_draw(sim, 4)};
    struct jl_import_result result = {0};
    struct jl_err err = {0};
    size_t ops = sim->oracle.op_count;
    if (at->device == NULL) {
        return; /* records of these types are an office's */
    }
    if (members) {
        put_members(sim, at, &text, &err);
    } else {
        put_unions(sim, &text, &err);
    }
    world_at_none(&sim->world); /* the file lies on a disk of its own */
    JL_ASSERT(jl_path_join(sim->world.folder, "list.csv", path, sizeof path, &err) == JL_OK &&
              jl_file_write(path, jl_buf_bytes(&text), 0600, true, &err) == JL_OK);
    world_at_device(at->device);
    enum jl_rc rc = jl_import_run(at->desk, sim_type(at, members ? "member" : "union_org"), path,
                                  &options, &result, &err);
    sim_done(sim, at, SIM_IMPORT, rc, &err);
    sim_trace(sim,
              "  %" PRIu64 " rows: %" PRIu64 " added, %" PRIu64 " updated, %" PRIu64 " doubtful, "
              "%" PRIu64 " failed",
              result.rows, result.added, result.updated, result.doubtful, result.failed);
    if (rc == JL_OK && result.rows != result.added + result.updated + result.unchanged +
                                          result.doubtful + result.failed) {
        sim_fail(sim, "step %zu: the rows of an import do not add up", sim->step);
    }
    remember_new(sim, at, ops);
    jl_import_result_fini(&result);
}
