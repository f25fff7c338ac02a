# SPDX-License-Identifier: MIT
# Instruction sets: which ones this build has, and how a text is compiled once for each of them.

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
foreach(isa ${isas})
    if(NOT isa IN_LIST known)
        message(FATAL_ERROR "EVOMPI_ISAS: ${isa} cannot be built for ${CMAKE_SYSTEM_PROCESSOR}; "
                            "known: ${known}")
    endif()
    target_compile_definitions(evo_options INTERFACE EVO_HAVE_${isa})
endforeach()
# Plain C stays scalar: it is what the others are measured against and must equal.
set(flags_plain -fno-tree-vectorize -fno-tree-slp-vectorize)

# evo_lanes_text(LIBRARY FILE TABLE [UNSANITIZED PATTERN] [UNOPTIMISED]): adds FILE to the library, compiled
# for each instruction set and both precisions; each defines the table TABLE_<precision>_<set>, as EVO_TABLE.
# Those whose set fits PATTERN go without sanitizers; with UNOPTIMISED those with sanitizers are compiled -O0.
function(evo_lanes_text library file table)
    cmake_parse_arguments(PARSE_ARGV 3 ARG "UNOPTIMISED" "UNSANITIZED" "")
    get_filename_component(stem ${file} NAME_WE)
    foreach(isa plain ${isas})
        foreach(precision double single)
            set(object ${library}_${stem}_${precision}_${isa})
            add_library(${object} OBJECT ${file})
            target_link_libraries(${object} PRIVATE evo_base)
            target_compile_definitions(${object} PRIVATE EVO_VEC_HEADER=<evompi/lanes/vec_${isa}.h>
                EVO_TABLE=${table}_${precision}_${isa} $<$<STREQUAL:${precision},single>:EVO_SINGLE>)
            target_compile_options(${object} PRIVATE -O3 ${flags_${isa}})
            set_target_properties(${object} PROPERTIES POSITION_INDEPENDENT_CODE ON) # a task may be a plug-in
            target_sources(${library} PRIVATE $<TARGET_OBJECTS:${object}>)
            if(ARG_UNSANITIZED AND isa MATCHES "${ARG_UNSANITIZED}")
                set_target_properties(${object} PROPERTIES EVO_UNSANITIZED ON)
            elseif(EVOMPI_SANITIZE AND ARG_UNOPTIMISED)
                target_compile_options(${object} PRIVATE -O0)
            endif()
        endforeach()
    endforeach()
endfunction()

evo_lanes_text(evo_lanes ${CMAKE_CURRENT_LIST_DIR}/kernel/ports.c evo_ports)
