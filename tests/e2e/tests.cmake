# Real processes, real CURVE, loopback only: tests/e2e/jielian.py starts and ends them.
# A wall clock that is off: its own clock_gettime() only, so no warnings of ours and no sanitizer in it.
add_library(jielian_other_clock MODULE e2e/other_clock.c)
target_compile_definitions(jielian_other_clock PRIVATE _GNU_SOURCE) # syscall()
target_compile_options(jielian_other_clock PRIVATE -fno-sanitize=all)
target_link_options(jielian_other_clock PRIVATE -fno-sanitize=all)
function(jielian_e2e_test name)
    add_test(NAME e2e.${name}
        COMMAND ${JIELIAN_PYTHON} -B -m unittest test_${name}
        WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/e2e)
    set_tests_properties(e2e.${name} PROPERTIES
        TIMEOUT 300
        ENVIRONMENT "JIELIAN_OFFICE=$<TARGET_FILE:jielian-office>;JIELIAN_DISTRICT=$<TARGET_FILE:jielian-district>;JIELIAN_SAMPLE=$<TARGET_FILE:jielian-sample>;JIELIAN_OFFICE_NEXT=$<TARGET_FILE:jielian-office-next>;JIELIAN_DISTRICT_NEXT=$<TARGET_FILE:jielian-district-next>;JIELIAN_CATALOGUE=${PROJECT_SOURCE_DIR}/catalogue/district.json;JIELIAN_OTHER_CLOCK=$<TARGET_FILE:jielian_other_clock>")
endfunction()

# The system's Python, whatever else is first in PATH: the tests need its standard library only.
find_program(JIELIAN_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)

foreach(module
        enrol admission rejoin verdicts cases merge revoke catalogue newer ordinary import undo recovery
        restore damage run sample clock hostile transport past may transfer insider siege rebuild pages
        folders keys states proof wal endpoints history)
    jielian_e2e_test(${module})
endforeach()
# What takes long under a sanitizer: `scripts/test --all` has patience.
foreach(module
        admission rejoin newer states recovery pages siege clock cases revoke rebuild run verdicts
        transfer keys catalogue merge wal transport insider folders history endpoints)
    set_tests_properties(e2e.${module} PROPERTIES LABELS long TIMEOUT 900)
endforeach()
# In a fresh clone nobody knows what takes long: the longest first, so that they do not stand alone at the end.
foreach(module admission rejoin pages siege history recovery folders verdicts cases newer merge states)
    set_tests_properties(e2e.${module} PROPERTIES COST 100)
endforeach()
# Stored folders remember their district's port. Each of four is migrated in a dozen tests.
set_tests_properties(e2e.folders PROPERTIES RESOURCE_LOCK stored_ports TIMEOUT 900)
set_tests_properties(e2e.siege PROPERTIES PROCESSORS 2)
