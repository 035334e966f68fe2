# Programs with a second cipher suite, in which they make new districts (suite/second.c).
add_library(jielian_second OBJECT suite/second.c)
target_link_libraries(jielian_second PRIVATE jielian_crypto PkgConfig::crypto jielian_flags)

add_executable(jielian-district-second ${PROJECT_SOURCE_DIR}/server/main.c $<TARGET_OBJECTS:jielian_second>)
target_link_libraries(jielian-district-second PRIVATE
    jielian_server_command PkgConfig::crypto jielian_flags)
add_executable(jielian-office-second ${PROJECT_SOURCE_DIR}/client/main.c $<TARGET_OBJECTS:jielian_second>)
target_link_libraries(jielian-office-second PRIVATE
    jielian_client_command PkgConfig::crypto jielian_flags)

# Everything that the simulator knows to be true holds in any suite.
add_executable(jielian-sim-second sim/machine/main.c $<TARGET_OBJECTS:jielian_second>)
target_link_libraries(jielian-sim-second PRIVATE jielian_sim PkgConfig::crypto jielian_flags)
add_test(NAME sim.second COMMAND jielian-sim-second --seeds 20 --steps 60 -j 2)
set_tests_properties(sim.second PROPERTIES PROCESSORS 2 TIMEOUT 900)
jielian_in_memory(sim.second)

add_executable(test_suite unit/crypto/test_suite.c $<TARGET_OBJECTS:jielian_second>)
target_link_libraries(test_suite PRIVATE jielian_crypto jielian_message PkgConfig::crypto PkgConfig::cmocka jielian_flags)
add_test(NAME unit.suite COMMAND test_suite)

# Whole stories of both programs in the second suite; and what programs and folders of two suites do
# to one another.
set(jielian_programs "JIELIAN_SAMPLE=$<TARGET_FILE:jielian-sample>;JIELIAN_CATALOGUE=${PROJECT_SOURCE_DIR}/catalogue/district.json")
foreach(module enrol cases restore rejoin)
    add_test(NAME e2e.second_${module}
        COMMAND ${JIELIAN_PYTHON} -B -m unittest test_${module}
        WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/e2e)
    set_tests_properties(e2e.second_${module} PROPERTIES
        LABELS "long;whole" TIMEOUT 900
        ENVIRONMENT "JIELIAN_OFFICE=$<TARGET_FILE:jielian-office-second>;JIELIAN_DISTRICT=$<TARGET_FILE:jielian-district-second>;${jielian_programs}")
endforeach()
# One of them in every run; the others with `scripts/test --all`.
set_tests_properties(e2e.second_enrol PROPERTIES LABELS long)
add_test(NAME e2e.suites
    COMMAND ${JIELIAN_PYTHON} -B -m unittest test_suites
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/e2e)
set_tests_properties(e2e.suites PROPERTIES
    TIMEOUT 300
    ENVIRONMENT "JIELIAN_OFFICE=$<TARGET_FILE:jielian-office>;JIELIAN_DISTRICT=$<TARGET_FILE:jielian-district>;JIELIAN_OFFICE_SECOND=$<TARGET_FILE:jielian-office-second>;JIELIAN_DISTRICT_SECOND=$<TARGET_FILE:jielian-district-second>;${jielian_programs}")
