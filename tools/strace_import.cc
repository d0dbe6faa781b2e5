// Importing logs of strace.

#include "tools/strace_import.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "diff/draft.h"

namespace pollux {
namespace {

// The sum of "A|B|0x10" by the names of `symbols`; others count as 0.
int64_t SymbolValue(std::string_view text, const SymbolTable& symbols) {
  int64_t value = 0;
  for (std::string_view word : absl::StrSplit(text, '|')) {
    const Symbol* symbol = symbols.Find(word);
    value |= symbol != nullptr ? symbol->value : StraceNumber(word);
  }
  return value;
}

// The first eight bytes of a string as strace prints it, "\1\0\0..."; the
// value 1 if there are fewer.
int64_t EightBytes(std::string_view text) {
  uint64_t value = 0;
  int count = 0;
  size_t i = 1;
  for (; count < 8 && i < text.size() && text[i] != '"'; ++count) {
    uint64_t byte = static_cast<uint8_t>(text[i++]);
    if (byte == '\\' && i < text.size()) {
      static constexpr std::string_view kLetters = "abtnvfr";
      const size_t letter = kLetters.find(text[i]);
      if (text[i] >= '0' && text[i] <= '7') {
        byte = 0;
        for (int digits = 0;
             digits < 3 && i < text.size() && text[i] >= '0' && text[i] <= '7';
             ++digits) {
          byte = byte * 8 + (text[i++] - '0');
        }
      } else {
        byte = letter == std::string_view::npos ? static_cast<uint8_t>(text[i])
                                                : 7 + letter;
        ++i;
      }
    }
    value |= (byte & 0xff) << (8 * count);
  }
  return count == 8 ? static_cast<int64_t>(value) : 1;
}

// What of a socket address says who is meant: a path or a port.
std::string AddressKey(std::string_view address) {
  for (std::string_view field : {"sun_path", "sin_port", "sin6_port"}) {
    const std::string_view value = StraceField(address, field);
    if (!value.empty()) return std::string(value);
  }
  return "";
}

// An open file, as far as its other end goes.
struct Object {
  Op maker = Op{};
  int64_t domain = 0;          // of a socket
  int64_t type = 0;            // of a socket
  int64_t peer = kNoFd;        // a made-up descriptor of the other end
  size_t waiting = 0;          // connections of the log that wait for an accept
  std::optional<size_t> told;  // the wait that last told of it
  std::optional<size_t> peer_gone;  // before this call, the peer closed
};

struct Descriptor {
  int64_t id = kNoFd;  // in the draft
  size_t object = 0;
  bool cloexec = false;
};

using Table = std::map<int, Descriptor>;

class Importer {
 public:
  ImportResult Run(const StraceLog& log) {
    for (const StraceCall& call : log.calls) Step(call);
    draft_.calls.clear();
    for (size_t i = 0; i < before_.size(); ++i) {
      for (const DraftCall& call : before_[i]) draft_.calls.push_back(call);
      if (i < emitted_.size()) draft_.calls.push_back(emitted_[i]);
    }
    draft_.Write(&result_.program, [](const Call&, size_t) { return kNoFd; });
    return std::move(result_);
  }

 private:
  enum class Fate {
    kImported,
    kLeftOut,    // the language cannot say it, or the log does not tell it
    kNoEffect,   // nothing that an epoll could see
    kElsewhere,  // a file that stayed outside
  };

  using Handler = Fate (Importer::*)(const StraceCall&);

  // --- The log's side

  void Step(const StraceCall& call) {
    if (tables_.count(call.pid) == 0) tables_[call.pid] = FirstTable();
    table_ = tables_[call.pid];
    if (call.name == "fork?") {
      forking_ = {call.pid, call.args[0]};
      return;
    }
    if (call.name == "+++") {
      EndThread(call.pid);
      return;
    }
    if (full()) {
      ++result_.beyond;
      return;
    }
    switch (Translate(call)) {
      case Fate::kImported:
        ++result_.imported;
        break;
      case Fate::kLeftOut:
        ++result_.left_out[call.name];
        break;
      case Fate::kElsewhere:
        ++result_.elsewhere;
        break;
      case Fate::kNoEffect:
        break;
    }
  }

