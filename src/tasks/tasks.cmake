# SPDX-License-Identifier: MIT
# The tasks of this program: a library for each folder, and the list of them.
evo_module(altitude tasks/altitude evo_task evo_rng)
evo_module(quad tasks/quad evo_task evo_rng ${LAPACK_LIBRARIES})
set_target_properties(evo_altitude evo_quad PROPERTIES POSITION_INDEPENDENT_CODE ON) # for plug-ins of them
evo_module(tasks tasks evo_altitude evo_quad)

# With sanitizers the kernels take minutes to compile: plain C has them, and short vectors where they are
# quick, those of quad unoptimised; where nobody looks at flights, none has.
set(unsanitized_altitude "^avx")
set(unsanitized_quad "^(sse|avx|neon)")
if(EVOMPI_SANITIZE STREQUAL "thread" OR EVOMPI_FUZZ)
    set(unsanitized_altitude "^(plain|avx)")
    set(unsanitized_quad ".")
endif()
evo_lanes_text(evo_altitude ${CMAKE_CURRENT_LIST_DIR}/altitude/kernel/altitude_kernel.c evo_altitude
               UNSANITIZED ${unsanitized_altitude})
evo_lanes_text(evo_quad ${CMAKE_CURRENT_LIST_DIR}/quad/kernel/hover_kernel.c evo_hover
               UNSANITIZED ${unsanitized_quad} UNOPTIMISED)
