#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "actors/api_messages.hpp"
#include "actors/core.hpp"
#include "actors/handler.hpp"
#include "engine/auth/session.hpp"
#include "engine/base/base64.hpp"

namespace landfall::actors {

// The keys of one user and partition, read from the host's secure storage or made there
// (architecture section 6). Null is one that was not asked for, or that may be locked and is.
struct Keys {
  std::shared_ptr<store::Sealer> token;
  std::shared_ptr<store::Sealer> outbox;
  std::shared_ptr<store::Sealer> documents;
};

// Which keys may be made when secure storage has none: never those of a partition that exists,
// because what they sealed would be lost behind new ones.
struct KeyRules {
  bool make_token = false;
  bool make_partition = false;
  bool only_outbox = false;              // no other is read: it opens where the documents' need not
  bool documents_may_be_locked = false;  // the others alone are worth having
};

[[nodiscard]] inline Error keys_locked() {
  return {ErrorClass::transient, "keys.locked", "the device's secure storage is locked"};
}

// Reads or makes one key after the other through the ports secret.read and secret.write; a new key
// is written and answered for before it is used. `done` gets the keys or: keys.locked (transient;
// ask again later), keys.lost (absent and not to be made), keys.invalid.
template <class Self>
class KeyChain final : public std::enable_shared_from_this<KeyChain<Self>> {
 public:
  using Done = std::function<void(Result<Keys>)>;

  KeyChain(Self self, ApiActor api, SharedCore core, const auth::ActiveUser& user, KeyRules rules,
           Done done)
      : self_(self), api_(std::move(api)), core_(std::move(core)), done_(std::move(done)) {
    const std::string partition = to_text(user.partition);
    const std::string owner = to_text(auth::partition_id_for(user.user_id, ""));
    const Wanted outbox{"landfall.outbox." + partition, rules.make_partition, &Keys::outbox};
    if (rules.only_outbox) {
      wanted_ = {outbox};
      return;
    }
    wanted_ = {{"landfall.token." + owner, rules.make_token, &Keys::token},
               outbox,
               {"landfall.documents." + partition, rules.make_partition, &Keys::documents,
                rules.documents_may_be_locked}};
  }

  void start() { read(0); }

 private:
  struct Wanted {
    std::string name;
    bool may_make = false;
    std::shared_ptr<store::Sealer> Keys::*key = nullptr;
    bool may_be_locked = false;
  };

  // The host's answers are its own business until they are read: anything else is as good as empty.
  static std::string_view text_at(const Json& result, const char* name) {
    const auto found = result.find(name);
    if (found == result.end() || !found->is_string()) return {};
    return found->template get_ref<const std::string&>();
  }

  void read(std::size_t index) {
    auto keep = this->shared_from_this();
    ask("secret.read", Json{{"name", wanted_[index].name}},
        [keep, index](const Json& result) { keep->on_read(index, result); });
  }

  void on_read(std::size_t index, const Json& result) {
    const std::string_view status = text_at(result, "status");
    if (status == "locked") {
      if (wanted_[index].may_be_locked) return go_on(index);
      return done_(failure(keys_locked()));
    }
    if (status == "absent") {
      if (wanted_[index].may_make) return make(index);
      return done_(
          failure(ErrorClass::corrupt, "keys.lost", "a key is missing from secure storage"));
    }
    const auto bytes = status == "value" ? from_base64(text_at(result, "value")) : std::nullopt;
    if (!bytes || bytes->size() != store::kSecretKeyBytes) {
      return done_(failure(ErrorClass::corrupt, "keys.invalid", "secure storage answered no key"));
    }
    take(index, std::span<const std::byte, store::kSecretKeyBytes>(bytes->data(), bytes->size()));
  }

  void make(std::size_t index) {
    auto fresh = std::make_shared<std::vector<std::byte>>(store::kSecretKeyBytes);
    core_->environment.secure_random->fill(*fresh);
    auto keep = this->shared_from_this();
    ask("secret.write", Json{{"name", wanted_[index].name}, {"value", to_base64(*fresh)}},
        [keep, index, fresh](const Json&) {
          keep->take(index, std::span<const std::byte, store::kSecretKeyBytes>(fresh->data(),
                                                                               fresh->size()));
        });
  }

  void take(std::size_t index, std::span<const std::byte, store::kSecretKeyBytes> bytes) {
    keys_.*wanted_[index].key = std::make_shared<store::Sealer>(store::SecretKey{bytes}, 1,
                                                                *core_->environment.secure_random);
    go_on(index);
  }

  void go_on(std::size_t index) {
    if (index + 1 < wanted_.size()) return read(index + 1);
    done_(keys_);
  }

  template <class Then>
  void ask(std::string port, Json data, Then then) {
    auto keep = this->shared_from_this();
    self_
        ->request(api_, caf::infinite,
                  AskHost{std::move(port), std::make_shared<const Json>(std::move(data))})
        .then(
            handler([keep, then](const Result<SharedJson>& answer) {
              if (!answer) return keep->done_(failure(answer.error()));
              then(**answer);
            }),
            handler([keep](const caf::error&) {
              keep->done_(failure(ErrorClass::transient, "keys.locked", "the host did not answer"));
            }));
  }

  Self self_;
  ApiActor api_;
  SharedCore core_;
  Done done_;
  std::vector<Wanted> wanted_;
  Keys keys_;
};

}  // namespace landfall::actors
