# What `cmake --install` puts in place: programs, catalogue, systemd units and their account, documents.
include(GNUInstallDirs)

foreach(program jielian-district jielian-office)
    if(TARGET ${program})
        install(TARGETS ${program} RUNTIME)
    endif()
endforeach()

install(FILES catalogue/district.json DESTINATION ${CMAKE_INSTALL_DATADIR}/jielian)

# Not under the multiarch libdir: systemd looks in PREFIX/lib only.
foreach(unit jielian-district jielian-office)
    configure_file(packaging/${unit}.service.in packaging/${unit}.service @ONLY)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/packaging/${unit}.service DESTINATION lib/systemd/system)
endforeach()
install(FILES packaging/jielian.sysusers DESTINATION lib/sysusers.d RENAME jielian.conf)

file(GLOB documents CONFIGURE_DEPENDS docs/*.md docs/*.yaml)
install(FILES README.md README.zh-CN.md CHANGELOG.md LICENSE NOTICE TYPE DOC)
install(FILES ${documents} DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs)
