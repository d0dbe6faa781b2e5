#!/usr/bin/env bash
# The page of `pollux report` in a real browser: on a desk, on a phone, in the
# dark. Nothing is loaded, nothing sticks out, and the checker of
# accessibility axe-core finds no fault.
#
#   report_browser_test.sh POLLUX PROGRAM...
#
# Where Chromium is missing, nothing is checked, and it says so; where axe-core
# is, the rest is. tools/build/browser.sh installs both.
set -euo pipefail

pollux=$1
shift
browser=$(command -v chromium || command -v google-chrome) || {
  echo "SKIPPED: no chromium here (tools/build/browser.sh installs it)"
  exit 0
}
axe=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/pollux/axe.min.js
if [[ ! -r $axe ]]; then
  axe=/dev/null
  echo "SKIPPED in part: no axe-core here (tools/build/browser.sh fetches it)"
fi
work=$(mktemp -d "${TEST_TMPDIR:-/tmp}/browser.XXXXXX")
trap 'rm -rf "$work"' EXIT

# A bug of many faces: one page of one program, one of all of them.
quirks=edge-as-level,unconnected-no-hup,oneshot-not-disarmed
"$pollux" report --model --quirk=$quirks -o "$work/one.html" "$1" || (($? == 1))
mkdir "$work/many"
cp "$@" "$work/many"
"$pollux" report --model --quirk=$quirks -o "$work/many.html" "$work/many" ||
  (($? == 1))

cat >"$work/judge.js" <<'JS'
(async () => {
  const faults = [];
  const width = document.documentElement.clientWidth;
  const wide = document.documentElement.scrollWidth;
  if (wide > width) {
    faults.push(`the page is ${wide} pixels wide, the window ${width}`);
    for (const element of document.querySelectorAll('main *')) {
      const box = element.getBoundingClientRect();
      if (box.right > width + 1 && !element.closest('.scroll, pre')) {
        faults.push(`${element.tagName} ${element.className} ${box.right}`);
      }
    }
  }
  for (const entry of performance.getEntriesByType('resource')) {
    faults.push('it loads ' + entry.name);
  }
  const focusable = document.querySelector('a, button, [tabindex="0"]');
  if (focusable?.className !== 'skip') faults.push('no skip link comes first');
  let rules = 0;
  if (window.axe) {
    const result = await axe.run(document);
    rules = result.passes.length;
    for (const {id, nodes} of result.violations) {
      for (const node of nodes.slice(0, 5)) {
        faults.push(`${id}: ${node.target}: ${node.failureSummary}`);
      }
    }
    if (rules < 15) faults.push(`only ${rules} rules of axe passed`);
  }
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const end = document.createElement('pre');
  end.textContent = `\nVERDICT ${faults.length ? 'BAD' : 'FINE'} ` +
      `${width} pixels, ${dark ? 'dark' : 'light'}, ${rules} rules of axe\n` +
      faults.join('\n') + '\nEND\n';
  document.body.append(end);
})();
JS

# Judges PAGE in a window of WIDTH with further arguments of the browser.
judge() {
  local page=$1 width=$2 dom
  shift 2
  {
    cat "$work/$page.html"
    echo "<script>"
    cat "$axe"
    echo "</script><script>"
    cat "$work/judge.js"
    echo "</script>"
  } >"$work/judged.html"
  dom=$("$browser" --headless=new --no-sandbox --disable-gpu --no-first-run \
    --user-data-dir="$work/profile" --window-size="$width,900" \
    --virtual-time-budget=20000 --dump-dom "$@" \
    "file://$work/judged.html" 2>"$work/browser.log") || {
    cat "$work/browser.log"
    echo "FAILED: the browser does not run"
    exit 1
  }
  echo "$page:"
  sed -n '/^VERDICT/,/^END/p' <<<"$dom" | sed '/^END/d' | tee "$work/verdict"
  grep -q '^VERDICT FINE' "$work/verdict" || failed=1
}

failed=0
dark=--blink-settings=preferredColorScheme=0
judge one 1280
judge one 500 $dark
judge many 500
judge many 1280 $dark
exit $failed
