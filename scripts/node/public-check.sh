#!/usr/bin/env bash
# Says what this node has for interfaces on the LAN, and changes nothing: public-check.sh BRIDGE TYPE...
# where TYPE is macvlan, ipvlan or veth.
#
# Prints lines of a word and a text with a tab between, for look.sh: `bridge` if it is there, `address` for
# each of its own, `lacks` for each type that the kernel cannot make, `alias` and `set` for each name of the
# datacenter's firewall.
export program=public-check.sh

cluster=/etc/pve/firewall/cluster.fw

main() {
  local bridge=${1:?bridge} type
  shift
  if [ -d "/sys/class/net/$bridge" ]; then
    printf 'bridge\t%s\n' "$bridge"
    ip -4 -o address show dev "$bridge" scope global | awk '{ print "address\t" $4 }'
  fi
  for type in "$@"; do
    can_make "$type" || printf 'lacks\t%s\n' "$type"
  done
  [ ! -e "$cluster" ] || names <"$cluster"
}

# In lower case, as Proxmox keeps them.
names() {
  awk '
    /^[ \t]*#/ { next }
    /^[ \t]*\[/ {
      section = tolower($1)
      if (section == "[ipset") { sub(/\].*/, "", $2); print "set\t" tolower($2) }
      next
    }
    section == "[aliases]" && NF > 1 { print "alias\t" tolower($1) }'
}

# Made in a network of its own that is gone at once. The kernel loads what it needs for that, as it would
# at the guest's start.
can_make() { # TYPE
  # shellcheck disable=SC2016 # for the shell in that network
  unshare --net sh -c '
    ip link add name under type veth peer name other || exit 1
    [ "$1" = veth ] || ip link add link under name over type "$1"' sh "$1" 2>/dev/null
}

main "$@"
