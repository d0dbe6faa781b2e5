// Inspect: the invariants of a World.

#include <sys/socket.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/world_testing.h"

namespace pollux {
namespace {

// Walks over a World and notes the first thing that is wrong.
class Inspector {
 public:
  explicit Inspector(const World& world) : w_(world) {}

  std::string Run() {
    CountFiles();
    CountHeldFiles();
    for (auto [file, count] : files_) InspectFile(file, count);
    InspectSocks();
    for (Index item : items_) InspectItem(item);
    for (Index i = 0; i < w_.processes.size(); ++i) {
      if (!w_.processes[i].fds.empty()) NoteProcess(i);
    }
    InspectTotals();
    return problem_;
  }

 private:
  void Check(bool good, std::string_view what, Index index = kNil) {
    if (!good && problem_.empty()) problem_ = absl::StrCat(what, " ", index);
  }

  // The elements of a list, after checking that its links are symmetric.
  template <typename T, Link T::* kLink>
  std::vector<Index> Elements(const List<T, kLink>& list, const Pool<T>& pool,
                              std::string_view name) {
    std::vector<Index> elements;
    Index previous = kNil;
    for (Index i = list.head; i != kNil; i = (pool[i].*kLink).next) {
      Check((pool[i].*kLink).prev == previous, absl::StrCat(name, ": prev of"),
            i);
      elements.push_back(i);
      previous = i;
      if (elements.size() > pool.live()) {
        Check(false, absl::StrCat(name, ": a cycle through"), i);
        return {};
      }
    }
    Check(list.tail == previous, absl::StrCat(name, ": tail"), list.tail);
    return elements;
  }

  void CountFiles() {
    for (size_t fd = 0; fd < w_.fds.size(); ++fd) {
      if (w_.fds[fd] != kNil) {
        ++files_[w_.fds[fd]];
      } else {
        Check(fd >= w_.next_fd, "a free descriptor below next_fd", fd);
      }
    }
  }

  // What processes and messages hold; those that are gone hold nothing.
  void CountHeldFiles() {
    for (Index i = 0; i < w_.processes.size(); ++i) {
      for (Index file : w_.processes[i].fds) {
        if (file != kNil) ++files_[file];
      }
    }
    for (Index i = 0; i < w_.skbs.size(); ++i) {
      if (w_.skbs[i].file != kNil) ++files_[w_.skbs[i].file];
    }
    Check(files_.size() == w_.files.live(), "files without descriptors",
          w_.files.live());
    Check(w_.task_works.empty(), "files that are still to be released");
  }

  void InspectFile(Index index, uint32_t count) {
    const File& file = w_.files[index];
    Check(file.count == count, "the reference count of file", index);
    for (Index item : Elements(file.watchers, w_.epitems, "watchers")) {
      Check(w_.epitems[item].file == index, "watchers: the file of item", item);
      ++watchers_;
    }
    switch (file.type) {
      case FileType::kEventpoll:
        InspectEventpoll(index, file.object);
        break;
      case FileType::kPipe:
        if (pipes_.insert(file.object).second) {
          InspectPipe(w_.pipes[file.object]);
        }
        break;
      case FileType::kEventfd:
        ++eventfds_;
        InspectQueue(w_.eventfds[file.object].wait);
        break;
      case FileType::kUnixStream:
      case FileType::kUnixDgram:
      case FileType::kUnixSeqpacket:
        Check(!w_.unix_socks[file.object].dead, "a dead socket of file", index);
        ++references_[file.object];
        InspectSock(file.object);
        break;
      case FileType::kTcp:
      case FileType::kUdp:
      case FileType::kNetlink:
        InspectInetSock(file.object);
        break;
      case FileType::kTimerfd:
        ++timerfds_;
        InspectQueue(w_.timerfds[file.object].wait);
        break;
      case FileType::kPidfd:
        NoteProcess(file.object);
        break;
      case FileType::kSignalfd:
        if (!signalfd_) InspectQueue(w_.signals.wait);
        signalfd_ = true;
        break;
      case FileType::kInotify:
        InspectInotify(file.object);
        break;
      case FileType::kIoUring:
        ++io_urings_;
        InspectQueue(w_.io_urings[file.object].wait);
        break;
      case FileType::kRandom:
      case FileType::kPerfEvent:
      case FileType::kUserfaultfd:
        break;
      case FileType::kMqueue:
        NoteMqueue(file.object);
        break;
      case FileType::kPath:
        InspectPath(w_.paths[file.object]);
        break;
      case FileType::kPlain:
        break;
    }
  }

