#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/mutant.hpp"
#include "simulator/main/commands.hpp"
#include "simulator/scenario/junit.hpp"
#include "simulator/scenario/read_scenario.hpp"
#include "simulator/scenario/run_scenario.hpp"

namespace landfall::simulator {
namespace {

using scenario::JunitCase;
using scenario::run_scenario;
using scenario::run_scenario_over_sockets;
using scenario::Scenario;
using scenario::ScenarioResult;

struct Settings {
  std::vector<std::string> files;
  bool over_sockets = false;
  bool through_c = false;
  std::string report;
  std::string trace;
  int mutant = 0;
};

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string describe_failure(const Scenario& scenario, const ScenarioResult& result) {
  const std::string where = result.step < scenario.steps.size()
                                ? "in step " + std::to_string(result.step) + ": " + result.step_text
                                : "behind the last step";
  return "expected " + result.expected + "\nwas      " + result.actual + "\n" + where;
}

void print_indented(const std::string& text) {
  std::string line;
  for (const char c : text + "\n") {
    if (c != '\n') {
      line += c;
      continue;
    }
    std::printf("        %s\n", line.c_str());
    line.clear();
  }
}

// Reads all of them before one runs, so that a misspelt one is found at once.
bool read_all(const std::vector<std::string>& files, std::vector<Scenario>& scenarios) {
  bool all_fit = true;
  for (const auto& file : files) {
    auto read = scenario::load_scenario(file);
    if (read) {
      scenarios.push_back(std::move(*read));
    } else {
      std::fprintf(stderr, "landfall-sim: %s\n", read.error().message.c_str());
      all_fit = false;
    }
  }
  return all_fit;
}

void print_line(const char* word, const Scenario& scenario) {
  std::printf("%s  %s (%s)\n", word, scenario.name.c_str(), join(scenario.requirements).c_str());
}

JunitCase skip(const Scenario& scenario, const std::string& reason) {
  print_line("skip", scenario);
  print_indented(reason);
  JunitCase done{scenario.name, scenario.file};
  done.skipped = reason;
  return done;
}

Result<ScenarioResult> play(const Scenario& scenario, const Settings& settings, std::FILE* trace) {
  if (settings.over_sockets) return run_scenario_over_sockets(scenario, trace);
  return run_scenario(scenario, trace);
}

// Fails when the machine has not what a real world needs.
Result<JunitCase> run_one(const Scenario& scenario, const Settings& settings, std::FILE* trace) {
  if (settings.over_sockets) {
    if (const auto reason = scenario::reason_to_skip(scenario)) return skip(scenario, *reason);
  }
  const auto begin = std::chrono::steady_clock::now();
  LANDFALL_TRY_ASSIGN(const ScenarioResult result, play(scenario, settings, trace));
  const auto end = std::chrono::steady_clock::now();
  JunitCase done{scenario.name, scenario.file, std::chrono::duration<double>(end - begin).count()};
  print_line(result.passed ? "ok  " : "FAIL", scenario);
  if (result.passed) return done;
  done.failure = describe_failure(scenario, result);
  print_indented(scenario.file + "\n" + done.failure);
  return done;
}

bool write_report(const std::string& path, const std::vector<JunitCase>& cases) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "w"),
                                                             std::fclose);
  const std::string xml = scenario::junit_xml("scenarios", cases);
  if (file && std::fwrite(xml.data(), 1, xml.size(), file.get()) == xml.size() &&
      std::fflush(file.get()) == 0)
    return true;
  std::fprintf(stderr, "landfall-sim: cannot write %s\n", path.c_str());
  return false;
}

int run(const Settings& settings) {
  if (settings.mutant != 0 && !mutant::kCompiledIn) {
    std::fprintf(stderr, "landfall-sim: --mutant needs a build with the preset `mutants`\n");
    return 2;
  }
  mutant::choose(settings.mutant);
  std::vector<Scenario> scenarios;
  if (!read_all(settings.files, scenarios)) return 2;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> trace_file(nullptr, std::fclose);
  std::FILE* trace = settings.trace == "-" ? stdout : nullptr;
  if (!settings.trace.empty() && trace == nullptr) {
    trace_file.reset(trace = std::fopen(settings.trace.c_str(), "w"));
    if (trace == nullptr) {
      std::fprintf(stderr, "landfall-sim: cannot write %s\n", settings.trace.c_str());
      return 3;
    }
  }
  std::vector<JunitCase> cases;
  std::size_t failed = 0;
  std::size_t skipped = 0;
  for (const auto& scenario : scenarios) {
    auto played = run_one(scenario, settings, trace);
    if (!played) {
      std::fprintf(stderr, "landfall-sim: %s\n", played.error().message.c_str());
      return 3;
    }
    cases.push_back(std::move(*played));
    failed += cases.back().failure.empty() ? 0U : 1U;
    skipped += cases.back().skipped.empty() ? 0U : 1U;
    std::fflush(stdout);
  }
  std::printf("%zu scenarios, %zu failed%s\n", cases.size(), failed,
              skipped == 0 ? "" : (", " + std::to_string(skipped) + " skipped").c_str());
  if (!settings.report.empty() && !write_report(settings.report, cases)) return 3;
  return failed == 0 ? 0 : 1;
}

}  // namespace

void add_run(CLI::App& app, int& exit_code) {
  auto settings = std::make_shared<Settings>();
  auto* command = app.add_subcommand("run", "play scenarios step by step, in virtual time");
  command->add_option("files", settings->files, "scenario files (JSON)")->required();
  auto* through_c = command->add_flag(
      "--c", settings->through_c, "drive the engine through its C interface; scenarios always do");
  command
      ->add_flag("--real", settings->over_sockets,
                 "play them over real sockets, threads and files, with time running faster; "
                 "those that need the virtual disk or a time of day are skipped")
      ->excludes(through_c);
  command->add_option("--report", settings->report, "write a JUnit report to this file");
  command
      ->add_option("--trace", settings->trace,
                   "write what happened, to this file or to standard output (-)")
      ->type_name("FILE");
  command
      ->add_option("--mutant", settings->mutant,
                   "plant this defect (a build with the preset `mutants`)")
      ->check(CLI::Range(1, mutant::kMutantMax));
  command->callback([settings, &exit_code] { exit_code = run(*settings); });
}

}  // namespace landfall::simulator
