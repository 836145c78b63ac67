/* Functions whose loops the compiler turns into vector instructions, compiled twice: for any x86-64 and for AVX2; the
 * loader picks. Include it only in files that begin with #pragma GCC optimize("O3"); VECTOR_CLONES goes on the functions
 * that hold the loops, VECTOR_INLINE on what they call. Neither changes a result. */
#ifndef GEO_BASE_VECTOR_CLONES_H
#define GEO_BASE_VECTOR_CLONES_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&               \
    !defined(__SANITIZE_THREAD__)
/* Sanitizers cannot follow the resolver that picks a clone before they are set up. */
#define VECTOR_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define VECTOR_CLONES
#endif

#define VECTOR_INLINE static inline __attribute__((always_inline))

#endif
