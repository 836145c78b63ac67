/* Repeatable random numbers for the tests of geo/. */
#ifndef TESTS_UNIT_GEO_RANDOM_H
#define TESTS_UNIT_GEO_RANDOM_H

#include <stdint.h>

static uint64_t random_state;

static inline void random_seed(uint64_t seed)
{
    random_state = seed;
}

/* 31 random bits. */
static inline int random_bits(void)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (int)(random_state >> 33);
}

#endif
