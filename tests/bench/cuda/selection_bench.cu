// Selection for a verifier of 32 layers by a draft of 22 layers with 32 heads and 4 KV heads: from the
// draft's scores to mass, from mass to estimates, from estimates to lists. Buffers are rotated so that a
// launch finds none of its inputs in the cache, which is harder than in a pass, where the step before has
// just left them.
#include <cmath>
#include <memory>
#include <string>

#include "kernels/cuda/attention_mass.h"
#include "kernels/cuda/estimate.h"
#include "kernels/cuda/select.h"
#include "tests/bench/cuda/timing.h"

namespace fovea::bench {
namespace {

namespace cuda = kernels::cuda;

constexpr std::size_t kLayers = 32;
constexpr std::size_t kSources = 88;
constexpr std::size_t kRotatedBytes = std::size_t{160} << 20;  // three times the second-level cache

template <typename T>
class Array {
 public:
  explicit Array(std::size_t n) : m_size(n) {
    void* memory = nullptr;
    check(cudaMalloc(&memory, n * sizeof(T)), "memory");
    m_data.reset(static_cast<T*>(memory));
  }
  [[nodiscard]] T* get() const { return m_data.get(); }
  [[nodiscard]] std::size_t size() const { return m_size; }
  void set(const std::vector<T>& host) const {
    check(cudaMemcpy(get(), host.data(), host.size() * sizeof(T), cudaMemcpyHostToDevice), "to the device");
  }
  [[nodiscard]] std::vector<T> host() const {
    std::vector<T> out(m_size);
    check(cudaMemcpy(out.data(), get(), m_size * sizeof(T), cudaMemcpyDeviceToHost), "to the host");
    return out;
  }

 private:
  struct Free {
    void operator()(T* memory) const { cudaFree(memory); }
  };
  std::unique_ptr<T, Free> m_data;
  std::size_t m_size;
};

__device__ unsigned mix(unsigned x) {  // C. Wellons' lowbias32
  x = (x ^ (x >> 16)) * 0x7FEB352DU;
  x = (x ^ (x >> 15)) * 0x846CA68BU;
  return x ^ (x >> 16);
}

// x = scale * e^(deviation * normal): what attention looks like, roughly. log: the exponent alone.
__global__ void fill_kernel(float* x, std::size_t n, float deviation, float scale, unsigned seed, bool log) {
  for (std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n;
       i += std::size_t{gridDim.x} * blockDim.x) {
    const unsigned a = mix(static_cast<unsigned>(i) * 2 + seed);
    const unsigned b = mix(a + 0x9E3779B9U);
    const float radius = sqrtf(-2 * logf((static_cast<float>(a >> 8) + 0.5F) * 0x1p-24F));
    const float normal = radius * cospif(2 * static_cast<float>(b >> 8) * 0x1p-24F);
    x[i] = log ? deviation * normal : scale * expf(deviation * normal);
  }
}

void fill(const Array<float>& x, float deviation, float scale, unsigned seed, bool log = false) {
  fill_kernel<<<1024, 256>>>(x.get(), x.size(), deviation, scale, seed * 0x01000193U, log);
  check(cudaDeviceSynchronize(), "fill");
}

/// What a line says: the least time is bytes / bandwidth, the prediction was made before the first run.
void report(const std::string& what, std::size_t n, double bytes, double seconds, double predicted_us,
            double bandwidth, const std::string& note) {
  const double rate = bytes / seconds;
  std::printf("%-34s %7zu  %8.1f MB %8.1f us %6.0f GB/s %4.0f%%  predicted %6.1f us  %s\n", what.c_str(), n,
              bytes * 1e-6, seconds * 1e6, rate * 1e-9, rate / bandwidth * 100, predicted_us, note.c_str());
}

// One set of buffers of a selection.
struct Set {
  Set(std::size_t n, std::size_t rows, bool with_mass, unsigned seed)
      : mass(with_mass ? rows * kSources * n : 4),
        norms(kLayers * n),
        estimate(kLayers * n),
        positions(kLayers * n),
        counts(kLayers),
        masses(kLayers) {
    fill(mass, 2, 1.0F / static_cast<float>(n), seed);
    fill(norms, 0.3F, 1, seed + 1);
    fill(estimate, 2, 1.0F / static_cast<float>(n), seed + 2);
  }
  Array<float> mass;
  Array<float> norms;
  Array<float> estimate;
  Array<std::int32_t> positions;
  Array<std::int32_t> counts;
  Array<kernels::LayerMass> masses;
};

// What `options` asks of the sets, and what became of it.
class SelectionBench {
 public:
  SelectionBench(std::size_t n, std::size_t rows, bool with_mass)
      : m_n(n), m_weights(kLayers * kSources), m_p(kLayers), m_slots(1), m_positions(1) {
    const std::size_t bytes = (kLayers * 8 + (with_mass ? rows * kSources * 4 : 0)) * n;
    const std::size_t sets = std::max<std::size_t>(2, (kRotatedBytes + bytes - 1) / bytes);
    for (unsigned i = 0; i < sets; ++i) m_sets.push_back(std::make_unique<Set>(n, rows, with_mass, 100 * i));
    fill(m_weights, 1, 1.0F / kSources, 7);
    m_slots.set({static_cast<std::int32_t>(rows)});
    m_positions.set({static_cast<std::int32_t>(n)});
    call.mass_stride = n;
    call.rows = rows;
    call.sources = kSources;
    call.weights = m_weights.get();
    call.layers = kLayers;
    call.value_norm_stride = n;
    call.next_share = 0.5F;
    call.sinks = 4;
    call.window = 32;
    call.p = m_p.get();
    call.slot_count = m_slots.get();
    call.positions = m_positions.get();
    call.capacity = n;
  }

