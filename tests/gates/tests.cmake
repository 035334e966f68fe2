# The link rules, on the archives of this very build.
find_program(JIELIAN_PYTHON python3 REQUIRED)
add_test(NAME gates.links
         COMMAND ${JIELIAN_PYTHON} ${PROJECT_SOURCE_DIR}/scripts/check-links ${PROJECT_BINARY_DIR})
# The table by which texts are compared is what its script writes.
add_test(NAME gates.fold_table
         COMMAND ${JIELIAN_PYTHON} ${PROJECT_SOURCE_DIR}/scripts/fold-table
                 --check ${PROJECT_SOURCE_DIR}/lib/base/fold_table.c)
