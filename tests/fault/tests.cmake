# Between SQLite and the system; also used by the store's contract and the simulated world.
add_library(jielian_faults STATIC fault/faults.c)
target_link_libraries(jielian_faults PUBLIC jielian_base PkgConfig::sqlite PRIVATE jielian_flags)

# Faults on the real books, in one process.
add_library(jielian_next_catalogue STATIC fault/next_catalogue.c)
target_link_libraries(jielian_next_catalogue PUBLIC jielian_world PRIVATE jielian_flags)
target_compile_definitions(jielian_next_catalogue PRIVATE
    JL_TEST_CATALOGUE="${PROJECT_SOURCE_DIR}/catalogue/district.json")
add_executable(fault_beside fault/test_beside.c)
target_link_libraries(fault_beside PRIVATE jielian_next_catalogue PkgConfig::cmocka jielian_flags)
add_test(NAME fault.beside COMMAND fault_beside)

# Faults on the real programs. A script, not a unittest module: it prints its table.
add_test(NAME fault.kill
    COMMAND ${JIELIAN_PYTHON} -B ${CMAKE_CURRENT_SOURCE_DIR}/fault/kill_rounds.py --rounds 13)
set_tests_properties(fault.kill PROPERTIES
    TIMEOUT 300
    ENVIRONMENT "JIELIAN_OFFICE=$<TARGET_FILE:jielian-office>;JIELIAN_DISTRICT=$<TARGET_FILE:jielian-district>;JIELIAN_CATALOGUE=${PROJECT_SOURCE_DIR}/catalogue/district.json")

# Every fsync of a sync cycle fails, one in 17 of its writes, one in 31 of the ways to an
# allocation (a third of that under a sanitizer), each in one of the three series; all of them by
# hand, without the options.
add_executable(jielian-fault-cycle fault/fault_cycle.c fault/cycle.c fault/heap.c fault/sites.c)
target_link_libraries(jielian-fault-cycle PRIVATE
    jielian_next_catalogue jielian_faults jielian_flags)
target_link_options(jielian-fault-cycle PRIVATE
    -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free,--wrap=strdup,--wrap=strndup)
set(jielian_fault_strides --write-stride 17 --malloc-stride 31)
if(JIELIAN_SANITIZE)
    set(jielian_fault_strides --write-stride 53 --malloc-stride 97)
endif()
add_test(NAME fault.cycle COMMAND jielian-fault-cycle --turns --malloc-sites
    ${jielian_fault_strides})
set_tests_properties(fault.cycle PROPERTIES TIMEOUT 600 COST 100)
if(EXISTS /dev/shm)
    set_tests_properties(fault.beside fault.cycle PROPERTIES ENVIRONMENT TMPDIR=/dev/shm)
endif()
