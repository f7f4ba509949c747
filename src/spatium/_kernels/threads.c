/* From one thread to several: the one place that starts threads.

   Work comes in shares whose borders do not depend on the number of threads, so neither do the results. */
#include "spatium.h"

#ifdef _OPENMP
#include <omp.h>
#endif

static int threads = 1;
static int available_when_set = 1;
static int forked = 0;
static int busy = 0; /* threads that calls have in hand at this moment */

#ifdef _OPENMP
/* Calls from several threads of the program share the number among them, instead of each starting as many. */
static int threads_claim(int wanted, int limit) {
    int before = __atomic_fetch_add(&busy, wanted, __ATOMIC_RELAXED), left = limit - before;
    int granted = left >= wanted ? wanted : left > 1 ? left : 1;
    if (granted < wanted)
        __atomic_fetch_sub(&busy, wanted - granted, __ATOMIC_RELAXED);
    return granted;
}

static void threads_release(int count) { __atomic_fetch_sub(&busy, count, __ATOMIC_RELAXED); }
#endif

void sp_threads_set(int count) {
    threads = count;
    available_when_set = sp_threads_available();
}
int sp_threads_get(void) { return threads; }

/* The threads of OpenMP do not survive fork(), and starting them in the child can hang: it works serially. */
void sp_threads_after_fork(void) { forked = 1, busy = 0; }

int sp_threads_available(void) {
#ifdef _OPENMP
    return omp_get_max_threads();
#else
    return 1;
#endif
}

int sp_has_openmp(void) {
#ifdef _OPENMP
    return 1;
#else
    return 0;
#endif
}

const char *sp_compiler(void) {
#if defined(__clang__)
    return "clang " __clang_version__;
#elif defined(__GNUC__)
    return "gcc " __VERSION__;
#else
    return "unknown";
#endif
}

int sp_parallel_for(ptrdiff_t shares, int worthwhile, sp_share *work, const void *context) {
    int result = 0;
#ifdef _OPENMP
    /* what lowers OpenMP's own number from outside (threadpoolctl) lowers ours */
    const int allowed = omp_get_max_threads() < available_when_set ? omp_get_max_threads() : threads;
    int team = threads < allowed ? threads : allowed;
    team = team < shares ? team : (int)shares;
    const int claimed = team > 1 && worthwhile && !forked && !omp_in_parallel();
    team = claimed ? threads_claim(team, allowed) : 1;
    if (team > 1) {
#pragma omp parallel for schedule(static) num_threads(team) reduction(| : result)
        for (ptrdiff_t share = 0; share < shares; share++)
            result |= work(context, share);
    } else
#else
    (void)worthwhile;
#endif
        for (ptrdiff_t share = 0; share < shares; share++)
            result |= work(context, share);
#ifdef _OPENMP
    if (claimed)
        threads_release(team);
#endif
    return result;
}
