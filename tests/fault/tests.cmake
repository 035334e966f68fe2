# Faults on the real books, in one process.
add_executable(fault_beside fault/test_beside.c)
target_link_libraries(fault_beside PRIVATE jielian_world PkgConfig::cmocka jielian_flags)
target_compile_definitions(fault_beside PRIVATE
    JL_TEST_CATALOGUE="${PROJECT_SOURCE_DIR}/catalogue/district.json")
add_test(NAME fault.beside COMMAND fault_beside)

# Faults on the real programs. A script, not a unittest module: it prints its table.
add_test(NAME fault.kill
    COMMAND ${JIELIAN_PYTHON} -B ${CMAKE_CURRENT_SOURCE_DIR}/fault/kill_rounds.py --rounds 13)
set_tests_properties(fault.kill PROPERTIES
    TIMEOUT 300
    ENVIRONMENT "JIELIAN_OFFICE=$<TARGET_FILE:jielian-office>;JIELIAN_DISTRICT=$<TARGET_FILE:jielian-district>;JIELIAN_CATALOGUE=${PROJECT_SOURCE_DIR}/catalogue/district.json")
