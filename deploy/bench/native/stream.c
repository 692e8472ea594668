// Reads memory once with 256-bit loads and keeps next to nothing: what the machine can stream.
#include <immintrin.h>
#include <stddef.h>

unsigned long long stream_read(const unsigned char *bytes, size_t count) {
  __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
  for (size_t at = 0; at + 128 <= count; at += 128) {
    a = _mm256_or_si256(a, _mm256_loadu_si256((const __m256i *)(bytes + at)));
    b = _mm256_or_si256(b, _mm256_loadu_si256((const __m256i *)(bytes + at + 32)));
    c = _mm256_or_si256(c, _mm256_loadu_si256((const __m256i *)(bytes + at + 64)));
    d = _mm256_or_si256(d, _mm256_loadu_si256((const __m256i *)(bytes + at + 96)));
  }
  a = _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d));
  return (unsigned long long)_mm256_extract_epi64(a, 0);
}
