#!/usr/bin/env bash
# Removes one container with its disk, if it carries the tag: remove-guest.sh VMID TAG
export program=remove-guest.sh

main() {
  local vmid=${1:?vmid} tag=${2:?tag}
  is_own "/etc/pve/lxc/$vmid.conf" "$tag" ||
    die "container $vmid is not one that this stack created; it was not touched"
  pct status "$vmid" | grep -q 'status: stopped' || pct stop "$vmid" </dev/null
  pct destroy "$vmid" </dev/null
}

main "$@"
