// W4: documents are read by key, most of them from a few; what is not there is fetched and stored,
// and the least recently used is thrown away beyond 16 MiB. The engine fetches from a network that
// answers at once; the reference has the document at hand.

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/random.hpp"
#include "schema/limits.hpp"
#include "tests/bench/bench_host.hpp"
#include "tests/bench/bench_profile.hpp"
#include "tests/bench/job.hpp"
#include "tests/bench/prepared_phone.hpp"
#include "tests/bench/quick_backend.hpp"
#include "tests/bench/reference.h"
#include "tests/bench/reference_database.hpp"

namespace landfall::bench {
namespace {

constexpr std::size_t kBytesMax = 16 * limits::kMiB;
constexpr std::size_t kGetsAPut = 10;
constexpr double kHotGets = 0.8;
constexpr std::size_t kKeysAHotOne = 5;
constexpr std::size_t kGetsALook = 5'000;

std::string document_id(std::size_t number) { return "po-" + std::to_string(100'000 + number); }

// 200 to 1,800 bytes, always the same for a key.
std::string data_of(std::size_t number) {
  return document_data(200 + number * 2'654'435'761U % 1'601);
}

// 80 % on 20 % of the keys. The same for every contestant.
std::vector<reference_step> make_steps(std::size_t gets, std::size_t keys) {
  Random random(4);
  const std::size_t hot = keys / kKeysAHotOne;
  const auto draw = [&] {
    const bool is_hot = random.chance(kHotGets);
    return static_cast<std::uint32_t>(is_hot ? random.below(hot) : hot + random.below(keys - hot));
  };
  std::vector<reference_step> steps;
  for (std::size_t i = 1; i <= gets; ++i) {
    steps.push_back({draw(), 0});
    if (i % kGetsAPut == 0) steps.push_back({draw(), 1});
  }
  return steps;
}

// The server's side: the newest version of what is asked for, one document a call.
class Shelf final {
 public:
  explicit Shelf(std::size_t keys) : versions_(keys, 1) {
    for (std::size_t i = 0; i < keys; ++i) data_.push_back(data_of(i));
  }

  void change(std::size_t number) { ++versions_.at(number); }

  [[nodiscard]] std::string answer(const std::string& body) const {
    const std::size_t at = body.find("\"po-");
    if (at == std::string::npos)
      return R"({"scope":"tier1","cursor":"1","has_more":false,"changes":[]})";
    const std::size_t number = std::stoul(body.substr(at + 4)) - 100'000;
    return R"({"changes":[{"entity_type":"po","entity_id":")" + document_id(number) +
           R"(","row_version":)" + std::to_string(versions_.at(number)) +
           R"(,"updated_at":"2026-01-01T00:00:00.000Z","deleted":false,"data":)" +
           data_.at(number) + R"(}],"unchanged":[]})";
  }

 private:
  std::vector<std::int64_t> versions_;
  std::vector<std::string> data_;  // at hand, as the reference's is
};

class Reader final {
 public:
  Reader(BenchHost& host, Shelf& shelf) : host_(host), shelf_(shelf) {}

  void take(const reference_step& step) {
    if (step.is_put != 0) {
      shelf_.change(step.document);
      return fetch(step.document);
    }
    const auto reply =
        host_.ask("documents.query", R"({"type":"po","id":")" + document_id(step.document) + "\"}");
    if (reply.find("\"documents\":[]") == std::string_view::npos) {
      ++hits_;
    } else {
      fetch(step.document);
    }
    if (++gets_ % kGetsALook == 0) look();
  }

  // What the cache holds never passes its bound.
  void look() {
    const auto status = host_.request("cache.status", nlohmann::json::object());
    bytes_most_ = std::max(bytes_most_, status.at("tiers").at(1).at("bytes").get<std::size_t>());
  }

  [[nodiscard]] std::size_t hits() const { return hits_; }
  [[nodiscard]] std::size_t bytes_most() const { return bytes_most_; }

 private:
  void fetch(std::size_t number) {
    (void)host_.ask("documents.refresh", R"({"entities":[{"entity_type":"po","entity_id":")" +
                                             document_id(number) + "\"}]}");
  }

  BenchHost& host_;
  Shelf& shelf_;
  std::size_t hits_ = 0;
  std::size_t gets_ = 0;
  std::size_t bytes_most_ = 0;
};

void add_hits(const Job& job, std::size_t hits, Figures& figures) {
  figures.counts["hit_rate"] = static_cast<double>(hits) / static_cast<double>(job.n);
}

}  // namespace

Figures read_through_by_engine(const Job& job, CountingVfs& vfs) {
  const auto steps = make_steps(job.n, job.keys);
  Shelf shelf(job.keys);
  QuickBackend backend([&](const std::string& body) { return shelf.answer(body); });
  SteppedNetwork network([&](const http::Request& request) {
    return http::Answer{backend.answer(request), std::nullopt};
  });
  HostOptions options{job.folder, vfs.name(), Caller::in_process, &network};
  options.profile = make_profile({.tier2_bytes_max = kBytesMax});
  BenchHost host(options);
  host.wait_for_event("pull.completed");
  Reader reader(host, shelf);
  const DiskCounts before = vfs.counts();
  const std::int64_t started = reference_now_ns();
  for (const auto& step : steps) reader.take(step);
  const std::int64_t taken = reference_now_ns() - started;
  reader.look();
  Figures figures = figures_of(job.n, taken, vfs.counts() - before);
  figures.counts["bytes_over_cap"] =
      static_cast<double>(std::max(reader.bytes_most(), kBytesMax) - kBytesMax);
  add_hits(job, reader.hits(), figures);
  return figures;
}

Figures read_through_by_reference(const Job& job, CountingVfs& vfs) {
  const auto steps = make_steps(job.n, job.keys);
  std::vector<std::string> ids;
  std::vector<std::string> data;
  for (std::size_t i = 0; i < job.keys; ++i) {
    ids.push_back(document_id(i));
    data.push_back(data_of(i));
  }
  std::vector<reference_document> documents;
  for (std::size_t i = 0; i < job.keys; ++i)
    documents.push_back({ids[i].c_str(), data[i].data(), data[i].size()});
  const ReferenceKey key = random_key();
  Job relaxed = job;
  relaxed.is_full = false;  // as the engine's: what a power cut takes is fetched again
  const ReferenceDatabase database = create_reference(relaxed, vfs);
  const reference_cache work{key.data(),   documents.data(), documents.size(),
                             steps.data(), steps.size(),     kBytesMax};
  std::size_t hits = 0;
  const DiskCounts before = vfs.counts();
  const std::int64_t started = reference_now_ns();
  check(raw_cache(database.get(), &work, &hits));
  const std::int64_t taken = reference_now_ns() - started;
  Figures figures = figures_of(job.n, taken, vfs.counts() - before);
  add_hits(job, hits, figures);
  return figures;
}

}  // namespace landfall::bench
