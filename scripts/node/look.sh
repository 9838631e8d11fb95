#!/usr/bin/env bash
# Says what is no longer as the scripts left it, on this node and in the guests of one stack, and changes
# nothing: look.sh TAG, and on stdin a bundle of
#
#   node/      scripts of the node, and node/checks: per line the name of a resource, its script, its words
#   guest/     scripts of the guests, and guest/vmids: per line a VMID and the family of its guest
#
# Prints of the subject `node` its `clock`, in seconds since 1970, and its addresses, and the lines of
# scripts/guest/look.sh, each behind its subject (a VMID, or a resource of the node) and a tab. Besides those,
# per guest that could be asked `end`, or else `off` and why; and of its container its settings as Proxmox has
# them (`setting`), what an update puts right (`container`), or why the guest is not this stack's (`foreign`).
export program=look.sh
# As many guests at a time as keeps a small node answering.
side_by_side=8
limit=60

main() {
  tag=${1:?tag}
  folder=$(mktemp -d /run/proximity.XXXXXX)
  trap 'rm -rf "$folder"' EXIT
  unpack "$folder"
  printf 'node\tclock\t%s\n' "$(date +%s)"
  look_at_node
  look_at_guests
}

look_at_node() {
  local name script words said
  # Of all interfaces: `address IFACE ADDRESS/PREFIX`.
  ip -o -4 address show scope global | awk '{ print "node\taddress\t" $2 " " $4 }'
  while read -r name script words; do
    # shellcheck disable=SC2086 # words without blanks
    said=$(cat "$folder/node/lib.sh" "$folder/node/$script" | beside=$folder/node bash -s -- $words 2>"$folder/words") ||
      said=$(why_off $? "$folder/words")
    behind "$name" 1000000 <<<"$said"
  done <"$folder/node/checks"
}

look_at_guests() {
  local vmid family running=0
  mkdir "$folder/out"
  pack
  while read -r vmid family; do
    if [ "$running" -ge "$side_by_side" ]; then
      wait -n
      running=$((running - 1))
    fi
    look_at_guest "$vmid" "$family" >"$folder/out/$vmid.said" </dev/null &
    running=$((running + 1))
  done <"$folder/guest/vmids"
  wait
  find "$folder/out" -name '*.said' -exec cat {} +
}

# What goes into each guest, once for all of a family.
pack() {
  local family
  receive=$(<"$folder/guest/scripts/receive.sh")
  cut -d ' ' -f 2 "$folder/guest/vmids" | sort -u | while read -r family; do
    tar -C "$folder/guest" --owner=0 --group=0 --transform "s|scripts/$family.sh|scripts/family.sh|" \
      -cf "$folder/$family.tar" scripts
  done
}

# A guest that is not there, or has another tag, is for the check of the cluster to judge.
look_at_guest() { # VMID FAMILY
  local vmid=$1 family=$2 said conf=/etc/pve/lxc/$1.conf code=0
  [ -e "$conf" ] && has_tag "$conf" "$tag" || return 0
  if ! is_own "$conf" "$tag"; then
    printf '%s\tforeign\t%s\n' "$vmid" "$(sed -n "/^\\[/q; s|^#\\($tag/.*\\)|\\1|p" "$conf")"
    return 0
  fi
  look_at_container "$conf" | behind "$vmid"
  said=$(ask "$vmid" "$family" "$folder/out/$vmid.words") || code=$?
  if [ "$code" = 0 ]; then
    # Only what look.sh in a guest says; `held` and the like are the node's own words.
    printf '%s\nend\t\n' "$said" | grep -E '^(script|found|diff|unsure|end)	' | behind "$vmid"
  elif is_stopped "$vmid"; then
    printf 'container\tit is not running\n' | behind "$vmid"
  else
    why_off "$code" "$folder/out/$vmid.words" | behind "$vmid"
  fi
}

look_at_container() { # CONFIGURATION
  local keys line
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
    '['*) break ;;
    '#'* | '') ;;
    *) printf 'setting\t%s\n' "$line" ;;
    esac
  done <"$1"
  keys=$(pending_keys "$1" | xargs)
  [ -z "$keys" ] || printf 'container\tit runs without its new %s until it restarts\n' "$keys"
}

is_stopped() { # VMID
  timeout "$limit" pct status "$1" </dev/null 2>/dev/null | grep -q 'status: stopped'
}

# Neither end of a pipe to the guest is a file of this node, which it could fill.
ask() { # VMID FAMILY ERRORS
  # shellcheck disable=SC2002 # see above
  {
    cat "$folder/$2.tar" |
      in_guest "$limit" "$1" sh -c "$receive" receive look.sh 2>&1 >&3 3>&- |
      plain 4000 >"$3"
  } 3>&1 | plain 100000
}

why_off() { # CODE WORDS
  if [ "$1" = 124 ]; then
    printf 'off\tno answer within %s s\n' "$limit"
  else
    printf 'off\t%s\n' "$(tail -n 1 "$2")"
  fi
}

# One subject says at most so much.
behind() { # SUBJECT [BYTES]
  head -c "${2:-100000}" | sed "/^\$/d; s|^|$1	|"
}

# One compound command, so that bash has read `exit` before main reads the bundle that follows.
{
  main "$@"
  exit
}