  // Of a thread that was not seen before: that of a fork that is going on, or
  // an empty one.
  std::shared_ptr<Table> FirstTable() {
    if (forking_.second.empty()) return std::make_shared<Table>();
    return CopyTable(tables_[forking_.first], forking_.second);
  }

  std::shared_ptr<Table> CopyTable(const std::shared_ptr<Table>& parent,
                                   std::string_view flags) {
    if (absl::StrContains(flags, "CLONE_FILES")) return parent;
    auto child = std::make_shared<Table>();
    for (const auto& [fd, descriptor] : *parent) {
      if (full()) break;
      Descriptor copy = descriptor;
      copy.id = MakeUp(kBeforeNext, {Op::kDup, {descriptor.id}});
      (*child)[fd] = copy;
    }
    return child;
  }

  void EndThread(int pid) {
    table_.reset();
    const std::shared_ptr<Table> table = std::move(tables_[pid]);
    tables_.erase(pid);
    if (table.use_count() > 1) return;
    for (const auto& [fd, descriptor] : *table) {
      if (!full()) MakeUp(kBeforeNext, {Op::kClose, {descriptor.id}});
    }
  }

  Descriptor* Find(std::string_view text) {
    const auto found = table_->find(static_cast<int>(StraceNumber(text)));
    return found == table_->end() ? nullptr : &found->second;
  }

  Object& ObjectOf(const Descriptor& d) { return objects_[d.object]; }

  void Put(int64_t fd, int64_t id, size_t object, std::string_view flags) {
    (*table_)[static_cast<int>(fd)] = {id, object,
                                       absl::StrContains(flags, "CLOEXEC")};
  }

  size_t NewObject(Op maker) {
    objects_.emplace_back().maker = maker;
    return objects_.size() - 1;
  }

  // --- The program's side

  static constexpr size_t kBeforeNext = SIZE_MAX;

  bool full() const {
    return calls_ + 8 >= Program::kMaxCalls || slots_ + 4 >= Program::kMaxSlots;
  }

  DraftCall Identify(const Call& call) {
    ++calls_;
    slots_ += Describe(call.op).slots_made();
    return {call, draft_.NewIds(call)};
  }

  // Adds a call; returns the identity of what it makes.
  int64_t Emit(const Call& call) {
    emitted_.push_back(Identify(call));
    before_.resize(emitted_.size() + 1);
    return emitted_.back().first_made;
  }

  // The same for a call that is not in the log, before the `at`-th that is.
  int64_t MakeUp(size_t at, const Call& call) {
    ++result_.made_up;
    before_[std::min(at, emitted_.size())].push_back(Identify(call));
    return before_[std::min(at, emitted_.size())].back().first_made;
  }

  // --- What others must have done

  // Where the other end acted: before the wait that told of it.
  size_t WhenTold(const Object& object) const {
    return object.told.value_or(emitted_.size());
  }

  void PeerSends(Object& object, int64_t bytes) {
    if (object.peer == kNoFd) return;
    const size_t at = WhenTold(object);
    const Call send{Op::kSend, {object.peer, std::min(bytes, kMaxIo), 0}};
    if (!object.peer_gone || *object.peer_gone > at) {
      MakeUp(at, send);
      return;
    }
    // It had been sent before the peer went.
    ++result_.made_up;
    std::vector<DraftCall>& calls = before_[*object.peer_gone];
    const auto close =
        std::find_if(calls.begin(), calls.end(), [&](const DraftCall& call) {
          return call.call.op == Op::kClose && call.call.args[0] == object.peer;
        });
    calls.insert(close, Identify(send));
  }

