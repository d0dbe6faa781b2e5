#!/usr/bin/env bash
# Proves that the fuzz target sees: makes the reference a mutant by each quirk in
# turn, and expects the target to find it from an empty corpus within its budget
# of runs. A few seeds are tried, for an unlucky one proves nothing.
#
#   quirks_found_test.sh FUZZ_TARGET POLLUX
#
# Quirks that the host itself has (they are in its profile) cannot be told from
# it, and those that show only on top of others would be taken for these; they
# are counted.
set -uo pipefail

readonly target=$PWD/$1 pollux=$PWD/$2
readonly runs=400000 seeds=(1 2 3)
readonly found_code=77  # libFuzzer's, for a crash

# Bazel's sharding: this process takes every TEST_TOTAL_SHARDS-th quirk.
readonly shard=${TEST_SHARD_INDEX:-0} shards=${TEST_TOTAL_SHARDS:-1}
[[ -z ${TEST_SHARD_STATUS_FILE:-} ]] || touch "$TEST_SHARD_STATUS_FILE"

work=$(mktemp -d "${TEST_TMPDIR:-/tmp}/quirks.XXXXXX")
trap 'rm -rf "$work"' EXIT

found=0 missed=0 on_host=0 index=0

find_quirk() {
  local quirk=$1 seed log=$work/log code
  for seed in "${seeds[@]}"; do
    rm -rf "$work/corpus" && mkdir "$work/corpus"
    "$target" "--quirk=$quirk" -runs="$runs" -seed="$seed" \
      -artifact_prefix="$work/" "$work/corpus" >"$log" 2>&1
    code=$?
    if grep -q '^FLAKY' "$log"; then
      printf '%-30s a false divergence in run %s:\n' "$quirk" \
        "$(grep -oE '^#[0-9]+' "$log" | tail -n 1)"
      sed -n '/^FLAKY/,/^Replay/p' "$log"
      return 1
    elif ((code == found_code)) && grep -q '^DIVERGENCE' "$log"; then
      printf '%-30s found with seed %d in run %s\n' "$quirk" "$seed" \
        "$(grep -oE '^#[0-9]+' "$log" | tail -n 1)"
      return 0
    elif ((code != 0)); then
      printf '%-30s the target ended with exit code %d:\n' "$quirk" "$code"
      tail -n 20 "$log"
      return 1
    fi
  done
  printf '%-30s NOT FOUND in %d runs with each of the seeds %s\n' "$quirk" \
    "$runs" "${seeds[*]}"
  return 1
}

while read -r quirk; do
  ((index++ % shards == shard)) || continue
  if find_quirk "$quirk"; then ((++found)); else ((++missed)); fi
done < <("$pollux" quirks | awk '
    /^[a-z]/ { if (name) print name; name = /this host/ ? "" : $1 }
    /^ +only with/ { name = "" }
    END { if (name) print name }')
on_host=$("$pollux" quirks | grep -c 'this host')
hidden=$("$pollux" quirks | awk '
    /^[a-z]/ { name = $1 } /^ +only with/ { print name }' | sort -u | wc -l)

echo "$found quirks found, $missed missed; not tried: $on_host on this host," \
  "$hidden that show only on top of others"
((missed == 0 && found > 0))
