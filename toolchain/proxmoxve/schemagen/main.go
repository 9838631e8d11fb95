// The program schemagen writes schema.json and bridge-metadata.json, which the plugin embeds. Run as:
// schemagen schema --skip-docs --skip-examples --out FOLDER
package main

import (
	"context"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfgen"

	"proximity-lan/toolchain/proxmoxve/provider"
)

func main() { tfgen.MainWithMuxer(provider.Name, provider.Info(context.Background())) }
