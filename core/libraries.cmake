# Every outside library, found once. design: each is included from one stage only; tests/architecture checks it.
find_package(Threads REQUIRED)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(spdlog REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(simdjson REQUIRED)
find_package(Boost REQUIRED COMPONENTS iostreams)
find_package(SQLiteCpp REQUIRED)
find_package(Torch REQUIRED)

# Marks a library's headers as system headers: its warnings are not ours.
function(lacuna_library name)
  add_library(${name} INTERFACE)
  target_link_libraries(${name} INTERFACE ${ARGN})
endfunction()

lacuna_library(lacuna_eigen Eigen3::Eigen)
lacuna_library(lacuna_spdlog spdlog::spdlog)
lacuna_library(lacuna_json nlohmann_json::nlohmann_json)
lacuna_library(lacuna_simdjson simdjson::simdjson)
lacuna_library(lacuna_boost Boost::headers)
lacuna_library(lacuna_iostreams Boost::iostreams z zstd)
lacuna_library(lacuna_sqlite SQLiteCpp sqlite3)
lacuna_library(lacuna_xxhash xxhash)
# Faiss is a static library in Debian: what it calls must be named here (libgomp without -fopenmp, which would wake Eigen's own threads).
lacuna_library(lacuna_faiss faiss openblas gomp)
lacuna_library(lacuna_openblas openblas)

# Debian's TorchConfig asks for the compiler flags of its own build; only the headers and libraries are wanted here.
add_library(lacuna_torch INTERFACE)
target_include_directories(lacuna_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
target_link_libraries(lacuna_torch INTERFACE ${TORCH_LIBRARIES})
