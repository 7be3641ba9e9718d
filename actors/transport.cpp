#include "actors/transport.hpp"

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include "actors/handler.hpp"
#include "engine/base/base64.hpp"

namespace landfall::actors {
namespace {

using Self = TransportSelf;

// What finds no room is known until the process ends.
void note_update(Self self, std::uint64_t number, const http::Answer& answer) {
  auto& state = self->state;
  const auto found = state.open.find(number);
  if (found == state.open.end() || !answer.response) return;
  if (!state.update->on_answer(found->second.sent.request.target, *answer.response)) return;
  const Status saved =
      state.device->write("transport.update", store::Durability::durable,
                          [&](store::Transaction& tx) { return state.update->save(tx); });
  self->send(state.api, UpdateChanged{state.update->notice()});
  if (!saved && saved.error().kind != ErrorClass::storage_full) fail_step(self, saved.error());
}

// True: the server takes no compressed body, and the call goes again with a plain one.
bool send_again_in_clear(Self self, const TransportDone& done) {
  auto& state = self->state;
  const auto found = state.open.find(done.number);
  if (found == state.open.end() || !done.answer.response) return false;
  auto& call = found->second;
  auto& coding = *state.core->request_coding;
  const bool was_refused = coding.is_refused();
  if (!call.sent.request.gzip_body || !coding.on_answer(done.answer.response->status)) return false;
  if (!was_refused) {
    self->send(state.api,
               EmitEvent{"network.coding", "network.coding",
                         std::make_shared<const Json>(Json{{"code", "http.gzip_refused"}})});
  }
  call.sent.request.gzip_body = false;
  state.start(done.number, call, caf::actor_cast<TransportActor>(self));
  return true;
}

void load_update(Self self) {
  auto& state = self->state;
  state.update.emplace(state.core->profile(), state.core->config.app_version);
  const Status loaded = state.device->read(
      [&](const store::Snapshot& snapshot) { return state.update->load(snapshot); });
  if (!loaded) return fail_step(self, loaded.error());
  if (state.update->notice().kind != http::UpdateKind::none)
    self->send(state.api, UpdateChanged{state.update->notice()});
}

// The edge outlives the actor, and an actor must not be kept by it: messages to one that is gone
// are dropped, and the connection that waits for a word is given up by its deadline.
class ActorTrustPort final : public TrustPort {
 public:
  explicit ActorTrustPort(caf::actor_addr actor) : actor_(std::move(actor)) {}

  void judge_chain(std::uint64_t question, std::string host,
                   std::vector<std::string> chain) override {
    send(JudgeChain{question, std::move(host), std::move(chain)});
  }
  void tell(TrustNotice notice) override { send(TrustTold{std::move(notice)}); }

 private:
  template <class Message>
  void send(Message message) const {
    const auto strong = caf::actor_cast<caf::strong_actor_ptr>(actor_);
    if (strong) caf::anon_send(caf::actor_cast<TransportActor>(strong), std::move(message));
  }

  caf::actor_addr actor_;
};

void judge_chain(Self self, const JudgeChain& message) {
  auto& state = self->state;
  Json chain = Json::array();
  for (const auto& certificate : message.chain)
    chain.push_back(to_base64(std::as_bytes(std::span(certificate))));
  const auto data =
      std::make_shared<const Json>(Json{{"host", message.host}, {"chain", std::move(chain)}});
  const auto answer = [self, question = message.question](bool trusted) {
    self->state.core->environment.transport->chain_judged(question, trusted);
  };
  self->request(state.api, caf::infinite, AskHost{"tls.verify", data})
      .then(handler([answer](const Result<SharedJson>& word) {
              answer(word && (*word)->is_object() && (*word)->value("trusted", Json()) == true);
            }),
            handler([answer](const caf::error&) { answer(false); }));
}

void tell_trust(Self self, const TrustNotice& notice) {
  self->send(
      self->state.api,
      EmitEvent{"network.trust/" + notice.host, "network.trust",
                std::make_shared<const Json>(Json{{"host", notice.host}, {"code", notice.code}})});
}

}  // namespace

TransportState::~TransportState() { cancel_all(true); }

void TransportState::start(std::uint64_t number, Open& call, TransportActor self) {
  core->environment.transport->start(
      number, call.sent.request, call.sent.timeout, call.sent.response_bytes_max,
      [self = std::move(self), number](http::Answer answer) {
        caf::anon_send(self, TransportDone{number, std::move(answer)});
      });
  // Only a compressed one can go again.
  if (call.sent.request.gzip_body) return;
  call.sent.request.body = {};
  call.sent.request.headers = {};
}

void TransportState::finish(std::uint64_t number, http::Answer answer) {
  const auto found = open.find(number);
  if (found == open.end()) return;
  auto promise = std::move(found->second.promise);
  open.erase(found);
  promise.deliver(std::move(answer));
}

void TransportState::cancel_all(bool with_farewells) {
  std::vector<std::uint64_t> over;
  for (const auto& [number, call] : open) {
    if (with_farewells || !call.sent.is_farewell) over.push_back(number);
  }
  for (const std::uint64_t number : over) {
    core->environment.transport->cancel(number);
    finish(number, http::Answer{std::nullopt, http::TransportFailure::silent});
  }
}

TransportActor::behavior_type transport(TransportSelf self, SharedCore core,
                                        std::shared_ptr<store::Database> device, ApiActor api) {
  self->state.core = std::move(core);
  self->state.device = std::move(device);
  self->state.api = std::move(api);
  load_update(self);
  self->state.core->environment.transport->use_trust_port(
      std::make_shared<ActorTrustPort>(caf::actor_cast<caf::actor_addr>(self)));
  return {
      [self](SendRequest& message) -> caf::result<http::Answer> {
        auto& state = self->state;
        const std::uint64_t number = ++state.last_number;
        auto promise = self->make_response_promise<http::Answer>();
        state.core->request_coding->prepare(message.request, state.core->profile().http);
        auto& call = state.open.emplace(number, TransportState::Open{promise, std::move(message)})
                         .first->second;
        state.start(number, call, caf::actor_cast<TransportActor>(self));
        return promise;
      },
      [self](TransportDone& done) {
        if (send_again_in_clear(self, done)) return;
        note_update(self, done.number, done.answer);
        self->state.finish(done.number, std::move(done.answer));
      },
      [self](const JudgeChain& message) { judge_chain(self, message); },
      [self](const TrustTold& told) { tell_trust(self, told.notice); },
      [self](const CancelCalls&) { self->state.cancel_all(false); },
  };
}

}  // namespace landfall::actors
