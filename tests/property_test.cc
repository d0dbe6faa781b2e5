// Properties of a World under random operations: it is a value, Reset forgets
// everything, and its lists, links and counts always agree.

#include <random>

#include "gtest/gtest.h"
#include "tests/world_testing.h"

namespace pollux {
namespace {

constexpr int kLives = 40;
constexpr int kSteps = 600;

TEST(WorldPropertyTest, InvariantsHoldAfterEveryCall) {
  std::mt19937_64 random(1);
  int frozen = 0;
  for (int life = 0; life < kLives; ++life) {
    World world;
    for (int step = 0; step < kSteps; ++step) {
      const std::string seen = RandomStep(world, random);
      ASSERT_EQ(Inspect(world), "")
          << "life " << life << ", step " << step << ": " << seen;
      frozen += world.scan.ep != kNil;
    }
  }
  EXPECT_GT(frozen, 100);
}

TEST(WorldPropertyTest, InvariantsHoldWithEveryQuirk) {
  for (const QuirkInfo& quirk : AllQuirks()) {
    // Exclusive entries then stand before ordinary ones.
    if (quirk.id == Quirk::kWakeOldestFirst) continue;
    if (quirk.id == Quirk::kExclusiveAtHead) continue;
    std::mt19937_64 random(2);
    World world;
    world.profile.Enable(quirk.id);
    for (int step = 0; step < kSteps; ++step) {
      const std::string seen = RandomStep(world, random);
      ASSERT_EQ(Inspect(world), "")
          << quirk.name << ", step " << step << ": " << seen;
    }
  }
}

TEST(WorldPropertyTest, ACopyLivesTheSameLife) {
  std::mt19937_64 random(3);
  for (int life = 0; life < kLives; ++life) {
    World world;
    for (int step = 0; step < kSteps / 2; ++step) RandomStep(world, random);
    World copy = world;
    std::mt19937_64 same_random = random;
    for (int step = 0; step < kSteps / 2; ++step) {
      ASSERT_EQ(RandomStep(world, random), RandomStep(copy, same_random))
          << "life " << life << ", step " << step;
    }
  }
}

TEST(WorldPropertyTest, ACopyDoesNotFeelTheOriginal) {
  std::mt19937_64 random(4);
  World world;
  for (int step = 0; step < kSteps; ++step) RandomStep(world, random);
  const World copy = world;
  World reference = copy;
  for (int step = 0; step < kSteps; ++step) RandomStep(world, random);
  EXPECT_EQ(Inspect(copy), "");
  std::mt19937_64 again(5);
  std::mt19937_64 same_again(5);
  World late = copy;
  for (int step = 0; step < kSteps; ++step) {
    ASSERT_EQ(RandomStep(late, again), RandomStep(reference, same_again));
  }
}

TEST(WorldPropertyTest, ResetGivesAFreshWorld) {
  std::mt19937_64 random(6);
  World used;
  for (int life = 0; life < kLives; ++life) {
    for (int step = 0; step < kSteps; ++step) RandomStep(used, random);
    used.Reset();
    EXPECT_EQ(Inspect(used), "");
    World fresh;
    std::mt19937_64 same_random = random;
    for (int step = 0; step < kSteps; ++step) {
      ASSERT_EQ(RandomStep(used, random), RandomStep(fresh, same_random))
          << "life " << life << ", step " << step;
    }
    used.Reset();
  }
}

TEST(WorldPropertyTest, ResetKeepsProfileMachineAndMemory) {
  World world;
  world.profile.Enable(Quirk::kNoRdhup);
  world.machine.pipe_buffers = 2;
  std::mt19937_64 random(7);
  for (int step = 0; step < kSteps; ++step) RandomStep(world, random);
  const size_t bytes = world.bytes();
  world.Reset();
  EXPECT_TRUE(world.Has(Quirk::kNoRdhup));
  EXPECT_EQ(world.machine.pipe_buffers, 2u);
  EXPECT_GE(world.bytes() + 4096, bytes);
}

// The checker itself must be able to fail.
TEST(WorldPropertyTest, InspectSeesDamage) {
  TestWorld w;
  const int target = w.Eventfd(1);
  const int ep = w.Epoll();
  ASSERT_EQ(w.Add(ep, target, EPOLLIN), 0);
  ASSERT_EQ(Inspect(w.world), "");

  World damaged = w.world;
  damaged.epitems[0].linked = false;
  EXPECT_NE(Inspect(damaged), "");
  damaged = w.world;
  damaged.user_watches = 2;
  EXPECT_NE(Inspect(damaged), "");
  damaged = w.world;
  damaged.eventpolls[0].ready = {};
  EXPECT_NE(Inspect(damaged), "");
  damaged = w.world;
  damaged.wait_entries[0].queue = 7;
  EXPECT_NE(Inspect(damaged), "");
}

}  // namespace
}  // namespace pollux
