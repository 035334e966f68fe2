# The sample district: a library for tests and benchmarks, and a program.
add_library(jielian_sample STATIC
    sample/activities.c
    sample/benefits.c
    sample/care.c
    sample/district.c
    sample/expect.c
    sample/members.c
    sample/money.c
    sample/officers.c
    sample/orgs.c
    sample/people.c
    sample/rights.c
    sample/rng.c
    sample/sample.c
    sample/sheet.c
    sample/words.c
    sample/world.c)
target_link_libraries(jielian_sample
    PUBLIC jielian_sheet jielian_base
    PRIVATE ICU::uc jielian_flags)

add_executable(jielian-sample sample/main.c)
target_link_libraries(jielian-sample PRIVATE jielian_sample jielian_flags)

add_executable(test_sample sample/test_sample.c)
target_link_libraries(test_sample PRIVATE
    jielian_sample jielian_sheet jielian_record jielian_catalogue jielian_base
    PkgConfig::cmocka jielian_flags)
target_compile_definitions(test_sample PRIVATE JIELIAN_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
add_test(NAME sample COMMAND test_sample)
