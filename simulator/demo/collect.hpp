#pragma once

#include "simulator/demo/demo_phone.hpp"
#include "simulator/demo/record.hpp"
#include "simulator/demo/story.hpp"
#include "simulator/demo/surroundings.hpp"

namespace landfall::demo {

// What both sides say when the story is over, or cannot go on. An engine that gives no answer any
// more is a mishap of the record.
[[nodiscard]] Record collect(Surroundings& around, DemoPhone& phone, const Story& story);

}  // namespace landfall::demo
