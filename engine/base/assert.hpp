#pragma once

// Assertions of the engine. They stay on in release builds: a broken invariant ends the process
// before it can be written to disk. They never carry payloads or secrets, only the condition and
// the place.

namespace landfall {

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace landfall

#define LANDFALL_ASSERT(condition)    \
  ((condition) ? static_cast<void>(0) \
               : ::landfall::assertion_failed(#condition, __FILE__, __LINE__))
