# A district and offices in one process over the real books: the world that tests and the simulator
# share.
add_library(jielian_world STATIC
    sim/world/world.c sim/world/world_serve.c sim/world/world_drive.c sim/world/world_device.c sim/world/world_enrol.c sim/world/world_keys.c
    sim/world/world_record.c
    sim/world/world_disk.c sim/world/world_work.c)
target_link_libraries(jielian_world PUBLIC jielian_server_serve
    jielian_client_books
    PRIVATE jielian_faults jielian_flags)
target_compile_definitions(jielian_world PRIVATE
    JL_TEST_CATALOGUE="${PROJECT_SOURCE_DIR}/catalogue/district.json")

# What is simulated is the loss of memory, not of the disk: no need to wait for a real one.
function(jielian_in_memory name)
    if(EXISTS /dev/shm)
        set_tests_properties(${name} PROPERTIES ENVIRONMENT TMPDIR=/dev/shm)
    endif()
endfunction()

function(jielian_sim_test name)
    add_executable(sim_${name} sim/world/test_${name}.c)
    target_link_libraries(sim_${name} PRIVATE jielian_world PkgConfig::cmocka jielian_flags)
    add_test(NAME sim.${name} COMMAND sim_${name})
    jielian_in_memory(sim.${name})
endfunction()
jielian_sim_test(verdicts)
jielian_sim_test(cost)
jielian_sim_test(slice)
jielian_sim_test(recovery)
jielian_sim_test(moves)
jielian_sim_test(quarantine)
jielian_sim_test(quarantine_twice)
jielian_sim_test(merge_late)
jielian_sim_test(merge)
jielian_sim_test(merge_own)
jielian_sim_test(pairs)
jielian_sim_test(folded)
jielian_sim_test(undo)
jielian_sim_test(found)
jielian_sim_test(repair)
jielian_sim_test(held)
jielian_sim_test(held_again)
jielian_sim_test(rules)
jielian_sim_test(may)
jielian_sim_test(may_own)
jielian_sim_test(ask)
jielian_sim_test(retention)
jielian_sim_test(clocks)
jielian_sim_test(expected)
jielian_sim_test(lines)
jielian_sim_test(states)
target_compile_definitions(sim_merge PRIVATE
    JL_TEST_CATALOGUE="${PROJECT_SOURCE_DIR}/catalogue/district.json")

add_library(jielian_sim STATIC
    sim/machine/sim_run.c sim/machine/sim_staff.c sim/machine/sim_batch.c sim/machine/sim_district.c sim/machine/sim_held.c sim/machine/sim_frame.c
    sim/machine/sim_machine.c sim/machine/sim_natural.c sim/machine/sim_sheet.c sim/machine/sim_own.c sim/machine/sim_owner.c sim/machine/sim_office.c sim/machine/sim_restore.c sim/machine/sim_admitted.c sim/machine/sim_rogue.c sim/machine/sim_rogue_op.c sim/machine/sim_sight.c sim/machine/sim_cost.c sim/machine/sim_beside.c sim/machine/sim_oracle.c sim/machine/sim_settle.c sim/machine/sim_check.c sim/machine/sim_value.c sim/machine/sim_effect.c sim/machine/sim_keep.c
    sim/machine/sim_agree.c sim/machine/sim_damage.c sim/machine/sim_random.c sim/machine/sim.c sim/machine/apart.c sim/machine/shrink.c)
target_link_libraries(jielian_sim PUBLIC jielian_world jielian_sheet PRIVATE jielian_flags)

add_executable(jielian-sim sim/machine/main.c)
target_link_libraries(jielian-sim PRIVATE jielian_sim jielian_flags)
# Many short runs, where the build is optimised: some minutes of two processors. Elsewhere each costs
# three to ten times as much, and fewer are enough. A seed that fails is run again by the line that it
# prints.
set(jielian_sim_seeds 600)
if(JIELIAN_SANITIZE OR CMAKE_BUILD_TYPE STREQUAL Debug)
    set(jielian_sim_seeds 60)
endif()
add_test(NAME sim.seeds COMMAND jielian-sim --seeds ${jielian_sim_seeds} --steps 60 -j 2)
set_tests_properties(sim.seeds PROPERTIES PROCESSORS 2 TIMEOUT 1500)
jielian_in_memory(sim.seeds)
# A few long ones: what needs a history of its own.
add_test(NAME sim.long COMMAND jielian-sim --first 100001 --seeds 4 --steps 1500 -j 2)
set_tests_properties(sim.long PROPERTIES PROCESSORS 2 TIMEOUT 600)
jielian_in_memory(sim.long)
# With the rogue in each: that it does everything that it is there for, and that all holds.
add_test(NAME sim.rogue COMMAND jielian-sim --first 1 --seeds 16 --steps 100 -j 2 --rogue)
set(jielian_counted " [a-z_]+ [1-9][0-9]*")
set_tests_properties(sim.rogue PROPERTIES PROCESSORS 2 TIMEOUT 600 PASS_REGULAR_EXPRESSION
    "rogue:(${jielian_counted})+. by built-in type:( [1-9][0-9]*)+\nbeside it: [1-9].* passed, 0 failed")
jielian_in_memory(sim.rogue)
# Whether mistakes are found is a question to the simulator, not to a sanitizer, and asked where the
# build is optimised.
if(NOT JIELIAN_SANITIZE)
    include(${CMAKE_CURRENT_LIST_DIR}/planted/planted.cmake)
endif()
