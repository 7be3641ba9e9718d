#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

// What a person asked for in one frame. Panels append, the model executes in order.
namespace landfall::ui {

// --- time

struct SetPaused {
  bool paused = false;
};
struct SetSpeed {
  int speed = 1;
};
// Lets that much virtual time pass at once, paused or not.
struct PassTime {
  std::int64_t span_ms = 0;
};

// --- the world

struct SetNetwork {
  bool up = true;
  bool tell_engine = true;
};
struct SetServerDown {
  bool down = false;
};
struct SetFault {
  std::string name;
  double chance = 0;
};
struct ClearFaults {};
struct KillProcess {};
struct CutPower {};
struct BootPhone {};
struct OtherApproves {};  // the first of the phone's approvals that waits at the server
struct OtherEdits {};     // the first requisition of the phone that the server knows
struct OtherAsks {};      // a new approval for this phone's user
// Everything is put in order and comes to rest; then the oracles judge the end.
struct HealAndCheck {};

// --- the phone's user

// Their hands are on its screen: the pointer moves over it, or something is typed there.
struct UseScreen {};
struct SelectPhone {
  std::string name;
};
struct Login {};
struct Logout {};
struct SyncNow {};
struct Approve {
  std::string id;
  std::string comment;
};
struct Reject {
  std::string id;
  std::string comment;
};
struct CreateRequisition {
  std::string title;
  std::string project;
};
struct EditRequisition {
  std::string id;
  std::string title;
  std::string note;
};
struct SubmitRequisition {
  std::string id;
};
struct DeleteRequisition {
  std::string id;
};
// Asks the server for the requisitions that it has.
struct FetchRequisitions {};
struct SeeNotices {
  std::int64_t up_to = 0;
};

// --- who the phone's user is

struct SubmitLogin {
  std::string email;
  std::string password;
  bool remember = false;
  bool remember_password = false;
};
struct LoginRemembered {};  // with the password that the phone keeps
// The form for a new account, or back from it.
struct OpenRegistration {
  bool is_open = true;
};
struct SubmitRegistration {
  std::string email;
  std::string password;
  std::string name;
};
// The password form where a PIN or a finger would do, or back from it.
struct UsePassword {
  bool is_wanted = true;
};
struct SubmitCode {
  std::string code;
  std::string method;
};
struct SendCode {};  // by text message
struct ChooseOrganisation {
  std::string id;
};
struct SwitchOrganisation {
  std::string id;
};
struct UnlockByPin {
  std::string pin;
};
struct UnlockByBiometric {};
struct LockApp {};
struct SetPin {
  std::string pin;
};
struct ChangePin {
  std::string pin;
  std::string new_pin;
};
struct RemoveProof {
  std::string what;  // pin, biometric
};
struct EnrolBiometric {};
struct DeclineBiometric {};
// What a look at the user's finger finds from now on.
struct SetFinger {
  std::string found;
};
struct SetUpSecondFactor {
  std::string phone_number;  // empty: no text messages
};
struct VerifySecondFactor {
  std::string code;
};
struct NewBackupCodes {
  std::string code;
};
struct DisableSecondFactor {
  std::string code;
};
struct FinishOnboarding {};
struct ChooseRole {
  std::string role;
};
struct LeaveDashboard {};  // back to the choice of them

// --- the conflict inbox

// Everything by one word, or field by field: the side by the field's path.
struct ResolveConflict {
  std::string id;
  std::string choice;  // mine, theirs; empty: by field
  std::map<std::string, std::string> choices;
};
struct ReopenConflict {
  std::string id;
};

// --- the outbox

// Its explanation is wanted; empty: none.
struct SelectOperation {
  std::string id;
};
struct RetryOperation {
  std::string id;
};
struct CancelOperation {
  std::string id;
};
struct DiscardOperation {
  std::string id;
};
// The same intent as a new operation in its place.
struct SupersedeOperation {
  std::string id;
};

// --- the description of the host interface

// What a code means is wanted; an empty one has nothing to say yet.
struct ExplainCode {
  std::string code;
};
struct CloseCode {};

// --- the scenario

struct PlayStep {};
struct PlayScenario {
  bool running = true;
};
// The same world, or the scenario, from its beginning.
struct Restart {};

using Command = std::variant<
    SetPaused, SetSpeed, PassTime, SetNetwork, SetServerDown, SetFault, ClearFaults, KillProcess,
    CutPower, BootPhone, OtherApproves, OtherEdits, OtherAsks, HealAndCheck, UseScreen, SelectPhone,
    Login, Logout, SyncNow, Approve, Reject, CreateRequisition, EditRequisition, SubmitRequisition,
    DeleteRequisition, FetchRequisitions, SeeNotices, SubmitLogin, LoginRemembered,
    OpenRegistration, SubmitRegistration, UsePassword, SubmitCode, SendCode, ChooseOrganisation,
    SwitchOrganisation, UnlockByPin, UnlockByBiometric, LockApp, SetPin, ChangePin, RemoveProof,
    EnrolBiometric, DeclineBiometric, SetFinger, SetUpSecondFactor, VerifySecondFactor,
    NewBackupCodes, DisableSecondFactor, FinishOnboarding, ChooseRole, LeaveDashboard,
    ResolveConflict, ReopenConflict, SelectOperation, RetryOperation, CancelOperation,
    DiscardOperation, SupersedeOperation, ExplainCode, CloseCode, PlayStep, PlayScenario, Restart>;
using Commands = std::vector<Command>;

}  // namespace landfall::ui
