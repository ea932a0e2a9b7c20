// Ctrl-C, turned into something a program can wait for. The signal handler writes one byte into a pipe; a
// thread of this object's reads it and either stops the work that is running or wakes whoever waits at the
// prompt. A second Ctrl-C while the first still takes effect ends the program. Create one per process, on the
// main thread.
#pragma once

#include <mutex>
#include <stop_token>
#include <thread>

namespace fovea::app::cli {

class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// From here to endWork() Ctrl-C sets the token that this returns.
  std::stop_token beginWork();
  void endWork();
  /// Whether Ctrl-C came since beginWork().
  [[nodiscard]] bool interrupted() const;

  /// Readable while an unhandled Ctrl-C waits that came outside of work; takePending() makes it unreadable
  /// again.
  [[nodiscard]] int pendingDescriptor() const { return m_pendingPipe[0]; }
  void takePending();

 private:
  void listen();

  int m_signalPipe[2] = {-1, -1};   // handler -> listener; [1] closes to end it
  int m_pendingPipe[2] = {-1, -1};  // listener -> whoever waits at the prompt
  mutable std::mutex m_mutex;       // guards the two below
  std::stop_source m_work;
  bool m_working = false;
  std::thread m_listener;
};

/// beginWork() for a scope.
class WorkScope {
 public:
  explicit WorkScope(Interrupt& interrupt) : m_interrupt(interrupt), m_stop(interrupt.beginWork()) {}
  ~WorkScope() { m_interrupt.endWork(); }
  WorkScope(const WorkScope&) = delete;
  WorkScope& operator=(const WorkScope&) = delete;
  [[nodiscard]] std::stop_token stop() const { return m_stop; }

 private:
  Interrupt& m_interrupt;
  std::stop_token m_stop;
};

}  // namespace fovea::app::cli
