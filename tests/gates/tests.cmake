# The link rules, on the archives of this very build.
find_program(JIELIAN_PYTHON python3 REQUIRED)
add_test(NAME gates.links
         COMMAND ${JIELIAN_PYTHON} ${PROJECT_SOURCE_DIR}/scripts/check-links ${PROJECT_BINARY_DIR})
