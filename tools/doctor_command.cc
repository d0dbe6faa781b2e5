// pollux doctor: what this machine is, and what it lacks.

#include <errno.h>
#include <sched.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "diff/host.h"
#include "diff/probes.h"
#include "nlohmann/json.hpp"
#include "tools/command.h"

ABSL_DECLARE_FLAG(bool, json);

namespace pollux {
namespace {

using Json = nlohmann::ordered_json;

// One thing that a machine may lack.
struct Check {
  std::string_view name;
  bool there;
  std::string_view otherwise;  // what is switched off without it
};

// Does a child process manage to `unshare` that?
bool CanUnshare(int flags) {
  const pid_t child = fork();
  if (child == 0) _exit(unshare(flags) == 0 ? 0 : 1);
  int status = 1;
  return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

// Is there this system call, and may we make it? With arguments that it will
// refuse.
bool Knows(long number, long a = -1, long b = 0, long c = 0, long d = 0,
           long e = 0) {
  const long result = syscall(number, a, b, c, d, e);
  if (result >= 0) return true;
  return errno != ENOSYS && errno != EPERM;
}

bool CanInotify() {
  const int fd = inotify_init1(IN_CLOEXEC);
  if (fd < 0) return false;
  close(fd);
  return true;
}

std::vector<Check> Checks(const Host& host, const Machine& machine) {
  const long pid = getpid();
  return {
      {"userfaultfd", host.can_freeze(),
       "programs with freeze and thaw are skipped, and counted"},
      {"FIFOs", host.fifos() > 0, "mknod makes none: it is ENOSPC"},
      {"pidfds", Knows(SYS_pidfd_open, pid, ~0L), "pidfd programs see ENOSYS"},
      {"epoll_pwait2", Knows(SYS_epoll_pwait2), "it is ENOSYS"},
      {"TFD_IOC_SET_TICKS", machine.timerfd_set_ticks,
       "timers cannot be made to tick: ENOTTY"},
      {"interest lists in /proc",
       access("/proc/self/fdinfo", X_OK) == 0 &&
           !HostProfile().Has(Quirk::kNoEpollFdinfo),
       "interest lists are not compared"},
      {"root", geteuid() == 0, "limits of the system cannot be moved"},
      {"network namespaces",
       CanUnshare(CLONE_NEWNET) || CanUnshare(CLONE_NEWUSER | CLONE_NEWNET),
       "sockets live in the network of this machine"},
      {"inotify", CanInotify(), "no inotify instance is left, or it is off"},
      {"io_uring", Knows(SYS_io_uring_setup, 0), "its doors to epoll are shut"},
      {"kcmp", Knows(SYS_kcmp, pid, pid, -1),
       "kcmp cannot tell two items of one number apart"},
      {"more than one CPU", sysconf(_SC_NPROCESSORS_ONLN) > 1, "no true races"},
  };
}

std::string_view Words(ProbeAnswer answer) {
  switch (answer) {
    case ProbeAnswer::kYes:
      return "yes";
    case ProbeAnswer::kNo:
      return "no";
    case ProbeAnswer::kNeither:
      return "NEITHER";
    case ProbeAnswer::kHidden:
      return "hidden";
    case ProbeAnswer::kNotRun:
      return "not run";
  }
  return "?";
}

bool Surprises(const ProbeResult& result) {
  if (result.answer == ProbeAnswer::kNeither) return true;
  return (result.answer == ProbeAnswer::kYes && !result.assumed) ||
         (result.answer == ProbeAnswer::kNo && result.assumed);
}

std::string Release() {
  utsname name;
  if (uname(&name) != 0) return "?";
  return absl::StrCat(name.sysname, " ", name.release, " ", name.machine);
}

// Returns how many probes surprise.
int PrintProbes() {
  int surprises = 0;
  absl::PrintF("\nprobes: does this kernel have the quirk?\n");
  for (const ProbeResult& result : HostProbes().results) {
    const bool surprise = Surprises(result);
    surprises += surprise;
    absl::PrintF("  %-28s %-8s%s\n", Describe(result.quirk).name,
                 Words(result.answer),
                 surprise ? "  not as its version says" : "");
  }
  return surprises;
}

int Print(const std::vector<Check>& checks, const Machine& machine) {
  int missing = 0;
  absl::PrintF("%s: the profile of Linux %s\n\n", Release(),
               VersionText(HostVersion()));
  for (const Check& check : checks) {
    missing += !check.there;
    absl::PrintF("  %-28s %s%s\n", check.name, check.there ? "yes" : "NO: ",
                 check.there ? "" : check.otherwise);
  }
  absl::PrintF(
      "\nsettings: page %d, pipe %d slots, unix send buffer %d, datagram queue "
      "%d, watches %d, EPOLLWAKEUP %s\n",
      machine.page_size, machine.pipe_buffers, machine.unix_sndbuf,
      machine.unix_max_dgram_qlen, machine.max_user_watches,
      machine.keeps_epollwakeup ? "stored" : "stripped");
  const int surprises = PrintProbes();
  absl::PrintF("\n%d of %d things missing, %d of %d probes a surprise\n",
               missing, checks.size(), surprises, HostProbes().results.size());
  return missing;
}

int PrintAsJson(const std::vector<Check>& checks) {
  int missing = 0;
  Json things = Json::array();
  for (const Check& check : checks) {
    missing += !check.there;
    things.push_back({{"name", check.name},
                      {"there", check.there},
                      {"otherwise", check.otherwise}});
  }
  Json probes = Json::array();
  for (const ProbeResult& result : HostProbes().results) {
    probes.push_back({{"quirk", Describe(result.quirk).name},
                      {"answer", Words(result.answer)},
                      {"assumed", result.assumed}});
  }
  const Json all = {{"kernel", Release()},
                    {"profile", VersionText(HostVersion())},
                    {"things", things},
                    {"probes", probes}};
  absl::PrintF("%s\n", all.dump(2));
  return missing;
}

int Run(const std::vector<std::string>& args) {
  if (!args.empty()) {
    Complain(absl::StrCat("doctor: unexpected argument '", args[0], "'"));
    return kExitBadInput;
  }
  if (std::string reason = HostUnsupported(); !reason.empty()) {
    Complain(absl::StrCat("cannot run here: ", reason));
    return kExitCannotRun;
  }
  const Machine machine = HostMachine();
  std::vector<Check> checks;
  {
    const Host host;
    checks = Checks(host, machine);
  }
  const int missing =
      absl::GetFlag(FLAGS_json) ? PrintAsJson(checks) : Print(checks, machine);
  return missing == 0 ? kExitSame : kExitDivergence;
}

}  // namespace

const Command kDoctorCommand = {
    .name = "doctor",
    .synopsis = "pollux doctor [--json]",
    .summary = "what this machine's kernel is, and what the machine lacks",
    .help =
        R"(Prints the kernel, what is missing on this machine and what that switches off,
and the probes: programs that tell which quirks this kernel really has, since
stable kernels carry changes back. An answer is `yes` or `no`; `hidden` where
another quirk hides it, so that the version decides; `not run` where the
machine cannot; NEITHER where the kernel does what no reference does.

The profile of the host, which every command uses, is that of the kernel's
version corrected by the answers. --quirk=NAME and --quirk=-NAME correct it by
hand.

Exit code: 0 nothing is missing; 1 something is; 3 nothing can run here.)",
    .run = Run,
};

}  // namespace pollux
