#include "engine/machine_memory.h"

#if defined(_WIN32)
#define NOMINMAX
#include <windows.h>
#elif defined(__linux__)
#include <fstream>
#include <string>
#endif

namespace fovea {

std::optional<std::size_t> available_memory() {
#if defined(_WIN32)
  MEMORYSTATUSEX status{};
  status.dwLength = sizeof status;
  if (GlobalMemoryStatusEx(&status) == 0) return std::nullopt;
  return static_cast<std::size_t>(status.ullAvailPhys);
#elif defined(__linux__)
  std::ifstream file("/proc/meminfo");
  std::string name;
  std::size_t kibibytes = 0;
  std::string unit;
  while (file >> name >> kibibytes && std::getline(file, unit)) {
    if (name == "MemAvailable:") return kibibytes << 10;
  }
  return std::nullopt;
#else
  return std::nullopt;
#endif
}

}  // namespace fovea
