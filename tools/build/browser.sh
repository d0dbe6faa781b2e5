#!/usr/bin/env bash
# Installs what tests/report_browser_test.sh looks at pages with: Debian's
# chromium, and axe-core from npm into the cache. Does nothing where they are.
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/pollux
sudo=()
((EUID == 0)) || sudo=(sudo)

need() {
  dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null |
    grep -qx installed && return
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -q install -y --no-install-recommends "$1"
}

need chromium
if [[ ! -r $cache/axe.min.js ]]; then
  command -v npm >/dev/null || need npm
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && npm pack --silent axe-core && tar xzf axe-core-*.tgz)
  mkdir -p "$cache"
  cp "$work/package/axe.min.js" "$cache/axe.min.js.$$"
  mv "$cache/axe.min.js.$$" "$cache/axe.min.js"
fi
echo "chromium and axe-core are there"
