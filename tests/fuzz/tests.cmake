# One program per decoder of bytes that come from the network, a file or a person: fuzz_NAME.c holds
# LLVMFuzzerTestOneInput, corpus/NAME inputs that once mattered (found-…: what a hunt added), NAME.dict
# words for the mutator. Every build replays the corpus as a plain test, whole and cut in half.
# scripts/fuzz hunts for new inputs. To keep what a hunt found, put the file into the corpus; to see
# which of many files add anything: hunt_NAME -merge=1 tests/fuzz/corpus/NAME FOLDER.
option(JIELIAN_FUZZ "Build the libFuzzer programs too (clang)" OFF)

function(jielian_fuzz name)
    add_executable(fuzz_${name} fuzz/fuzz_${name}.c fuzz/replay.c)
    target_link_libraries(fuzz_${name} PRIVATE ${ARGN} jielian_message jielian_flags)
    target_compile_definitions(fuzz_${name} PRIVATE JIELIAN_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    add_test(NAME fuzz.${name}
             COMMAND fuzz_${name} ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${name})
    if(JIELIAN_FUZZ)
        add_executable(hunt_${name} fuzz/fuzz_${name}.c)
        target_link_libraries(hunt_${name} PRIVATE ${ARGN} jielian_message jielian_flags)
        target_compile_definitions(hunt_${name} PRIVATE JIELIAN_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
        target_link_options(hunt_${name} PRIVATE -fsanitize=fuzzer)
    endif()
endfunction()

jielian_fuzz(envelope jielian_proto)
jielian_fuzz(op jielian_proto)
jielian_fuzz(row jielian_proto)
jielian_fuzz(batch jielian_server_books)
jielian_fuzz(page jielian_sync)
jielian_fuzz(proof jielian_sync)
jielian_fuzz(invitation jielian_crypto)
jielian_fuzz(catalogue jielian_catalogue)
jielian_fuzz(csv jielian_sheet)
jielian_fuzz(sheet jielian_sheet)
jielian_fuzz(value jielian_record)
jielian_fuzz(fold jielian_base)
jielian_fuzz(said jielian_message)
jielian_fuzz(settings jielian_server_serve)
jielian_fuzz(admissions jielian_server_books "-Wl,--wrap=jl_sealer_tag")
jielian_fuzz(keys jielian_crypto "-Wl,--wrap=jl_passphrase_key")
jielian_fuzz(district jielian_world PkgConfig::jansson)
jielian_fuzz(office jielian_world "-Wl,--wrap=jl_office_commit")