  void NoteProcess(Index process) {
    if (processes_.insert(process).second) {
      InspectQueue(w_.processes[process].wait);
    }
  }

  void InspectInotify(Index index) {
    ++inotifies_;
    const Inotify& in = w_.inotifies[index];
    Check(w_.inotify == index, "another inotify is open than", index);
    InspectQueue(in.wait);
    for (Index i : Elements(in.events, w_.inotify_events, "inotify events")) {
      Check(w_.inotify_events[i].wd > 0, "the watch of inotify event", i);
      ++inotify_events_;
    }
  }

  void NoteMqueue(Index index) {
    const Mqueue& mq = w_.mqueues[index];
    if (++mqueue_holders_[index] == 1) InspectQueue(mq.wait);
    Check(mq.messages <= mq.capacity, "too many messages in queue", index);
  }

  void InspectPath(const Path& path) {
    ++paths_;
    if (path.type == FileType::kMqueue) NoteMqueue(path.object);
    if (path.type == FileType::kPidfd) NoteProcess(path.object);
  }

  void InspectEventpoll(Index file, Index ep) {
    ++eventpolls_;
    const Eventpoll& e = w_.eventpolls[ep];
    Check(e.file == file, "the file of eventpoll", ep);
    InspectQueue(e.poll_wait);
    for (Index item : Elements(e.items, w_.epitems, "items")) {
      Check(w_.epitems[item].ep == ep, "items: the epoll of item", item);
      items_.push_back(item);
    }
    const bool frozen = w_.scan.ep == ep;
    Check(e.scanning == frozen, "scanning without a frozen scan", ep);
    for (Index item : Elements(e.ready, w_.epitems, "ready list")) {
      NoteReady(item, ep);
    }
    if (frozen) {
      for (Index item : Elements(w_.scan.batch, w_.epitems, "batch")) {
        NoteReady(item, ep);
      }
    }
    Check(frozen || e.ovflist == kNil, "an overflow list without a scan", ep);
    for (Index i = e.ovflist; i != kNil; i = w_.epitems[i].ovf_next) {
      Check(w_.epitems[i].ep == ep, "overflow list: the epoll of item", i);
      Check(overflow_.insert(i).second, "twice on the overflow list", i);
      if (!problem_.empty()) return;
    }
  }

  void NoteReady(Index item, Index ep) {
    Check(w_.epitems[item].ep == ep, "ready list: the epoll of item", item);
    Check(ready_.insert(item).second, "twice on ready lists", item);
  }

  void InspectQueue(Index queue) {
    ++queues_;
    const auto& entries = w_.wait_queues[queue].entries;
    bool exclusive = false;
    for (Index i : Elements(entries, w_.wait_entries, "wait queue")) {
      const WaitEntry& entry = w_.wait_entries[i];
      Check(entry.queue == queue, "the queue of wait entry", i);
      Check(entry.exclusive || !exclusive, "ordinary after exclusive", i);
      exclusive = entry.exclusive;
      queued_.insert(i);
    }
  }

