# lacuna_stage(name AFTER stages… [USES targets…]): one folder, one target lacuna::name.
# A stage may depend only on stages declared before it, so the order in core/CMakeLists.txt is a law.
# Targets in USES stay private to the stage: no other stage sees their headers through it. SHARES are passed on.
function(lacuna_stage name)
  cmake_parse_arguments(arg "" "" "AFTER;USES;SHARES" ${ARGN})
  foreach(dep IN LISTS arg_AFTER)
    if(NOT TARGET lacuna::${dep})
      message(FATAL_ERROR "Stage '${name}' wants '${dep}', which is not declared before it. Edges point backwards only.")
    endif()
  endforeach()
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  if(NOT sources) # interim
    file(WRITE ${CMAKE_BINARY_DIR}/interim.cpp "namespace lacuna {}\n")
    set(sources ${CMAKE_BINARY_DIR}/interim.cpp)
  endif()
  add_library(lacuna_${name} STATIC ${sources})
  add_library(lacuna::${name} ALIAS lacuna_${name})
  target_include_directories(lacuna_${name} PUBLIC ${name}/include)
  list(TRANSFORM arg_AFTER PREPEND lacuna::)
  target_link_libraries(lacuna_${name} PUBLIC ${arg_AFTER} ${arg_SHARES} PRIVATE lacuna_options ${arg_USES})
endfunction()
