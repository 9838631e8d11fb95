# shellcheck shell=bash
# Sent in front of every node script: a script read from stdin cannot source its neighbour.
set -euo pipefail

die() {
  printf '%s: %s\n' "${program:-node script}" "$*" >&2
  exit 1
}

note() {
  printf '%s: %s\n' "${program:-node script}" "$*" >&2
}

# Puts stdin at a path, by rename; silent and without effect when the file is already so.
# Succeeds when something changed.
place() { # PATH MODE
  local path=$1 mode=$2 new
  mkdir -p "$(dirname "$path")"
  new=$(mktemp "$path.XXXXXX")
  cat >"$new"
  if [ -f "$path" ] && cmp -s "$new" "$path"; then
    rm -f "$new"
    return 1
  fi
  chmod "$mode" "$new"
  mv "$new" "$path"
}

has_tag() { # CONFIGURATION TAG
  sed '/^\[/,$d' "$1" | grep -Eq "^tags:(.*[; ])?$2(;|\$)"
}

# Fails while a guest uses the bridge, on any node of the cluster; names every one. Guests that carry
# TAG, the mark of the stack that calls, do not count.
refuse_if_used() { # BRIDGE [TAG]
  local bridge=$1 tag=${2:-} conf users=
  for conf in /etc/pve/nodes/*/lxc/*.conf /etc/pve/nodes/*/qemu-server/*.conf; do
    [ -e "$conf" ] || continue
    grep -Eq "^(net[0-9]+:.*bridge=|lxc\.net\.[0-9]+\.link[[:space:]]*[:=][[:space:]]*)${bridge//./\\.}(,|\$)" "$conf" || continue
    if [ -z "$tag" ] || ! has_tag "$conf" "$tag"; then
      users+="${users:+, }$(basename "$conf" .conf)"
    fi
  done
  [ -z "$users" ] || die "bridge $bridge is still used by VMID $users. Move or remove them, then run this again; nothing was changed"
}