  enum class Part { kEstimate, kChoose, kBoth };

  void run(const std::string& what, Part part, float p, bool value_aware, double predicted_us,
           double bandwidth) {
    m_p.set(std::vector<float>(kLayers, p));
    const Array<float> workspace(std::max<std::size_t>(1, cuda::select_workspace_bytes(call, m_n) / 4));
    const auto work = [&](int i, cudaStream_t stream) {
      const Set& set = *m_sets[static_cast<std::size_t>(i) % m_sets.size()];
      cuda::SelectCall with = call;
      with.mass = set.mass.get();
      with.value_norms = value_aware ? set.norms.get() : nullptr;
      const cuda::Selection out{set.positions.get(), set.estimate.get(), m_n, set.counts.get(),
                                set.masses.get()};
      if (part == Part::kEstimate)
        return cuda::estimate_attention(out.estimate, workspace.get(), m_n, with, stream);
      if (part == Part::kChoose) return cuda::choose(out, workspace.get(), with, stream);
      return cuda::select(out, workspace.get(), with, stream);
    };
    const double seconds = seconds_of(work, static_cast<int>(std::max<std::size_t>(20, m_sets.size())));
    const double cached = seconds_of([&](int, cudaStream_t stream) { return work(0, stream); });
    double bytes = 0;
    const auto entries = static_cast<double>(kLayers * m_n);
    if (part != Part::kChoose) bytes += static_cast<double>(call.rows * kSources * m_n) * 4;
    if (part == Part::kEstimate) bytes += entries * 4;
    if (part == Part::kChoose) bytes += entries * 4;
    char text[128];
    std::snprintf(text, sizeof(text), "cached %.1f us", cached * 1e6);
    std::string note = text;
    if (part != Part::kEstimate) {
      double kept = 0;
      double least = 1;
      for (const std::int32_t count : m_sets[0]->counts.host()) kept += count;
      for (const kernels::LayerMass& m : m_sets[0]->masses.host()) least = std::min(least, m.kept / m.total);
      bytes += kept * 4 + (value_aware ? entries * 4 : 0);
      std::snprintf(text, sizeof(text), "; p %.2f keeps %.1f%%, of the mass %.4f at least",
                    static_cast<double>(p), kept / entries * 100, least);
      note += text;
    }
    report(what, m_n, bytes, seconds, predicted_us, bandwidth, note);
  }
  void flatten() {  // one bin holds everything
    for (const auto& set : m_sets) fill(set->estimate, 0, 1.0F / static_cast<float>(m_n), 0);
  }

  cuda::SelectCall call;

