#!/usr/bin/env bash
# The isolated bridge: a stanza of its own in interfaces.d, and no address of the node on it.
#
#   bridge.sh apply  BRIDGE file|api TAG   file: the stanza is ours; api: Proxmox holds the stanza already
#   bridge.sh remove BRIDGE file|api       refused while a guest still uses the bridge
#   bridge.sh staged BRIDGE api            refused while the node has network changes of someone else pending
#
# The network API refuses a name with a hyphen, interfaces.d does not (facts/proxmox.md 4, 5).
export program=bridge.sh
mark='# Written by proximity-lan. A change made here by hand is replaced by the next update.'

main() {
  local verb=${1:?verb} bridge=${2:?bridge} origin=${3:?origin}
  stanza=/etc/network/interfaces.d/$bridge
  sysctl=/etc/sysctl.d/60-$bridge.conf
  case $verb in
  apply) apply "$bridge" "$origin" "${4:?tag}" ;;
  remove) remove "$bridge" "$origin" ;;
  staged) refuse_if_staged ;;
  *) die "unknown verb $verb" ;;
  esac
}

apply() {
  local bridge=$1 origin=$2 tag=$3 changed=
  check_free "$bridge" "$origin" "$tag"
  if sysctl_text "$bridge" | place "$sysctl" 0644; then
    changed=1
  fi
  if [ "$origin" = file ] && stanza_text "$bridge" "$tag" | place "$stanza" 0644; then
    changed=1
  fi
  if [ "$origin" = file ] && { [ -n "$changed" ] || ! is_up "$bridge"; }; then
    ifreload -a || die "ifreload -a failed; its words are above. /etc/network/interfaces and interfaces.d hold the cause"
  fi
  [ -d "/sys/class/net/$bridge/bridge" ] || die "there is no bridge $bridge after ifreload -a. Is 'source /etc/network/interfaces.d/*' in /etc/network/interfaces?"
  close_node "$bridge"
  check_isolated "$bridge"
}

remove() {
  local bridge=$1 origin=$2
  refuse_if_used "$bridge"
  [ "$origin" = file ] || refuse_if_staged
  rm -f "$sysctl"
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

sysctl_text() { # BRIDGE
  printf '%s\n' "$mark"
  switches "$1" | sed 's|^|net/|; s| | = |'
}

stanza_text() { # BRIDGE TAG
  printf '%s\n# Stack: %s\nauto %s\niface %s inet manual\n' "$mark" "$2" "$1" "$1"
  printf '\tbridge-ports none\n\tbridge-stp off\n\tbridge-fd 0\n'
  # ifupdown2 makes the bridge; the sysctl file alone would depend on udev being quicker.
  switches "$1" | sed 's|^\(.*\) \(.*\)$|\tpost-up echo \2 > /proc/sys/net/\1|'
}

# The API applies everybody's pending changes together with ours (facts/proxmox.md 5).
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
  owner=$(sed -n 's/^# Stack: //p' "$stanza" 2>/dev/null) || owner=
  [ -z "$owner" ] || [ "$owner" = "$tag" ] ||
    die "$stanza belongs to another stack of this program ($owner), whose apps would share one network with yours. Choose another network.bridge"
  if [ ! -e "$stanza" ] && [ -e "/sys/class/net/$bridge" ]; then
    die "an interface $bridge exists already and was not made by this program. Choose another network.bridge"
  fi
}

is_up() {
  [ -d "/sys/class/net/$1/bridge" ]
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
    note "net.ipv4.conf.all.rp_filter is 2 on this node, which weakens the filter on $1: an app that knows the bridge's MAC may reach the node. Set it to 0 or 1"
}

# The isolation is this: the node has no address on the bridge.
check_isolated() {
  local addresses
  addresses=$(ip -brief address show dev "$1" | awk '{ $1 = $2 = ""; print }')
  [ -z "${addresses// /}" ] || die "the node has an address on $1 ($addresses), so guests could reach it. Remove the address"
}

main "$@"
