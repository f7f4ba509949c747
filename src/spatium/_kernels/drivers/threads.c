/* From one thread to several: the one place that starts threads.

   Work comes in shares whose borders do not depend on the number of threads, so neither do the results.  The caller takes
   shares itself from the first moment on; workers that wake up in time take some of the rest, and the caller waits for none
   that has not begun.  So a call costs no more than its serial work and a wake-up, however busy the other processors are,
   with threads of a matrix product that wait by spinning, say.  OpenMP's regions end when every thread of the team has come
   by: after a matrix product such a call took whole time slices of the scheduler, 2 to 6 ms instead of 0.1.

   A worker that is through looks for more work for a moment, because a call right behind would find it asleep: waking it
   takes 30 us and more, as much as a call of 100,000 elements.  It gives way to any thread that wants its processor, and
   then it sleeps. */
#ifdef __linux__
#define _GNU_SOURCE /* the processors of a thread */
#endif
#include "drivers/float_state.h"
#include "spatium.h"

#include <time.h>
#if defined(__x86_64__) || defined(_M_X64)
#define PAUSE() _mm_pause()
#else
#define PAUSE() ((void)0)
#endif
#ifdef _OPENMP
#include <omp.h>
#endif
#ifndef _WIN32
#define HAVE_WORKERS 1
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif
#endif

enum {
    SURELY_WORTHWHILE = 1 << 19, /* elements: relu, the cheapest function, takes 60 us for them */
    SURELY_WORTH_WAKING = 1 << 22,
    WORTHWHILE = 20000,        /* ns of work left that are worth a worker who is awake, or will be needed again soon; */
    WORTH_WAKING = 200000,     /* of one who sleeps: a wake-up costs the caller up to a tenth of it */
    LOOKS_FOR_WORK = 200000,   /* ns that a worker stays awake */
    WAITS_FOR_WORKERS = 50000, /* ns that the caller spins while workers are on their last shares, before it sleeps */
    WORKER_STACK = 1 << 20,    /* bytes */
};

/* set at any time, while calls of other threads read them */
static int threads = 1;
static int openmp_when_set = 1;
static int forked = 0;

/* The thread runs shares of a call, or has asked for this: what it calls in turn is serial. */
static _Thread_local int serial = 0;

/* The threads are not OpenMP threads, but tools that limit threads, such as threadpoolctl, use OpenMP's interface; so
   respect OpenMP's limit. */
static int openmp_threads(void) {
#ifdef _OPENMP
    return omp_get_max_threads();
#else
    return 1;
#endif
}

void sp_threads_set(int count) {
    __atomic_store_n(&threads, count, __ATOMIC_RELAXED);
    __atomic_store_n(&openmp_when_set, openmp_threads(), __ATOMIC_RELAXED);
}
int sp_threads_get(void) { return __atomic_load_n(&threads, __ATOMIC_RELAXED); }

