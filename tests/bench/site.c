#include "site.h"

#include "jielian/base/file.h"
#include "jielian/sheet/csv.h"

#include "tests/sample/sample.h"
#include "tests/sample/world.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)SITE_OFFICES == (int)JL_SAMPLE_OFFICES, "the sample's offices");

static const struct {
    const char *type;
    const char *file;
} tables[SITE_TABLES] = {
    [SITE_UNIONS_ABOVE] = {"union_org", "00_union_org.csv"},
    [SITE_UNIONS] = {"union_org", "01_union_org.csv"},
    [SITE_UNITS] = {"unit", "02_unit.csv"},
    [SITE_MEMBERS] = {"member", "03_member.csv"},
};

const char *site_office_code(size_t office) {
    return jl_sample_offices[office].code;
}

/* ---- Files ---- */

static void write_sample(struct bench *bench, const char *folder) {
    double millionths = fmax(bench->scale * JL_SCALE_ONE, JL_SCALE_MIN);
    struct jl_sample_options options = {
        .out = folder, .seed = 1, .scale_millionths = (uint64_t)llround(millionths)};
    struct jl_sample_summary summary;
    double start = bench_now();
    BENCH_MUST(jl_sample_write(&options, &summary, &err));
    bench_say("sample: %llu records in %.1f s", (unsigned long long)summary.records,
              bench_now() - start);
}

void site_sample_file(struct bench *bench, size_t office, enum site_table table,
                      char out_path[static BENCH_PATH_BYTES]) {
    char folder[BENCH_PATH_BYTES];
    char name[64];
    bench_path(bench->folder, "sample", folder);
    if (!jl_file_exists(folder)) {
        write_sample(bench, folder);
    }
    (void)snprintf(name, sizeof name, "%s/%s", site_office_code(office), tables[table].file);
    bench_path(folder, name, out_path);
}

/* Title rows, running numbers and notes differ from office to office; the columns do not. */
static size_t append_rows(const char *path, const struct jl_style *style, bool with_header,
                          size_t limit, struct jl_buf *out) {
    JL_AUTO_PTR(jl_csv) csv = NULL;
    struct jl_csv_row row;
    struct jl_err end;
    size_t rows = 0;
    BENCH_MUST(jl_csv_open(path, &csv, &err));
    for (unsigned line = 0; rows < limit && jl_csv_next(csv, &row, &end) == JL_OK; line++) {
        size_t filled = 0;
        bool header = line == style->title_rows;
        for (size_t i = 0; i < row.cell_count; i++) {
            filled += row.cells[i].size > 0;
        }
        if (line < style->title_rows || filled <= 1 || (header && !with_header)) {
            continue;
        }
        size_t first = style->numbered ? 1 : 0;
        for (size_t i = first; i < row.cell_count; i++) {
            BENCH_MUST(jl_csv_put_cell(out, i == first, row.cells[i], &err));
        }
        BENCH_MUST(jl_csv_end_row(out, &err));
        rows += !header;
    }
    return rows;
}

void site_joined_file(struct bench *bench, enum site_table table, size_t limit,
                      char out_path[static BENCH_PATH_BYTES]) {
    JL_AUTO(jl_buf) text = {0};
    char path[BENCH_PATH_BYTES];
    size_t left = limit == 0 ? SIZE_MAX : limit;
    BENCH_MUST(jl_csv_put_mark(&text, &err));
    for (size_t i = 0; i < bench->offices && left > 0; i++) {
        site_sample_file(bench, i, table, path);
        left -= append_rows(path, &jl_sample_offices[i].style, i == 0, left, &text);
    }
    bench_path(bench->folder, tables[table].file, out_path);
    BENCH_MUST(jl_file_write(out_path, jl_buf_bytes(&text), 0600, true, &err));
}

/* ---- District and offices ---- */

void site_data(const struct bench_site *site, const char *name,
               char out_folder[static BENCH_PATH_BYTES]) {
    bench_path(site->folder, name, out_folder);
}

