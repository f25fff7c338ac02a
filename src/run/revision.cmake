# SPDX-License-Identifier: MIT
# Writes revision.h with the git revision of now; run before each build, touches only what changed.
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --tags
                OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT revision)
    set(revision "no revision")
endif()
file(WRITE ${OUT}.new "/* Made by revision.cmake. */
#define EVO_VERSION \"${VERSION}\"
#define EVO_REVISION \"${revision}\"
#define EVO_COMPILER \"${COMPILER}\"
#define EVO_LAPACK \"${LAPACK}\"
")
file(COPY_FILE ${OUT}.new ${OUT} ONLY_IF_DIFFERENT)
file(REMOVE ${OUT}.new)
