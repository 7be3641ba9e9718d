#include "actors/transport/connection_pool.hpp"

#include <utility>

namespace landfall::transport {

std::shared_ptr<Connection> ConnectionPool::take() {
  prune();
  while (!idle_.empty()) {
    auto connection = std::move(idle_.back().connection);
    idle_.pop_back();
    if (connection->may_carry_another()) return connection;
    connection->close();
  }
  return nullptr;
}

void ConnectionPool::give(std::shared_ptr<Connection> connection) {
  idle_.push_back({std::move(connection), clock_.now()});
  if (idle_.size() > connections_max_) {
    idle_.front().connection->close();
    idle_.pop_front();
  }
}

void ConnectionPool::clear() {
  for (const auto& idle : idle_) idle.connection->close();
  idle_.clear();
}

bool ConnectionPool::prune() {
  const Instant now = clock_.now();
  while (!idle_.empty() && now - idle_.front().since >= idle_max_) {
    idle_.front().connection->close();
    idle_.pop_front();
  }
  return !idle_.empty();
}

}  // namespace landfall::transport
