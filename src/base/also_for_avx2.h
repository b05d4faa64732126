// Loops over columns of numbers, compiled twice: for every processor that the program runs on, and for those with AVX2,
// which take four doubles at once. The loader picks.
//
// For plain functions that the compiler can vectorize by itself. Both give the same bits: AVX2 alone brings no fused
// multiplication and addition.
#pragma once

// Picking happens before the sanitizers are ready, and Clang's way is another one.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define IOT_ALSO_FOR_AVX2 __attribute__((target_clones("avx2", "default")))
#else
#define IOT_ALSO_FOR_AVX2
#endif
