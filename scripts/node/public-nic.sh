#!/usr/bin/env bash
# A guest's macvlan interface: raw lxc.net.1.* lines in the guest's own section of its configuration, where
# Proxmox keeps them and takes none by its API. They are in force from the next start on.
#
#   public-nic.sh prepare VMID TAG BRIDGE ADDRESS MAC [LINE...]   before Proxmox changes the guest
#   public-nic.sh attach  VMID TAG LINE...                        after it: the lines are in force
#   public-nic.sh detach  VMID TAG                                the lines are gone, and the interface
#   public-nic.sh check   VMID TAG LINE...                        says what is not so, see look.sh; `~` is a blank
#
# prepare refuses an address that answers on the bridge with another MAC (`-` for all three: no address).
# Where lines take the place of a net1 it writes them already, and where net1 takes theirs it takes them
# away, so that the guest is started anew once, by Proxmox or by attach, and never has both.
export program=public-nic.sh
nic=eth1

main() {
  local verb=${1:?verb} tag=${3:?tag}
  vmid=${2:?vmid}
  conf=/etc/pve/lxc/$vmid.conf
  shift 3
  case $verb in
  prepare) prepare "$tag" "$@" ;;
  attach) attach "$tag" "$@" ;;
  detach) detach "$tag" ;;
  check) check "${@//\~/ }" ;;
  *) die "unknown verb $verb" ;;
  esac
}

