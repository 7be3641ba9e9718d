#include "engine/attachments/attachments.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/store/attachment_table.hpp"
#include "engine/store/directory_lock.hpp"
#include "schema/limits.hpp"
#include "tests/engine/attachments/file_server.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

namespace landfall::test {
namespace {

using namespace attachments;

constexpr std::int64_t kPieceBytes = 4096;

AttachmentId file(int number) {
  AttachmentId id;
  id.bytes[15] = static_cast<std::uint8_t>(number);
  return id;
}

Profile small_pieces() {
  Profile profile = test_profile();
  profile.attachments->piece_bytes = kPieceBytes;
  profile.attachments->cache_bytes_max = 3 * kPieceBytes;
  return profile;
}

// Transfers over a partition's database and sealed files, with the outbox that they belong to and a
// server, in virtual time. A step that fails fails the test.
class TransferWorld {
 public:
  TransferWorld()
      : queue(small_pieces()),
        files(queue.directory.path(), PartitionId{{1}}, "", store::system_files()) {
    REQUIRE(store::create_directory(queue.directory.path() + "/attachments"));
    queue.store_document(kApproval, 1);
    open();
    network({true, false});
    session(true);
  }

  // As if the process had died and another one opened the files.
  void open() {
    machine.emplace(queue.profile, repeats);
    const auto there = files.list();
    step([&](store::Transaction& tx) { return machine->on_open(tx, there, queue.now); });
  }
  void reopen() {
    machine.reset();
    open();
    network({true, false});
    session(true);
  }
  void network(Network now_is, bool edge = false) {
    step([&](store::Transaction& tx) { return machine->on_network(tx, now_is, edge, queue.now); });
  }
  void session(bool authenticated) {
    step([&](store::Transaction& tx) { return machine->on_auth(tx, authenticated); });
  }

  // Takes in a photograph of the comment `operation` on an approval.
  Result<Transfer> try_add(int number, int operation, const std::string& content) {
    const std::string path = queue.directory.file("photo.jpg");
    write_file(path, content);
    const AddRequest request{file(number), op(operation), "image/jpeg"};
    LANDFALL_TRY_ASSIGN(auto intake, Intake::open({files, *queue.key, *queue.profile.attachments},
                                                  path, request.id, request.content_type));
    while (true) {
      LANDFALL_TRY_ASSIGN(const bool is_all, intake.more());
      if (is_all) break;
    }
    const TakenIn taken = intake.finish();
    return queue.write(
        [&](store::Transaction& tx) { return machine->on_added(tx, request, taken, queue.now); });
  }
  void add(int number, int operation, std::size_t bytes) {
    REQUIRE(try_add(number, operation, photo_of(bytes, static_cast<std::uint64_t>(number))));
  }
  void download(int number, const std::string& source_id, EntityKey entity = {}) {
    const DownloadRequest request{file(number), "report", source_id, std::move(entity), {}};
    REQUIRE(queue.write(
        [&](store::Transaction& tx) { return machine->on_download(tx, request, queue.now); }));
  }

  // Everything that is due, with the calls that `server` answers.
  void run() {
    while (step([&](store::Transaction& tx) { return machine->plan(tx, queue.now); })) {
    }
  }
  // The next call, unanswered; nothing when none is due.
  std::optional<TransferCall> next_call() {
    return result(queue.write([&](store::Transaction& tx) { return machine->plan(tx, queue.now); }))
        .call;
  }
  void answer(const TransferCall& call, const http::Answer& answer) {
    step([&](store::Transaction& tx) {
      return machine->on_answer(tx, call.number, answer, std::nullopt, queue.now);
    });
  }
  // An operation is applied, and the machine hears of it.
  void apply(int operation) {
    queue.go_online();
    const auto push = queue.sends({operation});
    queue.answer(push, results({applied(operation, kApproval, ++version)}));
    machine->on_operations_moved();
  }

  template <class F>
  Status word(F&& on) {
    auto effects = queue.write([&](store::Transaction& tx) { return on(tx); });
    if (!effects) return failure(effects.error());
    carry_out(*effects);
    return {};
  }
  Status cancel(int number) {
    return word([&](auto& tx) { return machine->on_cancel(tx, file(number), queue.now); });
  }
  Status discard(int number, bool accept_unknown = false) {
    return word(
        [&](auto& tx) { return machine->on_discard(tx, file(number), accept_unknown, queue.now); });
  }
  Status retry(int number) {
    return word([&](auto& tx) { return machine->on_retry(tx, file(number), queue.now); });
  }

