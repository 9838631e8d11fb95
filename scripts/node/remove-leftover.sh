#!/usr/bin/env bash
# Removes what is left of a creation that was cut off: remove-leftover.sh VMID TAG VOLUME...
# Prints `removed`, or nothing when the container is whole by now. VOLUMEs are those that the creation made; the configuration
# does not name them yet.
export program=remove-leftover.sh

main() {
  local vmid=${1:?vmid} tag=${2:?tag} conf=/etc/pve/lxc/$1.conf volume
  shift 2
  grep -q '^lock: create$' "$conf" 2>/dev/null || return 0
  # Proxmox writes its lock first and everything else at the end.
  [ "$(grep -vc '^$' "$conf")" = 1 ] || is_own "$conf" "$tag" ||
    die "container $vmid has a configuration that this stack did not write; it was not touched"
  pct unlock "$vmid" </dev/null >&2
  pct destroy "$vmid" </dev/null >&2
  for volume in "$@"; do
    remove_volume "$volume"
  done
  echo removed
}

remove_volume() { # VOLUME
  pvesm list "${1%%:*}" | awk -v volume="$1" '$1 == volume { found = 1 } END { exit !found }' || return 0
  pvesm free "$1" </dev/null >&2
}

main "$@"
