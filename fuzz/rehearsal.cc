// Hints for the generator, from a reference that runs along.

#include "fuzz/rehearsal.h"

#include <poll.h>
#include <sys/epoll.h>

namespace pollux {

void Rehearsal::Begin() {
  executor_.Begin();
  frozen_ = false;
}

void Rehearsal::Append(const Call& call, std::vector<SlotKind>* kinds) {
  executor_.Execute(call, &outcome_);
  if (call.op == Op::kFreeze) frozen_ = true;
  if (call.op == Op::kThaw) frozen_ = false;
  if (call.op == Op::kEpollCtl && outcome_.result == 0) NoteWatch(call, kinds);
  // A look may wait for a frozen scan. Otherwise a look does no harm here: what
  // it changes is this reference alone.
  if (frozen_) return;
  queries_.clear();
  for (size_t slot = 0; slot < kinds->size(); ++slot) {
    const bool made = executor_.HasSlot(static_cast<int64_t>(slot));
    queries_.push_back({made ? executor_.FdOf(static_cast<int64_t>(slot)) : -1,
                        POLLIN | POLLOUT});
  }
  reference_.Poll(queries_);
  for (size_t slot = 0; slot < kinds->size(); ++slot) {
    const uint32_t mask = queries_[slot].revents;
    (*kinds)[slot].has_data = (mask & POLLIN) != 0 && (mask & POLLNVAL) == 0;
    (*kinds)[slot].has_room = (mask & POLLOUT) != 0 && (mask & POLLNVAL) == 0;
  }
}

void Rehearsal::NoteWatch(const Call& call,
                          std::vector<SlotKind>* kinds) const {
  const int64_t ep = call.args[0];
  const int64_t target = call.args[2];
  if (ep < 0 || target < 0 || target >= SlotKind::kWatchable) return;
  const uint64_t bit = uint64_t{1} << target;
  uint64_t& watches = (*kinds)[ep].watches;
  watches = call.args[1] == EPOLL_CTL_DEL ? watches & ~bit : watches | bit;
}

}  // namespace pollux