  void PeerCloses(Object& object) {
    if (object.peer == kNoFd || object.peer_gone) return;
    object.peer_gone = WhenTold(object);
    MakeUp(*object.peer_gone, {Op::kClose, {object.peer}});
  }

  // Bytes came out of a socket, or its end did: who is behind that?
  void Supply(Object& object, int64_t asked, int64_t bytes) {
    if (bytes > 0) PeerSends(object, bytes);
    if (bytes == 0 && asked > 0) PeerCloses(object);
  }

  // --- One system call each

  Fate Translate(const StraceCall& call) {
    static const auto& kHandlers = *new std::map<std::string_view, Handler>{
        {"epoll_create", &Importer::EpollCreate},
        {"epoll_create1", &Importer::EpollCreate},
        {"epoll_ctl", &Importer::EpollCtl},
        {"epoll_wait", &Importer::EpollWait},
        {"epoll_pwait", &Importer::EpollWait},
        {"epoll_pwait2", &Importer::EpollWait},
        {"eventfd", &Importer::Eventfd},
        {"eventfd2", &Importer::Eventfd},
        {"pipe", &Importer::Pair},
        {"pipe2", &Importer::Pair},
        {"socketpair", &Importer::Pair},
        {"socket", &Importer::Socket},
        {"bind", &Importer::Bind},
        {"listen", &Importer::Listen},
        {"connect", &Importer::Connect},
        {"accept", &Importer::Accept},
        {"accept4", &Importer::Accept},
        {"shutdown", &Importer::Shutdown},
        {"getsockopt", &Importer::Getsockopt},
        {"timerfd_create", &Importer::TimerfdCreate},
        {"timerfd_settime", &Importer::TimerfdSettime},
        {"read", &Importer::Read},
        {"readv", &Importer::Read},
        {"recvfrom", &Importer::Read},
        {"recvmsg", &Importer::Read},
        {"write", &Importer::Write},
        {"writev", &Importer::Write},
        {"sendto", &Importer::Write},
        {"sendmsg", &Importer::Write},
        {"close", &Importer::Close},
        {"dup", &Importer::Dup},
        {"dup2", &Importer::DupOver},
        {"dup3", &Importer::DupOver},
        {"fcntl", &Importer::Fcntl},
        {"fork", &Importer::Fork},
        {"vfork", &Importer::Fork},
        {"clone", &Importer::Fork},
        {"clone3", &Importer::Fork},
        {"execve", &Importer::Exec},
        {"open", &Importer::OpenElsewhere},
        {"openat", &Importer::OpenElsewhere},
        {"poll", &Importer::LeaveOut},
        {"ppoll", &Importer::LeaveOut},
        {"select", &Importer::LeaveOut},
        {"pselect6", &Importer::LeaveOut},
        {"ioctl", &Importer::NoEffect},
        {"fstat", &Importer::NoEffect},
        {"newfstatat", &Importer::NoEffect},
        {"getsockname", &Importer::NoEffect},
        {"getpeername", &Importer::NoEffect},
        {"mmap", &Importer::NoEffect},
    };
    const auto found = kHandlers.find(call.name);
    if (found != kHandlers.end()) return (this->*found->second)(call);
    const bool on_ours = !call.args.empty() && !call.args[0].empty() &&
                         call.args[0][0] >= '0' && call.args[0][0] <= '9' &&
                         Find(call.args[0]) != nullptr;
    return on_ours ? Fate::kLeftOut : Fate::kNoEffect;
  }

  static std::string_view Arg(const StraceCall& call, size_t i) {
    return i < call.args.size() ? std::string_view(call.args[i]) : "";
  }

  Fate LeaveOut(const StraceCall&) { return Fate::kLeftOut; }
  Fate NoEffect(const StraceCall&) { return Fate::kNoEffect; }

  // Whatever had the number before has lost it in a way that we missed.
  Fate OpenElsewhere(const StraceCall& call) {
    table_->erase(static_cast<int>(call.result));
    return Fate::kElsewhere;
  }

