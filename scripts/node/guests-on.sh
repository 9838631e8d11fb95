#!/usr/bin/env bash
# Tells the guests of nodes that the API cannot ask, from their configurations in /etc/pve, which every node
# of a cluster has: guests-on.sh NODE... Prints per guest VMID, name, node and tags, with tabs between.
export program=guests-on.sh

main() {
  local node conf
  for node in "$@"; do
    for conf in "/etc/pve/nodes/$node/lxc"/*.conf "/etc/pve/nodes/$node/qemu-server"/*.conf; do
      [ -e "$conf" ] || continue
      printf '%s\t%s\t%s\t%s\n' "$(basename "$conf" .conf)" "$(value_of '(host)?name' "$conf")" "$node" "$(value_of tags "$conf")"
    done
  done
}

value_of() { # KEY CONFIGURATION
  sed -nE "/^\[/q; s/^$1: *//p" "$2"
}

main "$@"
