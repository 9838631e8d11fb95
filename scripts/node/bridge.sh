#!/usr/bin/env bash
# The isolated bridge: a stanza of its own in interfaces.d, no address of the node on it, and a packet filter
# that lets nothing from the bridge into the node.
#
#   bridge.sh apply  BRIDGE file|api TAG   file: the stanza is ours; api: Proxmox holds the stanza already
#   bridge.sh check  BRIDGE file|api TAG   says what is not as apply leaves it, see look.sh
#   bridge.sh remove BRIDGE file|api       refused while a guest still uses the bridge
#   bridge.sh staged BRIDGE api            refused while the node has network changes of someone else pending
#
# The network API refuses a name with a hyphen, interfaces.d does not (docs/proxmox/network.md 1 and 3).
export program=bridge.sh
# Far more than the guests of one bridge need.
fdb_limit=4096
mark='# Written by proximity-lan. A change made here by hand is replaced by the next update.'

main() {
  local verb=${1:?verb} bridge=${2:?bridge} origin=${3:?origin}
  stanza=/etc/network/interfaces.d/$bridge
  sysctl=/etc/sysctl.d/60-$bridge.conf
  hook=/etc/network/if-up.d/close-$bridge
  case $verb in
  apply) apply "$bridge" "$origin" "${4:?tag}" ;;
  remove) remove "$bridge" "$origin" ;;
  check) check "$bridge" "$origin" "${4:?tag}" ;;
  staged) refuse_if_staged ;;
  *) die "unknown verb $verb" ;;
  esac
}

apply() {
  local bridge=$1 origin=$2 tag=$3 changed=
  check_free "$bridge" "$origin" "$tag"
  command -v nft >/dev/null || die "this node has no nft, which keeps what guests send to $bridge out of the node. Install it: apt install nftables"
  if sysctl_text "$bridge" "$tag" | place "$sysctl" 0644; then
    changed=1
  fi
  if [ "$origin" = api ] && hook_text "$bridge" "$tag" | place "$hook" 0755; then
    changed=1
  fi
  if [ "$origin" = file ] && stanza_text "$bridge" "$tag" | place "$stanza" 0644; then
    changed=1
  fi
  if [ "$origin" = file ] && { [ -n "$changed" ] || ! is_there "$bridge"; }; then
    ifreload -a || die "ifreload -a failed; its words are above. /etc/network/interfaces and interfaces.d hold the cause"
  fi
  is_there "$bridge" || die "there is no bridge $bridge after ifreload -a. Is 'source /etc/network/interfaces.d/*' in /etc/network/interfaces?"
  is_up "$bridge" || ip link set dev "$bridge" up
  close_node "$bridge"
  # The file is ours and gives none, so what is there was added by hand; of an API bridge it may be declared.
  [ "$origin" = api ] || drop_addresses "$bridge"
  check_isolated "$bridge"
  sh -ec "$(closing "$bridge")"
}

# What is not as apply leaves it.
check() {
  local bridge=$1 origin=$2 tag=$3
  # Without a guest on it nobody misses the bridge: it is still to be made, which needs no word.
  if [ ! -e "$sysctl" ] && [ ! -e "$stanza" ] && ! is_there "$bridge" && [ -z "$(users_of "$bridge")" ]; then
    printf 'absent\t\n'
    return
  fi
  case $origin in
  file) stanza_text "$bridge" "$tag" | check_file "$stanza" ;;
  api) hook_text "$bridge" "$tag" | check_file "$hook" ;;
  esac
  sysctl_text "$bridge" "$tag" | check_file "$sysctl"
  if ! is_there "$bridge"; then
    found "there is no bridge $bridge"
  elif ! is_up "$bridge"; then
    found "the bridge $bridge is down"
  fi
  check_switches "$bridge"
  check_closed "$bridge"
  [ -z "$(addresses_on "$bridge")" ] || found "the node has an address on $bridge ($(addresses_on "$bridge")), so guests can reach it"
}

check_switches() { # BRIDGE
  local switch value now
  switches "$1" | while read -r switch value; do
    now=$(cat "/proc/sys/net/$switch" 2>/dev/null) || continue
    [ "$now" = "$value" ] || found "net/$switch is $now instead of $value"
  done
}

# Compared with the same rules in a network namespace of its own, which has a bridge of that name.
check_closed() { # BRIDGE
  local expected now
  is_there "$1" || return 0
  # shellcheck disable=SC2016 # for the shell in the namespace
  expected=$(unshare -n sh -ec 'ip link add "$1" type bridge; nft "$2"; nft list table netdev "closed-$1"' sh "$1" "$(rules "$1")")
  now=$(in_force "$1")
  [ "$now" = "$expected" ] || found "the packet filter that lets nothing from $1 into the node is not in force"
}

# Nothing where there is no such table.
in_force() { # BRIDGE
  nft list table netdev "closed-$1" 2>/dev/null || :
}

remove() {
  local bridge=$1 origin=$2
  refuse_if_used "$bridge"
  [ "$origin" = file ] || refuse_if_staged
  if [ "$origin" = api ]; then
    rm -f "$hook"
    rmdir "$(dirname "$hook")" 2>/dev/null || : # it holds the scripts of others too
  fi
  rm -f "$sysctl"
  [ -z "$(in_force "$bridge")" ] || nft delete table netdev "closed-$bridge"
  [ "$origin" = file ] || return 0
  if [ -e "$stanza" ]; then
    rm -f "$stanza"
    ifreload -a || die "ifreload -a failed after $stanza was removed; its words are above"
  fi
  [ ! -e "/sys/class/net/$bridge" ] || die "bridge $bridge is still there after ifreload -a"
}

