#!/usr/bin/env bash
# Shows what a person would look at by hand, and changes nothing: inspect.sh BRIDGE VMID
# It runs by itself on the node as well: bash inspect.sh proximity-lan 100
set -uo pipefail

main() {
  local bridge=${1:?bridge} vmid=${2:?vmid of the appliance} service
  show pct status "$vmid"
  show ip link show "$bridge"
  if pct exec "$vmid" -- sh -c 'command -v rc-status' >/dev/null 2>&1; then
    show pct exec "$vmid" -- rc-status --all
  else
    for service in dnsmasq nftables caddy cockpit.socket proximity-probe; do
      show pct exec "$vmid" -- systemctl --no-pager --lines 3 status "$service"
    done
  fi
  show pct exec "$vmid" -- nft list table inet proximity
  show pct exec "$vmid" -- cat /var/lib/misc/dnsmasq.leases
  show pct exec "$vmid" -- ip -brief address
  show pct exec "$vmid" -- df -h /
}

# What fails is shown like what does not: this is for the eyes.
show() { # COMMAND...
  printf '\n$ %s\n' "$*"
  "$@" </dev/null 2>&1 || printf '(ended with %s)\n' "$?"
}

main "$@"
