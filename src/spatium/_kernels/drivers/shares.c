/* The memory that shares work in, and what becomes of what they return. */
#include "drivers/shares.h"
#include "drivers/float_state.h"

#include <stdlib.h>

enum { ALIGNMENT = 64 };

typedef struct {
    void *allocated;
    char *memory; /* the first multiple of ALIGNMENT */
    size_t used;
} scratch;

static _Thread_local scratch own;

static void free_scratch(void *allocated) {
    own = (scratch){0};
    free(allocated);
}

/* ---- at the end of a thread ---- */

#ifdef _WIN32
#include <windows.h>

static DWORD key = FLS_OUT_OF_INDEXES;

static void WINAPI at_thread_exit(void *allocated) { free_scratch(allocated); }

static int free_at_thread_exit(void *allocated) {
    DWORD before = FLS_OUT_OF_INDEXES;
    if (__atomic_load_n(&key, __ATOMIC_ACQUIRE) == before) {
        const DWORD made = FlsAlloc(at_thread_exit);
        if (!__atomic_compare_exchange_n(&key, &before, made, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
            FlsFree(made);
    }
    return FlsSetValue(key, allocated) != 0;
}
#else
#include <pthread.h>

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int has_key = 0;

static void make_key(void) { has_key = pthread_key_create(&key, free_scratch) == 0; }

static int free_at_thread_exit(void *allocated) {
    pthread_once(&once, make_key);
    return has_key && pthread_setspecific(key, allocated) == 0;
}
#endif

/* ---- scratch ---- */

static __attribute__((noinline)) int allocate(void) {
    void *allocated = malloc(SP_SCRATCH_BYTES + ALIGNMENT);
    if (!allocated)
        return 0;
    if (!free_at_thread_exit(allocated)) {
        free(allocated);
        return 0;
    }
    own.allocated = allocated;
    own.memory = (char *)allocated + (-(uintptr_t)allocated & (ALIGNMENT - 1));
    own.used = 0;
    return 1;
}

static size_t rounded_up(size_t bytes) { return (bytes + ALIGNMENT - 1) & -(size_t)ALIGNMENT; }

void *sp_take_scratch(size_t bytes) {
    const size_t size = rounded_up(bytes);
    if ((!own.allocated && !allocate()) || size > SP_SCRATCH_BYTES - own.used)
        return 0;
    void *part = own.memory + own.used;
    own.used += size;
    return part;
}

void sp_give_scratch_back(size_t bytes) { own.used -= rounded_up(bytes); }

/* ---- shares ---- */

typedef struct {
    sp_share_in_scratch *work;
    const void *context;
    size_t bytes;
} call;

static int run_share(const void *context, ptrdiff_t share) {
    const call *c = context;
    if (!c->bytes)
        return c->work(c->context, share, 0);
    void *memory = sp_take_scratch(c->bytes);
    if (!memory)
        return NO_MEMORY;
    const int result = c->work(c->context, share, memory);
    sp_give_scratch_back(c->bytes);
    return result;
}

int sp_run_shares(ptrdiff_t shares, ptrdiff_t elements, sp_share_in_scratch *work, const void *context, size_t bytes) {
    const int result = sp_parallel_for(shares, elements, run_share, &(call){work, context, bytes});
    if (result & INVALID)
        raise_invalid();
    return result & NO_MEMORY ? -1 : 0;
}
