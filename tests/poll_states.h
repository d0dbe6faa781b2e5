// Every poll mask that a file of the reference can have, by type.

#ifndef POLLUX_TESTS_POLL_STATES_H_
#define POLLUX_TESTS_POLL_STATES_H_

#include <cstdint>

#include "core/file.h"

namespace pollux {

struct PollState {
  FileType type;
  uint32_t mask;
  const char* name;
};

inline constexpr PollState kPollStates[] = {
    // --- Epolls
    {FileType::kEventpoll, 0x0, "nothing is ready"},
    {FileType::kEventpoll, 0x41, "an item is ready"},

    // --- Pipes and FIFOs
    {FileType::kPipe, 0x0, "read end, empty; or write end, full"},
    {FileType::kPipe, 0x41, "read end, data; or both ends, full"},
    {FileType::kPipe, 0x10, "read end, empty, no writer"},
    {FileType::kPipe, 0x51, "read end, data, no writer"},
    {FileType::kPipe, 0x104, "write end, room; or both ends, empty"},
    {FileType::kPipe, 0x10c, "write end, room, no reader"},
    {FileType::kPipe, 0x8, "write end, full, no reader"},
    {FileType::kPipe, 0x145, "both ends, data and room"},

    // --- Counters and timers
    {FileType::kEventfd, 0x1, "at its limit"},
    {FileType::kEventfd, 0x4, "0"},
    {FileType::kEventfd, 0x5, "between"},
    {FileType::kTimerfd, 0x0, "has not expired"},
    {FileType::kTimerfd, 0x1, "has"},

    // --- Processes and signals
    {FileType::kPidfd, 0x0, "runs"},
    {FileType::kPidfd, 0x41, "is a zombie"},
    {FileType::kPidfd, 0x51, "is reaped"},
    {FileType::kSignalfd, 0x0, "no signal of the set waits"},
    {FileType::kSignalfd, 0x1, "one does"},

    // --- Queues of events, messages and completions
    {FileType::kInotify, 0x0, "no event"},
    {FileType::kInotify, 0x41, "events"},
    {FileType::kMqueue, 0x104, "no message"},
    {FileType::kMqueue, 0x145, "messages and room"},
    {FileType::kMqueue, 0x41, "full"},
    {FileType::kIoUring, 0x104, "no completion"},
    {FileType::kIoUring, 0x145, "completions"},

    // --- AF_UNIX
    {FileType::kUnixStream, 0x0, "listens; or no room"},
    {FileType::kUnixStream, 0x41, "a connection waits; or data, no room"},
    {FileType::kUnixStream, 0x43, "a byte out of band, no room"},
    {FileType::kUnixStream, 0x304, "room"},
    {FileType::kUnixStream, 0x314, "never connected"},
    {FileType::kUnixStream, 0x345, "data"},
    {FileType::kUnixStream, 0x347, "a byte out of band"},
    {FileType::kUnixStream, 0x2041, "shut for reading, no room"},
    {FileType::kUnixStream, 0x2051, "shut both ways, no room"},
    {FileType::kUnixStream, 0x2345, "shut for reading"},
    {FileType::kUnixStream, 0x2347, "a byte out of band, shut for reading"},
    {FileType::kUnixStream, 0x2355, "shut both ways"},
    {FileType::kUnixStream, 0x2357, "a byte out of band, shut both ways"},
    {FileType::kUnixStream, 0x235d, "reset"},
    {FileType::kUnixDgram, 0x0, "the queue of its peer is full; or no room"},
    {FileType::kUnixDgram, 0x41, "data, no room"},
    {FileType::kUnixDgram, 0x304, "room"},
    {FileType::kUnixDgram, 0x30c, "an error"},
    {FileType::kUnixDgram, 0x345, "data"},
    {FileType::kUnixDgram, 0x2041, "shut for reading, no room"},
    {FileType::kUnixDgram, 0x2051, "shut both ways, no room"},
    {FileType::kUnixDgram, 0x2345, "shut for reading"},
    {FileType::kUnixDgram, 0x2355, "shut both ways"},
    {FileType::kUnixSeqpacket, 0x0, "listens; or no room"},
    {FileType::kUnixSeqpacket, 0x41, "a connection waits; or data, no room"},
    {FileType::kUnixSeqpacket, 0x304, "room"},
    {FileType::kUnixSeqpacket, 0x314, "never connected"},
    {FileType::kUnixSeqpacket, 0x345, "data"},
    {FileType::kUnixSeqpacket, 0x2041, "shut for reading, no room"},
    {FileType::kUnixSeqpacket, 0x2051, "shut both ways, no room"},
    {FileType::kUnixSeqpacket, 0x2345, "shut for reading"},
    {FileType::kUnixSeqpacket, 0x2355, "shut both ways"},
    {FileType::kUnixSeqpacket, 0x235d, "reset"},

    // --- Files that hardly change
    {FileType::kRandom, 0x41, "has random numbers"},
    {FileType::kPerfEvent, 0x10, "no buffer is mapped"},
    {FileType::kUserfaultfd, 0x8, "does not know its version"},
    {FileType::kUserfaultfd, 0x0, "does"},
    {FileType::kPlain, 0x145, "whatever it is"},
    {FileType::kPath, 0x20, "a name"},

    // --- The network
    {FileType::kTcp, 0x0, "listens; or connects"},
    {FileType::kTcp, 0x41, "a connection waits"},
    {FileType::kTcp, 0x104, "connected"},
    {FileType::kTcp, 0x106, "a byte out of band"},
    {FileType::kTcp, 0x114, "never connected"},
    {FileType::kTcp, 0x11c, "given up while it connected"},
    {FileType::kTcp, 0x145, "data"},
    {FileType::kTcp, 0x147, "data, and a byte out of band"},
    {FileType::kTcp, 0x2041, "shut for reading, connects"},
    {FileType::kTcp, 0x2051, "shut both ways, connects"},
    {FileType::kTcp, 0x2145, "the end, or shut for reading"},
    {FileType::kTcp, 0x2147, "a byte out of band, and the end"},
    {FileType::kTcp, 0x2155, "shut both ways"},
    {FileType::kTcp, 0x2157, "shut both ways, a byte out of band"},
    {FileType::kTcp, 0x215d, "refused or reset"},
    {FileType::kTcp, 0x215f, "reset, a byte out of band"},
    {FileType::kUdp, 0x304, "no datagram"},
    {FileType::kUdp, 0x30c, "refused"},
    {FileType::kUdp, 0x345, "datagrams"},
    {FileType::kUdp, 0x34d, "datagrams, refused"},
    {FileType::kUdp, 0x2345, "shut for reading"},
    {FileType::kUdp, 0x234d, "shut for reading, refused"},
    {FileType::kUdp, 0x2355, "shut both ways"},
    {FileType::kUdp, 0x235d, "shut both ways, refused"},
    {FileType::kNetlink, 0x304, "no message"},
    {FileType::kNetlink, 0x345, "messages"},
};

}  // namespace pollux

#endif  // POLLUX_TESTS_POLL_STATES_H_
