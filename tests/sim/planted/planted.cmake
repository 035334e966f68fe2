# The simulator with one planted mistake at a time (sim/planted/planted.c), to see that it finds each.
set(planted_calls
    jl_apply_batch jl_redelivered_find jl_case_put jl_merge jl_signer_verify jl_push_judge jl_books_seal
    jl_district_commit jl_district_begin jl_district_rollback jl_district_close jl_backup_write
    jl_verify_replay jl_store_meta_put jl_feeds_put jl_feeds_page jl_office_recount
    jl_outbox_confirm jl_take_page jl_session_step jl_office_take_epoch
    jl_office_outbox_chain_is jl_repair_ask jl_quarantined_put jl_outbox_body
    jl_books_take_catalogue jl_books_begin jl_decision_refusal jl_merging_find_refs
    jl_author_standing jl_sight_check
    jl_device_set_state jl_devices_put_origin jl_journal_put jl_devices_put_invitation jl_retention_trim
    jl_admissions_take jl_admissions_next
    jl_may jl_own_merge_check jl_case_put_at jl_accounts_lock
    jl_feeds_counted jl_follow_merge_into
    jl_prove_answer jl_visibility_of jl_feed_page_row jl_feed_page_read jl_prove_root)
list(TRANSFORM planted_calls PREPEND "LINKER:--wrap=" OUTPUT_VARIABLE planted_wraps)
add_executable(jielian-sim-planted sim/planted/planted_main.c sim/planted/planted_list.c
    sim/planted/planted.c sim/planted/planted_trust.c)
target_link_libraries(jielian-sim-planted PRIVATE jielian_sim jielian_flags)
target_link_options(jielian-sim-planted PRIVATE ${planted_wraps})
if(NOT CMAKE_BUILD_TYPE STREQUAL Debug)
    add_test(NAME sim.planted COMMAND jielian-sim-planted)
    set_tests_properties(sim.planted PROPERTIES PROCESSORS 2 TIMEOUT 900)
    jielian_in_memory(sim.planted)
endif()
# A run that fails shrinks to the few steps that it needs; the mistake's failure needs one op.
add_test(NAME sim.shrink COMMAND jielian-sim-planted
    --bug marks-dropped --first 1 --seeds 1 --steps 300 -j 2 --shrink)
set_tests_properties(sim.shrink PROPERTIES
    PASS_REGULAR_EXPRESSION "SHRUNK from 300 to [1-4] steps in [0-9]+ runs: jielian-sim --first 1 ")
jielian_in_memory(sim.shrink)
