// Selectors against the golden lists of an independent reference, and a counting backend that proves that the
// reads they report are the reads that are made.
#include "engine/selector.h"

#include <algorithm>
#include <set>

#include "engine/alignment_store.h"
#include "engine/backend_cpu.h"
#include "engine/calibration.h"
#include "engine/select_layer.h"
#include "engine/speculative.h"
#include "tests/engine/counting_backend.h"
#include "tests/engine/model_files.h"
#include "tests/engine/random_model.h"
#include "tests/engine/temporary_folder.h"

namespace fovea {
namespace {

using namespace fovea::testing;

class SelectorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 400; ++i) m_ids.push_back(262 + (i * i + i / 3) % 9);
  }
  std::unique_ptr<Decoder> open(Backend& backend, std::uint32_t seed) {
    const std::string path =
        m_folder.write("model" + std::to_string(seed) + ".gguf", random_model(seed).build());
    auto decoder = Decoder::open(path, backend, 512, nullptr, {});
    EXPECT_TRUE(decoder.ok());
    return std::move(decoder).value();
  }
  TemporaryFolder m_folder;
  std::vector<TokenId> m_ids{1};
};

TEST_F(SelectorTest, ReportedReadsAreTheReadsMade) {
  CountingBackend of_verifier(2);
  BackendCpu of_draft(1);
  const auto verifier = open(of_verifier, 1);
  const auto draft = open(of_draft, 2);
  auto plan = DraftPlan::create(of_draft, *draft, 5, 5, {});
  ASSERT_TRUE(plan.ok());
  for (const SelectorKind kind : {SelectorKind::kDraft, SelectorKind::kStreaming, SelectorKind::kOracle}) {
    for (const int dense_layers : {0, 1}) {
      SparsityOptions options;
      options.selector = kind;
      options.attention_top_p = 0.5F;
      options.dense_layers = dense_layers;
      auto selector = make_selector(of_verifier, *verifier, options, {&(*plan)->rows(), {1.0F}, {}});
      ASSERT_TRUE(selector.ok());
      SamplingOptions sampling;
      sampling.temperature = 0;
      Sampler sampler(sampling);
      Draft drafting(*draft, sampler, 2, AcceptanceRule::kSharedNoise, plan->get());
      ReadMap map;
      Speculative speculative(*verifier, drafting, sampler, selector->get(), &map);
      std::vector<TokenId> sequence(m_ids.begin(), m_ids.begin() + 300);
      ASSERT_TRUE(verifier->prefill(sequence, nullptr, {}, Reuse::kAny).ok());
      for (int step = 0; step < 10; ++step) {
        of_verifier.entries = 0;
        const StepTelemetry telemetry = speculative.step(sequence, 4);
        EXPECT_EQ(telemetry.kv_entries_read, of_verifier.entries) << to_string(kind);
        EXPECT_EQ(telemetry.kv_entries_dense, static_cast<std::int64_t>(telemetry.context_tokens));
        if (kind == SelectorKind::kOracle) continue;  // reads everything first, and says so
        if (dense_layers == 1) {
          EXPECT_EQ(telemetry.kv_entries_read, telemetry.kv_entries_dense);
        } else {
          EXPECT_LT(telemetry.kv_entries_read, telemetry.kv_entries_dense);
        }
      }
    }
  }
}

