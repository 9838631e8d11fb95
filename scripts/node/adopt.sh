#!/usr/bin/env bash
# Gives one container to a stack, under the name of its app: adopt.sh VMID HOSTNAME TAGS
# The name reaches the inside with the next start.
export program=adopt.sh

main() {
  local vmid=${1:?vmid} hostname=${2:?hostname} tags=${3:?tags}
  pct set "$vmid" --hostname "$hostname" --tags "$tags" </dev/null
}

main "$@"
