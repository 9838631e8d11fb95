#!/bin/bash
# Makes the Pulumi engine and its plugins available, and prints one line when they already are.
# Tried in this order: a `pulumi` of the pinned version on PATH; the official download; a build from
# Go modules. To choose again, remove the cache folder named in the last line.
# `get.sh STACK`: for a stack that is not the lab's, the user's own pulumi 3 on PATH comes first.
# `get.sh --where` gets nothing: it prints that folder, or fails when there is none yet.
# `get.sh --way` gets nothing: it prints which way would work: path, official, built, or here when one did.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/settings.sh"

# The official archives; tests point this to a server of their own.
releases=${PULUMI_RELEASES:-https://get.pulumi.com/releases/sdk}

# usable: the installed toolchain is complete, and a pulumi found on PATH is still of that version.
usable() {
  [ -f "$installed/kind" ] && [ -x "$installed/bin/pulumi" ] || return 1
  [ "$(cat "$installed/kind")" != path ] || [ "$("$installed/bin/pulumi" version)" = "v$pulumi_version" ]
}

ready() {
  touch "$installed"
  keep_no_logs
  say "pulumi v$pulumi_version, proxmoxve v$proxmoxve_version, command v$command_version ($(cat "$installed/kind")): $installed"
}

# keep_no_logs: at every run Pulumi writes all that passes through it into a file of its own, which is half of
# the engine's work and grows without end. It has no switch for that, and does without where there is no
# folder for it. What is wanted of it can be had with `pulumi --logtostderr -v=9`.
keep_no_logs() {
  local logs=$installed/home/logs
  [ ! -f "$logs" ] || return 0
  rm -rf "$logs"
  : >"$logs"
}

# limited SECONDS COMMAND...: macOS has no timeout; there the command's own limits have to do.
limited() {
  if command -v timeout >/dev/null; then timeout "$@"; else "${@:2}"; fi
}

# install_plugins PULUMI: both plugins from their publishers, or failure.
install_plugins() {
  say "fetching the official plugins (about a minute)"
  limited 300 "$1" plugin install resource command "$command_version" &&
    limited 300 "$1" plugin install resource proxmoxve "$proxmoxve_version" \
      --server github://api.github.com/muhlba91/pulumi-proxmoxve
}

# official_plugins STAGE: the same, in the stage.
official_plugins() { PULUMI_HOME=$1/home install_plugins "$1/bin/pulumi"; }

# reachable URL: it answers within seconds.
reachable() {
  if command -v curl >/dev/null; then
    curl --fail --silent --location --head --output /dev/null --connect-timeout 3 --max-time 6 "$1"
  elif command -v wget >/dev/null; then
    wget --quiet --spider --tries 1 --timeout 6 "$1"
  else
    say "neither curl nor wget is installed, so there is no official download"
    return 1
  fi
}

# download URL: prints it.
download() {
  if command -v curl >/dev/null; then
    curl --fail --silent --show-error --location --retry 3 --max-time 600 "$1"
  else
    wget --quiet --tries 3 --timeout 60 --output-document - "$1"
  fi
}

archive_url() {
  local os arch
  os=$(uname -s | tr '[:upper:]' '[:lower:]')
  arch=$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
  echo "$releases/pulumi-v$pulumi_version-$os-$arch.tar.gz"
}

# own STACK: the user's own pulumi, with its plugins, does for this stack.
own() {
  local found
  found=$(own_pulumi "$1") || return 1
  has_own_plugins || {
    reachable "$(archive_url)" && install_plugins "$found" && has_own_plugins
  } || {
    say "$found lacks the plugins command v$command_version and proxmoxve v$proxmoxve_version, and they cannot be downloaded from here"
    return 1
  }
  say "$found ($("$found" version)), with proxmoxve v$proxmoxve_version and command v$command_version"
}

# pinned_on_path: a pulumi of the pinned version on PATH.
pinned_on_path() {
  local found
  found=$(path_pulumi) && [ "$("$found" version)" = "v$pulumi_version" ] && echo "$found"
}

# from_path STAGE: that one, with its own plugins.
from_path() {
  local found
  found=$(pinned_on_path) || return 1
  reachable "$(archive_url)" || { say "$found would do, but its plugins cannot be fetched" && return 1; }
  say "using $found"
  mkdir -p "$1/home" && ln -s "$(dirname "$found")" "$1/bin" && official_plugins "$1" && echo path >"$1/kind"
}

# from_official STAGE: the archive that the official installer unpacks, without its edits of shell profiles.
from_official() {
  local url
  url=$(archive_url)
  reachable "$url" || return 1
  say "downloading $url (about a minute)"
  mkdir -p "$1/bin" "$1/home" &&
    download "$url" |
    tar -xz -C "$1/bin" --strip-components 1 &&
    official_plugins "$1" && echo official >"$1/kind"
}

# get: tries the three ways, each in an empty stage.
get() {
  local stage=$cache/stage way
  for way in from_path from_official from_source; do
    rm -rf "$stage" && mkdir -p "$stage"
    if [ "$way" = from_source ]; then
      say "the official archives cannot be had from here: building from Go modules, once"
      "$toolchain/build.sh" "$stage" # not in a condition: `set -e` would be off in it
      echo built >"$stage/kind"
      break
    fi
    "$way" "$stage" && break
  done
  rm -rf "$installed"
  mv "$stage" "$installed"
}

# way: which way get would go; a few seconds where the official archive does not answer.
way() {
  if usable; then
    echo here
  elif ! reachable "$(archive_url)" >&2; then
    echo built
  elif pinned_on_path >/dev/null; then
    echo path
  else
    echo official
  fi
}

if [ "${1:-}" = --where ]; then
  usable || exit 1
  echo "$installed"
  exit
fi
if [ "${1:-}" = --way ]; then
  way
  exit
fi
own "${1:-}" && exit
usable && ready && exit
if [ "$(uname -s)" != Linux ]; then
  say "there is no pulumi 3 on PATH. Install it (https://www.pulumi.com/docs/install/), and run this again" >&2
  exit 1
fi
mkdir -p "$cache"
exec 9>"$cache/lock"
flock --nonblock 9 || {
  say "another run is at it: waiting for it"
  flock 9
}
# The lock is not handed down (9>&-): a child that outlives a killed run must not hold up the next one.
usable || get 9>&-
# Remove what no checkout has used for a month.
find "$cache" -mindepth 1 -maxdepth 1 -type d -mtime +30 ! -path "$installed" ! -path "$parts" -exec rm -rf {} +
[ ! -d "$parts" ] || find "$parts" -type f -mtime +30 -delete
ready
