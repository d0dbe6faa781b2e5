// From a divergence to a sentence.

#include "diff/headline.h"

#include <sys/epoll.h>

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "diff/text_format.h"

namespace pollux {
namespace {

std::vector<Event> Without(const std::vector<Event>& events,
                           const std::vector<Event>& others) {
  std::vector<Event> rest;
  std::copy_if(events.begin(), events.end(), std::back_inserter(rest),
               [&](const Event& event) {
                 return std::count(events.begin(), events.end(), event) >
                        std::count(others.begin(), others.end(), event);
               });
  return rest;
}

class Teller {
 public:
  Teller(const Program& program, const Divergence& divergence,
         std::string_view subject)
      : program_(program),
        names_(program),
        d_(divergence),
        call_(program.calls[divergence.call]),
        subject_(absl::StrCat("the ", subject)) {}

  std::string Tell() const {
    switch (d_.kind) {
      case DivergenceClass::kHang:
        return absl::StrCat(CallText(), " does not return on ", subject_);
      case DivergenceClass::kPollMask:
        return PollMask();
      case DivergenceClass::kInterestList:
        return InterestLists();
      case DivergenceClass::kOutcome:
        break;
    }
    const Outcome& a = d_.observed;
    const Outcome& b = d_.expected;
    if (a.events != b.events && a.result >= 0 && b.result >= 0 && !a.blocked &&
        !b.blocked) {
      return Events();
    }
    return Differs(CallText(), Verb(a), Verb(b));
  }

 private:
  // "epoll_wait(ep0)": the call and what it is about.
  std::string CallText() const {
    std::vector<std::string_view> about;
    ForEachSlotWord(
        call_, [&](int64_t slot, size_t) { about.push_back(names_.Of(slot)); });
    return absl::StrCat(Describe(call_.op).name, "(",
                        absl::StrJoin(about, ", "), ")");
  }

  std::string Differs(std::string_view what, std::string_view a,
                      std::string_view b) const {
    return absl::StrCat(what, " ", a, " on ", subject_, "; ", b,
                        " in the reference");
  }

  static std::string Verb(const Outcome& outcome) {
    if (outcome.blocked) return "never returns";
    if (outcome.result < 0) {
      const int error = static_cast<int>(-outcome.result);
      const std::string_view name = ErrnoName(error);
      return absl::StrCat("fails with ", name.empty()
                                             ? absl::StrCat("errno ", error)
                                             : std::string(name));
    }
    std::string text = absl::StrCat("returns ", outcome.result);
    if (outcome.has_value) absl::StrAppend(&text, " and gives ", outcome.value);
    if (outcome.revents != 0) {
      absl::StrAppend(&text, " with ",
                      PrintSymbols(kPollEvents, outcome.revents));
    }
    if (outcome.fds[0] >= 0) {
      absl::StrAppend(&text, " and descriptor +", outcome.fds[0]);
    }
    return text;
  }

  // The name of what was last added with this data word.
  std::string Watched(const Event& event) const {
    for (size_t i = d_.call; i-- > 0;) {
      const Call& call = program_.calls[i];
      if (call.op == Op::kEpollCtl && call.args[2] >= 0 &&
          static_cast<uint64_t>(call.args[5]) == event.data) {
        return std::string(names_.Of(call.args[2]));
      }
    }
    return absl::StrCat("data ", event.data);
  }

  std::string MaskOf(const Event& event) const {
    return absl::StrCat(PrintSymbols(kEpollEvents, event.events), " of ",
                        Watched(event));
  }

  std::string List(const std::vector<Event>& events) const {
    return absl::StrJoin(events, " and ",
                         [&](std::string* out, const Event& event) {
                           absl::StrAppend(out, MaskOf(event));
                         });
  }

  std::string Events() const {
    const std::vector<Event> extra =
        Without(d_.observed.events, d_.expected.events);
    const std::vector<Event> missing =
        Without(d_.expected.events, d_.observed.events);
    const std::string on = absl::StrCat(CallText(), " on ", subject_);
    if (extra.empty() && missing.empty()) {
      return absl::StrCat(on, " delivers the same events in another order");
    }
    if (extra.empty()) {
      return absl::StrCat(on, " does not deliver ", List(missing),
                          "; the reference does");
    }
    if (missing.empty()) {
      return absl::StrCat(on, " delivers ", List(extra),
                          "; the reference does not");
    }
    return absl::StrCat(on, " delivers ", List(extra), "; the reference, ",
                        List(missing));
  }

  std::string PollMask() const {
    const auto& seen = d_.observed_witness.polls;
    const auto& wanted = d_.expected_witness.polls;
    for (size_t i = 0; i < seen.size(); ++i) {
      if (seen[i].revents == wanted[i].revents) continue;
      return absl::StrCat("after ", CallText(), ", poll(2) says ",
                          PrintSymbols(kPollEvents, seen[i].revents), " on ",
                          subject_, ", and ",
                          PrintSymbols(kPollEvents, wanted[i].revents),
                          " in the reference");
    }
    return "";
  }

  // Only what differs from the other.
  static std::string ItemText(const InterestLine& line,
                              const InterestLine& other) {
    constexpr uint32_t kAlways = EPOLLERR | EPOLLHUP;
    if (line.data != other.data || line.tfd != other.tfd) {
      return PrintEvent({line.events, line.data});
    }
    const bool tells = ((line.events ^ other.events) & ~kAlways) != 0;
    return PrintSymbols(kEpollEvents,
                        tells ? line.events & ~kAlways : line.events);
  }

  std::string InterestLists() const {
    const auto seen = d_.observed_witness.interests();
    const auto wanted = d_.expected_witness.interests();
    for (size_t i = 0; i < seen.size(); ++i) {
      const size_t a = seen[i].lines.size();
      const size_t b = wanted[i].lines.size();
      if (seen[i].lines == wanted[i].lines) continue;
      const std::string after = absl::StrCat("after ", CallText(), ", ");
      if (a == b) {
        for (size_t n = 0; n < a; ++n) {
          const InterestLine& x = seen[i].lines[n];
          const InterestLine& y = wanted[i].lines[n];
          if (x == y) continue;
          return absl::StrCat(after, "an item is ", ItemText(x, y), " on ",
                              subject_, ", and ", ItemText(y, x),
                              " in the reference");
        }
      }
      return absl::StrCat(after, "an interest list has ", a,
                          a == 1 ? " item" : " items", " on ", subject_,
                          ", and ", b, " in the reference");
    }
    return "";
  }

  const Program& program_;
  const SlotNames names_;
  const Divergence& d_;
  const Call& call_;
  const std::string subject_;
};

}  // namespace

std::string Headline(const Program& program, const Divergence& divergence,
                     std::string_view subject) {
  std::string sentence = Teller(program, divergence, subject).Tell();
  // A name of a call stays as it is.
  if (absl::StartsWith(sentence, "after ")) sentence[0] = 'A';
  return sentence;
}

}  // namespace pollux