  bool follows_operations() {
    return result(queue.database->read([&](const store::Snapshot& snapshot) {
             return machine->look_ahead(snapshot, queue.now);
           }))
        .follows_operations;
  }

  Transfer get(int number) {
    const auto found = result(queue.database->read([&](const store::Snapshot& snapshot) {
      return store::AttachmentTable::find(snapshot, file(number));
    }));
    REQUIRE(found);
    return *found;
  }
  std::string state(int number) {
    const Transfer transfer = get(number);
    std::string text{attachments::to_string(transfer.state)};
    if (transfer.block != Block::none)
      text += "(" + std::string(attachments::to_string(transfer.block)) + ")";
    return text;
  }
  std::string help(int number) { return machine->view(get(number)).would_help; }
  bool has_file(int number) {
    const auto there = files.list();
    return std::ranges::find(there, file(number)) != there.end();
  }
  std::string content(int number) {
    const Transfer transfer = get(number);
    auto reader = result(ContentReader::open(files, *queue.key, transfer));
    std::string content;
    for (auto piece = result(reader.next()); !piece.empty(); piece = result(reader.next()))
      content.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    return content;
  }

  QueueWorld queue;
  store::SealedFiles files;
  http::RepeatBudget repeats;
  std::optional<Attachments> machine;
  FileServer server;
  std::vector<std::string> calls;  // endpoints, in order
  std::int64_t version = 1;

 private:
  template <class T>
  static T result(Result<T> result) {
    if (!result) FAIL(result.error().code << ": " << result.error().message);
    return std::move(*result);
  }

  // True when there was something to carry out.
  template <class F>
  bool step(F&& on) {
    return carry_out(result(queue.write(std::forward<F>(on))));
  }

  bool carry_out(const TransferEffects& effects) {
    for (const AttachmentId& id : effects.removed) REQUIRE(files.remove(id));
    if (effects.check) check(*effects.check);
    if (effects.call) send(*effects.call);
    return effects.check || effects.call;
  }

  void check(const Transfer& transfer) {
    auto reader = result(ContentReader::open(files, *queue.key, transfer));
    while (!result(reader.next()).empty()) {
    }
    const auto hash = reader.finish();
    step([&](store::Transaction& tx) {
      return machine->on_checked(tx, transfer.id, hash, queue.now);
    });
  }