# What closes the node towards the bridge, as `path below /proc/sys/net` and value. The link-local IPv6
# address alone would let every guest reach every service of the node; and a node answers ARP on every
# interface for all of its addresses, and takes in what is sent to them, unless it is told not to.
switches() { # BRIDGE
  printf '%s\n' "ipv6/conf/$1/disable_ipv6 1" "ipv4/conf/$1/rp_filter 1" "ipv4/conf/$1/arp_ignore 8"
}

sysctl_text() { # BRIDGE TAG
  printf '%s\n# Stack: %s\n' "$mark" "$2"
  switches "$1" | sed 's|^|net/|; s| | = |'
}

stanza_text() { # BRIDGE TAG
  printf '%s\n# Stack: %s\nauto %s\niface %s inet manual\n' "$mark" "$2" "$1" "$1"
  printf '\tbridge-ports none\n\tbridge-stp off\n\tbridge-fd 0\n'
  # ifupdown2 makes the bridge; the sysctl file alone would depend on udev being quicker.
  switches "$1" | sed 's|^\(.*\) \(.*\)$|\tpost-up echo \2 > /proc/sys/net/\1|'
  closing "$1" | sed 's|^|\tpost-up |'
}

# Where Proxmox holds the stanza: ifupdown2 runs this for each interface that it brings up.
hook_text() { # BRIDGE TAG
  printf '#!/bin/sh\n%s\n# Stack: %s\n' "$mark" "$2"
  # shellcheck disable=SC2016 # for the shell that runs it
  printf '[ "$IFACE" = %s ] || exit 0\n' "$1"
  closing "$1"
}

# The commands that close the bridge towards the node, whenever it comes up.
closing() { # BRIDGE
  printf "nft '%s'\n" "$(rules "$1")"
  # MAC addresses that the bridge remembers; Linux and iproute2 before 6.8 have no such limit.
  printf 'ip link set dev %s type bridge fdb_max_learned %s 2>/dev/null || true\n' "$1" "$fdb_limit"
}

# What arrives at the bridge as a device is for the node itself; what goes from guest to guest does not. As one
# line, for a stanza.
rules() { # BRIDGE
  local table="table netdev closed-$1"
  printf 'add %s; delete %s; %s { chain node { type filter hook ingress device "%s" priority 0; policy drop; }; }' \
    "$table" "$table" "$table" "$1"
}

# The API applies everybody's pending changes together with ours (docs/proxmox/network.md 2).
refuse_if_staged() {
  [ ! -s /etc/network/interfaces.new ] ||
    die "the node has pending network changes (/etc/network/interfaces.new), which would be applied along with this one. Apply or revert them in the web interface first"
}

# A bridge of that name that somebody else made is not taken over.
check_free() { # BRIDGE file|api TAG
  local bridge=$1 origin=$2 tag=$3 owner
  [ "$origin" = file ] || return 0
  if [ -e "$stanza" ] && ! head -n 1 "$stanza" | grep -q 'Written by proximity-lan'; then
    die "$stanza was written by someone else. Choose another network.bridge, or move that file away"
  fi
  # Either file may have been deleted by hand; the other still tells whose the bridge is.
  owner=$(grep -hs '^# Stack: ' "$stanza" "$sysctl" | head -n 1) || : # grep fails when one is missing
  owner=${owner#'# Stack: '}
  [ -z "$owner" ] || [ "$owner" = "$tag" ] ||
    die "$stanza belongs to another stack of this program ($owner), whose apps would share one network with yours. Choose another network.bridge"
  if [ ! -e "$stanza" ] && ! grep -qs 'Written by proximity-lan' "$sysctl" && [ -e "/sys/class/net/$bridge" ]; then
    die "an interface $bridge exists already and was not made by this program. Choose another network.bridge"
  fi
}

is_there() { # BRIDGE
  [ -d "/sys/class/net/$1/bridge" ]
}

is_up() { # BRIDGE
  ip -o link show dev "$1" | grep -q '[<,]UP[,>]'
}

close_node() { # BRIDGE
  local switch value
  switches "$1" | while read -r switch value; do
    switch=/proc/sys/net/$switch
    # A node without IPv6 has no such switch.
    [ ! -e "$switch" ] || [ "$(cat "$switch")" = "$value" ] || echo "$value" >"$switch"
  done
  # The kernel takes the larger of the two, and 2 means that any route back will do.
  [ "$(cat /proc/sys/net/ipv4/conf/all/rp_filter)" != 2 ] ||
    warn "net.ipv4.conf.all.rp_filter is 2 on this node, which weakens the filter on $1: an app that knows the bridge's MAC may reach the node. Set it to 0 or 1"
}

# The isolation is this: the node has no address on the bridge.
check_isolated() {
  local addresses
  addresses=$(addresses_on "$1")
  [ -z "$addresses" ] || die "the node has an address on $1 ($addresses), so guests could reach it. Remove the address"
}

addresses_on() { # BRIDGE
  ip -brief address show dev "$1" 2>/dev/null | awk '{ $1 = $2 = ""; print }' | sed 's/^ *//; s/ *$//'
}

drop_addresses() { # BRIDGE
  local addresses
  addresses=$(addresses_on "$1")
  [ -z "$addresses" ] || {
    inform "removed from $1 the addresses added by hand: $addresses"
    ip address flush dev "$1"
  }
}

main "$@"
