// Lists threaded through pools, pools, and the table of epitems.

#include "core/list.h"

#include <random>
#include <set>
#include <vector>

#include "core/epitem_table.h"
#include "core/pool.h"
#include "gtest/gtest.h"

namespace pollux {
namespace {

struct Node {
  Link link;
  Link other;
  int value = 0;
};
using Nodes = List<Node, &Node::link>;

std::vector<Index> Forward(const Nodes& list, const Pool<Node>& pool) {
  std::vector<Index> all;
  for (Index i = list.head; i != kNil; i = Nodes::Next(pool, i)) {
    all.push_back(i);
  }
  return all;
}

std::vector<Index> Backward(const Nodes& list, const Pool<Node>& pool) {
  std::vector<Index> all;
  for (Index i = list.tail; i != kNil; i = pool[i].link.prev) {
    all.insert(all.begin(), i);
  }
  return all;
}

class ListTest : public testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 8; ++i) pool_.Allocate();
  }

  void ExpectList(const Nodes& list, const std::vector<Index>& expected) {
    EXPECT_EQ(Forward(list, pool_), expected);
    EXPECT_EQ(Backward(list, pool_), expected);
    EXPECT_EQ(list.empty(), expected.empty());
  }

  Nodes Of(const std::vector<Index>& elements) {
    Nodes list;
    for (Index i : elements) list.PushBack(pool_, i);
    return list;
  }

  Pool<Node> pool_;
};

TEST_F(ListTest, StartsEmpty) { ExpectList(Nodes(), {}); }

TEST_F(ListTest, PushBackAppends) { ExpectList(Of({2, 0, 1}), {2, 0, 1}); }

TEST_F(ListTest, PushFrontPrepends) {
  Nodes list;
  for (Index i : {2, 0, 1}) list.PushFront(pool_, i);
  ExpectList(list, {1, 0, 2});
}

TEST_F(ListTest, RemovesHeadMiddleTailAndTheLast) {
  Nodes list = Of({0, 1, 2, 3});
  list.Remove(pool_, 1);
  ExpectList(list, {0, 2, 3});
  list.Remove(pool_, 0);
  ExpectList(list, {2, 3});
  list.Remove(pool_, 3);
  ExpectList(list, {2});
  list.Remove(pool_, 2);
  ExpectList(list, {});
}

TEST_F(ListTest, ARemovedElementCanBePushedAgain) {
  Nodes list = Of({0, 1, 2});
  list.Remove(pool_, 1);
  EXPECT_EQ(pool_[1].link.next, kNil);
  EXPECT_EQ(pool_[1].link.prev, kNil);
  list.PushFront(pool_, 1);
  ExpectList(list, {1, 0, 2});
}

TEST_F(ListTest, SpliceFrontKeepsBothOrders) {
  Nodes list = Of({0, 1});
  Nodes front = Of({2, 3});
  list.SpliceFront(pool_, front);
  ExpectList(list, {2, 3, 0, 1});
  EXPECT_TRUE(front.empty());
  EXPECT_EQ(front.tail, kNil);
}

TEST_F(ListTest, SpliceFrontOfAndIntoNothing) {
  Nodes list;
  Nodes front;
  list.SpliceFront(pool_, front);
  ExpectList(list, {});
  front = Of({4, 5});
  list.SpliceFront(pool_, front);
  ExpectList(list, {4, 5});
  list.SpliceFront(pool_, front);
  ExpectList(list, {4, 5});
}

TEST_F(ListTest, TwoLinksAreTwoLists) {
  List<Node, &Node::other> other;
  Nodes list = Of({0, 1, 2});
  for (Index i : {2, 1, 0}) other.PushBack(pool_, i);
  list.Remove(pool_, 1);
  ExpectList(list, {0, 2});
  EXPECT_EQ(other.head, 2u);
  EXPECT_EQ((List<Node, &Node::other>::Next(pool_, 2)), 1u);
}

TEST(PoolTest, ReusesTheLastFreedFirst) {
  Pool<Node> pool;
  EXPECT_EQ(pool.Allocate(), 0u);
  EXPECT_EQ(pool.Allocate(), 1u);
  EXPECT_EQ(pool.Allocate(), 2u);
  pool.Free(0);
  pool.Free(2);
  EXPECT_EQ(pool.live(), 1u);
  EXPECT_EQ(pool.Allocate(), 2u);
  EXPECT_EQ(pool.Allocate(), 0u);
  EXPECT_EQ(pool.Allocate(), 3u);
  EXPECT_EQ(pool.live(), 4u);
}

