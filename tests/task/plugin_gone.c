/* SPDX-License-Identifier: MIT */
/* A library that a plug-in of the tests needs and does not find: it is linked by another name. */
double evo_test_gone(double x);
double evo_test_gone(double x) { return x; }