  Fate Make(const StraceCall& call, const Call& maker, std::string_view flags) {
    if (call.result < 0) return Fate::kLeftOut;
    const size_t object = NewObject(maker.op);
    Put(call.result, Emit(maker), object, flags);
    return Fate::kImported;
  }

  Fate EpollCreate(const StraceCall& call) {
    return Make(call, {Op::kEpollCreate1, {0}}, Arg(call, 0));
  }

  Fate Eventfd(const StraceCall& call) {
    const std::string_view flags = Arg(call, 1);
    const int64_t value =
        SymbolValue(flags, kEventfdFlags) & ~int64_t{O_CLOEXEC};
    return Make(call, {Op::kEventfd2, {StraceNumber(Arg(call, 0)), value}},
                flags);
  }

  Fate TimerfdCreate(const StraceCall& call) {
    return Make(call,
                {Op::kTimerfdCreate,
                 {SymbolValue(Arg(call, 0), kClocks), TFD_NONBLOCK}},
                Arg(call, 1));
  }

  Fate Pair(const StraceCall& call) {
    const bool sockets = call.name == "socketpair";
    if (call.result < 0) return Fate::kLeftOut;
    if (sockets && Arg(call, 0) != "AF_UNIX") return Fate::kElsewhere;
    const std::vector<std::string_view> numbers = absl::StrSplit(
        Arg(call, sockets ? 3 : 0), absl::ByAnyChar("[], "), absl::SkipEmpty());
    if (numbers.size() != 2) return Fate::kLeftOut;
    const std::string_view flags = Arg(call, 1);
    const int64_t direct = absl::StrContains(flags, "O_DIRECT") ? O_DIRECT : 0;
    const int64_t id =
        sockets ? Emit({Op::kSocketpair, {AF_UNIX, TypeOf(flags), 0}})
                : Emit({Op::kPipe2, {O_NONBLOCK | direct}});
    for (int i = 0; i < 2; ++i) {
      Put(StraceNumber(numbers[i]), id + i,
          NewObject(sockets ? Op::kSocketpair : Op::kPipe2), flags);
    }
    return Fate::kImported;
  }

  static int64_t TypeOf(std::string_view text) {
    for (std::string_view word : absl::StrSplit(text, '|')) {
      const Symbol* symbol = kSocketTypes.Find(word);
      if (symbol != nullptr && !absl::StartsWith(word, "SOCK_NONB") &&
          !absl::StartsWith(word, "SOCK_CLO")) {
        return symbol->value | SOCK_NONBLOCK;
      }
    }
    return SOCK_STREAM | SOCK_NONBLOCK;
  }

  Fate Socket(const StraceCall& call) {
    const Symbol* domain = kDomains.Find(Arg(call, 0));
    if (domain == nullptr) return OpenElsewhere(call);
    const int64_t type = TypeOf(Arg(call, 1));
    const Fate fate =
        Make(call, {Op::kSocket, {domain->value, type, 0}}, Arg(call, 1));
    if (fate == Fate::kImported) {
      objects_.back().domain = domain->value;
      objects_.back().type = type;
    }
    return fate;
  }

  Fate Bind(const StraceCall& call) {
    const Descriptor* d = Find(Arg(call, 0));
    if (d == nullptr) return Fate::kElsewhere;
    Emit({Op::kBind, {d->id}});
    if (call.result == 0) names_[AddressKey(Arg(call, 1))] = *d;
    return Fate::kImported;
  }

  Fate Listen(const StraceCall& call) {
    const Descriptor* d = Find(Arg(call, 0));
    if (d == nullptr) return Fate::kElsewhere;
    Emit({Op::kListen,
          {d->id, std::min<int64_t>(64, StraceNumber(Arg(call, 1)))}});
    return Fate::kImported;
  }