TEST(PoolTest, AllocateGivesAFreshValue) {
  Pool<Node> pool;
  const Index i = pool.Allocate();
  pool[i].value = 7;
  pool[i].link = {3, 4};
  pool.Free(i);
  ASSERT_EQ(pool.Allocate(), i);
  EXPECT_EQ(pool[i].value, 0);
  EXPECT_EQ(pool[i].link.next, kNil);
}

TEST(PoolTest, ClearStartsAgainAndKeepsMemory) {
  Pool<Node> pool;
  for (int i = 0; i < 100; ++i) pool.Allocate();
  pool.Free(3);
  const size_t bytes = pool.bytes();
  pool.Clear();
  EXPECT_EQ(pool.live(), 0u);
  EXPECT_EQ(pool.bytes(), bytes);
  EXPECT_EQ(pool.Allocate(), 0u);
}

// --- EpitemTable

class EpitemTableTest : public testing::Test {
 protected:
  Index Insert(Index ep, Index file, int fd) {
    const Index item = items_.Allocate();
    items_[item].ep = ep;
    items_[item].file = file;
    items_[item].fd = fd;
    table_.Insert(items_, item);
    return item;
  }

  void Erase(Index item) {
    table_.Erase(items_, item);
    items_.Free(item);
  }

  // How often the item is found under its key.
  int Found(Index item) {
    int found = 0;
    Index i = table_.First(items_[item].ep, items_[item].file);
    for (; i != kNil; i = items_[i].hash_next) found += i == item;
    return found;
  }

  Pool<Epitem> items_;
  EpitemTable table_;
};

TEST_F(EpitemTableTest, FindsNothingAtFirst) {
  for (Index ep = 0; ep < 100; ++ep) EXPECT_EQ(table_.First(ep, 1), kNil);
}

TEST_F(EpitemTableTest, HoldsSeveralDescriptorsOfOneFile) {
  const Index a = Insert(1, 2, 3);
  const Index b = Insert(1, 2, 4);
  EXPECT_EQ(Found(a), 1);
  EXPECT_EQ(Found(b), 1);
  Erase(a);
  EXPECT_EQ(Found(b), 1);
}

TEST_F(EpitemTableTest, FindsEachOfAHundredThousand) {
  constexpr int kItems = 100000;
  for (int i = 0; i < kItems; ++i) Insert(i % 317, i / 317, i);
  for (int i = 0; i < kItems; ++i) ASSERT_EQ(Found(i), 1) << i;
  // A table that did not grow would be hopelessly slow, and small.
  EXPECT_GE(table_.bytes(), kItems * sizeof(Index));
  for (int i = 0; i < kItems; i += 2) Erase(i);
  for (int i = 1; i < kItems; i += 2) ASSERT_EQ(Found(i), 1) << i;
}

TEST_F(EpitemTableTest, ChainsStayShort) {
  constexpr int kItems = 100000;
  size_t longest = 0;
  for (int i = 0; i < kItems; ++i) Insert(7, i, i);
  for (int i = 0; i < kItems; ++i) {
    size_t length = 0;
    for (Index j = table_.First(7, i); j != kNil; j = items_[j].hash_next) {
      ++length;
    }
    longest = std::max(longest, length);
  }
  EXPECT_LT(longest, 16u);
}

TEST_F(EpitemTableTest, AgreesWithASetUnderRandomInsertAndErase) {
  std::mt19937_64 random(1);
  std::set<Index> live;
  for (int step = 0; step < 20000; ++step) {
    if (live.empty() || random() % 3 != 0) {
      live.insert(Insert(random() % 8, random() % 50, step));
    } else {
      auto victim = live.lower_bound(random() % (*live.rbegin() + 1));
      Erase(*victim);
      live.erase(victim);
    }
    if (step % 500 == 0) {
      for (Index item : live) ASSERT_EQ(Found(item), 1) << step;
    }
  }
}

TEST_F(EpitemTableTest, ClearForgetsAll) {
  for (int i = 0; i < 1000; ++i) Insert(1, i, i);
  table_.Clear();
  items_.Clear();
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(table_.First(1, i), kNil);
  EXPECT_EQ(Found(Insert(1, 5, 5)), 1);
}

}  // namespace
}  // namespace pollux
