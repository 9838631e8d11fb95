// The program pulumi-resource-proxmoxve stands in for the plugin of the npm package
// @muhlba91/pulumi-proxmoxve where its release archives cannot be had. It is the same upstream code.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"

	"proximity-lan/toolchain/proxmoxve/provider"
)

func main() {
	schema, err := provider.Schema()
	if err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-resource-proxmoxve was built without its schema (%v): "+
			"build it with toolchain/get.sh, which runs schemagen first\n", err)
		os.Exit(1)
	}
	ctx := context.Background()
	tfbridge.MainWithMuxer(ctx, provider.Name, provider.Info(ctx), schema)
}
