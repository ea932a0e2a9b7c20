// Result<T>: a value, or an Error that says in words what failed and what to do about it. The engine never
// throws across its interface and never aborts; every fallible function returns one of these. Plain values,
// any thread.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace fovea {

enum class ErrorCode {
  kNotFound,         // a file or a name does not exist
  kUnreadable,       // the operating system refused to open, map or read
  kDamaged,          // the content contradicts its own format
  kUnsupported,      // well-formed, but not something this program runs
  kInvalidArgument,  // the caller's request makes no sense
  kOutOfMemory,      // memory of the host or of the device
  kBackend,          // a device failed while running
  kCancelled,        // the caller asked to stop
};

/// What failed, in one sentence a user can act on. `message` names the cause (file, field, byte), `remedy`
/// what helps; `remedy` may be empty.
struct Error {
  ErrorCode code = ErrorCode::kInvalidArgument;
  std::string message;
  std::string remedy;

  /// "message. remedy" as one line for a terminal or a log.
  [[nodiscard]] std::string to_string() const { return remedy.empty() ? message : message + " " + remedy; }
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : m_state(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(Error error)
      : m_state(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return m_state.index() == 0; }
  explicit operator bool() const { return ok(); }

  /// Only after ok(). Asking the wrong half throws std::bad_variant_access, which is a bug in the caller.
  [[nodiscard]] T& value() & { return std::get<0>(m_state); }
  [[nodiscard]] const T& value() const& { return std::get<0>(m_state); }
  [[nodiscard]] T&& value() && { return std::get<0>(std::move(m_state)); }
  [[nodiscard]] Error& error() & { return std::get<1>(m_state); }
  [[nodiscard]] const Error& error() const& { return std::get<1>(m_state); }
  [[nodiscard]] Error&& error() && { return std::get<1>(std::move(m_state)); }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Error> m_state;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : m_error(std::move(error)), m_ok(false) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return m_ok; }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] const Error& error() const { return m_error; }

 private:
  Error m_error;
  bool m_ok = true;
};

}  // namespace fovea
