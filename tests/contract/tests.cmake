# One suite over every store: a program per store, which brings an opener and its own file tests.
add_library(store_contract STATIC
    contract/store_device_cases.c
    contract/store_feed_cases.c
    contract/store_fixture.c
    contract/store_held_cases.c
    contract/store_journal_cases.c
    contract/store_measure_cases.c
    contract/store_outbox_cases.c
    contract/store_record_cases.c
    contract/store_scan_cases.c
    contract/store_table_cases.c
    contract/store_tx_cases.c
    contract/store_word_cases.c)
target_link_libraries(store_contract PUBLIC jielian_message PkgConfig::cmocka PRIVATE jielian_flags)

add_executable(contract_store contract/store_older.c contract/store_sqlite.c contract/store_sqlite_fault.c
    contract/store_sqlite_file.c contract/store_sqlite_migrate.c
    contract/store_sqlite_migrate_fault.c contract/store_sqlite_wal.c)
target_link_libraries(contract_store PRIVATE store_contract jielian_faults jielian_store_sqlite PkgConfig::sqlite
    jielian_flags)
add_test(NAME contract.store COMMAND contract_store)
if(EXISTS /dev/shm) # every fsync in turn fails: with real ones behind it, that takes minutes
    set_tests_properties(contract.store PROPERTIES ENVIRONMENT TMPDIR=/dev/shm)
endif()
set_tests_properties(contract.store PROPERTIES TIMEOUT 900 COST 100)
