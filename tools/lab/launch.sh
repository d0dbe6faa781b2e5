#!/usr/bin/env bash
# Runs the agent in a subject of the lab, with its stream on standard input and
# output:
#
#   launch.sh KIND FOLDER AGENT
#
# KIND is uml or runsc; FOLDER holds the unpacked packages; AGENT is the static
# pollux_agent. A kernel that prints does so between the frames.
set -euo pipefail

readonly kind=$1 folder=$2 agent=$3

# A file system that holds the agent and nothing else. Subjects that run at the
# same time share it: nobody writes to it.
agent_root() {
  local root
  root=$folder/root-$(cksum <"$agent" | cut -d' ' -f1)
  if [[ ! -x $root/init ]]; then
    local new
    new=$(mktemp -d "$folder/new.XXXXXX")
    mkdir "$new"/{proc,sys,dev,tmp}
    cp "$agent" "$new/init"
    chmod 755 "$new" "$new/init"
    mv -T "$new" "$root" 2>/dev/null || rm -rf "$new"
  fi
  echo "$root"
}

# In ptrace mode a kernel that moves between processors is many times slower.
# Those that run at the same time get different ones, if luck will have it.
pinned() {
  local part cpus=()
  while read -r part; do
    mapfile -t -O ${#cpus[@]} cpus < <(seq "${part%-*}" "${part#*-}")
  done < <(taskset -cp $$ | sed 's/.*: //' | tr , '\n')
  echo "taskset -c ${cpus[RANDOM % ${#cpus[@]}]}"
}

run_uml() {
  local root sockets options=()
  root=$(agent_root)
  sockets=${TMPDIR:-/tmp}/pollux-uml-$EUID
  mkdir -p "$sockets"
  cd "$folder"  # see use_own_libc of fetch.sh
  if [[ -e loader.so.2 ]]; then
    options=(env "LD_LIBRARY_PATH=$(dirname "$(realpath loader.so.2)")")
  fi
  # shellcheck disable=SC2046
  exec $(pinned) "${options[@]}" usr/bin/linux.uml \
    rootfstype=hostfs rootflags="$root" ro mem=96M init=/init \
    con=null ssl=null con0=fd:0,fd:1 uml_dir="$sockets/" \
    quiet noreboot panic=-1 -- /dev/tty0
}

run_runsc() {
  local platform=systrap
  # That of 2022 has none.
  "$folder/usr/bin/runsc" flags 2>&1 | grep -q systrap || platform=ptrace
  state=$(mktemp -d)
  trap 'rm -rf "$state"' EXIT
  "$folder/usr/bin/runsc" --root="$state" --network=none --ignore-cgroups \
    --platform=$platform do --quiet "$agent"
}

"run_$kind"
