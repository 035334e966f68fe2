/* What only a store in a file can be asked: foreign, cut and damaged files, full disks, crashes. */
#ifndef JIELIAN_STORE_SQLITE_H
#define JIELIAN_STORE_SQLITE_H

#include "store_contract.h"

/* The file under test; in a folder of its own that ends with the program. */
extern char store_path[256];
void clear_store(void *context); /* removes the file and what SQLite keeps beside it */
struct case_list store_sqlite_file_cases(void);
struct case_list store_sqlite_wal_cases(void);
struct case_list store_sqlite_fault_cases(void);
struct case_list store_sqlite_migrate_cases(void);
struct case_list store_sqlite_migrate_fault_cases(void);

#endif
