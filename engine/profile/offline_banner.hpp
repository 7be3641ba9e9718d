#pragma once

#include <string>

namespace landfall::profile {

// What an app shows for as long as there is no way to the server (I-31).
struct OfflineBanner {
  std::string message;     // a key of the profile's messages
  std::string background;  // "#rrggbb"
};

}  // namespace landfall::profile