  Fate Connect(const StraceCall& call) {
    const Descriptor* d = Find(Arg(call, 0));
    if (d == nullptr) return Fate::kElsewhere;
    const bool connected = call.result == 0 || call.error == "EINPROGRESS";
    const auto target = names_.find(AddressKey(Arg(call, 1)));
    if (target != names_.end()) {
      Emit({Op::kConnect, {d->id, target->second.id}});
      if (connected) ++ObjectOf(target->second).waiting;
      return Fate::kImported;
    }
    if (!connected) return Fate::kLeftOut;
    // A server outside of the log.
    Object& object = ObjectOf(*d);
    const int64_t server =
        MakeUp(kBeforeNext, {Op::kSocket, {object.domain, object.type, 0}});
    MakeUp(kBeforeNext, {Op::kBind, {server}});
    if ((object.type & ~SOCK_NONBLOCK) == SOCK_DGRAM) {
      object.peer = server;
      Emit({Op::kConnect, {d->id, server}});
      return Fate::kImported;
    }
    MakeUp(kBeforeNext, {Op::kListen, {server, 8}});
    Emit({Op::kConnect, {d->id, server}});
    object.peer = MakeUp(kBeforeNext, {Op::kAccept4, {server, SOCK_NONBLOCK}});
    return Fate::kImported;
  }

  Fate Accept(const StraceCall& call) {
    const Descriptor* d = Find(Arg(call, 0));
    if (d == nullptr) return Fate::kElsewhere;
    const Call accept{Op::kAccept4, {d->id, SOCK_NONBLOCK}};
    if (call.result < 0) {
      // A failed accept makes nothing; the program's must fail as well.
      if (call.error != "EAGAIN") return Fate::kLeftOut;
      Emit(accept);
      return Fate::kImported;
    }
    const size_t listener = d->object;
    int64_t peer = kNoFd;
    if (objects_[listener].waiting > 0) {
      --objects_[listener].waiting;
    } else {
      const Object& o = objects_[listener];
      const size_t at = WhenTold(o);
      peer = MakeUp(at, {Op::kSocket, {o.domain, o.type, 0}});
      MakeUp(at, {Op::kConnect, {peer, d->id}});
    }
    const int64_t id = Emit(accept);
    const size_t object = NewObject(Op::kAccept4);
    objects_[object].peer = peer;
    Put(call.result, id, object, Arg(call, 3));
    return Fate::kImported;
  }

  Fate Shutdown(const StraceCall& call) {
    const Descriptor* d = Find(Arg(call, 0));
    if (d == nullptr) return Fate::kElsewhere;
    Emit({Op::kShutdown, {d->id, SymbolValue(Arg(call, 1), kShutdownModes)}});
    return Fate::kImported;
  }

  Fate Getsockopt(const StraceCall& call) {
    const Descriptor* d = Find(Arg(call, 0));
    if (d == nullptr) return Fate::kElsewhere;
    if (Arg(call, 2) != "SO_ERROR") return Fate::kNoEffect;
    Emit({Op::kGetsockopt, {d->id, SOL_SOCKET, SO_ERROR}});
    return Fate::kImported;
  }

  // A timer goes off when it was seen to: then a read sets its ticks first.
  Fate TimerfdSettime(const StraceCall& call) {
    const Descriptor* d = Find(Arg(call, 0));
    if (d == nullptr) return Fate::kElsewhere;
    const bool off =
        absl::StrContains(Arg(call, 2), "it_value={tv_sec=0, tv_nsec=0}");
    const Symbol* value = kTimerValues.Find(off ? "TIMER_OFF" : "TIMER_FAR");
    Emit({Op::kTimerfdSettime, {d->id, 0, value->value, 0}});
    return Fate::kImported;
  }

