# Faults on the real programs and their books. Scripts, not unittest modules: they print their table.
add_test(NAME fault.kill
    COMMAND ${JIELIAN_PYTHON} -B ${CMAKE_CURRENT_SOURCE_DIR}/fault/kill_rounds.py --rounds 13)
set_tests_properties(fault.kill PROPERTIES
    TIMEOUT 300
    ENVIRONMENT "JIELIAN_OFFICE=$<TARGET_FILE:jielian-office>;JIELIAN_DISTRICT=$<TARGET_FILE:jielian-district>;JIELIAN_CATALOGUE=${PROJECT_SOURCE_DIR}/catalogue/district.json")
