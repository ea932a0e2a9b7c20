#include "engine/controller.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

StepTelemetry step_of(int proposed, int accepted, double draft_seconds, double verify_seconds) {
  StepTelemetry step;
  step.proposed = proposed;
  step.accepted = accepted;
  step.draft_passes = proposed > 0 ? proposed : 1;
  step.draft_seconds = draft_seconds * step.draft_passes;
  step.verify_seconds = verify_seconds;
  return step;
}

// A machine where a pass of the draft costs `draft` and a row more of the verifier `row`, in passes of one
// row.
int settled(Controller& controller, double chance, double draft, double row) {
  int proposals = 0;
  double luck = 0;  // accepts `chance` of the proposals, evenly
  for (int i = 0; i < 400; ++i) {
    proposals = controller.draft_tokens(0, 8);
    int accepted = 0;
    while (accepted < proposals && (luck += chance) >= 1) {
      luck -= 1;
      ++accepted;
    }
    controller.learn(step_of(proposals, accepted, draft, 1 + row * proposals));
  }
  return proposals;
}

TEST(Controller, DraftsMuchWhereItIsCheapAndMostlyRight) {
  Controller controller(Controller::Costs::kMeasured);
  EXPECT_GE(settled(controller, 0.95, 0.05, 0.05), 6);
}

TEST(Controller, DraftsLittleOrNothingWhereItDoesNotPay) {
  Controller controller(Controller::Costs::kMeasured);
  settled(controller, 0.3, 0.5, 0.5);
  int drafted = 0;
  for (int i = 0; i < 64; ++i) {
    const int proposals = controller.draft_tokens(0, 8);
    drafted += proposals > 0 ? 1 : 0;
    controller.learn(step_of(proposals, 0, 0.5, 1 + 0.5 * proposals));
  }
  EXPECT_LE(drafted, 8) << "but for a probe now and then";
  EXPECT_GE(drafted, 1) << "or a change for the better would never be seen";
}

TEST(Controller, ADraftThatDoesNotDareIsNotFree) {
  Controller controller(Controller::Costs::kMeasured);
  int asked = 0;
  for (int i = 0; i < 200; ++i) {
    const int proposals = controller.draft_tokens(0, 4);
    asked += proposals > 0 && i >= 100 ? 1 : 0;
    StepTelemetry step = step_of(0, 0, 0.3, 1.0);
    if (proposals == 0) step.draft_passes = 0;
    controller.learn(step);
  }
  EXPECT_LE(asked, 20);
}

TEST(Controller, KeepsToItsLimits) {
  Controller controller(Controller::Costs::kMeasured);
  for (int i = 0; i < 100; ++i) {
    const int proposals = controller.draft_tokens(1, 3);
    ASSERT_GE(proposals, 1);
    ASSERT_LE(proposals, 3);
    controller.learn(step_of(proposals, i % 2 == 0 ? proposals : 0, 0.01, 0.1));
  }
}

// Mode sparse: what is drafted follows from the tokens alone, however slow or fast the machine is.
TEST(Controller, NominalCostsIgnoreTheClock) {
  Controller slow(Controller::Costs::kNominal);
  Controller fast(Controller::Costs::kNominal);
  for (int i = 0; i < 100; ++i) {
    const int proposals = slow.draft_tokens(1, 6);
    ASSERT_EQ(fast.draft_tokens(1, 6), proposals);
    const int accepted = i % (proposals + 1);
    slow.learn(step_of(proposals, accepted, 5.0, 9.0 * i));
    fast.learn(step_of(proposals, accepted, 1e-6, 1e-3));
  }
}

}  // namespace
}  // namespace fovea
