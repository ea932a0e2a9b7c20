// Controller: how many tokens the draft should propose before the next pass of the verifier, none at all
// where that is faster. It learns the chance of each proposal to stand and the costs of both models from the
// steps of this turn, and forgets slowly, so it follows text that becomes easier or harder. A value of one
// turn; one thread.
//
// Where answers must repeat although they depend on how many tokens were proposed (mode sparse), it is given
// nominal costs in the place of clocks, and everything it does follows from the tokens alone.
#pragma once

#include <vector>

#include "engine/telemetry.h"

namespace fovea {

class Controller {
 public:
  enum class Costs {
    kMeasured,  // by the clock
    kNominal,   // fixed ratios: a proposal costs a sixth of a pass, a row more of a pass an eighth
  };

  explicit Controller(Costs costs) : m_costs(costs) {}

  /// Proposals for the next step: least .. most. Now and then one that does not pay is made all the same, or
  /// nothing would be learned.
  [[nodiscard]] int draft_tokens(int least, int most);
  /// What a step cost and brought.
  void learn(const StepTelemetry& step);

  /// Expected tokens of a step with this many proposals, and its seconds.
  [[nodiscard]] double expected_tokens(int proposals) const;
  [[nodiscard]] double expected_seconds(int proposals) const;
  /// Seconds of one pass of the draft; 0 before any was measured.
  [[nodiscard]] double draft_pass_seconds() const { return m_draft_pass_seconds; }

 private:
  // Running sums over passes for a straight line of seconds over rows.
  struct Line {
    double weight = 0, rows = 0, rows_squared = 0, seconds = 0, rows_seconds = 0;
    void add(double pass_rows, double pass_seconds);
    [[nodiscard]] double at(double pass_rows) const;
  };

  Costs m_costs;
  std::vector<double> m_chance;  // [draft position] that a proposal stands when all before it stood
  double m_dares = 1;            // chance that the draft proposes at all when it is asked
  double m_draft_pass_seconds = 0;
  Line m_pass;
  int m_steps_without_proposals = 0;
};

}  // namespace fovea
