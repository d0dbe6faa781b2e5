// Files whose mask no call of a program changes, or only one: the device of
// random numbers, a counter of events, a userfaultfd.

#ifndef POLLUX_CORE_STILL_FILE_H_
#define POLLUX_CORE_STILL_FILE_H_

namespace pollux {

struct World;
struct FileOps;

extern const FileOps kRandomOps;
extern const FileOps kPerfEventOps;
extern const FileOps kUserfaultfdOps;

// open(2) of /dev/random, for reading. Each of these returns the descriptor or
// -errno.
int OpenRandom(World& world);
// perf_event_open(2) of PERF_COUNT_SW_DUMMY, which counts nothing.
int OpenPerfEvent(World& world);
// userfaultfd(2).
int OpenUserfaultfd(World& world, int flags);

// ioctl(2) with UFFDIO_API and no features, on any file. Returns 0 or -errno.
int EnableUserfaultfd(World& world, int fd);

}  // namespace pollux

#endif  // POLLUX_CORE_STILL_FILE_H_
