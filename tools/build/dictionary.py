#!/usr/bin/env python3
r"""Joins fuzzing dictionaries, and fails on what libFuzzer would reject.

  dictionary.py OUTPUT INPUT...

An entry is `"value"` or `name="value"`, alone on its line. In a value, a
backslash, a quote and a byte that cannot be printed are escaped: \\, \", \x0a.
Empty lines and lines that begin with # are comments.
"""

import re
import sys

CHARACTER = r'(?:[ !#-\[\]-~]|\\\\|\\"|\\x[0-9A-Fa-f]{2})'
ENTRY = re.compile(rf'(?:[^"=\s]+\s*=\s*)?"{CHARACTER}+"')


def main():
  output, *inputs = sys.argv[1:]
  lines = []
  for path in inputs:
    with open(path, encoding="ascii", errors="replace") as dictionary:
      for number, line in enumerate(map(str.strip, dictionary), 1):
        if line and not line.startswith("#") and not ENTRY.fullmatch(line):
          sys.exit(f'{path}:{number}: expected name="value", found {line}')
        lines.append(line + "\n")
  with open(output, "w", encoding="ascii") as joined:
    joined.writelines(lines)


if __name__ == "__main__":
  main()
