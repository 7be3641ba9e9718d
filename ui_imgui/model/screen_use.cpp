#include "ui_imgui/model/screen_use.hpp"

#include <type_traits>
#include <variant>

namespace landfall::ui {
namespace {

template <class Each, class... Others>
constexpr bool kIsOneOf = (std::is_same_v<Each, Others> || ...);

template <class Each>
constexpr bool kIsBesideScreen =
    kIsOneOf<Each, SetPaused, SetSpeed, PassTime, SetNetwork, SetServerDown, SetFault, ClearFaults,
             KillProcess, CutPower, BootPhone, OtherApproves, OtherEdits, OtherAsks, HealAndCheck,
             SelectPhone, SetFinger, SelectOperation, ExplainCode, CloseCode, PlayStep,
             PlayScenario, Restart>;

}  // namespace

bool is_done_on_screen(const Command& command) {
  return std::visit([](const auto& each) { return !kIsBesideScreen<std::decay_t<decltype(each)>>; },
                    command);
}

void ScreenUse::pass_real(double real_ms) {
  if (!hands_still_ms_) return;
  *hands_still_ms_ += real_ms;
  if (*hands_still_ms_ >= kHandsOffMs) hands_still_ms_.reset();
}

bool ScreenUse::is_touch_due(std::int64_t now_ms) const {
  return is_in_use() && (!touched_ms_ || now_ms - *touched_ms_ >= kTouchEvery.count());
}

}  // namespace landfall::ui
