/* SPDX-License-Identifier: MIT */
/* The map into bounds: periodic, continuously differentiable, the identity but near the bounds. */
#include "bounds.h"

#include <math.h>

static double margin(double bound, double half_width)
{
    double usual = (1.0 + fabs(bound)) / 20.0;
    return usual < half_width ? usual : half_width;
}

struct evo_bounds evo_bounds_make(double low, double high)
{
    double half_width = 0.5 * high - 0.5 * low;
    return (struct evo_bounds){
        .low = low,
        .high = high,
        .low_margin = isfinite(low) ? margin(low, half_width) : 0.0,
        .high_margin = isfinite(high) ? margin(high, half_width) : 0.0,
        .any = isfinite(low) || isfinite(high),
    };
}

/* Mirrors y at the ends of the map's period, as often as it takes. */
static double fold(double y, double begin, double end)
{
    if (!(y < begin || y > end)) { return y; }
    if (!isfinite(begin)) { return end - (y - end); }
    if (!isfinite(end)) { return begin + (begin - y); }
    double width = end - begin, t = y - begin;
    t -= 2.0 * width * floor(t / (2.0 * width));
    t = t > width ? 2.0 * width - t : t;
    /* Beyond what doubles resolve any place is as good. */
    return begin + (t > 0.0 && t < width ? t : 0.0);
}

static double clip(double x, double low, double high)
{
    if (x < low) { return low; }
    return x > high ? high : x;
}

double evo_bounds_map(const struct evo_bounds *bounds, double y)
{
    double low = bounds->low, high = bounds->high;
    double a = bounds->low_margin, b = bounds->high_margin;
    double x = fold(y, low - a, high + b);
    if (x < low + a) {
        double t = x - (low - a);
        x = low + t * (t / (4.0 * a));
    } else if (x > high - b) {
        double t = x - (high + b);
        x = high - t * (t / (4.0 * b));
    }
    return clip(x, low, high);
}

double evo_bounds_unmap(const struct evo_bounds *bounds, double x)
{
    double low = bounds->low, high = bounds->high;
    double a = bounds->low_margin, b = bounds->high_margin;
    if (x < low + a) { return low - a + 2.0 * sqrt(a) * sqrt(x - low); }
    if (x > high - b) { return high + b - 2.0 * sqrt(b) * sqrt(high - x); }
    return x;
}
