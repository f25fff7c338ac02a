/* SPDX-License-Identifier: MIT */
/* What the writer and the reader of champion.csv agree on. */
#ifndef EVO_CHAMPION_H
#define EVO_CHAMPION_H

#include <evompi/task.h>

/// The line above the parameters; a file that has it is a champion, else a list of creatures.
#define EVO_CHAMPION_HEADER "name,hexadecimal,decimal,meaning"

/// No file of creatures is larger.
#define EVO_CHAMPION_BYTES_MAX ((size_t)1 << 30)

/// A piece of a value that is safe to print.
struct evo_champion_piece {
    char text[44];
};
struct evo_champion_piece evo_champion_excerpt(const char *value);

/// Where parameter i of a genome stands: in H or M, or in h or c.
struct evo_champion_place {
    bool is_hidden, is_constant;
    size_t row, col;
};
struct evo_champion_place evo_champion_place(struct evo_shape shape, size_t i);

/// The name of parameter i of a genome: M[row][column] or c[row]; of hidden units H[..][..], h[..].
void evo_champion_name_parameter(struct evo_shape shape, size_t i, char *text, size_t size);

#endif
