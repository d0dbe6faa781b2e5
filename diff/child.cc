// Children: fork, pipes, the end.

#include "diff/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace pollux {
namespace {

constexpr int kLastWordsBytes = 2000;
constexpr int kEndsWithinMs = 2000;

// In the child, between fork and exec.
[[noreturn]] void Become(const char* command, int in, int out, int err) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // A shell resets no signals that were ignored.
  signal(SIGPIPE, SIG_DFL);
  dup2(in, 0);
  dup2(out, 1);
  dup2(err, 2);
  execl("/bin/sh", "sh", "-c", command, nullptr);
  _exit(127);
}

}  // namespace

bool Child::Start(const std::string& command) {
  Stop();
  int to[2];
  int from[2];
  if (pipe2(to, O_CLOEXEC) != 0) return false;
  if (pipe2(from, O_CLOEXEC) != 0) {
    close(to[0]);
    close(to[1]);
    return false;
  }
  err_ = memfd_create("stderr", MFD_CLOEXEC);
  pid_ = fork();
  if (pid_ == 0) Become(command.c_str(), to[0], from[1], err_);
  close(to[0]);
  close(from[1]);
  in_ = to[1];
  out_ = from[0];
  if (pid_ < 0) {
    CloseAll();
    return false;
  }
  setpgid(pid_, pid_);
  fcntl(in_, F_SETFL, O_NONBLOCK);
  fcntl(out_, F_SETFL, O_NONBLOCK);
  signal(SIGPIPE, SIG_IGN);
  return true;
}

void Child::CloseAll() {
  for (int* fd : {&in_, &out_, &err_}) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
  }
}

void Child::Stop() {
  if (pid_ > 0) {
    kill(-pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  pid_ = -1;
  CloseAll();
}

std::string Child::Story() {
  if (pid_ <= 0) return "is not running";
  int status = 0;
  pid_t ended = 0;
  for (int ms = 0; ms < kEndsWithinMs && ended == 0; ms += 10) {
    ended = waitpid(pid_, &status, WNOHANG);
    if (ended == 0) poll(nullptr, 0, 10);
  }
  const std::string words = LastWords();
  std::string story;
  if (ended == 0) {
    story = "was stopped";
  } else if (WIFSIGNALED(status)) {
    story = absl::StrCat("was killed by signal ", WTERMSIG(status), " (",
                         strsignal(WTERMSIG(status)), ")");
  } else {
    story = absl::StrCat("exited with ", WEXITSTATUS(status));
  }
  if (ended != 0) {
    kill(-pid_, SIGKILL);  // what it has left
    pid_ = -1;
  }
  Stop();
  return words.empty() ? story : absl::StrCat(story, "; it said: ", words);
}

std::string Child::LastWords() const {
  const off_t size = lseek(err_, 0, SEEK_END);
  const off_t from = std::max<off_t>(0, size - kLastWordsBytes);
  std::string words(size - from, '\0');
  const ssize_t n = pread(err_, words.data(), words.size(), from);
  words.resize(std::max<ssize_t>(0, n));
  return std::string(absl::StripSuffix(words, "\n"));
}

}  // namespace pollux