TEST_F(SelectorTest, ListsAscendAndHoldSinksAndWindow) {
  BackendCpu backend(2);
  const auto verifier = open(backend, 1);
  const auto draft = open(backend, 2);
  auto rows = AttentionRows::create(backend, draft->config(), 16, 512);
  ASSERT_TRUE(rows.ok());
  for (const RowCombination combination :
       {RowCombination::kMean, RowCombination::kMax, RowCombination::kUnion}) {
    for (const std::size_t positions : {1UL, 3UL, 20UL, 36UL, 37UL, 333UL}) {
      SparsityOptions options;
      options.rows = combination;
      options.value_aware = false;  // then p is about attention itself
      options.next_share = 0;
      options.attention_top_p = 0.6F;
      auto selector = make_selector(backend, *verifier, options, {rows->get(), {1.0F}, {}});
      ASSERT_TRUE(selector.ok());
      (*rows)->expect(0, 3);
      draft->decode(std::span(m_ids).first(positions + 3), 3, rows->get());
      ASSERT_TRUE(verifier->prefill(std::span(m_ids).first(positions + 1), nullptr, {}).ok());
      (*selector)->prepare(positions, 3);
      verifier->decode(std::span(m_ids).first(positions + 4), 4, selector->get(), Reuse::kAny);
      (*selector)->collect();
      const std::span<const std::int32_t> list = (*selector)->positions(0);
      ASSERT_TRUE(std::is_sorted(list.begin(), list.end()));
      const std::set<std::int32_t> chosen(list.begin(), list.end());
      ASSERT_EQ(chosen.size(), list.size());
      for (std::size_t p = 0; p < positions; ++p) {
        const bool always = p < 4 || p + 32 >= positions;
        EXPECT_TRUE(!always || chosen.contains(static_cast<std::int32_t>(p))) << p;
      }
      ASSERT_LT(list.back(), static_cast<std::int32_t>(positions));
      EXPECT_GE((*selector)->mass_kept(), 0.6 - 1e-6);
      EXPECT_LE((*selector)->mass_kept(), 1.0 + 1e-6);
    }
  }
}

// A rejected proposal leaves no trace: the same steps after it give the same bits.
TEST_F(SelectorTest, RejectedTokensRollBackExactly) {
  BackendCpu backend(2);
  const auto straight = open(backend, 1);
  const auto detour = open(backend, 1);
  SparsityOptions options;
  options.selector = SelectorKind::kStreaming;
  options.budget = 0.3F;
  auto a = make_selector(backend, *straight, options, {});
  auto b = make_selector(backend, *detour, options, {});
  ASSERT_TRUE(a.ok() && b.ok());
  const std::span<const TokenId> ids(m_ids);
  ASSERT_TRUE(straight->prefill(ids.first(201), nullptr, {}).ok());
  ASSERT_TRUE(detour->prefill(ids.first(201), nullptr, {}).ok());
  std::vector<TokenId> wrong(ids.begin(), ids.begin() + 202);
  wrong.insert(wrong.end(), {300, 301, 302});
  (*b)->prepare(200, 0);
  detour->decode(wrong, 5, b->get(), Reuse::kAny);  // of five tokens two stand
  (*a)->prepare(200, 0);
  straight->decode(ids.first(202), 2, a->get(), Reuse::kAny);
  (*a)->prepare(202, 0);
  (*b)->prepare(202, 0);
  const auto expected = straight->decode_to_host(ids.first(206), 4, a->get(), Reuse::kAny);
  const std::vector<float> kept(expected.begin(), expected.end());
  const auto actual = detour->decode_to_host(ids.first(206), 4, b->get(), Reuse::kAny);
  EXPECT_TRUE(std::equal(actual.begin(), actual.end(), kept.begin(), kept.end()));
}

// One layer over a hundred positions, judged by one source.
class SelectLayer : public ::testing::Test {
 protected:
  std::vector<std::int32_t> list() {
    select_layer({m_positions.data(), 100, &m_count, m_estimate.data(), &m_masses}, m_call, 0);
    return {m_positions.begin(), m_positions.begin() + m_count};
  }
  std::vector<float> m_mass = std::vector<float>(100, 0.0F);
  float m_weight = 1;
  float m_p = 0.9F;
  std::vector<std::int32_t> m_positions = std::vector<std::int32_t>(100);
  std::vector<float> m_estimate = std::vector<float>(200);
  std::int32_t m_count = -1;
  kernels::LayerMass m_masses;
  SelectCall m_call{.mass = m_mass.data(),
                    .mass_stride = 100,
                    .sources = 1,
                    .weights = &m_weight,
                    .layers = 1,
                    .positions = 100,
                    .p = &m_p};
};

