#include "simulator/oracles/retry_timeline.hpp"

#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;
using http::TransportFailure;

namespace {

struct Timeline : oracles::Stage {
  oracles::RetryTimeline oracle;
  Timeline() {
    watch(oracle);
    accept("a", 1);
    accept("b", 2, "approve", "a2");
  }

  void connectivity(const std::string& state) {
    world.observe_event(phone, "connectivity.changed", Json{{"state", state}});
  }
  std::vector<std::string> found() {
    world.end();
    return violations("INV-Q8");
  }
};

}  // namespace

TEST_CASE("INV-Q8 oracle: the ladder is 5, 30, 120 s, then nothing without the user") {
  Timeline line;
  line.connectivity("online");
  line.wait(1);
  SECTION("kept") {
    for (const std::int64_t delay : {5'000, 30'000, 120'000}) {
      line.answer(line.push({"a"}), 500);
      line.wait(delay);
    }
    line.answer(line.push({"a"}), 500);
    CHECK(line.found().empty());
  }
  SECTION("the second step too early") {
    line.answer(line.push({"a"}), 500);
    line.wait(5'000);
    line.answer(line.push({"a"}), TransportFailure::silent);
    line.wait(29'000);
    line.push({"a"});
    CHECK(line.found().size() == 1);
  }
  SECTION("once more after the last") {
    for (const std::int64_t delay : {5'000, 30'000, 120'000, 120'000}) {
      line.answer(line.push({"a"}), 500);
      line.wait(delay);
    }
    line.push({"a"});
    CHECK(line.found().size() == 1);
  }
  SECTION("once more after the last, by its user") {
    for (const std::int64_t delay : {5'000, 30'000, 120'000, 120'000}) {
      line.answer(line.push({"a"}), 500);
      line.wait(delay);
    }
    line.world.observe_retried(line.phone, "a");
    line.push({"a"});
    CHECK(line.found().empty());
  }
}

TEST_CASE(
    "INV-Q8 oracle: an edge bends the ladder, but not the gap of 5 s; leaving server_down is "
    "none") {
  Timeline line;
  line.connectivity("online");
  line.wait(1);
  line.answer(line.push({"a"}), 500);
  line.wait(5'000);
  line.answer(line.push({"a"}), 500);  // due in 30 s
  SECTION("an edge, and behind the gap") {
    line.wait(3'000);
    line.connectivity("offline");
    line.wait(3'000);
    line.push({"a"});
    line.connectivity("online");  // told in the same instant
    CHECK(line.found().empty());
  }
  SECTION("an edge, and within the gap") {
    line.wait(1'000);
    line.connectivity("offline");
    line.connectivity("online");
    line.wait(1'000);
    line.push({"a"});
    CHECK(line.found().size() == 1);
  }
  SECTION("the first contact of an engine that began anew") {
    line.wait(6'000);
    const bool as_a_whole = GENERATE(true, false);
    const bool is_locked = as_a_whole || GENERATE(true, false);  // its session ended meanwhile
    const auto probe = [&] { line.send(line.routes().health); };
    const bool probes_first = GENERATE(true, false);
    if (as_a_whole && probes_first) probe();
    line.world.observe_event(line.phone, "engine.state", Json{{"state", "opening"}});
    if (is_locked) line.world.observe_event(line.phone, "engine.state", Json{{"state", "locked"}});
    if (as_a_whole && !probes_first) probe();
    line.world.observe_event(line.phone, "engine.state", Json{{"state", "ready"}});
    line.wait(1);
    if (!as_a_whole) probe();
    line.connectivity("online");
    line.push({"a"});
    CHECK(line.found().size() == (as_a_whole ? 0 : 1));
  }
  SECTION("no edge") {
    line.wait(3'000);
    line.connectivity("server_down");
    line.wait(3'000);
    line.connectivity("online");
    line.push({"a"});
    CHECK(line.found().size() == 1);
  }
}

TEST_CASE("INV-Q8 oracle: nothing leaves before a Retry-After is over, whoever asks") {
  Timeline line;
  line.connectivity("online");
  line.wait(1);
  line.answer(line.push({"a"}), 503, Json::object(), {{"Retry-After", "60"}});
  SECTION("another operation") {
    line.wait(59'000);
    line.push({"b"}, {"a2"});
    CHECK(line.found().size() == 1);
  }
  SECTION("over") {
    line.wait(60'000);
    line.push({"a", "b"}, {"a1", "a2"});
    CHECK(line.found().empty());
  }
  SECTION("an edge does not help") {
    line.wait(10'000);
    line.connectivity("offline");
    line.connectivity("online");
    line.wait(1'000);
    line.world.observe_retried(line.phone, "a");
    line.push({"a"});
    CHECK(line.found().size() == 1);
  }
}

TEST_CASE(
    "INV-Q8 oracle: the replay behind a refresh and the halves of a refused batch go at once") {
  Timeline line;
  line.connectivity("online");
  line.wait(1);
  SECTION("one replay") {
    line.answer(line.push({"a"}), 401);
    line.wait(300);
    line.answer(line.push({"a"}), 500);
    CHECK(line.found().empty());
  }
  SECTION("halves") {
    line.answer(line.push({"a", "b"}, {"a1", "a2"}), 413);
    line.wait(100);
    line.answer(line.push({"a"}), 500);
    line.push({"b"}, {"a2"});
    CHECK(line.found().empty());
  }
  SECTION("a repeat for no reason") {
    line.answer(line.push({"a"}), 500);
    line.wait(100);
    line.push({"a"});
    CHECK(line.found().size() == 1);
  }
}

TEST_CASE("INV-Q8 oracle: what is decided is not sent again, unless a crash took the answer back") {
  Timeline line;
  line.connectivity("online");
  line.wait(1);
  line.answer_results(line.push({"a"}), {{"a", "applied"}});
  SECTION("sent again") {
    line.wait(60'000);
    line.push({"a"});
    CHECK(line.found().size() == 1);
  }
  SECTION("killed long after") {
    line.wait(1'000);
    line.world.observe_crash(line.phone, false);
    line.wait(60'000);
    line.push({"a"});
    CHECK(line.found().size() == 1);
  }
  SECTION("the power went before it was synced") {
    line.wait(1'000);
    line.world.observe_crash(line.phone, true);
    line.wait(60'000);
    line.push({"a"});
    CHECK(line.found().empty());
  }
}

TEST_CASE(
    "INV-Q7 oracle: an attempt is what the server answered with a failure, or did not answer") {
  Timeline line;
  line.connectivity("online");
  line.wait(1);
  const auto tell = [&](const std::string& state, int attempts) {
    line.world.observe_event(line.phone, "operation.changed",
                             Json{{"id", "a"}, {"state", state}, {"attempts", attempts}});
  };
  const auto found = [&] { return line.violations("INV-Q7").size(); };
  SECTION("as it is") {
    line.answer(line.push({"a"}), 500);
    tell("unknown", 1);
    line.wait(5'000);
    line.answer(line.push({"a"}), 429, Json::object(), {{"Retry-After", "40"}});
    tell("queued", 1);
    CHECK(found() == 0);
  }
  SECTION("the verdict of an endpoint costs none, also where it is doubted") {
    const int status = GENERATE(409, 422);
    const auto decide = [&] {
      return line.send("/api/mobile/approvals/a1/approve", Json::object(),
                       {{"Idempotency-Key", "a"}});
    };
    line.answer(decide(), 500);
    tell("unknown", 1);
    line.wait(5'000);
    line.answer(decide(), status);
    SECTION("as it is") {
      tell("failed", 1);
      CHECK(found() == 0);
    }
    SECTION("counted") {
      tell("failed", 2);
      CHECK(found() == 1);
    }
  }
  SECTION("being offline is counted") {
    line.answer(line.push({"a"}), TransportFailure::not_sent);
    tell("queued", 1);
    CHECK(found() == 1);
  }
  SECTION("a failure is not counted") {
    line.answer(line.push({"a"}), 500);
    tell("unknown", 0);
    CHECK(found() == 1);
  }
  SECTION("it fails with retries left") {
    line.answer(line.push({"a"}), 500);
    tell("failed", 1);
    CHECK(found() == 1);
  }
  SECTION("what was told before the call is heard after it") {
    line.push({"a"});
    tell("queued", 0);
    CHECK(found() == 0);
  }
  SECTION("a process died that had it nearly sent") {
    line.world.observe_crash(line.phone, false);
    tell("unknown", 1);
    line.wait(5'000);
    line.answer(line.push({"a"}), 500);
    tell("unknown", 2);
    CHECK(found() == 0);
  }
}

TEST_CASE(
    "INV-Q7 oracle: a 401 costs no attempt, but where a full disk keeps it from being noted") {
  Timeline line;
  line.connectivity("online");
  const auto tell = [&](int attempts, const char* state) {
    line.world.observe_event(line.phone, "operation.changed",
                             Json{{"id", "a"}, {"attempts", attempts}, {"state", state}});
  };
  tell(0, "queued");
  line.answer(line.push({"a"}), 401);
  SECTION("without room") {
    line.world.observe_event(line.phone, "storage.low", Json{{"low", true}});
    tell(1, "unknown");
    CHECK(line.violations("INV-Q7").empty());
  }
  SECTION("with room") {
    tell(1, "unknown");
    CHECK(line.violations("INV-Q7").size() == 1);
  }
}

TEST_CASE("INV-Q7 oracle: what a full disk puts in doubt is known for a refusal all the same") {
  Timeline line;
  line.connectivity("online");
  const auto tell = [&](int attempts, const char* state) {
    line.world.observe_event(line.phone, "operation.changed",
                             Json{{"id", "a"}, {"attempts", attempts}, {"state", state}});
  };
  line.answer(line.push({"a"}), 500);
  tell(1, "unknown");
  line.wait(5'000);
  const auto call = line.push({"a"});
  const int status = GENERATE(400, 500);
  line.phone.fill_disk();
  line.answer(call, status);
  line.phone.disk().limit(std::nullopt);
  tell(1, "failed");
  tell(1, "failed");  // once more, behind a receipt that knows nothing of it
  CHECK(line.violations("INV-Q7").size() == (status == 400 ? 0 : 1));
}
