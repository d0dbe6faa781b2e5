#!/usr/bin/env python3
"""Prints `N passed, N failed, N skipped` for one `bazel test`.

  count_tests.py FILE

FILE is what --build_event_json_file wrote. Test targets are counted. One is
skipped if Bazel skipped it, or if it passed because each of its test cases
skipped itself; it failed if it did not pass for any other reason, such as a
compilation that failed. Exits with 1 if a test failed or if none passed.
"""

import collections
import json
import sys
import urllib.parse
import xml.etree.ElementTree


def all_skipped(path):
  """Whether a GoogleTest report has test cases, and all are skipped."""
  cases = list(xml.etree.ElementTree.parse(path).iter("testcase"))
  return bool(cases) and all(case.get("result") == "skipped" for case in cases)


def reports(events):
  """Returns {target: paths of its test.xml files}."""
  paths = collections.defaultdict(list)
  for event in events:
    for output in event.get("testResult", {}).get("testActionOutput", []):
      if output["name"] == "test.xml":
        path = urllib.parse.unquote(urllib.parse.urlparse(output["uri"]).path)
        paths[event["id"]["testResult"]["label"]].append(path)
  return paths


def verdicts(events):
  """Returns {target: "passed", "failed" or "skipped"}."""
  result = {}
  for event in events:
    label = event["id"].get("targetConfigured", {}).get("label")
    if label and "testSize" in event.get("configured", {}):
      result[label] = "failed"  # unless a later event knows better
    label = event["id"].get("targetCompleted", {}).get("label")
    if label in result and event.get("aborted", {}).get("reason") == "SKIPPED":
      result[label] = "skipped"
    label = event["id"].get("testSummary", {}).get("label")
    if event.get("testSummary", {}).get("overallStatus") in ("PASSED", "FLAKY"):
      result[label] = "passed"
  for label, paths in reports(events).items():
    if result.get(label) == "passed" and all(map(all_skipped, paths)):
      result[label] = "skipped"
  return result


def main():
  with open(sys.argv[1], encoding="utf-8") as file:
    events = [json.loads(line) for line in file]
  counts = collections.Counter(verdicts(events).values())
  print("{passed} passed, {failed} failed, {skipped} skipped".format(
      **{key: counts[key] for key in ("passed", "failed", "skipped")}))
  return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
  sys.exit(main())
