utm_unit_test(json qapi)
utm_unit_test(json-stream qapi)
utm_unit_test(qmp-client qapi)
utm_unit_test(qapi-gen qapigen)

utm_unit_test(qapi-visit qapi)
utm_qapi_generate(test_generated test ${CMAKE_SOURCE_DIR}/tests/data/qapi/visit.json
                  ${CMAKE_CURRENT_BINARY_DIR}/generated)
target_sources(test-qapi-visit PRIVATE qapi-random.c ${test_generated})

# utm_round_trip_test(NAME PREFIX SOURCES…): values of every type of a schema through JSON and back.
function(utm_round_trip_test name prefix)
  add_executable(test-qapi-round-trip-${name} test-qapi-round-trip.c qapi-random.c ${ARGN})
  target_compile_definitions(test-qapi-round-trip-${name}
                             PRIVATE ROUND_TRIP_SCHEMA=${prefix}_schema)
  target_link_libraries(test-qapi-round-trip-${name} PRIVATE qapi utmctl_options)
  add_test(NAME unit-qapi-round-trip-${name} COMMAND test-qapi-round-trip-${name})
  set_tests_properties(unit-qapi-round-trip-${name} PROPERTIES LABELS unit TIMEOUT 120)
endfunction()

utm_round_trip_test(ours qmp)
# QEMU's own schemas, where somebody has put them beside the source.
foreach(part qapi qga)
  set(schema ${CMAKE_SOURCE_DIR}/../shared/fixtures/qapi/v7.2.0/${part}/qapi-schema.json)
  if(EXISTS ${schema})
    utm_qapi_generate(qemu_generated qemu${part} ${schema} ${CMAKE_CURRENT_BINARY_DIR}/generated)
    utm_round_trip_test(qemu-${part} qemu${part} ${qemu_generated})
  endif()
endforeach()
utm_unit_test(conformance qapi)
utm_unit_test(live-schema qapi)
