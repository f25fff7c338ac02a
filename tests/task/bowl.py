# SPDX-License-Identifier: MIT
"""A program for tests: a bowl whose bottom is at 1, in sums that are the same on every machine."""
from evompi_program import serve

serve(lambda parameters, context: sum((x - 1.0) * (x - 1.0) for x in parameters))