  Fate EpollCtl(const StraceCall& call) {
    const Descriptor* ep = Find(Arg(call, 0));
    const Descriptor* d = Find(Arg(call, 2));
    if (ep == nullptr) return Fate::kElsewhere;
    if (d == nullptr) return Fate::kLeftOut;
    const int64_t op = SymbolValue(Arg(call, 1), kCtlOps);
    const std::string_view event = Arg(call, 3);
    const uint64_t data = DataOf(event);
    const bool has_event = absl::StartsWith(event, "{");
    Emit({Op::kEpollCtl,
          {ep->id, op, d->id, has_event ? kGoodPointer : kNullPointer,
           SymbolValue(StraceField(event, "events"), kEpollEvents),
           static_cast<int64_t>(data)}});
    if (call.result == 0 && has_event) {
      watched_[{ep->id, data}] = d->object;
      // What was told of it before was told to somebody else.
      if (op == EPOLL_CTL_ADD) ObjectOf(*d).told.reset();
    }
    return Fate::kImported;
  }

  static uint64_t DataOf(std::string_view event) {
    std::string_view data = StraceField(event, "u64");
    if (data.empty()) data = StraceField(event, "data");
    return static_cast<uint64_t>(StraceNumber(data));
  }

  Fate EpollWait(const StraceCall& call) {
    const Descriptor* ep = Find(Arg(call, 0));
    if (ep == nullptr) return Fate::kElsewhere;
    if (call.result < 0) return Fate::kLeftOut;  // a signal came
    Emit({Op::kEpollWait, {ep->id, 0, StraceNumber(Arg(call, 2)), 0}});
    const size_t at = emitted_.size() - 1;
    const std::string_view events = Arg(call, 1);
    constexpr std::string_view kStart = "{events=";
    for (size_t i = events.find(kStart); i != std::string_view::npos;
         i = events.find(kStart, i + 1)) {
      Told(ep->id, events.substr(i), at);
    }
    return Fate::kImported;
  }

  // The wait `at` told of what `event` says.
  void Told(int64_t ep, std::string_view event, size_t at) {
    const auto found = watched_.find({ep, DataOf(event)});
    if (found == watched_.end()) return;
    Object& object = objects_[found->second];
    object.told = at;
    const int64_t mask =
        SymbolValue(StraceField(event, "events"), kEpollEvents);
    if (mask & (EPOLLHUP | EPOLLRDHUP)) PeerCloses(object);
  }

  Fate Read(const StraceCall& call) {
    const Descriptor* d = Find(Arg(call, 0));
    if (d == nullptr) return Fate::kElsewhere;
    if (absl::StrContains(Arg(call, 3), "MSG_PEEK") ||
        absl::StrContains(Arg(call, 2), "MSG_PEEK") ||
        (call.result < 0 && call.error != "EAGAIN")) {
      return Fate::kLeftOut;
    }
    const bool plain = call.name == "read" || call.name == "recvfrom";
    const int64_t asked =
        plain ? StraceNumber(Arg(call, 2)) : std::max<int64_t>(1, call.result);
    Object& object = ObjectOf(*d);
    if (object.maker == Op::kTimerfdCreate && call.result == 8) {
      MakeUp(WhenTold(object),
             {Op::kIoctl, {d->id, kSetTicks, EightBytes(Arg(call, 1))}});
    } else {
      Supply(object, asked, call.result);
    }
    const int64_t count = std::min(asked, kMaxIo);
    const bool socket = absl::StartsWith(call.name, "recv");
    Emit(socket ? Call{Op::kRecv, {d->id, count, 0}}
                : Call{Op::kRead, {d->id, count}});
    return Fate::kImported;
  }

  Fate Write(const StraceCall& call) {
    const Descriptor* d = Find(Arg(call, 0));
    if (d == nullptr) return Fate::kElsewhere;
    if (call.result < 0 && call.error != "EAGAIN" && call.error != "EPIPE") {
      return Fate::kLeftOut;
    }
    const int64_t count =
        call.result >= 0 ? call.result : StraceNumber(Arg(call, 2));
    const bool eventfd = ObjectOf(*d).maker == Op::kEventfd2;
    if (ObjectOf(*d).peer != kNoFd && call.result > 0) {
      result_.peer_bytes += call.result;
    }
    const int64_t value = eventfd ? EightBytes(Arg(call, 1)) : 1;
    const bool socket = absl::StartsWith(call.name, "send");
    Emit(socket
             ? Call{Op::kSend, {d->id, std::min(count, kMaxIo), MSG_NOSIGNAL}}
             : Call{Op::kWrite, {d->id, std::min(count, kMaxIo), value}});
    return Fate::kImported;
  }

