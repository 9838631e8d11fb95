#!/usr/bin/env bash
# What the node knows of a site; changes nothing.
#
#   observe.sh BRIDGE TAG VMID   VMID is the appliance's
#
# Prints `name value...` lines, and behind the line `status` what the appliance's probe wrote last.
export program=observe.sh

main() {
  local bridge=${1:?bridge} tag=${2:?tag} appliance=${3:?vmid}
  printf 'time %s\n' "$(date +%s)"
  observe_bridge "$bridge"
  observe_settings
  observe_guests "$tag"
  observe_probe "$appliance"
}

observe_bridge() { # BRIDGE
  local folder=/sys/class/net/$1 flags
  [ -d "$folder/bridge" ] || {
    echo "bridge missing"
    return 0
  }
  flags=$(cat "$folder/flags")
  # A bridge without a running guest has no carrier; whether it is switched on is a flag of its own.
  printf 'bridge %s\n' "$([ $((flags & 1)) = 1 ] && echo UP || echo DOWN)"
  ip -o address show dev "$1" | awk '{ print "bridge-address " $4 }'
  find "$folder/brif" -mindepth 1 -printf 'bridge-member %f\n'
}

observe_settings() {
  [ ! -s /etc/network/interfaces.new ] || echo "pending-network-changes yes"
  # The switch of the whole cluster's firewall (docs/proxmox/firewall.md 1).
  printf 'firewall %s\n' "$(sed -n '/^\[OPTIONS\]/I,/^\[[^O]/s/^enable: *//p' /etc/pve/firewall/cluster.fw 2>/dev/null | tail -n 1)"
}

# Every container of the node: `guest VMID STATE ours|foreign NAME BRIDGE...`
observe_guests() { # TAG
  local vmid state conf owner
  pct list | awk 'NR > 1 { print $1, $2 }' | while read -r vmid state; do
    conf=/etc/pve/lxc/$vmid.conf
    owner=foreign
    if is_own "$conf" "$1"; then owner=ours; fi
    printf 'guest %s %s %s %s %s\n' "$vmid" "$state" "$owner" \
      "$(sed -n '/^\[/,$d; s/^hostname: *//p' "$conf")" \
      "$(sed -n '/^\[/,$d; s/^net[0-9]*:.*bridge=\([^,]*\).*/\1/p' "$conf" | tr '\n' ' ')"
  done
}

observe_probe() { # VMID
  pct status "$1" 2>/dev/null | grep -q 'status: running' || return 0
  echo status
  # Not there yet is one of the things that can be seen.
  pct exec "$1" -- cat /run/proximity/status.json </dev/null 2>/dev/null || true
}

main "$@"
