/* The SQLite store joins the contract suite. */
#include "store_sqlite.h"

#include "tests/fault/faults.h"
#include "tests/said.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char store_path[256];

void clear_store(void *context) {
    struct jl_err err;
    (void)context;
    if (jl_store_remove(store_path, &err) != JL_OK) {
        (void)fprintf(stderr, "%s\n", err_said(&err));
        abort();
    }
}

static enum jl_rc open_store(void *context, const struct jl_store_options *options,
                             struct jl_store **out_store, struct jl_err *err) {
    (void)context;
    return jl_store_open(store_path, options, out_store, err);
}

int main(void) {
    if (!faults_install(true)) {
        (void)fputs("SQLite does not take the faults\n", stderr);
        return 1;
    }
    const char *base = getenv("TMPDIR");
    char folder[240]; /* leaves room for a file in it */
    (void)snprintf(folder, sizeof folder, "%.200s/jielian-contract-XXXXXX",
                   base == NULL ? "/tmp" : base);
    if (mkdtemp(folder) == NULL) {
        perror(folder);
        return 1;
    }
    (void)snprintf(store_path, sizeof store_path, "%s/books.db", folder);
    const struct store_opener opener = {.name = "sqlite", .open = open_store, .clear = clear_store};
    int failed = store_contract_run(&opener);
    struct case_list files = store_sqlite_file_cases();
    failed += _cmocka_run_group_tests("sqlite store: file", files.cases, files.count, NULL, NULL);
    struct case_list logs = store_sqlite_wal_cases();
    failed += _cmocka_run_group_tests("sqlite store: wal", logs.cases, logs.count, NULL, NULL);
    struct case_list faults = store_sqlite_fault_cases();
    failed +=
        _cmocka_run_group_tests("sqlite store: fault", faults.cases, faults.count, NULL, NULL);
    struct case_list migrations = store_sqlite_migrate_cases();
    failed += _cmocka_run_group_tests("sqlite store: migrate", migrations.cases, migrations.count,
                                      NULL, NULL);
    struct case_list broken = store_sqlite_migrate_fault_cases();
    failed += _cmocka_run_group_tests("sqlite store: migrate, fault", broken.cases, broken.count,
                                      NULL, NULL);
    (void)rmdir(folder);
    return failed == 0 ? 0 : 1;
}
