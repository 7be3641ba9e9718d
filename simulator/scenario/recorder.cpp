#include "simulator/scenario/recorder.hpp"

#include "simulator/world/world.hpp"

namespace landfall::scenario {
namespace {

template <class Map>
typename Map::mapped_type value_or_empty(const Map& map, const typename Map::key_type& key) {
  const auto found = map.find(key);
  return found == map.end() ? typename Map::mapped_type{} : found->second;
}

}  // namespace

void Recorder::on_acknowledged(world::World&, world::Phone&, const world::Intent& intent,
                               const nlohmann::json& result) {
  acknowledgements_[intent.id].push_back(result);
}

void Recorder::on_refused(world::World&, world::Phone&, const world::Intent& intent,
                          const std::string& code) {
  refusals_[intent.id] = code;
}

void Recorder::on_event(world::World&, world::Phone& phone, const std::string& event,
                        const nlohmann::json& data) {
  phones_[&phone].events.emplace_back(event, data);
}

void Recorder::on_shown(world::World&, world::Phone& phone, const nlohmann::json& data) {
  phones_[&phone].shown.push_back(data);
}

void Recorder::on_request(world::World& world, world::Phone& phone, const http::Request& request,
                          const std::vector<world::SentOperation>& operations) {
  PhoneRecord& record = phones_[&phone];
  ++record.requests[request.target];
  record.calls.push_back(request);
  if (operations.empty()) return;
  std::vector<std::string> batch;
  for (const auto& operation : operations) {
    batch.push_back(operation.id);
    sends_[operation.id].push_back(world.now());
  }
  record.batches.push_back(std::move(batch));
}

std::vector<Instant> Recorder::sends(const std::string& operation) const {
  return value_or_empty(sends_, operation);
}

std::vector<nlohmann::json> Recorder::acknowledgements(const std::string& operation) const {
  return value_or_empty(acknowledgements_, operation);
}

std::string Recorder::refusal(const std::string& operation) const {
  return value_or_empty(refusals_, operation);
}

}  // namespace landfall::scenario
