#!/usr/bin/env bash
# The scripts that set guests up, once on the node instead of in each guest's command
# (docs/adr/0007-scripts-on-the-node.md). FOLDER is one stack's own, and has the name of its tag.
#
#   guest-scripts.sh apply  FOLDER DIGEST   puts the bundle that follows on stdin there, whole
#   guest-scripts.sh check  FOLDER DIGEST   says what is not as apply leaves it, see look.sh
#   guest-scripts.sh remove FOLDER
export program=guest-scripts.sh

main() {
  local verb=${1:?verb} folder=${2:?folder}
  case $verb in
  apply) apply "$folder" "${3:?digest}" ;;
  check) check "$folder" "${3:?digest}" ;;
  remove) remove "$folder" ;;
  *) die "unknown verb $verb" ;;
  esac
}

apply() { # FOLDER DIGEST
  refuse_if_foreign "$1"
  # A name of its own, so that what a killed update left there is found again.
  new=$1.new
  trap 'rm -rf "$new"' EXIT
  rm -rf "$new"
  (umask 022 && mkdir -p "$new")
  unpack "$new"
  # A set-up may not run what it was not declared with.
  [ "$(digest_of "$new")" = "$2" ] || die "the scripts arrived as others than were sent. Run the update again"
  rm -rf "$1"
  mv "$new" "$1"
}

check() { # FOLDER DIGEST
  if [ ! -e "$1" ]; then
    # Before the first guest nobody misses it, which needs no word.
    printf 'absent\t%s\n' "$(has_guests "${1##*/}" && echo "There is no $1 on the node, which the set-up of guests needs; it is placed.")"
  elif [ "$(digest_of "$1")" != "$2" ]; then
    found "$1 has another content"
  fi
}

has_guests() { # TAG
  local conf
  for conf in /etc/pve/nodes/*/lxc/*.conf; do
    [ ! -e "$conf" ] || ! is_own "$conf" "$1" || return 0
  done
  return 1
}

remove() { # FOLDER
  refuse_if_foreign "$1"
  rm -rf "$1" "$1.new"
}

refuse_if_foreign() { # FOLDER
  [ ! -e "$1" ] || grep -qs 'Written by proximity-lan' "$1/README" ||
    die "$1 was not written by this program. Move it away"
}

# Of all files by their names: their checksums as sha256sum prints them, and of these one.
digest_of() { # FOLDER
  (cd "$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) | sha256sum | cut -d ' ' -f 1
}

# One compound command, so that bash has read `exit` before main reads the bundle that follows.
{
  main "$@"
  exit
}