  void send(TransferCall call) {
    calls.push_back(call.call.endpoint);
    if (call.body) {
      call.call.body =
          result(read_range(files, *queue.key, call.transfer, call.body->from, call.body->to));
    }
    const auto heard = server.handle(call.call);
    const auto fetched = call.transfer.direction == Direction::down
                             ? fetched_in(call.transfer, heard)
                             : std::nullopt;
    if (fetched) {
      REQUIRE(write_from(files, *queue.key, call.transfer, fetched->from,
                         std::as_bytes(std::span(heard.response->body))));
    }
    step([&](store::Transaction& tx) {
      return machine->on_answer(tx, call.number, heard, fetched, queue.now);
    });
  }
};

std::string code_of(const Status& status) { return status ? "" : status.error().code; }

}  // namespace

TEST_CASE("a photograph waits for its operation, which commits with the photo pending (P-72)") {
  TransferWorld world;
  world.queue.enqueue(1, kApproval, "comment");
  world.add(1, 1, 10'000);
  world.run();
  CHECK(world.calls.empty());
  CHECK(world.state(1) == "waiting");
  CHECK(world.get(1).cause == "operation.pending");
  CHECK(world.help(1) == "sync");
  world.apply(1);
  world.run();
  CHECK(world.state(1) == "done");
  CHECK(world.server.only().content == photo_of(10'000, 1));
  CHECK(world.server.only().completed == 1);
  CHECK(world.calls == std::vector<std::string>{"attachment_start", "attachment_send",
                                                "attachment_send", "attachment_send"});
}

TEST_CASE("operations are followed while a file that was not sent waits, and only then") {
  TransferWorld world;
  CHECK_FALSE(world.follows_operations());
  world.queue.enqueue(1, kApproval, "comment");
  world.add(1, 1, 100);
  CHECK(world.follows_operations());
  world.run();
  CHECK(world.follows_operations());
  world.apply(1);
  world.run();
  CHECK(world.state(1) == "done");
  CHECK_FALSE(world.follows_operations());
  world.queue.enqueue(2, kApproval, "comment");
  world.add(2, 2, 100);
  const auto push = world.queue.sends({2});
  world.queue.answer(push, results({rejected(2, "NO")}));
  world.machine->on_operations_moved();
  world.run();
  CHECK(world.state(2) == "blocked(operation)");
  CHECK(world.follows_operations());
}

TEST_CASE("the same id with the same words is the same file; with other words it is refused") {
  TransferWorld world;
  world.queue.enqueue(1, kApproval, "comment");
  world.add(1, 1, 100);
  const auto again = world.try_add(1, 1, photo_of(100, 1));
  REQUIRE(again);
  CHECK(again->seq == world.get(1).seq);
  const DownloadRequest other{file(1), "report", "R", {}, {}};
  const auto reused = world.queue.write([&](store::Transaction& tx) {
    return world.machine->on_download(tx, other, world.queue.now);
  });
  REQUIRE_FALSE(reused);
  CHECK(reused.error().code == "attachment.id_reused");
}

TEST_CASE("a file of no operation, or of one that was given up, is refused by name") {
  TransferWorld world;
  CHECK(world.try_add(1, 9, photo_of(50)).error().code == "operation.not_found");
  world.queue.enqueue(1, kApproval, "comment");
  REQUIRE(world.queue.cancel(1));
  CHECK(world.try_add(1, 1, photo_of(50)).error().code == "attachment.operation_over");
}

TEST_CASE("an operation that its user gives up takes its files along, and none stays behind") {
  TransferWorld world;
  world.queue.enqueue(1, kApproval, "comment");
  world.add(1, 1, 100);
  REQUIRE(world.queue.cancel(1));
  world.machine->on_operations_moved();
  world.run();
  CHECK(world.state(1) == "discarded");
  CHECK_FALSE(world.has_file(1));
}

TEST_CASE(
    "a file follows the operation that supersedes its own, and waits for its user's word when "
    "there is none") {
  TransferWorld world;
  world.queue.enqueue(1, kApproval, "comment");
  world.add(1, 1, 100);
  world.queue.go_online();
  const auto push = world.queue.sends({1});
  world.queue.answer(push, results({rejected(1, "NO")}));
  world.machine->on_operations_moved();
  world.run();
  CHECK(world.state(1) == "blocked(operation)");
  CHECK(world.get(1).cause == "operation.rejected");
  CHECK(world.help(1) == "operation");
  auto edit = world.queue.request(2, kApproval, "comment");
  edit.supersedes = op(1);
  REQUIRE(world.queue.try_enqueue(edit));
  world.machine->on_operations_moved();
  world.run();
  CHECK(world.state(1) == "waiting");
  CHECK(world.get(1).operation == op(2));
  const auto second = world.queue.sends({2});
  world.queue.answer(second, results({applied(2, kApproval, 2)}));
  world.run();
  CHECK(world.state(1) == "done");
}

TEST_CASE(
    "nothing is called without a network or a session, or where bytes cost and the profile "
    "waits") {
  TransferWorld world;
  world.queue.enqueue(1, kApproval, "comment");
  world.add(1, 1, 100);
  world.apply(1);
  world.network({false, false});
  CHECK_FALSE(world.next_call());
  CHECK(world.help(1) == "network");
  world.network({true, false});
  world.session(false);
  CHECK_FALSE(world.next_call());
  CHECK(world.help(1) == "login");
  world.machine->on_renewal(true);
  CHECK(world.help(1) == "wait");
  world.session(true);
  world.queue.profile.attachments->on_metered = profile::OnMetered::wait;
  world.network({true, true});
  CHECK_FALSE(world.next_call());
  CHECK(world.help(1) == "unmetered");
  world.queue.profile.attachments->on_metered = profile::OnMetered::send;
  CHECK(world.next_call());
}

TEST_CASE(
    "one call at a time, downloads before uploads, and a late answer of an older call is "
    "nobody's") {
  TransferWorld world;
  world.queue.enqueue(1, kApproval, "comment");
  world.apply(1);
  world.add(1, 1, 5'000);
  world.add(2, 1, 5'000);
  const auto first = world.next_call();
  REQUIRE(first);
  CHECK(first->transfer.id == file(1));
  CHECK_FALSE(world.next_call());
  world.download(3, "R");
  world.answer(*first, {http::Response{200, {}, "{\"offset\":0}"}, std::nullopt});
  const auto second = world.next_call();
  REQUIRE(second);
  CHECK(second->transfer.id == file(3));
  world.answer(*first, {http::Response{500, {}, ""}, std::nullopt});
  CHECK(world.get(1).attempts == 0);
}

TEST_CASE(
    "a process that died in the middle asks how much the server has, and sends no byte twice") {
  TransferWorld world;
  world.queue.enqueue(1, kApproval, "comment");
  world.apply(1);
  world.add(1, 1, 3 * kPieceBytes);
  const auto start = world.next_call();
  world.answer(*start, world.server.handle(start->call));
  auto piece = world.next_call();
  REQUIRE(piece);
  REQUIRE(piece->body);
  piece->call.body = photo_of(3 * kPieceBytes, 1).substr(0, static_cast<std::size_t>(kPieceBytes));
  (void)world.server.handle(piece->call);  // taken; the answer finds nobody
  world.reopen();
  world.run();
  CHECK(world.state(1) == "done");
  CHECK(world.server.offsets == 1);
  CHECK(world.server.sends == 3);
  CHECK(world.server.received == 3 * kPieceBytes);
  CHECK(world.server.only().content == photo_of(3 * kPieceBytes, 1));
}

TEST_CASE("an edge brings forward what the ladder made wait, and not what the server asked for") {
  TransferWorld world;
  world.queue.enqueue(1, kApproval, "comment");
  world.apply(1);
  world.add(1, 1, 100);
  const auto call = world.next_call();
  SECTION("the ladder") {
    world.answer(*call, {std::nullopt, http::TransportFailure::silent});
    world.queue.pass(5'000);
    const auto second = world.next_call();
    REQUIRE(second);
    world.answer(*second, {std::nullopt, http::TransportFailure::silent});
    CHECK(world.get(1).due_at == world.queue.now + Duration{30'000});
    world.network({true, false}, true);
    CHECK(world.get(1).due_at == world.queue.now + Duration{5'000});
  }
  SECTION("the server") {
    world.answer(*call, {http::Response{429, {{"Retry-After", "60"}}, ""}, std::nullopt});
    world.network({true, false}, true);
    CHECK(world.get(1).due_at == world.queue.now + Duration{60'000});
  }
}

TEST_CASE("a server that fails is not called by one file after the other (INV-Q9)") {
  TransferWorld world;
  world.queue.enqueue(1, kApproval, "comment");
  world.apply(1);
  for (int number = 1; number <= 5; ++number) world.add(number, 1, 100);
  int calls = 0;
  const Instant end = world.queue.now + Duration{60'000};
  for (; world.queue.now < end; world.queue.pass(500)) {
    const auto call = world.next_call();
    if (!call) continue;
    ++calls;
    world.answer(*call, {http::Response{500, {}, ""}, std::nullopt});
  }
  CHECK(calls == 12);
}

TEST_CASE("a session that is back lifts what waited for it") {
  TransferWorld world;
  world.queue.enqueue(1, kApproval, "comment");
  world.apply(1);
  world.add(1, 1, 100);
  const auto call = world.next_call();
  world.answer(*call, {http::Response{401, {}, ""}, std::nullopt});
  CHECK(world.state(1) == "blocked(auth)");
  SECTION("behind a login") {
    world.session(false);
    CHECK(world.state(1) == "blocked(auth)");
    world.session(true);
  }
  SECTION("behind a refresh, whose beginning is no news") { world.session(true); }
  CHECK(world.state(1) == "waiting");
}

TEST_CASE("P-101: what an app that is too old may not send goes on when it is taken again") {
  TransferWorld world;
  world.queue.enqueue(1, kApproval, "comment");
  world.apply(1);
  world.add(1, 1, 100);
  const auto call = world.next_call();
  REQUIRE(call.has_value());
  world.answer(*call, {http::Response{426, {}, ""}, std::nullopt});
  CHECK(world.state(1) == "blocked(upgrade)");
  CHECK(world.machine->view(world.get(1)).would_help == "update");
  world.session(false);
  world.session(true);
  world.network({true, false}, true);
  CHECK(world.state(1) == "blocked(upgrade)");
  SECTION("by the server") {
    REQUIRE(world.word([&](auto& tx) { return world.machine->on_update_over(tx); }));
  }
  SECTION("by a newer app, which is another process") { world.reopen(); }
  CHECK(world.state(1) == "waiting");
  CHECK(world.get(1).attempts == 0);
  world.run();
  CHECK(world.state(1) == "done");
}

TEST_CASE("cancel is for what the server never heard of, discard says what may have happened") {
  TransferWorld world;
  world.queue.enqueue(1, kApproval, "comment");
  world.add(1, 1, 100);
  world.add(2, 1, 100);
  REQUIRE(world.cancel(1));
  CHECK(world.state(1) == "cancelled");
  CHECK_FALSE(world.has_file(1));
  world.apply(1);
  const auto start = world.next_call();
  world.answer(*start, world.server.handle(start->call));
  CHECK(code_of(world.cancel(2)) == "attachment.sent");
  const auto send = world.next_call();
  REQUIRE(send);
  CHECK(code_of(world.discard(2)) == "attachment.may_have_happened");
  REQUIRE(world.discard(2, true));
  CHECK(world.state(2) == "discarded");
  CHECK_FALSE(world.has_file(2));
  // The answer that comes now is nobody's.
  world.answer(*send, {http::Response{200, {}, "{\"offset\":100}"}, std::nullopt});
  CHECK(world.state(2) == "discarded");
  CHECK(code_of(world.retry(2)) == "attachment.settled");
}

TEST_CASE("files that no row knows are removed at the start, rows without a file say so") {
  TransferWorld world;
  world.queue.enqueue(1, kApproval, "comment");
  world.add(1, 1, 100);
  const std::string prefix =
      world.queue.directory.path() + "/attachments/" + to_text(PartitionId{{1}}) + "-";
  write_file(prefix + to_text(file(8)), "left behind by a crash");
  REQUIRE(world.files.remove(file(1)));
  world.reopen();
  CHECK_FALSE(world.has_file(8));
  CHECK(world.state(1) == "failed");
  CHECK(world.get(1).cause == "attachment.missing");
  CHECK(world.help(1) == "discard");
  CHECK(code_of(world.retry(1)) == "attachment.gone");
  REQUIRE(world.discard(1));
}

TEST_CASE("a download comes in pieces, is checked, and is the file that the server has (P-75)") {
  TransferWorld world;
  world.server.reports["R"] = photo_of(3 * kPieceBytes + 5);
  world.download(1, "R");
  world.run();
  CHECK(world.state(1) == "done");
  CHECK(world.content(1) == world.server.reports["R"]);
  CHECK(world.calls.size() == 4);
  CHECK(world.get(1).content_type == "application/pdf");
}

TEST_CASE("a download goes on where it was when the process died") {
  TransferWorld world;
  world.server.reports["R"] = photo_of(2 * kPieceBytes);
  world.download(1, "R");
  const auto call = world.next_call();
  const auto heard = world.server.handle(call->call);
  const auto fetched = fetched_in(call->transfer, heard);
  REQUIRE(fetched);
  REQUIRE(write_from(world.files, *world.queue.key, call->transfer, 0,
                     std::as_bytes(std::span(heard.response->body))));
  REQUIRE(world.word([&](auto& tx) {
    return world.machine->on_answer(tx, call->number, heard, fetched, world.queue.now);
  }));
  world.reopen();
  world.run();
  CHECK(world.calls.size() == 1);  // the second piece alone
  CHECK(world.state(1) == "done");
  CHECK(world.content(1) == world.server.reports["R"]);
}

TEST_CASE("a newer download of the same report takes the place of the older one") {
  TransferWorld world;
  world.server.reports["R"] = photo_of(100, 1);
  world.download(1, "R");
  world.run();
  world.server.reports["R"] = photo_of(100, 2);
  world.download(2, "R");
  world.run();
  CHECK_FALSE(world.has_file(1));
  CHECK_FALSE(world.get(1).has_file);
  CHECK(world.content(2) == photo_of(100, 2));
}

TEST_CASE(
    "beyond the cap the least recently used file goes, never one of an entity with unsettled "
    "work (INV-S2)") {
  TransferWorld world;
  const auto fetch = [&](int number, const std::string& name, EntityKey entity = {}) {
    world.server.reports[name] = photo_of(kPieceBytes + 1, static_cast<std::uint64_t>(number));
    world.queue.pass(1'000);
    world.download(number, name, std::move(entity));
    world.run();
    REQUIRE(world.state(number) == "done");
  };
  world.queue.enqueue(1, kApproval, "comment");
  fetch(1, "of the approval", kApproval);
  fetch(2, "A");
  CHECK(world.has_file(2));
  fetch(3, "B");
  CHECK(world.has_file(1));
  CHECK_FALSE(world.has_file(2));
  CHECK(world.has_file(3));
  // Once its work is settled it is the oldest.
  world.apply(1);
  fetch(4, "C");
  CHECK_FALSE(world.has_file(1));
  CHECK(world.has_file(3));
  CHECK(world.has_file(4));
}

TEST_CASE("clearing the cache takes the files that are done, and none that is still to be sent") {
  TransferWorld world;
  world.server.reports["R"] = photo_of(100);
  world.download(1, "R");
  world.run();
  world.queue.enqueue(1, kApproval, "comment");
  world.add(2, 1, 100);
  REQUIRE(world.word([&](auto& tx) { return world.machine->on_clear(tx); }));
  CHECK_FALSE(world.has_file(1));
  CHECK(world.has_file(2));
  CHECK(world.state(1) == "done");
}

TEST_CASE("an answer that the disk had no room to note is asked for again") {
  TransferWorld world;
  world.queue.enqueue(1, kApproval, "comment");
  world.apply(1);
  world.add(1, 1, 2 * kPieceBytes);
  const auto start = world.next_call();
  world.answer(*start, world.server.handle(start->call));
  auto piece = world.next_call();
  REQUIRE(piece);
  piece->call.body = photo_of(2 * kPieceBytes, 1).substr(0, static_cast<std::size_t>(kPieceBytes));
  const auto heard = world.server.handle(piece->call);
  const auto rolled_back = world.queue.write([&](store::Transaction& tx) -> Status {
    LANDFALL_TRY(world.machine->on_answer(tx, piece->number, heard, std::nullopt, world.queue.now));
    return failure(ErrorClass::storage_full, "storage.full", "no room");
  });
  REQUIRE_FALSE(rolled_back);
  world.machine->forget_call();
  world.run();
  CHECK(world.state(1) == "done");
  CHECK(world.server.offsets == 1);
  CHECK(world.server.received == 2 * kPieceBytes);
}

TEST_CASE("a full disk under a download is named, and it goes on when there is room") {
  TransferWorld world;
  world.server.reports["R"] = photo_of(100);
  world.download(1, "R");
  const auto call = world.next_call();
  REQUIRE(world.word([&](auto& tx) {
    return world.machine->on_file_error(tx, call->number,
                                        Error{ErrorClass::storage_full, "storage.full", "no room"},
                                        world.queue.now);
  }));
  CHECK(world.get(1).cause == "storage.full");
  CHECK(world.get(1).attempts == 0);
  CHECK_FALSE(world.next_call());
  world.queue.pass(30'000);
  world.run();
  CHECK(world.state(1) == "done");
}

TEST_CASE("INV-Q9: a file's call behind a failure waits for its turn on the device") {
  TransferWorld world;
  for (std::size_t i = 0; i < limits::kRepeatsForAcceptedMax; ++i)
    world.repeats.on_repeat(world.queue.now);
  world.download(1, "GRN-1");
  const auto call = world.next_call();
  REQUIRE(call);
  world.answer(*call, response(503));
  world.queue.pass(59'000);
  CHECK_FALSE(world.next_call());
  world.queue.pass(1'000);
  CHECK(world.next_call());
  CHECK(world.repeats.free_at(http::RepeatRank::accepted, limits::kRepeatsForAcceptedMax - 1) ==
        world.queue.now + Duration{60'000});
}

}  // namespace landfall::test
