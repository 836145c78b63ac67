/* Numbers that look random and depend on nothing but the seed and on what they are for.
 *
 * A hash of (seed, purpose, index) instead of a running stream: adding a village does not change every bridge after
 * it, and the same seed gives the same prefecture on any machine. The mixer is SplitMix64 (Steele, Lea, Flood 2014). */
#ifndef DATA_DEMO_DEMO_RANDOM_H
#define DATA_DEMO_DEMO_RANDOM_H

#include <stdint.h>

/** 64 well-mixed bits. */
uint64_t demo_hash(uint64_t seed, uint64_t purpose, uint64_t index);

/** Uniform in [0, 1), exact multiples of 2^-53. */
double demo_unit(uint64_t seed, uint64_t purpose, uint64_t index);

/** Uniform in 0 .. count − 1; count > 0. */
uint32_t demo_pick(uint64_t seed, uint64_t purpose, uint64_t index, uint32_t count);

#endif
