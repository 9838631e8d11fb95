#!/usr/bin/env bash
# Rules of the node that a guest with an address of its own makes obsolete: finds them, shows them, and removes
# them from memory and from the files that would bring them back (docs/old-nat.md).
#
#   obsolete-nat.sh list   ENTRY...   prints what is there of them, changes nothing
#   obsolete-nat.sh remove ENTRY...   removes it and prints it
#   obsolete-nat.sh check             as list, for look.sh; the entries are in obsolete-nat/entries
#
# The program is the folder obsolete-nat/. A drift check has it in the folder `beside`; otherwise it follows
# on stdin as a bundle.
export program=obsolete-nat.sh

main() {
  local folder=${beside:-}
  if [ -z "$folder" ]; then
    # Not local: the trap runs after this function has returned.
    bundle=$(mktemp -d /run/proximity.XXXXXX)
    trap 'rm -rf "$bundle"' EXIT
    unpack "$bundle"
    folder=$bundle
  fi
  perl "$folder/obsolete-nat/main.pl" "$@"
}

# One compound command, so that bash has read `exit` before main reads the bundle that follows.
{
  main "$@"
  exit
}
