// World: reset and size.

#include "core/world.h"

namespace pollux {

void World::Reset() {
  fds.clear();
  next_fd = 0;
  files.Clear();
  wait_queues.Clear();
  wait_entries.Clear();
  eventpolls.Clear();
  epitems.Clear();
  epitem_table.Clear();
  user_watches = 0;
  scan.ep = kNil;
  scan.delivered.clear();
  frozen_result = 0;
  check_generation = 0;
  pipes.Clear();
  pipe_buffers.Clear();
  eventfds.Clear();
  unix_socks.Clear();
  skbs.Clear();
  unix_names.clear();
}

size_t World::bytes() const {
  return fds.capacity() * sizeof(Index) + files.bytes() + wait_queues.bytes() +
         wait_entries.bytes() + eventpolls.bytes() + epitems.bytes() +
         epitem_table.bytes() + pipes.bytes() + pipe_buffers.bytes() +
         eventfds.bytes() + unix_socks.bytes() + skbs.bytes() +
         unix_names.capacity() * sizeof(Index);
}

}  // namespace pollux
