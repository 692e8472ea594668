// hnswlib's index for the benches, as C functions: inner product, one thread, f32.
#include "hnswlib.h"

extern "C" {

void *hnsw_build(const float *rows, size_t count, size_t dim) {
  auto *space = new hnswlib::InnerProductSpace(dim);
  auto *index = new hnswlib::HierarchicalNSW<float>(space, count);
  for (size_t row = 0; row < count; row++) index->addPoint(rows + row * dim, row);
  return index;
}

void hnsw_breadth(void *index, size_t breadth) {
  static_cast<hnswlib::HierarchicalNSW<float> *>(index)->setEf(breadth);
}

void hnsw_search(void *index, const float *probe, size_t k, unsigned *found) {
  auto queue = static_cast<hnswlib::HierarchicalNSW<float> *>(index)->searchKnn(probe, k);
  for (size_t place = queue.size(); place > 0; place--) {
    found[place - 1] = queue.top().second;
    queue.pop();
  }
}
}
