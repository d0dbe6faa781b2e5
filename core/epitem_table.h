// A hash table of epitems by (epoll, file).
//
// Stands for the red-black trees eventpoll::rbr of all epolls together. User
// space cannot see the order of those trees (they sort by kernel address), so a
// hash serves, chained through the items themselves.

#ifndef POLLUX_CORE_EPITEM_TABLE_H_
#define POLLUX_CORE_EPITEM_TABLE_H_

#include <algorithm>
#include <vector>

#include "core/epitem.h"

namespace pollux {

class EpitemTable {
 public:
  // The chain in which an item of that key would be; it holds others, too.
  Index First(Index ep, Index file) const { return buckets_[Bucket(ep, file)]; }

  void Insert(Pool<Epitem>& items, Index item) {
    if (items.live() > buckets_.size()) Grow(items);
    Link(items, item);
  }

  void Erase(Pool<Epitem>& items, Index item) {
    Index* at = &buckets_[Bucket(items[item].ep, items[item].file)];
    while (*at != item) at = &items[*at].hash_next;
    *at = items[item].hash_next;
  }

  void Clear() { buckets_.assign(kInitialBuckets, kNil); }

  size_t bytes() const { return buckets_.capacity() * sizeof(Index); }

 private:
  static constexpr size_t kInitialBuckets = 32;  // a power of two

  size_t Bucket(Index ep, Index file) const {
    uint64_t key = (uint64_t{ep} << 32 | file) * 0x9e3779b97f4a7c15;
    return (key >> 32) & (buckets_.size() - 1);
  }

  void Link(Pool<Epitem>& items, Index item) {
    Index& bucket = buckets_[Bucket(items[item].ep, items[item].file)];
    items[item].hash_next = bucket;
    bucket = item;
  }

  void Grow(Pool<Epitem>& items) {
    std::vector<Index> old(buckets_.size() * 2, kNil);
    old.swap(buckets_);
    for (Index head : old) {
      while (head != kNil) {
        Index next = items[head].hash_next;
        Link(items, head);
        head = next;
      }
    }
  }

  std::vector<Index> buckets_ = std::vector<Index>(kInitialBuckets, kNil);
};

}  // namespace pollux

#endif  // POLLUX_CORE_EPITEM_TABLE_H_
