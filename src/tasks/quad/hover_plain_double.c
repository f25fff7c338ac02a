/* SPDX-License-Identifier: MIT */
/* The plain hover flight in double precision. */
#define EVO_HOVER_PLAIN evo_hover_plain_double
#include "hover_plain.inc"
