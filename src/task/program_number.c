/* SPDX-License-Identifier: MIT */
/* Doubles as decimal numbers that read back to the same bits: what printf's %.17g writes, but
 * faster. */
#include "program_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    DIGITS = 17,
    MAX_POWER = 27, ///< of 5 within 64 bits
};

/* A decimal number: d.ddd... * 10^exponent, of DIGITS digits. */
struct decimal {
    uint64_t digits;
    int exponent;
};

static const uint64_t powers_of_5[MAX_POWER + 1] = {
    1u,
    5u,
    25u,
    125u,
    625u,
    3125u,
    15625u,
    78125u,
    390625u,
    1953125u,
    9765625u,
    48828125u,
    244140625u,
    1220703125u,
    6103515625u,
    30517578125u,
    152587890625u,
    762939453125u,
    3814697265625u,
    19073486328125u,
    95367431640625u,
    476837158203125u,
    2384185791015625u,
    11920928955078125u,
    59604644775390625u,
    298023223876953125u,
    1490116119384765625u,
    7450580596923828125u,
};

/* m 2^q 10^k, rounded to the nearest whole number, to the even one of two. */
static uint64_t scale(uint64_t m, int q, int k)
{
    const unsigned __int128 product = (unsigned __int128)m * powers_of_5[k];
    const int shift = -(q + k);
    if (shift <= 0) { return (uint64_t)(product << -shift); }
    const unsigned __int128 whole = product >> shift, rest = product - (whole << shift),
                            half = (unsigned __int128)1 << (shift - 1);
    return (uint64_t)whole + (rest > half || (rest == half && (whole & 1) != 0) ? 1u : 0u);
}

/* Exact, in whole numbers; false where x > 0 is out of their range. */
static bool split(double x, struct decimal *to)
{
    const uint64_t most = 100000000000000000u; // 10^17
    if (!(x >= 1e-10 && x < 1e17)) { return false; }
    int q = 0;
    const uint64_t m = (uint64_t)ldexp(frexp(x, &q), 53);
    // The exponent, or one less: below 2^q, at least 2^(q - 1).
    int exponent = (int)floor((q - 1) * 0.30103);
    uint64_t digits = scale(m, q - 53, DIGITS - 1 - exponent);
    if (digits >= most) {
        exponent++;
        digits = scale(m, q - 53, DIGITS - 1 - exponent);
    }
    *to = (struct decimal){.digits = digits, .exponent = exponent};
    return true;
}

/* Digits behind the point as an exponent: d.ddde-XX. */
static char *print_small(char *to, const char *text, size_t n, int exponent)
{
    *to++ = text[0];
    if (n > 1) { *to++ = '.'; }
    memcpy(to, text + 1, n - 1);
    to += n - 1;
    *to++ = 'e';
    *to++ = '-';
    *to++ = (char)('0' + -exponent / 10);
    *to++ = (char)('0' + -exponent % 10);
    return to;
}

/* With an exponent where it is below 0.0001, as printf does; returns where it ends. */
static char *print(char *to, const struct decimal *x)
{
    char text[DIGITS + 1];
    uint64_t rest = x->digits;
    size_t n = DIGITS;
    for (size_t i = DIGITS; i-- > 0; rest /= 10) { text[i] = (char)('0' + rest % 10); }
    text[DIGITS] = '0';
    while (n > 1 && text[n - 1] == '0') { n--; }
    if (x->exponent < -4) { return print_small(to, text, n, x->exponent); }
    if (x->exponent < 0) {
        static const char zeros[] = {'0', '.', '0', '0', '0'};
        memcpy(to, zeros, sizeof zeros);
        to += 1 - x->exponent;
        memcpy(to, text, n);
        return to + n;
    }
    const size_t n_whole = (size_t)x->exponent + 1;
    if (n <= n_whole) { n = n_whole + 1; } // the zeros are in `text`
    memcpy(to, text, n_whole);
    to[n_whole] = '.';
    memcpy(to + n_whole + 1, text + n_whole, n - n_whole);
    return to + n + 1;
}

size_t evo_program_number(char to[EVO_PROGRAM_NUMBER], double x)
{
    struct decimal decimal;
    if (split(fabs(x), &decimal)) {
        *to = '-';
        return (size_t)(print(signbit(x) ? to + 1 : to, &decimal) - to);
    }
    if (!isfinite(x)) {
        const char *word = isnan(x) ? "NaN" : x > 0.0 ? "Infinity" : "-Infinity";
        return (size_t)snprintf(to, EVO_PROGRAM_NUMBER, "\"%s\"", word);
    }
    size_t n = (size_t)snprintf(to, EVO_PROGRAM_NUMBER, "%.17g", x);
    if (strpbrk(to, ".e") != NULL) { return n; }
    memcpy(to + n, ".0", 3);
    return n + 2;
}
