// Ctrl-C and the line reader, with a real signal and a real pipe.
#include "app/cli/interrupt.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include "app/cli/line_reader.h"

namespace fovea::app::cli {
namespace {

class Pipe {
 public:
  Pipe() { EXPECT_EQ(pipe(m_ends.data()), 0); }
  ~Pipe() {
    close(m_ends[0]);
    closeWriting();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  [[nodiscard]] int reading() const { return m_ends[0]; }
  void write(const std::string& text) const {
    EXPECT_EQ(::write(m_ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void closeWriting() {
    if (m_ends[1] >= 0) close(m_ends[1]);
    m_ends[1] = -1;
  }

 private:
  std::array<int, 2> m_ends{-1, -1};
};

TEST(Interrupt, StopsTheWorkThatRuns) {
  Interrupt interrupt;
  const WorkScope work(interrupt);
  EXPECT_FALSE(interrupt.interrupted());
  std::raise(SIGINT);
  for (int i = 0; i < 500 && !work.stop().stop_requested(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(work.stop().stop_requested());
  EXPECT_TRUE(interrupt.interrupted());
}

TEST(Interrupt, NewWorkBeginsUnstopped) {
  Interrupt interrupt;
  {
    const WorkScope work(interrupt);
    std::raise(SIGINT);
    while (!work.stop().stop_requested()) std::this_thread::yield();
  }
  const WorkScope work(interrupt);
  EXPECT_FALSE(work.stop().stop_requested());
}

TEST(LineReader, ReadsLinesAndTheLastOneWithoutAnEnd) {
  Interrupt interrupt;
  Pipe pipe;
  pipe.write("one\r\n\ntwo words\nlast");
  pipe.closeWriting();
  LineReader reader(pipe.reading(), interrupt);
  std::string line;
  for (const char* expected : {"one", "", "two words", "last"}) {
    EXPECT_EQ(reader.read(line), LineReader::Outcome::kLine);
    EXPECT_EQ(line, expected);
  }
  EXPECT_EQ(reader.read(line), LineReader::Outcome::kEnd);
}

TEST(LineReader, WakesUpForAnInterruptAndGoesOn) {
  Interrupt interrupt;
  Pipe pipe;
  LineReader reader(pipe.reading(), interrupt);
  std::string line;
  std::raise(SIGINT);
  EXPECT_EQ(reader.read(line), LineReader::Outcome::kInterrupted);
  pipe.write("after\n");
  EXPECT_EQ(reader.read(line), LineReader::Outcome::kLine);
  EXPECT_EQ(line, "after");
}

}  // namespace
}  // namespace fovea::app::cli
