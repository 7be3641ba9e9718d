#pragma once

#include <map>
#include <set>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "simulator/scenario/fields.hpp"
#include "simulator/scenario/scenario.hpp"

namespace landfall::scenario {

// What the steps so far have named, so that a misspelt name is found before anything runs.
struct Vocabulary {
  std::set<std::string> phones;
  std::map<std::string, std::string> endpoints;  // of the profile: name -> path
  std::set<std::string> entity_types;            // of the profile
  bool is_virtual = false;
  int speed = 0;  // as Scenario has it
  std::set<std::string> operations;
  std::set<std::string> entities;
  std::set<std::string> proofs;  // attestations
};

// One step at `path` ("steps[3]"). A mistake is noted, and the step is of no use then.
[[nodiscard]] Step read_step(const nlohmann::json& json, const std::string& path,
                             Vocabulary& vocabulary, Mistake& mistake);

// Notes a mistake for a name that the backend cannot have.
[[nodiscard]] EntityName parse_entity(const std::string& text, const std::string& path,
                                      const Vocabulary& vocabulary, Mistake& mistake);

// The sections of an `expect` step; `fields` has been asked for the phone already.
[[nodiscard]] Expect read_expect(Fields& fields, std::string phone, const Vocabulary& vocabulary,
                                 Mistake& mistake);

}  // namespace landfall::scenario
