#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "schema/embedded.hpp"
#include "tests/actors/rig.hpp"

// How bodies travel, with every actor between: above the transport they are in clear.
namespace landfall::testing {
namespace {

void boot_with_gzip(Rig& rig) {
  Json profile = Json::parse(*schema::profile("prokure"));
  profile["http"] = {{"compress_requests", "gzip"}, {"compress_bytes_min", 64}};
  rig.set_profile(std::move(profile));
  rig.boot();
  (void)rig.login();
}

}  // namespace

TEST_CASE("a server that takes no compressed body gets the same one plain, as one attempt") {
  Rig rig;
  boot_with_gzip(rig);
  rig.script(kPush, [&](const ScriptedTransport::Call& call) -> std::optional<http::Answer> {
    if (call.request.gzip_body) return answer_with(415, "{}");
    return rig.to_backend()(call);
  });
  (void)rig.enqueue_requisition();
  rig.settle();
  CHECK(rig.states() == std::map<std::string, int>{{"applied", 1}});
  const auto sent = rig.network().sent(kPush);
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].request.gzip_body);
  CHECK_FALSE(sent[1].request.gzip_body);
  CHECK(sent[0].request.body == sent[1].request.body);
  CHECK(sent[0].request.headers == sent[1].request.headers);
  CHECK(rig.events("network.coding") == std::vector<Json>{{{"code", "http.gzip_refused"}}});

  (void)rig.enqueue_requisition();
  rig.advance(Duration{60'000});
  CHECK(rig.network().sent(kPush).size() == 3);
  CHECK_FALSE(rig.network().sent(kPush).back().request.gzip_body);
}

TEST_CASE("answers may come compressed, whatever the profile says of requests") {
  Rig rig;
  rig.boot();
  (void)rig.login();
  (void)rig.enqueue_requisition();
  rig.settle();
  const auto sent = rig.network().sent(kPush);
  REQUIRE_FALSE(sent.empty());
  CHECK(sent.back().request.accepts_gzip);
  CHECK_FALSE(sent.back().request.gzip_body);
}

}  // namespace landfall::testing
