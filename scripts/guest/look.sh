#!/bin/sh
# Says what is no longer as the scripts left it in this guest, and changes nothing. receive.sh keeps under
# placed/ what each script left: its files, and under `kept` what it saw to.
#
# Prints lines of a word, a tab and a text:
#   script  NAME   a script that left something here; what follows is about it
#   found   TEXT   something is not as it was left
#   diff    LINE   of the difference, as it was left (-) against how it is (+)
#   unsure  TEXT   something could not be looked at
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

placed=/var/lib/proximity/placed

main() {
  for record in "$placed"/*/; do
    [ -d "$record" ] || continue
    say script "$(basename "$record")"
    look_at_files "$record/files"
    look_at_kept "$record"
  done
}

say() { # WORD TEXT
  printf '%s\t%s\n' "$1" "$2"
}

look_at_files() { # FOLDER
  [ -d "$1" ] || return 0
  (cd "$1" && find . -type f) | sed 's|^\./||' | sort | while IFS= read -r path; do
    if ! [ -e "/$path" ]; then
      say found "/$path is gone"
    elif ! cmp -s "$1/$path" "/$path"; then
      say found "/$path has another content"
      show_difference "$1/$path" "/$path"
    elif ! same_mode "$1/$path" "/$path"; then
      say found "/$path has the mode $(stat -c %a "/$path") instead of $(stat -c %a "$1/$path")"
    fi
  done
}

# What not everybody in the guest may read is not shown outside it either.
show_difference() { # LEFT FOUND
  case $(stat -c %a "$1") in
  *[4-7]) unified "$1" "$2" ;;
  *) say diff "(not shown: others may not read this file)" ;;
  esac
}

unified() { # LEFT FOUND
  diff -U 2 "$1" "$2" |
    awk 'NR > 42 { print "diff\t(and more)"; exit } NR > 2 { print "diff\t" substr($0, 1, 200) }'
}

look_at_kept() { # RECORD
  [ -e "$1/kept" ] || return 0
  while IFS=' ' read -r what name more; do
    case $what in
    package) is_installed "$name" || say found "the package $name is not installed" ;;
    enabled) is_enabled "$name" || say found "$name is not enabled, so it would not start with the guest" ;;
    running) runs "$name" || say found "$name does not run" ;;
    switches) look_at_switches "$1/files$name" ;;
    rules) look_at_rules "$1/files" "$name" "$more" ;;
    filter) look_at_filter "$1/files" "$name" ;;
    file) [ -e "$name" ] || say found "$name is gone" ;;
    *) say unsure "what '$what' in $1/kept means" ;;
    esac
  done <"$1/kept"
}

# A guest that has just been started is given a moment.
runs() { # SERVICE
  is_running "$1" || { is_starting && wait_until 20 has_settled "$1" && is_running "$1"; }
}

has_settled() { # SERVICE
  is_running "$1" || ! is_starting
}

look_at_switches() { # FILE
  sed -n 's/^\([a-z].*[^ ]\) *= *\(.*\)$/\1 \2/p' "$1" | while read -r switch value; do
    now=$(cat "/proc/sys/$(printf %s "$switch" | tr . /)")
    [ "$now" = "$value" ] || say found "$switch is $now instead of $value"
  done
}

# The file is loaded into a network namespace of its own, so that the kernel says what it means: two
# texts of the same rules differ in blanks, names and order.
look_at_rules() { # FOLDER FILE TABLE
  # shellcheck disable=SC2016 # for the shell in the namespace
  compare_rules "$2" "$3" unshare -n sh -c 'nft -f "$1" && nft -s list table $2' sh "$1$2" "$3"
}

# The appliance's packet filter, whose sets follow the leases; and packets are forwarded while it is in force.
look_at_filter() { # FOLDER FILE
  compare_rules "$2" 'inet proximity' proximity-filter preview "$1$2"
  now=$(cat /proc/sys/net/ipv4/ip_forward)
  [ "$now" = 1 ] || say found "net.ipv4.ip_forward is $now instead of 1"
}

# Whether the rules in force are what a command prints. An error that an update can remove is a finding.
compare_rules() { # FILE TABLE COMMAND...
  file=$1 table=$2
  shift 2
  # shellcheck disable=SC2086 # a family and a name
  if ! nft list table $table >/dev/null 2>&1; then
    say found "the rules of $file are not in force: there is no table $table"
  elif ! unshare -n true 2>rules.words; then
    say unsure "whether the rules of $file are in force: $(tail -n 1 rules.words)"
  elif ! "$@" >rules.left 2>rules.words; then
    say found "nft does not take the rules of $file as they were left: $(grep -m 1 -i error rules.words || tail -n 1 rules.words)"
  elif ! in_force "$table" >rules.found 2>rules.words; then
    say found "the rules in force are not those of $file: $(tail -n 1 rules.words)"
  elif ! cmp -s rules.left rules.found; then
    say found "the rules in force are not those of $file"
    unified rules.left rules.found
  fi
}

in_force() { # TABLE
  if [ "$1" = 'inet proximity' ]; then
    proximity-filter list
  else
    # shellcheck disable=SC2086 # a family and a name
    nft -s list table $1
  fi
}

main
