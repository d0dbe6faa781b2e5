#!/usr/bin/env bash
# Builds every fuzz target as OSS-Fuzz and ClusterFuzzLite ask for it: with
# $CC $CXX $CFLAGS $CXXFLAGS, linked with $LIB_FUZZING_ENGINE, into $OUT:
#
#   $OUT/NAME  $OUT/NAME_seed_corpus.zip  $OUT/NAME.dict  $OUT/NAME.options
#
# To play the contract on this machine, tools/ci/play_oss_fuzz.sh.
# BAZEL (./bazelw) is who builds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

for name in CC CXX OUT LIB_FUZZING_ENGINE; do
  [[ -n ${!name:-} ]] || {
    echo "oss_fuzz_build.sh: \$$name is not set" >&2
    exit 2
  }
done
bazel=${BAZEL:-./bazelw}

# Our libraries are all C++; a C file is compiled with the C flags. Warnings of
# another compiler than ours are no errors.
flags=(--//fuzz:engine=oss_fuzz --repo_env=CC="$CC" --repo_env=CXX="$CXX"
  --repo_env=LIB_FUZZING_ENGINE="$LIB_FUZZING_ENGINE"
  --platform_suffix=-oss-fuzz --copt=-Wno-error --copt=-O2)
for flag in ${CFLAGS:-}; do flags+=(--conlyopt="$flag"); done
for flag in ${CXXFLAGS:-}; do
  flags+=(--cxxopt="$flag" --linkopt="$flag")
  # Bazel links by the C driver, which has to be told of C++'s libraries.
  case $flag in
    -fsanitize=*undefined* | -fsanitize=*vptr*)
      flags+=(--linkopt=-fsanitize-link-c++-runtime)
      ;;
    -stdlib=libc++) flags+=(--repo_env=BAZEL_LINKLIBS=-lc++:-lm) ;;
  esac
done

mapfile -t targets < <("$bazel" query --noshow_progress \
  'kind("_fuzz_package rule", //...)' "${flags[@]:1:3}")
"$bazel" build "${flags[@]}" "${targets[@]}"
archives=$("$bazel" info bazel-bin "${flags[@]}" 2>/dev/null)
for target in "${targets[@]}"; do
  label=${target#//}
  tar -xf "$archives/${label/://}.tar" --no-same-owner -C "$OUT"
done
ls -l "$OUT"
