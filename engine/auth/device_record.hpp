#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"

namespace landfall::store {
class Reader;
class Sealer;
class Transaction;
}  // namespace landfall::store

namespace landfall::auth {

// What the host says of its phone (P-21). What it never said is nothing.
struct DeviceFacts {
  std::optional<std::string> push_token;  // empty: there is none any more
  std::optional<std::string> device_name;
  std::optional<bool> biometric_capable;
  std::optional<std::string> biometric_type;

  friend bool operator==(const DeviceFacts&, const DeviceFacts&) = default;
};

// Why the server will not have this phone, and what it was told when it said so.
struct DeviceRefusal {
  std::string body;
  std::string code;     // device.limit or device.refused
  std::string message;  // for the user

  friend bool operator==(const DeviceRefusal&, const DeviceRefusal&) = default;
};

// What one user's server knows of this phone, as one value that is sealed and written whole.
struct DeviceRecord {
  DeviceFacts facts;
  std::optional<std::string> registered;  // the body that the server took last
  std::optional<DeviceRefusal> refusal;   // of the last one that it did not take

  friend bool operator==(const DeviceRecord&, const DeviceRecord&) = default;
};

// Sealed under the user's token key and bound to their row: a push token reaches its owner's phone.
// Errors of reading: seal.broken (altered, moved or another key) and registration.unreadable.
// Nothing when the user has no record.
[[nodiscard]] Status store_device_record(store::Transaction& device, store::Sealer& key,
                                         std::string_view user_id, const DeviceRecord& record);
[[nodiscard]] Result<std::optional<DeviceRecord>> load_device_record(const store::Reader& device,
                                                                     const store::Sealer& key,
                                                                     std::string_view user_id);

}  // namespace landfall::auth
