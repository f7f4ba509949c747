/* The floating-point state: ours while something is computed, the caller's before and after.  So a caller who flushes
   subnormal numbers, rounds upwards or traps gets the same bits as anyone else, and no flags that our arithmetic raised. */
#ifndef SP_FLOAT_STATE_H
#define SP_FLOAT_STATE_H
#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>

typedef unsigned float_state;

static inline float_state enter_own_state(void) {
    const float_state callers = _mm_getcsr();
    _mm_setcsr(0x1f80); /* rounding to nearest, subnormal numbers, no traps, no flags */
    return callers;
}
static inline void leave_own_state(float_state callers) { _mm_setcsr(callers); }
static inline void raise_invalid(void) { _mm_setcsr(_mm_getcsr() | _MM_EXCEPT_INVALID); }
#else
#include <fenv.h>

typedef fenv_t float_state;

static inline float_state enter_own_state(void) {
    float_state callers;
    fegetenv(&callers);
    fesetenv(FE_DFL_ENV);
    return callers;
}
static inline void leave_own_state(float_state callers) { fesetenv(&callers); }
static inline void raise_invalid(void) { feraiseexcept(FE_INVALID); }
#endif
#endif
