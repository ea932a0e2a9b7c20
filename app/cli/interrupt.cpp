#include "app/cli/interrupt.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <stdexcept>

namespace fovea::app::cli {
namespace {

// A signal handler may touch nothing else: the pipe's writing end, set before the handler is installed.
volatile std::sig_atomic_t signalDescriptor = -1;

constexpr char kInterruptByte = 'i';
constexpr char kQuitByte = 'q';

extern "C" void onInterruptSignal(int) {
  const int savedError = errno;
  [[maybe_unused]] const auto written = write(signalDescriptor, &kInterruptByte, 1);
  errno = savedError;
}

void openPipe(int (&ends)[2]) {
  if (pipe(ends) != 0) throw std::runtime_error("The system has no pipe left for this program.");
  for (const int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
}

void closePipe(const int (&ends)[2]) {
  for (const int end : ends) close(end);
}

}  // namespace

Interrupt::Interrupt() {
  openPipe(m_signalPipe);
  openPipe(m_pendingPipe);
  fcntl(m_pendingPipe[0], F_SETFL, O_NONBLOCK);
  fcntl(m_pendingPipe[1], F_SETFL, O_NONBLOCK);
  m_listener = std::thread([this] { listen(); });
  signalDescriptor = m_signalPipe[1];
  struct sigaction action = {};
  action.sa_handler = onInterruptSignal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
}

Interrupt::~Interrupt() {
  std::signal(SIGINT, SIG_DFL);
  signalDescriptor = -1;
  [[maybe_unused]] const auto written = write(m_signalPipe[1], &kQuitByte, 1);
  m_listener.join();
  closePipe(m_signalPipe);
  closePipe(m_pendingPipe);
}

std::stop_token Interrupt::beginWork() {
  const std::lock_guard lock(m_mutex);
  m_work = std::stop_source();
  m_working = true;
  return m_work.get_token();
}

void Interrupt::endWork() {
  const std::lock_guard lock(m_mutex);
  m_working = false;
}

bool Interrupt::interrupted() const {
  const std::lock_guard lock(m_mutex);
  return m_work.stop_requested();
}

void Interrupt::takePending() {
  char bytes[16];
  while (read(m_pendingPipe[0], bytes, sizeof bytes) > 0) {
  }
}

void Interrupt::listen() {
  char byte = 0;
  for (;;) {
    const auto count = read(m_signalPipe[0], &byte, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0 || byte == kQuitByte) return;
    const std::lock_guard lock(m_mutex);
    if (!m_working) {
      [[maybe_unused]] const auto written = write(m_pendingPipe[1], &kInterruptByte, 1);
    } else if (!m_work.request_stop()) {
      _exit(130);  // asked twice: the work does not answer, and neither will an orderly end
    }
  }
}

}  // namespace fovea::app::cli
