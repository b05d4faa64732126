# One static library per module, with an explicit list of what it uses:
#
#   iot_module(log
#     DEPENDS base model            modules below this one (src/README.md has the order)
#     LIBRARIES PkgConfig::libisal     libraries from outside, seen by this module alone
#     PUBLIC_LIBRARIES iot_asio     libraries whose headers this module's own headers show
#     SOURCES ...                   what is part of the program
#     TEST_SUPPORT ...              fakes for the tests of this and higher modules: library iot_<name>_testing
#     TESTS ...                     *_test.cpp, one executable iot_<name>_test
#     FUZZERS ...                   *_fuzz.cpp, one target each; without IOT_FUZZ they replay fuzz/corpus/<name> as a test
#     BENCHMARKS ...)               *_bench.cpp, one executable iot_<name>_bench
function(iot_module name)
  cmake_parse_arguments(M "" "" "DEPENDS;LIBRARIES;PUBLIC_LIBRARIES;SOURCES;TEST_SUPPORT;TESTS;FUZZERS;BENCHMARKS" ${ARGN})
  set(library iot_${name})
  list(TRANSFORM M_DEPENDS PREPEND iot_ OUTPUT_VARIABLE dependencies)

  add_library(${library} STATIC ${M_SOURCES})
  target_include_directories(${library} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${library} PUBLIC ${dependencies} ${M_PUBLIC_LIBRARIES} PRIVATE ${M_LIBRARIES})
  set_property(GLOBAL APPEND PROPERTY IOT_MODULES ${name})
  if("iot_asio" IN_LIST M_PUBLIC_LIBRARIES OR "iot_asio" IN_LIST M_LIBRARIES OR "net" IN_LIST M_DEPENDS)
    iot_asio_precompiled(${library})
  endif()

  set(testing "")
  if(M_TEST_SUPPORT)
    set(testing ${library}_testing)
    add_library(${testing} STATIC ${M_TEST_SUPPORT})
    target_link_libraries(${testing} PUBLIC ${library} ${M_LIBRARIES})
  endif()
  foreach(dependency IN LISTS dependencies)
    if(TARGET ${dependency}_testing)
      list(APPEND testing ${dependency}_testing)
    endif()
  endforeach()

  if(IOT_BUILD_TESTS AND M_TESTS)
    add_executable(${library}_test ${M_TESTS})
    target_link_libraries(${library}_test PRIVATE ${library} ${testing} ${M_LIBRARIES} GTest::gmock GTest::gtest_main)
    target_compile_definitions(${library}_test PRIVATE IOT_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    add_test(NAME ${name} COMMAND ${library}_test)
    set_tests_properties(${name} PROPERTIES TIMEOUT 900)
  endif()

  foreach(source IN LISTS M_FUZZERS)
    get_filename_component(fuzzer ${source} NAME_WE)
    add_executable(${fuzzer} ${source})
    target_link_libraries(${fuzzer} PRIVATE ${library} ${testing} ${M_LIBRARIES})
    if(IOT_FUZZ)
      target_link_options(${fuzzer} PRIVATE -fsanitize=fuzzer)
    else()
      target_sources(${fuzzer} PRIVATE ${PROJECT_SOURCE_DIR}/fuzz/replay_main.cpp)
      string(REGEX REPLACE "_fuzz$" "" corpus ${fuzzer})
      add_test(NAME fuzz_corpus.${corpus} COMMAND ${fuzzer} ${PROJECT_SOURCE_DIR}/fuzz/corpus/${corpus})
      set_tests_properties(fuzz_corpus.${corpus} PROPERTIES TIMEOUT 300)
    endif()
  endforeach()

  if(IOT_BUILD_BENCHMARKS AND M_BENCHMARKS)
    add_executable(${library}_bench ${M_BENCHMARKS})
    # mold takes members of the testing archives that use GoogleTest also where nothing needs them.
    target_link_libraries(${library}_bench PRIVATE ${library} ${testing} ${M_LIBRARIES} benchmark::benchmark_main
                          $<TARGET_NAME_IF_EXISTS:GTest::gtest>)
  endif()
endfunction()

# Asio and Beast take seconds to parse: they are precompiled once and that header is shared.
function(iot_asio_precompiled target)
  if(NOT TARGET iot_asio_pch)
    add_library(iot_asio_pch STATIC ${PROJECT_SOURCE_DIR}/src/net/asio_implementation.cpp)
    target_link_libraries(iot_asio_pch PUBLIC iot_asio Boost::json)
    target_precompile_headers(iot_asio_pch PRIVATE ${PROJECT_SOURCE_DIR}/src/net/precompiled.h)
  endif()
  target_link_libraries(${target} PUBLIC iot_asio_pch)
  target_precompile_headers(${target} REUSE_FROM iot_asio_pch)
endfunction()
