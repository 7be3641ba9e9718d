#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>

namespace landfall::profile {

// What transfers may do where the host says that the network costs by the byte.
enum class OnMetered { send, wait };

// Files beside operations (wire.md, "Files"). Names are those of endpoints.
struct AttachmentRules {
  std::string start;                                          // POST: announces an upload
  std::string send;                                           // PATCH: one piece of it
  std::string offset;                                         // HEAD: how much of it the server has
  std::map<std::string, std::string, std::less<>> downloads;  // kind of file -> GET
  std::set<std::string, std::less<>> content_types;           // of uploads
  std::size_t bytes_max = 0;                                  // of one upload
  std::size_t piece_bytes = 0;
  std::size_t cache_bytes_max = 0;  // of files that are done and kept (Tier 2)
  OnMetered on_metered = OnMetered::send;
};

}  // namespace landfall::profile
