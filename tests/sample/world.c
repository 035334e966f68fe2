#include "world.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/file.h"

#include <stdio.h>
#include <string.h>

/* The offices of docs/domain.md section 4. Weights add up to 100. No two have all habits alike. */
const struct jl_office jl_sample_offices[JL_SAMPLE_OFFICES] = {
    {0, "BS", "北山街道总工会", "北山街道", 9, {.dates = JL_DATE_DASHES, .money = JL_MONEY_PLAIN}},
    {1, "XX", "西溪街道总工会", "西溪街道", 10, {.dates = JL_DATE_SLASHES, .no_mark = true}},
    {2,
     "LY",
     "灵隐街道总工会",
     "灵隐街道",
     6,
     {.dates = JL_DATE_DOTS, .money = JL_MONEY_YUAN, .title_rows = 3}},
    {3,
     "CY",
     "翠苑街道总工会",
     "翠苑街道",
     9,
     {.dates = JL_DATE_DIGITS, .money = JL_MONEY_GROUPED}},
    {4, "WX", "文新街道总工会", "文新街道", 9, {.dates = JL_DATE_WORDS, .money = JL_MONEY_WAN}},
    {5, "GD", "古荡街道总工会", "古荡街道", 10, {.dates = JL_DATE_DASHES, .money = JL_MONEY_PLAIN}},
    {6,
     "ZT",
     "转塘街道总工会",
     "转塘街道",
     11,
     {.dates = JL_DATE_SLASHES, .title_rows = 3, .notes = true, .numbered = true}},
    {7,
     "LX",
     "留下街道总工会",
     "留下街道",
     7,
     {.dates = JL_DATE_DASHES, .money = JL_MONEY_GROUPED, .title_rows = 4, .other_headers = true}},
    {8, "JC", "蒋村街道总工会", "蒋村街道", 10, {.dates = JL_DATE_SERIAL, .other_headers = true}},
    {9, "SD", "三墩镇总工会", "三墩镇", 12, {.dates = JL_DATE_SLASHES, .gb18030 = true}},
    {10,
     "SP",
     "双浦镇总工会",
     "双浦镇",
     4,
     {.dates = JL_DATE_DOTS, .gb18030 = true, .title_rows = 3, .notes = true}},
    {11, "YQ", "云栖小镇总工会", "云栖小镇", 3, {.dates = JL_DATE_DIGITS, .numbered = true}},
};

const struct jl_style jl_district_style = {.dates = JL_DATE_DASHES, .money = JL_MONEY_PLAIN};

uint64_t jl_world_scaled(const struct jl_world *world, uint64_t n) {
    return (n * world->scale_millionths + JL_SCALE_ONE / 2) / JL_SCALE_ONE;
}

size_t jl_world_quota(const struct jl_world *world, uint64_t n, uint64_t least) {
    uint32_t weights[JL_SAMPLE_OFFICES];
    uint64_t parts[JL_SAMPLE_OFFICES];
    for (size_t i = 0; i < JL_SAMPLE_OFFICES; i++) {
        weights[i] = jl_sample_offices[i].weight;
    }
    jl_share(jl_world_scaled(world, n), weights, JL_SAMPLE_OFFICES, least, parts);
    return (size_t)parts[world->office->index];
}

void jl_world_rng(const struct jl_world *world, uint64_t purpose, struct jl_rng *out_rng) {
    size_t office = world->office == NULL ? JL_SAMPLE_DISTRICT : world->office->index;
    jl_rng_init(out_rng, world->options->seed, office, purpose);
}

void *jl_world_alloc(struct jl_world *world, size_t count, size_t size, struct jl_err *err) {
    void *memory = jl_arena_zalloc(&world->arena, count > 0 ? count : 1, size);
    if (memory == NULL) {
        (void)jl_fault_at(err, JL_NOMEM, JL_FAULT_TEXT, "no memory for %zu things of %zu bytes",
                          count, size);
    }
    return memory;
}

const struct jl_member *jl_world_member(const struct jl_world *world, size_t index) {
    return &world->members[index % world->member_count];
}

void jl_world_open(const struct jl_world *world, struct jl_sheet *sheet, const char *table,
                   const struct jl_column *columns, size_t column_count) {
    const struct jl_office *office = world->office;
    jl_sheet_open(sheet, office == NULL ? &jl_district_style : &office->style,
                  office == NULL ? "" : office->name, table, columns, column_count);
}

static void add_count(struct jl_world *world, const char *type, size_t owner, uint64_t rows) {
    size_t i = 0;
    while (i < world->count_types && strcmp(world->counts[i].type, type) != 0) {
        i++;
    }
    if (i == world->count_types) {
        JL_ASSERT(i < JL_COUNTS_MAX);
        world->counts[i].type = type;
        world->count_types++;
    }
    world->counts[i].by_owner[owner] += rows;
}

enum jl_rc jl_world_close(struct jl_world *world, struct jl_sheet *sheet, int number,
                          const char *type, struct jl_err *err) {
    char path[4096];
    const struct jl_office *office = world->office;
    int size = snprintf(path, sizeof path, "%s/%s/%02d_%s.csv", world->options->out,
                        office == NULL ? "district" : office->code, number, type);
    if (size < 0 || (size_t)size >= sizeof path) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_TEXT, "%s: the name of the folder is too long",
                           world->options->out);
    }
    add_count(world, type, office == NULL ? JL_SAMPLE_DISTRICT : office->index, sheet->rows);
    return jl_sheet_close(sheet, path, err);
}
