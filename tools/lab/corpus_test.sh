#!/usr/bin/env bash
# Runs the corpus on one subject of the lab, and compares what is not simply the
# same with what is known of that subject:
#
#   corpus_test.sh POLLUX SUBJECT EXPECTED FILE...
#
# EXPECTED has, for each program that is skipped or does not do what its file
# says, the line that `pollux run` prints of it, with the quirks that explain
# it. A subject that cannot be fetched skips the test.
set -euo pipefail

readonly pollux=$1 subject=$2 expected=$3
shift 3

skip() {
  echo "SKIPPED: $*"
  # For those who count (tools/build/count_tests.py).
  cat >"${XML_OUTPUT_FILE:-/dev/null}" <<XML
<testsuites><testsuite name="$subject" tests="1" skipped="1">
<testcase name="corpus" result="skipped"/></testsuite></testsuites>
XML
  exit 0
}

"$pollux" lab fetch "$subject" || skip "$subject cannot be fetched"
found=$(mktemp)
code=0
"$pollux" run --subject="$subject" "$@" >"$found" || code=$?
((code != 3)) || skip "$subject cannot run here"
tail -2 "$found"
if ! diff <(grep -v '^#' "$expected") \
  <(grep -E '; not as the file says|: skipped' "$found"); then
  echo "FAILED: < is expected of $subject, > was found"
  exit 1
fi
if ((code != 0)); then
  cat "$found"
  exit "$code"
fi
