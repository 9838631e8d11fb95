#!/usr/bin/env bash
# The .fw file of one guest, whole. Its first line carries a digest of the rest, by which a change that
# somebody made by hand is noticed; such a file is shown and never overwritten.
#
#   firewall.sh apply  VMID TAG        a bundle with firewall/VMID.fw follows this script on stdin
#   firewall.sh remove VMID TAG
#   firewall.sh check  VMID TAG TEXT   reports differences, see look.sh; TEXT is in base64
#
# A line that Proxmox cannot read keeps the old rules of the whole node, so what `pve-firewall compile`
# says on stderr decides; its exit code is 0 either way (docs/proxmox/firewall.md 4).
export program=firewall.sh

main() {
  local verb=${1:?verb} tag=${3:?tag}
  vmid=${2:?vmid}
  file=/etc/pve/firewall/$vmid.fw
  case $verb in
  apply) apply "$tag" ;;
  remove) remove "$tag" ;;
  check) check "$(base64 -d <<<"${4:?text}")" ;;
  *) die "unknown verb $verb" ;;
  esac
}

apply() { # TAG
  local conf=/etc/pve/lxc/$vmid.conf text before after complaints
  [ ! -e "$conf" ] || is_own "$conf" "$1" ||
    die "container $vmid is not one that this stack created; its firewall was not touched"
  # Not local: the trap runs after this function has returned.
  bundle=$(mktemp -d /run/proximity.XXXXXX)
  trap 'rm -rf "$bundle"' EXIT
  unpack "$bundle"
  text=$(cat "$bundle/firewall/$vmid.fw")
  refuse_if_edited "$text"
  if [ ! -e "$file" ] || [ "$(body)" != "$text" ]; then
    before=$(complaints_of_node)
    old=
    [ ! -e "$file" ] || old=$(cat "$file")
    write "$(first_line "$text")"$'\n'"$text"
    after=$(complaints_of_node)
    complaints=$(grep -vxF "$before" <<<"$after" || true) # none is what we hope for
    if [ -n "$complaints" ]; then
      if [ -n "$old" ]; then write "$old"; else rm -f "$file"; fi
      die "Proxmox cannot read the rules of guest $vmid, so the old ones stay: $complaints"
    fi
  fi
  tell_if_idle "$conf"
}

remove() { # TAG
  local conf=/etc/pve/lxc/$vmid.conf
  [ -e "$file" ] || return 0
  if [ -e "$conf" ] && ! is_own "$conf" "$1"; then
    note "container $vmid is not one that this stack created; $file was not touched"
    return 0
  fi
  if is_edited; then
    # Nobody may read a note on the removal of a guest, and the edit is not ours to throw away.
    note "$file was changed by hand. It no longer applies, and is kept as $file.by-hand"
    mv "$file" "$file.by-hand"
  fi
  rm -f "$file"
}

check() { # TEXT
  local difference
  [ -e "/etc/pve/lxc/$vmid.conf" ] || return 0
  if [ ! -e "$file" ]; then
    found "$file is gone"
  elif is_edited; then
    printf 'held\t%s was changed by hand, and no update overwrites it. Put what should stay into the declaration and remove the file:\n' "$file"
    if ! difference=$(diff -U 2 <(printf '%s\n' "$1") <(body)); then
      sed '1,2d; s/^/diff\t/' <<<"$difference"
    fi
  fi
}

body() {
  tail -n +2 "$file"
}

first_line() { # TEXT
  printf '# Written by proximity-lan, to be replaced whole. Digest of what follows: %s' "$(digest_of "$1")"
}

digest_of() { # TEXT
  printf '%s\n' "$1" | sha256sum | cut -c 1-64
}

is_edited() {
  [ "$(head -n 1 "$file")" != "$(first_line "$(body)")" ]
}

refuse_if_edited() { # TEXT
  [ -e "$file" ] && is_edited || return 0
  note "$file as it is (-) and as declared (+):"
  diff -u "$file" <(printf '%s\n%s\n' "$(first_line "$1")" "$1") >&2 || true # it differs, or we would not be here
  die "$file was changed by hand, or is somebody else's; it was left as it is. Put what should stay into the declaration and remove the file, then run this again"
}

write() { # TEXT
  mkdir -p /etc/pve/firewall
  printf '%s\n' "$1" >"$file.tmp.$$"
  mv "$file.tmp.$$" "$file"
}

complaints_of_node() {
  pve-firewall compile 2>&1 >/dev/null </dev/null || die "pve-firewall compile does not run on this node"
}

# Rules act only with all three switches on. The datacenter's closes the node as well, so it is a person's.
tell_if_idle() { # CONFIGURATION
  sed -n '/^\[OPTIONS\]/I,/^\[[^O]/p' /etc/pve/firewall/cluster.fw 2>/dev/null | grep -Eq '^enable: *[1-9]' ||
    warn "the rules of guest $vmid have no effect: the datacenter firewall is off. Switch it on (Datacenter, Firewall, Options, or firewall.enableDatacenter in the declaration); that also closes the node, except to its LAN"
  [ ! -e "$1" ] || sed '/^\[/,$d' "$1" | grep -Eq '^net1:.*firewall=1' ||
    warn "the rules of guest $vmid have no effect: its net1 has no firewall=1"
}

# The text follows on stdin, so bash must have read all of this before it begins.
{
  main "$@"
  exit
}
