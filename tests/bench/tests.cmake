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
    jielian_sample jielian_server jielian_client jielian_common
    PkgConfig::sqlite PkgConfig::jansson m jielian_flags)
# At this scale the figures mean nothing; every case must only run to its end (exit code 0 or 3).
add_test(NAME bench COMMAND jielian-bench --office $<TARGET_FILE:jielian-office>
    --district $<TARGET_FILE:jielian-district> --scale 0.02 --check)
set_tests_properties(bench PROPERTIES LABELS bench TIMEOUT 120)