  void InspectPipe(const Pipe& pipe) {
    InspectQueue(pipe.rd_wait);
    if (pipe.wr_wait != pipe.rd_wait) InspectQueue(pipe.wr_wait);
    Check(pipe.readers + pipe.writers > 0, "a pipe without ends");
    size_t used = 0;
    for (Index i : Elements(pipe.buffers, w_.pipe_buffers, "pipe buffers")) {
      const PipeBuffer& buffer = w_.pipe_buffers[i];
      Check(buffer.length > 0, "an empty pipe buffer", i);
      Check(buffer.offset + buffer.length <= w_.machine.page_size,
            "a pipe buffer larger than a page", i);
      ++used;
    }
    Check(pipe.used == used, "the slots in use of a pipe");
    Check(pipe.used <= pipe.max_usage, "a pipe with too many slots in use");
  }

  // A socket that is open or that something else names.
  void InspectSock(Index index) {
    if (!socks_.insert(index).second) return;
    const UnixSock& sock = w_.unix_socks[index];
    if (!sock.dead) InspectQueue(sock.wait);
    size_t messages = 0;
    for (Index i : Elements(sock.receive_queue, w_.skbs, "receive queue")) {
      const Index sender = w_.skbs[i].sender;
      charged_[sender] += w_.skbs[i].truesize;
      ++references_[sender];
      ++messages;
      // A connection that waits lives by its message.
      if (sock.state == UnixState::kListen) ++references_[sender];
      InspectSock(sender);
    }
    Check(sock.queue_length == messages, "the queue length of socket", index);
    skbs_ += messages;
    for (Index i : Elements(sock.peer_wait, w_.unix_socks, "peer_wait")) {
      Check(w_.unix_socks[i].peer_wake == index, "peer_wake of socket", i);
      Check(w_.unix_socks[i].peer == index, "registered with no peer", i);
    }
    if (sock.dead) {
      Check(sock.receive_queue.empty() && sock.peer == kNil &&
                sock.peer_wake == kNil && sock.peer_wait.empty(),
            "a dead socket that holds something", index);
    }
    if (sock.peer == kNil) return;
    ++references_[sock.peer];
    InspectSock(sock.peer);
    const UnixSock& peer = w_.unix_socks[sock.peer];
    Check(sock.type == SOCK_DGRAM || peer.dead || peer.peer == index,
          "the peer of the peer of", index);
  }

  // A TCP or UDP socket, open or waiting to be accepted.
  void InspectInetSock(Index index) {
    const InetSock& sock = w_.inet_socks[index];
    ++inet_socks_;
    if (sock.wait != kNil) InspectQueue(sock.wait);
    size_t waiting = 0;
    for (Index i : Elements(sock.accept_queue, w_.inet_socks, "accept queue")) {
      Check(w_.inet_socks[i].wait == kNil, "watched before accepted", i);
      InspectInetSock(i);
      ++waiting;
    }
    Check(sock.queue_length == waiting, "connections waiting at", index);
    skbs_ += Elements(sock.receive_queue, w_.skbs, "datagrams").size();
    Check(sock.copied_seq <= sock.rcv_nxt, "read what never came", index);
    Check(
        sock.state != InetState::kFinWait1 && sock.state != InetState::kLastAck,
        "a FIN that nobody acknowledges", index);
    const bool closed = sock.state == InetState::kClose ||
                        sock.state == InetState::kSynSent ||
                        sock.state == InetState::kListen;
    if (closed) Check(sock.peer == kNil, "a peer without connection", index);
    if (sock.peer != kNil) {
      Check(w_.inet_socks[sock.peer].peer == index, "peer of the peer", index);
    }
  }

  void InspectSocks() {
    for (Index i : socks_) {
      const UnixSock& sock = w_.unix_socks[i];
      Check(sock.references == references_[i], "references to socket", i);
      Check(sock.wmem_alloc == charged_[i], "the memory charged to", i);
    }
  }

