# The benchmark (scripts/bench), and a quick check that it still runs.
add_executable(jielian-bench
    bench/bench.c
    bench/case_crowd.c
    bench/case_import.c
    bench/case_messages.c
    bench/case_sync.c
    bench/case_visible.c
    bench/crowd.c
    bench/crowd_ops.c
    bench/machine.c
    bench/main.c
    bench/office_pen.c
    bench/plain.c
    bench/process.c
    bench/report.c
    bench/serving.c
    bench/site.c)
target_link_libraries(jielian-bench PRIVATE
    jielian_sample jielian_server_serve jielian_client_engine jielian_sheet
    PkgConfig::sqlite PkgConfig::jansson m jielian_flags)
# At this scale the times mean nothing, and `memory` goes the way of `import`: the others must run to
# their end, and bytes on the wire must be as few as at full scale.
add_test(NAME bench COMMAND jielian-bench --office $<TARGET_FILE:jielian-office>
    --district $<TARGET_FILE:jielian-district> --scale 0.02 --check
    --only import --only upload --only bootstrap --only messages --only repair --only visible
    --only crowd --only growth)
set_tests_properties(bench PROPERTIES LABELS bench TIMEOUT 120
    ENVIRONMENT JIELIAN_CATALOGUE=${PROJECT_SOURCE_DIR}/catalogue/district.json)
if(JIELIAN_SANITIZE)
    set_tests_properties(bench PROPERTIES TIMEOUT 600)
endif()
