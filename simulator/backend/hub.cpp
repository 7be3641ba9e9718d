#include "simulator/backend/hub.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "simulator/backend/accounts.hpp"

namespace landfall::backend {
namespace {

constexpr char kSeparator = '\x1e';
constexpr Duration kKeepAlive = std::chrono::seconds{15};
constexpr Duration kClientTimeout = std::chrono::seconds{30};
constexpr std::size_t kPendingBytesMax = 32U * 1024U;
constexpr std::size_t kOffersMax = 1'000;
constexpr std::size_t kIdBytes = 16;

Json close_message(const std::string& error, bool allow_reconnect) {
  Json message{{"type", 7}, {"allowReconnect", allow_reconnect}};
  if (!error.empty()) message["error"] = error;
  return message;
}

}  // namespace

std::string Hub::negotiate(const std::string& user_id, int version) {
  const std::string id = random_hex(random_, kIdBytes);
  const std::string token = version >= 1 ? random_hex(random_, kIdBytes) : id;
  offered_.emplace(token, user_id);
  offers_.push_back(token);
  if (offers_.size() > kOffersMax) {
    offered_.erase(offers_.front());
    offers_.pop_front();
  }
  Json body{{"connectionId", id},
            {"availableTransports",
             Json::array({Json{{"transport", "WebSockets"},
                               {"transferFormats", Json::array({"Text", "Binary"})}}})}};
  if (version >= 1) {
    body["negotiateVersion"] = 1;
    body["connectionToken"] = token;
  }
  return dump_json(body);
}

std::optional<std::uint64_t> Hub::open(const std::string& user_id, const std::string& id,
                                       Instant now) {
  if (!id.empty()) {
    const auto offer = offered_.find(id);
    if (offer == offered_.end() || offer->second != user_id) return std::nullopt;
    offered_.erase(offer);
  }
  Connection connection;
  connection.user_id = user_id;
  connection.last_heard = connection.last_said = now;
  connections_.emplace(++last_connection_, std::move(connection));
  return last_connection_;
}

void Hub::hear(std::uint64_t number, std::string_view text, Instant now) {
  const auto found = connections_.find(number);
  if (found == connections_.end() || found->second.is_closing) return;
  Connection& connection = found->second;
  connection.last_heard = now;
  connection.pending += text;
  std::size_t end = 0;
  while (!connection.is_closing &&
         (end = connection.pending.find(kSeparator)) != std::string::npos) {
    const std::string record = connection.pending.substr(0, end);
    connection.pending.erase(0, end + 1);
    take_record(connection, record, now);
  }
  if (connection.pending.size() > kPendingBytesMax) connection.is_closing = true;
}

void Hub::take_record(Connection& connection, std::string_view record, Instant now) {
  if (!connection.is_shaken) return shake(connection, record, now);
  const auto message = parse_json(record, {kPendingBytesMax});
  const bool is_message = message && message->is_object() && message->contains("type");
  if (!is_message) {
    put(connection, close_message("Connection closed with an error.", false), now);
    connection.is_closing = true;
    return;
  }
  if ((*message)["type"] == 7) connection.is_closing = true;
  // Nothing can be called here; who waits for an answer gets one.
  if ((*message)["type"] != 1 || !message->contains("invocationId")) return;
  put(connection,
      {{"type", 3},
       {"invocationId", (*message)["invocationId"]},
       {"error", "Failed to invoke: the method does not exist."}},
      now);
}

void Hub::shake(Connection& connection, std::string_view record, Instant now) {
  const auto request = parse_json(record, {kPendingBytesMax});
  const bool is_good = request && request->is_object() &&
                       request->value("protocol", Json()) == "json" &&
                       request->value("version", Json()) == 1;
  if (!is_good) {
    put(connection, {{"error", "The protocol is not supported."}}, now);
    connection.is_closing = true;
    return;
  }
  connection.is_shaken = true;
  ledger_.add(HubVisit{connection.user_id, true, now});
  put(connection, Json::object(), now);
}

void Hub::leave(std::uint64_t number, Instant now) {
  const auto found = connections_.find(number);
  if (found == connections_.end()) return;
  note_end(found->second, now);
  connections_.erase(found);
}

void Hub::note_end(const Connection& connection, Instant now) {
  if (connection.is_shaken) ledger_.add(HubVisit{connection.user_id, false, now});
}

void Hub::put(Connection& connection, const Json& message, Instant now) {
  connection.last_said = now;
  connection.texts.push_back(dump_json(message) + kSeparator);
}

void Hub::say(const std::string& user_id, std::string_view target, const Json& argument,
              Instant now) {
  for (auto& [number, connection] : connections_) {
    if (connection.user_id != user_id || !connection.is_shaken || connection.is_closing) continue;
    put(connection, {{"type", 1}, {"target", target}, {"arguments", Json::array({argument})}}, now);
  }
}

void Hub::send_away(const std::string& user_id, bool allow_reconnect, const std::string& error) {
  for (auto& [number, connection] : connections_) {
    if (connection.user_id != user_id || connection.is_closing) continue;
    if (connection.is_shaken)
      put(connection, close_message(error, allow_reconnect), connection.last_said);
    connection.is_closing = true;
  }
}

// Who was silent for too long is let go without a word, as somebody who has left.
std::vector<HubOutput> Hub::take_output(Instant now) {
  std::vector<HubOutput> output;
  for (auto it = connections_.begin(); it != connections_.end();) {
    Connection& connection = it->second;
    const bool is_lost = now >= connection.last_heard + kClientTimeout;
    if (connection.is_shaken && !connection.is_closing && now >= connection.last_said + kKeepAlive)
      put(connection, {{"type", 6}}, now);
    const bool close = connection.is_closing || is_lost;
    if (close || !connection.texts.empty())
      output.push_back({it->first, std::exchange(connection.texts, {}), close});
    if (close) note_end(connection, now);
    it = close ? connections_.erase(it) : std::next(it);
  }
  return output;
}

std::optional<Instant> Hub::next_wake() const {
  std::optional<Instant> next;
  for (const auto& [number, connection] : connections_) {
    Instant at = connection.last_heard + kClientTimeout;
    if (connection.is_shaken) at = std::min(at, connection.last_said + kKeepAlive);
    next = std::min(next.value_or(at), at);
  }
  return next;
}

std::vector<std::string> Hub::users() const {
  std::set<std::string> users;
  for (const auto& [number, connection] : connections_) {
    if (connection.is_shaken && !connection.is_closing) users.insert(connection.user_id);
  }
  return {users.begin(), users.end()};
}

}  // namespace landfall::backend
