# scripts/check-pairs is shown trees that break each rule; then this very build.
find_program(JIELIAN_PYTHON python3 REQUIRED)
add_test(NAME pairs.rules
         COMMAND ${JIELIAN_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/pairs/test_pairs.py
                 ${PROJECT_SOURCE_DIR}/scripts/check-pairs ${CMAKE_C_COMPILER})
add_test(NAME gates.pairs
         COMMAND ${JIELIAN_PYTHON} ${PROJECT_SOURCE_DIR}/scripts/check-pairs ${PROJECT_BINARY_DIR})
