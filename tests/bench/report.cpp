#include "tests/bench/report.hpp"

#include <array>
#include <cstdarg>
#include <cstdio>

#include <nlohmann/json.hpp>

namespace landfall::bench {
namespace {

__attribute__((format(printf, 1, 2))) std::string text_of(const char* format, ...) {
  std::array<char, 256> text{};
  std::va_list values;
  va_start(values, format);
  (void)std::vsnprintf(text.data(), text.size(), format, values);
  va_end(values);
  return text.data();
}

nlohmann::json figures_json(const Figures& figures, const Workload& workload) {
  nlohmann::json json = to_json(figures);
  if (workload.work == Work::open) {
    json["ms"] = figures.p50_us / 1'000;
  } else {
    json["fsyncs_per_op"] = figures.fsyncs / static_cast<double>(workload.n);
  }
  return json;
}

std::string goal_line(const Verdict& verdict, const std::string& spread) {
  const std::string aim = verdict.aim ? text_of("%.2f", *verdict.aim) : "-";
  return text_of("%-26s %-22s %8.3f  %-16s %s %-6.2f %-6s %s\n", verdict.workload.c_str(),
                 verdict.what.c_str(), verdict.value, spread.c_str(),
                 verdict.at_least ? ">=" : "<=", verdict.must, aim.c_str(),
                 verdict.is_met() ? "pass" : "MISSED");
}

std::string spread_of(const Verdict& verdict, const std::vector<Measured>& all) {
  if (!verdict.what.ends_with("of raw") || verdict.what.starts_with("p99")) return "";
  for (const auto& measured : all) {
    if (name_of(measured.workload) != verdict.workload) continue;
    return text_of("%.3f..%.3f", measured.ratio_min, measured.ratio_max);
  }
  return "";
}

std::string figures_line(const Measured& measured, const char* contestant, const Figures& figures) {
  const Workload& workload = measured.workload;
  const bool opens = workload.work == Work::open;
  const auto n = opens ? 1.0 : static_cast<double>(workload.n);
  return text_of("%-26s %-7s %9.0f %10.1f %10.1f %8.4f %8.2f %7.1f\n", name_of(workload).c_str(),
                 contestant, figures.ops_s, figures.p50_us, figures.p99_us, figures.fsyncs / n,
                 figures.write_bytes / n / 1'024, figures.rss_mb);
}

}  // namespace

nlohmann::json report_json(const std::vector<Measured>& all) {
  nlohmann::json workloads = nlohmann::json::array();
  for (const auto& measured : all) {
    const Workload& workload = measured.workload;
    workloads.push_back({{"id", workload.id},
                         {"variant", workload.variant},
                         {"sync", workload.is_full ? "FULL" : "NORMAL"},
                         {"n", workload.n},
                         {"engine", figures_json(measured.engine, workload)},
                         {"raw", figures_json(measured.raw, workload)},
                         {"bare", figures_json(measured.bare, workload)},
                         {"ratio", measured.ratio},
                         {"ratio_min", measured.ratio_min},
                         {"ratio_max", measured.ratio_max},
                         {"ratio_bare", measured.ratio_bare},
                         {"must", workload.must},
                         {"aim", workload.aim}});
  }
  return {{"workloads", std::move(workloads)}};
}

std::string report_text(const std::vector<Measured>& all) {
  std::string text = text_of("%-26s %-22s %8s  %-16s %-9s %-6s\n", "workload", "goal", "median",
                             "min..max", "must", "aim");
  for (const auto& verdict : verdicts_of(all)) text += goal_line(verdict, spread_of(verdict, all));
  text +=
      "\nAbsolute figures, medians, for scale only. The one operation of an opening is all of "
      "it.\n";
  text += text_of("%-26s %-7s %9s %10s %10s %8s %8s %7s\n", "workload", "", "ops/s", "p50 us",
                  "p99 us", "fsync/op", "KiB/op", "RSS MB");
  for (const auto& measured : all) {
    text += figures_line(measured, "engine", measured.engine);
    text += figures_line(measured, "raw", measured.raw);
    text += figures_line(measured, "bare", measured.bare);
  }
  return text;
}

}  // namespace landfall::bench
