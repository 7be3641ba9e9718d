#include "simulator/phone/headless_host.hpp"

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include "engine/base/assert.hpp"
#include "engine/base/json.hpp"
#include "schema/limits.hpp"
#include "simulator/phone/desktop_ports.hpp"
#include "simulator/phone/line_reader.hpp"

namespace landfall::phone {
namespace {

constexpr int kPollMs = 1'000;

// Whatever is no answer gets a reply, also what is no JSON.
bool is_answer(const std::string& line) {
  const Json message = Json::parse(line, nullptr, false);
  return message.is_object() && message.contains("answer");
}

// What is there to read; nothing at the end of the input.
std::optional<std::string> read_some(int descriptor) {
  std::array<char, 65'536> buffer{};
  const auto got = ::read(descriptor, buffer.data(), buffer.size());
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return std::string{};
  if (got <= 0) return std::nullopt;
  return std::string(buffer.data(), static_cast<std::size_t>(got));
}

}  // namespace

HeadlessHost::HeadlessHost(landfall_engine* engine, std::optional<SecretFile> secrets,
                           std::FILE* output)
    : engine_(engine), secrets_(std::move(secrets)), output_(output) {
  std::array<int, 2> ends{};
  LANDFALL_ASSERT(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
  wake_read_ = ends[0];
  wake_write_ = ends[1];
  thread_ = std::thread([this] { poll_engine(); });
}

HeadlessHost::~HeadlessHost() {
  landfall_close(engine_);
  closed_ = true;
  thread_.join();
  ::close(wake_read_);
  ::close(wake_write_);
}

void HeadlessHost::run(int input, int stop) {
  LineReader lines(limits::kRequestJsonBytesMax);
  bool has_ended = false;
  while (!has_ended || !waiting_.empty() || open_ > 0) {
    const bool reads = !has_ended && waiting_.empty();
    std::array<pollfd, 3> ready{{{stop, POLLIN, 0}, {wake_read_, POLLIN, 0}, {input, POLLIN, 0}}};
    if (::poll(ready.data(), reads ? 3 : 2, -1) < 0) continue;
    if (ready[0].revents != 0) return;
    if (ready[1].revents != 0) (void)read_some(wake_read_);
    if (reads && ready[2].revents != 0) {
      const auto bytes = read_some(input);
      has_ended = !bytes.has_value();
      for (auto& line : bytes ? lines.feed(*bytes) : lines.end()) {
        waiting_.push_back(std::move(line));
      }
    }
    send_waiting();
  }
}

void HeadlessHost::send_waiting() {
  while (!waiting_.empty()) {
    const bool gets_reply = !is_answer(waiting_.front());
    // Counted first: the reply may be there before the call returns.
    if (gets_reply) ++open_;
    const int code = landfall_send(engine_, waiting_.front().c_str());
    if (code != LANDFALL_OK && gets_reply) --open_;
    if (code == LANDFALL_BUSY) return;
    waiting_.pop_front();
  }
}

void HeadlessHost::wake() {
  const char byte = 0;
  [[maybe_unused]] const auto written = ::write(wake_write_, &byte, 1);
}

void HeadlessHost::poll_engine() {
  while (true) {
    const char* const text = landfall_poll(engine_, kPollMs);
    if (text != nullptr) {
      on_message(text);
    } else if (closed_) {
      return;
    }
  }
}

void HeadlessHost::write_line(const char* text) {
  (void)std::fprintf(output_, "%s\n", text);
  (void)std::fflush(output_);
}

void HeadlessHost::on_message(const char* text) {
  const Json message = Json::parse(text);
  if (secrets_ && message.contains("question")) {
    if (message["port"] == "notification.show")
      write_line(dump_json(Json{{"shown", message["data"]}}).c_str());
    (void)landfall_send(engine_, dump_json(answer_on_desktop(*secrets_, message)).c_str());
    return;
  }
  // Who answers questions itself hears when one is withdrawn; nobody else has seen it.
  if (secrets_ && message.contains("cancel")) return;
  write_line(text);
  if (message.contains("reply")) {
    // An answer that makes no sense gets a reply too, and was not counted.
    if (open_ > 0) --open_;
    wake();
  }
}

}  // namespace landfall::phone
