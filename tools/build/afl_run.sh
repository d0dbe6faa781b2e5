#!/usr/bin/env bash
# Fuzzes with one target and AFL++. pollux_fuzz_test (fuzz/defs.bzl) fills in the
# names in %{braces}.
#
#   bazel run TARGET -- [--timeout_secs=N] [--clean] [--fuzzing_output_root=DIR]
#       [--jobs=N] [--empty] [-- ARGUMENT...]
#
# AFL++'s output folder is DIR/%{name}/afl; DIR is /tmp/fuzzing unless given. It
# is gone on with in the next run, unless that has --clean. N jobs are one main
# instance (-M) and N-1 secondary ones (-S) over that folder. The main instance
# also takes over what libFuzzer finds meanwhile in DIR/%{name}/corpus (-F).
# --empty starts from one empty program in place of the corpus.
#
# Arguments that start with -- go to the target, others to afl-fuzz. The exit
# code is 0 if no crash was found by this run, 1 if one was, 2 for a bad argument
# and 3 if AFL++ cannot run.
set -euo pipefail

# A test that has this as data sets RUNFILES_DIR; `bazel run` does not.
runfiles=${RUNFILES_DIR:-$(realpath -s "${BASH_SOURCE[0]}").runfiles}
runfiles+=/%{workspace}
binary=$(readlink "$runfiles/%{binary}") || binary=$runfiles/%{binary}
mutator=%{afl_mutator}
dictionary=%{dictionary}
afl_args=(-t 20000+)  # the watchdog ends programs that hang
target_args=()
root=/tmp/fuzzing
jobs=1
clean=false
empty=false

while (($#)); do
  case $1 in
    --timeout_secs=*) afl_args+=(-V "${1#*=}") ;;
    --fuzzing_output_root=*) root=${1#*=} ;;
    --jobs=*) jobs=${1#*=} ;;
    --clean) clean=true ;;
    --empty) empty=true ;;
    --) shift && break ;;
    *)
      echo "%{name}_afl: unknown argument $1 (engine arguments follow a --)" >&2
      exit 2
      ;;
  esac
  shift
done
[[ $jobs =~ ^[1-9][0-9]*$ ]] || {
  echo "%{name}_afl: --jobs needs a number, not '$jobs'" >&2
  exit 2
}
for arg; do
  if [[ $arg == --* ]]; then target_args+=("$arg"); else afl_args+=("$arg"); fi
done
command -v afl-fuzz >/dev/null || {
  echo "%{name}_afl: there is no afl-fuzz; ./bazelw installs it" >&2
  exit 3
}

cd "${BUILD_WORKING_DIRECTORY:-.}"
output=$(realpath -m "$root")/%{name}
if $clean; then rm -rf "$output/afl"; fi
mkdir -p "$output"/{corpus,afl}

seeds=$runfiles/%{corpus}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if $empty; then
  seeds=$work/seeds
  mkdir "$seeds"
  printf '\0' >"$seeds/empty"
fi

# The mutators know what a program is; a dictionary serves those of AFL++.
if [[ -n $mutator ]]; then
  export AFL_CUSTOM_MUTATOR_LIBRARY=$runfiles/$mutator
fi
[[ -z $dictionary ]] || afl_args+=(-x "$runfiles/$dictionary")
export AFL_AUTORESUME=1 AFL_SKIP_CPUFREQ=1 AFL_TRY_AFFINITY=1
export AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1
[[ -t 1 ]] || export AFL_NO_UI=1

# Instance $1 ("-M main"), with further arguments of afl-fuzz.
fuzz() {
  local role=$1 name=$2
  shift 2
  afl-fuzz -i "$seeds" -o "$output/afl" "$role" "$name" "$@" \
    "${afl_args[@]}" -- "$binary" "${target_args[@]}"
}

secondaries=()
for ((i = 1; i < jobs; ++i)); do
  AFL_NO_UI=1 fuzz -S "secondary$i" >"$output/afl-secondary$i.log" 2>&1 &
  secondaries+=($!)
done
stop_secondaries() {
  ((${#secondaries[@]} == 0)) || kill "${secondaries[@]}" 2>/dev/null || true
  wait
}
trap 'stop_secondaries; rm -rf "$work"' EXIT
code=0
fuzz -M main -F "$output/corpus" || code=3
stop_secondaries
((code == 0)) || exit "$code"

while read -r crash; do
  printf '\nTo reproduce:\n '
  printf ' %q' "$binary" "${target_args[@]}" "$crash"
  printf '\n'
  code=1
done < <(find "$output/afl" -path '*/crashes/id*' -newer "$work" | sort)
exit "$code"
