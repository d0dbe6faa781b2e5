#!/usr/bin/env bash
# Fuzzes with one target. pollux_fuzz_test (fuzz/defs.bzl) fills in the names in
# %{braces}.
#
#   bazel run TARGET -- [--timeout_secs=N] [--clean] [--fuzzing_output_root=DIR]
#       [-- ENGINE_ARGUMENT...]
#
# New inputs go to DIR/%{name}/corpus and crashes to DIR/%{name}/artifacts;
# DIR is /tmp/fuzzing unless given. They are kept for the next run, unless that
# has --clean. The exit code is that of the engine.
set -euo pipefail

# A test that has this as data sets RUNFILES_DIR; `bazel run` does not.
runfiles=${RUNFILES_DIR:-$(realpath -s "${BASH_SOURCE[0]}").runfiles}
runfiles+=/%{workspace}
binary=$(readlink "$runfiles/%{binary}") || binary=$runfiles/%{binary}
engine_args=(%{engine_args})
dictionary=%{dictionary}
[[ -z $dictionary ]] || engine_args+=("-dict=$runfiles/$dictionary")
target_args=()  # those that the target itself reads
root=/tmp/fuzzing
clean=false

while (($#)); do
  case $1 in
    --timeout_secs=*) engine_args+=("-max_total_time=${1#*=}") ;;
    --fuzzing_output_root=*) root=${1#*=} ;;
    --clean) clean=true ;;
    --) shift && break ;;
    *)
      echo "%{name}_run: unknown argument $1 (engine arguments follow a --)" >&2
      exit 2
      ;;
  esac
  shift
done

for arg; do
  [[ $arg != --* ]] || target_args+=("$arg")
done

cd "${BUILD_WORKING_DIRECTORY:-.}"
output=$(realpath -m "$root")/%{name}
if $clean; then
  rm -rf "$output/corpus" "$output/artifacts"
fi
mkdir -p "$output"/{corpus,artifacts}

if symbolizer=$(command -v llvm-symbolizer-19); then
  export {ASAN,TSAN,UBSAN}_SYMBOLIZER_PATH="$symbolizer"
fi

marker=$(mktemp)
trap 'rm -f "$marker"' EXIT
code=0
"$binary" -artifact_prefix="$output/artifacts/" "${engine_args[@]}" "$@" \
  "$output/corpus" "$runfiles/%{corpus}" || code=$?

find "$output/artifacts" -type f -newer "$marker" | while read -r artifact; do
  printf '\nTo reproduce:\n '
  printf ' %q' "$binary" "${target_args[@]}" "$artifact"
  printf '\n'
done
exit "$code"
