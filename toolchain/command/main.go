// The program pulumi-resource-command stands in for the plugin of the npm package @pulumi/command
// where its release archives cannot be had. It has the resources that this project uses, with the
// same tokens, inputs, outputs and behaviour.
package main

import (
	"context"
	"fmt"
	"os"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"

	"proximity-lan/toolchain/command/local"
	"proximity-lan/toolchain/command/remote"
)

// version is the version of @pulumi/command in package.json; toolchain/build.sh sets it.
var version = "0.0.0-dev"

// newProvider lists the resources; their tokens are command:<Go package>:<Go type>.
func newProvider() (p.Provider, error) {
	return infer.NewProviderBuilder().
		WithDisplayName("Command").
		WithResources(
			infer.Resource(&local.Command{}),
			infer.Resource(&remote.Command{}),
			infer.Resource(&remote.CopyToRemote{}),
		).
		Build()
}

func main() {
	provider, err := newProvider()
	if err == nil {
		err = provider.Run(context.Background(), "command", version)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-resource-command: %v\n", err)
		os.Exit(1)
	}
}
