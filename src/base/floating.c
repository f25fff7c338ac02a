/* SPDX-License-Identifier: MIT */
/* Rounding and what else decides the results of arithmetic: kept around the code of others. */
#include <evompi/base.h>

#include <fenv.h>

#if defined(__x86_64__) || defined(__i386__)

/* SSE's control and status in the lower half, the x87's control above it. */
uint64_t evo_floating_modes(void)
{
    const uint32_t flags = 0x3f; // what has happened is no mode
    uint16_t x87 = 0;
    uint32_t sse = 0;
    __asm__ volatile("fnstcw %0\n\tstmxcsr %1" : "=m"(x87), "=m"(sse) : : "memory");
    return (uint64_t)x87 << 32 | (sse & ~flags);
}

void evo_floating_restore(uint64_t modes)
{
    if (evo_floating_modes() == modes) { return; }
    const uint16_t x87 = (uint16_t)(modes >> 32);
    const uint32_t sse = (uint32_t)modes;
    __asm__ volatile("fldcw %0\n\tldmxcsr %1" : : "m"(x87), "m"(sse) : "memory");
}

#elif defined(__aarch64__)

uint64_t evo_floating_modes(void)
{
    uint64_t modes = 0;
    __asm__ volatile("mrs %0, fpcr" : "=r"(modes) : : "memory");
    return modes;
}

void evo_floating_restore(uint64_t modes)
{
    if (evo_floating_modes() == modes) { return; }
    __asm__ volatile("msr fpcr, %0" : : "r"(modes) : "memory");
}

#else

uint64_t evo_floating_modes(void) { return (uint64_t)fegetround(); }
void evo_floating_restore(uint64_t modes) { fesetround((int)modes); }

#endif
