// A trace as the bytes that the store keeps with its message, and back. The bytes may come from a damaged or
// hostile file: decoding checks every size, count and number before it is used. Pure functions; any thread.
//
// Layout: "FVTR", the version (u16), the size of the content (u32), then the content as one zlib stream (RFC
// 1950), whose checksum finds what was damaged by chance. Numbers are little-endian; "count" and "id" are
// unsigned LEB128; "real" is an IEEE float. Content of version 1, in this order:
//   options  mode, selector, reason (u8 each), remapped (u8: 0 or 1); temperature, top_p, min_p,
//            repetition_penalty, attention_top_p (real); top_k, repetition_window, max_tokens, draft_tokens,
//            sinks, window, dense_layers (count); seed (u64)
//   sizes    bytes of a KV entry, bytes of the verifier's weights (count)
//   prompt   count of tokens, then an id each
//   steps    count, then for each: kind (u8); proposed, accepted, confirmed, refused, context_tokens,
//            kv_entries_read, kv_entries_dense, draft_kv_entries_read, draft_passes (count);
//            attention_mass_kept, draft, select, verify, sample seconds (real; the first may be NaN);
//            count of layers, for each entries_read (count) and mass_kept (real); count of tokens, an id
//            each; 1 and the refusal (two ids, three reals that may be NaN) or 0 (u8); count of buckets, a
//            count of reads each
//   reads    count of layers, for each: count of buckets, a count each; then the dense buckets likewise
//   texts    count, for each: id, count of bytes, the bytes
#pragma once

#include <QByteArray>

#include "app/turn_trace.h"
#include "engine/result.h"

namespace fovea::app {

inline constexpr int kTraceVersion = 1;
/// No trace is larger, neither as kept nor unpacked: what a file says beyond it is not believed.
inline constexpr qsizetype kTraceBytesMax = qsizetype{16} << 20;

/// Empty where the trace would be larger than kTraceBytesMax.
[[nodiscard]] QByteArray encodeTrace(const TurnTrace& trace);

/// kUnsupported for a newer version's, kDamaged for whatever else is wrong.
[[nodiscard]] Result<TurnTrace> decodeTrace(const QByteArray& blob);

}  // namespace fovea::app
