#!/usr/bin/env bash
# Gets Terraform's provider for Proxmox: built from its Go module, once, into its own folder below the
# caches. Prints that folder, in which terraform.rc leads Terraform to it, and what there is, in words.
set -euo pipefail
cd "$(dirname "$0")/provider"

command -v terraform >/dev/null || {
  echo "terraform/get.sh: terraform is not on PATH. To compare it, install it (https://developer.hashicorp.com/terraform/install)" >&2
  exit 1
}
command -v go >/dev/null || {
  echo "terraform/get.sh: building the provider needs Go 1.26 or newer on PATH (https://go.dev/dl)" >&2
  exit 1
}

module=github.com/bpg/terraform-provider-proxmox
version=$(sed -n "s|^.*$module v\([0-9.]*\).*|\1|p" go.mod)
folder=${XDG_CACHE_HOME:-$HOME/.cache}/proximity-lan/peers/terraform-$(cat go.mod go.sum | sha256sum | cut -c1-16)

mkdir -p "$folder"
if [ ! -x "$folder/terraform-provider-proxmox" ]; then
  CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags "-s -w -X main.version=$version" -o "$folder/built" "$module"
  mv "$folder/built" "$folder/terraform-provider-proxmox"
fi
# No registry is asked for it then, and `terraform init` has nothing to do.
cat >"$folder/terraform.rc" <<EOF
provider_installation {
  dev_overrides {
    "bpg/proxmox" = "$folder"
  }
  direct {}
}
EOF
echo "$folder"
echo "$(TF_CLI_CONFIG_FILE=$folder/terraform.rc CHECKPOINT_DISABLE=1 terraform version | sed -n '1s/ v/ /p') with bpg/proxmox $version"