  Fate Close(const StraceCall& call) {
    const Descriptor* d = Find(Arg(call, 0));
    if (d == nullptr) return Fate::kElsewhere;
    Emit({Op::kClose, {d->id}});
    table_->erase(static_cast<int>(StraceNumber(Arg(call, 0))));
    return Fate::kImported;
  }

  Fate Dup(const StraceCall& call) {
    const Descriptor* d = Find(Arg(call, 0));
    if (d == nullptr) return OpenElsewhere(call);
    if (call.result < 0) return Fate::kLeftOut;
    const size_t object = d->object;
    Put(call.result, Emit({Op::kDup, {d->id}}), object, Arg(call, 1));
    return Fate::kImported;
  }

  Fate DupOver(const StraceCall& call) {
    const Descriptor* from = Find(Arg(call, 0));
    const Descriptor* to = Find(Arg(call, 1));
    if (call.result < 0) return Fate::kLeftOut;
    if (to == nullptr) return Dup(call);
    if (from == nullptr) {
      Emit({Op::kClose, {to->id}});
      return OpenElsewhere(call);
    }
    const size_t object = from->object;
    const int64_t id = to->id;
    Emit({Op::kDup2, {from->id, id}});
    Put(call.result, id, object, Arg(call, 2));
    return Fate::kImported;
  }

  Fate Fcntl(const StraceCall& call) {
    if (absl::StartsWith(Arg(call, 1), "F_DUPFD")) return Dup(call);
    if (Descriptor* d = Find(Arg(call, 0)); d != nullptr) {
      if (Arg(call, 1) == "F_SETFD") {
        d->cloexec = absl::StrContains(Arg(call, 2), "CLOEXEC");
      }
    }
    return Fate::kNoEffect;
  }

  Fate Fork(const StraceCall& call) {
    forking_ = {};
    const int pid = static_cast<int>(call.result);
    if (pid <= 0) return Fate::kNoEffect;
    if (tables_.count(pid) == 0) {
      tables_[pid] =
          CopyTable(table_, absl::StrCat(Arg(call, 0), Arg(call, 1)));
    }
    return Fate::kNoEffect;
  }

  Fate Exec(const StraceCall& call) {
    if (call.result < 0) return Fate::kNoEffect;
    for (auto it = table_->begin(); it != table_->end();) {
      if (!it->second.cloexec) {
        ++it;
        continue;
      }
      MakeUp(kBeforeNext, {Op::kClose, {it->second.id}});
      it = table_->erase(it);
    }
    return Fate::kNoEffect;
  }

  std::map<int, std::shared_ptr<Table>> tables_;  // by thread
  std::shared_ptr<Table> table_;                  // of the running thread
  std::pair<int, std::string> forking_;  // a fork that has not returned
  std::vector<Object> objects_;
  std::map<std::string, Descriptor> names_;  // of sockets, by address
  std::map<std::pair<int64_t, uint64_t>, size_t> watched_;  // ep, data: object

  Draft draft_{Program{}};
  std::vector<DraftCall> emitted_;
  // What was made up before each of them, and behind the last.
  std::vector<std::vector<DraftCall>> before_ =
      std::vector<std::vector<DraftCall>>(1);
  size_t calls_ = 0;
  int slots_ = 0;
  ImportResult result_;
};

}  // namespace

ImportResult ImportStrace(const StraceLog& log) { return Importer().Run(log); }

}  // namespace pollux
