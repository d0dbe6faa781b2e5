#!/usr/bin/env bash
# Plays OSS-Fuzz on this machine: calls oss_fuzz_build.sh with the environment
# that its contract promises, then checks and runs what came out as OSS-Fuzz
# does. The exit code is 0 if every target keeps the contract.
#
#   tools/ci/play_oss_fuzz.sh [RUNS]
#
# SANITIZER is address (the default) or undefined. Each target makes RUNS runs
# (5000), from its own seeds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
runs=${1:-5000}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export OUT=$work/out SRC=$PWD WORK=$work/work SANITIZER=${SANITIZER:-address}
mkdir "$OUT" "$WORK"
export CC=clang-19 CXX=clang++-19 LIB_FUZZING_ENGINE=-fsanitize=fuzzer
case $SANITIZER in
  address)
    marker=__asan_init
    sanitize="-fsanitize=address -fsanitize-address-use-after-scope"
    ;;
  undefined)
    marker=__ubsan_handle
    sanitize="-fsanitize=undefined -fno-sanitize-recover=undefined"
    ;;
  *) echo "SANITIZER=$SANITIZER: address or undefined" >&2 && exit 2 ;;
esac
export CFLAGS="-O1 -fno-omit-frame-pointer -gline-tables-only $sanitize \
-fsanitize=fuzzer-no-link"
export CXXFLAGS=$CFLAGS

tools/ci/oss_fuzz_build.sh

fail() {
  echo "play_oss_fuzz: $1" >&2
  exit 1
}

# Runs from an empty directory, with nothing of the checkout at hand.
played=0
for seeds in "$OUT"/*_seed_corpus.zip; do
  name=$(basename "$seeds" _seed_corpus.zip)
  target=$OUT/$name
  [[ -x $target ]] || fail "$name is not there"
  grep -aq "$marker" "$target" ||
    fail "$name was not built with $SANITIZER"
  mkdir -p "$work/run/$name"/{seeds,corpus}
  python3 -m zipfile -e "$seeds" "$work/run/$name/seeds"
  count=$(find "$work/run/$name/seeds" -type f | wc -l)
  ((count > 0)) || fail "$name has no seeds"
  options=()
  [[ ! -e $target.dict ]] || options+=("-dict=$target.dict")
  if [[ -e $target.options ]]; then
    while IFS=' =' read -r key value; do
      [[ $key == \[* || -z $key ]] || options+=("-$key=$value")
    done <"$target.options"
  fi
  (cd "$work/run/$name" && env -i PATH="$PATH" "$target" -runs="$runs" \
    -timeout=25 -rss_limit_mb=2560 "${options[@]}" corpus seeds) \
    >"$work/log" 2>&1 || {
    tail -n 40 "$work/log" >&2
    fail "$name failed"
  }
  grep -q 'INFO: Loaded .* counters' "$work/log" ||
    fail "$name is not instrumented"
  tail -n 2 "$work/log"
  echo "$name: $count seeds, $runs runs with $SANITIZER"
  played=$((played + 1))
done
((played > 0)) || fail "there is no target"
