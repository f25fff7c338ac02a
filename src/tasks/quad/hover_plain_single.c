/* SPDX-License-Identifier: MIT */
/* The plain hover flight in single precision. */
#define EVO_SINGLE
#define EVO_HOVER_PLAIN evo_hover_plain_single
#include "hover_plain.inc"
