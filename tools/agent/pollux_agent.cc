// pollux_agent: runs programs where Pollux itself cannot.
//
//   pollux_agent             speaks the protocol of diff/agent_messages.cc on
//                            its standard input and output
//   pollux_agent /dev/tty0   the same on that device, as the first process of a
//                            machine, which it switches off in the end
//
// Static and small: it needs a kernel, and nothing else.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <termios.h>
#include <unistd.h>

#include <span>

#include "diff/agent.h"
#include "diff/host.h"

namespace pollux {
namespace {

// --- The first process of a machine

// Where the kernel has no devtmpfs.
void MakeDevices() {
  mount("dev", "/dev", "tmpfs", 0, nullptr);
  struct Device {
    const char* path;
    unsigned major, minor;
  };
  constexpr Device kDevices[] = {
      {"/dev/console", 5, 1}, {"/dev/null", 1, 3},   {"/dev/zero", 1, 5},
      {"/dev/full", 1, 7},    {"/dev/ttyS0", 4, 64},
  };
  for (const Device& device : kDevices) {
    mknod(device.path, S_IFCHR | 0600, makedev(device.major, device.minor));
  }
}

void MountEverything() {
  for (const char* folder : {"/proc", "/sys", "/dev", "/tmp"}) {
    mkdir(folder, 0755);
  }
  mount("proc", "/proc", "proc", 0, nullptr);
  mount("sys", "/sys", "sysfs", 0, nullptr);
  mount("tmp", "/tmp", "tmpfs", 0, nullptr);
  // Many kernels have mounted it by themselves.
  const bool devices = mount("dev", "/dev", "devtmpfs", 0, nullptr) == 0;
  if (!devices && errno != EBUSY) MakeDevices();
}

// Opens standard descriptors that the kernel did not.
void OpenMissingStandardFiles() {
  for (int fd = open("/dev/console", O_RDWR); fd >= 0 && fd <= 2;
       fd = open("/dev/console", O_RDWR)) {
    if (fd == 2) return;
  }
}

// Puts a device, every byte as it is, in place of standard input and output.
bool TakeChannel(const char* path) {
  const int fd = open(path, O_RDWR | O_NOCTTY);
  if (fd < 0) return false;
  termios settings;
  if (tcgetattr(fd, &settings) == 0) {
    cfmakeraw(&settings);
    settings.c_cflag |= CLOCAL | CREAD;
    cfsetspeed(&settings, B115200);
    tcsetattr(fd, TCSANOW, &settings);
  }
  dup2(fd, 0);
  dup2(fd, 1);
  if (fd > 2) close(fd);
  return true;
}

// --- The stream

void WriteAll(std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(1, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) _exit(1);  // nobody listens
    bytes = bytes.subspan(n);
  }
}

Hello DescribeHost(Host* host) {
  Hello hello;
  utsname name;
  if (uname(&name) == 0) {
    hello.system = name.sysname;
    hello.release = name.release;
    hello.arch = name.machine;
  }
  hello.can_freeze = host->can_freeze();
  hello.missing = MissingCalls(host);
  hello.machine = HostMachine();
  return hello;
}

void Serve() {
  Host host;
  Agent agent(&host, WriteAll);
  agent.Greet(DescribeHost(&host));
  static uint8_t chunk[1 << 16];
  for (;;) {
    const ssize_t n = read(0, chunk, sizeof(chunk));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    if (!agent.Feed({chunk, static_cast<size_t>(n)})) return;
  }
}

int Main(int argc, char** argv) {
  // A kernel may put words of its own around ours.
  const char* channel = nullptr;
  for (int i = 1; i < argc; ++i) {
    if (strncmp(argv[i], "/dev/", 5) == 0) channel = argv[i];
  }
  if (channel != nullptr) {
    MountEverything();
    OpenMissingStandardFiles();
    if (!TakeChannel(channel)) {
      fprintf(stderr, "pollux_agent: %s: %s\n", channel, strerror(errno));
    }
  }
  MakeRoomForFds();
  Serve();
  if (channel != nullptr) {
    tcdrain(1);
    reboot(RB_POWER_OFF);
  }
  return 0;
}

}  // namespace
}  // namespace pollux

int main(int argc, char** argv) { return pollux::Main(argc, argv); }
