#!/usr/bin/env bash
# The differential job of a change: does this checkout's reference still agree
# with every kernel at hand?
#
#   tools/ci/differential.sh [--seconds=N] [--base=DIR] [--mute=FILE]
#       [--subjects=SUBJECT,...] [--out=DIR]
#
# 1. conformance: all of corpus/ on each SUBJECT (host)
# 2. fuzzing of the host, N seconds (60), from corpus/ and the programs in
#    DIR/corpus of --base, which is what an earlier run left in its --out
# 3. novelty: the programs found that show a state which corpus/ and the base
#    do not show
# 4. triage: each divergence runs five times. Deterministic ones, and those that
#    differ in several ways, are red; one that comes and goes is counted and
#    kept; one in the mute list (SIGNATURE YYYY-MM-DD REASON) is counted
#
# --out (./differential) gets corpus/, divergences/ by bucket, results.sarif,
# results.junit.xml, results.html and the logs. The exit code is 0 if all agree,
# 1 if something is red, 2 for a bad argument and 3 if this cannot run here.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 3

seconds=60 base='' out=differential subjects=host mute=()
for arg; do
  case $arg in
    --seconds=*) seconds=${arg#*=} ;;
    --base=*) base=${arg#*=} ;;
    --mute=*) mute=("$arg") ;;
    --subjects=*) subjects=${arg#*=} ;;
    --out=*) out=${arg#*=} ;;
    *)
      echo "differential.sh: unknown argument $arg" >&2
      exit 2
      ;;
  esac
done
[[ $seconds =~ ^[1-9][0-9]*$ ]] || {
  echo "differential.sh: --seconds needs a number, not '$seconds'" >&2
  exit 2
}
readonly most_crashes=20  # then enough is known
out=$(realpath -m "$out")
rm -rf "$out"
mkdir -p "$out"/{corpus,divergences,known} || exit 3
say() { printf '%s\n' "$*" | tee -a "$out/summary.txt"; }

if ! ./bazelw build --noshow_progress //tools:pollux \
  //fuzz:epoll_fuzz_test_bin //fuzz:epoll_fuzz_test_corpus \
  </dev/null &>"$out/build.log"; then
  tail -n 40 "$out/build.log" >&2
  echo "differential.sh: the build failed" >&2
  exit 3
fi
pollux=bazel-bin/tools/pollux
target=bazel-bin/fuzz/epoll_fuzz_test_bin
seeds=bazel-bin/fuzz/epoll_fuzz_test_corpus
red=0

# --- Conformance

mapfile -t programs < <(find corpus -name '*.ep' | sort)
for subject in ${subjects//,/ }; do
  flag=(--subject="$subject")
  [[ $subject != host ]] || flag=()
  "$pollux" run "${flag[@]}" "${programs[@]}" &>"$out/conformance-$subject.log"
  code=$?
  say "conformance on $subject: $(tail -n 1 "$out/conformance-$subject.log")"
  case $code in
    0) ;;
    3) say "conformance on $subject: cannot run here, not counted" ;;
    *) red=1 ;;
  esac
done

# --- Fuzzing: the engine stops at a divergence, and is started again

known=("$seeds")
[[ -z $base || ! -d $base/corpus ]] || known+=("$base/corpus")
end=$((SECONDS + seconds))
crashes=0
while ((SECONDS < end && crashes < most_crashes)); do
  "$target" -max_total_time=$((end - SECONDS)) -seed=$((crashes + 1)) \
    -max_len=4096 -print_final_stats=1 \
    -artifact_prefix="$out/divergences/" "$out/corpus" "${known[@]}" \
    &>>"$out/fuzz.log" && break
  found=$(find "$out/divergences" -type f | wc -l)
  if ((found == crashes)); then
    tail -n 20 "$out/fuzz.log" >&2
    say "fuzzing: the engine failed without a finding (see fuzz.log)"
    exit 3
  fi
  crashes=$found
done
runs=$(awk '/^stat::number_of_executed_units/ { n += $2 } END { print n + 0 }' \
  "$out/fuzz.log")
say "fuzzing: $runs programs, $crashes of them stopped the engine"
grep -h '^pollux: ' "$out/fuzz.log" | while read -r line; do
  say "fuzzing: ${line#pollux: }"
done

# --- Novelty

"$pollux" corpus merge "$out/known" "${known[@]}" &>"$out/novelty.log"
novel=$("$pollux" corpus merge "$out/known" "$out/corpus" 2>>"$out/novelty.log")
say "novelty: ${novel:-unknown, see novelty.log}"
rm -rf "$out/known"

# --- Triage

"$pollux" triage --runs=5 "${mute[@]}" "$out/divergences" \
  &>"$out/triage.log"
code=$?
((code == 0)) || red=1
while read -r line; do say "triage: $line"; done <"$out/triage.log"

mapfile -t minimal < <(find "$out/divergences/new" -name minimal.ep 2>/dev/null |
  sort)
for format in sarif junit; do
  file=$out/results.$format
  [[ $format == sarif ]] || file+=.xml
  "$pollux" export --$format -o "$file" "${programs[@]}" "${minimal[@]}" \
    &>>"$out/export.log" || say "export: no results.$format (see export.log)"
done
if ((${#minimal[@]} > 0)); then
  "$pollux" report "$out/divergences/new" -o "$out/results.html" \
    &>>"$out/export.log"
  for program in "${minimal[@]}"; do
    say "replay: ./bazelw run //tools:pollux -- run $program"
  done
fi
if ((red)); then say "RED"; else say "GREEN"; fi
exit "$red"
