#!/bin/sh
# Prints the lines of sources.list for Debian 12 as this machine's own apt settings have them.
set -eu

# shellcheck disable=SC2016 # the names in $() are apt's
sources=$(apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
  'Created-By: Packages' 'Component: main' | awk '$3 ~ /^bookworm(-updates|-security)?$/' | sort -u)
case "$sources" in
*' bookworm main'*) printf '%s\n' "$sources" ;;
*)
  echo "sources.sh: this machine's apt has no source for bookworm (Debian 12), which the lab's images are made of; add one to /etc/apt/sources.list.d and run apt-get update" >&2
  exit 1
  ;;
esac
