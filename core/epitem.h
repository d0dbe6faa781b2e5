// One entry of an interest list (kernel: struct epitem).

#ifndef POLLUX_CORE_EPITEM_H_
#define POLLUX_CORE_EPITEM_H_

#include <cstdint>

#include "core/list.h"

namespace pollux {

struct Epitem {
  // The key within its eventpoll (kernel: epoll_filefd): a description and the
  // number through which it was added. The number may since have been closed
  // or given to another file; then the item is a ghost that nothing can reach.
  Index file = kNil;
  int32_t fd = -1;

  Index ep = kNil;
  uint32_t events = 0;  // mirrors epitem::event.events
  uint64_t data = 0;    // mirrors epitem::event.data

  Index first_wait = kNil;  // mirrors epitem::pwqlist
  Link ready_link;          // mirrors epitem::rdllink
  Link file_link;           // mirrors epitem::fllink
  Link ep_link;             // stands for epitem::rbn
  Index hash_next = kNil;   // stands for epitem::rbn in look-ups
  Index ovf_next = kNil;    // mirrors epitem::next

  uint32_t woken_at = 0;  // the WakeSite that has queued it; 0: ADD or MOD

  bool linked = false;  // on the ready list (or in the batch of a scan)
  bool on_ovflist = false;
  bool edge_again = false;  // only for Quirk::kEdgeDeliveredTwice
};

}  // namespace pollux

#endif  // POLLUX_CORE_EPITEM_H_
