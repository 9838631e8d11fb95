#!/usr/bin/env bash
# The isolated bridge: a stanza of its own in interfaces.d, and no address of the node on it.
#
#   bridge.sh apply  BRIDGE file|api   file: the stanza is ours; api: Proxmox holds the stanza already
#   bridge.sh remove BRIDGE file|api   refused while a guest still uses the bridge
#   bridge.sh staged BRIDGE api        refused while the node has network changes of someone else pending
#
# The network API refuses a name with a hyphen, interfaces.d does not (facts/proxmox.md 4, 5).
export program=bridge.sh
mark='# Written by proximity-lan. A change made here by hand is replaced by the next update.'

main() {
  local verb=${1:?verb} bridge=${2:?bridge} origin=${3:?origin}
  stanza=/etc/network/interfaces.d/$bridge
  sysctl=/etc/sysctl.d/60-$bridge.conf
  case $verb in
  apply) apply "$bridge" "$origin" ;;
  remove) remove "$bridge" "$origin" ;;
  staged) refuse_if_staged ;;
  *) die "unknown verb $verb" ;;
  esac
}

apply() {
  local bridge=$1 origin=$2 changed=
  check_free "$bridge" "$origin"
  if sysctl_text "$bridge" | place "$sysctl" 0644; then
    changed=1
  fi
  if [ "$origin" = file ] && stanza_text "$bridge" | place "$stanza" 0644; then
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

# Also at boot, from the moment the bridge exists. Over the link-local IPv6 address alone every guest
# would reach every service of the node; and without the reverse path filter the node answers ARP here
# for its addresses elsewhere, and takes in what is sent to them.
sysctl_text() {
  printf '%s\nnet/ipv6/conf/%s/disable_ipv6 = 1\nnet/ipv4/conf/%s/rp_filter = 1\n' "$mark" "$1" "$1"
}

stanza_text() {
  printf '%s\nauto %s\niface %s inet manual\n' "$mark" "$1" "$1"
  printf '\tbridge-ports none\n\tbridge-stp off\n\tbridge-fd 0\n'
  printf '\tpost-up echo 1 > /proc/sys/net/ipv6/conf/%s/disable_ipv6\n' "$1"
  printf '\tpost-up echo 1 > /proc/sys/net/ipv4/conf/%s/rp_filter\n' "$1"
}

# The API applies everybody's pending changes together with ours (facts/proxmox.md 5).
refuse_if_staged() {
  [ ! -s /etc/network/interfaces.new ] ||
    die "the node has pending network changes (/etc/network/interfaces.new), which would be applied along with this one. Apply or revert them in the web interface first"
}

# A bridge of that name that somebody else made is not taken over.
check_free() {
  local bridge=$1 origin=$2
  [ "$origin" = file ] || return 0
  if [ -e "$stanza" ] && ! head -n 1 "$stanza" | grep -q 'Written by proximity-lan'; then
    die "$stanza was written by someone else. Choose another network.bridge, or move that file away"
  fi
  if [ ! -e "$stanza" ] && [ -e "/sys/class/net/$bridge" ]; then
    die "an interface $bridge exists already and was not made by this program. Choose another network.bridge"
  fi
}

is_up() {
  [ -d "/sys/class/net/$1/bridge" ]
}

close_node() {
  local switch
  for switch in "ipv6/conf/$1/disable_ipv6" "ipv4/conf/$1/rp_filter"; do
    switch=/proc/sys/net/$switch
    # A node without IPv6 has no such switch.
    [ ! -e "$switch" ] || [ "$(cat "$switch")" = 1 ] || echo 1 >"$switch"
  done
}

# The isolation is this: the node has no address on the bridge.
check_isolated() {
  local addresses
  addresses=$(ip -brief address show dev "$1" | awk '{ $1 = $2 = ""; print }')
  [ -z "${addresses// /}" ] || die "the node has an address on $1 ($addresses), so guests could reach it. Remove the address"
}

main "$@"