int sp_threads_serial(int wanted) {
    const int before = serial;
    serial = wanted;
    return before;
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

/* ---- the pool ---- */

typedef struct job {
    sp_share *work;
    const void *context;
    ptrdiff_t shares, next; /* next: the first that nobody has taken */
    int result;
    int seats;   /* workers that may still join */
    int working; /* workers that have joined and are not through */
    struct job *later;
} job;

static void run_shares(job *j) {
    int result = 0;
    for (ptrdiff_t share; (share = __atomic_fetch_add(&j->next, 1, __ATOMIC_RELAXED)) < j->shares;)
        result |= j->work(j->context, share);
    if (result)
        __atomic_fetch_or(&j->result, result, __ATOMIC_RELAXED);
}

#ifdef HAVE_WORKERS
static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

typedef struct worker {
    pthread_cond_t woken;
    int awake;
    int id;              /* the kernel's, of the thread */
    int processor;       /* where it was when it looked for work */
    struct worker *next; /* of those asleep, or of those looking for work */
} worker;

/* The lock guards everything here, and the seats of the jobs. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t worker_left = PTHREAD_COND_INITIALIZER;
static job *open_jobs = 0;
static int workers = 0;
static worker *asleep = 0, *looking = 0;
static unsigned opened = 0;  /* jobs so far */
static int64_t last_end = 0; /* of a call that workers could have helped */
static int busy = 0;         /* threads that calls have in hand at this moment */
static int waiting = 0;      /* callers that sleep until their workers are through */

/* ---- where workers run ----

   A worker is to run beside the caller, not behind it.  Schedulers of virtual machines that pack their processors put a
   thread that wakes up on the processor of the one that woke it, where it waits until the caller is through.  So the caller
   takes its own processor out of the set of a worker that sleeps, or that looks for work there. */
#ifdef __linux__
static int this_processor(void) { return sched_getcpu(); }

static void send_elsewhere(const worker *w, int here) {
    cpu_set_t others;
    if (here < 0 || here >= CPU_SETSIZE || sched_getaffinity(0, sizeof others, &others))
        return;
    CPU_CLR(here, &others);
    if (CPU_COUNT(&others) > 0)
        sched_setaffinity(w->id, sizeof others, &others);
}
static int own_id(void) { return (int)syscall(SYS_gettid); }
#else
static int this_processor(void) { return -1; }
static void send_elsewhere(const worker *w, int here) { (void)w, (void)here; }
static int own_id(void) { return 0; }
#endif

static job *job_with_a_seat(void) {
    job *j = open_jobs;
    while (j && j->seats == 0)
        j = j->later;
    return j;
}

/* Whether another job than the first `known` is opened within the time that a worker looks for one. */
static int another_opens(worker *me, unsigned known) {
    const int64_t since = now();
    do {
        for (int i = 0; i < 16; i++) {
            if (__atomic_load_n(&opened, __ATOMIC_RELAXED) != known)
                return 1;
            PAUSE();
        }
        sched_yield();
        __atomic_store_n(&me->processor, this_processor(), __ATOMIC_RELAXED);
    } while (now() - since < LOOKS_FOR_WORK);
    return 0;
}

static void look_for_work(worker *me) {
    const unsigned known = opened;
    me->processor = this_processor();
    me->next = looking;
    __atomic_store_n(&looking, me, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&lock);
    const int found = another_opens(me, known);
    pthread_mutex_lock(&lock);
    worker **place = &looking;
    while (*place != me)
        place = &(*place)->next;
    __atomic_store_n(place, me->next, __ATOMIC_RELAXED);
    if (found || opened != known)
        return;
    me->next = asleep;
    me->awake = 0;
    asleep = me;
    while (!me->awake)
        pthread_cond_wait(&me->woken, &lock);
}

static void *run_worker(void *unused) {
    (void)unused;
    worker me = {.woken = PTHREAD_COND_INITIALIZER, .id = own_id()};
    serial = 1;
    enter_own_state(); /* a new thread begins with the state of the one that started it */
    pthread_mutex_lock(&lock);
    for (;;) {
        job *j;
        while (!(j = job_with_a_seat()))
            look_for_work(&me);
        j->seats--;
        j->working++;
        pthread_mutex_unlock(&lock);
        run_shares(j);
        pthread_mutex_lock(&lock);
        /* The last access to the job: its caller may be gone from here on. */
        if (__atomic_sub_fetch(&j->working, 1, __ATOMIC_RELEASE) == 0 && waiting)
            pthread_cond_broadcast(&worker_left);
    }
    return 0;
}

static void start_workers(int wanted) {
    pthread_attr_t attributes;
    sigset_t all, before;
    if (workers >= wanted || pthread_attr_init(&attributes))
        return;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, WORKER_STACK);
    sigfillset(&all); /* signals are for the threads of the program */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    while (workers < wanted && pthread_create(&thread, &attributes, run_worker, 0) == 0)
        workers++;
    pthread_sigmask(SIG_SETMASK, &before, 0);
    pthread_attr_destroy(&attributes);
}

