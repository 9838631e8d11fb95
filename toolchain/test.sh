#!/bin/bash
# Formats, vets and tests the Go code here; needs Go. Flags are those of build.sh, to share its cache.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/settings.sh"
export CGO_ENABLED=0

for module in command proxmoxve; do
  cd "$toolchain/$module"
  say "gofmt, vet and tests of toolchain/$module"
  unformatted=$(gofmt -l .)
  [ -z "$unformatted" ] || {
    echo "run gofmt -w on: $unformatted" >&2
    exit 1
  }
  go vet -trimpath ./...
  go test -trimpath ./... | grep -v 'no test files'
done