TEST_F(SelectLayer, WeighsByValuesAndByTheNextPosition) {
  std::vector<float> norms(100, 1.0F);
  m_mass[40] = 0.5F;  // much attention to an entry without content
  norms[40] = 0.01F;
  m_mass[70] = 0.4F;
  EXPECT_EQ(list(), (std::vector<std::int32_t>{40, 70}));
  m_call.value_norms = norms.data();
  EXPECT_EQ(list(), (std::vector<std::int32_t>{70}));
  EXPECT_NEAR(m_masses.kept / m_masses.total, 0.4 / 0.9, 1e-6) << "what is reported is attention";
  m_call.next_share = 0.5F;
  EXPECT_EQ(list(), (std::vector<std::int32_t>{69, 70}));
}

TEST_F(SelectLayer, ReachesPastWhatIsLookedAt) {
  m_mass[40] = 1;
  m_mass[97] = 0.5F;
  m_call.reach = 3;
  EXPECT_EQ(list(), (std::vector<std::int32_t>{40, 41, 42, 43, 97, 98, 99}));
}

TEST_F(SelectLayer, GoesOnWithWhatFollows) {
  m_positions.resize(104);
  m_estimate.resize(208);
  m_mass[40] = 1;
  m_call.following = 3;
  std::vector<std::int32_t> counts(4, -1);
  select_layer({m_positions.data(), 104, counts.data(), m_estimate.data(), &m_masses}, m_call, 0);
  EXPECT_EQ(counts, (std::vector<std::int32_t>{1, 2, 3, 4}));
  m_positions.resize(4);
  EXPECT_EQ(m_positions, (std::vector<std::int32_t>{40, 100, 101, 102}));
}

TEST_F(SelectLayer, AWeightThatMakesNoSenseKeepsEverything) {
  std::fill(m_mass.begin(), m_mass.end(), 0.01F);
  m_mass[50] = std::numeric_limits<float>::quiet_NaN();
  m_p = 0.5F;
  EXPECT_EQ(list().size(), 100U);
  EXPECT_EQ(m_masses.valid, 0);
}

// The pair in F16, for which the golden values were computed.
class GoldenSelection : public ::testing::Test {
 protected:
  void SetUp() override {
    if (find_model("fovea-verifier-f16.gguf").empty()) GTEST_SKIP() << "the F16 pair is not on this machine";
    auto verifier = Decoder::open(find_model("fovea-verifier-f16.gguf"), m_backend, 512, nullptr, {});
    auto draft = Decoder::open(find_model("fovea-draft-f16.gguf"), m_backend, 512, nullptr, {});
    ASSERT_TRUE(verifier.ok() && draft.ok());
    m_verifier = std::move(verifier).value();
    m_draft = std::move(draft).value();
    m_ids = ids_of(golden().at("alignment").at("ids"));
  }
  BackendCpu m_backend{2};
  std::unique_ptr<Decoder> m_verifier;
  std::unique_ptr<Decoder> m_draft;
  std::vector<TokenId> m_ids;
};

