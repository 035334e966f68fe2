# One program per decoder: tests/fuzz/fuzz_NAME.c holds LLVMFuzzerTestOneInput, corpus/NAME inputs that
# once mattered. Every build replays the corpus as a plain test. To hunt for new inputs:
#
#   cmake -B build/fuzz -G Ninja -DCMAKE_C_COMPILER=clang -DJIELIAN_FUZZ=ON \
#         -DJIELIAN_SANITIZE=address,undefined,fuzzer-no-link
#   build/fuzz/tests/hunt_NAME -max_len=4096 /tmp/found tests/fuzz/corpus/NAME
option(JIELIAN_FUZZ "Build the libFuzzer programs too (clang)" OFF)

function(jielian_fuzz name)
    add_executable(fuzz_${name} fuzz/fuzz_${name}.c fuzz/replay.c)
    target_link_libraries(fuzz_${name} PRIVATE ${ARGN} jielian_flags)
    target_compile_definitions(fuzz_${name} PRIVATE JIELIAN_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    add_test(NAME fuzz.${name}
             COMMAND fuzz_${name} ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${name})
    if(JIELIAN_FUZZ)
        add_executable(hunt_${name} fuzz/fuzz_${name}.c)
        target_link_libraries(hunt_${name} PRIVATE ${ARGN} jielian_flags)
        target_compile_definitions(hunt_${name} PRIVATE JIELIAN_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
        target_link_options(hunt_${name} PRIVATE -fsanitize=fuzzer)
    endif()
endfunction()

jielian_fuzz(envelope jielian_proto)
jielian_fuzz(op jielian_proto)
jielian_fuzz(row jielian_proto)
jielian_fuzz(batch jielian_server)
jielian_fuzz(page jielian_sync)
jielian_fuzz(proof jielian_sync)
jielian_fuzz(invitation jielian_common)
jielian_fuzz(catalogue jielian_catalogue)
jielian_fuzz(csv jielian_common)
jielian_fuzz(sheet jielian_common)
jielian_fuzz(value jielian_record)
jielian_fuzz(settings jielian_server)
jielian_fuzz(keys jielian_common "-Wl,--wrap=jl_scrypt")
jielian_fuzz(district jielian_world PkgConfig::jansson)
jielian_fuzz(office jielian_world "-Wl,--wrap=jl_office_commit")
