/* What every benchmark needs: a clock, quantiles, a fixed random sequence, memory used. */
#ifndef TESTS_BENCH_STOPWATCH_H
#define TESTS_BENCH_STOPWATCH_H

#include <stddef.h>
#include <stdint.h>

/** Microseconds on the monotonic clock. */
double stopwatch_us(void);

/** Microseconds of processor time that this process has used, all threads together. */
double stopwatch_cpu_us(void);

/** The q-quantile (0..1) of `count` values; sorts them. */
double stopwatch_quantile(double *values, size_t count, double q);
double stopwatch_mean(const double *values, size_t count);

/** splitmix64. */
uint64_t stopwatch_random(uint64_t *state);

/** Largest resident size of this process so far, in MB. */
double stopwatch_resident_mb(void);

/** Resident size now, in MB. */
double stopwatch_resident_now_mb(void);

#endif
