# Both programs as a newer version might be: they know more of a catalogue than today's.
add_executable(jielian-district-next ${PROJECT_SOURCE_DIR}/server/main.c next/known.c)
target_link_libraries(jielian-district-next PRIVATE
    jielian_server_command jielian_flags)
add_executable(jielian-office-next ${PROJECT_SOURCE_DIR}/client/main.c next/known.c)
target_link_libraries(jielian-office-next PRIVATE
    jielian_client_command jielian_flags)
