# Every library that the platform stands on, from Debian 12's packages (scripts/packages.txt names them).

find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(RocksDB 7.8 REQUIRED CONFIG)
find_package(simdjson 3.0 REQUIRED CONFIG)
find_package(spdlog 1.10 REQUIRED CONFIG)
find_package(prometheus-cpp REQUIRED CONFIG)
find_package(CLI11 2.1 REQUIRED CONFIG)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(libzstd REQUIRED IMPORTED_TARGET libzstd>=1.5)
pkg_check_modules(libhwy REQUIRED IMPORTED_TARGET libhwy>=1.0)
pkg_check_modules(libsodium REQUIRED IMPORTED_TARGET libsodium>=1.0.18)
pkg_check_modules(libjwt REQUIRED IMPORTED_TARGET libjwt>=1.10)
pkg_check_modules(libisal REQUIRED IMPORTED_TARGET libisal>=2.30)
pkg_check_modules(libsqlite3 REQUIRED IMPORTED_TARGET sqlite3>=3.40)
find_library(SOCI_CORE_LIBRARY NAMES libsoci_core.a soci_core REQUIRED)
find_library(SOCI_SQLITE3_LIBRARY NAMES libsoci_sqlite3.a soci_sqlite3 REQUIRED)

add_library(iot_soci INTERFACE)
target_link_libraries(iot_soci INTERFACE ${SOCI_SQLITE3_LIBRARY} ${SOCI_CORE_LIBRARY} PkgConfig::libsqlite3 ${CMAKE_DL_LIBS})

# Asio and Beast are header-only in Boost; the definitions keep every target on the same, separately compiled build.
add_library(iot_asio INTERFACE)
target_link_libraries(iot_asio INTERFACE Boost::headers OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
target_compile_definitions(iot_asio INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
                                              BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_ARRAY)

if(IOT_BUILD_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
if(IOT_BUILD_BENCHMARKS)
  find_package(benchmark REQUIRED)
endif()
