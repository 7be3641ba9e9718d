#pragma once

#include <string>

#include "engine/base/time.hpp"

namespace landfall::profile {

// A GET whose answer is kept, so that it is there offline too (P-91, P-92, P-97). Its items are
// documents like any other. The answer itself is kept as a document of its own, in which each item
// is its id: so the order of the list, and what stands beside it, is not lost either.
struct CachedRead {
  std::string name;
  std::string endpoint;  // a GET with `documents`, whose offline class is cached
  std::string entity;    // the type of every item
  std::string kept_as;   // the type of the document that the answer is kept as; its id is `name`
  Duration max_age{0};   // for how long the answer counts as fresh
};

}  // namespace landfall::profile
