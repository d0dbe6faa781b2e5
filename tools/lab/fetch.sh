#!/usr/bin/env bash
# Fetches packages of some Debian suite and unpacks them into a folder:
#
#   fetch.sh SUITE FOLDER PACKAGE...
#
# The machine's own packages and apt state are left alone: a private state
# knows that one suite of the archive that the machine uses already, and
# Debian's signature is checked as always. The folder appears whole, or not at
# all; if it is there, nothing is done. Exit code 69: the suite cannot be
# reached.
set -euo pipefail
shopt -s nullglob

readonly suite=$1 folder=$2
shift 2
readonly keyring=/usr/share/keyrings/debian-archive-keyring.gpg

die() {
  echo "lab: $*" >&2
  exit 69  # EX_UNAVAILABLE
}

# Prints the addresses of the archives that the machine takes its release from.
archives() {
  local release
  release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  apt-get update --print-uris |
    sed -nE "s#^'(.*)/dists/($release|stable)/InRelease'.*#\1#p" | sort -u
}

# Sid's dynamic linker, and what it loads, instead of this machine's: a path of
# the same length is written over that of the interpreter. It is relative to the
# folder, in which the kernel must be started.
use_own_libc() {
  local kernel=usr/bin/linux.uml loader
  local -r old=/lib64/ld-linux-x86-64.so.2 new=.///////////////loader.so.2
  ((${#old} == ${#new})) || die "$new has not the length of $old"
  loader=$(find . -name ld-linux-x86-64.so.2 -type f | head -1)
  [[ -n $loader && -f $kernel ]] || return 0
  ln -s "$loader" loader.so.2
  LC_ALL=C sed -i "s#$old#$new#" "$kernel"
}

fetch() {
  local archive=$1 package
  shift
  echo "deb [signed-by=$keyring] $archive $suite main" >"$work/sources.list"
  "${apt[@]}" update || return
  for package in "$@"; do
    if [[ $package == *\* ]]; then
      # The newest of its name, without the debugging symbols.
      package=$(apt-cache -c "$work/apt.conf" pkgnames "${package%\*}" |
        grep -v -e dbg -e unsigned | sort -V | tail -1)
    fi
    (cd "$work" && "${apt[@]}" download "$package") || return
  done
}

command -v apt-get >/dev/null || die "needs Debian's apt"
mkdir -p "$(dirname "$folder")"
exec 9>"$folder.lock"
flock 9
[[ ! -d $folder ]] || exit 0

work=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{state/lists,cache/archives}/partial "$work/tree"
touch "$work/status"
cat >"$work/apt.conf" <<CONF
Dir::State "$work/state";
Dir::State::status "$work/status";
Dir::Cache "$work/cache";
Dir::Etc::SourceList "$work/sources.list";
Dir::Etc::SourceParts "/dev/null";
APT::Architecture "amd64";
APT::Sandbox::User "root";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
CONF
readonly apt=(apt-get -q -c "$work/apt.conf" -o Acquire::Retries=2)

fetched=
while read -r archive; do
  if fetch "$archive" "$@"; then
    fetched=1
    break
  fi
done < <(archives) &>"$folder.log"
[[ -n $fetched ]] || die "cannot fetch $* of $suite (see $folder.log)"

for package in "$work"/*.deb; do
  dpkg -x "$package" "$work/tree"
done
(cd "$work/tree" && use_own_libc)
mv "$work/tree" "$folder"
