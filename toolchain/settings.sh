# shellcheck shell=bash
# Where the toolchain lives and which versions it pins; sourced by the other scripts here. It also runs on
# macOS (bash 3.2), where the user's own pulumi is used.
#
# A version stands in exactly one place: that of the engine in cli/go.mod, those of the plugins in
# package.json, because the plugins must be those of the npm packages that the program imports.
# shellcheck disable=SC2034 # the variables are used by the scripts that source this file
toolchain=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(dirname "$toolchain")

# npm_version PACKAGE: the version that package.json pins.
npm_version() { sed -n "s|^ *\"$1\": \"\([0-9][0-9.]*\)\".*|\1|p" "$project/package.json"; }

pulumi_version=$(sed -n 's|^[[:space:]]*github.com/pulumi/pulumi/pkg/v3 v\([0-9.]*\).*|\1|p' "$toolchain/cli/go.mod")
proxmoxve_version=$(npm_version @muhlba91/pulumi-proxmoxve)
command_version=$(npm_version @pulumi/command)
if [ -z "$pulumi_version" ] || [ -z "$proxmoxve_version" ] || [ -z "$command_version" ]; then
  echo "toolchain: no exact version of pulumi (cli/go.mod), @muhlba91/pulumi-proxmoxve or @pulumi/command (package.json) found" >&2
  exit 1
fi

sums=(sha256sum)
command -v sha256sum >/dev/null || sums=(shasum -a 256)

# checksums PATH...: of every file there that decides what a build produces; tests are left out.
checksums() {
  find "$@" -type f ! -name '*_test.go' ! -path '*/sshtest/*' -print0 | LC_ALL=C sort -z | xargs -0 "${sums[@]}"
}

# fingerprint: a hash of everything that decides what a build produces.
fingerprint() {
  cd "$toolchain" || return
  {
    echo "$pulumi_version $proxmoxve_version $command_version $(uname -sm)"
    checksums build.sh cli language-host proxmoxve command
  } | "${sums[@]}" | cut -c1-16
}

cache=${XDG_CACHE_HOME:-$HOME/.cache}/proximity-lan/toolchain
# The finished toolchain: bin/ (for PATH), home/ (PULUMI_HOME, with the plugins), schema/ and the file
# kind: path, official or built. It appears whole, by one rename.
installed=$cache/$(fingerprint)
# Compiled programs, by a hash of their sources, so that a change of one doesn't rebuild the others.
# shellcheck disable=SC2034 # used by build.sh and get.sh
parts=$cache/parts

say() { echo "toolchain: $*"; }

# is_lab STACK: it is one of the lab's, whose secrets and passphrase are in this repository.
is_lab() { [ "$1" = dev ] || [ "$1" = phoenix ]; }

# path_pulumi: the pulumi on PATH, unless it is this project's own.
path_pulumi() {
  local found
  found=$(command -v pulumi) && found=$(realpath "$found") || return 1
  case $found in "$toolchain"/* | "$cache"/*) return 1 ;; esac
  echo "$found"
}

# own_pulumi STACK: the user's own pulumi 3 on PATH. The lab's stacks, and commands of
# no stack (`-`) or of a shell (empty), have the pinned one.
own_pulumi() {
  local found
  [ -n "$1" ] && [ "$1" != - ] && ! is_lab "$1" || return 1
  found=$(path_pulumi) || return 1
  case $("$found" version 2>/dev/null) in v3.*) echo "$found" ;; *) return 1 ;; esac
}

# has_own_plugins: both plugins, in these versions, are installed for the user's own pulumi.
has_own_plugins() {
  local plugins=${PULUMI_HOME:-$HOME/.pulumi}/plugins
  [ -d "$plugins/resource-command-v$command_version" ] &&
    [ -d "$plugins/resource-proxmoxve-v$proxmoxve_version" ]
}