/* Let workers join, as many as the calls at this moment leave of the number of threads.  Returns how many may. */
static int open_job(job *j, int limit) {
    const int here = this_processor();
    pthread_mutex_lock(&lock);
    int wanted = limit - 1 - busy < j->shares - 1 ? limit - 1 - busy : (int)(j->shares - 1);
    wanted = wanted > 0 ? wanted : 0;
    start_workers(wanted);
    j->seats = wanted;
    j->later = open_jobs;
    open_jobs = j;
    busy += 1 + wanted;
    __atomic_store_n(&opened, opened + 1, __ATOMIC_RELAXED);
    int left = wanted;
    for (const worker *w = looking; w && left > 0; w = w->next, left--)
        if (__atomic_load_n(&w->processor, __ATOMIC_RELAXED) == here)
            send_elsewhere(w, here);
    for (; asleep && left > 0; left--) {
        worker *w = asleep;
        asleep = w->next;
        send_elsewhere(w, here);
        w->awake = 1;
        pthread_cond_signal(&w->woken);
    }
    pthread_mutex_unlock(&lock);
    return wanted;
}

static void close_job(job *j, int claimed) {
    pthread_mutex_lock(&lock);
    job **place = &open_jobs;
    while (*place != j)
        place = &(*place)->later;
    *place = j->later;
    busy -= 1 + claimed;
    pthread_mutex_unlock(&lock);
    /* Nobody joins from here on.  Those that have are on their last shares. */
    for (int64_t since = now(); __atomic_load_n(&j->working, __ATOMIC_ACQUIRE); PAUSE())
        if (now() - since > WAITS_FOR_WORKERS) {
            pthread_mutex_lock(&lock);
            waiting++;
            while (j->working)
                pthread_cond_wait(&worker_left, &lock);
            waiting--;
            pthread_mutex_unlock(&lock);
            return;
        }
}
#endif

/* The workers do not survive fork(), and the lock may be held by one of them: the child works serially. */
void sp_threads_after_fork(void) { forked = 1; }

static int allowed_threads(void) {
    const int count = sp_threads_get(), limit = openmp_threads();
    return limit < __atomic_load_n(&openmp_when_set, __ATOMIC_RELAXED) && limit < count ? limit : count;
}

#ifdef HAVE_WORKERS
/* On the caller's thread, and on others as soon as that is worthwhile. */
static void run_shared(job *j, ptrdiff_t elements, int limit) {
    const int64_t begin = now();
    const int hot = __atomic_load_n(&looking, __ATOMIC_RELAXED) ||
                    begin - __atomic_load_n(&last_end, __ATOMIC_RELAXED) < LOOKS_FOR_WORK;
    int worthwhile = elements >= (hot ? SURELY_WORTHWHILE : SURELY_WORTH_WAKING), claimed = 0;
    if (!worthwhile && j->shares > 2) {
        /* The cost of a share of this function on this machine is unknown until one share has been computed. */
        j->next = 1;
        j->result = j->work(j->context, 0);
        worthwhile = (now() - begin) * (j->shares - 1) > (hot ? WORTHWHILE : WORTH_WAKING);
    }
    if (worthwhile)
        claimed = open_job(j, limit);
    run_shares(j);
    if (worthwhile)
        close_job(j, claimed);
    const int64_t end = now();
    if (end - begin > WORTHWHILE)
        __atomic_store_n(&last_end, end, __ATOMIC_RELAXED);
}
#endif

int sp_parallel_for(ptrdiff_t shares, ptrdiff_t elements, sp_share *work, const void *context) {
    job j = {.work = work, .context = context, .shares = shares};
    const float_state callers = enter_own_state();
#ifdef HAVE_WORKERS
    const int limit = serial || forked || shares < 2 ? 1 : allowed_threads();
    if (limit > 1) {
        serial = 1;
        run_shared(&j, elements, limit);
        serial = 0;
    } else
#else
    (void)elements;
#endif
        run_shares(&j);
    leave_own_state(callers);
    return j.result;
}
