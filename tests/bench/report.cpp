#include "tests/bench/report.hpp"

#include <array>
#include <cstdarg>
#include <cstdio>

#include <nlohmann/json.hpp>

namespace landfall::bench {
namespace {

using nlohmann::json;

constexpr double kLibraryMbMust = 5;
constexpr double kLibraryMbAim = 3.5;

__attribute__((format(printf, 1, 2))) std::string text_of(const char* format, ...) {
  std::array<char, 256> text{};
  std::va_list values;
  va_start(values, format);
  (void)std::vsnprintf(text.data(), text.size(), format, values);
  va_end(values);
  return text.data();
}

json figures_json(const Figures& figures, const Workload& workload) {
  json object = to_json(figures);
  for (const char* rate : {"ops_s", "p50_us", "p99_us"}) {
    if (object.at(rate) == 0.0) object.erase(rate);
  }
  if (workload.work == Work::open) {
    object["ms"] = figures.p50_us / 1'000;
  } else {
    object["fsyncs_per_op"] = figures.fsyncs / static_cast<double>(workload.n);
  }
  return object;
}

void add(json& object, const char* name, const std::optional<double>& value) {
  if (value) object[name] = *value;
}

json measured_json(const Measured& measured) {
  const Workload& workload = measured.workload;
  json object{{"id", workload.id},
              {"variant", workload.variant},
              {"sync", workload.is_full ? "FULL" : "NORMAL"},
              {"n", workload.n},
              {"engine", figures_json(measured.engine, workload)}};
  if (measured.raw) object["raw"] = figures_json(*measured.raw, workload);
  if (measured.bare) object["bare"] = figures_json(*measured.bare, workload);
  if (measured.of_raw) {
    object["ratio"] = measured.of_raw->median;
    object["ratio_min"] = measured.of_raw->min;
    object["ratio_max"] = measured.of_raw->max;
  }
  if (measured.of_bare) object["ratio_bare"] = measured.of_bare->median;
  add(object, "must", workload.must);
  add(object, "aim", workload.aim);
  return object;
}

std::string goal_line(const Verdict& verdict, const std::string& spread) {
  const std::string aim = verdict.aim ? text_of("%.2f", *verdict.aim) : "-";
  return text_of("%-26s %-24s %8.3f  %-16s %s %-6.2f %-6s %s\n", verdict.workload.c_str(),
                 verdict.what.c_str(), verdict.value, spread.c_str(),
                 verdict.at_least ? ">=" : "<=", verdict.must, aim.c_str(),
                 verdict.is_met() ? "pass" : "MISSED");
}

std::string spread_of(const Verdict& verdict, const std::vector<Measured>& all) {
  if (!verdict.what.ends_with("of raw") || verdict.what.starts_with("p99")) return "";
  for (const auto& measured : all) {
    if (name_of(measured.workload) != verdict.workload || !measured.of_raw) continue;
    return text_of("%.3f..%.3f", measured.of_raw->min, measured.of_raw->max);
  }
  return "";
}

std::string counts_line(const Figures& figures) {
  std::string text;
  for (const auto& [name, count] : figures.counts)
    text += text_of("%s%s %.6g", text.empty() ? "" : ", ", name.c_str(), count);
  return text.empty() ? "" : text_of("%-26s         ", "") + text + "\n";
}

std::string figures_lines(const Measured& measured, const char* contestant,
                          const std::optional<Figures>& figures) {
  if (!figures) return "";
  const Workload& workload = measured.workload;
  const auto n = workload.work == Work::open ? 1.0 : static_cast<double>(workload.n);
  return text_of("%-26s %-7s %9.0f %10.1f %10.1f %8.4f %8.2f %7.1f\n", name_of(workload).c_str(),
                 contestant, figures->ops_s, figures->p50_us, figures->p99_us, figures->fsyncs / n,
                 figures->write_bytes / n / 1'024, figures->rss_mb) +
         counts_line(*figures);
}

double sum_of(const std::vector<LibrarySize>& libraries) {
  double sum = 0;
  for (const auto& library : libraries) sum += library.stripped_mb;
  return sum;
}

}  // namespace

std::vector<Verdict> verdicts_of(const Report& report) {
  auto verdicts = verdicts_of(report.workloads);
  verdicts.push_back(
      {"library", "MB, stripped", sum_of(report.libraries), kLibraryMbMust, kLibraryMbAim, false});
  return verdicts;
}

json report_json(const Report& report) {
  json workloads = json::array();
  for (const auto& measured : report.workloads) workloads.push_back(measured_json(measured));
  json libraries = json::object();
  for (const auto& library : report.libraries) libraries[library.name] = library.stripped_mb;
  return {{"workloads", std::move(workloads)},
          {"library", {{"stripped_mb", sum_of(report.libraries)}, {"of", std::move(libraries)}}}};
}

std::string report_text(const Report& report) {
  std::string text = text_of("%-26s %-24s %8s  %-16s %-9s %-6s\n", "workload", "goal", "median",
                             "min..max", "must", "aim");
  for (const auto& verdict : verdicts_of(report))
    text += goal_line(verdict, spread_of(verdict, report.workloads));
  text +=
      "\nAbsolute figures, medians, for scale only. The one operation of an opening is all of it; "
      "of W9\nit is a second.\n";
  text += text_of("%-26s %-7s %9s %10s %10s %8s %8s %7s\n", "workload", "", "ops/s", "p50 us",
                  "p99 us", "fsync/op", "KiB/op", "RSS MB");
  for (const auto& measured : report.workloads) {
    text += figures_lines(measured, "engine", measured.engine);
    text += figures_lines(measured, "raw", measured.raw);
    text += figures_lines(measured, "bare", measured.bare);
  }
  for (const auto& library : report.libraries)
    text += text_of("%-26s %.2f MB\n", library.name.c_str(), library.stripped_mb);
  return text;
}

}  // namespace landfall::bench
