# What is installed beside the programs, which their own folders install.
install(DIRECTORY ${CMAKE_SOURCE_DIR}/bundles/templates/
  DESTINATION ${CMAKE_INSTALL_DATADIR}/utmctl/templates
  USE_SOURCE_PERMISSIONS)
install(FILES ${CMAKE_SOURCE_DIR}/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
