# shellcheck shell=bash
# Where the toolchain lives and which versions it pins; sourced by the other scripts here.
#
# A version stands in exactly one place: that of the engine in cli/go.mod, those of the plugins in
# package.json, because the plugins must be those of the npm packages that the program imports.
# shellcheck disable=SC2034 # the variables are used by the scripts that source this file
toolchain=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(dirname "$toolchain")

# npm_version PACKAGE: the version that package.json pins.
npm_version() { sed -n "s|^ *\"$1\": \"\([0-9][0-9.]*\)\".*|\1|p" "$project/package.json"; }

pulumi_version=$(sed -n 's|^\s*github.com/pulumi/pulumi/pkg/v3 v\([0-9.]*\).*|\1|p' "$toolchain/cli/go.mod")
proxmoxve_version=$(npm_version @muhlba91/pulumi-proxmoxve)
command_version=$(npm_version @pulumi/command)
if [ -z "$pulumi_version" ] || [ -z "$proxmoxve_version" ] || [ -z "$command_version" ]; then
  echo "toolchain: no exact version of pulumi (cli/go.mod), @muhlba91/pulumi-proxmoxve or @pulumi/command (package.json) found" >&2
  exit 1
fi

# checksums PATH...: of every file there that decides what a build produces; tests are left out.
checksums() {
  find "$@" -type f ! -name '*_test.go' ! -path '*/sshtest/*' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
}

# fingerprint: a hash of everything that decides what a build produces.
fingerprint() {
  cd "$toolchain" || return
  {
    echo "$pulumi_version $proxmoxve_version $command_version $(uname -sm)"
    checksums build.sh cli language-host proxmoxve command
  } | sha256sum | cut -c1-16
}

cache=${XDG_CACHE_HOME:-$HOME/.cache}/proximity-lan/toolchain
# The finished toolchain: bin/ (for PATH), home/ (PULUMI_HOME, with the plugins), schema/ and the file
# kind: path, official or built. It appears whole, by one rename.
installed=$cache/$(fingerprint)
# Compiled programs, by a hash of their sources, so that a change of one doesn't rebuild the others.
# shellcheck disable=SC2034 # used by build.sh and get.sh
parts=$cache/parts

say() { echo "toolchain: $*"; }
