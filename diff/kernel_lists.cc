// Reading lists out of a World.

#include "diff/kernel_lists.h"

#include <sys/epoll.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "diff/oracle.h"

namespace pollux {
namespace {

constexpr uint32_t kAlways = EPOLLERR | EPOLLHUP;

constexpr std::string_view kInterestList = "interest list";
constexpr std::string_view kReadyList = "ready list";
constexpr std::string_view kBatch = "scan's batch";
constexpr std::string_view kOverflowList = "overflow list";
constexpr std::string_view kWaitQueue = "wait queue";

class Reader {
 public:
  Reader(const World& world, const FdNames& names)
      : world_(world), names_(names) {}

  std::vector<KernelList> Read() {
    ForEachEpoll([&](int fd, const Eventpoll& ep) { ReadEpoll(fd, ep); });
    ForEachEpoll([&](int, const Eventpoll& ep) { ReadWaitQueues(ep); });
    return std::move(lists_);
  }

 private:
  template <typename Visit>
  void ForEachEpoll(Visit visit) const {
    std::vector<Index> seen;  // a duplicate is no other epoll
    for (size_t fd = 0; fd < world_.fds.size(); ++fd) {
      const Index file = world_.fds[fd];
      if (file == kNil || world_.files[file].type != FileType::kEventpoll ||
          std::find(seen.begin(), seen.end(), file) != seen.end()) {
        continue;
      }
      seen.push_back(file);
      visit(static_cast<int>(fd), world_.eventpolls[world_.files[file].object]);
    }
  }

  // The name under which an item was added; its number may have moved on.
  std::string NameOf(const Epitem& item) const {
    const bool ghost = RawFileOf(world_, item.fd) != item.file;
    return absl::StrCat(names_.Of(item.fd), ghost ? " (ghost)" : "");
  }

  void ReadEpoll(int fd, const Eventpoll& ep) {
    const std::string name = names_.Of(fd);
    Add(name, kInterestList, ep.items);
    Add(name, kReadyList, ep.ready);
    if (!ep.scanning) return;
    Add(name, kBatch, world_.scan.batch);
    // It is kept newest first; oldest first reads better.
    KernelList overflow{name, kOverflowList, {}};
    for (Index i = ep.ovflist; i != kNil; i = world_.epitems[i].ovf_next) {
      overflow.items.insert(overflow.items.begin(), NameOf(world_.epitems[i]));
    }
    lists_.push_back(std::move(overflow));
  }

  template <typename ListT>
  void Add(const std::string& owner, std::string_view kind, const ListT& list) {
    KernelList result{owner, kind, {}};
    for (Index i = list.head; i != kNil; i = ListT::Next(world_.epitems, i)) {
      const Epitem& item = world_.epitems[i];
      result.items.push_back(NameOf(item));
      if (kind == kInterestList) {
        // As fdinfo shows it, but for what every armed item has.
        const bool usual = (item.events & kAlways) == kAlways;
        const uint32_t events = usual ? item.events & ~kAlways : item.events;
        absl::StrAppend(&result.items.back(), " ",
                        PrintEvent({events, item.data}));
      }
    }
    lists_.push_back(std::move(result));
  }

  // Those on which items of `ep` wait.
  void ReadWaitQueues(const Eventpoll& ep) {
    using Items = decltype(ep.items);
    for (Index i = ep.items.head; i != kNil;
         i = Items::Next(world_.epitems, i)) {
      for (Index w = world_.epitems[i].first_wait; w != kNil;
           w = world_.wait_entries[w].next_of_item) {
        const Index queue = world_.wait_entries[w].queue;
        if (std::find(queues_.begin(), queues_.end(), queue) != queues_.end()) {
          continue;
        }
        queues_.push_back(queue);
        ReadWaitQueue(queue);
      }
    }
  }

  void ReadWaitQueue(Index queue) {
    std::vector<std::string> owners;
    KernelList list{"", kWaitQueue, {}};
    using Entries = decltype(WaitQueue::entries);
    for (Index w = world_.wait_queues[queue].entries.head; w != kNil;
         w = Entries::Next(world_.wait_entries, w)) {
      const WaitEntry& entry = world_.wait_entries[w];
      const Epitem& item = world_.epitems[entry.item];
      const std::string owner = NameOf(item);
      if (std::find(owners.begin(), owners.end(), owner) == owners.end()) {
        owners.push_back(owner);
      }
      list.items.push_back(
          absl::StrCat(EpollOf(item), entry.exclusive ? " (exclusive)" : ""));
    }
    list.owner = absl::StrJoin(owners, "=");
    lists_.push_back(std::move(list));
  }

  // The name of the epoll that an item belongs to.
  std::string EpollOf(const Epitem& item) const {
    std::string name = "an epoll";
    ForEachEpoll([&](int fd, const Eventpoll& ep) {
      if (&ep == &world_.eventpolls[item.ep]) name = names_.Of(fd);
    });
    return name;
  }

  const World& world_;
  const FdNames& names_;
  std::vector<KernelList> lists_;
  std::vector<Index> queues_;  // read so far
};

}  // namespace

std::string FdNames::Of(int fd) const {
  const auto last = std::find(fds_.rbegin(), fds_.rend(), fd);
  if (last == fds_.rend()) return absl::StrCat("#", fd);
  return std::string(names_.Of(fds_.rend() - last - 1));
}

std::vector<KernelList> ListsOf(const World& world, const FdNames& names) {
  return Reader(world, names).Read();
}

std::vector<std::vector<KernelList>> ListsOverTime(const Program& program,
                                                   const Profile& profile,
                                                   const Machine& machine) {
  std::vector<std::vector<KernelList>> all(1);
  Oracle oracle(profile, machine);
  oracle.Begin();
  std::vector<int> fds;
  const Outcome unknown;
  for (const Call& call : program.calls) {
    oracle.Judge(call, unknown);
    for (int i = 0; i < Describe(call.op).slots_made(); ++i) {
      fds.push_back(oracle.expected().fds[i]);
    }
    all.push_back(ListsOf(oracle.world(), FdNames(program, fds)));
  }
  return all;
}

std::vector<ListChange> ChangesOf(const std::vector<KernelList>& before,
                                  const std::vector<KernelList>& after) {
  std::vector<ListChange> changes;
  for (const KernelList& list : before) changes.push_back({list, {}});
  for (const KernelList& list : after) {
    const auto same = std::find_if(
        changes.begin(), changes.end(), [&](const ListChange& change) {
          // A file may have two wait queues: pair them off in order.
          return change.before.IsOf(list) && change.after.kind.empty();
        });
    if (same != changes.end()) {
      same->after = list;
    } else {
      changes.push_back({{}, list});
    }
  }
  std::erase_if(changes, [](const ListChange& change) {
    return change.before.items.empty() && change.after.items.empty();
  });
  return changes;
}

}  // namespace pollux