 private:
  std::size_t m_n;
  std::vector<std::unique_ptr<Set>> m_sets;
  Array<float> m_weights;
  Array<float> m_p;
  Array<std::int32_t> m_slots;
  Array<std::int32_t> m_positions;
};

using Part = SelectionBench::Part;

void choose_benches(double bandwidth) {
  for (const auto& [n, predicted] : {std::pair{4096UL, 7.0}, {32768UL, 10.0}, {131072UL, 25.0}}) {
    SelectionBench bench(n, 1, false);
    bench.run("choose", Part::kChoose, 0.7F, true, predicted, bandwidth);
    bench.run("choose", Part::kChoose, 0.95F, true, predicted, bandwidth);
    if (n != 32768) continue;
    bench.call.search = kernels::ThresholdSearch::kBisection;
    bench.run("choose, ten bisections", Part::kChoose, 0.7F, true, 25, bandwidth);
    bench.call.search = kernels::ThresholdSearch::kHistogram;
    bench.call.next_share = 0;
    bench.call.sinks = bench.call.window = 0;
    bench.run("choose, weights alone", Part::kChoose, 0.9F, false, predicted - 1, bandwidth);
    bench.flatten();
    bench.run("choose, all weights equal", Part::kChoose, 0.9F, false, predicted, bandwidth);
  }
}

void select_benches(double bandwidth) {
  for (const auto& [n, estimate, both] :
       {std::tuple{4096UL, 4.0, 10.0}, {32768UL, 7.0, 15.0}, {131072UL, 20.0, 42.0}}) {
    SelectionBench bench(n, 1, true);
    bench.run("estimate, 88 sources", Part::kEstimate, 0.7F, true, estimate, bandwidth);
    bench.run("estimate and choose", Part::kBoth, 0.7F, true, both, bandwidth);
  }
  SelectionBench rows(32768, 5, true);
  rows.call.combination = kernels::RowCombination::kMax;
  rows.run("estimate and choose, max of 5", Part::kBoth, 0.7F, true, 35, bandwidth);
  rows.call.combination = kernels::RowCombination::kUnion;
  rows.run("estimate and choose, union of 5", Part::kBoth, 0.7F, true, 60, bandwidth);
}

void mass_benches(double bandwidth) {
  constexpr std::size_t kDraftLayers = 22;
  constexpr std::size_t kSlots = 6;
  constexpr std::size_t kHeads = 32;
  for (const std::size_t n : {4096UL, 32768UL}) {
    const std::size_t rows = kDraftLayers * kSlots * kHeads;
    const std::size_t sets = n == 4096 ? 3 : 1;
    const Array<float> scores(sets * rows * n);
    const Array<float> log_sum_exp(rows);
    const Array<float> mass(kSources * n * kSlots);
    const Array<std::int32_t> numbers(2);
    fill(scores, 2, 1, 3, true);
    log_sum_exp.set(std::vector<float>(rows, std::log(static_cast<float>(n)) + 2));
    numbers.set({static_cast<std::int32_t>(kSlots), static_cast<std::int32_t>(n)});
    const auto view = [&](int i) {
      return cuda::ScoreRows{scores.get() + static_cast<std::size_t>(i) % sets * rows * n,
                             log_sum_exp.get(),
                             kDraftLayers,
                             kSlots,
                             kHeads,
                             4,
                             n,
                             numbers.get(),
                             numbers.get() + 1,
                             n};
    };
    const auto of_scores = static_cast<double>(rows * n) * 4;
    const auto of_mass = static_cast<double>(kSources * n) * 4;
    const double mean = seconds_of(
        [&](int i, cudaStream_t stream) { return cuda::attention_mass(mass.get(), n, view(i), stream); }, 6);
    report("mass, mean of 6 rows", n, of_scores + of_mass, mean, of_scores / bandwidth * 1.08e6, bandwidth,
           "");
    const double by_slot = seconds_of(
        [&](int i, cudaStream_t stream) {
          return cuda::attention_mass_by_slot(mass.get(), n, view(i), stream);
        },
        6);
    report("mass, 6 rows apart", n, of_scores + of_mass * kSlots, by_slot, of_scores / bandwidth * 1.2e6,
           bandwidth, "");
  }
}

}  // namespace
}  // namespace fovea::bench

int main() {
  using namespace fovea::bench;
  cudaDeviceProp card{};
  check(cudaGetDeviceProperties(&card, 0), "a device");
  const double bandwidth = read_bandwidth();
  std::printf("%s, reads %.0f GB/s\n", card.name, bandwidth * 1e-9);
  choose_benches(bandwidth);
  select_benches(bandwidth);
  mass_benches(bandwidth);
  return 0;
}
