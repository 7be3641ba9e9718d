#include "tests/bench/figures.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <utility>

#include <unistd.h>
#include <nlohmann/json.hpp>

#include "engine/base/assert.hpp"

namespace landfall::bench {
namespace {

constexpr double kNsPerUs = 1'000;
constexpr double kNsPerS = 1'000'000'000;
constexpr double kBytesPerMb = 1'000'000;

// Every figure by its name in the output.
constexpr std::array<std::pair<const char*, double Figures::*>, 7> kFields = {{
    {"ops_s", &Figures::ops_s},
    {"p50_us", &Figures::p50_us},
    {"p99_us", &Figures::p99_us},
    {"rss_mb", &Figures::rss_mb},
    {"fsyncs", &Figures::fsyncs},
    {"writes", &Figures::writes},
    {"write_bytes", &Figures::write_bytes},
}};

// The value that `share` of the sorted values do not exceed.
double quantile_us(const std::vector<std::int64_t>& sorted, double share) {
  const auto rank = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  return static_cast<double>(sorted[std::min(rank, sorted.size() - 1)]) / kNsPerUs;
}

}  // namespace

Figures figures_of(const DiskCounts& counts) {
  Figures figures;
  figures.rss_mb = resident_mb();
  figures.fsyncs = static_cast<double>(counts.syncs);
  figures.writes = static_cast<double>(counts.writes);
  figures.write_bytes = static_cast<double>(counts.write_bytes);
  return figures;
}

Figures figures_of(std::size_t operations, std::int64_t taken_ns, const DiskCounts& counts) {
  LANDFALL_ASSERT(taken_ns > 0);
  Figures figures = figures_of(counts);
  figures.ops_s = static_cast<double>(operations) * kNsPerS / static_cast<double>(taken_ns);
  return figures;
}

Figures figures_of(std::vector<std::int64_t> latencies_ns, std::int64_t taken_ns,
                   const DiskCounts& counts) {
  LANDFALL_ASSERT(!latencies_ns.empty());
  std::sort(latencies_ns.begin(), latencies_ns.end());
  Figures figures = figures_of(latencies_ns.size(), taken_ns, counts);
  figures.p50_us = quantile_us(latencies_ns, 0.50);
  figures.p99_us = quantile_us(latencies_ns, 0.99);
  return figures;
}

double median_of(std::vector<double> values) {
  LANDFALL_ASSERT(!values.empty());
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

Figures median_of(const std::vector<Figures>& samples) {
  Figures median;
  for (const auto& [name, field] : kFields) {
    std::vector<double> values;
    for (const Figures& sample : samples) values.push_back(sample.*field);
    median.*field = median_of(std::move(values));
  }
  for (const auto& [name, count] : samples.front().counts) {
    std::vector<double> values;
    for (const Figures& sample : samples) values.push_back(sample.counts.at(name));
    median.counts[name] = median_of(std::move(values));
  }
  return median;
}

double resident_mb() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t total_pages = 0;
  std::uint64_t resident_pages = 0;
  file >> total_pages >> resident_pages;
  return static_cast<double>(resident_pages) * static_cast<double>(::sysconf(_SC_PAGESIZE)) /
         kBytesPerMb;
}

nlohmann::json to_json(const Figures& figures) {
  nlohmann::json json = figures.counts;
  for (const auto& [name, field] : kFields) json[name] = figures.*field;
  return json;
}

Figures figures_from(const nlohmann::json& json) {
  Figures figures;
  figures.counts = json.get<std::map<std::string, double>>();
  for (const auto& [name, field] : kFields) {
    figures.*field = json.at(name).get<double>();
    figures.counts.erase(name);
  }
  return figures;
}

}  // namespace landfall::bench
