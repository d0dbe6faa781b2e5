// World: reset and size.

#include "core/world.h"

namespace pollux {

void World::Reset() {
  fds.clear();
  close_on_exec.clear();
  next_fd = 0;
  task_works.clear();
  scm = {};
  ForEachPool(*this, [](auto& pool) { pool.Clear(); });
  epitem_table.Clear();
  user_watches = 0;
  scan.ep = kNil;
  scan.delivered.clear();
  scan.cut = 0;
  frozen_result = 0;
  check_generation = 0;
  fifos.clear();
  fifos_made = 0;
  processes_started = 0;
  signals = {};
  inotify = kNil;
  inotifies_made = 0;
  file_exists = {};
  mqueues_made = 0;
  unix_names.clear();
  inet_names.clear();
  inet_budget = InetBudget();
}

size_t World::bytes() const {
  size_t sum =
      (fds.capacity() + unix_names.capacity() + inet_names.capacity()) *
          sizeof(Index) +
      epitem_table.bytes() + fifos.capacity() * sizeof(Fifo);
  ForEachPool(*this, [&](const auto& pool) { sum += pool.bytes(); });
  return sum;
}

}  // namespace pollux
