#!/usr/bin/env bash
# AFL++ finds a seeded bug from an empty corpus, with two instances over one
# folder, and what it leaves behind is of use: the crash replays, a queue can be
# minimised, and so can the crash.
#
#   afl_test.sh LAUNCHER BINARY MUTATOR
set -uo pipefail

readonly launcher=$PWD/$1 binary=$PWD/$2 mutator=$PWD/$3
readonly quirk=oneshot-not-disarmed
export RUNFILES_DIR=${RUNFILES_DIR:-$PWD/..}
work=$(mktemp -d "${TEST_TMPDIR:-/tmp}/afl.XXXXXX")
trap 'rm -rf "$work"' EXIT
failed=0

expect() {
  local what=$1
  shift
  if "$@"; then
    echo "ok: $what"
  else
    echo "FAILED: $what"
    failed=1
  fi
}

# Seconds are a bound, not a measure: each instance stops at its first crash.
export AFL_BENCH_UNTIL_CRASH=1 AFL_NO_AFFINITY=1
"$launcher" --fuzzing_output_root="$work" --timeout_secs=120 --jobs=2 --empty \
  -- "--quirk=$quirk" >"$work/log" 2>&1
code=$?
out=$(echo "$work"/*/afl)
crash=$(find "$out" -path '*/crashes/id*' | sort | head -n 1)
[[ $code == 1 && -n $crash ]] || tail -n 40 "$work/log"
expect "a crash is the launcher's exit code 1" test "$code" = 1
expect "a crash is kept" test -s "$crash"
expect "the main instance has a queue" test -d "$out/main/queue"
expect "so has the secondary one" test -d "$out/secondary1/queue"
expect "our mutators made it, and say so" \
  grep -qE 'generate|insert|splice|change|drop|repeat|move|embed|graft' \
  <(find "$out" -name 'id*' -printf '%f\n' | grep -v orig:)

"$binary" "--quirk=$quirk" "$crash" >"$work/replay" 2>&1
expect "the crash replays" grep -q '^DIVERGENCE' "$work/replay"
"$binary" "$crash" >"$work/healthy" 2>&1
expect "without the bug it is none" test $? = 0

export AFL_CUSTOM_MUTATOR_LIBRARY=$mutator AFL_QUIET=1
expect "afl-cmin keeps what covers the same" \
  afl-cmin -i "$out/main/queue" -o "$work/cmin" -- "$binary" >"$work/cmin.log" 2>&1
before=$(find "$out/main/queue" -maxdepth 1 -type f | wc -l)
after=$(find "$work/cmin" -type f 2>/dev/null | wc -l)
expect "of $before inputs, $after, no more" \
  test "$after" -gt 0 -a "$after" -le "$before"
expect "afl-tmin minimises the crash" \
  afl-tmin -i "$crash" -o "$work/tmin" -- "$binary" "--quirk=$quirk" \
  >"$work/tmin.log" 2>&1
"$binary" "--quirk=$quirk" "$work/tmin" >"$work/replay" 2>&1
expect "which still is one" grep -q '^DIVERGENCE' "$work/replay"
((failed == 0)) || tail -n 20 "$work"/cmin.log "$work"/tmin.log
exit "$failed"
