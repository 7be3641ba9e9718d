#include "simulator/scenario/junit.hpp"

#include <catch2/catch.hpp>

using landfall::scenario::junit_xml;

TEST_CASE("a report counts what failed and what was skipped, and says why") {
  const auto xml = junit_xml("scenarios", {{"good", "good.json", 1.5, "", ""},
                                           {"bad", "bad.json", 0.25, "expected <1>\nwas 2", ""},
                                           {"left out", "left.json", 0, "", "needs \"more\""}});
  CHECK(xml ==
        R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="scenarios" tests="3" failures="1" skipped="1" errors="0" time="1.750">
  <testcase classname="scenarios" name="good" file="good.json" time="1.500"/>
  <testcase classname="scenarios" name="bad" file="bad.json" time="0.250">
    <failure message="expected &lt;1&gt;">expected &lt;1&gt;&#10;was 2</failure>
  </testcase>
  <testcase classname="scenarios" name="left out" file="left.json" time="0.000">
    <skipped message="needs &quot;more&quot;"/>
  </testcase>
</testsuite>
)");
}
