#include "data/demo/demo_random.h"

static uint64_t mix(uint64_t z)
{
    z += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

uint64_t demo_hash(uint64_t seed, uint64_t purpose, uint64_t index)
{
    return mix(mix(mix(seed) ^ purpose) ^ index);
}

double demo_unit(uint64_t seed, uint64_t purpose, uint64_t index)
{
    return (double)(demo_hash(seed, purpose, index) >> 11) * 0x1p-53;
}

uint32_t demo_pick(uint64_t seed, uint64_t purpose, uint64_t index, uint32_t count)
{
    return (uint32_t)(((demo_hash(seed, purpose, index) >> 32) * count) >> 32);
}
