#!/bin/bash
# Builds the engine, the language host and both plugins from Go modules: build.sh FOLDER makes
# FOLDER/bin, FOLDER/lib, FOLDER/home (PULUMI_HOME) and FOLDER/schema. Called by get.sh; the times it names are
# those of a machine with 2 cores and an empty Go cache.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/settings.sh"
into=$1
export CGO_ENABLED=0

command -v go >/dev/null || {
  echo "toolchain: building needs Go 1.26 or newer on PATH (https://go.dev/dl), or a pulumi v$pulumi_version on PATH" >&2
  exit 1
}

# progress WHAT: counts the lines in which go names a module or package, and shows all others.
progress() {
  awk -v what="$1" '
    /^go: downloading / || /^[^ #]+$/ { if (++n % 100 == 0) { print "    " n " " what; fflush() } next }
    { print; fflush() }'
}

# download PACKAGE: every module that it needs, tried four times with growing pauses.
download() {
  local try
  for try in 1 2 3 4; do
    go list -deps "$1" 2>&1 >/dev/null | progress "modules fetched" && return
    echo "    fetching modules failed ($try of 4)"
    [ "$try" = 4 ] || sleep $((try * 5)) # a pause for the network, longer each time
  done
  return 1
}

# compile STEP TIME FOLDER PACKAGE OUTPUT [LDFLAGS]
compile() {
  local from=$SECONDS name part
  name=$(basename "$5")
  cd "$3"
  part=$parts/$name-$({ go version && echo "$4 ${6:-}" && checksums .; } | sha256sum | cut -c1-16)
  if [ -e "$part" ]; then
    echo "==> $1: $name, unchanged since an earlier build"
    touch "$part"
    cp "$part" "$5"
    return
  fi
  echo "==> $1: $name, usually $2"
  download "$4" || {
    echo "toolchain: cannot fetch the Go modules of $3; check the network and \`go env GOPROXY\`, then run again" >&2
    exit 1
  }
  go build -v -buildvcs=false -trimpath -ldflags "-s -w ${6:-}" -o "$5" "$4" 2>&1 | progress "packages compiled"
  cp "$5" "$part.new"
  mv "$part.new" "$part"
  echo "    took $((SECONDS - from)) s"
}

mkdir -p "$into/bin" "$into/lib" "$into/home" "$into/schema" "$into/plugins" "$parts"

compile 1/5 "6 minutes" "$toolchain/cli" github.com/pulumi/pulumi/pkg/v3/cmd/pulumi "$into/bin/pulumi" \
  "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v$pulumi_version"

compile 2/5 "1 minute" "$toolchain/language-host" \
  github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs "$into/lib/pulumi-language-nodejs"
install -m 755 "$toolchain/language-host/pulumi-language-nodejs" "$into/bin/"
# Dynamic resources: the launcher comes with the npm package, as it does in the official archive.
launcher=$project/node_modules/@pulumi/pulumi/pulumi-resource-pulumi-nodejs
[ -f "$launcher" ] || {
  echo "toolchain: $launcher is missing; run \`npm ci\` first" >&2
  exit 1
}
install -m 755 "$launcher" "$into/bin/"

compile 3/5 "1 minute" "$toolchain/command" proximity-lan/toolchain/command \
  "$into/plugins/pulumi-resource-command" "-X main.version=$command_version"

# The plugin embeds what schemagen writes, so both are built from a copy that may be written to.
cp -R "$toolchain/proxmoxve" "$into/source"
version="-X proximity-lan/toolchain/proxmoxve/provider.version=$proxmoxve_version"
compile 4/5 "3 minutes" "$into/source" proximity-lan/toolchain/proxmoxve/schemagen "$into/schemagen" "$version"
"$into/schemagen" schema --skip-docs --skip-examples --out "$into/source/provider/generated" >"$into/schemagen.log" 2>&1 || {
  cat "$into/schemagen.log" >&2
  exit 1
}
compile 5/5 "half a minute" "$into/source" proximity-lan/toolchain/proxmoxve \
  "$into/plugins/pulumi-resource-proxmoxve" "$version"

export PULUMI_HOME=$into/home PULUMI_SKIP_UPDATE_CHECK=true
for plugin in "command $command_version" "proxmoxve $proxmoxve_version"; do
  name=${plugin% *}
  "$into/bin/pulumi" package get-schema "$into/plugins/pulumi-resource-$name" >"$into/schema/$name.json"
  "$into/bin/pulumi" plugin install resource "$name" "${plugin#* }" --file "$into/plugins/pulumi-resource-$name"
done
rm -rf "$into/plugins" "$into/source" "$into/schemagen" "$into/schemagen.log"
