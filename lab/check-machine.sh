#!/usr/bin/env bash
# Checks in about a second whether this machine can run the lab, before anything is downloaded or built.
# Prints one line for each problem, with its remedy. Ends with 0: it can; 1: after these remedies;
# 2: never, as it is (another system, no root, a container without privileges).
# check-machine.sh ports: checks too whether the ports of the lab LAB_NAME at LAB_PORT_BASE are free.
# Whatever it creates as a trial is in its own namespaces and ends with them.
set -euo pipefail
lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
state=${XDG_STATE_HOME:-$HOME/.local/state}/proximity-lan/lab
cache=${XDG_CACHE_HOME:-$HOME/.cache}/proximity-lan

# MiB. A lab with the site of Pulumi.dev.yaml takes 0.6 GiB of disk, its images and packages 0.7 GiB, and
# Pulumi with its plugins 0.8 GiB.
disk_needed=3072
memory_needed=2048

status=0
problem() {
  [ "$status" = 2 ] || status=1
  printf '%s\n' "$*"
}
impossible() {
  status=2
  printf '%s\n' "$*"
}

main() {
  if [ "$(uname -s)" != Linux ]; then
    impossible "This is $(uname -s). The lab runs on Linux only. Use a virtual machine with Debian 12."
    exit "$status"
  fi
  check_system
  if [ "$(id -u)" != 0 ]; then
    impossible "You are $(id -un 2>/dev/null || echo "user $(id -u)"), not root. Only root may make namespaces and mounts: use sudo, or a virtual machine with Debian 12."
  elif check_namespaces; then
    check_kernel
    check_cgroups
    check_overlay
  fi
  [ "${1:-}" != ports ] || check_ports
  check_memory
  check_disk "$state"
  [ "$(device_of "$state")" = "$(device_of "$cache")" ] || check_disk "$cache"
  exit "$status"
}

check_system() {
  local program
  case $(uname -m) in
  x86_64) ;;
  *) impossible "This machine is $(uname -m). The lab's containers are amd64 (x86_64)." ;;
  esac
  for program in apt-get perl unshare nsenter; do
    command -v "$program" >/dev/null ||
      impossible "There is no $program. The lab needs Debian 12, or a system made from it."
  done
}

# All that a host of the lab is made in, and the guests' ids below it.
check_namespaces() {
  local error needed=165536
  if ! error=$(unshare --net --mount --uts --ipc --pid --cgroup --fork --kill-child \
    mount -t proc proc /proc 2>&1); then
    impossible "Namespaces cannot be made here ($error). This is how a container without privileges answers: use a virtual machine, or a privileged container."
    return 1
  fi
  if ! error=$(unshare --user --map-root-user true 2>&1); then
    problem "User namespaces, which unprivileged containers need, are switched off ($error): sysctl user.max_user_namespaces=10000."
  elif [ "$(awk '{ n += $3 } END { printf "%.0f", n }' /proc/self/uid_map)" -lt "$needed" ]; then
    impossible "There are fewer user ids here than the $needed that unprivileged containers need: this is a container itself. Use a virtual machine."
  fi
}

check_kernel() {
  local feature reason
  while IFS=: read -r feature reason; do
    impossible "The kernel refuses $feature (${reason# }). Run your distribution's standard kernel, with its modules installed."
  done < <(unshare --net perl "$lab/check-kernel.pl" 2>&1)
}

check_cgroups() {
  . "$lab/world/boot/cgroups.sh"
  local group found error probe
  found=$(hierarchies)
  if [ -z "$found" ]; then
    impossible "No cgroup is mounted at /sys/fs/cgroup, and containers need one. In Docker: --privileged."
    return
  fi
  for group in $found; do
    probe=$group/proximity-lan-check-$$
    # shellcheck disable=SC2016 # expanded by the inner shell, which is the one that moves
    if ! error=$(sh -euc '. "$1"; enter "$2"' sh "$lab/world/boot/cgroups.sh" "$probe" 2>&1); then
      impossible "No cgroup can be made in $group (${error##*: }). Containers need it writable; in Docker: --privileged."
    fi
    [ ! -d "$probe" ] || rmdir "$probe"
  done
}

# On the file system where the lab keeps its hosts, which an overlay may not take.
check_overlay() {
  local folder error
  if ! { mkdir -p "$state" && folder=$(mktemp -d "$state/.check.XXXXXX"); } 2>/dev/null; then
    problem "Nothing can be written to $state. Set XDG_STATE_HOME to another folder."
    return
  fi
  mkdir "$folder/lower" "$folder/upper" "$folder/work" "$folder/root"
  # shellcheck disable=SC2016 # expanded by the inner shell
  error=$(unshare --mount sh -euc '
    cd "$1"
    mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work root
    : >root/file' sh "$folder" 2>&1) ||
    impossible "An overlay cannot be mounted in $state (${error%%$'\n'*}). Set XDG_STATE_HOME to a folder on ext4 or xfs; in a container, to a volume."
  rm -rf "$folder"
}

# What `lab up` and `make up` open on loopback: API, SSH, proxy, console. A lab that runs has them itself.
check_ports() {
  local folder=$state/${LAB_NAME:-dev} base server port owner
  base=${LAB_PORT_BASE:-$(cat "$folder/port-base" 2>/dev/null || echo 18000)}
  server=$(cat "$folder/server.pid" 2>/dev/null || echo none)
  ! grep -qzx "PROXIMITY_LAB=$folder" "/proc/$server/environ" 2>/dev/null || return 0
  for port in $((base + 6)) $((base + 22)) $((base + 80)) $((base + 90)); do
    (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || continue
    owner=$(ss -Hltnp "sport = :$port" 2>/dev/null | sed -n 's/.*users:(("\([^"]*\)",pid=\([0-9]*\).*/ by \1 (process \2)/p' | head -n 1)
    problem "Port $port on 127.0.0.1 is taken$owner. End that program, or choose other ports: LAB_PORT_BASE=28000, with 28 in place of 18 in the ports of Pulumi.dev.yaml."
  done
}

check_memory() {
  local free
  free=$(awk '/^(MemAvailable|SwapFree):/ { n += $2 } END { print int(n / 1024) }' /proc/meminfo)
  [ "$free" -ge "$memory_needed" ] ||
    problem "$free MiB of memory are free, and $memory_needed MiB are needed. End other programs, or add swap."
}

# existing FOLDER: it, or the nearest folder above it that is there.
existing() {
  local folder=$1
  while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
  printf '%s\n' "$folder"
}

device_of() { df -Pk "$(existing "$1")" | awk 'END { print $1, $NF }'; }

check_disk() { # FOLDER
  local free
  free=$(df -Pk "$(existing "$1")" | awk 'END { print int($4 / 1024) }')
  [ "$free" -ge "$disk_needed" ] ||
    problem "$free MiB of disk are free for $1, and $disk_needed MiB are needed. Make room, or set XDG_STATE_HOME and XDG_CACHE_HOME to folders elsewhere."
}

main "$@"