void site_init(struct bench *bench, struct bench_site *site, const char *name, size_t offices) {
    bench_path(bench->folder, name, site->folder);
    BENCH_MUST(jl_file_make_folder(site->folder, &err));
    site_data(site, "district", site->district);
    PROCESS_MUST(bench, NULL, "jielian-district", "init", "--data", site->district);
    for (size_t i = 0; i < offices; i++) {
        PROCESS_MUST(bench, NULL, "jielian-district", "office", "add", site_office_code(i),
                     jl_sample_offices[i].name, "--data", site->district);
    }
}

void site_join(struct bench *bench, struct bench_site *site, size_t office, const char *folder,
               struct process_result *out_result) {
    char invitation[BENCH_PATH_BYTES];
    char name[64];
    (void)snprintf(name, sizeof name, "%u.invite", ++site->invitations);
    bench_path(site->folder, name, invitation);
    PROCESS_MUST(bench, NULL, "jielian-district", "invite", site_office_code(office), "--endpoint",
                 site->serving.endpoint, "--out", invitation, "--data", site->district);
    PROCESS_MUST(bench, out_result, "jielian-office", "join", invitation, "--data", folder);
}

static uint64_t number_in(const json_t *object, const char *key) {
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

void site_import(const struct bench *bench, const char *folder, enum site_table table,
                 const char *path, struct site_import *out_import) {
    struct process process;
    process_start(bench, &process, "jielian-office",
                  (const char *const[]){"import", tables[table].type, path, "--json", "--data",
                                        folder, NULL});
    process_wait(&process, &out_import->process);
    char *text = process_output(&process);
    json_t *answer = json_loads(text, JSON_DISABLE_EOF_CHECK, NULL);
    if (answer == NULL) {
        process_fail(&process, out_import->process.exit_code);
    }
    out_import->rows = number_in(answer, "rows");
    out_import->added = number_in(answer, "added");
    json_decref(answer);
    free(text);
}

void site_import_all(const struct bench *bench, const char *folder, enum site_table table,
                     const char *path, struct site_import *out_import) {
    site_import(bench, folder, table, path, out_import);
    if (out_import->rows == 0 || out_import->added != out_import->rows) {
        bench_fail("%s: %llu of %llu rows were added", path, (unsigned long long)out_import->added,
                   (unsigned long long)out_import->rows);
    }
}

void site_sync(const struct bench *bench, const char *folder, struct process_result *out_result) {
    PROCESS_MUST(bench, out_result, "jielian-office", "sync", "--data", folder);
}

/* ---- The twelve ---- */

static void fill_office(struct bench *bench, struct bench_site *site, size_t office) {
    char folder[BENCH_PATH_BYTES];
    char path[BENCH_PATH_BYTES];
    struct site_import import;
    site_data(site, site_office_code(office), folder);
    site_join(bench, site, office, folder, NULL);
    for (int table = 0; table < SITE_MEMBERS; table++) {
        site_sample_file(bench, office, (enum site_table)table, path);
        site_import(bench, folder, (enum site_table)table, path, &import);
    }
    site_sync(bench, folder, NULL);
    site_sample_file(bench, office, SITE_MEMBERS, path);
    site_import(bench, folder, SITE_MEMBERS, path, &import);
    site->members[office] = import.added;
    if (import.added > site->members[site->largest]) {
        site->largest = office;
    }
}

struct bench_site *site_twelve(struct bench *bench) {
    if (bench->twelve != NULL) {
        return bench->twelve;
    }
    struct bench_site *site = bench_alloc(1, sizeof *site);
    double start = bench_now();
    site_init(bench, site, "twelve", bench->offices);
    serving_start(bench, site->district, &site->serving);
    for (size_t i = 0; i < bench->offices; i++) {
        fill_office(bench, site, i);
    }
    bench_say("%zu offices joined and filled in %.1f s", bench->offices, bench_now() - start);
    bench->twelve = site;
    return site;
}

struct bench_site *site_twelve_uploaded(struct bench *bench) {
    struct bench_site *site = site_twelve(bench);
    char folder[BENCH_PATH_BYTES];
    for (size_t i = 0; i < bench->offices && !site->uploaded; i++) {
        site_data(site, site_office_code(i), folder);
        site_sync(bench, folder, NULL);
    }
    site->uploaded = true;
    return site;
}
