/* A district and offices on disk, made with the programs' own commands.
 *
 *   FOLDER/sample/GD/03_member.csv …   the sample district's files (tests/sample)
 *   FOLDER/NAME/district, NAME/GD …    data folders
 *
 * Thread: the main thread. */
#ifndef JIELIAN_TESTS_BENCH_SITE_H
#define JIELIAN_TESTS_BENCH_SITE_H

#include "process.h"

enum { SITE_OFFICES = 12 };

struct bench_site {
    char folder[BENCH_PATH_BYTES];
    char district[BENCH_PATH_BYTES];
    struct serving serving;
    unsigned invitations;
    uint64_t members[SITE_OFFICES]; /* imported per office */
    size_t largest;                 /* the office with the most */
    bool uploaded;
};

struct site_import {
    uint64_t rows, added;
    struct process_result process;
};

/* Tables of the sample that the benchmark uses, in the order of import. */
enum site_table { SITE_UNIONS_ABOVE, SITE_UNIONS, SITE_UNITS, SITE_MEMBERS, SITE_TABLES };

const char *site_office_code(size_t office);
/* The sample's file of an office; the sample is written when first asked for. */
void site_sample_file(struct bench *bench, size_t office, enum site_table table,
                      char out_path[static BENCH_PATH_BYTES]);
/* The same table of all offices as one file in one layout; limit: rows at most, 0: all. */
void site_joined_file(struct bench *bench, enum site_table table, size_t limit,
                      char out_path[static BENCH_PATH_BYTES]);

/* A district of `offices` offices, not serving yet. */
void site_init(struct bench *bench, struct bench_site *site, const char *name, size_t offices);
void site_data(const struct bench_site *site, const char *name,
               char out_folder[static BENCH_PATH_BYTES]);
/* Enrol a device of an office in a new folder and download; the district serves. */
void site_join(struct bench *bench, struct bench_site *site, size_t office, const char *folder,
               struct process_result *out_result);
void site_import(const struct bench *bench, const char *folder, enum site_table table,
                 const char *path, struct site_import *out_import);
/* All rows must be added. */
void site_import_all(const struct bench *bench, const char *folder, enum site_table table,
                     const char *path, struct site_import *out_import);
void site_sync(const struct bench *bench, const char *folder, struct process_result *out_result);

/* The district with twelve joined offices, whose unions and units are there already and whose
 * members are imported and unsent. Serving. Made when first asked for. */
struct bench_site *site_twelve(struct bench *bench);
/* The same with everything uploaded: what bench_upload leaves. */
struct bench_site *site_twelve_uploaded(struct bench *bench);

#endif
