#!/usr/bin/env python3
"""Merges lcov reports, for `bazel coverage`.

Bazel calls it in two places: after each test (--coverage_dir: every *.dat file
below it is an input) and at the end (--reports_file: a file that lists the
inputs). The result goes to --output_file. Hits of one line, branch or function
are added up; totals are counted anew.
"""

import argparse
import collections
import pathlib


class Source:
  """What the reports say about one source file: {where: hits}."""

  def __init__(self):
    self.function_lines = {}  # name -> line
    self.functions = collections.Counter()  # name -> hits
    self.branches = collections.Counter()  # (line, block, branch) -> hits
    self.lines = collections.Counter()  # line -> hits

  def add(self, tag, fields):
    """Adds one record, for example DA:12,3."""
    if tag == "FN":
      self.function_lines[",".join(fields[1:])] = int(fields[0])
    elif tag == "FNDA":
      self.functions[",".join(fields[1:])] += int(fields[0])
    elif tag == "BRDA":
      hits = 0 if fields[3] == "-" else int(fields[3])
      self.branches[tuple(int(field) for field in fields[:3])] += hits
    elif tag == "DA":
      self.lines[int(fields[0])] += int(fields[1])

  def records(self):
    """Yields the merged records in lcov's order."""
    for name, line in sorted(self.function_lines.items()):
      yield f"FN:{line},{name}"
    for name in sorted(self.function_lines):
      yield f"FNDA:{self.functions[name]},{name}"
    yield from totals("FN", self.functions)
    for branch, hits in sorted(self.branches.items()):
      yield "BRDA:{},{},{},{}".format(*branch, hits)
    yield from totals("BR", self.branches)
    for line, hits in sorted(self.lines.items()):
      yield f"DA:{line},{hits}"
    yield from totals("L", self.lines)


def totals(kind, counter):
  yield f"{kind}F:{len(counter)}"
  yield f"{kind}H:{sum(1 for hits in counter.values() if hits)}"


def read(path, sources):
  source = None
  for record in path.read_text().splitlines():
    tag, _, value = record.partition(":")
    if tag == "SF":
      source = sources[value]
    elif source is not None:
      source.add(tag, value.split(","))


def main():
  parser = argparse.ArgumentParser(description=__doc__)
  parser.add_argument("--coverage_dir", type=pathlib.Path)
  parser.add_argument("--reports_file", type=pathlib.Path)
  parser.add_argument("--output_file", type=pathlib.Path, required=True)
  # Bazel passes more, which matters to other languages only.
  args, _ = parser.parse_known_args()

  if args.reports_file:
    reports = map(pathlib.Path, args.reports_file.read_text().split())
  else:
    reports = sorted(args.coverage_dir.rglob("*.dat"))
  sources = collections.defaultdict(Source)
  for report in reports:
    read(report, sources)

  with args.output_file.open("w") as output:
    for name, source in sorted(sources.items()):
      print(f"SF:{name}", *source.records(), "end_of_record", sep="\n",
            file=output)


if __name__ == "__main__":
  main()