TEST_F(GoldenSelection, AlignmentMatchesTheReference) {
  std::vector<AttentionSample> samples;
  for (std::size_t position = 64; position < 256; ++position) samples.push_back({position, 1, position + 1});
  const auto verifier = collect_rows(*m_verifier, m_backend, m_ids, samples, nullptr, {});
  const auto draft = collect_rows(*m_draft, m_backend, m_ids, samples, nullptr, {});
  ASSERT_TRUE(verifier.ok() && draft.ok());
  const auto layers = layer_cost(*verifier, *draft);
  const auto heads = head_cost(*verifier, *draft);
  ASSERT_TRUE(layers.ok() && heads.ok());
  const auto& expected_layers = golden().at("alignment").at("cost");
  const auto& expected_heads = golden().at("selection").at("head_cost");
  // The reference keeps its keys in float32. In f16 a score s moves by up to |s| * 2^-11, and a divergence by
  // the mean of that over the positions; the largest scores here are 31.7 (draft) and 37.5 (verifier).
  constexpr double kTolerance = 32 * 0x1p-11;
  for (std::size_t row = 0; row < layers->rows; ++row) {
    for (std::size_t column = 0; column < layers->columns; ++column) {
      const double expected = expected_layers[row][column];
      ASSERT_NEAR(layers->at(row, column), expected, kTolerance);
    }
  }
  for (std::size_t row = 0; row < heads->rows; ++row) {
    for (std::size_t column = 0; column < heads->columns; ++column) {
      const double expected = expected_heads[row][column];
      ASSERT_NEAR(heads->at(row, column), expected, kTolerance);
    }
  }
  EXPECT_EQ(monotone_map(*layers), golden().at("alignment").at("map").get<std::vector<int>>());
  std::vector<int> expected_map;
  for (const auto& pick : golden().at("selection").at("head_map")) {
    expected_map.push_back(pick[0].get<int>() * 2 + pick[1].get<int>());
  }
  EXPECT_EQ(head_map(*heads), expected_map);
}

TEST_F(GoldenSelection, ListsHoldTheMinimalOnesAndAtMostABinMore) {
  auto rows = AttentionRows::create(m_backend, m_draft->config(), 16, 512);
  ASSERT_TRUE(rows.ok());
  (*rows)->expect(0, 5);
  m_draft->decode(std::span(m_ids).first(205), 5, rows->get());
  const auto& selection = golden().at("selection");
  std::vector<int> picks;
  for (const auto& pick : selection.at("head_map"))
    picks.push_back(pick[0].get<int>() * 2 + pick[1].get<int>());

  const auto compare = [&](const SparsityOptions& options, const std::vector<float>& weights,
                           const nlohmann::json& lists) {
    auto selector = make_selector(m_backend, *m_verifier, options, {rows->get(), weights, {}});
    ASSERT_TRUE(selector.ok());
    (*selector)->prepare(200, 5);
    (*selector)->begin_pass(200, 6);
    (*selector)->collect();
    std::size_t missing = 0;
    std::size_t minimal = 0;
    std::size_t kept = 0;
    for (std::size_t layer = 0; layer < 16; ++layer) {
      const auto list = (*selector)->positions(layer);
      const std::set<std::int32_t> chosen(list.begin(), list.end());
      const auto expected = lists[layer].get<std::vector<std::int32_t>>();
      for (const std::int32_t position : expected) missing += chosen.contains(position) ? 0 : 1;
      minimal += expected.size();
      kept += list.size();
    }
    // Rounding may swap neighbours at the threshold; a bin is a sixteenth of an octave wide.
    EXPECT_LE(missing, 3U);
    EXPECT_GE(kept + 3, minimal);
    EXPECT_LT(static_cast<double>(kept), 1.05 * static_cast<double>(minimal));
  };
  SparsityOptions ours;
  ours.value_aware = false;
  ours.next_share = 0;
  for (const char* p : {"0.7", "0.8", "0.95"}) {
    ours.attention_top_p = std::stof(p);
    compare(ours, head_map_mixture(picks, 4, 12), selection.at("pooled_mean").at(p));
  }
  SparsityOptions paper;
  paper.value_aware = false;
  paper.next_share = 0;
  paper.rows = RowCombination::kUnion;
  paper.sinks = 0;
  paper.window = 0;
  paper.attention_top_p = 0.95F;
  compare(paper, layer_map_mixture(golden().at("alignment").at("map").get<std::vector<int>>(), 6, 2),
          selection.at("paper_union_p0.95_layer_map_no_sinks"));
}

}  // namespace
}  // namespace fovea
