// From the attention scores that a draft left on the device to what selection works on: the mean attention
// that each KV position received, for all layers in one launch. The twin of kernels/cpu/attention_mass.
// Launchers as in elementwise.h. Guarantee: an entry of an output depends on its own column of the inputs
// alone, never on how many positions there are or on its place.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

namespace fovea::kernels::cuda {

/// Scores of all layers of a model, one slot a row (engine/attention_rows). Probability of position i in a
/// row of a head: exp(score - log_sum_exp). A score of -infinity (masked) counts as 0, and so does NaN.
struct ScoreRows {
  const float* scores = nullptr;       // [layers, slots, heads, stride]; aligned to 16
  const float* log_sum_exp = nullptr;  // [layers, slots, heads]
  std::size_t layers = 0;
  std::size_t slots = 0;
  std::size_t heads = 0;
  std::size_t kv_heads = 0;  // divides heads
  std::size_t stride = 0;    // a multiple of 4
  // Of the device, so that a captured pass can be replayed:
  const std::int32_t* slot_count = nullptr;  // slots 0 .. *slot_count - 1 are filled; at most `slots`
  const std::int32_t* positions = nullptr;   // entries that every filled slot has seen; at most `capacity`
  std::size_t capacity = 0;                  // <= stride and <= the output's stride
  std::size_t mean_of = 0;  // slots that the mean is over, those of other calls included; 0: the filled ones
};

/// Lists that slots were filled by, one a layer: score e of layer l belongs to positions[l * stride + e].
struct ScoreLists {
  const std::int32_t* positions = nullptr;  // ascending; below the mass's stride
  std::size_t stride = 0;
  const std::int32_t* counts = nullptr;  // [layers]
};

/// mass[layers * kv_heads, mass_stride]: for each KV head and each position below *rows.positions the mean,
/// over the filled slots and the query heads of the KV head, of the probabilities. Entries from there on, and
/// everything where no slot is filled, are left alone. mass: aligned to 16, mass_stride a multiple of 4.
/// Terms are added in float, slot by slot, as on the CPU; exp errs by up to 2 units in the last place.
cudaError_t attention_mass(float* mass, std::size_t mass_stride, const ScoreRows& rows, cudaStream_t stream);

/// The same of slots that saw lists alone, added to what mass holds at the lists' positions below
/// *rows.positions.
cudaError_t add_listed_mass(float* mass, std::size_t mass_stride, const ScoreRows& rows,
                            const ScoreLists& lists, cudaStream_t stream);

/// The same for each filled slot by itself, for those who unite: mass[slots, layers * kv_heads, mass_stride].
cudaError_t attention_mass_by_slot(float* mass, std::size_t mass_stride, const ScoreRows& rows,
                                   cudaStream_t stream);

}  // namespace fovea::kernels::cuda
