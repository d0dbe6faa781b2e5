// Doubly linked lists threaded through the objects of a Pool.
//
// Stands for the kernel's list_head and hlist: an object carries one Link for
// each list that it can be on, and the list itself is two indices.

#ifndef POLLUX_CORE_LIST_H_
#define POLLUX_CORE_LIST_H_

#include "core/pool.h"

namespace pollux {

struct Link {
  Index next = kNil;
  Index prev = kNil;
};

// A list of T threaded through the member `kLink`.
template <typename T, Link T::* kLink>
struct List {
  Index head = kNil;
  Index tail = kNil;

  bool empty() const { return head == kNil; }

  static Index Next(const Pool<T>& pool, Index i) {
    return (pool[i].*kLink).next;
  }

  void PushBack(Pool<T>& pool, Index i) {
    pool[i].*kLink = {kNil, tail};
    (tail == kNil ? head : (pool[tail].*kLink).next) = i;
    tail = i;
  }

  void PushFront(Pool<T>& pool, Index i) {
    pool[i].*kLink = {head, kNil};
    (head == kNil ? tail : (pool[head].*kLink).prev) = i;
    head = i;
  }

  void Remove(Pool<T>& pool, Index i) {
    Link link = pool[i].*kLink;
    (link.prev == kNil ? head : (pool[link.prev].*kLink).next) = link.next;
    (link.next == kNil ? tail : (pool[link.next].*kLink).prev) = link.prev;
    pool[i].*kLink = {};
  }

  // Puts all of `front`, in its order, before the first element of this list.
  void SpliceFront(Pool<T>& pool, List& front) {
    if (front.empty()) return;
    if (empty()) {
      tail = front.tail;
    } else {
      (pool[front.tail].*kLink).next = head;
      (pool[head].*kLink).prev = front.tail;
    }
    head = front.head;
    front = {};
  }
};

}  // namespace pollux

#endif  // POLLUX_CORE_LIST_H_
