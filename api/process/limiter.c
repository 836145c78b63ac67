#include "api/process/limiter.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>
#include <xxhash.h>

enum { WAYS = 8, LOCKS = 64, CALLERS_MAX = 1 << 24, WAIT_MOST_S = 3600 };

struct bucket {
    uint64_t key;      /* 0: nobody's */
    int64_t units;     /* what is left at updated_ms; negative: debt */
    int64_t updated_ms;
};

struct limiter {
    int64_t rate, burst;
    uint64_t seed;
    size_t set_mask;
    pthread_mutex_t locks[LOCKS];
    struct bucket buckets[]; /* sets of WAYS */
};

enum status limiter_new(struct limiter **out, uint64_t rate, uint64_t burst, size_t callers, struct error *err)
{
    size_t count = WAYS;
    while (count < callers && count < CALLERS_MAX) count *= 2;
    struct limiter *limiter = calloc(1, sizeof *limiter + count * sizeof limiter->buckets[0]);
    if (limiter == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    const uint64_t most = INT64_MAX / 4;
    limiter->rate = (int64_t)(rate < most ? rate : most);
    limiter->burst = (int64_t)(burst < most ? burst : most);
    limiter->set_mask = count / WAYS - 1;
    if (getrandom(&limiter->seed, sizeof limiter->seed, 0) != (ssize_t)sizeof limiter->seed)
        limiter->seed = (uint64_t)(uintptr_t)limiter;
    for (unsigned i = 0; i < LOCKS; i++) pthread_mutex_init(&limiter->locks[i], NULL);
    *out = limiter;
    return STATUS_OK;
}

void limiter_free(struct limiter *limiter)
{
    if (limiter == NULL) return;
    for (unsigned i = 0; i < LOCKS; i++) pthread_mutex_destroy(&limiter->locks[i]);
    free(limiter);
}

uint64_t limiter_key(const struct limiter *limiter, const void *bytes, size_t length)
{
    uint64_t key = XXH3_64bits_withSeed(bytes, length, limiter->seed);
    return key ? key : 1;
}

/* Units in a bucket now. */
static int64_t level(const struct limiter *limiter, const struct bucket *bucket, int64_t now_ms)
{
    int64_t elapsed_ms = now_ms > bucket->updated_ms ? now_ms - bucket->updated_ms : 0;
    __int128 units = bucket->units + (__int128)elapsed_ms * limiter->rate / 1000;
    return units > limiter->burst ? limiter->burst : (int64_t)units;
}

/* The caller's bucket; with `make`, one that is made for it. The set's lock is held. */
static struct bucket *bucket_find(struct limiter *limiter, uint64_t key, int64_t now_ms, bool make)
{
    struct bucket *set = &limiter->buckets[(key & limiter->set_mask) * WAYS], *fullest = set;
    int64_t most = INT64_MIN;
    for (unsigned i = 0; i < WAYS; i++) {
        if (set[i].key == key) return &set[i];
        int64_t here = set[i].key == 0 ? INT64_MAX : level(limiter, &set[i], now_ms);
        if (here > most) most = here, fullest = &set[i];
    }
    if (!make) return NULL;
    *fullest = (struct bucket){.key = key, .units = limiter->burst, .updated_ms = now_ms};
    return fullest;
}

static pthread_mutex_t *lock_of(struct limiter *limiter, uint64_t key)
{
    return &limiter->locks[(key & limiter->set_mask) % LOCKS];
}

bool limiter_admit(struct limiter *limiter, uint64_t key, int64_t now_ms, unsigned *wait_s)
{
    if (key == 0) return true;
    pthread_mutex_t *lock = lock_of(limiter, key);
    pthread_mutex_lock(lock);
    const struct bucket *bucket = bucket_find(limiter, key, now_ms, false);
    int64_t units = bucket ? level(limiter, bucket, now_ms) : limiter->burst;
    pthread_mutex_unlock(lock);
    if (units > 0) return true;
    int64_t seconds = limiter->rate > 0 ? -units / limiter->rate + 1 : WAIT_MOST_S;
    *wait_s = seconds > WAIT_MOST_S ? WAIT_MOST_S : (unsigned)seconds;
    return false;
}

void limiter_charge(struct limiter *limiter, uint64_t key, uint64_t units, int64_t now_ms)
{
    if (key == 0 || units == 0) return;
    pthread_mutex_t *lock = lock_of(limiter, key);
    pthread_mutex_lock(lock);
    struct bucket *bucket = bucket_find(limiter, key, now_ms, true);
    int64_t have = level(limiter, bucket, now_ms);
    int64_t cost = units < (uint64_t)INT64_MAX / 4 ? (int64_t)units : INT64_MAX / 4;
    bucket->units = have > INT64_MIN / 4 ? have - cost : have;
    if (now_ms > bucket->updated_ms) bucket->updated_ms = now_ms;
    pthread_mutex_unlock(lock);
}