  void InspectItem(Index index) {
    const Epitem& item = w_.epitems[index];
    Check(item.linked == (ready_.count(index) > 0), "`linked` of item", index);
    Check(item.on_ovflist == (overflow_.count(index) > 0),
          "`on_ovflist` of item", index);
    Check(files_.count(item.file) > 0, "a closed file under item", index);
    for (Index i = item.first_wait; i != kNil;
         i = w_.wait_entries[i].next_of_item) {
      Check(w_.wait_entries[i].item == index, "the item of wait entry", i);
      Check(queued_.count(i) > 0, "a wait entry on no queue", i);
      ++entries_;
      if (!problem_.empty()) return;
    }
    int found = 0;
    for (Index i = w_.epitem_table.First(item.ep, item.file); i != kNil;
         i = w_.epitems[i].hash_next) {
      found += i == index;
    }
    Check(found == 1, "found not once in the table: item", index);
  }

  void InspectTotals() {
    Check(w_.user_watches == items_.size(), "user_watches", w_.user_watches);
    Check(w_.epitems.live() == items_.size(), "items in the pool");
    Check(watchers_ == items_.size(), "items watching files", watchers_);
    Check(entries_ == queued_.size(), "entries on wait queues");
    Check(w_.wait_entries.live() == entries_, "entries in the pool");
    Check(w_.eventpolls.live() == eventpolls_, "eventpolls in the pool");
    Check(w_.eventfds.live() == eventfds_, "eventfds in the pool");
    Check(w_.timerfds.live() == timerfds_, "timerfds in the pool");
    Check(w_.paths.live() == paths_, "paths in the pool");
    Check(w_.processes.live() == processes_.size(), "processes in the pool");
    // It stays when the last signalfd goes.
    if (!signalfd_ && w_.signals.wait != kNil) InspectQueue(w_.signals.wait);
    Check(w_.io_urings.live() == io_urings_, "io_urings in the pool");
    Check(w_.inotifies.live() == inotifies_, "inotifies in the pool");
    Check(w_.inotify_events.live() == inotify_events_, "inotify events");
    for (const auto& [mqueue, holders] : mqueue_holders_) {
      Check(w_.mqueues[mqueue].holders == holders, "holders of queue", mqueue);
    }
    Check(w_.mqueues.live() == mqueue_holders_.size(), "message queues");
    Check(w_.unix_socks.live() == socks_.size(), "sockets in the pool");
    Check(w_.inet_socks.live() == inet_socks_, "IP sockets in the pool");
    Check(w_.skbs.live() == skbs_, "messages in the pool");
    Check(w_.pipes.live() == pipes_.size(), "pipes in the pool");
    size_t buffers = 0;
    for (Index pipe : pipes_) buffers += w_.pipes[pipe].used;
    Check(w_.pipe_buffers.live() == buffers, "pipe buffers in the pool");
    Check(w_.wait_queues.live() == queues_, "wait queues in the pool");
  }

  const World& w_;
  std::string problem_;
  std::map<Index, uint32_t> files_;  // open files and their descriptors
  std::vector<Index> items_;
  std::set<Index> ready_;     // on ready lists and the batch of a scan
  std::set<Index> overflow_;  // on overflow lists
  std::set<Index> queued_;    // wait entries on queues
  std::set<Index> pipes_;
  std::set<Index> socks_;
  std::map<Index, uint32_t> references_;  // to sockets
  std::map<Index, uint32_t> charged_;     // bytes, to sockets
  size_t watchers_ = 0;
  size_t entries_ = 0;
  size_t queues_ = 0;
  size_t eventpolls_ = 0;
  size_t eventfds_ = 0;
  size_t timerfds_ = 0;
  size_t paths_ = 0;
  std::set<Index> processes_;
  bool signalfd_ = false;
  size_t inotifies_ = 0;
  size_t io_urings_ = 0;
  size_t inotify_events_ = 0;
  std::map<Index, uint32_t> mqueue_holders_;
  size_t skbs_ = 0;
  size_t inet_socks_ = 0;
};

}  // namespace

std::string Inspect(const World& world) { return Inspector(world).Run(); }

}  // namespace pollux
