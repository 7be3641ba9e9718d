// W5: a first pull of many documents, page by page, each page applied with its cursor in one
// transaction. The network answers at once and costs nothing: the thread that calls is the server
// too, and what it takes to make a page is taken away from the engine's time.

#include <algorithm>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "mobile_glue/device_clock.hpp"
#include "schema/limits.hpp"
#include "tests/bench/bench_host.hpp"
#include "tests/bench/bench_profile.hpp"
#include "tests/bench/documents.hpp"
#include "tests/bench/job.hpp"
#include "tests/bench/quick_backend.hpp"
#include "tests/bench/reference.h"
#include "tests/bench/reference_database.hpp"

namespace landfall::bench {
namespace {

constexpr std::size_t kPageDocuments = 500;
// Nobody writes for long enough.
constexpr Duration kUntilMoved{2 * limits::kLogQuietMs};

std::string document_id(std::size_t number) { return "po-" + std::to_string(100'000'000 + number); }

// One page after the other, whatever cursor is named, and the last one again and again.
class Pages final {
 public:
  explicit Pages(std::size_t documents) : left_(documents) {}

  std::string next() {
    const std::int64_t started = reference_now_ns();
    std::string page = make_next();
    spent_ns_ += reference_now_ns() - started;
    return page;
  }
  // What making them took.
  [[nodiscard]] std::int64_t spent_ns() const { return spent_ns_; }

 private:
  std::string make_next() {
    const std::size_t count = std::min(left_, kPageDocuments);
    left_ -= count;
    std::string page = R"({"scope":"tier1","cursor":")" + std::to_string(++number_) +
                       R"(","has_more":)" + (left_ > 0 ? "true" : "false") + R"(,"changes":[)";
    page.reserve(page.size() + count * (kDocumentBytes + 200));
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) page += ',';
      page += R"({"entity_type":"po","entity_id":")" + document_id(documents_) +
              R"(","row_version":1,"updated_at":"2026-01-01T00:00:00.000Z","deleted":false,)"
              R"("data":)";
      page.append(shelf_.data_of(documents_)).append("}");
      ++documents_;
    }
    return page + "]}";
  }

  const DocumentShelf shelf_;
  std::size_t left_;
  std::size_t number_ = 0;
  std::size_t documents_ = 0;
  std::int64_t spent_ns_ = 0;
};

}  // namespace

Figures pull_by_engine(const Job& job, CountingVfs& vfs) {
  Pages pages(job.n);
  QuickBackend backend([&](const std::string&) { return pages.next(); });
  SteppedNetwork network([&](const http::Request& request) {
    return http::Answer{backend.answer(request), std::nullopt};
  });
  network.hold(true);
  const double rss_before_mb = resident_mb();
  VirtualClock clock(glue::DeviceClock::wall_clock());
  HostOptions options{job.folder, vfs.name(), Caller::in_process, &network,
                      job.moves_log ? &clock : nullptr};
  options.profile = make_profile({});
  BenchHost host(options);
  host.wait_for_state("ready");
  const DiskCounts before = vfs.counts();
  const std::int64_t started = reference_now_ns();
  network.hold(false);
  host.wait_for_event("pull.completed");
  if (job.moves_log) (void)host.live_for(kUntilMoved);
  const std::int64_t taken = reference_now_ns() - started - pages.spent_ns();
  Figures figures = figures_of(job.n, taken, vfs.counts() - before);
  figures.counts["rss_grown_mb"] = figures.rss_mb - rss_before_mb;
  figures.counts["pulls"] = static_cast<double>(backend.counts().pulls);
  const auto stored = host.request("cache.status", nlohmann::json::object());
  figures.counts["documents"] = stored.at("tiers").at(1).at("documents").get<double>();
  return figures;
}

Figures pull_by_reference(const Job& job, CountingVfs& vfs) {
  const DocumentShelf shelf;
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < job.n; ++i) ids.push_back(document_id(i));
  std::vector<reference_document> documents;
  for (std::size_t i = 0; i < job.n; ++i)
    documents.push_back({ids[i].c_str(), shelf.data_of(i).data(), shelf.data_of(i).size()});
  const ReferenceKey key = random_key();
  Job relaxed = job;
  relaxed.is_full = false;  // as the engine's: what a power cut takes is pulled again
  const ReferenceDatabase database = create_reference(relaxed, vfs);
  const reference_pull work{key.data(), documents.data(), documents.size(), kPageDocuments};
  const DiskCounts before = vfs.counts();
  const std::int64_t started = reference_now_ns();
  check(job.contestant == Contestant::raw
            ? raw_pull(database.get(), &work)
            : bare_add_documents(database.get(), shelf.data_of(0).c_str(), job.n, kPageDocuments));
  const std::int64_t taken = reference_now_ns() - started;
  return figures_of(job.n, taken, vfs.counts() - before);
}

}  // namespace landfall::bench
