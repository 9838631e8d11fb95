#!/usr/bin/env bash
# The switch of the datacenter's firewall, without which no `.fw` file does anything. It closes the node
# too, but for its LAN, so it is set only where a declaration asks for it (firewall.enableDatacenter).
#
#   datacenter-firewall.sh apply  TAG   sets it, and notes what was there, unless it is on already
#   datacenter-firewall.sh remove TAG   puts back what was there, if this stack set it
export program=datacenter-firewall.sh
file=/etc/pve/firewall/cluster.fw
mark=/var/lib/proximity/datacenter-firewall

main() {
  local verb=${1:?verb} tag=${2:?tag}
  case $verb in
  apply) apply "$tag" ;;
  remove) remove "$tag" ;;
  *) die "unknown verb $verb" ;;
  esac
}

apply() { # TAG
  local before
  case $(value) in [1-9]*) return 0 ;; esac
  before=$(value)
  [ -e "$file" ] || before=none
  # First the note: a switch that nobody remembers would stay.
  [ -e "$mark" ] || printf '%s %s\n' "$1" "${before:-unset}" | place "$mark" 0644
  set_value 1
  inform "the datacenter firewall is now on. It also closes the node, except to its LAN"
}

# Somebody may have switched it off meanwhile, which then stays so.
remove() { # TAG
  local tag before
  [ -e "$mark" ] || return 0
  read -r tag before <"$mark"
  [ "$tag" = "$1" ] || return 0
  case $(value) in
  [1-9]*)
    set_value "$before"
    note "the firewall of the datacenter is as it was before (enable: $before)"
    ;;
  esac
  rm -f "$mark"
  rmdir --ignore-fail-on-non-empty "$(dirname "$mark")"
}

value() {
  [ -e "$file" ] || return 0
  sed -n '/^\[OPTIONS\]/I,/^\[[^O]/s/^enable: *//p' "$file" | tail -n 1
}

# A value, or `unset` for no line, or `none` for no file where nothing else is in it.
set_value() { # VALUE
  local complaints
  mkdir -p "$(dirname "$file")"
  if [ -e "$file" ]; then cat "$file"; fi | with_value "$1" >"$file.tmp.$$"
  if [ "$1" = none ] && ! grep -qv '^\[OPTIONS\]$\|^$' "$file.tmp.$$"; then
    rm -f "$file.tmp.$$" "$file"
    return 0
  fi
  mv "$file.tmp.$$" "$file"
  complaints=$(pve-firewall compile 2>&1 >/dev/null </dev/null) || die "pve-firewall compile does not run on this node"
  [ -z "$complaints" ] || warn "Proxmox reports about the node's rules: $complaints"
}

with_value() { # VALUE
  awk -v value="$1" '
    BEGIN { line = value ~ /^[0-9]+$/ ? "enable: " value : "" }
    /^\[/ { inside = tolower($0) ~ /^\[options\]/ }
    inside && /^enable:/ { next }
    { print }
    inside && /^\[/ && line != "" { print line; line = "" }
    END { if (line != "") print "[OPTIONS]\n" line }'
}

main "$@"
