#include "store/embedded/merge_plan.h"

#include <gtest/gtest.h>

namespace iot::store {
namespace {

using Groups = std::vector<std::vector<std::size_t>>;

ChunkEntry chunk(std::int64_t first, std::int64_t last, std::uint64_t count, std::uint64_t bytes = 100) {
  ChunkEntry entry;
  entry.info.summary = {{first}, {last}, count, {}, {}};
  entry.chunk_bytes = bytes;
  return entry;
}

MergePolicy policy(std::size_t small_chunks_min) {
  MergePolicy policy;
  policy.chunk_readings = 100;
  policy.small_chunks_min = small_chunks_min;
  policy.chunk_bytes = 10'000;
  policy.readings_at_once_max = 500;
  policy.bytes_at_once_max = 100'000;
  return policy;
}

std::vector<ChunkEntry> neighbours(std::size_t count, std::uint64_t readings) {
  std::vector<ChunkEntry> entries;
  for (std::size_t i = 0; i < count; ++i) {
    entries.push_back(chunk(static_cast<std::int64_t>(i) * 10, static_cast<std::int64_t>(i) * 10 + 9, readings));
  }
  return entries;
}

TEST(MergePlanTest, WaitsForEnoughSmallNeighbours) {
  EXPECT_EQ(plan_merges(neighbours(0, 10), policy(8)), Groups{});
  EXPECT_EQ(plan_merges(neighbours(1, 10), policy(2)), Groups{});
  EXPECT_EQ(plan_merges(neighbours(7, 10), policy(8)), Groups{});
  EXPECT_EQ(plan_merges(neighbours(8, 10), policy(8)), (Groups{{0, 1, 2, 3, 4, 5, 6, 7}}));
  EXPECT_EQ(plan_merges(neighbours(2, 10), policy(2)), (Groups{{0, 1}}));
}

TEST(MergePlanTest, FillsAChunkExactlyAndNoFurther) {
  EXPECT_EQ(plan_merges(neighbours(4, 50), policy(2)), (Groups{{0, 1}, {2, 3}}));
  EXPECT_EQ(plan_merges(neighbours(4, 51), policy(2)), Groups{});
}

TEST(MergePlanTest, ChunksThatShareATimeOverlapAndThoseNextToEachOtherDoNot) {
  EXPECT_EQ(plan_merges(std::vector{chunk(0, 10, 90), chunk(10, 20, 90)}, policy(8)), (Groups{{0, 1}}));
  EXPECT_EQ(plan_merges(std::vector{chunk(0, 9, 90), chunk(10, 20, 90)}, policy(8)), Groups{});
}

TEST(MergePlanTest, OneChunkMayOverlapManyThatDoNotTouchEachOther) {
  EXPECT_EQ(
      plan_merges(std::vector{chunk(0, 100, 90), chunk(10, 19, 90), chunk(30, 39, 90), chunk(200, 300, 90)}, policy(8)),
      (Groups{{0, 1, 2}}));
}

TEST(MergePlanTest, WhatOverlapsMoreThanAtOnceIsDoneInSteps) {
  std::vector<ChunkEntry> entries{chunk(0, 1000, 90)};
  for (int i = 0; i < 9; ++i) entries.push_back(chunk(10 + i * 20, 15 + i * 20, 90));
  EXPECT_EQ(plan_merges(entries, policy(8)), (Groups{{0, 1, 2, 3, 4}}));
  // Two always go together, however large.
  EXPECT_EQ(plan_merges(std::vector{chunk(0, 10, 400), chunk(5, 20, 400)}, policy(8)), (Groups{{0, 1}}));
}

TEST(MergePlanTest, LongTextsAreNotGatheredOnlyBecauseTheyAreFew) {
  EXPECT_EQ(plan_merges(std::vector{chunk(0, 1, 2, 6000), chunk(2, 3, 2, 6000)}, policy(2)), Groups{});
}

TEST(MergePlanTest, AMostlyFullChunkIsNotRewrittenForAFewReadings) {
  std::vector<ChunkEntry> entries{chunk(0, 9, 60)};
  for (int i = 1; i < 10; ++i) entries.push_back(chunk(i * 10, i * 10 + 9, 1));
  EXPECT_EQ(plan_merges(entries, policy(8)), Groups{});
  EXPECT_EQ(plan_merges(entries, policy(2)).size(), 1u);
}

TEST(MergePlanTest, DifferentMappingsAreNeverMerged) {
  std::vector<ChunkEntry> entries{chunk(0, 10, 10), chunk(5, 20, 10)};
  entries[1].info.mapping = model::MappingType::long_integer;
  EXPECT_EQ(plan_merges(entries, policy(2)), Groups{});
}

}  // namespace
}  // namespace iot::store
