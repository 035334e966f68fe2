# Two hosts with a bad wire between them: network namespaces and TUN devices, so this needs root (or
# CAP_SYS_ADMIN and CAP_NET_ADMIN) and /dev/net/tun, and fails with a message where it has neither.
# The cases that take minutes run with scripts/net-faults only.
function(jielian_net_test name)
    list(TRANSFORM ARGN PREPEND test_faults.Faults.test_ OUTPUT_VARIABLE cases)
    add_test(NAME net.${name}
        COMMAND ${JIELIAN_PYTHON} -B -m unittest -v ${cases}
        WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/net)
    set_tests_properties(net.${name} PROPERTIES
        TIMEOUT 300
        LABELS long
        ENVIRONMENT "JIELIAN_OFFICE=$<TARGET_FILE:jielian-office>;JIELIAN_DISTRICT=$<TARGET_FILE:jielian-district>;JIELIAN_SAMPLE=$<TARGET_FILE:jielian-sample>;JIELIAN_CATALOGUE=${PROJECT_SOURCE_DIR}/catalogue/district.json")
endfunction()

jielian_net_test(faults hole_sync hole_join half_open_sync)
jielian_net_test(dead dead_sync)
