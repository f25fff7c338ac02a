# SPDX-License-Identifier: MIT
# The kernel room: the dispatch, and the flight texts once per instruction set.
set(kernels ${CMAKE_CURRENT_LIST_DIR})

# Which sets this compiler can build: name, and the flags that allow them.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    set(known sse2 avx2 avx512)
    set(flags_sse2 -msse2)
    set(flags_avx2 -mavx2 -mfma)
    set(flags_avx512 -mavx512f)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    set(known neon)
    set(flags_neon "")
endif()
if(EVOMPI_ISAS STREQUAL "auto")
    set(isas ${known})
else()
    set(isas ${EVOMPI_ISAS})
endif()

add_library(evo_kernels STATIC ${kernels}/kernels.h ${kernels}/kernels.c ${kernels}/hover_scene.c)
target_include_directories(evo_kernels PUBLIC ${kernels})
target_link_libraries(evo_kernels PUBLIC evo_base)

# evo_kernel_set(NAME FLAGS...): the texts with the vectors of evompi/lanes/vec_NAME.h, in both precisions.
function(evo_kernel_set isa)
    foreach(precision double single)
        foreach(text altitude hover ports)
            set(library evo_kernels_${isa}_${precision}_${text})
            add_library(${library} OBJECT ${kernels}/${text}.c)
            target_link_libraries(${library} PRIVATE evo_base)
            target_include_directories(${library} PRIVATE ${kernels})
            target_compile_definitions(${library} PRIVATE EVO_VEC_HEADER="evompi/lanes/vec_${isa}.h"
                EVO_TABLE=evo_altitude_${precision}_${isa}
                EVO_HOVER_TABLE=evo_hover_${precision}_${isa}
                EVO_PORTS_TABLE=evo_ports_${precision}_${isa}
                $<$<STREQUAL:${precision},single>:EVO_SINGLE>)
            target_compile_options(${library} PRIVATE -O3 ${ARGN})
            target_sources(evo_kernels PRIVATE $<TARGET_OBJECTS:${library}>)
            # Minutes for all of these to compile with sanitizers: the plain build of the same text has
            # them (altitude's with short vectors too), but for the fuzzing targets, which fly nothing.
            if((text STREQUAL "hover" AND (EVOMPI_FUZZ OR NOT isa STREQUAL "plain")) OR
               (text STREQUAL "altitude" AND isa MATCHES "^avx"))
                set_target_properties(${library} PROPERTIES EVO_UNSANITIZED ON)
            endif()
        endforeach()
    endforeach()
    target_compile_definitions(evo_kernels PRIVATE EVO_HAVE_${isa})
endfunction()

# Plain C stays scalar: it is what the others are measured against and must equal.
evo_kernel_set(plain -fno-tree-vectorize -fno-tree-slp-vectorize)
foreach(isa ${isas})
    if(NOT isa IN_LIST known)
        message(FATAL_ERROR "EVOMPI_ISAS: ${isa} cannot be built for ${CMAKE_SYSTEM_PROCESSOR}; "
                            "known: ${known}")
    endif()
    evo_kernel_set(${isa} ${flags_${isa}})
endforeach()
