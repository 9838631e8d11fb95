#!/usr/bin/env bash
# driver.sh PROGRAM FOLDER...: runs obsolete-nat on the files of each FOLDER, in a network and an /etc of their
# own. FOLDER has `before/` (files of /etc, by their last names), and `entries`; it gets `after/`, and what list,
# remove and a second remove printed: `listed`, `removed`, `again`. Memory is compared by `memory.before`,
# `memory.after`, `memory.expected`; the last one is what the files in `expected/` load.
set -euo pipefail
self=$(realpath "$0")

main() {
  local program=$1 folder
  shift
  if [ "$program" = inside ]; then
    "$@"
    return
  fi
  for folder in "$@"; do
    unshare --net --mount "$self" inside expectation "$folder"
    unshare --net --mount "$self" inside one_case "$program" "$folder"
  done
}

one_case() { # PROGRAM FOLDER
  local program=$1 folder=$2 entries
  mapfile -t entries <"$folder/entries"
  place "$folder/before"
  load
  memory >"$folder/memory.before"
  perl "$program" list "${entries[@]}" >"$folder/listed"
  memory | cmp - "$folder/memory.before"
  perl "$program" remove "${entries[@]}" >"$folder/removed"
  memory >"$folder/memory.after"
  perl "$program" remove "${entries[@]}" >"$folder/again"
  memory | cmp - "$folder/memory.after"
  mkdir "$folder/after"
  (cd "$folder/before" && find . -type f) | while read -r file; do
    mkdir -p "$(dirname "$folder/after/$file")"
    cat "$(target "$file")" >"$folder/after/$file"
  done
}

expectation() { # FOLDER
  place "$1/expected"
  load
  memory >"$1/memory.expected"
}

target() { # FILE
  case $1 in
  ./rules.v4) echo /etc/iptables/rules.v4 ;;
  ./interfaces | ./more.cfg) echo "/etc/network/$1" ;;
  *) echo "/etc/$1" ;;
  esac
}

place() { # FOLDER
  local file etc
  etc=$(mktemp -d)
  mount -t tmpfs none "$etc"
  # What the programs themselves need: iptables is one of alternatives.
  cp -a /etc/alternatives /etc/ld.so.cache "$etc"
  mkdir -p "$etc/iptables" "$etc/network/interfaces.d" "$etc/nftables.d"
  mount --move "$etc" /etc
  rmdir "$etc"
  (cd "$1" && find . -type f) | while read -r file; do
    cat "$1/$file" >"$(target "$file")"
  done
}

# As a boot does, with what each line of interfaces runs when the interface goes up.
load() {
  local file
  if [ -e /etc/iptables/rules.v4 ]; then iptables-restore </etc/iptables/rules.v4 || iptables-restore <<<''; fi
  if [ -e /etc/nftables.conf ]; then nft -f /etc/nftables.conf; fi
  for file in /etc/network/interfaces /etc/network/more.cfg; do
    [ -e "$file" ] || continue
    sed -e ':a' -e '/\\$/N; s/\\\n//; ta' "$file" | sed -n 's/^[[:space:]]*\(post-\)\?up //p' | while read -r command; do
      # Commands of other programs fail here, where they are not installed.
      IFACE=vmbr1 sh -c "$command" >/dev/null 2>&1 || true
    done
  done
}

memory() {
  iptables-save | grep '^-A' | sort || [ "$?" = 1 ] # 1: there are no rules
  # Those of iptables are listed already.
  nft -j list ruleset 2>/dev/null | perl -MJSON::PP -0777 -ne '
    for my $rule (grep { $_ } map { $_->{rule} } @{ decode_json($_)->{nftables} }) {
      print "$rule->{table} $rule->{chain} ", JSON::PP->new->canonical->encode($rule->{expr}), "\n"
        if $rule->{table} ne "nat" && $rule->{table} ne "filter";
    }'
}

main "$@"