prepare() { # TAG BRIDGE ADDRESS MAC [LINE...]
  local tag=$1 bridge=$2 address=$3 mac=$4
  shift 4
  [ "$address" = - ] || refuse_if_taken "$bridge" "$address" "$mac"
  [ -e "$conf" ] || return 0
  need_tag "$tag"
  if own_section | grep -q '^net1:' && { [ "$address" = - ] || [ $# != 0 ]; }; then forget_net1; fi
  if [ $# = 0 ]; then
    detach "$tag"
  elif own_section | grep -q '^net1:'; then
    write_lines "$@"
  fi
}

# What Proxmox wrote for net1 into the guest's own file stays there when net1 goes: an interface with an
# address and a default route, at which the guest's network would fail from its next start on.
forget_net1() {
  is_running || die "container $vmid does not run, and net1 stands in its /etc/network/interfaces too. Start it (pct start $vmid), then run this again; nothing was changed"
  pct exec "$vmid" -- sh -c "$(without_interface)" sh "$nic" </dev/null ||
    die "$nic cannot be taken out of /etc/network/interfaces of container $vmid; its words are above"
}

without_interface() {
  cat <<'SH'
set -eu
file=/etc/network/interfaces
[ -e "$file" ] || exit 0
new=$(mktemp "$file.XXXXXX")
trap 'rm -f "$new"' EXIT
cp -p "$file" "$new"
awk -v nic="$1" '
  /^(auto|allow-[a-z]+|iface|mapping|rename|source|source-directory)[ \t]/ {
    gone = $2 == nic && ($1 == "iface" || NF == 2)
  }
  !gone
' "$file" >"$new"
cmp -s "$new" "$file" || mv "$new" "$file"
SH
}

attach() { # TAG LINE...
  local tag=$1
  shift
  [ -e "$conf" ] || die "there is no container $vmid on this node, so it gets no interface"
  need_tag "$tag"
  ! own_section | grep -q '^net1:' ||
    die "container $vmid has a net1, which shares its place with the raw lines. Remove it (pct set $vmid --delete net1)"
  write_lines "$@"
  is_running || return 0
  in_force && return 0
  inform "container $vmid is restarted for its interface $nic"
  pct reboot "$vmid" </dev/null >&2 || die "container $vmid does not start with its interface $nic; its words are above"
  in_force || die "container $vmid runs without $nic as declared. Its lines: $(own_lines | tr '\n' ' ')"
}

# The interface goes from the running guest too: no start is needed, and a net1 of that name finds room.
detach() { # TAG
  [ -e "$conf" ] || return 0
  if ! is_own "$conf" "$1"; then
    note "container $vmid is not one that this stack created; it was not touched"
    return 0
  fi
  [ -n "$(own_lines)" ] || return 0
  write_lines
  if is_running; then
    # shellcheck disable=SC2016 # the guest's shell expands it
    pct exec "$vmid" -- sh -c '! ip -details link show dev "$1" 2>/dev/null | grep -q "macvlan\|ipvlan" || ip link delete dev "$1"' \
      sh "$nic" </dev/null || die "$nic cannot be taken from the running container $vmid; it goes at the next start"
  fi
}

check() { # LINE...
  [ -e "$conf" ] || return 0
  local difference
  difference=$(diff -U 9 <(printf '%s\n' "$@") <(own_lines)) && return 0
  found "$conf has other raw lines for $nic"
  sed '1,2d; s/^/diff\t/' <<<"$difference"
}

need_tag() {
  is_own "$conf" "$1" ||
    die "container $vmid is not one that this stack created; it was not touched"
}

# What applies to the guest now: pending changes and snapshots follow, each behind a line with [.
own_section() {
  sed '/^\[/,$d' "$conf"
}

# The lines as Proxmox writes them, whoever wrote them.
own_lines() {
  own_section | sed -n 's/^\(lxc\.net\.1\.[a-z0-9_.]*\)[[:space:]]*[:=][[:space:]]*\(.*[^[:space:]]\)[[:space:]]*$/\1: \2/p'
}

value_of() { # KEY
  own_lines | sed -n "s/^lxc\\.net\\.1\\.$1: //p" | head -n 1
}

# Nothing else in the file changes, and nothing at all when it is so.
write_lines() { # [LINE...]
  local wanted=
  [ $# = 0 ] || wanted=$(printf '%s\n' "$@")
  [ "$(own_lines)" = "$wanted" ] || WANTED=$wanted rewrite "$vmid" awk "$(with_lines)"
}

# They stand where they stood before, else at the end of the first section, before its last blank lines.
with_lines() {
  cat <<'AWK'
  function put() { if (!done && ENVIRON["WANTED"] != "") print ENVIRON["WANTED"]; done = 1 }
  function blanks() { printf "%s", held; held = "" }
  later { print; next }
  /^\[/ { put(); blanks(); later = 1; print; next }
  /^lxc\.net\.1\./ { blanks(); put(); next }
  /^$/ { held = held "\n"; next }
  { blanks(); print }
  END { if (!later) { put(); blanks() } }
AWK
}

is_running() {
  pct status "$vmid" </dev/null | grep -q 'status: running'
}

# The running guest has the interface with type, MAC and address of its lines.
in_force() {
  local seen mac
  seen=$(pct exec "$vmid" -- sh -c "ip -details -oneline link show dev $nic; ip -4 -oneline address show dev $nic" </dev/null 2>/dev/null) || return 1
  mac=$(value_of hwaddr)
  grep -q " $(value_of type) " <<<"$seen" &&
    grep -qF " inet $(value_of ipv4.address) " <<<"$seen" &&
    grep -qiF "${mac:-link}" <<<"$seen"
}

# Asks for the address on the bridge. What answers with this guest's own MAC is the guest.
refuse_if_taken() { # BRIDGE ADDRESS MAC
  local bridge=$1 address=$2 mac=$3 holder own=
  [ -d "/sys/class/net/$bridge" ] || die "there is no bridge $bridge on this node. Which one is the LAN's? (network.publicBridge)"
  [ ! -e "$conf" ] || own=$(grep -Eio '([0-9a-f]{2}:){5}[0-9a-f]{2}' "$conf" | tr '\n' ' ')
  ip neigh flush to "$address" dev "$bridge"
  # Most often nobody answers, which is the good case; the neighbour table tells.
  if ping -c 1 -W 1 -I "$bridge" "$address" >/dev/null 2>&1; then :; fi
  holder=$(ip neigh show to "$address" dev "$bridge" | sed -n 's/.* lladdr \([0-9a-f:]*\).*/\1/p')
  [ -n "$holder" ] || return 0
  grep -qi "$holder" <<<"$mac $own" ||
    die "$address is taken: $holder answers for it on $bridge. Choose another address; nothing was changed"
}

main "$@"
