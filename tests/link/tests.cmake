# scripts/check-links is shown archives that break each rule, and must name every one; on the
# archives of this build it is run by gates.links.
find_program(JIELIAN_PYTHON python3 REQUIRED)
add_test(NAME link.rules
         COMMAND ${JIELIAN_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/link/test_links.py
                 ${PROJECT_SOURCE_DIR}/scripts/check-links ${CMAKE_C_COMPILER} ${CMAKE_AR})
