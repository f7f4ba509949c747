/* Which kernels run: the strongest instruction set that this build holds, this machine has and the caller allows.
   The table is an overlay: weakest first, each line says what it needs. */
#include "drivers/dispatch.h"

#include <string.h>

static int always(void) { return 1; }

#if defined(SP_HAVE_x86_v3) || defined(SP_HAVE_x86_v4)
/* The psABI levels, by the features that meson.build lets the compiler use. */
#include <cpuid.h>
#ifdef _WIN32
/* Clang's library for Windows has no __builtin_cpu_supports: the same questions to the processor, and to the system whether
   it keeps the registers. */
enum { FMA3 = 1 << 12, POPCNT = 1 << 23, OSXSAVE = 1 << 27, F16C = 1 << 29 };
enum { BMI = 1 << 3, AVX2 = 1 << 5, BMI2 = 1 << 8 };
static const unsigned AVX512 = 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31; /* F, DQ, CD, BW, VL */

static int has(unsigned leaf_1, unsigned leaf_7, unsigned registers) {
    unsigned a, b, c, d, low, high;
    if (__get_cpuid_max(0, 0) < 7)
        return 0;
    __cpuid(1, a, b, c, d);
    if ((c & (leaf_1 | OSXSAVE)) != (leaf_1 | OSXSAVE))
        return 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    __cpuid_count(7, 0, a, b, c, d);
    return (b & leaf_7) == leaf_7 && (low & registers) == registers;
}
static int has_x86_v3(void) { return has(FMA3 | POPCNT | F16C, BMI | AVX2 | BMI2, 0x06); }
static int has_x86_v4(void) { return has_x86_v3() && has(0, AVX512, 0xe6); }
#else
static int has_f16c(void) { /* not every compiler has a name for it */
    unsigned a, b, c, d;
    return __get_cpuid(1, &a, &b, &c, &d) && c & bit_F16C;
}
static int has_x86_v3(void) {
    __builtin_cpu_init();
    return has_f16c() && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
}
static int has_x86_v4(void) {
    return has_x86_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
}
#endif
#endif

static const struct {
    const char *name;
    int (*runs_here)(void);
    const sp_kernels *float32, *float64;
} levels[] = {
#define LEVEL(name, runs_here) {#name, runs_here, &sp_kernels_##name##_float32, &sp_kernels_##name##_float64},
#ifdef SP_HAVE_neon
    LEVEL(neon, always)
#else
    LEVEL(baseline, always)
#endif
#ifdef SP_HAVE_x86_v3
    LEVEL(x86_v3, has_x86_v3)
#endif
#ifdef SP_HAVE_x86_v4
    LEVEL(x86_v4, has_x86_v4)
#endif
};

static int current = -1; /* the first calls of several threads may find it so */

int sp_isa_count(void) {
    int n = 1;
    while (n < (int)(sizeof levels / sizeof *levels) && levels[n].runs_here())
        n++;
    return n;
}

const char *sp_isa_name(int index) { return levels[index].name; }

int sp_isa_current(void) {
    int index = __atomic_load_n(&current, __ATOMIC_RELAXED);
    if (index < 0) {
        index = sp_isa_count() - 1;
        sp_isa_use(index);
    }
    return index;
}

void sp_isa_use(int index) { __atomic_store_n(&current, index, __ATOMIC_RELAXED); }

const sp_kernels *sp_kernels_for(sp_dtype dtype) {
    int i = sp_isa_current();
    return dtype == SP_FLOAT64 ? levels[i].float64 : levels[i].float32;
}

const sp_record sp_records[] = {
#define SP_ACTIVATION(name, code, parameters, source, slopes, form, arguments)                                         \
    {#name, code, parameters, source | slopes | form | arguments},
#include "functions.inc"
    {0, 0, 0, 0},
};
#undef SP_ACTIVATION

const sp_bound sp_bounds[] = {
#define SP_ACTIVATION(name, code, parameters, source, slopes, form, arguments)
#define SP_BOUND(name, operation, dtype, bound, worst, at) {#name, #operation, #dtype, 0, bound, worst, at},
#define SP_PLAIN_BOUND(name, operation, dtype, bound, worst, at) {#name, #operation, #dtype, 1, bound, worst, at},
#include "functions.inc"
    {0, 0, 0, 0, 0, 0, 0},
};

const char *const sp_row_names[] = {
#define SP_ROW_FUNCTION(NAME, name) #name,
#include "rows.inc"
};
const char *const sp_gate_names[] = {
#define SP_GATE(name) #name,
#include "gates.inc"
};
